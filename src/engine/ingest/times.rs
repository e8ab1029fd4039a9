//! A column of times under construction: formats, the order of day and month, and years that are not written.
//!
//! Which of two numbers is the day may be known only at the end of the file. Such values are stored month first and
//! marked in one bit per row; when the column turns out to put the day first, their day and month are swapped, which
//! is always a date again because both are at most 12.

use super::local::LocalTimes;
use super::moment::{self, Day, Format, Moment};
use super::question::{DateOrder, Question, QuestionKind};
use crate::engine::error::Position;
use crate::engine::finding::{FindingKind, Findings};
use crate::engine::order;
use crate::engine::table::Validity;
use crate::engine::time::zone::Zone;
use crate::engine::time::{DAY_MS, civil_from_days, days_from_civil, days_in_month, iso};
use std::sync::Arc;

mod block;
mod slice;

pub(super) use slice::TimesSlice;

/// The year assumed for the first time that is written without one: a leap year, so that 29 February exists.
pub const ASSUMED_YEAR: i64 = 2000;

/// Months by which a time without a year may lie before the one above it and still be of the same year; further
/// back, a new year has begun.
const SAME_YEAR_MONTHS: u32 = 6;

/// Months by which it may lie ahead: further ahead it is of the year before, a straggler over New Year.
const STRAGGLER_MONTHS: u32 = 9;

/// One bit per row, rows from 0.
#[derive(Debug, Clone, Default)]
pub(super) struct RowSet(Vec<u64>);

impl RowSet {
    pub(super) fn insert(&mut self, row: usize) {
        if self.0.len() <= row / 64 {
            self.0.resize(row / 64 + 1, 0);
        }
        self.0[row / 64] |= 1 << (row % 64);
    }

    pub(super) fn contains(&self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }
}

/// What the dates of one separator tell about the order of day and month.
#[derive(Debug, Clone, Default)]
struct Order {
    n_day_first: u64,
    n_month_first: u64,
    n_either: u64,
    first_either: Position,
    either: RowSet,
    /// The first of them that differ.
    examples: Vec<String>,
}

impl Order {
    /// Keeps an example if it is another one and there is room.
    fn add_example(&mut self, text: &str) {
        if self.examples.len() < Question::MAX_EXAMPLES && !self.examples.iter().any(|known| known == text) {
            self.examples.push(text.to_owned());
        }
    }
}

/// How the order of one separator's dates was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    /// By its own dates, or there is nothing to settle.
    Own,
    /// By the dates of another separator in the same column.
    Others,
    /// Its own dates do not decide: as the caller says.
    Told,
    /// Its own dates contradict each other: by their majority.
    Majority,
    /// By the custom of the separator.
    Assumed,
}

/// Times of one column as they come.
#[derive(Debug, Clone)]
pub(super) struct Times {
    ms: Vec<i64>,
    reads_epochs: bool,
    /// Set where the caller names a zone.
    local: Option<Box<LocalTimes>>,
    n_of: [u64; Format::COUNT],
    first_of: [Position; Format::COUNT],
    /// Without and with a zone.
    n_by_zone: [u64; 2],
    first_by_zone: [Position; 2],
    /// By separator: slash, dot, dash.
    orders: [Order; 3],
    /// Year and month of the last time without a year, and whether a 29 February was among them.
    year: i64,
    month: Option<u32>,
    has_leap_day: bool,
    /// The last date of the fixed layout: logs stay on a day for long.
    last_date: [u8; 10],
    last_days: i64,
}

/// A finished column of times.
pub(super) struct FinishedTimes {
    pub(super) ms: Vec<i64>,
    pub(super) zoned: bool,
    /// The zone that the caller named.
    pub(super) zone: Option<Arc<Zone>>,
}

