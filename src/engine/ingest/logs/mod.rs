//! Lines of well-known logs to named values, by matchers written by hand.
//!
//! A matcher takes a line whole or refuses it. Its columns are fixed and in a fixed order, or the file says which there
//! are; what only some files have (a virtual host, a priority) becomes a column when it first appears.

mod access;
mod extended;
mod sshd;
mod syslog;

use super::fields::{Fields, TooMany, Value};
use super::format::Format;
use super::json::Refusal;
use extended::Extended;
pub(super) use extended::{Line, is_extended};

/// Takes lines of one kind of log apart.
#[derive(Debug, Clone)]
pub(super) enum Matcher {
    /// A web server's; whether with referrer and user agent.
    Access { is_combined: bool },
    /// A system's; whether its messages are OpenSSH's.
    System { is_sshd: bool },
    /// One that names its values itself.
    Extended(Box<Extended>),
}

impl Matcher {
    /// The matcher of a format, its columns declared.
    pub(super) fn new(format: Format, fields: &mut Fields) -> Self {
        let (matcher, names): (_, &[&str]) = match format {
            Format::CombinedLog => (Matcher::Access { is_combined: true }, &access::COLUMNS),
            Format::CommonLog => {
                (Matcher::Access { is_combined: false }, &access::COLUMNS[..access::N_COMMON])
            }
            Format::ExtendedLog => (Matcher::Extended(Box::default()), &[]),
            Format::Sshd => (Matcher::System { is_sshd: true }, &sshd::COLUMNS),
            _ => (Matcher::System { is_sshd: false }, &syslog::COLUMNS),
        };
        for name in names {
            // A limit on columns that is too low for these is met at the first record.
            if fields.column(name.as_bytes()).is_err() {
                break;
            }
        }
        fields.forget_record();
        matcher
    }

    /// Reads a line into the record under way; of what is no record, the fields are to be forgotten.
    ///
    /// # Errors
    /// Why it is no line of this log; the fields are to be forgotten then, too.
    pub(super) fn read(&mut self, line: &[u8], fields: &mut Fields) -> Result<Line, Refusal> {
        let mut values = Values { line, fields };
        match self {
            Matcher::Access { is_combined } => access::read(line, *is_combined, &mut values)?,
            Matcher::System { is_sshd } => syslog::read(line, *is_sshd, &mut values)?,
            Matcher::Extended(extended) => return extended.read(line, fields),
        }
        Ok(Line::Record)
    }

    /// How many names of columns in the line read last stood in it before and got a number, and the first that did.
    pub(super) fn take_renamed(&mut self) -> Option<(u64, String)> {
        match self {
            Matcher::Extended(extended) => extended.take_renamed(),
            Matcher::Access { .. } | Matcher::System { .. } => None,
        }
    }

    /// Lines by which one that knows nothing of those above would read on as this one does.
    pub(super) fn above(&self) -> Vec<u8> {
        match self {
            Matcher::Extended(extended) => extended.above(),
            Matcher::Access { .. } | Matcher::System { .. } => Vec::new(),
        }
    }
}

/// The values of a line on their way to the fields.
struct Values<'a> {
    line: &'a [u8],
    fields: &'a mut Fields,
}

impl Values<'_> {
    /// Gives a column a part of the line; nothing where it is empty.
    fn part(&mut self, name: &str, part: &[u8]) -> Result<(), TooMany> {
        let column = self.fields.column(name.as_bytes())?;
        // Both are slices of the same line, so the distance is its place.
        let start = (part.as_ptr() as usize).wrapping_sub(self.line.as_ptr() as usize);
        if !part.is_empty() && start + part.len() <= self.line.len() {
            self.fields.set(column, Value::Text(start, start + part.len()));
        }
        Ok(())
    }

    /// Gives a column a value that is not in the line as such.
    fn built(&mut self, name: &str, parts: &[&[u8]]) -> Result<(), TooMany> {
        let column = self.fields.column(name.as_bytes())?;
        let start = self.fields.built.len();
        parts.iter().for_each(|part| self.fields.built.extend_from_slice(part));
        self.fields.set(column, Value::Built(start));
        Ok(())
    }
}

/// A text in front of the first `byte` and the text behind it.
fn split_at(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(byte, text)?;
    Some((&text[..at], &text[at + 1..]))
}

/// A text in front of the last `what` and the text behind it.
fn split_last<'a>(text: &'a [u8], what: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::rfind(text, what)?;
    Some((&text[..at], &text[at + what.len()..]))
}

/// The number that a text starts with.
fn digits(text: &[u8]) -> &[u8] {
    let n = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    &text[..n]
}
