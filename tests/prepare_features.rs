//! Preparation of features: what the model sees of them, what it does not, and how it is applied later.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::features::{Feature, FeatureMatrix};
use isoscope::engine::finding::{Finding, FindingKind};
use isoscope::engine::math;
use isoscope::engine::plan::{Encode, FeaturePreparation, Impute, Preparation, Scale};
use isoscope::engine::prepare::{FittedPreparation, Missing};
use ndarray::{Array2, array, s};
use std::collections::BTreeSet;

const NONE: f64 = f64::NAN;

fn number(name: &str) -> Feature {
    Feature::new(name, name, "")
}

fn category(name: &str, labels: &[&str]) -> Feature {
    Feature { labels: labels.iter().map(|&label| label.to_owned()).collect(), ..number(name) }
}

fn fit(
    features: &[Feature],
    values: &Array2<f64>,
    preparation: &Preparation,
) -> (FittedPreparation, Vec<Finding>) {
    fit_for(features, values, preparation, Missing::Refused)
}

fn fit_for(
    features: &[Feature],
    values: &Array2<f64>,
    preparation: &Preparation,
    missing: Missing,
) -> (FittedPreparation, Vec<Finding>) {
    FittedPreparation::fit(features, values.view(), preparation, &BTreeSet::new(), missing).unwrap()
}

fn rows(fitted: &FittedPreparation, features: &[Feature], values: &Array2<f64>) -> Array2<f64> {
    fitted.of_features(features).unwrap().rows(values.view())
}

fn names(fitted: &FittedPreparation) -> Vec<&str> {
    fitted.columns().iter().map(|column| column.name.as_str()).collect()
}

fn unscaled() -> Preparation {
    Preparation { scale: Scale::None, ..Preparation::default() }
}

fn kinds(findings: &[Finding]) -> Vec<(&str, Option<&str>)> {
    findings.iter().map(|finding| (finding.kind.code(), finding.column.as_deref())).collect()
}

#[test]
fn what_cannot_tell_rows_apart_is_left_out_and_said() {
    let features =
        ["varies", "constant", "empty", "copy", "gap", "minus zero"].map(number).into_iter().chain([
            category("country", &["Germany", "France"]),
            category("code", &["DE", "FR"]),
            category("one", &["x"]),
        ]);
    let features: Vec<Feature> = features.collect();
    let values = array![
        [1.0, 7.0, NONE, 1.0, 5.0, 0.0, 0.0, 0.0, 0.0],
        [2.0, 7.0, NONE, 2.0, NONE, -0.0, 1.0, 1.0, 0.0],
        [4.0, 7.0, NONE, 4.0, 5.0, 0.0, 0.0, 0.0, 0.0]
    ];
    let (fitted, findings) = fit(&features, &values, &unscaled());
    assert_eq!(names(&fitted), ["varies", "country=France", "country=Germany"]);
    let told = [
        ("constant-feature", Some("constant")),
        ("empty-feature", Some("empty")),
        ("duplicate-feature", Some("copy")),
        ("constant-feature", Some("gap")),
        ("constant-feature", Some("minus zero")),
        ("duplicate-feature", Some("code")),
        ("constant-feature", Some("one")),
    ];
    assert_eq!(kinds(&findings), told);
    let prepared = rows(&fitted, &features, &values);
    assert_eq!(prepared, array![[1.0, 0.0, 1.0], [2.0, 1.0, 0.0], [4.0, 0.0, 1.0]]);
    assert_eq!(fitted.by_feature(&[0.5, 0.25, -0.125], 9), [0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.125, 0.0, 0.0]);

    let wishes = Preparation { indicators: true, impute: Some(Impute::Constant(0.0)), ..unscaled() };
    let (fitted, findings) = fit(&features[4..5], &values.slice(s![.., 4..5]).to_owned(), &wishes);
    assert_eq!(names(&fitted), ["gap", "gap is missing"]);
    assert_eq!(kinds(&findings), [("imputed-values", Some("gap"))]);
    let wishes = Preparation { impute: Some(Impute::Median), ..wishes };
    let (fitted, _) = fit(&features[4..5], &values.slice(s![.., 4..5]).to_owned(), &wishes);
    assert_eq!(names(&fitted), ["gap is missing"], "filled, only its gaps tell rows apart");
}