impl Times {
    /// A column that starts with `n_missing` rows without a value. Counts since 1970 and dates without separators are
    /// read where the name of the column, or the caller, says that it holds times. Times without a zone are those of
    /// `zone`.
    pub(super) fn new(n_missing: usize, reads_epochs: bool, zone: Option<Arc<Zone>>) -> Self {
        Times {
            ms: vec![0; n_missing],
            reads_epochs,
            local: zone.map(|zone| Box::new(LocalTimes::new(zone))),
            n_of: [0; Format::COUNT],
            first_of: [Position::default(); Format::COUNT],
            n_by_zone: [0; 2],
            first_by_zone: [Position::default(); 2],
            orders: Default::default(),
            year: ASSUMED_YEAR,
            month: None,
            has_leap_day: false,
            last_date: [0; 10],
            last_days: 0,
        }
    }

    /// Makes room for so many more.
    pub(super) fn reserve(&mut self, n_rows: usize) {
        self.ms.reserve(n_rows);
    }

    pub(super) fn push_missing(&mut self) {
        self.ms.push(0);
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let zoned = self.local.as_ref().map_or(0, |local| local.zoned.0.capacity());
        let either: usize = self.orders.iter().map(|order| order.either.0.capacity()).sum();
        (self.ms.capacity() + either + zoned) * 8
    }

