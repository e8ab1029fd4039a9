//! Models for other programs. The files of `golden/interchange` were written here; `golden/scripts/interchange.py` has put
//! them through xgboost and onnxruntime, whose predictions are beside them, and has had xgboost write models of its own.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::detect::Detector as _;
use isoscope::engine::detect::iforest::IsolationForest;
use isoscope::engine::detect::threshold::{by_budget, flags};
use isoscope::engine::features::Feature;
use isoscope::engine::interchange::{onnx, xgboost};
use isoscope::engine::learn::boosting::Boosting;
use isoscope::engine::learn::forest::Forest;
use isoscope::engine::learn::trees::Target;
use isoscope::engine::learn::{self, Model, ModelName};
use isoscope::engine::plan::{Encode, Preparation};
use isoscope::engine::prepare::{FittedPreparation, Missing};
use isoscope::engine::rng::Rng;
use ndarray::{Array2, ArrayView2, array};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/interchange")
}

/// A model's file, the rows that are put through it, and what we predict.
#[derive(Serialize)]
struct File {
    name: String,
    #[serde(skip)]
    bytes: Vec<u8>,
    /// Rows of numbers, `None` where missing; or of features as they are measured.
    rows: Vec<Vec<Option<f64>>>,
    /// Of the last features of each row, those that are categories.
    texts: Vec<Vec<String>>,
    /// Names of the inputs where each feature is one.
    inputs: Vec<String>,
    outputs: Vec<Vec<f64>>,
}

/// Rows with gaps, and targets of them: values, two classes, three.
fn data() -> (Array2<f64>, Vec<f64>, Vec<u32>, Vec<u32>) {
    let mut rng = Rng::new(17);
    let rows = Array2::from_shape_fn((120, 4), |(_, feature)| match feature {
        0 => rng.normal(),
        1 => 1e6 * rng.normal(),
        2 => (3.0 * rng.normal()).round(),
        _ => {
            if rng.uniform() < 0.3 {
                f64::NAN
            } else {
                rng.uniform()
            }
        }
    });
    let filled = rows.map(|x| if x.is_nan() { 2.0 } else { *x });
    let values: Vec<f64> = filled.outer_iter().map(|row| row[0] * row[2] + row[3]).collect();
    let two = values.iter().map(|&value| u32::from(value > 1.0)).collect();
    let three = values
        .iter()
        .map(|&value| {
            if value < 0.0 {
                0
            } else if value < 2.0 {
                1
            } else {
                2
            }
        })
        .collect();
    (rows, values, two, three)
}

fn table(rows: ArrayView2<'_, f64>) -> Vec<Vec<Option<f64>>> {
    rows.outer_iter().map(|row| row.iter().map(|x| (!x.is_nan()).then_some(*x)).collect()).collect()
}

fn chunks(outputs: &[f64], n_rows: usize) -> Vec<Vec<f64>> {
    outputs.chunks_exact(outputs.len() / n_rows).map(<[f64]>::to_vec).collect()
}

fn outputs_of(n_outputs: usize, n_rows: usize, write: impl Fn(&mut [f64])) -> Vec<Vec<f64>> {
    let mut outputs = vec![0.0; n_outputs * n_rows];
    write(&mut outputs);
    chunks(&outputs, n_rows)
}

fn files() -> Vec<File> {
    let (rows, values, two, three) = data();
    let names: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).into();
    let targets = [
        ("values", Target::Values(&values)),
        ("two", Target::Classes { classes: &two, n_classes: 2 }),
        ("three", Target::Classes { classes: &three, n_classes: 3 }),
    ];
    let mut files = Vec::new();
    let file = |name: String, bytes: Vec<u8>, outputs: Vec<Vec<f64>>| File {
        name,
        bytes,
        rows: table(rows.view()),
        texts: Vec::new(),
        inputs: Vec::new(),
        outputs,
    };
    for (what, target) in targets {
        let model = Boosting::params().trees(4).max_depth(3).fit(rows.view(), target, None).unwrap();
        let outputs = outputs_of(model.n_outputs(), 120, |outputs| model.outputs(rows.view(), outputs));
        let text = xgboost::write(&model, &names);
        files.push(file(format!("boosting_{what}.json"), text.into_bytes(), outputs.clone()));
        let bytes = onnx::write(&Model::Boosting(model), None);
        files.push(file(format!("boosting_{what}.onnx"), bytes, outputs));
        let model = Forest::params().trees(3).max_depth(4).fit(rows.view(), target, None).unwrap();
        let outputs = outputs_of(model.n_outputs(), 120, |outputs| model.outputs(rows.view(), outputs));
        let bytes = onnx::write(&Model::Forest(model), None);
        files.push(file(format!("forest_{what}.onnx"), bytes, outputs));
    }
    files.push(prepared(ModelName::Logistic, "two", &two));
    files.push(prepared(ModelName::Logistic, "three", &three));
    files.push(prepared(ModelName::Boosting, "two", &two));
    let filled = rows.map(|x| if x.is_nan() { 2.0 } else { *x });
    let (bytes, outputs) = forest(filled.view(), None);
    files.push(File { rows: table(filled.view()), ..file("isolation.onnx".to_owned(), bytes, outputs) });
    let Measured { fitted, rows, texts, inputs, seen } = measured(Missing::Refused);
    let (bytes, outputs) = forest(seen.view(), Some(&fitted));
    files.push(File { name: "isolation_prepared.onnx".to_owned(), bytes, rows, texts, inputs, outputs });
    files
}

