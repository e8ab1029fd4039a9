//! Learned models as files for other programs, and back, through the protocol.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod session_support;

use isoscope::engine::interchange::xgboost;
use isoscope::engine::rng::Rng;
use isoscope::engine::session::Session;
use isoscope::protocol::{ExportFile, Response};
use serde_json::{Value, json};
use session_support::{Failure, analyze, call, export, ingest, learn};

/// People with a category, gaps, three teams, and pay that follows hours. Numbers are not rounded: one midway between two
/// others would lie on a cut, where 32 bits may send it to the other side.
fn session() -> Session {
    let mut rng = Rng::new(3);
    let mut csv = "employee_id,hours,tasks,office,pay,team,is_anomaly\n".to_owned();
    for row in 0..240 {
        let (hours, tasks) = (30.0 + 10.0 * rng.uniform(), 20.0 + 10.0 * rng.uniform());
        let office = ["Oslo", "Rome", "Graz"][row % 3];
        let team = ["ops", "sales", "law"][(row + usize::from(rng.uniform() < 0.1)) % 3];
        let is_anomaly = u8::from(hours - tasks + 2.0 * rng.normal() > 15.5);
        let tasks = if row % 17 == 3 { String::new() } else { tasks.to_string() };
        let pay = 50.0 * hours + 10.0 * rng.normal();
        csv.push_str(&format!("E{row},{hours},{tasks},{office},{pay},{team},{is_anomaly}\n"));
    }
    let mut session = Session::default();
    ingest(&mut session, csv.as_bytes()).unwrap();
    analyze(&mut session, json!({ "recipe": "table", "label": "is_anomaly" })).unwrap();
    session
}

fn file(session: &mut Session, kind: &str) -> Result<ExportFile, Failure> {
    match call(session, "export", json!({ "kind": kind }))? {
        Response::File(file) => Ok(file),
        other => panic!("a file, not {other:?}"),
    }
}

fn targets() -> [Value; 3] {
    [json!("label"), json!({ "column": "team" }), json!({ "column": "pay" })]
}

#[test]
fn boosted_trees_go_out_and_come_back_as_they_were() {
    let mut session = session();
    for target in targets() {
        let options =
            json!({ "model": "boosting", "boosting": { "trees": 12 }, "target": target, "seed": 5 });
        let ours = learn(&mut session, options).unwrap();
        let text = export(&mut session, "xgboost-json");
        let theirs = learn(&mut session, json!({ "xgboost": text, "target": target, "seed": 5 })).unwrap();
        assert_eq!((theirs.model, theirs.test_rows), (ours.model, ours.test_rows));
        assert!(theirs.notes.iter().any(|note| note.contains("learned elsewhere")), "{:?}", theirs.notes);
        let pairs = ours.predictions.iter().zip(&theirs.predictions);
        let pairs = pairs.chain(ours.probabilities.iter().zip(&theirs.probabilities));
        for (a, b) in pairs {
            assert!((a - b).abs() <= 1e-5 * a.abs().max(1.0), "{target}: {a} and {b}");
        }
        // The preparation is the same, so what is written again is the same but for rounding.
        let (model, names) = xgboost::read(&export(&mut session, "xgboost-json")).unwrap();
        let columns: Vec<&str> = theirs.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(
            (names, model.n_features()),
            (columns.iter().map(|&name| name.to_owned()).collect(), columns.len())
        );
        call(&mut session, "explainLearned", json!({ "row": 3 })).unwrap();
    }
}

#[test]
fn every_learner_is_written_as_onnx_with_its_preparation() {
    let mut session = session();
    for model in ["logistic", "forest", "boosting"] {
        learn(&mut session, json!({ "model": model, "target": "label" })).unwrap();
        let onnx = file(&mut session, "onnx").unwrap();
        assert_eq!(
            (onnx.name.as_str(), onnx.mime.as_str()),
            ("isoscope-model.onnx", "application/octet-stream")
        );
        for name in ["hours", "tasks", "office", "probabilities", "label"] {
            assert!(onnx.bytes.windows(name.len()).any(|at| at == name.as_bytes()), "{model}: {name}");
        }
    }
}

