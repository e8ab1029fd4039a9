//! Scores and labels to measures and curves, with how far they could be off. Knows no model.
//!
//! Every figure is scikit-learn's, ties included: rows of one score are one step of a curve, because no threshold
//! can tell them apart. Two classes are judged by [`evaluate`], several by [`ClassEvaluation`], numbers by
//! [`RegressionEvaluation`].

mod bootstrap;
mod calibration;
mod classes;
mod confusion;
mod regression;
mod steps;
mod tables;

pub use bootstrap::{Bootstrap, Intervals};
pub use calibration::{Calibration, CalibrationBin};
pub use classes::{ClassEvaluation, ClassMeasures};
pub use confusion::Confusion;
pub use regression::{RegressionEvaluation, rank_correlation};
pub use steps::Steps;
pub use tables::{AtThreshold, AtTop};

use super::error::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

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
    /// Mean of the shares of abnormal and of normal rows that were decided rightly.
    pub balanced_accuracy: f64,
    /// `tp / (tp + fp)`; 0 when nothing was flagged.
    pub precision: f64,
    /// `tp / (tp + fn)`; 0 when there is nothing to find.
    pub recall: f64,
    /// Harmonic mean of precision and recall; 0 when both are.
    pub f1: f64,
    /// Matthews' correlation coefficient, -1 to 1; 0 when flags or labels have one value only.
    pub mcc: f64,
    /// Area under the ROC curve, ties counted half. `NaN` when the labels have one class only.
    pub roc_auc: f64,
    /// Average precision (scikit-learn's step sum). `NaN` when nothing is abnormal.
    pub pr_auc: f64,
    /// Counts at the threshold.
    pub confusion: Confusion,
    /// ROC and precision-recall.
    pub curves: Curves,
    /// The first rows of the ranking, for round numbers of rows and those asked for, ascending.
    pub top: Vec<AtTop>,
    /// The measures over thresholds, highest first.
    pub thresholds: Vec<AtThreshold>,
    /// Whether the scores mean what they say, where they are probabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Bootstrap intervals of the measures above, and of `brier`.
    #[serde(default, skip_serializing_if = "Intervals::is_empty")]
    pub intervals: Intervals,
}

impl Evaluation {
    /// The measures by their names in JavaScript.
    pub fn measures(&self) -> Vec<(&'static str, f64)> {
        let mut measures = self.confusion.measures().to_vec();
        measures.extend([("rocAuc", self.roc_auc), ("prAuc", self.pr_auc)]);
        measures.extend(self.calibration.iter().map(|calibration| ("brier", calibration.brier)));
        measures
    }
}

/// What is asked beside the plain measures.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Asked<'a> {
    /// How intervals are drawn.
    pub bootstrap: Bootstrap,
    /// Whether scores are probabilities of being abnormal.
    pub are_probabilities: bool,
    /// Numbers of rows for [`Evaluation::top`], beside the round ones.
    pub budgets: &'a [u64],
}

/// Judges scores (higher is more abnormal) and flags (0 or 1) against labels (true for abnormal), one each per row.
///
/// # Errors
/// `labels` when there are none, or not one score, flag and label per row; `parameter` when a score is not finite, or no
/// probability where it should be.
pub fn evaluate(scores: &[f64], flags: &[u8], labels: &[bool], asked: Asked<'_>) -> Result<Evaluation> {
    let steps = Steps::of(scores, labels)?;
    let confusion = Confusion::of(flags, labels)?;
    let calibration = asked.are_probabilities.then(|| Calibration::of(scores, labels)).transpose()?;
    let intervals =
        intervals(&steps, confusion, asked.are_probabilities.then_some((scores, labels)), asked.bootstrap);
    Ok(Evaluation {
        accuracy: confusion.accuracy(),
        balanced_accuracy: confusion.balanced_accuracy(),
        precision: confusion.precision(),
        recall: confusion.recall(),
        f1: confusion.f1(),
        mcc: confusion.mcc(),
        roc_auc: steps.roc_auc(),
        pr_auc: steps.average_precision(),
        confusion,
        curves: Curves { roc: steps.roc_curve(), pr: steps.pr_curve() },
        top: steps.at_tops(asked.budgets),
        thresholds: steps.at_thresholds(),
        calibration,
        intervals,
    })
}

fn intervals(
    steps: &Steps,
    confusion: Confusion,
    probabilities: Option<(&[f64], &[bool])>,
    bootstrap: Bootstrap,
) -> Intervals {
    let mut intervals = Intervals::new();
    if bootstrap.resamples == 0 {
        return intervals;
    }
    let Confusion { tp, fp, tn, fn_ } = confusion;
    let drawn = |weights: &[f64]| {
        let [tp, fp, tn, fn_] = [weights[0], weights[1], weights[2], weights[3]].map(|weight| weight as u64);
        Confusion { tp, fp, tn, fn_ }.measures().map(|(_, value)| value)
    };
    bootstrap.draw(0, &[tp, fp, tn, fn_], confusion.measures().map(|(name, _)| name), drawn, &mut intervals);
    bootstrap.areas(steps, &mut intervals);
    if let Some((probabilities, labels)) = probabilities {
        let add = |row: usize, sums: &mut [f64; 1]| {
            sums[0] += calibration::squared_error(probabilities[row], labels[row]);
        };
        bootstrap.sums(4, labels.len(), add, ["brier"], |sums, n| [sums[0] / n], &mut intervals);
    }
    intervals
}

/// Area under the ROC curve; see [`Steps::roc_auc`].
///
/// # Errors
/// Those of [`Steps::of`].
pub fn roc_auc(scores: &[f64], labels: &[bool]) -> Result<f64> {
    Ok(Steps::of(scores, labels)?.roc_auc())
}

/// Average precision; see [`Steps::average_precision`].
///
/// # Errors
/// Those of [`Steps::of`].
pub fn average_precision(scores: &[f64], labels: &[bool]) -> Result<f64> {
    Ok(Steps::of(scores, labels)?.average_precision())
}

fn check(n_rows: usize, n_labels: usize) -> Result<()> {
    let message = match n_labels {
        0 => "there are no labels to judge against; name a label column or give one label per row".to_owned(),
        n if n != n_rows => format!("there are {n} labels for {n_rows} rows; give exactly one label per row"),
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::Labels { message }))
}
