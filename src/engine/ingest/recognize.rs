//! Which format a text is in, when nobody says: JSON by its brackets, logs by most lines having their shape, all else
//! delimited.
//!
//! JSON is never claimed for a first cell that happens to start with a brace: the object must be all of its line, or
//! be followed by what follows an element.

use super::column::short;
use super::elements::{Elements, Step};
use super::fields::Fields;
use super::format::Format;
use super::framed::Frame;
use super::json::{Objects, skip_space};
use super::logs::{Matcher, is_extended};
use crate::engine::error::{Error, ErrorKind, Result};

/// Lines looked at.
const N_LINES: usize = 200;

/// Columns of a record that is only looked at.
const MANY_COLUMNS: usize = 1 << 16;

/// The format of a text of which `text` is the beginning, or all.
///
/// # Errors
/// `wrong-format` for what starts as JSON does and is none.
pub(super) fn format(text: &[u8], is_whole: bool) -> Result<Format> {
    let lines = complete_lines(text, is_whole);
    match text.get(skip_space(text, 0)) {
        Some(b'{') => {
            if let Some(format) = of_object(text, is_whole, &lines) {
                return Ok(format);
            }
            if starts_as_object(text) && !is_cell(&lines) {
                let expected = "one object per line, an array of objects, or an object that holds one";
                return Err(wrong(Format::JsonLines, expected, "an object that does not end or breaks off"));
            }
        }
        Some(b'[') if is_array(text, is_whole) => return Ok(Format::JsonArray),
        _ if is_mostly_objects(&lines) => return Ok(Format::JsonLines),
        _ => {}
    }
    Ok(of_lines(&lines).unwrap_or_default())
}

/// How the array of a text is framed.
///
/// # Errors
/// `wrong-format` when there is none.
pub(super) fn frame(text: &[u8], is_whole: bool) -> Result<Frame> {
    let start = skip_space(text, 0);
    match text.get(start) {
        Some(b'[') => Ok(Frame { n_before: start + 1, n_open: 0, is_array: true }),
        Some(b'{') => match behind_first(text) {
            Some(b'{' | b',') => Ok(Frame::default()),
            None if is_whole => Ok(held_array(text).unwrap_or_default()),
            _ => held_array(text).ok_or_else(no_array),
        },
        _ => Err(no_array()),
    }
}

/// What is wrong with a text of whose records none can be read; `record` is the first of them.
pub(super) fn refused(format: Format, why: &str, record: &[u8]) -> Error {
    let expected = match format {
        Format::JsonArray => "an array of objects",
        Format::JsonLines => "one object in braces per line",
        Format::CombinedLog => {
            "lines as: address - user [time] \"request\" status bytes \"referrer\" \"user agent\""
        }
        Format::CommonLog => "lines as: address - user [time] \"request\" status bytes",
        Format::ExtendedLog => {
            "a line of names, as \"#Fields: date time c-ip cs-username\", and lines of as many values below it"
        }
        _ => "lines as: time host process[pid]: message",
    };
    let text = short(&String::from_utf8_lossy(&record[..record.len().min(400)]));
    wrong(format, expected, &format!("no such record; of the first, \"{text}\": {why}"))
}

fn wrong(format: Format, expected: &str, found: &str) -> Error {
    let (expected, found) = (expected.to_owned(), found.to_owned());
    let remedy = "choose another format, or leave it to be guessed";
    Error::new(ErrorKind::WrongFormat { format: format.label(None), expected, found, remedy })
}

fn no_array() -> Error {
    wrong(
        Format::JsonArray,
        "objects in brackets, [{...}, {...}], or one object that holds such an array",
        "neither",
    )
}

/// The lines of a text that are not blank, the last only if it is known to be whole.
fn complete_lines(text: &[u8], is_whole: bool) -> Vec<&[u8]> {
    let end = match memchr::memrchr2(b'\n', b'\r', text) {
        _ if is_whole => text.len(),
        Some(at) => at,
        None => 0,
    };
    let lines = text[..end].split(|byte| matches!(byte, b'\n' | b'\r'));
    lines.map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).take(N_LINES).collect()
}

fn is_object(text: &[u8]) -> bool {
    text.starts_with(b"{") && Objects::default().read(text, &mut Fields::new(MANY_COLUMNS)).is_ok()
}

fn is_mostly_objects(lines: &[&[u8]]) -> bool {
    let n_objects = lines.iter().filter(|line| is_object(line)).count();
    n_objects > 0 && n_objects * 2 >= lines.len()
}

