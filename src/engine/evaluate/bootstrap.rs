//! How far a measure could be off because other rows might have been drawn: percentile intervals of the bootstrap
//! (Efron 1979).
//!
//! Rows are weighted by independent Poisson draws of mean 1 instead of drawn with replacement, which has the same limit
//! and needs no list of rows (Hanley and MacGibbon 2006). Rows that no measure tells apart, those of a cell of a
//! confusion matrix or of a tie, are drawn together: a sum of `n` such weights is one Poisson draw of mean `n`. So the
//! cost does not grow with the number of rows, but for the one sort that the measures need anyway:
//!
//! - measures of a confusion matrix draw its cells;
//! - areas under curves draw runs of scores, at most some thousands: runs without an abnormal row are exact, and in those
//!   with several distinct scores the order inside is kept as it is on average;
//! - means over rows draw some thousands of groups of rows, whose sums vary as those of single rows do.
//!
//! Each kind of measure has draws of its own: intervals are to be read one by one.

use super::steps::{Above, Steps};
use crate::engine::math::{exp, quantile_sorted};
use crate::engine::order;
use crate::engine::rng::Rng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lower and upper end of each measure's interval, by the measure's name. A measure that most drawings do not have (of a
/// class with one row, say) has none.
pub type Intervals = BTreeMap<String, [f64; 2]>;

/// Parts that each class is cut into for the areas under curves, and groups that rows are cut into for means.
const N_PARTS: u64 = 1_024;
const N_GROUPS: usize = 4_096;
/// From this mean on Poisson draws are rounded normal ones.
const LARGE_MEAN: f64 = 24.0;

/// How intervals are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Bootstrap {
    /// Drawings, 0 (no intervals) to 10,000. Default 200.
    pub resamples: usize,
    /// Share of the drawings inside an interval, above 0 and below 1. Default 0.95.
    pub level: f64,
    /// Seed of the drawings. Default 1.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Bootstrap { resamples: 200, level: 0.95, seed: 1 }
    }
}

impl Bootstrap {
    /// The most drawings.
    pub const MAX_RESAMPLES: usize = 10_000;

    /// No intervals.
    pub const NONE: Bootstrap = Bootstrap { resamples: 0, level: 0.95, seed: 1 };

