//! One column explored: numbers and times by sorting a copy of their keys, all else by counting.

use super::keys::{KeyKind, KeySort, whole};
use super::numbers::{self, Sorted};
use super::report::{ColumnReport, Histogram, NumberReport, OverTime, TimeReport, TopValue};
use super::{calendar, shortened};
use crate::engine::table::{Codes, Column, ColumnData, Dictionary, Validity};

/// A column being explored.
#[derive(Debug, Default)]
pub(super) struct ColumnJob {
    sort: KeySort,
}

/// A column explored.
pub(super) struct Explored {
    pub report: ColumnReport,
    /// Of times.
    pub over_time: Option<OverTime>,
}

impl ColumnJob {
    /// Does a block of work; `None` while there is more. Reading off sorted keys is one step.
    pub fn step(&mut self, column: &Column) -> Option<Explored> {
        let kind = match column.data() {
            ColumnData::Integer(_) | ColumnData::Timestamp { .. } => KeyKind::Whole,
            ColumnData::Float(_) => KeyKind::Float,
            ColumnData::Boolean(values) => return Some(of_booleans(column, values)),
            ColumnData::Category { codes, dictionary } => {
                return Some(of_categories(column, codes, dictionary));
            }
        };
        if self.sort.step(column) {
            return None;
        }
        let keys = std::mem::take(&mut self.sort).into_sorted();
        Some(of_keys(column, Sorted { keys: &keys, kind }))
    }
}

/// Moments and quartiles of a column of numbers or, in milliseconds, of times; `None` of others and without a value.
pub fn numbers_of(column: &Column) -> Option<NumberReport> {
    let mut sort = KeySort::default();
    while sort.step(column) {}
    let kind = if matches!(column.data(), ColumnData::Float(_)) { KeyKind::Float } else { KeyKind::Whole };
    numbers::report(Sorted { keys: &sort.into_sorted(), kind })
}

/// The most frequent values, kept as they are offered.
struct Top {
    /// Count and name of a value, most frequent first.
    entries: Vec<(u64, u64)>,
}

impl Top {
    fn new() -> Self {
        Top { entries: Vec::with_capacity(ColumnReport::MAX_TOP + 1) }
    }

    /// Offers a value; among equally frequent ones, `is_before` puts the kept one first.
    fn offer(&mut self, count: u64, value: u64, is_before: impl Fn(u64) -> bool) {
        let is_behind = |&(kept, other): &(u64, u64)| kept < count || (kept == count && !is_before(other));
        let place = self.entries.iter().position(is_behind).unwrap_or(self.entries.len());
        if place < ColumnReport::MAX_TOP {
            self.entries.insert(place, (count, value));
            self.entries.truncate(ColumnReport::MAX_TOP);
        }
    }

    /// The values worth showing of a column with that many distinct ones.
    fn into_values(self, n_distinct: usize, text: impl Fn(u64) -> String) -> Vec<TopValue> {
        let is_shown = |count: u64| count > 1 || n_distinct <= ColumnReport::MAX_TOP;
        self.entries
            .into_iter()
            .filter(|&(count, _)| is_shown(count))
            .map(|(count, value)| TopValue { value: shortened(&text(value)), count })
            .collect()
    }
}

fn report(column: &Column, distinct: usize, top: Vec<TopValue>) -> ColumnReport {
    ColumnReport {
        name: column.name().to_owned(),
        column_type: column.column_type(),
        missing: column.validity().n_missing(),
        distinct,
        numbers: None,
        times: None,
        top,
        histogram: None,
    }
}

fn of_keys(column: &Column, sorted: Sorted<'_>) -> Explored {
    let mut top = Top::new();
    let mut n_distinct = 0;
    for run in sorted.keys.chunk_by(|a, b| a == b) {
        n_distinct += 1;
        // Runs come in ascending order: what is kept stands before.
        top.offer(run.len() as u64, run[0], |_| true);
    }
    let top = top.into_values(n_distinct, |key| text_of(column, sorted.kind, key));
    let mut report = report(column, n_distinct, top);
    let mut over_time = None;
    if let ColumnData::Timestamp { zoned, .. } = column.data() {
        if let (Some(&first), Some(&last)) = (sorted.keys.first(), sorted.keys.last()) {
            report.times = Some(TimeReport {
                first_ms: whole(first) as f64,
                last_ms: whole(last) as f64,
                zoned: *zoned,
                no_year: column.no_year(),
            });
        }
        report.histogram = calendar::edges(sorted.keys, numbers::MAX_BINS, column.wall_clock())
            .map(|(edges, _)| Histogram { counts: sorted.counts(&edges), edges });
        over_time = calendar::over_time(column, sorted.keys, *zoned);
    } else {
        report.numbers = numbers::report(sorted);
        report.histogram = report.numbers.as_ref().map(|found| numbers::histogram(sorted, found));
    }
    Explored { report, over_time }
}

/// A value of the column as the column itself writes it.
fn text_of(column: &Column, kind: KeyKind, key: u64) -> String {
    let mut validity = Validity::new();
    validity.push(true);
    let data = match column.data() {
        ColumnData::Timestamp { zoned, .. } => ColumnData::Timestamp { ms: vec![whole(key)], zoned: *zoned },
        ColumnData::Float(_) => ColumnData::Float(vec![kind.value(key)]),
        _ => ColumnData::Integer(vec![whole(key)]),
    };
    Column::new("", data, validity).with_type(column.column_type()).read_as(column).text(0).into_owned()
}

fn of_booleans(column: &Column, values: &[bool]) -> Explored {
    let n_true = (0..values.len()).filter(|&row| values[row] && column.is_valid(row)).count() as u64;
    let n_false = (column.len() - column.validity().n_missing()) as u64 - n_true;
    let mut top = Top::new();
    for (value, count) in [n_false, n_true].into_iter().enumerate().filter(|&(_, count)| count > 0) {
        top.offer(count, value as u64, |_| true);
    }
    let n_distinct = top.entries.len();
    let top = top.into_values(n_distinct, |value| (value == 1).to_string());
    Explored { report: report(column, n_distinct, top), over_time: None }
}

fn of_categories(column: &Column, codes: &Codes, dictionary: &Dictionary) -> Explored {
    let counts = code_counts(column, codes, dictionary.len());
    let mut top = Top::new();
    let mut n_distinct = 0;
    for (code, &count) in counts.iter().enumerate().filter(|&(_, &count)| count > 0) {
        n_distinct += 1;
        let value = dictionary.get(code as u32);
        top.offer(u64::from(count), code as u64, |other| dictionary.get(other as u32) < value);
    }
    let top = top.into_values(n_distinct, |code| dictionary.get(code as u32).to_owned());
    Explored { report: report(column, n_distinct, top), over_time: None }
}

/// Rows per dictionary code.
fn code_counts(column: &Column, codes: &Codes, n_codes: usize) -> Vec<u32> {
    let mut counts = vec![0_u32; n_codes];
    let is_whole = column.validity().n_missing() == 0;
    for (row, code) in codes.iter().enumerate() {
        if is_whole || column.is_valid(row) {
            counts[code as usize] += 1;
        }
    }
    counts
}
