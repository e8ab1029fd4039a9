//! A supervised model on the same features: can what the detector flagged (or what a label column says) be learned?

use super::chart::ChartPanel;
use super::scores::MetricTiles;
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::{Supervised, store};
use crate::engine::evaluate::Confusion;
use crate::engine::plan::Role;
use crate::engine::prepare::PreparedColumn;
use crate::protocol::{LearnOptions, LearnTarget};
use leptos::prelude::*;
use std::rc::Rc;

/// Up to so many rows the model is trained without being asked for; it takes a moment.
const MAX_ROWS_UNASKED: usize = 20_000;

/// The section.
#[component]
pub fn SupervisedPanel(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let has_label = results.plan.roles.contains_key(&Role::Label);
    let options = RwSignal::new(LearnOptions::default());
    let n_rows = results.n_rows();
    // Labels are the flags, so a moved threshold asks for another model.
    Effect::new(move |_| {
        let options = options.get();
        let n_flagged = store.cut.with(|cut| cut.as_ref().map_or(0, |c| c.flagged_rows));
        // Both classes must be in both parts of the split.
        let is_learnable =
            options.target == LearnTarget::Label || (n_flagged >= 4 && n_rows - n_flagged >= 4);
        if n_rows <= MAX_ROWS_UNASKED && is_learnable && store.dragged.get().is_none() {
            operations::learn(store, options);
        }
    });
    let results = StoredValue::new_local(results);
    let model = move || {
        store.supervised.get().map(|supervised| view! { <Model supervised results=results.get_value() /> })
    };
    view! {
        <section class="section" id="check" aria-labelledby="check-title">
            <header class="section-head">
                <h2 id="check-title">"A second opinion"</h2>
                <p class="hint">
                    "A logistic regression learns the difference from part of the rows and is tested on the rest."
                </p>
            </header>
            <form class="learn-form" on:submit=move |event| event.prevent_default()>
                <label>
                    <span class="label">"Learn"</span>
                    <select on:change=move |event| {
                        let target = match event_target_value(&event).as_str() {
                            "label" => LearnTarget::Label,
                            _ => LearnTarget::Flags,
                        };
                        options.update(|options| options.target = target);
                    }>
                        <option value="flags">"the flags"</option>
                        {has_label.then(|| view! { <option value="label">"the label column"</option> })}
                    </select>
                </label>
                <label>
                    <span class="label">"From"</span>
                    <select on:change=move |event| {
                        let balanced = event_target_value(&event) == "balanced";
                        options.update(|options| options.balanced = balanced);
                    }>
                        <option value="balanced">"as many normal as flagged rows"</option>
                        <option value="all">"all rows"</option>
                    </select>
                </label>
                <label>
                    <span class="label">"Held out for the test"</span>
                    <select on:change=move |event| {
                        if let Ok(share) = event_target_value(&event).parse() {
                            options.update(|options| options.test_share = share);
                        }
                    }>
                        <option value="0.2">"20 %"</option>
                        <option value="0.3" selected>"30 %"</option>
                        <option value="0.5">"50 %"</option>
                    </select>
                </label>
                <button type="button" class="button" on:click=move |_| operations::learn(store, options.get_untracked())>
                    "Train and test"
                </button>
            </form>
            {model}
        </section>
    }
}

#[component]
fn Model(supervised: Rc<Supervised>, results: Rc<Results>) -> impl IntoView {
    let learned = &supervised.learned;
    let evaluation = learned.evaluation.clone();
    let confusion = evaluation.confusion;
    // What the model sees of a category is called by the category's name and its value.
    let name = |column: &PreparedColumn| match results.features.get(column.feature) {
        Some(feature) => column.name.replacen(&feature.name, &results.meaning(feature), 1),
        None => column.name.clone(),
    };
    let names: Vec<String> = learned.columns.iter().map(name).collect();
    let weights =
        host::object([("names", host::to_js(&names)), ("values", host::to_js(&learned.coefficients))]);
    let rate = |part: u64, rest: u64| if part + rest == 0 { 0.0 } else { part as f64 / (part + rest) as f64 };
    let point = [rate(confusion.fp, confusion.tn), rate(confusion.tp, confusion.fn_)];
    let curve = host::object([
        ("curve", host::get(&host::get(&host::get(&supervised.view, "evaluation"), "curves"), "roc")),
        ("auc", evaluation.roc_auc.into()),
        ("operatingPoint", host::to_js(&point)),
    ]);
    let facts = format!(
        "Learned from {} ({} abnormal), tested on {} ({} abnormal).",
        format::counted(learned.train_rows, "row"),
        format::count(learned.train_positives),
        format::count(learned.test_rows),
        format::count(learned.test_positives),
    );
    let notes = learned.notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view();
    view! {
        <div class="model">
            <div class="model-words">
                <p>{facts}</p>
                <MetricTiles metrics=evaluation.clone() />
                <ConfusionTable confusion />
                <ul class="notes">{notes}</ul>
            </div>
            <ChartPanel kind="roc" title="Found against false alarms (ROC)" data=Box::new(move || Some(curve.clone())) />
            <ChartPanel
                kind="coefficients"
                title="What the model weighs"
                note="Per standard deviation; right means more abnormal"
                data=Box::new(move || Some(weights.clone()))
            />
        </div>
    }
}

#[component]
fn ConfusionTable(confusion: Confusion) -> impl IntoView {
    let Confusion { tp, fp, tn, fn_ } = confusion;
    view! {
        <table class="confusion">
            <caption>"Decisions on the held-out rows"</caption>
            <thead>
                <tr>
                    <td></td>
                    <th scope="col">"called normal"</th>
                    <th scope="col">"called abnormal"</th>
                </tr>
            </thead>
            <tbody>
                <tr>
                    <th scope="row">"is normal"</th>
                    <td class="right">{format::count(tn)}</td>
                    <td class="wrong">{format::count(fp)}</td>
                </tr>
                <tr>
                    <th scope="row">"is abnormal"</th>
                    <td class="wrong">{format::count(fn_)}</td>
                    <td class="right">{format::count(tp)}</td>
                </tr>
            </tbody>
        </table>
    }
}
