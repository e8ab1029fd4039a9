//! Bytes of log files, in chunks of any cut, to a typed table and what was odd on the way.
//!
//! A push parser: [`Ingest::push`] takes whatever has arrived, [`Ingest::begin_file`] says that another file of the
//! same columns follows, [`Ingest::finish`] gives the table. The layers, each knowing only the one before it:
//!
//! 1. `sniff` looks at the first MiB: format (`magic`, `recognize`), encoding, delimiter, `header`, a type per column
//!    (`sampled`, `guess`);
//! 2. `reading` goes through one file: `encoding` turns what is not UTF-8 into it;
//! 3. `records` cuts text into records and fields, in batches of some thousand records (`blocks`: the bytes that
//!    matter, by SIMD); in other formats than delimited `framed` does, by line or by array element (`elements`), and
//!    `json` or `logs` take each apart into named `fields`, which look like a batch of records too;
//! 4. `rows` gives each batch to its columns, whatever file it is of; `column` reads one column of a batch after the
//!    other (`number`, `moment`, `times`, categories), which keeps each loop short and each dictionary in the cache.
//!
//! Bytes are not kept: the buffers are the sample, one batch and the record under way. Nothing depends on where
//! chunks were cut: every decision is taken at a fixed byte or record of the source. Nothing in the data is an error
//! but what leaves no table at all: a source that is no text, has no record, or breaks a limit.

mod batch;
mod blocks;
mod codec;
mod column;
mod duplicates;
mod duration;
mod elements;
mod encoding;
mod estimate;
mod fields;
mod finish;
mod format;
mod framed;
mod guess;
mod header;
mod ingested;
mod joined;
mod json;
mod local;
mod logs;
mod magic;
mod marks;
mod meaning;
mod missing;
mod moment;
mod number;
mod options;
mod question;
mod reading;
mod recognize;
mod records;
mod rows;
mod sampled;
mod selection;
mod slice;
mod sniff;
mod times;

pub use encoding::Encoding;
pub use estimate::{ColumnEstimate, Estimate, estimate, read_sample};
pub use finish::FinishJob;
pub use format::Format;
pub use ingested::{FileSummary, Ingested};
pub use joined::BlockJoin;
pub use missing::MISSING_WORDS;
pub use options::{Limits, Options};
pub use question::{DateOrder, Question, QuestionKind};
pub use selection::RowSample;
pub use slice::{Slice, SliceReading};
pub use times::ASSUMED_YEAR;

use super::error::{Error, ErrorKind, Position, Result};
use super::finding::{FindingKind, Findings};
use super::table::Table;
use reading::Reading;
use rows::Rows;
use sniff::Sample;

/// Reads one source: a file, or several of the same columns as one table.
#[derive(Debug)]
pub struct Ingest {
    options: Options,
    limits: Limits,
    n_bytes: u64,
    findings: Findings,
    /// The table under construction; `None` until a file is understood.
    rows: Option<Rows>,
    /// Data records of the files that have ended.
    n_records: u64,
    /// The files that have ended.
    files: Vec<FileSummary>,
    /// What the first file with records is.
    first: Option<(Format, Option<u8>, Encoding)>,
    /// Why the first file without records has none.
    refusal: Option<Error>,
    /// Whether rows were given away in blocks.
    gives_blocks: bool,
    /// The file under way: its name, if it has one, and its bytes so far.
    name: Option<String>,
    n_file_bytes: u64,
    stage: Stage,
}

