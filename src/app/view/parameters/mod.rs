//! Parameters of models, the same wherever they are set or searched: a field each, with its default, and what it may be
//! where it cannot be used.

mod known;

pub use known::{Own, of_detector, of_learner, words};

use super::field::{Typed, typed_field};
use crate::app::format;
use crate::app::state::{Store, store};
use crate::engine::plan::Parameters;
use crate::protocol::LearnOptions;
use known::{Checked, Kind, Parameter};
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Parameters that a form is over.
pub trait Edited: Checked {
    /// Reads them.
    fn read<R>(store: Store, read: impl FnOnce(&Self) -> R) -> R;
    /// Puts others in their place.
    fn write(self, store: Store);
    /// Fields that hold what cannot be used.
    fn invalid(store: Store) -> RwSignal<BTreeSet<String>>;
}

impl Edited for Parameters {
    fn read<R>(store: Store, read: impl FnOnce(&Self) -> R) -> R {
        store.draft.with(|draft| match draft {
            Some(plan) => read(&plan.parameters),
            None => read(&Parameters::default()),
        })
    }

    fn write(self, store: Store) {
        store.edit_draft(|plan| plan.parameters = self);
    }

    fn invalid(store: Store) -> RwSignal<BTreeSet<String>> {
        store.invalid
    }
}

impl Edited for LearnOptions {
    fn read<R>(store: Store, read: impl FnOnce(&Self) -> R) -> R {
        store.learn_options.with(read)
    }

    fn write(self, store: Store) {
        store.learn_options.set(self);
    }

    fn invalid(store: Store) -> RwSignal<BTreeSet<String>> {
        store.learn_invalid
    }
}

/// Fields of models, those changed often first; a parameter that several have is there once.
pub fn fields<T: Edited>(models: &[&'static Own<T>]) -> AnyView {
    let of = |part: fn(&Own<T>) -> &'static [Parameter<T>]| {
        let mut paths = BTreeSet::new();
        let all = models.iter().flat_map(|model| part(model));
        all.filter(|parameter| paths.insert(parameter.path)).map(field).collect::<Vec<_>>()
    };
    let seldom = of(|model| model.seldom);
    let more = (!seldom.is_empty()).then(|| {
        view! {
            <details class="fold wide">
                <summary>"More parameters"</summary>
                <div class="parameters">{seldom}</div>
            </details>
        }
    });
    view! {
        {of(|model| model.often)}
        {more}
    }
    .into_any()
}

fn field<T: Edited>(parameter: &'static Parameter<T>) -> AnyView {
    let store = store();
    let (label, hint) = words(parameter.path).unwrap_or((parameter.path, ""));
    let shown = Memo::new(move |_| T::read(store, |whole| parameter.text(whole)));
    let take = move |typed: &str| {
        let changed = untrack(|| T::read(store, |whole| parameter.with(whole, typed)));
        changed.map(|changed| changed.write(store)).map_err(|expected| format::capitalized(&expected))
    };
    let default = parameter.text(&T::default());
    let (placeholder, range) = match parameter.kind {
        // One of the names is always taken.
        Kind::OneOf(names, _) => return choice(label, hint, names, shown, move |name| drop(take(name))),
        Kind::Whole(_) => (default, Some((0.0, f64::INFINITY, 1.0))),
        Kind::Real(_) => (default, Some((0.0, f64::INFINITY, 0.0))),
        Kind::Optional(without, _) => (without.to_owned(), Some((0.0, f64::INFINITY, 0.0))),
        Kind::Wholes(_) => ("none".to_owned(), None),
    };
    typed_field(Typed {
        name: parameter.path.replace('.', "-"),
        label: label.to_owned(),
        hint,
        placeholder,
        range,
        invalid: T::invalid(store),
        shown,
        take: Arc::new(take),
    })
}

/// A choice by names.
fn choice(
    label: &'static str,
    hint: &'static str,
    names: &'static [(&'static str, &'static str)],
    shown: Memo<String>,
    take: impl Fn(&str) + 'static,
) -> AnyView {
    let choices = names
        .iter()
        .map(|&(name, words)| {
            view! { <option value=name selected=move || shown.with(|shown| shown == name)>{words}</option> }
        })
        .collect_view();
    view! {
        <label class="field">
            <span class="label">{label}</span>
            <select on:change=move |event| take(&event_target_value(&event))>{choices}</select>
            {(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}
        </label>
    }
    .into_any()
}
