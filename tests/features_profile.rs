//! Column profiles: exact counts and first examples for every type.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;

use features_support::table;
use isoscope::engine::profile::summarize;
use isoscope::engine::rng::Rng;
use isoscope::engine::table::{Column, ColumnData, ColumnType, Dictionary, Table, Validity};
use std::collections::BTreeSet;

#[test]
fn every_type() {
    let table = table(
        "name,n,x,when,flag,nothing\n\
         b,1,0.5,2026-01-05 10:00:00,true,\na,2,0.5,2026-01-05 09:00:00,true,\n,2,,2026-01-05 10:00:00,true,\n\
         b,1000000000,1e300,,true,\n",
    );
    let types: Vec<ColumnType> = table.columns()[..5].iter().map(|column| column.column_type()).collect();
    use ColumnType::{Boolean, Category, Float, Integer, Timestamp};
    assert_eq!(types, [Category, Integer, Float, Timestamp, Boolean]);
    let profiles = summarize(&table);
    let counts: Vec<_> = profiles.iter().map(|profile| (profile.missing, profile.distinct)).collect();
    assert_eq!(counts, [(1, 2), (0, 3), (1, 2), (1, 2), (0, 1), (4, 0)]);
    assert_eq!(profiles[0].examples, ["b", "a"]);
    assert_eq!(profiles[1].examples, ["1", "2", "1000000000"]);
    assert_eq!(profiles[3].examples, ["2026-01-05T10:00:00", "2026-01-05T09:00:00"]);
    assert!(profiles[5].examples.is_empty());
}

#[test]
fn distinct_counts_are_exact_whatever_the_spread() {
    let mut rng = Rng::new(3);
    for spread in [1, 2, 900, 40_000, u64::MAX] {
        let values: Vec<i64> = (0..5_000).map(|_| rng.below(spread) as i64).collect();
        let mut validity = Validity::new();
        values.iter().for_each(|value| validity.push(value % 7 != 3));
        let present = values.iter().filter(|&value| value % 7 != 3);
        let expected = present.copied().collect::<BTreeSet<_>>().len();
        let floats = values.iter().map(|&value| value as f64 * 0.5).collect();
        let of_floats = values.iter().filter(|&value| value % 7 != 3).map(|&value| (value as f64).to_bits());
        let expected_of_floats = of_floats.collect::<BTreeSet<_>>().len();
        let table = Table::new(vec![
            Column::new("integer", ColumnData::Integer(values.clone()), validity.clone()),
            Column::new("time", ColumnData::Timestamp { ms: values, zoned: false }, validity.clone()),
            Column::new("float", ColumnData::Float(floats), validity),
        ]);
        let distinct: Vec<usize> = summarize(&table).iter().map(|profile| profile.distinct).collect();
        assert_eq!(distinct, [expected, expected, expected_of_floats], "of values below {spread}");
    }
}

#[test]
fn values_no_row_uses_are_not_counted_and_long_ones_are_cut() {
    let mut dictionary = Dictionary::new();
    let codes = ["unused", &"ü".repeat(500)].map(|value| dictionary.intern(value));
    let mut validity = Validity::new();
    [true, false].iter().for_each(|&valid| validity.push(valid));
    let data = ColumnData::Category { codes: [codes[1], codes[0]].into_iter().collect(), dictionary };
    let profiles = summarize(&Table::new(vec![Column::new("text", data, validity)]));
    assert_eq!((profiles[0].distinct, profiles[0].missing), (1, 1));
    assert_eq!(profiles[0].examples[0].chars().count(), 121);
}

#[test]
fn zero_has_one_sign() {
    let mut validity = Validity::new();
    [true, true].iter().for_each(|&valid| validity.push(valid));
    let table = Table::new(vec![Column::new("x", ColumnData::Float(vec![0.0, -0.0]), validity)]);
    assert_eq!(summarize(&table)[0].distinct, 1);
}
