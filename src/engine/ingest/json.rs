//! A JSON object to named values: one pass, no recursion, no tree.
//!
//! Objects inside the object are flattened, their keys joined by dots, down to [`MAX_FLATTENED`] levels; what lies
//! deeper, and every array, is kept as its JSON text. Numbers keep their exact text. The grammar is RFC 8259 with
//! what writers of logs do to it: `NaN` and infinities are values, control characters may stand in strings.

use super::fields::{Fields, TooMany, Value};

/// Levels of objects in objects whose keys become columns.
pub(super) const MAX_FLATTENED: usize = 8;

/// Why a text is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not a JSON object: what it is instead, or what is wrong where.
    Bad(&'static str),
    /// It has a key more than there may be columns.
    TooManyColumns,
}

impl From<TooMany> for Refusal {
    fn from(_: TooMany) -> Self {
        Refusal::TooManyColumns
    }
}

/// What was dealt with in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Oddities {
    /// Keys that stood twice.
    pub(super) n_duplicates: u64,
    /// Escapes that stand for no character.
    pub(super) n_bad_escapes: u64,
}

const UNCLOSED: Refusal = Refusal::Bad("it ends before its object does");

/// Takes objects apart.
#[derive(Debug, Default)]
pub(super) struct Objects {
    /// Keys of the objects around, joined by dots.
    path: Vec<u8>,
    /// Length of `path` in front of each of them.
    lengths: Vec<usize>,
    /// Open brackets of a value that is kept as text.
    brackets: Vec<u8>,
}

impl Objects {
    /// Reads one object, which must be all of `text` but white space, into the record under way.
    ///
    /// # Errors
    /// Why it is no record; the fields are to be forgotten then.
    pub(super) fn read(&mut self, text: &[u8], fields: &mut Fields) -> Result<Oddities, Refusal> {
        self.path.clear();
        self.lengths.clear();
        let mut oddities = Oddities::default();
        let mut at = skip_space(text, 0);
        if text.get(at) != Some(&b'{') {
            return Err(Refusal::Bad("it is no object in braces"));
        }
        at = skip_space(text, at + 1);
        let mut may_close = true;
        loop {
            if !(may_close && text.get(at) == Some(&b'}')) {
                let length = self.path.len();
                let (is_plain, key, behind) = self.key(text, at, &mut oddities)?;
                at = behind;
                if text.get(at) == Some(&b'{') && self.lengths.len() < MAX_FLATTENED {
                    if is_plain {
                        self.path.extend_from_slice(key);
                    }
                    self.lengths.push(length);
                    at = skip_space(text, at + 1);
                    may_close = true;
                    continue;
                }
                let column = fields.column(if is_plain { key } else { &self.path })?;
                self.path.truncate(length);
                let (value, behind) = self.value(text, at, &mut fields.built, &mut oddities)?;
                oddities.n_duplicates += u64::from(fields.set(column, value));
                at = behind;
            }
            loop {
                at = skip_space(text, at);
                match text.get(at) {
                    Some(b'}') => {
                        at += 1;
                        let Some(length) = self.lengths.pop() else {
                            let is_all = skip_space(text, at) == text.len();
                            return if is_all {
                                Ok(oddities)
                            } else {
                                Err(Refusal::Bad("text stands behind the object"))
                            };
                        };
                        self.path.truncate(length);
                    }
                    Some(b',') => break,
                    None => return Err(UNCLOSED),
                    Some(_) => return Err(Refusal::Bad("a comma or a closing brace is missing")),
                }
            }
            at = skip_space(text, at + 1);
            may_close = false;
        }
    }

