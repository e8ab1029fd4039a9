//! What one column tells of a time: its day, a part of it, or the time of day.

use crate::engine::ingest::guess::{Guess, words_of};
use crate::engine::ingest::moment;
use crate::engine::table::{Column, ColumnData, ColumnType};
use crate::engine::time::DAY_MS;
use std::ops::RangeInclusive;

/// At most one word in so many may be something else; rows with it have no time.
const ONE_OTHER_IN: usize = 50;
/// Words by which a column of categories is left alone.
const N_FIRST_WORDS: usize = 20;
/// Rows by which a column of numbers or of times is.
const N_FIRST_ROWS: usize = 65_536;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Times that are all midnight: days since 1970.
    Day,
    Year,
    /// By number or English name.
    Month,
    DayOfMonth,
    /// `HH:MM`, with seconds, a fraction or AM and PM: milliseconds.
    Clock,
    Hour,
    Minute,
    Second,
}

use Part::*;

/// The parts of a time, in the order of its name. Of two that are there, the one further down is meant.
pub(super) const LAYOUTS: [&[Part]; 10] = [
    &[Day, Clock],
    &[Day, Hour],
    &[Day, Hour, Minute],
    &[Day, Hour, Minute, Second],
    &[Year, Month, DayOfMonth],
    &[Month, DayOfMonth, Clock],
    &[Year, Month, DayOfMonth, Hour],
    &[Year, Month, DayOfMonth, Hour, Minute],
    &[Year, Month, DayOfMonth, Hour, Minute, Second],
    &[Year, Month, DayOfMonth, Clock],
];

/// Columns of one time, at most.
pub(super) const MAX_PARTS: usize = 6;

impl Part {
    /// Those that a column can be by its name, whatever its values.
    const NAMED: [(Part, &'static [&'static str]); 6] = [
        (Year, &["year", "yr", "yyyy"]),
        (Month, &["month", "mon", "mm"]),
        (DayOfMonth, &["day", "dd", "mday", "day of month", "dayofmonth", "day of the month"]),
        (Hour, &["hour", "hr", "hh"]),
        (Minute, &["minute", "min"]),
        (Second, &["second", "sec", "ss"]),
    ];

    /// Whole numbers that may stand for it.
    fn range(self) -> RangeInclusive<i64> {
        match self {
            Year => 1900..=2100,
            Month => 1..=12,
            DayOfMonth => 1..=31,
            Hour => 0..=23,
            Minute => 0..=59,
            Second => 0..=60,
            // None: they are no numbers.
            Day | Clock => RangeInclusive::new(1, 0),
        }
    }

    /// What a word is as this part.
    fn of_word(self, word: &str) -> Option<i64> {
        if self == Clock {
            return moment::time_of_day(word.as_bytes());
        }
        let word = word.trim();
        let number = || {
            let is_number = (1..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| word.parse().ok())?.filter(|number| self.range().contains(number))
        };
        let name = || moment::month_by_name(word.as_bytes()).map(i64::from);
        number().or_else(|| if self == Month { name() } else { None })
    }

    /// Whether a column that is read as `guess` may be this part.
    pub(super) fn fits_guess(self, guess: Guess) -> bool {
        match self {
            _ if guess == Guess::Unknown => true,
            Day => guess == Guess::Time,
            Clock => guess == Guess::Category,
            _ => matches!(guess, Guess::Integer | Guess::Category),
        }
    }

    /// What a column is by its name and its values, or by its values alone where these can be nothing else: times of day,
    /// and names of months. Days that stand in one column are not looked for here.
    pub(super) fn of(column: &Column) -> Option<Part> {
        if Clock.are_words_of(column) {
            return Some(Clock);
        }
        let name = words_of(column.name()).join(" ");
        let name = name.trim();
        let named = Part::NAMED.iter().find(|(_, names)| names.contains(&name));
        match (named, column.data()) {
            (Some(&(part, _)), ColumnData::Integer(values)) => {
                let mut first =
                    (0..values.len()).filter(|&row| column.is_valid(row)).take(N_FIRST_ROWS).peekable();
                first.peek()?;
                first.all(|row| part.range().contains(&values[row])).then_some(part)
            }
            (Some(&(part, _)), ColumnData::Category { .. }) => part.are_words_of(column).then_some(part),
            (None, ColumnData::Category { dictionary, .. }) => {
                let is_name = |word: &str| moment::month_by_name(word.trim().as_bytes()).is_some();
                (!dictionary.is_empty() && dictionary.iter().all(is_name)).then_some(Month)
            }
            _ => None,
        }
    }

    /// Whether the words of a column of categories are this part, all but a few.
    pub(super) fn are_words_of(self, column: &Column) -> bool {
        let ColumnData::Category { dictionary, .. } = column.data() else { return false };
        let is_read = |word: &str| self.of_word(word).is_some();
        if column.column_type() != ColumnType::Category || !dictionary.iter().take(N_FIRST_WORDS).any(is_read)
        {
            return false;
        }
        let n_others = dictionary.iter().filter(|word| !is_read(word)).count();
        n_others * ONE_OTHER_IN <= dictionary.len()
    }
}

