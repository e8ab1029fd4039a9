//! Scores and labels to metrics and curves. Knows no model.
//!
//! Every figure is scikit-learn's, ties included: rows of one score are one step of a curve, because no threshold
//! can tell them apart.

mod curves;

pub use curves::{average_precision, pr_curve, roc_auc, roc_curve};

use super::error::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// Counts of a binary decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Confusion {
    /// Flagged and truly abnormal.
    pub tp: u64,
    /// Flagged, truly normal.
    pub fp: u64,
    /// Not flagged, truly normal.
    pub tn: u64,
    /// Not flagged, truly abnormal.
    #[serde(rename = "fn")]
    pub fn_: u64,
}

impl Confusion {
    /// Share of right decisions.
    pub fn accuracy(&self) -> f64 {
        share(self.tp + self.tn, self.tp + self.fp + self.tn + self.fn_)
    }

    /// `tp / (tp + fp)`; 0 when nothing was flagged.
    pub fn precision(&self) -> f64 {
        share(self.tp, self.tp + self.fp)
    }

    /// `tp / (tp + fn)`; 0 when there is nothing to find.
    pub fn recall(&self) -> f64 {
        share(self.tp, self.tp + self.fn_)
    }

    /// Harmonic mean of precision and recall; 0 when both are.
    pub fn f1(&self) -> f64 {
        share(2 * self.tp, 2 * self.tp + self.fp + self.fn_)
    }
}

/// `part / whole`, 0 of nothing.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Curves as interleaved points: `[x0, y0, x1, y1, ...]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Curves {
    /// False positive rate, true positive rate; from (0, 0) to (1, 1).
    #[serde(skip_serializing, default)]
    pub roc: Vec<f64>,
    /// Recall, precision; from recall 0 upwards.
    #[serde(skip_serializing, default)]
    pub pr: Vec<f64>,
}

/// Everything said about scores against labels.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    /// Share of right decisions.
    pub accuracy: f64,
    /// `tp / (tp + fp)`; 0 when nothing was flagged.
    pub precision: f64,
    /// `tp / (tp + fn)`; 0 when there is nothing to find.
    pub recall: f64,
    /// Harmonic mean of precision and recall; 0 when both are.
    pub f1: f64,
    /// Area under the ROC curve, ties counted half. `NaN` when the labels have one class only.
    pub roc_auc: f64,
    /// Average precision (scikit-learn's step sum). `NaN` when nothing is abnormal.
    pub pr_auc: f64,
    /// Counts at the threshold.
    pub confusion: Confusion,
    /// ROC and precision-recall.
    pub curves: Curves,
}

/// Judges scores (higher is more abnormal) and flags (0 or 1) against labels (true for abnormal), one each per row.
///
/// # Errors
/// `labels` when there are none, or not one score, flag and label per row; `parameter` when a score is not finite.
pub fn evaluate(scores: &[f64], flags: &[u8], labels: &[bool]) -> Result<Evaluation> {
    check(scores.len(), labels)?;
    let confusion = confusion(flags, labels)?;
    Ok(Evaluation {
        accuracy: confusion.accuracy(),
        precision: confusion.precision(),
        recall: confusion.recall(),
        f1: confusion.f1(),
        roc_auc: roc_auc(scores, labels)?,
        pr_auc: average_precision(scores, labels)?,
        confusion,
        curves: Curves { roc: roc_curve(scores, labels)?, pr: pr_curve(scores, labels)? },
    })
}

/// Counts flags (0 or 1) against labels.
///
/// # Errors
/// `labels` when there are none, or not one flag and label per row.
pub fn confusion(flags: &[u8], labels: &[bool]) -> Result<Confusion> {
    check(flags.len(), labels)?;
    let mut counts = Confusion::default();
    for (&flag, &label) in flags.iter().zip(labels) {
        let count = match (flag != 0, label) {
            (true, true) => &mut counts.tp,
            (true, false) => &mut counts.fp,
            (false, false) => &mut counts.tn,
            (false, true) => &mut counts.fn_,
        };
        *count += 1;
    }
    Ok(counts)
}

fn check(n_rows: usize, labels: &[bool]) -> Result<()> {
    let message = match labels.len() {
        0 => "there are no labels to judge against; name a label column or give one label per row".to_owned(),
        n if n != n_rows => format!("there are {n} labels for {n_rows} rows; give exactly one label per row"),
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::Labels { message }))
}
