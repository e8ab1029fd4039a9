//! The search for parameters of what is learned, through the protocol: what wins where it is known, how rows are held out, and
//! what is refused.

#![expect(clippy::unwrap_used, reason = "a test stops at what should not happen, its helpers included")]

mod session_support;

use isoscope::engine::rng::Rng;
use isoscope::engine::session::Session;
use isoscope::protocol::{Basis, Metric, Tuning};
use serde_json::{Value, json};
use session_support::{analyze, ingest, learn, tuned};

/// Records whose truth is where two numbers have the same sign (no cut or plane by itself tells it), their product, and a
/// class of three; two records a user.
fn crossed(n_rows: usize) -> Session {
    let mut rng = Rng::new(8);
    let mut csv = String::from("user,time,x,y,truth,product,kind\n");
    for row in 0..n_rows {
        let (x, y) = (rng.normal(), rng.normal());
        let truth = if x * y > 0.0 { "attack" } else { "normal" };
        let kind = ["low", "middle", "high"][usize::from(x > -0.5) + usize::from(x > 0.5)];
        let time = format!("2026-01-{:02}T10:{:02}:00", 1 + row * 28 / n_rows, row % 60);
        csv.push_str(&format!("u{},{time},{x:.4},{y:.4},{truth},{:.4},{kind}\n", row / 2, x * y));
    }
    let mut session = Session::default();
    ingest(&mut session, csv.as_bytes()).unwrap();
    let plan = json!({
        "recipe": "table", "label": "truth", "omitted": ["product", "kind", "user", "time"],
        "parameters": { "trees": 10 }
    });
    analyze(&mut session, plan).unwrap();
    session
}

fn found(session: &mut Session, options: Value) -> Tuning {
    tuned(session, options).unwrap().0
}

#[test]
fn the_known_best_of_a_grid_wins_and_can_be_learned_with() {
    let mut session = crossed(400);
    let given = json!({ "target": "label", "model": "boosting", "boosting": { "maxDepth": 1, "trees": 30 } });
    let options = json!({ "learn": given, "space": { "boosting.maxDepth": [1, 4], "boosting.learningRate": [0.3, 0.1] } });
    let (tuning, told) = tuned(&mut session, options.clone()).unwrap();
    assert_eq!((tuning.basis, tuning.metric, tuning.folds), (Basis::Target, Metric::AveragePrecision, 5));
    assert_eq!(
        (tuning.rows, tuning.candidates.len()),
        (400, 4),
        "the options as they are, and three unlike them"
    );
    let (best, unchanged) = (&tuning.candidates[tuning.best], &tuning.candidates[tuning.unchanged]);
    assert_eq!((unchanged.parameters.len(), &best.parameters["boosting.maxDepth"]), (0, &json!(4)));
    assert!(best.score.unwrap() > 0.9 && unchanged.score.unwrap() < 0.75, "{tuning:?}");
    assert_eq!(best.folds.len(), 5);
    assert!(told.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 == pair[1].1));
    assert_eq!(told.last().unwrap(), &(20_000, 20_000));

    // Its options are whole, and give what they promise.
    let learned = learn(&mut session, serde_json::to_value(tuning.learn.as_ref().unwrap()).unwrap()).unwrap();
    assert!(learned.evaluation.unwrap().pr_auc > 0.9);
    assert_eq!(found(&mut session, options), tuning, "the same search, the same result");
}

#[test]
fn models_are_compared_and_parameters_count_for_their_own() {
    let mut session = crossed(300);
    let options = json!({
        "learn": { "target": "label", "forest": { "trees": 20 }, "boosting": { "trees": 20 } },
        "space": { "model": ["logistic", "forest", "boosting"], "logistic.c": [0.1, 1.0], "forest.minSamplesLeaf": [1, 5] },
        "metric": "roc-auc", "folds": 3
    });
    let tuning = found(&mut session, options);
    // Logistic by two strengths, a forest by two sizes of leaf, and boosting, beside what is given: logistic again.
    assert_eq!(
        tuning.candidates.len(),
        5 + usize::from(tuning.candidates[tuning.unchanged].parameters.is_empty())
    );
    let best = &tuning.candidates[tuning.best];
    assert!(["forest", "boosting"].contains(&best.parameters["model"].as_str().unwrap()), "{best:?}");
    let worst = tuning.candidates.last().unwrap();
    assert!(worst.score.unwrap() < 0.65 && best.score.unwrap() > 0.9, "a plane tells nothing");
}

#[test]
fn every_kind_of_answer_has_its_measure_and_every_split_its_folds() {
    let mut session = crossed(300);
    let forest = json!({ "trees": 10 });
    for (target, metric, least) in [("product", Metric::R2, 0.3), ("kind", Metric::MacroF1, 0.9)] {
        let given = json!({ "target": { "column": target }, "model": "forest", "forest": forest });
        let options = json!({ "learn": given, "space": { "forest.minSamplesLeaf": [2, 120] }, "folds": 3 });
        let tuning = found(&mut session, options);
        assert_eq!(tuning.metric, metric);
        assert!(tuning.candidates[0].score.unwrap() > least, "{target}: {:?}", tuning.candidates);
        assert_eq!(tuning.candidates.last().unwrap().parameters["forest.minSamplesLeaf"], json!(120));
    }
    let by = |session: &mut Session, by: &str| {
        let given = json!({ "target": "label", "model": "forest", "forest": forest, "split": { "by": by } });
        let options = json!({ "learn": given, "space": { "forest.minSamplesLeaf": [5] }, "folds": 3 });
        found(session, options)
    };
    let of: Vec<Tuning> = ["stratified", "user", "time"].map(|way| by(&mut session, way)).into();
    assert!(of.iter().all(|tuning| tuning.folds == 3 && tuning.candidates[0].folds.len() == 3));
    assert_ne!(of[1].candidates, of[2].candidates);
    let warns = |tuning: &Tuning, what: &str| tuning.notes.iter().any(|note| note.contains(what));
    assert!(!warns(&of[2], "older than some"), "time goes forward");
    assert!(warns(&of[0], "older than some"), "chance does not");
}

