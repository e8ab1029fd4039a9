//! What type a column seems to have, from a sample of its values.

use super::Options;
use super::duration;
use super::marks::{self, NumberStyle};
use super::missing::Missing;
use super::moment;
use super::number::{self, Real};
use super::question::DateOrder;
use crate::engine::table::ColumnType;
use crate::engine::time::zone::Zone;
use std::sync::Arc;

/// The type to read a column as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Guess {
    /// No value seen yet: the first one decides.
    #[default]
    Unknown,
    Integer,
    Float,
    Boolean,
    Time,
    Duration,
    Category,
}

impl Guess {
    /// What a column that the caller names a type for is read as.
    pub(super) fn of_type(named: ColumnType) -> Self {
        match named {
            ColumnType::Integer => Guess::Integer,
            ColumnType::Float => Guess::Float,
            ColumnType::Boolean => Guess::Boolean,
            ColumnType::Timestamp => Guess::Time,
            ColumnType::Duration => Guess::Duration,
            ColumnType::Ip | ColumnType::UserAgent | ColumnType::Category | ColumnType::Text => {
                Guess::Category
            }
        }
    }
}

/// How to read a column: its type, and what the caller said of it.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadAs {
    pub(super) guess: Guess,
    /// How its numbers are spelled.
    pub(super) style: NumberStyle,
    /// The type that the caller names: values that do not fit are set aside, however many.
    pub(super) named: Option<ColumnType>,
    /// The order of day and month where the column does not decide.
    pub(super) dates: Option<DateOrder>,
    /// The zone of times that name none.
    pub(super) zone: Option<Arc<Zone>>,
    /// Words that mean "no value".
    pub(super) missing: Missing,
}

impl ReadAs {
    /// A column of which nothing was seen yet.
    pub(super) fn unseen(name: &str, options: &Options) -> Self {
        let guess = options.types.get(name).map_or(Guess::Unknown, |&named| Guess::of_type(named));
        ReadAs::new(name, guess, NumberStyle::default(), options)
    }

    /// A column of a name as `guess` and the options say.
    pub(super) fn new(name: &str, guess: Guess, style: NumberStyle, options: &Options) -> Self {
        ReadAs {
            guess,
            style,
            named: options.types.get(name).copied(),
            dates: options.dates.get(name).copied(),
            zone: options.zone.clone(),
            missing: Missing::new(options.missing.as_deref()),
        }
    }
}

/// What a column's name says of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Says {
    pub(super) time: bool,
    pub(super) duration: bool,
}

impl Says {
    pub(super) fn of(name: &str) -> Says {
        let words = words_of(name);
        Says { time: says_time(&words), duration: duration::says_duration(&words) }
    }
}

/// At most one value in so many may be no number in a column of numbers: identifiers that only look like numbers
/// most of the time ("4711", "svc-backup") must not lose their other values.
pub(super) const ONE_BAD_NUMBER_IN: u64 = 50;

/// At most one value in so many may be no time in a column of times. More than for numbers, as a log is of no use
/// without its times, and a broken one is still worth reading.
pub(super) const ONE_BAD_TIME_IN: u64 = 5;

/// How many values of a sample read as what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    n_values: u64,
    n_integers: u64,
    /// Digits past `i64`, in a form that would be canonical.
    n_long_integers: u64,
    n_floats: u64,
    n_not_finite: u64,
    n_booleans: u64,
    n_times: u64,
    /// Numbers that are times where the name says so.
    n_epochs: u64,
    /// Spans of time that are no time of day.
    n_spans: u64,
    /// Spans of time that are spelled as a time of day.
    n_clocks: u64,
    /// Other values that are numbers in some style.
    n_marked: u64,
}

