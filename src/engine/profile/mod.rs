//! What is in a table: in short, as every table is summed up ([`summarize`]), and explored at length ([`ProfileJob`]).
//!
//! Distinct counts are exact. Categories count the dictionary codes in use; numbers and times count runs once they
//! are in order, which logs' times mostly are already.

mod calendar;
mod column;
mod correlate;
mod entities;
mod job;
mod keys;
mod numbers;
mod report;

pub use column::numbers_of;
pub use job::{ProfileJob, ProfileOptions};
pub use report::{
    ColumnReport, Correlations, EntityDistribution, Histogram, MissingMatrix, NumberReport, OverTime,
    Profile, TimeReport, TopValue,
};

use super::table::{Column, ColumnData, Table};

/// Examples shown per column.
const MAX_EXAMPLES: usize = 3;
/// Characters shown of an example.
const MAX_EXAMPLE_CHARS: usize = 120;

/// What is in one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnProfile {
    /// Rows without a value.
    pub missing: usize,
    /// Distinct values, missing not counted.
    pub distinct: usize,
    /// The first three distinct values as text, cut at 120 characters.
    pub examples: Vec<String>,
}

/// Profiles of all columns in file order.
pub fn summarize(table: &Table) -> Vec<ColumnProfile> {
    table
        .columns()
        .iter()
        .map(|column| {
            let distinct = n_distinct(column);
            let missing = column.validity().n_missing();
            ColumnProfile { missing, distinct, examples: examples(column, distinct) }
        })
        .collect()
}

fn n_distinct(column: &Column) -> usize {
    match column.data() {
        ColumnData::Category { codes, dictionary } => {
            let mut in_use = vec![false; dictionary.len()];
            let mut n_in_use = 0;
            for (row, &code) in codes.iter().enumerate() {
                if column.is_valid(row) && !in_use[code as usize] {
                    in_use[code as usize] = true;
                    n_in_use += 1;
                    if n_in_use == in_use.len() {
                        break;
                    }
                }
            }
            n_in_use
        }
        ColumnData::Boolean(values) => {
            let has = |truth| (0..values.len()).any(|row| column.is_valid(row) && values[row] == truth);
            usize::from(has(false)) + usize::from(has(true))
        }
        ColumnData::Integer(values) => n_distinct_keys(column, |row| values[row]),
        ColumnData::Timestamp { ms, .. } => n_distinct_keys(column, |row| ms[row]),
        // Adding 0 makes -0 and 0 one value.
        ColumnData::Float(values) => n_distinct_keys(column, |row| (values[row] + 0.0).to_bits() as i64),
    }
}

fn n_distinct_keys(column: &Column, key: impl Fn(usize) -> i64) -> usize {
    let valid = || (0..column.len()).filter(|&row| column.is_valid(row)).map(&key);
    if let Some(n_runs) = n_runs_in_order(valid()) {
        return n_runs;
    }
    let mut keys = Vec::with_capacity(column.len() - column.validity().n_missing());
    keys.extend(valid());
    if let (Some(&low), Some(&high)) = (keys.iter().min(), keys.iter().max()) {
        let span = i128::from(high) - i128::from(low) + 1;
        // Values close together are marked one by one; others are sorted.
        if span <= (keys.len() as i128 * 8).max(1_024) {
            let mut in_use = vec![false; span as usize];
            keys.iter().for_each(|key| in_use[(key - low) as usize] = true);
            return in_use.into_iter().filter(|&used| used).count();
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys.len()
}

/// How many runs of equal neighbours there are, if the keys ascend.
fn n_runs_in_order(keys: impl Iterator<Item = i64>) -> Option<usize> {
    let (mut n_runs, mut last) = (0, None);
    for key in keys {
        if last > Some(key) {
            return None;
        }
        n_runs += usize::from(last != Some(key));
        last = Some(key);
    }
    Some(n_runs)
}

/// The first distinct values, at most [`MAX_EXAMPLES`] of the `n_distinct` there are.
fn examples(column: &Column, n_distinct: usize) -> Vec<String> {
    let mut first_rows: Vec<usize> = Vec::with_capacity(MAX_EXAMPLES);
    for row in (0..column.len()).filter(|&row| column.is_valid(row)) {
        if first_rows.len() == MAX_EXAMPLES.min(n_distinct) {
            break;
        }
        if !first_rows.iter().any(|&seen| same_value(column, seen, row)) {
            first_rows.push(row);
        }
    }
    first_rows.into_iter().map(|row| shortened(&column.text(row))).collect()
}

fn same_value(column: &Column, a: usize, b: usize) -> bool {
    match column.data() {
        ColumnData::Integer(values) => values[a] == values[b],
        ColumnData::Float(values) => values[a] == values[b],
        ColumnData::Boolean(values) => values[a] == values[b],
        ColumnData::Timestamp { ms, .. } => ms[a] == ms[b],
        ColumnData::Category { codes, .. } => codes[a] == codes[b],
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_EXAMPLE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
