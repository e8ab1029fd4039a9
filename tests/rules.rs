//! Rules through the protocol: suggested, edited, beside a detector and as one, learned, exported, refused.

#![expect(clippy::unwrap_used, reason = "a test stops at what should not happen, its helpers included")]

mod session_support;

use isoscope::engine::math::exp2;
use isoscope::engine::plan::{Rule, Rules};
use isoscope::engine::session::Session;
use isoscope::protocol::{AnalysisView, Response, SampleFile};
use serde_json::{Value, json};
use session_support::{analyze, call, export, ingest, learn};

fn logins(users: usize) -> (Session, SampleFile) {
    let mut session = Session::default();
    let Ok(Response::Sample(file)) =
        call(&mut session, "sample", json!({ "name": "logins", "users": users, "days": 20 }))
    else {
        panic!("a sample");
    };
    ingest(&mut session, &file.bytes).unwrap();
    (session, file)
}

/// The feature matrix by column name, from the exported file.
fn features(session: &mut Session) -> impl Fn(&str) -> Vec<f64> + use<> {
    let text = export(session, "features");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    move |name| {
        let place = names.iter().position(|other| other == name).unwrap();
        rows.iter().map(|row| row[place].parse().unwrap()).collect()
    }
}

/// Points by the definition, from the exported features.
fn expected_points(session: &mut Session, rules: &Rules) -> Vec<f64> {
    let column = features(session);
    let mut points = Vec::new();
    for Rule { feature, above, points: worth } in &rules.rules {
        let values = column(feature);
        points.resize(values.len(), 0.0);
        points
            .iter_mut()
            .zip(values)
            .for_each(|(sum, value)| *sum += if value > *above { *worth } else { 0.0 });
    }
    points
}

fn rules_of(view: &AnalysisView) -> Rules {
    view.plan.rules.clone().unwrap()
}

#[test]
fn a_log_of_logins_gets_the_rules_of_its_system() {
    let (mut session, _) = logins(80);
    let view = analyze(&mut session, json!({ "recipe": "login" })).unwrap();
    let rules = rules_of(&view);
    let limits: Vec<(&str, f64, f64)> =
        rules.rules.iter().map(|rule| (rule.feature.as_str(), rule.above, rule.points)).collect();
    assert_eq!(
        limits,
        [
            ("distinct_countries", 2.0, 1.0),
            ("distinct_devices", 3.0, 1.0),
            ("distinct_addresses", 3.0, 1.0),
            ("distinct_browsers", 3.0, 1.0),
            ("login_ratio", 1.0, 1.0)
        ]
    );
    assert_eq!(rules.at_least, 3.0);

    // Without some of the roles, the rules over their features are not there, and all that are left are needed.
    let roles = json!({ "entity": "user", "time": "time", "address": "ip_address", "outcome": "success" });
    let view = analyze(&mut session, json!({ "recipe": "login", "roles": roles })).unwrap();
    let rules = rules_of(&view);
    assert_eq!((rules.rules.len(), rules.at_least), (2, 2.0));
    // Other recipes have no such features.
    let view = analyze(&mut session, json!({ "recipe": "user-day" })).unwrap();
    assert!(view.plan.rules.is_none() && view.rules.is_none());
    assert!(view.top.iter().all(|explanation| explanation.rules.is_empty()));
}

#[test]
fn rules_stand_beside_any_detector() {
    let (mut session, _) = logins(120);
    let view = analyze(&mut session, json!({ "recipe": "login" })).unwrap();
    let found = view.rules.clone().unwrap();
    let points = expected_points(&mut session, &rules_of(&view));
    assert_eq!(found.points, points);
    assert_eq!(found.reached, points.iter().filter(|&&p| p >= 3.0).count());
    assert!(found.reached > 0 && found.reached < points.len());

    let column = features(&mut session);
    for result in &found.rules {
        let mut values = column(&result.rule.feature);
        assert_eq!(result.rows, values.iter().filter(|&&value| value > result.rule.above).count());
        assert_eq!(result.missing, 0);
        values.sort_by(f64::total_cmp);
        assert_eq!(result.quantiles.last(), Some(&(1.0, values[values.len() - 1])));
        assert!(result.quantiles.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1));
        let at_or_below =
            |limit: f64| values.partition_point(|&value| value <= limit) as f64 / values.len() as f64;
        for &(share, value) in &result.quantiles {
            // Interpolated between two rows.
            assert!(at_or_below(value) >= share - 1.0 / values.len() as f64, "{share} {value}");
        }
    }
    for explanation in &view.top {
        let n_points = points[explanation.row];
        assert_eq!(explanation.rules.len() as f64, n_points, "{explanation:?}");
        assert!(explanation.rules.iter().all(|text| text.contains(" is ") && text.contains(", above ")));
    }
    let named = |text: &str| view.top.iter().flat_map(|e| &e.rules).any(|rule| rule.starts_with(text));
    assert!(named("number of different countries is "), "{:?}", view.top[0].rules);
    assert_eq!(view.plan.contamination, 0.05, "the detector and its threshold are as without rules");
    let without = analyze(&mut session, json!({ "recipe": "login", "rules": { "rules": [] } })).unwrap();
    assert!(without.rules.is_none());
    assert_eq!((without.scores, without.flags), (view.scores, view.flags));
}

