//! Light and dark. The browser's wish holds until the user has one of their own, which is kept in this browser.

use leptos::prelude::*;

const KEY: &str = "isoscope-theme";

fn storage() -> Option<web_sys::Storage> {
    // Refused in some private modes; the wish then lasts as long as the tab.
    web_sys::window().and_then(|window| window.local_storage().ok().flatten())
}

fn is_dark_now() -> bool {
    let chosen = document().document_element().and_then(|root| root.get_attribute("data-theme"));
    match chosen.as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches()),
    }
}

fn apply(theme: &str) {
    if let Some(root) = document().document_element() {
        // Fails only for names that are not attribute names.
        let _ = root.set_attribute("data-theme", theme);
    }
}

/// Changes between light and dark.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    if let Some(theme) = kept.filter(|theme| theme == "dark" || theme == "light") {
        apply(&theme);
    }
    let is_dark = RwSignal::new(is_dark_now());
    let toggle = move |_| {
        let theme = if is_dark_now() { "light" } else { "dark" };
        apply(theme);
        is_dark.set(theme == "dark");
        if let Some(storage) = storage() {
            // A full or refused storage only means that the wish is forgotten with the tab.
            let _ = storage.set_item(KEY, theme);
        }
    };
    let label = move || if is_dark.get() { "Use light colours" } else { "Use dark colours" };
    view! {
        <button type="button" class="button button-quiet button-icon" aria-label=label title=label on:click=toggle>
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5" />
                <path d="M8 1.75 A6.25 6.25 0 0 1 8 14.25 Z" fill="currentColor" />
            </svg>
        </button>
    }
}
