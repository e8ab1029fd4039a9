//! Measures of decisions and of numbers, each with its interval where it has one.

use crate::app::format;
use crate::engine::evaluate::{ClassEvaluation, Evaluation, Intervals, RegressionEvaluation};
use leptos::prelude::*;

/// Each measure by the engine's name, as people write it, with what it means.
const MEASURES: [(&str, &str, &str); 15] = [
    ("accuracy", "Accuracy", "decisions that are right"),
    ("balancedAccuracy", "Balanced", "mean share of each class decided rightly"),
    ("precision", "Precision", "flags that are right"),
    ("recall", "Recall", "abnormal rows that are flagged"),
    ("f1", "F1", "balance of precision and recall"),
    ("mcc", "MCC", "correlation of flags and labels"),
    ("rocAuc", "ROC AUC", "chance that a row of a class scores above one of another"),
    ("prAuc", "PR AUC", "average precision over all thresholds"),
    ("brier", "Brier", "mean squared error of the probabilities"),
    ("macroF1", "Macro F1", "mean F1 of the classes"),
    ("weightedF1", "Weighted F1", "mean F1 weighted by the classes' rows"),
    ("mse", "MSE", "mean squared error"),
    ("rmse", "RMSE", "its root, in the unit of the numbers"),
    ("mae", "MAE", "mean absolute error"),
    ("r2", "R²", "share of the variance that is explained"),
];

/// A measure's name as people write it, and what it means.
pub fn named(key: &str) -> (&str, &'static str) {
    MEASURES.iter().find(|(known, ..)| *known == key).map_or((key, ""), |&(_, name, meaning)| (name, meaning))
}

/// The usual measures of a decision between two classes.
pub fn of_two(evaluation: &Evaluation) -> AnyView {
    tiles(&evaluation.measures(), &evaluation.intervals)
}

/// The usual measures of a decision between several classes.
pub fn of_several(evaluation: &ClassEvaluation) -> AnyView {
    tiles(&evaluation.measures(), &evaluation.intervals)
}

/// The usual measures of predicted numbers.
pub fn of_numbers(evaluation: &RegressionEvaluation) -> AnyView {
    tiles(&evaluation.measures(), &evaluation.intervals)
}

fn tiles(values: &[(&'static str, f64)], intervals: &Intervals) -> AnyView {
    let tile = |&(key, value): &(&'static str, f64)| {
        let (name, meaning) = named(key);
        let interval = intervals.get(key).map(|[low, high]| format!("{} to {}", figure(*low), figure(*high)));
        view! {
            <div title=meaning>
                <dt>{name}</dt>
                <dd>{figure(value)}</dd>
                {interval.map(|interval| view! { <dd class="interval">{interval}</dd> })}
            </div>
        }
    };
    let tiles = values.iter().map(tile).collect_view();
    let words = "Below each: the interval that holds it in 95 % of draws of the rows";
    view! {
        <dl class="metrics">{tiles}</dl>
        {(!intervals.is_empty()).then(|| view! { <p class="hint">{words}</p> })}
    }
    .into_any()
}

/// A measure in short: shares and small numbers to the third place, others as values are.
pub fn figure(value: f64) -> String {
    match value {
        value if !value.is_finite() => "–".to_owned(),
        value if value.abs() < 100.0 => format!("{value:.3}").replace('-', "−"),
        value => format::value(value, ""),
    }
}
