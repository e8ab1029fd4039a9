//! Rows of each entity side by side, by dense codes and a stable counting sort.

use super::{Codes, Column, ColumnData, Dictionary, Table};
use std::borrow::Cow;

/// A column's values as dense codes `0..n` in order of first appearance, whatever its type.
#[derive(Debug, Clone)]
pub struct EntityCodes<'a> {
    codes: Cow<'a, Codes>,
    labels: Labels<'a>,
    column: &'a Column,
}

#[derive(Debug, Clone)]
enum Labels<'a> {
    Dictionary(&'a Dictionary),
    /// One example row per code.
    FirstRow(Vec<u32>),
}

impl<'a> EntityCodes<'a> {
    /// Codes of one column. Categories lend their dictionary's; other types are numbered here.
    pub fn of(table: &'a Table, column: usize) -> Self {
        let column = &table.columns()[column];
        if let ColumnData::Category { codes, dictionary } = column.data() {
            return EntityCodes {
                codes: Cow::Borrowed(codes),
                labels: Labels::Dictionary(dictionary),
                column,
            };
        }
        let mut seen = KeyCodes::default();
        let mut first_row = Vec::new();
        let code_of = |row: usize| {
            if !column.is_valid(row) {
                return 0;
            }
            let key = match column.data() {
                ColumnData::Integer(values) => values[row] as u64,
                ColumnData::Float(values) => values[row].to_bits(),
                ColumnData::Boolean(values) => u64::from(values[row]),
                ColumnData::Timestamp { ms, .. } => ms[row] as u64,
                ColumnData::Category { .. } => unreachable!("categories returned above"),
            };
            let code = seen.code(key);
            if code as usize == first_row.len() {
                first_row.push(row as u32);
            }
            code
        };
        let codes = (0..column.len()).map(code_of).collect();
        EntityCodes { codes: Cow::Owned(codes), labels: Labels::FirstRow(first_row), column }
    }

    /// How many distinct values.
    pub fn n_codes(&self) -> usize {
        match &self.labels {
            Labels::Dictionary(dictionary) => dictionary.len(),
            Labels::FirstRow(rows) => rows.len(),
        }
    }

    /// The code of a row, `None` where the value is missing.
    pub fn get(&self, row: usize) -> Option<u32> {
        self.column.is_valid(row).then(|| self.codes.get(row))
    }

    /// The codes of all rows; those of rows without a value mean nothing.
    pub fn into_codes(self) -> Codes {
        self.codes.into_owned()
    }

    /// The value of a code as text.
    pub fn label(&self, code: u32) -> Cow<'_, str> {
        match &self.labels {
            Labels::Dictionary(dictionary) => Cow::Borrowed(dictionary.get(code)),
            Labels::FirstRow(rows) => self.column.text(rows[code as usize] as usize),
        }
    }
}

/// Dense codes of 64-bit keys in order of first appearance: an open-addressing table, for the standard one's hash
/// takes longer than all else that is done with a key.
#[derive(Debug, Default)]
pub(crate) struct KeyCodes {
    /// Per slot a key and its code, [`NO_CODE`] where it is free. Length a power of two.
    slots: Vec<(u64, u32)>,
    n: usize,
}

/// No key has this code.
const NO_CODE: u32 = u32::MAX;

impl KeyCodes {
    /// How many keys have a code.
    pub fn len(&self) -> usize {
        self.n
    }

    /// The code of a key, given if it is new.
    pub fn code(&mut self, key: u64) -> u32 {
        if self.n * 2 >= self.slots.len() {
            let n_slots = (self.n * 4).max(16).next_power_of_two();
            for (key, code) in std::mem::replace(&mut self.slots, vec![(0, NO_CODE); n_slots]) {
                if code != NO_CODE {
                    let slot = self.slot(key);
                    self.slots[slot] = (key, code);
                }
            }
        }
        let slot = self.slot(key);
        if self.slots[slot].1 == NO_CODE {
            self.slots[slot] = (key, self.n as u32);
            self.n += 1;
        }
        self.slots[slot].1
    }

    /// Where a key is, or belongs.
    fn slot(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mixed = (key ^ key >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut slot = (mixed >> 32) as usize & mask;
        while self.slots[slot].1 != NO_CODE && self.slots[slot].0 != key {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// Table rows by group: rows of group `g` are `rows[offsets[g]..offsets[g + 1]]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups {
    offsets: Vec<u32>,
    rows: Vec<u32>,
}

impl Groups {
    /// Groups rows by code with a stable counting sort: within a group, rows keep table order. Rows whose code is
    /// `None` belong to no group.
    ///
    /// # Panics
    /// Past 2^32 - 1 rows.
    pub fn by_code(n_rows: usize, n_groups: usize, code: impl Fn(usize) -> Option<u32>) -> Self {
        u32::try_from(n_rows).expect("fewer than 2^32 rows");
        let mut offsets = vec![0u32; n_groups + 1];
        for row in 0..n_rows {
            if let Some(code) = code(row) {
                offsets[code as usize + 1] += 1;
            }
        }
        for group in 0..n_groups {
            offsets[group + 1] += offsets[group];
        }
        let mut next = offsets.clone();
        let mut rows = vec![0; offsets[n_groups] as usize];
        for row in 0..n_rows {
            if let Some(code) = code(row) {
                let place = &mut next[code as usize];
                rows[*place as usize] = row as u32;
                *place += 1;
            }
        }
        Groups { offsets, rows }
    }

    /// Groups from ready slices, each the table rows of one group.
    pub fn from_slices<'a>(groups: impl IntoIterator<Item = &'a [u32]>) -> Self {
        let mut all = Groups { offsets: vec![0], rows: Vec::new() };
        for group in groups {
            all.push(group);
        }
        all
    }

    /// Appends one group.
    pub fn push(&mut self, rows: &[u32]) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.rows.extend_from_slice(rows);
        self.offsets.push(self.rows.len() as u32);
    }

    /// Leaves out groups without rows; those that stay keep their order.
    pub fn remove_empty(&mut self) {
        self.offsets.dedup();
    }

    /// Rows of all groups.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// How many groups.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are no groups.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Table rows of a group.
    pub fn rows(&self, group: usize) -> &[u32] {
        &self.rows[self.offsets[group] as usize..self.offsets[group + 1] as usize]
    }

    /// Table rows of a group, to be reordered within it (by time, say).
    pub fn rows_mut(&mut self, group: usize) -> &mut [u32] {
        &mut self.rows[self.offsets[group] as usize..self.offsets[group + 1] as usize]
    }
}
