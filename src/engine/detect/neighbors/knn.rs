//! Mean distance to the nearest neighbours.

use super::search::bounded;
use super::{REFERENCES_PER_STEP, Search, references};
use crate::engine::detect::calibrated::{Raw, RawFitting, RawModel};
use crate::engine::detect::checked::{self, Checked};
use crate::engine::error::Result;
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
    fn shares(&self, row: ArrayView1<'_, f64>, shares: &mut [f64]) {
        shares.fill(0.0);
        let nearest = self.search.nearest(row, self.k);
        for (distance, reference) in nearest.iter().filter(|(distance, _)| *distance > 0.0) {
            for (feature, (share, value)) in shares.iter_mut().zip(row).enumerate() {
                let difference = bounded(*value) - self.search.value(reference, feature);
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
            let nearest = self.search.nearest(row, self.k);
            let total: f64 = nearest.iter().map(|(distance, _)| distance).sum();
            *raw = total / nearest.len().max(1) as f64 - base;
        }
    }

    fn raw_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        self.shares(row, contributions);
        contributions.iter_mut().zip(&self.typical).for_each(|(share, typical)| *share -= typical);
    }

    fn check(&self) -> Checked {
        self.search.check(self.k)?;
        checked::n(&self.typical, self.search.n_features())
    }
}

/// Some references per step.
#[derive(Debug)]
pub(in crate::engine::detect) struct KnnFitting {
    model: Knn,
    n_done: usize,
    scratch: Vec<f64>,
}

impl KnnFitting {
    pub fn new(rows: ArrayView2<'_, f64>, k: usize, seed: u64) -> Self {
        let (search, n_features) = (references(rows, seed), rows.ncols());
        let model = Knn { search, k, typical: vec![0.0; n_features] };
        KnnFitting { model, n_done: 0, scratch: vec![0.0; n_features] }
    }
}

impl RawFitting for KnnFitting {
    fn step(&mut self, _: ArrayView2<'_, f64>) -> Result<()> {
        let n = self.model.search.len();
        let end = (self.n_done + REFERENCES_PER_STEP).min(n);
        for reference in self.n_done..end {
            let row = self.model.search.row(reference);
            self.model.shares(ArrayView1::from(&row), &mut self.scratch);
            for (typical, share) in self.model.typical.iter_mut().zip(&self.scratch) {
                *typical += share / n as f64;
            }
        }
        self.n_done = end;
        Ok(())
    }

    fn progress(&self) -> (u64, u64) {
        let steps = |n: usize| n.div_ceil(REFERENCES_PER_STEP) as u64;
        (steps(self.n_done), steps(self.model.search.len()))
    }

    fn finish(self: Box<Self>) -> Raw {
        Raw::Knn(self.model)
    }
}
