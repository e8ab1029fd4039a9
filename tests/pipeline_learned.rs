//! The supervised model in a saved pipeline: written, read, applied to records that nobody has learned from; and files that
//! say they hold one.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use crc::{CRC_64_XZ, Crc};
use isoscope::engine::analysis::Analysis;
use isoscope::engine::export::ExportKind;
use isoscope::engine::host::NoClock;
use isoscope::engine::ingest::Options;
use isoscope::engine::learn::ModelName;
use isoscope::engine::rng::Rng;
use isoscope::engine::session::Session;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::Write as _;

const CSV: &str = include_str!("fixtures/models/employees.csv");
/// A plain model, as programs wrote it that knew of no section.
const PLAIN: &[u8] = include_bytes!("fixtures/models/version-1.isoscope");
const FIXTURES: [(&str, &[u8], &str); 3] = [
    (
        "logistic",
        include_bytes!("fixtures/models/version-1-logistic.isoscope"),
        include_str!("fixtures/models/version-1-logistic.json"),
    ),
    (
        "forest",
        include_bytes!("fixtures/models/version-1-forest.isoscope"),
        include_str!("fixtures/models/version-1-forest.json"),
    ),
    (
        "boosting",
        include_bytes!("fixtures/models/version-1-boosting.isoscope"),
        include_str!("fixtures/models/version-1-boosting.json"),
    ),
];

/// Each learner, and among them each kind of answer.
fn options(model: &str) -> Value {
    let target = match model {
        "logistic" => json!({ "column": "team" }),
        "forest" => json!({ "column": "salary" }),
        _ => json!("flags"),
    };
    json!({ "model": model, "target": target, "forest": { "trees": 3 }, "boosting": { "trees": 3 } })
}

fn learned(model: &str) -> Session {
    let mut session = Session::default();
    session.begin_ingest(Options::default()).unwrap();
    session.push(CSV.as_bytes()).unwrap();
    session.finish_ingest().unwrap();
    let plan =
        json!({ "recipe": "table", "contamination": 0.3, "parameters": { "trees": 5, "subsample": 32 } });
    session.analyze(serde_json::from_value(plan).unwrap(), &NoClock).unwrap();
    session.learn(serde_json::from_value(options(model)).unwrap(), &NoClock).unwrap();
    session
}

fn predict(session: &mut Session, csv: &str) -> Analysis {
    session.predict(csv.as_bytes(), Options::default(), &NoClock).unwrap()
}

/// What a file says of the records that it was fitted to.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    scores: Vec<f64>,
    predictions: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Golden {
    fn of(analysis: Analysis) -> Golden {
        let answers = analysis.answers.unwrap();
        Golden {
            scores: analysis.scores,
            predictions: answers.predictions,
            probabilities: answers.probabilities,
        }
    }
}

#[test]
fn what_was_learned_answers_from_a_file_as_it_did() {
    for (model, n_probabilities) in [("logistic", 180), ("forest", 0), ("boosting", 60)] {
        let session = learned(model);
        let file = session.save().unwrap();
        let mut other = Session::default();
        let info = other.load(&file).unwrap().learned.clone().unwrap();
        assert_eq!(other.save().unwrap(), file, "{model}: written again, it is the same");
        let ours = session.learned().unwrap();
        assert_eq!(info, ours.info(), "{model}");
        assert_eq!(info.metrics, ours.measures());
        assert_eq!((info.rows, info.held_out_rows), (ours.train_rows as u64, ours.test_rows as u64));
        let scored = predict(&mut other, CSV);
        assert_eq!(scored.scores, session.analysis().unwrap().scores);
        let answers = scored.answers.unwrap();
        // Rows are held out once, so the model kept is the one that answered for all of them.
        assert_eq!(answers.predictions, ours.predictions, "{model}");
        assert_eq!(answers.probabilities, ours.probabilities, "{model}");
        assert_eq!(answers.probabilities.len(), n_probabilities, "{model}");
    }
}

