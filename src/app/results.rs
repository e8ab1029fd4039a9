//! What the page knows of a table and of an analysis. Large parts stay JavaScript arrays and are read item by item.

use super::answers::Answers;
use super::host::{self, Outcome};
use super::saved::{SavedModel, Verdicts};
use super::source::{ReadOptions, Source};
use crate::engine::evaluate::{AtTop, Evaluation};
use crate::engine::explain::shown_unit;
use crate::engine::features::{Feature, RowUnit};
use crate::engine::finding::Finding;
use crate::engine::order;
use crate::engine::plan::guess::{Question, Reason, Suggestion};
use crate::engine::plan::{Plan, Recipe, Role};
use crate::engine::time::DAY_MS;
use crate::protocol::{
    Counterfactual, LearnOptions, LearnTarget, Ranked, RulesView, TableSummary, TimelineEntry,
};
use js_sys::{Array, Float64Array, Uint8Array, Uint32Array};
use serde::Deserialize;
use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// A table that was read, and the plan guessed for it.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What was read.
    pub source: Source,
    /// What the user said about how to read it.
    pub read_with: ReadOptions,
    /// The table in short.
    pub summary: TableSummary,
    /// Files of the source that were left out.
    pub skipped: Vec<SkippedFile>,
    /// The guessed plan.
    pub suggestion: Suggestion,
    /// Where the source is a built-in sample: the subjects that anomalies were planted in.
    pub planted: HashSet<String>,
}

/// Reads a guessed plan. The plan's parts stand beside reasons and questions: read in two goes, as serde's own way with that
/// is a second reader of plans.
///
/// # Errors
/// `internal` when page and engine are of different versions.
pub fn suggestion(view: JsValue) -> Outcome<Suggestion> {
    #[derive(Deserialize)]
    struct Beside {
        reasons: Vec<Reason>,
        questions: Vec<Question>,
    }
    let plan = host::from_js(view.clone())?;
    let Beside { reasons, questions } = host::from_js(view)?;
    Ok(Suggestion { plan, reasons, questions })
}

/// A file that was left out, as it is no log.
#[derive(Debug, Clone, Deserialize)]
pub struct SkippedFile {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

impl Opened {
    /// Milliseconds as the table's clock shows a moment.
    pub fn local_ms(&self, ms: f64) -> f64 {
        host::local_ms(ms, self.summary.time_zone.as_deref())
    }

    /// Whether the times of a column, which are between these two, have hours, and are not days alone.
    pub fn has_clock(&self, column: Option<&str>, range: Option<[f64; 2]>) -> bool {
        let column = self.summary.columns.iter().find(|known| Some(known.name.as_str()) == column);
        let is_midnight = |ms: &f64| self.local_ms(*ms).rem_euclid(DAY_MS as f64) == 0.0;
        let is_day = |text: &String| !text.contains(':') || text.contains("00:00:00");
        let is_of_days = column.is_some_and(|column| column.examples.iter().all(is_day))
            && range.is_some_and(|range| range.iter().all(is_midnight));
        !is_of_days
    }

    /// Whether the source names no year for the times of a column.
    pub fn no_year(&self, column: &str) -> bool {
        self.summary.columns.iter().any(|known| known.name == column && known.no_year)
    }

    /// The name of the zone for charts.
    pub fn time_zone(&self) -> JsValue {
        self.summary.time_zone.as_deref().map_or(JsValue::UNDEFINED, JsValue::from_str)
    }
}

/// The parts of an analysis that are small.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    plan: Plan,
    unit: RowUnit,
    feature_info: Vec<Feature>,
    time_range: Option<[f64; 2]>,
    zoned: bool,
    unused_rows: usize,
    findings: Vec<Finding>,
    rules: Option<RulesView>,
    learn_target: LearnTarget,
}

