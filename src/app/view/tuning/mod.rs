//! The search for better parameters: what is varied, by what candidates are judged, and what came of it.

mod controls;
mod space;
mod table;
mod words;

pub use controls::{measure, tries, varied};
pub use space::{Space, Tries};
pub use table::{Found, Tuned};

use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::store;
use crate::app::view::progress::ProgressLine;
use crate::app::view::section::Section;
use crate::engine::plan::Role;
use crate::protocol::{Basis, Metric, TuneOptions};
use leptos::prelude::*;
use std::rc::Rc;

/// What candidates may be judged by: name, words, what that means.
const BASES: [(Basis, &str, &str, &str); 3] = [
    (
        Basis::Labels,
        "labels",
        "the label column",
        "Cross-validated on the labelled rows: the one basis that knows what is right.",
    ),
    (
        Basis::StabilityAgreement,
        "stability-agreement",
        "stability and agreement",
        "Prefers what gives the same order when rows are drawn anew, and what unlike models confirm. It cannot tell what is \
         right from what is usual.",
    ),
    (
        Basis::Planted,
        "planted",
        "planted oddities",
        "Copies of real rows are changed in known ways and looked for. Good between parameters of one model, not between models.",
    ),
];

/// The section.
#[component]
pub fn Tuning(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let has_label = results.plan.label.is_some() || results.plan.roles.contains_key(&Role::Label);
    let first = if has_label { Basis::Labels } else { Basis::StabilityAgreement };
    let basis = RwSignal::new(first);
    // Stability and agreement have a measure of their own.
    let has_metric = Memo::new(move |_| basis.get() != Basis::StabilityAgreement);
    let metric = RwSignal::new(Metric::default());
    let n_tries = RwSignal::new(Tries::AtMost(30));
    let recipe = results.plan.recipe;
    let detectors = Memo::new(move |_| store.drafted(|plan| Some(plan.detector.clone())));
    let space = RwSignal::new(Space::default());
    Effect::new(move |_| {
        if let Some(detectors) = detectors.get() {
            space.set(Space::of_detectors(&detectors, recipe));
        }
    });
    let search = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let options = space.with_untracked(|space| space.options(n_tries.get_untracked()));
        let metric = has_metric.get_untracked().then(|| metric.get_untracked());
        let options = TuneOptions { basis: Some(basis.get_untracked()), metric, ..options };
        operations::tune(store, options);
    };
    let bases = BASES
        .into_iter()
        .filter(|(which, ..)| has_label || *which != Basis::Labels)
        .map(|(which, name, words, _)| {
            view! { <option value=name selected=move || basis.get() == which>{words}</option> }
        })
        .collect_view();
    let choose_basis = move |event| {
        let name = event_target_value(&event);
        if let Some((which, ..)) = BASES.iter().find(|(_, known, ..)| *known == name) {
            basis.set(*which);
        }
    };
    let basis_words =
        move || BASES.iter().find(|(which, ..)| *which == basis.get()).map_or("", |(.., words)| words);
    let is_blocked = move || {
        store.job.with(Option::is_some)
            || store.invalid.with(|names| !names.is_empty())
            || space.with(|space| space.obstacle(n_tries.get()).is_some())
    };
    let is_taken = Memo::new(move |_| {
        store.tuning.found.with(|found| {
            found.as_ref().is_some_and(|found| {
                store.drafted(|draft| {
                    let best = &found.plan;
                    (&draft.detector, &draft.parameters, &draft.preparation)
                        == (&best.detector, &best.parameters, &best.preparation)
                })
            })
        })
    });
    let of = Tuned {
        what: "the plan",
        taken: "In the plan",
        is_taken,
        take: Callback::new(move |()| operations::use_best(store)),
    };
    let found = move || store.tuning.found.get().map(|tuning| view! { <Found tuning of /> });
    view! {
        <Section
            id="tuning"
            title="Tuning"
            hint="Tries other parameters than the plan’s and says which do better. Nothing changes until you say so."
        >
            <form class="tune-form" aria-label="What to try" on:submit=search>
                <fieldset>
                    <legend>"Try other values of"</legend>
                    {varied(space)}
                </fieldset>
                <div class="tune-how">
                    <label class="field">
                        <span class="label">"Judged by"</span>
                        <select aria-describedby="basis-words" on:change=choose_basis>{bases}</select>
                        <span class="hint" id="basis-words" aria-live="polite">{basis_words}</span>
                    </label>
                    {move || has_metric.get().then(|| measure(metric))}
                    {tries(space, n_tries)}
                    <button type="submit" class="button" disabled=is_blocked>
                        "Search"
                    </button>
                </div>
            </form>
            <ProgressLine beside=store.tuning.beside label="Searching" title="Nothing could be found" />
            <div aria-live="polite">{found}</div>
        </Section>
    }
}