/// The format of a text that starts with a brace.
fn of_object(text: &[u8], is_whole: bool, lines: &[&[u8]]) -> Option<Format> {
    if is_mostly_objects(lines) {
        // One line may be one record, or hold them all.
        let holds_all = is_whole && lines.len() == 1 && held_array(text).is_some();
        return Some(if holds_all { Format::JsonArray } else { Format::JsonLines });
    }
    if !starts_as_object(text) || is_cell(lines) {
        return None;
    }
    match behind_first(text) {
        Some(b'{' | b',') => Some(Format::JsonArray),
        None if is_whole && first_end(text).is_some() => Some(Format::JsonArray),
        _ => held_array(text).map(|_| Format::JsonArray),
    }
}

/// Whether a text starts with a brace and a key, or is an empty object.
fn starts_as_object(text: &[u8]) -> bool {
    let start = skip_space(text, 0);
    matches!(text.get(skip_space(text, start + 1)), Some(b'"' | b'}'))
}

/// Whether the first line is an object with something behind it, as a cell of a table.
fn is_cell(lines: &[&[u8]]) -> bool {
    lines.first().is_some_and(|line| {
        let end = first_end(line);
        end.is_some_and(|end| {
            !matches!(line.get(skip_space(line, end)), None | Some(b'{'))
                && skip_space(line, end + 1) < line.len()
        })
    })
}

/// One past the first object or array of a text.
fn first_end(text: &[u8]) -> Option<usize> {
    let mut elements = Elements::new(Frame::default());
    match elements.scan(text, 0) {
        (Step::Start, at) => match elements.scan(text, at) {
            (Step::End, end) if matches!(text.get(end.wrapping_sub(1)), Some(b'}' | b']')) => Some(end),
            _ => None,
        },
        _ => None,
    }
}

/// What follows the first object of a text, if it has an end and something does.
fn behind_first(text: &[u8]) -> Option<u8> {
    first_end(text).and_then(|end| text.get(skip_space(text, end)).copied())
}

/// The first array of objects that is in nothing but objects.
fn held_array(text: &[u8]) -> Option<Frame> {
    let (mut n_open, mut n_arrays) = (0, 0);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'{' => n_open += 1,
            b'}' => n_open = usize::checked_sub(n_open, 1)?,
            b'[' if n_arrays == 0 && text.get(skip_space(text, at)) == Some(&b'{') => {
                return Some(Frame { n_before: at, n_open, is_array: true });
            }
            b'[' => n_arrays += 1,
            b']' => n_arrays = usize::checked_sub(n_arrays, 1)?,
            b'"' => loop {
                at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
                if text[at] == b'"' {
                    at += 1;
                    break;
                }
                at += 2;
            },
            _ => {}
        }
    }
    None
}

/// Whether a text that starts with a bracket is an array, and nothing behind it.
fn is_array(text: &[u8], is_whole: bool) -> bool {
    let start = skip_space(text, 0) + 1;
    let frame = Frame { n_before: start, n_open: 0, is_array: true };
    let mut elements = Elements::new(frame);
    let mut at = start;
    let mut is_first = true;
    loop {
        let (step, next) = elements.scan(text, at);
        match step {
            Step::Start if is_first => {
                is_first = false;
                let is_object = text[next] == b'{' && starts_as_object(&text[next..]);
                // Other values are only seen as JSON when all of it is.
                if !is_object && !is_whole {
                    return false;
                }
            }
            Step::Start | Step::End => {}
            Step::Behind => return false,
            Step::More => return !is_first || is_whole && !elements.is_open(),
        }
        at = next;
    }
}

/// The log that most lines are of.
fn of_lines(lines: &[&[u8]]) -> Option<Format> {
    let n_like = |format: Format| {
        let mut fields = Fields::new(MANY_COLUMNS);
        let mut matcher = Matcher::new(format, &mut fields);
        let is_like = |line: &&&[u8]| {
            let is_like = matcher.read(line, &mut fields).is_ok();
            fields.forget_record();
            is_like
        };
        lines.iter().filter(is_like).count()
    };
    if is_extended(lines) {
        return Some(Format::ExtendedLog);
    }
    let is_most = |n: usize| n * 2 > lines.len();
    if is_most(n_like(Format::CommonLog)) {
        let is_combined = is_most(n_like(Format::CombinedLog));
        return Some(if is_combined { Format::CombinedLog } else { Format::CommonLog });
    }
    if is_most(n_like(Format::Syslog)) {
        let n_sshd = lines.iter().filter(|line| memchr::memmem::find(line, b" sshd").is_some()).count();
        return Some(if is_most(n_sshd) { Format::Sshd } else { Format::Syslog });
    }
    None
}
