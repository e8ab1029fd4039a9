//! Logistic regression against scikit-learn's, from `golden/models.json`, and at the edges; splits.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::learn::logistic::LogisticRegression;
use isoscope::engine::learn::split::{balanced_rows, stratified_split};
use isoscope::engine::rng::Rng;
use ndarray::{Array2, array};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Golden {
    logistic_regressions: Vec<Fit>,
}

#[derive(Deserialize)]
struct Fit {
    name: String,
    c: f64,
    rows: Vec<Vec<f64>>,
    labels: Vec<u8>,
    coefficients: Vec<f64>,
    intercept: f64,
    probabilities: Vec<f64>,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

#[test]
fn coefficients_are_scikit_learns_to_six_digits() {
    let golden: Golden = serde_json::from_str(include_str!("golden/models.json")).unwrap();
    assert!(golden.logistic_regressions.len() >= 18);
    for fit in golden.logistic_regressions {
        let labels: Vec<bool> = fit.labels.iter().map(|&label| label == 1).collect();
        let rows = matrix(&fit.rows);
        let model = LogisticRegression::params().c(fit.c).fit(rows.view(), &labels).unwrap();
        let ours = model.coefficients.iter().chain([&model.intercept]);
        let theirs = fit.coefficients.iter().chain([&fit.intercept]);
        for (place, (ours, theirs)) in ours.zip(theirs).enumerate() {
            let close = (ours - theirs).abs() <= 1e-6 * theirs.abs().max(1e-9);
            assert!(
                close,
                "{} with C {}: value {place} is {ours}, scikit-learn has {theirs}",
                fit.name, fit.c
            );
        }
        for (ours, theirs) in model.probabilities(rows.view()).iter().zip(&fit.probabilities) {
            assert!(
                (ours - theirs).abs() < 1e-8,
                "{} with C {}: probability {ours}, {theirs}",
                fit.name,
                fit.c
            );
        }
        assert!(model.iterations < 40, "{} with C {}: {} steps", fit.name, fit.c, model.iterations);
    }
}

#[test]
fn separable_rows_converge_under_the_weakest_penalty() {
    let rows = array![[-2.0], [-1.0], [1.0], [2.0]];
    for c in [1e-6, 1.0, 1e6, 1e12] {
        let model = LogisticRegression::params().c(c).fit(rows.view(), &[false, false, true, true]).unwrap();
        assert!(model.coefficients[0] > 0.0 && model.coefficients[0].is_finite());
        assert!(model.intercept.abs() < 1e-6, "the rows are symmetric, the intercept is {}", model.intercept);
        let probabilities = model.probabilities(rows.view());
        assert!(probabilities[0] < 0.5 && probabilities[3] > 0.5);
    }
}

/// At the minimum the gradient of the objective vanishes, whoever computes it.
#[test]
fn the_gradient_vanishes_at_the_fit() {
    let mut rng = Rng::new(9);
    let rows = Array2::from_shape_fn((300, 6), |_| rng.normal());
    let labels: Vec<bool> = rows.outer_iter().map(|row| row[0] - row[1] + 0.5 * rng.normal() > 1.2).collect();
    let c = 3.0;
    let model = LogisticRegression::params().c(c).fit(rows.view(), &labels).unwrap();
    let residuals: Vec<f64> = model
        .probabilities(rows.view())
        .iter()
        .zip(&labels)
        .map(|(p, &y)| p - f64::from(u8::from(y)))
        .collect();
    for (feature, coefficient) in model.coefficients.iter().enumerate() {
        let slope: f64 = rows.column(feature).iter().zip(&residuals).map(|(x, r)| x * r).sum();
        assert!((c * slope + coefficient).abs() < 1e-8);
    }
    assert!(residuals.iter().sum::<f64>().abs() < 1e-8);
}

#[test]
fn one_class_is_refused() {
    let rows = array![[0.0], [1.0]];
    for labels in [[true, true], [false, false]] {
        let error = LogisticRegression::params().fit(rows.view(), &labels).unwrap_err();
        assert_eq!(error.code(), "labels");
    }
    assert_eq!(LogisticRegression::params().fit(rows.view(), &[true]).unwrap_err().code(), "labels");
}

#[test]
fn unusable_values_and_parameters_are_refused() {
    let labels = [true, false];
    for value in [f64::NAN, f64::INFINITY, 1e308] {
        let rows = array![[value, 0.0], [-value, 1.0]];
        assert_eq!(LogisticRegression::params().fit(rows.view(), &labels).unwrap_err().code(), "parameter");
    }
    for c in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let fit = LogisticRegression::params().c(c).fit(array![[0.0], [1.0]].view(), &labels);
        assert_eq!(fit.unwrap_err().code(), "parameter");
    }
}

fn some_labels(n: usize, every: usize) -> Vec<bool> {
    (0..n).map(|row| row % every == 0).collect()
}

#[test]
fn a_split_holds_out_its_share_of_each_class() {
    let labels = some_labels(1000, 20);
    let split = stratified_split(&labels, 0.3, 5).unwrap();
    assert_eq!((split.train.len(), split.test.len()), (700, 300));
    assert_eq!(split.test.iter().filter(|&&row| labels[row]).count(), 15);
    let mut all = [split.train.clone(), split.test.clone()].concat();
    all.sort_unstable();
    assert_eq!(all, (0..1000).collect::<Vec<_>>());
    assert!(split.train.is_sorted() && split.test.is_sorted());
    assert_eq!(split, stratified_split(&labels, 0.3, 5).unwrap());
    assert_ne!(split, stratified_split(&labels, 0.3, 6).unwrap());
}

#[test]
fn small_classes_are_on_both_sides_as_long_as_they_can_be() {
    let two = stratified_split(&some_labels(10, 5), 0.01, 1).unwrap();
    assert_eq!(two.test.iter().filter(|&&row| row % 5 == 0).count(), 1);
    let single = stratified_split(&some_labels(10, 10), 0.9, 1).unwrap();
    assert!(single.train.contains(&0), "a single abnormal row is learned from");
    assert_eq!(stratified_split(&[true, false], 0.5, 1).unwrap_err().code(), "too-few-rows");
    for share in [0.0, 1.0, -0.1, f64::NAN] {
        assert_eq!(stratified_split(&some_labels(10, 2), share, 1).unwrap_err().code(), "parameter");
    }
}

#[test]
fn a_balanced_draw_has_as_many_of_each() {
    let labels = some_labels(500, 25);
    let rows = balanced_rows(&labels, 3);
    assert_eq!(rows.len(), 40);
    assert_eq!(rows.iter().filter(|&&row| labels[row]).count(), 20);
    assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
    assert_ne!(rows, balanced_rows(&labels, 4));
    assert_eq!(balanced_rows(&[true, true, false], 1), [0, 1, 2]);
}
