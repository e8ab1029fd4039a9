//! One moment in time from its text, in the spellings that logs use.
//!
//! Our own reader. `jiff` would be the library for it, and reads one spelling per call: ISO 8601 in 24 ns, others by
//! a pattern in 86 ns (`17/May/2015:10:05:03 +0000`), the pattern to be known before. A column's times here take 5 ns
//! in the fixed layout, which `times` reads before it asks this module, and 23 to 30 ns in any other, the spelling
//! found on the way; and `jiff` adds 80 kB of gzipped wasm. It stays as the judge: tests compare both on random
//! times, and the `moment` group of `benches/ingest.rs` times both on the same file.
//!
//! | spelling | example |
//! | --- | --- |
//! | ISO 8601 | `2024-07-10 16:07:32.25`, `2024-07-10T16:07Z`, `2024/7/10 9:05 +02:00`, `2024-07-10` |
//! | month name | `17/May/2015:10:05:03 +0000`, `[…]` around it, `Fri, 17 May 2015 10:05:03 GMT`, `17-May-2015` |
//! | no year | `Mar 27 13:06:56` |
//! | two numbers first | `9.6.2017 15:23`, `09/30/2017, 11:55:03`, `9/30/17 1:55 p.m.`, `30-09-2017` |
//! | digits alone | `20240710T160732Z`; `20240710`, `20240710160732` where the column says that it holds times |
//!
//! Offsets may have `UTC` or `GMT` before and a name behind: `GMT+0200 (CEST)`, `+02:00[Europe/Berlin]`.
//! Abbreviations of zones alone are not read, as several zones share most of them. Years of two digits, where the
//! rest leaves no doubt that it is a date, are 1969 to 2068, as in POSIX. Fractions go down to nanoseconds and are
//! cut to milliseconds; second 60 is the first of the next minute.

use crate::engine::time::{DAY_MS, HOUR_MS, SECOND_MS, days_from_civil, days_in_month};

/// How a time is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Iso,
    Epoch,
    /// Digits alone: `20241231`, `20241231T235959Z`.
    Compact,
    MonthName,
    NoYear,
    /// Day and month as numbers in front of the year, by separator.
    Slash,
    Dot,
    Dash,
}

impl Format {
    pub(super) const COUNT: usize = 8;
    pub(super) const ALL: [Format; Format::COUNT] = [
        Format::Iso,
        Format::Epoch,
        Format::Compact,
        Format::MonthName,
        Format::NoYear,
        Format::Slash,
        Format::Dot,
        Format::Dash,
    ];

    /// The format as a person would write it down.
    pub(super) fn pattern(self) -> &'static str {
        match self {
            Format::Iso => "2024-12-31 23:59:59",
            Format::Epoch => "seconds or milliseconds since 1970",
            Format::Compact => "20241231T235959",
            Format::MonthName => "31/Dec/2024:23:59:59",
            Format::NoYear => "Dec 31 23:59:59",
            Format::Slash => "12/31/2024",
            Format::Dot => "31.12.2024",
            Format::Dash => "31-12-2024",
        }
    }
}

/// The day of a moment, as far as its text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    /// Days since 1970-01-01.
    Known(i64),
    /// A month and a day of some year, valid in a leap year.
    NoYear { month: u32, day: u32 },
    /// Two numbers, at least one of which can be a month, and which are a valid date one way at least.
    TwoNumbers { first: u32, second: u32, year: i64 },
}

/// A moment as its text tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) format: Format,
    pub(super) day: Day,
    /// Milliseconds since the day began, less the zone's offset: may lie outside the day.
    pub(super) in_day_ms: i64,
    pub(super) is_zoned: bool,
}

/// Reads one moment; `None` when the text is no time.
pub(super) fn moment(text: &[u8]) -> Option<Moment> {
    let mut text = text.trim_ascii();
    if let [b'[', inner @ .., b']'] = text {
        text = inner;
    }
    // The shortest is `1/1/24`, the longest a date with names, an offset and the zone's name in words.
    if !(6..=80).contains(&text.len()) {
        return None;
    }
    let mut cursor = Cursor(text);
    let moment = if text.len() > 8 && text[8] == b'T' {
        cursor.digits_alone()
    } else if text[0].is_ascii_digit() {
        cursor.digits_first()
    } else {
        cursor.name_first()
    }?;
    cursor.0.is_empty().then_some(moment)
}

