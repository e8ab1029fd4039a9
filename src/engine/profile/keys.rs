//! Values as whole numbers that sort as the values do, and a sort of them that can be cut into steps.
//!
//! A radix sort: linear, the same everywhere, and each of its passes can stop after any block of keys. It holds a second
//! copy of the keys; bytes in which all keys agree cost no pass, and keys in order cost nothing at all.

use crate::engine::order;
use crate::engine::table::{Column, ColumnData};

/// Keys looked at per step: one to three milliseconds.
pub(super) const BLOCK: usize = 1 << 17;
const SIGN: u64 = 1 << 63;
const N_BYTES: usize = 8;

/// How keys stand for values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// Integers and milliseconds.
    Whole,
    /// Floats; -0 and 0 are one key.
    Float,
}

impl KeyKind {
    /// The value of a key.
    #[inline]
    pub fn value(self, key: u64) -> f64 {
        match self {
            KeyKind::Whole => whole(key) as f64,
            KeyKind::Float => order::from_total_key(whole(key)),
        }
    }
}

/// The integer of a key of that kind.
#[inline]
pub(super) fn whole(key: u64) -> i64 {
    (key ^ SIGN) as i64
}

#[inline]
fn key_of(number: i64) -> u64 {
    number as u64 ^ SIGN
}

/// The keys of a column's values, being gathered and then sorted, block by block.
#[derive(Debug, Default)]
pub(super) struct KeySort {
    keys: Vec<u64>,
    spare: Vec<u64>,
    n_gathered_rows: usize,
    is_sorted: bool,
    /// How often each byte value stands at each place.
    counts: Vec<[u32; 256]>,
    n_counted: usize,
    /// Place of the byte being sorted by, least significant first.
    byte: usize,
    n_scattered: usize,
    next: Vec<u32>,
}

impl KeySort {
    /// Does one block of work; false when the keys are sorted.
    pub fn step(&mut self, column: &Column) -> bool {
        if self.n_gathered_rows < column.len() {
            self.gather(column);
            return true;
        }
        if self.is_sorted || self.keys.is_empty() {
            return false;
        }
        if self.n_counted < self.keys.len() {
            self.count();
            return true;
        }
        self.scatter();
        !self.is_sorted
    }

    /// The keys, ascending.
    pub fn into_sorted(self) -> Vec<u64> {
        self.keys
    }

    fn gather(&mut self, column: &Column) {
        if self.n_gathered_rows == 0 {
            self.keys.reserve_exact(column.len() - column.validity().n_missing());
            self.is_sorted = true;
        }
        let rows = self.n_gathered_rows..(self.n_gathered_rows + BLOCK).min(column.len());
        self.n_gathered_rows = rows.end;
        let from = self.keys.len();
        let valid = rows.filter(|&row| column.is_valid(row));
        match column.data() {
            ColumnData::Integer(values) => self.keys.extend(valid.map(|row| key_of(values[row]))),
            ColumnData::Timestamp { ms, .. } => self.keys.extend(valid.map(|row| key_of(ms[row]))),
            // Adding 0 makes -0 and 0 one value.
            ColumnData::Float(values) => {
                self.keys.extend(valid.map(|row| key_of(order::total_key(values[row] + 0.0))));
            }
            ColumnData::Boolean(_) | ColumnData::Category { .. } => {}
        }
        self.is_sorted &= self.keys[from.saturating_sub(1)..].is_sorted();
    }

    fn count(&mut self) {
        if self.counts.is_empty() {
            self.counts = vec![[0; 256]; N_BYTES];
        }
        let end = (self.n_counted + BLOCK).min(self.keys.len());
        for key in &self.keys[self.n_counted..end] {
            for (byte, counts) in key.to_le_bytes().into_iter().zip(&mut self.counts) {
                counts[usize::from(byte)] += 1;
            }
        }
        self.n_counted = end;
    }

    fn scatter(&mut self) {
        let n = self.keys.len();
        if self.n_scattered == 0 {
            let is_shared = |counts: &[u32; 256]| counts.iter().any(|&count| count as usize == n);
            while self.byte < N_BYTES && is_shared(&self.counts[self.byte]) {
                self.byte += 1;
            }
            if self.byte == N_BYTES {
                self.is_sorted = true;
                self.spare = Vec::new();
                return;
            }
            let mut start = 0;
            self.next.clear();
            for count in self.counts[self.byte] {
                self.next.push(start);
                start += count;
            }
            self.spare.resize(n, 0);
        }
        let end = (self.n_scattered + BLOCK).min(n);
        for &key in &self.keys[self.n_scattered..end] {
            let place = &mut self.next[usize::from(key.to_le_bytes()[self.byte])];
            self.spare[*place as usize] = key;
            *place += 1;
        }
        self.n_scattered = end;
        if end == n {
            std::mem::swap(&mut self.keys, &mut self.spare);
            self.byte += 1;
            self.n_scattered = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::table::Validity;
    use proptest::prelude::*;

    fn sorted(data: ColumnData, n: usize) -> Vec<u64> {
        let mut validity = Validity::new();
        (0..n).for_each(|_| validity.push(true));
        let column = Column::new("x", data, validity);
        let mut sort = KeySort::default();
        while sort.step(&column) {}
        sort.into_sorted()
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_values(values in prop::collection::vec(prop_oneof![any::<i64>(), -3..3i64], 0..300)) {
            let keys = sorted(ColumnData::Integer(values.clone()), values.len());
            let mut expected = values;
            expected.sort_unstable();
            prop_assert_eq!(keys.into_iter().map(whole).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn floats_too(values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, 0..300)) {
            let keys = sorted(ColumnData::Float(values.clone()), values.len());
            let mut expected: Vec<f64> = values.into_iter().map(|value| value + 0.0).collect();
            expected.sort_by(f64::total_cmp);
            prop_assert_eq!(keys.into_iter().map(|key| KeyKind::Float.value(key)).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn more_keys_than_a_block() {
        let n = 3 * BLOCK + 17;
        let values: Vec<i64> = (0..n as i64).map(|i| (i * 7_919) % n as i64 - 1_000).collect();
        let keys = sorted(ColumnData::Integer(values), n);
        assert!(keys.iter().enumerate().all(|(place, &key)| whole(key) == place as i64 - 1_000));
    }
}
