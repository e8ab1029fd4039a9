//! Running features of logins: against pandas, against their definitions, and without a look into the future.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;

use features_support::{features, golden_json, golden_path, plan, roles_of, shared_file, table_of};
use isoscope::engine::features::{FeatureJob, FeatureMatrix, RowUnit};
use isoscope::engine::ingest::Options;
use isoscope::engine::plan::{LoginRows, Plan, Recipe, Role};
use isoscope::engine::streaming::Aggregation;
use isoscope::engine::synth::{self, Sample, Spec};
use isoscope::engine::table::Table;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const TOLERANCE: f64 = 1e-9;

/// A value of the matrix, a category by its label; `None` where missing.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Number(f64),
    Label(String),
    Missing,
}

fn logins_plan(roles: &[(Role, &str)]) -> Plan {
    let mut plan = plan(Recipe::Login, roles);
    plan.parameters.login_rows = LoginRows::Login;
    plan
}

/// Features by name, for each used row of the table.
fn by_record(matrix: &FeatureMatrix) -> BTreeMap<u32, BTreeMap<String, Cell>> {
    let cells = |row: usize| {
        let cell = |(feature, &value): (&isoscope::engine::features::Feature, &f64)| {
            let cell = match (value.is_nan(), feature.labels.is_empty()) {
                (true, _) => Cell::Missing,
                (_, true) => Cell::Number(value),
                _ => Cell::Label(feature.labels[value as usize].clone()),
            };
            (feature.name.clone(), cell)
        };
        matrix.features.iter().zip(matrix.values.row(row)).map(cell).collect()
    };
    (0..matrix.n_rows())
        .map(|row| {
            let [record] = matrix.table_rows.rows(row) else { panic!("one record a row") };
            (*record, cells(row))
        })
        .collect()
}

const RISK_BASED: [(Role, &str); 7] = [
    (Role::Entity, "User ID"),
    (Role::Time, "Login Timestamp"),
    (Role::Address, "IP Address"),
    (Role::Country, "Country"),
    (Role::Browser, "Browser Name and Version"),
    (Role::Device, "Device Type"),
    (Role::Outcome, "Login Successful"),
];

const SAMPLE: [(Role, &str); 7] = [
    (Role::Entity, "user"),
    (Role::Time, "time"),
    (Role::Address, "ip_address"),
    (Role::Country, "country"),
    (Role::Browser, "browser"),
    (Role::Device, "device"),
    (Role::Outcome, "success"),
];

#[test]
fn every_login_equals_pandas() {
    let golden = golden_json("features_login.json");
    let mut n_values = 0;
    for case in golden["cases"].as_array().unwrap() {
        let file = case["file"].as_str().unwrap();
        let roles = roles_of(case);
        let table = table_of(&std::fs::read(golden_path(&format!("features/{file}.csv"))).unwrap());
        let (matrix, _) = features(&table, &logins_plan(&roles));
        assert_eq!((matrix.unit, matrix.start_of_row.is_some()), (RowUnit::Record, true));
        let names: Vec<&str> = matrix.features.iter().map(|feature| feature.name.as_str()).collect();
        assert_eq!(serde_json::to_value(&names).unwrap(), case["features"], "{file}");
        let expected = case["rows"].as_object().unwrap();
        let found = by_record(&matrix);
        assert_eq!(found.len(), expected.len(), "{file}");
        for (record, cells) in found {
            for (name, expected) in names.iter().zip(expected[&record.to_string()].as_array().unwrap()) {
                let is_same = match (&cells[*name], expected) {
                    (Cell::Missing, Value::Null) => true,
                    (Cell::Label(label), Value::String(expected)) => label == expected,
                    (Cell::Number(value), Value::Number(expected)) => {
                        let expected = expected.as_f64().unwrap();
                        (value - expected).abs() <= TOLERANCE * expected.abs().max(1.0)
                    }
                    _ => false,
                };
                assert!(is_same, "{file}, record {record}, {name}: {:?}, not {expected}", cells[*name]);
                n_values += 1;
            }
        }
    }
    assert!(n_values > 9_000, "{n_values} values compared");
}

