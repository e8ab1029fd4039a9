//! Everything that changes the page's state: reading, analysing, moving the threshold, looking closer, downloading.
//! Components call these; each ends in signals being set or in a problem being shown.

use super::host::{self, Analyzer, Failure, Outcome};
use super::results::{Cut, Detail, Opened, Results};
use super::state::{Draft, Job, Problem, ProgressEvent, Separated, Store, Supervised};
use crate::engine::plan::guess::Suggestion;
use crate::protocol::{
    DensityQuery, ExportKind, FeatureDistribution, LearnOptions, Sample, SampleOptions, TableSummary,
    Timeline,
};
use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// Starts the worker, so that the first file does not wait for it.
pub fn start(store: Store) {
    spawn_local(async move {
        if let Err(failure) = analyzer(store).await {
            store.problem.set(Problem::of("The analyzer did not start", failure));
        }
    });
}

/// The worker; a new one where there is none or the last one failed.
async fn analyzer(store: Store) -> Outcome<Analyzer> {
    if let Some(analyzer) = store.analyzer.get_untracked() {
        return Ok(analyzer);
    }
    let analyzer = host::open_analyzer().await?;
    analyzer.on_progress(move |event| {
        let event: ProgressEvent = host::from_js(event).unwrap_or_default();
        store.job.update(|job| {
            if let Some(job) = job {
                *job = event.job(std::mem::take(&mut job.name));
            }
        });
    });
    store.analyzer.set(Some(analyzer.clone()));
    Ok(analyzer)
}

/// Shows a failure. A failed worker is replaced at the next call, and its table is gone with it.
fn show(store: Store, title: &str, failure: Failure) {
    if failure.code == "worker-failed" {
        store.analyzer.set(None);
        store.opened.set(None);
        store.results.set(None);
        store.cut.set(None);
    }
    if let Some(problem) = Problem::of(title, failure) {
        store.problem.set(Some(problem));
    }
}

/// A source to read: its name for people, the JavaScript value, and planted anomalies where they are known.
struct Source {
    name: String,
    value: JsValue,
    planted: HashSet<String>,
}

/// Reads a dropped or chosen file and analyses it.
pub fn open_file(store: Store, file: web_sys::File) {
    read(store, Source { name: file.name(), value: file.into(), planted: HashSet::new() });
}

/// Reads pasted rows and analyses them.
pub fn open_text(store: Store, text: String) {
    read(store, Source { name: "pasted rows".to_owned(), value: text.into(), planted: HashSet::new() });
}

/// Begins a run: whatever was under way ends, and its late answers are dropped.
fn begin(store: Store, name: &str, stage: &str) -> (u32, JsValue) {
    if let Some(earlier) = store.abort.get_untracked() {
        earlier.abort();
    }
    let controller = web_sys::AbortController::new().ok();
    let signal = controller.as_ref().map_or(JsValue::UNDEFINED, |c| c.signal().into());
    store.abort.set(controller);
    store.run.update_value(|run| *run += 1);
    store.problem.set(None);
    store.job.set(Some(Job {
        name: name.to_owned(),
        stage: stage.to_owned(),
        share: None,
        facts: Vec::new(),
    }));
    (store.run.get_value(), signal)
}

fn is_current(store: Store, run: u32) -> bool {
    store.run.get_value() == run
}

fn finish(store: Store) {
    store.job.set(None);
    store.abort.set(None);
}

/// Ends what is under way; what was there before stays.
pub fn cancel(store: Store) {
    if let Some(controller) = store.abort.get_untracked() {
        controller.abort();
    }
    store.run.update_value(|run| *run += 1);
    finish(store);
}

fn read(store: Store, source: Source) {
    let (run, signal) = begin(store, &source.name, "Reading");
    spawn_local(async move {
        let started_secs = host::now_secs();
        let title = format!("{} could not be read", source.name);
        match opened(store, source, &signal).await {
            _ if !is_current(store, run) => {}
            Err(failure) => {
                finish(store);
                show(store, &title, failure);
            }
            Ok(opened) => {
                let opened = Rc::new(opened);
                let draft = Draft::from(opened.suggestion.plan.clone());
                store.draft.set(Some(draft.clone()));
                store.opened.set(Some(opened.clone()));
                if !analyse(store, run, opened, &draft, &signal, started_secs).await {
                    // The earlier results belong to a table that is no longer there.
                    close_results(store);
                }
            }
        }
    });
}

