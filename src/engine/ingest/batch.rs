//! Complete records as the columns read them: where each field is, what it says without its quotes, and where its
//! record stands in the source.
//!
//! A field is one number, the end of its delimiter; the bits above say whether it is quoted and whether its value has
//! to be built, which the scan knows and a column need not look for again.

use crate::engine::error::Position;

/// Marks the end bound of a field that starts with an opening quote.
pub(super) const QUOTED: u32 = 1 << 31;

/// Marks one that has to be built as well: with quotes inside, or text behind the closing one.
pub(super) const BUILT: u32 = 1 << 30;

/// The bits of a bound that say where; the limits keep buffers below this.
const PLACE: u32 = BUILT - 1;

/// Where the records of a batch and their fields are in the splitter's buffer.
#[derive(Debug, Clone, Default)]
pub(super) struct Bounds {
    /// Per record: its start, then one past the delimiter or terminator of each field.
    pub(super) bounds: Vec<u32>,
    /// Index into `bounds` of each record's start, and of the record under way.
    pub(super) first: Vec<u32>,
    /// Source offset and line of each record.
    pub(super) marks: Vec<(u64, u64)>,
}

impl Bounds {
    /// Ends a field whose delimiter ends at `end`.
    pub(super) fn end_field(&mut self, end: usize) {
        self.start_first();
        self.bounds.push(end as u32);
    }

    /// Ends a record; the next starts at `next`. `mark` is its source offset and line.
    pub(super) fn end_record(&mut self, next: usize, mark: (u64, u64)) {
        self.start_first();
        self.marks.push(mark);
        self.first.push(self.bounds.len() as u32);
        self.bounds.push(next as u32);
    }

    /// Starts the first record, if it has not been.
    fn start_first(&mut self) {
        if self.bounds.is_empty() {
            self.bounds.push(0);
            self.first.push(0);
        }
    }

    /// Fields of all records, about.
    pub(super) fn n_fields(&self) -> usize {
        self.bounds.len()
    }

    /// Forgets all records.
    pub(super) fn clear(&mut self) {
        self.bounds.clear();
        self.first.clear();
        self.marks.clear();
    }

    /// Bytes held.
    pub(super) fn heap_bytes(&self) -> usize {
        4 * (self.bounds.capacity() + self.first.capacity()) + 16 * self.marks.capacity()
    }
}

/// Where the records of a batch stand in the source, when their fields are copies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// What the records were found in.
    pub(super) text: &'a [u8],
    /// Start and end of each.
    pub(super) records: &'a [(u32, u32)],
    /// Index of each among the file's records.
    pub(super) indices: &'a [u64],
}

/// Complete records, borrowed from the splitter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Batch<'a> {
    bytes: &'a [u8],
    bounds: &'a [u32],
    first: &'a [u32],
    /// Bounds per record where all have as many, else 0: their table is then a matrix and `first` need not be read.
    stride: usize,
    marks: &'a [(u64, u64)],
    numbering: Numbering,
    /// Index, from the start of the source, of the batch's first record.
    first_index: u64,
    /// Where the records stand, when `bytes` are copies of their fields.
    source: Option<Source<'a>>,
}

/// How indices of records in their file become the positions that people see: data from 1, the header 0.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Numbering {
    /// Records before the first data record: a header and what stands above it.
    pub(super) n_before: u64,
    /// Which file of the source, from 0.
    pub(super) file: u32,
}

impl Numbering {
    pub(super) fn number(self, index: u64) -> u64 {
        (index + 1).saturating_sub(self.n_before)
    }
}

/// A field as it stands in the source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    raw: &'a [u8],
    /// `QUOTED` and `BUILT`.
    flags: u32,
}

