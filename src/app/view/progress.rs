//! What goes on beside the results: how far it has come, its end by a button, and what went wrong.

use crate::app::state::Beside;
use leptos::prelude::*;

/// The line; nothing while nothing is under way and nothing went wrong.
#[component]
pub fn ProgressLine(
    beside: Beside,
    /// What is being done.
    label: &'static str,
    /// What could not be done.
    title: &'static str,
) -> impl IntoView {
    let is_busy = Memo::new(move |_| beside.is_busy());
    let share = move || beside.share.get().unwrap_or(0.0);
    view! {
        <Show when=move || is_busy.get()>
            <div class="progress-line">
                <span>{label}"…"</span>
                <progress max="1" prop:value=share aria-label=label></progress>
                <span class="figure">{move || format!("{:.0} %", (share() * 100.0).floor())}</span>
                <button type="button" class="button button-small" on:click=move |_| beside.cancel()>
                    "Cancel"
                </button>
            </div>
        </Show>
        <div role="alert">
            {move || {
                beside
                    .failed
                    .get()
                    .map(|message| {
                        view! {
                            <p class="beside-failed">
                                <strong>{title}". "</strong>
                                {message}
                            </p>
                        }
                    })
            }}
        </div>
    }
}
