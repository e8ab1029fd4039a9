//! Input that nobody planned for, from bytes to result, through the protocol as JavaScript calls it: either a result
//! that holds together, or an error that says what is wrong, where, and what to do, and a session that goes on.

#![expect(clippy::unwrap_used, reason = "a test stops at what should not happen, its helpers included")]

mod any_log;
mod extremes;
#[path = "../session_support/mod.rs"]
mod session_support;

use isoscope::engine::error::Position;
use isoscope::engine::finding::FindingKind;
use isoscope::engine::ingest::{Ingest, Options};
use isoscope::engine::rng::MAX_SEED;
use isoscope::engine::session::Session;
use isoscope::protocol::{AnalysisView, Response};
use serde_json::{Value, json};
use session_support::{Failure, analyze, call, export, ingest, learn};

const HEADER: &str = "user,timestamp,action,amount";

/// A well-formed record of [`HEADER`]: 40 users over 28 days.
fn record(i: usize) -> String {
    let (user, day, hour) = (i % 40, 1 + i % 28, 8 + i % 9);
    format!("u{user},2024-01-{day:02}T{hour:02}:{:02}:00,{},{}", i % 60, ["read", "write"][i % 3 % 2], i % 7)
}

fn records(n: usize) -> Vec<String> {
    (0..n).map(record).collect()
}

fn log_of(header: &str, records: &[String]) -> String {
    format!("{header}\n{}\n", records.join("\n"))
}

fn log() -> String {
    log_of(HEADER, &records(2_000))
}

fn analyze_bytes(bytes: &[u8], plan: Value) -> Result<(Session, AnalysisView), Failure> {
    let mut session = Session::default();
    ingest(&mut session, bytes)?;
    let view = analyze(&mut session, plan)?;
    Ok((session, view))
}

/// What holds of every result, whatever the input: finite scores, flags by threshold, explanations that add up, files
/// that parse.
fn assert_sound(session: &mut Session, view: &AnalysisView) {
    assert!(view.scores.iter().all(|score| score.is_finite()), "{:?}", view.scores);
    assert!(view.threshold.is_finite());
    assert_eq!(view.scores.len(), view.entities().len());
    for (&flag, &score) in view.flags.iter().zip(&view.scores) {
        assert_eq!(flag == 1, score > view.threshold);
    }
    for explanation in &view.top {
        let sum: f64 = explanation.contributions.iter().map(|c| c.contribution).sum();
        assert!((explanation.base + sum - explanation.score).abs() < 1e-9, "{explanation:?}");
        for c in &explanation.contributions {
            // A missing value is no number, and says so.
            let says = |value: f64, text: &Option<String>| value.is_finite() || text.is_some();
            assert!(says(c.value, &c.text) && says(c.typical, &c.typical_text) && c.z.is_finite(), "{c:?}");
        }
        assert!(!explanation.sentence.is_empty());
    }
    for kind in ["results", "features"] {
        let text = export(session, kind);
        let rows: Vec<_> =
            csv::Reader::from_reader(text.as_bytes()).into_records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), view.scores.len(), "{kind}");
        for field in rows.iter().flat_map(|row| row.iter()) {
            assert!(
                field.parse::<f64>().is_ok() || !field.starts_with(['=', '+', '-', '@', '\t', '\n', '\r'])
            );
        }
    }
    if let Err((code, message)) = call(session, "export", json!({ "kind": "balanced" })) {
        assert_eq!(code, "labels", "{message}");
    }
    let whole: Value = serde_json::from_str(&export(session, "json")).unwrap();
    assert_eq!(whole["rows"].as_array().unwrap().len(), view.scores.len());
}

