//! Whether the first record names the columns, and the names.

use super::batch::Batch;
use super::guess::{self, Guess, Says, Tally};
use super::marks;
use super::missing::Missing;
use crate::engine::finding::{FindingKind, Findings};
use std::collections::{HashMap, HashSet};

/// Records below the first that are looked at.
const N_LOOKED_AT: usize = 1000;

/// A first cell that is more than one in so many of the values below it is a value itself.
const ONE_REPEAT_IN: usize = 100;

/// A first cell that is written like all but one in so many of the values below it is a value itself.
const ONE_UNLIKE_IN: usize = 10;

/// How a cell is written, where it has digits: runs of letters are `a`, of digits `0`, and what else there is stays.
fn shape_with_digits(cell: &[u8]) -> Option<Vec<u8>> {
    let mut shape = Vec::new();
    for byte in cell.trim_ascii() {
        let kind = match byte {
            b'0'..=b'9' => b'0',
            byte if byte.is_ascii_alphabetic() || !byte.is_ascii() => b'a',
            &byte => byte,
        };
        if shape.last() != Some(&kind) || !matches!(kind, b'0' | b'a') {
            shape.push(kind);
        }
    }
    shape.contains(&b'0').then_some(shape)
}

/// The name of a column without one, places counting from 1.
pub(super) fn name_of_place(place: usize) -> String {
    format!("column {place}")
}

/// Whether record `row` names the columns. Each column votes: for a header, when its values have a type that the first
/// cell does not have; against, when the first cell is a number, a time or a boolean itself. Where no column says
/// anything, it is a header unless most of its cells come again below, or are written as those below are: names of columns
/// seldom have digits just where their values do.
pub(super) fn is_header(batch: &Batch<'_>, row: usize) -> bool {
    let below = row + 1..batch.n_records().min(row + 1 + N_LOOKED_AT);
    let is_typed = |guess: Guess| !matches!(guess, Guess::Category | Guess::Unknown);
    let missing = Missing::default();
    let (mut scratch, mut other) = (Vec::new(), Vec::new());
    let (mut n_for, mut n_against) = (0, 0);
    let (mut n_silent, mut n_repeated) = (0, 0);
    for column in 0..batch.n_fields(row) {
        let Some(cell) = batch.field(row, column).map(|field| field.value(&mut scratch)) else { continue };
        let mut tally = Tally::default();
        let (mut n_values, mut n_same, mut n_alike) = (0, 0, 0);
        let shape = shape_with_digits(cell);
        for row in below.clone() {
            if let Some(value) = batch.field(row, column).map(|field| field.value(&mut other)) {
                tally.add(value, &missing);
                n_values += 1;
                n_same += usize::from(value == cell);
                n_alike += usize::from(shape.is_some() && shape_with_digits(value) == shape);
            }
        }
        // Numbers with marks, which have no type by themselves.
        let (marked_below, is_marked) = (tally.may_have_marks(), marks::can_be_marked(cell.trim_ascii()));
        match guess::of_value(cell, Says::default(), &missing) {
            Guess::Unknown => {}
            Guess::Category if is_typed(tally.guess(Says::default())) || marked_below && !is_marked => {
                n_for += 1
            }
            Guess::Category if marked_below => n_against += 1,
            Guess::Category => {
                n_silent += 1;
                let is_alike = n_alike > 0 && (n_values - n_alike) * ONE_UNLIKE_IN <= n_values;
                n_repeated += usize::from(n_same * ONE_REPEAT_IN > n_values || is_alike);
            }
            _ => n_against += 1,
        }
    }
    if n_for + n_against > 0 { n_for >= n_against } else { n_repeated * 2 <= n_silent }
}

/// Whether the cells of record `row` are the names of known columns, in any order.
pub(super) fn has_names(batch: &Batch<'_>, row: usize, names: &[String]) -> bool {
    let mut scratch = Vec::new();
    let known: HashSet<&[u8]> = names.iter().map(|name| name.as_bytes()).collect();
    (0..batch.n_fields(row)).all(|column| {
        let cell = batch.field(row, column).map_or(&[][..], |field| field.value(&mut scratch));
        known.contains(cell.trim_ascii())
    })
}

/// The names of the header in record `row`, made unique. `has_row_names` puts a column without a name in front.
pub(super) fn names(
    batch: &Batch<'_>,
    row: usize,
    has_row_names: bool,
    findings: &mut Findings,
) -> Vec<String> {
    let mut scratch = Vec::new();
    let (at, header) = (batch.position(row), batch.record(row));
    let mut found: Vec<String> = if has_row_names { vec![String::new()] } else { Vec::new() };
    for column in 0..batch.n_fields(row) {
        let text = batch.field(row, column).map_or(&[][..], |field| field.value(&mut scratch));
        let name = String::from_utf8_lossy(text);
        if std::str::from_utf8(text).is_err() {
            findings.report_record(
                FindingKind::ReplacedBytes,
                1,
                at,
                || header,
                || "bytes of the header that are not UTF-8 were replaced by \u{FFFD}".to_owned(),
            );
        }
        found.push(name.trim().to_owned());
    }
    // A name that some column really has is not given to another.
    let mut taken: HashSet<String> = found.iter().cloned().collect();
    let mut seen: HashSet<String> = HashSet::new();
    let mut last_number: HashMap<String, usize> = HashMap::new();
    let mut names = Vec::with_capacity(found.len());
    for (column, name) in found.into_iter().enumerate() {
        let is_kept = !name.is_empty() && seen.insert(name.clone());
        let base = if name.is_empty() { name_of_place(column + 1) } else { name.clone() };
        let mut unique = base.clone();
        while !is_kept && taken.contains(&unique) {
            let number = last_number.entry(base.clone()).or_insert(1);
            *number += 1;
            unique = format!("{base} ({number})");
        }
        taken.insert(unique.clone());
        if name.is_empty() {
            findings.report_record(
                FindingKind::EmptyHeader,
                1,
                at,
                || header,
                || format!("columns without a name were named by their place, as \"{unique}\""),
            );
        } else if unique != name {
            findings.report_record(
                FindingKind::DuplicateHeader,
                1,
                at,
                || header,
                || format!("columns of the same name got a number, as \"{unique}\""),
            );
        }
        names.push(unique);
    }
    names
}
