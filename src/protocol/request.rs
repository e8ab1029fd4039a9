//! Requests: one enum, one variant per call.

use crate::engine::plan::PartialPlan;
use serde::{Deserialize, Serialize};

/// A call to the engine. In JSON `{ "method": "explain", "params": { "row": 3 } }`.
///
/// Bytes of a source do not come this way: the binding hands them to `Session::push` uncopied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "camelCase")]
pub enum Request {
    /// Starts reading a source. An earlier table stays until the new one is whole.
    BeginIngest(IngestOptions),
    /// Ends the source and makes the table.
    FinishIngest,
    /// Forgets the source being read; the earlier table stays.
    CancelIngest,
    /// What was read last.
    Summary,
    /// Guesses a plan.
    Suggest,
    /// Starts an analysis; `StepAnalysis` until it says done.
    BeginAnalysis(PartialPlan),
    /// Does a few milliseconds of the analysis.
    StepAnalysis,
    /// Forgets the analysis under way; the earlier one stays.
    CancelAnalysis,
    /// The analysis made last.
    Analysis,
    /// Moves the threshold; flags, severities and the ranking follow.
    SetThreshold(ThresholdOptions),
    /// Explains a matrix row.
    Explain {
        /// Matrix row.
        row: usize,
    },
    /// Judges the scores against labels.
    Evaluate(EvaluateOptions),
    /// Fits a logistic regression on the features and judges it on held-out rows.
    Learn(LearnOptions),
    /// Events binned by time and subject.
    Density(DensityQuery),
    /// Everything one subject did, over time.
    Timeline {
        /// Subject index.
        subject: u32,
    },
    /// One feature's distribution among normal and flagged rows.
    Distribution {
        /// Feature index.
        feature: usize,
    },
    /// Cells of table rows as text.
    Rows {
        /// Table rows, at most 10,000.
        rows: Vec<u32>,
    },
    /// A file to download.
    Export {
        /// Which.
        kind: ExportKind,
    },
    /// A generated sample log. Needs no table.
    Sample(SampleOptions),
}

/// How to read a source. All optional; what is not given is guessed from the first bytes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct IngestOptions {
    /// One ASCII character.
    pub delimiter: Option<String>,
    /// `"utf-8"`, `"utf-16le"`, `"utf-16be"`.
    pub encoding: Option<String>,
    /// Whether the first record names the columns.
    pub header: Option<bool>,
    /// Keep only these columns.
    pub columns: Option<Vec<String>>,
    /// Keep only the first rows.
    pub max_rows: Option<u64>,
}

/// Where to cut the scores. Exactly one is given.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ThresholdOptions {
    /// Flag rows whose score is above this.
    pub threshold: Option<f64>,
    /// Flag this share of rows.
    pub contamination: Option<f64>,
    /// Flag this many rows.
    pub budget: Option<usize>,
}

/// Which labels to judge against: a label column (the plan's when not named), or one label per matrix row.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct EvaluateOptions {
    /// A column of the table.
    pub label: Option<String>,
    /// One per matrix row, true for abnormal.
    pub labels: Option<Vec<bool>>,
}

/// What a supervised model learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LearnTarget {
    /// The detector's own flags (system A.5).
    #[default]
    Flags,
    /// The label column.
    Label,
}

/// How to learn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LearnOptions {
    /// What to learn. Default the flags.
    pub target: LearnTarget,
    /// Learn from the balanced set (all abnormal rows and as many normal ones, system A.4) instead of all rows.
    /// Default true.
    pub balanced: bool,
    /// Share of rows held out, above 0 and below 1. Default 0.3.
    pub test_share: f64,
    /// Inverse strength of the L2 penalty, above 0. Default 1.
    pub c: f64,
    /// Seed of the balanced draw and of the split. Default the plan's.
    pub seed: Option<u64>,
}

impl Default for LearnOptions {
    fn default() -> Self {
        LearnOptions { target: LearnTarget::Flags, balanced: true, test_share: 0.3, c: 1.0, seed: None }
    }
}

/// A window over time and subjects, and how finely to bin it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct DensityQuery {
    /// Only subjects with a flagged row.
    pub flagged_only: bool,
    /// Start of the window, milliseconds since the epoch; the log's start when not given.
    pub from_ms: Option<f64>,
    /// End of the window (exclusive); just past the log's end when not given.
    pub to_ms: Option<f64>,
    /// First lane. Lanes are subjects in order of rank, most abnormal first.
    pub from_lane: Option<u32>,
    /// End of the lanes (exclusive); all when not given.
    pub to_lane: Option<u32>,
    /// Bins over time, 1 to 2,000. Default 240.
    pub n_times: usize,
    /// Bins over lanes, 1 to 1,000. Default 120; never more than there are lanes.
    pub n_lanes: usize,
    /// Events of flagged subjects in the window are returned one by one while there are no more than this. Default
    /// 5,000; past it a seeded sample of this size.
    pub max_points: usize,
}

impl Default for DensityQuery {
    fn default() -> Self {
        DensityQuery {
            flagged_only: false,
            from_ms: None,
            to_ms: None,
            from_lane: None,
            to_lane: None,
            n_times: 240,
            n_lanes: 120,
            max_points: 5_000,
        }
    }
}

/// Files that can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportKind {
    /// One record per matrix row: entity, score, flag, severity, features, sentence for flagged rows. CSV.
    Results,
    /// System A.4: the log's records of all flagged subjects and of as many normal ones, drawn with the seed, with a
    /// `label` column. CSV.
    Balanced,
    /// The feature matrix. CSV.
    Features,
    /// The whole analysis with its plan. JSON.
    Json,
}

/// Built-in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sample {
    /// `user_id,timestamp,action`: what system A reads.
    OfficeActivity,
    /// `user,time,action,session_id`: sessions and days, what system B reads.
    WebSessions,
    /// The login layout: user, time, address, country, device, browser, success.
    Logins,
}

/// What to generate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SampleOptions {
    /// Which sample.
    pub name: Sample,
    /// Users, 1 to 1,000,000. Default 500.
    #[serde(default)]
    pub users: Option<usize>,
    /// Days, 1 to 3,660. Default 30.
    #[serde(default)]
    pub days: Option<usize>,
    /// Share of users with planted anomalies, 0 to 0.5. Default 0.06.
    #[serde(default)]
    pub anomalous_share: Option<f64>,
    /// Seed. Default 1.
    #[serde(default)]
    pub seed: Option<u64>,
}
