//! Features that the user defines.

use serde::{Deserialize, Serialize};

/// A feature by a formula over columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnFeature {
    /// Its name, unlike that of any other feature.
    pub name: String,
    /// The formula.
    pub formula: String,
    /// What it is, as it fits into a sentence about a user; the name where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// Unit of its values, nothing for plain numbers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
}
