//! Numbers with a decimal comma or with marks between thousands: one style per column, decided on the sample.
//!
//! A style is a decimal mark and a mark between thousands. Marks must stand where they belong, with three digits behind
//! the last, and three, or as in India two, behind each other one; no number begins with a 0 and a mark. Numbers may do
//! without. The rules, in this order:
//!
//! 1. A column that plain numbers explain (a decimal point, no marks) has no other style: `1.234` is a bit over one.
//! 2. A style must explain nearly all values of the sample, as any other type. Of several, it is the one that explains
//!    most; of equals a decimal point rather than a comma. So `1,234`, with three digits behind every comma, is one
//!    thousand, and that choice is reported; with another number of digits behind, or a 0 in front, it is a fraction.
//! 3. In a file that separates fields by commas, quoted values such as `1,5` may as well be lists. There at least half
//!    of the values must have the comma.
//!
//! A caller who names the column's type has chosen: `integer` for `1,234` the thousand, `float` for the fraction.

use super::number::{self, Real};

/// How the numbers of a column are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct NumberStyle {
    has_decimal_comma: bool,
    /// `None` for plain numbers.
    mark: Option<Mark>,
}

/// What stands between thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Comma,
    Point,
    Space,
    Apostrophe,
    RightQuote,
    NoBreakSpace,
    NarrowNoBreakSpace,
}

impl Mark {
    fn bytes(self) -> &'static [u8] {
        match self {
            Mark::Comma => b",",
            Mark::Point => b".",
            Mark::Space => b" ",
            Mark::Apostrophe => b"'",
            Mark::RightQuote => "\u{2019}".as_bytes(),
            Mark::NoBreakSpace => "\u{A0}".as_bytes(),
            Mark::NarrowNoBreakSpace => "\u{202F}".as_bytes(),
        }
    }
}

/// Longest spelling that is read, bytes.
const MAX_LEN: usize = 48;

/// Styles that are tried, the first winning where others explain as much.
const STYLES: [NumberStyle; 12] = {
    const fn style(has_decimal_comma: bool, mark: Mark) -> NumberStyle {
        NumberStyle { has_decimal_comma, mark: Some(mark) }
    }
    [
        style(false, Mark::Comma),
        style(false, Mark::Space),
        style(false, Mark::Apostrophe),
        style(false, Mark::RightQuote),
        style(false, Mark::NoBreakSpace),
        style(false, Mark::NarrowNoBreakSpace),
        style(true, Mark::Point),
        style(true, Mark::Space),
        style(true, Mark::Apostrophe),
        style(true, Mark::RightQuote),
        style(true, Mark::NoBreakSpace),
        style(true, Mark::NarrowNoBreakSpace),
    ]
};

impl NumberStyle {
    /// Whether numbers are plain, so that the fast readers do.
    pub(super) fn is_plain(self) -> bool {
        self.mark.is_none()
    }

    /// A number that stands for it, for [`NumberStyle::of_code`].
    pub(super) fn code(self) -> u8 {
        STYLES.iter().position(|&style| style == self).map_or(0, |place| place as u8 + 1)
    }

    /// The style of a code.
    pub(super) fn of_code(code: u8) -> Option<Self> {
        match code.checked_sub(1) {
            None => Some(NumberStyle::default()),
            Some(place) => STYLES.get(usize::from(place)).copied(),
        }
    }

    /// An integer of this style; see [`number::integer`].
    pub(super) fn integer(self, text: &[u8]) -> Option<i64> {
        number::integer(self.plain(text, &mut [0; MAX_LEN])?)
    }

    /// A number of this style; see [`number::real`]. `has_point` tells the decimal mark, whichever it is.
    pub(super) fn real(self, text: &[u8]) -> Real {
        match self.plain(text, &mut [0; MAX_LEN]) {
            Some(plain) => number::real(plain),
            None => Real::None,
        }
    }

