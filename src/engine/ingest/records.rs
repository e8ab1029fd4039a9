//! Bytes to records: where fields and records end. RFC 4180 with every liberty files take.
//!
//! One buffer holds what has not been used yet, so that a record is always contiguous, wherever chunks were cut.
//! The scan looks at [`blocks`] of 64 bytes for the four bytes that matter (delimiter, quote, CR, LF) and goes from
//! one to the next by their bits; inside quotes it goes from quote to quote. It keeps its place between chunks, so a
//! record fed byte by byte is still scanned once.
//!
//! Rules where the RFC has none:
//! - CR, LF and CRLF end a record; lines without a byte are skipped.
//! - A quote opens a quoted field only at its start; elsewhere it is text.
//! - Text after a closing quote belongs to the field.
//! - A quote that never closes, before the end or before the record limit, is text, so that the records it would
//!   have swallowed are kept.
//! - Nor does one close whose field, of several lines, would end at a quote that looks like an opening one: right behind a
//!   delimiter or line end, and text behind it. A quote forgotten in one record would else swallow all up to the next that
//!   has quotes.

use super::batch::{BUILT, Batch, Bounds, Numbering, QUOTED};
use super::blocks::{self, BLOCK, Marks};
use super::encoding::Encoding;
use crate::engine::error::{Error, ErrorKind, Position, Result};
use crate::engine::finding::{FindingKind, Findings};

/// Line ends in a text: LF, CRLF, and CR alone.
pub(super) fn n_line_ends(text: &[u8]) -> u64 {
    let n_lf = memchr::memchr_iter(b'\n', text).count();
    let n_lone_cr = memchr::memchr_iter(b'\r', text).filter(|&at| text.get(at + 1) != Some(&b'\n')).count();
    (n_lf + n_lone_cr) as u64
}

/// The record under way of a splitter.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnderWay {
    /// Where it starts.
    pub(super) at: Position,
    /// Whether a CR stands right before it, so that an LF belongs to the line above.
    pub(super) is_after_cr: bool,
    /// Whether none of its bytes has come yet.
    pub(super) is_between_records: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In a field without quotes, or behind the closing quote.
    Text,
    /// Inside quotes.
    Quoted,
    /// Behind a quote inside quotes: it closes, unless another follows at once.
    Closing,
}

/// Cuts a stream of UTF-8 into records.
#[derive(Debug)]
pub(super) struct Splitter {
    delimiter: u8,
    limit_bytes: usize,
    encoding: Encoding,
    numbering: Numbering,
    buffer: Vec<u8>,
    records: Bounds,
    /// Next byte to look at.
    scanned: usize,
    /// Starts of the record and the field under way.
    record: usize,
    field: usize,
    state: State,
    /// `QUOTED` and `BUILT`, for the field under way.
    flag: u32,
    /// The quote that may have closed the field.
    quote: usize,
    /// The last record ended in CR: an LF right behind belongs to it.
    after_cr: bool,
    /// In the record under way.
    has_quoted_lines: bool,
    has_text_after_quote: bool,
    n_unclosed: u64,
    /// A NUL byte came by, now or earlier.
    saw_nul: bool,
    /// Records before this batch.
    first_index: u64,
    /// Line and source offset at which the record under way starts.
    line: u64,
    source_at: u64,
}

impl Splitter {
    /// A splitter at source offset `source_at` (behind a byte order mark).
    pub(super) fn new(delimiter: u8, encoding: Encoding, limit_bytes: usize, source_at: u64) -> Self {
        Splitter {
            delimiter,
            limit_bytes,
            encoding,
            numbering: Numbering::default(),
            buffer: Vec::new(),
            records: Bounds { bounds: vec![0], first: vec![0], marks: Vec::new() },
            scanned: 0,
            record: 0,
            field: 0,
            state: State::Text,
            flag: 0,
            quote: 0,
            after_cr: false,
            has_quoted_lines: false,
            has_text_after_quote: false,
            n_unclosed: 0,
            saw_nul: false,
            first_index: 0,
            line: 1,
            source_at,
        }
    }

    /// The same with records numbered behind a header.
    pub(super) fn numbered(self, numbering: Numbering) -> Self {
        Splitter { numbering, ..self }
    }