    /// Takes one value, or `false` when it is no time.
    #[inline]
    pub(super) fn push<'a>(
        &mut self,
        text: &[u8],
        position: impl Fn() -> Position,
        record: impl FnOnce() -> &'a [u8],
    ) -> bool {
        if let Some((ms, is_zoned)) = self.fixed_layout(text) {
            if self.local.is_some() {
                self.look(ms, is_zoned, &position, record);
            }
            self.push_ms(ms, Format::Iso, is_zoned, position);
            return true;
        }
        self.push_any(text, position(), record)
    }

    /// Remembers what a zone will need to know of the next time.
    fn look<'a>(
        &mut self,
        ms: i64,
        is_zoned: bool,
        position: impl FnOnce() -> Position,
        record: impl FnOnce() -> &'a [u8],
    ) {
        match &mut self.local {
            Some(local) if is_zoned => local.zoned.insert(self.ms.len()),
            Some(local) => local.look(ms, position, record),
            None => {}
        }
    }

    /// `YYYY-MM-DD HH:MM:SS[.mmm][Z]`, a `T` or a space between: what nearly all machine-made logs have.
    #[inline]
    fn fixed_layout(&mut self, text: &[u8]) -> Option<(i64, bool)> {
        let (date, rest) = text.split_first_chunk::<10>()?;
        let ([b'T' | b' '], rest) = rest.split_first_chunk::<1>()? else { return None };
        let (clock, rest) = rest.split_first_chunk::<8>()?;
        let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
        let (milli, is_zoned) = match *rest {
            [] => (0, false),
            [b'Z'] => (0, true),
            [b'.', a, b, c] => (digit(a)? * 100 + digit(b)? * 10 + digit(c)?, false),
            [b'.', a, b, c, b'Z'] => (digit(a)? * 100 + digit(b)? * 10 + digit(c)?, true),
            _ => return None,
        };
        if *date != self.last_date {
            self.last_days = fixed_date(date)?;
            self.last_date = *date;
        }
        Some((moment::to_ms(self.last_days, moment::clock_ms(clock)? + milli), is_zoned))
    }

    fn push_any<'a>(&mut self, text: &[u8], position: Position, record: impl FnOnce() -> &'a [u8]) -> bool {
        let counted = if self.reads_epochs { moment::counted(text) } else { None };
        let Some(moment) = counted.or_else(|| moment::moment(text)) else { return false };
        let Moment { format, day, in_day_ms, is_zoned } = moment;
        let days = match day {
            Day::Known(days) => Some(days),
            Day::NoYear { month, day } => self.day_without_year(month, day),
            Day::TwoNumbers { first, second, year } => {
                self.day_of_two(format, first, second, year, text, position)
            }
        };
        let Some(days) = days else { return false };
        let ms = moment::to_ms(days, in_day_ms);
        // Times whose day may still change are looked at in the end only.
        let is_settled = match day {
            Day::Known(_) => true,
            Day::NoYear { .. } => false,
            Day::TwoNumbers { first, second, .. } => first > 12 || second > 12,
        };
        if self.local.is_some() && (is_zoned || is_settled) {
            self.look(ms, is_zoned, || position, record);
        }
        self.push_ms(ms, format, is_zoned, || position);
        true
    }

    #[inline]
    fn push_ms(&mut self, ms: i64, format: Format, is_zoned: bool, position: impl FnOnce() -> Position) {
        let format = format as usize;
        let zone = usize::from(is_zoned);
        if self.n_of[format] == 0 || self.n_by_zone[zone] == 0 {
            let position = position();
            if self.n_of[format] == 0 {
                self.first_of[format] = position;
            }
            if self.n_by_zone[zone] == 0 {
                self.first_by_zone[zone] = position;
            }
        }
        self.n_of[format] += 1;
        self.n_by_zone[zone] += 1;
        self.ms.push(ms);
    }

    fn day_of_two(
        &mut self,
        format: Format,
        first: u32,
        second: u32,
        year: i64,
        text: &[u8],
        at: Position,
    ) -> Option<i64> {
        let month_first = moment::checked_days(year, first, second);
        let day_first = moment::checked_days(year, second, first);
        let order = &mut self.orders[separator_index(format)];
        match (month_first, day_first) {
            (Some(days), Some(_)) if first != second => {
                if order.n_either == 0 {
                    order.first_either = at;
                }
                order.n_either += 1;
                order.either.insert(self.ms.len());
                if order.examples.len() < Question::MAX_EXAMPLES {
                    order.add_example(&String::from_utf8_lossy(text.trim_ascii()));
                }
                Some(days)
            }
            // Equal numbers tell nothing and need nothing told.
            (Some(days), Some(_)) => Some(days),
            (Some(days), None) => {
                order.n_month_first += 1;
                Some(days)
            }
            (None, Some(days)) => {
                order.n_day_first += 1;
                Some(days)
            }
            (None, None) => None,
        }
    }

    /// The day of a time without a year: of the year of the time above it, or of a neighbouring one where the month
    /// jumps over New Year.
    fn day_without_year(&mut self, month: u32, day: u32) -> Option<i64> {
        let mut year = self.year;
        if let Some(last) = self.month {
            if month + SAME_YEAR_MONTHS < last {
                year += 1;
            } else if last + STRAGGLER_MONTHS <= month {
                year -= 1;
            }
        }
        let is_leap_day = (month, day) == (2, 29);
        if is_leap_day && days_in_month(year, 2) == Some(28) {
            year += self.move_to_leap_year(year)?;
        }
        self.year = year;
        self.month = Some(month);
        self.has_leap_day |= is_leap_day;
        moment::checked_days(year, month, day)
    }

    /// Moves all times so far by the years that make `year` a leap year. Not when they have a leap day already, or
    /// times with a year are among them.
    fn move_to_leap_year(&mut self, year: i64) -> Option<i64> {
        let n_others = self.ms_count() - self.n_of[Format::NoYear as usize];
        if self.has_leap_day || n_others > 0 {
            return None;
        }
        let shift = (1..8).find(|shift| days_in_month(year + shift, 2) == Some(29))?;
        // Missing rows are 0, a moment no time without a year can have.
        for ms in self.ms.iter_mut().filter(|ms| **ms != 0) {
            let (year, month, day) = civil_from_days(ms.div_euclid(DAY_MS));
            *ms = moment::to_ms(days_from_civil(year + shift, month, day), ms.rem_euclid(DAY_MS));
        }
        Some(shift)
    }

    fn ms_count(&self) -> u64 {
        self.n_of.iter().sum()
    }

    /// The times as they stand, without a zone, for a column that turned out to hold none.
    pub(super) fn finish_plainly(mut self) -> FinishedTimes {
        self.local = None;
        self.finish("", &Validity::new(), None, &mut Findings::default(), &mut Vec::new())
    }

    /// Settles orders, by `told` where the column does not, takes local times to UTC, and reports what was assumed.
    pub(super) fn finish(
        mut self,
        column: &str,
        validity: &Validity,
        told: Option<DateOrder>,
        findings: &mut Findings,
        questions: &mut Vec<Question>,
    ) -> FinishedTimes {
        let settled = self.settle_orders(column, told, findings);
        questions.extend(self.question(column, &settled));
        self.report_formats(column, &settled, findings);
        let n_no_year = self.n_of[Format::NoYear as usize];
        if n_no_year > 0 {
            let first = self.first_of[Format::NoYear as usize];
            findings.report_many(FindingKind::NoYear, column, n_no_year, first, || {
                format!(
                    "column \"{column}\": times without a year; the first was taken as of {ASSUMED_YEAR} or the \
                     leap year that fits, and each December to January as a new year"
                )
            });
        }
        if let Some(mut local) = self.local {
            let zone = Some(local.zone.clone());
            local.take_to_utc(&mut self.ms, validity, column, findings);
            return FinishedTimes { ms: self.ms, zoned: true, zone };
        }
        let zoned = self.n_by_zone[1] > 0 && self.n_by_zone[0] == 0;
        FinishedTimes { ms: self.ms, zoned, zone: None }
    }

    /// Decides the order for each separator, swaps where the day is first, and gives the orders with their reasons.
    fn settle_orders(
        &mut self,
        column: &str,
        told: Option<DateOrder>,
        findings: &mut Findings,
    ) -> [(bool, Settled); 3] {
        let settled: [(bool, Settled); 3] = std::array::from_fn(|separator| self.decide(separator, told));
        for (order, &(day_first, how)) in self.orders.iter().zip(&settled) {
            if matches!(how, Settled::Assumed | Settled::Majority) && order.n_either > 0 {
                let why = match how {
                    Settled::Assumed => "no date in the column tells day from month".to_owned(),
                    _ => format!(
                        "{} dates put the day first and {} the month",
                        order.n_day_first, order.n_month_first
                    ),
                };
                let (front, example) =
                    if day_first { ("day", "3/4 as 3 April") } else { ("month", "3/4 as March 4") };
                findings.report_many(
                    FindingKind::AmbiguousDates,
                    column,
                    order.n_either,
                    order.first_either,
                    || {
                        let examples = order.examples.join("\", \"");
                        format!(
                            "column \"{column}\": {why}; those that could be either, as \"{examples}\", were read with \
                             the {front} first ({example})"
                        )
                    },
                );
            }
            if day_first {
                swap_days(&mut self.ms, &order.either);
            }
        }
        settled
    }

    /// Whether the dates of a separator have the day first, and why.
    fn decide(&self, separator: usize, told: Option<DateOrder>) -> (bool, Settled) {
        let order = &self.orders[separator];
        // The custom: 12/31 with slashes, 31.12. and 31-12- otherwise.
        let custom = separator != separator_index(Format::Slash);
        let n_day_first: u64 = self.orders.iter().map(|order| order.n_day_first).sum();
        let n_month_first: u64 = self.orders.iter().map(|order| order.n_month_first).sum();
        let (day_first, how) = match (order.n_day_first, order.n_month_first) {
            (0, 0) if order.n_either == 0 => (custom, Settled::Own),
            (0, 0) => match (n_day_first, n_month_first) {
                (1.., 0) => (true, Settled::Others),
                (0, 1..) => (false, Settled::Others),
                _ => (custom, Settled::Assumed),
            },
            (_, 0) => (true, Settled::Own),
            (0, _) => (false, Settled::Own),
            (days, months) if days == months => (custom, Settled::Majority),
            (days, months) => (days > months, Settled::Majority),
        };
        match (how, told) {
            (Settled::Assumed | Settled::Majority, Some(told)) => {
                (told == DateOrder::DayFirst, Settled::Told)
            }
            (how, _) => (day_first, how),
        }
    }

    /// The question that the column leaves open: about the separator with the most dates that could be either.
    fn question(&self, column: &str, settled: &[(bool, Settled); 3]) -> Option<Question> {
        let is_open = |separator: &usize| {
            matches!(settled[*separator].1, Settled::Assumed | Settled::Majority)
                && self.orders[*separator].n_either > 0
        };
        // The last of equals is the greatest: reversed, the first is.
        let separator = (0..3).filter(is_open).rev().max_by_key(|&at| self.orders[at].n_either)?;
        let examples = self.orders[separator].examples.clone();
        let read = |is_day_first: bool| {
            let iso_of = |text: &String| {
                let moment = moment::moment(text.as_bytes())?;
                let Day::TwoNumbers { first, second, year } = moment.day else { return None };
                let (month, day) = if is_day_first { (second, first) } else { (first, second) };
                Some(iso(moment::to_ms(moment::checked_days(year, month, day)?, moment.in_day_ms), false))
            };
            examples.iter().filter_map(iso_of).collect()
        };
        Some(Question {
            column: column.to_owned(),
            kind: QuestionKind::DateOrder,
            day_first: read(true),
            month_first: read(false),
            assumed: if settled[separator].0 { DateOrder::DayFirst } else { DateOrder::MonthFirst },
            examples,
        })
    }

    fn report_formats(&self, column: &str, settled: &[(bool, Settled); 3], findings: &mut Findings) {
        let n = self.ms_count();
        let n_formats = self.n_of.iter().filter(|&&n| n > 0).count();
        let zones_differ = self.n_by_zone.iter().all(|&n| n > 0);
        if n_formats < 2 && !zones_differ {
            return;
        }
        let formats: Vec<Format> = Format::ALL.into_iter().filter(|&f| self.n_of[f as usize] > 0).collect();
        let formats = order::sorted_by_key(formats, |&format| -(self.n_of[format as usize] as i64));
        let mut message = format!("column \"{column}\": times are written in different ways");
        let (count, first) = if n_formats > 1 {
            let list: Vec<String> = formats
                .iter()
                .map(|&format| format!("{} like {}", self.n_of[format as usize], pattern(format, settled)))
                .collect();
            message.push_str(&format!(" ({})", list.join(", ")));
            let others = formats.iter().skip(1).map(|&format| self.first_of[format as usize]);
            (n - self.n_of[formats[0] as usize], others.min_by_key(|at| at.byte).unwrap_or_default())
        } else {
            let fewer = usize::from(self.n_by_zone[1] <= self.n_by_zone[0]);
            (self.n_by_zone[fewer], self.first_by_zone[fewer])
        };
        for format in [Format::Slash, Format::Dot, Format::Dash] {
            let (day_first, how) = settled[separator_index(format)];
            if how == Settled::Others {
                let front = if day_first { "day" } else { "month" };
                message.push_str(&format!(
                    "; none like {} tells day from month by itself, but the others in the column put the {front} \
                     first, and a spreadsheet that opens such a file rewrites just the dates it can misread, so these \
                     were read {front} first too",
                    pattern(format, settled)
                ));
            }
        }
        if zones_differ {
            message.push_str(&format!(
                "; {} name a zone and {} do not: those with a zone were taken to UTC, the others as they stand",
                self.n_by_zone[1], self.n_by_zone[0]
            ));
        }
        findings.report_many(FindingKind::MixedTimeFormats, column, count, first, || message);
    }
}

