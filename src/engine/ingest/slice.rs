//! A file read in slices, by several engines side by side, with the result of one.
//!
//! One engine, the main one, reads the file's start as ever and tells the others its *schema*: what it has understood,
//! and what type each column has. [`SliceReading`] cuts a slice's bytes into records from the first line end on and gives
//! the complete ones. Where a slice starts inside quotes, that line end may be none, and nothing in the slice can tell
//! for sure. So nobody relies on it: the main engine goes through the file in order, reads what lies between slices
//! itself, and takes a slice only when it stands between two records at the very byte where the slice's first record
//! was thought to start. From there on the same bytes give the same records, so by induction every slice taken is read
//! as one engine alone would have read it. A slice that starts elsewhere, or whose columns would have come out
//! otherwise with the rows before them, is not taken; the main engine then reads its bytes itself.

use super::codec::{Reader, Writer};
use super::column::{ColumnBuilder, ColumnSlice};
use super::framed::Framed;
use super::guess::Guess;
use super::reading::{Reading, Records, Sliced};
use super::records::Splitter;
use super::rows::Rows;
use super::{Encoding, Format, Ingest, Limits, Options, Stage};
use crate::engine::error::{Error, ErrorKind, Position, Result};
use crate::engine::finding::{Finding, Findings};

/// Bytes in which the start of a slice's first record is looked for.
const START_BYTES: usize = 64 << 10;

/// Records that must have as many fields as the file has columns where a slice's first record starts.
const START_RECORDS: usize = 8;

/// Line ends behind which they are looked for.
const START_LINES: usize = 32;

/// A slice that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Where in the file its first record starts, if it started outside quotes; [`Ingest::absorb`] takes it when it has
    /// come to this byte.
    pub start: u64,
    /// Where its last complete record ends.
    pub end: u64,
    /// Its records, for [`Ingest::absorb`].
    pub bytes: Vec<u8>,
}

/// Reads a slice of a file whose start another engine has read: its bytes in order, however cut, then the slice.
#[derive(Debug)]
pub struct SliceReading {
    cut: Cut,
    limits: Limits,
    rows: Rows,
    /// What each column was before the slice.
    kinds: Vec<Guess>,
    findings: Findings,
    /// Where it starts in the file; then where its first record does.
    at: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Not enough bytes to tell where the first record starts.
    Start(Vec<u8>),
    Records(Box<Reading>),
    /// Its records are no rows of the columns that the file had before it.
    Odd,
}

impl SliceReading {
    /// A slice that stands in the file from byte `at` on. `options` are those of the ingest that gave the
    /// [schema](Ingest::slice_schema).
    ///
    /// # Errors
    /// `options` when the schema is none.
    pub fn new(options: &Options, schema: &[u8], at: u64) -> Result<Self> {
        let Some(Schema { cut, limits, rows }) = Schema::decode(&mut Reader(schema), options) else {
            let expected = "what the engine that reads the file's start gave";
            let found = format!("{} bytes", schema.len());
            return Err(Error::new(ErrorKind::Options {
                name: "schema".into(),
                expected: expected.into(),
                found,
            }));
        };
        let kinds = rows.columns().iter().map(ColumnBuilder::kind).collect();
        let state = State::Start(Vec::new());
        Ok(SliceReading { cut, limits, rows, kinds, findings: Findings::default(), at, state })
    }

