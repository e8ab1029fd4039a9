//! Spans of time from their text, in seconds.
//!
//! | spelling | example |
//! | --- | --- |
//! | clock | `36:15:02.25`, any number of hours, with a fraction of seconds |
//! | days and clock | `2 days 03:04:05`, `1 day, 0:00:01`, `-1 days +23:59:59`, `2.03:04:05` |
//! | units | `1h 2m 3s`, `350ms`, `1.5 hours`, `2 d 4 h`, `1 hour, 5 minutes` |
//! | ISO 8601 | `PT1H2M3.5S`, `P2DT12H`, `P3W`; years and months have no fixed length |
//!
//! A minus sign in front counts for the whole, but in `-1 days +23:59:59` and `-1 day, 23:59:59`, which pandas and
//! Python write, for the days alone. `mm:ss` is not read: it could as well be hours and minutes.

const NANOS: i128 = 1_000_000_000;

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub(super) secs: f64,
    /// Spelled as a time of day is: `HH:MM:SS` below 24 hours.
    pub(super) is_clock: bool,
}

/// Reads one span; `None` when the text is none.
pub(super) fn span(text: &[u8]) -> Option<Span> {
    let text = text.trim_ascii();
    // The shortest is `1s`; plain numbers are none, and most values end here.
    if !(2..=64).contains(&text.len()) || !matches!(text[0], b'0'..=b'9' | b'-' | b'+' | b'P' | b'.') {
        return None;
    }
    let (is_negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut rest = Rest(unsigned);
    let (nanos, is_clock) = if rest.eat(b'P') {
        (rest.iso()?, false)
    } else if let Some(nanos) = rest.clock() {
        (nanos, nanos < 24 * 3600 * NANOS && !is_negative && rest.0.is_empty())
    } else {
        rest = Rest(unsigned);
        return rest.units(is_negative).map(|nanos| Span { secs: secs(nanos), is_clock: false });
    };
    let signed = if is_negative { -nanos } else { nanos };
    rest.0.is_empty().then(|| Span { secs: secs(signed), is_clock })
}

/// Whole seconds and the fraction apart, so that both are exact before they are added.
fn secs(nanos: i128) -> f64 {
    (nanos / NANOS) as f64 + (nanos % NANOS) as f64 / NANOS as f64
}

/// What is left of the text.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a [u8]);

/// A number as it is spelled: whole part, billionths, and whether it has a fraction.
struct Number {
    whole: i128,
    nano: i128,
    has_fraction: bool,
}

impl Number {
    fn times(&self, unit_nanos: i128) -> i128 {
        self.whole * unit_nanos + self.nano * unit_nanos / NANOS
    }
}

impl Rest<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        let ate = self.0.first() == Some(&byte);
        if ate {
            self.0 = &self.0[1..];
        }
        ate
    }

    /// Up to 12 digits.
    fn digits(&mut self, n_digits: std::ops::RangeInclusive<usize>) -> Option<i128> {
        let n = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !n_digits.contains(&n) {
            return None;
        }
        let (digits, rest) = self.0.split_at(n);
        self.0 = rest;
        Some(digits.iter().fold(0, |value, byte| value * 10 + i128::from(byte - b'0')))
    }

    /// The digits behind a decimal mark, as billionths; further digits are cut.
    fn billionths(&mut self) -> Option<i128> {
        let n = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(n);
        self.0 = rest;
        let digit = |at: usize| digits.get(at).map_or(0, |byte| i128::from(byte - b'0'));
        (n > 0).then(|| (0..9).fold(0, |value, at| value * 10 + digit(at)))
    }

    fn number(&mut self) -> Option<Number> {
        let whole = self.digits(1..=12)?;
        let has_fraction = matches!(self.0, [b'.' | b',', digit, ..] if digit.is_ascii_digit());
        let mut nano = 0;
        if has_fraction {
            self.0 = &self.0[1..];
            nano = self.billionths()?;
        }
        Some(Number { whole, nano, has_fraction })
    }

    /// `[days.]hours:minutes:seconds[.fraction]`, in nanoseconds.
    fn clock(&mut self) -> Option<i128> {
        let mut hours = self.digits(1..=9)?;
        let mut days = 0;
        if self.eat(b'.') {
            (days, hours) = (hours, self.digits(2..=2)?);
            if hours > 23 {
                return None;
            }
        }
        let minutes = self.eat(b':').then(|| self.digits(2..=2))??;
        let seconds = self.eat(b':').then(|| self.digits(2..=2))??;
        let mut nano = 0;
        if self.eat(b'.') || self.eat(b',') {
            nano = self.billionths()?;
        }
        let is_read = minutes < 60 && seconds < 60;
        is_read.then_some((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * NANOS + nano)
    }

    /// Numbers with units, the largest first, in nanoseconds; a clock may stand behind days.
    fn units(&mut self, is_negative: bool) -> Option<i128> {
        let (mut total, mut last_unit) = (0, i128::MAX);
        loop {
            let number = self.number()?;
            self.0 = self.0.trim_ascii_start();
            let n_letters =
                self.0.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80).count();
            let (word, rest) = self.0.split_at(n_letters);
            self.0 = rest;
            let unit = unit_nanos(word)?;
            if unit >= last_unit {
                return None;
            }
            last_unit = unit;
            total += number.times(unit);
            let has_comma = self.eat(b',');
            self.0 = self.0.trim_ascii_start();
            if self.0.is_empty() {
                return (!has_comma).then_some(if is_negative { -total } else { total });
            }
            if unit == unit_nanos(b"d")? && !number.has_fraction {
                let counts_up = self.eat(b'+');
                let mut behind = *self;
                if let Some(clock) = behind.clock() {
                    return behind.0.is_empty().then_some(match (is_negative, counts_up || has_comma) {
                        (false, _) => total + clock,
                        (true, true) => clock - total,
                        (true, false) => -total - clock,
                    });
                }
            }
        }
    }

    /// What stands behind the `P` of ISO 8601, in nanoseconds.
    fn iso(&mut self) -> Option<i128> {
        let (mut total, mut n_parts) = (0, 0);
        let mut units: &[(u8, i128)] = &[(b'W', 7 * 86_400), (b'D', 86_400)];
        let mut is_in_day = false;
        while !self.0.is_empty() {
            if !is_in_day && self.eat(b'T') {
                units = &[(b'H', 3600), (b'M', 60), (b'S', 1)];
                (is_in_day, n_parts) = (true, 0);
                continue;
            }
            let number = self.number()?;
            let place = units.iter().position(|(letter, _)| self.0.first() == Some(letter))?;
            total += number.times(units[place].1 * NANOS);
            units = &units[place + 1..];
            self.0 = &self.0[1..];
            n_parts += 1;
        }
        (n_parts > 0).then_some(total)
    }
}

