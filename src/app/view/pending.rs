//! What was changed and is not analysed yet, wherever on the page it was changed: one bar at the foot of the screen.

use crate::app::operations;
use crate::app::state::store;
use leptos::prelude::*;

/// The bar; nothing while the results shown are those of the plan.
#[component]
pub fn Pending() -> impl IntoView {
    let store = store();
    let changes = Memo::new(move |_| store.changes());
    let is_wrong = Memo::new(move |_| store.invalid.with(|names| !names.is_empty()));
    let is_busy = Memo::new(move |_| store.job.with(Option::is_some));
    // A table that could not be analysed as it was guessed waits for another plan.
    let is_first = Memo::new(move |_| {
        store.opened.with(Option::is_some)
            && store.results.with(Option::is_none)
            && store.choice.with(Option::is_none)
    });
    let is_shown =
        move || (is_first.get() && !is_busy.get()) || !changes.with(Vec::is_empty) || is_wrong.get();
    let words = move || match (is_wrong.get(), is_first.get()) {
        (true, _) => "A field holds what cannot be used; it says what it takes.".to_owned(),
        (false, true) => "Not analysed yet. Say above what is what.".to_owned(),
        (false, false) => format!("Not analysed yet: {}", changes.with(|changes| changes.join(", "))),
    };
    view! {
        <Show when=is_shown>
            <section class="pending" aria-label="Changes">
                <p role="status">{words}</p>
                <Show when=move || !is_first.get()>
                    <button
                        type="button"
                        class="button button-quiet"
                        disabled=is_busy
                        on:click=move |_| operations::undo_changes(store)
                    >
                        "Undo"
                    </button>
                </Show>
                <button
                    type="button"
                    class="button button-primary"
                    disabled=move || is_busy.get() || is_wrong.get()
                    on:click=move |_| operations::recompute(store)
                >
                    {move || match (is_busy.get(), is_first.get()) {
                        (true, _) => "Analysing…",
                        (false, true) => "Analyse",
                        (false, false) => "Analyse again",
                    }}
                </button>
            </section>
        </Show>
    }
}
