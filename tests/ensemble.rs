//! Several detectors as one: how their opinions become one, where they agree, and lists that cannot be.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod detect_support;
mod session_support;

use detect_support::{fitted, scores};
use isoscope::engine::analysis::Agreement;
use isoscope::engine::detect::{Detector as _, Ensemble, Model, fitting, threshold};
use isoscope::engine::evaluate::roc_auc;
use isoscope::engine::plan::{Combine, DetectorName, Detectors, EnsembleParameters, Parameters, PartialPlan};
use isoscope::engine::rng::Rng;
use isoscope::engine::session::Session;
use isoscope::protocol::{Request, Response};
use ndarray::{Array2, s};
use serde_json::{Value, from_value, json, to_value};
use session_support::{analyze, call, ingest};

const IFOREST_KNN: [DetectorName; 2] = [DetectorName::Iforest, DetectorName::Knn];

fn fit(names: &[DetectorName], combine: Combine, rows: &Array2<f64>) -> Model {
    let parameters = Parameters { ensemble: EnsembleParameters { combine }, ..Parameters::default() };
    let detectors = Detectors::new(names.to_vec()).unwrap();
    fitted(fitting(&detectors, &parameters, 3, rows.view()).unwrap(), rows)
}

/// Normal rows of two kinds, a few scattered ones, and the truth.
fn rows() -> (Array2<f64>, Vec<bool>) {
    let mut rng = Rng::new(9);
    let labels: Vec<bool> = (0..500).map(|row| row % 25 == 0).collect();
    let rows = Array2::from_shape_fn((500, 4), |(row, _)| match labels[row] {
        true => 16.0 * rng.uniform() - 8.0,
        false => rng.normal() * if row % 2 == 0 { 1.0 } else { 0.3 } + if row % 2 == 0 { 0.0 } else { 5.0 },
    });
    (rows, labels)
}

/// The share of values below one, equal ones counting half.
fn share(values: &[f64], value: f64) -> f64 {
    let count = |of: &dyn Fn(f64) -> bool| values.iter().filter(|other| of(**other)).count() as f64;
    (count(&|other| other < value) + count(&|other| other == value) / 2.0) / values.len() as f64
}

fn order(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]).then(a.cmp(&b)));
    order
}

#[test]
fn members_are_what_they_are_alone_and_shares_combine_as_they_are_defined() {
    let (rows, labels) = rows();
    let alone: Vec<Vec<f64>> =
        IFOREST_KNN.iter().map(|&name| scores(&fit(&[name], Combine::Average, &rows), &rows)).collect();
    for combine in [Combine::Average, Combine::Ranks, Combine::Maximum, Combine::Both] {
        let model = fit(&IFOREST_KNN, combine, &rows);
        let ensemble = model.as_ensemble().unwrap();
        let mut own = vec![vec![0.0; 500]; 2];
        let mut combined = vec![0.0; 500];
        let mut slices: Vec<&mut [f64]> = own.iter_mut().map(Vec::as_mut_slice).collect();
        ensemble.score_members(rows.view(), &mut slices, &mut combined);
        assert_eq!(own, alone, "{combine:?}");
        assert_eq!(combined, scores(&model, &rows));
        assert!(roc_auc(&combined, &labels).unwrap() > 0.97, "{combine:?}");

        let shares = |row: usize| [share(&alone[0], alone[0][row]), share(&alone[1], alone[1][row])];
        let expected: Vec<f64> = match combine {
            Combine::Ranks => (0..500).map(|row| shares(row).iter().sum::<f64>() / 2.0).collect(),
            Combine::Both => (0..500).map(|row| shares(row)[0].min(shares(row)[1])).collect(),
            Combine::Average | Combine::Maximum => continue,
        };
        let rounded: Vec<f64> = expected.iter().map(|share| (share * 1e9).round()).collect();
        for (a, b) in order(&rounded).windows(2).map(|pair| (pair[0], pair[1])) {
            assert!(
                combined[a] < combined[b] || rounded[a] == rounded[b],
                "{combine:?}: rows {a} and {b} are in another order than their shares"
            );
        }
    }
}

#[test]
fn a_fit_knows_the_scores_of_all_and_of_members() {
    let (rows, _) = rows();
    let detectors = Detectors::new(IFOREST_KNN.to_vec()).unwrap();
    let mut fitting = fitting(&detectors, &Parameters::default(), 3, rows.view()).unwrap();
    assert!(fitting.take_scores().is_none() && fitting.take_member_scores().is_empty(), "nothing is fitted");
    while !fitting.is_done() {
        fitting.step(rows.view().into()).unwrap();
    }
    let (known, own) = (fitting.take_scores().unwrap(), fitting.take_member_scores());
    assert!(fitting.take_scores().is_none(), "they are taken once");
    assert_eq!(known, scores(&fitting.finish(), &rows));
    for (name, own) in IFOREST_KNN.into_iter().zip(own) {
        assert_eq!(own, scores(&fit(&[name], Combine::Average, &rows), &rows), "{name:?}");
    }
}

