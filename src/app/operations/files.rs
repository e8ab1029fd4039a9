//! Files to take away.

use super::{analyzer, show};
use crate::app::format;
use crate::app::host::{self, Outcome};
use crate::app::results::{Detail, Results, SEVERITY_NAMES};
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

/// Puts the reason shown on the clipboard, as text for wherever cases are kept.
pub async fn copy_reason(store: Store) -> Outcome<()> {
    let (Some(detail), Some(results)) = (store.detail.get_untracked(), store.results.get_untracked()) else {
        return Ok(());
    };
    host::copy_text(&reason_text(&detail, &results)).await
}

/// Who, how strange, why, what would be normal, from which file, and by which settings.
fn reason_text(detail: &Detail, results: &Results) -> String {
    let entry = detail.entries.iter().find(|entry| entry.row == detail.row);
    let severity = usize::from(entry.map_or(0, |entry| entry.severity));
    let severity = SEVERITY_NAMES[severity.min(SEVERITY_NAMES.len() - 1)];
    let part = entry.and_then(|entry| entry.start_ms).filter(|_| results.is_by_part());
    let part = part.map_or_else(String::new, |ms| format!(", {}", results.moment_of(ms)));
    let mut lines = vec![
        format!(
            "{}{part}: {severity}, score {:.3} (flags begin above {:.3})",
            detail.name, detail.reason.score, detail.threshold
        ),
        detail.reason.sentence.clone(),
    ];
    lines.extend(detail.reason.rules.iter().map(|rule| format!("Rule fired: {rule}")));
    lines.extend(detail.normal_with.as_ref().map(|normal| normal.sentence.clone()));
    let plan = &results.plan;
    let detectors: Vec<&str> = plan.detector.names().iter().map(|name| name.name()).collect();
    lines.push(format!(
        "{}, {}; recipe {}, detector {}, seed {}; Isoscope {}",
        results.opened.source.name,
        format::counted(results.opened.summary.rows, "row"),
        plan.recipe.name(),
        detectors.join("+"),
        plan.seed,
        env!("CARGO_PKG_VERSION"),
    ));
    lines.join("\n")
}
