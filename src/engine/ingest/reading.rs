//! One file that is understood, being read into the rows.

use super::batch::Batch;
use super::encoding::{Decoder, Encoding};
use super::format::Format;
use super::framed::Framed;
use super::records::{Splitter, UnderWay};
use super::rows::Rows;
use super::sniff::Sniffed;
use super::{FileSummary, Limits};
use crate::engine::error::Result;
use crate::engine::finding::Findings;

/// A file being read.
#[derive(Debug)]
pub(super) struct Reading {
    format: Format,
    delimiter: Option<u8>,
    encoding: Encoding,
    /// Whether the first record names the columns, where the format leaves that open.
    header: Option<bool>,
    /// `None` for UTF-8.
    decoder: Option<Decoder>,
    /// Decoded text of one piece.
    text: Vec<u8>,
    records: Records,
    /// Records still to come before the first data record.
    n_before: usize,
    /// Fields that a record should have.
    n_fields: usize,
    n_rows: u64,
    n_records: u64,
}

/// What cuts text into records, by format.
#[derive(Debug)]
pub(super) enum Records {
    Delimited(Splitter),
    Framed(Box<Framed>),
}

/// What has to be known to cut a slice of a file into records.
#[derive(Debug, Clone)]
pub(super) enum Sliced<'a> {
    /// The delimiter.
    Delimited(u8),
    /// The format, the keys of the columns so far, and what lines above say of those to come.
    Lines(Format, &'a [Box<[u8]>], Vec<u8>),
}

impl Records {
    /// Forgets the last batch and takes more text.
    fn push(&mut self, text: &[u8], findings: &mut Findings) -> Result<()> {
        match self {
            Records::Delimited(splitter) => splitter.push(text, findings),
            Records::Framed(framed) => framed.push(text, findings),
        }
    }

    /// Whether the text that was pushed has more records than the batch holds; goes on with them then.
    fn go_on(&mut self, findings: &mut Findings) -> Result<bool> {
        match self {
            Records::Framed(framed) if framed.is_full() => framed.go_on(findings).map(|()| true),
            _ => Ok(false),
        }
    }

    /// Forgets the last batch and ends the file.
    fn finish(&mut self, findings: &mut Findings) -> Result<()> {
        match self {
            Records::Delimited(splitter) => {
                splitter.forget_batch();
                splitter.finish(findings);
                Ok(())
            }
            Records::Framed(framed) => {
                framed.forget_batch();
                framed.finish(findings)
            }
        }
    }

    fn batch(&self) -> Batch<'_> {
        match self {
            Records::Delimited(splitter) => splitter.batch(),
            Records::Framed(framed) => framed.batch(),
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Records::Delimited(splitter) => splitter.heap_bytes(),
            Records::Framed(framed) => framed.heap_bytes(),
        }
    }
}

impl Reading {
    /// Reads a file as `sniffed` says.
    pub(super) fn new(sniffed: &Sniffed, limits: &Limits) -> Self {
        let Sniffed { format, encoding, n_bom, delimiter, numbering, .. } = *sniffed;
        let records = match format {
            Format::Delimited => {
                let splitter = Splitter::new(delimiter, encoding, limits.record_bytes, n_bom as u64);
                Records::Delimited(splitter.numbered(numbering))
            }
            _ => Records::Framed(Box::new(Framed::of(sniffed, limits))),
        };
        Reading {
            format,
            delimiter: (format == Format::Delimited).then_some(delimiter),
            encoding,
            header: (format == Format::Delimited).then_some(sniffed.has_header),
            decoder: (encoding != Encoding::Utf8).then(|| Decoder::new(encoding)),
            text: Vec::new(),
            records,
            n_before: numbering.n_before as usize,
            n_fields: sniffed.names.len(),
            n_rows: 0,
            n_records: 0,
        }
    }

    /// Reads the records of a slice.
    pub(super) fn of_slice(records: Records, n_columns: usize) -> Self {
        let (format, n_fields) = match &records {
            Records::Delimited(_) => (Format::Delimited, n_columns),
            // Columns that are new cannot be made here.
            Records::Framed(framed) => (framed.format(), usize::MAX),
        };
        Reading {
            format,
            delimiter: None,
            encoding: Encoding::Utf8,
            header: None,
            decoder: None,
            text: Vec::new(),
            records,
            n_before: 0,
            n_fields,
            n_rows: 0,
            n_records: 0,
        }
    }

