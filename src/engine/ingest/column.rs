//! One column under construction: values by the guessed type, and what did not fit set aside.
//!
//! Bytes are not kept, so a column is read as the type that its sample suggests. Values of another type leave their
//! row missing and go to a side list with their text. When the list grows past the documented share, the column
//! turns into categories: what was read is written out again (integers exactly as they stood, for only those that
//! give themselves back are read as such) and merged with the list in row order.

use super::batch::Batch;
use super::duration;
use super::guess::{Guess, ReadAs, Says};
use super::missing::Missing;
use super::number::{self, Real};
use super::times::Times;
use crate::engine::finding::Places;
use crate::engine::table::{ColumnType, Validity, same_bytes};
use std::ops::Range;

mod aside;
mod block;
mod categories;
mod finish;
mod slice;

pub(super) use finish::{plural, short};
pub(super) use slice::ColumnSlice;

use aside::Aside;
use categories::Categories;

/// A column that takes one value per row.
#[derive(Debug, Clone)]
pub(super) struct ColumnBuilder {
    name: String,
    /// Place of the column's fields in the records.
    source: usize,
    says: Says,
    reads: ReadAs,
    values: Values,
    validity: Validity,
    aside: Aside,
    /// Set once the column has turned into categories: its type before, and the values that did not fit.
    turned: Option<(Guess, u64, Places)>,
    /// Records in which bytes that are not UTF-8 were replaced.
    replaced: Places,
    scratch: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Values {
    /// No value yet.
    Unknown,
    Integer(Vec<i64>),
    Float(Vec<f64>),
    Boolean(Vec<bool>, Spelling),
    Time(Box<Times>),
    /// Seconds.
    Duration(Vec<f64>),
    Category(Categories),
}

/// The words of a boolean column: for false, for true.
type Spelling = [String; 2];

impl ColumnBuilder {
    /// An empty column over the fields at `source` in each record.
    pub(super) fn new(name: String, source: usize, reads: ReadAs) -> Self {
        let says = Says::of(&name);
        ColumnBuilder {
            name,
            source,
            says,
            values: Values::new(reads.guess, 0, says, &reads),
            reads,
            validity: Validity::new(),
            aside: Aside::default(),
            turned: None,
            replaced: Places::default(),
            scratch: Vec::new(),
        }
    }

    /// A column that the first `n_rows` rows do not have.
    pub(super) fn of_missing(name: String, source: usize, reads: ReadAs, n_rows: usize) -> Self {
        let mut column = ColumnBuilder::new(name, source, reads);
        column.values = Values::new(column.reads.guess, n_rows, column.says, &column.reads);
        (0..n_rows).for_each(|_| column.validity.push(false));
        column
    }

    /// Takes its fields from another place in the records from now on.
    pub(super) fn read_from(&mut self, source: usize) {
        self.source = source;
    }

    /// Takes the column's fields of some records of a batch.
    pub(super) fn push(&mut self, batch: &Batch<'_>, rows: Range<usize>) {
        let mut row = rows.start;
        while row < rows.end {
            row = self.read(batch, row..rows.end);
            if row < rows.end && self.push_odd(batch, row) {
                row += 1;
            }
        }
    }

    /// Makes room for so many more rows, where there is memory for them: no more than these is ever held then, and none
    /// is copied.
    pub(super) fn reserve(&mut self, n_rows: usize) {
        let room = match &mut self.values {
            Values::Unknown => Ok(()),
            Values::Integer(values) => values.try_reserve_exact(n_rows),
            Values::Float(values) | Values::Duration(values) => values.try_reserve_exact(n_rows),
            Values::Boolean(values, _) => values.try_reserve_exact(n_rows),
            Values::Time(times) => times.reserve(n_rows),
            Values::Category(categories) => categories.try_reserve(n_rows),
        };
        // Without it, the column grows as it goes.
        room.ok();
    }

    /// Bytes held.
    pub(super) fn heap_bytes(&self) -> usize {
        let values = match &self.values {
            Values::Unknown => 0,
            Values::Integer(values) => values.capacity() * 8,
            Values::Float(values) | Values::Duration(values) => values.capacity() * 8,
            Values::Boolean(values, _) => values.capacity(),
            Values::Time(times) => times.heap_bytes(),
            Values::Category(categories) => {
                categories.codes.heap_bytes() + categories.dictionary.heap_bytes()
            }
        };
        let aside = (self.aside.rows.capacity() + self.aside.codes.capacity()) * 4;
        values + self.validity.heap_bytes() + aside + self.aside.words.heap_bytes()
    }