/// A moment of a column that says that it holds times: a count since 1970, or a date in digits alone, of the years 1900
/// to 2100.
pub(super) fn counted(text: &[u8]) -> Option<Moment> {
    // Before the counts: with 12 digits, these are also some milliseconds of 1976.
    if matches!(text.len(), 8 | 12 | 14) {
        let mut cursor = Cursor(text);
        let years = days_from_civil(1900, 1, 1)..days_from_civil(2101, 1, 1);
        let is_read = |moment: &Moment| matches!(moment.day, Day::Known(days) if years.contains(&days));
        let moment = cursor.digits_alone().filter(is_read);
        if moment.is_some() && cursor.0.is_empty() {
            return moment;
        }
    }
    let ms = epoch_ms(text)?;
    let (day, in_day_ms) = (Day::Known(ms.div_euclid(DAY_MS)), ms.rem_euclid(DAY_MS));
    Some(Moment { format: Format::Epoch, day, in_day_ms, is_zoned: true })
}

/// The time of day of `HH:MM:SS` and nothing else, for the fixed layout.
#[inline]
pub(super) fn clock_ms(text: &[u8; 8]) -> Option<i64> {
    // All eight bytes at once: digits become their values and colons 0. The sum sets the high bit of each byte that
    // is more than it may be; bytes that have it already carry into the next, but then the answer is no anyway.
    let bytes = u64::from_le_bytes(*text) ^ u64::from_le_bytes(*b"00:00:00");
    let is_shaped = (bytes.wrapping_add(0x7676_7F76_767F_7676) | bytes) & 0x8080_8080_8080_8080 == 0;
    let pairs = bytes.wrapping_mul(10).wrapping_add(bytes >> 8);
    let two = |at: u32| (pairs >> (8 * at) & 0xFF) as i64;
    let (hour, minute, second) = (two(0), two(3), two(6));
    (is_shaped && hour < 24 && minute < 60 && second < 61)
        .then(|| hour * HOUR_MS + minute * 60 * SECOND_MS + second * SECOND_MS)
}

/// Days since 1970-01-01 of a date that exists, years 1 to 9999.
pub(super) fn checked_days(year: i64, month: u32, day: u32) -> Option<i64> {
    let exists = (1..=9999).contains(&year) && day >= 1 && day <= days_in_month(year, month)?;
    exists.then(|| days_from_civil(year, month, day))
}

/// What is left of the text.
struct Cursor<'a>(&'a [u8]);

/// A time of day by itself, `HH:MM` with or without seconds, fraction, AM and PM: milliseconds into the day.
pub(super) fn time_of_day(text: &[u8]) -> Option<i64> {
    let mut cursor = Cursor(text.trim_ascii());
    let ms = cursor.clock()?;
    cursor.0.is_empty().then_some(ms)
}

