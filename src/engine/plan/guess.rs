//! Guesses a complete plan from a table: by column names first, then by content.

use super::{Plan, Role};
use crate::engine::error::Result;
use crate::engine::table::Table;
use serde::{Deserialize, Serialize};

/// A guessed plan with a reason per role and questions where the table does not decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The plan.
    #[serde(flatten)]
    pub plan: Plan,
    /// Why each role went to its column, in a sentence.
    pub reasons: Vec<Reason>,
    /// What the user should confirm.
    pub questions: Vec<Question>,
}

/// Why a role went to a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The role.
    pub role: Role,
    /// The column.
    pub column: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// Something the table does not decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The role in question.
    pub role: Role,
    /// The question, in a sentence.
    pub question: String,
    /// Columns it could be, best first.
    pub candidates: Vec<String>,
}

/// Guesses roles, recipe and parameters. Always gives a plan, even when a role that the recipe needs has no column;
/// then a question says so and the plan's own check refuses it with the same words.
///
/// # Errors
/// None today; later recipes may refuse a table.
pub fn suggest(_table: &Table) -> Result<Suggestion> {
    todo!("guess roles")
}
