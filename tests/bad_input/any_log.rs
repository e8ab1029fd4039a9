//! Random logs under random plans: whatever they are, a clear error or a result that holds together.

use super::session_support::{analyze, call, learn};
use super::{analyze_bytes, assert_sound};
use isoscope::protocol::Response;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Cells that ingest and features have to make something of.
fn nasty_cell() -> BoxedStrategy<String> {
    const ODD: [&str; 32] = [
        "",
        "NaN",
        "1e308",
        "-1e308",
        "inf",
        "true",
        "false",
        "0",
        "1",
        "=1+1",
        "@a",
        "<script>",
        "a\"b",
        "null",
        "9999-12-31T23:59:59",
        "0001-01-01",
        "1700000000",
        "-62135596800000",
        "99999999999999999",
        "\0",
        "ü",
        "failed",
        "ok",
        "anomaly",
        "normal",
        "10.0.0.1",
        "2024-02-30",
        "24:00:00",
        "\n",
        ";",
        "\t",
        " ",
    ];
    let time =
        (1u32..29, 0u32..24, 0u32..60).prop_map(|(d, h, m)| format!("2024-02-{d:02} {h:02}:{m:02}:00"));
    prop_oneof![
        4 => "u[0-9]",
        3 => time,
        2 => any::<i16>().prop_map(|n| n.to_string()),
        1 => any::<f64>().prop_map(|x| x.to_string()),
        1 => select(&ODD[..]).prop_map(str::to_owned),
    ]
    .boxed()
}

/// Cells of one column: of one kind, so that the column can play a role, with a nasty one now and then.
fn cells(n_rows: usize) -> impl Strategy<Value = Vec<String>> {
    let kinds: Vec<BoxedStrategy<String>> = vec![
        any::<i8>().prop_map(|n| n.to_string()).boxed(),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| x.to_string()).boxed(),
        select(&["1e308", "-1e308", "0.5", "5e-324", "1e140"][..]).prop_map(str::to_owned).boxed(),
        select(&["ok", "failed", "denied"][..]).prop_map(str::to_owned).boxed(),
        select(&["0", "1"][..]).prop_map(str::to_owned).boxed(),
        select(&["200", "404", "500"][..]).prop_map(str::to_owned).boxed(),
        "[a-c]".boxed(),
        Just("same".to_owned()).boxed(),
        nasty_cell(),
    ];
    select(kinds).prop_flat_map(move |kind| {
        let cell = prop_oneof![20 => kind, 1 => nasty_cell()];
        prop::collection::vec(cell, n_rows)
    })
}

/// Names that the guess knows, so that roles are given, and names that clash.
fn column_name() -> impl Strategy<Value = String> {
    const NAMES: [&str; 17] = [
        "user",
        "timestamp",
        "date",
        "action",
        "session_id",
        "status",
        "amount",
        "duration",
        "label",
        "ip",
        "country",
        "x",
        "",
        "=y",
        "share_u1",
        "score",
        "device",
    ];
    select(&NAMES[..]).prop_map(str::to_owned)
}

/// A header, and 0 to 60 records: users at times, in half of the logs each user at most once a day, and further columns.
fn nasty_log() -> impl Strategy<Value = (Vec<String>, Vec<Vec<String>>)> {
    (0usize..60, prop::collection::vec(column_name(), 0..5), any::<bool>()).prop_flat_map(
        |(n_rows, more, is_daily)| {
            let users = prop::collection::vec("u[0-5]", n_rows);
            let moments = prop::collection::vec((1u32..20, 0u32..24), n_rows);
            let columns = more.iter().map(|_| cells(n_rows).boxed()).collect::<Vec<_>>();
            let broken = prop::collection::vec((0..n_rows.max(1), 0usize..7, nasty_cell()), 0..4);
            (users, moments, columns, broken).prop_map(move |(users, moments, columns, broken)| {
                let mut names = vec!["user".to_owned(), "timestamp".to_owned()];
                names.extend(more.iter().cloned());
                let mut rows: Vec<Vec<String>> = (0..n_rows)
                    .map(|row| {
                        let (day, hour) = moments[row];
                        let time = match is_daily {
                            true => format!("2024-{:02}-{:02}", 1 + row / 28, 1 + row % 28),
                            false => format!("2024-03-{day:02} {hour:02}:15:00"),
                        };
                        let further = columns.iter().map(|column| column[row].clone());
                        [users[row].clone(), time].into_iter().chain(further).collect()
                    })
                    .collect();
                for (row, column, cell) in broken.into_iter().filter(|_| n_rows > 0) {
                    match rows[row].get_mut(column) {
                        Some(place) => *place = cell,
                        None => rows[row].push(cell),
                    }
                }
                (names, rows)
            })
        },
    )
}

