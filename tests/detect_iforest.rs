//! Isolation Forest: parameters, and what they do.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::detect::iforest::{IsolationForest, Params};
use isoscope::engine::detect::{Detector as _, fitting};
use isoscope::engine::error::Error;
use isoscope::engine::evaluate::roc_auc;
use isoscope::engine::plan::{DetectorName, IsolationForestParameters, Parameters};
use isoscope::engine::rng::Rng;
use ndarray::{Array2, array};

fn normal(n_rows: usize, n_features: usize) -> Array2<f64> {
    let mut rng = Rng::new(3);
    Array2::from_shape_fn((n_rows, n_features), |_| rng.normal())
}

fn refusal(params: Params) -> String {
    params.fit(normal(10, 2).view()).unwrap_err().to_string()
}

#[test]
fn parameters_out_of_range_are_named() {
    let params = IsolationForest::params;
    assert_eq!(
        refusal(params().trees(0)),
        "parameter trees: expected a whole number from 1 to 10,000, found 0"
    );
    assert_eq!(
        refusal(params().subsample(1)),
        "parameter subsample: expected a whole number from 2 to 65,536, found 1"
    );
    assert_eq!(
        refusal(params().trees(10_000).subsample(65_536)),
        "parameter trees: expected at most 256 with a subsample of 65536, found 10000"
    );
    assert!(params().trees(10_000).check().is_ok());
    assert!(params().subsample(65_536).check().is_ok());
}

#[test]
fn a_forest_takes_all_rows_where_there_are_fewer_than_the_subsample() {
    let rows = normal(100, 2);
    assert_eq!(IsolationForest::params().fit(rows.view()).unwrap().subsample(), 100);
    assert_eq!(IsolationForest::params().subsample(32).fit(rows.view()).unwrap().subsample(), 32);
}

/// One cut sets apart either of two rows: path 1 of a mean of c(2) = 1, so 2^-1.
#[test]
fn two_rows_score_one_half_each() {
    let rows = array![[0.0], [1.0]];
    let forest = IsolationForest::params().trees(5).fit(rows.view()).unwrap();
    let mut scores = [0.0; 2];
    forest.score_block(rows.view(), &mut scores);
    assert_eq!(scores, [0.5, 0.5]);
    assert_eq!(forest.base(), 0.5);
}

/// Three rows on a line at 0, 1 and 10: the cut falls left of 1 with probability 0.1 and right of it with 0.9. The
/// far row is alone after one cut in 9 of 10 trees, so its mean path is 1.1; c(3) is 2 (ln 2 + γ) - 4/3.
#[test]
fn a_far_row_has_the_expected_path() {
    let rows = array![[0.0], [1.0], [10.0]];
    let forest = IsolationForest::params().trees(10_000).fit(rows.view()).unwrap();
    let mut scores = [0.0; 3];
    forest.score_block(rows.view(), &mut scores);
    let normal_path = 2.0 * (std::f64::consts::LN_2 + 0.577_215_664_901_532_9) - 4.0 / 3.0;
    let mean_paths = scores.map(|score| -isoscope::engine::math::log2(score) * normal_path);
    // 5 standard errors of a mean of 10,000 values of spread 0.3.
    assert!((mean_paths[0] - 1.9).abs() < 0.015, "{mean_paths:?}");
    assert!((mean_paths[1] - 2.0).abs() < 1e-9, "{mean_paths:?}");
    assert!((mean_paths[2] - 1.1).abs() < 0.015, "{mean_paths:?}");
}

/// A constant feature is never drawn, so adding one changes nothing but the random numbers spent on finding out.
#[test]
fn constant_features_have_no_part_in_a_score() {
    let mut rows = normal(200, 3);
    rows.column_mut(1).fill(4.0);
    let forest = IsolationForest::params().trees(50).fit(rows.view()).unwrap();
    let mut shares = [f64::NAN; 3];
    forest.contributions(rows.row(0), &mut shares);
    assert_eq!(shares[1], 0.0);
    assert!(shares[0] != 0.0 && shares[2] != 0.0);
}

#[test]
fn models_can_be_sent_to_other_threads() {
    fn can<T: Send + Sync + Unpin>() {}
    can::<IsolationForest>();
    can::<Params>();
}

fn fit_with(iforest: IsolationForestParameters, rows: &Array2<f64>) -> Result<Vec<f64>, Error> {
    let parameters = Parameters { iforest, trees: 100, ..Parameters::default() };
    let mut fitting = fitting(&DetectorName::Iforest.into(), &parameters, 5, rows.view())?;
    while !fitting.is_done() {
        fitting.step(rows.view().into())?;
    }
    let mut scores = vec![0.0; rows.nrows()];
    fitting.finish().score_block(rows.view(), &mut scores);
    Ok(scores)
}

