//! Rows measured by other engines with a model's bytes: the result is that of one engine, to the bit, whoever measured what,
//! in whatever order answers came, and whichever of them failed.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod session_support;

use isoscope::engine::detect::{RowBlock, Scorer, SharedRows};
use isoscope::engine::host::{NoClock, Progress};
use isoscope::engine::rng::Rng;
use isoscope::engine::session::Session;
use isoscope::protocol::{AnalysisView, Response};
use serde_json::{Value, json, to_value};
use session_support::{analyze, call, ingest};

/// Numbers of two kinds and some far away, as a table.
fn table(n_rows: usize, seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let mut text = String::from("a,b,c\n");
    for row in 0..n_rows {
        let scale = if row % 97 == 0 { 9.0 } else { 1.0 + (row % 2) as f64 };
        let [a, b, c] = [0; 3].map(|_| scale * rng.normal());
        text.push_str(&format!("{a},{b},{c}\n"));
    }
    text.into_bytes()
}

fn session(n_rows: usize) -> Session {
    let mut session = Session::default();
    ingest(&mut session, &table(n_rows, 5)).unwrap();
    session
}

fn begin(session: &mut Session, plan: &Value) {
    call(session, "beginAnalysis", plan.clone()).unwrap();
}

/// Engines beside the one whose rows they are. What they do comes by chance.
struct Others {
    rng: Rng,
    n_engines: usize,
    scorers: Vec<Scorer>,
    away: Vec<RowBlock>,
    n_models: usize,
    n_measured: usize,
    n_failed: usize,
}

impl Others {
    fn new(n_engines: usize) -> Others {
        Others {
            rng: Rng::new(n_engines as u64),
            n_engines,
            scorers: Vec::new(),
            away: Vec::new(),
            n_models: 0,
            n_measured: 0,
            n_failed: 0,
        }
    }

    /// Steps until all is done, with blocks given away and taken between steps.
    fn run(&mut self, session: &mut Session, step: impl Fn(&mut Session) -> Option<Progress>) {
        let mut done = (None, 0);
        while let Some(Progress { stage, done: now, .. }) = step(session) {
            assert!(done.0 != Some(stage) || done.1 <= now, "progress went back: {done:?}, {stage:?} {now}");
            done = (Some(stage), now);
            if let Some(shared) = session.shared_rows() {
                self.share(shared);
            }
        }
        assert_eq!(self.away, [], "an analysis is done with all its rows");
    }

    fn share(&mut self, mut shared: SharedRows<'_>) {
        if let Some(model) = shared.model() {
            assert_eq!(self.away, [], "a model begins with all rows");
            self.scorers = (0..self.n_engines).map(|_| Scorer::read(&model).unwrap()).collect();
            self.n_models += 1;
        }
        assert!(shared.is_shared() || shared.give(1).is_none(), "no rows without a model");
        while self.away.len() < 2 * self.n_engines {
            let n_left = shared.n_left();
            let Some(block) = shared.give(1 + self.rng.below(700) as usize) else { break };
            assert_eq!(shared.n_left(), n_left - block.values.len() / 3);
            self.away.push(block);
        }
        // Nothing is left to do here when everything is away: then somebody has to answer.
        while !self.away.is_empty() && (shared.n_left() == 0 || self.rng.below(2) == 0) {
            let block = self.away.swap_remove(self.rng.below(self.away.len() as u64) as usize);
            let engine = self.rng.below(self.n_engines as u64) as usize;
            let fails = self.rng.below(6) == 0;
            let values = (!fails).then(|| self.scorers[engine].measure(&block.values));
            shared.take(block.start, values.as_deref());
            // An answer that comes twice, or to nobody, is none.
            shared.take(block.start, Some(&[0.0]));
            if fails { self.n_failed += 1 } else { self.n_measured += block.values.len() / 3 }
        }
    }
}

fn step(session: &mut Session) -> Option<Progress> {
    session.step_analysis(&NoClock).unwrap()
}

fn view(session: &mut Session) -> AnalysisView {
    match call(session, "analysis", Value::Null).unwrap() {
        Response::Analysis(view) => *view,
        other => panic!("an analysis, not {other:?}"),
    }
}

fn same(one: &AnalysisView, several: &AnalysisView, of: &str) {
    let bits = |view: &AnalysisView| -> Vec<u64> {
        let members = view.members.iter().flat_map(|member| &member.scores);
        view.scores.iter().chain(members).chain([&view.threshold]).map(|value| value.to_bits()).collect()
    };
    assert_eq!(bits(one), bits(several), "{of}");
    assert_eq!(to_value(one).unwrap(), to_value(several).unwrap(), "{of}");
}

