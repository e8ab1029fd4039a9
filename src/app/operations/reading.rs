//! From a source to a table: reading, reading again in another way, closing.

use super::analysis::{analyse, close_results, show_results};
use super::files::sample_options;
use super::{analyzer, begin, cancel, finish, is_current, keep_focus, show};
use crate::app::format;
use crate::app::host::{self, Analyzer, Failure, Outcome};
use crate::app::results::{Cut, Opened, Results, suggestion};
use crate::app::saved::SavedModel;
use crate::app::source::{Choice, Estimate, Origin, Purpose, ReadOptions, Refused, Source, file_of};
use crate::app::state::{Problem, Store, Tab};
use crate::engine::ingest::DateOrder;
use crate::protocol::{Sample, TableSummary};
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// Files of so many bytes are judged before they are read: smaller ones are read before anyone could read the figures.
const ASKED_FROM_BYTES: f64 = 64e6;
/// The same for archives, which are many times larger inside.
const ASKED_FROM_PACKED_BYTES: f64 = 8e6;

/// Reads files, and analyses or scores them.
pub(super) fn read_files(store: Store, files: Array, purpose: Purpose) {
    if let Some(source) = Source::of_files(files) {
        read(store, source, ReadOptions::default(), purpose);
    }
}

/// Reads pasted rows and analyses them.
pub fn open_text(store: Store, text: String) {
    read(
        store,
        Source { name: "pasted rows".to_owned(), origin: Origin::Text(text.into()) },
        ReadOptions::default(),
        Purpose::Analyse,
    );
}

/// Generates a sample and analyses it.
pub fn open_sample(store: Store, sample: Sample) {
    read(
        store,
        Source { name: sample.file_name().to_owned(), origin: Origin::Sample(sample) },
        ReadOptions::default(),
        Purpose::Analyse,
    );
}

/// Reads a source in the way that was chosen for it.
pub fn read_chosen(store: Store, source: Source, options: ReadOptions, purpose: Purpose) {
    start_reading(store, source, options, purpose, false);
}

/// Reads the open table's source once more, in another way.
pub fn read_again(store: Store, options: ReadOptions) {
    let Some(opened) = store.opened.get_untracked() else { return };
    let is_scored = store.results.with_untracked(|r| r.as_ref().is_some_and(|r| r.scored_by.is_some()));
    let purpose = match is_scored && store.model.with_untracked(Option::is_some) {
        true => Purpose::Score,
        false => Purpose::Analyse,
    };
    read(store, opened.source.clone(), options, purpose);
}

/// Answers whether day or month stands first in a column: the source is read again, unless it was read so.
pub fn answer_dates(store: Store, column: &str, order: DateOrder, is_as_read: bool) {
    let Some(opened) = store.opened.get_untracked() else { return };
    let mut read_with = opened.read_with.clone();
    read_with.dates.insert(column.to_owned(), order);
    if !is_as_read {
        return read_again(store, read_with);
    }
    let mut opened = Opened::clone(&opened);
    opened.read_with = read_with;
    opened.summary.questions.retain(|question| question.column != column);
    store.opened.set(Some(Rc::new(opened)));
}

/// Back to the start page, and the table's memory back to the system.
pub fn close(store: Store) {
    cancel(store);
    if let Some(analyzer) = store.analyzer.get_untracked() {
        spawn_local(async move {
            if let Err(failure) = analyzer.close_table().await {
                show(store, "The table could not be closed", failure);
            }
        });
    }
    store.choice.set(None);
    store.problem.set(None);
    store.opened.set(None);
    store.draft.set(None);
    store.edited_feature.set(None);
    store.tab.set(Tab::Settings);
    forget_profile(store);
    close_results(store);
    keep_focus();
}

/// The column that is looked at, where the table about to be opened has it in the same place; else the first.
fn same_column(store: Store, opened: &Opened) -> usize {
    let at = store.column.get_untracked();
    let name = |opened: &Opened| opened.summary.columns.get(at).map(|column| column.name.clone());
    let before = store.opened.with_untracked(|before| before.as_deref().and_then(name));
    if before.is_some() && before == name(opened) { at } else { 0 }
}

fn forget_profile(store: Store) {
    store.profile.set(None);
    store.profile_failed.set(None);
    store.column.set(0);
}

fn read(store: Store, source: Source, options: ReadOptions, purpose: Purpose) {
    let is_large = source.file_bytes() >= ASKED_FROM_BYTES
        || (source.is_packed() && source.file_bytes() >= ASKED_FROM_PACKED_BYTES);
    start_reading(store, source, options, purpose, is_large);
}

/// Reads, and analyses or scores. A large source is judged first; what does not fit waits for the user's word.
fn start_reading(store: Store, source: Source, options: ReadOptions, purpose: Purpose, is_large: bool) {
    let (run, signal) = begin(store, &source.name, "Reading");
    spawn_local(async move {
        let started_secs = host::now_secs();
        let title = match purpose {
            Purpose::Analyse => format!("{} could not be read", source.name),
            Purpose::Score => format!("{} could not be scored", source.name),
        };
        if is_large && let Origin::Files(files) = &source.origin {
            match judged(store, files, &options, &signal).await {
                _ if !is_current(store, run) => return,
                Ok(estimate) if !estimate.fits => {
                    finish(store);
                    return store.choice.set(Some(Choice { purpose, source, options, estimate }));
                }
                Ok(estimate) => expect(store, &estimate),
                Err(failure) => {
                    finish(store);
                    return show_unread(store, &title, failure, Refused { purpose, source, options });
                }
            }
        }
        let refused = Refused { purpose, source: source.clone(), options: options.clone() };
        if purpose == Purpose::Score {
            let scored = scored(store, source, options, &signal, started_secs).await;
            if is_current(store, run) {
                finish(store);
                match scored {
                    // The earlier table and its results are still there.
                    Err(failure) => show_unread(store, &title, failure, refused),
                    Ok((results, cut)) => show_scored(store, results, cut),
                }
            }
            return;
        }
        match opened(store, source, options, &signal).await {
            _ if !is_current(store, run) => {}
            Err(failure) => {
                finish(store);
                show_unread(store, &title, failure, refused);
            }
            Ok(opened) => {
                let opened = Rc::new(opened);
                let draft = opened.suggestion.plan.clone();
                store.draft.set(Some(draft.clone()));
                let column = same_column(store, &opened);
                forget_profile(store);
                store.column.set(column);
                store.opened.set(Some(opened.clone()));
                if !analyse(store, run, opened, &draft, &signal, started_secs).await {
                    // The earlier results belong to a table that is no longer there.
                    close_results(store);
                }
            }
        }
    });
}

