//! What may stand at a place of a formula: functions and columns that begin like the word before the caret.
//!
//! Places are counted in UTF-16 units, as the browser and the engine's messages count them.

use crate::app::state::FormulaFunction;

/// Suggestions shown at most.
const MAX_SHOWN: usize = 8;

/// Something to put in.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// As it is written into the formula.
    pub text: String,
    /// As it is shown.
    pub title: String,
    /// What it is.
    pub hint: String,
}

impl Suggestion {
    /// A function, up to its first argument.
    pub fn function(function: &FormulaFunction) -> Self {
        Suggestion {
            text: format!("{}(", function.name),
            title: function.signature.clone(),
            hint: function.doc.clone(),
        }
    }

    /// A column, in backticks where its name is no word.
    pub fn column(name: &str) -> Self {
        let is_word = name
            .chars()
            .enumerate()
            .all(|(i, c)| c == '_' || c.is_ascii_alphabetic() || i > 0 && c.is_ascii_digit());
        let text = if is_word && !name.is_empty() {
            name.to_owned()
        } else {
            format!("`{}`", name.replace('`', "``"))
        };
        Suggestion { text, title: name.to_owned(), hint: "column".to_owned() }
    }
}

/// Where the word before the caret begins.
pub fn word_start(text: &[u16], caret: usize) -> usize {
    let is_word = |unit: u16| {
        char::from_u32(u32::from(unit)).is_some_and(|c| c == '_' || c == '`' || c.is_alphanumeric())
    };
    let before = &text[..caret.min(text.len())];
    before.len() - before.iter().rev().take_while(|&&unit| is_word(unit)).count()
}

/// What fits the word before the caret; nothing where no word is begun.
pub fn suggestions(
    text: &str,
    caret: usize,
    functions: &[FormulaFunction],
    columns: &[String],
) -> Vec<Suggestion> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let caret = caret.min(units.len());
    let word = String::from_utf16_lossy(&units[word_start(&units, caret)..caret]).to_lowercase();
    let word = word.trim_matches('`');
    if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) {
        return Vec::new();
    }
    let begins = |name: &str| name.to_lowercase().starts_with(word);
    let columns = columns.iter().filter(|name| begins(name)).map(|name| Suggestion::column(name));
    let functions = functions.iter().filter(|function| begins(&function.name)).map(Suggestion::function);
    columns.chain(functions).take(MAX_SHOWN).collect()
}

/// The text with a suggestion in the place of the word before the caret, and where the caret stands then.
pub fn completed(text: &str, caret: usize, suggestion: &str) -> (String, usize) {
    let units: Vec<u16> = text.encode_utf16().collect();
    let caret = caret.min(units.len());
    let start = word_start(&units, caret);
    let before = String::from_utf16_lossy(&units[..start]);
    let after = String::from_utf16_lossy(&units[caret..]);
    // A bracket that stands there already is not put in twice.
    let suggestion = match after.starts_with('(') {
        true => suggestion.trim_end_matches('('),
        false => suggestion,
    };
    (format!("{before}{suggestion}{after}"), start + suggestion.encode_utf16().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str) -> FormulaFunction {
        FormulaFunction { name: name.to_owned(), signature: format!("{name}(x)"), doc: String::new() }
    }

    #[test]
    fn the_word_before_the_caret_is_completed() {
        let functions = [function("max"), function("mean"), function("min")];
        let columns = ["Machine".to_owned(), "bytes sent".to_owned()];
        let titles = |text: &str, caret| {
            suggestions(text, caret, &functions, &columns).into_iter().map(|s| s.title).collect::<Vec<_>>()
        };
        assert_eq!(titles("1 + ma", 6), ["Machine", "max(x)"]);
        assert_eq!(titles("m + ma", 1), ["Machine", "max(x)", "mean(x)", "min(x)"]);
        assert_eq!(titles("1 + ", 4), Vec::<String>::new());
        assert_eq!(titles("12", 2), Vec::<String>::new());
        assert_eq!(Suggestion::column("bytes sent").text, "`bytes sent`");
        assert_eq!(completed("1 + ma * 2", 6, "max("), ("1 + max( * 2".to_owned(), 8));
        assert_eq!(completed("😀ma(1)", 4, "max("), ("😀max(1)".to_owned(), 5));
    }
}