#[test]
fn errors_of_sampled_members_are_scaled_as_their_contributions_are() {
    let (rows, _) = rows();
    let split = |model: &Model| {
        let (mut shares, mut errors) = (vec![0.0; 24 * 4], vec![f64::NAN; 24 * 4]);
        model.contributions_block(rows.slice(s![..24, ..]), &mut shares, &mut errors);
        (shares, errors)
    };
    let (lof_shares, lof_errors) = split(&fit(&[DetectorName::Lof], Combine::Average, &rows));
    assert!(lof_errors.iter().all(|error| *error > 0.0));
    let members = [DetectorName::Iforest, DetectorName::Lof];
    // Where one decides, its errors are to its contributions what they are alone; more only where they reach across 0, as what
    // adds up to the other side is stretched otherwise there.
    let (shares, errors) = split(&fit(&members, Combine::Both, &rows));
    let (mut n_by_lof, mut n_by_forest, mut n_sure) = (0, 0, 0);
    for at in (0..24 * 4).step_by(4) {
        if errors[at..at + 4].iter().all(|error| *error == 0.0) {
            n_by_forest += 1;
            continue;
        }
        n_by_lof += 1;
        for at in at..at + 4 {
            n_sure += usize::from(lof_errors[at] < lof_shares[at].abs());
            let (ours, alone) = (errors[at] / shares[at].abs(), lof_errors[at] / lof_shares[at].abs());
            assert!(ours > alone * (1.0 - 1e-6), "{ours} is less than {alone}");
            assert!(alone > 1.0 || ours < alone * (1.0 + 1e-6), "{ours} is more than {alone}");
        }
    }
    assert!(n_by_lof > 0 && n_by_forest > 0, "{n_by_lof} by one, {n_by_forest} by the other");
    assert!(n_sure > 0, "no error is smaller than its contribution");
    // In a mean, the exact member adds none.
    let (_, errors) = split(&fit(&members, Combine::Average, &rows));
    assert!(errors.iter().all(|error| error.is_finite() && *error > 0.0));
}

#[test]
fn both_flags_what_each_member_flags_at_the_same_contamination() {
    let (rows, _) = rows();
    let model = fit(&IFOREST_KNN, Combine::Both, &rows);
    let combined = scores(&model, &rows);
    for contamination in [0.01, 0.05, 0.2] {
        let flagged = |name: DetectorName| {
            let alone = scores(&fit(&[name], Combine::Average, &rows), &rows);
            let threshold = threshold::by_budget(&alone, (500.0 * contamination) as usize);
            threshold::flags(&alone, threshold)
        };
        let [iforest, knn] = IFOREST_KNN.map(flagged);
        let expected: Vec<u8> = iforest.iter().zip(&knn).map(|(a, b)| a & b).collect();
        let threshold = Ensemble::both_threshold(contamination);
        assert_eq!(threshold::flags(&combined, threshold), expected, "at {contamination}");
    }
}

#[test]
fn no_member_decides_by_itself_in_an_average() {
    let (mut rows, _) = rows();
    // So far away that every distance but its own is as nothing.
    rows.row_mut(3).fill(1e9);
    let average = scores(&fit(&IFOREST_KNN, Combine::Average, &rows), &rows);
    let iforest = scores(&fit(&[DetectorName::Iforest], Combine::Average, &rows), &rows);
    let without = |scores: &[f64]| order(scores).into_iter().filter(|&row| row != 3).collect::<Vec<_>>();
    assert_eq!(without(&average)[400..], without(&iforest)[400..], "the forest still tells the others apart");
    assert_eq!(order(&average)[499], 3);
}

#[test]
fn a_list_is_one_name_or_several_and_says_what_is_wrong_with_it() {
    let read = |given: Value| from_value::<Detectors>(given).map_err(|error| error.to_string());
    assert_eq!(to_value(read(json!("knn")).unwrap()).unwrap(), json!("knn"));
    assert_eq!(to_value(read(json!(["knn"])).unwrap()).unwrap(), json!("knn"));
    let several = json!(["iforest", "lof", "ecod"]);
    assert_eq!(to_value(read(several.clone()).unwrap()).unwrap(), several);
    for (given, said) in [
        (json!([]), "at least one detector"),
        (json!(["knn", "lof", "knn"]), "knn twice"),
        (json!(["iforest", "rules"]), "rules among others"),
        (json!(["iforest", "magic"]), "unknown variant `magic`"),
        (json!("magic"), "unknown variant `magic`"),
        (json!(3), "the name of a detector, or a list of names"),
    ] {
        let error = read(given.clone()).unwrap_err();
        assert!(error.contains(said), "{given}: {error}");
    }
    let unknown =
        json!({ "detector": ["iforest", "knn"], "parameters": { "ensemble": { "combine": "vote" } } });
    let error = from_value::<PartialPlan>(unknown).unwrap_err().to_string();
    assert!(error.contains("`vote`") && error.contains("`both`"), "{error}");
}