impl<'a> Field<'a> {
    /// The value, where it stands in the source as it is.
    #[inline]
    pub(super) fn plain(self) -> Option<&'a [u8]> {
        match self.flags {
            0 => Some(self.raw),
            QUOTED => Some(inside(self.raw)),
            _ => None,
        }
    }

    /// The value: without its quotes, doubled quotes made single. `scratch` is used where the value has to be built.
    #[inline]
    pub(super) fn value(self, scratch: &'a mut Vec<u8>) -> &'a [u8] {
        match self.plain() {
            Some(plain) => plain,
            None => unquote(self.raw, scratch),
        }
    }
}

impl<'a> Batch<'a> {
    /// Records whose fields are copies, each with one byte more behind it.
    pub(super) fn of_source(
        bytes: &'a [u8],
        records: &'a Bounds,
        numbering: Numbering,
        source: Source<'a>,
    ) -> Self {
        Batch { source: Some(source), ..Batch::new(bytes, records, numbering, 0) }
    }

    /// Records that stand in `bytes`, the first with this index from the start of the source.
    pub(super) fn new(bytes: &'a [u8], records: &'a Bounds, numbering: Numbering, first_index: u64) -> Self {
        let Bounds { bounds, first, marks } = records;
        let stride = match first.as_slice() {
            [start, end, ..] => end - start,
            _ => 0,
        };
        let is_regular = first.windows(2).all(|pair| pair[1] - pair[0] == stride);
        let stride = if is_regular { stride as usize } else { 0 };
        Batch { bytes, bounds, first, stride, marks, numbering, first_index, source: None }
    }

    pub(super) fn n_records(&self) -> usize {
        self.marks.len()
    }

    /// Whether all records have so many fields.
    pub(super) fn all_have(&self, n_fields: usize) -> bool {
        self.stride == n_fields + 1
    }

    /// Fields in a record.
    pub(super) fn n_fields(&self, row: usize) -> usize {
        (self.first[row + 1] - self.first[row]) as usize - 1
    }

    /// A field, or `None` when the record has fewer.
    #[inline]
    pub(super) fn field(&self, row: usize, column: usize) -> Option<Field<'a>> {
        let at = if self.stride > 0 {
            if column + 1 >= self.stride {
                return None;
            }
            row * self.stride + column
        } else {
            let at = self.first[row] as usize + column;
            if at + 1 >= self.first[row + 1] as usize {
                return None;
            }
            at
        };
        let &[start, end] = self.bounds[at..].first_chunk()?;
        let raw = self.bytes.get((start & PLACE) as usize..(end & PLACE) as usize - 1)?;
        Some(Field { raw, flags: end & (QUOTED | BUILT) })
    }

    /// The record as it stands in the source, without what ends it.
    pub(super) fn record(&self, row: usize) -> &'a [u8] {
        if let Some(source) = &self.source {
            let (start, end) = source.records[row];
            return source.text.get(start as usize..end as usize).unwrap_or(&[]);
        }
        let bounds = &self.bounds[self.first[row] as usize..self.first[row + 1] as usize];
        let [start, .., end] = bounds else { return &[] };
        self.bytes.get((start & PLACE) as usize..(end & PLACE) as usize - 1).unwrap_or(&[])
    }

    pub(super) fn position(&self, row: usize) -> Position {
        let (byte, line) = self.marks[row];
        let index = match &self.source {
            Some(source) => source.indices[row],
            None => self.first_index + row as u64,
        };
        let record = self.numbering.number(index);
        Position { record, line, byte, file: self.numbering.file }
    }
}

/// What stands between the first byte and the last.
#[inline]
fn inside(raw: &[u8]) -> &[u8] {
    raw.get(1..raw.len() - 1).unwrap_or(&[])
}

/// The value of a raw field that starts with a quote which closes.
#[cold]
fn unquote<'a>(raw: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
    scratch.clear();
    let mut rest = &raw[1..];
    while let Some(quote) = memchr::memchr(b'"', rest) {
        scratch.extend_from_slice(&rest[..quote]);
        rest = &rest[quote + 1..];
        if rest.first() != Some(&b'"') {
            break;
        }
        scratch.push(b'"');
        rest = &rest[1..];
    }
    scratch.extend_from_slice(rest);
    scratch
}