#[test]
fn refusals_say_what_where_and_what_to_do() {
    let utf_16_header: Vec<u8> = "\u{FEFF}user,time\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let too_wide = format!("{}\n1\n", vec!["c"; 20_000].join(","));
    let cases: [(&str, &[u8], &str, [&str; 3]); 13] = [
        ("no byte", b"", "empty-source", ["file is empty", "0 bytes", "choose a log"]),
        ("a header alone", b"user,time\n", "no-records", ["no records", "2 columns", "choose a log"]),
        ("UTF-16 header", &utf_16_header, "no-records", ["no records", "2 columns", "choose a log"]),
        ("blank lines", b"\n\r\n\n", "no-records", ["blank lines", "the file", "choose a log"]),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-text", ["PNG picture", "this is", "as CSV"]),
        ("20,000 columns", too_wide.as_bytes(), "too-many-columns", ["20000", "first record", "16384"]),
        (
            "one row",
            b"user,timestamp\na,2024-01-01T00:00:00\n",
            "too-few-rows",
            ["at least 2 days", "found 1", "covers more days"],
        ),
        (
            "one column",
            b"user\na\nb\na\n",
            "missing-role",
            ["says when", "one column, \"user\"", "delimiter"],
        ),
        (
            "a column of names",
            b"x\na\nb\n",
            "missing-role",
            ["says who acted", "column, \"x\"", "choose a log"],
        ),
        (
            "a column of times",
            b"time\n2024-01-01\n2024-01-02\n",
            "missing-role",
            ["says who acted", "\"time\"", "choose a log"],
        ),
        (
            "no time column",
            b"user,action\na,x\nb,y\na,z\n",
            "missing-role",
            ["says when", "\"user\", \"action\"", "role time"],
        ),
        (
            "no user column",
            b"timestamp,bytes\n2024-01-01T00:00:00,5\n2024-01-02T00:00:00,6\n",
            "missing-role",
            ["says who acted", "\"timestamp\", \"bytes\"", "role entity"],
        ),
        (
            "no row with user and time",
            b"user,timestamp\n,2024-01-01T00:00:00\nb,\nc,\n,2024-01-02T00:00:00\n",
            "too-few-rows",
            ["row with both", "\"user\"", "choose other columns"],
        ),
    ];
    for (what, bytes, code, says) in cases {
        let (found, message) = analyze_bytes(bytes, json!({})).err().unwrap_or_else(|| panic!("{what}"));
        assert_eq!(found, code, "{what}: {message}");
        for part in says {
            assert!(message.contains(part), "{what}: {part:?} in {message:?}");
        }
    }
}

#[test]
fn one_user_is_compared_with_nobody_and_told_what_to_do() {
    let of_one: Vec<String> =
        records(300).iter().map(|record| format!("anna,{}", record.split_once(',').unwrap().1)).collect();
    let source = log_of(HEADER, &of_one);
    let (code, message) = analyze_bytes(source.as_bytes(), json!({ "recipe": "activity" })).unwrap_err();
    assert_eq!(code, "too-few-rows");
    assert!(message.contains("2 users, found 1") && message.contains("user-day"), "{message}");
    let (mut session, view) = analyze_bytes(source.as_bytes(), json!({})).unwrap();
    assert_eq!(view.scores.len(), 28, "its days are compared");
    assert_sound(&mut session, &view);
}

#[test]
fn two_gigabytes_without_a_line_end_are_refused_early_in_bounded_memory() {
    let chunk = vec![b'x'; 1 << 20];
    for (head, place) in [("", "the header (line 1, byte 0)"), ("user,time\n", "record 1 (line 2, byte 10)")]
    {
        // Through the session: the error, and that the table before it stays.
        let mut session = Session::default();
        let table = ingest(&mut session, log().as_bytes()).unwrap();
        call(&mut session, "beginIngest", json!({})).unwrap();
        session.push(head.as_bytes()).unwrap();
        let (n_pushed, error) =
            (1..=2_048).find_map(|n| session.push(&chunk).err().map(|error| (n, error))).unwrap();
        assert!(n_pushed <= 40, "{n_pushed} MiB were read");
        let message = error.to_string();
        assert_eq!(error.code(), "record-too-long", "{message}");
        assert!(message.contains(place) && message.contains("16 MiB"), "{message}");
        assert!(message.contains("one event per line"), "{message}");
        assert_eq!(call(&mut session, "summary", Value::Null), Ok(Response::Summary(table)));

        // Through the reader itself: the memory.
        let mut reader = Ingest::new(Options::default()).unwrap();
        reader.push(head.as_bytes()).unwrap();
        let mut most = 0;
        while reader.push(&chunk).is_ok() {
            most = most.max(reader.heap_bytes());
            assert!(most <= 64 << 20, "{most} bytes held");
        }
    }
}

#[test]
fn ragged_records_are_kept_counted_and_analysed() {
    let mut ragged = records(2_000);
    ragged[4] = "u4,2024-01-05T10:00:00".to_owned();
    ragged[9].push_str(",and,more");
    ragged[11] = "u11".to_owned();
    let mut session = Session::default();
    let table = ingest(&mut session, log_of(HEADER, &ragged).as_bytes()).unwrap();
    assert_eq!((table.rows, table.records), (2_000, 2_000));
    let first = |kind| table.findings.iter().find(|f| f.kind == kind).map(|f| (f.count, f.first)).unwrap();
    let at = |index: usize| Position {
        record: index as u64 + 1,
        line: index as u64 + 2,
        file: 0,
        byte: (HEADER.len() + 1 + ragged[..index].iter().map(|r| r.len() + 1).sum::<usize>()) as u64,
    };
    assert_eq!(first(FindingKind::ShortRecord), (2, at(4)));
    assert_eq!(first(FindingKind::LongRecord), (1, at(9)));
    let view = analyze(&mut session, json!({})).unwrap();
    assert_eq!(view.unused_rows, 1, "the record without a time");
    let unusable = view.findings.iter().find(|f| f.kind == FindingKind::UnusableRecords).unwrap();
    assert_eq!((unusable.count, unusable.first.record), (1, 12));
    assert_sound(&mut session, &view);
}