    /// Takes its next bytes.
    ///
    /// # Errors
    /// `record-too-long`.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.state {
            State::Start(start) => {
                start.extend_from_slice(bytes);
                if start.len() < START_BYTES { Ok(()) } else { self.start() }
            }
            State::Records(_) => self.read(bytes),
            State::Odd => Ok(()),
        }
    }

    /// The records that are complete in it.
    ///
    /// # Errors
    /// `record-too-long`.
    pub fn finish(mut self) -> Result<Slice> {
        if matches!(self.state, State::Start(_)) {
            self.start()?;
        }
        let (start, State::Records(reading)) = (self.at, self.state) else {
            return Ok(Slice { start: self.at, end: self.at, bytes: Vec::new() });
        };
        let mut out = Writer::default();
        let under_way = reading.under_way();
        let end = under_way.map_or(start, |next| next.at.byte);
        out.u64(start);
        out.u64(end);
        out.bytes(self.cut.above());
        out.u64(under_way.map_or(0, |next| next.at.line - 1));
        out.u8(u8::from(under_way.is_some_and(|next| next.is_after_cr)));
        out.u64(reading.n_records());
        let findings = serde_json::to_vec(&self.findings.into_vec()).unwrap_or_default();
        out.bytes(&findings);
        for (column, before) in self.rows.columns().iter().zip(self.kinds) {
            column.encode(before, &mut out);
        }
        Ok(Slice { start, end, bytes: out.0 })
    }

    /// Goes to where the first record starts, and reads from there what has come.
    fn start(&mut self) -> Result<()> {
        let State::Start(bytes) = std::mem::replace(&mut self.state, State::Odd) else { return Ok(()) };
        let skipped = match &self.cut {
            Cut::Delimited { delimiter, n_fields } => first_record(&bytes, *delimiter, *n_fields),
            Cut::Lines(..) => first_line(&bytes),
        };
        self.at += skipped as u64;
        let records = match &self.cut {
            Cut::Delimited { delimiter, .. } => Records::Delimited(Splitter::new(
                *delimiter,
                Encoding::Utf8,
                self.limits.record_bytes,
                self.at,
            )),
            Cut::Lines(format, keys, above) => {
                Records::Framed(Box::new(Framed::of_lines(*format, keys, above, &self.limits, self.at)))
            }
        };
        self.state = State::Records(Box::new(Reading::of_slice(records, self.cut.n_columns())));
        self.read(&bytes[skipped..])
    }

    fn read(&mut self, bytes: &[u8]) -> Result<()> {
        let State::Records(reading) = &mut self.state else { return Ok(()) };
        for piece in bytes.chunks(self.limits.batch_bytes) {
            reading.push(piece, &self.limits, &mut self.rows, &mut self.findings)?;
            if !reading.is_plain(self.cut.n_columns()) {
                self.state = State::Odd;
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Ingest {
    /// What [`SliceReading`] needs to know of the file under way, as it is understood at this point. `None` when it cannot
    /// be read in slices: the sample is not complete yet, its text is not UTF-8, it is a JSON array, or only a sample of its
    /// rows is kept.
    pub fn slice_schema(&self) -> Option<Vec<u8>> {
        let (Stage::Reading(reading), Some(rows)) = (&self.stage, &self.rows) else { return None };
        if self.options.sample.is_some() {
            return None;
        }
        let mut out = Writer::default();
        match reading.sliced()? {
            Sliced::Delimited(delimiter) => {
                out.u8(0);
                out.u8(delimiter);
                out.u64(reading.n_fields() as u64);
            }
            Sliced::Lines(format, keys, above) => {
                out.u8(1);
                out.u8(Format::ALL.iter().position(|&known| known == format)? as u8);
                out.u64(keys.len() as u64);
                keys.iter().for_each(|key| out.bytes(key));
                out.bytes(&above);
            }
        }
        out.u64(self.limits.record_bytes as u64);
        out.u64(rows.columns().len() as u64);
        rows.columns().iter().for_each(|column| column.encode_start(&mut out));
        Some(out.0)
    }

    /// Adds the records of a slice of the file under way, as if its bytes had been pushed; then the bytes from the end
    /// of its last complete record are next. `None`, and nothing is changed, where that cannot be known to be the same:
    /// its first record does not start at the byte that is next, or its values depend on those before them.
    ///
    /// Gives the byte of the file that is next.
    pub fn absorb(&mut self, slice: &[u8]) -> Option<u64> {
        let (Stage::Reading(reading), Some(rows)) = (&mut self.stage, &mut self.rows) else { return None };
        let slice = SliceRecords::decode(&mut Reader(slice), rows.columns().len())?;
        let before = reading.under_way()?;
        let is_next =
            before.is_between_records && before.at.byte == slice.start && reading.above() == slice.above;
        if !is_next || !rows.takes(slice.n_records, &slice.columns) {
            return None;
        }
        if slice.end == slice.start {
            return Some(slice.end);
        }
        // The slice counts its records and lines from 1.
        let here = |at: Position| Position {
            record: before.at.record + at.record - 1,
            line: before.at.line + at.line - 1,
            byte: at.byte,
            file: before.at.file,
        };
        if slice.n_records > 0 {
            rows.absorb(slice.n_records, &slice.columns, here);
        }
        for finding in slice.findings {
            self.findings.absorb(finding, here);
        }
        reading.skip(slice.n_records, slice.n_lines, slice.end, slice.is_after_cr);
        let n_bytes = slice.end - slice.start;
        self.n_bytes += n_bytes;
        self.n_file_bytes += n_bytes;
        Some(slice.end)
    }
}

/// How a slice is read.
struct Schema {
    cut: Cut,
    limits: Limits,
    rows: Rows,
}

/// What cuts it into records.
#[derive(Debug)]
enum Cut {
    Delimited {
        delimiter: u8,
        n_fields: usize,
    },
    /// The format, keys of the columns, and what lines above the slice say of its.
    Lines(Format, Vec<Box<[u8]>>, Vec<u8>),
}

impl Cut {
    fn n_columns(&self) -> usize {
        match self {
            Cut::Delimited { n_fields, .. } => *n_fields,
            Cut::Lines(_, keys, _) => keys.len(),
        }
    }

    fn above(&self) -> &[u8] {
        match self {
            Cut::Delimited { .. } => &[],
            Cut::Lines(.., above) => above,
        }
    }
}

impl Schema {
    fn decode(bytes: &mut Reader<'_>, options: &Options) -> Option<Self> {
        let (kind, code) = (bytes.u8()?, bytes.u8()?);
        let n_fields = usize::try_from(bytes.u64()?).ok()?;
        let cut = match kind {
            0 => Cut::Delimited { delimiter: code, n_fields },
            _ => {
                let format = *Format::ALL.get(usize::from(code))?;
                let keys = (0..n_fields).map(|_| bytes.bytes().map(Box::from)).collect::<Option<_>>()?;
                Cut::Lines(format, keys, bytes.bytes()?.to_vec())
            }
        };
        let limits = Limits { record_bytes: usize::try_from(bytes.u64()?).ok()?, ..Limits::default() };
        let n_columns = bytes.u64()?;
        let columns =
            (0..n_columns).map(|_| ColumnBuilder::decode_start(bytes, options)).collect::<Option<_>>()?;
        Some(Schema { cut, limits, rows: Rows::of_slice(columns) })
    }
}

/// The records of a slice, read from bytes.
struct SliceRecords<'a> {
    start: u64,
    end: u64,
    /// What lines above it say of its own, as the reader of the slice was told.
    above: &'a [u8],
    n_lines: u64,
    is_after_cr: bool,
    n_records: u64,
    findings: Vec<Finding>,
    columns: Vec<ColumnSlice<'a>>,
}

impl<'a> SliceRecords<'a> {
    fn decode(bytes: &mut Reader<'a>, n_columns: usize) -> Option<Self> {
        Some(SliceRecords {
            start: bytes.u64()?,
            end: bytes.u64()?,
            above: bytes.bytes()?,
            n_lines: bytes.u64()?,
            is_after_cr: bytes.u8()? != 0,
            n_records: bytes.u64()?,
            findings: serde_json::from_slice(bytes.bytes()?).ok()?,
            columns: (0..n_columns).map(|_| ColumnSlice::decode(bytes)).collect::<Option<_>>()?,
        })
    }
}

/// Where the first record starts: behind the first line end, or the next one behind which some records have as many
/// fields as they should. In a quoted text of several lines that tells its lines from records, most often; that it may
/// not is why [`Ingest::absorb`] looks.
fn first_record(bytes: &[u8], delimiter: u8, n_fields: usize) -> usize {
    let window = &bytes[..bytes.len().min(START_BYTES)];
    let is_line_end = |byte: u8| matches!(byte, b'\r' | b'\n');
    let starts = (1..window.len()).filter(|&at| is_line_end(window[at - 1]) && !is_line_end(window[at]));
    let mut first = None;
    for start in starts.take(START_LINES) {
        first.get_or_insert(start);
        let mut splitter = Splitter::new(delimiter, Encoding::Utf8, START_BYTES, 0);
        if splitter.push(&window[start..], &mut Findings::default()).is_err() {
            continue;
        }
        let batch = splitter.batch();
        let mut some = (0..batch.n_records().min(START_RECORDS)).map(|row| batch.n_fields(row));
        if batch.n_records() > 0 && some.all(|n| n == n_fields) {
            return start;
        }
    }
    first.unwrap_or_else(|| first_line(bytes))
}

/// Where the first line with a byte starts of those that are there from their start on; without one, the end.
fn first_line(bytes: &[u8]) -> usize {
    let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let start = bytes
        .iter()
        .position(is_line_end)
        .and_then(|line_end| Some(line_end + bytes[line_end..].iter().position(|byte| !is_line_end(byte))?));
    start.unwrap_or(bytes.len())
}