#[test]
fn what_has_no_effect_is_left_out_and_said() {
    let mut session = crossed(200);
    let forest = json!({ "trees": 5 });
    let options = |target: Value| {
        let given = json!({ "target": target, "model": "forest", "forest": forest });
        json!({ "learn": given, "space": { "classWeight": ["none", "balanced"], "logistic.c": [1, 10] } })
    };
    let of_numbers = found(&mut session, options(json!({ "column": "product" })));
    assert_eq!(of_numbers.candidates.len(), 1, "weights of classes mean nothing to numbers");
    let note = "Left out, as it has no effect on what was tried: classWeight, logistic.c.";
    assert!(of_numbers.notes.iter().any(|told| told == note), "{:?}", of_numbers.notes);
    let of_classes = found(&mut session, options(json!("label")));
    assert_eq!(of_classes.candidates.len(), 2);
    let note = "Left out, as it has no effect on what was tried: logistic.c.";
    assert!(of_classes.notes.iter().any(|told| told == note), "{:?}", of_classes.notes);
}

#[test]
fn few_rows_are_judged_where_that_is_asked_and_random_draws_are_seeded() {
    let mut session = crossed(300);
    let search = |session: &mut Session, seed: u64| {
        let given = json!({ "target": "label", "model": "logistic" });
        let options = json!({
            "learn": given, "search": "random", "maxCandidates": 4, "maxRows": 100, "seed": seed, "folds": 2,
            "space": { "logistic.c": { "from": 0.001, "to": 1000, "log": true }, "classWeight": ["none", "balanced"] }
        });
        found(session, options)
    };
    let (first, second) = (search(&mut session, 1), search(&mut session, 2));
    // Each class has its share, rounded down.
    assert!((99..=100).contains(&first.rows) && first.candidates.len() == 5, "{first:?}");
    let told = format!("{} of 300", first.rows);
    assert!(first.notes.iter().any(|note| note.contains(&told)), "{:?}", first.notes);
    assert_eq!(first, search(&mut session, 1));
    assert_ne!(first.candidates, second.candidates);
    let unchanged =
        |tuning: &Tuning| tuning.candidates.iter().find(|c| c.parameters.is_empty()).unwrap().folds.clone();
    assert_ne!(unchanged(&first), unchanged(&second), "the seed draws rows and folds too");
}

#[test]
fn rare_rows_are_among_few_that_are_drawn() {
    let mut rng = Rng::new(3);
    let mut csv = String::from("x,y,truth\n");
    for row in 0..3_000 {
        let (shift, truth) = if row % 250 == 0 { (6.0, "attack") } else { (0.0, "normal") };
        csv.push_str(&format!("{:.4},{:.4},{truth}\n", shift + rng.normal(), rng.normal()));
    }
    let mut session = Session::default();
    ingest(&mut session, csv.as_bytes()).unwrap();
    let plan = json!({ "recipe": "table", "label": "truth", "parameters": { "trees": 10 } });
    analyze(&mut session, plan).unwrap();
    let options = json!({
        "learn": { "target": "label", "model": "logistic", "balanced": false }, "maxRows": 200, "folds": 2,
        "space": { "logistic.c": [0.1] }
    });
    let tuning = found(&mut session, options);
    assert!(tuning.candidates.iter().all(|candidate| candidate.score.unwrap() > 0.9), "{tuning:?}");
}

#[test]
fn what_cannot_be_tuned_is_refused_by_name() {
    let mut session = crossed(100);
    let label = json!({ "target": "label" });
    for (options, word) in [
        (json!({ "learn": label, "plan": { "detector": "knn" } }), "plan"),
        (json!({ "learn": label, "basis": "planted" }), "target"),
        (json!({ "learn": label, "metric": "r2" }), "average-precision"),
        (json!({ "learn": label, "space": { "forest.leaves": [1] } }), "forest.leaves"),
        (json!({ "learn": label, "space": { "target": ["flags"] } }), "space.target"),
        (json!({ "learn": label, "space": { "logistic.c": [-1] } }), "above 0"),
        (json!({ "learn": label, "folds": 1 }), "folds"),
        (
            json!({ "learn": { "target": { "column": "product" } }, "space": { "model": ["logistic"] } }),
            "forest",
        ),
        (json!({ "basis": "target" }), "learners"),
        (json!({ "metric": "macro-f1" }), "learners"),
    ] {
        let (code, message) = tuned(&mut session, options.clone()).expect_err(&options.to_string());
        assert_eq!(code, "parameter", "{options}: {message}");
        assert!(message.contains(word), "{options}: {message}");
    }
    let mut empty = Session::default();
    ingest(&mut empty, b"x,y\n1,2\n2,3\n").unwrap();
    assert_eq!(tuned(&mut empty, json!({ "learn": label })).unwrap_err().0, "not-ready");
    // A candidate that fails says why; the others are judged.
    let options = json!({ "learn": { "target": "label", "model": "logistic", "logistic": { "c": 1.0 } },
        "space": { "logistic.c": [1e300, 0.5] }, "folds": 2 });
    let tuning = found(&mut session, options);
    assert_eq!(tuning.candidates.len(), 3);
    assert!(tuning.candidates[0].score.is_some());
}
