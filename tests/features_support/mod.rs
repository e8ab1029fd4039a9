//! Tables and plans for the tests of features and guess.
#![allow(dead_code, reason = "each test file uses its part")]

use isoscope::engine::features::{FeatureJob, FeatureMatrix};
use isoscope::engine::finding::Finding;
use isoscope::engine::ingest::{Ingest, Options};
use isoscope::engine::plan::{Plan, Recipe, Role};
use isoscope::engine::table::Table;
use isoscope::engine::time::zone::Zone;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// A table as a user would get it: through ingest.
pub fn table(csv: &str) -> Table {
    table_of(csv.as_bytes())
}

pub fn table_of(csv: &[u8]) -> Table {
    table_in(csv, None)
}

/// A table whose times are read by the clock of a zone.
pub fn table_in(csv: &[u8], zone: Option<Zone>) -> Table {
    let mut ingest = Ingest::new(Options { zone: zone.map(Arc::new), ..Options::default() }).unwrap();
    ingest.push(csv).unwrap();
    ingest.finish().unwrap().table
}

pub fn plan(recipe: Recipe, roles: &[(Role, &str)]) -> Plan {
    let roles = roles.iter().map(|&(role, column)| (role, column.to_owned())).collect();
    Plan { contamination: 0.05, ..Plan::new(recipe, roles) }
}

pub fn features(table: &Table, plan: &Plan) -> (FeatureMatrix, Vec<Finding>) {
    let mut job = FeatureJob::new(table, plan).unwrap();
    let mut done = 0;
    while !job.is_done() {
        let progress = job.step(table).unwrap();
        assert!(progress.done > done && progress.done <= progress.total, "{progress:?} after {done}");
        done = progress.done;
    }
    let (matrix, findings) = job.finish();
    assert!(matrix.values.iter().all(|value| !value.is_infinite()));
    assert_eq!(matrix.values.dim(), (matrix.subject_of_row.len(), matrix.features.len()));
    assert_eq!(matrix.table_rows.len(), matrix.n_rows());
    (matrix, findings)
}

/// A value by entity and feature name.
pub fn value(matrix: &FeatureMatrix, entity: &str, feature: &str) -> f64 {
    let row = (0..matrix.n_rows()).find(|&row| matrix.entity(row) == entity);
    let column = matrix.features.iter().position(|f| f.name == feature);
    matrix.values[[
        row.unwrap_or_else(|| panic!("no row {entity}")),
        column.unwrap_or_else(|| panic!("no feature {feature} in {:?}", matrix.features)),
    ]]
}

pub fn golden_path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file)
}

/// A golden file.
pub fn golden_json(file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(golden_path(file)).unwrap()).unwrap()
}

/// The roles of a golden file's case: column by name of role.
pub fn roles_of(case: &Value) -> Vec<(Role, &str)> {
    let roles = case["roles"].as_object().unwrap().iter();
    roles
        .map(|(role, column)| {
            (serde_json::from_value(role.as_str().into()).unwrap(), column.as_str().unwrap())
        })
        .collect()
}

/// The bytes of a file of published data that lies beside the checkout, or a printed notice that it does not.
pub fn shared_file(file: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(file);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("SKIPPED {file}: published data does not lie beside this checkout");
    }
    bytes
}
