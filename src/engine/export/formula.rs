//! Text that a spreadsheet would take for a formula.

use std::borrow::Cow;

/// The text with a leading apostrophe if a spreadsheet would run it: when it starts with `=`, `+`, `-`, `@`, a tab
/// or a line break, also in their full-width forms.
pub fn neutral(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        Some(
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}',
        ) => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::neutral;

    #[test]
    fn formulas_become_text_and_text_stays() {
        for formula in ["=1+1", "+cmd|'/c calc'!A0", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(neutral(formula), format!("'{formula}"));
        }
        for text in ["", "anna", "a=b", "<script>", " =1"] {
            assert_eq!(neutral(text), text);
        }
    }
}
