//! What is normal: each feature over the rows that are not flagged, and which features go together there.

use crate::engine::math::quantile_sorted;
use crate::engine::order;
use ndarray::ArrayView2;

/// Rows from which it is judged which features go together, spread evenly over the normal ones.
const KINSHIP_ROWS: usize = 1_000;
/// Rank correlation from which on two features say the same to a reader.
const KINSHIP: f64 = 0.8;

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
    /// Standard ranks of each feature over up to 1,000 normal rows; `None` for a constant one. Correlations are made of
    /// them when asked for: a table of thousands of features has more pairs than memory.
    ranks: Vec<Option<Vec<f64>>>,
}

impl Baselines {
    /// From values (rows x features, in their own units) and flags (0 normal). If every row is flagged, all count.
    ///
    /// # Panics
    /// If there is not one flag per row: a bug of the caller.
    pub fn fit(values: ArrayView2<'_, f64>, flags: &[u8]) -> Baselines {
        assert_eq!(values.nrows(), flags.len(), "one flag per row");
        let mut rows: Vec<usize> = (0..flags.len()).filter(|&row| flags[row] == 0).collect();
        if rows.is_empty() {
            rows = (0..flags.len()).collect();
        }
        let columns = values.columns().into_iter();
        let features = columns.map(|column| Baseline::of(rows.iter().map(|&row| column[row]).collect()));
        let features = features.collect();
        let n_judged = rows.len().min(KINSHIP_ROWS);
        let judged: Vec<usize> = (0..n_judged).map(|at| rows[at * rows.len() / n_judged]).collect();
        let columns = values.columns().into_iter();
        let ranks = columns
            .map(|column| standard_ranks(&judged.iter().map(|&row| column[row]).collect::<Vec<f64>>()));
        Baselines { features, ranks: ranks.collect() }
    }

    /// Spearman's rank correlation of two features over up to 1,000 normal rows; 0 with a constant feature.
    pub fn rank_correlation(&self, a: usize, b: usize) -> f64 {
        match (&self.ranks[a], &self.ranks[b]) {
            (Some(x), Some(y)) => x.iter().zip(y).map(|(x, y)| x * y).sum(),
            _ => 0.0,
        }
    }

    /// Whether a feature takes more than one value among the rows that are compared.
    pub fn is_varied(&self, feature: usize) -> bool {
        self.ranks[feature].is_some()
    }

    /// Whether two features go together so closely that naming both says one thing twice.
    pub fn are_kin(&self, a: usize, b: usize) -> bool {
        self.rank_correlation(a, b).abs() >= KINSHIP
    }
}

/// Ranks (ties share their mean rank) with mean 0 and length 1, so that a product sum is a correlation. `None` where
/// all values are equal.
fn standard_ranks(values: &[f64]) -> Option<Vec<f64>> {
    let order = order::ascending(values);
    let mut ranks = vec![0.0; values.len()];
    let mut place = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = place as f64 + (tied.len() as f64 - 1.0) / 2.0;
        tied.iter().for_each(|&row| ranks[row] = rank);
        place += tied.len();
    }
    let mean = (values.len() as f64 - 1.0) / 2.0;
    let length = ranks.iter().map(|rank| (rank - mean) * (rank - mean)).sum::<f64>().sqrt();
    (length > 0.0).then(|| ranks.into_iter().map(|rank| (rank - mean) / length).collect())
}

impl Baseline {
    fn of(mut values: Vec<f64>) -> Baseline {
        order::sort(&mut values);
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

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn features_that_go_together_are_kin_whatever_their_scale() {
        let rows = array![
            [1.0, 10.0, 4.0, 7.0],
            [2.0, 100.0, -1.0, 7.0],
            [3.0, 1_000.0, 5.0, 7.0],
            [4.0, 10_000.0, 2.0, 7.0],
            [5.0, 100_000.0, 3.0, 7.0],
            [0.0, 0.0, 0.0, 0.0]
        ];
        let baselines = Baselines::fit(rows.view(), &[0, 0, 0, 0, 0, 1]);
        assert!(baselines.are_kin(0, 1), "a monotone relation, of normal rows only");
        assert!(!baselines.are_kin(0, 2) && !baselines.are_kin(0, 3) && !baselines.are_kin(3, 3));
        assert!((baselines.rank_correlation(0, 1) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn ties_share_their_mean_rank() {
        // scipy.stats.spearmanr([1, 2, 2, 3], [1, 3, 2, 4]) is 0.9486832980505138.
        let rows = array![[1.0, 1.0], [2.0, 3.0], [2.0, 2.0], [3.0, 4.0]];
        let baselines = Baselines::fit(rows.view(), &[0; 4]);
        assert!((baselines.rank_correlation(0, 1) - 0.948_683_298_050_513_8).abs() < 1e-12);
    }
}
