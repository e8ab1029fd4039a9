//! Words that mean "no value".

use std::sync::Arc;

/// Cells that hold no value, spaces around them aside, whatever the column's type. `NaN` in a column of numbers is
/// reported as well. Upper and lower case differ.
pub const MISSING_WORDS: &[&str] =
    &["", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "null", "NULL", "\\N", "None", "-"];

/// The words in use: the default ones, or a caller's. An empty cell never holds a value.
#[derive(Debug, Clone)]
pub(super) struct Missing {
    /// Bytes of the longest word.
    longest: usize,
    /// `None` for the default words, which are compared fastest.
    words: Option<Arc<[Box<[u8]>]>>,
}

impl Default for Missing {
    fn default() -> Self {
        Missing { longest: 4, words: None }
    }
}

impl Missing {
    /// A caller's words, or the default ones.
    pub(super) fn new(words: Option<&[String]>) -> Self {
        let Some(words) = words else { return Missing::default() };
        let words: Arc<[Box<[u8]>]> = words.iter().map(|word| word.trim().as_bytes().into()).collect();
        let longest = words.iter().map(|word| word.len()).max().unwrap_or(0);
        Missing { longest, words: Some(words) }
    }

    /// Whether a cell holds no value.
    #[inline]
    pub(super) fn is(&self, text: &[u8]) -> bool {
        if let [first, .., last] = text
            && text.len() > self.longest
            && *first > b' '
            && *last > b' '
        {
            return false;
        }
        if text.is_empty() || self.words.is_none() && text == b"-" {
            return true;
        }
        let word = text.trim_ascii();
        match &self.words {
            None => matches!(
                word,
                b"" | b"NA"
                    | b"N/A"
                    | b"n/a"
                    | b"#N/A"
                    | b"<NA>"
                    | b"NaN"
                    | b"null"
                    | b"NULL"
                    | b"\\N"
                    | b"None"
                    | b"-"
            ),
            Some(words) => word.is_empty() || words.iter().any(|missing| **missing == *word),
        }
    }

    /// Whether a number that is none, spelled `NaN`, is to be reported: by default it is missing and odd as well; a
    /// caller who names it, or does not, has said what it is.
    #[inline]
    pub(super) fn is_quietly(&self, text: &[u8]) -> bool {
        text.is_empty() || self.is(text) && (self.words.is_some() || text.trim_ascii() != b"NaN")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_words_are_the_documented_ones() {
        let missing = Missing::default();
        assert!(MISSING_WORDS.iter().all(|word| missing.is(word.as_bytes())));
        assert!(MISSING_WORDS.iter().all(|word| missing.is(format!("  {word}\t").as_bytes())));
        assert!(MISSING_WORDS.iter().all(|word| word.len() <= missing.longest));
        let others = ["nan", "none", "0", "--", "NAN", "None.", " nope "];
        assert!(!others.iter().any(|word| missing.is(word.as_bytes())));
        assert!(missing.is_quietly(b"NA") && !missing.is_quietly(b"NaN"));
    }

    #[test]
    fn words_of_a_caller_replace_the_default_ones() {
        let missing = Missing::new(Some(&["unknown".into(), " ? ".into(), "NaN".into()]));
        for word in ["unknown", " unknown ", "?", "NaN", "", "  "] {
            assert!(missing.is(word.as_bytes()) && missing.is_quietly(word.as_bytes()), "{word}");
        }
        for word in ["NA", "-", "null", "Unknown", "unknown?"] {
            assert!(!missing.is(word.as_bytes()), "{word}");
        }
        let none = Missing::new(Some(&[]));
        assert!(none.is(b"") && none.is(b" ") && !none.is(b"-"));
    }
}
