//! Responses: one enum, serialised as the bare content.

use super::names::Names;
use crate::engine::analysis::{Agreement, Member};
use crate::engine::bins::{Density, FeatureDistribution, Timeline};
use crate::engine::correlations::FeatureCorrelations;
use crate::engine::detect::ALL;
use crate::engine::evaluate::Evaluation;
use crate::engine::explain::{Counterfactual, Explanation, GlobalExplanation};
use crate::engine::export::ExportFile;
use crate::engine::features::{Feature, RowUnit};
use crate::engine::finding::Finding;
use crate::engine::formula::{FormulaCheck, Function};
use crate::engine::host::Progress;
use crate::engine::ingest::{Estimate, FileSummary, Format, Question};
use crate::engine::learn::{LearnTarget, LearnedExplanation, ModelName, Task};
use crate::engine::persist::{FlagsFrom, ModelInfo};
use crate::engine::plan::Plan;
use crate::engine::plan::guess::Suggestion;
use crate::engine::profile::Profile;
use crate::engine::ranking::Ranked;
use crate::engine::rules::{RowsAbove, RuleResult};
use crate::engine::supervised::Learned;
use crate::engine::table::ColumnType;
use crate::engine::tune::Tuning;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a call gives back.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Response {
    /// Nothing but that it was done.
    Done,
    /// The table.
    Summary(TableSummary),
    /// A guessed plan.
    Suggestion(Box<Suggestion>),
    /// A step of making a table, of an analysis or an exploration; `None` when it is whole.
    Step(Option<Progress>),
    /// A table explored.
    Profile(Box<Profile>),
    /// A formula looked at.
    FormulaCheck(Box<FormulaCheck>),
    /// Functions of formulas.
    FormulaFunctions(&'static [Function]),
    /// An analysis.
    Analysis(Box<AnalysisView>),
    /// A search for parameters.
    Tuning(Box<Tuning>),
    /// What is said of a model.
    Model(Box<ModelInfo>),
    /// A moved threshold.
    Threshold(ThresholdView),
    /// An explained row.
    Explanation(Explanation),
    /// What would have to change.
    Counterfactual(Counterfactual),
    /// What moves scores over all.
    Global(Box<GlobalExplanation>),
    /// Scores against labels.
    Evaluation(Evaluation),
    /// A supervised model.
    Learned(Box<Learned>),
    /// What a supervised model says of a row, and why.
    LearnedExplanation(Box<LearnedExplanation>),
    /// Binned events.
    Density(Density),
    /// One subject over time.
    Timeline(Timeline),
    /// One feature.
    Distribution(FeatureDistribution),
    /// How features go together.
    Correlations(FeatureCorrelations),
    /// How far detectors agree.
    Agreement(Agreement),
    /// How many rows a limit would hold for.
    RowsAbove(RowsAbove),
    /// Cells.
    Rows(RowsView),
    /// A file.
    File(ExportFile),
    /// A sample log.
    Sample(SampleFile),
}

/// A typed array inside a response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TypedArray<'a> {
    /// `Uint8Array`.
    U8(&'a [u8]),
    /// `Uint32Array`.
    U32(&'a [u32]),
    /// `Float64Array`.
    F64(&'a [f64]),
}

impl Response {
    /// Typed arrays of the response, each with its dotted path. They are not in the serialised part.
    pub fn arrays(&self) -> Vec<(&'static str, TypedArray<'_>)> {
        use TypedArray::{F64, U8, U32};
        match self {
            Response::Analysis(view) => {
                let mut arrays = vec![
                    ("scores", F64(&view.scores)),
                    ("flags", U8(&view.flags)),
                    ("severity", U8(&view.severity)),
                    ("subjectOfRow", U32(&view.subject_of_row)),
                    ("subjects.text", U8(view.subjects.text())),
                    ("subjects.ends", U32(view.subjects.ends())),
                ];
                if let Some(entities) = &view.entities {
                    arrays.extend([
                        ("entities.text", U8(entities.text())),
                        ("entities.ends", U32(entities.ends())),
                    ]);
                }
                let of_members = view.members.iter().map(|member| F64(&member.scores));
                arrays.extend(MEMBER_SCORES.into_iter().zip(of_members));
                arrays.extend(view.metrics.as_ref().map(metric_arrays).into_iter().flatten());
                arrays.extend(view.rules.as_ref().map(|rules| ("rules.points", F64(&rules.points))));
                if !view.probability.is_empty() {
                    arrays.extend([
                        ("probability", F64(&view.probability)),
                        ("confidence", F64(&view.confidence)),
                        ("percentile", F64(&view.percentile)),
                    ]);
                }
                if let Some(answers) = &view.learned {
                    arrays.extend([
                        ("learned.predictions", F64(&answers.predictions)),
                        ("learned.probabilities", F64(&answers.probabilities)),
                    ]);
                }
                arrays
            }
            Response::Threshold(view) => {
                let mut arrays = vec![("flags", U8(&view.flags)), ("severity", U8(&view.severity))];
                arrays.extend(view.metrics.as_ref().map(metric_arrays).into_iter().flatten());
                arrays
            }
            Response::Evaluation(evaluation) => {
                vec![("curves.roc", F64(&evaluation.curves.roc)), ("curves.pr", F64(&evaluation.curves.pr))]
            }
            Response::Learned(learned) => {
                let mut arrays = vec![
                    ("predictions", F64(&learned.predictions)),
                    ("probabilities", F64(&learned.probabilities)),
                    ("actual", F64(&learned.actual)),
                    ("heldOut", U8(&learned.held_out)),
                ];
                if let Some(evaluation) = &learned.evaluation {
                    arrays.push(("evaluation.curves.roc", F64(&evaluation.curves.roc)));
                    arrays.push(("evaluation.curves.pr", F64(&evaluation.curves.pr)));
                }
                arrays.extend(learned.regression.as_ref().map(|r| ("regression.points", F64(&r.points))));
                arrays
            }
            Response::Density(density) => vec![
                ("counts", U32(&density.counts)),
                ("pointTimes", F64(&density.point_times)),
                ("pointLanes", U32(&density.point_lanes)),
                ("pointSeverity", U8(&density.point_severity)),
            ],
            Response::Timeline(timeline) => vec![
                ("times", F64(&timeline.times)),
                ("actions", U32(&timeline.actions)),
                ("tableRows", U32(&timeline.table_rows)),
            ],
            Response::Distribution(distribution) => vec![
                ("edges", F64(&distribution.edges)),
                ("normal", U32(&distribution.normal)),
                ("flagged", U32(&distribution.flagged)),
            ],
            Response::Agreement(agreement) => vec![("votes", U8(&agreement.votes))],
            Response::Global(global) => vec![
                ("beeswarm.rows", U32(&global.beeswarm.rows)),
                ("beeswarm.contributions", F64(&global.beeswarm.contributions)),
                ("beeswarm.quantiles", F64(&global.beeswarm.quantiles)),
            ],
            Response::Correlations(correlations) => vec![("values", F64(&correlations.values))],
            Response::File(file) => vec![("bytes", U8(&file.bytes))],
            Response::Sample(sample) => vec![("bytes", U8(&sample.bytes))],
            _ => Vec::new(),
        }
    }
}

/// Where the scores of an ensemble's members are, as many as there are detectors that learn.
const MEMBER_SCORES: [&str; ALL.len()] = [
    "members.0.scores",
    "members.1.scores",
    "members.2.scores",
    "members.3.scores",
    "members.4.scores",
    "members.5.scores",
    "members.6.scores",
    "members.7.scores",
    "members.8.scores",
];

fn metric_arrays(metrics: &Evaluation) -> [(&'static str, TypedArray<'_>); 2] {
    [
        ("metrics.curves.roc", TypedArray::F64(&metrics.curves.roc)),
        ("metrics.curves.pr", TypedArray::F64(&metrics.curves.pr)),
    ]
}

/// A table in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableSummary {
    /// Rows of the table: those kept, or one per user where they were added up.
    pub rows: usize,
    /// Columns in file order.
    pub columns: Vec<ColumnSummary>,
    /// Bytes read from the source.
    pub bytes: u64,
    /// Bytes the table holds in memory.
    pub memory_bytes: usize,
    /// Data records in the source: kept and set aside.
    pub records: u64,
    /// Records set aside.
    pub set_aside: u64,
    /// Records that were added up into the table's rows, where it has one row per user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregated: Option<u64>,
    /// The files, at least one.
    pub files: Vec<FileSummary>,
    /// The format, of the first file where there are several.
    pub format: Format,
    /// The delimiter of the first file, where its format has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The encoding of the first file.
    pub encoding: String,
    /// What was odd.
    pub findings: Vec<Finding>,
    /// What the values of columns leave open, to be answered in the options of another reading.
    pub questions: Vec<Question>,
    /// The zone that times without one were read in, and all times are shown in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// What reading a source would take, and whether its rows could be added up instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceEstimate {
    /// Of reading it as it is.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// Whether `aggregate: true` would find its columns.
    pub can_aggregate: bool,
}

/// A column in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSummary {
    /// Name.
    pub name: String,
    /// Type.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// Rows without a value.
    pub missing: usize,
    /// Distinct values.
    pub distinct: usize,
    /// Up to three values as text.
    pub examples: Vec<String>,
    /// The columns of whose values its times were made; none where it is one of the source's own.
    #[serde(rename = "joinedOf", default, skip_serializing_if = "Vec::is_empty")]
    pub joined_of: Vec<String>,
    /// Whether it holds times for which the file names no year: a year was assumed, which is not to be told.
    #[serde(rename = "noYear", default, skip_serializing_if = "std::ops::Not::not")]
    pub no_year: bool,
}

/// An analysis as JavaScript sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnalysisView {
    /// The plan it was made with, complete.
    pub plan: Plan,
    /// What one matrix row stands for.
    pub unit: RowUnit,
    /// One name per matrix row where rows are parts of subjects; otherwise rows are the subjects, whose names are not held
    /// twice. JavaScript sees names either way, as [`AnalysisView::entities`] does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entities: Option<Names>,
    /// Feature names, one per matrix column.
    pub features: Vec<String>,
    /// Meaning and unit of each feature.
    pub feature_info: Vec<Feature>,
    /// Names of subjects; an entity is a subject or a part of what it did.
    pub subjects: Names,
    /// Subject of each matrix row.
    #[serde(skip_serializing, default)]
    pub subject_of_row: Vec<u32>,
    /// One per matrix row; higher is more abnormal.
    #[serde(skip_serializing, default)]
    pub scores: Vec<f64>,
    /// The detectors of an ensemble with their own scores; absent where there is but one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub members: Vec<Member>,
    /// 1 where the score is above the threshold.
    #[serde(skip_serializing, default)]
    pub flags: Vec<u8>,
    /// 0 none, 1 low, 2 medium, 3 high.
    #[serde(skip_serializing, default)]
    pub severity: Vec<u8>,
    /// Of a prediction, the probability of each row to be abnormal; absent otherwise.
    #[serde(skip_serializing, default)]
    pub probability: Vec<f64>,
    /// Of a prediction, the confidence in each row's flag; absent otherwise.
    #[serde(skip_serializing, default)]
    pub confidence: Vec<f64>,
    /// Of a prediction, the share of fitted rows with a score at or below each row's; absent otherwise.
    #[serde(skip_serializing, default)]
    pub percentile: Vec<f64>,
    /// Of a prediction, what probability and percentile are where flags begin; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub flags_from: Option<FlagsFrom>,
    /// Of a prediction by a model with which a supervised one was saved, what that one says; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub learned: Option<AnswersView>,
    /// Where flags begin.
    pub threshold: f64,
    /// The most abnormal rows, explained.
    pub top: Vec<Explanation>,
    /// Flagged subjects, most abnormal first, at most 5,000.
    pub ranking: Vec<Ranked>,
    /// Flagged subjects in all.
    pub flagged_subjects: usize,
    /// What is worth learning of it first.
    pub learn_target: LearnTarget,
    /// First and last moment of the rows used, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_range: Option<[f64; 2]>,
    /// Times are UTC because the file named a zone; otherwise they are the file's own clock.
    pub zoned: bool,
    /// The zone by whose clock days and hours were read, where the caller named one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_zone: Option<String>,
    /// Table rows the recipe could not use.
    pub unused_rows: usize,
    /// What was odd in features and preparation.
    pub findings: Vec<Finding>,
    /// What the plan's rules say, where it has any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rules: Option<RulesView>,
    /// Scores against the label column, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub metrics: Option<Evaluation>,
    /// Milliseconds by stage.
    pub timings: BTreeMap<String, f64>,
}

