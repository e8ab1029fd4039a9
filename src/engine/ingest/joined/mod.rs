//! A time in several columns, as spreadsheets and many servers write it: a day and a time of day, or the parts of a day. What
//! analyses need is all of it together, so a column of times is added behind the others.
//!
//! What a column holds is told by `part`. Together belong
//!
//! - a column of times that are all midnight and one of times of day, where they stand side by side, and where the table
//!   has no other column of times and one of each; or, where there are no times of day, columns of hours, minutes and seconds
//!   as numbers, by their names;
//! - columns of a year, a month and a day of it that stand side by side, with a time of day or columns of hours, minutes
//!   and seconds beside them; without a year only with a time of day, and read as times without a year are. Only where the
//!   table has no column of times, and where each part is in one column: which of two it is would be a guess;
//! - and whatever the caller names the times of, as a saved model does.
//!
//! Rows that are added up while they are read are joined in blocks ([`BlockJoin`]), as the sample of them was.

mod blocks;
mod part;

pub use blocks::BlockJoin;

use super::guess::Guess;
use super::moment::{self, Day, Format, Moment};
use super::times::{FinishedTimes, Times};
use crate::engine::error::Position;
use crate::engine::finding::{FindingKind, Findings, Places};
use crate::engine::table::{Column, ColumnData, ColumnType, Table, Validity};
use crate::engine::time::zone::Zone;
use crate::engine::time::{HOUR_MS, SECOND_MS, days_in_month};
use part::{Found, LAYOUTS, Part, Reads, may_be_days};
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

/// Rows per step: a few milliseconds.
const ROWS_PER_STEP: usize = 65_536;
/// Rows by which it is told what columns hold that were named.
const N_TRIED: usize = 1_000;
/// At most one row in so many that have a part of a day may have no time; a day that stands in one column is more surely one.
const ONE_OTHER_IN: u64 = 50;
const ONE_OTHER_OF_DAYS_IN: u64 = 2;

/// Columns that are one time: places in the table, in the order of their parts.
#[derive(Debug, Clone, PartialEq)]
struct Together {
    parts: Vec<(Part, usize)>,
    /// Asked for, so whatever is no part of a time is missing.
    is_named: bool,
}

/// Columns of times under construction, one after the other.
#[derive(Debug)]
pub(super) struct JoinJob {
    /// Those left, the next last.
    left: Vec<Together>,
    zone: Option<Arc<Zone>>,
    making: Option<Making>,
    joined: Vec<Column>,
}

/// Times of some columns, as far as they are made.
#[derive(Debug)]
struct Making {
    name: String,
    parts: Vec<(Part, usize, Reads)>,
    is_named: bool,
    times: Times,
    validity: Validity,
    /// Rows that have some part but no time.
    unread: Places,
}

impl JoinJob {
    /// Finds what belongs together; `named` are columns whose times were asked for, and `zone` is that of times that name
    /// none.
    pub(super) fn new(table: &Table, named: &[Vec<String>], zone: Option<Arc<Zone>>) -> JoinJob {
        let mut left: Vec<Together> = Vec::new();
        let named = named.iter().filter_map(|names| of_names(table, names));
        for together in named.chain(found(table)) {
            if left.iter().all(|other| other.name(table) != together.name(table)) {
                left.push(together);
            }
        }
        left.reverse();
        JoinJob { left, zone, making: None, joined: Vec::new() }
    }

    /// Joins some rows. False once all is done.
    pub(super) fn step(&mut self, table: &Table, findings: &mut Findings) -> bool {
        if self.making.is_none()
            && let Some(together) = self.left.pop()
        {
            match table.index_of(&together.name(table)) {
                // It may well be what would be made.
                Ok(taken) => report_taken(table, &together, taken, findings),
                Err(_) => self.making = Some(Making::new(table, &together, self.zone.clone())),
            }
        }
        if let Some(making) = &mut self.making {
            let start = making.validity.len();
            let is_one = making.extend(table, start..(start + ROWS_PER_STEP).min(table.n_rows()));
            if !is_one || making.validity.len() == table.n_rows() {
                let made = self.making.take().filter(|making| is_one && making.is_likely());
                self.joined.extend(made.map(|making| making.finish(table, findings)));
            }
        }
        self.making.is_some() || !self.left.is_empty()
    }

    /// What came of it.
    pub(super) fn finish(self) -> Vec<Column> {
        self.joined
    }
}

impl Together {
    fn name(&self, table: &Table) -> String {
        self.names(table).join(" ")
    }

    fn names(&self, table: &Table) -> Vec<String> {
        self.parts.iter().map(|&(_, place)| table.columns()[place].name().to_owned()).collect()
    }
}

