//! The page. State and everything that changes it is in [`state`] and [`operations`]; components under [`mod@view`] read
//! the one and call the other; [`host`] is the only door to JavaScript.
//!
//! The engine's answers stay JavaScript values wherever they can be large: a list of a million names is read a screen
//! at a time, and charts get the worker's typed arrays untouched. That keeps the main thread free.

mod answers;
mod format;
mod host;
mod operations;
mod results;
mod saved;
mod source;
mod state;
mod view;

use leptos::prelude::*;

/// Mounts the page into the body and opens the analyzer.
pub fn mount() {
    std::panic::set_hook(Box::new(|info| host::show_panic(&info.to_string())));
    mount_to_body(|| {
        let store = state::Store::new();
        provide_context(store);
        operations::start(store);
        view::page()
    });
}
