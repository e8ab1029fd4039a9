//! Text to records that are more than separated fields: lines, or the elements of a JSON array, each taken apart by
//! its format's reader.
//!
//! What a reader refuses is set aside and counted with its place, and the records around it are read. One buffer holds
//! what has not been used yet and the scan keeps its place, so a record fed byte by byte is looked at once.

use super::Limits;
use super::batch::{Batch, Numbering};
use super::elements::{Elements, Step};
use super::encoding::Encoding;
use super::fields::Fields;
use super::format::Format;
use super::json::{Objects, Oddities, Refusal};
use super::logs::{Line, Matcher};
use super::records::{UnderWay, n_line_ends};
use super::sniff::Sniffed;
use crate::engine::error::{Error, ErrorKind, Position, Result};
use crate::engine::finding::{FindingKind, Findings, Place};

/// Bytes kept of a record that is not read.
const MOST_SHOWN: usize = 4 * Place::MAX_CHARS;

/// Where records end.
#[derive(Debug)]
enum Framing {
    /// At CR, LF and CRLF.
    Lines,
    /// Where the elements of an array do.
    Elements(Elements),
}

/// What takes a record apart.
#[derive(Debug)]
enum Reader {
    Object(Objects),
    Line(Matcher),
}

/// How the text of a format other than delimited is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Frame {
    /// UTF-8 bytes in front of the first record, as the beginning of an object that holds the array.
    pub(super) n_before: usize,
    /// Braces among them that are still open.
    pub(super) n_open: usize,
    /// Whether an array was opened.
    pub(super) is_array: bool,
}

/// Cuts a stream of UTF-8 into records of named fields.
#[derive(Debug)]
pub(super) struct Framed {
    format: Format,
    framing: Framing,
    reader: Reader,
    fields: Fields,
    limit_bytes: usize,
    encoding: Encoding,
    numbering: Numbering,
    buffer: Vec<u8>,
    /// Bytes in front of the first record that have still to come.
    n_before: usize,
    /// Start of the record under way, and the next byte to look at.
    start: usize,
    scanned: usize,
    /// The last line ended in CR: an LF right behind belongs to it.
    after_cr: bool,
    /// Where the text between two elements begins that is too long to be kept, of which some is gone.
    gap: Option<Position>,
    /// Records before the one under way.
    n_records: u64,
    /// Whether a line said that those below it are to be read otherwise than those from the start on.
    is_redirected: bool,
    /// Why the first record that was refused was, with its text.
    first_refused: Option<(&'static str, Vec<u8>)>,
    line: u64,
    source_at: u64,
}

impl Framed {
    /// For a file that was looked at.
    pub(super) fn of(sniffed: &Sniffed, limits: &Limits) -> Self {
        let Sniffed { format, frame, encoding, n_bom, numbering, .. } = *sniffed;
        let framing = match format {
            Format::JsonArray => Framing::Elements(Elements::new(frame)),
            _ => Framing::Lines,
        };
        let framed = Framed::new(format, framing, limits, n_bom as u64);
        Framed { encoding, numbering, n_before: frame.n_before, ..framed }
    }

    /// For UTF-8 lines of a file from its byte `source_at` on, whose columns so far have these keys, and where `above`
    /// holds.
    pub(super) fn of_lines(
        format: Format,
        keys: &[Box<[u8]>],
        above: &[u8],
        limits: &Limits,
        source_at: u64,
    ) -> Self {
        let mut framed = Framed::new(format, Framing::Lines, limits, source_at);
        for key in keys {
            // More than the limit are met at the first record that has them.
            framed.fields.column(key).ok();
        }
        if let Reader::Line(matcher) = &mut framed.reader {
            for line in above.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                matcher.read(line, &mut framed.fields).ok();
            }
            // Said where these lines stand.
            matcher.take_renamed();
        }
        framed.fields.forget_record();
        framed
    }

    fn new(format: Format, framing: Framing, limits: &Limits, source_at: u64) -> Self {
        let mut fields = Fields::new(limits.columns);
        let reader = match format {
            Format::JsonArray | Format::JsonLines | Format::Delimited => Reader::Object(Objects::default()),
            Format::CombinedLog | Format::CommonLog | Format::ExtendedLog | Format::Sshd | Format::Syslog => {
                Reader::Line(Matcher::new(format, &mut fields))
            }
        };
        Framed {
            format,
            framing,
            reader,
            fields,
            limit_bytes: limits.record_bytes,
            encoding: Encoding::Utf8,
            numbering: Numbering::default(),
            buffer: Vec::new(),
            n_before: 0,
            start: 0,
            scanned: 0,
            after_cr: false,
            gap: None,
            n_records: 0,
            is_redirected: false,
            first_refused: None,
            line: 1,
            source_at,
        }
    }

    /// The keys of the columns so far, where records are lines: then a line end is always the end of a record.
    pub(super) fn keys_of_lines(&self) -> Option<&[Box<[u8]>]> {
        (matches!(self.framing, Framing::Lines) && self.n_before == 0).then(|| self.fields.keys())
    }

