//! The search for parameters through the protocol: what wins where it is known, what is refused, and that the same search
//! gives the same result.

#![expect(clippy::unwrap_used, reason = "a test stops at what should not happen, its helpers included")]

mod session_support;

use isoscope::engine::rng::Rng;
use isoscope::engine::session::Session;
use isoscope::protocol::{Basis, Metric, Response, Tuning};
use serde_json::{Value, json};
use session_support::{Failure, analyze, call, ingest, tuned};

/// Records around the middle, and a tight clump of abnormal ones to the side: fewer neighbours than there are in the clump
/// find nothing, more find it.
fn clump(n_normal: usize, n_abnormal: usize) -> String {
    let mut rng = Rng::new(5);
    let mut csv = String::from("x,y,truth\n");
    for _ in 0..n_normal {
        csv.push_str(&format!("{:.4},{:.4},normal\n", rng.normal(), rng.normal()));
    }
    for _ in 0..n_abnormal {
        csv.push_str(&format!("{:.5},{:.5},attack\n", 4.0 + 0.01 * rng.normal(), 4.0 + 0.01 * rng.normal()));
    }
    csv
}

fn session_of(csv: &str) -> Session {
    let mut session = Session::default();
    ingest(&mut session, csv.as_bytes()).unwrap();
    session
}

fn tune(session: &mut Session, options: Value) -> Result<Tuning, Failure> {
    tuned(session, options).map(|(tuning, _)| tuning)
}

fn refused(session: &mut Session, options: Value) -> Failure {
    tune(session, options.clone()).expect_err(&options.to_string())
}

fn labelled() -> Value {
    json!({ "recipe": "table", "detector": "knn", "label": "truth", "parameters": { "neighbors": 5 } })
}

#[test]
fn with_labels_the_known_best_of_a_grid_wins_and_its_plan_can_be_analysed() {
    let mut session = session_of(&clump(300, 15));
    let options = json!({ "plan": labelled(), "space": { "neighbors": [5, 40], "preparation.scale": ["standard", "robust"] } });
    let (tuning, told) = tuned(&mut session, options).unwrap();
    assert_eq!((tuning.basis, tuning.metric, tuning.folds), (Basis::Labels, Metric::AveragePrecision, 5));
    assert_eq!(tuning.candidates.len(), 4, "the plan as it is, and three unlike it");
    assert_eq!(tuning.plan.parameters.neighbors, 40);
    let (best, unchanged) = (&tuning.candidates[tuning.best], &tuning.candidates[tuning.unchanged]);
    assert!(unchanged.parameters.is_empty() && best.parameters["neighbors"] == json!(40));
    assert!(best.score.unwrap() > 0.95 && unchanged.score.unwrap() < 0.5, "{tuning:?}");
    for candidate in &tuning.candidates {
        assert_eq!(candidate.folds.len(), 5);
        let mean = candidate.folds.iter().sum::<f64>() / 5.0;
        assert!((candidate.score.unwrap() - mean).abs() < 1e-12 && candidate.seconds.is_none());
    }
    assert!(tuning.candidates.windows(2).all(|pair| pair[0].score >= pair[1].score), "best first");

    // Progress never goes back, and ends at its total.
    assert!(told.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 == pair[1].1));
    let (done, total) = *told.last().unwrap();
    assert!(done == total && told.len() > 20, "{done} of {total} in {} steps", told.len());

    let plan = serde_json::to_value(&tuning.plan).unwrap();
    let view = analyze(&mut session, plan).unwrap();
    assert_eq!(view.plan, tuning.plan, "nothing is left to be suggested");
    assert!(view.metrics.unwrap().pr_auc > 0.95);
}

