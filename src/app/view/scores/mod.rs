//! The distribution of scores, where they are cut, how well the flags fit the labels where there are any, and how far the
//! models agree where there are several.

mod agreement;
mod cut;

pub use agreement::{MembersOf, VotesOf};

use super::chart::ChartPanel;
use super::measures;
use super::section::Section;
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::store;
use crate::engine::evaluate::Evaluation;
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
    let is_several = results.plan.detector.names().len() > 1;
    let kept = StoredValue::new_local(results);
    let data = move || {
        Some(host::object([
            ("scores", scores.clone()),
            ("unit", format!("{unit}s").into()),
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
        <Section
            id="scores"
            title="Scores"
            hint="Drag the line, or use the slider and its arrow keys. Lists, counts and severities follow."
        >
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
                    <cut::CutForm results=kept.get_value() />
                </div>
                {move || metrics().map(|metrics| view! { <AgainstLabels metrics /> })}
            </div>
            {is_several.then(|| view! { <agreement::AgreementView results=kept.get_value() /> })}
        </Section>
    }
}

/// Metrics at the threshold shown.
#[component]
fn AgainstLabels(metrics: Evaluation) -> impl IntoView {
    view! {
        <div class="labelled">
            <h3>"Against the label column"</h3>
            <p class="hint">"The labels were not used to find anything; this only compares."</p>
            {measures::of_two(&metrics)}
        </div>
    }
}
