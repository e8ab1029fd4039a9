//! What reading a source will take, from its first bytes. An estimate, no promise.
//!
//! The sample is read as the source would be. Records are taken to be as long on average throughout, and every column to
//! keep its type. How many distinct values a column of categories will have is told by how they grew over the last two
//! doublings of the sample: from a quarter of its rows to a half they grew by the power `b` (`2^b`-fold), from a half to
//! the whole by `c`; each further doubling adds `c/b` times the power that the one before it added. Where growth does not
//! slow down (`c >= b`), that is Heaps' law with exponent `c`; where it does, it comes to an end. A log whose later
//! part is unlike its start, as one that is sorted by user, is estimated wrong.
//!
//! Memory at the highest point counts what growing vectors reserve, up to twice of what they hold, and the largest part of
//! a column twice while it is copied to its new place. `tests/estimate_memory.rs` holds it against what was taken.

use super::{Ingest, Ingested, Limits, Options};
use crate::engine::error::Result;
use crate::engine::math;
use crate::engine::table::{Codes, Column, ColumnData, ColumnType, Dictionary, Table};
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
    /// The columns of whose values its times are made, where it is none of the source's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined_of: Vec<String>,
}

/// Buffers for pieces of the source while it is read, bytes.
const BUFFER_BYTES: f64 = 4.0 * 1024.0 * 1024.0;

/// Estimates from the first bytes of a source what reading all of it will take. The first MiB does; `total_bytes` are
/// those of the whole source, and `is_whole` says that the sample is all of it. Gives the table of the sample too.
///
/// # Errors
/// Those of [`Ingest::push`] and [`Ingest::finish`] that reading the source would give at the sample.
pub fn estimate(
    bytes: &[u8],
    options: &Options,
    total_bytes: u64,
    is_whole: bool,
) -> Result<(Estimate, Table)> {
    let share = options.sample.as_ref().map_or(1.0, |sample| sample.share);
    let (ingested, n_read) = read_sample(bytes, options, is_whole)?;
    let n_sampled = ingested.table.n_rows() as f64;
    let rows = if is_whole {
        n_sampled
    } else {
        let n_records = ingested.n_records as f64 * total_bytes as f64 / n_read.max(1) as f64;
        (n_records * share).min(options.max_rows.unwrap_or(u64::MAX) as f64)
    };
    // Vectors of rows have room for a batch at first, and for twice as many whenever that is full.
    let batch_bytes = Limits::default().batch_bytes as f64;
    let batch_rows = (n_sampled * batch_bytes / n_read.max(1) as f64).clamp(1.0, n_sampled.max(1.0));
    let reserved_rows = reserved(rows, batch_rows);
    let (mut table_bytes, mut reserved_bytes, mut largest) = (0.0, 0.0, 0f64);
    let mut columns = Vec::new();
    for column in ingested.table.columns() {
        let (of_value, of_values, reserved_for_values, largest_of_values) = match column.data() {
            ColumnData::Category { codes, dictionary } if n_sampled > 0.0 => {
                let n_distinct = n_distinct(codes, rows);
                let n_text = dictionary.n_text_bytes() as f64 / dictionary.len().max(1) as f64 * n_distinct;
                let fixed = Dictionary::bytes_for(n_distinct as usize) as f64;
                let to_find = Dictionary::bytes_to_find(n_distinct as usize) as f64;
                let reserved = reserved(n_text, 1.0) + reserved(fixed, 1.0) + to_find;
                (Codes::bytes_for(n_distinct), n_text + fixed, reserved, n_text.max(to_find / 2.0))
            }
            ColumnData::Category { .. } | ColumnData::Boolean(_) => (1.0, 0.0, 0.0, 0.0),
            ColumnData::Integer(_) | ColumnData::Float(_) | ColumnData::Timestamp { .. } => {
                (8.0, 0.0, 0.0, 0.0)
            }
        };
        // And a bit for whether it is there.
        let of_row = of_value + 1.0 / 8.0;
        let bytes = rows * of_row + of_values;
        table_bytes += bytes;
        reserved_bytes += reserved_rows * of_row + reserved_for_values;
        largest = largest.max(rows * of_row).max(largest_of_values);
        columns.push(ColumnEstimate {
            name: column.name().to_owned(),
            column_type: column.column_type(),
            bytes: bytes as u64,
            examples: examples(column),
            joined_of: column.joined_of().unwrap_or_default().to_vec(),
        });
    }
    if is_whole {
        table_bytes = ingested.table.heap_bytes() as f64;
    }
    let Ingested { table, format, delimiter, encoding, .. } = ingested;
    let estimate = Estimate {
        rows: rows.round() as u64,
        table_bytes: table_bytes as u64,
        peak_bytes: (reserved_bytes + largest + BUFFER_BYTES) as u64,
        columns,
        format: format.label(delimiter),
        delimiter: delimiter.map(|byte| char::from(byte).to_string()),
        encoding: encoding.name().to_owned(),
        sample_bytes: bytes.len() as u64,
        is_whole,
    };
    Ok((estimate, table))
}

/// Reads the first bytes of a source as far as their records are complete, or all of a source; gives also how many bytes
/// these records take, header included. What `options` leave out of the rows is in the table unless that is whole.
///
/// # Errors
/// Those of [`Ingest::push`] and [`Ingest::finish`] that reading the source would give at the sample.
pub fn read_sample(bytes: &[u8], options: &Options, is_whole: bool) -> Result<(Ingested, u64)> {
    let mut options = options.clone();
    if !is_whole {
        (options.max_rows, options.sample) = (None, None);
    }
    let mut ingest = Ingest::new(options)?;
    ingest.push(bytes)?;
    if is_whole { Ok((ingest.finish()?, bytes.len() as u64)) } else { ingest.finish_sample() }
}

/// What a vector has room for that grows to `n` from `first` on, doubling. A little more than `n` is expected, so that an
/// estimate that is just below a doubling does not miss it.
fn reserved(n: f64, first: f64) -> f64 {
    let n_doublings = math::log2((n * 1.02 / first).max(1.0)).ceil();
    first * math::exp2(n_doublings)
}

/// How many distinct values a column will have after `n_rows`; codes are numbered as they come.
fn n_distinct(codes: &Codes, n_rows: f64) -> f64 {
    let distinct = |n: usize| codes.iter().take(n).max().map_or(1.0, |code| f64::from(code) + 1.0);
    let n = codes.len();
    let (quarter, half, whole) = (distinct(n.div_ceil(4)), distinct(n.div_ceil(2)), distinct(n));
    let (before, last) = (math::log2(half / quarter), math::log2(whole / half));
    let slowing = if before > 0.0 { (last / before).min(1.0) } else { 1.0 };
    let n_doublings = math::log2(n_rows / n as f64).max(0.0);
    let mut power = 0.0;
    let mut step = last;
    let mut left = n_doublings;
    while left > 0.0 {
        step *= slowing;
        power += step * left.min(1.0);
        left -= 1.0;
    }
    (whole * math::exp2(power)).min(n_rows.max(whole))
}

/// Up to three values that differ.
fn examples(column: &Column) -> Vec<String> {
    let mut examples: Vec<String> = Vec::new();
    for row in (0..column.len()).filter(|&row| column.is_valid(row)) {
        let text = super::column::short(&column.text(row));
        if !examples.contains(&text) {
            examples.push(text);
        }
        if examples.len() == 3 {
            break;
        }
    }
    examples
}