impl Tally {
    /// Counts one value.
    pub(super) fn add(&mut self, text: &[u8], missing: &Missing) {
        let text = text.trim_ascii();
        if missing.is(text) {
            return;
        }
        self.n_values += 1;
        self.n_epochs += u64::from(moment::counted(text).is_some());
        if number::integer(text).is_some() {
            self.n_integers += 1;
        } else if number::boolean(text).is_some() {
            self.n_booleans += 1;
        } else {
            match number::real(text) {
                Real::Finite { .. } if text.iter().all(|b| b.is_ascii_digit() || *b == b'-') => {
                    self.n_long_integers += 1;
                }
                Real::Finite { .. } => self.n_floats += 1,
                Real::NotFinite => self.n_not_finite += 1,
                Real::None if moment::moment(text).is_some() => self.n_times += 1,
                Real::None => match duration::span(text) {
                    Some(span) if span.is_clock => self.n_clocks += 1,
                    Some(_) => self.n_spans += 1,
                    None => self.n_marked += u64::from(marks::can_be_marked(text)),
                },
            }
        }
    }

    /// The type that enough of the values have, numbers with marks left aside. `says` is what the column's name does.
    ///
    /// Times of day, `12:34:56`, are spans of time where the name says so, or some value has 24 hours and more or is
    /// spelled as nothing but a span; else they are categories.
    pub(super) fn guess(&self, says: Says) -> Guess {
        // Values that are not finite are no reason against numbers, nor for them while there are others.
        let n = self.n_values - self.n_not_finite;
        if n == 0 {
            return if self.n_values == 0 { Guess::Unknown } else { Guess::Float };
        }
        let holds = |n_good: u64, one_in: u64| (n - n_good) * one_in <= n;
        let n_times = self.n_times(says);
        if holds(n_times, ONE_BAD_TIME_IN) {
            Guess::Time
        } else if self.n_booleans == n {
            Guess::Boolean
        } else if holds(self.n_integers, ONE_BAD_NUMBER_IN) && self.n_floats == 0 {
            Guess::Integer
        } else if self.n_floats > 0
            && holds(self.n_integers + self.n_long_integers + self.n_floats, ONE_BAD_NUMBER_IN)
        {
            Guess::Float
        } else if self.are_spans(n) && (says.duration || self.n_spans > 0 && !says.time) {
            Guess::Duration
        } else {
            Guess::Category
        }
    }

    fn are_spans(&self, n: u64) -> bool {
        (n - self.n_spans - self.n_clocks) * ONE_BAD_NUMBER_IN <= n
    }

    /// Whether the values are times of day, which may be meant as spans of time.
    pub(super) fn are_clocks(&self) -> bool {
        self.n_clocks > 0 && self.n_spans == 0 && self.are_spans(self.n_values)
    }

    /// Whether numbers with marks may explain what plain ones do not.
    pub(super) fn may_have_marks(&self) -> bool {
        let n = self.n_values;
        let n_numbers =
            self.n_integers + self.n_floats + self.n_long_integers + self.n_not_finite + self.n_marked;
        self.n_marked > 0 && (n - n_numbers) * ONE_BAD_NUMBER_IN <= n
    }

    fn n_times(&self, says: Says) -> u64 {
        self.n_times + if says.time { self.n_epochs } else { 0 }
    }

    /// Where the values are categories although most look like another type: that type and how many do.
    pub(super) fn majority(&self, says: Says) -> Option<(Guess, u64)> {
        let n_numbers = self.n_integers + self.n_floats;
        let types = [
            (Guess::Time, self.n_times(says)),
            (Guess::Boolean, self.n_booleans),
            (Guess::Float, n_numbers),
            (Guess::Duration, self.n_spans),
        ];
        types.into_iter().find(|(_, n)| n * 2 > self.n_values)
    }

    pub(super) fn n_values(&self) -> u64 {
        self.n_values
    }
}

/// The type of one value.
pub(super) fn of_value(text: &[u8], says: Says, missing: &Missing) -> Guess {
    let mut tally = Tally::default();
    tally.add(text, missing);
    tally.guess(says)
}

