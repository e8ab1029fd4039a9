//! What features are at the edges: order, ties, extremes, missing parts, errors, labels.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;

use features_support::{features, plan, table, table_in, table_of, value};
use isoscope::engine::error::{Error, ErrorKind};
use isoscope::engine::features::{Feature, FeatureJob, FeatureMatrix, row_labels};
use isoscope::engine::finding::{Finding, FindingKind};
use isoscope::engine::plan::{Period, Plan, Recipe, Role};
use isoscope::engine::rng::Rng;
use isoscope::engine::synth::{self, Sample, Spec};
use isoscope::engine::table::{Codes, Column, ColumnData, Dictionary, Table, Validity};
use isoscope::engine::time;
use isoscope::engine::time::zone::Zone;
use std::collections::BTreeMap;

const LOG_ROLES: [(Role, &str); 3] = [(Role::Entity, "user"), (Role::Time, "time"), (Role::Action, "action")];

fn finding(findings: &[Finding], kind: FindingKind) -> Option<&Finding> {
    findings.iter().find(|finding| finding.kind == kind)
}

fn error_of(table: &Table, plan: &Plan) -> Error {
    FeatureJob::new(table, plan).map(|_| ()).unwrap_err()
}

/// Matrix rows by entity name, so that two matrices can be compared whatever the order of their rows.
fn by_entity(matrix: &FeatureMatrix) -> Vec<(String, Vec<u64>)> {
    let bits = |row| matrix.values.row(row).iter().map(|value: &f64| value.to_bits()).collect();
    let mut rows: Vec<_> = (0..matrix.n_rows()).map(|row| (matrix.entity(row), bits(row))).collect();
    rows.sort();
    rows
}

#[test]
fn the_order_of_records_changes_no_bit() {
    let logins = synth::generate(&Spec { users: 40, days: 6, ..Spec::new(Sample::Logins) }).unwrap();
    let web = synth::generate(&Spec { users: 12, days: 4, ..Spec::new(Sample::WebSessions) }).unwrap();
    let all_roles = [
        (Role::Entity, "user"),
        (Role::Time, "time"),
        (Role::Address, "ip_address"),
        (Role::Country, "country"),
        (Role::Device, "device"),
        (Role::Browser, "browser"),
        (Role::Outcome, "success"),
    ];
    let mut with_sessions = LOG_ROLES.to_vec();
    with_sessions.push((Role::Session, "session_id"));
    for (csv, roles) in [(logins.csv, all_roles.as_slice()), (web.csv, &with_sessions)] {
        let text = String::from_utf8(csv).unwrap();
        let (header, body) = text.split_once('\n').unwrap();
        // A column of amounts whose sums depend on the order in which they are added, and a few equal times.
        let mut rng = Rng::new(5);
        let mut records: Vec<String> = body
            .lines()
            .enumerate()
            .map(|(i, line)| {
                format!("{},{}", line.replace(":01,", ":00,"), 0.1 + i as f64 * 1e7 * rng.uniform())
            })
            .collect();
        let mut roles = roles.to_vec();
        roles.push((Role::Amount, "amount"));
        let build = |records: &[String]| table(&format!("{header},amount\n{}\n", records.join("\n")));
        for recipe in [Recipe::Activity, Recipe::UserDay] {
            let plan = plan(recipe, &roles);
            let (original, _) = features(&build(&records), &plan);
            for _ in 0..3 {
                rng.shuffle(&mut records);
                let (shuffled, _) = features(&build(&records), &plan);
                assert_eq!(shuffled.features, original.features);
                assert!(by_entity(&shuffled) == by_entity(&original), "{}", recipe.name());
            }
        }
    }
}

#[test]
fn evidence_is_in_time_order_with_ties_in_file_order() {
    let table = table(
        "user,time,action\n\
         a,2026-01-06 10:00:00,x\na,2026-01-05 09:00:00,y\nb,2026-01-05 09:00:00,x\na,2026-01-05 09:00:00,x\n\
         a,2026-01-05 08:00:00,x\n",
    );
    let (whole, _) = features(&table, &plan(Recipe::Activity, &LOG_ROLES));
    assert_eq!(whole.subjects, ["a", "b"]);
    assert_eq!(whole.table_rows.rows(0), [4, 1, 3, 0]);
    assert_eq!(whole.start_of_row, None);
    let (days, _) = features(&table, &plan(Recipe::UserDay, &LOG_ROLES));
    assert_eq!(days.entity(0), "a 2026-01-05");
    assert_eq!((days.table_rows.rows(0), days.table_rows.rows(1)), ([4, 1, 3].as_slice(), [0].as_slice()));
    assert_eq!((days.subject_of_row.as_slice(), days.n_rows()), ([0, 0, 1].as_slice(), 3));
}

