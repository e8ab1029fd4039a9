//! Rows and the kernel between them.

use crate::engine::detect::checked::{self, Checked};
use crate::engine::math;
use crate::engine::plan::{Kernel, OneClassSvmParameters};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Values are cut off here, so that sums of their squares stay finite.
const MAX_VALUE: f64 = 1e140;

/// A value as the kernel knows it.
pub(super) fn bounded(value: f64) -> f64 {
    value.clamp(-MAX_VALUE, MAX_VALUE)
}

/// A kernel with its width.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(in crate::engine::detect) enum Function {
    Rbf { gamma: f64 },
    Linear,
}

impl Function {
    /// As the parameters say; the width by the rows that are fitted to, where they say none.
    pub fn of(parameters: &OneClassSvmParameters, rows: ArrayView2<'_, f64>) -> Function {
        match (parameters.kernel, parameters.gamma) {
            (Kernel::Linear, _) => Function::Linear,
            (Kernel::Rbf, Some(gamma)) => Function::Rbf { gamma },
            (Kernel::Rbf, None) => {
                let n = rows.len() as f64;
                let mean = math::compensated_sum(rows.iter().map(|&value| bounded(value) / n));
                let variance = math::compensated_sum(rows.iter().map(|&value| {
                    let deviation = bounded(value) - mean;
                    deviation * deviation / n
                }));
                // scikit-learn's width where all values are equal.
                let gamma = if variance > 0.0 { 1.0 / (rows.ncols() as f64 * variance) } else { 1.0 };
                Function::Rbf { gamma: gamma.min(f64::MAX) }
            }
        }
    }
}

impl Function {
    /// The kernel of two rows by their squared distance, where it is one of that alone.
    pub fn of_distance(self, squared: f64) -> f64 {
        match self {
            Function::Rbf { gamma } => math::exp(-gamma * squared),
            Function::Linear => f64::NAN,
        }
    }
}

/// Rows, feature by feature, so that the kernel with all of them is a few passes over neighbours in memory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::engine::detect) struct Rows {
    pub n: usize,
    pub n_features: usize,
    columns: Vec<f64>,
    pub function: Function,
}

impl Rows {
    /// All of some rows.
    pub fn new(rows: ArrayView2<'_, f64>, function: Function) -> Rows {
        let columns = rows.t().iter().map(|&value| bounded(value)).collect();
        Rows { n: rows.nrows(), n_features: rows.ncols(), columns, function }
    }

    /// Those of the rows that `keep` names, in its order.
    pub fn only(&self, keep: &[usize]) -> Rows {
        let columns = self.columns.chunks_exact(self.n.max(1));
        let columns = columns.flat_map(|column| keep.iter().map(move |&row| column[row])).collect();
        Rows { n: keep.len(), columns, ..*self }
    }

    /// Whether sizes go together, where it was read from a file.
    pub fn check(&self) -> Checked {
        if let Function::Rbf { gamma } = self.function {
            checked::finite(&[gamma])?;
            checked::that(gamma >= 0.0, "the width of its kernel is below 0")?;
        }
        let n_values = self.n.checked_mul(self.n_features);
        checked::that(n_values == Some(self.columns.len()), "a part has not the size that it is to have")?;
        checked::finite(&self.columns)
    }

    pub fn row(&self, row: usize) -> Vec<f64> {
        (0..self.n_features).map(|feature| self.columns[feature * self.n + row]).collect()
    }

    /// One feature of all rows.
    pub fn values(&self, feature: usize) -> &[f64] {
        &self.columns[feature * self.n..][..self.n]
    }

    /// The kernel of a row with each of these.
    pub fn products(&self, row: impl IntoIterator<Item = f64>, products: &mut [f64]) {
        products.fill(0.0);
        for (value, column) in row.into_iter().zip(self.columns.chunks_exact(self.n.max(1))) {
            let value = bounded(value);
            match self.function {
                Function::Linear => {
                    products.iter_mut().zip(column).for_each(|(product, other)| *product += value * other);
                }
                Function::Rbf { .. } => products.iter_mut().zip(column).for_each(|(product, other)| {
                    let difference = value - other;
                    *product += difference * difference;
                }),
            }
        }
        if let Function::Rbf { gamma } = self.function {
            products.iter_mut().for_each(|product| *product = math::exp(-gamma * *product));
        }
    }
}