/// The words of a column's name in lower case: split at anything but letters and digits, and before capitals.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_ascii_uppercase() && was_lower {
            words.push(String::new());
        }
        was_lower = c.is_ascii_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
    }
    words
}

/// Whether a column's name says that it holds times: one of its words is, or ends in, a word for time.
fn says_time(words: &[String]) -> bool {
    let is_time = |word: &String| {
        matches!(word.as_str(), "ts" | "at" | "when")
            || ["time", "date", "timestamp", "epoch"].iter().any(|end| word.ends_with(end))
    };
    words.iter().any(is_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(values: &[&str], name: &str) -> Guess {
        let mut tally = Tally::default();
        values.iter().for_each(|value| tally.add(value.as_bytes(), &Missing::default()));
        tally.guess(Says::of(name))
    }

    #[test]
    fn types_by_their_values() {
        for (values, name, expected) in [
            (&["1", "2", ""][..], "n", Guess::Integer),
            (&["1", "2.5", "NA"], "n", Guess::Float),
            (&["1e308", "NaN", "inf"], "n", Guess::Float),
            (&["007", "008"], "n", Guess::Category),
            (&["12345678901234567890", "1"], "id", Guess::Category),
            (&["12345678901234567890", "1.5"], "n", Guess::Float),
            (&["1", "2", "x"], "n", Guess::Category),
            (&["true", "FALSE"], "n", Guess::Boolean),
            (&["yes", "no"], "n", Guess::Boolean),
            (&["NO", "NO"], "country", Guess::Category),
            (&["yes", "maybe"], "n", Guess::Category),
            (&["", "-"], "n", Guess::Unknown),
            (&["inf"], "n", Guess::Float),
            (&["2024-07-10", "3/4/2024", "Mar 4 10:00:00", "1.2.2024", "broken"], "n", Guess::Time),
            (&["2024-07-10", "broken"], "n", Guess::Category),
            (&["1720627652", "1720627653"], "login_ts", Guess::Time),
            (&["1720627652", "1720627653"], "bytes", Guess::Integer),
            (&["154", "10"], "time_on_page", Guess::Integer),
            (&["20240710", "20240711"], "date", Guess::Time),
            (&["20240710", "20240711"], "bytes", Guess::Integer),
            (&["20240799", "20240711"], "date", Guess::Integer),
            (&["20240710150405"], "timestamp", Guess::Time),
            (&["1h 2m", "350ms", "00:00:05"], "n", Guess::Duration),
            (&["12:34:56", "00:00:05"], "n", Guess::Category),
            (&["12:34:56", "00:00:05"], "session_duration", Guess::Duration),
            (&["12:34:56", "36:00:05"], "n", Guess::Duration),
            (&["12:34:56", "23:00:05"], "login time", Guess::Category),
            (&["12:34:56", "43:30.8"], "duration", Guess::Category),
            (&["1,234", "2,345"], "n", Guess::Category),
        ] {
            assert_eq!(guess(values, name), expected, "{values:?}");
        }
    }

    #[test]
    fn names_that_say_time() {
        for name in [
            "time",
            "Login Timestamp",
            "created_at",
            "eventTime",
            "ts",
            "EPOCH",
            "transaction_date",
            "dateTime",
        ] {
            assert!(Says::of(name).time, "{name}");
        }
        for name in ["status", "user", "attempts", "sentiment", "hits", "timezone"] {
            assert!(!Says::of(name).time, "{name}");
        }
    }

    #[test]
    fn names_that_say_duration() {
        for name in ["duration", "Session Duration", "time_on_page", "responseTime", "elapsed_ms", "uptime"] {
            assert!(Says::of(name).duration, "{name}");
        }
        for name in ["time", "login_time", "timestamp", "user", "start"] {
            assert!(!Says::of(name).duration, "{name}");
        }
    }
}
