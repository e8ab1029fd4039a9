//! The distribution of scores, where they are cut, how well the flags fit the labels where there are any, and how far the
//! models agree where there are several.

mod agreement;
mod cut;

pub use agreement::{MembersOf, VotesOf};

use super::chart::ChartPanel;
use super::measures::{self, JudgedNow, Named};
use super::section::Section;
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::store;
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
    let judged: JudgedNow =
        Signal::derive_local(move || store.cut.with(|cut| cut.as_ref().and_then(|c| c.judged.clone())));
    let is_judged = Memo::new(move |_| judged.with(Option::is_some));
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
                            if let Some(threshold) = format::number(&event_target_value(&event)) {
                                operations::move_threshold(store, threshold);
                            }
                        }
                    />
                    <output for="threshold">{flagged}</output>
                    <cut::CutForm results=kept.get_value() />
                </div>
                <Show when=move || is_judged.get()>
                    <AgainstLabels judged />
                </Show>
            </div>
            <Show when=move || is_judged.get()>{over_thresholds(judged, &kept.get_value())}</Show>
            {is_several.then(|| view! { <agreement::AgreementView results=kept.get_value() /> })}
        </Section>
    }
}

/// What other thresholds would give by the labels; any of them can be taken.
fn over_thresholds(judged: JudgedNow, results: &Results) -> AnyView {
    let store = store();
    let named = Named { row: results.row(), wanted: "abnormal".to_owned(), score: "score" };
    let budget = results.plan.budget.map(|budget| budget as u64);
    let moves = Callback::new(move |threshold| operations::move_threshold(store, threshold));
    let pictures = measures::over_thresholds(judged, named, budget, Some(moves));
    view! { <div class="model-pictures">{pictures}</div> }.into_any()
}

/// The measures and decisions at the threshold in force.
#[component]
fn AgainstLabels(judged: JudgedNow) -> impl IntoView {
    let content = move || {
        let judged = judged.get()?;
        let names = ["normal".to_owned(), "abnormal".to_owned()];
        Some(view! {
            {measures::of_two(&judged.evaluation)}
            {measures::decisions_of_two("Decisions at this threshold", &judged.evaluation.confusion, names)}
        })
    };
    view! {
        <div class="labelled">
            <h3>"Against the label column"</h3>
            <p class="hint">"The labels were not used to find anything; this only compares."</p>
            {content}
            {measures::others_of_two(judged)}
        </div>
    }
}