    /// Draws weights for `counts` anew each time and adds the intervals of the measures that `measure` makes of them, by
    /// name. `kind` keeps the draws of different measures apart.
    pub(super) fn draw<const N: usize>(
        self,
        kind: u64,
        counts: &[u64],
        names: [&'static str; N],
        mut measure: impl FnMut(&[f64]) -> [f64; N],
        intervals: &mut Intervals,
    ) {
        if self.resamples == 0 {
            return;
        }
        let mut rng = Rng::for_unit(self.seed, kind);
        let draws: Vec<Poisson> = counts.iter().map(|&count| Poisson::new(count as f64)).collect();
        let mut weights = vec![0.0; counts.len()];
        let mut found = vec![Vec::with_capacity(self.resamples); N];
        for _ in 0..self.resamples {
            for (weight, draw) in weights.iter_mut().zip(&draws) {
                *weight = draw.next(&mut rng);
            }
            for (found, value) in found.iter_mut().zip(measure(&weights)) {
                if value.is_finite() {
                    found.push(value);
                }
            }
        }
        for (name, mut found) in names.into_iter().zip(found) {
            if 2 * found.len() > self.resamples {
                order::sort(&mut found);
                let outside = (1.0 - self.level) / 2.0;
                let ends = [outside, 1.0 - outside].map(|share| quantile_sorted(&found, share));
                intervals.insert(name.to_owned(), ends);
            }
        }
    }

    /// Adds intervals of measures made of sums over rows: `add` adds a row's values to `N_SUMS` sums, `measure` makes
    /// measures of the sums and the number of rows.
    pub(super) fn sums<const N_SUMS: usize, const N: usize>(
        self,
        kind: u64,
        n_rows: usize,
        add: impl Fn(usize, &mut [f64; N_SUMS]),
        names: [&'static str; N],
        measure: impl Fn(&[f64; N_SUMS], f64) -> [f64; N],
        intervals: &mut Intervals,
    ) {
        let n_groups = n_rows.min(N_GROUPS);
        let mut groups = vec![([0.0; N_SUMS], 0.0); n_groups];
        for row in 0..n_rows {
            let (sums, n) = &mut groups[row % n_groups];
            add(row, sums);
            *n += 1.0;
        }
        let ones = vec![1; n_groups];
        let measure = |weights: &[f64]| {
            let (mut sums, mut n) = ([0.0; N_SUMS], 0.0);
            for ((group, n_group), weight) in groups.iter().zip(weights) {
                sums.iter_mut().zip(group).for_each(|(sum, part)| *sum += weight * part);
                n += weight * n_group;
            }
            measure(&sums, n)
        };
        self.draw(kind, &ones, names, measure, intervals);
    }

    /// Adds the intervals of the areas under both curves.
    pub(super) fn areas(self, steps: &Steps, intervals: &mut Intervals) {
        let runs = Run::all(steps);
        let counts: Vec<u64> = runs.iter().flat_map(|run| [run.counts.tp, run.counts.fp]).collect();
        let exact = [steps.roc_auc(), steps.average_precision()];
        let as_is: Vec<f64> = counts.iter().map(|&count| count as f64).collect();
        let of_runs = Run::areas(&runs, &as_is);
        // What taking scores together changes, it changes in every drawing alike.
        let shift = [exact[0] - of_runs[0], exact[1] - of_runs[1]];
        let measure = |weights: &[f64]| {
            let [roc, pr] = Run::areas(&runs, weights);
            [(roc + shift[0]).clamp(0.0, 1.0), (pr + shift[1]).clamp(0.0, 1.0)]
        };
        self.draw(1, &counts, ["rocAuc", "prAuc"], measure, intervals);
    }
}

/// Scores that follow one another.
struct Run {
    counts: Above,
    /// Of its pairs of an abnormal and a normal row, the share in the right order, ties counted half.
    right_pairs: f64,
    /// Whether all its rows have one score.
    is_tie: bool,
}

impl Run {
    /// Steps taken together: any number without abnormal rows, others as long as they have at most a small part of each
    /// class.
    fn all(steps: &Steps) -> Vec<Run> {
        let most = Above { tp: steps.all().tp / N_PARTS, fp: steps.all().fp / N_PARTS };
        let mut runs: Vec<Run> = Vec::new();
        for step in steps.counts() {
            let right = step.tp as f64 * step.fp as f64 / 2.0;
            if let Some(last) = runs.last_mut() {
                let both = Above { tp: last.counts.tp + step.tp, fp: last.counts.fp + step.fp };
                if both.tp == 0 || (both.tp <= most.tp && both.fp <= most.fp) {
                    last.right_pairs += right + last.counts.tp as f64 * step.fp as f64;
                    *last = Run { counts: both, is_tie: false, ..*last };
                    continue;
                }
            }
            runs.push(Run { counts: step, right_pairs: right, is_tie: true });
        }
        for run in &mut runs {
            run.right_pairs /= (run.counts.tp as f64 * run.counts.fp as f64).max(1.0);
        }
        runs
    }

    /// Area under the ROC curve and average precision, where runs have these weights of abnormal and normal rows in turn.
    fn areas(runs: &[Run], weights: &[f64]) -> [f64; 2] {
        let (mut tp, mut fp, mut pairs, mut precisions) = (0.0, 0.0, 0.0, 0.0);
        for (run, weights) in runs.iter().zip(weights.chunks_exact(2)) {
            let (abnormal, normal) = (weights[0], weights[1]);
            pairs += normal * (tp + run.right_pairs * abnormal);
            // Thresholds inside a run of several scores: half-way through it, on average.
            let part = if run.is_tie { 1.0 } else { 0.5 };
            let (above, flagged) = (tp + part * abnormal, tp + fp + part * (abnormal + normal));
            if abnormal > 0.0 {
                precisions += abnormal * above / flagged;
            }
            tp += abnormal;
            fp += normal;
        }
        [pairs / (tp * fp), precisions / tp]
    }
}

/// A Poisson distribution.
struct Poisson {
    mean: f64,
    /// `e^-mean`, where that is used.
    none: f64,
}

impl Poisson {
    fn new(mean: f64) -> Poisson {
        Poisson { mean, none: if mean < LARGE_MEAN { exp(-mean) } else { 0.0 } }
    }

    fn next(&self, rng: &mut Rng) -> f64 {
        if self.mean == 0.0 {
            return 0.0;
        }
        if self.mean >= LARGE_MEAN {
            return (self.mean + self.mean.sqrt() * rng.normal()).round().max(0.0);
        }
        // Inversion: how many terms the sum of probabilities needs to pass a uniform number.
        let (mut left, mut term, mut n) = (rng.uniform(), self.none, 0.0);
        while left >= term && n < 200.0 {
            left -= term;
            n += 1.0;
            term *= self.mean / n;
        }
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_draws_have_their_mean_and_variance() {
        for mean in [0.0, 1.0, 5.0, 23.9, 24.0, 500.0] {
            let (poisson, mut rng, n) = (Poisson::new(mean), Rng::new(7), 20_000);
            let draws: Vec<f64> = (0..n).map(|_| poisson.next(&mut rng)).collect();
            let average = draws.iter().sum::<f64>() / f64::from(n);
            let variance = draws.iter().map(|x| (x - average) * (x - average)).sum::<f64>() / f64::from(n);
            assert!((average - mean).abs() <= 5.0 * (mean / f64::from(n)).sqrt(), "{mean}: {average}");
            assert!((variance - mean).abs() <= 0.06 * mean, "{mean}: variance {variance}");
        }
    }

    /// Runs of several scores against each score by itself.
    #[test]
    fn runs_taken_together_give_the_areas_nearly() {
        let mut rng = Rng::new(3);
        let labels: Vec<bool> = (0..200_000).map(|_| rng.uniform() < 0.3).collect();
        let scores: Vec<f64> =
            labels.iter().map(|&label| rng.normal() + if label { 1.0 } else { 0.0 }).collect();
        let steps = Steps::of(&scores, &labels).unwrap();
        let runs = Run::all(&steps);
        assert!(runs.len() < 5 * N_PARTS as usize, "{} runs", runs.len());
        let counts = runs.iter().flat_map(|run| [run.counts.tp as f64, run.counts.fp as f64]);
        let [roc, pr] = Run::areas(&runs, &counts.collect::<Vec<_>>());
        assert!((roc - steps.roc_auc()).abs() < 1e-12, "right pairs inside runs are counted: {roc}");
        assert!((pr - steps.average_precision()).abs() < 1e-4, "{pr}, {}", steps.average_precision());
    }
}