    /// Reads values of the column's type until one is something else; gives the row of that one, or the end.
    fn read(&mut self, batch: &Batch<'_>, rows: Range<usize>) -> usize {
        let (source, scratch, validity) = (self.source, &mut self.scratch, &mut self.validity);
        let (style, missing) = (self.reads.style, &self.reads.missing);
        let finite = |real: Real| match real {
            Real::Finite { value, .. } => Some(value),
            _ => None,
        };
        match &mut self.values {
            Values::Unknown => rows.start,
            Values::Integer(values) if style.is_plain() => {
                read_numbers(values, validity, batch, source, rows, missing, scratch, number::integer)
            }
            Values::Integer(values) => {
                let integer = |text: &[u8]| style.integer(text);
                read_numbers(values, validity, batch, source, rows, missing, scratch, integer)
            }
            Values::Float(values) if style.is_plain() => {
                let real = |text: &[u8]| finite(number::real(text));
                read_numbers(values, validity, batch, source, rows, missing, scratch, real)
            }
            Values::Float(values) => {
                let real = |text: &[u8]| finite(style.real(text));
                read_numbers(values, validity, batch, source, rows, missing, scratch, real)
            }
            Values::Duration(values) => {
                let secs = |text: &[u8]| duration::span(text).map(|span| span.secs);
                read_numbers(values, validity, batch, source, rows, missing, scratch, secs)
            }
            Values::Boolean(values, _) if self.reads.named.is_some() => {
                read_numbers(values, validity, batch, source, rows, missing, scratch, number::any_boolean)
            }
            Values::Boolean(values, spelling) => {
                for row in rows.clone() {
                    let text = field(batch, row, source, scratch);
                    // What nearly every row has, told without going through the words.
                    let is_true = same_bytes(text, spelling[1].as_bytes());
                    if (is_true || same_bytes(text, spelling[0].as_bytes())) && !text.is_empty() {
                        values.push(is_true);
                        validity.push(true);
                        continue;
                    }
                    let text = text.trim_ascii();
                    match number::boolean(text) {
                        Some(value) => {
                            let word = &mut spelling[usize::from(value)];
                            if word.is_empty() {
                                *word = String::from_utf8_lossy(text).into_owned();
                            }
                            // Another spelling of the same word could not be given back.
                            if word.as_bytes() != text {
                                return row;
                            }
                            values.push(value);
                            validity.push(true);
                        }
                        None if missing.is(text) => {
                            values.push(false);
                            validity.push(false);
                        }
                        None => return row,
                    }
                }
                rows.end
            }
            Values::Time(times) => {
                for row in rows.clone() {
                    let text = field(batch, row, source, scratch);
                    if times.push(text, || batch.position(row), || batch.record(row)) {
                        validity.push(true);
                    } else if missing.is(text) {
                        times.push_missing();
                        validity.push(false);
                    } else {
                        return row;
                    }
                }
                rows.end
            }
            Values::Category(categories) => {
                categories.read(batch, source, rows.clone(), validity, &mut self.replaced, missing, scratch);
                if self.reads.named == Some(ColumnType::Ip) {
                    categories.note_others(batch, rows.clone(), validity, &mut self.aside.places);
                }
                rows.end
            }
        }
    }
}

impl Values {
    /// No values but `n_missing` rows without one.
    fn new(guess: Guess, n_missing: usize, says: Says, reads: &ReadAs) -> Self {
        match guess {
            // Nothing is stored for an unknown type; the validity counts its rows.
            Guess::Unknown => Values::Unknown,
            Guess::Integer => Values::Integer(vec![0; n_missing]),
            Guess::Float => Values::Float(vec![0.0; n_missing]),
            Guess::Boolean => Values::Boolean(vec![false; n_missing], Spelling::default()),
            Guess::Duration => Values::Duration(vec![0.0; n_missing]),
            Guess::Time => {
                let reads_epochs = says.time || reads.named.is_some();
                Values::Time(Box::new(Times::new(n_missing, reads_epochs, reads.zone.clone())))
            }
            Guess::Category => Values::Category(Categories::of_missing(n_missing)),
        }
    }
}

/// The text of a field; empty where the record has none.
#[inline]
fn field<'a>(batch: &Batch<'a>, row: usize, column: usize, scratch: &'a mut Vec<u8>) -> &'a [u8] {
    batch.field(row, column).map_or(&[], |field| field.value(scratch))
}

#[allow(clippy::too_many_arguments, reason = "what a loop over one field of many records needs")]
fn read_numbers<T: Default>(
    values: &mut Vec<T>,
    validity: &mut Validity,
    batch: &Batch<'_>,
    source: usize,
    rows: Range<usize>,
    missing: &Missing,
    scratch: &mut Vec<u8>,
    parse: impl Fn(&[u8]) -> Option<T>,
) -> usize {
    const GROUP: usize = 64;
    values.reserve(rows.len());
    let mut row = rows.start;
    while row < rows.end {
        let n = GROUP.min(rows.end - row);
        let mut no_value = 0u64;
        for i in 0..n {
            let text = field(batch, row + i, source, scratch);
            let value =
                if text.is_empty() { None } else { parse(text).or_else(|| parse_trimmed(text, &parse)) };
            if value.is_none() {
                if !missing.is_quietly(text) {
                    validity.push_group(i, no_value);
                    return row + i;
                }
                no_value |= 1 << i;
            }
            values.push(value.unwrap_or_default());
        }
        validity.push_group(n, no_value);
        row += n;
    }
    rows.end
}

/// The value of a text with spaces around it.
#[cold]
fn parse_trimmed<T>(text: &[u8], parse: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    let trimmed = text.trim_ascii();
    if trimmed.len() < text.len() { parse(trimmed) } else { None }
}
