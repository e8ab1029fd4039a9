//! What a model remembers of the rows it was fitted to, to say of another row how it compares.
//!
//! Two figures beside a score, defined as in PyOD (Zhao, Nasrullah, Li, *PyOD*, JMLR 2019), so that they can be compared:
//!
//! - its **probability** of being abnormal is the Gaussian scaling of Kriegel, Kröger, Schubert and Zimek, *Interpreting and
//!   Unifying Outlier Scores* (SDM 2011): `max(0, erf((score - mean) / (std √2)))` over the scores of the fitted rows. It
//!   is 0 for scores up to their mean and has no label behind it; what a supervised model says stands beside it;
//! - the **confidence** in its flag is that of Perini, Vercruyssen and Davis, *Quantifying the Confidence of Anomaly
//!   Detectors in Their Example-Wise Predictions* (ECML 2020): how often the row would be on the same side of the
//!   threshold if other rows of the same kind had been fitted to. With `n` fitted rows, `m` of them flagged, and `t` with a
//!   score up to the row's, the row beats another one with probability `p = (1 + t) / (2 + n)`, and is flagged with
//!   probability `P(Binomial(n, p) > n - m)`; that, or 1 less that where the row is not flagged.

use crate::engine::detect::threshold::SeverityScale;
use crate::engine::explain::Baselines;
use crate::engine::math::{self, compensated_sum};
use crate::engine::order;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Fitted scores of which all are kept; of more, the highest [`TAIL`] and evenly spread ones below.
const MAX_KEPT: usize = 4_096;
/// Kept at the upper end whatever lies below: that is where flags are, and what severities go by.
const TAIL: usize = 1_024;
const _: () = assert!(TAIL >= SeverityScale::TOP);

/// The rows a model was fitted to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// What is normal, by feature.
    pub baselines: Baselines,
    /// The bulk of the scores.
    pub severity: SeverityScale,
    /// How many rows.
    pub n_rows: u64,
    /// How many of them were flagged.
    pub n_flagged: u64,
    mean: f64,
    std: f64,
    /// Scores that were kept, ascending and different, each with the number of rows at or below.
    kept: Vec<(f64, u64)>,
}

/// How a row whose score is the threshold compares with those fitted to: no flagged row has less of either, and no other row
/// more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagsFrom {
    /// Probability of being abnormal, 0 to 1.
    pub probability: f64,
    /// Share of fitted rows with a score at or below the threshold.
    pub percentile: f64,
}

/// How rows compare with those fitted to; one of each per matrix row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Verdicts {
    /// Probability of being abnormal, 0 to 1.
    pub probability: Vec<f64>,
    /// Confidence in the flag, 0 to 1.
    pub confidence: Vec<f64>,
    /// Share of fitted rows with a score at or below the row's.
    pub percentile: Vec<f64>,
}

impl Reference {
    /// Of rows with these scores and flags, of which there is at least one.
    pub fn of(scores: &[f64], flags: &[u8], baselines: Baselines) -> Reference {
        let mut sorted = scores.to_vec();
        order::sort(&mut sorted);
        let n = sorted.len();
        let mean = compensated_sum(sorted.iter().copied()) / n as f64;
        let variance = compensated_sum(sorted.iter().map(|score| (score - mean) * (score - mean))) / n as f64;
        let n_below_tail = n.saturating_sub(TAIL);
        let n_spread = MAX_KEPT - TAIL;
        let mut kept: Vec<(f64, u64)> = Vec::with_capacity(n.min(MAX_KEPT));
        for (place, &score) in sorted.iter().enumerate() {
            // As many steps of equal length as there are places.
            let step = |place: usize| place * n_spread / n_below_tail.max(1);
            if n > MAX_KEPT && place < n_below_tail && step(place) == step(place + 1) {
                continue;
            }
            match kept.last_mut().filter(|(last, _)| *last == score) {
                Some((_, n_up_to)) => *n_up_to = place as u64 + 1,
                None => kept.push((score, place as u64 + 1)),
            }
        }
        Reference {
            baselines,
            severity: SeverityScale::of_placed(&sorted),
            n_rows: n as u64,
            n_flagged: flags.iter().filter(|&&flag| flag != 0).count() as u64,
            mean,
            std: variance.sqrt(),
            kept,
        }
    }