/// An Isolation Forest of rows, some of which are equal, and their scores and flags. The threshold is the score of a row, which
/// has no flag.
fn forest(rows: ArrayView2<'_, f64>, preparation: Option<&FittedPreparation>) -> (Vec<u8>, Vec<Vec<f64>>) {
    let model = IsolationForest::params().trees(20).subsample(64).seed(3).fit(rows).unwrap();
    let mut scores = vec![0.0; rows.nrows()];
    model.score_block(rows, &mut scores);
    let threshold = by_budget(&scores, 12);
    let flags = flags(&scores, threshold);
    assert!(scores.contains(&threshold) && flags.iter().filter(|&&flag| flag == 1).count() == 12);
    let outputs = scores.into_iter().zip(flags).map(|(score, flag)| vec![score, f64::from(flag)]);
    (onnx::write_forest(&model, preparation, threshold), outputs.collect())
}

/// Two numbers, one with gaps, a count and a category, and what a model sees of them that refuses what is missing or welcomes it.
struct Measured {
    fitted: FittedPreparation,
    rows: Vec<Vec<Option<f64>>>,
    texts: Vec<Vec<String>>,
    inputs: Vec<String>,
    seen: Array2<f64>,
}

fn measured(missing: Missing) -> Measured {
    let (numbers, ..) = data();
    let cities = ["Oslo", "Bergen", "Oslo", "Tromsø", "Oslo"];
    let mut labels: Vec<String> = Vec::new();
    let mut values = Array2::zeros((120, 4));
    let mut texts = Vec::new();
    for row in 0..120 {
        let city = if row % 11 == 3 { "" } else { cities[row % 5] };
        texts.push(vec![city.to_owned()]);
        let place = labels.iter().position(|label| label == city);
        let place = match (city, place) {
            ("", _) => f64::NAN,
            (_, Some(place)) => place as f64,
            _ => {
                labels.push(city.to_owned());
                labels.len() as f64 - 1.0
            }
        };
        let number = numbers.row(row);
        values.row_mut(row).assign(&array![number[0], number[3], (number[1] / 1e5).abs(), place]);
    }
    let feature = |name: &str, labels: Vec<String>| Feature { labels, ..Feature::new(name, name, "") };
    let features = vec![
        feature("amount", Vec::new()),
        feature("label", Vec::new()),
        feature("count", Vec::new()),
        feature("city", labels),
    ];
    let preparation = Preparation {
        encode: Encode::OneHot,
        indicators: missing == Missing::Refused,
        log1p: true,
        max_categories: 2,
        ..Preparation::default()
    };
    let (fitted, _) =
        FittedPreparation::fit(&features, values.view(), &preparation, &BTreeSet::new(), missing).unwrap();
    let transform = fitted.of_features(&features).unwrap();
    Measured {
        rows: table(values.slice(ndarray::s![.., ..3])),
        texts,
        inputs: features.iter().map(|feature| feature.name.clone()).collect(),
        seen: transform.rows(values.view()),
        fitted,
    }
}

/// A model with its preparation in front: a logistic regression, or boosted trees, which are given what is missing.
fn prepared(name: ModelName, what: &str, classes: &[u32]) -> File {
    let Measured { fitted, rows, texts, inputs, seen } = measured(name.missing());
    let n_classes = classes.iter().max().map_or(0, |most| *most as usize + 1);
    let params = learn::Params {
        model: name,
        boosting: Boosting::params().trees(4).max_depth(3),
        ..learn::Params::default()
    };
    let target = Target::Classes { classes, n_classes };
    let mut fitting = params.fitting(seen.view(), target, &[], 1).unwrap();
    while !fitting.is_done() {
        fitting.step(seen.view()).unwrap();
    }
    let model = fitting.finish().model;
    let outputs = outputs_of(n_classes, 120, |outputs| model.outputs(seen.view(), outputs));
    let name = if name == ModelName::Logistic { "logistic" } else { "boosting" };
    File {
        name: format!("{name}_{what}_prepared.onnx"),
        bytes: onnx::write(&model, Some(&fitted)),
        rows,
        texts,
        inputs,
        outputs,
    }
}

#[derive(Deserialize)]
struct Verified {
    /// By file.
    predictions: std::collections::BTreeMap<String, Vec<Vec<f64>>>,
    /// Models that xgboost wrote.
    foreign: Vec<Foreign>,
}

