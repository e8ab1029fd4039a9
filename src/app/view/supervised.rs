//! A supervised model on the same features: can what the detector flagged (or what a label column says) be learned?

use super::chart::ChartPanel;
use super::scores::{MeasureTiles, MetricTiles};
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::{Supervised, store};
use crate::engine::evaluate::{ClassEvaluation, Confusion, Evaluation, RegressionEvaluation};
use crate::engine::learn::ModelName;
use crate::engine::plan::Role;
use crate::engine::prepare::PreparedColumn;
use crate::protocol::{LearnOptions, LearnTarget};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// Up to so many rows the model is trained without being asked for; it takes a moment.
const MAX_ROWS_UNASKED: usize = 20_000;

/// The section.
#[component]
pub fn SupervisedPanel(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let has_label = results.plan.roles.contains_key(&Role::Label);
    let has_rules = results.plan.rules_in_force().is_some();
    let options = RwSignal::new(LearnOptions::default());
    let n_rows = results.n_rows();
    // Labels are the flags, so a moved threshold asks for another model.
    Effect::new(move |_| {
        let options = options.get();
        let n_flagged = store.cut.with(|cut| cut.as_ref().map_or(0, |c| c.flagged_rows));
        // Both classes must be in both parts of the split.
        let is_learnable =
            options.target != LearnTarget::Flags || (n_flagged >= 4 && n_rows - n_flagged >= 4);
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
                    "A model learns from part of the rows and is tested on the rest."
                </p>
            </header>
            <form class="learn-form" on:submit=move |event| event.prevent_default()>
                <label>
                    <span class="label">"Learn"</span>
                    <select on:change=move |event| {
                        let target = match event_target_value(&event).as_str() {
                            "label" => LearnTarget::Label,
                            "rules" => LearnTarget::Rules,
                            "rule-points" => LearnTarget::RulePoints,
                            _ => LearnTarget::Flags,
                        };
                        options.update(|options| {
                            let is_number = target == LearnTarget::RulePoints;
                            if is_number && options.model.is_none_or(|model| model == ModelName::Logistic) {
                                options.model = Some(ModelName::Boosting);
                            }
                            options.target = target;
                        });
                    }>
                        <option value="flags">"the flags"</option>
                        {has_label.then(|| view! { <option value="label">"the label column"</option> })}
                        {has_rules
                            .then(|| {
                                view! {
                                    <option value="rules">"enough points by the rules"</option>
                                    <option value="rule-points">"the points by the rules"</option>
                                }
                            })}
                    </select>
                </label>
                <label>
                    <span class="label">"With"</span>
                    <select
                        on:change=move |event| {
                            let model = match event_target_value(&event).as_str() {
                                "forest" => ModelName::Forest,
                                "boosting" => ModelName::Boosting,
                                _ => ModelName::Logistic,
                            };
                            options.update(|options| options.model = Some(model));
                        }
                        prop:value=move || match options.get().model {
                            Some(ModelName::Forest) => "forest",
                            Some(ModelName::Boosting) => "boosting",
                            Some(ModelName::Logistic) | None => "logistic",
                        }
                    >
                        <option
                            value="logistic"
                            disabled=move || options.get().target == LearnTarget::RulePoints
                        >
                            "logistic regression"
                        </option>
                        <option value="forest">"a random forest"</option>
                        <option value="boosting">"boosted trees"</option>
                    </select>
                </label>
                <label>
                    <span class="label">"From"</span>
                    <select on:change=move |event| {
                        let balanced = event_target_value(&event) == "balanced";
                        options.update(|options| options.balanced = Some(balanced));
                    }>
                        <option value="balanced">"as many normal as flagged rows"</option>
                        <option value="all">"all rows"</option>
                    </select>
                </label>
                <label>
                    <span class="label">"Held out for the test"</span>
                    <select on:change=move |event| {
                        if let Ok(share) = event_target_value(&event).parse() {
                            options.update(|options| options.split.test_share = share);
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
            {move || {
                store
                    .learning_share
                    .get()
                    .map(|share| view! { <progress max="1" prop:value=share aria-label="Training"></progress> })
            }}
            {model}
        </section>
    }
}

#[component]
fn Model(supervised: Rc<Supervised>, results: Rc<Results>) -> impl IntoView {
    let learned = &supervised.learned;
    let held_out = match learned.classes.as_slice() {
        [_, abnormal] => format!(" ({} abnormal)", format::count(abnormal.test)),
        _ => String::new(),
    };
    let facts = format!(
        "Learned from {}, tested on {}{held_out}.",
        format::counted(learned.train_rows, "row"),
        format::count(learned.test_rows),
    );
    let leaks = learned.leaks.iter().map(|leak| leak.message.clone());
    let notes =
        leaks.chain(learned.notes.iter().cloned()).map(|note| view! { <li>{note}</li> }).collect_view();
    let evaluation = learned.evaluation.clone();
    let curve = evaluation.as_ref().map(|evaluation| roc(&supervised, evaluation));
    let (weights, note) = weights(&supervised, &results);
    view! {
        <div class="model">
            <div class="model-words">
                <p>{facts}</p>
                {evaluation
                    .map(|evaluation| {
                        let confusion = evaluation.confusion;
                        view! {
                            <MetricTiles metrics=evaluation />
                            <ConfusionTable confusion />
                        }
                    })}
                {learned.class_evaluation.as_ref().map(class_tiles)}
                {learned.regression.as_ref().map(number_tiles)}
                <ul class="notes">{notes}</ul>
            </div>
            {curve
                .map(|curve| {
                    view! {
                        <ChartPanel
                            kind="roc"
                            title="Found against false alarms (ROC)"
                            data=Box::new(move || Some(curve.clone()))
                        />
                    }
                })}
            <ChartPanel
                kind="coefficients"
                title="What the model weighs"
                note=note
                data=Box::new(move || Some(weights.clone()))
            />
        </div>
    }
}

/// What the ROC chart takes.
fn roc(supervised: &Supervised, evaluation: &Evaluation) -> JsValue {
    let Confusion { tp, fp, tn, fn_ } = evaluation.confusion;
    let rate = |part: u64, rest: u64| if part + rest == 0 { 0.0 } else { part as f64 / (part + rest) as f64 };
    host::object([
        ("curve", host::get(&host::get(&host::get(&supervised.view, "evaluation"), "curves"), "roc")),
        ("auc", evaluation.roc_auc.into()),
        ("operatingPoint", host::to_js(&[rate(fp, tn), rate(tp, fn_)])),
    ])
}

/// What the chart of weights takes, and what it shows: coefficients where there are some, else what held-out rows lose
/// without a feature.
fn weights(supervised: &Supervised, results: &Results) -> (JsValue, &'static str) {
    let learned = &supervised.learned;
    let (names, values, note): (Vec<String>, Vec<f64>, _) = match learned.linear.as_slice() {
        [linear] => {
            // What the model sees of a category is called by the category's name and its value.
            let name = |column: &PreparedColumn| match results.features.get(column.feature) {
                Some(feature) => column.name.replacen(&feature.name, &results.meaning(feature), 1),
                None => column.name.clone(),
            };
            let names = learned.columns.iter().map(name).collect();
            (names, linear.coefficients.clone(), "Per standard deviation; right means more abnormal")
        }
        _ => {
            let features = &learned.importance.features;
            let name = |name: &str| {
                let feature = results.features.iter().find(|feature| feature.name == name);
                feature.map_or_else(|| name.to_owned(), |feature| results.meaning(feature))
            };
            (
                features.iter().map(|feature| name(&feature.feature)).collect(),
                features.iter().map(|feature| feature.permutation.unwrap_or(feature.model)).collect(),
                "What the test loses when a feature's values change places",
            )
        }
    };
    (host::object([("names", host::to_js(&names)), ("values", host::to_js(&values))]), note)
}

fn class_tiles(evaluation: &ClassEvaluation) -> impl IntoView + use<> {
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
    view! { <MeasureTiles tiles intervals=evaluation.intervals.clone() /> }
}

fn number_tiles(evaluation: &RegressionEvaluation) -> impl IntoView + use<> {
    let tiles = vec![
        ("MSE", "mse", evaluation.mse, "mean squared error"),
        ("RMSE", "rmse", evaluation.rmse, "its root, in the unit of the numbers"),
        ("MAE", "mae", evaluation.mae, "mean absolute error"),
        ("R²", "r2", evaluation.r2, "share of the variance that is explained"),
    ];
    view! { <MeasureTiles tiles intervals=evaluation.intervals.clone() /> }
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