/// Detectors whose scores of their training rows are found after the fit.
fn measured_after_the_fit() -> Vec<Value> {
    let few = json!({ "trees": 40, "top": 3, "autoencoder": { "epochs": 2 } });
    let extended = json!({ "trees": 40, "top": 3, "iforest": { "extensionLevel": 1 } });
    vec![
        json!({ "detector": "iforest", "parameters": few }),
        json!({ "detector": "iforest", "parameters": extended }),
        json!({ "detector": "autoencoder", "parameters": few }),
        json!({ "detector": "ocsvm", "parameters": few }),
    ]
}

#[test]
fn several_engines_give_the_bits_of_one() {
    for plan in measured_after_the_fit() {
        let one = analyze(&mut session(1_500), plan.clone()).unwrap();
        for n_engines in [1, 2] {
            let (mut several, mut others) = (session(1_500), Others::new(n_engines));
            begin(&mut several, &plan);
            others.run(&mut several, step);
            same(&one, &view(&mut several), &format!("{plan} with {n_engines}"));
            assert_eq!(others.n_models, 1, "{plan}");
            assert!(others.n_measured > 300, "{plan}: {} rows", others.n_measured);
        }
    }
}

/// More rows than neighbours are looked for among, and than are measured in a step.
#[test]
fn each_model_of_an_ensemble_is_shared_in_its_turn() {
    let plan = json!({ "detector": ["iforest", "knn", "ecod"], "parameters": { "trees": 30, "top": 2 } });
    let one = analyze(&mut session(10_100), plan.clone()).unwrap();
    let (mut several, mut others) = (session(10_100), Others::new(2));
    begin(&mut several, &plan);
    others.run(&mut several, step);
    same(&one, &view(&mut several), "the ensemble");
    assert_eq!(others.n_models, 2, "forest and neighbours; ecod knows its own");
    assert!(others.n_measured > 5_000 && others.n_failed > 0, "{} {}", others.n_measured, others.n_failed);
}

#[test]
fn a_saved_model_scores_a_file_with_others() {
    let detectors = ["iforest", "robust-z", "hbos", "ecod", "copod", "knn", "lof", "autoencoder", "ocsvm"];
    let ensembles = [json!(["iforest", "knn", "hbos", "ecod"]), json!(["lof", "autoencoder"])];
    for detector in detectors.iter().map(|name| json!(name)).chain(ensembles) {
        let parameters = json!({ "trees": 30, "top": 2, "autoencoder": { "epochs": 2 } });
        let mut fitted = session(400);
        analyze(&mut fitted, json!({ "detector": detector, "parameters": parameters })).unwrap();
        let source = table(900, 6);
        let predict = |others: Option<&mut Others>| {
            let mut session = Session::default();
            session.load(&fitted.save().unwrap()).unwrap();
            call(&mut session, "beginPrediction", json!({ "reading": {}, "keep": false })).unwrap();
            session.source().push(&source).unwrap();
            session.source().finish_ingest().unwrap();
            let step = |session: &mut Session| session.step_prediction(&NoClock).unwrap();
            match others {
                Some(others) => others.run(&mut session, step),
                None => while step(&mut session).is_some() {},
            }
            match call(&mut session, "prediction", Value::Null).unwrap() {
                Response::Analysis(view) => *view,
                other => panic!("a prediction, not {other:?}"),
            }
        };
        let one = predict(None);
        let mut others = Others::new(2);
        same(&one, &predict(Some(&mut others)), &detector.to_string());
        assert!(others.n_measured > 200, "{detector}: {} rows", others.n_measured);
    }
}

#[test]
fn there_is_nothing_to_share_before_and_after() {
    let mut session = session(1_500);
    assert!(session.shared_rows().is_none());
    begin(&mut session, &json!({ "detector": "iforest", "parameters": { "trees": 10, "top": 1 } }));
    assert!(session.shared_rows().is_none());
    let mut others = Others::new(1);
    others.run(&mut session, step);
    assert!(session.shared_rows().is_none());
    begin(&mut session, &json!({ "detector": "iforest" }));
    while session.shared_rows().is_none() {
        step(&mut session).unwrap();
    }
    session.cancel_analysis();
    assert!(session.shared_rows().is_none());
}

#[test]
fn bytes_that_are_no_model_are_refused() {
    let mut session = session(1_500);
    begin(&mut session, &json!({ "detector": "iforest", "parameters": { "trees": 10 } }));
    while session.shared_rows().is_none() {
        step(&mut session).unwrap();
    }
    let model = session.shared_rows().unwrap().model().unwrap();
    assert!(session.shared_rows().unwrap().model().is_none(), "a model is given once");
    for bytes in [&[][..], &[7; 40], &model[..model.len() / 2]] {
        assert_eq!(Scorer::read(bytes).unwrap_err().code(), "model-damaged");
    }
    let scorer = Scorer::read(&model).unwrap();
    assert_eq!(scorer.measure(&[]), [0.0; 0]);
    assert_eq!(scorer.measure(&[1.0, 2.0]), [0.0; 0], "part of a row is none");
    assert_eq!(scorer.measure(&[1.0, 2.0, 3.0]).len(), 1);
}
