//! Mean distance to the nearest neighbours.

use super::search::bounded;
use super::{Nearest, REFERENCES_PER_STEP, Search, references};
use crate::engine::detect::calibrated::{Raw, RawFitting, RawModel};
use crate::engine::detect::checked::{self, Checked};
use crate::engine::error::Result;
use crate::engine::prepare::{Rows, rows_per_step};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// References, and how much each feature has to do with the distances between them.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::engine::detect) struct Knn {
    search: Search,
    k: usize,
    /// Mean share of each feature over the references.
    typical: Vec<f64>,
}

impl Knn {
    /// Splits the mean distance of a row: with squares of differences `d_f²` and their sum `d²`, a feature has `d_f² / d`
    /// of the distance `d`. Exact, for the shares of a distance add up to it.
    fn shares(&self, row: ArrayView1<'_, f64>, nearest: &Nearest, shares: &mut [f64]) {
        shares.fill(0.0);
        for (distance, reference) in nearest.iter().filter(|(distance, _)| *distance > 0.0) {
            for ((share, value), other) in shares.iter_mut().zip(row).zip(self.search.row(reference)) {
                let difference = bounded(*value) - other;
                // In this order nothing overflows.
                *share += difference / distance * difference / nearest.len() as f64;
            }
        }
    }
}

impl RawModel for Knn {
    fn n_features(&self) -> usize {
        self.search.n_features()
    }

    fn products_per_row(&self) -> usize {
        self.search.len() * self.search.n_features()
    }

    fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]) {
        let base: f64 = self.typical.iter().sum();
        for (raw, row) in raw.iter_mut().zip(rows.outer_iter()) {
            *raw = mean_distance(&self.search.nearest(row, self.k)) - base;
        }
    }

    fn raw_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        self.shares(row, &self.search.nearest(row, self.k), contributions);
        contributions.iter_mut().zip(&self.typical).for_each(|(share, typical)| *share -= typical);
    }

    fn check(&self) -> Checked {
        self.search.check(self.k)?;
        checked::n(&self.typical, self.search.n_features())
    }
}

fn mean_distance(nearest: &Nearest) -> f64 {
    let total: f64 = nearest.iter().map(|(distance, _)| distance).sum();
    total / nearest.len().max(1) as f64
}

/// Some references per step.
#[derive(Debug)]
pub(in crate::engine::detect) struct KnnFitting {
    model: Knn,
    /// By reference, as far as they are known.
    mean_distances: Vec<f64>,
    scratch: Vec<f64>,
    n_rows: usize,
}

impl KnnFitting {
    pub fn new(rows: Rows<'_>, k: usize, seed: u64) -> Self {
        let (search, n_features) = (references(rows, seed), rows.n_columns());
        let model = Knn { search, k, typical: vec![0.0; n_features] };
        KnnFitting {
            model,
            mean_distances: Vec::new(),
            scratch: vec![0.0; n_features],
            n_rows: rows.n_rows(),
        }
    }
}

impl RawFitting for KnnFitting {
    fn step(&mut self, _: Rows<'_>) -> Result<()> {
        let (n, start) = (self.model.search.len(), self.mean_distances.len());
        let end = (start + rows_per_step(self.model.products_per_row(), REFERENCES_PER_STEP)).min(n);
        for reference in start..end {
            let row = ArrayView1::from(self.model.search.row(reference));
            let nearest = self.model.search.nearest(row, self.model.k);
            self.model.shares(row, &nearest, &mut self.scratch);
            for (typical, share) in self.model.typical.iter_mut().zip(&self.scratch) {
                *typical += share / n as f64;
            }
            self.mean_distances.push(mean_distance(&nearest));
        }
        Ok(())
    }

    fn progress(&self) -> (u64, u64) {
        (self.mean_distances.len() as u64, self.model.search.len() as u64)
    }

    /// Where all rows are references, in the order of the table.
    fn take_measures(&mut self) -> Option<Vec<f64>> {
        let base: f64 = self.model.typical.iter().sum();
        let measures = self.mean_distances.iter().map(|distance| distance - base);
        (self.n_rows == self.mean_distances.len()).then(|| measures.collect())
    }

    fn finish(self: Box<Self>) -> Raw {
        Raw::Knn(self.model)
    }
}
