//! All state of the page, as signals. Components hold none but what is only theirs (an open menu, a text in a box).

mod models;

use super::format;
use super::host::{Analyzer, Failure};
use super::results::{Cut, Detail, Opened, Results};
use super::saved::{SavedModel, WhichModel};
use super::source::Choice;
use crate::engine::analysis::Agreement;
use crate::engine::plan::{PartialPlan, Plan, Role};
use crate::engine::profile::Profile;
use crate::protocol::{LearnOptions, ThresholdOptions, Tuning};
use leptos::prelude::*;
pub use models::{Beside, Overall, Supervised};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// What is being done right now.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// What is read or analysed: the file's name.
    pub name: String,
    /// The step, for people.
    pub stage: String,
    /// Share done, where it is known.
    pub share: Option<f64>,
    /// Bytes, rows, speed and time left, as far as they are known.
    pub facts: Vec<String>,
    /// What it was judged to take beforehand, where it was.
    pub expected: Option<String>,
}

/// A progress event of the analyzer. Reading has bytes and rows; the stages of an analysis have units.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProgressEvent {
    /// The step, by the analyzer's name.
    pub stage: String,
    bytes: f64,
    rows: f64,
    total_bytes: Option<f64>,
    rows_per_second: Option<f64>,
    seconds_left: Option<f64>,
    /// Memory that the engine holds, where it was asked for.
    #[serde(skip)]
    pub memory_bytes: Option<f64>,
    done: f64,
    total: f64,
}

impl ProgressEvent {
    /// The job as it stands after this event.
    pub fn job(&self, before: &Job) -> Job {
        let name = before.name.clone();
        if self.stage == "ingest" {
            let read = match self.total_bytes {
                Some(total) => format!("{} of {}", format::bytes(self.bytes), format::bytes(total)),
                None => format::bytes(self.bytes),
            };
            let facts = [
                Some(read),
                Some(format!("{} rows", format::count(self.rows as u64))),
                self.rows_per_second.map(|speed| format!("{} rows per second", format::count(speed as u64))),
                self.memory_bytes.map(|bytes| format!("{} of memory", format::bytes(bytes))),
                self.seconds_left.map(|secs| format!("{} left", format::duration(secs))),
            ];
            return Job {
                name,
                stage: "Reading".to_owned(),
                share: self.total_bytes.filter(|&total| total > 0.0).map(|total| self.bytes / total),
                facts: facts.into_iter().flatten().collect(),
                expected: before.expected.clone(),
            };
        }
        if self.stage == "finish" {
            let memory = self.memory_bytes.map(|bytes| format!("{} of memory", format::bytes(bytes)));
            let (stage, share) = ("Looking for equal rows and counting values".to_owned(), self.share());
            return Job { name, stage, share, facts: memory.into_iter().collect(), expected: None };
        }
        let (stage, unit) = match self.stage.as_str() {
            "features" => ("Measuring behaviour", "rows"),
            "prepare" => ("Bringing features to one scale", "features"),
            "fit" => ("Learning what is normal", "trees"),
            "score" => ("Scoring", "rows"),
            "explain" => ("Finding reasons", "rows"),
            _ => ("Analysing", ""),
        };
        let facts = match self.total > 0.0 {
            true => vec![format!(
                "{} of {} {unit}",
                format::count(self.done as u64),
                format::count(self.total as u64)
            )],
            false => Vec::new(),
        };
        Job { name, stage: stage.to_owned(), share: self.share(), facts, expected: None }
    }

    /// Share of its units that is done.
    pub fn share(&self) -> Option<f64> {
        (self.total > 0.0).then(|| self.done / self.total)
    }
}

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
}

impl Problem {
    /// A failed call as something to show; `None` for what the user asked for himself.
    pub fn of(title: &str, failure: Failure) -> Option<Self> {
        if matches!(failure.code.as_str(), "aborted" | "cancelled" | "disposed") {
            return None;
        }
        let mut letters = failure.message.chars();
        let message = letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default();
        Some(Problem { title: title.to_owned(), message })
    }
}

/// What `analyze` takes of an edited plan. The label column goes with its role.
pub fn partial(plan: &Plan) -> PartialPlan {
    let plan = plan.clone();
    PartialPlan {
        recipe: Some(plan.recipe),
        label: plan.roles.get(&Role::Label).cloned(),
        roles: Some(plan.roles),
        detector: Some(plan.detector),
        parameters: Some(plan.parameters),
        contamination: Some(plan.contamination),
        threshold: plan.threshold,
        budget: plan.budget,
        alerts_per_day: plan.alerts_per_day,
        cost: plan.cost,
        treatments: Some(plan.treatments),
        novelty: plan.novelty,
        own_features: Some(plan.own_features),
        omitted: Some(plan.omitted),
        preparation: Some(plan.preparation),
        rules: plan.rules,
        seed: Some(plan.seed),
    }
}

/// Rules and novelty that a draft leaves to be suggested are those that were analysed, so that a change of one rule does not
/// take the place of all.
pub fn take_suggested(draft: &mut Plan, analysed: &Plan) {
    if draft.recipe == analysed.recipe {
        draft.rules = draft.rules.take().or_else(|| analysed.rules.clone());
        if draft.roles == analysed.roles {
            draft.novelty = draft.novelty.take().or_else(|| analysed.novelty.clone());
        }
    }
}

/// Whether scores are cut in another way than by the expected share, and differently so.
fn is_cut_otherwise(old: &Plan, new: &Plan) -> bool {
    (old.threshold, old.budget, old.alerts_per_day, old.cost)
        != (new.threshold, new.budget, new.alerts_per_day, new.cost)
}

/// What differs between two plans, in words.
fn differences(old: &Plan, new: &Plan) -> Vec<String> {
    let n_switched = old.omitted.symmetric_difference(&new.omitted).count();
    let parts = [
        (old.recipe != new.recipe, "what is compared"),
        (old.roles != new.roles, "roles of columns"),
        (old.parameters != new.parameters, "parameters"),
        (old.novelty != new.novelty, "novelty"),
        (old.own_features != new.own_features, "own features"),
        (old.rules != new.rules, "rules"),
        (old.preparation != new.preparation, "preparation"),
        (old.treatments != new.treatments, "missing values"),
        (old.contamination != new.contamination, "expected share"),
        (is_cut_otherwise(old, new), "threshold"),
        (old.detector != new.detector, "detector"),
        (old.seed != new.seed, "seed"),
    ];
    let switched = (n_switched > 0).then(|| format!("{} switched", format::counted(n_switched, "feature")));
    switched
        .into_iter()
        .chain(parts.iter().filter(|(is_changed, _)| *is_changed).map(|(_, words)| (*words).to_owned()))
        .collect()
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
    /// What was learned last.
    pub supervised: Local<Option<Rc<Supervised>>>,
    /// Looking at all rows, beside the results shown.
    pub looking: Beside,
    /// What moves the scores of all rows, once that is known.
    pub overall: Local<Option<Rc<Overall>>>,
    /// The search for better parameters, beside the results shown.
    pub tuning: Beside,
    /// What was found by it last.
    pub tuned: Local<Option<Rc<Tuning>>>,
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
        let mut pairs: Vec<(usize, f64)> =
            others.filter_map(|other| Some((other, self.of(feature, other)?))).collect();
        pairs.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        pairs
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
            supervised: RwSignal::new_local(None),
            looking: Beside::new(),
            overall: RwSignal::new_local(None),
            tuning: Beside::new(),
            tuned: RwSignal::new_local(None),
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
