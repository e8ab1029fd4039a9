//! A day in one column and a time of day in another, as spreadsheets and many servers write them. What analyses need is both
//! together, so a column of times is added behind the others.
//!
//! Days are a column of times that are all midnight by its clock; times of day a column of categories that are read as
//! `HH:MM`, with seconds, a fraction or AM and PM. They belong together where they stand side by side, and where the table
//! has no other column of times and one of each.

use super::moment;
use crate::engine::error::Position;
use crate::engine::finding::{FindingKind, Findings};
use crate::engine::table::{Column, ColumnData, ColumnType, Table, Validity};
use crate::engine::time::DAY_MS;

/// At most one word in so many may be something else than a time of day; rows with it have no time.
const ONE_OTHER_IN: usize = 50;
/// Words by which a column of categories is left alone.
const N_FIRST_WORDS: usize = 20;

/// A column of times of day: milliseconds into the day by code.
struct Clocks {
    place: usize,
    ms: Vec<Option<i64>>,
}

/// The table with its joined times, each with a finding.
pub(super) fn with_joined_times(table: Table, findings: &mut Findings) -> Table {
    let columns = || table.columns().iter().enumerate();
    let days: Vec<usize> = columns().filter(|(_, column)| are_days(column)).map(|(place, _)| place).collect();
    if days.is_empty() {
        return table;
    }
    let clocks: Vec<Clocks> = columns().filter_map(|(place, column)| clocks(place, column)).collect();
    let n_times = columns().filter(|(_, column)| column.column_type() == ColumnType::Timestamp).count();
    let is_only_pair = n_times == 1 && clocks.len() == 1;
    let mut joined = Vec::new();
    for &day in &days {
        let behind = clocks.iter().find(|clocks| clocks.place == day + 1);
        let before = || clocks.iter().find(|clocks| clocks.place + 1 == day);
        let any = || clocks.first().filter(|_| is_only_pair);
        let Some(clocks) = behind.or_else(before).or_else(any) else { continue };
        let (day, clock) = (&table.columns()[day], &table.columns()[clocks.place]);
        let name = format!("{} {}", day.name(), clock.name());
        let is_taken =
            table.index_of(&name).is_ok() || joined.iter().any(|other: &Column| other.name() == name);
        if let (false, Some(times)) = (is_taken, times(name, day, clock, clocks)) {
            findings.report(FindingKind::JoinedColumns, times.name(), Position::default(), || {
                format!(
                    "column \"{}\" has the day and \"{}\" the time of day; column \"{}\" has both, as times",
                    day.name(),
                    clock.name(),
                    times.name()
                )
            });
            joined.push(times);
        }
    }
    table.with_further(joined)
}

/// The columns of which one with this name would be made, where there are such and none has the name itself: who asks for
/// the times asks for both.
pub(super) fn parts<'a>(name: &str, names: &'a [String]) -> Option<[&'a String; 2]> {
    if names.iter().any(|other| other == name) {
        return None;
    }
    names.iter().find_map(|day| {
        let clock = name.strip_prefix(day.as_str())?.strip_prefix(' ')?;
        Some([day, names.iter().find(|other| *other == clock)?])
    })
}

/// Whether a column holds days and no times of day.
fn are_days(column: &Column) -> bool {
    let ColumnData::Timestamp { ms, .. } = column.data() else { return false };
    let clock = column.wall_clock();
    let is_midnight = |row: usize| !column.is_valid(row) || clock.local_ms(ms[row]).rem_euclid(DAY_MS) == 0;
    column.validity().n_missing() < column.len() && (0..column.len()).all(is_midnight)
}

/// The times of day of a column, where it holds some.
fn clocks(place: usize, column: &Column) -> Option<Clocks> {
    let ColumnData::Category { dictionary, .. } = column.data() else { return None };
    let read = |word: &str| moment::time_of_day(word.as_bytes());
    let is_category = column.column_type() == ColumnType::Category && !dictionary.is_empty();
    let mut first = dictionary.iter().take(N_FIRST_WORDS);
    if !is_category || first.all(|word| read(word).is_none()) {
        return None;
    }
    let ms: Vec<Option<i64>> = dictionary.iter().map(read).collect();
    let n_others = ms.iter().filter(|ms| ms.is_none()).count();
    (n_others * ONE_OTHER_IN <= ms.len()).then_some(Clocks { place, ms })
}

/// Both together: missing where one of the two is.
fn times(name: String, day: &Column, clock: &Column, clocks: &Clocks) -> Option<Column> {
    let ColumnData::Timestamp { ms: days, zoned } = day.data() else { return None };
    let ColumnData::Category { codes, .. } = clock.data() else { return None };
    let wall = day.wall_clock();
    let mut validity = Validity::new();
    let ms = (0..day.len()).map(|row| {
        let is_known = day.is_valid(row) && clock.is_valid(row);
        let in_day_ms = clocks.ms.get(codes[row] as usize).copied().flatten().filter(|_| is_known);
        validity.push(in_day_ms.is_some());
        in_day_ms.map_or(0, |in_day_ms| {
            let local_ms = wall.local_ms(days[row]).saturating_add(in_day_ms);
            day.zone().map_or(local_ms, |zone| zone.to_utc(local_ms).ms())
        })
    });
    let ms = ms.collect();
    let column = Column::new(name, ColumnData::Timestamp { ms, zoned: *zoned }, validity).with_zone_of(day);
    Some(column.made_of([day.name().to_owned(), clock.name().to_owned()]))
}
