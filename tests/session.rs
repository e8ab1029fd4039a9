//! The whole engine through the protocol, as JavaScript calls it: samples in, explained flags out; wrong input in,
//! a clear error out, and everything as it was before.

#![expect(clippy::unwrap_used, reason = "a test stops at what should not happen, its helpers included")]

mod session_support;

use isoscope::engine::plan::Recipe;
use isoscope::engine::session::Session;
use isoscope::protocol::{Density, Request, Response, SampleFile, TableSummary, ThresholdView};
use serde_json::{Value, json};
use session_support::{analyze, call, export, finish_ingest, ingest, ingest_cut, learn};
use std::collections::BTreeSet;

fn set_threshold(session: &mut Session, options: Value) -> ThresholdView {
    match call(session, "setThreshold", options).unwrap() {
        Response::Threshold(view) => view,
        other => panic!("a threshold, not {other:?}"),
    }
}

fn density(session: &mut Session, query: Value) -> Density {
    match call(session, "density", query).unwrap() {
        Response::Density(density) => density,
        other => panic!("a density, not {other:?}"),
    }
}

fn sample(name: &str, users: usize) -> SampleFile {
    match call(&mut Session::default(), "sample", json!({ "name": name, "users": users })) {
        Ok(Response::Sample(file)) => file,
        other => panic!("a sample, not {other:?}"),
    }
}

/// A session that has read a sample, and the sample.
fn loaded(name: &str, users: usize) -> (Session, SampleFile, TableSummary) {
    let file = sample(name, users);
    let mut session = Session::default();
    let table = ingest(&mut session, &file.bytes).unwrap();
    (session, file, table)
}

#[test]
fn every_sample_gives_ranked_explained_flags_without_any_setup() {
    for name in ["office-activity", "web-sessions", "logins"] {
        let (mut session, file, table) = loaded(name, 200);
        assert_eq!(table.records, table.rows as u64, "{name}: a generated log has no record to set aside");
        let view = analyze(&mut session, json!({})).unwrap();

        assert_eq!(view.scores.len(), view.entities().len(), "{name}");
        assert!(view.scores.iter().all(|s| s.is_finite()), "{name}");
        let flagged = view.flags.iter().filter(|&&f| f == 1).count();
        assert!(flagged > 0 && flagged < view.flags.len() / 4, "{name}: {flagged} of {}", view.flags.len());
        for row in 0..view.scores.len() {
            let flag = view.flags[row] == 1;
            assert_eq!(flag, view.scores[row] > view.threshold, "{name} row {row}");
            assert_eq!(flag, view.severity[row] > 0, "{name} row {row}");
        }
        assert!(view.ranking.windows(2).all(|pair| pair[0].score >= pair[1].score), "{name}");
        let severities: BTreeSet<u8> = view.ranking.iter().map(|ranked| ranked.severity).collect();
        assert!(severities.len() >= 3, "{name}: flagged users are of severities {severities:?} only");
        for explanation in &view.top {
            let sum: f64 = explanation.contributions.iter().map(|c| c.contribution).sum();
            assert!((explanation.base + sum - explanation.score).abs() < 1e-9, "{name}: {explanation:?}");
            assert!(!explanation.sentence.is_empty() && !explanation.evidence.is_empty(), "{name}");
        }
        if view.plan.recipe == Recipe::Activity {
            for ranked in view.ranking.iter().take(view.top.len()) {
                let top = view.top.iter().find(|e| e.row == ranked.row).unwrap();
                assert_eq!(ranked.sentence, top.sentence, "{name}: list and explanation say the same");
            }
        }
        // Random order would put about 6 % planted users among the first ten.
        let first: Vec<&String> = view.ranking.iter().take(10).map(|r| &r.name).collect();
        let hits = first.iter().filter(|name| file.planted.contains(name)).count();
        assert!(hits >= 6, "{name}: {hits} planted users among the first ten: {first:?}");
    }
}

#[test]
fn how_the_source_is_cut_changes_nothing() {
    let file = sample("logins", 60);
    let analysis = |chunk: usize| {
        let mut session = Session::default();
        ingest_cut(&mut session, &file.bytes, chunk).unwrap();
        analyze(&mut session, json!({})).unwrap()
    };
    let whole = analysis(usize::MAX);
    assert_eq!(whole, analysis(37));
    assert_eq!(whole, analysis(4_096));
}

