//! What is learned, by which model, and on which rows it is tested.

use crate::app::host;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::store;
use crate::engine::learn::ModelName;
use crate::engine::learn::logistic::Penalty;
use crate::engine::learn::split::SplitBy;
use crate::engine::plan::Role;
use crate::protocol::{ClassWeight, LearnOptions, LearnTarget};
use leptos::prelude::*;
use std::rc::Rc;

/// What stands before a column's name in the values of the choice.
const COLUMN: &str = "column:";

/// A target by its value in the choice.
fn target(value: &str) -> LearnTarget {
    match value {
        "label" => LearnTarget::Label,
        "rules" => LearnTarget::Rules,
        "rule-points" => LearnTarget::RulePoints,
        _ => match value.strip_prefix(COLUMN) {
            Some(name) => LearnTarget::Column(name.to_owned()),
            None => LearnTarget::Flags,
        },
    }
}

fn target_value(target: &LearnTarget) -> String {
    match target {
        LearnTarget::Flags => "flags".to_owned(),
        LearnTarget::Label => "label".to_owned(),
        LearnTarget::Rules => "rules".to_owned(),
        LearnTarget::RulePoints => "rule-points".to_owned(),
        LearnTarget::Column(name) => format!("{COLUMN}{name}"),
    }
}

fn model_value(options: &LearnOptions) -> &'static str {
    match options.model {
        Some(ModelName::Logistic) => "logistic",
        Some(ModelName::Forest) => "forest",
        Some(ModelName::Boosting) => "boosting",
        None if options.target == LearnTarget::RulePoints => "boosting",
        None => "logistic",
    }
}

/// The form.
#[component]
pub fn LearnForm(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let options = store.learn_options;
    let changed = Memo::new(move |_| {
        store.supervised.with(|last| last.as_ref().is_some_and(|last| options.with(|o| *o != last.options)))
    });
    let learn = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        operations::learn(store, options.get_untracked());
    };
    view! {
        <form class="learn-form" aria-label="What to learn" on:submit=learn>
            <Target results=results.clone() />
            <label>
                <span class="label">"With"</span>
                <select
                    prop:value=move || options.with(model_value)
                    on:change=move |event| {
                        let model = match event_target_value(&event).as_str() {
                            "forest" => ModelName::Forest,
                            "boosting" => ModelName::Boosting,
                            _ => ModelName::Logistic,
                        };
                        options.update(|options| options.model = Some(model));
                    }
                >
                    <option
                        value="logistic"
                        disabled=move || options.with(|o| o.target == LearnTarget::RulePoints)
                    >
                        "logistic regression"
                    </option>
                    <option value="forest">"a random forest"</option>
                    <option value="boosting">"boosted trees"</option>
                </select>
            </label>
            <Split results />
            <Rows />
            <button
                type="submit"
                class="button"
                class:button-primary=changed
                disabled=move || store.job.with(Option::is_some)
            >
                "Learn and test"
            </button>
            <More />
        </form>
    }
}

/// What is learned. The choice is chosen by its options' own state: it is made before they are.
#[component]
fn Target(results: Rc<Results>) -> impl IntoView {
    let options = store().learn_options;
    let roles = &results.plan.roles;
    let label = results.plan.label.clone().or_else(|| roles.get(&Role::Label).cloned());
    let has_rules = results.plan.rules_in_force().is_some();
    let entity = roles.get(&Role::Entity).cloned();
    // Whose rows they are is no property to be learned of them.
    let columns = results.opened.summary.columns.iter().map(|column| column.name.clone());
    let columns: Vec<String> = columns.filter(|name| Some(name) != entity.as_ref()).collect();
    let option = move |value: String, words: String| {
        let own = value.clone();
        view! {
            <option value=value selected=move || options.with(|o| target_value(&o.target) == own)>
                {words}
            </option>
        }
    };
    let change = move |event| {
        let target = target(&event_target_value(&event));
        options.update(|options| {
            if target == LearnTarget::RulePoints && options.model == Some(ModelName::Logistic) {
                options.model = None;
            }
            options.target = target;
        });
    };
    let of_columns = columns.into_iter().map(|name| option(format!("{COLUMN}{name}"), name)).collect_view();
    view! {
        <label>
            <span class="label">"Learn"</span>
            <select on:change=change>
                {option("flags".to_owned(), "the flags".to_owned())}
                {label.map(|label| option("label".to_owned(), format!("the label column, {label}")))}
                {has_rules
                    .then(|| {
                        view! {
                            {option("rules".to_owned(), "enough points by the rules".to_owned())}
                            {option("rule-points".to_owned(), "the points by the rules".to_owned())}
                        }
                    })}
                <optgroup label="A column">{of_columns}</optgroup>
            </select>
        </label>
    }
}

