//! A column of times under construction: formats, the order of day and month, and years that are not written.
//!
//! Which of two numbers is the day may be known only at the end of the file. Such values are stored month first and
//! marked in one bit per row; when the column turns out to put the day first, their day and month are swapped, which
//! is always a date again because both are at most 12.

use super::local::LocalTimes;
use super::moment::{self, Day, Format, Moment};
use super::question::Question;
use crate::engine::error::Position;
use crate::engine::finding::Places;
use crate::engine::time::zone::Zone;
use crate::engine::time::{DAY_MS, civil_from_days, days_from_civil, days_in_month};
use order::{Order, separator_index};
use std::collections::TryReserveError;
use std::sync::Arc;

mod block;
mod finish;
mod order;
mod slice;

pub(super) use finish::FinishedTimes;
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

/// Times of one column as they come.
#[derive(Debug, Clone)]
pub(super) struct Times {
    ms: Vec<i64>,
    reads_epochs: bool,
    /// Set where the caller names a zone.
    local: Option<Box<LocalTimes>>,
    of_format: [Places; Format::COUNT],
    /// Without and with a zone.
    by_zone: [Places; 2],
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

impl Times {
    /// A column that starts with `n_missing` rows without a value. Counts since 1970 and dates without separators are
    /// read where the name of the column, or the caller, says that it holds times. Times without a zone are those of
    /// `zone`.
    pub(super) fn new(n_missing: usize, reads_epochs: bool, zone: Option<Arc<Zone>>) -> Self {
        Times {
            ms: vec![0; n_missing],
            reads_epochs,
            local: zone.map(|zone| Box::new(LocalTimes::new(zone))),
            of_format: Default::default(),
            by_zone: Default::default(),
            orders: Default::default(),
            year: ASSUMED_YEAR,
            month: None,
            has_leap_day: false,
            last_date: [0; 10],
            last_days: 0,
        }
    }

    /// Makes room for so many more.
    pub(super) fn reserve(&mut self, n_rows: usize) -> Result<(), TryReserveError> {
        self.ms.try_reserve_exact(n_rows)
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
        record: impl Fn() -> &'a [u8],
    ) -> bool {
        if let Some((ms, is_zoned)) = self.fixed_layout(text) {
            if let Some(local) = &mut self.local {
                match is_zoned {
                    true => local.zoned.insert(self.ms.len()),
                    false => local.look(ms, &position, &record),
                }
            }
            self.push_ms(ms, Format::Iso, is_zoned, &position, &record);
            return true;
        }
        self.push_any(text, &position, &record)
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

    fn push_any<'a>(
        &mut self,
        text: &[u8],
        position: &impl Fn() -> Position,
        record: &impl Fn() -> &'a [u8],
    ) -> bool {
        let counted = if self.reads_epochs { moment::counted(text) } else { None };
        let Some(moment) = counted.or_else(|| moment::moment(text)) else { return false };
        self.push_moment(moment, text, position, record)
    }

    /// Takes one moment, whose `text` it is, or `false` when its day does not exist. One piece of code for all callers: where
    /// it is, is asked of few.
    pub(super) fn push_moment<'a>(
        &mut self,
        moment: Moment,
        text: &[u8],
        position: &dyn Fn() -> Position,
        record: &dyn Fn() -> &'a [u8],
    ) -> bool {
        let (position, record) = (&position, &record);
        let Moment { format, day, in_day_ms, is_zoned } = moment;
        let days = match day {
            Day::Known(days) => Some(days),
            Day::NoYear { month, day } => self.day_without_year(month, day),
            Day::TwoNumbers { first, second, year } => {
                self.day_of_two(format, [first, second], year, text, position, record)
            }
        };
        let Some(days) = days else { return false };
        let ms = moment::to_ms(days, in_day_ms);
        let may_move = matches!(day, Day::NoYear { .. }) && self.may_move_years();
        if let Some(local) = &mut self.local {
            match day {
                _ if is_zoned => local.zoned.insert(self.ms.len()),
                Day::Known(_) => local.look(ms, position, record),
                Day::NoYear { .. } => local.look_without_year(ms, may_move, position, record),
                Day::TwoNumbers { first, second, .. } if first.max(second) > 12 || first == second => {
                    local.look(ms, position, record);
                }
                Day::TwoNumbers { .. } => {
                    local.look_either_way(ms, separator_index(format), position, record);
                }
            }
        }
        self.push_ms(ms, format, is_zoned, position, record);
        true
    }

    #[inline]
    fn push_ms<'a>(
        &mut self,
        ms: i64,
        format: Format,
        is_zoned: bool,
        position: &impl Fn() -> Position,
        record: &impl Fn() -> &'a [u8],
    ) {
        self.of_format[format as usize].add_next(position, record);
        self.by_zone[usize::from(is_zoned)].add_next(position, record);
        self.ms.push(ms);
    }

    fn day_of_two<'a>(
        &mut self,
        format: Format,
        [first, second]: [u32; 2],
        year: i64,
        text: &[u8],
        position: &impl Fn() -> Position,
        record: &impl Fn() -> &'a [u8],
    ) -> Option<i64> {
        let month_first = moment::checked_days(year, first, second);
        let day_first = moment::checked_days(year, second, first);
        let order = &mut self.orders[separator_index(format)];
        match (month_first, day_first) {
            (Some(days), Some(_)) if first != second => {
                order.either_places.add_next(position, record);
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
        if !self.may_move_years() {
            return None;
        }
        let shift = (1..8).find(|shift| days_in_month(year + shift, 2) == Some(29))?;
        // Missing rows are 0, a moment no time without a year can have.
        for ms in self.ms.iter_mut().filter(|ms| **ms != 0) {
            let (year, month, day) = civil_from_days(ms.div_euclid(DAY_MS));
            *ms = moment::to_ms(days_from_civil(year + shift, month, day), ms.rem_euclid(DAY_MS));
        }
        if let Some(local) = &mut self.local {
            local.move_years(shift);
        }
        Some(shift)
    }

    /// Whether a leap day may still move all years.
    fn may_move_years(&self) -> bool {
        !self.has_leap_day && self.ms_count() == self.of_format[Format::NoYear as usize].n()
    }

    fn ms_count(&self) -> u64 {
        self.of_format.iter().map(Places::n).sum()
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