#[test]
fn a_moved_threshold_moves_flags_severities_and_ranking() {
    let (mut session, ..) = loaded("office-activity", 120);
    let view = analyze(&mut session, json!({})).unwrap();

    let ten = set_threshold(&mut session, json!({ "budget": 10 }));
    assert_eq!(ten.flags.iter().filter(|&&f| f == 1).count(), 10);
    assert_eq!(ten.flagged_subjects, ten.ranking.len());

    let highest = view.scores.iter().copied().fold(f64::MIN, f64::max);
    let none = set_threshold(&mut session, json!({ "threshold": highest }));
    assert!(none.flags.iter().all(|&f| f == 0) && none.ranking.is_empty());

    let back = set_threshold(&mut session, json!({ "threshold": view.threshold }));
    assert_eq!((back.flags, back.severity, back.ranking), (view.flags, view.severity, view.ranking));

    for wrong in [json!({}), json!({ "budget": 1, "threshold": 0.5 }), json!({ "contamination": 0.7 })] {
        let (code, message) = call(&mut session, "setThreshold", wrong).unwrap_err();
        assert!(code == "options" || code == "parameter", "{message}");
    }
}

#[test]
fn a_threshold_by_alerts_per_day_counts_the_days_of_the_log() {
    let (mut session, ..) = loaded("office-activity", 120);
    let view = analyze(&mut session, json!({ "recipe": "user-day", "alertsPerDay": 1.5 })).unwrap();
    let [first, last] = view.time_range.unwrap();
    let most = (1.5 * (last - first) / 86_400_000.0) as usize;
    let flagged = view.flags.iter().filter(|&&flag| flag == 1).count();
    assert!(flagged <= most && flagged + 3 >= most, "{flagged} of at most {most}, less ties");

    let half = set_threshold(&mut session, json!({ "alertsPerDay": 0.75 }));
    let still = half.flags.iter().filter(|&&flag| flag == 1).count();
    assert_eq!((half.appeared.count, half.disappeared.count), (0, flagged - still));
    assert_eq!(half.disappeared.rows.len(), flagged - still);
    for pair in half.disappeared.rows.windows(2) {
        assert!(view.scores[pair[0]] >= view.scores[pair[1]], "the most abnormal first");
    }
    let back = set_threshold(&mut session, json!({ "threshold": view.threshold }));
    assert_eq!((&back.appeared, back.disappeared.count), (&half.disappeared, 0));
    assert_eq!(back.flags, view.flags);

    for wrong in [0.0, -1.0] {
        let (code, _) = call(&mut session, "setThreshold", json!({ "alertsPerDay": wrong })).unwrap_err();
        assert_eq!(code, "parameter");
    }
    let table = json!({ "recipe": "table", "roles": {}, "alertsPerDay": 2 });
    let (code, message) = analyze(&mut session, table).unwrap_err();
    assert!(code == "parameter" && message.contains("rows with times"), "{message}");
}

#[test]
fn a_threshold_by_cost_needs_labels_and_moves_with_what_a_miss_costs() {
    let (mut session, file, _) = loaded("office-activity", 120);
    let view = analyze(&mut session, json!({ "recipe": "activity" })).unwrap();
    let (code, message) = call(&mut session, "setThreshold", json!({ "missCost": 5 })).unwrap_err();
    assert!(code == "labels" && message.contains("label column"), "{message}");
    let unlabelled = json!({ "recipe": "activity", "cost": { "miss": 5, "falseAlarm": 1 } });
    assert_eq!(analyze(&mut session, unlabelled).unwrap_err().0, "labels");

    let text = String::from_utf8(file.bytes).unwrap();
    let mut labelled = String::new();
    for (place, line) in text.lines().enumerate() {
        let is_planted = file.planted.iter().any(|name| line.split(',').any(|cell| cell == name));
        let label = if place == 0 {
            "truth"
        } else if is_planted {
            "1"
        } else {
            "0"
        };
        labelled.push_str(&format!("{line},{label}\n"));
    }
    let mut session = Session::default();
    ingest(&mut session, labelled.as_bytes()).unwrap();
    let plan = |miss: f64| json!({ "recipe": "activity", "label": "truth", "cost": { "miss": miss, "falseAlarm": 1 } });
    let dear = analyze(&mut session, plan(1_000.0)).unwrap();
    assert_eq!(dear.scores, view.scores, "labels are never fitted to");
    assert_eq!(dear.metrics.unwrap().confusion.fn_, 0, "nothing may be missed at that price");
    let cheap = set_threshold(&mut session, json!({ "missCost": 0.001, "falseAlarmCost": 1 }));
    assert_eq!(cheap.metrics.unwrap().confusion.fp, 0, "nobody may be suspected at that price");
    assert!(cheap.disappeared.count > 0 && cheap.appeared.count == 0);
    for wrong in
        [json!({ "falseAlarmCost": 1 }), json!({ "missCost": 1, "budget": 3 }), json!({ "missCost": 0 })]
    {
        let (code, message) = call(&mut session, "setThreshold", wrong).unwrap_err();
        assert!(code == "options" || code == "parameter", "{message}");
    }
}

