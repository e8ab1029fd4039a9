//! What reading a source gives: a table, and how it was read.

use super::{Encoding, Format, Question};
use crate::engine::finding::Finding;
use crate::engine::table::Table;
use serde::{Deserialize, Serialize};

/// A table and how it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Ingested {
    /// The table.
    pub table: Table,
    /// What was odd, in file order.
    pub findings: Vec<Finding>,
    /// Data records in the source: those in the table, as its rows or added up into them, and those set aside.
    pub n_records: u64,
    /// Rows of the source that were added up into those of the table, where the table has one row per user.
    pub n_aggregated: Option<u64>,
    /// Bytes of the source.
    pub n_bytes: u64,
    /// What the values of columns leave open.
    pub questions: Vec<Question>,
    /// Name of the zone that the options gave.
    pub time_zone: Option<String>,
    /// The files of the source, at least one, in the order in which they came.
    pub files: Vec<FileSummary>,
    /// The format of the first file with records.
    pub format: Format,
    /// The delimiter of the first file with records, where its format has one.
    pub delimiter: Option<u8>,
    /// The encoding of the first file with records.
    pub encoding: Encoding,
}

impl Ingested {
    /// Records that are in the table, as its rows or added up into them. All others are set aside.
    pub fn n_kept(&self) -> u64 {
        self.n_aggregated.unwrap_or(self.table.n_rows() as u64)
    }
}

/// One file of a source and how it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileSummary {
    /// Its name; empty for a source that is one file without a name.
    pub name: String,
    /// Rows that it gave.
    pub rows: u64,
    /// Data records of it that are not in the table.
    pub set_aside: u64,
    /// Its bytes.
    pub bytes: u64,
    /// Its format.
    pub format: Format,
    /// Its delimiter, where its format has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// Its encoding.
    pub encoding: String,
    /// Whether its first record names the columns, where its format leaves that open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
}
