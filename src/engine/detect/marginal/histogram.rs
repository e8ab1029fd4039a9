//! Bars of equal width.

use super::{Marginal, Sum};
use crate::engine::detect::calibrated::Raw;
use crate::engine::detect::checked::{self, Checked};
use crate::engine::math::log2;
use serde::{Deserialize, Serialize};

/// Bars of a histogram.
const N_BARS: usize = 10;
/// Added to every height, so that an empty bar is not infinitely strange.
const FLOOR: f64 = 0.1;
/// How far outside the outermost bar a value is still taken into it, in widths of a bar; beyond, it is as strange as an
/// empty bar.
const TOLERANCE: f64 = 0.5;

/// A feature's histogram.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::engine::detect) struct Hbos {
    least: f64,
    /// 0 where all values are equal.
    width: f64,
    /// By bar.
    parts: [f64; N_BARS],
    outside: f64,
}

impl Hbos {
    /// The bar of a value between the least and the greatest; the last one holds its upper edge.
    fn bar(&self, value: f64) -> usize {
        if self.width > 0.0 { (((value - self.least) / self.width) as usize).min(N_BARS - 1) } else { 0 }
    }
}

impl Marginal for Hbos {
    fn fit(sorted: &[f64]) -> Self {
        let (least, greatest) = (sorted[0], sorted[sorted.len() - 1]);
        let n = N_BARS as f64;
        let range = greatest - least;
        let width = if range.is_finite() { range / n } else { greatest / n - least / n };
        let outside = -log2(FLOOR);
        let mut hbos = Hbos { least, width, parts: [0.0; N_BARS], outside };
        let mut counts = [0u32; N_BARS];
        sorted.iter().for_each(|&value| counts[hbos.bar(value)] += 1);
        let highest = f64::from(counts.iter().copied().max().unwrap_or(1));
        hbos.parts = counts.map(|count| -log2(f64::from(count) / highest + FLOOR));
        hbos
    }

    fn part(&self, value: f64) -> f64 {
        let reach = self.width * TOLERANCE;
        let end = self.least + self.width * N_BARS as f64;
        if value < self.least - reach || value > end + reach {
            self.outside
        } else {
            self.parts[self.bar(value.max(self.least))]
        }
    }

    fn check(&self) -> Checked {
        checked::finite(&[self.least, self.width, self.outside])?;
        checked::finite(&self.parts)
    }

    fn raw(sum: Sum<Self>) -> Raw {
        Raw::Hbos(sum)
    }
}