impl Cursor<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        let ate = self.0.first() == Some(&byte);
        if ate {
            self.0 = &self.0[1..];
        }
        ate
    }

    fn eat_any(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = *self.0.first().filter(|byte| bytes.contains(byte))?;
        self.0 = &self.0[1..];
        Some(byte)
    }

    fn spaces(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    /// A number of `min` to `max` digits that no further digit follows, and how many there were.
    fn digits(&mut self, min: usize, max: usize) -> Option<(u32, usize)> {
        let n = self.0.iter().take(max + 1).take_while(|b| b.is_ascii_digit()).count();
        if n < min || n > max {
            return None;
        }
        let (digits, rest) = self.0.split_at(n);
        self.0 = rest;
        Some((digits.iter().fold(0, |value, byte| value * 10 + u32::from(byte - b'0')), n))
    }

    fn number(&mut self, min: usize, max: usize) -> Option<u32> {
        self.digits(min, max).map(|(value, _)| value)
    }

    /// A number of just so many digits, whatever follows.
    fn fixed(&mut self, n_digits: usize) -> Option<u32> {
        let digits = self.0.get(..n_digits)?;
        self.0 = &self.0[n_digits..];
        digits
            .iter()
            .try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
    }

    /// A year of four digits, or two.
    fn year(&mut self) -> Option<u32> {
        match self.digits(2, 4)? {
            (year, 4) => Some(year),
            (year, 2) => Some(year + if year < 69 { 2000 } else { 1900 }),
            _ => None,
        }
    }

    /// `20240710`, `20240710160732`, `20240710T160732.5Z`.
    fn digits_alone(&mut self) -> Option<Moment> {
        let (year, month, day) = (self.fixed(4)?, self.fixed(2)?, self.fixed(2)?);
        let day = Day::Known(checked_days(i64::from(year), month, day)?);
        let has_t = self.eat(b'T');
        let (mut clock, mut offset_ms) = (0, None);
        if has_t || !self.0.is_empty() {
            let (hour, minute) = (self.fixed(2)?, self.fixed(2)?);
            let has_second = self.0.first().is_some_and(u8::is_ascii_digit);
            let second = if has_second { self.fixed(2)? } else { 0 };
            if hour > 23 || minute > 59 || second > 60 {
                return None;
            }
            let milli = if self.eat_any(b".,").is_some() { self.fraction_ms()? } else { 0 };
            clock = i64::from(hour) * HOUR_MS + i64::from(minute * 60 + second) * SECOND_MS + milli;
            offset_ms = self.zone()?;
        }
        let in_day_ms = clock - offset_ms.unwrap_or(0);
        Some(Moment { format: Format::Compact, day, in_day_ms, is_zoned: offset_ms.is_some() })
    }

    /// A word of letters, at most 9 long, its first three letters in lower case.
    fn word(&mut self) -> Option<[u8; 3]> {
        let n = self.0.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        if !(3..=9).contains(&n) {
            return None;
        }
        let (word, rest) = self.0.split_at(n);
        self.0 = rest;
        Some([0, 1, 2].map(|at| word[at].to_ascii_lowercase()))
    }

    fn month(&mut self) -> Option<u32> {
        month_of(self.word()?)
    }

    fn digits_first(&mut self) -> Option<Moment> {
        let (first, n_digits) = self.digits(1, 4)?;
        if n_digits == 4 {
            return self.iso(first);
        }
        if n_digits == 3 {
            return None;
        }
        let separator = self.eat_any(b"/.- ")?;
        if self.0.first()?.is_ascii_alphabetic() {
            let month = self.month()?;
            let year = self.eat_any(b"/- ").and_then(|_| self.year())?;
            return self.month_name(year, month, first);
        }
        let format = match separator {
            b'/' => Format::Slash,
            b'.' => Format::Dot,
            b'-' => Format::Dash,
            _ => return None,
        };
        let second = self.number(1, 2)?;
        if !self.eat(separator) {
            return None;
        }
        let before = self.0;
        let year = i64::from(self.year()?);
        // With dots, two digits and no time behind them would make dates of version numbers.
        if format != Format::Slash && before.len() - self.0.len() == 2 && self.0.is_empty() {
            return None;
        }
        checked_days(year, first, second).or(checked_days(year, second, first))?;
        let (clock, offset_ms) = self.clock_and_zone()?;
        // Which day it is may turn out later, and an offset could have moved it: only UTC can be taken back then.
        if offset_ms.is_some_and(|offset| offset != 0) {
            return None;
        }
        let day = Day::TwoNumbers { first, second, year };
        Some(Moment { format, day, in_day_ms: clock, is_zoned: offset_ms.is_some() })
    }

    fn iso(&mut self, year: u32) -> Option<Moment> {
        let separator = self.eat_any(b"-/")?;
        let month = self.number(1, 2)?;
        if !self.eat(separator) {
            return None;
        }
        let day = Day::Known(checked_days(i64::from(year), month, self.number(1, 2)?)?);
        self.known(Format::Iso, day)
    }

    fn month_name(&mut self, year: u32, month: u32, day: u32) -> Option<Moment> {
        let day = Day::Known(checked_days(i64::from(year), month, day)?);
        self.known(Format::MonthName, day)
    }

    /// The rest behind a day: a time and a zone, or nothing.
    fn known(&mut self, format: Format, day: Day) -> Option<Moment> {
        let (clock, offset_ms) = self.clock_and_zone()?;
        Some(Moment { format, day, in_day_ms: clock - offset_ms.unwrap_or(0), is_zoned: offset_ms.is_some() })
    }

    /// `Mar 27 13:06:56`, with a weekday before or a year behind it.
    fn name_first(&mut self) -> Option<Moment> {
        let mut word = self.word()?;
        if [*b"mon", *b"tue", *b"wed", *b"thu", *b"fri", *b"sat", *b"sun"].contains(&word) {
            self.eat(b',');
            self.spaces();
            if self.0.first()?.is_ascii_digit() {
                let day = self.number(1, 2)?;
                self.eat_any(b" -")?;
                let month = self.month()?;
                let year = self.eat_any(b" -").and_then(|_| self.year())?;
                return self.month_name(year, month, day);
            }
            word = self.word()?;
        }
        let month = month_of(word)?;
        self.spaces();
        let day = self.number(1, 2)?;
        let comma = self.eat(b',');
        let before = self.0;
        self.spaces();
        if let Some(year) = self.number(4, 4) {
            return self.month_name(year, month, day);
        }
        self.0 = before;
        if comma || self.0.is_empty() {
            return None;
        }
        let (clock, offset_ms) = self.clock_and_zone()?;
        if self.eat(b' ') {
            let year = self.number(4, 4)?;
            let day = Day::Known(checked_days(i64::from(year), month, day)?);
            let in_day_ms = clock - offset_ms.unwrap_or(0);
            return Some(Moment { format: Format::MonthName, day, in_day_ms, is_zoned: offset_ms.is_some() });
        }
        // Valid in a leap year; which year it is, the column knows.
        if day < 1 || day > days_in_month(2000, month)? {
            return None;
        }
        Some(Moment {
            format: Format::NoYear,
            day: Day::NoYear { month, day },
            in_day_ms: clock - offset_ms.unwrap_or(0),
            is_zoned: offset_ms.is_some(),
        })
    }

    /// Milliseconds into the day, 0 when the text ends here, and the zone's offset.
    fn clock_and_zone(&mut self) -> Option<(i64, Option<i64>)> {
        if self.0.is_empty() {
            return Some((0, None));
        }
        self.eat_any(b" Tt:,_")?;
        self.spaces();
        if self.eat(b'@') {
            self.spaces();
        }
        let clock = self.clock()?;
        Some((clock, self.zone()?))
    }

    /// Milliseconds into the day.
    fn clock(&mut self) -> Option<i64> {
        let hour = self.number(1, 2)?;
        if !self.eat(b':') {
            return None;
        }
        let minute = self.number(2, 2)?;
        let mut second = 0;
        let mut milli = 0;
        if self.eat(b':') {
            second = self.number(2, 2)?;
            if self.eat_any(b".,").is_some() {
                milli = self.fraction_ms()?;
            }
        }
        let hour = self.half_day(hour)?;
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        Some(i64::from(hour) * HOUR_MS + i64::from(minute * 60 + second) * SECOND_MS + milli)
    }

    /// The digits behind a decimal point as milliseconds, at least one.
    fn fraction_ms(&mut self) -> Option<i64> {
        let n = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(n);
        self.0 = rest;
        let digit = |at: usize| digits.get(at).map_or(0, |byte| i64::from(byte - b'0'));
        (n > 0).then(|| digit(0) * 100 + digit(1) * 10 + digit(2))
    }

    /// An hour with AM or PM behind it, if there is one.
    fn half_day(&mut self, hour: u32) -> Option<u32> {
        let mut rest = self.0.trim_ascii_start();
        // Some libraries write a narrow no-break space.
        if let Some(behind) = rest.strip_prefix("\u{202F}".as_bytes()) {
            rest = behind;
        }
        let n_bytes = match rest {
            [b'a' | b'A' | b'p' | b'P', b'm' | b'M', ..] => 2,
            [b'a' | b'A' | b'p' | b'P', b'.', b'm' | b'M', b'.', ..] => 4,
            _ => return Some(hour),
        };
        let is_afternoon = matches!(rest[0], b'p' | b'P');
        self.0 = &rest[n_bytes..];
        (1..=12).contains(&hour).then(|| hour % 12 + if is_afternoon { 12 } else { 0 })
    }

    /// The offset from UTC in milliseconds, if a zone is named; a year may follow instead.
    fn zone(&mut self) -> Option<Option<i64>> {
        let offset = self.offset()?;
        if offset.is_some() {
            // A name of the zone behind the offset says nothing more.
            let rest = self.0.trim_ascii_start();
            if let [b'(', .., b')'] | [b'[', .., b']'] = rest {
                self.0 = &[];
            }
        }
        Some(offset)
    }

    fn offset(&mut self) -> Option<Option<i64>> {
        let before = self.0;
        self.spaces();
        let mut is_utc = false;
        match self.0 {
            [b'Z' | b'z', rest @ ..] => {
                self.0 = rest;
                return Some(Some(0));
            }
            [b'U', b'T', b'C', rest @ ..] | [b'G', b'M', b'T', rest @ ..] => {
                self.0 = rest;
                is_utc = true;
            }
            _ => {}
        }
        let Some(sign) = self.eat_any(b"+-") else {
            if is_utc {
                return Some(Some(0));
            }
            self.0 = before;
            return Some(None);
        };
        let (value, n_digits) = self.digits(2, 4)?;
        let (hours, minutes) = match n_digits {
            4 => (value / 100, value % 100),
            2 if self.eat(b':') => (value, self.number(2, 2)?),
            2 => (value, 0),
            _ => return None,
        };
        if hours > 18 || minutes > 59 {
            return None;
        }
        let offset = i64::from(hours) * HOUR_MS + i64::from(minutes) * 60 * SECOND_MS;
        Some(Some(if sign == b'-' { -offset } else { offset }))
    }
}

