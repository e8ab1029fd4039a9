//! What every learner owes its callers, asked of all of them, and learning through the protocol: targets, splits, leaks.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod session_support;

use isoscope::engine::error::Result;
use isoscope::engine::learn::split::{LeakKind, SplitBy};
use isoscope::engine::learn::{Fitted, Learner, Model, ModelName, Params, Target, Task};
use isoscope::engine::rng::Rng;
use isoscope::engine::session::Session;
use isoscope::protocol::{LearnTarget, Learned, LearnedExplanation, Response};
use ndarray::{Array2, s};
use serde_json::{Value, json};
use session_support::{analyze, call, ingest, learn};

fn params(model: ModelName) -> Params {
    Params { model, ..Params::default() }
}

fn fit(model: ModelName, rows: &Array2<f64>, target: Target<'_>, seed: u64) -> Result<Fitted> {
    let mut fitting = params(model).fitting(rows.view(), target, &[], seed)?;
    while !fitting.is_done() {
        fitting.step(rows.view())?;
    }
    Ok(fitting.finish())
}

fn outputs(model: &Model, rows: &Array2<f64>) -> Vec<f64> {
    let mut outputs = vec![f64::NAN; rows.nrows() * model.n_outputs()];
    model.outputs(rows.view(), &mut outputs);
    outputs
}

/// Rows of which the first column tells the class, and a number that follows the second.
fn planted(n_rows: usize, n_columns: usize, n_classes: usize) -> (Array2<f64>, Vec<u32>, Vec<f64>) {
    let mut rng = Rng::new(3);
    let mut rows = Array2::from_shape_fn((n_rows, n_columns), |_| rng.normal());
    let classes: Vec<u32> = (0..n_rows).map(|row| (row % n_classes) as u32).collect();
    for (mut row, &class) in rows.outer_iter_mut().zip(&classes) {
        row[0] += 2.5 * f64::from(class);
    }
    let values = rows.outer_iter().map(|row| 3.0 * row[n_columns - 1] - 1.0).collect();
    (rows, classes, values)
}