#[test]
fn rules_as_the_detector_flag_what_has_enough_points() {
    let (mut session, _) = logins(120);
    let view = analyze(&mut session, json!({ "recipe": "login", "detector": "rules" })).unwrap();
    let points = expected_points(&mut session, &rules_of(&view));
    for (row, &p) in points.iter().enumerate() {
        assert_eq!(view.flags[row] == 1, p >= 3.0, "row {row} has {p} points");
        assert!((view.scores[row] - (1.0 - exp2(-p / 3.0))).abs() < 1e-15);
        assert_eq!(view.scores[row] >= 0.5, p >= 3.0);
    }
    assert!(view.flags.contains(&1));
    for explanation in &view.top {
        let sum: f64 = explanation.contributions.iter().map(|c| c.contribution).sum();
        assert!((explanation.base + sum - explanation.score).abs() < 1e-12, "{explanation:?}");
    }
    for ranked in &view.ranking {
        let Response::Explanation(explanation) =
            call(&mut session, "explain", json!({ "row": ranked.row })).unwrap()
        else {
            panic!("an explanation");
        };
        let said = explanation.rules.join("; ");
        assert_eq!(ranked.sentence.to_lowercase(), format!("{said}.").to_lowercase());
        assert_eq!(ranked.sentence, explanation.sentence);
    }
    // Other wishes for the threshold come first.
    let all =
        analyze(&mut session, json!({ "recipe": "login", "detector": "rules", "threshold": 0.0 })).unwrap();
    assert_eq!(all.flags.iter().filter(|&&f| f == 1).count(), points.iter().filter(|&&p| p > 0.0).count());
    assert_eq!(
        analyze(&mut session, json!({ "recipe": "login", "detector": "rules", "seed": 9 })).unwrap().scores,
        view.scores
    );
}

#[test]
fn any_feature_of_any_recipe_may_have_rules() {
    let (mut session, _) = logins(60);
    let rules = json!({
        "rules": [
            { "feature": "night_share", "above": 0.3, "points": 2 },
            { "feature": "night_share", "above": 0.6, "points": 0.5 },
            { "feature": "distinct_countries", "above": 2 }
        ],
        "atLeast": 2.5
    });
    let view =
        analyze(&mut session, json!({ "recipe": "activity", "detector": "rules", "rules": rules })).unwrap();
    let points = expected_points(&mut session, &rules_of(&view));
    assert_eq!(view.rules.clone().unwrap().points, points);
    let enough: Vec<u8> = points.iter().map(|&p| u8::from(p >= 2.5)).collect();
    assert_eq!(view.flags, enough);
    assert!(enough.contains(&1), "nights are planted");
}

#[test]
fn what_rules_say_can_be_learned_and_exported() {
    let (mut session, _) = logins(200);
    let view = analyze(&mut session, json!({ "recipe": "login" })).unwrap();
    let reached = view.rules.unwrap().reached;
    let learned = learn(&mut session, json!({ "target": "rules" })).unwrap();
    assert_eq!(learned.classes[1].train + learned.classes[1].test, reached);
    assert!(learned.evaluation.unwrap().roc_auc > 0.9, "limits on the features themselves are nearly linear");
    assert!(learned.notes.iter().any(|note| note.contains("rules")));

    let results = export(&mut session, "results");
    assert!(
        results.starts_with(r#""entity","subject","score","flag","severity","points","rules","logins""#),
        "{}",
        &results[..99]
    );
    assert!(results.contains("number of different countries is"));
    let document: Value = serde_json::from_str(&export(&mut session, "json")).unwrap();
    assert_eq!(document["rules"].as_array().unwrap().len(), 5);
    assert!(document["rows"][0]["points"].is_number());

    analyze(&mut session, json!({ "recipe": "activity" })).unwrap();
    let (code, message) = learn(&mut session, json!({ "target": "rules" })).unwrap_err();
    assert!(code == "labels" && message.contains("rules"), "{message}");
    assert!(!export(&mut session, "results").contains("\"points\""));
}

#[test]
fn rules_that_cannot_be_are_refused_before_anything_is_computed() {
    let (mut session, _) = logins(40);
    let rule = |feature: &str, above: f64, points: f64| json!({ "feature": feature, "above": above, "points": points });
    for (plan, names) in [
        (json!({ "rules": { "rules": [rule("login_rate", 1.0, 1.0)] } }), vec!["login_rate", "login_ratio"]),
        (json!({ "rules": { "rules": [rule("hours", 1.0, 1.0)] } }), vec!["hours", "failed_logins"]),
        (json!({ "rules": { "rules": [rule("logins", 1.0, 0.0)] } }), vec!["points above 0", "logins"]),
        (json!({ "rules": { "rules": [rule("logins", 1.0, -1.0)] } }), vec!["points above 0"]),
        (json!({ "rules": { "rules": [rule("logins", 1.0, 1.0)], "atLeast": 0 } }), vec!["atLeast"]),
        (json!({ "detector": "rules", "rules": { "rules": [] } }), vec!["at least one rule"]),
    ] {
        let mut plan = plan;
        plan["recipe"] = json!("login");
        let (code, message) = call(&mut session, "beginAnalysis", plan).unwrap_err();
        assert_eq!(code, "parameter", "{message}");
        names.iter().for_each(|name| assert!(message.contains(name), "{name}: {message}"));
    }
    let (code, message) =
        call(&mut session, "beginAnalysis", json!({ "recipe": "activity", "detector": "rules" }))
            .unwrap_err();
    assert!(code == "parameter" && message.contains("rule"), "{message}");
}
