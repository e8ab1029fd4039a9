//! Rows that are equal to an earlier one in every column, as pandas' `duplicated()` has it: by value, not by spelling.
//!
//! Each row is a 64-bit hash of its typed values. Rows are counted as equal when their hashes are; the chance that any two
//! different rows of `n` are mistaken for equal is below n² / 2^65, 3 in 100,000 for 31 million rows. The hashes are
//! sorted in parts that share their leading bits, so that memory is bounded whatever the table: 8 bytes for each of at
//! most some [`PART_ROWS`] rows at a time, and each part costs one pass over the columns.
//!
//! Where a column of times or integers ascends, as logs mostly do, equal rows are neighbours among those with one value
//! there, and no other row is looked at.

use crate::engine::finding::{Finding, FindingKind, Findings, Places};
use crate::engine::order::Parts;
use crate::engine::rng::mix;
use crate::engine::table::{Column, ColumnData, Table};
use std::collections::HashSet;
use std::ops::Range;

/// Rows of a part, about: 64 MiB of hashes.
const PART_ROWS: usize = 8 << 20;

/// Different rows that are remembered as having equals, to find the first of them; a table with more shows the first
/// of these.
const MAX_DOUBLED: usize = 1 << 20;

/// Rows hashed at a time, column by column.
const BLOCK_ROWS: usize = 2048;

/// Stands for a missing value; any number would do.
const MISSING: u64 = 0xA5A5_1234_5A5A_4321;

/// Rows gone through in a step.
const STEP_ROWS: usize = 1 << 15;

/// Looks for rows that are equal to an earlier one, in steps of a few milliseconds. Every call takes the same table.
#[derive(Debug)]
pub(super) struct DuplicateJob {
    n_parts: u64,
    /// The column that ascends, if one does.
    ascending: Option<usize>,
    state: State,
    /// The next row of the pass under way, and the passes so far.
    row: usize,
    n_passes: u64,
    n_duplicates: u64,
    /// Hashes of rows that have equals.
    doubled: HashSet<u64>,
    /// Those of them met, and the first rows that were met again.
    seen: HashSet<u64>,
    first: Vec<usize>,
}

#[derive(Debug)]
enum State {
    /// Gathering the hashes of a part.
    Hash(Parts),
    /// Sorting them.
    Sort(Parts),
    /// Looking for the first rows.
    First,
    Done,
}

impl DuplicateJob {
    pub(super) fn new(table: &Table) -> Self {
        DuplicateJob::with_parts(table, n_parts(table.n_rows()) as u64)
    }

    fn with_parts(table: &Table, n_parts: u64) -> Self {
        let ascending =
            table.columns().iter().position(|column| keys(column).is_some_and(<[i64]>::is_sorted));
        DuplicateJob {
            n_parts,
            ascending,
            state: State::Hash(Self::part(table, n_parts)),
            row: 0,
            n_passes: 0,
            n_duplicates: 0,
            doubled: HashSet::new(),
            seen: HashSet::new(),
            first: Vec::new(),
        }
    }

    fn part(table: &Table, n_parts: u64) -> Parts {
        Parts::new(table.n_rows() / n_parts as usize)
    }

    /// Passes that a table of so many rows takes at most.
    pub(super) fn n_passes(n_rows: usize) -> usize {
        n_parts(n_rows) + 1
    }

    /// Passes so far.
    pub(super) fn n_passes_done(&self, table: &Table) -> f64 {
        self.n_passes as f64 + self.row as f64 / table.n_rows().max(1) as f64
    }

    /// Works on; `false` when all rows have been looked at.
    pub(super) fn step(&mut self, table: &Table) -> bool {
        match &mut self.state {
            State::Hash(parts) => {
                let (n_parts, part) = (self.n_parts, self.n_passes);
                let end = (self.row + STEP_ROWS).min(table.n_rows());
                for_each_hash(table, self.ascending, self.row..end, |_, hash| {
                    if hash & (n_parts - 1) == part {
                        parts.push(hash, hash);
                    }
                    true
                });
                self.row = end;
                if end == table.n_rows() {
                    self.state = State::Sort(std::mem::take(parts));
                }
            }
            State::Sort(parts) => match parts.next_sorted() {
                Some(part) => {
                    for run in part.chunk_by(|a, b| a == b).filter(|run| run.len() > 1) {
                        self.n_duplicates += run.len() as u64 - 1;
                        if self.doubled.len() < MAX_DOUBLED {
                            self.doubled.insert(run[0]);
                        }
                    }
                }
                None => {
                    (self.row, self.n_passes) = (0, self.n_passes + 1);
                    self.state = match self.n_passes < self.n_parts {
                        true => State::Hash(Self::part(table, self.n_parts)),
                        false => State::First,
                    };
                }
            },
            State::First => {
                let end = (self.row + STEP_ROWS).min(table.n_rows());
                let (doubled, seen, first) = (&self.doubled, &mut self.seen, &mut self.first);
                for_each_hash(table, self.ascending, self.row..end, |row, hash| {
                    if doubled.contains(&hash) && !seen.insert(hash) {
                        first.push(row);
                    }
                    first.len() < Finding::MAX_PLACES
                });
                self.row = end;
                let is_done = self.doubled.is_empty() || self.first.len() == Finding::MAX_PLACES;
                if is_done || end == table.n_rows() {
                    self.state = State::Done;
                }
            }
            State::Done => {}
        }
        !matches!(self.state, State::Done)
    }