#[test]
fn a_candidate_scores_the_same_whatever_stands_beside_it() {
    let mut session = session_of(&clump(150, 10));
    for basis in ["labels", "planted", "stability-agreement"] {
        let search = |session: &mut Session, neighbors: Value| {
            let space = json!({ "neighbors": neighbors });
            tune(session, json!({ "plan": labelled(), "space": space, "basis": basis, "folds": 3 })).unwrap()
        };
        let (wide, narrow) = (search(&mut session, json!([3, 20, 60])), search(&mut session, json!([20])));
        assert_eq!(
            wide,
            search(&mut session, json!([3, 20, 60])),
            "{basis}: the same search, the same result"
        );
        let of = |tuning: &Tuning| {
            let is_it =
                |c: &&isoscope::protocol::Candidate| c.parameters.get("neighbors") == Some(&json!(20));
            tuning.candidates.iter().find(is_it).unwrap().clone()
        };
        assert_eq!(of(&wide), of(&narrow), "{basis}");
        assert!(
            wide.candidates.iter().all(|c| c.score.is_some_and(|score| (-1.0..=1.0).contains(&score))),
            "{basis}"
        );
    }
}

#[test]
fn without_labels_it_says_what_it_goes_by() {
    let csv = clump(150, 10);
    let unlabelled: String =
        csv.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n").collect();
    let mut session = session_of(&unlabelled);
    let plan = json!({ "recipe": "table", "detector": "iforest" });
    let space = json!({ "detector": ["iforest", "hbos", ["iforest", "knn"]] });
    let tuning = tune(&mut session, json!({ "plan": plan, "space": space })).unwrap();
    assert_eq!((tuning.basis, tuning.metric), (Basis::StabilityAgreement, Metric::RankCorrelation));
    assert_eq!(tuning.candidates.len(), 3);
    assert!(tuning.notes[0].contains("without labels") && tuning.notes[0].contains("not what is right"));
    for candidate in &tuning.candidates {
        let mean = (candidate.stability.unwrap() + candidate.agreement.unwrap()) / 2.0;
        assert!((mean - candidate.score.unwrap()).abs() < 1e-9);
    }

    let planted = tune(&mut session, json!({ "plan": plan, "space": space, "basis": "planted" })).unwrap();
    assert_eq!((planted.basis, planted.metric), (Basis::Planted, Metric::AveragePrecision));
    for candidate in &planted.candidates {
        assert_eq!(candidate.found.keys().collect::<Vec<_>>(), ["extreme", "mixed", "raised"]);
        assert!(candidate.found.values().all(|share| (0.0..=1.0 + 1e-9).contains(share)));
    }
    assert!(planted.candidates[0].found["extreme"] > 0.9, "what lies beyond all others is found");
    assert!(
        planted.notes.iter().any(|note| note.contains("do not choose between detectors")),
        "{:?}",
        planted.notes
    );
    let (code, message) = refused(&mut session, json!({ "plan": plan, "space": space, "basis": "labels" }));
    assert!(code == "labels" && message.contains("name one in the plan"), "{message}");
}

#[test]
fn labels_of_one_kind_are_no_basis() {
    let mut session = session_of(&clump(60, 1));
    let space = json!({ "neighbors": [5, 10] });
    let options = json!({ "plan": labelled(), "space": space });
    let tuning = tune(&mut session, options).unwrap();
    assert_eq!(tuning.basis, Basis::StabilityAgreement);
    assert!(
        tuning.notes.iter().any(|note| note.contains("1 of 61 rows are labelled abnormal")),
        "{:?}",
        tuning.notes
    );
    let (code, _) = refused(&mut session, json!({ "plan": labelled(), "space": space, "basis": "labels" }));
    assert_eq!(code, "labels");
}

