//! From a source to a table: reading, reading again in another way, closing.

use super::analysis::{analyse, close_results};
use super::files::sample_options;
use super::{analyzer, begin, cancel, finish, is_current, show};
use crate::app::host::{self, Outcome};
use crate::app::results::Opened;
use crate::app::source::{Origin, ReadOptions, Source, file_of};
use crate::app::state::{Draft, Store, Tab};
use crate::engine::plan::guess::Suggestion;
use crate::protocol::{Sample, TableSummary};
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// Reads dropped or chosen files and analyses them.
pub fn open_files(store: Store, files: Array) {
    if let Some(source) = Source::of_files(files) {
        read(store, source, ReadOptions::default());
    }
}

/// Reads pasted rows and analyses them.
pub fn open_text(store: Store, text: String) {
    read(
        store,
        Source { name: "pasted rows".to_owned(), origin: Origin::Text(text.into()) },
        ReadOptions::default(),
    );
}

/// Generates a sample and analyses it.
pub fn open_sample(store: Store, sample: Sample) {
    read(
        store,
        Source { name: sample.file_name().to_owned(), origin: Origin::Sample(sample) },
        ReadOptions::default(),
    );
}

/// Reads the open table's source once more, in another way.
pub fn read_again(store: Store, options: ReadOptions) {
    if let Some(opened) = store.opened.get_untracked() {
        read(store, opened.source.clone(), options);
    }
}

/// Back to the start page.
pub fn close(store: Store) {
    cancel(store);
    store.problem.set(None);
    store.opened.set(None);
    store.draft.set(None);
    store.tab.set(Tab::Settings);
    forget_profile(store);
    close_results(store);
}

fn forget_profile(store: Store) {
    store.profile.set(None);
    store.profile_failed.set(None);
    store.column.set(0);
}

fn read(store: Store, source: Source, options: ReadOptions) {
    let (run, signal) = begin(store, &source.name, "Reading");
    spawn_local(async move {
        let started_secs = host::now_secs();
        let title = format!("{} could not be read", source.name);
        match opened(store, source, options, &signal).await {
            _ if !is_current(store, run) => {}
            Err(failure) => {
                finish(store);
                show(store, &title, failure);
            }
            Ok(opened) => {
                let opened = Rc::new(opened);
                let draft = Draft::from(opened.suggestion.plan.clone());
                store.draft.set(Some(draft.clone()));
                forget_profile(store);
                store.opened.set(Some(opened.clone()));
                if !analyse(store, run, opened, &draft, &signal, started_secs).await {
                    // The earlier results belong to a table that is no longer there.
                    close_results(store);
                }
            }
        }
    });
}

async fn opened(store: Store, source: Source, read_with: ReadOptions, signal: &JsValue) -> Outcome<Opened> {
    let analyzer = analyzer(store).await?;
    let (value, planted) = match &source.origin {
        // A single one by itself: it is read by the worker, without a list around it.
        Origin::Files(files) if files.length() == 1 => (file_of(&files.get(0)), HashSet::new()),
        Origin::Files(files) => (files.into(), HashSet::new()),
        Origin::Text(text) => (text.clone(), HashSet::new()),
        Origin::Sample(sample) => {
            let file = analyzer.generated(&sample_options(*sample)).await?;
            let planted: Array = host::get(&file, "planted").unchecked_into();
            (host::get(&file, "bytes"), planted.iter().filter_map(|name| name.as_string()).collect())
        }
    };
    let summary: TableSummary = host::from_js(analyzer.read(&value, &read_with, signal).await?)?;
    let suggestion: Suggestion = host::from_js(analyzer.suggestion().await?)?;
    Ok(Opened { source, read_with, summary, suggestion, planted })
}
