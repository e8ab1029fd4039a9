//! Distances from the median.

use super::{Marginal, Sum};
use crate::engine::detect::calibrated::Raw;
use crate::engine::detect::checked::{self, Checked};
use crate::engine::math::quantile_sorted;
use crate::engine::order;
use serde::{Deserialize, Serialize};

/// Standard deviations of a normal distribution in a median absolute deviation.
const NORMAL: f64 = 0.674_489_750_196_081_7;
/// Distances are cut off here: a thousand features of it can be added.
const MAX_Z: f64 = 1e140;

/// A feature's median and its median absolute deviation.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::engine::detect) struct RobustZ {
    median: f64,
    deviation: f64,
}

impl Marginal for RobustZ {
    fn fit(sorted: &[f64]) -> Self {
        let median = quantile_sorted(sorted, 0.5);
        let mut distances: Vec<f64> = sorted.iter().map(|value| (value - median).abs()).collect();
        order::sort(&mut distances);
        // Where more than half of the values are one, the mean distance; where all are, any other is far away.
        let mean = distances.iter().map(|distance| distance / distances.len() as f64).sum::<f64>();
        let known = [quantile_sorted(&distances, 0.5) / NORMAL, mean * 1.253_314_137_315_500_3];
        let deviation = known.into_iter().find(|deviation| *deviation > 0.0);
        RobustZ { median, deviation: deviation.unwrap_or(median.abs().max(1.0) * 1e-9).min(f64::MAX) }
    }

    fn part(&self, value: f64) -> f64 {
        // Each over the deviation first: their difference may be larger than any float.
        let z = if self.deviation > 1.0 {
            (value / self.deviation - self.median / self.deviation).abs()
        } else {
            (value - self.median).abs() / self.deviation
        };
        z.min(MAX_Z)
    }

    fn check(&self) -> Checked {
        checked::finite(&[self.median, self.deviation])?;
        checked::that(self.deviation > 0.0, "the deviation of a feature is not above 0")
    }

    fn raw(sum: Sum<Self>) -> Raw {
        Raw::RobustZ(sum)
    }
}
