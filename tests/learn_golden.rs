//! Logistic regression against scikit-learn's, from `golden/models.json` and `golden/learn.json`, and at the edges.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::learn::balanced_weights;
use isoscope::engine::learn::logistic::{LogisticRegression, Penalty};
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
    labels: Vec<u32>,
    coefficients: Vec<f64>,
    intercept: f64,
    probabilities: Vec<f64>,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// Rows x classes.
fn probabilities(model: &LogisticRegression, rows: &Array2<f64>) -> Array2<f64> {
    let mut outputs = vec![f64::NAN; rows.nrows() * model.n_classes()];
    model.outputs(rows.view(), &mut outputs);
    Array2::from_shape_vec((rows.nrows(), model.n_classes()), outputs).unwrap()
}

fn assert_near(ours: f64, theirs: f64, what: &str) {
    assert!(
        (ours - theirs).abs() <= 1e-6 * theirs.abs().max(1e-3),
        "{what} is {ours}, scikit-learn has {theirs}"
    );
}

#[test]
fn coefficients_are_scikit_learns_to_six_digits() {
    let golden: Golden = serde_json::from_str(include_str!("golden/models.json")).unwrap();
    assert!(golden.logistic_regressions.len() >= 18);
    for fit in golden.logistic_regressions {
        let rows = matrix(&fit.rows);
        let model = LogisticRegression::params().c(fit.c).fit(rows.view(), &fit.labels, 2, &[]).unwrap();
        let part = &model.parts()[0];
        let ours = part.coefficients.iter().chain([&part.intercept]);
        let theirs = fit.coefficients.iter().chain([&fit.intercept]);
        for (place, (ours, theirs)) in ours.zip(theirs).enumerate() {
            let close = (ours - theirs).abs() <= 1e-6 * theirs.abs().max(1e-9);
            assert!(
                close,
                "{} with C {}: value {place} is {ours}, scikit-learn has {theirs}",
                fit.name, fit.c
            );
        }
        for (ours, theirs) in probabilities(&model, &rows).column(1).iter().zip(&fit.probabilities) {
            assert!((ours - theirs).abs() < 1e-8, "{} with C {}: {ours}, {theirs}", fit.name, fit.c);
        }
        assert!(part.iterations < 40, "{} with C {}: {} passes", fit.name, fit.c, part.iterations);
    }
}

