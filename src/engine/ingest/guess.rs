//! What type a column seems to have, from a sample of its values.

use super::moment;
use super::number::{self, Real};

/// The type to read a column as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guess {
    /// No value seen yet: the first one decides.
    Unknown,
    Integer,
    Float,
    Boolean,
    Time,
    Category,
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
    n_epochs: u64,
}

impl Tally {
    /// Counts one value.
    pub(super) fn add(&mut self, text: &[u8]) {
        let text = text.trim_ascii();
        if number::is_missing(text) {
            return;
        }
        self.n_values += 1;
        self.n_epochs += u64::from(moment::epoch_ms(text).is_some());
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
                Real::None => self.n_times += u64::from(moment::moment(text).is_some()),
            }
        }
    }

    /// The type that enough of the values have. `says_time` is whether the column's name does.
    pub(super) fn guess(&self, says_time: bool) -> Guess {
        // Values that are not finite are no reason against numbers, nor for them while there are others.
        let n = self.n_values - self.n_not_finite;
        if n == 0 {
            return if self.n_values == 0 { Guess::Unknown } else { Guess::Float };
        }
        let holds = |n_good: u64, one_in: u64| (n - n_good) * one_in <= n;
        let n_times = self.n_times + if says_time { self.n_epochs } else { 0 };
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
        } else {
            Guess::Category
        }
    }

    /// Where the values are categories although most look like another type: that type and how many do.
    pub(super) fn majority(&self, says_time: bool) -> Option<(Guess, u64)> {
        let n_numbers = self.n_integers + self.n_floats;
        let n_times = self.n_times + if says_time { self.n_epochs } else { 0 };
        let types = [(Guess::Time, n_times), (Guess::Boolean, self.n_booleans), (Guess::Float, n_numbers)];
        types.into_iter().find(|(_, n)| n * 2 > self.n_values)
    }

    pub(super) fn n_values(&self) -> u64 {
        self.n_values
    }
}

/// The type of one value.
pub(super) fn of_value(text: &[u8], says_time: bool) -> Guess {
    let mut tally = Tally::default();
    tally.add(text);
    tally.guess(says_time)
}

/// Whether a column's name says that it holds times: one of its words is, or ends in, a word for time.
pub(super) fn says_time(name: &str) -> bool {
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
        values.iter().for_each(|value| tally.add(value.as_bytes()));
        tally.guess(says_time(name))
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
            assert!(says_time(name), "{name}");
        }
        for name in ["status", "user", "attempts", "sentiment", "hits", "timezone"] {
            assert!(!says_time(name), "{name}");
        }
    }
}
