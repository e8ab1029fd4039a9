//! Sessions against a second implementation on pandas (`tests/golden/scripts/features_session.py`), and what must hold of
//! them whatever the table: no look into the future, no order of rows, no column that cannot be missing.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;
mod session_support;

use features_support::{golden_json, golden_path, plan, roles_of, shared_file, table_of};
use isoscope::engine::features::{FeatureJob, FeatureMatrix, RowUnit};
use isoscope::engine::finding::Finding;
use isoscope::engine::plan::guess::suggest;
use isoscope::engine::plan::{Plan, Recipe, Role, shape};
use isoscope::engine::rng::Rng;
use isoscope::engine::session::Session;
use isoscope::engine::table::Table;
use serde_json::Value;
use std::collections::BTreeMap;

const TOLERANCE: f64 = 1e-9;

const ROLES: [(Role, &str); 9] = [
    (Role::Entity, "user_id"),
    (Role::Time, "transaction_date"),
    (Role::Session, "session_id"),
    (Role::Device, "device_type"),
    (Role::City, "geolocation_city"),
    (Role::Browser, "browser_info"),
    (Role::Amount, "transaction_amount"),
    (Role::Duration, "time_on_page"),
    (Role::Label, "label"),
];

fn features(table: &Table, plan: &Plan) -> (FeatureMatrix, Vec<Finding>) {
    let mut job = FeatureJob::new(table, plan).unwrap();
    while !job.is_done() {
        job.step(table).unwrap();
    }
    let (matrix, findings) = job.finish();
    assert_eq!(matrix.values.dim(), (matrix.subject_of_row.len(), matrix.features.len()));
    assert!(matrix.values.iter().all(|value| !value.is_infinite()));
    let names: std::collections::BTreeSet<&str> = matrix.features.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names.len(), matrix.features.len(), "names differ");
    (matrix, findings)
}

fn sessions() -> String {
    std::fs::read_to_string(golden_path("features/sessions.csv")).unwrap()
}