/// A table of which one column says, by having no value, what the label is; the median is a value that others have as well.
fn gaps() -> String {
    let mut rng = Rng::new(23);
    let mut csv = "label,told,other,kind\n".to_owned();
    for row in 0..600 {
        let is_missing = row % 3 == 0;
        let told =
            if is_missing { String::new() } else { ["-1", "0", "1"][rng.below(3) as usize].to_owned() };
        let label = u8::from(is_missing != (rng.uniform() < 0.02));
        let kind = if rng.uniform() < 0.1 { "" } else { ["web", "app"][row % 2] };
        csv += &format!("{label},{told},{:.4},{kind}\n", rng.normal());
    }
    csv
}

/// Trees are given what is missing, unless the plan names what stands for it; so is what is saved of them, and it is explained.
#[test]
fn trees_learn_from_gaps_that_the_plan_leaves() {
    let csv = gaps();
    for (model, named, is_told) in [
        ("forest", false, true),
        ("boosting", false, true),
        ("forest", true, false),
        ("boosting", true, false),
        ("logistic", false, false),
    ] {
        let mut session = Session::default();
        session.begin_ingest(Options::default()).unwrap();
        session.push(csv.as_bytes()).unwrap();
        session.finish_ingest().unwrap();
        let preparation = if named { json!({ "impute": "median" }) } else { json!({}) };
        let plan = json!({ "recipe": "table", "label": "label", "detector": "robust-z", "preparation": preparation });
        session.analyze(serde_json::from_value(plan).unwrap(), &NoClock).unwrap();
        let options = json!({ "model": model, "target": "label", "forest": { "trees": 30 } });
        session.learn(serde_json::from_value(options).unwrap(), &NoClock).unwrap();
        let ours = session.learned().unwrap();
        let auc = ours.measures()["rocAuc"];
        assert!(if is_told { auc > 0.95 } else { auc < 0.9 }, "{model}, named {named}: {auc}");
        let says_missing = ours.columns.iter().any(|column| column.name == "kind=missing");
        assert_eq!(says_missing, is_told, "{model}, named {named}");
        let file = session.save().unwrap();
        let mut other = Session::default();
        other.load(&file).unwrap();
        assert_eq!(other.save().unwrap(), file, "{model}: written again, it is the same");
        assert_eq!(predict(&mut other, &csv).answers.unwrap().probabilities, ours.probabilities, "{model}");
        let (matrix, learner) = (&session.analysis().unwrap().matrix, session.learner().unwrap());
        for row in [0, 1, 2] {
            let explained = learner.explain(matrix, row, None).unwrap();
            let shares: f64 = explained.contributions.iter().map(|part| part.contribution).sum();
            assert!((explained.base + shares - explained.score).abs() < 1e-9, "{model}, row {row}");
            let told = explained.contributions.iter().find(|part| part.feature == "told").unwrap();
            assert_eq!(told.value.is_nan(), row == 0);
            assert!(!is_told || (told.contribution > 0.0) == (row == 0), "{model}: {told:?}");
        }
    }
}

#[test]
fn one_record_is_answered_as_it_was_among_the_others() {
    let lines: Vec<&str> = CSV.lines().collect();
    for (model, file, _) in FIXTURES {
        let mut session = Session::default();
        session.load(file).unwrap();
        let all = Golden::of(predict(&mut session, CSV));
        let width = all.probabilities.len() / 60;
        for row in [0, 17, 59] {
            let one = Golden::of(predict(&mut session, &format!("{}\n{}\n", lines[0], lines[row + 1])));
            assert_eq!(one.predictions, &all.predictions[row..=row], "{model}, row {row}");
            assert_eq!(one.probabilities, &all.probabilities[row * width..(row + 1) * width]);
        }
    }
}

