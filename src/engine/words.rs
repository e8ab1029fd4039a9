//! Counts in sentences, the same in every message.

/// A count with commas between its thousands: `1,024`.
pub fn count(n: impl TryInto<u64>) -> String {
    separated(&n.try_into().unwrap_or(0_u64).to_string())
}

/// A count of things, whose plural ends in `s`: `1 user`, `1,024 users`.
pub fn counted(n: usize, singular: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {singular}{plural}", count(n))
}

/// Commas between the thousands of a row of digits.
pub fn separated(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_thousands_separated() {
        assert_eq!(count(0_u32), "0");
        assert_eq!(count(999_u32), "999");
        assert_eq!(count(1_000_u32), "1,000");
        assert_eq!(count(31_269_264_u64), "31,269,264");
        assert_eq!((counted(1, "user"), counted(2, "user")), ("1 user".into(), "2 users".into()));
    }
}
