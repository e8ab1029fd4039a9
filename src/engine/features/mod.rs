//! Table to matrix: one row per entity, one column per feature, by recipe.

use super::table::Groups;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// A feature: its name, what it means, and its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Name, snake case with units (`avg_session_duration_min`).
    pub name: String,
    /// What it is, as it fits into a sentence about a user ("share of activity at night").
    pub meaning: String,
    /// Unit: `""` for plain numbers and shares, `"h"`, `"min"`, `"s"`.
    pub unit: String,
}

/// One row per entity. For the activity recipe an entity is a subject (a user); for user-day it is a subject's day.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMatrix {
    /// Rows are entities, columns features. Finite everywhere.
    pub values: Array2<f64>,
    /// One per matrix column.
    pub features: Vec<Feature>,
    /// Names of subjects, in order of first appearance in the log.
    pub subjects: Vec<String>,
    /// Subject of each matrix row.
    pub subject_of_row: Vec<u32>,
    /// Day since 1970-01-01 of each matrix row, where rows are days.
    pub day_of_row: Option<Vec<i32>>,
    /// Table rows behind each matrix row, in time order: the evidence.
    pub table_rows: Groups,
    /// Table rows that no entity could use (missing entity or time).
    pub n_unused_rows: usize,
}

impl FeatureMatrix {
    /// How many matrix rows.
    pub fn n_rows(&self) -> usize {
        self.values.nrows()
    }

    /// The name of a matrix row: the subject, with its day where rows are days (`"anna 2026-01-05"`).
    pub fn entity(&self, row: usize) -> String {
        let subject = &self.subjects[self.subject_of_row[row] as usize];
        match &self.day_of_row {
            Some(days) => format!("{subject} {}", super::time::iso_day(i64::from(days[row]))),
            None => subject.clone(),
        }
    }
}