impl Making {
    #[inline(never)]
    fn new(table: &Table, together: &Together, zone: Option<Arc<Zone>>) -> Making {
        let reads = |part: Part, place: usize| Reads::of(part, &table.columns()[place]);
        let parts = together.parts.iter().map(|&(part, place)| (part, place, reads(part, place)));
        Making {
            name: together.name(table),
            parts: parts.collect(),
            is_named: together.is_named,
            times: Times::new(0, false, zone),
            validity: Validity::new(),
            unread: Places::default(),
        }
    }

    /// Some more rows, missing where one of the parts is. False where columns that nobody named have days that are none.
    #[inline(never)]
    fn extend(&mut self, table: &Table, rows: Range<usize>) -> bool {
        let is_zoned = self.is_zoned(table);
        for row in rows {
            let (mut civil, mut n_missing, mut n_others) = (Civil::default(), 0, 0);
            for (part, place, reads) in &self.parts {
                match reads.found(&table.columns()[*place], row) {
                    Found::Value(value) => civil.set(*part, value),
                    Found::Missing => n_missing += 1,
                    Found::Other if *part == Part::Day && !self.is_named => return false,
                    Found::Other => n_others += 1,
                }
            }
            let (position, text) = (|| table.position(row), OnceCell::new());
            let record = || text.get_or_init(|| text_of(table, &self.parts, row)).as_bytes();
            let is_read = n_missing + n_others == 0
                && civil
                    .moment(is_zoned)
                    .is_some_and(|moment| self.times.push_moment(moment, &[], &position, &record));
            if !is_read {
                self.times.push_missing();
                if n_missing < self.parts.len() {
                    self.unread.add_next(position, record);
                }
            }
            self.validity.push(is_read);
        }
        true
    }

    /// Whether the file's own text says that the days are of UTC.
    fn is_zoned(&self, table: &Table) -> bool {
        self.parts.iter().any(|&(_, place, _)| {
            let column = &table.columns()[place];
            matches!(column.data(), ColumnData::Timestamp { zoned: true, .. }) && column.zone().is_none()
        })
    }

    /// Whether enough rows that have some part have a time.
    fn is_likely(&self) -> bool {
        let n_read = (self.validity.len() - self.validity.n_missing()) as u64;
        let has_day = self.parts.iter().any(|(part, ..)| *part == Part::Day);
        let one_in = if has_day { ONE_OTHER_OF_DAYS_IN } else { ONE_OTHER_IN };
        self.is_named || self.unread.n() * one_in <= n_read + self.unread.n()
    }

    fn finish(mut self, table: &Table, findings: &mut Findings) -> Column {
        let parts: Vec<(Part, String)> = self
            .parts
            .iter()
            .map(|&(part, place, _)| (part, table.columns()[place].name().to_owned()))
            .collect();
        report_joined(&self.name, &parts, findings);
        report_unread(&self.name, &parts, std::mem::take(&mut self.unread), findings);
        let names = parts.into_iter().map(|(_, name)| name).collect();
        let times = self.times.finish(&self.name, &self.validity, None, findings, &mut Vec::new());
        column(self.name, times, self.validity, names)
    }
}

/// What a row has of the parts, for people.
fn text_of(table: &Table, parts: &[(Part, usize, Reads)], row: usize) -> String {
    let texts = parts.iter().map(|&(_, place, _)| table.columns()[place].text(row));
    texts.collect::<Vec<_>>().join(", ")
}

/// A column of joined times.
fn column(name: String, times: FinishedTimes, validity: Validity, parts: Vec<String>) -> Column {
    let data = ColumnData::Timestamp { ms: times.ms, zoned: times.zoned };
    let column = Column::new(name, data, validity).made_of(parts).without_year(times.no_year);
    match times.zone {
        Some(zone) => column.in_zone(zone),
        None => column,
    }
}

/// What is known of a row's time.
#[derive(Debug, Clone, Copy, Default)]
struct Civil {
    days: Option<i64>,
    year: Option<i64>,
    month: u32,
    day: u32,
    in_day_ms: i64,
}

impl Civil {
    fn set(&mut self, part: Part, value: i64) {
        match part {
            Part::Day => self.days = Some(value),
            Part::Year => self.year = Some(value),
            Part::Month => self.month = value as u32,
            Part::DayOfMonth => self.day = value as u32,
            Part::Clock => self.in_day_ms += value,
            Part::Hour => self.in_day_ms += value * HOUR_MS,
            Part::Minute => self.in_day_ms += value * 60 * SECOND_MS,
            Part::Second => self.in_day_ms += value * SECOND_MS,
        }
    }

