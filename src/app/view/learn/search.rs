//! The search for better parameters of the model that the form has: what is varied, how the rows that judge are held out, and
//! what came of it.

use super::form::{is_of_numbers, model_of};
use crate::app::format;
use crate::app::operations;
use crate::app::state::store;
use crate::app::view::models::{learner, target_words};
use crate::app::view::progress::ProgressLine;
use crate::app::view::table::Fold;
use crate::app::view::tuning::{Found, Space, Tries, Tuned, measure, tries, varied};
use crate::engine::learn::Task;
use crate::protocol::{LearnOptions, LearnTarget, Metric, TuneOptions};
use leptos::prelude::*;

/// Whether two classes are learned, whose order can be measured in more than one way.
fn is_of_two(options: &LearnOptions) -> bool {
    match &options.target {
        LearnTarget::Flags | LearnTarget::Label | LearnTarget::Rules => !is_of_numbers(options),
        _ => options.task == Some(Task::Binary),
    }
}

/// The search, folded.
#[component]
pub fn Search() -> impl IntoView {
    let store = store();
    let options = store.learn_options;
    let is_open = RwSignal::new(false);
    let n_tries = RwSignal::new(Tries::AtMost(30));
    let has_metric = Memo::new(move |_| options.with(is_of_two));
    let metric = RwSignal::new(Metric::default());
    let learns = Memo::new(move |_| options.with(|options| (model_of(options), is_of_numbers(options))));
    let space = RwSignal::new(Space::default());
    Effect::new(move |_| {
        let (model, is_numbers) = learns.get();
        space.set(Space::of_learner(model, is_numbers));
    });
    let search = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let options = space.with_untracked(|space| space.options(n_tries.get_untracked()));
        let metric = has_metric.get_untracked().then(|| metric.get_untracked());
        operations::tune_learner(store, TuneOptions { metric, ..options });
    };
    let is_blocked = move || {
        store.job.with(Option::is_some)
            || store.learn_invalid.with(|names| !names.is_empty())
            || space.with(|space| space.obstacle(n_tries.get()).is_some())
    };
    let judged = move || {
        options.with(|options| {
            format!(
                "Judged on rows held out as chosen above, in {}: each candidate learns from the others",
                format::counted(operations::turns(options), "turn")
            )
        })
    };
    let what = move || options.with(|options| format!("of {}", learner(model_of(options))));
    let is_taken = Memo::new(move |_| {
        store.learner_tuning.found.with(|found| {
            let best = found.as_ref().and_then(|found| found.learn.as_ref());
            best.is_some_and(|best| {
                options.with(|options| {
                    let mut with_best = options.clone();
                    operations::take_parameters(&mut with_best, best);
                    with_best == *options
                })
            })
        })
    });
    let of = Tuned {
        what: "the form",
        taken: "In the form, learned below",
        is_taken,
        take: Callback::new(move |()| operations::use_best_learner(store)),
    };
    let found = move || {
        store.learner_tuning.found.get().map(|tuning| {
            let learned = tuning.learn.as_ref().map(|learn| {
                let words = format!("What was learned: {}.", target_words(&learn.target));
                view! { <p class="hint">{words}</p> }
            });
            view! {
                {learned}
                <Found tuning of />
            }
        })
    };
    view! {
        <Fold title="Search better parameters" hint=Signal::derive(what) is_open>
            <form class="tune-form" aria-label="Parameters to try" on:submit=search>
                <fieldset>
                    <legend>"Try other values of"</legend>
                    {varied(space)}
                </fieldset>
                <div class="tune-how">
                    {move || has_metric.get().then(|| measure(metric))}
                    {tries(space, n_tries)}
                    <p class="hint">{judged}</p>
                    <button type="submit" class="button" disabled=is_blocked>
                        "Search"
                    </button>
                </div>
            </form>
            <ProgressLine
                beside=store.learner_tuning.beside
                label="Searching"
                title="Nothing could be found"
            />
            <div class="found" aria-live="polite">
                {found}
            </div>
        </Fold>
    }
}