/// Which rows are held out, and how many.
#[component]
fn Split(results: Rc<Results>) -> impl IntoView {
    let options = store().learn_options;
    let is_by_part = results.is_by_part();
    let row = results.row();
    let default = if is_by_part { SplitBy::User } else { SplitBy::Stratified };
    let ways = [
        (SplitBy::User, "user", "whole users".to_owned(), is_by_part),
        (SplitBy::Stratified, "stratified", format!("{row}s drawn at random, shares kept"), true),
        (SplitBy::Time, "time", "the latest".to_owned(), results.time_range.is_some()),
    ];
    let ways: Vec<_> = ways.into_iter().filter(|(.., is_possible)| *is_possible).collect();
    let by = move |name: &str| match name {
        "user" => SplitBy::User,
        "time" => SplitBy::Time,
        _ => SplitBy::Stratified,
    };
    let choices = ways
        .into_iter()
        .map(|(way, name, words, _)| {
            let is_chosen = move || options.with(|o| o.split.by.unwrap_or(default) == way);
            view! { <option value=name selected=is_chosen>{words}</option> }
        })
        .collect_view();
    // The share that is held out once, or the number of parts that each are held out.
    let parts = ["0.2", "0.3", "0.5", "5", "10"];
    let words =
        ["20 %, once", "30 %, once", "50 %, once", "each of 5 parts in turn", "each of 10 parts in turn"];
    let shares = parts
        .into_iter()
        .zip(words)
        .map(|(value, words)| {
            let is_chosen = move || {
                options.with(|o| match o.split.folds {
                    0 => value.parse() == Ok(o.split.test_share),
                    folds => value.parse() == Ok(folds),
                })
            };
            view! { <option value=value selected=is_chosen>{words}</option> }
        })
        .collect_view();
    view! {
        <label>
            <span class="label">"Test on"</span>
            <select on:change=move |event| {
                let way = by(&event_target_value(&event));
                options.update(|o| o.split.by = (way != default).then_some(way));
            }>{choices}</select>
        </label>
        <label>
            <span class="label">"Held out"</span>
            <select on:change=move |event| {
                let value = event_target_value(&event);
                options
                    .update(|o| match value.parse::<usize>() {
                        Ok(folds) => o.split.folds = folds,
                        Err(_) => {
                            o.split.folds = 0;
                            o.split.test_share = value.parse().unwrap_or(0.3);
                        }
                    });
            }>{shares}</select>
        </label>
    }
}

/// Whether as many normal rows are taken as abnormal ones; means nothing where numbers or columns are learned.
#[component]
fn Rows() -> impl IntoView {
    let options = store().learn_options;
    let is_asked = Memo::new(move |_| {
        options.with(|o| matches!(o.target, LearnTarget::Flags | LearnTarget::Label | LearnTarget::Rules))
    });
    let is_balanced =
        Memo::new(move |_| options.with(|o| o.balanced.unwrap_or(o.target == LearnTarget::Flags)));
    let change = move |event| {
        let wanted = event_target_value(&event) == "balanced";
        options.update(|o| {
            let default = o.target == LearnTarget::Flags;
            o.balanced = (wanted != default).then_some(wanted);
        });
    };
    view! {
        <Show when=move || is_asked.get()>
            <label>
                <span class="label">"From"</span>
                <select on:change=change>
                    <option value="balanced" selected=is_balanced>
                        "as many normal as abnormal"
                    </option>
                    <option value="all" selected=move || !is_balanced.get()>
                        "all rows"
                    </option>
                </select>
            </label>
        </Show>
    }
}

