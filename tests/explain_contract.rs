//! What every detector's explanation owes: `base + sum(contributions) = score`, comparisons, the smallest change to
//! normal, and the look at all rows, on tables with categories, gaps, copies and columns that say nothing.

#![expect(clippy::unwrap_used, reason = "a test stops at what should not happen, its helpers included")]

mod session_support;

use isoscope::engine::detect::ALL;
use isoscope::engine::explain::{Counterfactual, Explanation, GlobalExplanation};
use isoscope::engine::plan::DetectorName;
use isoscope::engine::rng::Rng;
use isoscope::engine::session::Session;
use isoscope::protocol::Response;
use serde_json::{Value, json};
use session_support::{analyze, call, ingest};

/// Employees: two numbers that go together, one with gaps, a category with gaps, a column that is always the same, and
/// every tenth row a copy of the one before. Number 7 works too much, number 8 is in a department of its own.
fn employees(n_rows: usize) -> String {
    let mut rng = Rng::new(4);
    let mut csv = "name,hours,tasks,sick_days,department,country\n".to_owned();
    let mut line = String::new();
    for row in 0..n_rows {
        if row % 10 != 9 {
            let hours = (40.0 + 3.0 * rng.normal()).round();
            let tasks = (hours / 2.0 + 2.0 * rng.normal()).round();
            let sick = if row % 7 == 3 { String::new() } else { format!("{:.1}", 5.0 + rng.normal()) };
            let department = ["Support", "Sales", "", "Support", "Development"][row % 5];
            line = format!("{hours},{tasks},{sick},{department},DE");
        }
        match row {
            7 => line = "95,70,5.0,Support,DE".to_owned(),
            8 => line = "41,20,4.5,Legal,DE".to_owned(),
            _ => {}
        }
        csv.push_str(&format!("n{row},{line}\n"));
    }
    csv
}

fn analyzed(csv: &str, plan: Value) -> Session {
    let mut session = Session::default();
    ingest(&mut session, csv.as_bytes()).unwrap();
    analyze(&mut session, plan).unwrap();
    session
}

fn name_of(detector: DetectorName) -> Value {
    serde_json::to_value(detector).unwrap()
}

fn explain(session: &mut Session, row: usize) -> Explanation {
    match call(session, "explain", json!({ "row": row })).unwrap() {
        Response::Explanation(explanation) => explanation,
        other => panic!("an explanation, not {other:?}"),
    }
}

fn counterfactual(session: &mut Session, row: usize) -> Counterfactual {
    match call(session, "counterfactual", json!({ "row": row })).unwrap() {
        Response::Counterfactual(counterfactual) => counterfactual,
        other => panic!("a smallest change, not {other:?}"),
    }
}

fn global(session: &mut Session, options: Value) -> (GlobalExplanation, usize) {
    call(session, "beginGlobal", options).unwrap();
    let (mut done, mut n_steps) = (0, 0);
    while let Response::Step(Some(progress)) = call(session, "stepGlobal", json!({})).unwrap() {
        assert!(progress.done > done && progress.done <= progress.total, "{progress:?}");
        (done, n_steps) = (progress.done, n_steps + 1);
    }
    match call(session, "global", json!({})).unwrap() {
        Response::Global(global) => (*global, n_steps),
        other => panic!("a look at all, not {other:?}"),
    }
}

/// The contract, on each of some rows.
fn assert_explained(session: &mut Session, rows: impl Iterator<Item = usize>, what: &str) {
    let n_features = session.analysis().unwrap().matrix.features.len();
    for row in rows {
        let explanation = explain(session, row);
        let sum: f64 = explanation.contributions.iter().map(|c| c.contribution).sum();
        let (base, score) = (explanation.base, explanation.score);
        assert!((base + sum - score).abs() < 1e-9, "{what}, row {row}: {base} + {sum} is not {score}");
        assert_eq!(explanation.contributions.len(), n_features, "{what}");
        assert!(explanation.contributions.is_sorted_by(|a, b| a.contribution >= b.contribution), "{what}");
        for contribution in &explanation.contributions {
            let error = contribution.error.unwrap_or(0.0);
            assert!(error.is_finite() && error >= 0.0, "{what}, row {row}: {contribution:?}");
            assert!(contribution.z.is_finite(), "{what}, row {row}: {contribution:?}");
        }
        assert!(!explanation.sentence.is_empty(), "{what}, row {row}");
    }
}