    /// Whether its parts go together, where it was read from a file.
    pub(super) fn check(&self, n_features: usize) -> bool {
        let SeverityScale { median, spread } = self.severity;
        let is_finite = [median, spread, self.mean, self.std].iter().all(|number| number.is_finite());
        let is_ascending = self.kept.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1);
        is_finite
            && is_ascending
            && self.kept.iter().all(|(score, _)| score.is_finite())
            && self.kept.last().is_some_and(|last| last.1 == self.n_rows)
            && self.n_flagged <= self.n_rows
            && self.n_rows <= 1 << 53
            && self.baselines.check(n_features)
    }

    /// Fitted rows with a score at or below this one.
    fn n_up_to(&self, score: f64) -> u64 {
        let place = self.kept.partition_point(|(kept, _)| *kept <= score);
        place.checked_sub(1).map_or(0, |place| self.kept[place].1)
    }

    /// The fitted rows' score at a place in ascending order: exactly where all are kept, as all at the upper end are.
    fn nth(&self, place: usize) -> f64 {
        let at = self.kept.partition_point(|(_, n_up_to)| *n_up_to <= place as u64);
        self.kept[at.min(self.kept.len() - 1)].0
    }

    /// Severities of rows with these scores, as those of the fitted rows are told.
    pub fn severities(&self, scores: &[f64], threshold: f64) -> Vec<u8> {
        self.severity.severities(scores, threshold, self.n_rows as usize, |place| self.nth(place))
    }

    fn probability(&self, score: f64) -> f64 {
        if self.std > 0.0 {
            math::erf((score - self.mean) / (self.std * std::f64::consts::SQRT_2)).max(0.0)
        } else {
            f64::from(u8::from(score > self.mean))
        }
    }

    /// The probability that a row would be flagged which as many fitted rows are at or below as this.
    fn flagged_often(&self, n_up_to: u64) -> f64 {
        let p = (1.0 + n_up_to as f64) / (2.0 + self.n_rows as f64);
        math::binomial_above(self.n_rows, self.n_rows - self.n_flagged, p)
    }

    /// How a row whose score is the threshold compares.
    pub fn flags_from(&self, threshold: f64) -> FlagsFrom {
        FlagsFrom {
            probability: self.probability(threshold),
            percentile: self.n_up_to(threshold) as f64 / self.n_rows as f64,
        }
    }

    /// How rows with these scores and flags compare.
    pub fn verdicts(&self, scores: &[f64], flags: &[u8]) -> Verdicts {
        let n_up_to: Vec<u64> = scores.iter().map(|&score| self.n_up_to(score)).collect();
        // There are far fewer places than rows.
        let mut often: BTreeMap<u64, f64> = BTreeMap::new();
        let confidence = n_up_to.iter().zip(flags).map(|(&n_up_to, &flag)| {
            let often = *often.entry(n_up_to).or_insert_with(|| self.flagged_often(n_up_to));
            if flag != 0 { often } else { 1.0 - often }
        });
        Verdicts {
            confidence: confidence.collect(),
            probability: scores.iter().map(|&score| self.probability(score)).collect(),
            percentile: n_up_to.iter().map(|&n| n as f64 / self.n_rows as f64).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::detect::threshold::{by_contamination, severities};
    use crate::engine::rng::Rng;
    use ndarray::Array2;

    /// What is flagged has no less than what flags begin with, in each figure; just above the threshold as many fitted rows are
    /// at or below as at it.
    #[test]
    fn flags_begin_where_the_threshold_is() {
        let scores: Vec<f64> = (0..100).map(f64::from).collect();
        let flags: Vec<u8> = scores.iter().map(|&score| u8::from(score > 94.0)).collect();
        let baselines = Baselines::fit(&[], Array2::zeros((100, 0)).view(), &flags);
        let reference = Reference::of(&scores, &flags, baselines);
        let from = reference.flags_from(94.0);
        assert_eq!(from.percentile, 0.95);
        let verdicts = reference.verdicts(&[93.0, 94.0, 94.5, 95.0], &[0, 0, 1, 1]);
        assert_eq!(verdicts.percentile, [0.94, 0.95, 0.95, 0.96]);
        assert_eq!(verdicts.probability[1], from.probability);
        assert!(verdicts.probability[0] < from.probability && from.probability < verdicts.probability[2]);
    }

    /// Though of many scores not all are kept.
    #[test]
    fn fitted_rows_are_as_severe_as_they_were() {
        for n in [1, 2, 50, 5_000, 200_000] {
            let mut rng = Rng::new(n as u64);
            let scores: Vec<f64> = (0..n).map(|_| 0.4 + 0.03 * rng.normal().powi(2)).collect();
            let threshold = by_contamination(&scores, 0.05);
            let flags = vec![0; n];
            let baselines = Baselines::fit(&[], Array2::zeros((n, 0)).view(), &flags);
            let reference = Reference::of(&scores, &flags, baselines);
            let told = severities(&scores, threshold);
            assert_eq!(reference.severities(&scores, threshold), told, "of {n}");
            assert!(told.contains(&3) || n < 5_000, "of {n}");
        }
    }
}
