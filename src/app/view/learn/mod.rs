//! A second opinion: a model that learns from part of the rows what was flagged, labelled or written in a column, and is
//! tested on the rest.

mod charts;
mod foreign;
mod form;
mod parameters;
mod result;
mod rows;
mod search;

use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::store;
use crate::app::view::progress::ProgressLine;
use crate::app::view::section::Section;
use crate::protocol::LearnTarget;
use leptos::prelude::*;
use std::rc::Rc;

/// Up to so many rows the simplest model is trained without being asked for; it takes a moment.
const MAX_ROWS_UNASKED: usize = 20_000;
/// Rows of both kinds without which flags cannot be learned.
const MIN_ROWS_OF_KIND: usize = 4;

/// The section.
#[component]
pub fn Learn(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let n_rows = results.n_rows();
    // What a saved model has learned is not to be hidden by another one that nobody asked for.
    let has_learned = results.answers.is_some();
    // Flags that moved ask for another model, as long as nobody asked for one in particular.
    Effect::new(move |_| {
        let n_flagged = store.cut.with(|cut| cut.as_ref().map_or(0, |c| c.flagged_rows));
        let first = store.first_learning.get_value();
        let is_learnable = match first.target {
            LearnTarget::Flags => {
                n_flagged >= MIN_ROWS_OF_KIND && n_rows - n_flagged.min(n_rows) >= MIN_ROWS_OF_KIND
            }
            // Nothing of it follows the flags.
            _ => !store.has_learned_untracked(),
        };
        let is_first = store.learn_options.with_untracked(|options| *options == first);
        if n_rows <= MAX_ROWS_UNASKED
            && !has_learned
            && is_learnable
            && is_first
            && store.dragged.get().is_none()
        {
            operations::learn(store, first);
        }
    });
    let label = results.plan.label.clone().filter(|_| results.learn_target == LearnTarget::Label);
    let why = label.map(|label| {
        let is_learned = move || store.learn_options.with(|options| options.target == LearnTarget::Label);
        let words = format!(
            "“{label}” marks rows as normal or abnormal, so it is learned first. Choose the flags to see what the scores go by."
        );
        view! {
            <Show when=is_learned>
                <p class="hint">{words.clone()}</p>
            </Show>
        }
    });
    let results = StoredValue::new_local(results);
    let model = move || {
        store
            .supervised
            .get()
            .map(|supervised| view! { <result::Model supervised results=results.get_value() /> })
    };
    let nothing = move || {
        let is_flags = store.learn_options.with(|options| options.target == LearnTarget::Flags);
        let n_flagged = store.cut.with(|cut| cut.as_ref().map_or(0, |c| c.flagged_rows));
        let is_empty = store.supervised.with(Option::is_none) && !store.learning.is_busy();
        let words = match is_flags && n_flagged < MIN_ROWS_OF_KIND {
            true => "Too few rows are flagged to learn from. Lower the threshold, or learn something else.",
            false => "Nothing is learned yet. Say above what, and press “Learn and test”.",
        };
        (is_empty && store.learning.failed.with(Option::is_none))
            .then(|| view! { <p class="empty">{words}</p> })
    };
    view! {
        <Section
            id="check"
            title="A second opinion"
            hint="A model learns from part of the rows and is tested on the rest: what it finds again can be told by rule, \
                  what it misses deserves a look."
        >
            {move || view! { <form::LearnForm results=results.get_value() /> }}
            {why}
            <search::Search />
            <ProgressLine beside=store.learning label="Learning" title="It could not be learned" />
            {nothing}
            <div aria-live="polite">{model}</div>
        </Section>
    }
}
