//! What moves scores over all: mean contributions by feature, and a sample of rows to be drawn as a beeswarm.
//!
//! Means are of the contributions' sizes, over the flagged rows and over a seeded sample of all rows; a feature that
//! raises half of the scores and lowers the others counts as much as one that raises all.

use super::Split;
use crate::engine::detect::Detector;
use crate::engine::error::{Result, check_whole};
use crate::engine::features::FeatureMatrix;
use crate::engine::host::{Progress, Stage};
use crate::engine::order;
use crate::engine::prepare::{FittedPreparation, Rows};
use crate::engine::rng::Rng;
use serde::{Deserialize, Serialize};

/// What to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct GlobalOptions {
    /// Rows sampled of all, and flagged rows explained, at most: 1 to 100,000. Default 1,000.
    pub rows: usize,
    /// Features of the beeswarm, at most. Default 15.
    pub features: usize,
    /// Seed of the samples. Default the plan's.
    pub seed: Option<u64>,
}

impl Default for GlobalOptions {
    fn default() -> Self {
        GlobalOptions { rows: 1_000, features: 15, seed: None }
    }
}

/// One feature over all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureWeight {
    /// Feature name.
    pub feature: String,
    /// Mean size of its contributions to flagged rows, in score units; 0 where none is flagged.
    pub flagged: f64,
    /// Mean size of its contributions to the sampled rows.
    pub all: f64,
}

/// Sampled rows feature by feature: one dot each.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Beeswarm {
    /// Names, the heaviest first.
    pub features: Vec<String>,
    /// Matrix rows, ascending.
    #[serde(skip_serializing, default)]
    pub rows: Vec<u32>,
    /// Contributions, all rows of the first feature first.
    #[serde(skip_serializing, default)]
    pub contributions: Vec<f64>,
    /// Where each value is among those of the sampled rows, 0 the least to 1 the greatest, equal ones in their middle;
    /// `NaN` for missing values and categories.
    #[serde(skip_serializing, default)]
    pub quantiles: Vec<f64>,
}

/// What moves scores over all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GlobalExplanation {
    /// All features, by their weight among flagged rows (among all where none is flagged), the heaviest first.
    pub features: Vec<FeatureWeight>,
    /// Flagged rows explained.
    pub flagged_rows: usize,
    /// Rows sampled of all.
    pub sampled_rows: usize,
    /// The sampled rows.
    pub beeswarm: Beeswarm,
}

/// An analysis as far as it is asked here.
#[derive(Clone, Copy)]
pub struct Explained<'a> {
    /// Rows in features' own units.
    pub matrix: &'a FeatureMatrix,
    /// The same as the model sees them.
    pub prepared: Rows<'a>,
    /// How one became the other.
    pub preparation: &'a FittedPreparation,
    /// The model.
    pub model: &'a dyn Detector,
}

/// A look at all under way. Each step takes the analysis that it was begun with.
#[derive(Debug)]
pub struct GlobalJob {
    n_features_shown: usize,
    flagged: Vec<usize>,
    sampled: Vec<usize>,
    n_done: usize,
    /// Contributions (rows x features), flagged rows first.
    contributions: Vec<f64>,
}

impl GlobalJob {
    /// Draws the rows. `flags` are 1 where flagged.
    ///
    /// # Errors
    /// `parameter` when the options are out of range.
    pub fn new(flags: &[u8], plan_seed: u64, options: &GlobalOptions) -> Result<GlobalJob> {
        check_whole("rows", options.rows, 1..=100_000)?;
        let seed = options.seed.unwrap_or(plan_seed);
        let draw = |unit: u64, n: usize| {
            let mut places = Rng::for_unit(seed, unit).sample_indices(n, options.rows.min(n));
            places.sort_unstable();
            places
        };
        let flagged: Vec<usize> = (0..flags.len()).filter(|&row| flags[row] != 0).collect();
        Ok(GlobalJob {
            n_features_shown: options.features,
            flagged: draw(0, flagged.len()).into_iter().map(|place| flagged[place]).collect(),
            sampled: draw(1, flags.len()),
            n_done: 0,
            contributions: Vec::new(),
        })
    }