    /// The moment, if its day exists.
    fn moment(self, is_zoned: bool) -> Option<Moment> {
        let Civil { days, year, month, day, in_day_ms } = self;
        let (format, day) = match (days, year) {
            (Some(days), _) => (Format::Iso, Day::Known(days)),
            (None, Some(year)) => (Format::Iso, Day::Known(moment::checked_days(year, month, day)?)),
            (None, None) if day <= days_in_month(2000, month)? => {
                (Format::NoYear, Day::NoYear { month, day })
            }
            (None, None) => return None,
        };
        Some(Moment { format, day, in_day_ms, is_zoned })
    }
}

fn report_joined(name: &str, parts: &[(Part, String)], findings: &mut Findings) {
    let message = match parts {
        [(Part::Day, day), (Part::Clock, clock)] => format!(
            "column \"{day}\" has the day and \"{clock}\" the time of day; column \"{name}\" has both, as times"
        ),
        parts => {
            format!("columns {} have the parts of a time; column \"{name}\" has all, as times", listed(parts))
        }
    };
    findings.report_many(FindingKind::JoinedColumns, name, 1, Position::default(), || message);
}

fn report_unread(name: &str, parts: &[(Part, String)], unread: Places, findings: &mut Findings) {
    findings.report_places(FindingKind::BadTime, name, unread.n(), unread, || {
        format!(
            "no time in {} together, as one is missing or no part of a time; missing in \"{name}\"",
            listed(parts)
        )
    });
}

/// Says that columns are left apart as the file has one of the name that they would have together, and no times in it.
fn report_taken(table: &Table, together: &Together, taken: usize, findings: &mut Findings) {
    let taken = &table.columns()[taken];
    if taken.column_type() == ColumnType::Timestamp {
        return;
    }
    let name = taken.name();
    let parts: Vec<(Part, String)> =
        together.parts.iter().map(|&(part, _)| part).zip(together.names(table)).collect();
    findings.report_many(FindingKind::JoinedColumns, name, 1, Position::default(), || {
        format!(
            "{} would be one time together; they were left apart, as the file has another column \"{name}\"",
            listed(&parts)
        )
    });
}

/// `"a", "b" and "c"`.
fn listed(parts: &[(Part, String)]) -> String {
    let quoted: Vec<String> = parts.iter().map(|(_, name)| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => quoted.join(""),
    }
}

/// What belongs together by what the columns hold.
fn found(table: &Table) -> Vec<Together> {
    let columns = table.columns();
    let n_times = columns.iter().filter(|column| column.column_type() == ColumnType::Timestamp).count();
    let days: Vec<usize> = (0..columns.len()).filter(|&place| may_be_days(&columns[place])).collect();
    if n_times > 0 && days.is_empty() {
        return Vec::new();
    }
    let part_of: Vec<Option<Part>> = columns.iter().map(|column| Part::of(column)).collect();
    let clocks: Vec<usize> =
        (0..columns.len()).filter(|&place| part_of[place] == Some(Part::Clock)).collect();
    if n_times == 0 {
        return apart(&part_of, &clocks).into_iter().collect();
    }
    let is_only_pair = n_times == 1 && clocks.len() == 1;
    let pair = |&day: &usize| {
        let behind = clocks.iter().find(|&&clock| clock == day + 1);
        let before = || clocks.iter().find(|&&clock| clock + 1 == day);
        let any = || clocks.first().filter(|_| is_only_pair);
        let clock = behind.or_else(before).or_else(any).map(|&clock| vec![(Part::Clock, clock)]);
        let mut parts = vec![(Part::Day, day)];
        parts.extend(clock.or_else(|| hours(&part_of, day, n_times == 1 && clocks.is_empty()))?);
        Some(Together { parts, is_named: false })
    };
    days.iter().filter_map(pair).collect()
}

/// The columns of hours, minutes and seconds of a day: those behind it, or, of the `only` day, wherever they are.
fn hours(part_of: &[Option<Part>], day: usize, is_only: bool) -> Option<Vec<(Part, usize)>> {
    const PARTS: [Part; 3] = [Part::Hour, Part::Minute, Part::Second];
    let behind = PARTS
        .into_iter()
        .zip(day + 1..)
        .map(|(part, place)| (part_of.get(place).copied().flatten() == Some(part)).then_some((part, place)));
    let anywhere = PARTS.into_iter().map(|part| {
        let mut places = (0..part_of.len()).filter(|&place| part_of[place] == Some(part));
        let place = places.next().filter(|_| places.next().is_none())?;
        Some((part, place))
    });
    let found = |parts: &mut dyn Iterator<Item = Option<(Part, usize)>>| {
        let found: Vec<_> = parts.map_while(|part| part).collect();
        (!found.is_empty()).then_some(found)
    };
    found(&mut behind.into_iter()).or_else(|| found(&mut anywhere.into_iter()).filter(|_| is_only))
}

