//! Measures of decisions and of numbers, each with its interval where it has one.

use crate::app::format;
use crate::engine::evaluate::{ClassEvaluation, Evaluation, Intervals, RegressionEvaluation};
use leptos::prelude::*;

/// The usual measures of a binary decision.
#[component]
pub fn MetricTiles(metrics: Evaluation) -> impl IntoView {
    let brier = metrics.calibration.as_ref().map(|calibration| calibration.brier);
    let mut tiles = vec![
        ("Accuracy", "accuracy", metrics.accuracy, "decisions that are right"),
        (
            "Balanced",
            "balancedAccuracy",
            metrics.balanced_accuracy,
            "mean of both kinds' shares decided rightly",
        ),
        ("Precision", "precision", metrics.precision, "flags that are right"),
        ("Recall", "recall", metrics.recall, "abnormal rows that are flagged"),
        ("F1", "f1", metrics.f1, "balance of precision and recall"),
        ("MCC", "mcc", metrics.mcc, "correlation of flags and labels"),
        ("ROC AUC", "rocAuc", metrics.roc_auc, "chance that an abnormal row scores above a normal one"),
        ("PR AUC", "prAuc", metrics.pr_auc, "average precision over all thresholds"),
    ];
    tiles.extend(brier.map(|brier| ("Brier", "brier", brier, "mean squared error of the probabilities")));
    view! { <MeasureTiles tiles intervals=metrics.intervals /> }
}

/// Measures: name, name among the intervals, value and meaning.
#[component]
fn MeasureTiles(
    tiles: Vec<(&'static str, &'static str, f64, &'static str)>,
    intervals: Intervals,
) -> impl IntoView {
    let tile = |(name, key, value, meaning): (&'static str, &'static str, f64, &'static str)| {
        let interval = intervals.get(key).map(|[low, high]| format!("{} to {}", figure(*low), figure(*high)));
        view! {
            <div title=meaning>
                <dt>{name}</dt>
                <dd>{figure(value)}</dd>
                {interval.map(|interval| view! { <dd class="interval">{interval}</dd> })}
            </div>
        }
    };
    let tiles = tiles.into_iter().map(tile).collect_view();
    let words = "Below each: the interval that holds it in 95 % of draws of the rows";
    view! {
        <dl class="metrics">{tiles}</dl>
        {(!intervals.is_empty()).then(|| view! { <p class="hint">{words}</p> })}
    }
}

/// The usual measures of a decision between several classes.
#[component]
pub fn ClassTiles(evaluation: ClassEvaluation) -> impl IntoView {
    let tiles = vec![
        ("Accuracy", "accuracy", evaluation.accuracy, "decisions that are right"),
        (
            "Balanced",
            "balancedAccuracy",
            evaluation.balanced_accuracy,
            "mean share of each class decided rightly",
        ),
        ("Macro F1", "macroF1", evaluation.macro_f1, "mean F1 of the classes"),
        ("Weighted F1", "weightedF1", evaluation.weighted_f1, "mean F1 weighted by the classes' rows"),
        ("ROC AUC", "rocAuc", evaluation.roc_auc, "mean of the classes, each against the rest"),
    ];
    view! { <MeasureTiles tiles intervals=evaluation.intervals /> }
}

/// The usual measures of predicted numbers.
#[component]
pub fn NumberTiles(evaluation: RegressionEvaluation) -> impl IntoView {
    let tiles = vec![
        ("MSE", "mse", evaluation.mse, "mean squared error"),
        ("RMSE", "rmse", evaluation.rmse, "its root, in the unit of the numbers"),
        ("MAE", "mae", evaluation.mae, "mean absolute error"),
        ("R²", "r2", evaluation.r2, "share of the variance that is explained"),
    ];
    view! { <MeasureTiles tiles intervals=evaluation.intervals /> }
}

/// A measure in short: shares and small numbers to the third place, others as values are.
pub fn figure(value: f64) -> String {
    match value {
        value if !value.is_finite() => "–".to_owned(),
        value if value.abs() < 100.0 => format!("{value:.3}").replace('-', "−"),
        value => format::value(value, ""),
    }
}
