//! What reading a source will take, from its first bytes: the shapes, as they stand in JSON.

use crate::engine::table::ColumnType;
use serde::{Deserialize, Serialize};

/// What a source seems to hold and what reading it whole would take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Rows of the whole source.
    pub rows: u64,
    /// Memory of the finished table, bytes.
    pub table_bytes: u64,
    /// Memory at the highest point of reading, bytes.
    pub peak_bytes: u64,
    /// The columns as the sample shows them.
    pub columns: Vec<ColumnEstimate>,
    /// The format as a person names it (`"comma-separated"`, `"JSON lines"`).
    pub format: String,
    /// The delimiter, where the format has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The encoding.
    pub encoding: String,
    /// Bytes of the sample it rests on.
    pub sample_bytes: u64,
    /// Whether the sample was the whole source, so that `rows` is exact.
    pub is_whole: bool,
}

/// One column in an estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnEstimate {
    /// Name.
    pub name: String,
    /// Type in the sample.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// Memory of the whole column, bytes, dictionary included.
    pub bytes: u64,
    /// Up to three values.
    pub examples: Vec<String>,
}
