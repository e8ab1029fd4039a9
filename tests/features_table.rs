//! The recipe table: one row per record, from columns of every kind, and the whole way to reasons (system D).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;
mod session_support;

use features_support::{plan, shared_file, table};
use isoscope::engine::features::{FeatureJob, FeatureMatrix, RowUnit};
use isoscope::engine::finding::Finding;
use isoscope::engine::plan::{Plan, Recipe, Role};
use isoscope::engine::session::Session;
use isoscope::engine::table::Table;
use isoscope::protocol::{AnalysisView, Response};
use serde_json::{Value, json};
use session_support::{analyze, call, ingest, learn};

/// Missing values are NaN.
fn features(table: &Table, plan: &Plan) -> (FeatureMatrix, Vec<Finding>) {
    let mut job = FeatureJob::new(table, plan).unwrap();
    while !job.is_done() {
        job.step(table).unwrap();
    }
    job.finish()
}

fn names(matrix: &FeatureMatrix) -> Vec<&str> {
    matrix.features.iter().map(|feature| feature.name.as_str()).collect()
}

const EMPLOYEES: &str = "employee,department,hours,remote,hired,seen,idle,note_id,boss\n\
    ann,Sales,40,true,2020-01-06,2024-07-01T10:30:00,PT1H,1,x\n\
    bob,Sales,38.5,false,2021-03-01,2024-07-02T00:00:00,PT30M,2,x\n\
    ann,HR,,true,,2024-07-03T23:00:00,PT0S,3,x\n\
    ,HR,41,,2019-12-31,2024-07-04T12:00:00,,4,\n\
    eve,HR,39,false,2020-01-06,2024-07-05T12:00:00,PT2H,5,x\n";

#[test]
fn columns_of_every_kind_become_features() {
    let table = table(EMPLOYEES);
    let (matrix, findings) = features(&table, &plan(Recipe::Table, &[(Role::Entity, "employee")]));
    assert_eq!(matrix.unit, RowUnit::Record);
    assert_eq!(matrix.subjects, ["ann record 1", "bob", "ann record 3", "record 4", "eve"]);
    assert_eq!((0..5).map(|row| matrix.entity(row)).collect::<Vec<_>>(), matrix.subjects);
    let expected = [
        "department",
        "hours",
        "remote",
        "hired",
        "hired_weekday",
        "seen",
        "seen_weekday",
        "seen_hour",
        "idle",
        "boss",
    ];
    assert_eq!(names(&matrix), expected);
    let value = |row: usize, name: &str| {
        let feature = names(&matrix).iter().position(|&n| n == name).unwrap();
        let (value, labels) = (matrix.values[[row, feature]], &matrix.features[feature].labels);
        if labels.is_empty() || value.is_nan() { value.to_string() } else { labels[value as usize].clone() }
    };
    let of_row = |row: usize| expected.map(|name| value(row, name));
    assert_eq!(
        of_row(0),
        ["Sales", "40", "1", "18267", "Monday", "19905", "Monday", "10.5", "3600", "x"].map(str::to_owned)
    );
    assert_eq!(
        of_row(2),
        ["HR", "NaN", "1", "NaN", "NaN", "19907", "Wednesday", "23", "0", "x"].map(str::to_owned)
    );
    assert_eq!(value(3, "remote"), "NaN");
    assert_eq!(value(3, "boss"), "NaN");
    let told: Vec<(&str, &str)> =
        findings.iter().map(|f| (f.kind.code(), f.column.as_deref().unwrap())).collect();
    assert_eq!(told, [("left-out-column", "employee"), ("left-out-column", "note_id")]);
    assert!(findings[1].message.contains("numbers the records"), "{}", findings[1].message);
}

#[test]
fn columns_that_describe_nothing_are_left_out_and_said() {
    let mut csv = "id,name,score,city,agent,ip,start,start_hour,truth,skip\n".to_owned();
    for row in 0..60 {
        csv.push_str(&format!(
            "{},person {row},{},{},Mozilla/5.0 (X11; Linux x86_64; rv:{}) Gecko/20100101 Firefox/{},10.1.{}.{row},2024-01-{:02}T0{}:00:00,{row},{},7\n",
            1_000 + row * 13,
            (row * row * 7) % 101,
            ["Bern", "Oslo", "Rome"][row % 3],
            90 + row % 30,
            90 + row % 30,
            row % 4,
            row % 28 + 1,
            row % 9,
            row % 2
        ));
    }
    let table = table(&csv);
    let roles = [(Role::Label, "truth"), (Role::Ignore, "skip")];
    let (matrix, findings) = features(&table, &plan(Recipe::Table, &roles));
    let expected = ["score", "city", "agent_family", "ip_network", "start", "start_weekday", "start_hour_2"];
    assert_eq!(names(&matrix), expected);
    assert_eq!(matrix.features[2].labels, ["Firefox"]);
    assert_eq!(matrix.features[3].labels, ["10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24", "10.1.3.0/24"]);
    assert_eq!(matrix.subjects[0], "record 1");
    let left_out: Vec<&str> = findings.iter().filter_map(|f| f.column.as_deref()).collect();
    assert_eq!(left_out, ["id", "name", "start_hour", "truth", "skip"]);
}

#[test]
fn a_table_without_a_describing_column_is_refused() {
    let table = table("id,name\n1,a\n2,b\n3,c\n");
    let error = FeatureJob::new(&table, &plan(Recipe::Table, &[])).err().unwrap();
    assert_eq!(error.code(), "parameter");
    assert!(error.to_string().contains("column"), "{error}");
}

/// The whole way: suggested plan, analysis, and every question a page asks.
fn analyzed(csv: &[u8], plan: Value) -> (Session, AnalysisView) {
    let mut session = Session::default();
    ingest(&mut session, csv).unwrap();
    let view = analyze(&mut session, plan).unwrap();
    (session, view)
}

