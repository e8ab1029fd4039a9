//! Numbers, sizes and moments as text, all in one manner.

use crate::engine::explain::in_fitting_unit;
use crate::engine::time;
use crate::engine::words;

/// `1,024`.
pub fn count(n: impl TryInto<u64>) -> String {
    words::count(n)
}

/// `1 user`, `1,024 users`.
pub fn counted(n: usize, singular: &str) -> String {
    words::counted(n, singular)
}

/// A number as it is typed. The browser reads it: ours would bring a table of ten kilobytes along.
pub fn number(text: &str) -> Option<f64> {
    // Of what a browser takes beside: nothing at all, words, other bases.
    let is_figure = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    let is_number = text.contains(|c: char| c.is_ascii_digit()) && text.chars().all(is_figure);
    is_number.then(|| read(text)).filter(|value| !value.is_nan())
}

#[cfg(target_arch = "wasm32")]
fn read(text: &str) -> f64 {
    wasm_bindgen::JsValue::from_str(text).unchecked_into_f64()
}

#[cfg(not(target_arch = "wasm32"))]
fn read(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// `31 million`, `4.2 million`, `64,000`: a count that is a judgement.
pub fn rounded(n: f64) -> String {
    match n {
        n if n >= 9.95e6 => format!("{:.0} million", n / 1e6),
        n if n >= 1e6 => format!("{:.1} million", n / 1e6),
        n if n >= 1e4 => count((n / 1e3).round() as u64 * 1_000),
        n => count(n.round() as u64),
    }
}

/// `1 oddity`, `3 oddities`.
pub fn oddities(n: usize) -> String {
    format!("{} {}", count(n), if n == 1 { "oddity" } else { "oddities" })
}

/// `1.5 MB`, in powers of ten as file managers show it.
pub fn bytes(n: f64) -> String {
    let (value, unit) = match n {
        n if n >= 1e9 => (n / 1e9, "GB"),
        n if n >= 1e6 => (n / 1e6, "MB"),
        n if n >= 1e3 => (n / 1e3, "kB"),
        n => return format!("{n} B"),
    };
    format!("{value:.1} {unit}")
}

/// `0.42 s`, `38 s`, `2 min 5 s`.
pub fn duration(secs: f64) -> String {
    match secs {
        secs if secs < 0.095 => format!("{:.0} ms", (secs * 1_000.0).max(1.0)),
        secs if secs < 10.0 => format!("{secs:.1} s"),
        secs if secs < 90.0 => format!("{secs:.0} s"),
        secs => format!("{:.0} min {:.0} s", (secs / 60.0).floor(), secs % 60.0),
    }
}

/// `6.2 %`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let digits = usize::from(percent != percent.round());
    format!("{percent:.digits$} %")
}