/// An analysis: what does not change when the threshold moves.
#[derive(Debug)]
pub struct Results {
    /// The table it was made from.
    pub opened: Rc<Opened>,
    /// The complete plan.
    pub plan: Plan,
    /// What a matrix row stands for.
    pub unit: RowUnit,
    /// What is known of each feature.
    pub features: Vec<Feature>,
    /// The worker's answer, for charts: it makes the names of subjects and rows when they are asked for, and of millions
    /// of users few are ever shown.
    pub view: JsValue,
    n_subjects: usize,
    all_ranked: OnceCell<Vec<SubjectRank>>,
    /// Subject of each matrix row.
    pub subject_of_row: Uint32Array,
    /// Scores as charts take them.
    pub scores: Float64Array,
    /// Scores for counting while the threshold is dragged.
    scores_here: Vec<f64>,
    /// First and last moment.
    pub time_range: Option<[f64; 2]>,
    /// Times are UTC.
    pub zoned: bool,
    /// Records that the recipe could not use.
    pub unused_rows: usize,
    /// What was odd.
    pub findings: Vec<Finding>,
    /// What the plan's rules say.
    pub rules: Option<RulesView>,
    /// What is worth learning first.
    pub learn_target: LearnTarget,
    /// Where the plan cut the scores.
    pub planned_threshold: f64,
    /// Seconds from the first byte to this result, as the user waited.
    pub elapsed_secs: f64,
    /// The model that scored it, where nothing was fitted to the table.
    pub scored_by: Option<Rc<SavedModel>>,
    /// What was learned beside that model says of each row.
    pub answers: Option<Rc<Answers>>,
    /// How sure that model is of each row.
    pub verdicts: Option<Verdicts>,
}

/// A subject, its most abnormal row, and how many it has.
#[derive(Debug, Clone, Copy)]
pub struct SubjectRank {
    /// Subject index.
    pub subject: u32,
    /// Matrix row.
    pub row: u32,
    /// Rows.
    pub n_rows: u32,
}

impl Results {
    /// Reads the worker's answer.
    ///
    /// # Errors
    /// `internal` when page and engine are of different versions.
    pub fn new(opened: Rc<Opened>, view: &JsValue, elapsed_secs: f64) -> Outcome<(Self, Cut)> {
        let outline: Outline = host::from_js(view.clone())?;
        let scores: Float64Array = host::get(view, "scores").unchecked_into();
        let cut = Cut::new(view)?;
        let subject_of_row: Uint32Array = host::get(view, "subjectOfRow").unchecked_into();
        // Each subject has a row.
        let n_subjects = subject_of_row.to_vec().into_iter().max().map_or(0, |last| last as usize + 1);
        let results = Results {
            opened,
            plan: outline.plan,
            unit: outline.unit,
            features: outline.feature_info,
            view: view.clone(),
            n_subjects,
            all_ranked: OnceCell::new(),
            subject_of_row,
            scores_here: scores.to_vec(),
            scores,
            time_range: outline.time_range,
            zoned: outline.zoned,
            unused_rows: outline.unused_rows,
            findings: outline.findings,
            rules: outline.rules,
            learn_target: outline.learn_target,
            planned_threshold: cut.threshold,
            elapsed_secs,
            scored_by: None,
            answers: Answers::of_saved(&host::get(view, "learned"))?.map(Rc::new),
            verdicts: Verdicts::new(view)?,
        };
        Ok((results, cut))
    }

    /// How many matrix rows.
    pub fn n_rows(&self) -> usize {
        self.scores_here.len()
    }

    /// How many subjects.
    pub fn n_subjects(&self) -> usize {
        self.n_subjects
    }

    /// Whether subjects may have several matrix rows: days, sessions, logins.
    pub fn is_by_part(&self) -> bool {
        match self.unit {
            RowUnit::Subject => false,
            // One record each: the record is the subject.
            RowUnit::Record => self.n_rows() != self.n_subjects(),
            _ => true,
        }
    }

