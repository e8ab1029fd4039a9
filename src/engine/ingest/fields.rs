//! Named values of a record to fields in columns, for formats whose records name their values or are taken apart by
//! a matcher: columns appear when their name first does, and a record gives its values in any order.
//!
//! The values are copied, one behind the other, so that a batch of them looks like a batch of delimited fields and
//! the columns need not know which it is. Names mostly come in the order of the record before, which makes finding
//! their column one comparison.

use super::batch::{Batch, Bounds, Numbering, Source};
use super::header::name_of_place;
use std::collections::{HashMap, HashSet};

/// Fields in a batch, give or take a record.
const MOST_FIELDS: usize = 1 << 18;

/// No column.
const NONE: u32 = u32::MAX;

/// Where a value of the record under way is.
#[derive(Debug, Clone, Copy)]
enum Slot {
    /// In the record's text.
    Text(u32, u32),
    /// Among the values that had to be built.
    Built(u32, u32),
}

/// A value as a reader found it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    /// Start and end in the record's text.
    Text(usize, usize),
    /// What was appended to [`Fields::built`] from this length on.
    Built(usize),
}

/// There are more columns than the limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct TooMany;

/// Records of named values.
#[derive(Debug)]
pub(super) struct Fields {
    limit: usize,
    /// As they stand in the source, one per column.
    keys: Vec<Box<[u8]>>,
    by_key: HashMap<Box<[u8]>, u32>,
    /// As people see them, unique.
    names: Vec<String>,
    taken: HashSet<String>,
    /// By the name that columns would have alike, the last number that one was given.
    last_number: HashMap<String, usize>,
    /// Which column came behind which; the first entry is for the record's first.
    next: Vec<u32>,
    /// Index into `next` of the last column given.
    last: usize,
    slots: Vec<Slot>,
    /// The record in which each slot was filled.
    filled: Vec<u64>,
    record: u64,
    /// Columns up to the last one filled in this record.
    n_used: usize,
    /// Values that are not in the text as such, as those with escapes.
    pub(super) built: Vec<u8>,
    /// The batch.
    bytes: Vec<u8>,
    bounds: Bounds,
    /// Start and end of each record in the text, and its index in the file.
    records: Vec<(u32, u32)>,
    indices: Vec<u64>,
}

impl Fields {
    /// Without columns yet.
    pub(super) fn new(limit: usize) -> Self {
        Fields {
            limit,
            keys: Vec::new(),
            by_key: HashMap::new(),
            names: Vec::new(),
            taken: HashSet::new(),
            last_number: HashMap::new(),
            next: vec![NONE],
            last: 0,
            slots: Vec::new(),
            filled: Vec::new(),
            record: 1,
            n_used: 0,
            built: Vec::new(),
            bytes: Vec::new(),
            bounds: Bounds::default(),
            records: Vec::new(),
            indices: Vec::new(),
        }
    }

    /// Most columns.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Whether the batch has so many fields that it should be read before there are more: where records name few of
    /// many columns, a batch of short text has many fields.
    pub(super) fn is_full(&self) -> bool {
        self.bounds.n_fields() > MOST_FIELDS
    }

    /// Names of the columns so far.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Keys of the columns so far, as they stand in the source.
    pub(super) fn keys(&self) -> &[Box<[u8]>] {
        &self.keys
    }

    /// The column of a key, made when the key is new.
    pub(super) fn column(&mut self, key: &[u8]) -> Result<usize, TooMany> {
        let guess = self.next[self.last];
        if guess != NONE && *self.keys[guess as usize] == *key {
            self.last = guess as usize + 1;
            return Ok(guess as usize);
        }
        let column = match self.by_key.get(key) {
            Some(&column) => column,
            None => self.add_column(key)?,
        };
        self.next[self.last] = column;
        self.last = column as usize + 1;
        Ok(column as usize)
    }