/// Nanoseconds in a unit.
fn unit_nanos(word: &[u8]) -> Option<i128> {
    // Short units are lower case: `5M` is five million to most.
    Some(match word {
        b"ns" => 1,
        // The micro sign and the Greek letter.
        b"us" | b"\xC2\xB5s" | b"\xCE\xBCs" => 1_000,
        b"ms" => 1_000_000,
        b"s" => NANOS,
        b"m" => 60 * NANOS,
        b"h" => 3600 * NANOS,
        b"d" => 86_400 * NANOS,
        b"w" => 7 * 86_400 * NANOS,
        _ => return long_unit_nanos(word),
    })
}

fn long_unit_nanos(word: &[u8]) -> Option<i128> {
    const UNITS: [(&[&str], i128); 8] = [
        (&["nanosecond", "nanoseconds", "nanos"], 1),
        (&["microsecond", "microseconds", "micros"], 1_000),
        (&["millisecond", "milliseconds", "millis", "msec", "msecs"], 1_000_000),
        (&["second", "seconds", "sec", "secs"], NANOS),
        (&["minute", "minutes", "min", "mins"], 60 * NANOS),
        (&["hour", "hours", "hr", "hrs"], 3600 * NANOS),
        (&["day", "days"], 86_400 * NANOS),
        (&["week", "weeks"], 7 * 86_400 * NANOS),
    ];
    let is_word = |name: &&str| word.eq_ignore_ascii_case(name.as_bytes());
    UNITS.iter().find(|(names, _)| names.iter().any(is_word)).map(|(_, nanos)| *nanos)
}

