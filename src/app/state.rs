//! All state of the page, as signals. Components hold none but what is only theirs (an open menu, a text in a box).

mod draft;
mod job;
mod models;

use super::answers::Answers;
use super::format;
use super::host::{Analyzer, Failure};
use super::results::{Cut, Detail, Opened, Results};
use super::saved::{SavedModel, WhichModel};
use super::source::{Choice, Refused};
use crate::engine::analysis::Agreement;
use crate::engine::order;
use crate::engine::plan::Plan;
use crate::engine::profile::Profile;
use crate::protocol::{LearnOptions, ThresholdOptions};
use draft::differences;
pub use draft::{partial, take_suggested};
pub use job::{Job, ProgressEvent};
use leptos::prelude::*;
pub use models::{Beside, Overall, Searching, Supervised};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// Views of the section about the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Roles and parameters.
    Settings,
    /// What is in the columns.
    Explore,
    /// How the file was read, and reading it in another way.
    Reading,
    /// What was odd.
    Findings,
}

/// Something the user has to know, and what was being done.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What could not be done.
    pub title: String,
    /// What, where, and what to do next.
    pub message: String,
    /// Whether it is about an archive that unpacks to more than logs do: [`Store::refused`], which can be read all the same.
    pub is_expansion: bool,
}

impl Problem {
    /// A failed call as something to show; `None` for what the user asked for himself.
    pub fn of(title: &str, failure: Failure) -> Option<Self> {
        if matches!(failure.code.as_str(), "aborted" | "cancelled" | "disposed") {
            return None;
        }
        // An error in a file begins with its name, and so does the title: said once is enough.
        let message = failure.message.as_str();
        let file = title.split_once(" could not").map_or("", |(file, _)| file);
        let quoted = format!("\"{file}\": ");
        let rest = message.strip_prefix(&quoted).or_else(|| message.strip_prefix(file)?.strip_prefix(' '));
        let message = rest.filter(|_| !file.is_empty()).unwrap_or(message);
        // Names of files stay as they are.
        let begins_with_name =
            message.split_whitespace().next().is_some_and(|word| word.contains(['.', '/']));
        let message = if begins_with_name { message.to_owned() } else { format::capitalized(message) };
        Some(Problem { title: title.to_owned(), message, is_expansion: false })
    }
}

/// A signal of something that lives on the main thread only.
pub type Local<T> = RwSignal<T, LocalStorage>;

/// All state. Copy: it holds handles.
#[derive(Clone, Copy)]
pub struct Store {
    /// The worker, once it has started.
    pub analyzer: Local<Option<Analyzer>>,
    /// The worker while it starts.
    pub opening: StoredValue<Option<js_sys::Promise>, LocalStorage>,
    /// What is being done; `None` when the page waits for the user.
    pub job: RwSignal<Option<Job>>,
    /// Ends the job under way.
    pub abort: Local<Option<web_sys::AbortController>>,
    /// A source that would not fit, until the user says how to read it.
    pub choice: Local<Option<Choice>>,
    /// What went wrong last.
    pub problem: RwSignal<Option<Problem>>,
    /// The archive that was refused last for what it unpacks to.
    pub refused: StoredValue<Option<Refused>, LocalStorage>,
    /// The table read last.
    pub opened: Local<Option<Rc<Opened>>>,
    /// The plan being edited.
    pub draft: RwSignal<Option<Plan>>,
    /// Fields of the settings that hold what cannot be used, by name.
    pub invalid: RwSignal<BTreeSet<String>>,
    /// The analysis made last; goes on showing while another is made.
    pub results: Local<Option<Rc<Results>>>,
    /// Where its scores are cut.
    pub cut: Local<Option<Cut>>,
    /// The threshold while it is being dragged, ahead of `cut`.
    pub dragged: RwSignal<Option<f64>>,
    /// The subject looked at.
    pub detail: Local<Option<Rc<Detail>>>,
    /// Subject and row asked for, ahead of `detail`.
    pub selected: RwSignal<Option<(u32, usize)>>,
    /// Each feature among normal and flagged rows, in order of how far apart they are.
    pub distributions: Local<Rc<Vec<Separated>>>,
    /// How features go together, once that is known.
    pub correlations: Local<Option<Rc<Correlated>>>,
    /// The own feature being edited, by name; empty for another one, `None` while none is.
    pub edited_feature: RwSignal<Option<String>>,
    /// How the list of features is shown; outlives the results.
    pub shown_features: RwSignal<ShownFeatures>,
    /// How far the detectors agree, where there are several.
    pub agreement: Local<Option<Rc<Agreement>>>,
    /// How the threshold was set last, unless by the plan.
    pub cut_by: RwSignal<Option<ThresholdOptions>>,
    /// Learning, beside the analysis.
    pub learning: Beside,
    /// What is to be learned next, and how; outlives the results.
    pub learn_options: RwSignal<LearnOptions>,
    /// Fields of its models' parameters that hold what cannot be used, by name.
    pub learn_invalid: RwSignal<BTreeSet<String>>,
    /// What it began with.
    pub first_learning: StoredValue<LearnOptions>,
    /// What was learned last.
    pub supervised: Local<Option<Rc<Supervised>>>,
    /// Whether a model has learned from the analysis: the engine explains rows by it, shown or not.
    pub has_learned: StoredValue<bool>,
    /// Looking at all rows, beside the results shown.
    pub looking: Beside,
    /// What moves the scores of all rows, once that is known.
    pub overall: Local<Option<Rc<Overall>>>,
    /// The search for better parameters of the plan, beside the results shown.
    pub tuning: Searching,
    /// That for better parameters of what is learned.
    pub learner_tuning: Searching,
    /// The table explored, once the user asked for it.
    pub profile: Local<Option<Rc<Explored>>>,
    /// How much of it is explored, while it is.
    pub profile_share: RwSignal<Option<f64>>,
    /// Why it could not be explored.
    pub profile_failed: RwSignal<Option<String>>,
    /// The column looked at, an index.
    pub column: RwSignal<usize>,
    /// The view of the data that is open.
    pub tab: RwSignal<Tab>,
    /// Counts up with every source; answers to an older one are dropped.
    pub run: StoredValue<u32>,
    /// The saved model that is loaded; stays while tables come and go.
    pub model: Local<Option<Rc<SavedModel>>>,
    /// The model shown, where there are two: the loaded one, and that of the analysis.
    pub shown_model: RwSignal<WhichModel>,
    /// Counts up with every drop, so that the last of two wins whichever is looked into faster.
    pub dropped: StoredValue<u32>,
}