    /// The record under way, where records are lines.
    pub(super) fn under_way(&self) -> Option<UnderWay> {
        self.keys_of_lines()?;
        Some(UnderWay {
            at: self.position(),
            is_after_cr: self.after_cr,
            is_between_records: self.start == self.buffer.len(),
        })
    }

    /// Goes on as if lines with these records had been pushed and forgotten, up to source offset `byte`. Only between
    /// records.
    pub(super) fn skip(&mut self, n_records: u64, n_lines: u64, byte: u64, is_after_cr: bool) {
        self.forget_batch();
        self.n_records += n_records;
        self.line += n_lines;
        self.source_at = byte;
        self.after_cr = is_after_cr;
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// What lines above say of those that come next, as such lines.
    pub(super) fn above(&self) -> Vec<u8> {
        match &self.reader {
            Reader::Line(matcher) => matcher.above(),
            Reader::Object(_) => Vec::new(),
        }
    }

    /// Whether a line said that those below it are to be read otherwise than those from the start on.
    pub(super) fn is_redirected(&self) -> bool {
        self.is_redirected
    }

    /// Names of the columns so far.
    pub(super) fn names(&self) -> &[String] {
        self.fields.names()
    }

    /// Records so far, those refused included.
    pub(super) fn n_records(&self) -> u64 {
        self.n_records
    }

    /// Why the first record that was refused was, and the record.
    pub(super) fn first_refused(&self) -> Option<(&'static str, &[u8])> {
        self.first_refused.as_ref().map(|(why, record)| (*why, record.as_slice()))
    }

    /// The records completed since the batch before was forgotten.
    pub(super) fn batch(&self) -> Batch<'_> {
        self.fields.batch(&self.buffer, self.numbering)
    }

    /// Bytes held.
    pub(super) fn heap_bytes(&self) -> usize {
        self.buffer.capacity() + self.fields.heap_bytes()
    }

    /// Whether the batch is as large as may be and [`Framed::go_on`] has more text to look at.
    pub(super) fn is_full(&self) -> bool {
        self.fields.is_full()
    }

    /// Forgets the last batch and takes more text.
    ///
    /// # Errors
    /// `record-too-long`, `too-many-columns`.
    pub(super) fn push(&mut self, mut text: &[u8], findings: &mut Findings) -> Result<()> {
        self.forget_batch();
        if self.n_before > 0 {
            let (before, rest) = text.split_at(self.n_before.min(text.len()));
            self.n_before -= before.len();
            self.buffer.extend_from_slice(before);
            self.scanned = self.buffer.len();
            text = rest;
        }
        self.buffer.extend_from_slice(text);
        self.scan(findings)
    }

    /// Forgets the last batch and goes on with the text that is there.
    ///
    /// # Errors
    /// As [`Framed::push`].
    pub(super) fn go_on(&mut self, findings: &mut Findings) -> Result<()> {
        self.forget_batch();
        self.scan(findings)
    }

    /// Ends the file: what is left becomes a record of the batch.
    ///
    /// # Errors
    /// `too-many-columns`.
    pub(super) fn finish(&mut self, findings: &mut Findings) -> Result<()> {
        let end = self.buffer.len();
        let is_record = match &self.framing {
            Framing::Lines => true,
            Framing::Elements(elements) => {
                if elements.is_open() {
                    let at = self.gap.unwrap_or(self.position());
                    findings.report(FindingKind::UnclosedArray, "", at, || {
                        "the file ends before its JSON array does; the records up to there were kept"
                            .to_owned()
                    });
                }
                elements.is_inside()
            }
        };
        if is_record && end > self.start {
            self.take(end, findings)?;
            self.advance(end);
        }
        Ok(())
    }

    /// Drops the records of the batch.
    pub(super) fn forget_batch(&mut self) {
        self.fields.forget_batch();
        self.buffer.drain(..self.start);
        self.scanned -= self.start;
        self.start = 0;
    }