#[test]
fn records_without_entity_or_time_are_counted_and_left_out() {
    let table = table(
        "user,time,action\n,2026-01-05 10:00:00,x\na,2026-01-05 11:00:00,x\nb,,x\na,2026-01-05 12:00:00,y\n",
    );
    let (matrix, findings) = features(&table, &plan(Recipe::Activity, &LOG_ROLES));
    assert_eq!((matrix.n_rows(), matrix.n_unused_rows), (1, 2));
    assert_eq!(matrix.subjects, ["a"]);
    let unusable = finding(&findings, FindingKind::UnusableRecords).unwrap();
    assert_eq!((unusable.count, unusable.first.record), (2, 1));
}

#[test]
fn nothing_usable_is_an_error_that_names_the_columns() {
    let table = table("user,time,action\n,2026-01-05 10:00:00,x\n,2026-01-06 10:00:00,y\n");
    let error = error_of(&table, &plan(Recipe::Activity, &LOG_ROLES));
    assert!(matches!(error.kind(), ErrorKind::TooFewRows { found: 0, .. }), "{error}");
    assert!(error.to_string().contains("\"user\" and \"time\""), "{error}");
}

#[test]
fn plans_that_do_not_fit_are_refused() {
    let table =
        table("user,time,action,n\na,2026-01-05 10:00:00,view,1.5\nb,2026-01-06 10:00:00,click,2.5\n");
    let code = |roles: &[(Role, &str)]| error_of(&table, &plan(Recipe::Activity, roles)).code();
    assert_eq!(code(&[(Role::Entity, "user")]), "missing-role");
    assert_eq!(code(&[(Role::Entity, "user"), (Role::Time, "when")]), "no-such-column");
    assert_eq!(code(&[(Role::Entity, "user"), (Role::Time, "action")]), "wrong-type");
    let with = |role, column| [(Role::Entity, "user"), (Role::Time, "time"), (role, column)];
    assert_eq!(code(&with(Role::Amount, "action")), "wrong-type");
    assert_eq!(code(&with(Role::Outcome, "action")), "wrong-type");
    assert_eq!(code(&with(Role::Outcome, "n")), "wrong-type");
    let mut bad_gap = plan(Recipe::UserDay, &LOG_ROLES);
    bad_gap.parameters.session_gap_secs = 0.0;
    assert_eq!(error_of(&table, &bad_gap).code(), "parameter");
}

#[test]
fn extreme_times_and_numbers_stay_finite() {
    let year_ms = 31_556_952_000;
    let ms = vec![i64::MIN, -5_000_000 * year_ms, 0, 5_000_000 * year_ms, i64::MAX, 1];
    let n = ms.len();
    let mut validity = Validity::new();
    (0..n).for_each(|_| validity.push(true));
    let mut dictionary = Dictionary::new();
    dictionary.intern("a");
    let amounts = vec![f64::MAX, f64::MAX, -f64::MAX, f64::MAX, 5e-324, f64::MAX];
    let table = Table::new(vec![
        Column::new("user", ColumnData::Category { codes: Codes::zeros(n), dictionary }, validity.clone()),
        Column::new("time", ColumnData::Timestamp { ms, zoned: true }, validity.clone()),
        Column::new("amount", ColumnData::Float(amounts), validity),
    ]);
    let roles = [(Role::Entity, "user"), (Role::Time, "time"), (Role::Amount, "amount")];
    for (recipe, n_rows) in [(Recipe::Activity, 1), (Recipe::UserDay, 3)] {
        // `features` asserts that every value is finite.
        let (matrix, _) = features(&table, &plan(recipe, &roles));
        assert_eq!(
            (matrix.n_rows(), matrix.n_unused_rows),
            (n_rows, 2),
            "times no calendar holds are left out"
        );
        assert!(matrix.values.iter().all(|value| value.abs() <= FeatureMatrix::MAX_MAGNITUDE));
        assert!((0..n_rows).all(|row| matrix.entity(row).starts_with('a')));
    }
}