    /// Reads a key and its colon; gives the place of the value. A plain key stands as such in the text; any other has
    /// been appended to the path.
    fn key<'a>(
        &mut self,
        text: &'a [u8],
        at: usize,
        oddities: &mut Oddities,
    ) -> Result<(bool, &'a [u8], usize), Refusal> {
        match text.get(at) {
            Some(b'"') => {}
            None => return Err(UNCLOSED),
            Some(_) => return Err(Refusal::Bad("a key in quotes is missing")),
        }
        let (has_escapes, end) = string_end(text, at + 1)?;
        let key = text.get(at + 1..end).unwrap_or(&[]);
        let is_plain = !has_escapes && self.lengths.is_empty();
        if !is_plain {
            if !self.lengths.is_empty() {
                self.path.push(b'.');
            }
            oddities.n_bad_escapes += unescape(key, &mut self.path);
        }
        let colon = skip_space(text, end + 1);
        match text.get(colon) {
            Some(b':') => Ok((is_plain, key, skip_space(text, colon + 1))),
            None => Err(UNCLOSED),
            Some(_) => Err(Refusal::Bad("a colon is missing behind a key")),
        }
    }

    /// Reads a value; gives it and the place behind it.
    fn value(
        &mut self,
        text: &[u8],
        at: usize,
        built: &mut Vec<u8>,
        oddities: &mut Oddities,
    ) -> Result<(Value, usize), Refusal> {
        match text.get(at) {
            None => Err(UNCLOSED),
            Some(b'"') => {
                let (has_escapes, end) = string_end(text, at + 1)?;
                if !has_escapes {
                    return Ok((Value::Text(at + 1, end), end + 1));
                }
                let start = built.len();
                oddities.n_bad_escapes += unescape(text.get(at + 1..end).unwrap_or(&[]), built);
                Ok((Value::Built(start), end + 1))
            }
            Some(b'{' | b'[') => {
                let end = self.nested_end(text, at)?;
                Ok((Value::Text(at, end), end))
            }
            Some(_) => {
                let end = at + word_len(&text[at..]);
                match &text[at..end] {
                    b"null" => Ok((Value::Text(at, at), end)),
                    word if is_scalar(word) => Ok((Value::Text(at, end), end)),
                    _ => Err(Refusal::Bad("a value is none that JSON has")),
                }
            }
        }
    }

    /// The end of the object or array that starts at `at`: its brackets match, its strings close.
    fn nested_end(&mut self, text: &[u8], mut at: usize) -> Result<usize, Refusal> {
        self.brackets.clear();
        while let Some(&byte) = text.get(at) {
            at += 1;
            match byte {
                b'"' => at = string_end(text, at)?.1 + 1,
                b'{' | b'[' => self.brackets.push(byte),
                b'}' | b']' => {
                    let opening = if byte == b'}' { b'{' } else { b'[' };
                    if self.brackets.pop() != Some(opening) {
                        return Err(Refusal::Bad("brackets do not match"));
                    }
                    if self.brackets.is_empty() {
                        return Ok(at);
                    }
                }
                _ => {}
            }
        }
        Err(UNCLOSED)
    }
}

/// The first place from `at` on that is no white space.
#[inline]
pub(super) fn skip_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Whether the string whose first character is at `at` has escapes, and the place of its closing quote.
#[inline]
fn string_end(text: &[u8], mut at: usize) -> Result<(bool, usize), Refusal> {
    let mut has_escapes = false;
    loop {
        let rest = text.get(at..).unwrap_or(&[]);
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(n) if rest[n] == b'"' => return Ok((has_escapes, at + n)),
            Some(n) => {
                has_escapes = true;
                at += n + 2;
            }
            None => return Err(Refusal::Bad("a quote does not close")),
        }
    }
}

/// Length of the number or word that a text starts with.
fn word_len(text: &[u8]) -> usize {
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r' | b'"' | b':');
    text.iter().position(ends).unwrap_or(text.len())
}

/// Whether a word is a number, a boolean, or a number as JavaScript and Python write those that are not finite.
fn is_scalar(word: &[u8]) -> bool {
    if matches!(word, b"true" | b"false" | b"NaN" | b"Infinity" | b"-Infinity") {
        return true;
    }
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = word.strip_prefix(b"-").unwrap_or(word);
    let n_whole = digits(rest);
    if n_whole == 0 {
        return false;
    }
    rest = &rest[n_whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let n = digits(fraction);
        if n == 0 {
            return false;
        }
        rest = &fraction[n..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', exponent @ ..] => exponent,
            _ => exponent,
        };
        let n = digits(exponent);
        return n > 0 && n == exponent.len();
    }
    rest.is_empty()
}

/// Appends a string's characters; gives the number of escapes that stand for none, for which U+FFFD was put.
fn unescape(raw: &[u8], out: &mut Vec<u8>) -> u64 {
    let mut n_bad = 0;
    let mut rest = raw;
    while let Some(backslash) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..backslash]);
        let (character, n_used) = escape(&rest[backslash + 1..]);
        n_bad += u64::from(character.is_none());
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(backslash + 1 + n_used..).unwrap_or(&[]);
    }
    out.extend_from_slice(rest);
    n_bad
}

/// The character of an escape, from behind its backslash, and how many bytes it took.
fn escape(text: &[u8]) -> (Option<char>, usize) {
    let unit = |text: &[u8]| -> Option<u32> {
        text.get(..4)?.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))
    };
    let simple = match text.first() {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{C}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let Some(first) = unit(&text[1..]) else { return (None, 1) };
            if let Some(character) = char::from_u32(first) {
                return (Some(character), 5);
            }
            let second = text[5..].strip_prefix(b"\\u").and_then(unit).unwrap_or(0);
            let pair = (first < 0xDC00 && (0xDC00..0xE000).contains(&second))
                .then(|| 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
                .and_then(char::from_u32);
            return match pair {
                Some(character) => (Some(character), 11),
                None => (None, 5),
            };
        }
        // What is no escape is one character gone, of which more bytes may follow: they are kept.
        Some(_) => return (None, 1),
        None => return (None, 0),
    };
    (Some(simple), 1)
}