#[test]
fn every_encoding_of_a_log_gives_the_same_analysis() {
    let text = log().replace("u7,", "Jürgen,").replace("u8,", "日本,");
    let (_, utf_8) = analyze_bytes(text.as_bytes(), json!({})).unwrap();
    assert!(utf_8.entities().iter().any(|entity| entity.contains("日本")));
    let utf_16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{FEFF}{text}").encode_utf16().flat_map(unit).collect()
    };
    for (what, bytes) in [
        ("UTF-8 with BOM", format!("\u{FEFF}{text}").into_bytes()),
        ("UTF-16 LE", utf_16(u16::to_le_bytes)),
        ("UTF-16 BE", utf_16(u16::to_be_bytes)),
    ] {
        let (_, view) = analyze_bytes(&bytes, json!({})).unwrap();
        assert_eq!(view, utf_8, "{what}");
    }
}

#[test]
fn nul_bytes_are_kept_counted_and_exported() {
    let text = log().replace("u7,", "u\0seven,");
    let mut session = Session::default();
    let table = ingest(&mut session, text.as_bytes()).unwrap();
    let nul = table.findings.iter().find(|f| f.kind == FindingKind::NulBytes).unwrap();
    assert_eq!((nul.count, nul.first.record), (50, 8));
    let view = analyze(&mut session, json!({ "recipe": "activity" })).unwrap();
    assert!(view.entities().iter().any(|entity| entity == "u\0seven"));
    assert_sound(&mut session, &view);
}

#[test]
fn huge_numbers_and_nan_leave_scores_finite() {
    const NASTY: [&str; 8] = ["1e308", "NaN", "-1e308", "inf", "1.7976931348623157e308", "5e-324", "", "-0"];
    let nasty = |i: usize| NASTY[i % NASTY.len()];
    let events: Vec<String> =
        (0..2_000).map(|i| format!("{},{}", record(i).rsplit_once(',').unwrap().0, nasty(i / 3))).collect();
    let days: Vec<String> = (0..400)
        .map(|i| format!("u{},2024-01-{:02},{},{},3", i % 40, 1 + i / 40, nasty(i), nasty(i / 7)))
        .collect();
    for (what, source, plan) in [
        ("amounts of users", log_of(HEADER, &events), json!({ "recipe": "activity" })),
        ("amounts of days", log_of(HEADER, &events), json!({ "recipe": "user-day" })),
        ("a ready table", log_of("user,date,sessions,amount,same", &days), json!({})),
    ] {
        let (mut session, view) = analyze_bytes(source.as_bytes(), plan).unwrap();
        let uses = |name: &str| view.features.iter().any(|feature| feature == name);
        assert!(uses("amount_total") || uses("amount"), "{what}: {:?}", view.features);
        assert_sound(&mut session, &view);
        for feature in 0..view.features.len() {
            let Response::Distribution(d) =
                call(&mut session, "distribution", json!({ "feature": feature })).unwrap()
            else {
                panic!("a distribution")
            };
            assert!(d.edges.windows(2).all(|pair| pair[0] < pair[1]), "{what} {feature}: {:?}", d.edges);
        }
        learn(&mut session, json!({})).unwrap();
    }
}

#[test]
fn ten_thousand_columns_are_analysed() {
    const WIDTH: usize = 10_000;
    // A prime above the width, so that no column is a copy of another.
    const PRIME: usize = 10_007;
    let names = (0..WIDTH - 2).map(|c| format!("m{c}")).collect::<Vec<_>>().join(",");
    let mut source = format!("user,date,{names}\n");
    for row in 0..60usize {
        source.push_str(&format!("u{},2024-01-{:02}", row % 6, 1 + row / 6));
        for column in 0..WIDTH - 2 {
            source.push_str(&format!(",{}", (row * 7_919 + column * 104_729) % PRIME));
        }
        source.push('\n');
    }
    let (mut session, view) = analyze_bytes(source.as_bytes(), json!({})).unwrap();
    assert_eq!((view.scores.len(), view.features.len()), (60, WIDTH - 2));
    assert_sound(&mut session, &view);
    call(&mut session, "setThreshold", json!({ "budget": 10 })).unwrap();
    let (code, message) = learn(&mut session, json!({})).unwrap_err();
    assert_eq!(code, "parameter");
    assert!(message.contains("features") && message.contains("9998"), "{message}");
}

