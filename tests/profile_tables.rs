//! A table explored: shapes at the edges, and that the order of rows does not matter.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::profile::{Profile, ProfileJob, ProfileOptions};
use isoscope::engine::table::{Column, ColumnData, ColumnType, Dictionary, Table, Validity};
use proptest::prelude::*;

fn explore(table: &Table, options: ProfileOptions) -> Profile {
    let mut job = ProfileJob::new(table, options).unwrap();
    let mut before = 0;
    while !job.is_done() {
        let progress = job.step(table);
        assert!(progress.done >= before && progress.done <= progress.total, "{progress:?} after {before}");
        before = progress.done;
    }
    job.finish(table)
}

fn validity<T>(values: &[Option<T>]) -> Validity {
    let mut validity = Validity::new();
    values.iter().for_each(|value| validity.push(value.is_some()));
    validity
}

fn floats(name: &str, values: &[Option<f64>]) -> Column {
    let data = ColumnData::Float(values.iter().map(|value| value.unwrap_or(0.0)).collect());
    Column::new(name, data, validity(values))
}

fn integers(name: &str, values: &[Option<i64>]) -> Column {
    let data = ColumnData::Integer(values.iter().map(|value| value.unwrap_or(0)).collect());
    Column::new(name, data, validity(values))
}

fn times(name: &str, values: &[Option<i64>]) -> Column {
    let ms = values.iter().map(|value| value.unwrap_or(0)).collect();
    Column::new(name, ColumnData::Timestamp { ms, zoned: false }, validity(values))
}

fn words(name: &str, values: &[Option<&str>]) -> Column {
    let mut dictionary = Dictionary::new();
    let codes = values.iter().map(|value| dictionary.intern(value.unwrap_or(""))).collect();
    Column::new(name, ColumnData::Category { codes, dictionary }, validity(values))
}

const ROLES: ProfileOptions = ProfileOptions { time: Some(0), entity: Some(1), counted: Vec::new() };

#[test]
fn extremes_do_not_overflow() {
    let values = [f64::MAX, -f64::MAX, f64::MAX, 5e-324, -0.0, 0.0].map(Some);
    let profile = explore(&Table::new(vec![floats("x", &values)]), ProfileOptions::default());
    let numbers = profile.columns[0].numbers.unwrap();
    assert_eq!((numbers.min, numbers.max), (-f64::MAX, f64::MAX));
    assert!((numbers.mean / (f64::MAX / 6.0) - 1.0).abs() < 1e-12, "{numbers:?}");
    assert!(numbers.deviation.unwrap().is_finite() && numbers.upper_quartile.is_finite());
    assert_eq!(profile.columns[0].distinct, 4);
    let histogram = profile.columns[0].histogram.as_ref().unwrap();
    assert!(histogram.edges.iter().all(|edge| edge.is_finite()) && histogram.edges.is_sorted());
    assert_eq!(histogram.counts.iter().sum::<u64>(), 6);

    let tiny = [5e-324, 1e-323, 1.5e-323].map(Some);
    let numbers =
        explore(&Table::new(vec![floats("x", &tiny)]), ProfileOptions::default()).columns[0].numbers;
    assert_eq!(numbers.unwrap().mean, 1e-323);
    let large = [i64::MIN, i64::MAX, 0].map(Some);
    let profile = explore(&Table::new(vec![integers("x", &large)]), ProfileOptions::default());
    assert_eq!(profile.columns[0].histogram.as_ref().unwrap().counts.iter().sum::<u64>(), 3);
    assert_eq!(profile.columns[0].top[0].value, i64::MIN.to_string());
}

#[test]
fn nothing_and_one_row() {
    for profile in [
        explore(&Table::new(vec![]), ProfileOptions::default()),
        explore(&Table::new(vec![times("t", &[]), words("w", &[])]), ROLES),
        explore(&Table::new(vec![times("t", &[None]), words("w", &[None])]), ROLES),
    ] {
        assert_eq!(profile.over_time, None);
        assert!(profile.columns.iter().all(|column| column.top.is_empty() && column.histogram.is_none()));
    }
    let profile = explore(
        &Table::new(vec![times("t", &[Some(5)]), words("w", &[Some("a")]), integers("n", &[Some(7)])]),
        ROLES,
    );
    assert_eq!(profile.columns[2].numbers.unwrap().deviation, None);
    assert_eq!(profile.columns[2].histogram.as_ref().unwrap().edges, [7.0, 8.0]);
    assert_eq!(profile.correlations.pearson, [[None]]);
    assert_eq!(profile.over_time.unwrap().counts, [1]);
    assert_eq!(profile.per_entity[0].entities, [1]);
}

#[test]
fn single_values_of_many_are_not_the_most_frequent() {
    let names: Vec<String> = (0..20).map(|i| format!("n{i:02}")).collect();
    let values: Vec<Option<&str>> =
        names.iter().map(|name| Some(name.as_str())).chain([Some("n07")]).collect();
    let profile = explore(&Table::new(vec![words("w", &values)]), ProfileOptions::default());
    let top = &profile.columns[0].top;
    assert_eq!((top.len(), top[0].value.as_str(), top[0].count), (1, "n07", 2));
}