#[test]
fn an_hour_shown_twice_is_two_rows_and_a_week_ends_on_sunday() {
    let csv = "user,time,action\n\
               a,2026-10-25T00:10:00Z,x\na,2026-10-25T01:10:00Z,x\na,2026-10-25T02:10:00Z,x\na,2026-10-25T23:30:00Z,x\n";
    let table = table_in(csv.as_bytes(), Some(berlin()));
    let mut plan = plan(Recipe::UserDay, &LOG_ROLES);
    plan.parameters.period = Period::Hour;
    let (hours, _) = features(&table, &plan);
    let entities: Vec<String> = (0..hours.n_rows()).map(|row| hours.entity(row)).collect();
    assert_eq!(
        entities,
        ["a 2026-10-25 02:00", "a 2026-10-25 02:00", "a 2026-10-25 03:00", "a 2026-10-26 00:00"]
    );
    plan.parameters.period = Period::Week;
    let (weeks, _) = features(&table, &plan);
    let entities: Vec<String> = (0..weeks.n_rows()).map(|row| weeks.entity(row)).collect();
    assert_eq!(entities, ["a week of 2026-10-19", "a week of 2026-10-26"]);
    assert_eq!(value(&weeks, "a week of 2026-10-19", "inactivity_hours"), 7.0 * 24.0 + 1.0 - 3.0);
}

/// Berlin's clock in 2026.
fn berlin() -> Zone {
    let transitions = [(0i64, 3_600), (1_774_746_000_000, 7_200), (1_792_890_000_000, 3_600)];
    serde_json::from_value(serde_json::json!({ "name": "Europe/Berlin", "transitions": transitions }))
        .unwrap()
}

#[test]
fn a_day_has_23_24_or_25_hours() {
    // Twice in one hour of each day, then also in the last hour before midnight.
    let days = [("2026-03-28", 24.0), ("2026-03-29", 23.0), ("2026-10-24", 24.0), ("2026-10-25", 25.0)];
    let events = |times: &[&str]| -> String {
        days.iter().flat_map(|(day, _)| times.iter().map(move |time| format!("a,{day} {time},x\n"))).collect()
    };
    let plan = plan(Recipe::UserDay, &LOG_ROLES);
    for (times, n_active) in
        [(&["12:05:00", "12:55:00"][..], 1.0), (&["00:00:00", "12:00:00", "23:59:59"], 3.0)]
    {
        let csv = format!("user,time,action\n{}", events(times));
        let (matrix, _) = features(&table_in(csv.as_bytes(), Some(berlin())), &plan);
        assert_eq!(matrix.n_rows(), days.len());
        for (day, n_hours) in days {
            let found = value(&matrix, &format!("a {day}"), "inactivity_hours");
            assert_eq!(found, n_hours - n_active, "{day}");
        }
    }
}

/// Values by entity and feature; of a category its label, since places are those of first appearance.
fn said(matrix: &FeatureMatrix) -> BTreeMap<(String, usize), BTreeMap<String, String>> {
    let mut n_of_entity: BTreeMap<String, usize> = BTreeMap::new();
    let text = |(value, feature): (&f64, &Feature)| {
        let label = feature.labels.get(*value as usize).filter(|_| !value.is_nan());
        (feature.name.clone(), label.cloned().unwrap_or_else(|| format!("{:x}", value.to_bits())))
    };
    let row = |row: usize| {
        let nth = n_of_entity.entry(matrix.entity(row)).or_default();
        *nth += 1;
        let values = matrix.values.row(row);
        ((matrix.entity(row), *nth), values.iter().zip(&matrix.features).map(text).collect())
    };
    (0..matrix.n_rows()).map(row).collect()
}

#[test]
fn later_rows_change_no_period_that_is_over_and_no_record() {
    let web = synth::generate(&Spec { users: 12, days: 9, ..Spec::new(Sample::WebSessions) }).unwrap();
    let text = String::from_utf8(web.csv).unwrap();
    let (header, body) = text.split_once('\n').unwrap();
    let time_column = header.split(',').position(|name| name == "time").unwrap();
    let time = |record: &str| record.split(',').nth(time_column).unwrap().to_owned();
    let mut records: Vec<&str> = body.lines().collect();
    records.sort_by_key(|record| time(record));
    let of_first = |n: usize, plan: &Plan| {
        let (matrix, _) = features(&table(&format!("{header}\n{}\n", records[..n].join("\n"))), plan);
        said(&matrix)
    };
    let mut plan = plan(Recipe::UserDay, &LOG_ROLES);
    for (recipe, period) in [
        (Recipe::UserDay, Period::Hour),
        (Recipe::UserDay, Period::Day),
        (Recipe::UserDay, Period::Week),
        (Recipe::Table, Period::Day),
    ] {
        (plan.recipe, plan.parameters.period) = (recipe, period);
        let whole = of_first(records.len(), &plan);
        for n in [records.len() / 4, records.len() / 2, records.len() - 1] {
            // What is under way when the log is cut has more to come.
            let now = time(records[n - 1]);
            let is_over = |entity: &str| match (recipe, period) {
                (Recipe::Table, _) => true,
                (_, Period::Hour) => !entity.ends_with(&format!("{} {}:00", &now[..10], &now[11..13])),
                (_, Period::Day) => !entity.ends_with(&now[..10]),
                (_, Period::Week) => entity.rsplit(' ').next() < Some(&monday_of(&now[..10])[..]),
            };
            let part = of_first(n, &plan);
            let mut n_compared = 0;
            for (key, values) in part.iter().filter(|((entity, _), _)| is_over(entity)) {
                assert_eq!(Some(values), whole.get(key), "{} {key:?} of the first {n}", recipe.name());
                n_compared += 1;
            }
            assert!(n_compared > 10 || (period == Period::Week && n < records.len() / 2 + 1), "{n_compared}");
        }
    }
}

