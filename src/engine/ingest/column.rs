//! One column under construction: values by the guessed type, and what did not fit set aside.
//!
//! Bytes are not kept, so a column is read as the type that its sample suggests. Values of another type leave their
//! row missing and go to a side list with their text. When the list grows past the documented share, the column
//! turns into categories: what was read is written out again (integers exactly as they stood, for only those that
//! give themselves back are read as such) and merged with the list in row order.

use super::batch::Batch;
use super::duration;
use super::guess::{self, Guess, ONE_BAD_NUMBER_IN, ONE_BAD_TIME_IN, ReadAs, Says};
use super::meaning;
use super::missing::Missing;
use super::number::{self, Real};
use super::question::Question;
use super::times::Times;
use crate::engine::finding::{FindingKind, Findings, Places};
use crate::engine::table::{Column, ColumnData, ColumnType, Dictionary, Validity, float_text, same_bytes};
use crate::engine::time;
use std::ops::Range;

mod block;
mod categories;
mod slice;

pub(super) use slice::ColumnSlice;

use categories::{Categories, intern};

/// Values set aside before a column may turn into categories halfway, if they are more than half of its values.
const ASIDE_BEFORE_TURNING: u64 = 1024;

/// Integers up to here are floats without loss.
const EXACT_INTEGER: u64 = 1 << 53;

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

/// Values of another type than their column.
#[derive(Debug, Clone, Default)]
struct Aside {
    rows: Vec<u32>,
    codes: Vec<u32>,
    words: Dictionary,
    places: Places,
    /// How many of them are numbers without a finite value; these never turn a column.
    n_not_finite: u64,
    /// How many more there were, in rows that have been given away.
    n_forgotten: u64,
}

impl Aside {
    fn n(&self) -> u64 {
        self.rows.len() as u64 + self.n_forgotten
    }

    /// Forgets the rows, and all words but one for an example.
    fn forget_rows(&mut self) {
        self.n_forgotten += self.rows.len() as u64;
        self.rows.clear();
        self.codes.clear();
        if self.words.len() > 1 {
            let words = std::mem::take(&mut self.words);
            self.words.intern(words.get(0));
        }
    }

