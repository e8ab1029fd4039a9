//! Bytes of a delimited text file, in chunks of any cut, to a typed table and what was odd on the way.
//!
//! A push parser: [`Ingest::push`] takes whatever has arrived, [`Ingest::finish`] gives the table. The layers, each
//! knowing only the one before it:
//!
//! 1. `sniff` looks at the first MiB: format (`magic`), encoding, delimiter, `header`, a type per column (`guess`);
//! 2. `encoding` turns what is not UTF-8 into it;
//! 3. `records` cuts text into records and fields, in batches of some thousand records;
//! 4. `column` reads one column of a batch after the other (`number`, `moment`, `times`, categories), which keeps
//!    each loop short and each dictionary in the cache.
//!
//! Bytes are not kept: the buffers are the sample, one batch and the record under way. Nothing depends on where
//! chunks were cut: every decision is taken at a fixed byte or record of the source. Nothing in the data is an error
//! but what leaves no table at all: a source that is no text, has no record, or breaks a limit.

mod column;
mod encoding;
mod estimate;
mod guess;
mod header;
mod magic;
mod moment;
mod number;
mod records;
mod sniff;
mod times;

pub use encoding::Encoding;
pub use estimate::{ColumnEstimate, Estimate};
pub use number::MISSING_WORDS;
pub use times::ASSUMED_YEAR;

use super::error::{Error, ErrorKind, Result};
use super::finding::{Finding, FindingKind, Findings};
use super::table::Table;
use column::ColumnBuilder;
use encoding::Decoder;
use records::Splitter;
use sniff::Sniffed;

/// How to read a source. What is `None` is guessed from its first bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// One ASCII character that is no quote and no line end. Guessed among `,` `;` tab and `|`.
    pub delimiter: Option<u8>,
    /// Guessed by byte order mark and content.
    pub encoding: Option<Encoding>,
    /// Whether the first record names the columns. Guessed by content.
    pub header: Option<bool>,
    /// Keep only these columns, by the names that the table would give them. Default: all.
    pub columns: Option<Vec<String>>,
    /// Keep only the first rows, at least 1. Default: all.
    pub max_rows: Option<u64>,
}

/// Bounds on what is held in memory at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest record, bytes of UTF-8. Default 16 MiB.
    pub record_bytes: usize,
    /// Most columns. Default 16,384, as many as a spreadsheet has.
    pub columns: usize,
    /// Length of the sample that guesses rest on, bytes. Longer only when the first record is. Default 1 MiB.
    pub sample_bytes: usize,
    /// Text cut into records at a time, bytes. Default 256 KiB, which stays in the cache.
    pub batch_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { record_bytes: 16 << 20, columns: 16_384, sample_bytes: 1 << 20, batch_bytes: 256 << 10 }
    }
}

/// A table and how it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Ingested {
    /// The table.
    pub table: Table,
    /// What was odd, in file order.
    pub findings: Vec<Finding>,
    /// Data records in the source: the table's rows and those that `max_rows` left out.
    pub n_records: u64,
    /// Bytes of the source.
    pub n_bytes: u64,
    /// The delimiter used.
    pub delimiter: u8,
    /// The encoding used.
    pub encoding: Encoding,
}

/// Reads one source.
#[derive(Debug)]
pub struct Ingest {
    options: Options,
    limits: Limits,
    n_bytes: u64,
    findings: Findings,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Collecting the sample.
    Sampling {
        sample: Vec<u8>,
        n_wanted: usize,
    },
    Reading(Box<Reading>),
    /// An error was given; it is given again.
    Failed(Error),
}

impl Ingest {
    /// A reader with the default [`Limits`].
    ///
    /// # Errors
    /// `options`.
    pub fn new(options: Options) -> Result<Self> {
        Ingest::with_limits(options, Limits::default())
    }

