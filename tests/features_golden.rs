//! Features against a second implementation on pandas; see `tests/golden/scripts/features.py`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;

use features_support::{features, golden_json, golden_path, plan, roles_of, table_in};
use isoscope::engine::features::FeatureMatrix;
use isoscope::engine::plan::{Plan, Recipe, Role};
use isoscope::engine::time::zone::Zone;
use serde_json::Value;

const TOLERANCE: f64 = 1e-9;

#[test]
fn every_case_equals_pandas() {
    let golden = golden_json("features.json");
    let cases = golden["cases"].as_array().unwrap();
    let n_values: usize = cases.iter().map(compare).sum();
    assert!(cases.len() >= 10 && n_values > 2_000, "{n_values} values of {} cases compared", cases.len());
}

/// Compares one case and says how many values it had.
fn compare(case: &Value) -> usize {
    let file = case["file"].as_str().unwrap();
    let zone: Option<Zone> = serde_json::from_value(case["zone"].clone()).unwrap();
    let bytes = std::fs::read(golden_path(&format!("features/{file}.csv"))).unwrap();
    let table = table_in(&bytes, zone.clone());
    let recipe = match case["recipe"].as_str().unwrap() {
        "activity" => Recipe::Activity,
        "user-day" => Recipe::UserDay,
        "login" => Recipe::Login,
        other => panic!("recipe {other}"),
    };
    let mut plan = plan(recipe, &roles_of(case));
    plan.parameters.session_gap_secs = case["session_gap_secs"].as_f64().unwrap();
    plan.parameters.night_start_hour = case["night"][0].as_u64().unwrap() as u32;
    plan.parameters.night_end_hour = case["night"][1].as_u64().unwrap() as u32;

    plan.parameters.period = serde_json::from_value(case["period"].clone()).unwrap();
    plan.parameters.weekend_days = serde_json::from_value(case["weekend"].clone()).unwrap();

    let (matrix, _) = features(&table, &plan);
    if let Some(zone) = zone {
        assert_same_by_local_times(&bytes, zone, &plan, &matrix);
    }
    let rows = case["rows"].as_object().unwrap();
    assert_eq!(matrix.n_rows(), rows.len(), "{file} {}", recipe.name());
    let names: Vec<&str> = matrix.features.iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(serde_json::to_value(&names).unwrap(), case["features"], "{file} {}", recipe.name());
    for row in 0..matrix.n_rows() {
        let entity = matrix.entity(row);
        for (column, name) in names.iter().enumerate() {
            let found = matrix.values[[row, column]];
            let Some(expected) = rows[&entity][column].as_f64() else {
                assert!(rows[&entity][column].is_null() && found.is_nan(), "{entity}, {name}: missing");
                continue;
            };
            assert!(
                (found - expected).abs() <= TOLERANCE * expected.abs().max(1.0),
                "{file} {}, {entity}, {name}: expected {expected}, found {found}",
                recipe.name()
            );
        }
    }
    matrix.values.len()
}

/// What the clock showed gives the same matrix as the moments do.
fn assert_same_by_local_times(bytes: &[u8], zone: Zone, plan: &Plan, by_moments: &FeatureMatrix) {
    let column = if zone.name() == "Europe/Berlin" { "berlin" } else { "sydney" };
    let mut plan = plan.clone();
    plan.roles.insert(Role::Time, column.to_owned());
    let (by_local_times, _) = features(&table_in(bytes, Some(zone)), &plan);
    assert_eq!(&by_local_times, by_moments);
}