    /// The number as it is spelled plainly; `None` where marks stand in the wrong place.
    fn plain<'a>(self, text: &[u8], buffer: &'a mut [u8; MAX_LEN]) -> Option<&'a [u8]> {
        let Some(mark) = self.mark else {
            buffer.get_mut(..text.len())?.copy_from_slice(text);
            return Some(&buffer[..text.len()]);
        };
        if text.len() > MAX_LEN {
            return None;
        }
        let decimal = if self.has_decimal_comma { b',' } else { b'.' };
        let (mut n, mut rest) = (0, text);
        // Digits since the last mark, digits between the marks before it, and whether there was one.
        let (mut n_digits, mut group, mut has_mark) = (0, 0, false);
        while let [byte, behind @ ..] = rest {
            if byte.is_ascii_digit() {
                n_digits += 1;
            } else if let Some(behind) = rest.strip_prefix(mark.bytes()) {
                let is_placed = if has_mark {
                    matches!(n_digits, 2 | 3) && (group == 0 || group == n_digits)
                } else {
                    matches!(n_digits, 1..=3) && !is_zero_in_front(&buffer[..n])
                };
                if !is_placed {
                    return None;
                }
                group = if has_mark { n_digits } else { 0 };
                (has_mark, n_digits, rest) = (true, 0, behind);
                continue;
            } else if n > 0 || !matches!(byte, b'-' | b'+') {
                break;
            }
            buffer[n] = *byte;
            (n, rest) = (n + 1, behind);
        }
        if has_mark && n_digits != 3 {
            return None;
        }
        // The other decimal mark cannot stand here, and what else does is the plain reader's to judge.
        if let [mark @ (b'.' | b','), behind @ ..] = rest {
            if *mark != decimal {
                return None;
            }
            buffer[n] = b'.';
            (n, rest) = (n + 1, behind);
        }
        buffer[n..n + rest.len()].copy_from_slice(rest);
        Some(&buffer[..n + rest.len()])
    }
}

/// Whether the digits so far are a 0, which no thousands stand behind.
fn is_zero_in_front(digits: &[u8]) -> bool {
    matches!(digits, [b'0', ..] | [b'-' | b'+', b'0', ..])
}

/// A style that explains a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Styled {
    pub(super) style: NumberStyle,
    /// Whether all numbers are whole.
    pub(super) are_integers: bool,
    /// Whether the comma could as well be the other mark.
    pub(super) is_choice: bool,
}

/// What a caller said of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    Integers,
    Floats,
}

/// How many values of a sample each style explains.
#[derive(Debug, Clone, Default)]
pub(super) struct StyleTally {
    n_values: u64,
    /// Values that have a decimal comma or a mark.
    n_marked: u64,
    /// By style: whole numbers, others.
    n_of: [(u64, u64); STYLES.len()],
}

impl StyleTally {
    /// Counts one value that is not missing.
    pub(super) fn add(&mut self, text: &[u8]) {
        let text = text.trim_ascii();
        self.n_values += 1;
        if !can_be_marked(text) || text.iter().filter(|byte| **byte == b'.').count() == 3 && is_address(text)
        {
            return;
        }
        self.n_marked +=
            u64::from(!text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+')));
        for (style, (n_integers, n_floats)) in STYLES.iter().zip(&mut self.n_of) {
            if style.integer(text).is_some() {
                *n_integers += 1;
            } else if matches!(style.real(text), Real::Finite { .. }) {
                *n_floats += 1;
            }
        }
    }

    /// The style that explains all but one in `one_bad_in` values.
    pub(super) fn style(&self, one_bad_in: u64, comma_delimits: bool, told: Told) -> Option<Styled> {
        let explains = |&(n_integers, n_floats): &(u64, u64)| {
            (self.n_values - n_integers - n_floats) * one_bad_in <= self.n_values
        };
        if self.n_marked == 0 {
            return None;
        }
        let is_fit = |place: &usize| {
            let may_be_lists = STYLES[*place].has_decimal_comma && comma_delimits && told == Told::Nothing;
            explains(&self.n_of[*place]) && !(may_be_lists && self.n_marked * 2 < self.n_values)
        };
        let fits = |with_comma: bool| {
            let places =
                (0..STYLES.len()).filter(move |&place| STYLES[place].has_decimal_comma == with_comma);
            let n = |place: &usize| self.n_of[*place].0 + self.n_of[*place].1;
            // The last of equals is the greatest: reversed, the first is.
            places.filter(is_fit).rev().max_by_key(n).map(|place| (place, n(&place)))
        };
        let best = match (fits(false), fits(true)) {
            (Some(point), Some(comma)) => {
                let is_comma = if told == Told::Floats { comma.1 >= point.1 } else { comma.1 > point.1 };
                // Other marks mean the same in both.
                let is_choice = STYLES[point.0].mark == Some(Mark::Comma) && comma.1 == point.1;
                (if is_comma { comma.0 } else { point.0 }, is_choice && told == Told::Nothing)
            }
            (point, comma) => (point.or(comma)?.0, false),
        };
        let (place, is_choice) = best;
        Some(Styled { style: STYLES[place], are_integers: self.n_of[place].1 == 0, is_choice })
    }
}

/// Whether a text has nothing but what numbers of some style have.
pub(super) fn can_be_marked(text: &[u8]) -> bool {
    let starts = matches!(text, [b'0'..=b'9', ..] | [b'-' | b'+', b'0'..=b'9', ..]);
    let is_known = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b',' | b'.' | b' ' | b'\'' | b'e' | b'E' | 0x80..);
    starts && text.len() <= MAX_LEN && text.iter().all(is_known)
}

