//! Detectors with a measure of their own against PyOD's, scikit-learn's and their papers'; see
//! `tests/golden/scripts/marginal.py` and `distances.py`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod detect_support;

use detect_support::{fitted, labelled, scores};
use isoscope::engine::detect::fitting;
use isoscope::engine::evaluate::roc_auc;
use isoscope::engine::plan::{DetectorName, OneClassSvmParameters, Parameters, Scale};
use isoscope::engine::prepare::Scaling;
use ndarray::Array2;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    detector: DetectorName,
    neighbors: Option<usize>,
    ocsvm: Option<OneClassSvmParameters>,
    roc_auc: f64,
    raw: Vec<f64>,
}

fn scores_of(case: &Case, rows: &Array2<f64>) -> Vec<f64> {
    let defaults = Parameters::default();
    let parameters = Parameters {
        neighbors: case.neighbors.unwrap_or(defaults.neighbors),
        ocsvm: case.ocsvm.clone().unwrap_or_default(),
        ..defaults
    };
    let fitting = fitting(&case.detector.into(), &parameters, 1, rows.view()).unwrap();
    scores(&fitted(fitting, rows), rows)
}

/// Undoes the curve of `detect::calibrated`, up to where it begins and what a unit of it is.
fn uncurved(score: f64) -> f64 {
    let (up, down) = ((score - 0.45) / 0.55, (score - 0.45) / 0.45);
    if score >= 0.45 { 9.3 * up / (1.0 - up) } else { 9.3 * 0.45 / 0.55 * down / (1.0 + down) }
}

#[test]
fn sums_of_parts_are_those_of_the_references() {
    compare(include_str!("golden/marginal.json"), 24);
}

#[test]
fn distances_and_regions_are_those_of_scikit_learn() {
    compare(include_str!("golden/distances.json"), 36);
}

/// Areas under the curve, and measures up to where they begin and what a unit of them is, which scores do not know.
fn compare(golden: &str, n_cases: usize) {
    let golden: Golden = serde_json::from_str(golden).unwrap();
    assert_eq!(golden.cases.len(), n_cases);
    for case in golden.cases {
        let what = format!("{} {:?} {:?}", case.name, case.detector, case.neighbors);
        let (mut rows, labels) = labelled(&case.name);
        if case.neighbors.is_some() {
            // As the script does, so that no two neighbours are equally near.
            for ((row, feature), value) in rows.indexed_iter_mut() {
                *value += ((row * row * 31 + row * feature * 7_919 + feature * 104_729) % 10_007) as f64
                    / 10_007.0
                    * 0.01;
            }
        }
        if case.ocsvm.is_some() {
            for mut column in rows.columns_mut() {
                let scaling = Scaling::fit(Scale::Standard, &column.to_vec());
                column.mapv_inplace(|value| scaling.apply(value));
            }
        }
        let scores = scores_of(&case, &rows);
        let auc = roc_auc(&scores, &labels).unwrap();
        // Rows on the border of a machine's region have one measure but for rounding, so their order is anybody's.
        let slack = if case.ocsvm.is_some() { 2e-3 } else { 1e-9 };
        assert!((auc - case.roc_auc).abs() < slack, "{what}: {auc}, not {}", case.roc_auc);

        // A machine is found by coming nearer, and by another way.
        let tolerance = if case.ocsvm.is_some() { 1e-6 } else { 1e-9 };
        let z: Vec<f64> = scores.iter().take(case.raw.len()).map(|&score| uncurved(score)).collect();
        let (low, high) = (0..z.len()).fold((0, 0), |(low, high), row| {
            (if z[row] < z[low] { row } else { low }, if z[row] > z[high] { row } else { high })
        });
        let unit = (case.raw[high] - case.raw[low]) / (z[high] - z[low]);
        for (row, (z, raw)) in z.iter().zip(&case.raw).enumerate() {
            let ours = case.raw[low] + (z - uncurved(scores[low])) * unit;
            assert!(
                (ours - raw).abs() <= tolerance * raw.abs().max(1.0),
                "{what} row {row}: {ours}, not {raw}"
            );
        }
    }
}