    /// Reports what was found.
    pub(super) fn report(&self, table: &Table, delimiter: u8, findings: &mut Findings) {
        let mut places = Places::default();
        for &row in &self.first {
            let at = table.position(row);
            let text = row_text(table, row, delimiter);
            places.add(at, || text.as_bytes());
        }
        findings.report_places(FindingKind::DuplicateRows, "", self.n_duplicates, places, || {
            "rows that are equal to an earlier row in every column; they were kept, and each counts. In a log these are often \
             events within one tick of its clock; many of them may mean that a part of it was written or joined twice"
                .to_owned()
        });
    }
}

fn n_parts(n_rows: usize) -> usize {
    n_rows.div_ceil(PART_ROWS).next_power_of_two()
}

/// The values of a column that may ascend: integers or times, and all rows have one.
fn keys(column: &Column) -> Option<&[i64]> {
    match column.data() {
        ColumnData::Integer(values) | ColumnData::Timestamp { ms: values, .. } => {
            (column.validity().n_missing() == 0).then_some(values)
        }
        _ => None,
    }
}

/// Gives the hash of each of these rows that may have an equal, in order, until told to stop.
fn for_each_hash(
    table: &Table,
    ascending: Option<usize>,
    within: Range<usize>,
    mut take: impl FnMut(usize, u64) -> bool,
) {
    let keys = ascending.and_then(|column| keys(&table.columns()[column]));
    let may_have_equal = |row: usize| match keys {
        Some(keys) => row > 0 && keys[row - 1] == keys[row] || keys.get(row + 1) == Some(&keys[row]),
        None => true,
    };
    let mut candidates = within.filter(|&row| may_have_equal(row));
    let mut rows = Vec::with_capacity(BLOCK_ROWS);
    let mut hashes = Vec::with_capacity(BLOCK_ROWS);
    loop {
        rows.clear();
        rows.extend(candidates.by_ref().take(BLOCK_ROWS));
        if rows.is_empty() {
            return;
        }
        hashes.clear();
        hashes.resize(rows.len(), 0);
        for column in table.columns() {
            let is_valid = |row| column.is_valid(row);
            match column.data() {
                ColumnData::Integer(values) => add(&mut hashes, &rows, is_valid, |row| values[row] as u64),
                // 0 and -0 are equal.
                ColumnData::Float(values) => {
                    add(&mut hashes, &rows, is_valid, |row| (values[row] + 0.0).to_bits());
                }
                ColumnData::Boolean(values) => {
                    add(&mut hashes, &rows, is_valid, |row| u64::from(values[row]))
                }
                ColumnData::Timestamp { ms, .. } => add(&mut hashes, &rows, is_valid, |row| ms[row] as u64),
                ColumnData::Category { codes, .. } => {
                    add(&mut hashes, &rows, is_valid, |row| u64::from(codes.get(row)));
                }
            }
        }
        if !rows.iter().zip(&hashes).all(|(&row, &hash)| take(row, hash)) {
            return;
        }
    }
}

#[inline]
fn add(hashes: &mut [u64], rows: &[usize], is_valid: impl Fn(usize) -> bool, value: impl Fn(usize) -> u64) {
    for (hash, &row) in hashes.iter_mut().zip(rows) {
        *hash = mix(*hash, if is_valid(row) { value(row) } else { MISSING });
    }
}

/// A row as a record, its values as the table has them.
fn row_text(table: &Table, row: usize, delimiter: u8) -> String {
    let mut text = String::new();
    for (place, column) in table.columns().iter().enumerate() {
        if place > 0 {
            text.push(char::from(delimiter));
        }
        let value = column.text(row);
        if value.contains(['"', '\n', '\r']) || value.as_bytes().contains(&delimiter) {
            text.push_str(&format!("\"{}\"", value.replace('"', "\"\"")));
        } else {
            text.push_str(&value);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::table::{Column, Validity};

    /// How many rows are equal to an earlier one, and the first of them.
    fn duplicates(table: &Table, n_parts: u64) -> (u64, Vec<usize>) {
        let mut job = DuplicateJob::with_parts(table, n_parts);
        while job.step(table) {}
        (job.n_duplicates, job.first)
    }

    #[test]
    fn parts_change_nothing() {
        let values: Vec<i64> = (0..10_000).map(|i| i % 7_000).collect();
        let mut validity = Validity::new();
        values.iter().for_each(|&value| validity.push(value % 5 > 0));
        let table = Table::new(vec![Column::new("n".to_owned(), ColumnData::Integer(values), validity)]);
        let (count, first) = duplicates(&table, 1);
        // 2,400 of the repeated values, and all of the missing ones but the first.
        assert_eq!((count, &first[..3]), (2_400 + 1_999, &[5, 10, 15][..]));
        assert_eq!(duplicates(&table, 8), (count, first));
    }

    #[test]
    fn an_ascending_column_changes_nothing() {
        let words: Vec<i64> = (0..6_000).map(|row| row * row % 7).collect();
        let times: Vec<i64> = (0..6_000).map(|row| row / 5).collect();
        let column = |values: &[i64]| {
            let mut validity = Validity::new();
            validity.push_valid(values.len());
            Column::new("c", ColumnData::Integer(values.to_vec()), validity)
        };
        let ascends = Table::new(vec![column(&words), column(&times)]);
        let falls: Vec<i64> = times.iter().map(|time| -time).collect();
        let does_not = Table::new(vec![column(&words), column(&falls)]);
        let is_ascending = |table| DuplicateJob::new(table).ascending.is_some();
        assert!(is_ascending(&ascends) && !is_ascending(&does_not));
        let found = duplicates(&ascends, 1);
        assert!(found.0 > 0 && found.1.len() == Finding::MAX_PLACES);
        assert_eq!(found, duplicates(&does_not, 1));
    }
}