    /// What a part of a subject is called, or, where it has none, the subject.
    pub fn part(&self) -> &'static str {
        part_name(self.unit, self.plan.recipe)
    }

    /// What a matrix row is called among all.
    pub fn row(&self) -> &'static str {
        row_name(self.unit, self.plan.recipe)
    }

    /// What a subject is called.
    pub fn subject(&self) -> &'static str {
        if self.unit == RowUnit::Record && !self.is_by_part() { self.part() } else { "user" }
    }

    /// What learning begins with.
    pub fn first_learning(&self) -> LearnOptions {
        LearnOptions { target: self.learn_target.clone(), ..LearnOptions::default() }
    }

    /// Whether there is still what is to be learned.
    pub fn can_learn(&self, target: &LearnTarget) -> bool {
        match target {
            LearnTarget::Flags => true,
            LearnTarget::Label => self.plan.label.is_some(),
            LearnTarget::Rules | LearnTarget::RulePoints => self.plan.rules_in_force().is_some(),
            LearnTarget::Column(name) => {
                self.opened.summary.columns.iter().any(|column| column.name == *name)
            }
        }
    }

    /// Whether the log names no year for its times.
    pub fn no_year(&self) -> bool {
        self.plan.roles.get(&Role::Time).is_some_and(|time| self.opened.no_year(time))
    }

    /// Whether times have hours, and are not days alone.
    pub fn has_clock(&self) -> bool {
        let time = self.plan.roles.get(&Role::Time);
        self.opened.has_clock(time.map(String::as_str), self.time_range)
    }

    /// When a part begins, as it is named by the table's clock.
    pub fn moment_of(&self, start_ms: f64) -> String {
        let ms = self.opened.local_ms(start_ms);
        let day = super::format::day(ms, self.no_year());
        match self.unit {
            RowUnit::Subject | RowUnit::Day => day,
            RowUnit::Week => format!("week of {day}"),
            RowUnit::Session | RowUnit::Record if !self.has_clock() => day,
            RowUnit::Hour | RowUnit::Session | RowUnit::Record => {
                let moment = super::format::moment(ms, self.no_year());
                // Without the seconds.
                moment[..moment.len() - 3].to_owned()
            }
        }
    }

    /// The name of a subject.
    pub fn subject_name(&self, subject: u32) -> String {
        let names: Array = host::get(&self.view, "subjects").unchecked_into();
        names.get(subject).as_string().unwrap_or_default()
    }

    /// All subjects, the most abnormal first, as the engine ranks those that are flagged: by their highest score, equal ones
    /// by their first appearance.
    pub fn all_ranked(&self) -> &[SubjectRank] {
        self.all_ranked.get_or_init(|| {
            let none = |subject| SubjectRank { subject, row: 0, n_rows: 0 };
            let mut ranks: Vec<SubjectRank> = (0..self.n_subjects as u32).map(none).collect();
            for (row, subject) in self.subject_of_row.to_vec().into_iter().enumerate() {
                let rank = &mut ranks[subject as usize];
                if rank.n_rows == 0 || self.scores_here[row] > self.scores_here[rank.row as usize] {
                    rank.row = row as u32;
                }
                rank.n_rows += 1;
            }
            order::sorted_by_key(ranks, |rank| !order::total_key(self.scores_here[rank.row as usize]))
        })
    }

    /// Ranks among all, counted from 0, of subjects whose name contains `needle` (lower case): the first `limit` among the
    /// strangest `n_searched`.
    pub fn search(&self, needle: &str, n_searched: usize, limit: usize) -> Vec<usize> {
        let names: Array = host::get(&self.view, "subjects").unchecked_into();
        let name = |of: &SubjectRank| names.get(of.subject).as_string().unwrap_or_default();
        let ranks = self.all_ranked().iter().take(n_searched).enumerate();
        let found = ranks.filter(|(_, of)| name(of).to_lowercase().contains(needle));
        found.map(|(rank, _)| rank).take(limit).collect()
    }

    /// The name of a matrix row.
    pub fn entity(&self, row: usize) -> String {
        let names: Array = host::get(&self.view, "entities").unchecked_into();
        names.get(row as u32).as_string().unwrap_or_default()
    }

    /// Those of the first `n_searched` rows whose name contains `needle` (lower case).
    pub fn search_rows(&self, rows: &[usize], needle: &str, n_searched: usize) -> Vec<usize> {
        let names: Array = host::get(&self.view, "entities").unchecked_into();
        let name = |row: usize| names.get(row as u32).as_string().unwrap_or_default();
        let has = |row: &usize| name(*row).to_lowercase().contains(needle);
        rows.iter().take(n_searched).copied().filter(has).collect()
    }

    /// Rows whose score is above a threshold.
    pub fn n_above(&self, threshold: f64) -> usize {
        self.scores_here.iter().filter(|&&score| score > threshold).count()
    }

    /// Scores in order of the rows.
    pub fn row_scores(&self) -> &[f64] {
        &self.scores_here
    }

    /// Lowest and highest score.
    pub fn score_range(&self) -> (f64, f64) {
        self.scores_here
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &s| (low.min(s), high.max(s)))
    }

    /// A feature's unit, see [`shown_unit`].
    pub fn unit<'a>(&self, feature: &'a Feature) -> &'a str {
        shown_unit(feature)
    }

    /// Whether a feature is by a formula of the user's.
    pub fn is_own(&self, feature: &Feature) -> bool {
        self.plan.own_features.iter().any(|own| own.name == feature.name)
    }

    /// What was found about a feature that cannot tell rows apart: a word for it, and what it is.
    pub fn found<'a>(&'a self, feature: &Feature) -> Option<(&'static str, &'a str)> {
        self.findings
            .iter()
            .filter(|finding| finding.column.as_deref() == Some(feature.name.as_str()))
            .find_map(|finding| {
                let word = match finding.kind.code() {
                    "constant-feature" => "constant",
                    "empty-feature" => "empty",
                    "duplicate-feature" => "copy",
                    _ => return None,
                };
                Some((word, finding.message.as_str()))
            })
    }

    /// A feature's meaning, or its name as words where it has none.
    pub fn meaning(&self, feature: &Feature) -> String {
        meaning_of(feature)
    }
}