#[test]
fn hostile_names_stay_data_and_files_run_nothing() {
    const NAMES: [&str; 8] = [
        "<script>alert(1)</script>",
        "=HYPERLINK(1)",
        "+1+1",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "a;=cmd()",
        "\"><img src=x>",
    ];
    let named: Vec<String> = (0..2_000)
        .map(|i| {
            let usual = record(i);
            let (_, rest) = usual.split_once(',').unwrap();
            match NAMES.get(i % 40) {
                Some(name) => format!("\"{}\",{rest}", name.replace('"', "\"\"")),
                None => usual,
            }
        })
        .collect();
    let source = log_of(HEADER, &named);
    let (mut session, view) = analyze_bytes(source.as_bytes(), json!({ "recipe": "activity" })).unwrap();
    assert!(NAMES.iter().all(|name| view.subjects.iter().any(|subject| subject == *name)));
    assert_sound(&mut session, &view);
    // Where a spreadsheet splits at semicolons, a field that is not quoted would begin behind one.
    let results = export(&mut session, "results");
    assert!(results.contains("\"a;=cmd()\""), "{results}");
}

#[test]
fn means_on_the_circle_are_those_of_one_event_however_many_there_are() {
    for day in 1..=7 {
        let one_moment: Vec<String> = (0..40)
            .flat_map(|user| (0..=user).map(move |_| format!("u{user},2024-01-{day:02}T10:20:00,read,1")))
            .collect();
        let source = log_of(HEADER, &one_moment);
        let (_, view) = analyze_bytes(source.as_bytes(), json!({ "recipe": "activity" })).unwrap();
        for feature in ["weekday_mean", "hour_mean"] {
            let is_constant = |message: &str| message.contains(&format!("\"{feature}\" is "));
            assert!(view.findings.iter().any(|f| is_constant(&f.message)), "{day}: {feature} is constant");
        }
    }
}

#[test]
fn columns_named_like_ours_stay_apart_in_files() {
    let days: Vec<String> =
        (0..100).map(|i| format!("u{},2024-01-{:02},{},{},1", i % 10, 1 + i / 10, i % 7, i % 3)).collect();
    let source = log_of("user,date,score,flag,score_2", &days);
    let (mut session, _) = analyze_bytes(source.as_bytes(), json!({})).unwrap();
    let head = |text: String| text.lines().next().unwrap().replace('"', "");
    let results = head(export(&mut session, "results"));
    assert_eq!(results, "entity,subject,score,flag,severity,score_3,flag_2,score_2,why");
    assert_eq!(head(export(&mut session, "features")), "entity,score,flag,score_2");

    let labelled: Vec<String> = records(2_000).iter().map(|record| format!("{record},x")).collect();
    let source = log_of(&format!("{HEADER},label"), &labelled);
    let (mut session, _) = analyze_bytes(source.as_bytes(), json!({ "recipe": "activity" })).unwrap();
    assert_eq!(head(export(&mut session, "balanced")), format!("{HEADER},label_2,label"));
}

#[test]
fn odd_plans_are_refused_by_name_or_analysed() {
    let source = log();
    let entity_and_time = |more: Value| {
        let mut roles = json!({ "entity": "user", "time": "timestamp" });
        for (role, column) in more.as_object().unwrap() {
            roles[role] = column.clone();
        }
        json!({ "roles": roles })
    };
    for (plan, refusal) in [
        (json!({ "budget": 0 }), None),
        (json!({ "budget": 4_000_000 }), None),
        (json!({ "threshold": 5 }), None),
        (json!({ "threshold": -5 }), None),
        (json!({ "parameters": { "top": 0 } }), None),
        (json!({ "parameters": { "trees": 1, "subsample": 2 } }), None),
        (json!({ "parameters": { "nightStartHour": 3, "nightEndHour": 3, "sessionGapSecs": 1e300 } }), None),
        (entity_and_time(json!({ "session": "user", "action": "user", "device": "user" })), None),
        (json!({ "roles": { "entity": "timestamp", "time": "timestamp" } }), None),
        (json!({ "roles": { "entity": "amount", "time": "timestamp", "amount": "amount" } }), None),
        (entity_and_time(json!({ "session": "timestamp", "action": "amount" })), None),
        (json!({ "seed": MAX_SEED }), None),
        (json!({ "seed": MAX_SEED + 1 }), Some(("parameter", "seed"))),
        (json!({ "roles": { "entity": "user", "time": "user" } }), Some(("wrong-type", "\"user\""))),
        (entity_and_time(json!({ "amount": "action" })), Some(("wrong-type", "amount"))),
        (entity_and_time(json!({ "outcome": "action" })), Some(("wrong-type", "success or failure"))),
        (json!({ "label": "action" }), Some(("labels", "\"read\""))),
        (
            json!({ "parameters": { "trees": 10_000, "subsample": 65_536 } }),
            Some(("parameter", "at most 256")),
        ),
    ] {
        match (analyze_bytes(source.as_bytes(), plan.clone()), refusal) {
            (Ok((mut session, view)), None) => assert_sound(&mut session, &view),
            (Err((code, message)), Some((expected, says))) => {
                assert_eq!(code, expected, "{plan}: {message}");
                assert!(message.contains(says), "{plan}: {message}");
            }
            (Ok(_), Some(_)) => panic!("{plan} was not refused"),
            (Err(error), None) => panic!("{plan}: {error:?}"),
        }
    }
}

