//! Metrics and curves against scikit-learn's, from `golden/models.json`, and what they do at the edges.

use isoscope::engine::evaluate::{Confusion, average_precision, evaluate, pr_curve, roc_auc, roc_curve};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    metrics: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    scores: Vec<f64>,
    flags: Vec<u8>,
    labels: Vec<u8>,
    accuracy: f64,
    precision: f64,
    recall: f64,
    f1: f64,
    roc_auc: f64,
    pr_auc: f64,
    confusion: Confusion,
    roc: Vec<f64>,
    pr: Vec<f64>,
}

/// Sums are scikit-learn's to the rounding of their order; everything else is equal.
fn assert_close(ours: f64, theirs: f64, what: &str, case: &str) {
    assert!((ours - theirs).abs() <= 1e-15, "{case}: {what} is {ours}, scikit-learn has {theirs}");
}

#[test]
fn metrics_and_curves_are_scikit_learns() {
    let golden: Golden = serde_json::from_str(include_str!("golden/models.json")).unwrap();
    assert!(golden.metrics.len() >= 7);
    for case in golden.metrics {
        let labels: Vec<bool> = case.labels.iter().map(|&label| label == 1).collect();
        let ours = evaluate(&case.scores, &case.flags, &labels).unwrap();
        assert_eq!(ours.confusion, case.confusion, "{}", case.name);
        assert_eq!(ours.accuracy, case.accuracy, "{}: accuracy", case.name);
        assert_eq!(ours.precision, case.precision, "{}: precision", case.name);
        assert_eq!(ours.recall, case.recall, "{}: recall", case.name);
        assert_eq!(ours.f1, case.f1, "{}: F1", case.name);
        assert_close(ours.roc_auc, case.roc_auc, "ROC AUC", &case.name);
        assert_close(ours.pr_auc, case.pr_auc, "average precision", &case.name);
        assert_eq!(ours.curves.roc, case.roc, "{}: ROC", case.name);
        assert_eq!(ours.curves.pr, case.pr, "{}: precision-recall", case.name);
    }
}

#[test]
fn curves_stay_small_on_many_rows() {
    let n = 100_000;
    let scores: Vec<f64> = (0..n).map(|i| f64::from(i) * 0.618_033_988_75 % 1.0).collect();
    let labels: Vec<bool> = (0..n).map(|i| i % 1000 == 0).collect();
    assert!(roc_curve(&scores, &labels).unwrap().len() <= 2 * 2 * 101 + 4);
    assert!(pr_curve(&scores, &labels).unwrap().len() <= 2 * 2 * 101 + 4);
}

#[test]
fn one_class_has_no_areas() {
    let scores = [0.1, 0.2, 0.3];
    assert!(roc_auc(&scores, &[false; 3]).unwrap().is_nan());
    assert!(roc_auc(&scores, &[true; 3]).unwrap().is_nan());
    assert!(average_precision(&scores, &[false; 3]).unwrap().is_nan());
    let normal = evaluate(&scores, &[0, 0, 1], &[false; 3]).unwrap();
    assert_eq!((normal.precision, normal.recall, normal.f1), (0.0, 0.0, 0.0));
}

#[test]
fn labels_that_do_not_fit_are_refused_with_both_counts() {
    let error = evaluate(&[0.1, 0.2], &[0, 1], &[true]).unwrap_err();
    assert_eq!(error.code(), "labels");
    assert_eq!(error.to_string(), "there are 1 labels for 2 rows; give exactly one label per row");
    assert_eq!(evaluate(&[], &[], &[]).unwrap_err().code(), "labels");
    assert_eq!(evaluate(&[f64::NAN], &[0], &[true]).unwrap_err().code(), "parameter");
}