/// Whether a column may hold days and no times of day, by its first rows.
pub(super) fn may_be_days(column: &Column) -> bool {
    let ColumnData::Timestamp { ms, .. } = column.data() else { return false };
    let is_day = |&row: &usize| !column.is_valid(row) || day(column, ms[row]).is_some();
    let n_first = column.len().min(N_FIRST_ROWS);
    column.validity().n_missing() < column.len() && (0..n_first).all(|row| is_day(&row))
}

/// How a part is read from its column.
#[derive(Debug, Clone)]
pub(super) enum Reads {
    Days,
    /// Numbers of a range.
    Numbers(RangeInclusive<i64>),
    /// By code.
    Words(Vec<Option<i64>>),
    /// The column holds nothing of the kind.
    Nothing,
}

/// What a row has of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Value(i64),
    /// Something else.
    Other,
    Missing,
}

impl Reads {
    pub(super) fn of(part: Part, column: &Column) -> Reads {
        match (part, column.data()) {
            (Day, ColumnData::Timestamp { .. }) => Reads::Days,
            (Day, _) => Reads::Nothing,
            (_, ColumnData::Category { dictionary, .. }) => {
                Reads::Words(dictionary.iter().map(|word| part.of_word(word)).collect())
            }
            (_, ColumnData::Integer(_)) if part != Clock => Reads::Numbers(part.range()),
            _ => Reads::Nothing,
        }
    }

    #[inline]
    pub(super) fn found(&self, column: &Column, row: usize) -> Found {
        if !column.is_valid(row) {
            return Found::Missing;
        }
        let value = match (self, column.data()) {
            (Reads::Days, ColumnData::Timestamp { ms, .. }) => day(column, ms[row]),
            (Reads::Words(of_code), ColumnData::Category { codes, .. }) => of_code[codes.get(row) as usize],
            (Reads::Numbers(range), ColumnData::Integer(values)) => {
                Some(values[row]).filter(|value| range.contains(value))
            }
            _ => None,
        };
        value.map_or(Found::Other, Found::Value)
    }
}

/// The day that a moment is the beginning of by the column's clock: where a clock skips midnight, that is what midnight is
/// taken as.
fn day(column: &Column, ms: i64) -> Option<i64> {
    let local_ms = column.wall_clock().local_ms(ms);
    let floor_ms = local_ms - local_ms.rem_euclid(DAY_MS);
    let is_beginning =
        floor_ms == local_ms || column.zone().is_some_and(|zone| zone.to_utc(floor_ms).ms() == ms);
    is_beginning.then_some(floor_ms.div_euclid(DAY_MS))
}