/// Each feature of each login by its definition, from the texts of the log: every login looks at all others.
fn by_definition(table: &Table, roles: &[(Role, &str)]) -> BTreeMap<u32, BTreeMap<String, Cell>> {
    let text = |role: Role, row: u32| {
        let column = roles.iter().find(|(other, _)| *other == role)?.1;
        let column = &table.columns()[table.index_of(column).unwrap()];
        column.is_valid(row as usize).then(|| column.text(row as usize).into_owned())
    };
    let has = |role: Role| roles.iter().any(|(other, _)| *other == role);
    let family = |row: u32| {
        let text = text(Role::Browser, row)?;
        Some(isoscope::engine::agent::family(&text).into_owned())
    };
    let time_column = roles.iter().find(|(role, _)| *role == Role::Time).unwrap().1;
    let times = &table.columns()[table.index_of(time_column).unwrap()];
    let ms = |row: u32| match times.data() {
        isoscope::engine::table::ColumnData::Timestamp { ms, .. } => ms[row as usize],
        other => panic!("times, not {other:?}"),
    };
    let used: Vec<u32> = (0..table.n_rows() as u32)
        .filter(|&row| times.is_valid(row as usize) && text(Role::Entity, row).is_some())
        .collect();
    let mut logins_of: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for &row in &used {
        logins_of.entry(text(Role::Entity, row).unwrap()).or_default().push(row);
    }
    let mut out = BTreeMap::new();
    for &row in &used {
        let own = &logins_of[&text(Role::Entity, row).unwrap()];
        let so_far: Vec<u32> =
            own.iter().copied().filter(|&other| (ms(other), other) <= (ms(row), row)).collect();
        let count = |what: &str| {
            let says = |&other: &u32| text(Role::Outcome, other).is_some_and(|t| t.to_lowercase() == what);
            so_far.iter().copied().filter(says).count() as f64
        };
        let mut cells = BTreeMap::from([("logins".to_owned(), Cell::Number(so_far.len() as f64))]);
        let mut add = |name: &str, cell: Cell| cells.insert(name.to_owned(), cell);
        if has(Role::Outcome) {
            add("failed_logins", Cell::Number(count("false")));
            add("login_ratio", Cell::Number(count("false") / count("true").max(1.0)));
        }
        for (role, name) in
            [(Role::Device, "devices"), (Role::Address, "addresses"), (Role::Country, "countries")]
        {
            if has(role) {
                let distinct: BTreeSet<String> =
                    so_far.iter().filter_map(|&other| text(role, other)).collect();
                add(&format!("distinct_{name}"), Cell::Number(distinct.len() as f64));
            }
        }
        if has(Role::Browser) {
            let distinct: BTreeSet<String> = so_far.iter().filter_map(|&other| family(other)).collect();
            add("distinct_browsers", Cell::Number(distinct.len() as f64));
            add("browser", family(row).map_or(Cell::Missing, Cell::Label));
        }
        for (role, name) in [(Role::Country, "country"), (Role::Device, "device")] {
            if has(role) {
                add(name, text(role, row).map_or(Cell::Missing, Cell::Label));
            }
        }
        let previous = so_far.iter().filter(|&&other| other != row).map(|&other| ms(other)).max();
        let since =
            previous.map_or(Cell::Missing, |previous| Cell::Number((ms(row) - previous) as f64 / 1_000.0));
        add("time_since_previous_login", since);
        out.insert(row, cells);
    }
    out
}

#[test]
fn a_generated_log_equals_the_definitions() {
    let csv = synth::generate(&Spec { users: 30, days: 15, ..Spec::new(Sample::Logins) }).unwrap().csv;
    let table = table_of(&csv);
    let (matrix, findings) = features(&table, &logins_plan(&SAMPLE));
    assert_eq!(findings, []);
    assert_eq!(matrix.n_rows(), table.n_rows());
    let expected = by_definition(&table, &SAMPLE);
    for (record, cells) in by_record(&matrix) {
        assert_eq!(cells, expected[&record], "record {record}");
    }
    assert!(matrix.features.iter().all(|feature| !feature.formula.is_empty()));
}