/// How features go together.
#[derive(Debug)]
pub struct Correlated {
    /// Those compared, from the first on.
    pub n_features: usize,
    /// Row by row, NaN where one of the two is constant.
    pub values: Vec<f64>,
}

impl Correlated {
    /// Of a pair; `None` where it has none.
    pub fn of(&self, a: usize, b: usize) -> Option<f64> {
        let is_compared = a < self.n_features && b < self.n_features;
        is_compared.then(|| self.values[a * self.n_features + b]).filter(|value| value.is_finite())
    }

    /// The other features that one goes with, the strongest first.
    pub fn strongest(&self, feature: usize) -> Vec<(usize, f64)> {
        let others = (0..self.n_features).filter(|&other| other != feature);
        let pairs = others.filter_map(|other| Some((other, self.of(feature, other)?))).collect();
        order::sorted_by_key(pairs, |(_, value): &(usize, f64)| !order::total_key(value.abs()))
    }
}

/// Order of the list of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FeatureOrder {
    /// Those first that tell flagged rows from normal ones the most.
    #[default]
    Difference,
    /// As they are computed.
    Recipe,
    /// By the alphabet of their meanings.
    Name,
    /// Those with the most missing values first.
    Missing,
}

/// Which features are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FeatureFilter {
    /// All.
    #[default]
    All,
    /// Those that the model sees.
    Used,
    /// Those switched off.
    Omitted,
    /// The user's own.
    Own,
    /// Those with missing values.
    Missing,
}

/// How the list of features is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShownFeatures {
    /// Text to be found in name, meaning or formula.
    pub search: String,
    /// Order.
    pub order: FeatureOrder,
    /// Which of them.
    pub filter: FeatureFilter,
    /// Name of the one looked at; the first of the list where none was chosen, or it is there no more.
    pub chosen: Option<String>,
}

/// A function that formulas may call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct FormulaFunction {
    /// Name.
    pub name: String,
    /// How it is called: `clamp(x, low, high)`.
    pub signature: String,
    /// What it gives, in a line.
    pub doc: String,
}

/// A table explored.
#[derive(Debug)]
pub struct Explored {
    /// The worker's answer, for files.
    pub view: JsValue,
    /// The same in Rust.
    pub profile: Profile,
}

/// A feature's distribution and how far apart its normal and flagged rows are.
#[derive(Debug, Clone)]
pub struct Separated {
    /// Feature index.
    pub feature: usize,
    /// Distance of the medians in spreads of the normal rows.
    pub distance: f64,
    /// Quantiles of normal rows: 5, 25, 50, 75, 95 %; `None` where none is normal.
    pub normal_quantiles: Option<[f64; 5]>,
    /// The worker's answer, for the chart.
    pub view: JsValue,
}