#[test]
fn contributions_of_every_detector_add_up_on_real_tables() {
    let csv = employees(120);
    for &detector in ALL {
        let mut session = analyzed(&csv, json!({ "recipe": "table", "detector": name_of(detector) }));
        assert_explained(&mut session, (0..120).step_by(5).chain([7, 8, 9]), &format!("{detector:?}"));
        let is_sampled = matches!(detector, DetectorName::Lof | DetectorName::Ocsvm);
        let explanation = explain(&mut session, 7);
        assert!(explanation.contributions.iter().all(|c| c.error.is_some() == is_sampled), "{detector:?}");
    }
}

#[test]
fn credits_of_cuts_across_features_add_up_too() {
    let csv = employees(120);
    for level in [1, 3] {
        let plan = json!({ "recipe": "table", "detector": "iforest", "parameters": { "iforest": { "extensionLevel": level } } });
        let mut session = analyzed(&csv, plan);
        assert_explained(
            &mut session,
            (0..120).step_by(5).chain([7, 8, 9]),
            &format!("extension level {level}"),
        );
        // Number 7 works too much and does too much.
        let told = explain(&mut session, 7).contributions;
        let first: Vec<&str> = told[..2].iter().map(|c| &*c.feature).collect();
        assert!(first.contains(&"hours") && first.contains(&"tasks"), "{first:?}");
        assert!(told.iter().all(|c| c.error.is_none()), "nothing is drawn");
    }
}

#[test]
fn odd_tables_are_explained_by_every_detector() {
    let lines = |line: &dyn Fn(usize) -> String| (0..40).map(|row| line(row) + "\n").collect::<String>();
    let tables = [
        ("one column", format!("a\n{}", lines(&|row| format!("{}.5", row * row % 17)))),
        (
            "a constant row beside",
            format!("a,b\n{}", lines(&|row| format!("{}.5,1", if row == 3 { 9 } else { 1 }))),
        ),
        ("two kinds of rows", format!("a,b\n{}", lines(&|row| format!("{}.5,{}", row % 2, row % 2)))),
        (
            "mostly missing",
            format!(
                "a,b\n{}",
                lines(&|row| if row % 4 == 0 { format!("{}.5,x{}", row % 7, row % 3) } else { ",x0".into() })
            ),
        ),
    ];
    for &detector in ALL {
        for (what, csv) in &tables {
            let mut session = analyzed(csv, json!({ "recipe": "table", "detector": name_of(detector) }));
            assert_explained(&mut session, (0..40).step_by(3), &format!("{detector:?} on {what}"));
            let change = counterfactual(&mut session, 3);
            assert!(change.score.is_finite(), "{detector:?} on {what}");
        }
    }
}

