//! What is learned, and what kind of answer that is.

use serde::{Deserialize, Serialize};

/// What a supervised model learns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LearnTarget {
    /// The detector's own flags (system A.5).
    #[default]
    Flags,
    /// The label column.
    Label,
    /// Rows with enough points by the plan's rules (system E.3).
    Rules,
    /// The points by the plan's rules, as a number (system E.4).
    RulePoints,
    /// A column of the table: categories and two different numbers as classes, other numbers as they are. Where a matrix
    /// row is several table rows, their mean or their most frequent value.
    Column(String),
}

/// What kind of answer is learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One of two classes; the second is the one looked for.
    Binary,
    /// One of several classes.
    Classes,
    /// A number.
    Regression,
}
