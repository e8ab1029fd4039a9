//! Profile and treatments against pandas and scipy; see `tests/golden/scripts/profile.py`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;

use features_support::{golden_path, plan, table_of};
use isoscope::engine::plan::{Plan, Recipe, Treatment};
use isoscope::engine::prepare::treat;
use isoscope::engine::profile::{ProfileJob, ProfileOptions};
use isoscope::engine::table::{Column, Table};
use serde_json::Value;

/// Relative. Columns such as "far", whose values are 10^9 times their spread, are held to it as well.
const TOLERANCE: f64 = 1e-9;

fn golden() -> Value {
    serde_json::from_str(&std::fs::read_to_string(golden_path("profile.json")).unwrap()).unwrap()
}

fn table(file: &str) -> Table {
    table_of(&std::fs::read(golden_path(&format!("{file}.csv"))).unwrap())
}

/// Compares what the golden value has; numbers to the tolerance. Says how many numbers there were.
fn compare(path: &str, expected: &Value, found: &Value) -> usize {
    match (expected, found) {
        (Value::Object(expected), found) => {
            expected.iter().map(|(key, value)| compare(&format!("{path}.{key}"), value, &found[key])).sum()
        }
        (Value::Array(expected), Value::Array(found)) => {
            assert_eq!(expected.len(), found.len(), "{path}: {expected:?} and {found:?}");
            let pairs = expected.iter().zip(found).enumerate();
            pairs.map(|(at, (expected, found))| compare(&format!("{path}[{at}]"), expected, found)).sum()
        }
        (Value::Number(expected), Value::Number(found)) => {
            let (expected, found) = (expected.as_f64().unwrap(), found.as_f64().unwrap());
            let off = (expected - found).abs();
            assert!(
                off <= TOLERANCE * expected.abs().max(1e-3),
                "{path}: expected {expected}, found {found}"
            );
            1
        }
        _ => {
            assert_eq!(expected, found, "{path}");
            1
        }
    }
}

#[test]
fn every_case_equals_pandas_and_scipy() {
    let golden = golden();
    let (mut n_values, mut n_pairs) = (0, 0);
    for case in golden["cases"].as_array().unwrap() {
        let file = case["file"].as_str().unwrap();
        let table = table(file);
        let mut job = ProfileJob::new(&table, ProfileOptions::default()).unwrap();
        while !job.is_done() {
            job.step(&table);
        }
        let profile = serde_json::to_value(job.finish(&table)).unwrap();
        let reports = profile["columns"].as_array().unwrap();
        assert_eq!(reports.len(), case["columns"].as_object().unwrap().len(), "{file}");
        for report in reports {
            let name = report["name"].as_str().unwrap();
            let mut report = report.clone();
            for top in report["top"].as_array_mut().unwrap() {
                *top = serde_json::json!([top["value"], top["count"]]);
            }
            n_values += compare(&format!("{file} {name}"), &case["columns"][name], &report);
        }
        let found = &profile["correlations"];
        for part in ["numeric", "pearson", "spearman"] {
            n_values += compare(&format!("{file} {part}"), &case[part], &found[part]);
        }
        // What pandas takes for categories may be text to us, which is not compared.
        let place = |of: &Value, name: &Value| of.as_array().unwrap().iter().position(|each| each == name);
        for (a, first) in found["categories"].as_array().unwrap().iter().enumerate() {
            for (b, second) in found["categories"].as_array().unwrap().iter().enumerate() {
                let (x, y) = (place(&case["categories"], first), place(&case["categories"], second));
                let expected = &case["cramersV"][x.unwrap()][y.unwrap()];
                n_values += compare(&format!("{file} {first} {second}"), expected, &found["cramersV"][a][b]);
                n_pairs += 1;
            }
        }
    }
    assert!(n_values > 500 && n_pairs > 25, "{n_values} values, {n_pairs} pairs of categories compared");
}

#[test]
fn filled_values_equal_pandas() {
    let golden = golden();
    let treatments = [
        ("x", Treatment::Mean),
        ("tied", Treatment::Median),
        ("y", Treatment::Constant("-1.5".to_owned())),
        ("word", Treatment::Other),
    ];
    let plan = Plan {
        treatments: treatments.map(|(name, treatment)| (name.to_owned(), treatment)).into(),
        ..plan(Recipe::Activity, &[])
    };
    let table = table("profile/mixed");
    let (filled, findings) = treat(&table, &plan).unwrap();
    assert_eq!(findings.len(), 4);
    for (name, values) in golden["filled"].as_object().unwrap() {
        let column: &Column = &filled.columns()[filled.index_of(name).unwrap()];
        let found: Vec<Value> = (0..column.len())
            .map(|row| column.number(row).map_or_else(|| column.text(row).into(), Value::from))
            .collect();
        compare(name, values, &Value::Array(found));
    }
}