fn text_of(names: &[String], rows: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_record(names).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// Part of a plan for some columns: each part there or not, now and then a wrong one.
fn some_plan(columns: Vec<String>) -> impl Strategy<Value = Value> {
    let column = prop_oneof![20 => select(columns), 1 => column_name()];
    let role = select(&["action", "session", "amount", "duration", "outcome", "device", "label"][..]);
    let roles = prop::collection::vec((role, column.clone()), 0..4);
    (
        prop::option::of(select(&["activity", "user-day"][..])),
        prop::option::weighted(0.5, roles),
        prop::option::of(prop_oneof![4 => Just(0.05), 4 => Just(0.5), 4 => Just(1e-9), 1 => Just(0.7)]),
        prop::option::weighted(0.2, select(&[0.5, -1.0, 1e300][..])),
        prop::option::weighted(0.2, 0usize..80),
        prop::option::weighted(0.2, column),
        prop::option::of(any::<u32>()),
        (1usize..20, 2usize..40, 0u32..24, 0u32..25, 0.5f64..1e6, 0usize..10),
    )
        .prop_map(|(recipe, roles, contamination, threshold, budget, label, seed, p)| {
            let mut plan = json!({ "parameters": {
                "trees": p.0, "subsample": p.1, "nightStartHour": p.2, "nightEndHour": p.3, "sessionGapSecs": p.4,
                "top": p.5,
            }});
            let mut set = |name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    plan[name] = value;
                }
            };
            set("recipe", recipe.map(Value::from));
            set("contamination", contamination.map(Value::from));
            set("threshold", threshold.map(Value::from));
            set("budget", budget.map(Value::from));
            set("label", label.map(Value::from));
            set("seed", seed.map(Value::from));
            set(
                "roles",
                roles.map(|roles| {
                    let mut all = json!({ "entity": "user", "time": "timestamp" });
                    roles.into_iter().for_each(|(role, column)| all[role] = column.into());
                    all
                }),
            );
            plan
        })
}

fn log_and_plan() -> impl Strategy<Value = (String, Value)> {
    nasty_log().prop_flat_map(|(names, rows)| (Just(text_of(&names, &rows)), some_plan(names)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the log and the plan: a clear error, or a result that holds together and everything asked of it.
    #[test]
    fn any_log_and_plan_give_a_sound_result_or_a_clear_error((log, plan) in log_and_plan()) {
        match analyze_bytes(log.as_bytes(), plan.clone()) {
            Err((code, message)) => {
                prop_assert!(!message.is_empty() && code != "internal");
                prop_assert!(!message.contains("Some(") && !message.contains("{ "), "{}", message);
            }
            Ok((mut session, view)) => {
                assert_sound(&mut session, &view);
                for row in 0..view.scores.len() {
                    call(&mut session, "explain", json!({ "row": row })).unwrap();
                }
                for subject in 0..view.subjects.len() {
                    call(&mut session, "timeline", json!({ "subject": subject })).unwrap();
                }
                for feature in 0..view.features.len() {
                    call(&mut session, "distribution", json!({ "feature": feature })).unwrap();
                }
                let Response::Density(density) = call(&mut session, "density", json!({})).unwrap() else {
                    panic!("a density")
                };
                prop_assert_eq!(density.counts.iter().map(|&n| u64::from(n)).sum::<u64>(), density.events);
                if let Err((code, message)) = call(&mut session, "evaluate", json!({})) {
                    prop_assert_eq!(code, "labels", "{}", message);
                }
                for options in [json!({}), json!({ "target": "label", "model": "boosting" })] {
                    match learn(&mut session, options) {
                        Ok(learned) => {
                            prop_assert!(learned.predictions.len() == view.scores.len());
                            prop_assert!(learned.probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
                        }
                        Err((code, message)) => prop_assert_eq!(code, "labels", "{}", message),
                    }
                }
                // As text, because a measure over labels of one kind is NaN, which is not itself.
                let again = analyze(&mut session, plan).unwrap();
                prop_assert_eq!(format!("{again:?}"), format!("{view:?}"), "the same bytes, plan and seed");
            }
        }
    }
}
