//! Everything that changes the page's state: reading, analysing, moving the threshold, looking closer, downloading.
//! Components call these; each ends in signals being set or in a problem being shown.

mod analysis;
mod explore;
mod files;
mod models;
mod overall;
mod reading;
mod saved;

pub use analysis::{
    cells, check_formula, cut_by, density, formula_functions, move_threshold, recompute, rows_above, select,
    select_subject, undo_changes,
};
pub use explore::explore;
pub use files::{copy_reason, export, save_profile, save_sample};
pub use models::{
    bring_in, keep_cut, learn, learned_reason, take_parameters, tune, tune_learner, turns, use_best,
    use_best_learner,
};
pub use overall::look_at_all;
pub use reading::{answer_dates, close, open_sample, open_text, read_again, read_chosen, read_refused};
pub use saved::{forget_model, open_files, own_model_info, save_model, score_files, score_record};

use super::host::{self, Analyzer, Failure, Outcome};
use super::state::{Job, Problem, ProgressEvent, Store};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
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
    // A file may come while the worker still starts: whoever is first starts it for all who wait.
    let opening = store.opening.get_value().unwrap_or_else(|| {
        let opening = host::open_analyzer();
        store.opening.set_value(Some(opening.clone()));
        opening
    });
    let outcome = host::opened_analyzer(opening).await;
    store.opening.set_value(None);
    let analyzer = outcome?;
    if store.analyzer.with_untracked(Option::is_none) {
        listen(store, &analyzer);
        store.analyzer.set(Some(analyzer.clone()));
    }
    Ok(analyzer)
}

/// Shows the worker's progress.
fn listen(store: Store, analyzer: &Analyzer) {
    let memory = MemoryGauge::new(analyzer.clone());
    analyzer.on_progress(move |event| {
        let mut event: ProgressEvent = host::from_js(event).unwrap_or_default();
        event.memory_bytes = memory.bytes();
        if event.stage == "profile" {
            return store.profile_share.set(event.share());
        }
        if event.stage == "learn" {
            return store.learning.progress(event.share());
        }
        if event.stage == "global" {
            return store.looking.progress(event.share());
        }
        if event.stage == "tune" {
            // There is one search at a time: the other takes no note of it.
            store.tuning.beside.progress(event.share());
            return store.learner_tuning.beside.progress(event.share());
        }
        store.job.update(|job| {
            if let Some(job) = job {
                *job = event.job(job);
            }
        });
    });
}

/// Memory of the engine, asked for at most once a second.
struct MemoryGauge {
    analyzer: Analyzer,
    asked_secs: Cell<f64>,
    bytes: Rc<Cell<Option<f64>>>,
}

impl MemoryGauge {
    fn new(analyzer: Analyzer) -> Self {
        MemoryGauge { analyzer, asked_secs: Cell::new(f64::NEG_INFINITY), bytes: Rc::default() }
    }

    /// As answered last.
    fn bytes(&self) -> Option<f64> {
        let now_secs = host::now_secs();
        if now_secs - self.asked_secs.get() > 1.0 {
            self.asked_secs.set(now_secs);
            let (analyzer, bytes) = (self.analyzer.clone(), self.bytes.clone());
            spawn_local(async move { bytes.set(analyzer.memory().await.ok()) });
        }
        self.bytes.get()
    }
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
    store.choice.set(None);
    store.job.set(Some(Job {
        name: name.to_owned(),
        stage: stage.to_owned(),
        share: None,
        facts: Vec::new(),
        expected: None,
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

/// Takes a problem from the page.
pub fn dismiss(store: Store) {
    store.problem.set(None);
    keep_focus();
}

/// Keeps the keyboard on the page: where what had it is gone with the next drawing, it goes to the content's beginning, not
/// to that of the document.
fn keep_focus() {
    spawn_local(async {
        host::next_task().await;
        let has_focus = document().active_element().is_some_and(|element| element.tag_name() != "BODY");
        let main = document().get_element_by_id("main").and_then(|main| main.dyn_into().ok());
        if let (false, Some(main)) = (has_focus, main) {
            let main: web_sys::HtmlElement = main;
            // Only elements that are gone cannot be focused.
            let _ = main.focus();
        }
    });
}

/// Brings a section to the screen once it is drawn, and the keyboard to it.
async fn go_to(id: &str) {
    host::next_task().await;
    let section = document().get_element_by_id(id);
    if let Some(section) = section.and_then(|section| section.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Only elements that are gone cannot be focused.
        let _ = section.focus();
        section.scroll_into_view();
    }
}

/// Ends what is under way; what was there before stays.
pub fn cancel(store: Store) {
    if let Some(controller) = store.abort.get_untracked() {
        controller.abort();
    }
    store.run.update_value(|run| *run += 1);
    finish(store);
}