fn part_name(unit: RowUnit, recipe: Recipe) -> &'static str {
    match unit {
        RowUnit::Subject => "user",
        RowUnit::Hour => "hour",
        RowUnit::Day => "day",
        RowUnit::Week => "week",
        RowUnit::Session => "session",
        RowUnit::Record if recipe == Recipe::Login => "login",
        RowUnit::Record => "record",
    }
}

/// What a matrix row is called among all.
pub fn row_name(unit: RowUnit, recipe: Recipe) -> &'static str {
    match unit {
        RowUnit::Hour => "user hour",
        RowUnit::Day => "user day",
        RowUnit::Week => "user week",
        _ => part_name(unit, recipe),
    }
}

/// A feature's meaning, or its name as words where it has none.
pub fn meaning_of(feature: &Feature) -> String {
    if feature.meaning.is_empty() { super::format::words(&feature.name) } else { feature.meaning.clone() }
}

/// The meaning of the feature of a name, or the name as words where it has none.
pub fn meaning_by_name(features: &[Feature], name: &str) -> String {
    let feature = features.iter().find(|feature| feature.name == name);
    feature.map_or_else(|| super::format::words(name), meaning_of)
}

/// Two classes told apart, judged: scores against labels, or what was learned on rows held out.
#[derive(Debug, Clone)]
pub struct Judged {
    /// All but the curves.
    pub evaluation: Rc<Evaluation>,
    /// The worker's curves, `roc` and `pr`.
    pub curves: JsValue,
    /// Where rows begin to be taken for abnormal.
    pub threshold: f64,
}

impl Judged {
    /// Of an evaluation and the worker's answer that it was read from.
    pub fn new(evaluation: Evaluation, view: &JsValue, threshold: f64) -> Self {
        Judged { evaluation: Rc::new(evaluation), curves: host::get(view, "curves"), threshold }
    }

    /// What the first `k` rows have of abnormal ones.
    pub fn at_top(&self, k: u64) -> AtTop {
        let roc: Float64Array = host::get(&self.curves, "roc").unchecked_into();
        AtTop::on_curve(&roc.to_vec(), self.evaluation.confusion, k)
    }
}

/// Where scores are cut, and what follows from it.
#[derive(Debug, Clone)]
pub struct Cut {
    /// Where flags begin.
    pub threshold: f64,
    /// Flagged matrix rows.
    pub flagged_rows: usize,
    /// Listed subjects by severity: none (always 0), low, medium, high.
    pub by_severity: [usize; 4],
    /// Flagged subjects in all.
    pub flagged_subjects: usize,
    /// Scores against the label column.
    pub judged: Option<Judged>,
    /// The first flagged subjects as the worker gave them, the most abnormal first.
    ranking: Array,
    severity: Uint8Array,
}

