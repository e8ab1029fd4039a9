//! Values of another type than their column: set aside, until they are too many and the column turns into categories.

use super::categories::{Categories, intern};
use super::{ColumnBuilder, Values, field};
use crate::engine::finding::Places;
use crate::engine::ingest::batch::Batch;
use crate::engine::ingest::guess::{self, Guess};
use crate::engine::ingest::number::{self, Real};
use crate::engine::table::{Dictionary, Validity, float_text};
use crate::engine::time;

/// Values set aside before a column may turn into categories halfway, if they are more than half of its values.
pub(super) const ASIDE_BEFORE_TURNING: u64 = 1024;

/// Integers up to here are floats without loss.
pub(super) const EXACT_INTEGER: u64 = 1 << 53;

/// Values of another type than their column.
#[derive(Debug, Clone, Default)]
pub(super) struct Aside {
    pub(super) rows: Vec<u32>,
    pub(super) codes: Vec<u32>,
    pub(super) words: Dictionary,
    pub(super) places: Places,
    /// How many of them are numbers without a finite value; these never turn a column.
    pub(super) n_not_finite: u64,
    /// How many more there were, in rows that have been given away.
    n_forgotten: u64,
}

impl Aside {
    pub(super) fn n(&self) -> u64 {
        self.rows.len() as u64 + self.n_forgotten
    }

    /// Forgets the rows, and all words but one for an example.
    pub(super) fn forget_rows(&mut self) {
        self.n_forgotten += self.rows.len() as u64;
        self.rows.clear();
        self.codes.clear();
        if self.words.len() > 1 {
            let words = std::mem::take(&mut self.words);
            self.words.intern(words.get(0));
        }
    }

    /// Those that may turn the column.
    pub(super) fn n_bad(&self) -> u64 {
        self.n() - self.n_not_finite
    }
}

impl ColumnBuilder {
    /// Deals with a value that is not of the column's type. `false` when it changed the type instead of taking the
    /// value.
    pub(super) fn push_odd(&mut self, batch: &Batch<'_>, row: usize) -> bool {
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
    pub(super) fn n_values(&self) -> u64 {
        (self.validity.len() - self.validity.n_missing()) as u64 + self.aside.n()
    }

    /// Writes typed values out again and merges them with those set aside.
    pub(super) fn turn_into_categories(&mut self, n_bad: u64) {
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
}
