//! A saved model on the page: its file's bytes, what is said of it, and what it says of a record.

use super::host::{self, ModelOf, Outcome};
use crate::engine::explain::Explanation;
use crate::engine::features::Feature;
use crate::engine::finding::Finding;
use crate::engine::persist::FlagsFrom;
use crate::protocol::{AnswersView, ModelInfo};
use js_sys::{Array, Float64Array, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};

/// How the file of a model begins.
pub const MAGIC: &[u8] = b"ISOSCOPE";
/// How its name ends.
pub const EXTENSION: &str = ".isoscope";

/// A model that was loaded, or kept from an analysis. The page has its bytes: it outlives tables and workers.
#[derive(Debug)]
pub struct SavedModel {
    /// The file's name.
    pub name: String,
    /// The day of the file, where it came from one.
    pub day: Option<String>,
    /// The file.
    pub bytes: Uint8Array,
    /// What is said of it.
    pub info: ModelInfo,
}

impl SavedModel {
    /// A model for a call to be about: this, or without one that of the analysis.
    pub fn or_of_analysis(model: Option<&SavedModel>) -> ModelOf<'_> {
        model.map_or(ModelOf::Analysis, |model| ModelOf::File(&model.bytes))
    }
}

/// Which of two models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichModel {
    /// That of the analysis shown.
    Own,
    /// The loaded one.
    Loaded,
}

/// What a model says of one record.
#[derive(Debug)]
pub struct Verdict {
    /// Whether the score is above the threshold.
    pub is_flagged: bool,
    /// 0 none to 3 high.
    pub severity: u8,
    /// Where flags begin.
    pub threshold: f64,
    /// How likely the record is abnormal, by the scores of the fitted rows.
    pub probability: f64,
    /// How sure the flag is.
    pub confidence: f64,
    /// Share of fitted rows with a score at or below.
    pub percentile: f64,
    /// What the two are where flags begin.
    pub flags_from: FlagsFrom,
    /// Why.
    pub reason: Explanation,
    /// The same for the chart.
    pub explanation: JsValue,
    /// What is known of each feature.
    pub features: Vec<Feature>,
    /// What the supervised model says that was saved with this one.
    pub learned: Option<AnswersView>,
    /// What was odd about the record.
    pub findings: Vec<Finding>,
}

/// The parts of a prediction that are read whole.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    threshold: f64,
    flags_from: FlagsFrom,
    feature_info: Vec<Feature>,
    #[serde(default)]
    learned: Option<AnswersView>,
    findings: Vec<Finding>,
}

impl Verdict {
    /// Of the first row of a prediction.
    ///
    /// # Errors
    /// `internal` when page and engine are of different versions.
    pub fn new(view: &JsValue) -> Outcome<Self> {
        let Outline { threshold, flags_from, feature_info, learned, findings } = host::from_js(view.clone())?;
        let first = |key: &str| {
            let values: Float64Array = host::get(view, key).unchecked_into();
            values.get_index(0)
        };
        let severity: Uint8Array = host::get(view, "severity").unchecked_into();
        let flags: Uint8Array = host::get(view, "flags").unchecked_into();
        let top: Array = host::get(view, "top").unchecked_into();
        let explanation = top.get(0);
        Ok(Verdict {
            is_flagged: flags.get_index(0) != 0,
            severity: severity.get_index(0),
            threshold,
            probability: first("probability"),
            confidence: first("confidence"),
            percentile: first("percentile"),
            flags_from,
            reason: host::from_js(explanation.clone())?,
            explanation,
            features: feature_info,
            learned,
            findings,
        })
    }
}