fn monday_of(day: &str) -> String {
    let number = |range: std::ops::Range<usize>| day[range].parse().unwrap();
    let days = time::days_from_civil(number(0..4), number(5..7) as u32, number(8..10) as u32);
    time::iso_day(time::monday_of(time::week_of(days)))
}

#[test]
fn hours_and_days_are_as_the_plan_says() {
    let table = table("user,time,action\na,2026-01-02 10:00:00,x\na,2026-01-03 11:00:00,x\n");
    let mut plan = plan(Recipe::Activity, &LOG_ROLES);
    plan.parameters.weekend_days = [5].into();
    let (matrix, _) = features(&table, &plan);
    assert_eq!(value(&matrix, "a", "weekend_share"), 0.5);
    let weekend = matrix.features.iter().find(|feature| feature.name == "weekend_share").unwrap();
    assert_eq!(weekend.meaning, "share of activity on Fridays");
    for (days, hour) in [([0].into(), 9), ([8].into(), 9), ([6].into(), 24)] {
        plan.parameters.weekend_days = days;
        plan.parameters.work_start_hour = hour;
        assert_eq!(error_of(&table, &plan).code(), "parameter");
    }
}

#[test]
fn extreme_logs_have_features() {
    // All at one moment; everybody once; one who does ten thousand things; durations below 0.
    let logs = [
        (0..500).map(|i| format!("u{},2026-01-05 10:00:00,x,1\n", i % 5)).collect::<String>(),
        (0..20_000).map(|i| format!("u{i},2026-01-05 10:{:02}:{:02},x,1\n", i / 60 % 60, i % 60)).collect(),
        (0..10_000).map(|i| format!("u,2026-01-{:02} 10:00:00,action {i},1\n", i % 28 + 1)).collect(),
        (0..100).map(|i| format!("u{},2026-01-05 10:{:02}:00,,{}\n", i % 3, i % 60, -i)).collect(),
    ];
    for log in logs {
        let table = table(&format!("user,time,action,duration\n{log}"));
        let roles = [LOG_ROLES.as_slice(), &[(Role::Duration, "duration")]].concat();
        for recipe in [Recipe::Activity, Recipe::UserDay] {
            let (matrix, _) = features(&table, &plan(recipe, &roles));
            assert_eq!(matrix.table_rows.n_rows(), table.n_rows());
            assert!(matrix.features.len() < 50);
        }
    }
}

#[test]
fn only_common_actions_among_many_have_shares_of_their_own() {
    let mut csv = "user,time,action\n".to_owned();
    for i in 0..1_000 {
        let action = if i % 2 == 0 { "GET /".to_owned() } else { format!("GET /page/{}", i % 300) };
        csv.push_str(&format!("u{},2026-01-05 10:{:02}:00,{action}\n", i % 7, i % 60));
    }
    let (matrix, _) = features(&table(&csv), &plan(Recipe::Activity, &LOG_ROLES));
    let shares: Vec<&str> = matrix
        .features
        .iter()
        .filter(|feature| feature.name.starts_with("share_"))
        .map(|feature| feature.name.as_str())
        .collect();
    assert_eq!(shares, ["share_get", "share_other_actions"]);
    assert!(value(&matrix, "u0", "distinct_actions") > 50.0);
}