/// A share that may be tiny: `12.3 %`, `< 0.1 %`, and 100 % only for all.
pub fn small_percent(share: f64) -> String {
    match share {
        s if s > 0.0 && s < 0.001 => "< 0.1 %".to_owned(),
        s if s < 1.0 && s > 0.999 => "> 99.9 %".to_owned(),
        s => percent(s),
    }
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Three significant digits, with thousands separated and an optional unit. With `%` it is a share of 1, with `clock` hours
/// of a day, with `weekday` days from Monday, with `date` and `date without year` days since 1970, with `yes/no` 1 for yes. What is
/// no number is a missing value.
pub fn value(x: f64, unit: &str) -> String {
    if !x.is_finite() {
        return "missing".to_owned();
    }
    match unit {
        "clock" => {
            let minutes = (x * 60.0).round().rem_euclid(1_440.0) as u32;
            return format!("{:02}:{:02}", minutes / 60, minutes % 60);
        }
        "date" => return day(x * 86_400_000.0, false),
        "date without year" => return day(x * 86_400_000.0, true),
        "yes/no" if x == 0.0 => return "no".to_owned(),
        "yes/no" if x == 1.0 => return "yes".to_owned(),
        "yes/no" => return percent(x),
        "weekday" => return WEEKDAYS[x.round().rem_euclid(7.0) as usize % 7].to_owned(),
        _ => {}
    }
    let (x, unit) = in_fitting_unit(x, unit);
    let x = if unit == "%" { x * 100.0 } else { x };
    let magnitude = x.abs();
    let text = if magnitude >= 1_000.0 {
        format!("{}{}", if x < 0.0 { "−" } else { "" }, count(magnitude.round() as u64))
    } else {
        let decimals = match magnitude {
            m if m == m.round() => 0,
            m if m >= 100.0 => 0,
            m if m >= 10.0 => 1,
            m if m >= 1.0 => 2,
            _ => 3,
        };
        let text = format!("{x:.decimals$}").replace('-', "−");
        // Of a number that is nearly 0 the zeros say that it is not 0.
        let has_digits = text.contains(|c: char| ('1'..='9').contains(&c));
        if has_digits && text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    };
    match unit {
        "" => text,
        "days" if text == "1" => "1 day".to_owned(),
        unit => format!("{text} {unit}"),
    }
}

/// With a capital at the beginning, as a sentence has.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// `2024-03-02 14:05:09`, or `Mar 2 14:05:09` where the source names no year.
pub fn moment(ms: f64, no_year: bool) -> String {
    let secs = (ms / 1_000.0).floor() as i64;
    let of_day = secs.rem_euclid(86_400);
    format!("{} {:02}:{:02}:{:02}", day(ms, no_year), of_day / 3_600, of_day / 60 % 60, of_day % 60)
}

/// What stands behind a time to name its clock: `" UTC"`, `" Europe/Berlin"`, or nothing for the file's own.
pub fn clock(zoned: bool, time_zone: Option<&str>) -> String {
    match time_zone {
        Some(zone) => format!(" {zone}"),
        None if zoned => " UTC".to_owned(),
        None => String::new(),
    }
}

/// `2024-03-02`, or `Mar 2` where the source names no year.
pub fn day(ms: f64, no_year: bool) -> String {
    time::day_text(time::day_of(ms as i64), no_year)
}

/// `office_activity` as a person would write it: `office activity`.
pub fn words(name: &str) -> String {
    name.replace(['_', '-'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_three_significant_digits() {
        assert_eq!(value(0.123_45, ""), "0.123");
        assert_eq!(value(12.345, "min"), "12.3 min");
        assert_eq!((value(4.199, ""), value(56.03, "")), ("4.2".into(), "56".into()), "no zeros at the end");
        assert_eq!((value(0.0, ""), value(-0.000_4, "")), ("0".into(), "−0.000".into()), "nearly 0 is not 0");
        assert_eq!(value(-1_234.5, ""), "−1,235");
        assert_eq!(value(5.0, "h"), "5 h");
        assert_eq!(
            (value(0.001, "h"), value(0.0, "h"), value(0.5, "d")),
            ("3.6 s".into(), "0 h".into(), "12 h".into())
        );
        assert_eq!(
            (value(0.102, "h"), value(150.0, "min"), value(24.0, "h")),
            ("6.12 min".into(), "2.5 h".into(), "1 day".into())
        );
        assert_eq!(value(0.25, "%"), "25 %");
        assert_eq!((value(23.175, "clock"), value(5.72, "weekday")), ("23:11".into(), "Sunday".into()));
        assert_eq!((value(1.0, "yes/no"), value(59.0, "date")), ("yes".into(), "1970-03-01".into()));
    }

    #[test]
    fn what_is_typed_is_a_number_or_none() {
        assert_eq!(
            [number("12"), number("-0.5"), number("1e-3"), number(".5")],
            [12.0, -0.5, 0.001, 0.5].map(Some)
        );
        for none in ["", " ", "e", "1,5", "0x10", "inf", "NaN", "1e", "1.2.3", "--1"] {
            assert_eq!(number(none), None, "{none}");
        }
    }

    #[test]
    fn judged_counts_are_round() {
        assert_eq!(
            (rounded(31_269_264.0), rounded(4_230_000.0)),
            ("31 million".into(), "4.2 million".into())
        );
        assert_eq!((rounded(64_321.0), rounded(512.0)), ("64,000".into(), "512".into()));
    }

    #[test]
    fn durations_change_their_unit() {
        assert_eq!(duration(0.012), "12 ms");
        assert_eq!(duration(1.44), "1.4 s");
        assert_eq!(duration(125.0), "2 min 5 s");
    }
}