impl AnalysisView {
    /// One name per matrix row.
    pub fn entities(&self) -> &Names {
        self.entities.as_ref().unwrap_or(&self.subjects)
    }
}

/// What a saved supervised model says of rows that it has not learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswersView {
    /// The model.
    pub model: ModelName,
    /// What was learned.
    pub target: LearnTarget,
    /// What kind of answer that is.
    pub task: Task,
    /// Names of the classes; of two the second is the one looked for. None for numbers.
    pub classes: Vec<String>,
    /// By matrix row: the place of the class decided for, or the number.
    #[serde(skip_serializing, default)]
    pub predictions: Vec<f64>,
    /// Of two classes the probability of the second, one per matrix row; of more rows x classes. None for numbers.
    #[serde(skip_serializing, default)]
    pub probabilities: Vec<f64>,
}

/// What a plan's rules say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RulesView {
    /// Points from which on a row is abnormal.
    pub at_least: f64,
    /// Rows with so many.
    pub reached: usize,
    /// One per rule, in the plan's order.
    pub rules: Vec<RuleResult>,
    /// Points by matrix row.
    #[serde(skip_serializing, default)]
    pub points: Vec<f64>,
}

/// Rows whose flag changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedRows {
    /// How many.
    pub count: usize,
    /// The first of them, the most abnormal first, at most [`MovedRows::MAX_ROWS`].
    pub rows: Vec<usize>,
}