impl Store {
    /// The page before anything was dropped.
    pub fn new() -> Self {
        Store {
            analyzer: RwSignal::new_local(None),
            opening: StoredValue::new_local(None),
            job: RwSignal::new(None),
            abort: RwSignal::new_local(None),
            choice: RwSignal::new_local(None),
            problem: RwSignal::new(None),
            refused: StoredValue::new_local(None),
            opened: RwSignal::new_local(None),
            draft: RwSignal::new(None),
            invalid: RwSignal::new(BTreeSet::new()),
            results: RwSignal::new_local(None),
            cut: RwSignal::new_local(None),
            dragged: RwSignal::new(None),
            detail: RwSignal::new_local(None),
            selected: RwSignal::new(None),
            distributions: RwSignal::new_local(Rc::default()),
            correlations: RwSignal::new_local(None),
            edited_feature: RwSignal::new(None),
            shown_features: RwSignal::new(ShownFeatures::default()),
            agreement: RwSignal::new_local(None),
            cut_by: RwSignal::new(None),
            learning: Beside::new(),
            learn_options: RwSignal::new(LearnOptions::default()),
            learn_invalid: RwSignal::new(BTreeSet::new()),
            first_learning: StoredValue::new(LearnOptions::default()),
            supervised: RwSignal::new_local(None),
            has_learned: StoredValue::new(false),
            looking: Beside::new(),
            overall: RwSignal::new_local(None),
            tuning: Searching::new(),
            learner_tuning: Searching::new(),
            profile: RwSignal::new_local(None),
            profile_share: RwSignal::new(None),
            profile_failed: RwSignal::new(None),
            column: RwSignal::new(0),
            tab: RwSignal::new(Tab::Settings),
            run: StoredValue::new(0),
            model: RwSignal::new_local(None),
            shown_model: RwSignal::new(WhichModel::Own),
            dropped: StoredValue::new(0),
        }
    }

    /// Whether something was learned of the results, or is being, or came to nothing.
    pub fn has_learned_untracked(self) -> bool {
        let Beside { share, failed, .. } = self.learning;
        self.supervised.with_untracked(Option::is_some)
            || share.with_untracked(Option::is_some)
            || failed.with_untracked(Option::is_some)
    }

    /// The threshold shown: the dragged one while it is being dragged.
    pub fn threshold(self) -> f64 {
        self.dragged.get().or_else(|| self.cut.with(|cut| cut.as_ref().map(|c| c.threshold))).unwrap_or(0.0)
    }

    /// Changes the plan being edited.
    pub fn edit_draft(self, change: impl FnOnce(&mut Plan)) {
        self.draft.update(|draft| {
            if let Some(draft) = draft {
                change(draft);
            }
        });
    }

    /// Forgets what was wrong in the fields of rules: they are named by their places, and these change as rules go.
    pub fn forget_rule_errors(self) {
        self.invalid.update(|names| names.retain(|name| !name.starts_with("rule-")));
    }

    /// A part of the plan being edited; a default while there is none.
    pub fn drafted<T: Default>(self, read: impl FnOnce(&Plan) -> T) -> T {
        self.draft.with(|draft| draft.as_ref().map(read).unwrap_or_default())
    }

    /// In what the plan being edited differs from that of the results shown, in words.
    pub fn changes(self) -> Vec<String> {
        self.results.with(|results| match results {
            Some(results) => self.drafted(|draft| differences(&results.plan, draft)),
            None => Vec::new(),
        })
    }

    /// What a learned model says of the rows: the one that learned last, else, where none has, the one that came with the
    /// model that scored them.
    pub fn answers(self) -> Option<Rc<Answers>> {
        let learned = self.supervised.with(|last| last.as_ref().map(|last| last.answers.clone()));
        if learned.is_some() || self.has_learned.get_value() {
            return learned;
        }
        self.results.with(|results| results.as_ref().and_then(|r| r.answers.clone()))
    }

    /// Whether there are two models to choose from: a loaded one, and one that was fitted to the table.
    pub fn has_two_models(self) -> bool {
        let is_fitted = self.results.with(|results| results.as_ref().is_some_and(|r| r.scored_by.is_none()));
        is_fitted && self.model.with(Option::is_some)
    }

    /// The model that is shown and used.
    pub fn model_in_use(self) -> WhichModel {
        match self.model.with(Option::is_some) {
            true if self.has_two_models() => self.shown_model.get(),
            true => WhichModel::Loaded,
            false => WhichModel::Own,
        }
    }

    /// Flagged rows at the threshold shown.
    pub fn n_flagged_rows(self) -> usize {
        match (self.dragged.get(), self.results.get()) {
            (Some(threshold), Some(results)) => results.n_above(threshold),
            _ => self.cut.with(|cut| cut.as_ref().map_or(0, |c| c.flagged_rows)),
        }
    }
}

/// The store of this page.
pub fn store() -> Store {
    expect_context::<Store>()
}
