//! What a member's measure is counted in, so that unlike members can be combined.

use crate::engine::detect::checked::{self, Checked};
use crate::engine::math;
use crate::engine::order;
use serde::{Deserialize, Serialize};

/// A member's scale, by its measures of training rows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Scale {
    /// From the least to the greatest.
    Range { least: f64, length: f64 },
    /// Different values, ascending, and for each the share of rows below it, those that have it counting half.
    Shares { values: Vec<f64>, shares: Vec<f64>, length: f64 },
}

impl Scale {
    /// By the range of at least one measure.
    pub fn range(raw: &[f64]) -> Scale {
        let (least, greatest) = math::range(raw.iter().copied());
        Scale::Range { least, length: length(least, greatest) }
    }

    /// By the shares of at least one measure; sorts them.
    pub fn shares(raw: &mut [f64]) -> Scale {
        order::sort(raw);
        let n = raw.len() as f64;
        let (mut values, mut shares) = (Vec::new(), Vec::new());
        let mut n_below = 0;
        for run in raw.chunk_by(|a, b| a == b) {
            values.push(run[0]);
            shares.push((n_below as f64 + run.len() as f64 / 2.0) / n);
            n_below += run.len();
        }
        let length = length(raw[0], raw[raw.len() - 1]);
        Scale::Shares { values, shares, length }
    }

    /// Where a measure lies: higher is more abnormal. Of a range 0 to 1 within it, above −1 and up to 2 outside; of shares
    /// above 0 and up to 1.
    pub fn place(&self, raw: f64) -> f64 {
        match self {
            Scale::Range { least, length } => {
                let part = (raw - least) / length;
                // One slope on both sides of each border.
                if part > 1.0 {
                    2.0 - 1.0 / part
                } else if part < 0.0 {
                    1.0 / (1.0 - part) - 1.0
                } else {
                    part
                }
            }
            Scale::Shares { values, shares, length } => {
                let after = values.partition_point(|value| *value < raw);
                let last = values.len() - 1;
                // Beyond what was seen, half of what is left to all or to none at one range further.
                if after > last {
                    let left = 1.0 - shares[last];
                    1.0 - left * (length / (length + (raw - values[last])))
                } else if values[after] == raw {
                    shares[after]
                } else if after == 0 {
                    shares[0] * (length / (length + (values[0] - raw)))
                } else {
                    let part = (raw - values[after - 1]) / (values[after] - values[after - 1]);
                    shares[after - 1] + part * (shares[after] - shares[after - 1])
                }
            }
        }
    }

    /// As [`Detector::check`](crate::engine::detect::Detector::check).
    pub fn check(&self) -> Checked {
        let (Scale::Range { length, .. } | Scale::Shares { length, .. }) = self;
        checked::finite(&[*length])?;
        checked::that(*length > 0.0, "a member's range is not above 0")?;
        match self {
            Scale::Range { least, .. } => checked::finite(&[*least]),
            Scale::Shares { values, shares, .. } => {
                checked::that(!values.is_empty(), "a member has no shares")?;
                checked::finite(values)?;
                checked::n(shares, values.len())?;
                let ascend = |of: &[f64]| of.windows(2).all(|pair| pair[0] < pair[1]);
                let are_shares = shares.iter().all(|share| *share > 0.0 && *share < 1.0);
                checked::that(
                    ascend(values) && ascend(shares) && are_shares,
                    "a member's shares do not ascend",
                )
            }
        }
    }
}

/// Of a range; where all are equal, any other is far away only by its own size.
fn length(least: f64, greatest: f64) -> f64 {
    if greatest > least { greatest - least } else { least.abs().max(1.0) }
}

/// Contributions that cancel to less than this part of their size are not multiplied up to what they should add up to.
const CANCELLED: f64 = 1e-6;

/// Stretches contributions and their errors to another scale, on which contributions are to add up to `total`: all by one
/// factor; where they cancel, or add up to the other side, in proportion to their size. An error becomes what a
/// contribution moves by when it is off by that error, to the side where that is more.
pub(super) fn stretch(contributions: &mut [f64], errors: &mut [f64], total: f64) {
    let largest = contributions.iter().fold(0.0, |largest: f64, share| largest.max(share.abs()));
    if largest == 0.0 {
        let n = contributions.len() as f64;
        contributions.fill(total / n);
        errors.fill(0.0);
        return;
    }
    contributions.iter_mut().for_each(|share| *share /= largest);
    errors.iter_mut().for_each(|error| *error /= largest);
    let sum: f64 = contributions.iter().sum();
    let size: f64 = contributions.iter().map(|share| share.abs()).sum();
    if sum.abs() > CANCELLED * size && sum * total > 0.0 {
        let factor = total / sum;
        errors.iter_mut().for_each(|error| *error *= factor);
        contributions.iter_mut().for_each(|share| *share *= factor);
    } else {
        // They cancel, so none was larger than what there is to tell: of that size they stay, and the rest is spread.
        let factor = total.abs() / size;
        let spread = (total - sum * factor) / size;
        let stretched = |share: f64| factor * share + spread * share.abs();
        for (share, error) in contributions.iter_mut().zip(errors) {
            let to = stretched(*share);
            let moved = |share: f64| (stretched(share) - to).abs();
            // Across 0 the two sides are stretched differently.
            *error = moved(*share + *error).max(moved(*share - *error));
            *share = to;
        }
    }
}
