//! A day in one column and a time of day in another, as spreadsheets and many servers write them. What analyses need is both
//! together, so a column of times is added behind the others.
//!
//! Days are a column of times that are all midnight by its clock; times of day a column of categories that are read as
//! `HH:MM`, with seconds, a fraction or AM and PM. They belong together where they stand side by side, and where the table
//! has no other column of times and one of each; and wherever the caller names the times that they make, as a saved model
//! does. Rows that are added up while they are read are not joined.

use super::moment;
use crate::engine::error::Position;
use crate::engine::finding::{FindingKind, Findings};
use crate::engine::table::{Column, ColumnData, ColumnType, Table, Validity};
use crate::engine::time::DAY_MS;
use crate::engine::time::zone::Local;

/// At most one word in so many may be something else than a time of day; rows with it have no time.
const ONE_OTHER_IN: usize = 50;
/// Words by which a column of categories is left alone.
const N_FIRST_WORDS: usize = 20;
/// Rows per step: a few milliseconds.
const ROWS_PER_STEP: usize = 65_536;

/// Columns of times under construction, one after the other.
#[derive(Debug)]
pub(super) struct JoinJob {
    /// Those left, the next last.
    pairs: Vec<Pair>,
    times: Times,
    joined: Vec<Column>,
}

#[derive(Debug)]
struct Pair {
    day: usize,
    clock: usize,
    name: String,
    /// Milliseconds into the day, by the code of the time of day.
    clock_ms: Vec<Option<i64>>,
    /// Asked for, so whatever is no day or no time of day is missing.
    is_named: bool,
}

/// Those of the pair at hand, as far as they are made.
#[derive(Debug, Default)]
struct Times {
    ms: Vec<i64>,
    validity: Validity,
    n_unread: u64,
    n_skipped: u64,
    n_twice: u64,
}

impl JoinJob {
    /// Finds what belongs together; `named` are pairs that were asked for.
    pub(super) fn new(table: &Table, named: &[[String; 2]]) -> JoinJob {
        let columns = table.columns();
        let mut pairs: Vec<Pair> = Vec::new();
        let mut add = |day: usize, clock: usize, clock_ms: &[Option<i64>], is_named: bool| {
            let name = format!("{} {}", columns[day].name(), columns[clock].name());
            if table.index_of(&name).is_err() && pairs.iter().all(|other| other.name != name) {
                pairs.push(Pair { day, clock, name, clock_ms: clock_ms.to_vec(), is_named });
            }
        };
        for [day, clock] in named {
            let (Ok(day), Ok(clock)) = (table.index_of(day), table.index_of(clock)) else { continue };
            if columns[day].column_type() == ColumnType::Timestamp {
                add(day, clock, &read(&columns[clock]).unwrap_or_default(), true);
            }
        }
        let days: Vec<usize> = (0..columns.len()).filter(|&place| may_be_days(&columns[place])).collect();
        let clocks: Vec<(usize, Vec<Option<i64>>)> = match days.is_empty() {
            true => Vec::new(),
            false => (0..columns.len()).filter_map(|place| Some((place, clocks(&columns[place])?))).collect(),
        };
        let n_times = columns.iter().filter(|column| column.column_type() == ColumnType::Timestamp).count();
        let is_only_pair = n_times == 1 && clocks.len() == 1;
        for &day in &days {
            let behind = clocks.iter().find(|(clock, _)| *clock == day + 1);
            let before = || clocks.iter().find(|(clock, _)| clock + 1 == day);
            let any = || clocks.first().filter(|_| is_only_pair);
            if let Some((clock, ms)) = behind.or_else(before).or_else(any) {
                add(day, *clock, ms, false);
            }
        }
        pairs.reverse();
        JoinJob { pairs, times: Times::default(), joined: Vec::new() }
    }

    /// Joins some rows. False once all is done.
    pub(super) fn step(&mut self, table: &Table, findings: &mut Findings) -> bool {
        let Some(pair) = self.pairs.last() else { return false };
        let are_days = self.times.extend(table, pair);
        if !are_days || self.times.ms.len() == table.n_rows() {
            let (times, pair) = (std::mem::take(&mut self.times), self.pairs.pop());
            self.joined.extend(pair.filter(|_| are_days).map(|pair| times.finish(table, pair, findings)));
        }
        !self.pairs.is_empty()
    }

    /// What came of it.
    pub(super) fn finish(self) -> Vec<Column> {
        self.joined
    }
}

