//! How well rows are told apart, or numbers predicted: the measures, each with its interval where it has one, decisions as a
//! table, and what other thresholds would give. The same for scores against labels and for what was learned.

mod confusion;
mod curves;
mod first_rows;
mod thresholds;

pub use confusion::{of_several as decisions_of_several, of_two as decisions_of_two};

use super::switch::switch;
use super::table::Fold;
use crate::app::format;
use crate::app::results::Judged;
use crate::engine::evaluate::{ClassEvaluation, Confusion, Evaluation, Intervals, RegressionEvaluation};
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

/// Two classes told apart, as they are now; a threshold may move.
pub type JudgedNow = Signal<Option<Judged>, LocalStorage>;

/// What is judged, in words.
#[derive(Debug, Clone)]
pub struct Named {
    /// What a row is called.
    pub row: &'static str,
    /// What rows of the class looked for are, `abnormal` or the class's name.
    pub wanted: String,
    /// What thresholds are of.
    pub score: &'static str,
}

/// The measures of a decision between two classes that matter first.
const FIRST: [&str; 3] = ["precision", "recall", "rocAuc"];

/// Rows of a class below which a measure is chance more than anything else.
const FEW_ROWS: u64 = 10;

/// The first measures of a decision between two classes, with a word of caution where one of them hardly has rows.
pub fn of_two(evaluation: &Evaluation) -> AnyView {
    let is_first = |(key, _): &(&str, f64)| FIRST.contains(key);
    let values: Vec<_> = evaluation.measures().into_iter().filter(is_first).collect();
    let few = few_rows(&evaluation.confusion).map(|words| view! { <p class="hint few-rows">{words}</p> });
    view! {
        {tiles(&values, &evaluation.intervals)}
        {few}
    }
    .into_any()
}

/// What is to be known where one of two classes has so few rows that the measures say little.
fn few_rows(confusion: &Confusion) -> Option<String> {
    let n_smaller = (confusion.tp + confusion.fn_).min(confusion.tn + confusion.fp);
    let rows = match n_smaller {
        0 => "no row".to_owned(),
        n => format!("only {}", format::counted(n as usize, "row")),
    };
    (n_smaller < FEW_ROWS).then(|| format!("One of the two classes has {rows}: these figures say little."))
}

/// All others, folded.
pub fn others_of_two(judged: JudgedNow) -> AnyView {
    let is_open = RwSignal::new(false);
    let content = move || {
        let judged = is_open.get().then(|| judged.get()).flatten()?;
        let evaluation = &judged.evaluation;
        let is_other = |(key, _): &(&str, f64)| !FIRST.contains(key);
        let values: Vec<_> = evaluation.measures().into_iter().filter(is_other).collect();
        Some(tiles(&values, &evaluation.intervals))
    };
    view! {
        <Fold title="More measures" is_open>
            {content}
        </Fold>
    }
    .into_any()
}

/// What is shown over all thresholds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shown {
    Curves,
    Thresholds,
    FirstRows,
}

/// What other thresholds, and looking at so many rows, would give. `budget` is the plan's, and `moves` puts the threshold
/// elsewhere, where it can be.
pub fn over_thresholds(
    judged: JudgedNow,
    named: Named,
    budget: Option<u64>,
    moves: Option<Callback<f64>>,
) -> AnyView {
    let shown = RwSignal::new(Shown::Curves);
    let choices =
        [(Shown::Curves, "Curves"), (Shown::Thresholds, "By threshold"), (Shown::FirstRows, "First rows")];
    let score = named.score;
    let named = StoredValue::new(named);
    let content = move || match shown.get() {
        Shown::Curves => curves::curves(judged),
        Shown::Thresholds => thresholds::thresholds(judged, score, moves),
        Shown::FirstRows => first_rows::first_rows(judged, named, budget),
    };
    view! {
        <div class="over-thresholds">
            {switch("What is shown of the measures", &choices, shown)}
            {content}
        </div>
    }
    .into_any()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_of_hardly_any_rows_are_said_to_say_little() {
        let words = |tp, fn_, tn, fp| few_rows(&Confusion { tp, fp, tn, fn_ });
        assert_eq!(
            words(98, 1_861, 1, 0).as_deref(),
            Some("One of the two classes has only 1 row: these figures say little.")
        );
        assert_eq!(
            words(0, 0, 50, 3).as_deref(),
            Some("One of the two classes has no row: these figures say little.")
        );
        assert_eq!(words(2, 8, 50, 3), None);
    }
}