#[test]
fn planes_see_what_cuts_along_axes_do_not() {
    // Along a diagonal, and a few rows beside it, each of whose values is quite usual.
    let mut rng = Rng::new(4);
    let labels: Vec<bool> = (0..800).map(|row| row % 40 == 0).collect();
    let mut rows = Array2::zeros((800, 2));
    for (row, mut values) in rows.outer_iter_mut().enumerate() {
        let along = 6.0 * rng.uniform() - 3.0;
        let beside = if labels[row] { 1.5 } else { 0.1 * rng.normal() };
        values.assign(&array![along + beside, along - beside]);
    }
    let auc = |extension_level| {
        let iforest = IsolationForestParameters { extension_level, ..IsolationForestParameters::default() };
        roc_auc(&fit_with(iforest, &rows).unwrap(), &labels).unwrap()
    };
    let (along_axes, across) = (auc(0), auc(1));
    assert!(across > along_axes && across > 0.97, "{across} across, {along_axes} along axes");
}

#[test]
fn a_tree_cuts_no_more_features_than_it_may() {
    let mut rng = Rng::new(8);
    let rows = Array2::from_shape_fn((300, 6), |_| rng.normal());
    // A single feature per tree: what another tree's feature does to a row does not change what this one gives.
    let forest = IsolationForest::params().trees(1).max_features(0.01).fit(rows.view()).unwrap();
    let mut shares = vec![0.0; 6];
    forest.contributions(rows.row(0), &mut shares);
    assert_eq!(shares.iter().filter(|share| **share != 0.0).count(), 1, "{shares:?}");
    let all = |max_features| IsolationForest::params().max_features(max_features).fit(rows.view()).unwrap();
    assert_eq!(all(1.0), all(6.0));
    assert_eq!(all(1.0), all(1_000.0), "all features where there are fewer");
    assert_ne!(all(1.0), all(0.5));
}

#[test]
fn features_that_cannot_be_drawn_are_refused() {
    let rows = Array2::from_shape_fn((30, 3), |(row, feature)| (row * feature) as f64);
    let bad = [0.0, -0.5, 1.5, f64::NAN, f64::INFINITY];
    for max_features in bad {
        let iforest = IsolationForestParameters { max_features, ..IsolationForestParameters::default() };
        let error = fit_with(iforest, &rows).unwrap_err();
        assert!(error.to_string().contains("iforest.maxFeatures"), "{error}");
    }
    let iforest =
        IsolationForestParameters { extension_level: 1_001, ..IsolationForestParameters::default() };
    assert!(fit_with(iforest, &rows).unwrap_err().to_string().contains("iforest.extensionLevel"));
}

#[test]
fn a_forest_of_planes_that_would_not_fit_into_memory_is_refused() {
    let rows = Array2::from_shape_fn((40_000, 30), |(row, feature)| (row * feature) as f64);
    let iforest = IsolationForestParameters { extension_level: 29, ..IsolationForestParameters::default() };
    let parameters = Parameters { iforest, trees: 256, subsample: 65_536, ..Parameters::default() };
    let refused = |parameters| fitting(&DetectorName::Iforest.into(), &parameters, 5, rows.view()).err();
    let error = refused(parameters.clone()).unwrap().to_string();
    assert!(error.contains("trees") && error.contains("across 30 features"), "{error}");
    let few = IsolationForestParameters { max_features: 2.0, ..parameters.iforest.clone() };
    assert!(
        refused(Parameters { iforest: few, trees: 40, ..parameters.clone() }).is_none(),
        "cuts across two"
    );
    assert!(refused(Parameters { subsample: 256, ..parameters }).is_none());
}

#[test]
fn planes_credit_the_features_that_set_a_row_apart() {
    let mut rng = Rng::new(3);
    let mut rows = Array2::from_shape_fn((400, 6), |_| rng.normal());
    rows[[7, 2]] = 9.0;
    rows[[8, 5]] = -9.0;
    let iforest = IsolationForestParameters { extension_level: 2, ..IsolationForestParameters::default() };
    let mut fitting = fitting(
        &DetectorName::Iforest.into(),
        &Parameters { iforest, ..Parameters::default() },
        5,
        rows.view(),
    )
    .unwrap();
    while !fitting.is_done() {
        fitting.step(rows.view().into()).unwrap();
    }
    let model = fitting.finish();
    for (row, feature) in [(7, 2), (8, 5)] {
        let mut shares = vec![0.0; 6];
        model.contributions(rows.row(row), &mut shares);
        let others: f64 =
            shares.iter().enumerate().filter(|&(other, _)| other != feature).map(|(_, x)| x.abs()).sum();
        assert!(shares[feature] > others, "feature {feature} of row {row}: {shares:?}");
    }
}