/// What is done with the file under way.
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
        options.check()?;
        limits.check()?;
        let stage = Stage::sampling(&limits);
        Ok(Ingest {
            options,
            limits,
            n_bytes: 0,
            findings: Findings::default(),
            rows: None,
            n_records: 0,
            files: Vec::new(),
            first: None,
            refusal: None,
            gives_blocks: false,
            name: None,
            n_file_bytes: 0,
            stage,
        })
    }

    /// Ends the file under way, if there is one, and begins the next of the same source. Every file is understood on
    /// its own, and its columns must be those of the first, in any order.
    ///
    /// # Errors
    /// As [`Ingest::push`], about the file that ends.
    pub fn begin_file(&mut self, name: &str) -> Result<()> {
        let is_first = self.name.is_none() && self.n_file_bytes == 0 && self.files.is_empty();
        let ended = if is_first { self.unfailed() } else { self.end_file() };
        self.remember(ended)?;
        self.name = Some(name.to_owned());
        Ok(())
    }

    /// Takes the next bytes, however many.
    ///
    /// # Errors
    /// `not-text`, `no-records`, `record-too-long`, `too-many-columns`, `no-such-column`, `mixed-schemas`; once given,
    /// every later call gives the same.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.n_bytes += bytes.len() as u64;
        self.n_file_bytes += bytes.len() as u64;
        let pushed = self.push_stage(bytes);
        self.remember(pushed)
    }

    /// Bytes taken so far.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Data records seen so far.
    pub fn n_records(&self) -> u64 {
        self.n_records
            + match &self.stage {
                Stage::Reading(reading) => reading.n_records(),
                _ => 0,
            }
    }

    /// Bytes held: buffers, and the columns so far.
    pub fn heap_bytes(&self) -> usize {
        let stage = match &self.stage {
            Stage::Sampling { sample, .. } => sample.capacity(),
            Stage::Reading(reading) => reading.heap_bytes(),
            Stage::Failed(_) => 0,
        };
        stage + self.rows.as_ref().map_or(0, Rows::heap_bytes)
    }

    /// Takes the rows since the last block, when there are `n_rows` or more; [`Ingest::finish`] gives the last block. Only
    /// for columns that all have a type by [`Options::types`]. Each block has dictionaries of its own.
    ///
    /// # Errors
    /// `options` where times can only be read with those that follow: dates whose day and month are not told apart by
    /// [`Options::dates`], and times without a year.
    pub fn take_block(&mut self, n_rows: usize) -> Result<Option<Table>> {
        self.gives_blocks = true;
        let Some(rows) = self.rows.as_mut().filter(|rows| rows.n_in_block() >= n_rows.max(1)) else {
            return Ok(None);
        };
        let block = rows.take_block(&mut self.findings);
        let failed = block.as_ref().map(|_| ()).map_err(Clone::clone);
        self.remember(failed)?;
        block.map(Some)
    }

    /// Ends the source, at once; [`Ingest::begin_finish`] does so in steps.
    ///
    /// # Errors
    /// As [`Ingest::push`], and `empty-source`.
    pub fn finish(self) -> Result<Ingested> {
        Ok(self.begin_finish()?.finish())
    }

    /// Ends a source that goes on: what was pushed is its start, of which the complete records are taken. Also gives the
    /// bytes that these take, header included.
    ///
    /// # Errors
    /// As [`Ingest::finish`].
    fn finish_sample(mut self) -> Result<(Ingested, u64)> {
        if matches!(self.stage, Stage::Sampling { .. }) {
            self.start_reading(false)?;
        }
        let n_read = match &self.stage {
            Stage::Reading(reading) if reading.n_records() > 0 => {
                reading.n_bytes_read().unwrap_or(self.n_bytes)
            }
            // Not even one record is complete: all there is counts as one.
            _ => {
                let n_bytes = self.n_bytes;
                return Ok((self.finish()?, n_bytes));
            }
        };
        if let Stage::Reading(reading) = &self.stage {
            self.n_records += reading.n_records();
            self.first.get_or_insert(reading.kind());
        }
        Ok((self.into_job()?.finish(), n_read))
    }

    /// Keeps an error, with the file that it is about where that has a name.
    fn remember(&mut self, result: Result<()>) -> Result<()> {
        if let Err(error) = result {
            let error = match (&self.stage, &self.name) {
                (Stage::Failed(_), _) | (_, None) => error,
                (_, Some(file)) => error.in_file(file),
            };
            self.stage = Stage::Failed(error.clone());
            return Err(error);
        }
        Ok(())
    }

    fn unfailed(&self) -> Result<()> {
        match &self.stage {
            Stage::Failed(error) => Err(error.clone()),
            _ => Ok(()),
        }
    }

    fn push_stage(&mut self, mut bytes: &[u8]) -> Result<()> {
        loop {
            match &mut self.stage {
                Stage::Failed(error) => return Err(error.clone()),
                Stage::Reading(reading) => {
                    let Some(rows) = &mut self.rows else { return Ok(()) };
                    return reading.push(bytes, &self.limits, rows, &mut self.findings);
                }
                Stage::Sampling { sample, n_wanted } => {
                    let n_taken = bytes.len().min(*n_wanted - sample.len());
                    sample.extend_from_slice(&bytes[..n_taken]);
                    bytes = &bytes[n_taken..];
                    // One byte more must be there, or the sample may be the whole file.
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
        let file = self.files.len() as u32;
        let known = self.rows.as_ref().map(Rows::names);
        let sniffed = sniff::sniff(
            Sample { bytes: sample, is_whole, file, known },
            &self.options,
            &self.limits,
            &mut self.findings,
        )?;
        let Some(sniffed) = sniffed else {
            *n_wanted *= 2;
            return Ok(());
        };
        let name = file_name(self.name.as_deref(), file);
        let rows = match &mut self.rows {
            Some(rows) => {
                rows.adopt(&sniffed, &name, file, &mut self.findings)?;
                rows
            }
            None => self.rows.insert(Rows::new(&sniffed, &name, &self.options)?),
        };
        let mut reading = Box::new(Reading::new(&sniffed, &self.limits));
        reading.push(&sample[sniffed.n_bom..], &self.limits, rows, &mut self.findings)?;
        if let Some(total_bytes) = self.options.total_bytes.filter(|_| !is_whole && file == 0) {
            rows.make_room(total_bytes as f64 / sample.len() as f64);
        }
        self.stage = Stage::Reading(reading);
        Ok(())
    }

    /// Ends the file under way and is ready for another.
    fn end_file(&mut self) -> Result<()> {
        if matches!(self.stage, Stage::Sampling { .. }) {
            match self.start_reading(true) {
                Err(error)
                    if matches!(error.kind(), ErrorKind::EmptySource | ErrorKind::NoRecords { .. }) =>
                {
                    self.skip_file(error);
                    return Ok(());
                }
                started => started?,
            }
        }
        match (&mut self.stage, &mut self.rows) {
            (Stage::Failed(error), _) => return Err(error.clone()),
            (Stage::Reading(reading), Some(rows)) => {
                reading.finish(rows, &mut self.findings)?;
                if reading.n_records() == 0 {
                    let error = Error::new(ErrorKind::NoRecords { n_columns: reading.n_fields() });
                    self.skip_file(error);
                    return Ok(());
                }
                let name = self.name.take().unwrap_or_default();
                self.n_records += reading.n_records();
                self.first.get_or_insert(reading.kind());
                self.files.push(reading.summary(name, self.n_file_bytes));
            }
            // A whole file is understood or refused.
            _ => return Err(Error::new(ErrorKind::NoRecords { n_columns: 0 })),
        }
        self.ready_for_another();
        Ok(())
    }

    /// Counts the file under way, which has no record: a finding where others have some.
    fn skip_file(&mut self, error: Error) {
        let file = self.files.len() as u32;
        let shown = file_name(self.name.as_deref(), file);
        let at = Position { line: 1, file, ..Position::default() };
        self.findings.report(FindingKind::EmptyFile, "", at, || {
            format!("files without a record were left out, as \"{shown}\"")
        });
        let name = self.name.take().unwrap_or_default();
        let format = self.options.format.unwrap_or_default();
        let encoding = self.options.encoding.unwrap_or(Encoding::Utf8).name().to_owned();
        let bytes = self.n_file_bytes;
        self.files.push(FileSummary {
            name,
            rows: 0,
            set_aside: 0,
            bytes,
            format,
            delimiter: None,
            encoding,
            header: None,
        });
        self.refusal.get_or_insert(error);
        self.ready_for_another();
    }

    fn ready_for_another(&mut self) {
        self.n_file_bytes = 0;
        self.stage = Stage::sampling(&self.limits);
    }
}

impl Stage {
    fn sampling(limits: &Limits) -> Self {
        Stage::Sampling { sample: Vec::new(), n_wanted: limits.sample_bytes.max(1) }
    }
}

/// A file as messages name it.
fn file_name(name: Option<&str>, file: u32) -> String {
    match name {
        Some(name) => name.to_owned(),
        None => format!("file {}", file + 1),
    }
}