#[derive(Deserialize)]
struct Further {
    sets: Vec<Set>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Set {
    n_classes: usize,
    rows: Vec<Vec<f64>>,
    classes: Vec<u32>,
    fits: Vec<PenalisedFit>,
}

#[derive(Deserialize)]
struct PenalisedFit {
    penalty: Penalty,
    c: f64,
    balanced: bool,
    coefficients: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
    probabilities: Vec<Vec<f64>>,
}

#[test]
fn penalties_weights_and_several_classes_are_scikit_learns_to_six_digits() {
    let further: Further = serde_json::from_str(include_str!("golden/learn.json")).unwrap();
    assert!(further.sets.iter().map(|set| set.fits.len()).sum::<usize>() >= 30);
    for set in further.sets {
        let rows = matrix(&set.rows);
        for fit in set.fits {
            let what = format!("{:?} with C {}, balanced {}", fit.penalty, fit.c, fit.balanced);
            let params = LogisticRegression::params().c(fit.c).penalty(fit.penalty);
            let weights =
                if fit.balanced { balanced_weights(&set.classes, set.n_classes) } else { Vec::new() };
            let model = params.fit(rows.view(), &set.classes, set.n_classes, &weights).unwrap();
            assert_eq!(model.parts().len(), fit.coefficients.len());
            for (part, (coefficients, intercept)) in
                model.parts().iter().zip(fit.coefficients.iter().zip(&fit.intercepts))
            {
                for (ours, theirs) in part.coefficients.iter().zip(coefficients) {
                    assert_near(*ours, *theirs, &what);
                    assert_eq!(*ours == 0.0, *theirs == 0.0, "{what}: the same coefficients are 0");
                }
                assert_near(part.intercept, *intercept, &what);
                assert!(part.iterations < 40, "{what}: {} passes", part.iterations);
            }
            let ours = probabilities(&model, &rows);
            for (row, theirs) in fit.probabilities.iter().enumerate() {
                for (class, theirs) in theirs.iter().enumerate() {
                    assert!(
                        (ours[[row, class]] - theirs).abs() < 1e-7,
                        "{what}: {}, {theirs}",
                        ours[[row, class]]
                    );
                }
            }
        }
    }
}

#[test]
fn separable_rows_converge_under_the_weakest_penalty_and_are_refused_without_one() {
    let (rows, classes) = (array![[-2.0], [-1.0], [1.0], [2.0]], [0, 0, 1, 1]);
    for penalty in [Penalty::L2, Penalty::L1] {
        for c in [1e-6, 1.0, 1e6, 1e12] {
            let params = LogisticRegression::params().c(c).penalty(penalty);
            let model = params.fit(rows.view(), &classes, 2, &[]).unwrap();
            let part = &model.parts()[0];
            assert!(part.coefficients[0] >= 0.0 && part.coefficients[0].is_finite(), "{penalty:?} {c}");
            assert_eq!(part.coefficients[0] == 0.0, penalty == Penalty::L1 && c < 1e-3);
            assert!(
                part.intercept.abs() < 1e-6,
                "the rows are symmetric, the intercept is {}",
                part.intercept
            );
            let probabilities = probabilities(&model, &rows);
            assert!(probabilities[[0, 1]] <= 0.5 && probabilities[[3, 1]] >= 0.5);
        }
    }
    let without = LogisticRegression::params().penalty(Penalty::None);
    let error = without.fit(rows.view(), &classes, 2, &[]).unwrap_err();
    assert!(error.code() == "parameter" && error.to_string().contains("penalty"), "{error}");
}

/// At the minimum the gradient of the objective vanishes, whoever computes it; also with more columns than rows, equal
/// columns and constant ones.
#[test]
fn the_gradient_vanishes_at_the_fit() {
    let mut rng = Rng::new(9);
    for (n, m) in [(300, 6), (20, 60), (1_000, 9)] {
        let mut rows = Array2::from_shape_fn((n, m), |_| rng.normal());
        if m == 9 {
            rows.column_mut(4).fill(2.0);
            let copy = rows.column(0).to_owned();
            rows.column_mut(5).assign(&copy);
        }
        let classes: Vec<u32> =
            rows.outer_iter().map(|row| u32::from(row[0] - row[1] + 0.5 * rng.normal() > 1.0)).collect();
        let c = 3.0;
        let model = LogisticRegression::params().c(c).fit(rows.view(), &classes, 2, &[]).unwrap();
        let chances = probabilities(&model, &rows);
        let residuals: Vec<f64> =
            chances.column(1).iter().zip(&classes).map(|(p, &class)| p - f64::from(class)).collect();
        for (feature, coefficient) in model.parts()[0].coefficients.iter().enumerate() {
            let slope: f64 = rows.column(feature).iter().zip(&residuals).map(|(x, r)| x * r).sum();
            assert!((c * slope + coefficient).abs() < 1e-8, "{n} x {m}: {}", c * slope + coefficient);
        }
        assert!(residuals.iter().sum::<f64>().abs() < 1e-8);
    }
}

#[test]
fn contributions_add_up_to_the_log_odds() {
    let mut rng = Rng::new(4);
    let rows = Array2::from_shape_fn((200, 5), |_| rng.normal() + 1.0);
    for n_classes in [2, 3] {
        let classes: Vec<u32> = (0..200).map(|row| (row % n_classes) as u32).collect();
        let model = LogisticRegression::params().fit(rows.view(), &classes, n_classes, &[]).unwrap();
        let n_parts = model.parts().len();
        let mut margins = vec![f64::NAN; 200 * n_parts];
        model.margins(rows.view(), &mut margins);
        let mut means = vec![0.0; n_parts];
        for (row, margins) in rows.outer_iter().zip(margins.chunks(n_parts)) {
            for (part, margin) in margins.iter().enumerate() {
                let mut shares = [f64::NAN; 5];
                model.contributions(part, &row.to_vec(), &mut shares);
                assert!((model.base(part) + shares.iter().sum::<f64>() - margin).abs() < 1e-12);
                means[part] += margin / 200.0;
            }
        }
        for (part, mean) in means.iter().enumerate() {
            assert!((model.base(part) - mean).abs() < 1e-12, "the base is the average row's log-odds");
        }
    }
}

#[test]
fn one_class_is_refused() {
    let rows = array![[0.0], [1.0]];
    let code = |classes: &[u32], n| {
        LogisticRegression::params().fit(rows.view(), classes, n, &[]).unwrap_err().code()
    };
    for classes in [[1, 1], [0, 0]] {
        assert_eq!(code(&classes, 2), "labels");
    }
    assert_eq!(code(&[1], 2), "labels");
    assert_eq!(code(&[0, 1], 3), "labels");
    assert_eq!(code(&[0, 7], 2), "labels");
}

#[test]
fn unusable_values_and_parameters_are_refused() {
    let classes = [1, 0];
    for value in [f64::NAN, f64::INFINITY, 1e308] {
        let rows = array![[value, 0.0], [-value, 1.0]];
        let error = LogisticRegression::params().fit(rows.view(), &classes, 2, &[]).unwrap_err();
        assert_eq!(error.code(), "parameter");
    }
    let rows = array![[0.0], [1.0]];
    for c in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let fit = LogisticRegression::params().c(c).fit(rows.view(), &classes, 2, &[]);
        assert_eq!(fit.unwrap_err().code(), "parameter");
    }
    for weight in [0.0, -1.0, f64::NAN] {
        let fit = LogisticRegression::params().fit(rows.view(), &classes, 2, &[1.0, weight]);
        assert_eq!(fit.unwrap_err().code(), "parameter");
    }
}

/// However a fit is cut into steps, here by rows that are many or few for one.
#[test]
fn a_fit_goes_on_where_it_stopped() {
    let mut rng = Rng::new(2);
    let rows = Array2::from_shape_fn((30_000, 30), |_| rng.normal());
    let classes: Vec<u32> = rows.outer_iter().map(|row| u32::from(row[0] + rng.normal() > 0.5)).collect();
    let mut fitting = LogisticRegression::params().fitting(rows.view(), &classes, 2, &[]).unwrap();
    let (mut n_steps, mut last) = (0, 0);
    while !fitting.is_done() {
        let progress = fitting.step(rows.view()).unwrap();
        assert!(progress.done >= last && progress.done <= progress.total);
        last = progress.done;
        n_steps += 1;
    }
    assert_eq!(last, 1_000, "the end is the whole");
    let model = fitting.into_model();
    assert!(n_steps >= 4 * model.parts()[0].iterations, "{n_steps} steps");
    assert_eq!(model, LogisticRegression::params().fit(rows.view(), &classes, 2, &[]).unwrap());
}