#[test]
fn parameters_of_the_recipe_compute_features_again() {
    let file =
        match call(&mut Session::default(), "sample", json!({ "name": "office-activity", "users": 60 })) {
            Ok(Response::Sample(file)) => file,
            other => panic!("a sample, not {other:?}"),
        };
    let mut session = Session::default();
    ingest(&mut session, &file.bytes).unwrap();
    let plan = json!({ "recipe": "user-day", "detector": "hbos" });
    let space =
        json!({ "sessionGapSecs": [600, 1800], "nightEndHour": [5, 6], "preparation.log1p": [false, true] });
    let options = json!({ "plan": plan, "space": space, "basis": "planted", "folds": 2, "maxRows": 300 });
    let (tuning, told) = tuned(&mut session, options).unwrap();
    assert_eq!(tuning.candidates.len(), 8);
    assert_eq!(tuning.rows, 300);
    assert!(tuning.notes.iter().any(|note| note.contains("300 of")), "{:?}", tuning.notes);
    assert!(
        told.windows(2).all(|pair| pair[0].0 <= pair[1].0)
            && told.last().map(|p| p.0) == told.last().map(|p| p.1)
    );
    let scores: Vec<u64> = tuning.candidates.iter().map(|c| c.score.unwrap().to_bits()).collect();
    assert!(scores.iter().any(|&score| score != scores[0]), "features differ, so scores do");
    let tells = |tuning: &Tuning, what: &str| tuning.notes.iter().any(|note| note.contains(what));
    assert!(tells(&tuning, "Copies are of the same rows, but changed in the features"), "{:?}", tuning.notes);
    assert!(!tells(&tuning, "what a row is"));
    let options = json!({
        "plan": plan, "space": { "period": ["day", "week"] }, "basis": "planted", "folds": 2, "maxRows": 300
    });
    let of_rows = tune(&mut session, options).unwrap();
    assert!(tells(&of_rows, "what a row is") && tells(&of_rows, "Copies are of other rows, and changed"));
    // The rows differ, though each is a session, and as many are judged.
    let gaps = json!({ "recipe": "session", "detector": "hbos" });
    let options = json!({ "plan": gaps, "space": { "sessionGapSecs": [60, 1800] }, "basis": "planted", "folds": 2, "maxRows": 300 });
    assert!(tells(&tune(&mut session, options).unwrap(), "what a row is"));
    let options = json!({ "plan": plan, "space": { "preparation.log1p": [false, true] }, "basis": "planted", "folds": 2 });
    assert!(!tells(&tune(&mut session, options).unwrap(), "Copies"), "one matrix for all");
}

#[test]
fn a_random_search_draws_from_ranges_and_repeats_nothing() {
    let mut session = session_of(&clump(80, 8));
    let space = json!({ "neighbors": { "from": 2, "to": 50, "log": true, "whole": true } });
    let options =
        json!({ "plan": labelled(), "space": space, "search": "random", "maxCandidates": 6, "folds": 2 });
    let tuning = tune(&mut session, options.clone()).unwrap();
    assert_eq!(tuning.candidates.len(), 7);
    let mut drawn: Vec<i64> =
        tuning.candidates.iter().filter_map(|c| c.parameters.get("neighbors")?.as_i64()).collect();
    drawn.sort_unstable();
    drawn.dedup();
    assert!(drawn.len() == 6 && drawn[0] >= 2 && drawn[5] <= 50, "{drawn:?}");
    let mut other = options.clone();
    other["seed"] = json!(9);
    assert_ne!(tune(&mut session, other).unwrap(), tuning);
    // A space with no more than four plans is exhausted.
    let few =
        json!({ "plan": labelled(), "space": { "neighbors": [5, 6, 7, 8] }, "search": "random", "folds": 2 });
    assert_eq!(tune(&mut session, few).unwrap().candidates.len(), 4);
    // Parameters without an effect on the detector make no candidates.
    let idle = json!({ "plan": labelled(), "space": { "trees": [10, 20] }, "folds": 2 });
    assert_eq!(tune(&mut session, idle).unwrap().candidates.len(), 1);
    // The default space has a grid too large for four, and is drawn from.
    let default = json!({ "plan": labelled(), "maxCandidates": 4, "folds": 2 });
    assert_eq!(tune(&mut session, default).unwrap().candidates.len(), 5);
    // How members' opinions become one is part of it, where there are several.
    let several = json!({ "recipe": "table", "label": "truth", "detector": ["hbos", "ecod"] });
    let ensemble = tune(&mut session, json!({ "plan": several, "folds": 2 })).unwrap();
    assert!(
        ensemble.candidates.iter().any(|c| c.parameters.get("ensemble.combine") == Some(&json!("ranks")))
    );
    assert_eq!(
        ensemble.candidates.len(),
        6,
        "each way, with tails bent and not; scales are nothing to these"
    );
    let of_distances = json!({ "recipe": "table", "label": "truth", "detector": ["hbos", "knn"], "parameters": { "neighbors": 20 } });
    let ensemble = tune(
        &mut session,
        json!({ "plan": of_distances, "space": { "preparation.scale": ["standard", "robust"] }, "folds": 2 }),
    )
    .unwrap();
    assert_eq!(ensemble.candidates.len(), 2);
}

