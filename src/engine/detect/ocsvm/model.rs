//! Support vectors and what they decide.

use super::kernel::Rows;
use crate::engine::detect::calibrated::RawModel;
use crate::engine::detect::checked::{self, Checked};
use crate::engine::detect::shapley;
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
    /// The median of every feature: what contributions are counted from.
    pub typical: Vec<f64>,
    pub typical_measure: f64,
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
        self.typical.len()
    }

    fn products_per_row(&self) -> usize {
        // An exponential is as much as some products.
        self.vectors.n * (self.vectors.n_features + 8)
    }

    fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]) {
        let mut products = vec![0.0; self.vectors.n];
        for (raw, row) in raw.iter_mut().zip(rows.outer_iter()) {
            *raw = self.measure(row, &mut products) - self.typical_measure;
        }
    }

    fn raw_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        let products = std::cell::RefCell::new(vec![0.0; self.vectors.n]);
        let measure = |row: ArrayView1<'_, f64>| self.measure(row, &mut products.borrow_mut());
        shapley::sampled(measure, &self.typical, row, self.seed, contributions);
    }

    fn check(&self) -> Checked {
        self.vectors.check()?;
        checked::n(&self.multipliers, self.vectors.n)?;
        checked::n(&self.typical, self.vectors.n_features)?;
        checked::finite(&[self.rho, self.typical_measure])
    }
}
