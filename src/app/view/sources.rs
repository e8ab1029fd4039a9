//! Ways in: dropping files or folders anywhere, choosing them, pasting rows.

use crate::app::host;
use crate::app::operations;
use crate::app::source::Purpose;
use crate::app::state::{Problem, Store, store};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// Opens what is in a drop or a paste: files and folders, or else rows of text that `is_log` lets pass.
fn take(store: Store, data: &web_sys::DataTransfer, purpose: Purpose, is_log: fn(&str) -> bool) {
    let text = data.get_data("text/plain").unwrap_or_default();
    let files = host::files_of(data);
    spawn_local(async move {
        match files.await {
            Ok(files) if files.length() > 0 => operations::open_files(store, files, purpose),
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
            take(store, &data, purpose_of(&event), |text| text.contains('\n'));
        }
    });
    window_event_listener(ev::paste, move |event| {
        let is_typing = is_within(&event, "input, textarea, select");
        let data =
            event.dyn_ref::<web_sys::ClipboardEvent>().and_then(web_sys::ClipboardEvent::clipboard_data);
        if let Some(data) = data.filter(|_| !is_typing) {
            take(store, &data, Purpose::Analyse, |text| !text.trim().is_empty());
        }
    });
}

fn is_within(event: &web_sys::Event, selector: &str) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|element| element.closest(selector).ok().flatten().is_some())
}

/// What a drop is for: where a model is loaded, there is a place to drop what it is to score.
fn purpose_of(drop: &web_sys::Event) -> Purpose {
    if is_within(drop, ".drop-to-score") { Purpose::Score } else { Purpose::Analyse }
}

/// Shown while a file is held over the page: where to drop it for what.
#[component]
pub fn DropOverlay() -> impl IntoView {
    let store = store();
    let model = move || store.model.with(|model| model.as_ref().map(|model| model.name.clone()));
    // Entering a child comes before leaving its parent, so a count, not a flag, says whether the pointer is inside.
    let depth = RwSignal::new(0_i32);
    window_event_listener(ev::dragenter, move |_| depth.update(|n| *n += 1));
    window_event_listener(ev::dragleave, move |_| depth.update(|n| *n = (*n - 1).max(0)));
    window_event_listener(ev::drop, move |_| depth.set(0));
    view! {
        <div class="drop-overlay" class:shown=move || { depth.get() > 0 } aria-hidden="true">
            <p>"Drop to analyse"</p>
            {move || model().map(|name| view! { <p class="drop-to-score">"Drop to score by "{name}</p> })}
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
    /// Whether the model in use scores them.
    #[prop(optional)]
    is_to_score: bool,
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
            let files = js_sys::Array::from(&files);
            match is_to_score {
                true => operations::score_files(store, files),
                false => operations::open_files(store, files, Purpose::Analyse),
            }
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
            aria-label=match (folder, is_to_score) {
                (_, true) => "Files to score",
                (true, _) => "Folder of logs",
                _ => "Log files",
            }
        />
    }
}
