//! Table to matrix: one row per entity, one column per feature, by recipe.
//!
//! A recipe is a list of `Measure`s (in `measure`) and a way to cut a subject's events into matrix rows: one row for the
//! whole log (`activity`, `login`) or one per day (`user_day`). Everything else is the same for all recipes and lies in
//! [`FeatureJob`]: rows of a subject are put side by side by dense codes, sorted by time, and read once.
//!
//! Values do not depend on the order of rows in the file: sums run over sorted values, and ties between equally
//! frequent actions are broken by name. Days, hours and weekdays are those of the column's wall clock: of the zone that
//! the caller named, else of the file's own clock, or UTC where the file names offsets. Spans between events are
//! differences of moments, whatever clocks did between them.

mod activity;
mod clock;
mod coded;
mod distinct;
mod job;
mod labels;
mod login;
mod login_users;
mod measure;
mod numbers;
mod outcome;
mod pairs;
mod ready;
mod sessions;
mod user_day;

pub use job::FeatureJob;
pub use labels::{check_labels, row_labels};
pub use login_users::{Folded, LoginRoles, LoginUsers};

use super::table::Groups;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// A feature: its name, what it means, and its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Name, snake case (`avg_session_duration`); the unit stands beside it, not in it.
    pub name: String,
    /// What it is, as it fits into a sentence about a user ("share of activity at night").
    pub meaning: String,
    /// Unit: `""` for plain numbers and shares, `"d"`, `"h"`, `"min"`, `"s"`.
    pub unit: String,
}

impl Feature {
    /// A feature from its parts.
    pub fn new(name: impl Into<String>, meaning: impl Into<String>, unit: &str) -> Self {
        Feature { name: name.into(), meaning: meaning.into(), unit: unit.to_owned() }
    }
}

/// One row per entity. For the activity recipe an entity is a subject (a user); for user-day it is a subject's day.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMatrix {
    /// Rows are entities, columns features. Finite everywhere, magnitudes at most [`FeatureMatrix::MAX_MAGNITUDE`].
    pub values: Array2<f64>,
    /// One per matrix column.
    pub features: Vec<Feature>,
    /// Names of subjects that have at least one matrix row, in order of first appearance in the log.
    pub subjects: Vec<String>,
    /// Subject of each matrix row; a subject's rows are side by side, its days ascending.
    pub subject_of_row: Vec<u32>,
    /// Day since 1970-01-01 of each matrix row, where rows are days.
    pub day_of_row: Option<Vec<i32>>,
    /// Table rows behind each matrix row, in time order, equal times in file order: the evidence.
    pub table_rows: Groups,
    /// Table rows that no entity could use (missing entity or time).
    pub n_unused_rows: usize,
}

impl FeatureMatrix {
    /// Values are clamped to this magnitude, so that later sums of squares stay finite.
    pub const MAX_MAGNITUDE: f64 = 1e140;

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