/// Scales are tried for those detectors alone whose scores they change.
#[test]
fn scales_are_tried_where_they_change_scores() {
    let mut session = session_of(&clump(60, 6));
    for detector in isoscope::engine::detect::ALL.iter().map(|name| name.name()) {
        let mut scores = |scale: &str| {
            let preparation = json!({ "scale": scale });
            let plan = json!({ "recipe": "table", "detector": detector, "label": "truth", "preparation": preparation });
            analyze(&mut session, plan).unwrap().scores
        };
        let [standard, others @ ..] = ["standard", "robust", "min-max", "none"].map(&mut scores);
        let is_same = |other: &Vec<f64>| standard.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-9);
        let has_no_effect = others.iter().all(is_same);
        let plan = json!({ "recipe": "table", "detector": detector, "label": "truth" });
        let options =
            json!({ "plan": plan, "space": { "preparation.scale": ["robust", "none"] }, "folds": 2 });
        let tuning = tune(&mut session, options).unwrap();
        assert_eq!(tuning.candidates.len(), if has_no_effect { 1 } else { 3 }, "{detector}");
        let is_said = tuning.notes.iter().any(|note| note.contains("preparation.scale"));
        assert_eq!(is_said, has_no_effect, "{detector}: {:?}", tuning.notes);
    }
    let across = json!({ "recipe": "table", "detector": "iforest", "label": "truth", "parameters": { "iforest": { "extensionLevel": 1 } } });
    let options = json!({ "plan": across, "space": { "preparation.scale": ["none"] }, "folds": 2 });
    assert_eq!(tune(&mut session, options).unwrap().candidates.len(), 2, "cuts across features weigh them");
}