#[test]
fn charts_account_for_every_event() {
    let (mut session, _, table) = loaded("web-sessions", 80);
    let view = analyze(&mut session, json!({})).unwrap();

    let all = density(&mut session, json!({ "nTimes": 50, "nLanes": 30 }));
    assert_eq!(all.events as usize, table.rows - view.unused_rows);
    assert_eq!(all.counts.iter().map(|&c| u64::from(c)).sum::<u64>(), all.events);
    assert_eq!(all.counts.len(), 50 * 30);

    // Two halves of the time window hold what the whole holds.
    let [first, last] = view.time_range.unwrap();
    let middle = ((first + last) / 2.0).round();
    let left = density(&mut session, json!({ "fromMs": first, "toMs": middle }));
    let right = density(&mut session, json!({ "fromMs": middle, "toMs": last + 1.0 }));
    assert_eq!(left.events + right.events, all.events);

    let flagged = density(&mut session, json!({ "flaggedOnly": true, "maxPoints": 1_000_000 }));
    assert_eq!(flagged.lanes as usize, view.flagged_subjects);
    assert_eq!(flagged.point_times.len() as u64, flagged.flagged_events);
    assert_eq!(density(&mut session, json!({ "maxPoints": 7 })).point_times.len(), 7);

    let subject = view.ranking[0].subject;
    let Response::Timeline(timeline) = call(&mut session, "timeline", json!({ "subject": subject })).unwrap()
    else {
        panic!("a timeline")
    };
    assert_eq!(timeline.subject, view.ranking[0].name);
    assert!(timeline.times.windows(2).all(|pair| pair[0] <= pair[1]));
    assert_eq!(timeline.events, timeline.times.len());
    assert_eq!(timeline.entries.len(), view.ranking[0].rows);

    for feature in 0..view.features.len() {
        let Response::Distribution(d) =
            call(&mut session, "distribution", json!({ "feature": feature })).unwrap()
        else {
            panic!("a distribution")
        };
        let binned = |counts: &[u32]| counts.iter().sum::<u32>() as usize;
        assert_eq!(binned(&d.normal) + binned(&d.flagged), view.scores.len());
        assert!(d.edges.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", d.edges);
    }
    assert_eq!(call(&mut session, "density", json!({ "nTimes": 0 })).unwrap_err().0, "options");
    assert_eq!(call(&mut session, "density", json!({ "fromMs": 9, "toMs": 3 })).unwrap_err().0, "options");
    assert_eq!(call(&mut session, "timeline", json!({ "subject": 99_999 })).unwrap_err().0, "no-such-row");
}

#[test]
fn features_go_together_with_themselves_and_the_same_both_ways() {
    let (mut numbers, ..) = loaded("office-activity", 30);
    analyze(&mut numbers, json!({})).unwrap();
    let mut mixed = Session::default();
    let rows: String =
        (0..120).map(|i| format!("{},{},{}\n", ["a", "b", "c"][i % 3], i % 7, ["x", "y"][i % 2])).collect();
    ingest(&mut mixed, format!("kind,size,side\n{rows}").as_bytes()).unwrap();
    analyze(&mut mixed, json!({ "recipe": "table" })).unwrap();
    for mut session in [numbers, mixed] {
        let Response::Correlations(found) = call(&mut session, "correlations", Value::Null).unwrap() else {
            panic!("no correlations")
        };
        let n = found.features.len();
        assert!(n > 1 && found.values.len() == n * n, "{n} features, {} values", found.values.len());
        assert!((0..n).any(|a| found.values[a * n + a] == 1.0));
        for (place, value) in found.values.iter().enumerate() {
            let mirrored = found.values[place % n * n + place / n];
            assert!(value.to_bits() == mirrored.to_bits() && (value.is_nan() || value.abs() <= 1.0 + 1e-9));
        }
    }
}

#[test]
fn the_supervised_panel_learns_flags_and_labels() {
    let (mut session, ..) = loaded("office-activity", 300);
    analyze(&mut session, json!({ "contamination": 0.1 })).unwrap();
    let learned = learn(&mut session, json!({ "seed": 3 })).unwrap();
    let [normal, abnormal] = &learned.classes[..] else { panic!("two classes") };
    assert_eq!((normal.train + normal.test, abnormal.train + abnormal.test), (30, 30), "balanced");
    assert_eq!(learned.train_rows + learned.test_rows, 60);
    let evaluation = learned.evaluation.as_ref().unwrap();
    assert!(evaluation.roc_auc > 0.8, "{evaluation:?}");
    assert!(evaluation.intervals["rocAuc"][0] <= evaluation.roc_auc);
    assert!(!learned.notes.is_empty(), "flags as labels are worth a note");
    assert!(learned.probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
    // In words, for rows without a truth have no number, which equals none.
    let again = learn(&mut session, json!({ "seed": 3 })).unwrap();
    assert_eq!(format!("{learned:?}"), format!("{again:?}"));

    let (code, message) = learn(&mut session, json!({ "target": "label" })).unwrap_err();
    assert_eq!(code, "labels", "{message}");
    let (code, _) = learn(&mut session, json!({ "split": { "testShare": 1.5 } })).unwrap_err();
    assert_eq!(code, "parameter");
}

#[test]
fn labels_judge_and_are_never_features() {
    let file = sample("office-activity", 150);
    let text = String::from_utf8(file.bytes).unwrap();
    let mut lines = text.lines();
    let mut labelled = format!("{},is_anomaly\n", lines.next().unwrap());
    for line in lines {
        let user = line.split(',').next().unwrap().to_owned();
        labelled.push_str(&format!("{line},{}\n", u8::from(file.planted.contains(&user))));
    }
    let mut plain = Session::default();
    ingest(&mut plain, text.as_bytes()).unwrap();
    let without = analyze(&mut plain, json!({})).unwrap();
    let mut session = Session::default();
    ingest(&mut session, labelled.as_bytes()).unwrap();
    let with = analyze(&mut session, json!({})).unwrap();

    assert_eq!(with.plan.label.as_deref(), Some("is_anomaly"));
    assert_eq!((&with.features, &with.scores), (&without.features, &without.scores));
    let metrics = with.metrics.as_ref().expect("metrics where there is a label");
    assert!(metrics.roc_auc > 0.9, "{metrics:?}");

    let labels: Vec<bool> =
        with.entities().iter().map(|e| file.planted.iter().any(|planted| planted == e)).collect();
    let Response::Evaluation(given) = call(&mut session, "evaluate", json!({ "labels": labels })).unwrap()
    else {
        panic!("an evaluation")
    };
    assert_eq!(&given, metrics);
    assert_eq!(call(&mut session, "evaluate", json!({ "labels": [true] })).unwrap_err().0, "labels");
}

#[test]
fn exports_hold_every_row_and_no_formula() {
    const FORMULA: &str = "=HYPERLINK(\"http://evil\")";
    let mut log = String::from("user,timestamp,action\n");
    for user in 0..40 {
        for event in 0..20 {
            let (name, hour) =
                if user == 7 { (FORMULA.to_owned(), 3) } else { (format!("u{user}"), 9 + event % 8) };
            let name = name.replace('"', "\"\"");
            log.push_str(&format!("\"{name}\",2024-03-{:02}T{hour:02}:15:00,view\n", 1 + event));
        }
    }
    let mut session = Session::default();
    ingest(&mut session, log.as_bytes()).unwrap();
    let view = analyze(&mut session, json!({ "recipe": "activity" })).unwrap();
    assert_eq!(view.ranking[0].name, FORMULA, "data is shown as it is");

    for kind in ["results", "features", "balanced"] {
        let text = export(&mut session, kind);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        if kind != "balanced" {
            assert_eq!(records.len(), view.entities().len(), "{kind}");
        }
        for field in records.iter().flat_map(|r| r.iter()) {
            assert!(
                field.parse::<f64>().is_ok() || !field.starts_with(['=', '+', '-', '@']),
                "{kind}: {field}"
            );
        }
        assert!(text.contains("'=HYPERLINK"), "{kind}");
    }
    let balanced = export(&mut session, "balanced");
    let labels: Vec<&str> = balanced.lines().skip(1).map(|line| &line[line.len() - 1..]).collect();
    let positives = labels.iter().filter(|&&l| l == "1").count();
    assert_eq!(positives * 2, labels.len(), "every user of this log has 20 events");

    let json: Value = serde_json::from_str(&export(&mut session, "json")).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), view.entities().len());
    assert_eq!(json["plan"]["recipe"], "activity");
}