fn month_of(word: [u8; 3]) -> Option<u32> {
    const MONTHS: &[u8; 36] = b"janfebmaraprmayjunjulaugsepoctnovdec";
    MONTHS.chunks_exact(3).position(|name| name == word).map(|month| month as u32 + 1)
}

/// A month by its English name or the first three letters of it, and by nothing that only begins like one.
pub(super) fn month_by_name(word: &[u8]) -> Option<u32> {
    const REST: [&str; 12] =
        ["uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"];
    let (first, rest) = word.split_first_chunk::<3>()?;
    let month = month_of(first.map(|byte| byte.to_ascii_lowercase()))?;
    let is_whole = rest.eq_ignore_ascii_case(REST[month as usize - 1].as_bytes());
    (rest.is_empty() || is_whole).then_some(month)
}

/// Milliseconds of a count since 1970 whose size tells its unit (seconds with a fraction, milliseconds, micro- or
/// nanoseconds), within the years 1973 to 2103; `None` for other numbers.
pub(super) fn epoch_ms(text: &[u8]) -> Option<i64> {
    let n_digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = super::number::integer(&text[..n_digits])?;
    let mut milli = 0;
    if n_digits < text.len() {
        let mut cursor = Cursor(&text[n_digits..]);
        if !cursor.eat(b'.') {
            return None;
        }
        milli = cursor.fraction_ms()?;
        if !cursor.0.is_empty() {
            return None;
        }
    }
    const SECONDS: std::ops::Range<i64> = 100_000_000..4_200_000_000;
    let within = |unit: i64| SECONDS.contains(&(whole / unit));
    if within(1) {
        Some(whole * 1_000 + milli)
    } else if within(1_000) {
        Some(whole)
    } else if within(1_000_000) {
        Some(whole / 1_000)
    } else if within(1_000_000_000) {
        Some(whole / 1_000_000)
    } else {
        None
    }
}

/// The moment in milliseconds since 1970, for a known day.
pub(super) fn to_ms(days: i64, in_day_ms: i64) -> i64 {
    days * DAY_MS + in_day_ms
}

#[cfg(test)]
mod tests;
