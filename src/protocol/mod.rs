//! What crosses the worker's border, as plain serde types: requests, responses, error codes. No wasm-bindgen here,
//! so native tests call the engine exactly as JavaScript does.
//!
//! JSON shapes are those of `www/index.d.ts`: camelCase keys, kebab-case enums, absent rather than null for optional
//! parts. Arrays marked `skip_serializing` travel as typed arrays, named by [`Response::arrays`].

mod dispatch;
mod names;
mod refusal;
mod request;
mod response;

pub use crate::engine::bins::{Density, DensityQuery, FeatureDistribution, Timeline, TimelineEntry};
pub use crate::engine::correlations::FeatureCorrelations;
pub use crate::engine::explain::{
    Beeswarm, Change, Counterfactual, FeatureWeight, GlobalExplanation, GlobalOptions,
};
pub use crate::engine::export::{ExportFile, ExportKind};
pub use crate::engine::formula::{FormulaCheck, FormulaMistake, Function, PreviewValue, ValueType};
pub use crate::engine::ingest::{ColumnEstimate, Estimate};
pub use crate::engine::learn::{LearnTarget, LearnedExplanation, Task};
pub use crate::engine::persist::{FeatureInfo, Field, LearnedInfo, ModelInfo};
pub use crate::engine::profile::{
    ColumnReport, Correlations, EntityDistribution, Histogram, MissingMatrix, NumberReport, OverTime,
    Profile, TimeReport, TopValue,
};
pub use crate::engine::ranking::Ranked;
pub use crate::engine::rules::{RowsAbove, RuleResult};
pub use crate::engine::session::IngestProgress;
pub use crate::engine::supervised::{ClassWeight, LearnOptions, Learned};
pub use crate::engine::synth::Sample;
pub use crate::engine::tune::{Basis, Candidate, Metric, Search, TuneOptions, Tuning};
pub use dispatch::{dispatch, estimate, slice_reading};
pub use names::Names;
pub use request::{
    Aggregate, EstimateOptions, EvaluateOptions, ExplainLearnedOptions, FormulaOptions, IngestOptions, Limit,
    PredictionOptions, ProfileColumns, Request, SampleOptions, ThresholdOptions,
};
pub use response::{
    AnalysisView, AnswersView, ColumnSummary, MovedRows, Response, RowsView, RulesView, SampleFile,
    SourceEstimate, TableSummary, ThresholdView, TypedArray,
};

/// Codes of errors that arise on the JavaScript side only. Together with [`crate::engine::error::Error::CODES`] these
/// are all codes of `AnalyzerError`; a test compares the list with the one in `www/`.
pub const CLIENT_CODES: &[&str] = &[
    "aborted",
    "disposed",
    "busy",
    "worker-failed",
    "source-failed",
    "archive-damaged",
    "archive-encrypted",
    "archive-unsupported",
    "archive-expands",
    "no-files",
    "unsupported",
    "internal",
];