/// A CSV text without quotes, without some of its columns.
fn without_columns(csv: &str, is_dropped: impl Fn(&str) -> bool) -> String {
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let keeps: Vec<bool> = header.iter().map(|name| !is_dropped(name)).collect();
    let line = |line: &str| {
        let kept = line.split(',').zip(&keeps).filter(|(_, keeps)| **keeps);
        kept.map(|(field, _)| field).collect::<Vec<_>>().join(",")
    };
    csv.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn every_case_equals_pandas() {
    let golden = golden_json("features_session.json");
    let mut n_values = 0;
    for case in golden["cases"].as_array().unwrap() {
        let file = format!("features/{}", case["file"].as_str().unwrap());
        n_values += compare(case, &std::fs::read(golden_path(&file)).unwrap());
    }
    assert!(n_values > 20_000, "{n_values} values compared");
}

#[test]
fn published_tables_equal_pandas() {
    for case in golden_json("features_session.json")["published"].as_array().unwrap() {
        if let Some(bytes) = shared_file(&format!("systems/{}", case["file"].as_str().unwrap())) {
            let n_values = compare(case, &bytes);
            assert!(n_values > 500, "{n_values} values compared");
        }
    }
}

/// Compares one case and says how many values it had.
fn compare(case: &Value, bytes: &[u8]) -> usize {
    let file = case["file"].as_str().unwrap();
    let dropped: Vec<&str> =
        case["drop"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let table = match dropped.as_slice() {
        [] => table_of(bytes),
        dropped => {
            let text = std::str::from_utf8(bytes).unwrap();
            table_of(without_columns(text, |name| dropped.contains(&name)).as_bytes())
        }
    };
    let mut plan = plan(Recipe::Session, &roles_of(case));
    let hour = |name: &str, at: usize| case[name][at].as_u64().unwrap() as u32;
    plan.parameters.session_gap_secs = case["session_gap_secs"].as_f64().unwrap();
    (plan.parameters.night_start_hour, plan.parameters.night_end_hour) = (hour("night", 0), hour("night", 1));
    (plan.parameters.work_start_hour, plan.parameters.work_end_hour) = (hour("work", 0), hour("work", 1));

    let (matrix, _) = features(&table, &plan);
    assert_eq!(
        (matrix.unit, matrix.n_rows() as u64),
        (RowUnit::Session, case["n_rows"].as_u64().unwrap()),
        "{file}"
    );
    let names: Vec<&str> = matrix.features.iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(serde_json::to_value(&names).unwrap(), case["features"], "{file}");

    let row_of: BTreeMap<u32, usize> =
        (0..matrix.n_rows()).map(|row| (matrix.table_rows.rows(row)[0], row)).collect();
    let mut n_values = 0;
    for (at, expected) in case["rows"].as_object().unwrap() {
        let row = row_of[&at.parse::<u32>().unwrap()];
        for (column, feature) in matrix.features.iter().enumerate() {
            let found = matrix.values[[row, column]];
            let about = format!(
                "{file}, record {at}, {}: expected {}, found {found}",
                feature.name, expected[column]
            );
            match &expected[column] {
                Value::Null => assert!(found.is_nan(), "{about}"),
                Value::String(label) => assert_eq!(&feature.labels[found as usize], label, "{about}"),
                number => assert!(is_close(found, number.as_f64().unwrap()), "{about}"),
            }
            n_values += 1;
        }
    }
    for (name, expected) in case["missing_and_sum"].as_object().unwrap() {
        let column = matrix.values.column(names.iter().position(|found| found == name).unwrap());
        let (missing, known): (Vec<f64>, Vec<f64>) = column.iter().partition(|value| value.is_nan());
        let (sum, size) = (known.iter().sum::<f64>(), known.iter().map(|value| value.abs()).sum::<f64>());
        assert_eq!(missing.len() as u64, expected[0].as_u64().unwrap(), "{file}, {name}");
        // Rounding grows with what is summed up, not with what is left.
        let expected = expected[1].as_f64().unwrap();
        assert!(
            (sum - expected).abs() <= TOLERANCE * size.max(1.0),
            "{file}, {name}: expected {expected}, found {sum}"
        );
    }
    n_values
}

fn is_close(found: f64, expected: f64) -> bool {
    found.is_nan() && expected.is_nan() || (found - expected).abs() <= TOLERANCE * expected.abs().max(1.0)
}

/// Values of a matrix row by feature, categories by their words, so that rows of two matrices can be compared.
fn said(matrix: &FeatureMatrix, row: usize) -> BTreeMap<&str, String> {
    let value = |column: usize| {
        let (feature, value) = (&matrix.features[column], matrix.values[[row, column]]);
        match feature.labels.get(value as usize).filter(|_| !value.is_nan()) {
            Some(label) => label.clone(),
            None => format!("{:x}", value.to_bits()),
        }
    };
    matrix
        .features
        .iter()
        .enumerate()
        .map(|(column, feature)| (feature.name.as_str(), value(column)))
        .collect()
}

/// The same, of every row by the table row of its first event.
fn rows_by(matrix: &FeatureMatrix, key: impl Fn(u32) -> String) -> BTreeMap<String, BTreeMap<&str, String>> {
    (0..matrix.n_rows()).map(|row| (key(matrix.table_rows.rows(row)[0]), said(matrix, row))).collect()
}

/// Flags compare with the whole table, shares are of the table's most frequent actions: these alone look at later rows.
fn looks_at_all(feature: &str) -> bool {
    feature.starts_with("is_very_") || feature.starts_with("share_")
}

#[test]
fn later_sessions_change_no_earlier_one() {
    let csv = sessions();
    let (header, body) = csv.split_once('\n').unwrap();
    let mut records: Vec<&str> = body.lines().collect();
    let time = |record: &str| record.split(',').nth_back(1).unwrap().to_owned();
    records.sort_by_key(|record| time(record));
    let build = |n: usize| table_of(format!("{header}\n{}\n", records[..n].join("\n")).as_bytes());
    let plan = plan(Recipe::Session, &ROLES);
    let (whole, _) = features(&build(records.len()), &plan);
    let all = rows_by(&whole, |row| row.to_string());
    for n in [60, 95, 130, 159] {
        let (part, _) = features(&build(n), &plan);
        let rows = rows_by(&part, |row| row.to_string());
        assert_eq!(rows.len(), n);
        for (row, values) in &rows {
            for (feature, value) in values.iter().filter(|(feature, _)| !looks_at_all(feature)) {
                assert_eq!(value, &all[row][feature], "{feature} of record {row} when {n} are known");
            }
        }
    }
}

#[test]
fn later_events_change_no_session_that_is_over() {
    let csv = std::fs::read_to_string(golden_path("features/web.csv")).unwrap();
    let (header, body) = csv.split_once('\n').unwrap();
    let mut records: Vec<&str> = body.lines().collect();
    records.sort_by_key(|record| record.split(',').nth(1).unwrap());
    let build = |n: usize| table_of(format!("{header}\n{}\n", records[..n].join("\n")).as_bytes());
    let mut roles = vec![(Role::Entity, "user"), (Role::Time, "time"), (Role::Action, "action")];
    for has_column in [true, false] {
        if has_column {
            roles.push((Role::Session, "session_id"));
        } else {
            roles.pop();
        }
        let plan = plan(Recipe::Session, &roles);
        let (whole, _) = features(&build(records.len()), &plan);
        let row_of: BTreeMap<u32, usize> =
            (0..whole.n_rows()).map(|row| (whole.table_rows.rows(row)[0], row)).collect();
        let mut n_compared = 0;
        for n in [records.len() / 3, records.len() / 2, records.len() - 1] {
            let (part, _) = features(&build(n), &plan);
            for row in 0..part.n_rows() {
                let same = row_of[&part.table_rows.rows(row)[0]];
                if part.table_rows.rows(row) == whole.table_rows.rows(same) {
                    let (now, later) = (said(&part, row), said(&whole, same));
                    n_compared += 1;
                    for (feature, value) in now.iter().filter(|(feature, _)| !looks_at_all(feature)) {
                        assert_eq!(value, &later[feature], "{feature} of {}", part.entity(row));
                    }
                }
            }
        }
        assert!(n_compared > 100, "{n_compared} sessions compared");
    }
}

/// Sessions that overlap, begin or end at one moment, or are one moment: each is compared with those of its user that were
/// over before it began.
#[test]
fn what_was_before_a_session_is_what_was_over() {
    let mut rng = Rng::new(11);
    for round in 0..20 {
        let (n_minutes, mut csv) = (1 + rng.below(200), "user,time,session,action\n".to_owned());
        for _ in 0..300 {
            let (user, session, minute) = (rng.below(3), rng.below(25), rng.below(n_minutes));
            csv +=
                &format!("u{user},2025-03-03T{:02}:{:02}:00,{user}-{session},a\n", minute / 60, minute % 60);
        }
        let table = table_of(csv.as_bytes());
        let roles = [
            (Role::Entity, "user"),
            (Role::Time, "time"),
            (Role::Session, "session"),
            (Role::Action, "action"),
        ];
        let (matrix, _) = features(&table, &plan(Recipe::Session, &roles));
        let times = shape::times(&table, 1).unwrap();
        let spans: Vec<(i64, i64)> = (0..matrix.n_rows())
            .map(|row| {
                let of_session = || matrix.table_rows.rows(row).iter().map(|&row| times[row as usize]);
                (of_session().min().unwrap(), of_session().max().unwrap())
            })
            .collect();
        let place = |name: &str| matrix.features.iter().position(|feature| feature.name == name).unwrap();
        let compared: Vec<(usize, usize)> = matrix
            .features
            .iter()
            .filter_map(|feature| Some((place(feature.name.strip_suffix("_vs_own")?), place(&feature.name))))
            .collect();
        assert!(!compared.is_empty());
        for row in 0..matrix.n_rows() {
            let begin = spans[row].0;
            let is_before = |&other: &usize| {
                matrix.subject_of_row[other] == matrix.subject_of_row[row] && spans[other].1 < begin
            };
            let before: Vec<usize> = (0..matrix.n_rows()).filter(is_before).collect();
            let latest = before.iter().map(|&other| spans[other].1).max();
            let since = latest.map_or(f64::NAN, |end| (begin - end) as f64 / 3_600_000.0);
            let of = |row: usize, place: usize| matrix.values[[row, place]];
            assert!(is_close(of(row, place("since_previous")), since), "round {round}, row {row}");
            for &(feature, deviation) in &compared {
                let usual: Vec<f64> =
                    before.iter().map(|&other| of(other, feature)).filter(|value| !value.is_nan()).collect();
                let n = usual.len() as f64;
                let mean = usual.iter().sum::<f64>() / n;
                let spread = (usual.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
                let distance = of(row, feature) - mean;
                let expected = match usual.len() < 3 {
                    true => f64::NAN,
                    false if distance.abs() < 1e-12 => 0.0,
                    false => (distance / spread.max(mean.abs() / 10.0)).clamp(-10.0, 10.0),
                };
                let found = of(row, deviation);
                assert!(
                    is_close(found, expected),
                    "round {round}, row {row}, feature {feature}: {found} for {expected}"
                );
            }
        }
    }
}

#[test]
fn the_order_of_records_changes_no_bit() {
    let csv = sessions();
    let (header, body) = csv.split_once('\n').unwrap();
    let mut records: Vec<&str> = body.lines().collect();
    let build = |records: &[&str]| table_of(format!("{header}\n{}\n", records.join("\n")).as_bytes());
    for without_time in [false, true] {
        let roles: Vec<_> =
            ROLES.into_iter().filter(|(role, _)| !without_time || *role != Role::Time).collect();
        let plan = plan(Recipe::Session, &roles);
        let rows = |records: &[&str]| {
            let table = build(records);
            let (matrix, _) = features(&table, &plan);
            let session = table.index_of("session_id").unwrap();
            let rows = rows_by(&matrix, |row| table.columns()[session].text(row as usize).into_owned());
            rows.into_iter()
                .map(|(key, values)| {
                    (
                        key,
                        values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Vec<_>>(),
                    )
                })
                .collect::<Vec<_>>()
        };
        let expected = rows(&records);
        let mut rng = Rng::new(3);
        for _ in 0..3 {
            rng.shuffle(&mut records);
            assert_eq!(rows(&records), expected);
        }
    }
}

#[test]
fn fifty_features_where_the_columns_are_there_and_fewer_where_not() {
    let csv = sessions();
    let names: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let n_features = |csv: &str| {
        let table = table_of(csv.as_bytes());
        let is_there = |(_, name): &(Role, &str)| table.index_of(name).is_ok();
        let plan = plan(Recipe::Session, &ROLES.into_iter().filter(is_there).collect::<Vec<_>>());
        match FeatureJob::new(&table, &plan) {
            Ok(_) => features(&table, &plan).0.features.len(),
            Err(error) => {
                assert_eq!(error.code(), "too-few-rows", "{error}");
                assert!(error.to_string().contains("what was done"), "{error}");
                0
            }
        }
    };
    let all = n_features(&csv);
    assert!(all >= 50, "{all} features");
    for dropped in &names {
        let fewer = n_features(&without_columns(&csv, |name| name == *dropped));
        assert!(fewer >= 40 && fewer <= all, "{fewer} features without {dropped}");
    }
    for kept in &names {
        let few = n_features(&without_columns(&csv, |name| name != *kept));
        let says_nothing = ["user_id", "session_id", "label"].contains(kept);
        assert_eq!(few == 0, says_nothing, "{few} features of {kept} alone");
    }
    if let Some(bytes) = shared_file("systems/c_balanced_40.csv") {
        let found = n_features(std::str::from_utf8(&bytes).unwrap());
        assert!(found >= 50, "{found} features");
    }
}

#[test]
fn odd_tables_have_features_that_are_numbers() {
    let roles = [
        (Role::Entity, "user"),
        (Role::Time, "time"),
        (Role::Duration, "secs"),
        (Role::Amount, "amount"),
        (Role::Device, "device"),
    ];
    let csv = "user,time,secs,amount,clicks,scrolls,screen,device,touches\n\
               a,2024-01-01 10:00:00,0,1e308,0,0,1920x1080,PC,0\n\
               a,2024-01-01 10:00:00,-5,-1e308,-1,3,x,,\n\
               a,2024-01-01 10:00:00,3,0,5,,0x0,TV,\n\
               a,2024-01-01 10:00:00,1e300,5,1e300,1e300,1x1,Mobile,2\n\
               b,9999-12-31 23:59:59,,,,,,,\n\
               b,0001-01-01 00:00:00,1,1,1,1,1920x1080,PC,0\n";
    let (matrix, _) = features(&table_of(csv.as_bytes()), &plan(Recipe::Session, &roles));
    let value = |row: usize, name: &str| {
        let place = matrix.features.iter().position(|feature| feature.name == name);
        let place = place.unwrap_or_else(|| panic!("no feature {name}"));
        matrix.values[[row, place]]
    };
    // What took no time was not measured; a duration or a count below 0 is not known.
    assert_eq!((value(0, "events_per_sec"), value(0, "event_consistency")), (0.0, 1.0));
    assert!(value(1, "events_per_sec").is_nan() && value(1, "click_share").is_nan());
    assert_eq!((value(1, "scroll_share"), value(2, "events_total")), (1.0, 5.0));
    assert!(
        value(2, "other_pointer_share").is_nan() || !matrix.features.iter().any(|f| f.name == "touch_share")
    );
    // All of user a at one moment: none is earlier than another.
    assert!((0..4).all(|row| value(row, "clicks_vs_own").is_nan() && value(row, "since_previous").is_nan()));
    assert!(value(5, "since_previous") > 8e7 * 0.8, "ten thousand years");
}
#[test]
fn tables_of_sessions_are_known_by_what_they_count() {
    let of = |csv: &str| suggest(&table_of(csv.as_bytes())).unwrap().plan;
    let known = of(&sessions());
    assert_eq!((known.recipe, known.label.as_deref()), (Recipe::Session, Some("label")));
    assert_eq!((known.parameters.night_start_hour, known.parameters.night_end_hour), (22, 6));
    let roles: Vec<(Role, &str)> = known.roles.iter().map(|(&role, name)| (role, name.as_str())).collect();
    let mut expected = ROLES.to_vec();
    expected.sort();
    assert_eq!(roles, expected);
    // Without names of users and times, without names of sessions.
    let nameless =
        without_columns(&sessions(), |name| ["user_id", "session_id", "transaction_date"].contains(&name));
    assert_eq!(of(&nameless).recipe, Recipe::Session);
    // An identifier for each request is none of a session.
    let mut log = "user,time,action,session_id\n".to_owned();
    for i in 0..400 {
        log.push_str(&format!("u{},2026-01-{:02} 10:00:00,open,s{i}\n", i % 40, 1 + i % 28));
    }
    assert_eq!(of(&log).recipe, Recipe::Activity);
    for (file, label) in
        [("c_balanced_40.csv", "label"), ("c_imbalanced.csv", "label"), ("c_sample_100.csv", "label")]
    {
        let Some(bytes) = shared_file(&format!("systems/{file}")) else { continue };
        let plan = of(std::str::from_utf8(&bytes).unwrap());
        assert_eq!((plan.recipe, plan.label.as_deref()), (Recipe::Session, Some(label)), "{file}");
    }
}

#[test]
fn published_sessions_end_to_end() {
    for (file, least_auc) in
        [("c_balanced_40.csv", 0.45), ("c_imbalanced.csv", 0.9), ("c_sample_100.csv", 0.0)]
    {
        let Some(bytes) = shared_file(&format!("systems/{file}")) else { continue };
        let mut session = Session::default();
        session_support::ingest(&mut session, &bytes).unwrap();
        let view = session_support::analyze(&mut session, serde_json::json!({})).unwrap();
        assert_eq!(view.plan.recipe, Recipe::Session);
        let metrics = view.metrics.as_ref().unwrap();
        eprintln!(
            "{file}: {} features, ROC AUC {:.4}, PR AUC {:.4}, precision {:.3}, recall {:.3}",
            view.features.len(),
            metrics.roc_auc,
            metrics.pr_auc,
            metrics.precision,
            metrics.recall
        );
        for explanation in &view.top[..10] {
            eprintln!("  {}: {}", explanation.entity, explanation.sentence);
            assert!(
                !explanation.sentence.contains("NaN") && !explanation.sentence.contains('_'),
                "{}",
                explanation.sentence
            );
        }
        assert!(metrics.roc_auc >= least_auc, "{file}: {}", metrics.roc_auc);
        assert!(view.scores.iter().all(|score| score.is_finite()));
    }
}
