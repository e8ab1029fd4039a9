//! The search for better parameters: what is varied, by what candidates are judged, and what came of it.

mod space;
mod table;

use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::store;
use crate::app::view::progress::ProgressLine;
use crate::app::view::section::Section;
use crate::engine::plan::Role;
use crate::protocol::{Basis, TuneOptions};
use leptos::prelude::*;
use space::Space;
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
    let n_candidates = RwSignal::new(30_usize);
    let recipe = results.plan.recipe;
    let detectors = Memo::new(move |_| store.drafted(|plan| Some(plan.detector.clone())));
    let space = RwSignal::new(Space::default());
    Effect::new(move |_| {
        if let Some(detectors) = detectors.get() {
            space.set(Space::new(&detectors, recipe));
        }
    });
    let search = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let options = TuneOptions {
            space: space.with_untracked(Space::chosen),
            // More combinations than candidates are drawn from, not refused.
            search: space.with_untracked(|space| space.search(n_candidates.get_untracked())),
            basis: Some(basis.get_untracked()),
            max_candidates: n_candidates.get_untracked(),
            ..TuneOptions::default()
        };
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
    let numbers = [10_usize, 30, 100]
        .map(|n| {
            view! { <option value=n.to_string() selected=move || n_candidates.get() == n>{format!("at most {n}")}</option> }
        })
        .into_iter()
        .collect_view();
    let is_blocked = move || {
        store.job.with(Option::is_some)
            || store.invalid.with(|names| !names.is_empty())
            || space.with(Space::is_empty)
    };
    let found = move || store.tuned.get().map(|tuned| view! { <table::Found tuned /> });
    view! {
        <Section
            id="tuning"
            title="Tuning"
            hint="Tries other parameters than the plan’s and says which do better. Nothing changes until you say so."
        >
            <form class="tune-form" aria-label="What to try" on:submit=search>
                <fieldset>
                    <legend>"Try other values of"</legend>
                    {space::boxes(space)}
                </fieldset>
                <div class="tune-how">
                    <label class="field">
                        <span class="label">"Judged by"</span>
                        <select aria-describedby="basis-words" on:change=choose_basis>{bases}</select>
                        <span class="hint" id="basis-words" aria-live="polite">{basis_words}</span>
                    </label>
                    <label class="field">
                        <span class="label">"Candidates"</span>
                        <select on:change=move |event| {
                            if let Ok(n) = event_target_value(&event).parse() {
                                n_candidates.set(n);
                            }
                        }>{numbers}</select>
                        <span class="hint">{move || space.with(|space| space.words(n_candidates.get()))}</span>
                    </label>
                    <button type="submit" class="button" disabled=is_blocked>
                        "Search"
                    </button>
                </div>
            </form>
            <ProgressLine beside=store.tuning label="Searching" title="Nothing could be found" />
            <div aria-live="polite">{found}</div>
        </Section>
    }
}
