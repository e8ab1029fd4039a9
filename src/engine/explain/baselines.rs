//! What is normal: each feature over the rows that are not flagged, and which features go together there.

use crate::engine::features::Feature;
use crate::engine::math::{compensated_sum, quantile_places, quantile_sorted};
use crate::engine::order;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Rows from which it is judged which features go together, spread evenly over the normal ones.
const KINSHIP_ROWS: usize = 1_000;
/// Values read in one step, about.
const STEP_VALUES: usize = 1 << 20;
/// Rank correlation from which on two features say the same to a reader.
const KINSHIP: f64 = 0.8;

/// Share of normal rows below which a value as rare as this, or a missing one, is unusual.
const RARE: f64 = 0.05;
/// The farthest that a value is from the typical one, in standard deviations.
const FAR: f64 = 20.0;

/// One feature among normal rows, in its own unit. Mean, deviation and quantiles are of the rows that have a value, and
/// `NaN` (the deviation 0) where none has. Of a category, mean and quantiles are the place of its most frequent label, of
/// several the first in the alphabet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Share of normal rows without a value.
    pub missing: f64,
    /// Of a category, by label, the share of normal rows whose label is as rare as that or rarer; empty for numbers.
    pub tails: Vec<f64>,
}

/// Baselines of all features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baselines {
    /// One per feature.
    pub features: Vec<Baseline>,
    /// Standard ranks of each feature over up to 1,000 normal rows; `None` for a constant one and a category. Correlations
    /// are made of them when asked for: a table of thousands of features has more pairs than memory.
    ranks: Vec<Option<Vec<f64>>>,
}

impl Baselines {
    /// From values (rows x features, in their own units) and flags (0 normal). If every row is flagged, all count.
    ///
    /// # Panics
    /// If there is not one flag per row and one column per feature: a bug of the caller.
    pub fn fit(features: &[Feature], values: ArrayView2<'_, f64>, flags: &[u8]) -> Baselines {
        let mut fitting = BaselinesFitting::new(flags);
        while fitting.n_done() < features.len() {
            fitting.step(features, values);
        }
        fitting.finish()
    }

    /// Whether they are of so many features, where they were read from a file.
    pub fn check(&self, n_features: usize) -> bool {
        let mut lengths = self.ranks.iter().flatten().map(Vec::len);
        let first = lengths.next();
        self.features.len() == n_features
            && self.ranks.len() == n_features
            && lengths.all(|length| Some(length) == first)
    }

    /// Spearman's rank correlation of two features over up to 1,000 normal rows, a missing value taken as the middle rank; 0
    /// with a constant feature and a category.
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

/// Baselines under way: a feature per step, or, of millions of rows, a part of one.
#[derive(Debug)]
pub struct BaselinesFitting {
    n_rows: usize,
    normal: Vec<usize>,
    judged: Vec<usize>,
    baselines: Baselines,
    /// The feature that is being looked at.
    column: Column,
}

impl BaselinesFitting {
    /// Begins as [`Baselines::fit`] does.
    pub fn new(flags: &[u8]) -> BaselinesFitting {
        let normal = normal_rows(flags);
        let judged = judged(&normal);
        BaselinesFitting {
            n_rows: flags.len(),
            normal,
            judged,
            baselines: Baselines { features: Vec::new(), ranks: Vec::new() },
            column: Column::default(),
        }
    }

    /// Features that are done.
    pub fn n_done(&self) -> usize {
        self.baselines.features.len()
    }

