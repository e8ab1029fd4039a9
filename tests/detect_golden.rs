//! Isolation Forest and thresholds against scikit-learn's, from `golden/models.json`.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod detect_support;

use detect_support::labelled;
use isoscope::engine::detect::Detector as _;
use isoscope::engine::detect::iforest::{IsolationForest, average_path_length};
use isoscope::engine::detect::threshold;
use isoscope::engine::evaluate::roc_auc;
use ndarray::Array2;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Golden {
    average_path_length: Vec<PathLength>,
    isolation_forests: Vec<LabelledSet>,
    contamination_thresholds: Vec<Contamination>,
}

#[derive(Deserialize)]
struct PathLength {
    n: usize,
    value: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LabelledSet {
    name: String,
    mean_roc_auc: f64,
}

#[derive(Deserialize)]
struct Contamination {
    contamination: f64,
    scores: Vec<f64>,
    threshold: f64,
    flags: Vec<u8>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/models.json")).unwrap()
}

fn mean_roc_auc(rows: &Array2<f64>, labels: &[bool], n_seeds: u64) -> f64 {
    let mut scores = vec![0.0; rows.nrows()];
    let aucs = (0..n_seeds).map(|seed| {
        let forest = IsolationForest::params().trees(200).subsample(256).seed(seed).fit(rows.view()).unwrap();
        forest.score_block(rows.view(), &mut scores);
        roc_auc(&scores, labels).unwrap()
    });
    aucs.sum::<f64>() / n_seeds as f64
}

#[test]
fn path_length_normaliser_is_exact() {
    for PathLength { n, value } in golden().average_path_length {
        let ours = average_path_length(n);
        assert!((ours - value).abs() <= 1e-15 * value, "c({n}) is {ours}, scikit-learn has {value}");
    }
}

/// The seeds' own spread is up to 0.02 on these sets, so the mean needs many of them to be known to 0.005.
#[test]
fn isolation_forest_finds_what_scikit_learn_finds() {
    let golden = golden();
    assert_eq!(golden.isolation_forests.len(), 6);
    for set in golden.isolation_forests {
        let (rows, labels) = labelled(&set.name);
        let ours = mean_roc_auc(&rows, &labels, 100);
        let difference = ours - set.mean_roc_auc;
        println!(
            "{:12} {ours:.4}, scikit-learn {:.4}, difference {difference:+.4}",
            set.name, set.mean_roc_auc
        );
        assert!(difference.abs() < 0.005, "{}: ROC AUC {ours}, scikit-learn {}", set.name, set.mean_roc_auc);
    }
}

#[test]
fn contamination_thresholds_are_equal_to_the_bit() {
    for case in golden().contamination_thresholds {
        let ours = threshold::by_contamination(&case.scores, case.contamination);
        let n = case.scores.len();
        assert_eq!(ours, case.threshold, "{n} scores at {}", case.contamination);
        assert_eq!(threshold::flags(&case.scores, ours), case.flags, "{n} scores at {}", case.contamination);
    }
}