impl MovedRows {
    /// Rows that are named.
    pub const MAX_ROWS: usize = 1_000;

    /// The view of a list.
    pub fn of(mut rows: Vec<usize>) -> Self {
        let count = rows.len();
        rows.truncate(Self::MAX_ROWS);
        MovedRows { count, rows }
    }
}

/// Flags after the threshold moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThresholdView {
    /// Where flags begin.
    pub threshold: f64,
    /// One per matrix row.
    #[serde(skip_serializing, default)]
    pub flags: Vec<u8>,
    /// One per matrix row.
    #[serde(skip_serializing, default)]
    pub severity: Vec<u8>,
    /// Flagged subjects, most abnormal first, at most 5,000.
    pub ranking: Vec<Ranked>,
    /// Flagged subjects in all.
    pub flagged_subjects: usize,
    /// Rows that are flagged now and were not at the threshold before.
    pub appeared: MovedRows,
    /// Rows that were flagged at the threshold before and are not now.
    pub disappeared: MovedRows,
    /// Scores against the label column at the new threshold, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub metrics: Option<Evaluation>,
}

/// Cells of some rows as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowsView {
    /// Column names.
    pub columns: Vec<String>,
    /// Cells row by row.
    pub cells: Vec<Vec<String>>,
}

/// A generated log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SampleFile {
    /// Suggested file name.
    pub name: String,
    /// CSV.
    #[serde(skip_serializing, default)]
    pub bytes: Vec<u8>,
    /// Names of subjects with planted anomalies.
    pub planted: Vec<String>,
}