/// A number among the options of a model: words, least, greatest, where it stands, and how it is set.
type Parameter = (&'static str, f64, f64, [&'static str; 2], fn(&mut LearnOptions, f64));

const FOREST: [Parameter; 3] = [
    ("Trees", 1.0, 10_000.0, ["forest", "trees"], |o, x| o.forest = o.forest.trees(x as usize)),
    ("Depth, 0 for any", 0.0, 64.0, ["forest", "maxDepth"], |o, x| o.forest = o.forest.max_depth(x as usize)),
    ("Rows in a leaf, at least", 1.0, 10_000.0, ["forest", "minSamplesLeaf"], |o, x| {
        o.forest = o.forest.min_samples_leaf(x as usize)
    }),
];

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

/// The model's own parameters and the weights of classes, folded.
#[component]
fn More() -> impl IntoView {
    let options = store().learn_options;
    let model = Memo::new(move |_| options.with(model_value));
    let number = move |(label, min, max, place, set): &'static Parameter| {
        let read = move || {
            let [part, name] = *place;
            let all = options.with(host::to_js);
            host::get(&host::get(&all, part), name).as_f64().unwrap_or(*min)
        };
        let wrong = RwSignal::new(false);
        let input = move |event| {
            let value: Option<f64> = event_target_value(&event).trim().parse().ok();
            let value = value.filter(|value| (*min..=*max).contains(value));
            wrong.set(value.is_none());
            if let Some(value) = value {
                options.update(|options| set(options, value));
            }
        };
        view! {
            <label class="field">
                <span class="label">{*label}</span>
                <input
                    type="number"
                    step="any"
                    min=*min
                    max=*max
                    value=untrack(read)
                    aria-invalid=move || wrong.get().then_some("true")
                    on:input=input
                />
            </label>
        }
    };
    let penalty = move || {
        let change = move |event| {
            let penalty = match event_target_value(&event).as_str() {
                "l1" => Penalty::L1,
                "none" => Penalty::None,
                _ => Penalty::L2,
            };
            options.update(|o| o.logistic = o.logistic.penalty(penalty));
        };
        let current = untrack(|| host::get(&host::get(&options.with(host::to_js), "logistic"), "penalty"));
        let current = current.as_string().unwrap_or_default();
        let names = [("l2", "L2: small weights"), ("l1", "L1: few weights"), ("none", "none")];
        let choices = names
            .into_iter()
            .map(|(name, words)| view! { <option value=name selected=current == name>{words}</option> })
            .collect_view();
        view! {
            <label class="field">
                <span class="label">"Penalty"</span>
                <select on:change=change>{choices}</select>
            </label>
        }
    };
    let own = move || match model.get() {
        "forest" => FOREST.iter().map(number).collect_view().into_any(),
        "boosting" => BOOSTING.iter().map(number).collect_view().into_any(),
        _ => view! {
            {penalty()}
            {LOGISTIC.iter().map(number).collect_view()}
        }
        .into_any(),
    };
    let is_balanced = move || options.with(|o| o.class_weight == ClassWeight::Balanced);
    view! {
        <details class="fold wide">
            <summary>"The model’s own parameters"</summary>
            <div class="parameters">
                {own}
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=is_balanced
                        on:change=move |event| {
                            let weight = match event_target_checked(&event) {
                                true => ClassWeight::Balanced,
                                false => ClassWeight::None,
                            };
                            options.update(|o| o.class_weight = weight);
                        }
                    />
                    <span>"Each class counts as much as any other"</span>
                </label>
            </div>
        </details>
    }
}