#[test]
fn an_isolation_forest_is_written_as_onnx_and_other_detectors_are_refused() {
    let mut session = session();
    let onnx = file(&mut session, "detector-onnx").unwrap();
    assert_eq!(
        (onnx.name.as_str(), onnx.mime.as_str()),
        ("isoscope-detector.onnx", "application/octet-stream")
    );
    for name in ["hours", "tasks", "office", "score", "flag", "TreeEnsembleRegressor"] {
        assert!(onnx.bytes.windows(name.len()).any(|at| at == name.as_bytes()), "{name}");
    }
    call(&mut session, "setThreshold", json!({ "budget": 3 })).unwrap();
    let moved = file(&mut session, "detector-onnx").unwrap();
    assert!(moved.bytes != onnx.bytes && moved.bytes.len() == onnx.bytes.len(), "the threshold in force");

    let extended = json!({ "iforest": { "extensionLevel": 1 } });
    for (plan, found) in [
        (json!({ "recipe": "table", "detector": "hbos" }), "found hbos"),
        (json!({ "recipe": "table", "detector": ["iforest", "knn"] }), "found iforest, knn"),
        (json!({ "recipe": "table", "parameters": extended }), "found iforest with an extensionLevel of 1"),
    ] {
        analyze(&mut session, plan).unwrap();
        let (code, message) = file(&mut session, "detector-onnx").unwrap_err();
        assert_eq!(code, "parameter");
        assert!(message.contains(found) && message.contains("iforest alone"), "{message}");
    }
}

#[test]
fn what_a_model_sees_is_written_as_it_sees_it() {
    let mut session = session();
    let learned = learn(&mut session, json!({ "model": "forest", "target": "label" })).unwrap();
    let text = export(&mut session, "prepared");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let columns = learned.columns.iter().map(|column| column.name.clone());
    assert_eq!(
        header,
        ["entity", "held_out"].map(str::to_owned).into_iter().chain(columns).collect::<Vec<_>>()
    );
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), learned.predictions.len());
    let learner = session.learner().unwrap();
    let values: Vec<f64> = records
        .iter()
        .flat_map(|record| record.iter().skip(2).map(|cell| cell.parse().unwrap()).collect::<Vec<f64>>())
        .collect();
    let rows = ndarray::Array2::from_shape_vec((records.len(), learned.columns.len()), values).unwrap();
    let mut outputs = vec![0.0; 2 * records.len()];
    learner.model.outputs(rows.view(), &mut outputs);
    let of_second: Vec<f64> = outputs.iter().skip(1).step_by(2).copied().collect();
    assert_eq!(of_second, learned.probabilities);
    let held_out: Vec<u8> = records.iter().map(|record| record[1].parse().unwrap()).collect();
    assert_eq!(held_out, learned.held_out);
}

#[test]
fn what_does_not_fit_is_refused_with_what_would() {
    let mut session = session();
    for kind in ["onnx", "xgboost-json", "prepared"] {
        assert_eq!(file(&mut session, kind).unwrap_err().0, "not-ready", "{kind}");
    }
    learn(&mut session, json!({ "model": "forest", "target": "label" })).unwrap();
    let (code, message) = file(&mut session, "xgboost-json").unwrap_err();
    assert_eq!(code, "parameter");
    assert!(message.contains("boosted trees") && message.contains("onnx"), "{message}");

    learn(&mut session, json!({ "model": "boosting", "boosting": { "trees": 3 }, "target": "label" }))
        .unwrap();
    let text = export(&mut session, "xgboost-json");
    let before = call(&mut session, "learned", Value::Null).unwrap();
    let renamed = text.replace("\"hours\"", "\"minutes\"");
    assert_ne!(renamed, text);
    for (options, code, says) in [
        (
            json!({ "xgboost": renamed, "target": "label" }),
            "parameter",
            "\"minutes\" as feature 1, where \"hours\" is",
        ),
        (json!({ "xgboost": text, "target": { "column": "pay" } }), "parameter", "a model of a number"),
        (json!({ "xgboost": text, "target": { "column": "team" } }), "parameter", "a model of 3 classes"),
        (json!({ "xgboost": text, "target": "label", "model": "forest" }), "parameter", "boosting"),
        (json!({ "xgboost": text, "target": "label", "split": { "folds": 3 } }), "parameter", "folds"),
        (json!({ "xgboost": "{}", "target": "label" }), "wrong-format", "save_model"),
    ] {
        let failure = learn(&mut session, options).unwrap_err();
        assert_eq!(failure.0, code, "{}", failure.1);
        assert!(failure.1.contains(says), "{}", failure.1);
    }
    assert_eq!(call(&mut session, "learned", Value::Null).unwrap(), before, "what was learned stays");
    analyze(&mut session, json!({ "recipe": "table", "label": "is_anomaly", "omitted": ["office"] }))
        .unwrap();
    let fewer = learn(&mut session, json!({ "xgboost": text, "target": "label" })).unwrap_err();
    assert!(fewer.0 == "parameter" && fewer.1.contains("export(\"prepared\")"), "{}", fewer.1);
}
