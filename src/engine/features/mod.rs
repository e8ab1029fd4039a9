//! Table to matrix: one row per entity, one column per feature, by recipe.
//!
//! A recipe is a list of `Measure`s (in `measure`) and a way to cut a subject's events into matrix rows (`cut`): one row for
//! the whole log (`activity`, `login`), one per hour, day or week (`user_day`), per session (`session`) or per record
//! (`table`, `login` by choice). Everything else is the same for all recipes and lies in [`FeatureJob`]: rows of a subject
//! are put side by side by dense codes, sorted by time, and read once.
//!
//! Values do not depend on the order of rows in the file: sums run over sorted values, and ties between equally
//! frequent actions are broken by name. But running features, novelty and the formulas' `first` and `last` take
//! events of one moment in the order of the file, and labels of categories are in order of first appearance. Days,
//! hours and weekdays are those of the column's wall clock: of the zone that the caller named, else of the file's own
//! clock, or UTC where the file names offsets. Spans between events are differences of moments, whatever clocks did
//! between them.
//!
//! A model's features can be made of a table however small: [`FeatureJob::of_known`], [`FeatureMatrix::with_features`].

mod activity;
mod align;
mod clock;
mod coded;
mod cut;
mod distinct;
mod job;
mod labels;
mod login;
mod login_rows;
mod login_users;
mod measure;
mod names;
mod novelty;
mod numbers;
mod outcome;
mod own;
mod pairs;
mod ready;
mod session;
mod sessions;
mod subjects;
mod table;
mod user_day;

use measure::NO_TIME;

pub use job::FeatureJob;
pub use labels::{check_labels, row_labels};
pub use login_users::{Folded, LoginRoles, LoginUsers};
pub use novelty::{Named, NewTo, NewValues, Tells, Told};

use super::table::Groups;
use super::time;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// A feature: its name, what it means, and its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Name, snake case (`avg_session_duration`); the unit stands beside it, not in it.
    pub name: String,
    /// What it is, as it fits into a sentence about a user ("share of activity at night").
    pub meaning: String,
    /// Unit: `""` for plain numbers and shares, `"d"`, `"h"`, `"min"`, `"s"`; [`DATE`] and [`YES_NO`] for numbers that are
    /// no quantities.
    pub unit: String,
    /// How it is computed, in a line: `"events at night / events"`. Empty where the meaning says it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub formula: String,
    /// Of a category, its values: the matrix holds their places here. Empty for numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

impl Feature {
    /// A feature from its parts.
    pub fn new(name: impl Into<String>, meaning: impl Into<String>, unit: &str) -> Self {
        Feature {
            name: name.into(),
            meaning: meaning.into(),
            unit: unit.to_owned(),
            formula: String::new(),
            labels: Vec::new(),
        }
    }

    /// The feature with the formula that it is computed by.
    pub fn with_formula(self, formula: impl Into<String>) -> Self {
        Feature { formula: formula.into(), ..self }
    }
}

/// Unit of a feature whose values are days since 1970-01-01, to be read as dates.
pub const DATE: &str = "date";
/// The same of a source that names no year.
pub const DATE_WITHOUT_YEAR: &str = "date without year";
/// Unit of a feature that is 1 for yes and 0 for no.
pub const YES_NO: &str = "yes/no";

/// What one matrix row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowUnit {
    /// A subject: a user.
    Subject,
    /// A subject's hour.
    Hour,
    /// A subject's day.
    Day,
    /// A subject's week.
    Week,
    /// A session.
    Session,
    /// A record of the table: a login, an employee.
    Record,
}

/// One row per entity: a subject (a user), a subject's hour, day or week, a session, or a record.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMatrix {
    /// Rows are entities, columns features. `NaN` is a missing value; others are finite, of magnitude at most
    /// [`FeatureMatrix::MAX_MAGNITUDE`], and of a category the place of its value among [`Feature::labels`].
    pub values: Array2<f64>,
    /// One per matrix column.
    pub features: Vec<Feature>,
    /// Names of subjects that have at least one matrix row, in order of first appearance in the log.
    pub subjects: Vec<String>,
    /// Subject of each matrix row; a subject's rows are side by side, in time order.
    pub subject_of_row: Vec<u32>,
    /// What a row stands for.
    pub unit: RowUnit,
    /// Where rows are parts of a subject and have a time, when each begins: milliseconds since 1970-01-01T00:00 of the
    /// log's clock.
    pub start_of_row: Option<Vec<i64>>,
    /// Whether the log names no year, so that these are of an assumed one; see
    /// [`Column::no_year`](crate::engine::table::Column::no_year).
    pub no_year: bool,
    /// Table rows behind each matrix row, in time order, equal times in file order: the evidence.
    pub table_rows: Groups,
    /// Table rows that no entity could use (missing entity or time).
    pub n_unused_rows: usize,
    /// Which values were new, where there are features of novelty.
    pub new_values: Option<NewValues>,
}

impl FeatureMatrix {
    /// Values are clamped to this magnitude, so that later sums of squares stay finite.
    pub const MAX_MAGNITUDE: f64 = 1e140;

    /// How many matrix rows.
    pub fn n_rows(&self) -> usize {
        self.values.nrows()
    }

    /// When a matrix row begins; `None` where rows are subjects, or nothing says when it was.
    pub fn start_of(&self, row: usize) -> Option<i64> {
        self.start_of_row.as_ref().map(|starts| starts[row]).filter(|&start_ms| start_ms != NO_TIME)
    }

    /// The values that a feature of novelty tells of in a matrix row, by name; `None` where it tells of none.
    pub fn named(&self, row: usize, feature: usize) -> Option<Named> {
        let name = &self.features[feature].name;
        self.new_values.as_ref()?.named(name, self.values[[row, feature]], row, self.table_rows.rows(row))
    }

    /// The name of a matrix row: the subject, with its day (`"anna 2026-01-05"`), hour (`"anna 2026-01-05 13:00"`), week
    /// by its Monday (`"anna week of 2026-01-05"`) or moment (`"anna 2026-01-05 13:02:11"`) where rows are those; `"anna Jan 5"`
    /// where the log names no year.
    pub fn entity(&self, row: usize) -> String {
        let subject = &self.subjects[self.subject_of_row[row] as usize];
        let Some(start_ms) = self.start_of(row) else { return subject.clone() };
        let day = time::day_text(time::day_of(start_ms), self.no_year);
        match self.unit {
            RowUnit::Subject => subject.clone(),
            RowUnit::Day => format!("{subject} {day}"),
            RowUnit::Week => format!("{subject} week of {day}"),
            RowUnit::Hour => {
                format!("{subject} {day} {:02}:00", start_ms.rem_euclid(time::DAY_MS) / time::HOUR_MS)
            }
            RowUnit::Session | RowUnit::Record => {
                let secs = start_ms.rem_euclid(time::DAY_MS) / 1_000;
                format!("{subject} {day} {:02}:{:02}:{:02}", secs / 3_600, secs / 60 % 60, secs % 60)
            }
        }
    }
}