#[test]
fn wrong_sources_say_what_is_wrong_and_leave_the_table() {
    let (mut session, ..) = loaded("office-activity", 30);
    let before = analyze(&mut session, json!({})).unwrap();

    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &[7; 4_000]].concat();
    for (bytes, code, says) in [
        (&b""[..], "empty-source", "empty"),
        (b"user,time,action\n", "no-records", "no records"),
        (&png, "not-text", "PNG"),
    ] {
        let (found, message) = ingest(&mut session, bytes).unwrap_err();
        assert_eq!(found, code, "{message}");
        assert!(message.contains(says), "{message}");
        assert_eq!(analyze(&mut session, json!({})).unwrap(), before, "after {code}");
    }
    assert_eq!(call(&mut session, "beginFinish", Value::Null).unwrap_err().0, "not-ready");
}

#[test]
fn logs_that_lack_what_a_recipe_needs_are_refused_with_the_columns_named() {
    for (log, code, says) in [
        ("user,action\na,x\nb,y\na,z\n", "missing-role", "time"),
        ("timestamp,bytes\n2024-01-01T00:00:00,5\n2024-01-02T00:00:00,6\n", "missing-role", "entity"),
        ("x\na\nb\n", "missing-role", "role"),
        ("user,timestamp\na,2024-01-01T00:00:00\n", "too-few-rows", "at least 2"),
    ] {
        let mut session = Session::default();
        ingest(&mut session, log.as_bytes()).unwrap();
        let (found, message) = analyze(&mut session, json!({})).unwrap_err();
        assert_eq!(found, code, "{log:?}: {message}");
        assert!(message.contains(says), "{log:?}: {message}");
    }
}

