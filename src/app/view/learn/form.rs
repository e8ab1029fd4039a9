//! What is learned, by which model, and on which rows it is tested.

use super::foreign::BringIn;
use super::parameters;
use crate::app::format;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::store;
use crate::app::view::models::learner;
use crate::engine::learn::split::SplitBy;
use crate::engine::learn::{ModelName, Task};
use crate::engine::plan::Role;
use crate::engine::table::ColumnType;
use crate::protocol::{LearnOptions, LearnTarget};
use leptos::prelude::*;
use std::collections::BTreeSet;
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

/// Models, by what they are called in the choice.
const MODELS: [(ModelName, &str); 3] =
    [(ModelName::Logistic, "logistic"), (ModelName::Forest, "forest"), (ModelName::Boosting, "boosting")];

/// Whether numbers are learned, and not classes.
pub fn is_of_numbers(options: &LearnOptions) -> bool {
    options.target == LearnTarget::RulePoints || options.task == Some(Task::Regression)
}

/// The model; where none is chosen, the one that the engine takes.
pub fn model_of(options: &LearnOptions) -> ModelName {
    let usual = if is_of_numbers(options) { ModelName::Boosting } else { ModelName::Logistic };
    options.model.unwrap_or(usual)
}

/// The form.
#[component]
pub fn LearnForm(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let options = store.learn_options;
    let changed = Memo::new(move |_| {
        store.supervised.with(|last| last.as_ref().is_some_and(|last| options.with(|o| *o != last.options)))
    });
    let is_wrong = Memo::new(move |_| store.learn_invalid.with(|names| !names.is_empty()));
    let learn = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !is_wrong.get_untracked() {
            operations::learn(store, options.get_untracked());
        }
    };
    view! {
        <form class="learn-form" aria-label="What to learn" novalidate on:submit=learn>
            <Target results=results.clone() />
            <With />
            <Split results />
            <Rows />
            <button
                type="submit"
                class="button"
                class:button-primary=changed
                disabled=move || store.job.with(Option::is_some) || is_wrong.get()
            >
                "Learn and test"
            </button>
            <BringIn />
            <p class="hint wrong" role="status">
                {move || is_wrong.get().then_some("A field below holds what cannot be used; it says what it takes.")}
            </p>
            <parameters::OwnParameters />
        </form>
    }
}

/// The model.
#[component]
fn With() -> impl IntoView {
    let options = store().learn_options;
    let change = move |event| {
        let value = event_target_value(&event);
        let chosen = MODELS.iter().find(|(_, name)| *name == value).map(|(model, _)| *model);
        options.update(|options| options.model = chosen);
    };
    let choices = MODELS
        .into_iter()
        .map(|(model, name)| {
            let is_impossible = move || model == ModelName::Logistic && options.with(is_of_numbers);
            let is_chosen = move || options.with(model_of) == model;
            view! { <option value=name disabled=is_impossible selected=is_chosen>{learner(model)}</option> }
        })
        .collect_view();
    view! {
        <label>
            <span class="label">"With"</span>
            <select on:change=change>{choices}</select>
        </label>
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
    let columns = results.opened.summary.columns.iter();
    let columns: Vec<String> =
        columns.map(|column| column.name.clone()).filter(|name| Some(name) != entity.as_ref()).collect();
    let option = move |value: String, words: String| {
        let own = value.clone();
        view! {
            <option value=value selected=move || options.with(|o| target_value(&o.target) == own)>
                {words}
            </option>
        }
    };
    // Of more than two numbers each counts by its size; two are classes.
    let numeric = results.opened.summary.columns.iter().filter(|column| {
        matches!(column.column_type, ColumnType::Integer | ColumnType::Float) && column.distinct > 2
    });
    let numeric: BTreeSet<String> = numeric.map(|column| column.name.clone()).collect();
    let learns_numbers = move |target: &LearnTarget| match target {
        LearnTarget::Column(name) => numeric.contains(name),
        _ => false,
    };
    let change = move |event| {
        let target = target(&event_target_value(&event));
        options.update(|options| {
            options.task = learns_numbers(&target).then_some(Task::Regression);
            options.target = target;
            if is_of_numbers(options) && options.model == Some(ModelName::Logistic) {
                options.model = None;
            }
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
        (SplitBy::Stratified, "stratified", format!("random {row}s, shares kept"), true),
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
                    0 => format::number(value) == Some(o.split.test_share),
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
                            o.split.test_share = format::number(&value).unwrap_or(0.3);
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
