//! Scores and labels to metrics and curves. Knows no model.

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