#[test]
fn a_label_is_never_a_feature_as_well() {
    let labelled: Vec<String> =
        (0..2_000).map(|i| format!("{},{}", record(i), if i % 40 == 7 { "failed" } else { "ok" })).collect();
    let source = log_of(&format!("{HEADER},status"), &labelled)
        .replace(",failed\n", ",true\n")
        .replace(",ok\n", ",false\n");
    let (_, without) = analyze_bytes(source.as_bytes(), json!({ "recipe": "activity" })).unwrap();
    assert!(without.features.iter().any(|f| f == "failed_share"), "suggested as the outcome");
    let (_, with) =
        analyze_bytes(source.as_bytes(), json!({ "recipe": "activity", "label": "status" })).unwrap();
    assert!(!with.features.iter().any(|f| f.starts_with("failed")), "{:?}", with.features);
    assert!(with.metrics.is_some());

    let both =
        json!({ "roles": { "entity": "user", "time": "timestamp", "outcome": "status" }, "label": "status" });
    let (code, message) = analyze_bytes(source.as_bytes(), both).unwrap_err();
    assert_eq!(code, "labels");
    assert!(message.contains("\"status\"") && message.contains("outcome"), "{message}");
}

#[test]
fn labels_that_cannot_be_read_are_refused_before_the_work() {
    let mut session = Session::default();
    ingest(&mut session, log().as_bytes()).unwrap();
    let (code, _) = call(&mut session, "beginAnalysis", json!({ "label": "action" })).unwrap_err();
    assert_eq!(code, "labels");
}

#[test]
fn learning_from_too_few_of_a_kind_says_how_many_there_are() {
    let (mut session, _) = analyze_bytes(log().as_bytes(), json!({ "recipe": "activity" })).unwrap();
    for (cut, says) in [
        (json!({ "budget": 0 }), ["0 of 40 rows are flagged", "lower the threshold"]),
        (json!({ "budget": 1 }), ["1 of 40 rows are flagged", "lower the threshold"]),
        (json!({ "budget": 39 }), ["39 of 40 rows are flagged", "raise the threshold"]),
        (json!({ "budget": 40 }), ["40 of 40 rows are flagged", "raise the threshold"]),
    ] {
        call(&mut session, "setThreshold", cut).unwrap();
        for balanced in [true, false] {
            let (code, message) = learn(&mut session, json!({ "balanced": balanced })).unwrap_err();
            assert_eq!(code, "labels", "{message}");
            assert!(says.iter().all(|part| message.contains(part)), "{message}");
        }
    }
}

#[test]
fn indices_past_the_end_say_what_they_count() {
    let (mut session, _) = analyze_bytes(log().as_bytes(), json!({ "recipe": "activity" })).unwrap();
    for (method, params, says) in [
        ("explain", json!({ "row": 40 }), "no row 40; rows are 0 to 39"),
        ("timeline", json!({ "subject": 40 }), "no subject 40; subjects are 0 to 39"),
        ("distribution", json!({ "feature": 99 }), "no feature 99"),
        ("rows", json!({ "rows": [2_000] }), "no table row 2000; table rows are 0 to 1999"),
    ] {
        let (code, message) = call(&mut session, method, params).unwrap_err();
        assert_eq!(code, "no-such-row");
        assert!(message.contains(says), "{message}");
    }
    let (_, message) = call(&mut session, "setThreshold", json!({})).unwrap_err();
    assert!(message.ends_with("exactly one of them, a number, found none"), "{message}");
}
