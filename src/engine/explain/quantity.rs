//! Values as people read them: `62 %`, `1,204`, `3.2 h`, `23:10`.

use super::phrase::{is_deviation, is_flag};
use crate::engine::features::{DATE, DATE_WITHOUT_YEAR, Feature, YES_NO};
use crate::engine::math::{log10, pow};
use crate::engine::time;
use crate::engine::words::separated;

/// A unit of time: its length in seconds and how it is written.
type TimeUnit = (f64, &'static str);

const DAYS: TimeUnit = (86_400.0, "days");
const HOURS: TimeUnit = (3_600.0, "h");
const MINUTES: TimeUnit = (60.0, "min");
const SECONDS: TimeUnit = (1.0, "s");

/// What kind of quantity a feature is, by its unit and meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Number,
    YesNo,
    Share,
    Duration(TimeUnit),
    TimeOfDay,
    Weekday,
    Date,
    DateWithoutYear,
}

fn kind(feature: &Feature) -> Kind {
    match feature.unit.as_str() {
        _ if ["usual time of day", "time of day of "]
            .iter()
            .any(|head| feature.meaning.starts_with(head)) =>
        {
            Kind::TimeOfDay
        }
        _ if feature.meaning.starts_with("usual day of the week") => Kind::Weekday,
        "s" => Kind::Duration(SECONDS),
        "min" => Kind::Duration(MINUTES),
        "h" => Kind::Duration(HOURS),
        "d" => Kind::Duration(DAYS),
        DATE => Kind::Date,
        DATE_WITHOUT_YEAR => Kind::DateWithoutYear,
        YES_NO => Kind::YesNo,
        _ if is_flag(feature) => Kind::YesNo,
        _ if feature.meaning.starts_with("share of") && !is_deviation(feature) => Kind::Share,
        _ => Kind::Number,
    }
}

/// Two values of one feature, precise enough to look different where they are. Of two on a circle that read the same, such
/// as days of the week on average, the second is told by how far from the first it is: "9.6 h earlier".
pub(super) fn pair(feature: &Feature, value: f64, typical: f64) -> (String, String) {
    let (value_text, typical_text) = read_pair(feature, value, typical);
    match apart(feature, value, typical) {
        Some(apart) if value_text == typical_text => (value_text, apart),
        _ => (value_text, typical_text),
    }
}

/// A value and a limit that a user set for it, as read or, where they read the same, as numbers.
pub(super) fn with_limit(feature: &Feature, value: f64, limit: f64) -> (String, String) {
    let read = read_pair(feature, value, limit);
    if read.0 == read.1 && is_circular(feature) { (value.to_string(), limit.to_string()) } else { read }
}

/// Whether a feature is a time of day or a day of the week, which has no least or greatest value.
pub(super) fn is_circular(feature: &Feature) -> bool {
    matches!(kind(feature), Kind::TimeOfDay | Kind::Weekday)
}

/// How far apart values on a circle are at least, in their unit, to be told apart: means are rounded in their last digits.
const LEAST_APART: f64 = 1e-4;

/// How far from a value another one on its circle is, the shorter way: "9.6 h earlier". `None` where it is no circle, and
/// where they are not apart by as much as is written.
pub(super) fn apart(feature: &Feature, value: f64, other: f64) -> Option<String> {
    let (unit, length) = match kind(feature) {
        Kind::TimeOfDay => (HOURS, 24.0),
        Kind::Weekday => (DAYS, 7.0),
        _ => return None,
    };
    let way = (other - value + length / 2.0).rem_euclid(length) - length / 2.0;
    let size = duration(way.abs(), unit, 2);
    let is_some = way.is_finite() && way.abs() >= LEAST_APART;
    is_some.then(|| format!("{size} {}", if way < 0.0 { "earlier" } else { "later" }))
}

fn read_pair(feature: &Feature, value: f64, typical: f64) -> (String, String) {
    let kind = kind(feature);
    let texts = |digits| {
        let text = |value: f64, other: f64| {
            let kind = if value == 0.0 { beside(kind, other) } else { kind };
            words(feature, value).unwrap_or_else(|| text(kind, value, digits))
        };
        (text(value, typical), text(typical, value))
    };
    let (value_text, typical) =
        (2..=6).map(texts).find(|(value, typical)| value != typical).unwrap_or_else(|| texts(2));
    let is_number = words(feature, value).is_none();
    (if is_number { with_unit(feature, kind, value_text) } else { value_text }, typical)
}

/// How 0 is written beside another value: no time at all in the unit of that one.
fn beside(kind: Kind, other: f64) -> Kind {
    match kind {
        Kind::Duration(own) if other.is_finite() => Kind::Duration(fitting(other, own)),
        _ => kind,
    }
}

/// With a unit that is none of time: "12 kB".
fn with_unit(feature: &Feature, kind: Kind, text: String) -> String {
    if kind == Kind::Number && !feature.unit.is_empty() { format!("{text} {}", feature.unit) } else { text }
}

/// A part of all: `62 %`.
pub(super) fn share(value: f64) -> String {
    text(Kind::Share, value, 2)
}