/// Whether a column's name says that it holds spans of time.
pub(super) fn says_duration(words: &[String]) -> bool {
    const ALONE: &[&str] = &[
        "duration",
        "durations",
        "elapsed",
        "took",
        "latency",
        "uptime",
        "downtime",
        "runtime",
        "dwell",
        "idle",
        "wait",
        "waited",
        "delay",
        "interval",
        "lag",
        "ttl",
        "timedelta",
        "length",
    ];
    const BESIDE_TIME: &[&str] = &[
        "on",
        "spent",
        "taken",
        "response",
        "processing",
        "handling",
        "call",
        "talk",
        "run",
        "lap",
        "build",
        "queue",
        "wait",
        "waiting",
        "total",
        "avg",
        "average",
        "mean",
        "max",
        "min",
        "session",
        "service",
        "cpu",
    ];
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    has(ALONE) || has(&["time"]) && has(BESIDE_TIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, secs, is_clock) in [
            ("00:00:00", 0.0, true),
            ("12:34:56", 45_296.0, true),
            ("1:02:03.25", 3_723.25, true),
            ("23:59:59,5", 86_399.5, true),
            ("36:15:02", 130_502.0, false),
            ("-00:00:01", -1.0, false),
            ("2.03:04:05", 183_845.0, false),
            ("2 days 03:04:05", 183_845.0, false),
            ("0 days 00:00:01.500000", 1.5, false),
            ("1 day, 0:00:01", 86_401.0, false),
            ("-1 days +23:59:59", -1.0, false),
            ("-1 day, 23:59:59", -1.0, false),
            ("-1 days 01:00:00", -90_000.0, false),
            ("1h 2m 3s", 3_723.0, false),
            ("1h2m3.5s", 3_723.5, false),
            ("350ms", 0.35, false),
            ("350 µs", 0.00035, false),
            ("17ns", 17e-9, false),
            ("1.5 hours", 5_400.0, false),
            ("1 hour, 5 minutes", 3_900.0, false),
            ("-5 min", -300.0, false),
            ("2d", 172_800.0, false),
            ("3 weeks 1 day", 1_900_800.0, false),
            ("PT1H2M3S", 3_723.0, false),
            ("PT0.5S", 0.5, false),
            ("P2DT12H", 216_000.0, false),
            ("P1W", 604_800.0, false),
            ("-PT15M", -900.0, false),
        ] {
            assert_eq!(span(text.as_bytes()), Some(Span { secs, is_clock }), "{text}");
        }
    }

    #[test]
    fn what_is_no_span() {
        for text in [
            "",
            "5",
            "1.5",
            "-3",
            "12:34",
            "43:30.8",
            "12:60:00",
            "12:34:5",
            "5M",
            "3 S",
            "1m 2h",
            "1h 1h",
            "1 hour,",
            "1h x",
            "P",
            "PT",
            "P1Y",
            "P1M",
            "PT1S2M",
            "P1DT",
            "10 apples",
            "2024-07-10",
            "10.0.0.1",
            "1.24:00:00",
            "s",
            "ms",
            "3 days ago",
            "9999999999999s",
            "1h -5m",
        ] {
            assert_eq!(span(text.as_bytes()), None, "{text}");
        }
    }
}
