//! What is being done and what went wrong, said where everybody hears it.

use crate::app::operations;
use crate::app::state::store;
use leptos::prelude::*;

/// The last problem, until it is dismissed or something new begins.
#[component]
pub fn ProblemNotice() -> impl IntoView {
    let store = store();
    view! {
        <div role="alert">
            {move || {
                store.problem.get().map(|problem| {
                    view! {
                        <section class="problem">
                            <svg class="problem-icon" viewBox="0 0 20 20" aria-hidden="true">
                                <path d="M10 2 L19 18 L1 18 Z" />
                                <path class="problem-sign" d="M10 7.5 V12.5 M10 14.6 V15.4" />
                            </svg>
                            <div>
                                <h2>{problem.title}</h2>
                                <p>{problem.message}</p>
                                {problem
                                    .is_expansion
                                    .then(|| {
                                        view! {
                                            <button
                                                type="button"
                                                class="button button-small"
                                                on:click=move |_| operations::read_refused(store)
                                            >
                                                "Read it all the same"
                                            </button>
                                        }
                                    })}
                            </div>
                            <button type="button" class="button button-quiet" on:click=move |_| operations::dismiss(store)>
                                "Dismiss"
                            </button>
                        </section>
                    }
                })
            }}
        </div>
    }
}

/// Progress with a way out.
#[component]
pub fn ProgressCard() -> impl IntoView {
    let store = store();
    let is_busy = Memo::new(move |_| store.job.with(Option::is_some));
    let with_job = move |read: fn(&crate::app::state::Job) -> String| {
        store.job.with(|job| job.as_ref().map(read).unwrap_or_default())
    };
    let stage = Memo::new(move |_| with_job(|job| job.stage.clone()));
    let share = move || store.job.with(|job| job.as_ref().and_then(|job| job.share));
    view! {
        <Show when=move || is_busy.get()>
            <section class="progress-card" aria-label="Progress">
                <div class="progress-head">
                    // Only the stage is announced: the figures change twenty times a second.
                    <p class="progress-stage" role="status">{stage}" "<span>{move || with_job(|job| job.name.clone())}</span></p>
                    <button type="button" class="button" on:click=move |_| operations::cancel(store)>"Cancel"</button>
                </div>
                <progress max="1" prop:value=move || share().unwrap_or(0.0) class:unknown=move || share().is_none() aria-label=stage></progress>
                <p class="progress-facts">{move || with_job(|job| job.facts.join(" · "))}</p>
                {move || {
                    let expected = with_job(|job| job.expected.clone().unwrap_or_default());
                    (!expected.is_empty()).then(|| view! { <p class="hint">"Judged from its beginning: "{expected}</p> })
                }}
            </section>
        </Show>
    }
}
