//! Treatments of columns: what they refuse, what they leave alone, and an analysis under them.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;
mod session_support;

use features_support::{plan, table};
use isoscope::engine::plan::guess::suggest;
use isoscope::engine::plan::{Plan, Recipe, Role, Treatment};
use isoscope::engine::prepare::treat;
use isoscope::engine::session::Session;
use isoscope::engine::table::{ColumnType, Table};
use serde_json::{Value, json};
use session_support::{analyze, export, ingest};
use std::sync::Arc;

const CSV: &str = "user,time,n,x,ok,country\n\
    ann,2024-07-01T10:00:00,1,0.5,true,DE\n\
    bob,,2,,false,\n\
    ann,2024-07-03T10:00:00,,2.5,,FR\n\
    bob,2024-07-02T10:00:00,4,1.5,true,DE\n";

fn treated(treatments: &[(&str, Treatment)]) -> Plan {
    let mut plan = plan(Recipe::Activity, &[(Role::Entity, "user"), (Role::Time, "time")]);
    plan.treatments =
        treatments.iter().map(|(name, treatment)| ((*name).to_owned(), treatment.clone())).collect();
    plan
}

fn constant(text: &str) -> Treatment {
    Treatment::Constant(text.to_owned())
}

#[test]
fn missing_values_are_filled_and_the_rest_is_shared() {
    let table = table(CSV);
    let plan = treated(&[
        ("n", Treatment::Mean),
        ("x", Treatment::Median),
        ("ok", constant("false")),
        ("country", Treatment::Other),
        ("time", Treatment::Median),
    ]);
    let (filled, findings) = treat(&table, &plan).unwrap();
    let text = |column: usize, row: usize| filled.columns()[column].text(row).into_owned();
    assert_eq!(text(1, 1), "2024-07-02T10:00:00");
    assert_eq!(
        (text(2, 2), filled.columns()[2].column_type()),
        ("2.3333333333333335".to_owned(), ColumnType::Float)
    );
    assert_eq!([text(3, 1), text(4, 2), text(5, 1)], ["1.5", "false", "other"]);
    assert!(filled.columns().iter().all(|column| column.validity().n_missing() == 0));
    assert!(Arc::ptr_eq(&table.columns()[0], &filled.columns()[0]), "an untouched column is not copied");
    assert_eq!(table.columns()[5].text(1), "", "the table stays as it is");
    assert_eq!(findings.len(), 5);
    for finding in &findings {
        assert_eq!((finding.kind.code(), finding.count), ("filled-values", 1));
        assert!(finding.column.as_ref().is_some_and(|column| finding.message.contains(column.as_str())));
    }
    assert_eq!(findings[1].first.record, 3);
}

#[test]
fn a_whole_mean_leaves_integers_integers_and_nothing_missing_leaves_all() {
    let table = table("user,n,m\na,1,5\nb,3,6\nc,,7\n");
    let plan =
        Plan { roles: Default::default(), ..treated(&[("n", Treatment::Mean), ("m", Treatment::Mean)]) };
    let (filled, findings) = treat(&table, &plan).unwrap();
    assert_eq!(
        (filled.columns()[1].text(2).as_ref(), filled.columns()[1].column_type()),
        ("2", ColumnType::Integer)
    );
    assert!(Arc::ptr_eq(&table.columns()[2], &filled.columns()[2]));
    assert_eq!(findings.len(), 1);
}

#[test]
fn what_does_not_fit_is_refused_with_the_reason() {
    let table = table(CSV);
    for (column, treatment, says) in [
        (
            "country",
            Treatment::Mean,
            "\"country\": expected a column of numbers or durations, found \"mean\" of",
        ),
        ("ok", Treatment::Median, "numbers, durations or times, found \"median\" of boolean values"),
        ("time", Treatment::Mean, "found \"mean\" of timestamp values"),
        ("x", Treatment::Other, "expected a column of categories"),
        ("n", constant("2.5"), "\"n\": expected a whole number, found the constant \"2.5\""),
        ("x", constant("inf"), "expected a number"),
        ("ok", constant("yes"), "expected true or false"),
        ("time", constant("yesterday"), "expected a time such as 2024-07-10T16:07:32"),
        ("user", Treatment::Drop, "column \"user\" kept while it has the role entity"),
    ] {
        let error = treat(&table, &treated(&[(column, treatment)])).unwrap_err();
        assert_eq!(error.code(), "parameter");
        assert!(error.to_string().contains(says), "{error}");
    }
    let error = treat(&table, &treated(&[("nobody", Treatment::Drop)])).unwrap_err();
    assert_eq!(error.code(), "no-such-column");
    let empty = features_support::table("user,n\na,1\nb,2\n");
    let plan = Plan { roles: Default::default(), ..treated(&[("n", Treatment::Median)]) };
    assert!(treat(&empty, &plan).is_ok());
}

#[test]
fn an_analysis_goes_by_the_treated_table() {
    let mut session = Session::default();
    ingest(&mut session, CSV.as_bytes()).unwrap();
    let roles = json!({ "entity": "user", "time": "time", "country": "country" });
    let plan = |treatments: Value| json!({ "recipe": "activity", "roles": roles, "treatments": treatments });
    let bare = analyze(&mut session, plan(json!({}))).unwrap();
    assert_eq!(bare.unused_rows, 1);
    let filled = analyze(
        &mut session,
        plan(json!({ "time": { "constant": "2024-07-05T00:00:00" }, "country": "drop" })),
    )
    .unwrap();
    assert_eq!(filled.unused_rows, 0);
    assert!(filled.findings.iter().any(|finding| finding.kind.code() == "filled-values"));
    assert!(!filled.plan.roles.contains_key(&Role::Country), "a dropped column has no role");
    assert!(bare.plan.roles.contains_key(&Role::Country));
    // What is drawn is what was analysed.
    let timeline = session.timeline(1).unwrap();
    assert_eq!(timeline.times.last(), Some(&1_720_137_600_000.0));
    let exported: Value = serde_json::from_str(&export(&mut session, "json")).unwrap();
    assert_eq!(exported["plan"]["treatments"]["country"], "drop");
    assert_eq!(exported["plan"]["treatments"]["time"]["constant"], "2024-07-05T00:00:00");
    assert_eq!(session.rows(&[1]).unwrap()[0][1], "", "rows show the file");
    let (code, message) = analyze(&mut session, plan(json!({ "user": "drop" }))).unwrap_err();
    assert_eq!(code, "parameter");
    assert!(message.contains("role entity"), "{message}");
}

/// What a column was read as is not lost where its gaps are filled.
#[test]
fn filled_times_are_still_made_of_their_columns() {
    let csv =
        "user,date,time\nann,13.07.2024,10:00\nbob,14.07.2024,\nann,15.07.2024,11:00\nbob,16.07.2024,12:00\n";
    let table = table(csv);
    let joined = "date time";
    let mut plan = plan(Recipe::Activity, &[(Role::Entity, "user"), (Role::Time, joined)]);
    plan.treatments = [(joined.to_owned(), Treatment::Median)].into();
    let (filled, _) = treat(&table, &plan).unwrap();
    let column = |table: &Table, name: &str| Arc::clone(&table.columns()[table.index_of(name).unwrap()]);
    let (before, after) = (column(&table, joined), column(&filled, joined));
    assert_eq!((before.validity().n_missing(), after.validity().n_missing()), (1, 0));
    assert_eq!(after.joined_of(), before.joined_of());
    assert_eq!(after.joined_of().map(<[String]>::len), Some(2));
    assert_eq!(suggest(&filled).unwrap().plan.roles[&Role::Time], joined);
}
