//! What becomes of a column before features are computed.

use crate::engine::error::{Error, Result};
use crate::engine::table::{Column, ColumnData, ColumnType};
use crate::engine::time;
use serde::{Deserialize, Serialize};

/// What becomes of a column before features are computed. In JSON `"drop"`, `"mean"`, `"median"`, `"other"` or
/// `{ "constant": "x" }`. The table itself stays as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// The column is left out.
    Drop,
    /// Missing values are the column's mean (numbers, durations). Integers become floats where the mean is not whole.
    Mean,
    /// Missing values are the column's median (numbers, durations, times). Integers become floats where it is not
    /// whole; of times it is rounded down to a millisecond.
    Median,
    /// Missing values are the category "other".
    Other,
    /// Missing values are this value, read as the column's type: a whole number, a number, seconds, true or false, a
    /// time as `2024-07-10T16:07:32`, or any text.
    Constant(String),
}

/// A value to put where one is missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fill {
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Time(i64),
    Text(String),
}

impl Treatment {
    /// Checks that a column can be treated so.
    ///
    /// # Errors
    /// `parameter`, naming column, type and what can be done with it.
    pub fn check(&self, column: &Column) -> Result<()> {
        let column_type = column.column_type();
        let is_number = matches!(column_type, ColumnType::Integer | ColumnType::Float | ColumnType::Duration);
        let is_time = column_type == ColumnType::Timestamp;
        let (expected, found) = match self {
            Treatment::Mean if !is_number => ("a column of numbers or durations", "mean"),
            Treatment::Median if !is_number && !is_time => {
                ("a column of numbers, durations or times", "median")
            }
            Treatment::Other if !matches!(column.data(), ColumnData::Category { .. }) => {
                ("a column of categories", "other")
            }
            Treatment::Mean | Treatment::Median if column.validity().n_missing() == column.len() => (
                "a column with a value to take it of",
                if *self == Treatment::Mean { "mean" } else { "median" },
            ),
            Treatment::Constant(text) if constant(column, text).is_none() => {
                let expected = match column_type {
                    ColumnType::Integer => "a whole number",
                    ColumnType::Duration => "a number of seconds",
                    ColumnType::Boolean => "true or false",
                    ColumnType::Timestamp => "a time such as 2024-07-10T16:07:32",
                    _ => "a number",
                };
                return Err(refused(column, expected, &format!("the constant {text:?}")));
            }
            _ => return Ok(()),
        };
        Err(refused(column, expected, &format!("\"{found}\" of {} values", column_type.name())))
    }
}

fn refused(column: &Column, expected: &str, found: &str) -> Error {
    Error::parameter(&format!("treatments of \"{}\"", column.name()), expected, found)
}

/// A constant read as the column's type.
pub(crate) fn constant(column: &Column, text: &str) -> Option<Fill> {
    let trimmed = text.trim();
    Some(match column.data() {
        ColumnData::Integer(_) => Fill::Integer(trimmed.parse().ok()?),
        ColumnData::Float(_) => Fill::Float(trimmed.parse().ok().filter(|value: &f64| value.is_finite())?),
        ColumnData::Boolean(_) => Fill::Boolean(trimmed.parse().ok()?),
        ColumnData::Timestamp { .. } => Fill::Time(time::from_iso(trimmed)?),
        ColumnData::Category { .. } => Fill::Text(text.to_owned()),
    })
}
