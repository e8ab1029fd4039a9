//! Ways in: dropping files or folders anywhere, choosing them, pasting rows.

use crate::app::host;
use crate::app::operations;
use crate::app::state::{Problem, Store, store};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// Opens what is in a drop or a paste: files and folders, or else rows of text that `is_log` lets pass.
fn take(store: Store, data: &web_sys::DataTransfer, is_log: fn(&str) -> bool) {
    let text = data.get_data("text/plain").unwrap_or_default();
    let files = host::files_of(data);
    spawn_local(async move {
        match files.await {
            Ok(files) if files.length() > 0 => operations::open_files(store, files),
            Ok(_) if is_log(&text) => operations::open_text(store, text),
            Ok(_) => {}
            Err(failure) => store.problem.set(Problem::of("What was dropped could not be opened", failure)),
        }
    });
}

/// Listens for drops and pastes on the whole window.
pub fn listen(store: Store) {
    // Without this the browser would leave the page and show the file.
    window_event_listener(ev::dragover, |event| event.prevent_default());
    window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        if let Some(data) = event.data_transfer() {
            take(store, &data, |text| text.contains('\n'));
        }
    });
    window_event_listener(ev::paste, move |event| {
        let is_typing = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| element.closest("input, textarea, select").ok().flatten().is_some());
        let data =
            event.dyn_ref::<web_sys::ClipboardEvent>().and_then(web_sys::ClipboardEvent::clipboard_data);
        if let Some(data) = data.filter(|_| !is_typing) {
            take(store, &data, |text| !text.trim().is_empty());
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

/// A button that opens the file picker, for files or for a folder.
#[component]
pub fn FileButton(
    /// Text of the button.
    label: &'static str,
    /// Its classes.
    class: &'static str,
    /// Whether a folder is chosen.
    #[prop(optional)]
    folder: bool,
) -> impl IntoView {
    let store = store();
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get().filter(|_| folder) {
            // Not among the attributes that the markup knows; fails only for names that are not attribute names.
            let _ = input.set_attribute("webkitdirectory", "");
        }
    });
    let choose = move |_| {
        let Some(input) = input.get() else { return };
        if let Some(files) = input.files() {
            operations::open_files(store, js_sys::Array::from(&files));
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
        <input
            type="file"
            multiple
            node_ref=input
            on:change=choose
            hidden
            tabindex="-1"
            aria-label=if folder { "Folder of logs" } else { "Log files" }
        />
    }
}
