//! State of what goes on beside an analysis: learning, the look at all rows, and the search for parameters.

use super::Local;
use crate::app::answers::Answers;
use crate::protocol::{GlobalExplanation, LearnOptions, Learned, Tuning};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// A model learned from the results, with what its charts take.
#[derive(Debug, Clone)]
pub struct Supervised {
    /// What was asked for.
    pub options: LearnOptions,
    /// The worker's answer.
    pub view: JsValue,
    /// The same in Rust, without its arrays.
    pub learned: Learned,
    /// The file that it was brought in by, where it learned elsewhere.
    pub brought: Option<String>,
    /// What it says of each row.
    pub answers: Rc<Answers>,
}

/// What moves the scores of all rows.
#[derive(Debug, Clone)]
pub struct Overall {
    /// The worker's answer, for the charts.
    pub view: JsValue,
    /// The same in Rust, without its arrays.
    pub found: GlobalExplanation,
}

/// A long call beside the results shown: how far it has come, what it failed with, and its end.
#[derive(Clone, Copy)]
pub struct Beside {
    /// How much of it is done; `None` while nothing is under way.
    pub share: RwSignal<Option<f64>>,
    /// Why the last one came to nothing.
    pub failed: RwSignal<Option<String>>,
    abort: Local<Option<web_sys::AbortController>>,
    /// Counts up with every call; answers to an older one are dropped.
    run: StoredValue<u32>,
}

impl Beside {
    pub(super) fn new() -> Self {
        Beside {
            share: RwSignal::new(None),
            failed: RwSignal::new(None),
            abort: RwSignal::new_local(None),
            run: StoredValue::new(0),
        }
    }

    /// Begins a call, which takes the place of one under way: its number, and the signal that ends it.
    pub fn begin(self) -> (u32, JsValue) {
        self.cancel();
        let controller = web_sys::AbortController::new().ok();
        let signal = controller.as_ref().map_or(JsValue::UNDEFINED, |c| c.signal().into());
        self.abort.set(controller);
        self.share.set(Some(0.0));
        (self.run.get_value(), signal)
    }

    /// Whether an answer to the call of this number is still waited for.
    pub fn is_current(self, run: u32) -> bool {
        self.run.get_value() == run
    }

    /// Notes progress, where something is under way.
    pub fn progress(self, share: Option<f64>) {
        if let (Some(share), Some(_)) = (share, self.share.get_untracked()) {
            self.share.set(Some(share));
        }
    }

    /// Whether something is under way. Reactive.
    pub fn is_busy(self) -> bool {
        self.share.with(Option::is_some)
    }

    /// Ends what is under way, if anything is.
    pub fn cancel(self) {
        if let Some(controller) = self.abort.get_untracked() {
            controller.abort();
        }
        self.finish(None);
    }

    /// The call has ended.
    pub fn finish(self, failed: Option<String>) {
        self.run.update_value(|run| *run += 1);
        self.abort.set(None);
        self.share.set(None);
        self.failed.set(failed);
    }
}

/// A search for better parameters: how far it has come, and what the last one found.
#[derive(Clone, Copy)]
pub struct Searching {
    /// The call.
    pub beside: Beside,
    /// What was found.
    pub found: Local<Option<Rc<Tuning>>>,
}

impl Searching {
    pub(super) fn new() -> Self {
        Searching { beside: Beside::new(), found: RwSignal::new_local(None) }
    }

    /// Ends the search under way, and forgets what was found.
    pub fn clear(self) {
        self.beside.cancel();
        self.found.set(None);
    }
}