    fn scan(&mut self, findings: &mut Findings) -> Result<()> {
        while self.scanned < self.buffer.len() && !self.fields.is_full() {
            match &mut self.framing {
                Framing::Lines => {
                    let rest = &self.buffer[self.scanned..];
                    let n = memchr::memchr2(b'\n', b'\r', rest);
                    let end = self.scanned + n.unwrap_or(rest.len());
                    self.check_length(end)?;
                    self.scanned = end;
                    if n.is_some() {
                        self.end_line(end, findings)?;
                    }
                }
                Framing::Elements(elements) => {
                    let (step, at) = elements.scan(&self.buffer, self.scanned);
                    self.scanned = at;
                    match step {
                        Step::More => {
                            if elements.is_inside() {
                                self.check_length(at)?;
                            } else if at - self.start > self.limit_bytes && self.buffer[at - 1] != b'\r' {
                                self.gap = self.gap.or(Some(self.position()));
                                self.advance(at);
                            }
                        }
                        Step::Start => {
                            self.gap = None;
                            self.advance(at);
                        }
                        Step::End => {
                            self.check_length(at)?;
                            self.take(at, findings)?;
                            self.advance(at);
                        }
                        Step::Behind => {
                            self.advance(at);
                            let end = self.buffer.len();
                            self.set_aside(
                                at.max(end.min(at + 1)),
                                "it stands behind the end of the JSON array",
                                findings,
                            );
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Refuses a record under way that has more bytes than the limit.
    fn check_length(&self, end: usize) -> Result<()> {
        if end - self.start <= self.limit_bytes {
            return Ok(());
        }
        let (position, limit_bytes) = (self.position(), self.limit_bytes);
        Err(Error::new(ErrorKind::RecordTooLong { position, limit_bytes }))
    }

    /// A CR or LF at `end`.
    fn end_line(&mut self, end: usize, findings: &mut Findings) -> Result<()> {
        let byte = self.buffer[end];
        let ends_crlf = byte == b'\n' && self.after_cr && end == self.start;
        self.take(end, findings)?;
        self.line += u64::from(!ends_crlf);
        self.after_cr = byte == b'\r';
        self.move_to(end + 1);
        self.scanned = end + 1;
        Ok(())
    }

    /// Moves the start of the record under way and counts the lines up to there.
    fn advance(&mut self, next: usize) {
        let text = &self.buffer[self.start..next];
        self.line += n_line_ends(text);
        self.move_to(next);
    }

    fn move_to(&mut self, next: usize) {
        self.source_at += self.encoding.source_len(&self.buffer[self.start..next]);
        self.start = next;
    }

    fn position(&self) -> Position {
        let record = self.n_records + 1;
        Position { record, line: self.line, byte: self.source_at, file: self.numbering.file }
    }

    /// Takes the record under way apart, which ends at `end`; blank ones are skipped.
    fn take(&mut self, end: usize, findings: &mut Findings) -> Result<()> {
        let text = &self.buffer[self.start..end];
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        let read = match &mut self.reader {
            Reader::Object(objects) => objects.read(text, &mut self.fields),
            Reader::Line(matcher) => match matcher.read(text, &mut self.fields) {
                Ok(Line::Record) => Ok(Oddities::default()),
                Ok(line) => {
                    self.fields.forget_record();
                    self.is_redirected |= line != Line::Remark;
                    let renamed = matcher.take_renamed();
                    let at = self.position();
                    let text = self.buffer.get(self.start..end).unwrap_or(&[]);
                    if line == Line::OtherNames {
                        report_other_names(at, text, findings);
                    }
                    if let Some((n, first)) = renamed {
                        let message = || format!("columns of the same name got a number, as \"{first}\"");
                        findings.report_record(FindingKind::DuplicateHeader, n, at, || text, message);
                    }
                    return Ok(());
                }
                Err(refusal) => Err(refusal),
            },
        };
        match read {
            Ok(oddities) => {
                if oddities != Oddities::default() {
                    self.report(oddities, end, findings);
                }
                let mark = (self.source_at, self.line);
                self.fields.end_record(&self.buffer[self.start..end], self.start, self.n_records, mark);
                self.n_records += 1;
                Ok(())
            }
            Err(Refusal::Bad(why)) => {
                self.fields.forget_record();
                self.set_aside(end, why, findings);
                Ok(())
            }
            Err(Refusal::TooManyColumns) => {
                let limit = self.fields.limit();
                Err(Error::new(ErrorKind::TooManyColumns { found: limit + 1, limit }))
            }
        }
    }

    /// Counts the record under way, which ends at `end`, as one that is not read.
    fn set_aside(&mut self, end: usize, why: &'static str, findings: &mut Findings) {
        let text = self.buffer.get(self.start..end.min(self.start + MOST_SHOWN)).unwrap_or(&[]);
        let label = || self.format.label(None);
        findings.report_record(
            FindingKind::BadRecord,
            1,
            self.position(),
            || text,
            || format!("records that cannot be read as {} were left out; of the first one: {why}", label()),
        );
        self.first_refused.get_or_insert_with(|| (why, text.to_vec()));
        self.n_records += 1;
    }

    fn report(&self, oddities: Oddities, end: usize, findings: &mut Findings) {
        let Oddities { n_duplicates, n_bad_escapes } = oddities;
        let at = self.position();
        let record = || self.buffer.get(self.start..end).unwrap_or(&[]);
        if n_duplicates > 0 {
            findings.report_record(FindingKind::DuplicateKey, n_duplicates, at, record, || {
                "records give a key more than one value; the last one was kept".to_owned()
            });
        }
        if n_bad_escapes > 0 {
            findings.report_record(FindingKind::BadEscape, n_bad_escapes, at, record, || {
                "escapes that stand for no character were replaced by \u{FFFD}".to_owned()
            });
        }
    }
}

fn report_other_names(at: Position, line: &[u8], findings: &mut Findings) {
    findings.report_record(
        FindingKind::OtherNames,
        1,
        at,
        || line,
        || {
            "a #Fields line names other values than the one above it; lines below it were read by its names, so columns \
             that only one of them names have missing values"
                .to_owned()
        },
    );
}