async fn opened(store: Store, source: Source, signal: &JsValue) -> Outcome<Opened> {
    let analyzer = analyzer(store).await?;
    let summary: TableSummary = host::from_js(analyzer.read(&source.value, signal).await?)?;
    let suggestion: Suggestion = host::from_js(analyzer.suggestion().await?)?;
    Ok(Opened { name: source.name, summary, suggestion, planted: source.planted })
}

/// Analyses the table again with the edited plan.
pub fn recompute(store: Store) {
    let (Some(opened), Some(draft)) = (store.opened.get_untracked(), store.draft.get_untracked()) else {
        return;
    };
    let (run, signal) = begin(store, &opened.name, "Analysing");
    spawn_local(async move {
        analyse(store, run, opened, &draft, &signal, host::now_secs()).await;
    });
}

/// Analyses and shows; false when it failed while it was still wanted.
async fn analyse(
    store: Store,
    run: u32,
    opened: Rc<Opened>,
    draft: &Draft,
    signal: &JsValue,
    started: f64,
) -> bool {
    let outcome = async {
        let analyzer = analyzer(store).await?;
        let view = analyzer.analysis(&host::to_js(&draft.plan()), signal).await?;
        let results = Results::new(opened.clone(), &view, host::now_secs() - started);
        // Reading the answer and drawing it are apart.
        host::next_task().await;
        results
    }
    .await;
    if !is_current(store, run) {
        return true;
    }
    finish(store);
    match outcome {
        Err(failure) => {
            show(store, &format!("{} could not be analysed", opened.name), failure);
            false
        }
        Ok((results, cut)) => {
            show_results(store, results, cut);
            true
        }
    }
}

fn show_results(store: Store, results: Results, cut: Cut) {
    let first = cut.ranked(0).map(|ranked| (ranked.subject, ranked.row));
    close_results(store);
    store.draft.set(Some(Draft::from(results.plan.clone())));
    // Set together: nothing may see the new cut with the old results.
    store.cut.set(Some(cut));
    store.results.set(Some(Rc::new(results)));
    if let Some((subject, row)) = first {
        select(store, subject, row);
    }
    load_distributions(store);
}

fn close_results(store: Store) {
    store.results.set(None);
    store.cut.set(None);
    store.dragged.set(None);
    store.detail.set(None);
    store.selected.set(None);
    store.distributions.set(Rc::default());
    store.supervised.set(None);
}

/// Back to the start page.
pub fn close(store: Store) {
    cancel(store);
    store.problem.set(None);
    store.opened.set(None);
    store.draft.set(None);
    close_results(store);
}

/// Moves the threshold. Counts follow at once; the list follows as fast as the worker answers, and only one question
/// is asked at a time, always with the latest threshold.
pub fn move_threshold(store: Store, threshold: f64) {
    let is_asking = store.dragged.get_untracked().is_some();
    store.dragged.set(Some(threshold));
    if is_asking {
        return;
    }
    let run = store.run.get_value();
    spawn_local(async move {
        while let (Some(wanted), Some(analyzer)) =
            (store.dragged.get_untracked(), store.analyzer.get_untracked())
        {
            let answer = analyzer.threshold(wanted).await;
            if !is_current(store, run) {
                break;
            }
            let is_settled = store.dragged.get_untracked() == Some(wanted);
            match answer.and_then(|view| Cut::new(&view)) {
                Ok(cut) => store.cut.set(Some(cut)),
                Err(failure) => show(store, "The threshold could not be moved", failure),
            }
            if is_settled {
                break;
            }
        }
        store.dragged.set(None);
        if is_current(store, run) {
            store.supervised.set(None);
            load_distributions(store);
        }
    });
}

/// Looks at a subject, explained by one of its rows.
pub fn select(store: Store, subject: u32, row: usize) {
    store.selected.set(Some((subject, row)));
    let run = store.run.get_value();
    spawn_local(async move {
        let detail = detail(store, subject, row).await;
        if !is_current(store, run) || store.selected.get_untracked() != Some((subject, row)) {
            return;
        }
        match detail {
            Ok(detail) => store.detail.set(Some(Rc::new(detail))),
            Err(failure) => show(store, "The details could not be loaded", failure),
        }
    });
}

/// Looks at a subject by its most abnormal row, flagged or not.
pub fn select_subject(store: Store, subject: u32) {
    if let Some(ranked) = store.cut.with_untracked(|cut| cut.as_ref().and_then(|c| c.of_subject(subject))) {
        return select(store, subject, ranked.row);
    }
    let Some(analyzer) = store.analyzer.get_untracked() else { return };
    spawn_local(async move {
        let Ok(timeline) = analyzer.events_of(subject).await.and_then(host::from_js::<Timeline>) else {
            return;
        };
        let strangest = timeline.entries.iter().max_by(|a, b| a.score.total_cmp(&b.score));
        if let Some(entry) = strangest {
            select(store, subject, entry.row);
        }
    });
}