#[derive(Deserialize)]
struct Foreign {
    name: String,
    model: serde_json::Value,
    rows: Vec<Vec<Option<f64>>>,
    outputs: Vec<Vec<f64>>,
}

fn verified() -> Verified {
    serde_json::from_str(include_str!("golden/interchange/verified.json")).unwrap()
}

fn assert_close(name: &str, ours: &[Vec<f64>], theirs: &[Vec<f64>]) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (row, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (a, b) in ours.iter().zip(theirs) {
            assert!(
                (a - b).abs() <= 1e-5 * a.abs().max(1.0),
                "{name}, row {row}: {ours:?}, theirs {theirs:?}"
            );
        }
    }
}

/// Writes what the script checks. Run with `--ignored` after a change of what is written, then the script.
#[test]
#[ignore = "writes files"]
fn write_files() {
    std::fs::create_dir_all(folder()).unwrap();
    for file in files() {
        std::fs::write(folder().join(&file.name), &file.bytes).unwrap();
    }
    std::fs::write(folder().join("expected.json"), serde_json::to_string(&files()).unwrap() + "\n").unwrap();
}

#[test]
fn other_programs_predict_the_same() {
    let verified = verified();
    let files = files();
    assert_eq!(files.len(), verified.predictions.len());
    for file in files {
        let checked = std::fs::read(folder().join(&file.name)).unwrap();
        assert!(checked == file.bytes, "{} is not the file that was checked", file.name);
        assert_close(&file.name, &file.outputs, &verified.predictions[&file.name]);
    }
}

fn read_matrix(rows: &[Vec<Option<f64>>]) -> Array2<f64> {
    let values = rows.iter().flatten().map(|value| value.unwrap_or(f64::NAN));
    Array2::from_shape_vec((rows.len(), rows[0].len()), values.collect()).unwrap()
}

#[test]
fn models_of_xgboost_predict_as_there() {
    let foreign = verified().foreign;
    assert!(foreign.len() >= 5);
    for case in foreign {
        let text = case.model.to_string();
        let (model, _) = xgboost::read(&text).unwrap();
        let rows = read_matrix(&case.rows);
        let outputs =
            outputs_of(model.n_outputs(), rows.nrows(), |outputs| model.outputs(rows.view(), outputs));
        assert_close(&case.name, &outputs, &case.outputs);
        assert!(model.importance().iter().sum::<f64>() > 0.99, "{}", case.name);
        // Written again and read again it is the same model.
        let (again, _) = xgboost::read(&xgboost::write(&model, &[])).unwrap();
        let written =
            outputs_of(model.n_outputs(), rows.nrows(), |outputs| again.outputs(rows.view(), outputs));
        assert_close(&case.name, &outputs, &written);
    }
}

#[test]
fn what_is_written_can_be_read() {
    let (rows, ..) = data();
    for file in files().into_iter().filter(|file| file.name.ends_with(".json")) {
        let (model, names) = xgboost::read(std::str::from_utf8(&file.bytes).unwrap()).unwrap();
        assert_eq!(names, ["a", "b", "c", "d"]);
        let outputs = outputs_of(model.n_outputs(), 120, |outputs| model.outputs(rows.view(), outputs));
        assert_close(&file.name, &outputs, &file.outputs);
    }
}

#[test]
fn what_is_no_model_is_refused_with_what_was_expected() {
    let good = String::from_utf8(files().swap_remove(0).bytes).unwrap();
    let refused = |text: &str| {
        let error = xgboost::read(text).unwrap_err();
        assert_eq!(error.code(), "wrong-format");
        error.to_string()
    };
    let nothing = refused("{}");
    assert!(
        nothing.contains("save_model") && nothing.contains("found JSON without the part \"learner\""),
        "{nothing}"
    );
    assert!(!nothing.contains("guessed"), "that is said of logs: {nothing}");
    assert!(refused(&good[..good.len() / 2]).contains("save_model"));
    assert!(refused(&good.replace("gbtree\"", "dart\"")).contains("gbtree"));
    assert!(refused(&good.replace("reg:squarederror", "rank:ndcg")).contains("rank:ndcg"));
    for (from, to) in [
        ("\"num_feature\":\"4\"", "\"num_feature\":\"1\""),
        ("\"num_feature\":\"4\"", "\"num_feature\":\"99999999999\""),
        ("\"tree_info\":[0,", "\"tree_info\":[7,"),
        ("\"left_children\":[1,", "\"left_children\":[0,"),
        ("\"left_children\":[1,", "\"left_children\":[99,"),
        ("\"left_children\":[1,", "\"left_children\":[1,1,"),
        ("\"base_score\":\"", "\"base_score\":\"NaN"),
    ] {
        assert!(good.contains(from), "{from}");
        refused(&good.replace(from, to));
    }
}