/// Shows why a source was not read. What was refused for the size that it unpacks to can be read all the same.
fn show_unread(store: Store, title: &str, failure: Failure, refused: Refused) {
    if failure.code != "archive-expands" {
        return show(store, title, failure);
    }
    store.refused.set_value(Some(refused));
    store.problem.set(Some(Problem {
        title: title.to_owned(),
        message: "It unpacks to hundreds of times its size, which no log does: it may be made to fill the memory. If you trust \
                  it, read it all the same; where memory runs out, reading ends with a message."
            .to_owned(),
        is_expansion: true,
    }));
}

/// Reads the archive that was refused for the size that it unpacks to.
pub fn read_refused(store: Store) {
    if let Some(Refused { purpose, source, options }) = store.refused.get_value() {
        read_chosen(store, source, ReadOptions { max_expansion: Some(f64::INFINITY), ..options }, purpose);
    }
}

/// A single file by itself, so that messages are about it and not about a list.
fn files_value(files: &Array) -> JsValue {
    if files.length() == 1 { file_of(&files.get(0)) } else { files.into() }
}

async fn judged(store: Store, files: &Array, options: &ReadOptions, signal: &JsValue) -> Outcome<Estimate> {
    let analyzer = analyzer(store).await?;
    let view = analyzer.estimation(&files_value(files), options, host::memory_budget(), signal).await?;
    host::from_js(view)
}

/// Puts what reading will take beside its progress.
fn expect(store: Store, estimate: &Estimate) {
    let words = format!(
        "about {} rows, {} of memory, {}",
        format::rounded(estimate.rows),
        format::bytes(estimate.peak_bytes),
        format::duration(estimate.seconds),
    );
    store.job.update(|job| {
        if let Some(job) = job {
            job.expected = Some(words);
        }
    });
}

/// What the analyzer reads, and, of a sample, the subjects that anomalies were planted in.
async fn value_of(analyzer: &Analyzer, source: &Source) -> Outcome<(JsValue, HashSet<String>)> {
    Ok(match &source.origin {
        Origin::Files(files) => (files_value(files), HashSet::new()),
        Origin::Text(text) => (text.clone(), HashSet::new()),
        Origin::Sample(sample) => {
            let file = analyzer.generated(&sample_options(*sample)).await?;
            let planted: Array = host::get(&file, "planted").unchecked_into();
            (host::get(&file, "bytes"), planted.iter().filter_map(|name| name.as_string()).collect())
        }
    })
}

async fn opened(store: Store, source: Source, read_with: ReadOptions, signal: &JsValue) -> Outcome<Opened> {
    let analyzer = analyzer(store).await?;
    let (value, planted) = value_of(&analyzer, &source).await?;
    let read = analyzer.read(&value, &read_with, signal).await?;
    described(&analyzer, source, read_with, read, planted).await
}

/// The table that was just read, with the plan that is guessed for it.
async fn described(
    analyzer: &Analyzer,
    source: Source,
    read_with: ReadOptions,
    read: JsValue,
    planted: HashSet<String>,
) -> Outcome<Opened> {
    let skipped = host::from_js(host::get(&read, "skipped"))?;
    let summary: TableSummary = host::from_js(read)?;
    let suggestion = suggestion(analyzer.suggestion().await?)?;
    Ok(Opened { source, read_with, summary, skipped, suggestion, planted })
}

/// Reads a source and scores it by the loaded model: it takes the place of the table once it is scored.
async fn scored(
    store: Store,
    source: Source,
    read_with: ReadOptions,
    signal: &JsValue,
    started_secs: f64,
) -> Outcome<(Results, Cut)> {
    let analyzer = analyzer(store).await?;
    let model = store.model.get_untracked();
    let by = SavedModel::or_of_analysis(model.as_deref());
    let (value, planted) = value_of(&analyzer, &source).await?;
    let view = analyzer.prediction(by, &value, &read_with, true, signal).await?;
    let mut opened = described(&analyzer, source, read_with, analyzer.table().await?, planted).await?;
    // They are about a plan that is not made.
    opened.suggestion.questions.clear();
    let (mut results, cut) = Results::new(Rc::new(opened), &view, host::now_secs() - started_secs)?;
    if let Some(model) = &model {
        // A model fitted to this table by the same plan is to find a threshold of its own.
        results.plan.threshold = model.info.plan.threshold;
    }
    results.scored_by = model;
    Ok((results, cut))
}

fn show_scored(store: Store, results: Results, cut: Cut) {
    let draft = results.plan.clone();
    forget_profile(store);
    store.edited_feature.set(None);
    store.opened.set(Some(results.opened.clone()));
    store.draft.set(Some(draft.clone()));
    show_results(store, &draft, results, cut);
}