    /// Those that may turn the column.
    fn n_bad(&self) -> u64 {
        self.n() - self.n_not_finite
    }
}

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

    /// Bytes held.
    pub(super) fn heap_bytes(&self) -> usize {
        let values = match &self.values {
            Values::Unknown => 0,
            Values::Integer(values) => values.capacity() * 8,
            Values::Float(values) | Values::Duration(values) => values.capacity() * 8,
            Values::Boolean(values, _) => values.capacity(),
            Values::Time(times) => times.heap_bytes(),
            Values::Category(categories) => {
                categories.codes.capacity() * 4 + categories.dictionary.heap_bytes()
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
                times.reserve(rows.len());
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
                rows.end
            }
        }
    }

    /// Deals with a value that is not of the column's type. `false` when it changed the type instead of taking the
    /// value.
    fn push_odd(&mut self, batch: &Batch<'_>, row: usize) -> bool {
        let mut scratch = std::mem::take(&mut self.scratch);
        let text = field(batch, row, self.source, &mut scratch).trim_ascii();
        let is_taken = self.take_odd(text, batch, row);
        self.scratch = scratch;
        is_taken
    }

    fn take_odd(&mut self, text: &[u8], batch: &Batch<'_>, row: usize) -> bool {
        match &mut self.values {
            Values::Unknown => {
                if self.reads.missing.is(text) {
                    self.validity.push(false);
                    return true;
                }
                let n_missing = self.validity.len();
                let guess = guess::of_value(text, self.says, &self.reads.missing);
                self.values = Values::new(guess, n_missing, self.says, &self.reads);
                return false;
            }
            Values::Integer(values) => {
                let real = self.reads.style.real(text);
                let is_fraction = matches!(real, Real::Finite { has_point: true, .. });
                if is_fraction
                    && self.reads.named.is_none()
                    && values.iter().all(|value| value.unsigned_abs() <= EXACT_INTEGER)
                {
                    self.values = Values::Float(values.iter().map(|&value| value as f64).collect());
                    return false;
                }
                values.push(0);
            }
            Values::Float(values) | Values::Duration(values) => values.push(0.0),
            Values::Boolean(values, _) if self.reads.named.is_some() => values.push(false),
            Values::Boolean(..) => {
                self.aside.places.add(batch.position(row), || batch.record(row));
                self.turn_into_categories(1);
                return false;
            }
            Values::Time(times) => times.push_missing(),
            // Categories take everything.
            Values::Category(_) => return false,
        }
        let is_number = matches!(self.values, Values::Integer(_) | Values::Float(_));
        self.aside.places.add(batch.position(row), || batch.record(row));
        self.aside.n_not_finite += u64::from(is_number && number::real(text) == Real::NotFinite);
        self.aside.rows.push(self.validity.len() as u32);
        let code = intern(&mut self.aside.words, text, &mut self.replaced, batch, row);
        self.aside.codes.push(code);
        self.validity.push(false);
        let n_bad = self.aside.n_bad();
        let may_turn = self.reads.named.is_none();
        if may_turn && n_bad > ASIDE_BEFORE_TURNING && n_bad * 2 > self.n_values() {
            self.turn_into_categories(n_bad);
        }
        true
    }

    /// Values so far, those set aside included.
    fn n_values(&self) -> u64 {
        (self.validity.len() - self.validity.n_missing()) as u64 + self.aside.n()
    }

    /// Writes typed values out again and merges them with those set aside.
    fn turn_into_categories(&mut self, n_bad: u64) {
        let (before, texts): (Guess, Box<dyn Fn(usize) -> String>) =
            match std::mem::replace(&mut self.values, Values::Unknown) {
                Values::Unknown | Values::Category(_) => return,
                Values::Integer(values) => (Guess::Integer, Box::new(move |row| values[row].to_string())),
                Values::Float(values) => (Guess::Float, Box::new(move |row| float_text(values[row]))),
                Values::Duration(values) => {
                    (Guess::Duration, Box::new(move |row| format!("{}s", float_text(values[row]))))
                }
                Values::Boolean(values, spelling) => {
                    (Guess::Boolean, Box::new(move |row| spelling[usize::from(values[row])].clone()))
                }
                Values::Time(times) => {
                    // What the times' spelling left open does not matter to categories.
                    let finished = times.finish_plainly();
                    (Guess::Time, Box::new(move |row| time::iso(finished.ms[row], finished.zoned)))
                }
            };
        let aside = std::mem::take(&mut self.aside);
        let mut categories = Categories::default();
        let mut validity = Validity::new();
        let mut next_aside = aside.rows.iter().zip(&aside.codes).peekable();
        for row in 0..self.validity.len() {
            let word =
                next_aside.next_if(|(at, _)| **at as usize == row).map(|(_, &code)| aside.words.get(code));
            let code = match word {
                Some(word) if self.reads.missing.is(word.as_bytes()) => None,
                Some(word) => Some(categories.dictionary.intern(word)),
                None if self.validity.is_valid(row) => Some(categories.dictionary.intern(&texts(row))),
                None => None,
            };
            categories.codes.push(code.unwrap_or(0));
            validity.push(code.is_some());
        }
        self.values = Values::Category(categories);
        self.validity = validity;
        self.turned = Some((before, n_bad, aside.places));
    }

    /// The finished column, its findings reported.
    pub(super) fn finish(mut self, findings: &mut Findings, questions: &mut Vec<Question>) -> Column {
        let one_bad_in =
            if matches!(self.values, Values::Time(_)) { ONE_BAD_TIME_IN } else { ONE_BAD_NUMBER_IN };
        let n_bad = self.aside.n_bad();
        let n_judged = self.n_values() - self.aside.n_not_finite;
        if self.reads.named.is_none() && n_bad * one_bad_in > n_judged {
            self.turn_into_categories(n_bad);
        }
        let name = self.name;
        findings.report_places(FindingKind::ReplacedBytes, &name, self.replaced.n(), self.replaced, || {
            format!(
                "column \"{name}\": bytes that are not UTF-8 were replaced by \u{FFFD}; if the text looks wrong, \
                 give the file's encoding"
            )
        });
        if let Some((before, n_bad, places)) = self.turned {
            findings.report_places(FindingKind::MixedTypes, &name, n_bad, places, || {
                let what = plural(before);
                // Integers and booleans are spelled as they were.
                let respelled = match before {
                    Guess::Integer if !self.reads.style.is_plain() => ", without the marks between thousands",
                    Guess::Float | Guess::Time | Guess::Duration => ", with the others written in their usual form",
                    _ => "",
                };
                format!(
                    "column \"{name}\": looked like {what} at first, and too many values are something else; it was \
                     read as categories{respelled}"
                )
            });
        }
        if self.aside.n() > 0 {
            let example = self.aside.words.get(0);
            let (kind, what) = match self.values {
                Values::Time(_) => (FindingKind::BadTime, "times"),
                Values::Duration(_) => (FindingKind::BadValue, "spans of time"),
                Values::Boolean(..) => (FindingKind::BadValue, "yes or no"),
                _ => (FindingKind::BadNumber, "finite numbers"),
            };
            findings.report_places(kind, &name, self.aside.n(), self.aside.places, || {
                format!(
                    "column \"{name}\": values that are no {what}, as \"{}\"; taken as missing",
                    short(example)
                )
            });
        }
        let mut column_type = self.reads.named;
        if matches!(self.values, Values::Duration(_)) {
            column_type = Some(ColumnType::Duration);
        }
        let mut zone = None;
        let data = match self.values {
            Values::Unknown => {
                ColumnData::Category { codes: vec![0; self.validity.len()], dictionary: Dictionary::new() }
            }
            Values::Integer(values) => ColumnData::Integer(values),
            Values::Float(values) | Values::Duration(values) => ColumnData::Float(values),
            Values::Boolean(values, _) => ColumnData::Boolean(values),
            Values::Time(times) => {
                let order = self.reads.dates;
                let finished = times.finish(&name, &self.validity, order, findings, questions);
                zone = finished.zone;
                ColumnData::Timestamp { ms: finished.ms, zoned: finished.zoned }
            }
            Values::Category(Categories { codes, dictionary, .. }) => {
                ColumnData::Category { codes, dictionary }
            }
        };
        let mut column = Column::new(name, data, self.validity);
        column.shrink_to_fit();
        if let Some(zone) = zone {
            column = column.in_zone(zone);
        }
        meaning::settle(column, column_type, findings)
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
            Guess::Category => {
                Values::Category(Categories { codes: vec![0; n_missing], ..Categories::default() })
            }
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

/// A type as a person says it, of its values.
pub(super) fn plural(guess: Guess) -> &'static str {
    match guess {
        Guess::Integer => "whole numbers",
        Guess::Float => "numbers",
        Guess::Boolean => "yes or no",
        Guess::Time => "times",
        Guess::Duration => "spans of time",
        Guess::Unknown | Guess::Category => "categories",
    }
}

/// A value short enough for a message.
pub(super) fn short(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