#[test]
fn plans_that_do_not_fit_are_refused_by_name() {
    let (mut session, ..) = loaded("office-activity", 30);
    for (plan, code, says) in [
        (json!({ "roles": { "entity": "nobody", "time": "time" } }), "no-such-column", "\"nobody\""),
        (json!({ "roles": { "entity": "user_id" } }), "missing-role", "time"),
        (json!({ "contamination": 0.9 }), "parameter", "contamination"),
        (json!({ "parameters": { "trees": 0 } }), "parameter", "trees"),
        (json!({ "parameters": { "subsample": 1 } }), "parameter", "subsample"),
        (json!({ "parameters": { "nightStartHour": 99 } }), "parameter", "nightStartHour"),
        (json!({ "label": "nothing" }), "no-such-column", "nothing"),
    ] {
        let (found, message) = analyze(&mut session, plan.clone()).unwrap_err();
        assert_eq!(found, code, "{plan}: {message}");
        assert!(message.contains(says), "{plan}: {message}");
    }
    for unknown in
        [json!({ "trees": 10 }), json!({ "parameters": { "leaves": 3 } }), json!({ "recipe": "soup" })]
    {
        let request = json!({ "method": "beginAnalysis", "params": unknown });
        assert_eq!(Request::parse(&request.to_string()).unwrap_err().code(), "options", "{unknown}");
    }
}

