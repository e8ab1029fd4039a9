//! Local outlier factor.

use super::{Nearest, REFERENCES_PER_STEP, Search, references};
use crate::engine::detect::calibrated::{Raw, RawFitting, RawModel};
use crate::engine::detect::checked::{self, Checked};
use crate::engine::detect::shapley::{self, Background, ByDistance};
use crate::engine::error::Result;
use crate::engine::prepare::{Rows, rows_per_step};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Beside mean distances, so that equal rows have a density: scikit-learn's.
const NEAR: f64 = 1e-10;

/// References with what is known of their neighbourhoods.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::engine::detect) struct Lof {
    search: Search,
    k: usize,
    /// Distance to the farthest neighbour, by reference.
    radius: Vec<f64>,
    /// Local reachability density, by reference.
    density: Vec<f64>,
    /// What contributions are counted from.
    background: Background,
    seed: u64,
}

impl Lof {
    /// The local reachability density by the neighbours.
    fn density_of(&self, nearest: &Nearest) -> f64 {
        let reach: f64 =
            nearest.iter().map(|(distance, reference)| distance.max(self.radius[reference])).sum();
        1.0 / (reach / nearest.len().max(1) as f64 + NEAR)
    }

    /// The factor: 1 where a row is as densely surrounded as its neighbours.
    fn factor(&self, row: ArrayView1<'_, f64>) -> f64 {
        self.factor_of(&self.search.nearest(row, self.k))
    }

    fn factor_of(&self, nearest: &Nearest) -> f64 {
        if nearest.len() == 0 {
            return 1.0;
        }
        let own = self.density_of(nearest);
        let neighbours: f64 = nearest.iter().map(|(_, reference)| self.density[reference] / own).sum();
        neighbours / nearest.len() as f64
    }
}

impl RawModel for Lof {
    fn n_features(&self) -> usize {
        self.search.n_features()
    }

    fn products_per_row(&self) -> usize {
        self.search.len() * self.search.n_features()
    }

    fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]) {
        let base = self.background.measure();
        for (raw, row) in raw.iter_mut().zip(rows.outer_iter()) {
            *raw = self.factor(row) - base;
        }
    }

    fn raw_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        self.sampled_contributions(row, contributions, &mut vec![0.0; row.len()]);
    }

    fn sampled_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64], errors: &mut [f64]) {
        let measured = (row, self.factor(row));
        shapley::sampled(self, &self.background, measured, self.seed, contributions, errors);
    }

    fn check(&self) -> Checked {
        self.search.check(self.k)?;
        self.background.check(self.search.n_features())?;
        checked::n(&self.radius, self.search.len())?;
        checked::n(&self.density, self.search.len())
    }
}

impl ByDistance for Lof {
    type Seen = Nearest;

    fn n_references(&self) -> usize {
        self.search.len()
    }

    fn references(&self, feature: usize, start: usize, to: &mut [f64]) {
        for (place, to) in to.iter_mut().enumerate() {
            *to = self.search.row(start + place)[feature];
        }
    }

    fn unseen(&self) -> Nearest {
        Nearest::default()
    }

    fn see(&self, nearest: &mut Nearest, start: usize, squared: &[f64]) {
        nearest.see(self.k, start, squared);
    }

    fn measure(&self, nearest: Nearest) -> f64 {
        self.factor_of(&nearest.of_all(self.k))
    }
}

/// Some references per step: first the neighbours of each, then its density.
#[derive(Debug)]
pub(in crate::engine::detect) struct LofFitting {
    model: Lof,
    nearest: Vec<Nearest>,
    n_rows: usize,
}

impl LofFitting {
    pub fn new(rows: Rows<'_>, k: usize, seed: u64) -> Self {
        let search = references(rows, seed);
        let n = search.len();
        LofFitting {
            model: Lof {
                search,
                k,
                radius: Vec::with_capacity(n),
                density: Vec::with_capacity(n),
                background: Background::none(),
                seed,
            },
            nearest: Vec::with_capacity(n),
            n_rows: rows.n_rows(),
        }
    }
}

impl RawFitting for LofFitting {
    fn step(&mut self, _: Rows<'_>) -> Result<()> {
        let (n, start) = (self.model.search.len(), self.nearest.len());
        let end = (start + rows_per_step(self.model.products_per_row(), REFERENCES_PER_STEP)).min(n);
        for reference in start..end {
            let row = ArrayView1::from(self.model.search.row(reference));
            let nearest = self.model.search.nearest(row, self.model.k);
            self.model.radius.push(nearest.radius());
            self.nearest.push(nearest);
        }
        if self.nearest.len() == n {
            let density: Vec<f64> =
                self.nearest.iter().map(|nearest| self.model.density_of(nearest)).collect();
            self.model.density = density;
            let (model, search) = (&self.model, &self.model.search);
            self.model.background =
                Background::of(n, |row| search.row(row).to_vec(), |row| model.factor(row));
        }
        Ok(())
    }

    fn progress(&self) -> (u64, u64) {
        (self.nearest.len() as u64, self.model.search.len() as u64)
    }

    /// Where all rows are references, in the order of the table.
    fn take_measures(&mut self) -> Option<Vec<f64>> {
        let base = self.model.background.measure();
        let measures = self.nearest.iter().map(|nearest| self.model.factor_of(nearest) - base);
        (self.n_rows == self.nearest.len()).then(|| measures.collect())
    }

    fn finish(self: Box<Self>) -> Raw {
        Raw::Lof(self.model)
    }
}
