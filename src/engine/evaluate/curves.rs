//! ROC and precision-recall, and the areas under them.

use super::check;
use crate::engine::error::{Error, Result};
use crate::engine::order;

/// Rows whose score is at least some threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Above {
    /// Truly abnormal ones.
    tp: u64,
    /// Truly normal ones.
    fp: u64,
}

/// Counts at each distinct score from the highest down; the last is all rows.
fn counts_by_threshold(scores: &[f64], labels: &[bool]) -> Result<Vec<Above>> {
    check(scores.len(), labels)?;
    if let Some((row, score)) = scores.iter().enumerate().find(|(_, score)| !score.is_finite()) {
        return Err(Error::parameter("scores", "finite values", format!("{score} in row {row}")));
    }
    let order = order::descending(scores);
    let mut counts = Vec::new();
    let mut above = Above { tp: 0, fp: 0 };
    for (place, &row) in order.iter().enumerate() {
        if labels[row] {
            above.tp += 1;
        } else {
            above.fp += 1;
        }
        if order.get(place + 1).is_none_or(|&next| scores[next] != scores[row]) {
            counts.push(above);
        }
    }
    Ok(counts)
}

/// Counts without those that `is_between` finds superfluous between their neighbours (previous, this, next).
fn thinned(counts: &[Above], is_between: impl Fn(Above, Above, Above) -> bool) -> Vec<Above> {
    let is_kept =
        |i: usize| i == 0 || i + 1 == counts.len() || !is_between(counts[i - 1], counts[i], counts[i + 1]);
    (0..counts.len()).filter(|&i| is_kept(i)).map(|i| counts[i]).collect()
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}

/// False and true positive rates at every threshold, `[x0, y0, x1, y1, ...]` from (0, 0) to (1, 1), without points
/// where equal steps follow one another (scikit-learn's `drop_intermediate`). A rate of a class that no label has
/// is `NaN`.
///
/// # Errors
/// Those of [`super::evaluate`].
pub fn roc_curve(scores: &[f64], labels: &[bool]) -> Result<Vec<f64>> {
    let counts = counts_by_threshold(scores, labels)?;
    let all = counts.last().copied().unwrap_or(Above { tp: 0, fp: 0 });
    let kept = thinned(&counts, |previous, this, next| {
        next.tp - this.tp == this.tp - previous.tp && next.fp - this.fp == this.fp - previous.fp
    });
    let start = std::iter::once(Above { tp: 0, fp: 0 });
    Ok(start.chain(kept).flat_map(|above| [ratio(above.fp, all.fp), ratio(above.tp, all.tp)]).collect())
}

/// Recall and precision at every threshold, `[x0, y0, x1, y1, ...]` from (0, 1) upwards in recall, without points
/// whose neighbours found the same abnormal rows (scikit-learn's `drop_intermediate`). Recall is `NaN` when nothing
/// is abnormal.
///
/// # Errors
/// Those of [`super::evaluate`].
pub fn pr_curve(scores: &[f64], labels: &[bool]) -> Result<Vec<f64>> {
    let counts = counts_by_threshold(scores, labels)?;
    let n_abnormal = counts.last().map_or(0, |all| all.tp);
    let kept = thinned(&counts, |previous, this, next| previous.tp == this.tp && this.tp == next.tp);
    let mut curve = vec![if n_abnormal == 0 { f64::NAN } else { 0.0 }, 1.0];
    curve.extend(
        kept.iter().flat_map(|above| [ratio(above.tp, n_abnormal), ratio(above.tp, above.tp + above.fp)]),
    );
    Ok(curve)
}

/// Area under the ROC curve: the chance that an abnormal row scores above a normal one, ties counted half. `NaN`
/// when the labels have one class only.
///
/// # Errors
/// Those of [`super::evaluate`].
pub fn roc_auc(scores: &[f64], labels: &[bool]) -> Result<f64> {
    let counts = counts_by_threshold(scores, labels)?;
    let all = counts.last().copied().unwrap_or(Above { tp: 0, fp: 0 });
    // Twice the number of pairs in the right order, as whole numbers: no rounding before the one division.
    let mut twice_pairs = 0u128;
    let mut previous = Above { tp: 0, fp: 0 };
    for above in counts {
        twice_pairs += u128::from(above.fp - previous.fp) * u128::from(above.tp + previous.tp);
        previous = above;
    }
    let n_pairs = u128::from(all.tp) * u128::from(all.fp);
    Ok(if n_pairs == 0 { f64::NAN } else { twice_pairs as f64 / (2 * n_pairs) as f64 })
}

/// Average precision: the sum over thresholds of the step in recall times the precision there. `NaN` when nothing
/// is abnormal.
///
/// # Errors
/// Those of [`super::evaluate`].
pub fn average_precision(scores: &[f64], labels: &[bool]) -> Result<f64> {
    let counts = counts_by_threshold(scores, labels)?;
    let n_abnormal = counts.last().map_or(0, |all| all.tp);
    let (mut sum, mut tp_before) = (0.0, 0);
    for above in counts {
        sum += (above.tp - tp_before) as f64 * ratio(above.tp, above.tp + above.fp);
        tp_before = above.tp;
    }
    Ok(if n_abnormal == 0 { f64::NAN } else { sum / n_abnormal as f64 })
}
