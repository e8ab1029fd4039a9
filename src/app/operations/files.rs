//! Files to take away.

use super::{analyzer, show};
use crate::app::host;
use crate::app::state::Store;
use crate::protocol::{ExportKind, Sample, SampleOptions};
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};

/// Downloads one of the analyzer's files.
pub fn export(store: Store, kind: ExportKind) {
    spawn_local(async move {
        let outcome = async { analyzer(store).await?.file(&kind).await }.await;
        match outcome {
            Ok(file) => save(&file),
            Err(failure) => show(store, "The file could not be made", failure),
        }
    });
}

/// Hands the user a `{ name, mime, bytes }`.
fn save(file: &JsValue) {
    let text = |key: &str| host::get(file, key).as_string();
    let bytes: Uint8Array = host::get(file, "bytes").unchecked_into();
    host::download(
        &text("name").unwrap_or_default(),
        &text("mime").unwrap_or_else(|| "text/csv".to_owned()),
        &bytes,
    );
}

pub(super) fn sample_options(name: Sample) -> SampleOptions {
    SampleOptions { name, users: None, days: None, anomalous_share: None, seed: None }
}

/// Downloads a sample as CSV.
pub fn save_sample(store: Store, name: Sample) {
    spawn_local(async move {
        let outcome = async { analyzer(store).await?.generated(&sample_options(name)).await }.await;
        match outcome {
            Ok(file) => save(&file),
            Err(failure) => show(store, "The sample could not be made", failure),
        }
    });
}

/// Downloads the exploration of the table: `html` for people, `json` for programs.
pub fn save_profile(store: Store, kind: &'static str) {
    let (Some(explored), Some(opened)) = (store.profile.get_untracked(), store.opened.get_untracked()) else {
        return;
    };
    spawn_local(async move {
        let file = async {
            let summary = analyzer(store).await?.table().await?;
            host::profile_file(&explored.view, &summary, kind, &opened.source.name)
        }
        .await;
        match file {
            Ok(file) => save(&file),
            Err(failure) => show(store, "The file could not be made", failure),
        }
    });
}