    fn add_column(&mut self, key: &[u8]) -> Result<u32, TooMany> {
        if self.keys.len() >= self.limit {
            return Err(TooMany);
        }
        let column = self.keys.len() as u32;
        let base = match String::from_utf8_lossy(key) {
            name if name.trim().is_empty() => name_of_place(self.keys.len() + 1),
            name => name.into_owned(),
        };
        let mut name = base.clone();
        while !self.taken.insert(name.clone()) {
            let number = self.last_number.entry(base.clone()).or_insert(1);
            *number += 1;
            name = format!("{base} ({number})");
        }
        self.names.push(name);
        self.keys.push(key.into());
        self.by_key.insert(key.into(), column);
        self.next.push(NONE);
        self.slots.push(Slot::Text(0, 0));
        self.filled.push(0);
        Ok(column)
    }

    /// Gives a column of the record under way its value. Whether it had one already, which is lost then.
    #[inline]
    pub(super) fn set(&mut self, column: usize, value: Value) -> bool {
        self.slots[column] = match value {
            Value::Text(start, end) => Slot::Text(start as u32, end as u32),
            Value::Built(start) => Slot::Built(start as u32, self.built.len() as u32),
        };
        let had_one = self.filled[column] == self.record;
        self.filled[column] = self.record;
        self.n_used = self.n_used.max(column + 1);
        had_one
    }

    /// Ends the record under way, whose text is at `start` of the buffer; `index` is its place among the file's
    /// records, `mark` the byte and line at which it starts.
    pub(super) fn end_record(&mut self, text: &[u8], start: usize, index: u64, mark: (u64, u64)) {
        for column in 0..self.n_used {
            if self.filled[column] == self.record {
                let value = match self.slots[column] {
                    Slot::Text(start, end) => text.get(start as usize..end as usize),
                    Slot::Built(start, end) => self.built.get(start as usize..end as usize),
                };
                self.bytes.extend_from_slice(value.unwrap_or(&[]));
            }
            // Where a delimiter would stand.
            self.bytes.push(b'\n');
            self.bounds.end_field(self.bytes.len());
        }
        self.bounds.end_record(self.bytes.len(), mark);
        self.records.push((start as u32, (start + text.len()) as u32));
        self.indices.push(index);
        self.forget_record();
    }

    /// Forgets the values of the record under way.
    pub(super) fn forget_record(&mut self) {
        self.record += 1;
        self.n_used = 0;
        self.last = 0;
        self.built.clear();
    }

    /// Forgets the records of the batch.
    pub(super) fn forget_batch(&mut self) {
        self.bytes.clear();
        self.bounds.clear();
        self.records.clear();
        self.indices.clear();
    }

    /// The records since the batch before was forgotten; `text` is the buffer that they were found in.
    pub(super) fn batch<'a>(&'a self, text: &'a [u8], numbering: Numbering) -> Batch<'a> {
        let source = Source { text, records: &self.records, indices: &self.indices };
        Batch::of_source(&self.bytes, &self.bounds, numbering, source)
    }

    /// Bytes held.
    pub(super) fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
            + self.built.capacity()
            + self.bounds.heap_bytes()
            + 16 * self.records.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of bytes that are no text read alike; a name that some key has is not given to another.
    #[test]
    fn keys_that_read_alike_are_numbered() {
        let mut fields = Fields::new(10_000);
        let keys = (0u8..64).flat_map(|first| (0u8..64).map(move |second| [0x80 | first, 0x80 | second]));
        fields.column("\u{FFFD}\u{FFFD} (3)".as_bytes()).expect("below the limit");
        for key in keys {
            fields.column(&key).expect("below the limit");
        }
        let names = fields.names();
        let told = [1, 2, 3, 4_096].map(|column| names[column].as_str());
        assert_eq!(
            told,
            ["\u{FFFD}\u{FFFD}", "\u{FFFD}\u{FFFD} (2)", "\u{FFFD}\u{FFFD} (4)", "\u{FFFD}\u{FFFD} (4097)"]
        );
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    }
}