    /// Looks at the next feature, or at a part of it. Features and values (rows x features) are the same at every step.
    ///
    /// # Panics
    /// If values, flags and features do not go together, or all are done: a bug of the caller.
    pub fn step(&mut self, features: &[Feature], values: ArrayView2<'_, f64>) {
        assert_eq!(values.nrows(), self.n_rows, "one flag per row");
        assert_eq!(values.ncols(), features.len(), "one column per feature");
        let place = self.n_done();
        let (feature, column) = (&features[place], values.column(place));
        let mut n_read = 0;
        while n_read < STEP_VALUES {
            let n_gathered = self.column.n_gathered;
            if n_gathered < self.normal.len() {
                let end = self.normal.len().min(n_gathered + STEP_VALUES);
                self.column.gather(self.normal[n_gathered..end].iter().map(|&row| column[row]));
                n_read += end - n_gathered;
                continue;
            }
            n_read += n_gathered;
            let Some(baseline) = self.column.step(feature) else { continue };
            self.column = Column::default();
            self.baselines.features.push(baseline);
            let judged: Vec<f64> = self.judged.iter().map(|&row| column[row]).collect();
            let ranks = if feature.labels.is_empty() { standard_ranks(&judged) } else { None };
            self.baselines.ranks.push(ranks);
            break;
        }
    }

    /// What came of it, once every feature is done.
    pub fn finish(self) -> Baselines {
        self.baselines
    }
}

/// Rows not flagged; all of them where each is.
fn normal_rows(flags: &[u8]) -> Vec<usize> {
    let rows: Vec<usize> = (0..flags.len()).filter(|&row| flags[row] == 0).collect();
    if rows.is_empty() { (0..flags.len()).collect() } else { rows }
}

/// Those of the normal rows by which it is judged which features go together.
fn judged(normal: &[usize]) -> Vec<usize> {
    let n_judged = normal.len().min(KINSHIP_ROWS);
    (0..n_judged).map(|at| normal[at * normal.len() / n_judged]).collect()
}

/// Rows by which it is judged which features go together: up to 1,000 that are not flagged, spread evenly.
pub fn normal_sample(flags: &[u8]) -> Vec<usize> {
    judged(&normal_rows(flags))
}

/// Ranks (ties share their mean rank, missing values have the mean of all) with mean 0 and length 1, so that a product
/// sum is a correlation. `None` where all values are equal.
fn standard_ranks(values: &[f64]) -> Option<Vec<f64>> {
    let ranks = order::centred_ranks(values);
    let length = ranks.iter().map(|rank| rank * rank).sum::<f64>().sqrt();
    (length > 0.0).then(|| ranks.into_iter().map(|rank| rank / length).collect())
}

/// Shares of the rows at whose quantiles a baseline has values.
const SHARES: [f64; 3] = [0.05, 0.5, 0.95];

/// Values of a feature, on the way to a baseline. Each step reads all of them once or so.
#[derive(Debug, Default)]
struct Column {
    /// Of a number those that are there; of a category all.
    values: Vec<f64>,
    n_gathered: usize,
    mean: Option<f64>,
    std: Option<f64>,
    /// Places of quantiles that have their value, the last first.
    n_placed: usize,
}

impl Column {
    fn gather(&mut self, values: impl Iterator<Item = f64>) {
        let n_before = self.values.len();
        self.values.extend(values);
        self.n_gathered += self.values.len() - n_before;
    }

    /// The next part of the work; the baseline after the last.
    fn step(&mut self, feature: &Feature) -> Option<Baseline> {
        if !feature.labels.is_empty() {
            return Some(Baseline::of_category(feature, &self.values));
        }
        let Some(mean) = self.mean else {
            self.values.retain(|value| !value.is_nan());
            self.mean = Some(self.mean());
            return None;
        };
        let n = self.values.len();
        let Some(std) = self.std else {
            let square = |value: &f64| (value - mean) * (value - mean);
            // Of equal values the mean is that value, to the last bit.
            self.std = Some(if self.is_constant() {
                0.0
            } else {
                (compensated_sum(self.values.iter().map(square)) / n as f64).sqrt()
            });
            return None;
        };
        let places = SHARES.map(|share| quantile_places(n, share));
        let places = places.as_flattened();
        if let Some(left) = places.len().checked_sub(self.n_placed + 1) {
            // Behind a place that has its value nothing is less; where quantiles share places, these have theirs.
            let end = places.get(left + 1).map_or(n, |&end| end.min(n));
            order::place(&mut self.values[..end], &places[left..=left]);
            self.n_placed += 1;
            return None;
        }
        let [p5, median, p95] = SHARES.map(|share| quantile_sorted(&self.values, share));
        let missing = (self.n_gathered - n) as f64 / self.n_gathered as f64;
        Some(Baseline { mean, std, median, p5, p95, missing, tails: Vec::new() })
    }

