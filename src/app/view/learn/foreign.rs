//! Boosted trees that XGBoost has learned elsewhere, brought in from a file and judged like those learned here.

use crate::app::operations;
use crate::app::state::store;
use leptos::prelude::*;

/// The button that opens the file picker for such a model.
#[component]
pub fn BringIn() -> impl IntoView {
    let store = store();
    let input = NodeRef::<leptos::html::Input>::new();
    let choose = move |_| {
        let Some(input) = input.get() else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            operations::bring_in(store, file);
        }
        // So that the same file can be chosen again after it was changed.
        input.set_value("");
    };
    let press = move |_| {
        if let Some(input) = input.get() {
            input.click();
        }
    };
    view! {
        <button
            type="button"
            class="button button-quiet"
            title="Boosted trees that XGBoost has saved as JSON, for what is chosen here; a file dropped anywhere will do too"
            disabled=move || store.job.with(Option::is_some)
            on:click=press
        >
            "Bring in a model of XGBoost"
        </button>
        <input
            type="file"
            accept=".json,application/json"
            node_ref=input
            on:change=choose
            hidden
            tabindex="-1"
            aria-label="Model of XGBoost"
        />
    }
}
