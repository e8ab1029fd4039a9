//! What only the user can know: questions that the values of a column leave open, with examples to decide by.

use serde::{Deserialize, Serialize};

/// Which of two numbers in a date is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// `31.12.2024`
    DayFirst,
    /// `12/31/2024`
    MonthFirst,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionKind {
    /// Whether the day or the month stands first in a column's dates.
    DateOrder,
}

/// A question about a column, which was read by an assumption meanwhile. The answer goes into the options of the next
/// reading: [`super::Options::dates`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// The column.
    pub column: String,
    /// What is asked.
    pub kind: QuestionKind,
    /// Different values that can be read both ways, as they stand in the source, at most [`Question::MAX_EXAMPLES`].
    pub examples: Vec<String>,
    /// The examples with the day first, as ISO 8601 without a zone.
    pub day_first: Vec<String>,
    /// The examples with the month first.
    pub month_first: Vec<String>,
    /// How the column was read.
    pub assumed: DateOrder,
}

impl Question {
    /// Examples that a question has at most.
    pub const MAX_EXAMPLES: usize = 3;
}
