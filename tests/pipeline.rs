//! A fitted pipeline as a file: saved, loaded, inspected, applied to other tables; and files that are none.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use crc::{CRC_64_XZ, Crc};
use isoscope::engine::analysis::{Analysis, Cut};
use isoscope::engine::detect::{ALL, Model};
use isoscope::engine::error::ErrorKind;
use isoscope::engine::explain::Contribution;
use isoscope::engine::export::ExportKind;
use isoscope::engine::finding::FindingKind;
use isoscope::engine::host::NoClock;
use isoscope::engine::ingest::Options;
use isoscope::engine::plan::PartialPlan;
use isoscope::engine::prepare::FittedPreparation;
use isoscope::engine::rng::Rng;
use isoscope::engine::session::Session;
use isoscope::engine::synth::{Sample, Spec, generate};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::Write as _;

const FIXTURE: &[u8] = include_bytes!("fixtures/models/version-1.isoscope");
const FIXTURE_CSV: &str = include_str!("fixtures/models/employees.csv");
const FIXTURE_SCORES: &str = include_str!("fixtures/models/version-1.json");

fn sample(name: Sample) -> Vec<u8> {
    generate(&Spec { users: 40, days: 8, ..Spec::new(name) }).unwrap().csv
}

fn read(session: &mut Session, csv: &[u8]) {
    session.begin_ingest(Options::default()).unwrap();
    session.push(csv).unwrap();
    session.finish_ingest().unwrap();
}

fn analyzed(csv: &[u8], plan: Value) -> Session {
    let mut session = Session::default();
    read(&mut session, csv);
    let plan: PartialPlan = serde_json::from_value(plan).unwrap();
    session.analyze(plan, &NoClock).unwrap();
    session
}

/// A model that has been through a file, in a session of its own.
fn reloaded(session: &Session) -> Session {
    let file = session.save().unwrap();
    let mut other = Session::default();
    other.load(&file).unwrap();
    assert_eq!(other.save().unwrap(), file, "written again, it is the same");
    other
}

fn predict(session: &mut Session, csv: &str) -> Analysis {
    session.predict(csv.as_bytes(), Options::default(), &NoClock).unwrap()
}