#[test]
fn text_is_neither_compared_nor_counted_per_entity() {
    let words_of = |name| words(name, &[Some("a"), Some("b"), Some("a"), Some("b")]);
    let users = words("user", &[Some("u"), Some("u"), Some("v"), Some("v")]);
    let text = words_of("note").with_type(ColumnType::Text);
    let table = Table::new(vec![times("t", &[Some(0); 4]), users, text, words_of("country")]);
    let profile = explore(&table, ROLES);
    assert_eq!(profile.correlations.categories, ["user", "country"]);
    let of: Vec<_> = profile.per_entity.iter().map(|each| each.of.as_deref()).collect();
    assert_eq!(of, [None, Some("country")]);
    assert_eq!((&profile.per_entity[1].entities[..], profile.per_entity[1].max), (&[0, 2][..], 2));
}

#[test]
fn a_time_column_without_times_is_refused() {
    let table = Table::new(vec![words("when", &[Some("noon")])]);
    let error = ProfileJob::new(&table, ProfileOptions { time: Some(0), ..Default::default() }).unwrap_err();
    assert_eq!(error.code(), "wrong-type");
}

#[test]
fn of_very_many_rows_some_are_compared() {
    let n = 450_000_i64;
    let x: Vec<Option<i64>> = (0..n).map(|i| Some(i * 7_919 % n)).collect();
    let y: Vec<Option<i64>> = (0..n).map(|i| Some(i * 7_919 % n / 2)).collect();
    let profile = explore(&Table::new(vec![integers("x", &x), integers("y", &y)]), ProfileOptions::default());
    assert!(profile.correlations.left_out.contains("Of 450000 rows, 200000 are used"), "{profile:?}");
    assert!(profile.correlations.pearson[0][1].unwrap() > 0.999_999);
    assert_eq!(profile.columns[0].distinct, 450_000);
}

/// A row of the tables below: time, user, number, whole number, word.
type Row = (Option<i64>, Option<&'static str>, Option<f64>, Option<i64>, Option<&'static str>);

fn table_of(rows: &[Row]) -> Table {
    Table::new(vec![
        times("time", &rows.iter().map(|row| row.0).collect::<Vec<_>>()),
        words("user", &rows.iter().map(|row| row.1).collect::<Vec<_>>()),
        floats("x", &rows.iter().map(|row| row.2).collect::<Vec<_>>()),
        integers("n", &rows.iter().map(|row| row.3).collect::<Vec<_>>()),
        words("country", &rows.iter().map(|row| row.4).collect::<Vec<_>>()),
    ])
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let some = |values: &'static [&'static str]| prop::option::weighted(0.9, prop::sample::select(values));
    prop::collection::vec(
        (
            prop::option::weighted(0.9, 0..10_000_000_i64),
            some(&["ann", "bob", "cyd", "dan"]),
            prop::option::weighted(0.9, prop_oneof![-1e6..1e6, Just(0.0), Just(-0.0)]),
            prop::option::weighted(0.9, -20..20_i64),
            some(&["DE", "FR", "NO"]),
        ),
        0..120,
    )
}

fn assert_near(a: &[Vec<Option<f64>>], b: &[Vec<Option<f64>>]) {
    for (a, b) in a.iter().flatten().zip(b.iter().flatten()) {
        match (a, b) {
            (Some(a), Some(b)) => assert!((a - b).abs() < 1e-12, "{a} and {b}"),
            (a, b) => assert_eq!(a, b),
        }
    }
}

proptest! {
    #[test]
    fn the_order_of_rows_changes_nothing(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let mut ours = explore(&table_of(&rows), ROLES);
        let mut theirs = explore(&table_of(&shuffled), ROLES);
        // Pearson's and Spearman's sums run in row order.
        assert_near(&ours.correlations.pearson, &theirs.correlations.pearson);
        assert_near(&ours.correlations.spearman, &theirs.correlations.spearman);
        for profile in [&mut ours, &mut theirs] {
            profile.correlations.pearson.clear();
            profile.correlations.spearman.clear();
            // Where values are missing is about rows in their order.
            profile.missing.shares.clear();
        }
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn a_permutation_of_rows_permutes_columns(
        (rows, order) in rows().prop_flat_map(|rows| {
            let places: Vec<usize> = (0..rows.len()).collect();
            (Just(rows), Just(places).prop_shuffle())
        }),
    ) {
        let shuffled: Vec<Row> = order.iter().map(|&place| rows[place]).collect();
        let (ours, theirs) = (table_of(&rows), table_of(&shuffled));
        for (a, b) in ours.columns().iter().zip(theirs.columns()) {
            for (place, &from) in order.iter().enumerate() {
                prop_assert_eq!(a.text(from), b.text(place));
                prop_assert_eq!(a.is_valid(from), b.is_valid(place));
            }
        }
    }

    #[test]
    fn counts_add_up(rows in rows()) {
        let profile = explore(&table_of(&rows), ROLES);
        for column in &profile.columns {
            let n_values = (rows.len() - column.missing) as u64;
            if let Some(histogram) = &column.histogram {
                prop_assert_eq!(histogram.counts.iter().sum::<u64>(), n_values);
                prop_assert_eq!(histogram.edges.len(), histogram.counts.len() + 1);
                prop_assert!(histogram.edges.is_sorted() && histogram.counts.len() <= 50);
            }
            prop_assert!(column.top.iter().map(|top| top.count).sum::<u64>() <= n_values);
        }
        if let Some(over_time) = &profile.over_time {
            prop_assert_eq!(over_time.counts.iter().sum::<u64>() as usize, rows.len() - profile.columns[0].missing);
            prop_assert!(over_time.counts.len() <= 200);
        }
        let users = profile.columns[1].distinct as u64;
        prop_assert_eq!(profile.per_entity[0].entities.iter().sum::<u64>(), users);
    }
}