async fn detail(store: Store, subject: u32, row: usize) -> Outcome<Detail> {
    let analyzer = analyzer(store).await?;
    let known = store.detail.get_untracked().filter(|detail| detail.subject == subject);
    let timeline = match known {
        Some(detail) => detail.timeline.clone(),
        None => analyzer.events_of(subject).await?,
    };
    let explanation = analyzer.explanation(row).await?;
    Ok(Detail {
        subject,
        name: host::get(&timeline, "subject").as_string().unwrap_or_default(),
        entries: host::from_js(host::get(&timeline, "entries"))?,
        events: host::from_js(host::get(&timeline, "events"))?,
        timeline,
        row,
        reason: host::from_js(explanation.clone())?,
        explanation,
    })
}

/// Distributions of every feature, one short question after the other.
fn load_distributions(store: Store) {
    let Some(results) = store.results.get_untracked() else { return };
    let run = store.run.get_value();
    spawn_local(async move {
        let Some(analyzer) = store.analyzer.get_untracked() else { return };
        let mut list = Vec::with_capacity(results.features.len());
        for feature in 0..results.features.len() {
            let answer = analyzer.feature(feature).await;
            // A threshold that moves on makes these answers stale; its own end asks again.
            if !is_current(store, run) || store.dragged.get_untracked().is_some() {
                return;
            }
            match answer.and_then(|view| Ok((host::from_js::<FeatureDistribution>(view.clone())?, view))) {
                Ok((distribution, view)) => list.push(separated(&distribution, view)),
                Err(failure) => return show(store, "The features could not be compared", failure),
            }
        }
        list.sort_by(|a, b| b.distance.total_cmp(&a.distance).then(a.feature.cmp(&b.feature)));
        store.distributions.set(Rc::new(list));
    });
}

fn separated(distribution: &FeatureDistribution, view: JsValue) -> Separated {
    let distance = match (distribution.normal_quantiles, distribution.flagged_quantiles) {
        (Some([p5, _, normal, _, p95]), Some([_, _, flagged, _, _])) => {
            let spread = p95 - p5;
            (flagged - normal).abs() / if spread > 0.0 { spread } else { 1.0 }
        }
        _ => 0.0,
    };
    Separated {
        feature: distribution.feature,
        distance,
        normal_quantiles: distribution.normal_quantiles,
        view,
    }
}

/// Events by time and lane.
pub async fn density(store: Store, query: DensityQuery) -> Outcome<JsValue> {
    analyzer(store).await?.bins(&query).await
}

/// Cells of table rows.
pub async fn cells(store: Store, rows: Vec<u32>) -> Outcome<JsValue> {
    analyzer(store).await?.cells(&rows).await
}

/// Trains and tests a supervised model.
pub fn learn(store: Store, options: LearnOptions) {
    let run = store.run.get_value();
    spawn_local(async move {
        let outcome = async {
            let view = analyzer(store).await?.learned(&options).await?;
            Ok(Supervised { learned: host::from_js(view.clone())?, view })
        }
        .await;
        match outcome {
            _ if !is_current(store, run) => {}
            Ok(supervised) => store.supervised.set(Some(Rc::new(supervised))),
            Err(failure) => show(store, "The model could not be trained", failure),
        }
    });
}

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

fn sample_options(name: Sample) -> SampleOptions {
    SampleOptions { name, users: None, days: None, anomalous_share: None, seed: None }
}

/// Generates a sample and analyses it.
pub fn open_sample(store: Store, name: Sample) {
    let (run, _) = begin(store, "sample", "Generating the sample");
    spawn_local(async move {
        let outcome = async { analyzer(store).await?.generated(&sample_options(name)).await }.await;
        match outcome {
            _ if !is_current(store, run) => {}
            Err(failure) => {
                finish(store);
                show(store, "The sample could not be made", failure);
            }
            Ok(file) => {
                let planted: Array = host::get(&file, "planted").unchecked_into();
                read(
                    store,
                    Source {
                        name: host::get(&file, "name").as_string().unwrap_or_default(),
                        value: host::get(&file, "bytes"),
                        planted: planted.iter().filter_map(|name| name.as_string()).collect(),
                    },
                );
            }
        }
    });
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
