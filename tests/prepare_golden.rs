//! Preparation against scikit-learn's pipelines; see `tests/golden/scripts/prepare.py`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::features::Feature;
use isoscope::engine::plan::{Encode, Impute, Preparation, Scale};
use isoscope::engine::prepare::{FittedPreparation, Missing, Scaling, has_heavy_tail};
use ndarray::Array2;
use serde_json::Value;
use std::collections::BTreeSet;

const TOLERANCE: f64 = 1e-9;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/prepare.json")).unwrap()
}

/// `null` is a missing value.
fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap_or(f64::NAN)).collect()
}

fn texts(value: &Value) -> Vec<Option<&str>> {
    value.as_array().unwrap().iter().map(Value::as_str).collect()
}

fn fit(feature: &Feature, column: &[f64], preparation: &Preparation) -> FittedPreparation {
    let values = Array2::from_shape_vec((column.len(), 1), column.to_vec()).unwrap();
    FittedPreparation::fit(
        std::slice::from_ref(feature),
        values.view(),
        preparation,
        &BTreeSet::new(),
        Missing::Refused,
    )
    .unwrap()
    .0
}

fn transform(fitted: &FittedPreparation, feature: &Feature, column: &[f64]) -> Array2<f64> {
    let values = Array2::from_shape_vec((column.len(), 1), column.to_vec()).unwrap();
    fitted.of_features(std::slice::from_ref(feature)).unwrap().rows(values.view())
}

#[test]
fn numbers_equal_scikit_learns() {
    let mut n_compared = 0;
    for number in golden()["numbers"].as_array().unwrap() {
        let feature = Feature::new(number["name"].as_str().unwrap(), "", "");
        let (column, later) = (numbers(&number["values"]), numbers(&number["later"]));
        let known: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
        assert_eq!(has_heavy_tail(&known), number["heavyTail"].as_bool().unwrap(), "{}", feature.name);
        for expected in number["prepared"].as_array().unwrap() {
            let impute = match expected["impute"].as_str().unwrap() {
                "constant" => Impute::Constant(-1.5),
                name => serde_json::from_value(name.into()).unwrap(),
            };
            let scale: Scale = serde_json::from_value(expected["scale"].clone()).unwrap();
            let log1p = expected["log1p"].as_bool().unwrap();
            let preparation = Preparation { impute: Some(impute), scale, log1p, ..Preparation::default() };
            let fitted = fit(&feature, &column, &preparation);
            let what = format!("{} {impute:?} {scale:?} log1p {log1p}", feature.name);
            for (rows, key) in [(&column, "values"), (&later, "later")] {
                let (found, expected) = (transform(&fitted, &feature, rows), numbers(&expected[key]));
                // scikit-learn adds up with rounding, an error of its mean that the division by the spread makes larger.
                let exact = numbers(
                    &number["exact"].as_array().map_or(Value::Array(Vec::new()), |e| e.clone().into()),
                );
                let rounding = match exact[..] {
                    [mean, spread] if spread > 0.0 => {
                        column.len() as f64 * f64::EPSILON * mean.abs() / spread
                    }
                    _ => 0.0,
                };
                for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
                    let near = TOLERANCE * expected.abs().max(1.0) * (1.0 + rounding / TOLERANCE);
                    assert!(
                        (found - expected).abs() <= near,
                        "{what}, {key} {row}: {expected}, found {found}"
                    );
                    n_compared += 1;
                }
            }
            if !log1p && !number["heavyTail"].as_bool().unwrap() {
                let bent = Preparation { log1p: true, ..preparation };
                assert_eq!(fit(&feature, &column, &bent), fitted, "{what}: nothing to bend");
            }
        }
        let with_indicator = Preparation { indicators: true, ..Preparation::default() };
        let fitted = fit(&feature, &column, &with_indicator);
        if column.iter().any(|value| value.is_nan()) {
            assert_eq!(fitted.columns()[1].name, format!("{} is missing", feature.name));
            assert_eq!(transform(&fitted, &feature, &column).column(1).to_vec(), numbers(&number["missing"]));
        } else {
            assert_eq!(fitted.columns().len(), 1);
        }
    }
    assert!(n_compared > 5_000);
}

