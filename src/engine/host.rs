//! What the engine may ask of its surroundings. The engine itself knows no clock.

/// A clock, for stage timings only: results never depend on it.
pub trait Host {
    /// Milliseconds since any fixed moment.
    fn now_ms(&self) -> f64;
}

/// A host without a clock: every timing is 0. For tests and for results that must be equal to the bit.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoClock;

impl Host for NoClock {
    fn now_ms(&self) -> f64 {
        0.0
    }
}

/// How far a long call has come. A call is cut into steps; between steps the host may draw, report, or cancel by
/// dropping the job.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Progress {
    /// The stage under way.
    pub stage: Stage,
    /// Units done in this stage; never decreases within a stage.
    pub done: u64,
    /// Units in this stage; 0 when unknown.
    pub total: u64,
}

/// Stages of a call, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Bytes to columns; units are bytes.
    Ingest,
    /// Ending a source: columns made whole, equal rows looked for, values counted; units are columns gone through.
    Finish,
    /// Table to matrix; units are entities.
    Features,
    /// Scaling; units are features.
    Prepare,
    /// Growing the model; units are trees or epochs.
    Fit,
    /// Scoring; units are rows.
    Score,
    /// Explaining the most abnormal; units are rows.
    Explain,
    /// Exploring a table; units are columns, pairs of columns and distributions.
    Profile,
    /// Searching for parameters; units are thousandths of a fit.
    Tune,
    /// Learning from labels and judging what was learned; units are parts of fits with all that follows them.
    Learn,
    /// Looking at what moves the scores of all rows; units are rows.
    Global,
}

impl Stage {
    /// The name as serialised.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Ingest => "ingest",
            Stage::Finish => "finish",
            Stage::Features => "features",
            Stage::Prepare => "prepare",
            Stage::Fit => "fit",
            Stage::Score => "score",
            Stage::Explain => "explain",
            Stage::Profile => "profile",
            Stage::Tune => "tune",
            Stage::Learn => "learn",
            Stage::Global => "global",
        }
    }
}