    /// The records completed since the batch before was forgotten, which [`Splitter::push`] does first.
    pub(super) fn batch(&self) -> Batch<'_> {
        Batch::new(&self.buffer, &self.records, self.numbering, self.first_index)
    }

    /// Bytes held.
    pub(super) fn heap_bytes(&self) -> usize {
        self.buffer.capacity() + self.records.heap_bytes()
    }

    /// Forgets the last batch and takes more text.
    ///
    /// # Errors
    /// `record-too-long`.
    pub(super) fn push(&mut self, text: &[u8], findings: &mut Findings) -> Result<()> {
        self.forget_batch();
        self.saw_nul = self.saw_nul || memchr::memchr(0, text).is_some();
        self.buffer.extend_from_slice(text);
        while self.scanned < self.buffer.len() {
            // Never past the limit of the record under way, so that what happens there does not depend on chunks.
            let horizon = self.buffer.len().min(self.record + self.limit_bytes + 1);
            self.scan(horizon, findings);
            if self.scanned - self.record > self.limit_bytes && !self.reopen() {
                return Err(Error::new(ErrorKind::RecordTooLong {
                    position: self.position(),
                    limit_bytes: self.limit_bytes,
                }));
            }
        }
        Ok(())
    }

    /// Ends the source: what is left becomes a record of the batch.
    pub(super) fn finish(&mut self, findings: &mut Findings) {
        let end = self.buffer.len();
        while self.reopen() || !self.leave_quotes(end) {
            self.scan(end, findings);
        }
        if end > self.record {
            self.end_record(end, end, findings);
        }
    }

    /// The record under way.
    pub(super) fn under_way(&self) -> UnderWay {
        UnderWay {
            at: self.position(),
            is_after_cr: self.after_cr,
            is_between_records: self.record == self.buffer.len(),
        }
    }

    /// Goes on as if text with these records and lines had been pushed and forgotten, up to source offset `byte`. Only
    /// between records.
    pub(super) fn skip(&mut self, n_records: u64, n_lines: u64, byte: u64, is_after_cr: bool) {
        self.forget_batch();
        self.first_index += n_records;
        self.line += n_lines;
        self.source_at = byte;
        self.after_cr = is_after_cr;
    }

    fn position(&self) -> Position {
        let index = self.first_index + self.records.marks.len() as u64;
        let record = self.numbering.number(index);
        Position { record, line: self.line, byte: self.source_at, file: self.numbering.file }
    }

    /// Drops the records of the batch from the front of the buffer.
    pub(super) fn forget_batch(&mut self) {
        if self.record == 0 {
            return;
        }
        let shift = self.record;
        self.buffer.drain(..shift);
        let under_way = *self.records.first.last().unwrap_or(&0) as usize;
        self.records.bounds.drain(..under_way);
        // Bounds of the record under way are not below its start, so the flag bit is never borrowed from.
        self.records.bounds.iter_mut().for_each(|bound| *bound -= shift as u32);
        self.records.first.clear();
        self.records.first.push(0);
        self.first_index += self.records.marks.len() as u64;
        self.records.marks.clear();
        self.scanned -= shift;
        self.field -= shift;
        self.quote = self.quote.saturating_sub(shift);
        self.record = 0;
    }

    /// Looks at all bytes before `end`.
    fn scan(&mut self, end: usize, findings: &mut Findings) {
        let mut at = self.scanned;
        while at < end {
            let marks = match self.buffer[at..end].first_chunk::<BLOCK>() {
                Some(block) => blocks::marks(block, self.delimiter),
                None => {
                    // Filled up with a byte that is none of those looked for.
                    let mut block = [0; BLOCK];
                    block[..end - at].copy_from_slice(&self.buffer[at..end]);
                    blocks::marks(&block, self.delimiter)
                }
            };
            if marks.quotes == 0 && self.state == State::Text {
                self.plain_block(at, marks, findings);
            } else if !self.block(at, marks, findings) {
                at = self.scanned;
                continue;
            }
            at += BLOCK;
        }
        self.scanned = end;
    }

    /// A block at `at` without quotes, outside quotes.
    #[inline]
    fn plain_block(&mut self, at: usize, marks: Marks, findings: &mut Findings) {
        let mut hits = marks.delimiters | marks.line_ends;
        while hits != 0 {
            let bit = hits & hits.wrapping_neg();
            let hit = at + hits.trailing_zeros() as usize;
            hits ^= bit;
            if marks.line_ends & bit == 0 {
                self.end_field(hit);
            } else {
                self.line_end(hit, findings);
            }
        }
    }

    /// A block at `at`, whatever is in it. `false` where the scan has to go back.
    fn block(&mut self, at: usize, marks: Marks, findings: &mut Findings) -> bool {
        let mut hits = marks.delimiters | marks.line_ends | marks.quotes;
        while hits != 0 {
            if self.state == State::Quoted {
                // Only a quote matters here.
                let before_quote = match marks.quotes & hits {
                    0 => hits,
                    quotes => hits & ((quotes & quotes.wrapping_neg()) - 1),
                };
                self.has_quoted_lines |= marks.line_ends & before_quote != 0;
                hits ^= before_quote;
                if hits == 0 {
                    return true;
                }
            }
            let bit = hits & hits.wrapping_neg();
            let hit = at + hits.trailing_zeros() as usize;
            hits ^= bit;
            if !self.special(hit, findings) {
                return false;
            }
        }
        true
    }

    /// A delimiter, quote, CR or LF at `at`; inside quotes, a quote. `false` where the scan has to go back.
    #[inline]
    fn special(&mut self, at: usize, findings: &mut Findings) -> bool {
        let byte = self.buffer[at];
        match self.state {
            State::Text => {}
            State::Quoted => {
                self.state = State::Closing;
                self.quote = at;
                return true;
            }
            State::Closing if byte == b'"' && at == self.quote + 1 => {
                self.state = State::Quoted;
                self.flag |= BUILT;
                return true;
            }
            State::Closing => {
                if !self.leave_quotes(at) {
                    return false;
                }
            }
        }
        if byte == self.delimiter {
            self.end_field(at);
        } else if byte == b'"' {
            if at == self.field {
                self.state = State::Quoted;
                self.flag = QUOTED;
            }
        } else {
            self.line_end(at, findings);
        }
        true
    }

    /// A CR or LF at `at`, outside quotes.
    #[inline]
    fn line_end(&mut self, at: usize, findings: &mut Findings) {
        let is_cr = self.buffer[at] == b'\r';
        if at == self.record {
            let ends_crlf = !is_cr && self.after_cr;
            self.line += u64::from(!ends_crlf);
            self.start_record(at + 1);
        } else {
            self.end_record(at, at + 1, findings);
        }
        self.after_cr = is_cr;
    }

    /// The quote before was the closing one, if there was one; `at` is what follows. `false` where it opens a field instead:
    /// then the one that opened the field under way is text, and the scan goes back behind it.
    fn leave_quotes(&mut self, at: usize) -> bool {
        if self.state == State::Closing {
            if at != self.quote + 1 {
                if self.closing_opens(at) {
                    self.take_quote_as_text();
                    return false;
                }
                self.has_text_after_quote = true;
                self.flag |= BUILT;
            }
            self.state = State::Text;
        }
        true
    }

    /// Whether the quote that seems to close the field under way opens another, in a later line; `at` is where the text
    /// behind it ends.
    #[cold]
    fn closing_opens(&self, at: usize) -> bool {
        let is_line_end = |byte: u8| matches!(byte, b'\n' | b'\r');
        let inside = &self.buffer[self.field + 1..self.quote];
        let starts_field = inside.last().is_some_and(|&byte| byte == self.delimiter || is_line_end(byte));
        let behind = &self.buffer[self.quote + 1..at];
        starts_field && !behind.trim_ascii().is_empty() && inside.iter().any(|&byte| is_line_end(byte))
    }

    #[inline]
    fn end_field(&mut self, at: usize) {
        self.records.bounds.push((at + 1) as u32 | self.flag);
        self.flag = 0;
        self.field = at + 1;
    }

    /// Ends the record at `at`; the next starts at `next`.
    fn end_record(&mut self, at: usize, next: usize, findings: &mut Findings) {
        self.end_field(at);
        if self.has_text_after_quote || self.n_unclosed > 0 || self.saw_nul {
            self.report_record(at, findings);
        }
        let text = &self.buffer[self.record..at];
        let mut n_lines = 1;
        if self.has_quoted_lines {
            n_lines += n_line_ends(text);
            self.has_quoted_lines = false;
        }
        self.records.marks.push((self.source_at, self.line));
        self.records.first.push(self.records.bounds.len() as u32);
        self.records.bounds.push(0);
        self.line += n_lines;
        self.start_record(next);
    }

    /// Reports what is odd in the record under way, which ends at `at`.
    #[cold]
    fn report_record(&mut self, at: usize, findings: &mut Findings) {
        let record = &self.buffer[self.record..at];
        let position = self.position();
        if self.n_unclosed > 0 {
            let count = self.n_unclosed;
            findings.report_record(FindingKind::UnclosedQuote, count, position, || record, || {
                "a quote opens a field and never closes; it was taken as text, so that the records behind it are kept"
                    .to_owned()
            });
        }
        if self.has_text_after_quote {
            findings.report_record(
                FindingKind::TextAfterQuote,
                1,
                position,
                || record,
                || "text stands behind a closing quote; it was kept as part of the field".to_owned(),
            );
        }
        let n_nul = if self.saw_nul { memchr::memchr_iter(0, record).count() as u64 } else { 0 };
        if n_nul > 0 {
            findings.report_record(
                FindingKind::NulBytes,
                n_nul,
                position,
                || record,
                || "NUL bytes stand in the text; they were kept in their values".to_owned(),
            );
        }
        self.n_unclosed = 0;
        self.has_text_after_quote = false;
    }

    /// Moves the start of the record under way, which has no field yet.
    fn start_record(&mut self, next: usize) {
        self.source_at += self.encoding.source_len(&self.buffer[self.record..next]);
        self.record = next;
        self.field = next;
        if let Some(start) = self.records.bounds.last_mut() {
            *start = next as u32;
        }
    }

    /// Takes the quote that opened the field under way as text and goes back behind it. `false` if none is open.
    fn reopen(&mut self) -> bool {
        let is_open = self.state == State::Quoted;
        if is_open {
            self.take_quote_as_text();
        }
        is_open
    }

    fn take_quote_as_text(&mut self) {
        self.n_unclosed += 1;
        self.state = State::Text;
        self.flag = 0;
        self.scanned = self.field + 1;
    }
}