/// Rows of the public file as a spreadsheet left them: of its times only minutes and seconds are left, so they get a
/// day and an hour here.
#[test]
fn rows_of_the_public_file_equal_the_definitions() {
    let Some(bytes) = shared_file("logs/rba_2000.csv") else { return };
    let text = String::from_utf8(bytes).unwrap();
    let mut lines = text.lines();
    let mut log = lines.next().unwrap().to_owned();
    lines.for_each(|line| log.push_str(&format!("\n2020-02-03 12:{line}")));
    let table = table_of(log.as_bytes());
    assert_eq!(table.n_rows(), 2_000);
    let (matrix, _) = features(&table, &logins_plan(&RISK_BASED));
    let expected = by_definition(&table, &RISK_BASED);
    let found = by_record(&matrix);
    assert_eq!(found.len(), expected.len());
    for (record, cells) in found {
        assert_eq!(cells, expected[&record], "record {record}");
    }
}

#[test]
fn a_users_last_login_says_what_the_users_row_says() {
    let csv = synth::generate(&Spec { users: 60, days: 10, ..Spec::new(Sample::Logins) }).unwrap().csv;
    let table = table_of(&csv);
    let (logins, _) = features(&table, &logins_plan(&SAMPLE));
    let (users, _) = features(&table, &plan(Recipe::Login, &SAMPLE));
    let mut n_compared = 0;
    for user in 0..users.n_rows() {
        let last = (0..logins.n_rows()).rfind(|&row| logins.subject_of_row[row] as usize == user).unwrap();
        for (column, feature) in users.features.iter().enumerate() {
            let Some(running) = logins.features.iter().position(|other| other.name == feature.name) else {
                assert_eq!(feature.name, "avg_time_between_logins");
                continue;
            };
            let (last, whole) = (logins.values[[last, running]], users.values[[user, column]]);
            assert_eq!(last.to_bits(), whole.to_bits(), "{} of {}", feature.name, users.subjects[user]);
            n_compared += 1;
        }
    }
    assert!(n_compared >= 8 * users.n_rows());
}

#[test]
fn logins_that_were_added_up_cannot_be_told_apart() {
    let csv = synth::generate(&Spec { users: 20, days: 5, ..Spec::new(Sample::Logins) }).unwrap().csv;
    let mut aggregation = Aggregation::new(Options::default(), None).unwrap();
    aggregation.push(&csv).unwrap();
    let table = aggregation.finish().unwrap().table;
    let error = FeatureJob::new(&table, &logins_plan(&[(Role::Entity, "user"), (Role::Time, "last_login")]))
        .unwrap_err();
    assert_eq!(error.code(), "parameter");
    assert!(error.to_string().contains("loginRows"), "{error}");
}

#[test]
fn odd_logs_have_rows_as_documented() {
    let roles = [(Role::Entity, "user"), (Role::Time, "at"), (Role::Device, "device"), (Role::Outcome, "ok")];
    let logins = |rows: &str| {
        let table = table_of(format!("user,at,device,ok\n{rows}").as_bytes());
        let (matrix, _) = features(&table, &logins_plan(&roles));
        by_record(&matrix)
    };
    // One user, all times equal, in the order of the file; a missing device is no device, a missing outcome neither.
    let found =
        logins("a,2026-01-05 10:00:00,phone,false\na,2026-01-05 10:00:00,,\na,2026-01-05 10:00:00,pc,true\n");
    let column = |name: &str| -> Vec<Cell> { found.values().map(|cells| cells[name].clone()).collect() };
    let numbers = |values: [f64; 3]| values.map(Cell::Number).to_vec();
    assert_eq!(column("logins"), numbers([1.0, 2.0, 3.0]));
    assert_eq!(column("failed_logins"), numbers([1.0, 1.0, 1.0]));
    assert_eq!(column("login_ratio"), numbers([1.0, 1.0, 1.0]));
    assert_eq!(column("distinct_devices"), numbers([1.0, 1.0, 2.0]));
    assert_eq!(column("time_since_previous_login"), [Cell::Missing, Cell::Number(0.0), Cell::Number(0.0)]);
    let label = |text: &str| Cell::Label(text.to_owned());
    assert_eq!(column("device"), [label("phone"), Cell::Missing, label("pc")]);
    // Times far apart.
    let found = logins("a,0001-01-01 00:00:00,pc,true\na,9999-12-31 23:59:59,pc,true\n");
    assert_eq!(found[&1]["time_since_previous_login"], Cell::Number(315_537_897_599.0));
}

