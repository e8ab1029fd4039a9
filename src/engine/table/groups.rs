//! Rows of each entity side by side, by dense codes and a stable counting sort.

use super::{Codes, Column, ColumnData, Dictionary, Table};
use std::borrow::Cow;
use std::ops::Range;

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
        let mut codes = Codes::default();
        // Room that is missing comes as it is needed.
        codes.try_reserve_exact(column.len()).ok();
        for start in (0..column.len()).step_by(KeyCodes::GROUP) {
            let rows = start..(start + KeyCodes::GROUP).min(column.len());
            let mut keys = [0; KeyCodes::GROUP];
            column.keys(rows.clone(), &mut keys);
            let mut of_rows = seen.look_up(&keys);
            for ((row, code), key) in rows.clone().zip(&mut of_rows).zip(keys) {
                if !column.is_valid(row) {
                    *code = 0;
                } else if *code == NO_CODE {
                    *code = seen.code(key);
                    if *code as usize == first_row.len() {
                        first_row.push(row as u32);
                    }
                }
            }
            codes.extend_from_slice(&of_rows[..rows.len()]);
        }
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
    #[inline]
    pub fn get(&self, row: usize) -> Option<u32> {
        self.column.is_valid(row).then(|| self.codes.get(row))
    }

    /// The codes of all rows; those of rows without a value mean nothing.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// [`EntityCodes::codes`], to be kept.
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
    /// Per slot the code of its key, [`NO_CODE`] where it is free. Length a power of two.
    slots: Vec<u32>,
    /// By code.
    keys: Vec<u64>,
}

/// No key has this code.
const NO_CODE: u32 = u32::MAX;

impl KeyCodes {
    /// Keys that are looked up at once.
    const GROUP: usize = 32;

    /// How many keys have a code.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The codes of keys that have one and are in the first slot they may be in; [`NO_CODE`] leaves it open. A large table
    /// costs two waits for memory per key, one after the other; in a group the waits overlap, as nothing branches on them.
    fn look_up(&self, keys: &[u64; KeyCodes::GROUP]) -> [u32; KeyCodes::GROUP] {
        if self.keys.is_empty() {
            return [NO_CODE; KeyCodes::GROUP];
        }
        let mut codes = keys.map(|key| self.slots[self.first_slot(key)]);
        for (code, key) in codes.iter_mut().zip(keys) {
            let place = if *code == NO_CODE { 0 } else { *code };
            *code = if self.keys[place as usize] == *key { place } else { NO_CODE };
        }
        codes
    }

    /// The code of a key, given if it is new.
    pub fn code(&mut self, key: u64) -> u32 {
        if self.keys.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let slot = self.slot(key);
        if self.slots[slot] == NO_CODE {
            self.slots[slot] = self.keys.len() as u32;
            self.keys.push(key);
        }
        self.slots[slot]
    }

    #[cold]
    fn grow(&mut self) {
        let n_slots = (self.keys.len() * 4).max(16).next_power_of_two();
        // Gone before its successor is there, for the keys are enough.
        self.slots = Vec::new();
        self.slots = vec![NO_CODE; n_slots];
        for code in 0..self.keys.len() {
            let slot = self.slot(self.keys[code]);
            self.slots[slot] = code as u32;
        }
    }

    /// Where a key is, or belongs.
    #[inline]
    fn slot(&self, key: u64) -> usize {
        let mut slot = self.first_slot(key);
        while self.slots[slot] != NO_CODE && self.keys[self.slots[slot] as usize] != key {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }

    #[inline]
    fn first_slot(&self, key: u64) -> usize {
        let mixed = (key ^ key >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 32) as usize & (self.slots.len() - 1)
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

    /// Table rows of groups that follow each other.
    pub fn rows_of(&self, groups: Range<usize>) -> &[u32] {
        &self.rows[self.offsets[groups.start] as usize..self.offsets[groups.end] as usize]
    }

    /// Table rows of a group, to be reordered within it (by time, say).
    pub fn rows_mut(&mut self, group: usize) -> &mut [u32] {
        &mut self.rows[self.offsets[group] as usize..self.offsets[group + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::Rng;
    use crate::engine::table::Validity;
    use std::collections::BTreeMap;

    #[test]
    fn values_are_numbered_in_order_of_first_appearance() {
        let mut rng = Rng::new(5);
        for n_values in [1, 20, 3_000] {
            let values: Vec<i64> = (0..5_000)
                .map(|row| if row % 7 == 0 { i64::MIN + row } else { rng.below(n_values) as i64 - 10 })
                .collect();
            let is_valid: Vec<bool> = values.iter().map(|_| rng.below(9) > 0).collect();
            let mut validity = Validity::new();
            is_valid.iter().for_each(|&is_valid| validity.push(is_valid));
            let mut expected = BTreeMap::new();
            let first_codes = values.iter().zip(&is_valid).map(|(value, is_valid)| {
                let next = expected.len() as u32;
                is_valid.then(|| *expected.entry(*value).or_insert(next))
            });
            let first_codes: Vec<Option<u32>> = first_codes.collect();
            let table = Table::new(vec![Column::new("x", ColumnData::Integer(values), validity)]);
            let codes = EntityCodes::of(&table, 0);
            assert_eq!((0..5_000).map(|row| codes.get(row)).collect::<Vec<_>>(), first_codes);
            assert_eq!(codes.n_codes(), expected.len());
            assert!(expected.iter().all(|(value, &code)| codes.label(code) == value.to_string()));
        }
    }
}