    fn is_constant(&self) -> bool {
        let first = self.values.first().copied().unwrap_or(f64::NAN);
        self.values.iter().all(|&value| value == first)
    }

    fn mean(&self) -> f64 {
        match self.is_constant() {
            true => self.values.first().copied().unwrap_or(f64::NAN),
            false => compensated_sum(self.values.iter().copied()) / self.values.len() as f64,
        }
    }
}

impl Baseline {
    /// Of one feature over some values, at least one.
    pub(super) fn over(feature: &Feature, values: Vec<f64>) -> Baseline {
        let mut column = Column::default();
        column.gather(values.into_iter());
        loop {
            if let Some(baseline) = column.step(feature) {
                return baseline;
            }
        }
    }

    fn of_category(feature: &Feature, values: &[f64]) -> Baseline {
        let labels = &feature.labels;
        let mut counts = vec![0usize; labels.len()];
        values.iter().filter(|value| !value.is_nan()).for_each(|&value| counts[value as usize] += 1);
        let n_rows = values.len() as f64;
        let is_before = |a: usize, b: usize| (counts[b], &labels[a]) < (counts[a], &labels[b]);
        let first = (0..labels.len()).reduce(|best, next| if is_before(next, best) { next } else { best });
        let typical = first.filter(|&place| counts[place] > 0).map_or(f64::NAN, |place| place as f64);
        let mut tails = vec![0.0; labels.len()];
        let by_count = order::by_key(labels.len(), |place| counts[place] as i64);
        let mut n_known = 0;
        for tied in by_count.chunk_by(|&a, &b| counts[a] == counts[b]) {
            n_known += counts[tied[0]] * tied.len();
            tied.iter().for_each(|&place| tails[place] = n_known as f64 / n_rows);
        }
        Baseline {
            mean: typical,
            std: 0.0,
            median: typical,
            p5: typical,
            p95: typical,
            missing: (n_rows - n_known as f64) / n_rows,
            tails,
        }
    }

    /// Deviation from the mean in standard deviations; 0 for a constant feature, a category and a missing value.
    pub fn z(&self, value: f64) -> f64 {
        if self.std > 0.0 && !value.is_nan() { (value - self.mean) / self.std } else { 0.0 }
    }

    /// Share of normal rows that are as rare as one with this value of a category, or without any; `None` for a number.
    fn tail(&self, value: f64) -> Option<f64> {
        if value.is_nan() { Some(self.missing) } else { self.tails.get(value as usize).copied() }
    }

    /// Whether a value is outside the range of nine in ten normal rows; of a category, whether fewer than one in twenty
    /// normal rows have one as rare; where it is missing, whether it is in fewer than that. Any number is unusual where no
    /// normal row has one. A label that is none of those known here is not compared: a [`Caution`](super::Caution) names it.
    pub fn is_unusual(&self, value: f64) -> bool {
        let is_category = !self.tails.is_empty();
        match self.tail(value) {
            _ if is_category && value >= self.tails.len() as f64 => false,
            Some(share) => share < RARE,
            None => value < self.p5 || value > self.p95 || self.median.is_nan(),
        }
    }