    /// A reader with limits of one's own.
    ///
    /// # Errors
    /// `options`.
    pub fn with_limits(options: Options, limits: Limits) -> Result<Self> {
        let refuse = |name: &str, expected: &str, found: String| {
            Err(Error::new(ErrorKind::Options { name: name.into(), expected: expected.into(), found }))
        };
        if let Some(delimiter) = options.delimiter.filter(|&byte| !is_delimiter(byte)) {
            let expected = "one ASCII character that is no quote and no line end";
            return refuse("delimiter", expected, format!("byte {delimiter}"));
        }
        if options.max_rows == Some(0) {
            return refuse("maxRows", "1 or more", "0".into());
        }
        if options.columns.as_ref().is_some_and(Vec::is_empty) {
            return refuse("columns", "at least one column name", "none".into());
        }
        // Bounds of fields are 31 bits wide.
        if limits.record_bytes.saturating_add(limits.batch_bytes) >= 1 << 30 || limits.batch_bytes == 0 {
            return refuse(
                "limits",
                "records and batches of less than 1 GiB together",
                format!("{limits:?}"),
            );
        }
        let stage = Stage::Sampling { sample: Vec::new(), n_wanted: limits.sample_bytes.max(1) };
        Ok(Ingest { options, limits, n_bytes: 0, findings: Findings::default(), stage })
    }

    /// Takes the next bytes, however many.
    ///
    /// # Errors
    /// `not-text`, `no-records`, `record-too-long`, `too-many-columns`, `no-such-column`; once given, every later
    /// call gives the same.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.n_bytes += bytes.len() as u64;
        let pushed = self.push_stage(bytes);
        self.remember(pushed)
    }

    /// Bytes taken so far.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Data records seen so far.
    pub fn n_records(&self) -> u64 {
        match &self.stage {
            Stage::Reading(reading) => reading.n_records,
            _ => 0,
        }
    }

    /// Bytes held: buffers, and the columns so far.
    pub fn heap_bytes(&self) -> usize {
        match &self.stage {
            Stage::Sampling { sample, .. } => sample.capacity(),
            Stage::Reading(reading) => reading.heap_bytes(),
            Stage::Failed(_) => 0,
        }
    }

    /// Ends the source.
    ///
    /// # Errors
    /// As [`Ingest::push`], and `empty-source`.
    pub fn finish(mut self) -> Result<Ingested> {
        if matches!(self.stage, Stage::Sampling { .. }) {
            self.start_reading(true)?;
        }
        match self.stage {
            Stage::Reading(reading) => reading.finish(self.findings, self.n_bytes),
            Stage::Failed(error) => Err(error),
            // A whole source is understood or refused.
            Stage::Sampling { .. } => Err(Error::new(ErrorKind::NoRecords { n_columns: 0 })),
        }
    }

    fn remember(&mut self, result: Result<()>) -> Result<()> {
        if let Err(error) = &result {
            self.stage = Stage::Failed(error.clone());
        }
        result
    }

    fn push_stage(&mut self, mut bytes: &[u8]) -> Result<()> {
        loop {
            match &mut self.stage {
                Stage::Failed(error) => return Err(error.clone()),
                Stage::Reading(reading) => return reading.push(bytes, &self.limits, &mut self.findings),
                Stage::Sampling { sample, n_wanted } => {
                    let n_taken = bytes.len().min(*n_wanted - sample.len());
                    sample.extend_from_slice(&bytes[..n_taken]);
                    bytes = &bytes[n_taken..];
                    // One byte more must be there, or the sample may be the whole source.
                    if bytes.is_empty() {
                        return Ok(());
                    }
                    self.start_reading(false)?;
                }
            }
        }
    }

    /// Understands the sample and reads it, or asks for a longer one when not even its first record is complete.
    fn start_reading(&mut self, is_whole: bool) -> Result<()> {
        let Stage::Sampling { sample, n_wanted } = &mut self.stage else { return Ok(()) };
        match sniff::sniff(sample, is_whole, &self.options, &self.limits, &mut self.findings)? {
            Some(sniffed) => {
                let mut reading = Box::new(Reading::new(&sniffed, &self.options, &self.limits)?);
                reading.push(&sample[sniffed.n_bom..], &self.limits, &mut self.findings)?;
                self.stage = Stage::Reading(reading);
            }
            None => *n_wanted *= 2,
        }
        Ok(())
    }
}

/// Whether a byte can delimit fields.
fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0)
}

/// A source that is understood, being read.
#[derive(Debug)]
struct Reading {
    delimiter: u8,
    encoding: Encoding,
    /// `None` for UTF-8.
    decoder: Option<Decoder>,
    /// Decoded text of one piece.
    text: Vec<u8>,
    splitter: Splitter,
    /// Records still to come before the first data record.
    n_before: usize,
    /// Fields that a record should have.
    n_fields: usize,
    columns: Vec<ColumnBuilder>,
    n_rows: u64,
    max_rows: u64,
    n_records: u64,
}