#[test]
fn means_and_deviations_are_exact_to_rounding() {
    let mut n_compared = 0;
    for number in golden()["numbers"].as_array().unwrap() {
        let Some(exact) = number["exact"].as_array() else { continue };
        let (mean, deviation) = (exact[0].as_f64().unwrap(), exact[1].as_f64().unwrap());
        let found = Scaling::fit(Scale::Standard, &numbers(&number["values"]));
        assert!((found.center - mean).abs() <= f64::EPSILON * mean.abs(), "{}: {found:?}", number["name"]);
        if found.scale != 1.0 {
            assert!((found.scale - deviation).abs() <= 1e-14 * deviation, "{}: {found:?}", number["name"]);
            n_compared += 1;
        }
    }
    assert!(n_compared >= 8);
}

#[test]
fn categories_equal_scikit_learns() {
    let mut n_compared = 0;
    for category in golden()["categories"].as_array().unwrap() {
        let (column, later) = (texts(&category["values"]), texts(&category["later"]));
        let (feature, values) = category_of(category["name"].as_str().unwrap(), &column);
        // A later file, whose values are met in another order.
        let backwards: Vec<Option<&str>> = later.iter().rev().copied().collect();
        let (later_feature, _) = category_of(&feature.name, &backwards);
        let place = |text: &Option<&str>| {
            text.map_or(f64::NAN, |text| later_feature.labels.iter().position(|l| l == text).unwrap() as f64)
        };
        let later_values: Vec<f64> = later.iter().map(place).collect();
        for expected in category["prepared"].as_array().unwrap() {
            let impute = match expected["impute"].as_str().unwrap() {
                "constant" => Impute::Constant(0.0),
                _ => Impute::MostFrequent,
            };
            let encode = expected["encode"].as_str().unwrap();
            let (encode, own) = encode.split_once(' ').unwrap_or((encode, "20"));
            let preparation = Preparation {
                impute: Some(impute),
                scale: Scale::None,
                encode: serde_json::from_value(encode.into()).unwrap(),
                max_categories: own.parse().unwrap(),
                ..Preparation::default()
            };
            let fitted = fit(&feature, &values, &preparation);
            for (feature, values, key) in
                [(&feature, &values, "values"), (&later_feature, &later_values, "later")]
            {
                let found = transform(&fitted, feature, values);
                let expected: Vec<Vec<f64>> = expected[key].as_array().unwrap().iter().map(numbers).collect();
                assert_eq!(found.nrows(), expected.len());
                for (row, expected) in expected.iter().enumerate() {
                    let found = found.row(row).to_vec();
                    let what = format!("{} {impute:?} {encode} {own}, {key} {row}", feature.name);
                    if preparation.encode == Encode::Frequency {
                        assert!((found[0] - expected[0]).abs() <= 1e-15, "{what}");
                    } else {
                        assert_eq!(&found, expected, "{what}");
                    }
                    n_compared += 1;
                }
            }
        }
    }
    assert!(n_compared > 2_000);
}

/// A feature with labels in order of first appearance, and the places of its values.
fn category_of(name: &str, column: &[Option<&str>]) -> (Feature, Vec<f64>) {
    let mut labels: Vec<String> = Vec::new();
    let place = |text: &Option<&str>| {
        let Some(text) = text else { return f64::NAN };
        let place = labels.iter().position(|label| label == text).unwrap_or_else(|| {
            labels.push((*text).to_owned());
            labels.len() - 1
        });
        place as f64
    };
    let values = column.iter().map(place).collect();
    (Feature { labels, ..Feature::new(name, "", "") }, values)
}