/// The parts of an answer about flags that are small.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CutOutline {
    threshold: f64,
    flagged_subjects: usize,
    metrics: Option<Evaluation>,
}

impl Cut {
    /// From an answer that has `threshold`, `flags` and `ranking`: an analysis, or a moved threshold.
    ///
    /// # Errors
    /// `internal` when page and engine are of different versions.
    pub fn new(view: &JsValue) -> Outcome<Self> {
        let outline: CutOutline = host::from_js(view.clone())?;
        let flags: Uint8Array = host::get(view, "flags").unchecked_into();
        let ranking: Array = host::get(view, "ranking").unchecked_into();
        let mut by_severity = [0; 4];
        let severity_of = host::reader("severity");
        for item in ranking.iter() {
            let severity = severity_of(&item).as_f64().unwrap_or(0.0) as usize;
            by_severity[severity.min(3)] += 1;
        }
        let flagged_rows = flags.to_vec().iter().filter(|&&flag| flag != 0).count();
        Ok(Cut {
            threshold: outline.threshold,
            flagged_rows,
            by_severity,
            flagged_subjects: outline.flagged_subjects,
            judged: outline
                .metrics
                .map(|evaluation| Judged::new(evaluation, &host::get(view, "metrics"), outline.threshold)),
            ranking,
            severity: host::get(view, "severity").unchecked_into(),
        })
    }

    /// Subjects in the ranking: all flagged ones, or the first of them where they are too many to list.
    pub fn n_listed(&self) -> usize {
        self.ranking.length() as usize
    }

    /// The flagged subject of this rank, counted from 0.
    pub fn ranked(&self, rank: usize) -> Option<Ranked> {
        host::from_js(self.ranking.get(rank as u32)).ok()
    }

    /// The severity of a row, 0 none to 3 high.
    pub fn severity(&self, row: u32) -> u8 {
        self.severity.get_index(row)
    }

    /// The ranked entry of a subject; `None` when it is not flagged.
    pub fn of_subject(&self, subject: u32) -> Option<Ranked> {
        let subject_of = host::reader("subject");
        let is_it = |item: &JsValue| subject_of(item).as_f64() == Some(f64::from(subject));
        self.ranking.iter().find(is_it).and_then(|item| host::from_js(item).ok())
    }

    /// Ranks, counted from 0, of subjects whose name contains `needle` (lower case), the first `limit` of them.
    pub fn search(&self, needle: &str, limit: usize) -> Vec<usize> {
        let name_of = host::reader("name");
        let has = |item: &JsValue| {
            name_of(item).as_string().is_some_and(|name| name.to_lowercase().contains(needle))
        };
        self.ranking
            .iter()
            .enumerate()
            .filter(|(_, item)| has(item))
            .map(|(rank, _)| rank)
            .take(limit)
            .collect()
    }

    /// How many flagged subjects have one of these names.
    pub fn n_among(&self, names: &HashSet<String>) -> usize {
        let name_of = host::reader("name");
        let is_in = |item: &JsValue| name_of(item).as_string().is_some_and(|name| names.contains(&name));
        self.ranking.iter().filter(is_in).count()
    }
}

/// One subject looked at closely.
#[derive(Debug, Clone)]
pub struct Detail {
    /// Subject index.
    pub subject: u32,
    /// Its name.
    pub name: String,
    /// The worker's timeline, for the chart.
    pub timeline: JsValue,
    /// Its matrix rows.
    pub entries: Vec<TimelineEntry>,
    /// Events in all.
    pub events: usize,
    /// The matrix row explained.
    pub row: usize,
    /// The worker's explanation, for the charts.
    pub explanation: JsValue,
    /// The same in Rust.
    pub reason: crate::engine::explain::Explanation,
    /// Where flags began when it was asked for.
    pub threshold: f64,
    /// With what the row would not stand out; nothing of a row that does not.
    pub normal_with: Option<Counterfactual>,
}

/// Severities as words.
pub const SEVERITY_NAMES: [&str; 4] = ["Not flagged", "Low", "Medium", "High"];
