//! Numbers and booleans as bytes, exact and without copying.
//!
//! Only spellings that give themselves back are integers, so that a column of identifiers loses nothing: leading
//! zeros, plus signs and digits past `i64` are text. Floats take the usual spellings; the short ones (mantissa below
//! 2^53, power of ten up to 22) are one exact multiplication or division, the others go to the standard library,
//! and both round correctly.

/// An integer in canonical form: `-?` and digits, no leading zero, no `-0`, within `i64`.
#[inline]
pub(super) fn integer(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [] => return None,
        [b'0'] => return if is_negative { None } else { Some(0) },
        [b'0', ..] => return None,
        _ => {}
    }
    if digits.len() > 19 {
        return None;
    }
    let mut value = 0u64; // 19 digits stay below 2^64
    let (eights, rest) = digits.as_chunks::<8>();
    for eight in eights {
        value = value * 100_000_000 + eight_digits(*eight)?;
    }
    for &byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    if is_negative { 0i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() }
}

/// The number that eight digits write.
#[inline]
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    let digits = u64::from_le_bytes(text) ^ 0x3030_3030_3030_3030;
    // The sum sets the high bit of each byte above 9.
    if (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = (digits * 10 + (digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF)
}

/// What a cell is as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Real {
    /// A finite number; `has_point` when it is spelled with a decimal point.
    Finite { value: f64, has_point: bool },
    /// `NaN`, an infinity, or past the range of `f64`.
    NotFinite,
    /// No number.
    None,
}

/// A number: `[+-]? digits [. digits] [e [+-] digits]`, without leading zeros, plus signs only before a decimal point.
pub(super) fn real(text: &[u8]) -> Real {
    let (sign, unsigned) = match text {
        [sign @ (b'-' | b'+'), rest @ ..] => (Some(*sign), rest),
        rest => (None, rest),
    };
    let n_whole = unsigned.iter().take_while(|b| b.is_ascii_digit()).count();
    let (whole, rest) = unsigned.split_at(n_whole);
    let (fraction, rest, has_point) = match rest {
        [b'.', rest @ ..] => {
            let n_fraction = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            (&rest[..n_fraction], &rest[n_fraction..], true)
        }
        rest => (&[][..], rest, false),
    };
    if whole.is_empty() && fraction.is_empty() {
        let is_word =
            ["nan", "inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word.as_bytes()));
        return if is_word && !has_point { Real::NotFinite } else { Real::None };
    }
    let has_leading_zero = whole.len() > 1 && whole[0] == b'0';
    if has_leading_zero || sign == Some(b'+') && !has_point {
        return Real::None;
    }
    let exponent = match rest {
        [] => 0,
        [b'e' | b'E', exponent @ ..] => match small_exponent(exponent) {
            Some(exponent) => exponent,
            None => return Real::None,
        },
        _ => return Real::None,
    };
    let finite = |value: f64| Real::Finite { value, has_point };
    if whole.len() + fraction.len() <= 19 {
        let digits = whole.iter().chain(fraction);
        let mantissa = digits.fold(0u64, |m, byte| m * 10 + u64::from(byte - b'0'));
        let power = exponent - fraction.len() as i32;
        if mantissa < 1 << 53 && power.unsigned_abs() < POWERS_OF_TEN.len() as u32 {
            let scale = POWERS_OF_TEN[power.unsigned_abs() as usize];
            let size = if power < 0 { mantissa as f64 / scale } else { mantissa as f64 * scale };
            return finite(if sign == Some(b'-') { -size } else { size });
        }
    }
    match std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok()) {
        Some(value) if value.is_finite() => finite(value),
        Some(_) => Real::NotFinite,
        None => Real::None,
    }
}

const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The digits behind `e`, clamped far outside the range of `f64`.
fn small_exponent(text: &[u8]) -> Option<i32> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0i32, |e, byte| (e * 10 + i32::from(byte - b'0')).min(100_000));
    Some(if is_negative { -size } else { size })
}

/// A boolean word. `YES` and `NO` are none: in capitals, `NO` is Norway.
#[inline]
pub(super) fn boolean(text: &[u8]) -> Option<bool> {
    match text {
        b"true" | b"True" | b"TRUE" | b"yes" | b"Yes" => Some(true),
        b"false" | b"False" | b"FALSE" | b"no" | b"No" => Some(false),
        _ => None,
    }
}

/// A boolean of a column that the caller calls boolean: the words in any case, their first letters, 1 and 0.
pub(super) fn any_boolean(text: &[u8]) -> Option<bool> {
    let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
    if is_one_of(&["true", "yes", "t", "y", "1"]) {
        return Some(true);
    }
    is_one_of(&["false", "no", "f", "n", "0"]).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_integers_that_give_themselves_back() {
        for text in ["0", "7", "-7", "9223372036854775807", "-9223372036854775808", "1000000000000000000"] {
            assert_eq!(integer(text.as_bytes()).map(|v| v.to_string()).as_deref(), Some(text));
        }
        for text in [
            "",
            "-",
            "-0",
            "007",
            "+5",
            "9223372036854775808",
            "-9223372036854775809",
            "1e3",
            "1.0",
            " 1",
            "1234567/",
            "12345678:",
            "1234567\u{b1}",
            "-12345 7890",
            "१",
        ] {
            assert_eq!(integer(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn reals() {
        let value = |text: &str| match real(text.as_bytes()) {
            Real::Finite { value, .. } => Some(value),
            _ => None,
        };
        assert_eq!(value("1e308"), Some(1e308));
        assert_eq!(value("-0.5"), Some(-0.5));
        assert_eq!(value(".5"), Some(0.5));
        assert_eq!(value("5."), Some(5.0));
        assert_eq!(value("+1.25E+02"), Some(125.0));
        assert_eq!(value("-4.32E+18"), Some(-4.32e18));
        assert_eq!(value("1e-400"), Some(0.0));
        assert_eq!(value("123456789012345678901234567890"), Some(123456789012345678901234567890.0));
        for text in [
            "", ".", "-", "e5", "1e", "1e+", "007", "00.5", "+5", "1.2.3", "1,5", "0x10", "1_000", "12a",
            ".nan",
        ] {
            assert_eq!(real(text.as_bytes()), Real::None, "{text}");
        }
        for text in ["nan", "NaN", "inf", "-Infinity", "1e999", "-1e400"] {
            assert_eq!(real(text.as_bytes()), Real::NotFinite, "{text}");
        }
    }

    proptest! {
        #[test]
        fn integers_agree_with_the_standard_library(value: i64) {
            prop_assert_eq!(integer(value.to_string().as_bytes()), Some(value));
        }

        #[test]
        fn reals_agree_with_the_standard_library_to_the_bit(bits: u64, decimals in 0usize..9) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            for text in [value.to_string(), format!("{value:e}"), format!("{:.*}", decimals, value % 1e6)] {
                let Real::Finite { value, .. } = real(text.as_bytes()) else { panic!("{text}") };
                prop_assert_eq!(value.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{}", text);
            }
        }
    }
}
