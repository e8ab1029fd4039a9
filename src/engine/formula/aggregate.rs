//! One value of an entity's rows.

use super::machine::{Machine, Op, is_true};
use crate::engine::math::{compensated_sum, quantile_sorted};
use crate::engine::order;
use crate::engine::table::Table;

/// Rows worked on at once: a few columns of them stay in the first cache.
const BLOCK_ROWS: usize = 1_024;

/// What becomes of the values. Missing ones are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    Mean,
    Sum,
    Lowest,
    Highest,
    First,
    Last,
    Stddev,
    Median,
    Count,
    Share,
    Distinct,
}

/// An aggregate of a part of a formula.
#[derive(Debug)]
pub(super) struct Aggregated {
    aggregate: Aggregate,
    /// Nothing for `count()`.
    ops: Vec<Op>,
    /// Of distinct texts, by their number: which call saw them last.
    seen_by: Vec<u32>,
    call: u32,
}

impl Aggregated {
    pub fn new(aggregate: Aggregate, ops: Vec<Op>) -> Self {
        Aggregated { aggregate, ops, seen_by: Vec::new(), call: 0 }
    }

    /// How many different ones there are of values that are whole numbers from 0 to below `n_values`.
    pub fn distinct_of(n_values: usize, ops: Vec<Op>) -> Self {
        Aggregated { seen_by: vec![0; n_values], ..Aggregated::new(Aggregate::Distinct, ops) }
    }

    /// The value over some rows in time order, NaN where it is missing.
    pub fn value(&mut self, machine: &mut Machine, table: &Table, rows: &[u32], kept: &mut Vec<f64>) -> f64 {
        let mut blocks = rows.chunks(BLOCK_ROWS);
        let ops = &self.ops;
        match self.aggregate {
            Aggregate::Count if ops.is_empty() => rows.len() as f64,
            Aggregate::Count | Aggregate::Share => {
                let (mut n_true, mut n_known) = (0u64, 0u64);
                for block in blocks {
                    for &value in machine.run(ops, table, block) {
                        n_true += u64::from(is_true(value));
                        n_known += u64::from(!value.is_nan());
                    }
                }
                let n_true = n_true as f64;
                if self.aggregate == Aggregate::Count { n_true } else { n_true / n_known as f64 }
            }
            Aggregate::Lowest => blocks.fold(f64::NAN, |least, block| {
                // `f64::min` leaves out NaN.
                machine.run(ops, table, block).iter().fold(least, |least, &value| least.min(value))
            }),
            Aggregate::Highest => blocks.fold(f64::NAN, |greatest, block| {
                machine.run(ops, table, block).iter().fold(greatest, |greatest, &value| greatest.max(value))
            }),
            Aggregate::First => blocks
                .find_map(|block| {
                    machine.run(ops, table, block).iter().copied().find(|value| !value.is_nan())
                })
                .unwrap_or(f64::NAN),
            Aggregate::Last => rows
                .rchunks(BLOCK_ROWS)
                .find_map(|block| {
                    machine.run(ops, table, block).iter().copied().rfind(|value| !value.is_nan())
                })
                .unwrap_or(f64::NAN),
            Aggregate::Distinct if !self.seen_by.is_empty() => {
                self.call += 1;
                let mut n_distinct = 0u64;
                for block in blocks {
                    for &value in machine.run(ops, table, block).iter().filter(|value| !value.is_nan()) {
                        let seen_by = &mut self.seen_by[value as usize];
                        n_distinct += u64::from(*seen_by != self.call);
                        *seen_by = self.call;
                    }
                }
                n_distinct as f64
            }
            Aggregate::Mean
            | Aggregate::Sum
            | Aggregate::Stddev
            | Aggregate::Median
            | Aggregate::Distinct => {
                kept.clear();
                for block in blocks {
                    kept.extend(
                        machine.run(ops, table, block).iter().copied().filter(|value| !value.is_nan()),
                    );
                }
                of_values(self.aggregate, kept)
            }
        }
    }
}

/// What needs all values together.
fn of_values(aggregate: Aggregate, values: &mut [f64]) -> f64 {
    match aggregate {
        Aggregate::Sum => sum(values),
        Aggregate::Mean => sum(values) / values.len() as f64,
        Aggregate::Stddev => {
            let mean = sum(values) / values.len() as f64;
            values.iter_mut().for_each(|value| *value = (*value - mean) * (*value - mean));
            (sum(values) / values.len() as f64).sqrt()
        }
        Aggregate::Median => {
            order::sort(values);
            quantile_sorted(values, 0.5)
        }
        _ => {
            // So that -0 is no other value than 0.
            values.iter_mut().for_each(|value| *value += 0.0);
            order::sort(values);
            values.chunk_by(|a, b| a == b).count() as f64
        }
    }
}

/// A sum that does not depend on the order of the values: exact where all are whole and no partial sum can leave
/// the whole numbers that floats hold, else over the values in ascending order, which may be changed.
fn sum(values: &mut [f64]) -> f64 {
    const EXACT: f64 = (1u64 << 53) as f64;
    let (mut sum, mut size, mut is_whole) = (0.0, 0.0, true);
    for &value in values.iter() {
        sum += value;
        size += value.abs();
        is_whole &= value.trunc() == value;
    }
    if is_whole && size <= EXACT {
        return sum;
    }
    order::sort(values);
    compensated_sum(values.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_depend_on_the_order() {
        let mut rng = crate::engine::rng::Rng::new(5);
        for scale in [1.0, 1e-3, 1e12, 1e300] {
            let mut values: Vec<f64> =
                (0..500).map(|_| (rng.below(2_000) as f64 - 1_000.0) * scale).collect();
            let expected = sum(&mut values.clone());
            for _ in 0..20 {
                for place in (1..values.len()).rev() {
                    values.swap(place, rng.below(place as u64 + 1) as usize);
                }
                assert_eq!(sum(&mut values.clone()).to_bits(), expected.to_bits(), "{scale}");
            }
        }
        assert_eq!(sum(&mut []), 0.0);
        assert!(sum(&mut []).is_sign_positive());
    }

    #[test]
    fn nothing_has_no_mean_but_a_sum() {
        for (aggregate, expected) in [
            (Aggregate::Sum, Some(0.0)),
            (Aggregate::Distinct, Some(0.0)),
            (Aggregate::Mean, None),
            (Aggregate::Stddev, None),
            (Aggregate::Median, None),
        ] {
            let value = of_values(aggregate, &mut []);
            assert_eq!((!value.is_nan()).then_some(value), expected, "{aggregate:?}");
        }
        assert_eq!(of_values(Aggregate::Distinct, &mut [0.0, -0.0, 1.0]), 2.0);
    }
}