    /// How far a value is from the typical one, in standard deviations, at most 20; 20 for any other value than that
    /// of a constant feature. Of a category, or where it is missing, in those of a column that is 1 for rows as rare as
    /// this one and 0 for others.
    pub fn distance(&self, value: f64) -> f64 {
        let distance = (value - self.median).abs();
        if let Some(share) = self.tail(value) {
            ((1.0 - share) / share).sqrt().min(FAR)
        } else if distance == 0.0 {
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

    fn fit(rows: ndarray::Array2<f64>, flags: &[u8]) -> Baselines {
        let features: Vec<Feature> =
            (0..rows.ncols()).map(|i| Feature::new(format!("f{i}"), "", "")).collect();
        Baselines::fit(&features, rows.view(), flags)
    }

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
        let baselines = fit(rows, &[0, 0, 0, 0, 0, 1]);
        assert!(baselines.are_kin(0, 1), "a monotone relation, of normal rows only");
        assert!(!baselines.are_kin(0, 2) && !baselines.are_kin(0, 3) && !baselines.are_kin(3, 3));
        assert!((baselines.rank_correlation(0, 1) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn ties_share_their_mean_rank() {
        // scipy.stats.spearmanr([1, 2, 2, 3], [1, 3, 2, 4]) is 0.9486832980505138.
        let rows = array![[1.0, 1.0], [2.0, 3.0], [2.0, 2.0], [3.0, 4.0]];
        let baselines = fit(rows, &[0; 4]);
        assert!((baselines.rank_correlation(0, 1) - 0.948_683_298_050_513_8).abs() < 1e-12);
    }

    #[test]
    fn missing_values_are_counted_and_left_out() {
        let rows = array![[1.0, f64::NAN], [3.0, f64::NAN], [f64::NAN, f64::NAN], [5.0, f64::NAN]];
        let baselines = fit(rows, &[0; 4]);
        let first = &baselines.features[0];
        assert_eq!((first.mean, first.median, first.missing), (3.0, 3.0, 0.25));
        assert!(!first.is_unusual(f64::NAN) && first.is_unusual(9.0));
        assert_eq!((first.z(f64::NAN), first.distance(f64::NAN)), (0.0, 3f64.sqrt()));
        let none = &baselines.features[1];
        assert_eq!((none.std, none.missing), (0.0, 1.0));
        assert!(none.median.is_nan() && none.is_unusual(0.0) && !none.is_unusual(f64::NAN));
        assert_eq!((none.z(7.0), none.distance(7.0), none.distance(f64::NAN)), (0.0, FAR, 0.0));
    }

    #[test]
    fn ranks_with_missing_values() {
        let (nan, rows) = (f64::NAN, 8);
        let column = |missing: usize, sign: f64| {
            (0..rows).map(move |row| if row == missing { nan } else { sign * row as f64 })
        };
        let values: Vec<f64> = column(3, 1.0).zip(column(3, -1.0)).flat_map(|(a, b)| [a, b]).collect();
        let baselines = fit(ndarray::Array2::from_shape_vec((rows, 2), values).unwrap(), &[0; 8]);
        assert!((baselines.rank_correlation(0, 1) + 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_category_has_a_most_frequent_label_and_rare_ones() {
        let labels = ["z", "b", "a"].map(str::to_owned).to_vec();
        let feature = Feature { labels, ..Feature::new("f", "", "") };
        // 20 of "b", 20 of "a", one "z", one missing.
        let mut values = [[1.0], [2.0]].repeat(20);
        values.extend([[0.0], [f64::NAN]]);
        let rows = ndarray::Array2::from(values);
        let baselines = Baselines::fit(&[feature], rows.view(), &[0; 42]);
        let department = &baselines.features[0];
        assert_eq!(department.median, 2.0, "the first in the alphabet of equally frequent ones");
        assert!(!department.is_unusual(1.0) && department.is_unusual(0.0) && department.is_unusual(f64::NAN));
        assert!((department.distance(0.0) - 41f64.sqrt()).abs() < 1e-12);
        let uniform = ndarray::Array2::from_shape_fn((300, 1), |(row, _)| row as f64);
        let many = Feature { labels: (0..300).map(|i| i.to_string()).collect(), ..Feature::new("f", "", "") };
        let baselines = Baselines::fit(&[many], uniform.view(), &[0; 300]);
        assert!(!baselines.features[0].is_unusual(7.0), "where all are rare, none is unusual");
        assert_eq!(department.z(0.0), 0.0);
        assert!((department.distance(1.0) - (1.0f64 / 41.0).sqrt()).abs() < 1e-12);
        assert!(!baselines.are_kin(0, 0), "places of labels have no order");
    }
}
