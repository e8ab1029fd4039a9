//! What every table is summed up by: missing and distinct values of each column, and some examples.

use super::shortened;
use crate::engine::order::Parts;
use crate::engine::table::{Column, ColumnData, Table};
use std::mem::discriminant;

/// Examples shown per column.
const MAX_EXAMPLES: usize = 3;

/// What is in one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnProfile {
    /// Rows without a value.
    pub missing: usize,
    /// Distinct values, missing not counted.
    pub distinct: usize,
    /// The first three distinct values as text, cut at 120 characters.
    pub examples: Vec<String>,
}

/// Rows looked at in a step.
const BLOCK: usize = 1 << 17;

/// Sums up a table column by column, in steps of a few milliseconds. Every call takes the same table.
#[derive(Debug, Default)]
pub struct SummaryJob {
    profiles: Vec<ColumnProfile>,
    counting: Counting,
    /// Rows of the column under way that its present pass has looked at.
    row: usize,
}

/// How the distinct values of a column are being counted.
#[derive(Debug, Default)]
enum Counting {
    /// Nothing is known of the column yet.
    #[default]
    Begin,
    /// Dictionary codes, marked as they are met.
    Codes {
        in_use: Vec<bool>,
        n_in_use: usize,
    },
    /// Runs of equal neighbours, as long as the values ascend.
    Runs {
        n_runs: usize,
        last: Option<i64>,
    },
    /// The least and the greatest value, and how many there are: they do not ascend.
    Bounds {
        low: i64,
        high: i64,
        n: usize,
    },
    /// Values close together, marked one by one: a bit for each from `low` on.
    Marks {
        low: i64,
        in_use: Vec<u64>,
    },
    /// Others, to be sorted in parts.
    Gather(Parts),
    Sort {
        parts: Parts,
        n_distinct: usize,
    },
    Done(usize),
}

impl SummaryJob {
    /// Works on; `false` when all columns are summed up.
    pub fn step(&mut self, table: &Table) -> bool {
        let Some(column) = table.columns().get(self.profiles.len()) else { return false };
        if let Counting::Done(distinct) = self.counting {
            let missing = column.validity().n_missing();
            self.profiles.push(ColumnProfile { missing, distinct, examples: examples(column, distinct) });
            self.counting = Counting::Begin;
            return self.profiles.len() < table.columns().len();
        }
        let rows = self.row..(self.row + BLOCK).min(column.len());
        self.row = rows.end;
        let is_end = rows.end == column.len();
        let valid = rows.filter(|&row| column.is_valid(row));
        let before = match std::mem::take(&mut self.counting) {
            Counting::Begin => Counting::of(column),
            under_way => under_way,
        };
        let pass = discriminant(&before);
        self.counting = match column.data() {
            ColumnData::Category { codes, .. } => before.of_codes(valid.map(|row| codes.get(row)), is_end),
            ColumnData::Boolean(values) => before.of_codes(valid.map(|row| u32::from(values[row])), is_end),
            ColumnData::Integer(values) | ColumnData::Timestamp { ms: values, .. } => {
                before.of_keys(valid.map(|row| values[row]), is_end)
            }
            // Adding 0 makes -0 and 0 one value.
            ColumnData::Float(values) => {
                before.of_keys(valid.map(|row| (values[row] + 0.0).to_bits() as i64), is_end)
            }
        };
        if is_end || discriminant(&self.counting) != pass {
            self.row = 0;
        }
        true
    }

    /// Columns summed up so far.
    pub fn n_columns(&self) -> usize {
        self.profiles.len()
    }

    /// Profiles of all columns in file order, after whatever steps are left.
    pub fn finish(mut self, table: &Table) -> Vec<ColumnProfile> {
        while self.step(table) {}
        self.profiles
    }
}

/// Profiles of all columns in file order.
pub fn summarize(table: &Table) -> Vec<ColumnProfile> {
    SummaryJob::default().finish(table)
}