#[test]
fn a_kept_prediction_can_be_explained_and_exported() {
    for (model, file, _) in FIXTURES {
        let mut session = Session::default();
        session.load(file).unwrap();
        session.begin_prediction(Options::default(), true).unwrap();
        session.source().push(CSV.as_bytes()).unwrap();
        session.source().finish_ingest().unwrap();
        while session.step_prediction(&NoClock).unwrap().is_some() {}
        session.end_prediction();
        let explanation = session.explain_learned(3, None).unwrap();
        let sum: f64 = explanation.contributions.iter().map(|part| part.contribution).sum();
        assert!((explanation.base + sum - explanation.score).abs() < 1e-9 * explanation.score.abs().max(1.0));
        let text = String::from_utf8(session.export(ExportKind::Results).unwrap().bytes).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let place = |name: &str| headers.iter().position(|header| header == name).unwrap();
        let answers = session.analysis().unwrap().answers.clone().unwrap();
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 60);
        let (answer, probability) =
            (&records[3][place("learned")], &records[3][place("learned_probability")]);
        match model {
            "logistic" => {
                let class = answers.predictions[3] as usize;
                assert_eq!(answer, ["Finance", "Research", "Sales"][class]);
                assert_eq!(probability, answers.probabilities[9 + class].to_string());
            }
            "forest" => {
                assert_eq!((answer, probability), (&*answers.predictions[3].to_string(), ""));
            }
            _ => {
                assert_eq!(answer, ["normal", "abnormal"][answers.predictions[3] as usize]);
                assert_eq!(probability, answers.probabilities[3].to_string());
            }
        }
        // Saved again, it still has what was learned, at another threshold too.
        session.set_cut(isoscope::engine::analysis::Cut::Contamination(0.1)).unwrap();
        assert!(session.model().unwrap().learner().is_some());
    }
}

#[test]
fn a_model_without_one_says_so() {
    let mut session = Session::default();
    assert!(session.load(PLAIN).unwrap().learned.is_none());
    assert!(predict(&mut session, CSV).answers.is_none());
    // What was learned goes with the analysis that it was learned from.
    let mut session = learned("boosting");
    assert!(session.model().unwrap().info().learned.is_some());
    session.analyze(serde_json::from_value(json!({ "recipe": "table" })).unwrap(), &NoClock).unwrap();
    assert!(session.model().unwrap().info().learned.is_none());
}

#[test]
fn files_of_the_first_program_that_knew_the_section_are_read() {
    for (model, file, golden) in FIXTURES {
        let mut session = Session::default();
        let info = session.load(file).unwrap();
        assert_eq!(info.format, 1, "{model}");
        let golden: Golden = serde_json::from_str(golden).unwrap();
        assert_eq!(Golden::of(predict(&mut session, CSV)), golden, "{model}");
    }
}

/// Writes the fixtures. Run by hand, once, and never over older ones.
#[test]
#[ignore = "writes files"]
fn write_the_fixtures() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/models/");
    for model in ["logistic", "forest", "boosting"] {
        let file = learned(model).save().unwrap();
        let mut session = Session::default();
        session.load(&file).unwrap();
        let golden = Golden::of(predict(&mut session, CSV));
        let golden = serde_json::to_string(&golden).unwrap() + "\n";
        for (ending, bytes) in [("isoscope", file.as_slice()), ("json", golden.as_bytes())] {
            let path = format!("{folder}version-1-{model}.{ending}");
            std::fs::File::create_new(path).unwrap().write_all(bytes).unwrap();
        }
    }
}

// Files with intent ------------------------------------------------------------------------------------------------------

/// Header and payload of a file.
fn parts(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let n_header = u32::from_le_bytes(file[12..16].try_into().unwrap()) as usize;
    (file[24..24 + n_header].to_vec(), file[24 + n_header..file.len() - 8].to_vec())
}

/// A file of a header and a payload, with the right checksum.
fn sealed(header: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut file = PLAIN[..12].to_vec();
    file.extend((header.len() as u32).to_le_bytes());
    file.extend((payload.len() as u64).to_le_bytes());
    file.extend(header);
    file.extend(payload);
    let checksum = Crc::<u64>::new(&CRC_64_XZ).checksum(&file);
    file.extend(checksum.to_le_bytes());
    file
}