fn is_address(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<std::net::Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styled(values: &[&str], comma_delimits: bool, told: Told) -> Option<Styled> {
        let mut tally = StyleTally::default();
        values.iter().for_each(|value| tally.add(value.as_bytes()));
        tally.style(50, comma_delimits, told)
    }

    /// The values as the column's style reads them, and whether it was a choice.
    fn read(values: &[&str]) -> Option<(Vec<f64>, bool, bool)> {
        let Styled { style, are_integers, is_choice } = styled(values, false, Told::Nothing)?;
        let value = |text: &&str| match style.real(text.as_bytes()) {
            Real::Finite { value, .. } => value,
            _ => f64::NAN,
        };
        Some((values.iter().map(value).collect(), are_integers, is_choice))
    }

    #[test]
    fn one_style_per_column() {
        for (values, numbers, are_integers, is_choice) in [
            (&["1,234", "950", "1,000,000"][..], &[1234.0, 950.0, 1e6][..], true, false),
            (&["1,234", "12,345"], &[1234.0, 12345.0], true, true),
            (&["1,234.5", "7"], &[1234.5, 7.0], false, false),
            (&["1,5", "2,25", "3"], &[1.5, 2.25, 3.0], false, false),
            (&["0,123", "1,234"], &[0.123, 1.234], false, false),
            (&["1.234,5", "1.234"], &[1234.5, 1234.0], false, false),
            (&["1.234.567", "1.234"], &[1234567.0, 1234.0], true, false),
            (&["1 234,5", "-12"], &[1234.5, -12.0], false, false),
            (&["1\u{202F}234,5"], &[1234.5], false, false),
            (&["1\u{A0}234"], &[1234.0], true, false),
            (&["1'234.50", "1'000'000"], &[1234.5, 1e6], false, false),
            (&["1\u{2019}234"], &[1234.0], true, false),
            (&["12,34,567", "1,000"], &[1234567.0, 1000.0], true, false),
        ] {
            assert_eq!(read(values), Some((numbers.to_vec(), are_integers, is_choice)), "{values:?}");
        }
    }

    #[test]
    fn marks_out_of_place_are_no_numbers() {
        for values in [
            &["1,23,45"][..],
            &["12345,678,901", "1,234.5"],
            &["1,234", "1.234,5"],
            &["040 123 456"],
            &["192.168.100.200"],
            &["1,,234"],
            &["1,234,"],
            &["12-345"],
            &["1 2"],
        ] {
            let found = read(values);
            assert!(
                found.is_none() || found.as_ref().is_some_and(|(v, ..)| v.iter().all(|v| !v.is_nan())),
                "{values:?} {found:?}"
            );
        }
        assert_eq!(read(&["1,23,45"]), None);
        assert_eq!(read(&["192.168.100.200", "192.168.100.201"]), None);
        assert_eq!(read(&["040 123 456"]), None);
    }

    #[test]
    fn lists_between_commas_are_no_fractions() {
        let values = ["1", "2", "3", "1,2"];
        assert_eq!(styled(&values, true, Told::Nothing), None);
        assert!(styled(&values, false, Told::Nothing).is_some_and(|found| !found.are_integers));
        assert!(styled(&["1,5", "2,5", "3"], true, Told::Nothing).is_some());
    }

    #[test]
    fn a_named_type_chooses() {
        let told = |told| styled(&["1,234", "2,345"], false, told).unwrap();
        assert_eq!(told(Told::Floats).style.real(b"1,234"), Real::Finite { value: 1.234, has_point: true });
        assert_eq!(told(Told::Integers).style.integer(b"1,234"), Some(1234));
        assert!(!told(Told::Floats).is_choice && told(Told::Nothing).is_choice);
    }

    #[test]
    fn identifiers_stay_what_they_are() {
        let style = STYLES[0];
        for text in ["007", "+5", "00,123", "0,123", "12345678901234567890"] {
            assert_eq!(style.integer(text.as_bytes()), None, "{text}");
        }
        assert_eq!(NumberStyle::default().integer(b"42"), Some(42));
    }

    #[test]
    fn styles_have_codes() {
        for style in STYLES.into_iter().chain([NumberStyle::default()]) {
            assert_eq!(NumberStyle::of_code(style.code()), Some(style));
        }
        assert_eq!(NumberStyle::of_code(99), None);
    }
}