/// A number that has no unit.
pub(super) fn plain(value: f64) -> String {
    number(value, 3)
}

/// A number without its sign.
pub(super) fn size(value: f64) -> String {
    number(value.abs(), 2)
}

/// Whether a feature is a sine or cosine, whose values say nothing to a reader.
pub fn is_on_circle(feature: &Feature) -> bool {
    matches!(feature.meaning.as_str(), "time of day" | "day of the week" | "time of year")
}

/// A feature's unit, or what stands for one where its numbers are not read as such: `%` of a share, `clock` of hours of the
/// day, `weekday` of days from Monday, `yes/no`.
pub fn shown_unit(feature: &Feature) -> &str {
    match kind(feature) {
        Kind::Share => "%",
        Kind::TimeOfDay => "clock",
        Kind::Weekday => "weekday",
        Kind::YesNo => YES_NO,
        Kind::Number | Kind::Duration(_) | Kind::Date | Kind::DateWithoutYear => &feature.unit,
    }
}

/// What such a feature was made of, at a moment of the log's clock: `03:12`, `Sunday`, `December`.
pub(super) fn clock(feature: &Feature, start_ms: i64) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    // Of a row without a time there is nothing to say.
    (start_ms > i64::MIN).then_some(())?;
    let day = time::day_of(start_ms);
    Some(match feature.meaning.as_str() {
        "time of day" => {
            text(Kind::TimeOfDay, start_ms.rem_euclid(time::DAY_MS) as f64 / time::HOUR_MS as f64, 2)
        }
        "day of the week" => text(Kind::Weekday, f64::from(time::weekday_of(day)), 2),
        _ => MONTHS[(time::civil_from_days(day).1 - 1) as usize].to_owned(),
    })
}

/// One value of a feature.
pub(super) fn single(feature: &Feature, value: f64) -> String {
    let kind = kind(feature);
    words(feature, value).unwrap_or_else(|| with_unit(feature, kind, text(kind, value, 2)))
}

/// What a missing value is in words.
pub(super) const MISSING: &str = "missing";

/// A value in words where it is none of a quantity: a category's label, yes or no, a date, `missing`.
pub(super) fn words(feature: &Feature, value: f64) -> Option<String> {
    if value.is_nan() {
        return Some(MISSING.to_owned());
    }
    match kind(feature) {
        _ if !feature.labels.is_empty() => feature.labels.get(value as usize).cloned(),
        kind @ (Kind::Date | Kind::DateWithoutYear | Kind::YesNo) => Some(text(kind, value, 2)),
        _ => None,
    }
}

fn text(kind: Kind, value: f64, digits: i32) -> String {
    match kind {
        Kind::Number => number(value, digits),
        Kind::YesNo => if value > 0.5 { "yes" } else { "no" }.to_owned(),
        Kind::Share => format!("{} %", number(100.0 * value, digits)),
        Kind::Duration(unit) => duration(value, unit, digits),
        Kind::Date | Kind::DateWithoutYear => {
            time::day_text(i64::from(value.floor() as i32), kind == Kind::DateWithoutYear)
        }
        Kind::TimeOfDay => {
            let minutes = (value * 60.0).round().rem_euclid(1_440.0) as u32;
            format!("{:02}:{:02}", minutes / 60, minutes % 60)
        }
        Kind::Weekday => {
            const NAMES: [&str; 7] =
                ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
            NAMES[value.round().rem_euclid(7.0) as usize % 7].to_owned()
        }
    }
}

/// The unit that a length of time is written in: the largest of which it is one or more, and its own where it is none at all.
fn fitting(value: f64, own: TimeUnit) -> TimeUnit {
    let secs = value * own.0;
    let smallest = if secs == 0.0 { own } else { SECONDS };
    [DAYS, HOURS, MINUTES].into_iter().find(|unit| secs.abs() >= unit.0).unwrap_or(smallest)
}

/// A value of a unit in the unit that it is written in, as sentences write lengths of time; what is none stays as it is.
pub fn in_fitting_unit(value: f64, unit: &str) -> (f64, &str) {
    let own = match unit {
        "s" => SECONDS,
        "min" => MINUTES,
        "h" => HOURS,
        "d" => DAYS,
        _ => return (value, unit),
    };
    let (secs, name) = fitting(value, own);
    (value * own.0 / secs, name)
}

/// A length of time in the unit that fits it.
fn duration(value: f64, own: TimeUnit, digits: i32) -> String {
    let (unit_secs, unit) = fitting(value, own);
    match number(value * own.0 / unit_secs, digits) {
        one if one == "1" && unit == "days" => "1 day".to_owned(),
        amount => format!("{amount} {unit}"),
    }
}