    fn n_rows(&self) -> usize {
        self.flagged.len() + self.sampled.len()
    }

    /// Whether every row is done.
    pub fn is_done(&self) -> bool {
        self.n_done == self.n_rows()
    }

    /// Explains some rows.
    pub fn step(&mut self, of: Explained<'_>) -> Progress {
        let end = (self.n_done + Split::rows_per_step(of.model)).min(self.n_rows());
        let all = self.flagged.iter().chain(&self.sampled);
        let rows: Vec<usize> = all.skip(self.n_done).take(end - self.n_done).copied().collect();
        let rows = of.prepared.select(&rows);
        for split in Split::of_rows(of.model, of.preparation, rows.view(), of.matrix.features.len()) {
            self.contributions.extend(split.shares);
        }
        self.n_done = end;
        Progress { stage: Stage::Global, done: end as u64, total: self.n_rows() as u64 }
    }

    /// What came of it.
    ///
    /// # Panics
    /// If called before [`GlobalJob::is_done`].
    pub fn finish(self, matrix: &FeatureMatrix) -> GlobalExplanation {
        assert!(self.is_done(), "{} of {} rows", self.n_done, self.n_rows());
        let n_features = matrix.features.len();
        let (of_flagged, of_all) = self.contributions.split_at(self.flagged.len() * n_features);
        let mean_sizes = |contributions: &[f64], n_rows: usize| {
            let mut means = vec![0.0; n_features];
            for row in contributions.chunks_exact(n_features.max(1)) {
                means.iter_mut().zip(row).for_each(|(mean, share)| *mean += share.abs() / n_rows as f64);
            }
            means
        };
        let flagged = mean_sizes(of_flagged, self.flagged.len());
        let all = mean_sizes(of_all, self.sampled.len());
        let by_weight = order::descending(if self.flagged.is_empty() { &all } else { &flagged });
        let name = |feature: usize| matrix.features[feature].name.clone();
        let shown = &by_weight[..by_weight.len().min(self.n_features_shown)];
        let mut beeswarm = Beeswarm {
            features: shown.iter().map(|&feature| name(feature)).collect(),
            rows: self.sampled.iter().map(|&row| row as u32).collect(),
            ..Beeswarm::default()
        };
        for &feature in shown {
            beeswarm.contributions.extend(of_all.iter().skip(feature).step_by(n_features));
            let values: Vec<f64> = self.sampled.iter().map(|&row| matrix.values[[row, feature]]).collect();
            let is_category = !matrix.features[feature].labels.is_empty();
            beeswarm.quantiles.extend(if is_category {
                vec![f64::NAN; values.len()]
            } else {
                quantiles(&values)
            });
        }
        let weight = |&feature: &usize| FeatureWeight {
            feature: name(feature),
            flagged: flagged[feature],
            all: all[feature],
        };
        GlobalExplanation {
            features: by_weight.iter().map(weight).collect(),
            flagged_rows: self.flagged.len(),
            sampled_rows: self.sampled.len(),
            beeswarm,
        }
    }
}

/// The place of each value among all, 0 to 1; equal ones share their middle, a single value has 0.5.
fn quantiles(values: &[f64]) -> Vec<f64> {
    let last = values.iter().filter(|value| !value.is_nan()).count() as f64 - 1.0;
    let quantile = |(value, rank): (&f64, f64)| match value.is_nan() {
        true => f64::NAN,
        false if last > 0.0 => (rank + last / 2.0) / last,
        false => 0.5,
    };
    values.iter().zip(order::centred_ranks(values)).map(quantile).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_share_the_middle_of_equal_values() {
        assert_eq!(quantiles(&[3.0, 1.0, 2.0, 5.0, 4.0]), [0.5, 0.0, 0.25, 1.0, 0.75]);
        assert_eq!(quantiles(&[1.0, 1.0, 2.0]), [0.25, 0.25, 1.0]);
        let with_missing = quantiles(&[f64::NAN, 7.0]);
        assert!(with_missing[0].is_nan() && with_missing[1] == 0.5);
    }
}