/// Columns of the parts of a day, and what stands with them, if there is one such set.
fn apart(part_of: &[Option<Part>], clocks: &[usize]) -> Option<Together> {
    let mut all = Vec::new();
    let mut start = 0;
    while start < part_of.len() {
        let end = start + part_of[start..].iter().take_while(|part| part.is_some()).count();
        all.extend(of_run(part_of, start..end, clocks));
        start = end + 1;
    }
    let [_] = all.as_slice() else { return None };
    all.pop()
}

/// The same among columns that stand side by side.
fn of_run(part_of: &[Option<Part>], run: Range<usize>, clocks: &[usize]) -> Option<Together> {
    let mut places = run.clone().filter_map(|place| Some((part_of[place]?, place))).collect::<Vec<_>>();
    if let [clock] = clocks
        && !run.contains(clock)
    {
        places.push((Part::Clock, *clock));
    }
    let of = |part: Part| places.iter().find(|(known, _)| *known == part).copied();
    let is_twice = |part: Part| places.iter().filter(|(known, _)| *known == part).count() > 1;
    let layout = LAYOUTS.iter().rev().find(|layout| layout.iter().all(|&part| of(part).is_some()))?;
    let has_date = [Part::Month, Part::DayOfMonth].iter().all(|part| layout.contains(part));
    if !has_date || places.iter().any(|&(part, _)| is_twice(part)) {
        return None;
    }
    let parts = layout.iter().filter_map(|&part| of(part)).collect();
    Some(Together { parts, is_named: false })
}

/// The columns of these names, in this order, as what most of the first rows can be read as.
fn of_names(table: &Table, names: &[String]) -> Option<Together> {
    let places: Vec<usize> = names.iter().map(|name| table.index_of(name).ok()).collect::<Option<_>>()?;
    let of_layout = |layout: &&[Part]| {
        let parts = layout.iter().copied().zip(places.iter().copied()).collect();
        Together { parts, is_named: true }
    };
    let layouts = LAYOUTS.iter().filter(|layout| layout.len() == names.len());
    let tried = layouts.map(|layout| {
        let together = of_layout(layout);
        let mut making = Making::new(table, &together, None);
        making.extend(table, 0..table.n_rows().min(N_TRIED));
        (making.validity.n_missing(), together)
    });
    // Of equals the first.
    tried.reduce(|best, next| if next.0 < best.0 { next } else { best }).map(|(_, together)| together)
}

/// The columns of which one with this name would be made, where there are such and none has the name itself: who asks for
/// the times asks for them. `guesses` is what the columns are read as.
pub(super) fn parts(name: &str, names: &[String], guesses: &[Guess]) -> Option<Vec<String>> {
    let fits = |places: &&Vec<usize>| {
        LAYOUTS.iter().any(|layout| {
            layout.len() == places.len()
                && layout
                    .iter()
                    .zip(places.iter())
                    .all(|(part, &place)| part.fits_guess(guesses.get(place).copied().unwrap_or_default()))
        })
    };
    let splits = splits(name, names);
    // Of several ways the one of the fewest columns.
    let places = splits.iter().filter(fits).min_by_key(|places| places.len())?;
    Some(places.iter().map(|&place| names[place].clone()).collect())
}

/// Whether a name would be that of several columns together, whatever they hold.
pub(super) fn is_of_several(name: &str, names: &[String]) -> bool {
    !splits(name, names).is_empty()
}

fn splits(name: &str, names: &[String]) -> Vec<Vec<usize>> {
    let mut splits = Vec::new();
    if names.iter().all(|other| other != name) {
        split(name, names, &mut Vec::new(), &mut splits);
    }
    splits
}

/// All ways to write `name` as names of different columns with spaces between.
fn split(name: &str, names: &[String], before: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
    for (place, part) in names.iter().enumerate() {
        let Some(rest) = name.strip_prefix(part.as_str()).filter(|_| !before.contains(&place)) else {
            continue;
        };
        before.push(place);
        if rest.is_empty() {
            all.push(before.clone());
        } else if let Some(rest) = rest.strip_prefix(' ').filter(|_| before.len() < part::MAX_PARTS) {
            split(rest, names, before, all);
        }
        before.pop();
    }
}
