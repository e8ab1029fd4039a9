//! Labelled scores from the highest down, and the curves and areas over them.
//!
//! Rows of one score are one step, because no threshold can tell them apart. Everything that looks at all thresholds is
//! made of these steps, so rows are sorted once.

use super::check;
use super::confusion::Confusion;
use crate::engine::error::{Error, Result};
use crate::engine::order;

/// Rows whose score is at least some threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Above {
    /// Truly abnormal ones.
    pub tp: u64,
    /// Truly normal ones.
    pub fp: u64,
}

impl Above {
    pub(super) fn n_rows(self) -> u64 {
        self.tp + self.fp
    }
}

/// Labelled scores in steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// Distinct scores, descending.
    scores: Vec<f64>,
    /// One per distinct score; the last is all rows.
    above: Vec<Above>,
}

impl Steps {
    /// Sorts scores (higher is more abnormal) and labels (true for abnormal), one each per row.
    ///
    /// # Errors
    /// `labels` when there are none, or not one score per label; `parameter` when a score is not finite.
    pub fn of(scores: &[f64], labels: &[bool]) -> Result<Steps> {
        check(scores.len(), labels.len())?;
        if let Some((row, score)) = scores.iter().enumerate().find(|(_, score)| !score.is_finite()) {
            return Err(Error::parameter("scores", "finite values", format!("{score} in row {row}")));
        }
        let order = order::descending(scores);
        let mut steps = Steps { scores: Vec::new(), above: Vec::new() };
        let mut above = Above::default();
        for (place, &row) in order.iter().enumerate() {
            if labels[row] {
                above.tp += 1;
            } else {
                above.fp += 1;
            }
            if order.get(place + 1).is_none_or(|&next| scores[next] != scores[row]) {
                steps.scores.push(scores[row]);
                steps.above.push(above);
            }
        }
        Ok(steps)
    }

    /// How many distinct scores there are, at least one.
    #[allow(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Truly abnormal rows.
    pub fn n_abnormal(&self) -> u64 {
        self.all().tp
    }

    /// All rows.
    pub fn n_rows(&self) -> u64 {
        self.all().n_rows()
    }

    /// The decision that flags the rows of the `step` highest distinct scores: none for 0, all for [`Steps::len`].
    pub fn confusion(&self, step: usize) -> Confusion {
        let (all, above) = (self.all(), self.above_step(step));
        Confusion { tp: above.tp, fp: above.fp, tn: all.fp - above.fp, fn_: all.tp - above.tp }
    }

    /// The threshold of that decision, where rows are flagged whose score is above it: half-way to the next score.
    pub fn threshold(&self, step: usize) -> f64 {
        match (step.checked_sub(1), self.scores.get(step)) {
            (None, _) => self.scores[0],
            (Some(last), None) => self.scores[last].next_down(),
            (Some(last), Some(&below)) => {
                let half = below + (self.scores[last] - below) / 2.0;
                // Neighbours have nothing between them.
                if half < self.scores[last] { half } else { below }
            }
        }
    }

    /// How many steps have at least so many rows, or all do.
    pub(super) fn step_of_rows(&self, n_rows: u64) -> usize {
        self.above.partition_point(|above| above.n_rows() < n_rows).min(self.len() - 1) + 1
    }

    pub(super) fn all(&self) -> Above {
        self.above.last().copied().unwrap_or_default()
    }

    pub(super) fn above_step(&self, step: usize) -> Above {
        step.checked_sub(1).map_or(Above::default(), |last| self.above[last])
    }

    /// Abnormal and normal rows of each step.
    pub(super) fn counts(&self) -> impl Iterator<Item = Above> + '_ {
        let before = std::iter::once(Above::default()).chain(self.above.iter().copied());
        let count =
            |(above, before): (&Above, Above)| Above { tp: above.tp - before.tp, fp: above.fp - before.fp };
        self.above.iter().zip(before).map(count)
    }

    /// Area under the ROC curve: the chance that an abnormal row scores above a normal one, ties counted half. `NaN`
    /// when the labels have one class only.
    pub fn roc_auc(&self) -> f64 {
        // Twice the number of pairs in the right order, as whole numbers: no rounding before the one division.
        let mut twice_pairs = 0u128;
        let mut previous = Above::default();
        for &above in &self.above {
            twice_pairs += u128::from(above.fp - previous.fp) * u128::from(above.tp + previous.tp);
            previous = above;
        }
        let all = self.all();
        let n_pairs = u128::from(all.tp) * u128::from(all.fp);
        if n_pairs == 0 { f64::NAN } else { twice_pairs as f64 / (2 * n_pairs) as f64 }
    }

    /// Average precision: the sum over thresholds of the step in recall times the precision there. `NaN` when nothing
    /// is abnormal.
    pub fn average_precision(&self) -> f64 {
        let (mut sum, mut tp_before) = (0.0, 0);
        for above in &self.above {
            sum += (above.tp - tp_before) as f64 * ratio(above.tp, above.n_rows());
            tp_before = above.tp;
        }
        if self.n_abnormal() == 0 { f64::NAN } else { sum / self.n_abnormal() as f64 }
    }

    /// False and true positive rates at every threshold, `[x0, y0, x1, y1, ...]` from (0, 0) to (1, 1), without points
    /// where equal steps follow one another (scikit-learn's `drop_intermediate`). A rate of a class that no label has
    /// is `NaN`.
    pub fn roc_curve(&self) -> Vec<f64> {
        let all = self.all();
        let kept = self.thinned(|previous, this, next| {
            next.tp - this.tp == this.tp - previous.tp && next.fp - this.fp == this.fp - previous.fp
        });
        let start = std::iter::once(Above::default());
        start.chain(kept).flat_map(|above| [ratio(above.fp, all.fp), ratio(above.tp, all.tp)]).collect()
    }

    /// Recall and precision at every threshold, `[x0, y0, x1, y1, ...]` from (0, 1) upwards in recall, without points
    /// whose neighbours found the same abnormal rows (scikit-learn's `drop_intermediate`). Recall is `NaN` when nothing
    /// is abnormal.
    pub fn pr_curve(&self) -> Vec<f64> {
        let n_abnormal = self.n_abnormal();
        let kept = self.thinned(|previous, this, next| previous.tp == this.tp && this.tp == next.tp);
        let mut curve = vec![if n_abnormal == 0 { f64::NAN } else { 0.0 }, 1.0];
        curve.extend(
            kept.iter().flat_map(|above| [ratio(above.tp, n_abnormal), ratio(above.tp, above.n_rows())]),
        );
        curve
    }

    /// Counts without those that `is_between` finds superfluous between their neighbours (previous, this, next).
    fn thinned(&self, is_between: impl Fn(Above, Above, Above) -> bool) -> Vec<Above> {
        let counts = &self.above;
        let is_kept = |&i: &usize| {
            i == 0 || i + 1 == counts.len() || !is_between(counts[i - 1], counts[i], counts[i + 1])
        };
        (0..counts.len()).filter(is_kept).map(|i| counts[i]).collect()
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}
