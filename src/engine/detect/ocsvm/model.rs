//! Support vectors and what they decide.

use super::kernel::{Function, Rows, bounded};
use crate::engine::detect::calibrated::RawModel;
use crate::engine::detect::checked::{self, Checked};
use crate::engine::detect::shapley::{self, Background, ByDistance};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// A fitted machine.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::engine::detect) struct OneClassSvm {
    /// Support vectors.
    pub vectors: Rows,
    /// The multiplier of each.
    pub multipliers: Vec<f64>,
    pub rho: f64,
    /// What contributions are counted from.
    pub background: Background,
    pub seed: u64,
}

impl OneClassSvm {
    /// The negative of the decision function.
    pub fn measure(&self, row: ArrayView1<'_, f64>, products: &mut [f64]) -> f64 {
        self.vectors.products(row.iter().copied(), products);
        self.rho - products.iter().zip(&self.multipliers).map(|(product, alpha)| product * alpha).sum::<f64>()
    }
}

impl RawModel for OneClassSvm {
    fn n_features(&self) -> usize {
        self.vectors.n_features
    }

    fn products_per_row(&self) -> usize {
        // An exponential is as much as some products.
        self.vectors.n * (self.vectors.n_features + 8)
    }

    fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]) {
        let mut products = vec![0.0; self.vectors.n];
        let base = self.background.measure();
        for (raw, row) in raw.iter_mut().zip(rows.outer_iter()) {
            *raw = self.measure(row, &mut products) - base;
        }
    }

    fn raw_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        self.sampled_contributions(row, contributions, &mut vec![0.0; row.len()]);
    }

    /// Those of the linear kernel are exact: its measure is a sum over features.
    fn sampled_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64], errors: &mut [f64]) {
        if self.vectors.function == Function::Linear {
            errors.fill(0.0);
            for (feature, (share, &value)) in contributions.iter_mut().zip(row).enumerate() {
                let vectors = self.vectors.values(feature).iter();
                let weight: f64 = vectors.zip(&self.multipliers).map(|(value, alpha)| value * alpha).sum();
                *share = -weight * (bounded(value) - self.background.mean(feature));
            }
            return;
        }
        let measured = (row, self.measure(row, &mut vec![0.0; self.vectors.n]));
        shapley::sampled(self, &self.background, measured, self.seed, contributions, errors);
    }

    fn check(&self) -> Checked {
        self.vectors.check()?;
        checked::n(&self.multipliers, self.vectors.n)?;
        self.background.check(self.vectors.n_features)?;
        checked::finite(&[self.rho])
    }
}

impl ByDistance for OneClassSvm {
    /// Sum of multipliers times kernels.
    type Seen = f64;

    fn n_references(&self) -> usize {
        self.vectors.n
    }

    fn references(&self, feature: usize, start: usize, to: &mut [f64]) {
        to.copy_from_slice(&self.vectors.values(feature)[start..start + to.len()]);
    }

    fn unseen(&self) -> f64 {
        0.0
    }

    fn see(&self, seen: &mut f64, start: usize, squared: &[f64]) {
        for (&squared, alpha) in squared.iter().zip(&self.multipliers[start..]) {
            *seen += alpha * self.vectors.function.of_distance(squared);
        }
    }

    fn measure(&self, seen: f64) -> f64 {
        self.rho - seen
    }
}