/// A plain number: whole numbers whole, others with about `digits` significant digits, thousands separated.
fn number(value: f64, digits: i32) -> String {
    let magnitude = value.abs();
    if magnitude >= 1e15 || magnitude.is_nan() {
        return format!("{value:.1e}");
    }
    let is_whole = magnitude == magnitude.trunc();
    let whole_digits = if is_whole { digits } else { log10(magnitude).floor() as i32 + 1 };
    let decimals = (digits - whole_digits).clamp(0, 12);
    let scale = pow(10.0, f64::from(decimals));
    // Rounded here, not by `format!`, so that halves go up.
    let text = format!("{:.*}", decimals as usize, (magnitude * scale).round() / scale);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if value < 0.0 && (whole != "0" || !fraction.is_empty()) { "-" } else { "" };
    format!("{sign}{}{point}{fraction}", separated(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (3.0, "3"),
            (1204.0, "1,204"),
            (-1234567.0, "-1,234,567"),
            (3.1234, "3.1"),
            (2.999, "3"),
            (99.96, "100"),
            (12.34, "12"),
            (1234.56, "1,235"),
            (0.0123, "0.012"),
            (-0.5, "-0.5"),
            (1e140, "1.0e140"),
            (1e-30, "0"),
        ];
        for (value, expected) in cases {
            assert_eq!(number(value, 2), expected, "{value}");
        }
    }

    #[test]
    fn values_have_their_units() {
        let text = |meaning: &str, unit: &str, value: f64| single(&Feature::new("f", meaning, unit), value);
        assert_eq!(text("share of activity at night", "", 0.62), "62 %");
        assert_eq!(text("share of activity at night", "", 0.0312), "3.1 %");
        assert_eq!(text("mean length of a session", "min", 11.4), "11 min");
        assert_eq!(text("mean length of a session", "min", 312.0), "5.2 h");
        assert_eq!(text("mean length of a session", "min", 0.25), "15 s");
        assert_eq!(text("mean length of a session", "min", 0.0), "0 min");
        assert_eq!(text("mean time between sessions", "h", 18.25), "18 h");
        assert_eq!(text("mean time between sessions", "h", 1.5), "1.5 h");
        assert_eq!(text("mean time between sessions", "h", 0.5), "30 min");
        assert_eq!(text("mean time between sessions", "h", 0.102), "6.1 min");
        assert_eq!(text("mean time between sessions", "h", 36.0), "1.5 days");
        assert_eq!(text("mean time between sessions", "s", 90.0), "1.5 min");
        assert_eq!(text("mean time between sessions", "s", 0.25), "0.25 s");
        assert_eq!(text("mean time between sessions", "h", 72.0), "3 days");
        assert_eq!(text("spread of activity over the week", "d", 1.0), "1 day");
        assert_eq!(text("usual time of day", "h", 23.17), "23:10");
        assert_eq!(text("usual time of day", "h", 23.999), "00:00");
        assert_eq!(text("usual day of the week (0 Monday to 6 Sunday)", "", 5.2), "Saturday");
        assert_eq!(text("usual day of the week (0 Monday to 6 Sunday)", "", 6.8), "Monday");
    }

    #[test]
    fn different_values_look_different() {
        let feature = Feature::new("f", "total amount", "");
        assert_eq!(pair(&feature, 3.34, 3.31), ("3.34".to_owned(), "3.31".to_owned()));
        assert_eq!(pair(&feature, 12.3, 4.0), ("12".to_owned(), "4".to_owned()));
        assert_eq!(pair(&feature, 2.0, 2.0), ("2".to_owned(), "2".to_owned()));
    }

    /// Means on a circle may differ by less than what they are read as.
    #[test]
    fn values_on_a_circle_that_read_the_same_are_told_apart() {
        let pair = |meaning: &str, value: f64, typical: f64| {
            pair(&Feature::new("f", meaning, if meaning.contains("time") { "h" } else { "" }), value, typical)
        };
        let texts = |value: &str, typical: &str| (value.to_owned(), typical.to_owned());
        let day = "usual day of the week (0 Monday to 6 Sunday)";
        assert_eq!(pair(day, 0.3, 0.1), texts("Monday", "4.8 h earlier"));
        assert_eq!(pair(day, 6.8, 0.2), texts("Monday", "9.6 h later"), "over the end of the week");
        assert_eq!(pair(day, 0.0, 1.4), texts("Monday", "Tuesday"));
        assert_eq!(pair(day, 0.0, 0.0), texts("Monday", "Monday"));
        assert_eq!(pair("usual time of day", 14.0, 14.004), texts("14:00", "14 s later"));
        assert_eq!(pair("usual time of day", 14.0, 14.0 + 1e-9), texts("14:00", "14:00"));
        assert_eq!(pair("usual time of day", 14.0, 9.5), texts("14:00", "09:30"));
        let feature = Feature::new("f", day, "");
        assert_eq!(with_limit(&feature, 0.3, 0.25), texts("0.3", "0.25"));
        assert_eq!(with_limit(&feature, 3.0, 0.25), texts("Thursday", "Monday"));
    }

    #[test]
    fn no_time_at_all_is_in_the_unit_beside_it() {
        let feature = Feature::new("f", "spread of activity over the day", "h");
        assert_eq!(pair(&feature, 0.1, 0.0), ("6 min".to_owned(), "0 min".to_owned()));
        assert_eq!(pair(&feature, 0.0, 60.0), ("0 days".to_owned(), "2.5 days".to_owned()));
        assert_eq!(pair(&feature, 0.0, 0.0), ("0 h".to_owned(), "0 h".to_owned()));
    }
}