impl Times {
    /// Some more rows, missing where one of the two is. False where the days are none after all.
    fn extend(&mut self, table: &Table, pair: &Pair) -> bool {
        let (day, clock) = (&table.columns()[pair.day], &table.columns()[pair.clock]);
        let ColumnData::Timestamp { ms: days, .. } = day.data() else { return false };
        let codes = match clock.data() {
            ColumnData::Category { codes, .. } => codes.as_slice(),
            _ => &[],
        };
        let start = self.ms.len();
        for (row, &day_ms) in days.iter().enumerate().skip(start).take(ROWS_PER_STEP) {
            let midnight_ms = day.is_valid(row).then(|| midnight(day, day_ms));
            if matches!(midnight_ms, Some((_, false))) && !pair.is_named {
                return false;
            }
            let in_day_ms = match codes.get(row).filter(|_| clock.is_valid(row)) {
                Some(&code) => {
                    let read = pair.clock_ms.get(code as usize).copied().flatten();
                    self.n_unread += u64::from(read.is_none());
                    read
                }
                None => None,
            };
            let ms = match (midnight_ms, in_day_ms) {
                (Some((local_ms, _)), Some(in_day_ms)) => {
                    let local_ms = local_ms.saturating_add(in_day_ms);
                    let local = day.zone().map_or(Local::Once(local_ms), |zone| zone.to_utc(local_ms));
                    self.n_skipped += u64::from(matches!(local, Local::Skipped(_)));
                    self.n_twice += u64::from(matches!(local, Local::Twice(_)));
                    Some(local.ms())
                }
                _ => None,
            };
            self.validity.push(ms.is_some());
            self.ms.push(ms.unwrap_or(0));
        }
        true
    }

    fn finish(self, table: &Table, pair: Pair, findings: &mut Findings) -> Column {
        let (day, clock) = (&table.columns()[pair.day], &table.columns()[pair.clock]);
        let mut report = |kind, n: u64, message: String| {
            if n > 0 {
                findings.report_many(kind, &pair.name, n, Position::default(), || message);
            }
        };
        let (day_name, clock_name, name) = (day.name(), clock.name(), &pair.name);
        let joined = format!(
            "column \"{day_name}\" has the day and \"{clock_name}\" the time of day; column \"{name}\" has both, as times"
        );
        report(FindingKind::JoinedColumns, 1, joined);
        let unread = format!("no time of day in \"{clock_name}\"; taken as missing in \"{name}\"");
        report(FindingKind::BadTime, self.n_unread, unread);
        let skipped = format!("local times in \"{name}\" that clocks never showed, as they were put forward");
        report(FindingKind::NonexistentTime, self.n_skipped, skipped);
        let twice = format!("local times in \"{name}\" that clocks showed twice; taken as the earlier");
        report(FindingKind::AmbiguousTime, self.n_twice, twice);
        let zoned = matches!(day.data(), ColumnData::Timestamp { zoned: true, .. });
        let data = ColumnData::Timestamp { ms: self.ms, zoned };
        let parts = [day_name.to_owned(), clock_name.to_owned()];
        Column::new(pair.name, data, self.validity).with_zone_of(day).made_of(parts)
    }
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

/// Midnight of a moment's day by the column's clock, and whether the moment is that: where a clock skips midnight, it is
/// what midnight is taken as.
fn midnight(column: &Column, ms: i64) -> (i64, bool) {
    let local_ms = column.wall_clock().local_ms(ms);
    let floor_ms = local_ms - local_ms.rem_euclid(DAY_MS);
    let is_midnight =
        floor_ms == local_ms || column.zone().is_some_and(|zone| zone.to_utc(floor_ms).ms() == ms);
    (floor_ms, is_midnight)
}

/// Whether a column may hold days and no times of day, by its first rows.
fn may_be_days(column: &Column) -> bool {
    let ColumnData::Timestamp { ms, .. } = column.data() else { return false };
    let is_day = |&row: &usize| !column.is_valid(row) || midnight(column, ms[row]).1;
    let n_first = column.len().min(ROWS_PER_STEP);
    column.validity().n_missing() < column.len() && (0..n_first).all(|row| is_day(&row))
}

/// What each word of a column of categories is as a time of day.
fn read(column: &Column) -> Option<Vec<Option<i64>>> {
    let ColumnData::Category { dictionary, .. } = column.data() else { return None };
    Some(dictionary.iter().map(|word| moment::time_of_day(word.as_bytes())).collect())
}

/// The same where the column holds times of day.
fn clocks(column: &Column) -> Option<Vec<Option<i64>>> {
    let ColumnData::Category { dictionary, .. } = column.data() else { return None };
    let mut first = dictionary.iter().take(N_FIRST_WORDS);
    let is_clock = |word: &str| moment::time_of_day(word.as_bytes()).is_some();
    if column.column_type() != ColumnType::Category || !first.any(is_clock) {
        return None;
    }
    let ms = read(column)?;
    let n_others = ms.iter().filter(|ms| ms.is_none()).count();
    (n_others * ONE_OTHER_IN <= ms.len()).then_some(ms)
}
