//! Whether probabilities mean what they say.

use super::check;
use crate::engine::error::{Error, Result};
use crate::engine::math::compensated_sum;
use serde::{Deserialize, Serialize};

/// Bins of equal width from 0 to 1.
const N_BINS: usize = 10;

/// Probabilities against what came true.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Calibration {
    /// Brier score: the mean squared difference of probability and truth (0 or 1). 0 is best; always saying 0.5 has 0.25.
    pub brier: f64,
    /// The calibration curve: a bin of probabilities per point, ascending, without bins that have no row.
    pub curve: Vec<CalibrationBin>,
}

/// Rows of about one probability.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Mean of their probabilities.
    pub predicted: f64,
    /// Share of them that is abnormal; equal to `predicted` where probabilities are right.
    pub observed: f64,
    /// How many they are.
    pub rows: u64,
}

impl Calibration {
    /// Judges probabilities of being abnormal against labels, one each per row. Ten bins of equal width, each without its
    /// lower border but the first, as scikit-learn's `calibration_curve`.
    ///
    /// # Errors
    /// `labels` when there are none, or not one per row; `parameter` for a probability outside 0 to 1.
    pub fn of(probabilities: &[f64], labels: &[bool]) -> Result<Calibration> {
        check(probabilities.len(), labels.len())?;
        let is_probability = |p: &f64| (0.0..=1.0).contains(p);
        if let Some((row, p)) = probabilities.iter().enumerate().find(|(_, p)| !is_probability(p)) {
            return Err(Error::parameter("probabilities", "values from 0 to 1", format!("{p} in row {row}")));
        }
        let mut bins = [CalibrationBin::default(); N_BINS];
        for (&p, &label) in probabilities.iter().zip(labels) {
            let borders = (1..N_BINS).filter(|&border| p > border as f64 * (1.0 / N_BINS as f64));
            let bin = &mut bins[borders.count()];
            bin.predicted += p;
            bin.observed += f64::from(u8::from(label));
            bin.rows += 1;
        }
        let mean = |bin: &CalibrationBin| {
            let n = bin.rows as f64;
            CalibrationBin { predicted: bin.predicted / n, observed: bin.observed / n, rows: bin.rows }
        };
        let errors = probabilities.iter().zip(labels).map(|(p, &label)| squared_error(*p, label));
        Ok(Calibration {
            brier: compensated_sum(errors) / labels.len() as f64,
            curve: bins.iter().filter(|bin| bin.rows > 0).map(mean).collect(),
        })
    }
}

pub(super) fn squared_error(probability: f64, label: bool) -> f64 {
    let error = probability - f64::from(u8::from(label));
    error * error
}
