//! Rows that are equal to an earlier one in every column, as pandas' `duplicated()` has it: by value, not by spelling.
//!
//! Each row is a 64-bit hash of its typed values. Rows are counted as equal when their hashes are; the chance that any two
//! different rows of `n` are mistaken for equal is below n² / 2^65, 3 in 100,000 for 31 million rows. The hashes are
//! sorted in parts that share their leading bits, so that memory is bounded whatever the table: 8 bytes for each of at
//! most some [`PART_ROWS`] rows at a time, and each part costs one pass over the columns.
//!
//! Where a column of times or integers ascends, as logs mostly do, equal rows are neighbours among those with one value
//! there, and no other row is looked at.

use crate::engine::finding::{FindingKind, Findings, Places};
use crate::engine::rng::mix;
use crate::engine::table::{ColumnData, Table};
use std::collections::HashSet;

/// Rows of a part, about: 64 MiB of hashes.
const PART_ROWS: usize = 8 << 20;

/// Different rows that are remembered as having equals, to find the first of them; a table with more shows the first
/// of these.
const MAX_DOUBLED: usize = 1 << 20;

/// Rows hashed at a time, column by column.
const BLOCK_ROWS: usize = 2048;

/// Stands for a missing value; any number would do.
const MISSING: u64 = 0xA5A5_1234_5A5A_4321;

/// Reports rows that are equal to an earlier one.
pub(super) fn report_duplicates(table: &Table, delimiter: u8, findings: &mut Findings) {
    let n_parts = table.n_rows().div_ceil(PART_ROWS).next_power_of_two();
    let (count, doubled) = count_duplicates(table, n_parts);
    if count == 0 {
        return;
    }
    let mut places = Places::default();
    for row in first_duplicates(table, &doubled) {
        let at = table.position(row);
        let text = row_text(table, row, delimiter);
        places.add(at, || text.as_bytes());
    }
    findings.report_places(FindingKind::DuplicateRows, "", count, places, || {
        "rows that are equal to an earlier row in every column; they were kept, and each counts. In a log these are often \
         events within one tick of its clock; many of them may mean that a part of it was written or joined twice"
            .to_owned()
    });
}

/// How many rows are equal to an earlier one, and the hashes of such rows.
fn count_duplicates(table: &Table, n_parts: usize) -> (u64, HashSet<u64>) {
    let mut doubled = HashSet::new();
    let mut count = 0;
    let mut part = Vec::new();
    for index in 0..n_parts as u64 {
        part.clear();
        for_each_hash(table, |_, hash| {
            if hash & (n_parts as u64 - 1) == index {
                part.push(hash);
            }
            true
        });
        part.sort_unstable();
        for run in part.chunk_by(|a, b| a == b).filter(|run| run.len() > 1) {
            count += run.len() as u64 - 1;
            if doubled.len() < MAX_DOUBLED {
                doubled.insert(run[0]);
            }
        }
    }
    (count, doubled)
}

/// The first rows that are equal to an earlier one.
fn first_duplicates(table: &Table, doubled: &HashSet<u64>) -> Vec<usize> {
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for_each_hash(table, |row, hash| {
        if doubled.contains(&hash) && !seen.insert(hash) {
            rows.push(row);
        }
        rows.len() < crate::engine::finding::Finding::MAX_PLACES
    });
    rows
}

/// The values of the first column that has all of them and ascends.
fn ascending(table: &Table) -> Option<&[i64]> {
    table.columns().iter().filter(|column| column.validity().n_missing() == 0).find_map(|column| {
        let (ColumnData::Integer(values) | ColumnData::Timestamp { ms: values, .. }) = column.data() else {
            return None;
        };
        values.is_sorted().then_some(&values[..])
    })
}

/// Gives the hash of each row that may have an equal, in order, until told to stop.
fn for_each_hash(table: &Table, mut take: impl FnMut(usize, u64) -> bool) {
    let keys = ascending(table);
    let may_have_equal = |row: usize| match keys {
        Some(keys) => row > 0 && keys[row - 1] == keys[row] || keys.get(row + 1) == Some(&keys[row]),
        None => true,
    };
    let mut candidates = (0..table.n_rows()).filter(|&row| may_have_equal(row));
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
                    add(&mut hashes, &rows, is_valid, |row| u64::from(codes[row]));
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

    #[test]
    fn parts_change_nothing() {
        let values: Vec<i64> = (0..10_000).map(|i| i % 7_000).collect();
        let mut validity = Validity::new();
        values.iter().for_each(|&value| validity.push(value % 5 > 0));
        let table = Table::new(vec![Column::new("n".to_owned(), ColumnData::Integer(values), validity)]);
        let (count, doubled) = count_duplicates(&table, 1);
        // 2,400 of the repeated values, and all of the missing ones but the first.
        assert_eq!(count, 2_400 + 1_999);
        assert_eq!(count_duplicates(&table, 8), (count, doubled.clone()));
        assert_eq!(first_duplicates(&table, &doubled)[..3], [5, 10, 15]);
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
        assert!(super::ascending(&ascends).is_some() && super::ascending(&does_not).is_none());
        let (count, doubled) = count_duplicates(&ascends, 1);
        let (count_of_all, doubled_of_all) = count_duplicates(&does_not, 1);
        assert_eq!(count, count_of_all);
        assert!(count > 0);
        assert_eq!(first_duplicates(&ascends, &doubled), first_duplicates(&does_not, &doubled_of_all));
    }
}