fn base_and_contributions_make_the_score(view: &AnalysisView) {
    for reason in &view.top {
        let sum: f64 = reason.contributions.iter().map(|c| c.contribution).sum();
        assert!((reason.base + sum - reason.score).abs() < 1e-9, "{}", reason.entity);
        assert_eq!(reason.contributions.len(), view.features.len());
    }
}

fn people() -> String {
    let mut csv = "employee_id,department,hours_worked,tasks_completed\n".to_owned();
    for row in 0..300 {
        let department = ["Sales", "HR", "Support"][row % 3];
        csv.push_str(&format!("E{row:04},{department},{},{}\n", 35 + row * 7 % 11, 5 + row * 13 % 20));
    }
    csv.push_str("E9998,Legal,80,1\nE9999,Sales,,12\n");
    csv
}

#[test]
fn a_table_of_people_is_analysed_without_setup() {
    let (mut session, view) = analyzed(people().as_bytes(), json!({ "seed": 3 }));
    assert_eq!(view.plan.recipe, Recipe::Table);
    assert_eq!(view.features, ["department", "hours_worked", "tasks_completed"]);
    assert_eq!(view.ranking[0].name, "E9998");
    assert!(
        view.ranking[0].sentence.contains("unusually high hours worked (80, typically 40)")
            || view.ranking[0].sentence.contains("Unusually high hours worked (80, typically 40)"),
        "{}",
        view.ranking[0].sentence
    );
    base_and_contributions_make_the_score(&view);
    let legal = view.top.iter().find(|reason| reason.entity == "E9998").unwrap();
    let department = legal.contributions.iter().find(|c| c.feature == "department").unwrap();
    assert_eq!(department.text.as_deref(), Some("Legal"));
    assert!(department.contribution > 0.0, "the columns of all its values, added up");

    // No times: said, not refused.
    let Response::Density(density) = call(&mut session, "density", json!({})).unwrap() else {
        panic!("a density")
    };
    assert!(!density.timed && density.events == 0 && view.time_range.is_none());
    let Response::Timeline(timeline) = call(&mut session, "timeline", json!({ "subject": 300 })).unwrap()
    else {
        panic!("a timeline")
    };
    assert!(!timeline.timed && timeline.times.is_empty() && timeline.events == 1);
    assert_eq!(timeline.entries[0].row, 300);
    assert_eq!(timeline.subject, "E9998");

    let Response::Distribution(department) =
        call(&mut session, "distribution", json!({ "feature": 0 })).unwrap()
    else {
        panic!("a distribution")
    };
    assert_eq!(department.labels.as_ref().unwrap().len(), 4);
    assert_eq!(department.normal.iter().chain(&department.flagged).sum::<u32>(), 302);
    let Response::Distribution(hours) = call(&mut session, "distribution", json!({ "feature": 1 })).unwrap()
    else {
        panic!("a distribution")
    };
    assert_eq!(hours.normal_missing + hours.flagged_missing, 1);
    assert_eq!(hours.normal.iter().chain(&hours.flagged).sum::<u32>(), 301);

    let csv = session_support::export(&mut session, "features");
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[301], "\"E9998\",\"Legal\",80,1");
    assert_eq!(lines[302], "\"E9999\",\"Sales\",\"\",12");
    let learned = learn(&mut session, json!({})).unwrap();
    assert_eq!(learned.columns.len(), learned.linear[0].coefficients.len());
}

#[test]
fn ten_thousand_categories_are_analysed() {
    let mut csv = "city,amount\n".to_owned();
    for row in 0..30_000 {
        csv.push_str(&format!("city {},{}\n", row * row % 10_007, row % 97));
    }
    let (_, view) = analyzed(csv.as_bytes(), json!({ "parameters": { "trees": 20, "top": 5 } }));
    assert_eq!(view.features, ["city", "amount"]);
    assert_eq!(&view.entities()[41], "record 42");
    base_and_contributions_make_the_score(&view);
}

#[test]
fn preparations_out_of_range_are_refused_by_name() {
    let table = table(&people());
    for (preparation, says) in
        [(json!({ "maxCategories": 0 }), "maxCategories"), (json!({ "maxCategories": 1_001 }), "1001")]
    {
        let mut plan = plan(Recipe::Table, &[]);
        plan.preparation = serde_json::from_value(preparation).unwrap();
        let error = FeatureJob::new(&table, &plan).err().unwrap();
        assert_eq!(error.code(), "parameter");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn one_record_is_too_few() {
    let mut session = Session::default();
    ingest(&mut session, b"hours,tasks\n1,2\n").unwrap();
    let error = session
        .analyze(serde_json::from_value(json!({})).unwrap(), &isoscope::engine::host::NoClock)
        .err()
        .unwrap();
    assert_eq!(error.code(), "too-few-rows");
    assert!(error.to_string().contains("records"), "{error}");
}

#[test]
fn the_employee_table() {
    let Some(csv) = shared_file("systems/d_employees.csv") else { return };
    let (_, view) = analyzed(&csv, json!({}));
    assert_eq!((view.plan.recipe, view.plan.contamination), (Recipe::Table, 0.05));
    assert_eq!(view.features, ["hours_worked", "tasks_completed", "department"]);
    assert_eq!(view.scores.len(), 2_000);
    // One in twenty, but for equal scores at the threshold.
    let n_flagged = view.flags.iter().filter(|&&flag| flag == 1).count();
    assert!((90..=100).contains(&n_flagged), "{n_flagged}");
    base_and_contributions_make_the_score(&view);
    println!("{}: {}", view.ranking[0].name, view.ranking[0].sentence);
}