#[test]
fn the_smallest_change_makes_a_row_normal_with_every_detector() {
    let csv = employees(150);
    for &detector in ALL {
        let plan = json!({ "recipe": "table", "detector": name_of(detector), "contamination": 0.06 });
        let mut session = analyzed(&csv, plan);
        let flagged: Vec<usize> = {
            let analysis = session.analysis().unwrap();
            (0..150).filter(|&row| analysis.flags[row] != 0).collect()
        };
        assert!(flagged.contains(&7), "{detector:?}");
        for &row in &flagged {
            let change = counterfactual(&mut session, row);
            let analysis = session.analysis().unwrap();
            // The score is that of the changed row, asked of the model from scratch.
            let mut values = analysis.matrix.values.row(row).to_owned();
            for change in &change.changes {
                let at = analysis.matrix.features.iter().position(|f| f.name == change.feature).unwrap();
                assert!(change.from.to_bits() == values[at].to_bits() || change.from == values[at]);
                values[at] = change.to;
                let (typical, to) = (analysis.baselines.features[at].median, change.to);
                if !change.from.is_nan() && analysis.matrix.features[at].labels.is_empty() {
                    let between = typical.min(change.from).floor()..=typical.max(change.from).ceil();
                    assert!(between.contains(&to), "{detector:?}, row {row}: {change:?}");
                }
                if change.feature == "hours" {
                    assert_eq!(to, to.trunc(), "whole numbers stay whole");
                }
            }
            let rows = values.insert_axis(ndarray::Axis(0));
            let transform = analysis.preparation.of_features(&analysis.matrix.features).unwrap();
            let mut score = [0.0];
            use isoscope::engine::detect::Detector as _;
            analysis.model.score_block(transform.rows(rows.view()).view(), &mut score);
            assert_eq!(score[0].to_bits(), change.score.to_bits(), "{detector:?}, row {row}");
            assert_eq!(change.is_enough, change.score <= analysis.threshold, "{detector:?}, row {row}");
            assert!(!change.changes.is_empty() || !change.is_enough, "{detector:?}, row {row}: {change:?}");
        }
        let worked_too_much = counterfactual(&mut session, 7);
        assert!(worked_too_much.is_enough, "{detector:?}: {worked_too_much:?}");
        let normal = (0..150).find(|row| !flagged.contains(row)).unwrap();
        let nothing = counterfactual(&mut session, normal);
        assert_eq!((nothing.changes.len(), nothing.sentence.as_str()), (0, "Does not stand out."));
    }
}

#[test]
fn the_smallest_change_is_said_in_words() {
    let mut session =
        analyzed(&employees(150), json!({ "recipe": "table", "contamination": 0.02, "detector": "knn" }));
    let change = counterfactual(&mut session, 7);
    assert!(change.sentence.starts_with("Would not stand out with "), "{}", change.sentence);
    assert!(change.sentence.contains(" instead of "), "{}", change.sentence);
    assert_eq!(call(&mut session, "counterfactual", json!({ "row": 9_999 })).unwrap_err().0, "no-such-row");
}

/// Days of users; "anna" logs in at night on all of hers, the others never do.
fn days() -> String {
    let mut csv = "user,time,action\n".to_owned();
    for (user, hour) in [("anna", 2), ("ben", 10), ("carla", 11), ("dora", 14)] {
        for day in 1..=20 {
            for event in 0..3 {
                csv.push_str(&format!("{user},2026-01-{day:02} {hour:02}:{:02}:00,open\n", 5 * event));
            }
        }
    }
    csv
}

#[test]
fn a_user_is_compared_with_its_own_other_days() {
    let mut session = analyzed(&days(), json!({ "recipe": "user-day" }));
    let row = {
        let analysis = session.analysis().unwrap();
        (0..80).find(|&row| analysis.matrix.entity(row).starts_with("anna")).unwrap()
    };
    let explanation = explain(&mut session, row);
    let night = explanation.contributions.iter().find(|c| c.typical_user.is_some_and(|own| own != c.typical));
    assert!(night.is_some(), "{explanation:?}");
    assert!(explanation.contributions.iter().all(|c| c.typical_peers.is_none()), "no column names groups");
}

#[test]
fn peers_are_those_of_the_group() {
    let mut rng = Rng::new(2);
    let mut csv = "name,department,hours,tasks\n".to_owned();
    for row in 0..60 {
        let (department, usual) = [("Night", 60.0), ("Day", 30.0)][row % 2];
        csv.push_str(&format!("n{row},{department},{:.0},{:.1}\n", usual + 2.0 * rng.normal(), rng.normal()));
    }
    csv.push_str("n60,Alone,99,0.1\n");
    let plan = json!({ "recipe": "table", "roles": { "group": "department" } });
    let mut session = analyzed(&csv, plan);
    let hours = |session: &mut Session, row: usize| {
        explain(session, row).contributions.into_iter().find(|c| c.feature == "hours").unwrap()
    };
    for (row, usual) in [(0, 60.0), (1, 30.0)] {
        let peers = hours(&mut session, row).typical_peers.unwrap();
        assert!((peers - usual).abs() < 3.0, "row {row}: {peers}");
    }
    let alone = hours(&mut session, 60);
    assert_eq!((alone.typical_peers, alone.typical_user), (None, None));

    // Groups are those of the column as it is treated.
    let plan = json!({
        "recipe": "table",
        "roles": { "group": "department" },
        "treatments": { "department": { "constant": "Night" } }
    });
    let mut session = analyzed(&csv.replace(",Night,", ",,"), plan);
    assert!((hours(&mut session, 0).typical_peers.unwrap() - 60.0).abs() < 3.0);
}

