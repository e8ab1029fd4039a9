//! Moments, quartiles and histogram of sorted numbers.
//!
//! Everything is read off the values in ascending order, sums too: the order of rows does not reach the last bit. Values
//! near the limits of a float are scaled by a power of two meanwhile, so that no sum or square overflows.

use super::keys::KeyKind;
use super::report::{Histogram, NumberReport};
use crate::engine::math::{compensated_sum, ln, log2};

/// Bins of a histogram at most.
pub(super) const MAX_BINS: usize = 50;

/// Sorted numbers, none of them missing.
#[derive(Clone, Copy)]
pub(super) struct Sorted<'a> {
    pub keys: &'a [u64],
    pub kind: KeyKind,
}

impl Sorted<'_> {
    fn at(&self, place: usize) -> f64 {
        self.kind.value(self.keys[place])
    }

    fn min(&self) -> f64 {
        self.at(0)
    }

    fn max(&self) -> f64 {
        self.at(self.keys.len() - 1)
    }

    /// Values below each edge but the first, apart from those below the edge before; the rest goes to the last bin.
    pub fn counts(&self, edges: &[f64]) -> Vec<u64> {
        let inner = &edges[1..edges.len() - 1];
        let mut below: Vec<usize> =
            inner.iter().map(|&edge| self.keys.partition_point(|&key| self.kind.value(key) < edge)).collect();
        below.push(self.keys.len());
        let mut before = 0;
        below.into_iter().map(|n| (n - std::mem::replace(&mut before, n)) as u64).collect()
    }

    /// The `q`-quantile by linear interpolation, from the nearer end as NumPy does, on scaled values.
    fn quantile(&self, q: f64, scale: f64) -> f64 {
        let place = q * (self.keys.len() - 1) as f64;
        let below = place as usize;
        let (low, part) = (self.at(below) * scale, place - below as f64);
        if part == 0.0 {
            return self.at(below);
        }
        let high = self.at(below + 1) * scale;
        let mixed = if part < 0.5 { low + (high - low) * part } else { high - (high - low) * (1.0 - part) };
        mixed / scale
    }
}

/// A power of two that brings values up to `max_abs` to where sums and squares neither overflow nor vanish; 1 nearly
/// always.
pub(super) fn safe_scale(max_abs: f64) -> f64 {
    if max_abs == 0.0 || (1e-100..1e100).contains(&max_abs) {
        return 1.0;
    }
    let exponent = ((max_abs.to_bits() >> 52) as i64 - 1_023).clamp(-1_022, 1_022);
    f64::from_bits(((1_023 - exponent) as u64) << 52)
}

/// The numbers of a column; `None` of no values.
pub(super) fn report(sorted: Sorted<'_>) -> Option<NumberReport> {
    if sorted.keys.is_empty() {
        return None;
    }
    let (min, max) = (sorted.min(), sorted.max());
    let scale = safe_scale(min.abs().max(max.abs()));
    let n = sorted.keys.len() as f64;
    let values = || sorted.keys.iter().map(|&key| sorted.kind.value(key) * scale);
    // The sum of equal values may round; their mean does not.
    let mean = if min == max { min * scale } else { compensated_sum(values()) / n };
    let deviation = (sorted.keys.len() > 1).then(|| {
        let squares = compensated_sum(values().map(|value| (value - mean) * (value - mean)));
        ((squares / (n - 1.0)).sqrt() / scale).min(f64::MAX)
    });
    Some(NumberReport {
        mean: mean / scale,
        deviation,
        min,
        lower_quartile: sorted.quantile(0.25, scale),
        median: sorted.quantile(0.5, scale),
        upper_quartile: sorted.quantile(0.75, scale),
        max,
    })
}

/// The histogram of a column with these numbers; see [`Histogram`] for its rule.
pub(super) fn histogram(sorted: Sorted<'_>, numbers: &NumberReport) -> Histogram {
    let scale = safe_scale(numbers.min.abs().max(numbers.max.abs()));
    let (low, high) = (numbers.min * scale, numbers.max * scale);
    let n = sorted.keys.len() as f64;
    let spread = numbers.upper_quartile * scale - numbers.lower_quartile * scale;
    let range = high - low;
    let wanted = match spread > 0.0 {
        // The cube root through logarithms, which are the same everywhere.
        true => 2.0 * spread / crate::engine::math::exp(ln(n) / 3.0),
        false => range / (log2(n).ceil() + 1.0),
    };
    let edges: Vec<f64> = match sorted.kind {
        KeyKind::Whole => {
            let mut width = wanted.ceil().max(1.0);
            if (range / width).floor() >= MAX_BINS as f64 {
                width = ((range + 1.0) / MAX_BINS as f64).ceil();
            }
            let n_bins = (range / width).floor() as usize + 1;
            (0..=n_bins).map(|i| low + i as f64 * width).collect()
        }
        KeyKind::Float => {
            let n_bins = if range > 0.0 { (range / wanted).ceil().clamp(1.0, MAX_BINS as f64) } else { 1.0 };
            let edge = |i: usize| (low + range * (i as f64 / n_bins)) / scale;
            let n_bins = n_bins as usize;
            (0..=n_bins).map(|i| if i == n_bins { numbers.max } else { edge(i) }).collect()
        }
    };
    Histogram { counts: sorted.counts(&edges), edges }
}
