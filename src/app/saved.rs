//! A saved model on the page: its file's bytes, what is said of it, and what it says of a record.

use super::answers::Answers;
use super::format;
use super::host::{self, Failure, ModelOf, Outcome};
use crate::engine::explain::Explanation;
use crate::engine::features::Feature;
use crate::engine::finding::Finding;
use crate::engine::persist::FlagsFrom;
use crate::protocol::ModelInfo;
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

/// What a model says of rows beside their scores.
#[derive(Debug, Clone)]
pub struct Verdicts {
    /// How likely each is abnormal, by the scores of the fitted rows.
    probability: Float64Array,
    /// How sure its flag is.
    confidence: Float64Array,
    /// Share of fitted rows with a score at or below.
    percentile: Float64Array,
    /// What the first and the last are where flags begin.
    flags_from: FlagsFrom,
}

/// A share of 1, and what it is of.
#[derive(Debug)]
pub struct Figure {
    /// What it is called.
    pub name: &'static str,
    /// The share.
    pub share: f64,
    /// What it is of, as the end of a sentence.
    pub meaning: String,
}

impl Verdicts {
    /// Those of a prediction; nothing of an analysis.
    ///
    /// # Errors
    /// `internal` when page and engine are of different versions.
    pub fn new(view: &JsValue) -> Outcome<Option<Self>> {
        let array = |key: &str| host::get(view, key).unchecked_into();
        if host::get(view, "probability").is_undefined() {
            return Ok(None);
        }
        Ok(Some(Verdicts {
            probability: array("probability"),
            confidence: array("confidence"),
            percentile: array("percentile"),
            flags_from: host::from_js(host::get(view, "flagsFrom"))?,
        }))
    }

    /// What is said of a row, in relation to where flags begin: whether it is flagged there, or nothing where they begin
    /// elsewhere by now. How sure the flag is comes last, and knows nothing of what the model cannot judge.
    pub fn figures(&self, row: usize, is_flagged: Option<bool>) -> Vec<Figure> {
        let from = |place: &str, share: f64| match is_flagged {
            Some(_) => format!("; flags begin {place} {}", format::small_percent(share)),
            None => String::new(),
        };
        let row = row as u32;
        let mut figures = vec![
            Figure {
                name: "Probability",
                share: self.probability.get_index(row),
                meaning: format!(
                    "that it is abnormal, by the scores of the rows that the model was fitted to{}",
                    from("above", self.flags_from.probability)
                ),
            },
            Figure {
                name: "Percentile",
                share: self.percentile.get_index(row),
                // Between the threshold and a flagged score there may be no fitted row.
                meaning: format!("of those rows score no higher{}", from("at", self.flags_from.percentile)),
            },
        ];
        figures.extend(is_flagged.map(|is_flagged| {
            let too = if is_flagged { "would flag it too" } else { "would not flag it either" };
            let meaning = format!("of models fitted to other such rows {too}");
            Figure { name: "Confidence", share: self.confidence.get_index(row), meaning }
        }));
        figures
    }
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
    /// How sure of it the model is.
    pub sureness: Verdicts,
    /// Why.
    pub reason: Explanation,
    /// The same for the chart.
    pub explanation: JsValue,
    /// What is known of each feature.
    pub features: Vec<Feature>,
    /// What the supervised model says that was saved with this one.
    pub learned: Option<Answers>,
    /// What was odd about the record.
    pub findings: Vec<Finding>,
}

/// The parts of a prediction that are read whole.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    threshold: f64,
    feature_info: Vec<Feature>,
    findings: Vec<Finding>,
}

impl Verdict {
    /// Of the first row of a prediction.
    ///
    /// # Errors
    /// `internal` when page and engine are of different versions.
    pub fn new(view: &JsValue) -> Outcome<Self> {
        let Outline { threshold, feature_info, findings } = host::from_js(view.clone())?;
        let none =
            || Failure { code: "internal".to_owned(), message: "a prediction without figures".to_owned() };
        let severity: Uint8Array = host::get(view, "severity").unchecked_into();
        let flags: Uint8Array = host::get(view, "flags").unchecked_into();
        let top: Array = host::get(view, "top").unchecked_into();
        let explanation = top.get(0);
        Ok(Verdict {
            is_flagged: flags.get_index(0) != 0,
            severity: severity.get_index(0),
            threshold,
            sureness: Verdicts::new(view)?.ok_or_else(none)?,
            reason: host::from_js(explanation.clone())?,
            explanation,
            features: feature_info,
            learned: Answers::of_saved(&host::get(view, "learned"))?,
            findings,
        })
    }
}
