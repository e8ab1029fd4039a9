//! Logs whose times name no year: none is told of, wherever they are shown.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod session_support;

use isoscope::engine::session::Session;
use isoscope::protocol::{AnalysisView, Profile, Response, TableSummary};
use serde_json::{Value, json};
use session_support::{analyze, call, export, ingest};

/// Users who do the same every day, but for one who does much more on the second; `months` by their names.
fn log(months: &[&str]) -> String {
    let mut csv = "when,user,action,country\n".to_owned();
    for month in months {
        for day in 9..13 {
            for hour in 0..8 {
                for user in 0..10 {
                    let (n, country) = if (user, day) == (3, 10) { (12 + 5 * hour, "BR") } else { (1, "NO") };
                    for minute in 0..n {
                        csv.push_str(&format!(
                            "{month} {day} 0{hour}:{minute:02}:46,u{user},view,{country}\n"
                        ));
                    }
                }
            }
        }
    }
    csv
}

fn read(csv: &str, plan: Value) -> (Session, TableSummary, AnalysisView) {
    let mut session = Session::default();
    let summary = ingest(&mut session, csv.as_bytes()).unwrap();
    let view = analyze(&mut session, plan).unwrap();
    (session, summary, view)
}

fn name_of(view: &AnalysisView, row: usize) -> &str {
    view.entities().iter().nth(row).unwrap()
}

fn profile(session: &mut Session) -> Profile {
    call(session, "beginProfile", json!({})).unwrap();
    while !matches!(call(session, "stepProfile", Value::Null).unwrap(), Response::Step(None)) {}
    match call(session, "profile", Value::Null).unwrap() {
        Response::Profile(profile) => *profile,
        other => panic!("a profile, not {other:?}"),
    }
}

#[test]
fn days_hours_and_weeks_are_named_without_a_year() {
    let csv = log(&["Dec"]);
    for (period, entity, on) in [
        ("day", "u3 Dec 10", "on Dec 10"),
        ("hour", "u3 Dec 10 05:00", "in the hour of Dec 10 07:00"),
        // By the calendar of the year assumed.
        ("week", "u3 week of Dec 4", "in the week of Dec 4"),
    ] {
        let plan = json!({ "recipe": "user-day", "parameters": { "period": period }, "budget": 1, "novelty": { "enabled": false } });
        let (mut session, summary, view) = read(&csv, plan);
        assert_eq!(
            summary.columns.iter().map(|column| column.no_year).collect::<Vec<_>>(),
            [true, false, false, false]
        );
        assert_eq!(summary.columns[0].examples[0], "Dec 9 00:00:46");
        assert!(view.entities().iter().any(|name| name == entity), "{period}");
        let of_odd = view.ranking.iter().find(|ranked| ranked.name == "u3").unwrap();
        assert!(of_odd.sentence.contains(on) && !of_odd.sentence.contains("2000"), "{}", of_odd.sentence);
        for kind in ["results", "json", "balanced"] {
            let text = export(&mut session, kind);
            assert!(text.contains("Dec "), "{kind}");
            assert!(!text.contains("2000-") || kind == "json", "{kind}");
        }
        let profile = profile(&mut session);
        assert!(profile.columns[0].times.unwrap().no_year && profile.over_time.unwrap().no_year);
    }
}

#[test]
fn a_date_that_is_a_feature_has_none_either() {
    let rows: String = (0..60)
        .map(|row| {
            format!("E{row},{},Mar {} 10:00:00\n", row * 37 % 11, if row == 7 { 28 } else { 1 + row % 4 })
        })
        .collect();
    let plan = json!({ "recipe": "table", "budget": 2, "roles": {} });
    let (_, _, view) = read(&format!("employee_id,tasks,hired\n{rows}"), plan);
    let date = view.feature_info.iter().find(|feature| feature.name == "hired").unwrap();
    assert_eq!(date.unit, "date without year");
    let odd = view.top.iter().find(|reason| reason.row == 7).unwrap();
    assert!(odd.sentence.contains("Mar 28") && !odd.sentence.contains("2000"), "{}", odd.sentence);
}

#[test]
fn nothing_is_said_of_weekdays_that_nobody_knows() {
    let of_weekdays = |recipe: &str, has_year: bool| {
        let dated = log(&["Dec"]).replace("Dec 9", "2024-12-09").replace("Dec ", "2024-12-");
        let source = if has_year { dated } else { log(&["Dec"]) };
        let (_, _, view) = read(&source, json!({ "recipe": recipe }));
        let names = view.feature_info.iter().map(|feature| feature.name.clone());
        names.filter(|name| name.contains("week")).collect::<Vec<_>>()
    };
    assert_eq!(of_weekdays("activity", true), ["weekday_mean", "weekday_spread", "weekend_share"]);
    assert_eq!(of_weekdays("activity", false), ["weekday_spread"]);
    assert_eq!(of_weekdays("table", true), ["when_weekday"]);
    assert_eq!(of_weekdays("table", false), [""; 0]);
}

#[test]
fn a_zone_changes_the_hour_and_adds_no_year() {
    let mut session = Session::default();
    let zone = json!({ "name": "Europe/Berlin", "transitions": [[-1_000_000_000_000_000_i64, 3600]] });
    call(&mut session, "beginIngest", json!({ "zone": zone })).unwrap();
    session.push(log(&["Dec"]).as_bytes()).unwrap();
    let summary = session_support::finish_ingest(&mut session).unwrap();
    assert_eq!(summary.columns[0].examples[0], "Dec 9 00:00:46");
}

#[test]
fn over_a_year_and_more_the_one_assumed_tells_times_apart() {
    let (_, summary, view) = read(&log(&["Nov", "Feb", "Jul", "Dec"]), json!({ "recipe": "user-day" }));
    assert!(!summary.columns[0].no_year);
    assert!(view.entities().iter().any(|name| name == "u3 2001-12-10"), "{:?}", name_of(&view, 0));
    // Over New Year, but within a year.
    let (_, summary, view) = read(&log(&["Nov", "Feb"]), json!({ "recipe": "user-day" }));
    assert!(summary.columns[0].no_year);
    assert!(view.entities().iter().any(|name| name == "u3 Feb 10"));
}