fn refusal(session: &mut Session, csv: &str) -> ErrorKind {
    session.predict(csv.as_bytes(), Options::default(), &NoClock).unwrap_err().kind().clone()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn assert_same(a: &Analysis, b: &Analysis, what: &str) {
    assert_eq!(a.matrix.features, b.matrix.features, "{what}");
    let values = |analysis: &Analysis| bits(analysis.matrix.values.as_slice().unwrap());
    assert_eq!(values(a), values(b), "{what}: features");
    assert_eq!(bits(&a.scores), bits(&b.scores), "{what}: scores");
    assert_eq!(
        (a.threshold.to_bits(), &a.flags, &a.severity),
        (b.threshold.to_bits(), &b.flags, &b.severity)
    );
    // NaN, which a missing value is, equals nothing.
    assert_eq!(format!("{:?}", a.top), format!("{:?}", &b.top[..a.top.len()]), "{what}: explanations");
    assert_eq!(a.ranking, b.ranking, "{what}: ranking");
}

#[test]
fn every_recipe_and_detector_scores_its_own_file_as_it_did() {
    let logs = [
        (Sample::OfficeActivity, "activity"),
        (Sample::OfficeActivity, "user-day"),
        (Sample::WebSessions, "session"),
        (Sample::Logins, "login"),
        (Sample::Logins, "table"),
    ];
    for (name, recipe) in logs {
        let csv = sample(name);
        let session = analyzed(&csv, json!({ "recipe": recipe }));
        let scored = reloaded(&session).predict(&csv, Options::default(), &NoClock).unwrap();
        assert_same(session.analysis().unwrap(), &scored, recipe);
    }
    let parameters = json!({ "autoencoder": { "epochs": 3 }, "trees": 20 });
    let detectors = ALL.iter().map(|name| json!(name.name())).chain([json!(["iforest", "knn"])]);
    for detector in detectors {
        let plan = json!({ "recipe": "table", "detector": detector, "parameters": parameters });
        let session = analyzed(FIXTURE_CSV.as_bytes(), plan);
        let scored = predict(&mut reloaded(&session), FIXTURE_CSV);
        assert_same(session.analysis().unwrap(), &scored, &detector.to_string());
    }
}

#[test]
fn what_was_chosen_by_hand_is_kept() {
    let plan = json!({
        "recipe": "table",
        "treatments": { "salary": "mean", "team": "other", "hired": "median" },
        "ownFeatures": [{ "name": "pay_per_year", "formula": "salary / max(years, 1)" }],
        "omitted": ["years"],
        "preparation": { "encode": "frequency", "scale": "robust", "log1p": true },
        "rules": { "rules": [{ "feature": "salary", "above": 5000.1, "points": 0.7 }], "atLeast": 0.7 },
        "seed": 77,
        "budget": 4
    });
    let session = analyzed(FIXTURE_CSV.as_bytes(), plan);
    let mut other = reloaded(&session);
    let scored = predict(&mut other, FIXTURE_CSV);
    assert_same(session.analysis().unwrap(), &scored, "table");
    assert_eq!(scored.flags.iter().filter(|&&flag| flag != 0).count(), 4);
    let info = other.model().unwrap().info().clone();
    assert_eq!(info.plan, session.analysis().unwrap().plan);
    assert_eq!((info.seed, info.flagged_rows), (77, 4));
}

#[test]
fn one_record_is_scored_as_it_was_among_the_others() {
    let session = analyzed(FIXTURE_CSV.as_bytes(), json!({ "recipe": "table" }));
    let analysis = session.analysis().unwrap();
    let mut other = reloaded(&session);
    let lines: Vec<&str> = FIXTURE_CSV.lines().collect();
    for row in [0, 17, 59] {
        let one = predict(&mut other, &format!("{}\n{}\n", lines[0], lines[row + 1]));
        assert_eq!(bits(&one.scores), bits(&analysis.scores[row..=row]), "row {row}");
        assert_eq!(one.flags, &analysis.flags[row..=row]);
        assert_eq!(one.top.len(), 1, "explained, whatever its score");
        let explanation = analysis.explain(row).unwrap();
        // Which features a sentence names; what is typical of peers it can say of several records only.
        let named = |sentence: &str| sentence.split(" (").next().map(str::to_owned);
        assert_eq!(named(&one.top[0].sentence), named(&explanation.sentence));
        // Peers are the records given, and here there is none.
        let alone = |contribution: &Contribution| {
            let none = Contribution { typical_peers: None, typical_peers_text: None, ..contribution.clone() };
            format!("{none:?}")
        };
        let all = |contributions: &[Contribution]| contributions.iter().map(alone).collect::<Vec<_>>();
        assert_eq!(all(&one.top[0].contributions), all(&explanation.contributions));
    }
    // Columns in another order, one more, one that is not needed left out, and a value never seen.
    let one = predict(&mut other, "note,team,years,salary,hired\nx,Moon base,3,4100.5,2020-02-01\n");
    assert!(one.scores[0].is_finite() && one.matrix.features.len() == analysis.matrix.features.len());
    let team = one.top[0].contributions.iter().find(|c| c.feature == "team").unwrap();
    assert_eq!(team.text.as_deref(), Some("Moon base"));
    // Nothing but missing values.
    let none = predict(&mut other, "team,years,salary,hired\n,,,\"\"\n");
    assert!(none.scores[0].is_finite());
}

#[test]
fn every_recipe_scores_a_single_record() {
    let logs = [
        (Sample::OfficeActivity, "activity"),
        (Sample::OfficeActivity, "user-day"),
        (Sample::WebSessions, "session"),
        (Sample::Logins, "login"),
    ];
    for (name, recipe) in logs {
        let csv = sample(name);
        let mut other = reloaded(&analyzed(&csv, json!({ "recipe": recipe })));
        assert!(!other.model().unwrap().info().notes.is_empty(), "{recipe}: what one record means is said");
        let text = String::from_utf8(csv).unwrap();
        let head: Vec<&str> = text.lines().take(2).collect();
        let one = predict(&mut other, &format!("{}\n", head.join("\n")));
        assert_eq!(one.scores.len(), 1, "{recipe}");
        assert!(one.scores[0].is_finite());
    }
}

#[test]
fn figures_beside_the_score_are_shares_and_grow_with_it() {
    let session = analyzed(FIXTURE_CSV.as_bytes(), json!({ "recipe": "table" }));
    assert!(
        session.analysis().unwrap().verdicts.is_none(),
        "of the rows fitted to, there is nothing to compare with"
    );
    let scored = predict(&mut reloaded(&session), FIXTURE_CSV);
    let verdicts = scored.verdicts.as_ref().unwrap();
    for values in [&verdicts.probability, &verdicts.confidence, &verdicts.percentile] {
        assert!(values.iter().all(|share| (0.0..=1.0).contains(share)));
    }
    let order = (0..60).collect::<Vec<_>>();
    for (&a, &b) in order.iter().zip(&order[1..]) {
        let rises = scored.scores[a] <= scored.scores[b];
        assert_eq!(
            rises,
            verdicts.percentile[a] <= verdicts.percentile[b] || scored.scores[a] == scored.scores[b]
        );
    }
    let worst = scored.top[0].row;
    assert_eq!(verdicts.percentile[worst], 1.0);
    assert!(verdicts.confidence[worst] > 0.9 && verdicts.probability[worst] > 0.9);
}

#[test]
fn a_prediction_leaves_the_session_as_it_is_unless_it_is_kept() {
    let mut session = analyzed(FIXTURE_CSV.as_bytes(), json!({ "recipe": "table" }));
    let before = session.analysis().unwrap().scores.clone();
    // Without a file: the model of the analysis.
    let scored = predict(&mut session, "team,years,salary,hired\nSales,2,4000.5,2021-01-01\n");
    assert_eq!(scored.scores.len(), 1);
    assert_eq!(session.analysis().unwrap().scores, before);
    session.begin_prediction(Options::default(), true).unwrap();
    session.source().push(FIXTURE_CSV.lines().take(6).collect::<Vec<_>>().join("\n").as_bytes()).unwrap();
    session.source().finish_ingest().unwrap();
    assert_eq!(session.analysis().unwrap().scores, before, "until it is whole");
    while session.step_prediction(&NoClock).unwrap().is_some() {}
    session.end_prediction();
    assert_eq!(session.analysis().unwrap().scores, &before[..5]);
    assert_eq!(session.rows(&[4]).unwrap().len(), 1, "its table too");
    // What was normal, and how severe, is still told by the rows fitted to; and the model is still theirs.
    session.set_cut(Cut::Threshold(0.0)).unwrap();
    assert_eq!(session.analysis().unwrap().flags, [1; 5]);
    let model = session.model().unwrap();
    assert_eq!((model.info().rows, model.info().threshold), (60, 0.0));
}

#[test]
fn without_a_model_there_is_no_prediction() {
    let mut session = Session::default();
    for error in
        [session.save().unwrap_err(), session.begin_prediction(Options::default(), false).unwrap_err()]
    {
        assert_eq!(error.code(), "not-ready");
        assert!(error.to_string().contains("load"), "{error}");
    }
    read(&mut session, FIXTURE_CSV.as_bytes());
    assert_eq!(session.save().unwrap_err().code(), "not-ready");
}

#[test]
fn other_columns_are_named() {
    let mut other = reloaded(&analyzed(FIXTURE_CSV.as_bytes(), json!({ "recipe": "table" })));
    match refusal(&mut other, "team,pay\nSales,1\n") {
        ErrorKind::OtherColumns { missing, unlike, .. } => {
            let names: Vec<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["years", "salary", "hired"]);
            assert!(unlike.is_empty());
        }
        kind => panic!("{kind:?}"),
    }
    match refusal(
        &mut other,
        "team,years,salary,hired\nSales,two,much,2020-01-01\nSales,one,little,2020-01-01\n",
    ) {
        ErrorKind::OtherColumns { missing, unlike, .. } => {
            assert!(missing.is_empty());
            assert_eq!(unlike, [("years".to_owned(), "integer"), ("salary".to_owned(), "float")]);
        }
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn values_that_a_model_never_saw_are_named() {
    let teams = ["Sales", "Support", "Research"];
    let rows: String = (0..60).map(|row| format!("{},{}\n", row % 17, teams[row % 3])).collect();
    let mut session =
        reloaded(&analyzed(format!("years,team\n{rows}").as_bytes(), json!({ "recipe": "table" })));
    let mut unseen = |csv: &str| {
        let findings = predict(&mut session, csv).findings;
        findings.into_iter().find(|finding| finding.kind == FindingKind::UnseenValues)
    };
    let found = unseen("years,team\n4,Night\n5,Sales\n6,\n7,Night\n8,Day\n").unwrap();
    assert_eq!((found.count, found.column.as_deref()), (3, Some("team")));
    assert!(found.message.contains("\"Night\""), "{}", found.message);
    assert_eq!(unseen("years,team\n4,Support\n"), None);
}

#[test]
fn what_a_model_cannot_judge_of_a_row_is_said_first() {
    let teams = ["Sales", "Support", "Research"];
    let plan = json!({ "recipe": "table", "detector": "robust-z" });
    let rows: String =
        (0..60).map(|row| format!("n{row},{},{},{}\n", row % 17, row % 11, teams[row % 3])).collect();
    let mut session = reloaded(&analyzed(format!("name,years,tasks,team\n{rows}").as_bytes(), plan.clone()));
    let analysis = predict(
        &mut session,
        "name,years,tasks,team\na,4,5,Night\nb,900,5,Day\nc,,,\nd,4,,\ne,4,5,Sales\nf,,6,Day\n",
    );
    assert_eq!(analysis.top.len(), 6, "all are explained");
    let told = |row: usize| analysis.top.iter().find(|explanation| explanation.row == row).unwrap();
    let night =
        "Team has the value \"Night\", which the model has never seen: the score says nothing about it.";
    assert_eq!(
        (told(0).unseen.as_slice(), told(0).caution.as_deref()),
        (&["team".to_owned()][..], Some(night))
    );
    assert!(told(0).sentence.starts_with(night) && told(0).sentence.len() > night.len());
    let day = told(1);
    let is_said = day.sentence.starts_with("Team has the value \"Day\"") && day.sentence.contains("900");
    assert!(is_said && analysis.flags[1] == 1, "{day:?}");
    let ranked = analysis.ranking.flagged.iter().find(|ranked| ranked.row == 1).unwrap();
    assert!(ranked.sentence.starts_with("Team has the value \"Day\""), "{}", ranked.sentence);
    assert_eq!(ranked.sentence.matches("\"Day\"").count(), 1, "{}", ranked.sentence);
    let empty = told(2);
    assert!(
        empty.sentence.starts_with("None of the 3 values that the model reads is there"),
        "{}",
        empty.sentence
    );
    assert_eq!(empty.caution.as_ref(), Some(&empty.sentence), "there is nothing else to say");
    assert!(told(3).sentence.starts_with("2 of the 3 values that the model reads are missing"));
    assert!(told(4).unseen.is_empty() && told(4).caution.is_none());
    assert!(told(5).sentence.starts_with("Team has the value \"Day\""), "one of three is not most");

    // Among many rows, of which few are explained, the file still says so of each.
    let many: String = (0..200)
        .map(|row| format!("n{row},{},{},{}\n", row % 17, row % 11, if row == 7 { "Night" } else { "Sales" }))
        .collect();
    session.begin_prediction(Options::default(), true).unwrap();
    session.source().push(format!("name,years,tasks,team\n{many}").as_bytes()).unwrap();
    session.source().finish_ingest().unwrap();
    while session.step_prediction(&NoClock).unwrap().is_some() {}
    session.end_prediction();
    let file = session.export(ExportKind::Results).unwrap();
    let mut reader = csv::Reader::from_reader(&file.bytes[..]);
    let headers = reader.headers().unwrap().clone();
    let place = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((&records[7][place("unseen")], &records[6][place("unseen")]), ("team", ""));
    assert!(records[7][place("why")].starts_with(night), "{}", &records[7][place("why")]);
    // Its own rows are none that a model has never seen.
    let own = analyzed(format!("name,years,tasks,team\n{rows}").as_bytes(), plan);
    assert!(own.analysis().unwrap().top.iter().all(|explanation| explanation.caution.is_none()));
    let file = own.export(ExportKind::Results).unwrap();
    assert!(
        !csv::Reader::from_reader(&file.bytes[..]).headers().unwrap().iter().any(|header| header == "unseen")
    );
}

/// A category that was the same in all rows is nothing that the model reads, and news all the same.
#[test]
fn values_of_what_a_model_does_not_read_are_named_too() {
    let rows: String = (0..60).map(|row| format!("{},DE\n", row % 17)).collect();
    let plan = json!({ "recipe": "table", "detector": "robust-z" });
    let mut session = reloaded(&analyzed(format!("years,country\n{rows}").as_bytes(), plan));
    let analysis = predict(&mut session, "years,country\n900,KP\n4,DE\n");
    let [flagged, other] = [0, 1].map(|row| analysis.top.iter().find(|told| told.row == row).unwrap());
    assert_eq!((flagged.unseen.as_slice(), analysis.flags[0]), (&["country".to_owned()][..], 1));
    assert!(flagged.sentence.contains("\"KP\"") && flagged.sentence.contains("900"), "{}", flagged.sentence);
    assert!(other.caution.is_none());
}

#[test]
fn a_row_with_nothing_but_what_is_rarely_there_is_judged_by_it() {
    let rows: String = (0..60)
        .map(|row| {
            let bonus = if row % 3 == 0 { (row % 7).to_string() } else { String::new() };
            format!("n{row},{},{},{bonus}\n", row % 17, row % 11)
        })
        .collect();
    let plan = json!({ "recipe": "table", "detector": "robust-z" });
    let mut session = reloaded(&analyzed(format!("name,years,tasks,bonus\n{rows}").as_bytes(), plan));
    let analysis = predict(&mut session, "name,years,tasks,bonus\na,,,900\nb,4,5,\nc,,,\n");
    let told = |row: usize| &analysis.top.iter().find(|told| told.row == row).unwrap().sentence;
    assert!(told(0).starts_with("2 of the 3 values that the model reads are missing"), "{}", told(0));
    assert!(told(0).contains("900"), "its one value is judged: {}", told(0));
    assert!(!told(1).contains("missing:"), "{}", told(1));
    assert!(told(2).starts_with("None of the 3 values"), "{}", told(2));
}

#[test]
fn what_a_model_never_saw_on_several_rows_of_a_user_is_said_once() {
    let row = |user: usize, at: usize, device: &str, clicks: usize| {
        let (day, hour) = (1 + at % 28, 8 + at % 9);
        format!("u{user},s{user}-{at},2026-01-{day:02} {hour:02}:00:00,{device},{clicks}\n")
    };
    let head = "user_id,session_id,time,device_type,clicks\n";
    let devices = ["phone", "desktop"];
    let fitted: String = (0..12)
        .flat_map(|user| (0..6).map(move |at| (user, at)))
        .map(|(user, at)| row(user, at, devices[(user + at) % 2], 5 + at % 4))
        .collect();
    let plan = json!({ "recipe": "session", "detector": "ecod", "contamination": 0.2 });
    let mut session = reloaded(&analyzed(format!("{head}{fitted}").as_bytes(), plan));
    let odd: String = (0..4).map(|at| row(1, at, if at < 2 { "fridge" } else { "phone" }, 9_000)).collect();
    let analysis = predict(&mut session, &format!("{head}{odd}"));
    let ranked = &analysis.ranking.flagged[0];
    assert!(ranked.flagged_rows > 2, "{ranked:?}");
    let first = "Device type has the value \"fridge\" in 2 of 4 sessions, which the model has never seen: ";
    assert!(ranked.sentence.starts_with(first), "{}", ranked.sentence);
}

#[test]
fn a_small_file_is_read_as_the_first_one_was() {
    // Days first, as only the 31st tells; numbers that are names; a word for missing values.
    let mut csv = String::from("code,on,amount\n");
    for row in 0..40 {
        csv.push_str(&format!(
            "{:03},{:02}/{:02}/2025,{}\n",
            row % 7,
            1 + row % 31,
            1 + row % 12,
            row * 3 % 11
        ));
    }
    let options = || Options { missing: Some(vec!["nil".to_owned()]), ..Options::default() };
    let mut session = Session::default();
    session.begin_ingest(options()).unwrap();
    session.push(csv.as_bytes()).unwrap();
    session.finish_ingest().unwrap();
    session.analyze(serde_json::from_value(json!({ "recipe": "table" })).unwrap(), &NoClock).unwrap();
    let features = session.analysis().unwrap().matrix.features.clone();
    let mut other = reloaded(&session);
    let one = predict(&mut other, "code,on,amount\n003,02/03/2025,nil\n");
    assert_eq!(one.matrix.features.len(), features.len());
    let value = |name: &str| {
        one.matrix.values[[0, features.iter().position(|feature| feature.name == name).unwrap()]]
    };
    assert_eq!(value("on"), 20_149.0, "the second of March");
    assert!(value("amount").is_nan());
}

#[test]
fn a_model_says_what_it_is_without_its_content() {
    let session = analyzed(FIXTURE_CSV.as_bytes(), json!({ "recipe": "table", "seed": 5 }));
    let model = session.model().unwrap();
    let info = model.info();
    assert_eq!(info.rows, 60);
    assert_eq!(info.detectors, ["iforest"]);
    let field = |name: &str| info.fields.iter().find(|field| field.name == name).unwrap();
    assert!(info.fields.iter().all(|field| field.name != "note"), "prose is no part of it");
    assert_eq!(field("team").labels, ["Finance", "Research", "Sales"]);
    assert!(field("salary").min.unwrap() < field("salary").max.unwrap());
    let salary = info.features.iter().find(|feature| feature.name == "salary").unwrap();
    assert!(salary.min <= salary.typical && salary.typical <= salary.max);
    // Header only.
    let file = session.save().unwrap();
    let n_header = u32::from_le_bytes(file[12..16].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&file[24..24 + n_header]).unwrap();
    assert_eq!(header["schemaHash"], json!(info.schema_hash));
    assert_eq!(header["threshold"].as_f64().unwrap().to_bits(), info.threshold.to_bits());
}

#[test]
fn the_first_version_is_still_read() {
    let mut session = Session::default();
    let info = session.load(FIXTURE).unwrap();
    assert_eq!((info.format, info.rows), (1, 60));
    let scored = predict(&mut session, FIXTURE_CSV);
    let golden: Vec<f64> = serde_json::from_str(FIXTURE_SCORES).unwrap();
    assert_eq!(bits(&scored.scores), bits(&golden));
}

/// Writes the fixture of this version. Run by hand, once per version, and never over an older one.
#[test]
#[ignore = "writes files"]
fn write_the_fixture() {
    let plan = json!({
        "recipe": "table",
        "detector": ["iforest", "lof", "autoencoder", "ecod"],
        "parameters": { "trees": 5, "subsample": 32, "autoencoder": { "epochs": 5 } },
        "treatments": { "salary": "mean" },
        "ownFeatures": [{ "name": "pay_per_year", "formula": "salary / max(years, 1)" }]
    });
    let session = analyzed(FIXTURE_CSV.as_bytes(), plan);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/models/");
    let scores = serde_json::to_string(&session.analysis().unwrap().scores).unwrap() + "\n";
    for (ending, bytes) in [("isoscope", session.save().unwrap()), ("json", scores.into_bytes())] {
        let path = format!("{folder}version-1.{ending}");
        std::fs::File::create_new(path).unwrap().write_all(&bytes).unwrap();
    }
}

// Files that are none ----------------------------------------------------------------------------------------------------

fn code_of(file: &[u8]) -> &'static str {
    Session::default().load(file).unwrap_err().code()
}

#[test]
fn wrong_files_have_errors_of_their_own() {
    assert_eq!(code_of(b"user,time\n"), "not-a-model");
    assert_eq!(code_of(b""), "not-a-model");
    for end in [7, 23, 24, 100, FIXTURE.len() - 1] {
        assert_eq!(code_of(&FIXTURE[..end]), "model-cut", "cut at {end}");
    }
    let mut newer = FIXTURE.to_vec();
    newer[8] = 2;
    assert_eq!(code_of(&newer), "model-too-new");
    let mut damaged = FIXTURE.to_vec();
    damaged[FIXTURE.len() / 2] ^= 1;
    assert_eq!(code_of(&damaged), "model-damaged");
}

/// The checksum that belongs to a file's content.
fn sealed(mut file: Vec<u8>) -> Vec<u8> {
    let end = file.len() - 8;
    let checksum = Crc::<u64>::new(&CRC_64_XZ).checksum(&file[..end]);
    file[end..].copy_from_slice(&checksum.to_le_bytes());
    file
}

/// Loads a file with a right checksum and whatever content, and if it can be, uses it.
fn try_out(file: &[u8]) -> Result<(), String> {
    let mut session = Session::default();
    let Err(error) = session.load(file) else {
        let few = FIXTURE_CSV.lines().take(4).collect::<Vec<_>>().join("\n");
        let scored = session.predict(few.as_bytes(), Options::default(), &NoClock);
        return match scored {
            Ok(analysis) if analysis.scores.iter().all(|score| score.is_finite()) => Ok(()),
            Ok(_) => Err("a score is not finite".to_owned()),
            Err(_) => Ok(()),
        };
    };
    if matches!(error.code(), "model-damaged" | "model-cut") { Ok(()) } else { Err(error.to_string()) }
}

#[test]
fn hostile_files_with_a_right_checksum_are_refused_or_work() {
    let mut rng = Rng::new(3);
    let n_header = u32::from_le_bytes(FIXTURE[12..16].try_into().unwrap()) as usize;
    for round in 0..800 {
        let mut file = FIXTURE.to_vec();
        // Header and payload by turns.
        let (from, to) = if round % 2 == 0 { (24, 24 + n_header) } else { (24 + n_header, file.len() - 8) };
        for _ in 0..1 + round % 4 {
            let place = from + rng.below((to - from) as u64) as usize;
            file[place] = match round % 3 {
                0 => rng.below(256) as u8,
                1 => file[place] ^ (1 << rng.below(8)),
                _ => [0, 1, 0x7f, 0xff][rng.below(4) as usize],
            };
        }
        try_out(&sealed(file)).unwrap();
    }
}

/// A model file with preparation and model changed, as JSON.
fn with_parts_changed(file: &[u8], change: impl FnOnce(&mut Value, &mut Value)) -> Vec<u8> {
    let n_header = u32::from_le_bytes(file[12..16].try_into().unwrap()) as usize;
    let (envelope, payload) = file[..file.len() - 8].split_at(24 + n_header);
    let ((preparation, model), rest): ((FittedPreparation, Model), _) =
        postcard::take_from_bytes(payload).unwrap();
    let mut parts = (serde_json::to_value(preparation).unwrap(), serde_json::to_value(model).unwrap());
    change(&mut parts.0, &mut parts.1);
    let preparation: FittedPreparation = serde_json::from_value(parts.0).unwrap();
    let model: Model = serde_json::from_value(parts.1).unwrap();
    let payload = [postcard::to_allocvec(&(preparation, model)).unwrap(), rest.to_vec()].concat();
    let mut changed = envelope.to_vec();
    changed[16..24].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    sealed([changed, payload, vec![0; 8]].concat())
}

#[test]
fn a_model_of_no_columns_is_damaged() {
    let plan = json!({ "recipe": "table", "detector": "robust-z" });
    let file = analyzed(FIXTURE_CSV.as_bytes(), plan).save().unwrap();
    assert_eq!(with_parts_changed(&file, |_, _| ()), file);
    let of_no_columns = with_parts_changed(&file, |preparation, model| {
        for part in preparation["parts"].as_array_mut().unwrap() {
            part["value"] = Value::Null;
            part["indicator"] = json!(false);
        }
        preparation["columns"] = json!([]);
        model["Calibrated"]["model"]["RobustZ"]["features"] = json!([]);
    });
    assert_eq!(code_of(&of_no_columns), "model-damaged");
    let error = Session::default().load(&of_no_columns).unwrap_err().to_string();
    assert!(error.contains("do not go together"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_in_a_right_envelope_are_refused(
        header in prop::collection::vec(any::<u8>(), 0..60),
        payload in prop::collection::vec(any::<u8>(), 0..200),
        keeps_header in any::<bool>(),
    ) {
        let n_header = u32::from_le_bytes(FIXTURE[12..16].try_into().unwrap()) as usize;
        let header = if keeps_header { FIXTURE[24..24 + n_header].to_vec() } else { header };
        let mut file = FIXTURE[..12].to_vec();
        file.extend((header.len() as u32).to_le_bytes());
        file.extend((payload.len() as u64).to_le_bytes());
        file.extend(header);
        file.extend(payload);
        file.extend([0; 8]);
        prop_assert_eq!(code_of(&sealed(file)), "model-damaged");
    }
}