#[test]
fn cancelling_leaves_what_was_there() {
    let (mut session, _, table) = loaded("web-sessions", 60);
    let before = analyze(&mut session, json!({})).unwrap();

    call(&mut session, "beginIngest", json!({})).unwrap();
    session.push(b"a,b\n1,2\n").unwrap();
    call(&mut session, "cancelIngest", Value::Null).unwrap();
    let Response::Summary(still) = call(&mut session, "summary", Value::Null).unwrap() else {
        panic!("a summary")
    };
    assert_eq!(still, table);

    call(&mut session, "beginAnalysis", json!({ "seed": 99 })).unwrap();
    call(&mut session, "stepAnalysis", Value::Null).unwrap();
    call(&mut session, "cancelAnalysis", Value::Null).unwrap();
    let Response::Analysis(kept) = call(&mut session, "analysis", Value::Null).unwrap() else {
        panic!("one")
    };
    assert_eq!(*kept, before);
    assert_eq!(call(&mut session, "stepAnalysis", Value::Null).unwrap_err().0, "not-ready");
}

#[test]
fn calls_before_their_time_say_what_to_call_first() {
    for (method, params, needed) in [
        ("suggest", Value::Null, "ingest"),
        ("beginAnalysis", json!({}), "ingest"),
        ("analysis", Value::Null, "analyze"),
        ("explain", json!({ "row": 0 }), "analyze"),
        ("export", json!({ "kind": "json" }), "ingest"),
    ] {
        let (code, message) = call(&mut Session::default(), method, params).unwrap_err();
        assert_eq!((code.as_str(), message.contains(needed)), ("not-ready", true), "{method}: {message}");
    }
}

#[test]
fn the_login_recipe_ranks_users_when_the_plan_says_so() {
    let (mut session, ..) = loaded("logins", 200);
    let view = analyze(&mut session, json!({ "recipe": "login" })).unwrap();
    assert_eq!(view.plan.recipe, Recipe::Login);
    assert_eq!(view.entities, None, "rows are users, whose names are there already");
    for feature in ["logins", "avg_time_between_logins"] {
        assert!(view.features.iter().any(|name| name == feature), "{feature} in {:?}", view.features);
    }
    assert!(!view.ranking.is_empty() && !view.top[0].sentence.is_empty());
}

#[test]
fn a_table_is_made_in_steps_and_the_earlier_one_stays_until_it_is_whole() {
    let mut session = Session::default();
    let small = ingest(&mut session, b"user,n\na,1\nb,2\n").unwrap();
    // Equal rows, numbers out of order near and far, and times: every way of counting takes more than a step.
    let mut log = String::from("id,far,n,time\n");
    for row in 0..300_000_u64 {
        let far = row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 12;
        let row = if row % 1_000 == 0 { 7 } else { row };
        log.push_str(&format!("u{},{far},{},2024-01-{:02}\n", row % 977, row * 7 % 50_000, row / 12_000 + 1));
    }
    let begin = |session: &mut Session| {
        call(session, "beginIngest", json!({})).unwrap();
        log.as_bytes().chunks(1 << 20).for_each(|chunk| {
            session.push(chunk).unwrap();
        });
        call(session, "beginFinish", Value::Null).unwrap();
    };
    begin(&mut session);
    let (mut n_steps, mut last) = (0, (0, 1));
    while let Response::Step(Some(progress)) = call(&mut session, "stepFinish", Value::Null).unwrap() {
        let Response::Summary(summary) = call(&mut session, "summary", Value::Null).unwrap() else {
            panic!()
        };
        assert_eq!(summary, small);
        assert!(progress.done >= last.0 && progress.done <= progress.total, "{progress:?} after {last:?}");
        last = (progress.done, progress.total);
        n_steps += 1;
    }
    assert!(n_steps > 20 && last.0 + 1 == last.1, "{n_steps} steps to {last:?}");
    let Response::Summary(whole) = call(&mut session, "summary", Value::Null).unwrap() else { panic!() };
    // Fifty of the 50,000 remainders stand in rows only that were written as row 7.
    let distinct: Vec<usize> = whole.columns.iter().map(|column| column.distinct).collect();
    assert_eq!(distinct, [977, 300_000, 49_950, 25]);

    begin(&mut session);
    call(&mut session, "stepFinish", Value::Null).unwrap();
    call(&mut session, "cancelIngest", Value::Null).unwrap();
    assert_eq!(call(&mut session, "stepFinish", Value::Null).unwrap_err().0, "not-ready");
    let Response::Summary(after) = call(&mut session, "summary", Value::Null).unwrap() else { panic!() };
    assert_eq!(after, whole);
}