#[test]
fn a_look_at_all_rows_weighs_features_and_gives_a_sample() {
    let csv = employees(400);
    let mut session = analyzed(&csv, json!({ "recipe": "table", "contamination": 0.05 }));
    let (found, n_steps) = global(&mut session, json!({ "rows": 150, "features": 2 }));
    assert!(n_steps > 2, "cannot be cancelled between steps");
    let n_flagged = session.analysis().unwrap().flags.iter().filter(|&&flag| flag != 0).count();
    assert_eq!((found.flagged_rows, found.sampled_rows), (n_flagged, 150));
    assert!(found.features.is_sorted_by(|a, b| a.flagged >= b.flagged));
    assert_eq!(found.features.len(), session.analysis().unwrap().matrix.features.len());

    let swarm = &found.beeswarm;
    assert_eq!(swarm.features, [found.features[0].feature.clone(), found.features[1].feature.clone()]);
    assert_eq!((swarm.rows.len(), swarm.contributions.len(), swarm.quantiles.len()), (150, 300, 300));
    for (at, &row) in swarm.rows.iter().enumerate().step_by(10) {
        let explanation = explain(&mut session, row as usize);
        for (place, feature) in swarm.features.iter().enumerate() {
            let own = explanation.contributions.iter().find(|c| &c.feature == feature).unwrap();
            assert_eq!(
                own.contribution.to_bits(),
                swarm.contributions[150 * place + at].to_bits(),
                "{own:?}"
            );
        }
    }
    let mean: f64 = swarm.contributions[..150].iter().map(|c| c.abs() / 150.0).sum();
    assert!((mean - found.features[0].all).abs() < 1e-12);
    let of_numbers: Vec<f64> = swarm.quantiles.iter().copied().filter(|q| !q.is_nan()).collect();
    assert!(of_numbers.iter().all(|quantile| (0.0..=1.0).contains(quantile)));

    let (again, _) = global(&mut session, json!({ "rows": 150, "features": 2 }));
    assert_eq!(again.features, found.features);
    let (other, _) = global(&mut session, json!({ "rows": 150, "seed": 77 }));
    assert_ne!(other.beeswarm.rows, swarm.rows);
}

#[test]
fn a_look_at_all_rows_ends_with_its_flags() {
    let mut session = analyzed(&employees(100), json!({ "recipe": "table" }));
    assert_eq!(call(&mut session, "global", json!({})).unwrap_err().0, "not-ready");
    global(&mut session, json!({}));
    call(&mut session, "beginGlobal", json!({})).unwrap();
    call(&mut session, "setThreshold", json!({ "budget": 3 })).unwrap();
    assert_eq!(call(&mut session, "stepGlobal", json!({})).unwrap_err().0, "not-ready");
    assert_eq!(call(&mut session, "global", json!({})).unwrap_err().0, "not-ready");
    call(&mut session, "beginGlobal", json!({})).unwrap();
    call(&mut session, "cancelGlobal", json!({})).unwrap();
    assert_eq!(call(&mut session, "stepGlobal", json!({})).unwrap_err().0, "not-ready");
    for options in [json!({ "rows": 0 }), json!({ "rows": 200_000 })] {
        assert_eq!(call(&mut session, "beginGlobal", options).unwrap_err().0, "parameter");
    }
}
