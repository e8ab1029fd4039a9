//! Ways in: dropping a file anywhere, choosing one, pasting rows.

use crate::app::operations;
use crate::app::state::{Store, store};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

fn first_file(data: Option<web_sys::DataTransfer>) -> Option<web_sys::File> {
    data.and_then(|data| data.files()).and_then(|files| files.get(0))
}

/// Listens for drops and pastes on the whole window.
pub fn listen(store: Store) {
    // Without this the browser would leave the page and show the file.
    window_event_listener(ev::dragover, |event| event.prevent_default());
    window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        let text =
            event.data_transfer().and_then(|data| data.get_data("text/plain").ok()).unwrap_or_default();
        match first_file(event.data_transfer()) {
            Some(file) => operations::open_file(store, file),
            None if text.contains('\n') => operations::open_text(store, text),
            None => {}
        }
    });
    window_event_listener(ev::paste, move |event| {
        let is_typing = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| element.closest("input, textarea, select").ok().flatten().is_some());
        if is_typing {
            return;
        }
        let data =
            event.dyn_ref::<web_sys::ClipboardEvent>().and_then(web_sys::ClipboardEvent::clipboard_data);
        let text = data.as_ref().and_then(|data| data.get_data("text/plain").ok()).unwrap_or_default();
        match first_file(data) {
            Some(file) => operations::open_file(store, file),
            None if !text.trim().is_empty() => operations::open_text(store, text),
            None => {}
        }
    });
}

/// Shown while a file is held over the page.
#[component]
pub fn DropOverlay() -> impl IntoView {
    // Entering a child comes before leaving its parent, so a count, not a flag, says whether the pointer is inside.
    let depth = RwSignal::new(0_i32);
    window_event_listener(ev::dragenter, move |_| depth.update(|n| *n += 1));
    window_event_listener(ev::dragleave, move |_| depth.update(|n| *n = (*n - 1).max(0)));
    window_event_listener(ev::drop, move |_| depth.set(0));
    view! {
        <div class="drop-overlay" class:shown=move || { depth.get() > 0 } aria-hidden="true">
            <p>"Drop to analyse"</p>
        </div>
    }
}

/// A button that opens the file picker.
#[component]
pub fn FileButton(
    /// Text of the button.
    label: &'static str,
    /// Its classes.
    class: &'static str,
) -> impl IntoView {
    let store = store();
    let input = NodeRef::<leptos::html::Input>::new();
    let choose = move |_| {
        let Some(input) = input.get() else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            operations::open_file(store, file);
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
        <button type="button" class=class on:click=press>{label}</button>
        <input type="file" node_ref=input on:change=choose hidden tabindex="-1" aria-label="Log file" />
    }
}