#[test]
fn rows_added_up_per_user_are_analysed_with_the_suggested_plan() {
    let file = sample("logins", 400);
    let mut session = Session::default();
    let read = |session: &mut Session, options: Value| {
        call(session, "beginIngest", options.clone())?;
        for chunk in file.bytes.chunks(30_000) {
            session.push(chunk).unwrap();
        }
        let is_added_up = options["aggregate"] != json!(false);
        assert!(!is_added_up || session.slice_schema().is_none(), "no slices of a log that is added up");
        finish_ingest(session)
    };
    let Ok(users) = read(&mut session, json!({ "aggregate": true })) else { panic!() };
    let n_added_up = users.aggregated.unwrap();
    assert_eq!((n_added_up + users.set_aside, users.rows), (users.records, 400));
    assert_eq!(users.findings.iter().map(|finding| finding.kind.code()).collect::<Vec<_>>(), ["aggregated"]);
    let by_guess = session.loaded().unwrap().ingested.table.clone();

    let Response::Suggestion(suggestion) = call(&mut session, "suggest", Value::Null).unwrap() else {
        panic!()
    };
    assert_eq!(suggestion.plan.recipe, Recipe::Login);
    assert!(suggestion.questions.is_empty(), "{:?}", suggestion.questions);
    let view = analyze(&mut session, json!({})).unwrap();
    assert!(view.flags.contains(&1) && !view.ranking.is_empty());
    assert!(!view.top[0].sentence.is_empty());
    // What can be asked of any table can be asked of this one.
    call(&mut session, "timeline", json!({ "subject": 0 })).unwrap();
    density(&mut session, json!({}));
    assert!(export(&mut session, "results").lines().count() > 400);

    let named = json!({ "aggregate": { "entity": "user", "time": "time" } });
    let names: Vec<&str> = users.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names[..3], ["user", "last_login", "first_login"], "{names:?}");
    let Ok(fewer) = read(&mut session, named) else { panic!() };
    assert_eq!((fewer.rows, fewer.columns.len()), (400, 6));

    // Not asked for.
    let Ok(rows) = read(&mut session, json!({ "aggregate": false })) else { panic!() };
    assert_eq!((rows.aggregated, rows.rows as u64), (None, rows.records));
    assert_ne!(session.loaded().unwrap().ingested.table, by_guess);

    for (aggregate, said) in [
        (json!({ "entity": "user" }), "time"),
        (json!({ "entity": "user", "time": "time", "who": "x" }), "who"),
        (json!("user"), "aggregate"),
    ] {
        let text = json!({ "method": "beginIngest", "params": { "aggregate": aggregate } }).to_string();
        let error = Request::parse(&text).unwrap_err();
        assert_eq!((error.code(), error.to_string().contains(said)), ("options", true), "{error}");
    }
}

#[test]
fn sessions_without_a_time_do_not_begin_in_1970() {
    let mut csv = "session_id,user_id,transaction_date,click_events,scroll_events,touch_events\n".to_owned();
    for row in 0..60 {
        let time = if row % 7 == 0 { String::new() } else { format!("2026-01-{:02} 10:00:00", row % 28 + 1) };
        csv.push_str(&format!("s{row},u{},{time},{},{},{}\n", row % 9, row * 7 % 13, row % 5, row * 3 % 11));
    }
    let mut session = Session::default();
    call(&mut session, "beginIngest", json!({})).unwrap();
    session.push(csv.as_bytes()).unwrap();
    session.finish_ingest().unwrap();
    let view = analyze(&mut session, json!({ "recipe": "session" })).unwrap();
    assert_eq!(view.scores.len(), 60);
    let first = view.time_range.unwrap()[0];
    assert_eq!(first, 1_767_348_000_000.0, "2026-01-02 10:00");
    let density = density(&mut session, json!({}));
    assert_eq!(density.events, 51);
}