#[test]
fn outcomes_in_words_numbers_and_status_codes() {
    let failed = |name: &str, values: [&str; 4]| {
        let rows: String = values
            .iter()
            .enumerate()
            .map(|(i, value)| format!("a,2026-01-05 10:0{i}:00,{value}\n"))
            .collect();
        let table = table(&format!("user,time,{name}\n{rows}"));
        let roles = [(Role::Entity, "user"), (Role::Time, "time"), (Role::Outcome, name)];
        let (matrix, _) = features(&table, &plan(Recipe::Activity, &roles));
        (value(&matrix, "a", "failed_count"), value(&matrix, "a", "failed_share"))
    };
    assert_eq!(failed("success", ["true", "false", "true", "false"]), (2.0, 0.5));
    assert_eq!(failed("login_failed", ["true", "false", "false", "false"]), (1.0, 0.25));
    assert_eq!(failed("success", ["1", "0", "0", "0"]), (3.0, 0.75));
    assert_eq!(failed("isFailure", ["1", "0", "0", "0"]), (1.0, 0.25));
    assert_eq!(failed("status", ["200", "404", "304", "503"]), (2.0, 0.5));
    assert_eq!(
        failed("result", ["Success", "Denied", "unknown", ""]),
        (1.0, 0.5),
        "what is not known is not counted"
    );
}

#[test]
fn a_table_of_days_gives_its_own_columns() {
    let csv = "user,date,logins,avg_session_duration,mood,truth\n\
               a,2026-01-05,3,10.5,good,0\na,2026-01-06,,12.5,bad,0\nb,2026-01-05,9,7,good,1\nb,2026-01-07,5,8,bad,1\n";
    let days = table(csv);
    let mut by_day = plan(Recipe::UserDay, &[(Role::Entity, "user"), (Role::Time, "date")]);
    by_day.label = Some("truth".to_owned());
    let (matrix, findings) = features(&days, &by_day);
    let names: Vec<&str> = matrix.features.iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(names, ["logins", "avg_session_duration"]);
    assert_eq!((matrix.features[1].unit.as_str(), matrix.features[0].meaning.as_str()), ("min", "logins"));
    assert!(value(&matrix, "a 2026-01-06", "logins").is_nan(), "preparation fills it, as the plan says");
    assert!(findings.is_empty(), "{findings:?}");

    // A second row for a day makes it a log of events.
    let log = table(&format!("{csv}a,2026-01-05,1,1,good,0\n"));
    let (matrix, _) = features(&log, &by_day);
    assert_eq!(matrix.features[0].name, "sessions_count");
    assert_eq!(value(&matrix, "a 2026-01-05", "actions_count"), 2.0);
}

#[test]
fn labels_of_rows() {
    let log = |labels: [&str; 4]| {
        let times =
            ["2026-01-05 10:00:00", "2026-01-05 11:00:00", "2026-01-06 10:00:00", "2026-01-05 10:00:00"];
        let rows: Vec<String> =
            (0..4).map(|i| format!("{},{},x,{}", ["a", "a", "a", "b"][i], times[i], labels[i])).collect();
        table(&format!("user,time,action,label\n{}\n", rows.join("\n")))
    };
    let labels = |values: [&str; 4], recipe| {
        let table = log(values);
        let (matrix, _) = features(&table, &plan(recipe, &LOG_ROLES));
        row_labels(&table, &matrix, 3)
    };
    assert_eq!(labels(["0", "1", "0", "0"], Recipe::Activity), Ok(vec![true, false]));
    assert_eq!(labels(["0", "1", "0", "0"], Recipe::UserDay), Ok(vec![true, false, false]));
    assert_eq!(labels(["false", "true", "false", ""], Recipe::Activity), Ok(vec![true, false]));
    assert_eq!(
        labels(["Normal", "normal", "Attack", "BENIGN"], Recipe::UserDay),
        Ok(vec![false, true, false])
    );
    for bad in [["0", "1", "2", "0"], ["normal", "smurf", "normal", "normal"], ["0.5", "1", "0", "0"]] {
        let error = labels(bad, Recipe::Activity).unwrap_err();
        assert_eq!(error.code(), "labels", "{bad:?}");
        assert!(error.to_string().contains("\"label\""), "{error}");
    }
    assert!(labels(["", "", "", ""], Recipe::Activity).unwrap_err().to_string().contains("no values"));
}

#[test]
fn numbered_entities_are_named_by_their_numbers() {
    let table = table_of(
        b"user,time,action\n17,2026-01-05 10:00:00,x\n-3,2026-01-05 11:00:00,x\n17,2026-01-06 10:00:00,y\n",
    );
    let (matrix, _) = features(&table, &plan(Recipe::Activity, &LOG_ROLES));
    assert_eq!(matrix.subjects, ["17", "-3"]);
    assert_eq!(value(&matrix, "17", "events_count"), 2.0);
}