impl Reading {
    fn new(sniffed: &Sniffed, options: &Options, limits: &Limits) -> Result<Self> {
        let mut kept = vec![options.columns.is_none(); sniffed.names.len()];
        for wanted in options.columns.iter().flatten() {
            let column = sniffed.names.iter().position(|name| name == wanted).ok_or_else(|| {
                Error::new(ErrorKind::NoSuchColumn { name: wanted.clone(), columns: sniffed.names.clone() })
            })?;
            kept[column] = true;
        }
        let columns = (0..sniffed.names.len())
            .filter(|&column| kept[column])
            .map(|column| ColumnBuilder::new(sniffed.names[column].clone(), column, sniffed.guesses[column]))
            .collect();
        let Sniffed { encoding, n_bom, delimiter, numbering, .. } = *sniffed;
        Ok(Reading {
            delimiter,
            encoding,
            decoder: (encoding != Encoding::Utf8).then(|| Decoder::new(encoding)),
            text: Vec::new(),
            splitter: Splitter::new(delimiter, encoding, limits.record_bytes, n_bom as u64)
                .numbered(numbering),
            n_before: numbering.n_before as usize,
            n_fields: sniffed.names.len(),
            columns,
            n_rows: 0,
            // Rows are counted in 32 bits.
            max_rows: options.max_rows.unwrap_or(u64::MAX).min(u64::from(u32::MAX - 1)),
            n_records: 0,
        })
    }

    fn push(&mut self, bytes: &[u8], limits: &Limits, findings: &mut Findings) -> Result<()> {
        for piece in bytes.chunks(limits.batch_bytes) {
            match &mut self.decoder {
                None => self.splitter.push(piece, findings)?,
                Some(decoder) => {
                    self.text.clear();
                    decoder.decode(piece, &mut self.text);
                    self.splitter.push(&self.text, findings)?;
                }
            }
            self.read_batch(findings);
        }
        Ok(())
    }

    /// Reads the records that the splitter has completed into the columns.
    fn read_batch(&mut self, findings: &mut Findings) {
        let batch = self.splitter.batch();
        let start = self.n_before.min(batch.n_records());
        self.n_before -= start;
        let n_new = (batch.n_records() - start) as u64;
        let n_kept = n_new.min(self.max_rows - self.n_rows);
        let rows = start..start + n_kept as usize;
        for row in rows.clone() {
            let n_fields = batch.n_fields(row);
            if n_fields != self.n_fields {
                let expected = self.n_fields;
                let (kind, what) = if n_fields < expected {
                    (FindingKind::ShortRecord, "the fields it lacks were taken as missing")
                } else {
                    (FindingKind::LongRecord, "the fields behind these were left out")
                };
                findings.report(kind, "", batch.position(row), || {
                    format!("a record has {n_fields} fields where there are {expected} columns; {what}")
                });
            }
        }
        if n_kept < n_new {
            let max_rows = self.max_rows;
            findings.report_many(FindingKind::RowLimit, "", n_new - n_kept, batch.position(rows.end), || {
                format!("records behind the first {max_rows} were left out, as the row limit says")
            });
        }
        for column in &mut self.columns {
            column.push(&batch, rows.clone());
        }
        self.n_rows += n_kept;
        self.n_records += n_new;
    }

    fn heap_bytes(&self) -> usize {
        self.text.capacity()
            + self.splitter.heap_bytes()
            + self.columns.iter().map(ColumnBuilder::heap_bytes).sum::<usize>()
    }

    fn finish(mut self, mut findings: Findings, n_bytes: u64) -> Result<Ingested> {
        if let Some(decoder) = &mut self.decoder {
            self.text.clear();
            decoder.finish(&mut self.text);
            self.splitter.push(&self.text, &mut findings)?;
            self.read_batch(&mut findings);
        }
        self.splitter.forget_batch();
        self.splitter.finish(&mut findings);
        self.read_batch(&mut findings);
        if self.n_records == 0 {
            return Err(Error::new(ErrorKind::NoRecords { n_columns: self.n_fields }));
        }
        let columns = self.columns.into_iter().map(|column| column.finish(&mut findings)).collect();
        let mut findings = findings.into_vec();
        // Reports come in by batches, whose size depends on chunks.
        findings.sort_by(|a, b| (a.first.byte, a.kind, &a.message).cmp(&(b.first.byte, b.kind, &b.message)));
        Ok(Ingested {
            table: Table::new(columns),
            findings,
            n_records: self.n_records,
            n_bytes,
            delimiter: self.delimiter,
            encoding: self.encoding,
        })
    }
}
