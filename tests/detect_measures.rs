//! Detectors with a measure of their own against PyOD's, scikit-learn's and their papers'; see
//! `tests/golden/scripts/marginal.py` and `neighbors.py`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::detect::fitting;
use isoscope::engine::evaluate::roc_auc;
use isoscope::engine::plan::{DetectorName, Parameters};
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
    roc_auc: f64,
    raw: Vec<f64>,
}

fn labelled(name: &str) -> (Array2<f64>, Vec<bool>) {
    let path = format!("{}/tests/golden/models/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let n_features = reader.headers().unwrap().len() - 1;
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        values.extend(record.iter().take(n_features).map(|field| field.parse::<f64>().unwrap()));
        labels.push(&record[n_features] == "1");
    }
    (Array2::from_shape_vec((labels.len(), n_features), values).unwrap(), labels)
}

fn scores(case: &Case, rows: &Array2<f64>) -> Vec<f64> {
    let defaults = Parameters::default();
    let parameters = Parameters { neighbors: case.neighbors.unwrap_or(defaults.neighbors), ..defaults };
    let mut fitting = fitting(case.detector, &parameters, 1, rows.view()).unwrap();
    while !fitting.is_done() {
        fitting.step(rows.view()).unwrap();
    }
    let mut scores = vec![f64::NAN; rows.nrows()];
    fitting.finish().score_block(rows.view(), &mut scores);
    scores
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
fn neighbours_are_those_of_scikit_learn() {
    compare(include_str!("golden/neighbors.json"), 24);
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
        let scores = scores(&case, &rows);
        let auc = roc_auc(&scores, &labels).unwrap();
        assert!((auc - case.roc_auc).abs() < 1e-9, "{what}: {auc}, not {}", case.roc_auc);

        let z: Vec<f64> = scores.iter().take(case.raw.len()).map(|&score| uncurved(score)).collect();
        let (low, high) = (0..z.len()).fold((0, 0), |(low, high), row| {
            (if z[row] < z[low] { row } else { low }, if z[row] > z[high] { row } else { high })
        });
        let unit = (case.raw[high] - case.raw[low]) / (z[high] - z[low]);
        for (row, (z, raw)) in z.iter().zip(&case.raw).enumerate() {
            let ours = case.raw[low] + (z - uncurved(scores[low])) * unit;
            assert!((ours - raw).abs() <= 1e-9 * raw.abs().max(1.0), "{what} row {row}: {ours}, not {raw}");
        }
    }
}
