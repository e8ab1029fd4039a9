//! How a source is to be read, and what may be held in memory meanwhile.

use super::{DateOrder, Encoding, Format, RowSample};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::table::ColumnType;
use crate::engine::time::zone::Zone;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How to read a source. What is `None` is guessed from its first bytes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// How the text is laid out. Guessed by content.
    pub format: Option<Format>,
    /// One ASCII character that is no quote and no line end. Guessed among `,` `;` tab and `|`, `^` `~`
    /// and blanks where these part nothing, and the control characters 0x01, 0x1E and 0x1F where all records have them.
    pub delimiter: Option<u8>,
    /// Guessed by byte order mark and content.
    pub encoding: Option<Encoding>,
    /// Whether the first record names the columns. Guessed by content.
    pub header: Option<bool>,
    /// Keep only these columns, by the names that the table would give them. Default: all.
    pub columns: Option<Vec<String>>,
    /// Keep only the first rows, at least 1. Default: all.
    pub max_rows: Option<u64>,
    /// Keep a seeded share of the rows. Default: all.
    pub sample: Option<RowSample>,
    /// Words that mean "no value", spaces around them aside, upper and lower case being different. They replace
    /// [`MISSING_WORDS`](super::MISSING_WORDS); an empty cell never holds a value. Default: those.
    pub missing: Option<Vec<String>>,
    /// Types of columns, by name. Values that do not fit are taken as missing and reported, however many.
    pub types: BTreeMap<String, ColumnType>,
    /// Whether columns that `types` and `dates` name may be absent. Default: they may not.
    pub names_may_miss: bool,
    /// Which of day and month stands first, by column, where a column's dates do not decide it.
    pub dates: BTreeMap<String, DateOrder>,
    /// The zone of times that name none. They are taken to UTC, and all times are read by the clocks of the zone.
    /// Default: none, so that times stay on the file's own clock.
    pub zone: Option<Arc<Zone>>,
    /// Bytes of the source, where they are known before it is read: then room is made for its rows at once. They change
    /// nothing else, so an estimate will do.
    pub total_bytes: Option<u64>,
}

/// Bounds on what is held in memory at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest record, bytes of UTF-8. Default 16 MiB.
    pub record_bytes: usize,
    /// Most columns. Default 16,384, as many as a spreadsheet has.
    pub columns: usize,
    /// Length of the sample that guesses rest on, bytes. Longer only when the first record is. Default 1 MiB.
    pub sample_bytes: usize,
    /// Text cut into records at a time, bytes. Default 256 KiB, which stays in the cache.
    pub batch_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { record_bytes: 16 << 20, columns: 16_384, sample_bytes: 1 << 20, batch_bytes: 256 << 10 }
    }
}

impl Options {
    /// Whether every option is one that a source can be read by.
    ///
    /// # Errors
    /// `options`.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(delimiter) = self.delimiter.filter(|&byte| !is_delimiter(byte)) {
            let expected = "one ASCII character that is no quote and no line end";
            return refuse("delimiter", expected, format!("byte {delimiter}"));
        }
        if self.max_rows == Some(0) {
            return refuse("maxRows", "1 or more", "0".into());
        }
        if self.columns.as_ref().is_some_and(Vec::is_empty) {
            return refuse("columns", "at least one column name", "none".into());
        }
        self.sample.as_ref().map_or(Ok(()), RowSample::check)
    }
}

impl Limits {
    /// Whether bounds of fields, which are 30 bits wide, can tell every place in a batch.
    ///
    /// # Errors
    /// `options`.
    pub(super) fn check(&self) -> Result<()> {
        if self.record_bytes.saturating_add(self.batch_bytes) >= 1 << 30 || self.batch_bytes == 0 {
            return refuse("limits", "records and batches of less than 1 GiB together", format!("{self:?}"));
        }
        Ok(())
    }
}

fn refuse(name: &str, expected: &str, found: String) -> Result<()> {
    Err(Error::new(ErrorKind::Options { name: name.into(), expected: expected.into(), found }))
}

/// Whether a byte can delimit fields.
pub(super) fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0)
}
