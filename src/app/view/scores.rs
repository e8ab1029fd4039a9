//! The distribution of scores, the threshold, and how well the flags fit the labels where there are any.

use super::chart::ChartPanel;
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::store;
use crate::engine::evaluate::{Evaluation, Intervals};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

/// Steps of the slider over the range of scores: one per pixel or so.
const N_STEPS: f64 = 500.0;

/// The section.
#[component]
pub fn Scores(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let scores: JsValue = results.scores.clone().into();
    let (low, high) = results.score_range();
    let n_rows = results.n_rows();
    let unit = results.row();
    let data = move || {
        Some(host::object([
            ("scores", scores.clone()),
            ("threshold", store.threshold().into()),
            ("flagged", (store.n_flagged_rows() as f64).into()),
        ]))
    };
    let moved = move |threshold: f64, _is_final: bool| operations::move_threshold(store, threshold);
    let handlers = host::object([("onThreshold", Closure::<dyn Fn(f64, bool)>::new(moved).into_js_value())]);
    let flagged = move || {
        let n = store.n_flagged_rows();
        let share = if n_rows == 0 { 0.0 } else { n as f64 / n_rows as f64 };
        format!("{} flagged ({share:.1} %)", format::counted(n, unit), share = share * 100.0)
    };
    let metrics = move || store.cut.with(|cut| cut.as_ref().and_then(|c| c.metrics.clone()));
    view! {
        <section class="section" id="scores" aria-labelledby="scores-title">
            <header class="section-head">
                <h2 id="scores-title">"Scores"</h2>
                <p class="hint">"Drag the line, or use the slider and its arrow keys. Lists, counts and severities follow."</p>
            </header>
            <div class="scores">
                <ChartPanel kind="scores" title="How strange is everybody?" data=Box::new(data) handlers />
                <div class="threshold">
                    <label for="threshold">"Threshold"</label>
                    <input
                        id="threshold"
                        type="range"
                        min=low
                        max=high
                        step=(high - low) / N_STEPS
                        prop:value=move || store.threshold()
                        aria-valuetext=move || format!("{:.3}, {}", store.threshold(), flagged())
                        on:input=move |event| {
                            if let Ok(threshold) = event_target_value(&event).parse() {
                                operations::move_threshold(store, threshold);
                            }
                        }
                    />
                    <output for="threshold">{flagged}</output>
                </div>
                {move || metrics().map(|metrics| view! { <AgainstLabels metrics /> })}
            </div>
        </section>
    }
}

/// Metrics at the threshold shown.
#[component]
fn AgainstLabels(metrics: Evaluation) -> impl IntoView {
    view! {
        <div class="labelled">
            <h3>"Against the label column"</h3>
            <p class="hint">"The labels were not used to find anything; this only compares."</p>
            <MetricTiles metrics />
        </div>
    }
}

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
pub fn MeasureTiles(
    tiles: Vec<(&'static str, &'static str, f64, &'static str)>,
    intervals: Intervals,
) -> impl IntoView {
    let tile = |(name, key, value, meaning): (&'static str, &'static str, f64, &'static str)| {
        let text = if value.is_finite() { format!("{value:.3}") } else { "–".to_owned() };
        let meaning = match intervals.get(key) {
            Some([low, high]) => format!("{meaning}; 95 % interval {low:.3} to {high:.3}"),
            None => meaning.to_owned(),
        };
        view! {
            <div title=meaning>
                <dt>{name}</dt>
                <dd>{text}</dd>
            </div>
        }
    };
    view! { <dl class="metrics">{tiles.into_iter().map(tile).collect_view()}</dl> }
}
