//! Shares of rows at or beyond a value.

use super::{Marginal, Sum};
use crate::engine::detect::calibrated::Raw;
use crate::engine::detect::checked::{self, Checked};
use crate::engine::math::{compensated_sum, ln};
use serde::{Deserialize, Serialize};

/// Values of a feature of which all are kept; of more, [`TAIL`] at each end and evenly spread ones between, so that a
/// fitted model does not hold the whole table. The shares of values between two that are kept are those of the lower one.
const MAX_KEPT: usize = 1 << 16;
/// Kept at each end whatever lies between: tails are what these models are about.
const TAIL: usize = 1 << 14;

/// How many training values are at or below a value, and how many at or above.
#[derive(Debug, Serialize, Deserialize)]
struct Tails {
    n: f64,
    /// Different values, ascending, each with the number of training values at or below it and at or above it.
    steps: Vec<(f64, u32, u32)>,
    /// Sign of the skewness.
    skew: f64,
}

impl Tails {
    fn fit(sorted: &[f64]) -> Tails {
        let n = sorted.len();
        let stride = if n <= MAX_KEPT { 1 } else { (n - 2 * TAIL).div_ceil(MAX_KEPT - 2 * TAIL) };
        let mut steps = Vec::new();
        let mut start = 0;
        let mut next_kept = 0;
        for run in sorted.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            let is_tail = end <= TAIL || start + TAIL >= n;
            if stride == 1 || is_tail || start >= next_kept {
                steps.push((run[0], end as u32, (n - start) as u32));
                next_kept = start + stride;
            }
            start = end;
        }
        Tails { n: n as f64, steps, skew: skewness_sign(sorted) }
    }

    /// `−ln` of the shares at or below and at or above. What lies outside all values counts as half a row.
    fn surprises(&self, value: f64) -> (f64, f64) {
        let place = self.steps.partition_point(|(step, ..)| *step < value);
        let below = self.steps.get(place).filter(|(step, ..)| *step == value);
        let n_below =
            below.or(place.checked_sub(1).map(|place| &self.steps[place])).map_or(0.5, |s| f64::from(s.1));
        let n_above = self.steps.get(place).map_or(0.5, |step| f64::from(step.2));
        (-ln(n_below / self.n), -ln(n_above / self.n))
    }

    fn check(&self) -> Checked {
        checked::finite(&[self.n, self.skew])?;
        let is_count = |n: u32| n > 0 && f64::from(n) <= self.n;
        let steps = &self.steps;
        checked::that(
            !steps.is_empty()
                && steps.is_sorted_by(|a, b| a.0 < b.0)
                && steps.iter().all(|step| step.0.is_finite() && is_count(step.1) && is_count(step.2)),
            "the values of a feature are not in order",
        )
    }

    /// On the side that the skewness points to, both where it points to none.
    fn skewed(&self, below: f64, above: f64) -> f64 {
        if self.skew > 0.0 {
            above
        } else if self.skew < 0.0 {
            below
        } else {
            below + above
        }
    }
}

/// The sign of the third central moment, 0 where all values are equal.
fn skewness_sign(sorted: &[f64]) -> f64 {
    let n = sorted.len() as f64;
    let (least, greatest) = (sorted[0], sorted[sorted.len() - 1]);
    // On the scale of the range: cubes of large values are no floats.
    let scale = (greatest / 2.0 - least / 2.0).max(f64::MIN_POSITIVE);
    let mean = compensated_sum(sorted.iter().map(|value| value / scale / n));
    let moment = compensated_sum(sorted.iter().map(|value| {
        let deviation = value / scale - mean;
        deviation * deviation * deviation
    }));
    if least == greatest || moment == 0.0 { 0.0 } else { moment.signum() }
}

/// ECOD's part of a feature.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::engine::detect) struct Ecod(Tails);

impl Marginal for Ecod {
    fn fit(sorted: &[f64]) -> Self {
        Ecod(Tails::fit(sorted))
    }

    fn part(&self, value: f64) -> f64 {
        let (below, above) = self.0.surprises(value);
        self.0.skewed(below, above).max(below).max(above)
    }

    fn check(&self) -> Checked {
        self.0.check()
    }

    fn raw(sum: Sum<Self>) -> Raw {
        Raw::Ecod(sum)
    }
}

/// COPOD's part of a feature.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::engine::detect) struct Copod(Tails);

impl Marginal for Copod {
    fn fit(sorted: &[f64]) -> Self {
        Copod(Tails::fit(sorted))
    }

    fn part(&self, value: f64) -> f64 {
        let (below, above) = self.0.surprises(value);
        self.0.skewed(below, above).max((below + above) / 2.0)
    }

    fn check(&self) -> Checked {
        self.0.check()
    }

    fn raw(sum: Sum<Self>) -> Raw {
        Raw::Copod(sum)
    }
}