impl Counting {
    fn of(column: &Column) -> Self {
        let n_codes = match column.data() {
            ColumnData::Category { dictionary, .. } => dictionary.len(),
            ColumnData::Boolean(_) => 2,
            _ => return Counting::Runs { n_runs: 0, last: None },
        };
        Counting::Codes { in_use: vec![false; n_codes], n_in_use: 0 }
    }

    /// Counts a block of codes.
    fn of_codes(self, codes: impl Iterator<Item = u32>, is_end: bool) -> Self {
        let Counting::Codes { mut in_use, mut n_in_use } = self else { return self };
        for code in codes {
            let is_known = std::mem::replace(&mut in_use[code as usize], true);
            n_in_use += usize::from(!is_known);
            if n_in_use == in_use.len() {
                break;
            }
        }
        match is_end || n_in_use == in_use.len() {
            true => Counting::Done(n_in_use),
            false => Counting::Codes { in_use, n_in_use },
        }
    }

    /// Counts a block of keys, or finds out how to.
    fn of_keys(self, keys: impl Iterator<Item = i64>, is_end: bool) -> Self {
        match self {
            Counting::Runs { mut n_runs, mut last } => {
                for key in keys {
                    if last > Some(key) {
                        return Counting::Bounds { low: i64::MAX, high: i64::MIN, n: 0 };
                    }
                    n_runs += usize::from(last != Some(key));
                    last = Some(key);
                }
                if is_end { Counting::Done(n_runs) } else { Counting::Runs { n_runs, last } }
            }
            Counting::Bounds { mut low, mut high, mut n } => {
                for key in keys {
                    (low, high, n) = (low.min(key), high.max(key), n + 1);
                }
                if !is_end {
                    return Counting::Bounds { low, high, n };
                }
                let span = i128::from(high) - i128::from(low) + 1;
                match span <= (n as i128 * 8).max(1_024) {
                    true => Counting::Marks { low, in_use: vec![0; (span as usize).div_ceil(64)] },
                    false => Counting::Gather(Parts::new(n)),
                }
            }
            Counting::Marks { low, mut in_use } => {
                for key in keys {
                    let place = key.abs_diff(low);
                    in_use[(place / 64) as usize] |= 1 << (place % 64);
                }
                match is_end {
                    true => Counting::Done(in_use.iter().map(|bits| bits.count_ones() as usize).sum()),
                    false => Counting::Marks { low, in_use },
                }
            }
            Counting::Gather(mut parts) => {
                // Multiplied by an odd number, equal keys stay together and near ones are spread.
                keys.for_each(|key| parts.push((key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15), key as u64));
                if is_end { Counting::Sort { parts, n_distinct: 0 } } else { Counting::Gather(parts) }
            }
            Counting::Sort { mut parts, n_distinct } => match parts.next_sorted() {
                Some(part) => {
                    let n_runs = part.chunk_by(|a, b| a == b).count();
                    Counting::Sort { parts, n_distinct: n_distinct + n_runs }
                }
                None => Counting::Done(n_distinct),
            },
            Counting::Begin | Counting::Codes { .. } | Counting::Done(_) => self,
        }
    }
}

/// The first distinct values, at most [`MAX_EXAMPLES`] of the `n_distinct` there are.
fn examples(column: &Column, n_distinct: usize) -> Vec<String> {
    let mut first_rows: Vec<usize> = Vec::with_capacity(MAX_EXAMPLES);
    for row in (0..column.len()).filter(|&row| column.is_valid(row)) {
        if first_rows.len() == MAX_EXAMPLES.min(n_distinct) {
            break;
        }
        if !first_rows.iter().any(|&seen| same_value(column, seen, row)) {
            first_rows.push(row);
        }
    }
    first_rows.into_iter().map(|row| shortened(&column.text(row))).collect()
}

fn same_value(column: &Column, a: usize, b: usize) -> bool {
    match column.data() {
        ColumnData::Integer(values) => values[a] == values[b],
        ColumnData::Float(values) => values[a] == values[b],
        ColumnData::Boolean(values) => values[a] == values[b],
        ColumnData::Timestamp { ms, .. } => ms[a] == ms[b],
        ColumnData::Category { codes, .. } => codes.get(a) == codes.get(b),
    }
}
