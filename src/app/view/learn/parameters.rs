//! The model's own parameters and the weights of classes, folded. They follow the options: a search may set them too.

use super::form::{is_of_numbers, model_of};
use crate::app::format;
use crate::app::host;
use crate::app::state::store;
use crate::engine::learn::ModelName;
use crate::engine::learn::forest::MaxFeatures;
use crate::engine::learn::logistic::Penalty;
use crate::protocol::{ClassWeight, LearnOptions};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Where a parameter stands among the options.
type Place = [&'static str; 2];

/// A number among the options of a model: words, least, greatest, where it stands, and how it is set.
type Parameter = (&'static str, f64, f64, Place, fn(&mut LearnOptions, f64));

/// A choice among them: words, where it stands, names with their words, and how it is set.
type Choice = (&'static str, Place, &'static [(&'static str, &'static str)], fn(&mut LearnOptions, &str));

const FOREST: [Parameter; 3] = [
    ("Trees", 1.0, 10_000.0, ["forest", "trees"], |o, x| o.forest = o.forest.trees(x as usize)),
    ("Depth, 0 for any", 0.0, 64.0, ["forest", "maxDepth"], |o, x| o.forest = o.forest.max_depth(x as usize)),
    ("Rows in a leaf, at least", 1.0, 10_000.0, ["forest", "minSamplesLeaf"], |o, x| {
        o.forest = o.forest.min_samples_leaf(x as usize)
    }),
];

const FEATURES: Choice = (
    "Features tried for a cut",
    ["forest", "maxFeatures"],
    &[
        ("auto", "the usual: a root, for numbers all"),
        ("sqrt", "the root of their number"),
        ("third", "a third"),
        ("all", "all"),
    ],
    |o, name| {
        o.forest = o.forest.max_features(match name {
            "sqrt" => MaxFeatures::Sqrt,
            "third" => MaxFeatures::Third,
            "all" => MaxFeatures::All,
            _ => MaxFeatures::Auto,
        });
    },
);

const BOOSTING: [Parameter; 4] = [
    ("Rounds", 1.0, 10_000.0, ["boosting", "trees"], |o, x| o.boosting = o.boosting.trees(x as usize)),
    ("Learning rate", 0.001, 1.0, ["boosting", "learningRate"], |o, x| {
        o.boosting = o.boosting.learning_rate(x)
    }),
    ("Depth", 1.0, 16.0, ["boosting", "maxDepth"], |o, x| o.boosting = o.boosting.max_depth(x as usize)),
    ("Stop after rounds without progress, 0 for never", 0.0, 10_000.0, ["boosting", "patience"], |o, x| {
        o.boosting = o.boosting.patience(x as usize)
    }),
];

const LOGISTIC: [Parameter; 1] =
    [("Inverse strength of the penalty (C)", 1e-6, 1e6, ["logistic", "c"], |o, x| {
        o.logistic = o.logistic.c(x)
    })];

const PENALTY: Choice = (
    "Penalty",
    ["logistic", "penalty"],
    &[("l2", "L2: small weights"), ("l1", "L1: few weights"), ("none", "none")],
    |o, name| {
        o.logistic = o.logistic.penalty(match name {
            "l1" => Penalty::L1,
            "none" => Penalty::None,
            _ => Penalty::L2,
        });
    },
);

/// What stands at a place.
fn read(options: &LearnOptions, [part, name]: Place) -> JsValue {
    host::get(&host::get(&host::to_js(options), part), name)
}

/// The fold.
#[component]
pub fn Own() -> impl IntoView {
    let options = store().learn_options;
    let model = Memo::new(move |_| options.with(model_of));
    let has_classes = Memo::new(move |_| !options.with(is_of_numbers));
    let own = move || match model.get() {
        ModelName::Forest => view! {
            {FOREST.iter().map(number).collect_view()}
            {choice(&FEATURES)}
        }
        .into_any(),
        ModelName::Boosting => BOOSTING.iter().map(number).collect_view().into_any(),
        ModelName::Logistic => view! {
            {choice(&PENALTY)}
            {LOGISTIC.iter().map(number).collect_view()}
        }
        .into_any(),
    };
    let is_balanced = move || options.with(|o| o.class_weight == ClassWeight::Balanced);
    let weigh = move |event| {
        let weight = match event_target_checked(&event) {
            true => ClassWeight::Balanced,
            false => ClassWeight::None,
        };
        options.update(|o| o.class_weight = weight);
    };
    view! {
        <details class="fold wide">
            <summary>"The model’s own parameters"</summary>
            <div class="parameters">
                {own}
                <Show when=move || has_classes.get()>
                    <label class="check">
                        <input type="checkbox" prop:checked=is_balanced on:change=weigh />
                        <span>"Each class counts as much as any other"</span>
                    </label>
                </Show>
            </div>
        </details>
    }
}

fn number((label, min, max, place, set): &'static Parameter) -> AnyView {
    let options = store().learn_options;
    let element = NodeRef::<leptos::html::Input>::new();
    let is_wrong = RwSignal::new(false);
    let value = Memo::new(move |_| options.with(|options| read(options, *place)).as_f64());
    Effect::new(move |_| {
        let (Some(value), Some(element)) = (value.get(), element.get()) else { return };
        // What is being typed stays as it is typed.
        if element.value().trim().parse() != Ok(value) {
            element.set_value(&value.to_string());
            is_wrong.set(false);
        }
    });
    let input = move |event| {
        let value: Option<f64> = event_target_value(&event).trim().parse().ok();
        let value = value.filter(|value| (*min..=*max).contains(value));
        is_wrong.set(value.is_none());
        if let Some(value) = value {
            options.update(|options| set(options, value));
        }
    };
    let limit = |limit: f64| if limit < 1.0 { limit.to_string() } else { format::count(limit as u64) };
    let range = format!("From {} to {}", limit(*min), limit(*max));
    let hint_id = format!("learn-{}", place.join("-"));
    view! {
        <label class="field">
            <span class="label">{*label}</span>
            <input
                type="number"
                step="any"
                min=*min
                max=*max
                node_ref=element
                aria-invalid=move || is_wrong.get().then_some("true")
                aria-describedby=hint_id.clone()
                on:input=input
            />
            <span class="hint wrong" id=hint_id aria-live="polite">
                {move || is_wrong.get().then(|| range.clone())}
            </span>
        </label>
    }
    .into_any()
}

fn choice((label, place, names, set): &'static Choice) -> AnyView {
    let options = store().learn_options;
    let current =
        Memo::new(move |_| options.with(|options| read(options, *place)).as_string().unwrap_or_default());
    let choices = names
        .iter()
        .map(|&(name, words)| {
            view! { <option value=name selected=move || current.with(|current| current == name)>{words}</option> }
        })
        .collect_view();
    view! {
        <label class="field">
            <span class="label">{*label}</span>
            <select on:change=move |event| options.update(|options| set(options, &event_target_value(&event)))>
                {choices}
            </select>
        </label>
    }
    .into_any()
}