/// Models that do with missing values are given them, where the plan names nothing to stand for them.
#[test]
fn gaps_stay_for_models_that_welcome_them() {
    let features = [number("gap"), number("bent"), category("country", &["Norway", "France"])];
    let values = array![
        [5.0, 0.0, 0.0],
        [NONE, 3.0, NONE],
        [5.0, NONE, 1.0],
        [5.0, 900.0, 0.0],
        [5.0, 4.0, 0.0],
        [5.0, 4.0, 0.0],
        [5.0, 4.0, 0.0]
    ];
    let fit = |wishes: &Preparation| fit_for(&features, &values, wishes, Missing::Welcome);
    let (fitted, findings) = fit(&Preparation { log1p: true, scale: Scale::MinMax, ..unscaled() });
    assert_eq!(names(&fitted), ["gap", "bent", "country=France", "country=Norway", "country=missing"]);
    assert_eq!(kinds(&findings), []);
    let prepared = rows(&fitted, &features, &values);
    let is_missing = |column: usize| prepared.column(column).iter().map(|x| x.is_nan()).collect::<Vec<_>>();
    assert_eq!(is_missing(0), [false, true, false, false, false, false, false]);
    assert_eq!(is_missing(1), [false, false, true, false, false, false, false]);
    assert_eq!((prepared[[0, 1]], prepared[[3, 1]]), (0.0, 1.0), "the scale is that of the known values");
    assert_eq!(prepared.column(4), array![0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(fitted.check(&features, Missing::Welcome), Ok(()));
    assert!(fitted.check(&features, Missing::Refused).is_err(), "another model would be given gaps");

    let named = FeaturePreparation { impute: Some(Impute::Median), ..FeaturePreparation::default() };
    let of_bent = Preparation { features: [("bent".to_owned(), named)].into(), ..unscaled() };
    for wishes in [of_bent, Preparation { impute: Some(Impute::Median), ..unscaled() }] {
        let (fitted, _) = fit(&wishes);
        let bent = names(&fitted).iter().position(|name| *name == "bent").unwrap();
        assert_eq!(rows(&fitted, &features, &values)[[2, bent]], 4.0, "filled where the plan says so");
    }
}

#[test]
fn without_anything_that_varies_one_feature_stays() {
    for values in [array![[3.0, 5.0], [3.0, 5.0]], array![[NONE, NONE], [NONE, NONE]], array![[3.0, 5.0]]] {
        let features = [number("a"), number("b")];
        let (fitted, findings) = fit(&features, &values, &Preparation::default());
        assert_eq!(names(&fitted), ["a"]);
        assert_eq!(rows(&fitted, &features, &values), Array2::<f64>::zeros((values.nrows(), 1)));
        assert_eq!(findings.is_empty(), values.nrows() == 1, "of one row nothing is said");
    }
}

#[test]
fn omitted_features_are_not_seen_and_all_of_them_is_refused() {
    let features = [number("a"), number("b")];
    let values = array![[1.0, 1.0], [2.0, 2.0]];
    let omitted = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    let fit = |names: &[&str]| {
        let (names, wishes) = (omitted(names), Preparation::default());
        FittedPreparation::fit(&features, values.view(), &wishes, &names, Missing::Refused)
    };
    let (fitted, findings) = fit(&["a", "no feature of this recipe"]).unwrap();
    assert_eq!((names(&fitted), fitted.columns()[0].feature), (vec!["b"], 1));
    assert!(findings.is_empty(), "a copy of what is omitted is no copy");
    let refused = fit(&["a", "b"]).unwrap_err().to_string();
    assert!(refused.contains("omitted") && refused.contains("all of 2"), "{refused}");
}

#[test]
fn very_many_findings_of_a_kind_are_counted_together() {
    let features: Vec<Feature> = (0..1_000).map(|i| number(&format!("f{i}"))).collect();
    let values = Array2::from_shape_fn((3, 1_000), |(row, _)| row as f64);
    let (fitted, findings) = fit(&features, &values, &Preparation::default());
    assert_eq!(fitted.columns().len(), 1);
    assert!(findings.iter().all(|finding| finding.kind == FindingKind::DuplicateFeature));
    assert!(findings.len() < 100);
    assert_eq!(findings.iter().map(|finding| finding.count).sum::<u64>(), 999);
}

#[test]
fn infinite_and_huge_values_stay_finite() {
    let limit = FeatureMatrix::MAX_MAGNITUDE;
    let features = [number("a")];
    let values = array![[f64::INFINITY], [f64::NEG_INFINITY], [1e308], [3.0], [3.0], [1e-300], [NONE]];
    for scale in [Scale::Standard, Scale::Robust, Scale::MinMax, Scale::None] {
        for impute in [Impute::Median, Impute::Mean, Impute::MostFrequent, Impute::Constant(1e300)] {
            let wishes = Preparation { scale, impute: Some(impute), log1p: true, ..Preparation::default() };
            let prepared = rows(&fit(&features, &values, &wishes).0, &features, &values);
            assert!(prepared.iter().all(|value| value.abs() <= limit), "{scale:?} {impute:?}: {prepared}");
        }
    }
    let tiny = fit(&features, &array![[0.0], [1e-300], [2e-300]], &Preparation::default()).0;
    assert_eq!(rows(&tiny, &features, &array![[1e140], [-1e140]]), array![[limit], [-limit]]);
}

#[test]
fn a_fitted_preparation_is_applied_to_a_later_file() {
    let features = [number("hours"), category("city", &["Bern", "Oslo", "Rome"])];
    let values = array![[1.0, 0.0], [2.0, 0.0], [NONE, 1.0], [9.0, 1.0], [4.0, 2.0]];
    let wishes = Preparation { max_categories: 2, indicators: true, ..unscaled() };
    let (fitted, _) = fit(&features, &values, &wishes);
    assert_eq!(names(&fitted), ["hours", "hours is missing", "city=Bern", "city=Oslo", "city=other"]);

    // Columns elsewhere, labels in another order, a value never seen, and gaps where there were none.
    let later = [category("city", &["Kyiv", "Oslo"]), number("more"), number("hours")];
    let expected = array![[3.0, 1.0, 0.0, 0.0, 1.0], [7.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0]];
    let rows_later = array![[0.0, 0.5, NONE], [1.0, 0.5, 7.0], [NONE, 0.5, 0.0]];
    assert_eq!(rows(&fitted, &later, &rows_later), expected);

    let saved = serde_json::to_string(&fitted).unwrap();
    let restored: FittedPreparation = serde_json::from_str(&saved).unwrap();
    assert_eq!(restored, fitted);
    assert_eq!(rows(&restored, &later, &rows_later), expected);

    let refused = |features: &[Feature]| fitted.of_features(features).unwrap_err().to_string();
    assert!(refused(&later[..2]).contains("\"hours\""));
    assert!(refused(&[number("hours"), number("city")]).contains("other kind"));
}

#[test]
fn unseen_categories_go_where_the_encoder_says() {
    let features = [category("city", &["Bern", "Oslo", "Rome", "Kyiv"])];
    let seen = array![[2.0], [0.0], [2.0], [1.0]];
    let unseen = array![[3.0]];
    let of = |encode, max_categories| {
        let wishes = Preparation { encode, max_categories, ..unscaled() };
        let fitted = fit(&features, &seen, &wishes).0;
        (rows(&fitted, &features, &seen), rows(&fitted, &features, &unseen))
    };
    assert_eq!(of(Encode::OneHot, 20).1, array![[0.0, 0.0, 0.0]]);
    assert_eq!(of(Encode::OneHot, 1).1, array![[0.0, 1.0]]);
    assert_eq!(of(Encode::Label, 20), (array![[0.0], [1.0], [0.0], [2.0]], array![[3.0]]));
    assert_eq!(of(Encode::Ordinal, 20), (array![[2.0], [0.0], [2.0], [1.0]], array![[3.0]]));
    assert_eq!(of(Encode::Frequency, 20), (array![[0.5], [0.25], [0.5], [0.25]], array![[0.0]]));
}

#[test]
fn ten_thousand_categories_are_a_handful_of_columns() {
    let labels: Vec<String> = (0..10_000).map(|i| format!("c{i}")).collect();
    let features = [Feature { labels, ..number("c") }];
    let values = Array2::from_shape_fn((30_000, 1), |(row, _)| ((row * row) % 10_000) as f64);
    let (fitted, _) = fit(&features, &values, &Preparation::default());
    assert_eq!(fitted.columns().len(), 21);
    let prepared = rows(&fitted, &features, &values);
    assert!(prepared.rows().into_iter().all(|row| row.sum() == 1.0), "each row is in one column");
}

#[test]
fn a_feature_may_be_prepared_otherwise_than_the_rest() {
    let features = [number("a"), number("b"), category("c", &["x", "y"])];
    let values = array![[0.0, 0.0, 0.0], [1.0, 2.0, 1.0], [NONE, 4.0, 1.0]];
    let own = FeaturePreparation {
        impute: Some(Impute::Constant(3.0)),
        scale: Some(Scale::None),
        log1p: Some(true),
        encode: Some(Encode::Ordinal),
    };
    let mut wishes = Preparation { scale: Scale::MinMax, ..Preparation::default() };
    wishes.features.extend(["a", "c"].map(|name| (name.to_owned(), own.clone())));
    let prepared = rows(&fit(&features, &values, &wishes).0, &features, &values);
    let expected = array![[0.0, 0.0, 0.0], [math::ln(2.0), 0.5, 1.0], [math::ln(4.0), 1.0, 1.0]];
    assert!((&prepared - &expected).iter().all(|difference| difference.abs() < 1e-15), "{prepared}");
}

#[test]
fn blocks_are_prepared_as_the_whole() {
    let features = [number("a"), category("b", &["x", "y", "z"])];
    let values = Array2::from_shape_fn((50, 2), |(row, column)| match (row % 7, column) {
        (0, _) => NONE,
        (_, 0) => (row * row) as f64,
        _ => (row % 3) as f64,
    });
    let fitted = fit(&features, &values, &Preparation { indicators: true, ..Preparation::default() }).0;
    let whole = rows(&fitted, &features, &values);
    let transform = fitted.of_features(&features).unwrap();
    for n_rows in [1, 7, 49] {
        for start in (0..50).step_by(n_rows) {
            let end = (start + n_rows).min(50);
            assert_eq!(transform.rows(values.slice(s![start..end, ..])), whole.slice(s![start..end, ..]));
        }
    }
    assert_eq!((50, transform.n_columns()), whole.dim());
    for (place, column) in whole.columns().into_iter().enumerate() {
        assert_eq!(transform.column(values.view(), place), column.to_vec(), "{}", names(&fitted)[place]);
    }
}
