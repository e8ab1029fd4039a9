//! What is wrong with a formula, and where.

use crate::engine::error::{Error, ErrorKind};

/// Characters `start..end` of the formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    /// From the start of one to the end of another.
    pub fn to(self, end: Span) -> Self {
        Span { start: self.start, end: end.end }
    }
}

/// An error before it knows the formula's text.
#[derive(Debug)]
pub(super) struct Fault {
    pub at: Span,
    pub expected: String,
    pub found: String,
}

impl Fault {
    pub fn new(at: Span, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Fault { at, expected: expected.into(), found: found.into() }
    }

    /// The error about a formula.
    pub fn of(self, formula: &str) -> Error {
        Error::new(ErrorKind::Formula {
            name: String::new(),
            formula: formula.to_owned(),
            at: (self.at.start, self.at.end),
            expected: self.expected,
            found: self.found,
        })
    }
}

/// `"clikcs"`, and the known name that is nearest where one is near.
pub(super) fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(near) => format!("\"{name}\" (did you mean \"{near}\"?)"),
        None => format!("\"{name}\""),
    }
}

/// The known name that takes the fewest changes of a letter, the first of several; none that takes more than a third of
/// its letters. Upper and lower case are one.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // What is longer is no slip of the hand, and comparing takes time with the product of the lengths.
    const MAX_LETTERS: usize = 64;
    let letters = |text: &str| -> Vec<char> { text.chars().map(|c| c.to_ascii_lowercase()).collect() };
    let name = letters(name);
    let mut best: Option<(usize, &str)> = None;
    for known in known {
        let other = letters(known);
        let longer = name.len().max(other.len());
        if longer > MAX_LETTERS {
            continue;
        }
        let n_changes = changes(&name, &other);
        if n_changes <= (longer / 3).max(1) && n_changes < longer && best.is_none_or(|(n, _)| n_changes < n) {
            best = Some((n_changes, known));
        }
    }
    best.map(|(_, known)| known)
}

/// Letters to insert, delete, replace or swap with their neighbour until one text is the other (optimal string
/// alignment).
fn changes(a: &[char], b: &[char]) -> usize {
    let mut rows = [vec![0; b.len() + 1], (0..=b.len()).collect(), vec![0; b.len() + 1]];
    for i in 1..=a.len() {
        let [before, last, row] = &mut rows;
        row[0] = i;
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        rows.rotate_left(1);
    }
    rows[1][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let columns = ["clicks", "country", "bytes_sent", "id"];
        for (name, expected) in [
            ("clikcs", Some("clicks")),
            ("Clicks", Some("clicks")),
            ("cuntry", Some("country")),
            ("bytes", None),
            ("bytesent", Some("bytes_sent")),
            ("ib", Some("id")),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, columns.into_iter()), expected, "{name}");
        }
    }
}