/// Makes dates that were read month first of those rows be read day first.
fn swap_days(ms: &mut [i64], rows: &RowSet) {
    for (row, ms) in ms.iter_mut().enumerate() {
        if rows.contains(row) {
            let (year, month, day) = civil_from_days(ms.div_euclid(DAY_MS));
            *ms = moment::to_ms(days_from_civil(year, day, month), ms.rem_euclid(DAY_MS));
        }
    }
}

fn pattern(format: Format, settled: &[(bool, Settled); 3]) -> String {
    let mark = match format {
        Format::Slash => '/',
        Format::Dot => '.',
        Format::Dash => '-',
        _ => return format.pattern().to_owned(),
    };
    let (front, then) = if settled[separator_index(format)].0 { ("31", "12") } else { ("12", "31") };
    format!("{front}{mark}{then}{mark}2024")
}

fn separator_index(format: Format) -> usize {
    match format {
        Format::Dot => 1,
        Format::Dash => 2,
        _ => 0,
    }
}

/// `YYYY-MM-DD` as days since 1970.
fn fixed_date(text: &[u8; 10]) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| {
        text[range]
            .iter()
            .try_fold(0u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
    };
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    moment::checked_days(i64::from(number(0..4)?), number(5..7)?, number(8..10)?)
}

#[cfg(test)]
mod tests;