#[test]
fn what_cannot_differ_on_so_few_rows_is_not_tried() {
    let mut session = session_of(&clump(80, 8));
    let forest = json!({ "recipe": "table", "detector": "iforest", "label": "truth" });
    let space = json!({ "subsample": [16, 64, 256, 512, 1024], "preparation.encode": ["one-hot", "label"], "preparation.impute": ["mean"] });
    let tuning = tune(&mut session, json!({ "plan": forest, "space": space, "folds": 4 })).unwrap();
    // 256 is what the plan has, and of 66 rows 512 are as many.
    let sizes: Vec<Option<i64>> =
        tuning.candidates.iter().map(|c| c.parameters.get("subsample").and_then(Value::as_i64)).collect();
    assert_eq!(tuning.candidates.len(), 3, "{:?}", tuning.candidates);
    assert!(sizes.contains(&None) && sizes.contains(&Some(16)) && sizes.contains(&Some(64)), "{sizes:?}");
    assert!(
        tuning.candidates.iter().all(|candidate| candidate.failed.is_none() && candidate.folds.len() == 4)
    );
    let left_out = "candidates were left out: on these rows they cannot differ from others.";
    assert!(tuning.notes.iter().any(|note| note.ends_with(left_out)), "{:?}", tuning.notes);

    let network = json!({ "recipe": "table", "detector": "autoencoder", "label": "truth", "parameters": { "autoencoder": { "epochs": 2 } } });
    let options = json!({ "plan": network, "space": { "autoencoder.code": [1, 2, 4, 8] }, "folds": 2, "basis": "planted" });
    assert_eq!(tune(&mut session, options).unwrap().candidates.len(), 1, "two numbers go through one");
    let neighbors = json!({ "plan": labelled(), "space": { "neighbors": [5, 70, 400, 900] }, "folds": 2, "basis": "stability-agreement" });
    let (tuning, told) = tuned(&mut session, neighbors).unwrap();
    assert_eq!(tuning.candidates.len(), 2, "of 44 rows none has 70 neighbours");
    let (done, total) = *told.last().unwrap();
    assert!(done == total && told.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{done} of {total}");
}

#[test]
fn what_cannot_be_tried_is_refused_by_name_before_anything_is_computed() {
    let mut session = session_of(&clump(60, 6));
    for (space, says) in [
        (json!({ "neighbours": [5] }), "neighbours"),
        (json!({ "autoencoder.cod": [5] }), "autoencoder.cod"),
        (json!({ "preparation.scales": ["robust"] }), "preparation.scales"),
        (json!({ "neighbors.deep": [5] }), "neighbors.deep"),
        (json!({ "neighbors": [] }), "neighbors"),
        (json!({ "neighbors": 5 }), "neighbors"),
        (json!({ "neighbors": [0] }), "neighbors"),
        (json!({ "neighbors": ["many"] }), "neighbors"),
        (json!({ "neighbors": { "from": 5, "to": 10 } }), "random"),
        (json!({ "neighbors": { "from": 10, "to": 5 } }), "from below to"),
        (json!({ "neighbors": { "from": 0, "to": 5, "log": true } }), "logarithmic"),
        (json!({ "neighbors": { "from": 0, "to": 5, "step": 1 } }), "step"),
        (json!({ "detector": ["magic"] }), "detector"),
        (json!({ "detector": ["rules"] }), "rules"),
        (json!({ "top": [1, 2] }), "top"),
        (json!({ "neighbors": (1..=31).collect::<Vec<_>>() }), "31 combinations"),
    ] {
        let (code, message) = call(&mut session, "beginTune", json!({ "plan": labelled(), "space": space }))
            .expect_err(&space.to_string());
        assert!(code == "parameter" && message.contains(says), "{space}: {message}");
    }
    for (name, value) in [
        ("folds", json!(1)),
        ("maxCandidates", json!(0)),
        ("maxRows", json!(5)),
        ("metric", json!("rank-correlation")),
        ("seed", json!(1u64 << 60)),
    ] {
        let mut options = json!({ "plan": labelled() });
        options[name] = value;
        let (code, message) = call(&mut session, "beginTune", options).unwrap_err();
        assert!(code == "parameter" && message.contains(name), "{message}");
    }
    let (code, _) = call(&mut session, "stepTune", Value::Null).unwrap_err();
    assert_eq!(code, "not-ready", "nothing was begun");
}

#[test]
fn one_row_is_too_few_and_says_so() {
    let mut session = session_of("x,y,z\n1,2,3\n");
    let plan = json!({ "recipe": "table", "roles": {}, "detector": "hbos" });
    for basis in ["planted", "stability-agreement"] {
        let (code, message) = refused(&mut session, json!({ "plan": plan, "basis": basis }));
        assert!(code == "too-few-rows" && message.contains("found 1"), "{message}");
    }
}

#[test]
fn a_cancelled_search_leaves_the_one_before_and_the_analysis() {
    let mut session = session_of(&clump(80, 8));
    let view = analyze(&mut session, labelled()).unwrap();
    let options = json!({ "plan": labelled(), "space": { "neighbors": [5, 20] }, "folds": 2 });
    let first = tune(&mut session, options.clone()).unwrap();
    call(&mut session, "beginTune", options).unwrap();
    for _ in 0..5 {
        call(&mut session, "stepTune", Value::Null).unwrap();
    }
    call(&mut session, "cancelTune", Value::Null).unwrap();
    assert_eq!(call(&mut session, "stepTune", Value::Null).unwrap_err().0, "not-ready");
    assert_eq!(call(&mut session, "tuned", Value::Null), Ok(Response::Tuning(Box::new(first))));
    match call(&mut session, "analysis", Value::Null).unwrap() {
        Response::Analysis(after) => assert_eq!(after.scores, view.scores),
        other => panic!("an analysis, not {other:?}"),
    }
    assert_eq!(call(&mut Session::default(), "beginTune", json!({})).unwrap_err().0, "not-ready");
}