/// Logins of a few users within a few minutes, so that times are often equal and values come again.
fn login() -> impl Strategy<Value = String> {
    let address = prop::option::weighted(0.8, 0u8..5);
    let outcome = prop::sample::select(&["true", "false", ""][..]);
    (0u8..4, 0u8..60, 0u8..3, address, 0u8..4, outcome).prop_map(
        |(user, second, device, address, browser, ok)| {
            let address = address.map(|n| format!("10.0.0.{n}")).unwrap_or_default();
            let browser = ["Chrome 81.0", "Chrome 82.1", "Firefox 3.5", ""][usize::from(browser)];
            format!("u{user},2026-01-05 10:00:{second:02},d{device},{address},{browser},{ok}")
        },
    )
}

const HEADER: &str = "user,time,device,ip_address,browser,success";

fn rows_of(lines: &[String]) -> BTreeMap<u32, BTreeMap<String, Cell>> {
    // Two rows in front that make every column what it is, however few others follow.
    let known = "zz,2026-01-05 09:00:00,d0,10.0.0.9,Opera 1.0,true\nzz,2026-01-05 09:00:01,d1,10.0.0.8,Opera 1.0,false";
    let log = format!("{HEADER}\n{known}\n{}\n", lines.join("\n"));
    let roles: Vec<(Role, &str)> = SAMPLE.into_iter().filter(|(role, _)| *role != Role::Country).collect();
    let (matrix, _) = features(&table_of(log.as_bytes()), &logins_plan(&roles));
    by_record(&matrix)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// Later rows change nothing of earlier ones.
    #[test]
    fn there_is_no_look_into_the_future(mut lines in prop::collection::vec(login(), 1..60), kept in 0usize..60) {
        lines.sort_by_key(|line| line[3..22].to_owned());
        let kept = kept.min(lines.len());
        let whole = rows_of(&lines);
        let first: BTreeMap<_, _> = whole.into_iter().filter(|(record, _)| (*record as usize) < kept + 2).collect();
        prop_assert_eq!(rows_of(&lines[..kept]), first);
    }

    /// The order of rows does not matter, but among those of equal time.
    #[test]
    fn order_does_not_matter_where_times_differ(lines in prop::collection::vec(login(), 1..60), shift in 0usize..60) {
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.rotate_left(shift % lines.len());
        order.reverse();
        let time = |line: &String| line[3..22].to_owned();
        // Where each row goes: equal times keep the order that they had.
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        order.iter().for_each(|&row| places.entry(time(&lines[row])).or_default().push(row));
        places.values_mut().for_each(|rows| rows.sort_unstable_by(|a, b| b.cmp(a)));
        let order: Vec<usize> = order.iter().map(|&row| places.get_mut(&time(&lines[row])).unwrap().pop().unwrap()).collect();
        let turned: Vec<String> = order.iter().map(|&row| lines[row].clone()).collect();
        let (straight, turned) = (rows_of(&lines), rows_of(&turned));
        for (place, &row) in order.iter().enumerate() {
            prop_assert_eq!(&turned[&(place as u32 + 2)], &straight[&(row as u32 + 2)]);
        }
    }
}
