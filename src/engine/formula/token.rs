//! The formula's text as tokens.

use super::MAX_CHARS;
use super::fault::{Fault, Span};

/// A piece of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    /// A name without quotes: of a column, a function, or a word such as `and`.
    Word(String),
    /// A name in backticks or brackets: always of a column.
    Column(String),
    Symbol(&'static str),
    End,
}

/// Longer ones first, as the first that fits is taken.
const SYMBOLS: [&str; 22] = [
    "==", "!=", "<>", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%", "^", "=", "<", ">", "!", "(", ")",
    ",", "&", "|",
];

/// All tokens, the last being [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Span)>, Fault> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > MAX_CHARS {
        let at = Span::new(MAX_CHARS, chars.len());
        return Err(Fault::new(at, format!("at most {MAX_CHARS} characters"), chars.len().to_string()));
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&first) = chars.get(at) {
        if first.is_whitespace() {
            at += 1;
            continue;
        }
        let (token, end) = match first {
            '\'' | '"' => quoted(&chars, at, first).map(|(text, end)| (Token::Text(text), end))?,
            '`' => quoted(&chars, at, '`').map(|(name, end)| (Token::Column(name), end))?,
            '[' => quoted(&chars, at, ']').map(|(name, end)| (Token::Column(name), end))?,
            '0'..='9' | '.' => number(&chars, at)?,
            _ if starts_word(first) => {
                let end = word_end(&chars, at);
                (Token::Word(chars[at..end].iter().collect()), end)
            }
            _ => {
                let fits = |symbol: &&&str| symbol.chars().eq(chars[at..].iter().copied().take(symbol.len()));
                match SYMBOLS.iter().find(fits) {
                    Some(symbol) => (Token::Symbol(symbol), at + symbol.len()),
                    None => {
                        return Err(Fault::new(
                            Span::new(at, at + 1),
                            "a name, a number, a text in quotes, or an operator",
                            format!("\"{}\"", first.escape_debug()),
                        ));
                    }
                }
            }
        };
        tokens.push((token, Span::new(at, end)));
        at = end;
    }
    tokens.push((Token::End, Span::new(chars.len(), chars.len())));
    Ok(tokens)
}

/// Whether a name can be written without quotes.
pub(super) fn is_word(name: &str) -> bool {
    let chars: Vec<char> = name.chars().collect();
    chars.first().is_some_and(|&first| starts_word(first)) && word_end(&chars, 0) == chars.len()
}

fn starts_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Letters, digits, underscores, and points between them (`user.name`).
fn word_end(chars: &[char], start: usize) -> usize {
    let continues = |at: usize| chars.get(at).is_some_and(|&c| c.is_alphanumeric() || c == '_');
    let mut end = start;
    while continues(end) || (chars.get(end) == Some(&'.') && continues(end + 1)) {
        end += 1;
    }
    end
}

/// What stands between quotes; the closing one written twice stands for itself.
fn quoted(chars: &[char], start: usize, close: char) -> Result<(String, usize), Fault> {
    let mut text = String::new();
    let mut at = start + 1;
    while let Some(&c) = chars.get(at) {
        if c != close {
            text.push(c);
        } else if chars.get(at + 1) == Some(&close) {
            text.push(close);
            at += 1;
        } else {
            return Ok((text, at + 1));
        }
        at += 1;
    }
    let at = Span::new(start, chars.len());
    Err(Fault::new(at, format!("a closing {close}"), "the end of the formula"))
}

/// `12`, `1.5`, `.5`, `1e-3`.
fn number(chars: &[char], start: usize) -> Result<(Token, usize), Fault> {
    let digits = |mut at: usize| {
        while chars.get(at).is_some_and(char::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut end = digits(start);
    if chars.get(end) == Some(&'.') {
        end = digits(end + 1);
    }
    if matches!(chars.get(end), Some('e' | 'E')) {
        let sign = usize::from(matches!(chars.get(end + 1), Some('+' | '-')));
        let exponent_end = digits(end + 1 + sign);
        if exponent_end > end + 1 + sign {
            end = exponent_end;
        }
    }
    // A letter right behind belongs to no number: `2024x`, `1.5.2`.
    let end = if chars.get(end) == Some(&'.') { end + 1 } else { word_end(chars, end) };
    let text: String = chars[start..end].iter().collect();
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((Token::Number(value), end)),
        Ok(_) => Err(Fault::new(Span::new(start, end), "a number up to 1.8e308", text)),
        Err(_) => Err(Fault::new(
            Span::new(start, end),
            "a number such as 12 or 0.5; names that begin with a digit go in backticks",
            format!("\"{text}\""),
        )),
    }
}
