//! Predicted numbers against actual ones.

use super::bootstrap::{Bootstrap, Intervals};
use super::check;
use crate::engine::error::{Error, Result};
use crate::engine::math::compensated_sum;
use crate::engine::order;
use crate::engine::rng::Rng;
use serde::{Deserialize, Serialize};

/// Points of a picture, at most.
const MAX_POINTS: usize = 2_000;

/// Everything said about predicted numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegressionEvaluation {
    /// Rows judged.
    pub rows: usize,
    /// Mean squared error.
    pub mse: f64,
    /// Its root, in the unit of the numbers.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// Coefficient of determination: the share of the numbers' variance that is explained, 1 at best, 0 for always saying
    /// their mean, below 0 for worse. As scikit-learn's, 1 or 0 where the numbers are all the same.
    pub r2: f64,
    /// Intervals of these measures.
    #[serde(default, skip_serializing_if = "Intervals::is_empty")]
    pub intervals: Intervals,
    /// Predicted against actual, `[actual0, predicted0, ...]`: all rows, or some 2,000 drawn with the seed.
    #[serde(skip_serializing, default)]
    pub points: Vec<f64>,
}

/// MSE, RMSE, MAE and R² of sums over rows: of squared and absolute errors, of the actual numbers and their squares.
fn measures([squared, absolute, actual, actual_squared]: &[f64; 4], n: f64) -> [f64; 4] {
    let mse = squared / n;
    let spread = actual_squared - actual * actual / n;
    [mse, mse.sqrt(), absolute / n, 1.0 - squared / spread]
}

impl RegressionEvaluation {
    /// The measures by their names in JavaScript.
    pub fn measures(&self) -> [(&'static str, f64); 4] {
        [("mse", self.mse), ("rmse", self.rmse), ("mae", self.mae), ("r2", self.r2)]
    }

    /// Judges predicted against actual numbers, one each per row.
    ///
    /// # Errors
    /// `labels` when there are none, or not one each per row; `parameter` when one is not finite.
    pub fn of(predicted: &[f64], actual: &[f64], bootstrap: Bootstrap) -> Result<RegressionEvaluation> {
        check(predicted.len(), actual.len())?;
        for (what, values) in [("predictions", predicted), ("target", actual)] {
            if let Some((row, value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
                return Err(Error::parameter(what, "finite values", format!("{value} in row {row}")));
            }
        }
        let n = actual.len() as f64;
        let mean = compensated_sum(actual.iter().copied()) / n;
        let error = |row: usize| predicted[row] - actual[row];
        let rows = || 0..actual.len();
        let squared = compensated_sum(rows().map(|row| error(row) * error(row)));
        let spread = compensated_sum(actual.iter().map(|value| (value - mean) * (value - mean)));
        let r2 = match (squared == 0.0, spread == 0.0) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => 1.0 - squared / spread,
        };
        let mut intervals = Intervals::new();
        let add = |row: usize, sums: &mut [f64; 4]| {
            // Around the mean, or squares of large numbers would swallow their spread.
            let (error, actual) = (error(row), actual[row] - mean);
            let values = [error * error, error.abs(), actual, actual * actual];
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        };
        bootstrap.sums(2, actual.len(), add, ["mse", "rmse", "mae", "r2"], measures, &mut intervals);
        let mut drawn = match actual.len() {
            n if n <= MAX_POINTS => rows().collect(),
            n => Rng::new(bootstrap.seed).sample_indices(n, MAX_POINTS),
        };
        drawn.sort_unstable();
        Ok(RegressionEvaluation {
            rows: actual.len(),
            mse: squared / n,
            rmse: (squared / n).sqrt(),
            mae: compensated_sum(rows().map(|row| error(row).abs())) / n,
            r2,
            intervals,
            points: drawn.into_iter().flat_map(|row| [actual[row], predicted[row]]).collect(),
        })
    }
}

/// Spearman's rank correlation, ties at their mean rank, -1 to 1; 0 where one side is all the same.
///
/// # Panics
/// If there are not as many of both: a bug of the caller.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "pairs");
    let [mut products, mut of_a, mut of_b] = [0.0; 3];
    for (a, b) in order::centred_ranks(a).into_iter().zip(order::centred_ranks(b)) {
        products += a * b;
        of_a += a * a;
        of_b += b * b;
    }
    if of_a == 0.0 || of_b == 0.0 { 0.0 } else { products / (of_a * of_b).sqrt() }
}