fn refusal(header: &[u8], payload: &[u8]) -> String {
    let error = Session::default().load(&sealed(header, payload)).unwrap_err();
    assert_eq!(error.code(), "model-damaged", "{error}");
    error.to_string()
}

/// Name and bytes, each after its length in steps of seven bits.
fn section(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut section = Vec::new();
    for part in [name.as_bytes(), bytes] {
        let mut n = part.len();
        while n > 0x7f {
            section.push(n as u8 | 0x80);
            n >>= 7;
        }
        section.push(n as u8);
        section.extend(part);
    }
    section
}

#[test]
fn sections_of_other_names_are_skipped_and_cut_ones_refused() {
    let (header, payload) = parts(PLAIN);
    let with = |rest: &[u8]| [&payload[..], rest].concat();
    let other = section("weather", &[7; 300]);
    assert!(Session::default().load(&sealed(&header, &with(&other))).unwrap().learned.is_none());
    assert!(refusal(&header, &with(&other[..200])).contains("follows"));
    assert!(refusal(&header, &with(&section("learner", b"nonsense"))).contains("learned model"));
    // One after another that is not known, before and behind.
    let (header, payload) = parts(FIXTURES[2].1);
    let start = payload.windows(8).position(|bytes| bytes == b"\x07learner").unwrap();
    let own = &payload[start..];
    let mixed = [&payload[..start], &other, own, &other].concat();
    assert!(Session::default().load(&sealed(&header, &mixed)).unwrap().learned.is_some());
    // A header that speaks of one that is not there, and the other way round.
    assert!(refusal(&header, &payload[..start]).contains("header"));
    let mut speechless: Value = serde_json::from_slice(&header).unwrap();
    speechless.as_object_mut().unwrap().remove("learned").unwrap();
    assert!(refusal(speechless.to_string().as_bytes(), &payload).contains("header"));
    // What a learner is stands above what a header says of it.
    let (header, plain) = parts(FIXTURES[0].1);
    let end = plain.windows(8).position(|bytes| bytes == b"\x07learner").unwrap();
    let mut session = Session::default();
    let info =
        session.load(&sealed(&header, &[&plain[..end], own].concat())).unwrap().learned.clone().unwrap();
    assert_eq!((info.model, info.classes.len()), (ModelName::Boosting, 2));
    assert!(refusal(&header, &plain[..plain.len() - 1]).contains("follows"));
}

#[test]
fn hostile_learners_are_refused_or_answer() {
    let few = CSV.lines().take(4).collect::<Vec<_>>().join("\n");
    let (mut n_refused, mut n_answered) = (0, 0);
    for (model, file, _) in FIXTURES {
        let mut rng = Rng::new(5);
        let (header, payload) = parts(file);
        let start = payload.windows(8).position(|bytes| bytes == b"\x07learner").unwrap();
        for round in 0..600 {
            let mut payload = payload.clone();
            for _ in 0..1 + round % 3 {
                let place = start + rng.below((payload.len() - start) as u64) as usize;
                payload[place] = match round % 4 {
                    0 => rng.below(256) as u8,
                    1 => payload[place] ^ (1 << rng.below(8)),
                    // Exponents of infinity.
                    2 => 0x7f,
                    _ => [0, 1, 0xf0, 0xff][rng.below(4) as usize],
                };
            }
            let mut session = Session::default();
            match session.load(&sealed(&header, &payload)) {
                Err(error) => {
                    assert_eq!(error.code(), "model-damaged", "{model}: {error}");
                    n_refused += 1;
                }
                Ok(_) => match session.predict(few.as_bytes(), Options::default(), &NoClock) {
                    Ok(analysis) => {
                        let Some(answers) = analysis.answers else { continue };
                        let mut all = answers.predictions.iter().chain(&answers.probabilities);
                        assert!(all.all(|number| number.is_finite()), "{model}");
                        n_answered += 1;
                    }
                    Err(error) => assert_eq!(error.code(), "model-damaged", "{model}: {error}"),
                },
            }
        }
    }
    assert!(n_refused > 100 && n_answered > 100, "{n_refused} refused, {n_answered} answered");
}
