//! The scaler against scikit-learn's; see `tests/golden/scripts/features_scaler.py`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::prepare::StandardScaler;
use ndarray::{Array2, array};
use serde_json::Value;

const TOLERANCE: f64 = 1e-12;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn equals_scikit_learn() {
    let golden: Value = serde_json::from_str(include_str!("golden/features_scaler.json")).unwrap();
    let names: Vec<&str> =
        golden["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let matrix = |key: &str| {
        let rows: Vec<Vec<f64>> = golden[key].as_array().unwrap().iter().map(numbers).collect();
        Array2::from_shape_fn((rows.len(), names.len()), |(row, column)| rows[row][column])
    };
    let rows = matrix("rows");
    let scaler = StandardScaler::fit(rows.view());
    for (column, name) in names.iter().enumerate() {
        let (mean, scale) = (numbers(&golden["mean"])[column], numbers(&golden["scale"])[column]);
        let (found_mean, found_scale) = (scaler.mean[column], scaler.scale[column]);
        assert!((found_mean - mean).abs() <= TOLERANCE * mean.abs(), "{name}: mean {found_mean}");
        assert!((found_scale - scale).abs() <= TOLERANCE * scale, "{name}: scale {found_scale}");

        let exact = numbers(&golden["exact"][column]);
        assert!((found_mean - exact[0]).abs() <= f64::EPSILON * exact[0].abs(), "{name}: mean {found_mean}");
        // A constant column is only centred.
        let exact_scale = if scale == 1.0 { 1.0 } else { exact[1] };
        assert!((found_scale - exact_scale).abs() <= 1e-14 * exact_scale, "{name}: scale {found_scale}");
    }
    let (scaled, expected) = (scaler.transform(rows.view()), matrix("scaled"));
    for ((row, column), value) in scaled.indexed_iter() {
        // scikit-learn adds up with rounding, an error of its mean that the division by the spread makes larger.
        let rounding = rows.nrows() as f64 * f64::EPSILON * scaler.mean[column].abs() / scaler.scale[column];
        let expected = expected[[row, column]];
        assert!(
            (value - expected).abs() <= TOLERANCE * expected.abs().max(1.0) + rounding,
            "{} row {row}: expected {expected}, found {value}",
            names[column]
        );
    }
}

#[test]
fn constant_and_missing_rows() {
    let constant = StandardScaler::fit(array![[0.1, 5.0], [0.1, 5.0], [0.1, 5.0]].view());
    assert_eq!(constant.scale, [1.0, 1.0]);
    assert_eq!(constant.transform(array![[0.1, 6.0]].view()), array![[0.0, 1.0]]);
    let none = StandardScaler::fit(Array2::zeros((0, 2)).view());
    assert_eq!((none.mean, none.scale), (vec![0.0; 2], vec![1.0; 2]));
}

#[test]
fn stays_finite_at_the_largest_values_that_features_have() {
    let rows = array![[1e140], [-1e140], [3.0]];
    let scaler = StandardScaler::fit(rows.view());
    assert!(scaler.transform(rows.view()).iter().all(|value| value.is_finite()));
}
