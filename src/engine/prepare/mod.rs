//! What happens to data before a model sees it: treatments of columns before features are computed, scaling of features
//! after. A scaling is fitted on one matrix and applied to any with the same columns.

mod treat;

pub use treat::treat;

use super::math::compensated_sum;
use ndarray::{Array2, ArrayView2};

/// Columns to mean 0 and standard deviation 1, with scikit-learn's conventions: the standard deviation is the
/// population's (divisor `n`), and a constant column is only centred.
///
/// Sums are compensated (Neumaier 1974), so a column whose values are large beside their spread keeps its digits.
#[derive(Debug, Clone, PartialEq)]
pub struct StandardScaler {
    /// Mean of each column.
    pub mean: Vec<f64>,
    /// Standard deviation of each column, 1 where it is constant to rounding.
    pub scale: Vec<f64>,
}

impl StandardScaler {
    /// Means and standard deviations of the columns of `rows` (rows x features). No rows give mean 0 and scale 1.
    /// Values must be finite and below 1e150 in magnitude, as those of a feature matrix are.
    pub fn fit(rows: ArrayView2<'_, f64>) -> Self {
        let (mean, scale) = rows
            .columns()
            .into_iter()
            .map(|column| {
                let n = column.len() as f64;
                let first = column.first().copied().unwrap_or(0.0);
                if column.iter().all(|&value| value == first) {
                    return (first, 1.0);
                }
                let mean = compensated_sum(column.iter().copied()) / n;
                let variance = compensated_sum(column.iter().map(|x| (x - mean) * (x - mean))) / n;
                // scikit-learn's test for a column that is constant up to the rounding of its own mean.
                let rounding =
                    n * f64::EPSILON * variance + (n * mean * f64::EPSILON) * (n * mean * f64::EPSILON);
                (mean, if variance <= rounding { 1.0 } else { variance.sqrt() })
            })
            .unzip();
        StandardScaler { mean, scale }
    }

    /// `(x - mean) / scale` for every value.
    ///
    /// # Panics
    /// If `rows` does not have the columns that were fitted: a bug of the caller.
    pub fn transform(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        assert_eq!(rows.ncols(), self.mean.len(), "the columns that were fitted");
        let mut scaled = rows.to_owned();
        for mut row in scaled.rows_mut() {
            for (value, (mean, scale)) in row.iter_mut().zip(self.mean.iter().zip(&self.scale)) {
                *value = (*value - mean) / scale;
            }
        }
        scaled
    }
}
