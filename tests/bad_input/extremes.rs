//! Logs at the edge of what a log can be: each is analysed, as `docs/features.md` says.

use super::{HEADER, analyze_bytes, assert_sound, log_of, record, records};
use isoscope::engine::features::FeatureJob;
use isoscope::engine::ingest::{Ingest, Options};
use isoscope::engine::plan::guess::suggest;
use isoscope::engine::plan::{Plan, Recipe, Role};
use isoscope::protocol::AnalysisView;
use serde_json::{Value, json};

const RECIPES: [&str; 5] = ["activity", "user-day", "session", "login", "table"];

/// Analyses with a recipe, and looks whether the result holds together.
fn sound(source: &str, plan: Value) -> AnalysisView {
    let (mut session, view) = analyze_bytes(source.as_bytes(), plan.clone())
        .unwrap_or_else(|failure| panic!("{plan}: {failure:?}"));
    assert_sound(&mut session, &view);
    view
}

fn findings(view: &AnalysisView) -> Vec<String> {
    view.findings.iter().map(|finding| format!("{} {:?}", finding.kind.code(), finding.column)).collect()
}

#[test]
fn a_million_users_have_a_row_each() {
    const N: usize = 1_000_000;
    let mut ingest = Ingest::new(Options::default()).unwrap();
    ingest.push(b"user,time,action\n").unwrap();
    let mut block = String::new();
    for user in 0..N {
        let (hour, minute, second) = (user % 24, user % 60, user % 59);
        block += &format!("user {user},2025-03-04T{hour:02}:{minute:02}:{second:02}Z,a{}\n", user % 5);
        if block.len() > 1 << 20 || user + 1 == N {
            ingest.push(block.as_bytes()).unwrap();
            block.clear();
        }
    }
    let table = ingest.finish().unwrap().table;
    let roles = [(Role::Entity, "user"), (Role::Time, "time"), (Role::Action, "action")];
    let plan = Plan::new(Recipe::Activity, roles.map(|(role, name)| (role, name.to_owned())).into());
    let mut job = FeatureJob::new(&table, &plan).unwrap();
    while !job.is_done() {
        job.step(&table).unwrap();
    }
    let (matrix, found) = job.finish();
    assert_eq!((matrix.n_rows(), matrix.entity(N - 1)), (N, "user 999999".to_owned()));
    assert!(matrix.values.column(0).iter().all(|&events| events == 1.0) && found.is_empty());
    // Nobody is there twice: what is compared unasked is records.
    assert_ne!(suggest(&table).unwrap().plan.recipe, Recipe::UserDay);
}

#[test]
fn where_all_times_are_equal_what_is_left_is_compared() {
    let events: Vec<String> = (0..2_000)
        .map(|i| {
            format!("u{},2024-01-05T10:00:00,{},{}", i % 40, ["read", "write"][i / 40 % 3 % 2], i * i % 97)
        })
        .collect();
    let source = log_of(HEADER, &events);
    for recipe in RECIPES {
        let view = sound(&source, json!({ "recipe": recipe, "novelty": { "peers": 20 } }));
        let found = findings(&view);
        assert!(found.iter().any(|finding| finding.starts_with("constant-feature")), "{recipe}: {found:?}");
    }
}

#[test]
fn times_far_in_the_past_and_future_are_times() {
    let odd = ["0001-01-01T00:00:00", "9999-12-31T23:59:59", "1583-10-15T12:00:00"];
    let mut events = records(2_000);
    events.extend(odd.iter().enumerate().map(|(i, time)| format!("u{i},{time},read,1")));
    let source = log_of(HEADER, &events);
    for recipe in RECIPES {
        let view = sound(&source, json!({ "recipe": recipe, "novelty": {} }));
        assert_eq!(view.unused_rows, 0, "{recipe}");
        if recipe == "user-day" {
            let days: Vec<&str> = view.entities().iter().collect();
            assert!(
                odd.iter()
                    .enumerate()
                    .all(|(i, time)| days.contains(&format!("u{i} {}", &time[..10]).as_str()))
            );
        }
    }
}

#[test]
fn negative_durations_are_numbers_like_others() {
    let spans = ["-12", "-0.5", "3600", "0", "-1e9"];
    let header = "user,timestamp,action,duration";
    let events: Vec<String> = (0..2_000)
        .map(|i| format!("{},{}", record(i).rsplit_once(',').unwrap().0, spans[i / 40 % 7 % spans.len()]))
        .collect();
    let source = log_of(header, &events);
    for recipe in RECIPES {
        let view = sound(&source, json!({ "recipe": recipe }));
        assert_eq!(view.unused_rows, 0, "{recipe}");
    }
}

#[test]
fn an_empty_category_says_nothing_and_the_user_is_told() {
    let events: Vec<String> = records(2_000).iter().map(|record| format!("{record},")).collect();
    let source = log_of(&format!("{HEADER},country"), &events);
    for recipe in RECIPES {
        let plan = json!({
            "recipe": recipe,
            "novelty": {},
            "roles": { "entity": "user", "time": "timestamp", "action": "action", "country": "country" },
        });
        let view = sound(&source, plan);
        let found = findings(&view);
        let is_told = found
            .iter()
            .any(|finding| finding.starts_with("empty-feature") || finding.starts_with("constant-feature"));
        let about = view.features.iter().any(|feature| feature.contains("countr"));
        assert!(is_told || !about, "{recipe}: {:?} {found:?}", view.features);
    }
}

#[test]
fn ten_thousand_categories_are_counted_and_the_most_frequent_told_apart() {
    let events: Vec<String> = (0..20_000)
        .map(|i| {
            format!(
                "u{},2024-01-{:02}T{:02}:00:00,act{},{}",
                i % 40,
                1 + i / 7 % 28,
                i % 24,
                i * 7 % 10_000,
                i % 7
            )
        })
        .collect();
    let source = log_of(HEADER, &events);
    for recipe in RECIPES {
        let view = sound(&source, json!({ "recipe": recipe, "parameters": { "trees": 10, "top": 5 } }));
        assert!(view.features.len() < 60, "{recipe}: {} features", view.features.len());
        if recipe == "activity" {
            let place = view.features.iter().position(|name| name == "distinct_actions");
            assert!(place.is_some(), "{:?}", view.features);
        }
    }
}
