//! What is said of a model without its payload: the header of its file, and what a page shows of it.

use super::envelope::checksum;
use super::learned::LearnedInfo;
use crate::engine::features::{Feature, RowUnit};
use crate::engine::plan::{Plan, Role};
use crate::engine::table::ColumnType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A model in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// Version of the file's format.
    pub format: u32,
    /// What wrote it, with its version: `isoscope 0.1.0`.
    pub created_by: String,
    /// The plan it was made with, complete.
    pub plan: Plan,
    /// What one row stands for that it scores.
    pub unit: RowUnit,
    /// Its detectors; several are an ensemble.
    pub detectors: Vec<String>,
    /// The columns that its rows are made of.
    pub fields: Vec<Field>,
    /// The features that are made of them.
    pub features: Vec<FeatureInfo>,
    /// What the model sees of these: columns after encoding.
    pub model_columns: usize,
    /// Rows it was fitted to.
    pub rows: u64,
    /// Rows among them that were flagged.
    pub flagged_rows: u64,
    /// Rows of the table that they were made of.
    pub table_rows: u64,
    /// Rows with a score above this are flagged.
    pub threshold: f64,
    /// Share of the fitted rows above it.
    pub contamination: f64,
    /// Seed of everything random.
    pub seed: u64,
    /// CRC-64 of the fields' names, types and roles, hexadecimal: equal for models that need the same columns.
    pub schema_hash: String,
    /// Where a label was known: measures of the scores against it, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f64>,
    /// The supervised model beside the detectors, where one was learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<LearnedInfo>,
    /// Zone by whose clock times were read, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What is to be known before it is used, in sentences.
    pub notes: Vec<String>,
}

/// A column that a source has to have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The column's name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// What it means, where the plan says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether a source must have it.
    pub required: bool,
    /// Share of fitted rows without a value.
    pub missing: f64,
    /// Up to three values as they stood there.
    pub examples: Vec<String>,
    /// The least value, of numbers, spans (seconds) and times (milliseconds since 1970).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whether the source named no year for its times, so that theirs is not to be told.
    #[serde(rename = "noYear", default, skip_serializing_if = "std::ops::Not::not")]
    pub no_year: bool,
    /// Its values, where they are categories and at most [`Field::MAX_LABELS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

impl Field {
    /// Labels that a field lists, at most: as many as a person chooses from.
    pub const MAX_LABELS: usize = 100;
}

/// A feature with its values among the fitted rows, in its own unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureInfo {
    /// See [`Feature::name`].
    pub name: String,
    /// See [`Feature::meaning`].
    pub meaning: String,
    /// See [`Feature::unit`].
    pub unit: String,
    /// See [`Feature::formula`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub formula: String,
    /// See [`Feature::labels`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The least value; absent for categories, and where no row had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The median of rows not flagged; of a category the place of its most frequent label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical: Option<f64>,
}

impl FeatureInfo {
    /// A feature with the values of some rows and the typical one, `NaN` where there is none.
    pub(super) fn of(feature: &Feature, values: impl Iterator<Item = f64>, typical: f64) -> FeatureInfo {
        let Feature { name, meaning, unit, formula, labels } = feature.clone();
        let (mut min, mut max) = (None, None);
        for value in values.filter(|value| labels.is_empty() && !value.is_nan()) {
            min = Some(min.map_or(value, |least: f64| least.min(value)));
            max = Some(max.map_or(value, |greatest: f64| greatest.max(value)));
        }
        let typical = Some(typical).filter(|typical| !typical.is_nan());
        FeatureInfo { name, meaning, unit, formula, labels, min, max, typical }
    }

    /// The feature alone.
    pub fn feature(&self) -> Feature {
        Feature {
            name: self.name.clone(),
            meaning: self.meaning.clone(),
            unit: self.unit.clone(),
            formula: self.formula.clone(),
            labels: self.labels.clone(),
        }
    }
}

/// The hash of [`ModelInfo::schema_hash`].
pub(super) fn schema_hash(fields: &[Field]) -> String {
    let mut text = String::new();
    for field in fields {
        let role = field.role.map_or("", Role::name);
        text.push_str(&format!("{}\t{}\t{role}\n", field.name, field.column_type.name()));
    }
    format!("{:016x}", checksum(text.as_bytes()))
}