    /// What cuts a file that can be read in slices from here on.
    pub(super) fn sliced(&self) -> Option<Sliced<'_>> {
        if self.decoder.is_some() || self.n_before > 0 {
            return None;
        }
        match &self.records {
            Records::Delimited(_) => self.delimiter.map(Sliced::Delimited),
            Records::Framed(framed) => {
                framed.keys_of_lines().map(|keys| Sliced::Lines(self.format, keys, framed.above()))
            }
        }
    }

    /// What lines above say of those to come, as such lines.
    pub(super) fn above(&self) -> Vec<u8> {
        match &self.records {
            Records::Delimited(_) => Vec::new(),
            Records::Framed(framed) => framed.above(),
        }
    }

    /// Whether a slice's records are all rows of the columns that the file had before it, which were so many, and read as
    /// those before it were.
    pub(super) fn is_plain(&self, n_columns: usize) -> bool {
        match &self.records {
            Records::Delimited(_) => true,
            Records::Framed(framed) => {
                framed.names().len() == n_columns && self.n_rows == self.n_records && !framed.is_redirected()
            }
        }
    }

    /// Bytes of the file up to the record under way, where that is known.
    pub(super) fn n_bytes_read(&self) -> Option<u64> {
        self.under_way().map(|under_way| under_way.at.byte)
    }

    /// The record under way, in a file that can be read in slices.
    pub(super) fn under_way(&self) -> Option<UnderWay> {
        match &self.records {
            Records::Delimited(splitter) => Some(splitter.under_way()),
            Records::Framed(framed) => framed.under_way(),
        }
    }

    /// Goes on as if bytes with these records and lines had been pushed, up to byte `byte` of the file. Only between
    /// records.
    pub(super) fn skip(&mut self, n_records: u64, n_lines: u64, byte: u64, is_after_cr: bool) {
        match &mut self.records {
            Records::Delimited(splitter) => splitter.skip(n_records, n_lines, byte, is_after_cr),
            Records::Framed(framed) => framed.skip(n_records, n_lines, byte, is_after_cr),
        }
        self.n_records += n_records;
        self.n_rows += n_records;
    }

    /// Data records seen so far.
    pub(super) fn n_records(&self) -> u64 {
        self.n_records
    }

    /// Fields that a record should have.
    pub(super) fn n_fields(&self) -> usize {
        self.n_fields
    }

    /// Format, delimiter and encoding.
    pub(super) fn kind(&self) -> (Format, Option<u8>, Encoding) {
        (self.format, self.delimiter, self.encoding)
    }

    /// Bytes held.
    pub(super) fn heap_bytes(&self) -> usize {
        self.text.capacity() + self.records.heap_bytes()
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `record-too-long`.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        limits: &Limits,
        rows: &mut Rows,
        findings: &mut Findings,
    ) -> Result<()> {
        for piece in bytes.chunks(limits.batch_bytes) {
            match &mut self.decoder {
                None => self.records.push(piece, findings)?,
                Some(decoder) => {
                    self.text.clear();
                    decoder.decode(piece, &mut self.text);
                    self.records.push(&self.text, findings)?;
                }
            }
            self.read_batches(rows, findings)?;
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// As [`Reading::push`].
    pub(super) fn finish(&mut self, rows: &mut Rows, findings: &mut Findings) -> Result<()> {
        if let Some(decoder) = &mut self.decoder {
            self.text.clear();
            decoder.finish(&mut self.text);
            self.records.push(&self.text, findings)?;
            self.read_batches(rows, findings)?;
        }
        self.records.finish(findings)?;
        self.read_batches(rows, findings)
    }

    /// What was read, in short.
    pub(super) fn summary(&self, name: String, n_bytes: u64) -> FileSummary {
        FileSummary {
            name,
            rows: self.n_rows,
            set_aside: self.n_records - self.n_rows,
            bytes: n_bytes,
            format: self.format,
            delimiter: self.delimiter.map(|byte| char::from(byte).to_string()),
            encoding: self.encoding.name().to_owned(),
            header: self.header,
        }
    }

    /// Puts the records that have been completed into the rows.
    fn read_batches(&mut self, rows: &mut Rows, findings: &mut Findings) -> Result<()> {
        self.read_batch(rows, findings);
        while self.records.go_on(findings)? {
            self.read_batch(rows, findings);
        }
        Ok(())
    }

    fn read_batch(&mut self, rows: &mut Rows, findings: &mut Findings) {
        let batch = self.records.batch();
        if let Records::Framed(framed) = &self.records {
            let names = framed.names();
            if names.len() > self.n_fields {
                rows.grow(names, self.n_fields);
                self.n_fields = names.len();
            }
            self.n_rows += rows.take(&batch, 0..batch.n_records(), None, findings);
            self.n_records = framed.n_records();
            return;
        }
        let start = self.n_before.min(batch.n_records());
        self.n_before -= start;
        let records = start..batch.n_records();
        self.n_records += records.len() as u64;
        self.n_rows += rows.take(&batch, records, Some(self.n_fields), findings);
    }
}