fn session() -> Session {
    let mut session = Session::default();
    let Ok(Response::Sample(file)) = call(&mut session, "sample", json!({ "name": "logins", "users": 120 }))
    else {
        panic!("a sample");
    };
    ingest(&mut session, &file.bytes).unwrap();
    session
}

fn agreement(session: &mut Session, options: Value) -> Agreement {
    match call(session, "agreement", options) {
        Ok(Response::Agreement(agreement)) => agreement,
        other => panic!("an agreement, not {other:?}"),
    }
}

/// Spearman's correlation by its definition: Pearson's of mean ranks.
fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let ranks = |values: &[f64]| values.iter().map(|&value| share(values, value) - 0.5).collect::<Vec<_>>();
    let (a, b) = (ranks(a), ranks(b));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
}

#[test]
fn an_analysis_keeps_its_members_and_says_how_far_they_agree() {
    let mut session = session();
    let names = ["iforest", "knn", "ecod"];
    let view = analyze(&mut session, json!({ "detector": names, "contamination": 0.1 })).unwrap();
    for (member, name) in view.members.iter().zip(names) {
        let mut alone = self::session();
        let alone = analyze(&mut alone, json!({ "detector": name })).unwrap();
        assert_eq!(member.scores, alone.scores, "{name} is what it is alone");
        assert!(alone.members.is_empty());
    }
    for explanation in &view.top {
        let given: Vec<f64> = explanation.members.iter().map(|member| member.score).collect();
        let expected: Vec<f64> = view.members.iter().map(|member| member.scores[explanation.row]).collect();
        assert_eq!(given, expected);
        let sum: f64 = explanation.contributions.iter().map(|part| part.contribution).sum();
        assert!((explanation.base + sum - explanation.score).abs() < 1e-9);
    }

    let n_flagged = view.flags.iter().filter(|&&flag| flag == 1).count();
    for (options, budget) in [(json!({}), n_flagged), (json!({ "budget": 5 }), 5)] {
        let agreement = agreement(&mut session, options);
        assert_eq!(agreement.budget, budget);
        assert_eq!(to_value(&agreement.members).unwrap(), json!(names));
        let flags: Vec<Vec<u8>> = view
            .members
            .iter()
            .map(|member| threshold::flags(&member.scores, threshold::by_budget(&member.scores, budget)))
            .collect();
        let votes: Vec<u8> = (0..view.scores.len()).map(|row| flags.iter().map(|of| of[row]).sum()).collect();
        assert_eq!(agreement.votes, votes);
        for a in 0..3 {
            for b in 0..3 {
                let shared = flags[a].iter().zip(&flags[b]).filter(|(a, b)| **a & **b == 1).count();
                assert_eq!(agreement.overlap[a][b], shared);
                let expected = spearman(&view.members[a].scores, &view.members[b].scores);
                assert!((agreement.spearman[a][b] - expected).abs() < 1e-12);
            }
        }
    }

    let (code, message) = call(&mut session, "agreement", json!({ "budget": 100_000 })).unwrap_err();
    assert!(code == "parameter" && message.contains("at most half"), "{message}");
    analyze(&mut session, json!({ "detector": "iforest" })).unwrap();
    let (code, message) = call(&mut session, "agreement", json!({})).unwrap_err();
    assert!(code == "parameter" && message.contains("several detectors"), "{message}");
}

#[test]
fn contamination_is_each_members_where_all_have_to_agree() {
    let mut session = session();
    let names = json!(["iforest", "ecod"]);
    let plan = json!({ "detector": names, "contamination": 0.1, "parameters": { "ensemble": { "combine": "both" } } });
    let view = analyze(&mut session, plan).unwrap();
    let budget = (view.scores.len() as f64 * 0.1) as usize;
    let agreement = agreement(&mut session, json!({ "budget": budget }));
    let all: Vec<u8> = agreement.votes.iter().map(|&votes| u8::from(votes == 2)).collect();
    assert_eq!(view.flags, all);
    assert!(all.contains(&1), "some rows are flagged by both");
    let Ok(Response::Threshold(moved)) = call(&mut session, "setThreshold", json!({ "contamination": 0.1 }))
    else {
        panic!("a threshold");
    };
    assert_eq!(moved.threshold, view.threshold);
}

#[test]
fn lists_that_cannot_be_are_refused_before_anything_is_computed() {
    let mut session = session();
    for (detector, said) in [(json!([]), "at least one"), (json!(["knn", "knn"]), "knn twice")] {
        let request = json!({ "method": "beginAnalysis", "params": { "detector": detector } }).to_string();
        let error = Request::parse(&request).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    analyze(&mut session, json!({ "detector": ["iforest", "robust-z"] })).unwrap();
}
