//! What is normal: each feature over the rows that are not flagged.

use crate::engine::math::quantile_sorted;
use ndarray::ArrayView2;

/// One feature among normal rows, in its own unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// Mean.
    pub mean: f64,
    /// Standard deviation (of the rows as they are, not an estimate for more); exactly 0 for a constant feature.
    pub std: f64,
    /// Median: the typical value.
    pub median: f64,
    /// 5 % of normal rows are at or below it; start of the usual range.
    pub p5: f64,
    /// 95 % of normal rows are at or below it; end of the usual range.
    pub p95: f64,
}

/// Baselines of all features.
#[derive(Debug, Clone, PartialEq)]
pub struct Baselines {
    /// One per feature.
    pub features: Vec<Baseline>,
}

impl Baselines {
    /// From values (rows x features, in their own units) and flags (0 normal). If every row is flagged, all count.
    ///
    /// # Panics
    /// If there is not one flag per row: a bug of the caller.
    pub fn fit(values: ArrayView2<'_, f64>, flags: &[u8]) -> Baselines {
        assert_eq!(values.nrows(), flags.len(), "one flag per row");
        let is_used = |row: usize| flags[row] == 0;
        let none_is_normal = !(0..flags.len()).any(is_used);
        let features = values.columns().into_iter().map(|column| {
            let rows = column.iter().enumerate().filter(|&(row, _)| none_is_normal || is_used(row));
            Baseline::of(rows.map(|(_, &value)| value).collect())
        });
        Baselines { features: features.collect() }
    }
}

impl Baseline {
    fn of(mut values: Vec<f64>) -> Baseline {
        values.sort_unstable_by(f64::total_cmp);
        let n = values.len() as f64;
        let (mean, std) = if values.first() == values.last() {
            (values.first().copied().unwrap_or(f64::NAN), 0.0)
        } else {
            let mean = values.iter().sum::<f64>() / n;
            let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
            (mean, (squares / n).sqrt())
        };
        let quantile = |q| quantile_sorted(&values, q);
        Baseline { mean, std, median: quantile(0.5), p5: quantile(0.05), p95: quantile(0.95) }
    }

    /// Deviation from the mean in standard deviations; 0 for a constant feature.
    pub fn z(&self, value: f64) -> f64 {
        if self.std > 0.0 { (value - self.mean) / self.std } else { 0.0 }
    }

    /// Whether a value is outside the range of nine in ten normal rows.
    pub fn is_unusual(&self, value: f64) -> bool {
        value < self.p5 || value > self.p95
    }

    /// How far a value is from the typical one, in standard deviations, at most 20; 20 for any other value than that
    /// of a constant feature.
    pub fn distance(&self, value: f64) -> f64 {
        const FAR: f64 = 20.0;
        let distance = (value - self.median).abs();
        if distance == 0.0 {
            0.0
        } else if self.std > 0.0 {
            (distance / self.std).min(FAR)
        } else {
            FAR
        }
    }
}