/// Each learner with each kind of target that it can learn.
fn each(n_rows: usize, n_columns: usize, mut ask: impl FnMut(ModelName, &Array2<f64>, Target<'_>)) {
    for model in ModelName::ALL {
        for n_classes in [2, 3] {
            let (rows, classes, _) = planted(n_rows, n_columns, n_classes);
            ask(model, &rows, Target::Classes { classes: &classes, n_classes });
        }
        if model != ModelName::Logistic {
            let (rows, _, values) = planted(n_rows, n_columns, 2);
            ask(model, &rows, Target::Values(&values));
        }
    }
}

#[test]
fn outputs_are_probabilities_or_values_and_find_what_was_planted() {
    each(300, 4, |name, rows, target| {
        let fitted = fit(name, rows, target, 1).unwrap();
        assert_eq!((fitted.model.name(), fitted.model.n_features()), (name, 4));
        assert_eq!(fitted.out_of_bag.is_some(), name == ModelName::Forest);
        let n = fitted.model.n_outputs();
        let outputs = outputs(&fitted.model, rows);
        match target {
            Target::Classes { classes, n_classes } => {
                assert_eq!(n, n_classes);
                let mut n_right = 0;
                for (outputs, &class) in outputs.chunks(n).zip(classes) {
                    assert!((outputs.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{name:?}: {outputs:?}");
                    assert!(outputs.iter().all(|p| (0.0..=1.0).contains(p)));
                    let best = (0..n).max_by(|&a, &b| outputs[a].total_cmp(&outputs[b])).unwrap();
                    n_right += u32::from(best == class as usize);
                }
                assert!(n_right > 240, "{name:?}: {n_right} of 300 with {n_classes} classes");
            }
            Target::Values(values) => {
                let errors = outputs.iter().zip(values).map(|(a, b)| (a - b) * (a - b));
                let mse = errors.sum::<f64>() / 300.0;
                assert!(n == 1 && mse < 1.0, "{name:?}: {mse} of a variance of 9");
            }
        }
    });
}

#[test]
fn one_seed_gives_the_same_bits_and_a_row_depends_on_itself_alone() {
    each(200, 5, |name, rows, target| {
        let model = fit(name, rows, target, 7).unwrap().model;
        let whole = outputs(&model, rows);
        assert_eq!(whole, outputs(&fit(name, rows, target, 7).unwrap().model, rows), "{name:?}");
        let parts = [0..1, 1..8, 8..200];
        let cut: Vec<f64> = parts
            .into_iter()
            .flat_map(|part| outputs(&model, &rows.slice(s![part, ..]).to_owned()))
            .collect();
        assert_eq!(whole, cut, "{name:?}");
        let text = serde_json::to_string(&model).unwrap();
        let read: Model = serde_json::from_str(&text).unwrap();
        read.check().unwrap();
        assert_eq!(outputs(&read, rows), whole, "{name:?} saved and read");
    });
}

#[test]
fn base_and_contributions_are_the_score() {
    each(150, 4, |name, rows, target| {
        let model = fit(name, rows, target, 2).unwrap().model;
        for score in 0..model.n_scores() {
            let mut explainer = model.explainer(score);
            for row in rows.outer_iter().take(20) {
                let row = row.to_vec();
                let mut shares = [f64::NAN; 4];
                explainer.contributions(&row, &mut shares);
                let sum = explainer.base() + shares.iter().sum::<f64>();
                let known = model.scores(&row)[score];
                assert!((sum - known).abs() < 1e-9 * known.abs().max(1.0), "{name:?}: {sum}, {known}");
            }
        }
        let (_, importance) = model.importance();
        let planted = if matches!(target, Target::Values(_)) { 3 } else { 0 };
        assert!((0..4).all(|column| importance[column] <= importance[planted]), "{name:?}: {importance:?}");
    });
}

#[test]
fn odd_rows_are_learned_from_and_unusable_ones_refused() {
    for name in ModelName::ALL {
        let classes: Vec<u32> = (0..12).map(|row| row % 2).collect();
        let target = Target::Classes { classes: &classes, n_classes: 2 };
        for rows in [
            Array2::from_elem((12, 3), 1.0),
            Array2::from_shape_fn((12, 40), |(row, column)| ((row * 7 + column * 3) % 5) as f64),
            Array2::from_shape_fn((12, 1), |(row, _)| row as f64 * 1e6),
        ] {
            let outputs = outputs(&fit(name, &rows, target, 1).unwrap().model, &rows);
            assert!(outputs.iter().all(|p| (0.0..=1.0).contains(p)), "{name:?}");
        }
        let rows = Array2::from_elem((12, 1), f64::INFINITY);
        assert_eq!(fit(name, &rows, target, 1).unwrap_err().code(), "parameter", "{name:?}");
        let rows = Array2::from_elem((12, 1), 1.0);
        let one_class = Target::Classes { classes: &[1; 12], n_classes: 2 };
        assert_eq!(fit(name, &rows, one_class, 1).unwrap_err().code(), "labels", "{name:?}");
        let short = Target::Classes { classes: &[0, 1], n_classes: 2 };
        assert_eq!(fit(name, &rows, short, 1).unwrap_err().code(), "labels", "{name:?}");
        let one = Array2::from_elem((1, 1), 1.0);
        let target = Target::Classes { classes: &[1], n_classes: 2 };
        assert_eq!(fit(name, &one, target, 1).unwrap_err().code(), "labels", "{name:?}");
    }
    let rows = Array2::from_elem((3, 1), 1.0);
    let error = fit(ModelName::Logistic, &rows, Target::Values(&[1.0, 2.0, 3.0]), 1).unwrap_err();
    assert!(error.to_string().contains("forest or boosting"), "{error}");
}

/// A table of people whose pay follows their hours, whose team their place, with a label that follows tasks and hours.
fn staff(n: usize) -> String {
    let mut rng = Rng::new(8);
    let mut csv = "employee_id,hours,tasks,office,pay,team,is_anomaly\n".to_owned();
    for row in 0..n {
        let (hours, tasks) = (30.0 + 10.0 * rng.uniform(), 20.0 + 10.0 * rng.uniform());
        let office = ["Oslo", "Rome", "Graz"][row % 3];
        let team = if rng.uniform() < 0.9 { ["ops", "sales", "law"][row % 3] } else { "ops" };
        let is_anomaly = u8::from(hours - tasks + 2.0 * rng.normal() > 15.5);
        let pay =
            if row % 50 == 7 { String::new() } else { format!("{:.2}", 50.0 * hours + 10.0 * rng.normal()) };
        csv.push_str(&format!("E{row},{hours:.2},{tasks:.2},{office},{pay},{team},{is_anomaly}\n"));
    }
    csv
}

fn staffed(n: usize, plan: Value) -> Session {
    let mut session = Session::default();
    ingest(&mut session, staff(n).as_bytes()).unwrap();
    analyze(&mut session, plan).unwrap();
    session
}

fn explained(session: &mut Session, row: usize, class: Option<&str>) -> LearnedExplanation {
    match call(session, "explainLearned", json!({ "row": row, "class": class })).unwrap() {
        Response::LearnedExplanation(explanation) => *explanation,
        other => panic!("an explanation, not {other:?}"),
    }
}

fn assert_explained(session: &mut Session, learned: &Learned, class: Option<&str>) {
    for row in [0, 5, learned.predictions.len() - 1] {
        let explanation = explained(session, row, class);
        let shares: f64 = explanation.contributions.iter().map(|part| part.contribution).sum();
        assert!(
            (explanation.base + shares - explanation.score).abs() < 1e-9 * explanation.score.abs().max(1.0)
        );
        match (learned.task, explanation.probability) {
            (Task::Regression, None) => assert_eq!(explanation.score, learned.predictions[row]),
            (Task::Binary, Some(p)) => assert_eq!(p, learned.probabilities[row]),
            (Task::Classes, Some(_)) => assert_eq!(explanation.class.as_deref(), class),
            other => panic!("{other:?}"),
        }
        let told = &explanation.sentence;
        let is_answered = match &explanation.class {
            Some(name) => told.starts_with(&format!("\"{name}\" with a probability of ")),
            None => {
                let number: f64 = told.split(' ').next().unwrap().replace(',', "").parse().unwrap();
                (number - explanation.score).abs() < 0.01 * explanation.score.abs()
            }
        };
        assert!(is_answered && told.ends_with('.') && !told.contains(".."), "{told}");
        let mut heaviest = explanation.contributions.clone();
        heaviest.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
        if let Some(first) = heaviest.first().filter(|first| first.contribution != 0.0) {
            let way = if first.contribution > 0.0 { "raised by " } else { "lowered by " };
            assert!(told.contains(way) && told.contains(&first.feature), "{told}");
        }
    }
}

#[test]
fn a_label_is_learned_by_every_model_and_folds_are_summed_up() {
    let mut session = staffed(400, json!({ "recipe": "table", "label": "is_anomaly" }));
    for model in ["logistic", "forest", "boosting"] {
        let options = json!({ "target": "label", "model": model, "classWeight": "balanced", "seed": 2 });
        let learned = learn(&mut session, options.clone()).unwrap();
        let evaluation = learned.evaluation.as_ref().unwrap();
        assert!(evaluation.roc_auc > 0.85, "{model}: {}", evaluation.roc_auc);
        assert!(evaluation.calibration.is_some() && evaluation.intervals.contains_key("brier"));
        assert_eq!((learned.task, learned.split_by), (Task::Binary, SplitBy::Stratified));
        assert_eq!((learned.train_rows + learned.test_rows, learned.folds.len()), (400, 0));
        assert_eq!(learned.held_out.iter().filter(|&&held| held == 1).count(), learned.test_rows);
        let first: Vec<&str> = learned.importance.features.iter().take(2).map(|f| &*f.feature).collect();
        // Pay says nearly the same as hours.
        assert!(first.contains(&"tasks") && !first.contains(&"office"), "{model}: {first:?}");
        assert_eq!(learned.out_of_bag.is_some(), model == "forest");
        assert_eq!(learned, learn(&mut session, options).unwrap(), "{model}: one seed, one result");
        assert_explained(&mut session, &learned, None);

        let folded =
            learn(&mut session, json!({ "target": "label", "model": model, "split": { "folds": 4 } }))
                .unwrap();
        assert_eq!((folded.folds.len(), folded.train_rows, folded.test_rows), (4, 400, 400));
        assert!(folded.held_out.iter().all(|&held| held == 1), "predictions are those of the folds");
        let mean = folded.folds.iter().map(|fold| fold.measures["rocAuc"]).sum::<f64>() / 4.0;
        assert!(
            (folded.summary["rocAuc"].mean - mean).abs() < 1e-12 && folded.summary["rocAuc"].deviation > 0.0
        );
    }
}

#[test]
fn rows_without_a_class_that_can_be_learned_are_counted_by_why() {
    let class = |row: usize| match row {
        7 => "rare",
        8 => "",
        row if row % 2 == 0 => "even",
        _ => "odd",
    };
    let rows: String = (0..60).map(|row| format!("{},{},{}\n", row % 2 * 3, row % 13, class(row))).collect();
    let mut session = Session::default();
    ingest(&mut session, format!("x,y,class\n{rows}").as_bytes()).unwrap();
    analyze(&mut session, json!({ "recipe": "table" })).unwrap();
    let learned = learn(&mut session, json!({ "target": { "column": "class" } })).unwrap();
    assert_eq!((learned.task, learned.unknown_rows), (Task::Binary, 2));
    for told in ["1 row has no value", "1 row has a value of the target that fewer than 2 rows have"] {
        assert!(learned.notes.iter().any(|note| note.contains(told)), "{:?}", learned.notes);
    }
}

#[test]
fn what_is_the_same_in_all_rows_teaches_nothing_and_is_named() {
    let rows: String = (0..80).map(|row| format!("e{row},7,5,{},{}\n", row % 13, row % 2)).collect();
    let mut session = Session::default();
    ingest(&mut session, format!("id,floor,wing,x,bad\n{rows}").as_bytes()).unwrap();
    analyze(&mut session, json!({ "recipe": "table", "label": "bad", "roles": { "entity": "id" } })).unwrap();
    for split in [json!({}), json!({ "folds": 3 })] {
        let learned = learn(&mut session, json!({ "target": "label", "split": split })).unwrap();
        let told =
            "Nothing can be learned from what is the same in all rows learned from: \"floor\", \"wing\".";
        assert!(learned.notes.iter().any(|note| note == told), "{:?}", learned.notes);
    }
    let mut varied = staffed(200, json!({ "recipe": "table", "label": "is_anomaly" }));
    let learned = learn(&mut varied, json!({ "target": "label" })).unwrap();
    assert!(!learned.notes.iter().any(|note| note.contains("Nothing can be learned")), "{:?}", learned.notes);
}

#[test]
fn columns_are_learned_as_classes_or_numbers() {
    let mut session = staffed(300, json!({ "recipe": "table" }));
    let teams = learn(&mut session, json!({ "target": { "column": "team" }, "model": "forest" })).unwrap();
    assert_eq!(teams.task, Task::Classes);
    assert_eq!(teams.classes.iter().map(|class| &*class.name).collect::<Vec<_>>(), ["law", "ops", "sales"]);
    let judged = teams.class_evaluation.as_ref().unwrap();
    assert!(judged.macro_f1 > 0.7 && judged.roc_auc > 0.85, "{judged:?}");
    assert!(judged.intervals["macroF1"][0] < judged.macro_f1);
    assert_eq!(teams.probabilities.len(), 3 * 300);
    assert!(teams.importance.features.iter().all(|feature| feature.feature != "team"), "not its own feature");
    assert!(teams.notes.iter().any(|note| note.contains("team")));
    assert_explained(&mut session, &teams, Some("sales"));
    assert_eq!(
        call(&mut session, "explainLearned", json!({ "row": 0, "class": "art" })).unwrap_err().0,
        "parameter"
    );

    let linear = learn(&mut session, json!({ "target": { "column": "team" } })).unwrap();
    assert_eq!((linear.linear.len(), linear.linear[0].coefficients.len()), (3, linear.columns.len()));

    let pay = learn(&mut session, json!({ "target": { "column": "pay" } })).unwrap();
    assert_eq!((pay.task, pay.unknown_rows), (Task::Regression, 6));
    let judged = pay.regression.as_ref().unwrap();
    assert!(judged.r2 > 0.9 && (judged.rmse * judged.rmse - judged.mse).abs() < 1e-9, "{judged:?}");
    assert_eq!(judged.points.len(), 2 * judged.rows);
    assert_eq!(pay.importance.features[0].feature, "hours");
    assert_eq!(pay.predictions.len(), 300, "rows without pay are predicted too");
    assert_explained(&mut session, &pay, None);

    for (options, code) in [
        (json!({ "target": { "column": "nothing" } }), "no-such-column"),
        (json!({ "target": { "column": "employee_id" } }), "labels"),
        (json!({ "target": { "column": "pay" }, "model": "logistic" }), "parameter"),
        (json!({ "target": { "column": "team" }, "task": "regression" }), "wrong-type"),
        (json!({ "target": { "column": "pay" }, "split": { "by": "time" } }), "parameter"),
        (json!({ "target": { "column": "team" }, "classWeight": { "given": { "art": 2 } } }), "parameter"),
        (json!({ "split": { "folds": 1 } }), "parameter"),
        (json!({ "resamples": 10_001 }), "parameter"),
    ] {
        assert_eq!(learn(&mut session, options.clone()).unwrap_err().0, code, "{options}");
    }
}

#[test]
fn a_feature_that_is_the_target_is_told() {
    let mut csv = "employee_id,hours,verdict_code,is_anomaly\n".to_owned();
    let mut rng = Rng::new(4);
    for row in 0..200 {
        let is_anomaly = u8::from(row % 9 == 0);
        let code = f64::from(is_anomaly) * 3.0 + rng.uniform();
        csv.push_str(&format!("E{row},{:.3},{code:.3},{is_anomaly}\n", rng.uniform()));
    }
    let mut session = Session::default();
    ingest(&mut session, csv.as_bytes()).unwrap();
    analyze(&mut session, json!({ "recipe": "table", "label": "is_anomaly" })).unwrap();
    let learned = learn(&mut session, json!({ "target": "label" })).unwrap();
    let told: Vec<_> = learned.leaks.iter().map(|leak| (leak.kind, leak.feature.as_deref())).collect();
    assert_eq!(told, [(LeakKind::TellingFeature, Some("verdict_code"))]);
    analyze(&mut session, json!({ "recipe": "table", "label": "is_anomaly", "omitted": ["verdict_code"] }))
        .unwrap();
    assert!(
        call(&mut session, "learned", Value::Null).is_err(),
        "what was learned was of the earlier analysis"
    );
    let honest = learn(&mut session, json!({ "target": "label" })).unwrap();
    assert!(honest.leaks.is_empty() && honest.evaluation.unwrap().roc_auc < 0.8);
}

fn logins(users: usize) -> Session {
    let Ok(Response::Sample(file)) =
        call(&mut Session::default(), "sample", json!({ "name": "logins", "users": users }))
    else {
        panic!("a sample")
    };
    let mut session = Session::default();
    ingest(&mut session, &file.bytes).unwrap();
    session
}

/// System E: points by the rules as a number, learned by boosted trees.
#[test]
fn points_by_rules_are_learned_as_a_number() {
    let mut session = logins(400);
    analyze(&mut session, json!({ "recipe": "login" })).unwrap();
    let learned = learn(&mut session, json!({ "target": "rule-points", "model": "boosting" })).unwrap();
    let judged = learned.regression.unwrap();
    assert!(judged.r2 > 0.8 && judged.mae < 0.2, "{judged:?}");
    assert!(judged.intervals["r2"][0] < judged.r2);
}

#[test]
fn rows_of_users_are_kept_together_and_other_splits_are_told_to_leak() {
    let mut session = logins(120);
    let view = analyze(&mut session, json!({ "recipe": "user-day", "contamination": 0.1 })).unwrap();
    let kinds = |learned: &Learned| learned.leaks.iter().map(|leak| leak.kind).collect::<Vec<_>>();
    let of = |session: &mut Session, by: Value| {
        learn(session, json!({ "balanced": false, "split": { "by": by } })).unwrap()
    };
    let by_user = of(&mut session, Value::Null);
    assert_eq!(by_user.split_by, SplitBy::User);
    assert!(!kinds(&by_user).contains(&LeakKind::SharedUsers));
    let stratified = of(&mut session, json!("stratified"));
    assert_eq!(kinds(&stratified), [LeakKind::SharedUsers, LeakKind::TestBeforeTrain]);
    let by_time = of(&mut session, json!("time"));
    assert_eq!(kinds(&by_time), [LeakKind::SharedUsers]);
    for learned in [by_user, stratified, by_time] {
        assert_eq!(learned.predictions.len(), view.scores.len());
    }
}

#[test]
fn learning_in_steps_reports_and_can_be_left() {
    let mut session = staffed(300, json!({ "recipe": "table", "label": "is_anomaly" }));
    let options = json!({ "target": "label", "model": "boosting", "split": { "folds": 3 } });
    call(&mut session, "beginLearn", options.clone()).unwrap();
    let mut last = 0;
    while let Response::Step(Some(progress)) = call(&mut session, "stepLearn", Value::Null).unwrap() {
        assert!(progress.done >= last && progress.done <= progress.total, "{progress:?} after {last}");
        last = progress.done;
    }
    assert_eq!(last, 4 * 1_500);
    let before = call(&mut session, "learned", Value::Null).unwrap();
    call(&mut session, "beginLearn", options).unwrap();
    call(&mut session, "stepLearn", Value::Null).unwrap();
    call(&mut session, "cancelLearn", Value::Null).unwrap();
    assert_eq!(call(&mut session, "stepLearn", Value::Null).unwrap_err().0, "not-ready");
    assert_eq!(call(&mut session, "learned", Value::Null).unwrap(), before);
}

#[test]
fn a_learner_can_be_written_and_read_again() {
    let mut session = staffed(200, json!({ "recipe": "table", "label": "is_anomaly" }));
    for model in ["logistic", "forest", "boosting"] {
        let learned = learn(&mut session, json!({ "target": "label", "model": model })).unwrap();
        let text = serde_json::to_string(session.learner().unwrap()).unwrap();
        let learner: Learner = serde_json::from_str(&text).unwrap();
        let matrix = &session.analysis().unwrap().matrix;
        let transform = learner.preparation.of_features(&matrix.features).unwrap();
        let outputs = learner.outputs(&transform, matrix.values.view());
        let of_second: Vec<f64> = outputs.iter().skip(1).step_by(2).copied().collect();
        assert_eq!(of_second, learned.probabilities, "{model}");
    }
}

/// Users of whom one in ten is marked in each of these columns.
fn marked(columns: &[&str], n_users: usize) -> String {
    let mut csv = format!("user,time,action,{}\n", columns.join(","));
    for row in 0..8 * n_users {
        let user = row % n_users;
        let mark = if user % 10 == 3 { ",yes" } else { ",no" }.repeat(columns.len());
        csv.push_str(&format!(
            "u{user},2026-01-{:02} 0{}:00:00,a{}{mark}\n",
            1 + row / n_users,
            row % 9,
            row % 3
        ));
    }
    csv
}

#[test]
fn what_is_learned_first_is_the_label_where_it_is_plain_which_it_is() {
    let mut session = Session::default();
    let mut first = |csv: String, plan: Value| {
        ingest(&mut session, csv.as_bytes()).unwrap();
        let view = analyze(&mut session, plan).unwrap();
        if view.learn_target == LearnTarget::Label {
            learn(&mut session, json!({ "target": "label" })).unwrap();
        }
        view.learn_target
    };
    for name in ["label", "is_fraud", "is_attack", "Is Account Takeover", "anomaly", "fraud_flag"] {
        assert_eq!(first(marked(&[name], 60), json!({})), LearnTarget::Label, "{name}");
    }
    let two = || marked(&["is_fraud", "is_attack"], 60);
    assert_eq!(first(two(), json!({})), LearnTarget::Flags, "either could be it");
    assert_eq!(first(two(), json!({ "label": "is_attack" })), LearnTarget::Label, "one was chosen");
    assert_eq!(first(marked(&["is_attack", "class"], 60), json!({})), LearnTarget::Label, "one is plainer");
    assert_eq!(first(marked(&["remark"], 60), json!({})), LearnTarget::Flags, "nothing says that it is one");
    let budget = json!({ "budget": 10, "recipe": "activity" });
    assert_eq!(first(marked(&["is_fraud"], 30), budget), LearnTarget::Flags, "three users are too few");
}
