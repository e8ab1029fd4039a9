//! Numbers on one scale: missing values filled, heavy tails bent, then centred and divided.

use crate::engine::features::FeatureMatrix;
use crate::engine::math::{self, compensated_sum, ln_1p, quantile_sorted};
use crate::engine::order;
use crate::engine::plan::{Impute, Scale};
use serde::{Deserialize, Serialize};

/// Skewness of the exponential distribution: a tail that makes more than that is heavy.
const HEAVY_SKEWNESS: f64 = 2.0;

/// `(x - center) / scale`, with scikit-learn's conventions: a scale that would be 0 is 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// What becomes 0.
    pub center: f64,
    /// What becomes 1 more than that; above 0.
    pub scale: f64,
}

impl Scaling {
    /// Values as they are.
    pub const NONE: Scaling = Scaling { center: 0.0, scale: 1.0 };

    /// The scaling of some values, which must be finite and below 1e150 in magnitude, as those of a feature matrix are.
    /// Without any, [`Scaling::NONE`].
    pub fn fit(scale: Scale, values: &[f64]) -> Scaling {
        if values.is_empty() {
            return Scaling::NONE;
        }
        match scale {
            Scale::Standard => Scaling::standard(values),
            Scale::Robust => {
                let mut sorted = values.to_vec();
                order::sort(&mut sorted);
                let quantile = |q| quantile_sorted(&sorted, q);
                Scaling::of(quantile(0.5), quantile(0.75) - quantile(0.25))
            }
            Scale::MinMax => {
                let (low, high) = math::range(values.iter().copied());
                Scaling::of(low, high - low)
            }
            Scale::None => Scaling::NONE,
        }
    }

    fn of(center: f64, scale: f64) -> Scaling {
        Scaling { center, scale: if scale > 0.0 { scale } else { 1.0 } }
    }

    /// Mean and standard deviation of the population (divisor `n`). Sums are compensated (Neumaier 1974), so values that
    /// are large beside their spread keep their digits.
    fn standard(values: &[f64]) -> Scaling {
        let n = values.len() as f64;
        let first = values[0];
        if values.iter().all(|&value| value == first) {
            return Scaling::of(first, 0.0);
        }
        let mean = compensated_sum(values.iter().copied()) / n;
        let variance = compensated_sum(values.iter().map(|x| (x - mean) * (x - mean))) / n;
        // scikit-learn's test for a column that is constant up to the rounding of its own mean.
        let rounding = n * f64::EPSILON * variance + (n * mean * f64::EPSILON) * (n * mean * f64::EPSILON);
        Scaling::of(mean, if variance <= rounding { 0.0 } else { variance.sqrt() })
    }

    /// A value on this scale, of magnitude at most [`FeatureMatrix::MAX_MAGNITUDE`].
    pub fn apply(self, value: f64) -> f64 {
        let limit = FeatureMatrix::MAX_MAGNITUDE;
        ((value - self.center) / self.scale).clamp(-limit, limit)
    }
}

/// Whether values have a heavy tail that `ln(1 + x)` would bend: none is below 0, the greatest is above 1, and their
/// skewness `m3 / m2^1.5` (moments about the mean, divisor `n`) is above 2, that of an exponential distribution.
pub fn has_heavy_tail(values: &[f64]) -> bool {
    let greatest = values.iter().copied().fold(0.0, f64::max);
    if greatest <= 1.0 || values.iter().any(|&value| value < 0.0) {
        return false;
    }
    // By the greatest, so that third powers stay finite; skewness does not change.
    let n = values.len() as f64;
    let mean = compensated_sum(values.iter().map(|value| value / greatest)) / n;
    let moment = |power: i32| {
        let deviations = values.iter().map(|value| value / greatest - mean);
        compensated_sum(deviations.map(|deviation| deviation.powi(power))) / n
    };
    let (m2, m3) = (moment(2), moment(3));
    m2 > 0.0 && m3 > HEAVY_SKEWNESS * m2 * m2.sqrt()
}

/// How a number becomes what the model sees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Number {
    /// What stands for a missing value.
    pub fill: f64,
    /// Whether `ln(1 + x)` comes before the scale; values below 0, which there were none of, count as 0.
    pub log1p: bool,
    /// The scale.
    pub scaling: Scaling,
}

impl Number {
    /// `column` holds the value of each row, `NaN` where missing; `log1p` may say that a tail is bent however heavy it is
    /// (`Some(true)`), or never.
    pub fn fit(column: &[f64], impute: Impute, scale: Scale, log1p: Log1p) -> Number {
        let mut known: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
        let is_bent = match log1p {
            Log1p::Never => false,
            Log1p::HeavyTails => has_heavy_tail(&known),
            Log1p::Always => known.iter().all(|&value| value >= 0.0),
        };
        let has_missing = known.len() < column.len();
        // A value to put is needed by later rows too, so it is there though none is missing here.
        let fill = fill(&mut known, impute);
        let mut number = Number { fill, log1p: is_bent, scaling: Scaling::NONE };
        let bent: Vec<f64> = match (is_bent, has_missing) {
            (false, false) => {
                number.scaling = Scaling::fit(scale, column);
                return number;
            }
            _ => column.iter().map(|&value| number.bent(value)).collect(),
        };
        number.scaling = Scaling::fit(scale, &bent);
        number
    }

    /// Whether it makes a number of every value, where it was read from a file.
    pub fn is_finite(self) -> bool {
        let Scaling { center, scale } = self.scaling;
        [self.fill, center, scale].iter().all(|number| number.is_finite()) && scale > 0.0
    }

    /// A value, `NaN` for a missing one, filled and bent: what the model sees of it, before the scale.
    pub fn bent(self, value: f64) -> f64 {
        let value = if value.is_nan() { self.fill } else { value };
        if self.log1p { ln_1p(value.max(0.0)) } else { value }
    }
}

/// When `ln(1 + x)` is taken, where no value is below 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Log1p {
    Never,
    HeavyTails,
    Always,
}

/// What stands for a missing value; 0 where none is known.
fn fill(known: &mut [f64], impute: Impute) -> f64 {
    let limit = FeatureMatrix::MAX_MAGNITUDE;
    match impute {
        Impute::Constant(value) => value.clamp(-limit, limit),
        _ if known.is_empty() => 0.0,
        Impute::Mean => compensated_sum(known.iter().copied()) / known.len() as f64,
        Impute::Median => {
            order::sort(known);
            quantile_sorted(known, 0.5)
        }
        Impute::MostFrequent => {
            order::sort(known);
            let runs = known.chunk_by(|a, b| a == b);
            // The first of equally long ones is the least.
            let longest = runs.reduce(|best, run| if run.len() > best.len() { run } else { best });
            longest.map_or(0.0, |run| run[0])
        }
    }
}
