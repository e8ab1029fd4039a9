//! Formulas against a second implementation on pandas; see `tests/golden/scripts/formulas.py`.

use isoscope::engine::features::FeatureJob;
use isoscope::engine::plan::{OwnFeature, Plan, Recipe, Role};
use serde_json::Value;
use std::path::Path;

const TOLERANCE: f64 = 1e-9;

#[test]
fn every_formula_equals_pandas() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let golden: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("formulas.json")).unwrap()).unwrap();
    let mut n_compared = 0;
    for case in golden["cases"].as_array().unwrap() {
        let text = |key: &str| case[key].as_str().unwrap().to_owned();
        let csv = std::fs::read_to_string(folder.join(format!("features/{}.csv", text("file")))).unwrap();
        let table = super::table(&csv);
        let formulas = case["values"].as_object().unwrap();
        let own = |formula: &String| OwnFeature {
            name: formula.clone(),
            formula: formula.clone(),
            meaning: None,
            unit: String::new(),
        };
        let roles = [(Role::Entity, text("entity")), (Role::Time, text("time"))].into();
        let plan =
            Plan { own_features: formulas.keys().map(own).collect(), ..Plan::new(Recipe::Activity, roles) };
        let mut job = FeatureJob::new(&table, &plan).unwrap_or_else(|error| panic!("{error}"));
        while !job.is_done() {
            job.step(&table).unwrap();
        }
        let (matrix, _) = job.finish();
        for (formula, values) in formulas {
            let column = matrix.features.iter().position(|feature| feature.name == *formula).unwrap();
            assert_eq!(values.as_object().unwrap().len(), matrix.n_rows(), "{formula}");
            for row in 0..matrix.n_rows() {
                let (ours, theirs) = (matrix.values[[row, column]], &values[matrix.entity(row)]);
                let is_same = match theirs.as_f64() {
                    Some(theirs) => (ours - theirs).abs() <= TOLERANCE * theirs.abs().max(1.0),
                    None => theirs.is_null() && ours.is_nan(),
                };
                assert!(is_same, "{formula} of {}: {ours}, pandas has {theirs}", matrix.entity(row));
                n_compared += 1;
            }
        }
    }
    assert!(n_compared > 3_000, "{n_compared} values compared");
}
