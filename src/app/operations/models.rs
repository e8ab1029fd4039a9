//! How far detectors agree, learning from the results, and searching for better parameters.

use super::{analyzer, go_to, is_current, show};
use crate::app::answers::{Answers, LearnedReason};
use crate::app::host::{self, Failure, Outcome};
use crate::app::state::{Beside, Problem, Searching, Store, Supervised, partial};
use crate::engine::analysis::Agreement;
use crate::engine::learn::ModelName;
use crate::engine::plan::Plan;
use crate::protocol::{LearnOptions, Learned, ThresholdOptions, TuneOptions, Tuning};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// How far the detectors agree about as many rows as are flagged now; nothing where there is but one.
pub(super) fn load_agreement(store: Store) {
    let Some(results) = store.results.get_untracked() else { return };
    let n_flagged = store.cut.with_untracked(|cut| cut.as_ref().map_or(0, |c| c.flagged_rows));
    let most = results.n_rows() / 2;
    if results.plan.detector.names().len() < 2 || most == 0 {
        return;
    }
    let run = store.run.get_value();
    spawn_local(async move {
        let answer: Outcome<Agreement> =
            async { host::from_js(analyzer(store).await?.agreement(n_flagged.clamp(1, most)).await?) }.await;
        // What is asked again while the threshold moves says so when it has come to rest.
        if is_current(store, run) && store.dragged.get_untracked().is_none() {
            store.agreement.set(answer.ok().map(Rc::new));
        }
    });
}

/// Writes how the threshold was set last into the edited plan.
pub fn keep_cut(store: Store) {
    let Some(options) = store.cut_by.get_untracked() else { return };
    store.edit_draft(|plan| put_cut(plan, &options));
}

fn put_cut(plan: &mut Plan, options: &ThresholdOptions) {
    let cost = options
        .miss_cost
        .map(|miss| crate::engine::plan::Cost { miss, false_alarm: options.false_alarm_cost.unwrap_or(1.0) });
    plan.contamination = options.contamination.unwrap_or(plan.contamination);
    (plan.threshold, plan.budget) = (options.threshold, options.budget);
    (plan.alerts_per_day, plan.cost) = (options.alerts_per_day, cost);
}

/// Ends a call: what it gave, unless a newer one took its place, it was cancelled, or it failed.
pub(super) fn settle<T>(beside: Beside, run: u32, outcome: Outcome<T>) -> Option<T> {
    if !beside.is_current(run) {
        return None;
    }
    let message = |failure: Failure| Problem::of("", failure).map(|problem| problem.message);
    match outcome {
        Ok(answer) => {
            beside.finish(None);
            Some(answer)
        }
        Err(failure) => {
            beside.finish(message(failure));
            None
        }
    }
}

/// Learns from part of the rows and tests on the rest. What was learned before shows until then.
pub fn learn(store: Store, options: LearnOptions) {
    let (run, signal) = store.learning.begin();
    spawn_local(async move {
        let outcome = learned(store, options, None, &signal).await;
        if let Some(supervised) = settle(store.learning, run, outcome) {
            store.has_learned.set_value(true);
            store.supervised.set(Some(Rc::new(supervised)));
        }
    });
}

async fn learned(
    store: Store,
    options: LearnOptions,
    brought: Option<String>,
    signal: &JsValue,
) -> Outcome<Supervised> {
    let view = analyzer(store).await?.learned(&options, signal).await?;
    let learned: Learned = host::from_js(host::outline(&view))?;
    let answers = Rc::new(Answers::of_learned(&learned, &view));
    Ok(Supervised { options, learned, view, brought, answers })
}

/// Takes boosted trees that XGBoost has saved as JSON in the place of a model that learns, for what is chosen to be learned
/// and on the rows that would be held out. What is none of its models, or one of other columns, is refused in words.
pub fn bring_in(store: Store, file: web_sys::File) {
    let title = format!("{} could not be brought in", file.name());
    if store.results.with_untracked(Option::is_none) {
        let message = "it is a model of XGBoost, which answers for the rows of a log: open the log first, choose under \
                       “A second opinion” what the model tells, and then bring it in";
        return show(store, &title, Failure { code: "not-ready".to_owned(), message: message.to_owned() });
    }
    let (run, signal) = store.learning.begin();
    spawn_local(async move {
        let outcome = async {
            let bytes = host::bytes_of(&file, None).await?;
            let mut options = store.learn_options.get_untracked();
            options.model = Some(ModelName::Boosting);
            options.xgboost = Some(String::from_utf8_lossy(&bytes.to_vec()).into_owned());
            // It has learned already, and is tested once.
            options.split.folds = 0;
            learned(store, options, Some(file.name()), &signal).await
        }
        .await;
        if !store.learning.is_current(run) {
            return;
        }
        store.learning.finish(None);
        match outcome {
            Ok(supervised) => {
                store.problem.set(None);
                store.has_learned.set_value(true);
                store.supervised.set(Some(Rc::new(supervised)));
                go_to("check").await;
            }
            Err(failure) => {
                show(store, &title, failure);
                window().scroll_to_with_x_and_y(0.0, 0.0);
            }
        }
    });
}

/// Why the learned model answers as it does about a row; of more than two classes the named or most probable one.
pub async fn learned_reason(store: Store, row: usize, class: Option<String>) -> Outcome<LearnedReason> {
    let view = analyzer(store).await?.learned_explanation(row, class.as_deref()).await?;
    Ok(LearnedReason { explanation: host::from_js(view.clone())?, view })
}

/// Searches for better parameters of the edited plan.
pub fn tune(store: Store, options: TuneOptions) {
    let Some(draft) = store.draft.get_untracked() else { return };
    store.learner_tuning.beside.cancel();
    search(store, store.tuning, TuneOptions { plan: partial(&draft), ..options });
}

/// Searches for better parameters of what is to be learned, judged by rows held out as its options say: where they hold out
/// a share once, each such share in turn.
pub fn tune_learner(store: Store, options: TuneOptions) {
    store.tuning.beside.cancel();
    let learn = store.learn_options.get_untracked();
    let folds = turns(&learn);
    search(store, store.learner_tuning, TuneOptions { learn: Some(learn), folds, ..options });
}

/// How many times rows are held out in a search.
pub fn turns(learn: &LearnOptions) -> usize {
    match learn.split.folds {
        0 => ((1.0 / learn.split.test_share).round() as usize).clamp(2, 20),
        folds => folds,
    }
}

fn search(store: Store, searching: Searching, options: TuneOptions) {
    let (run, signal) = searching.beside.begin();
    searching.found.set(None);
    spawn_local(async move {
        let outcome: Outcome<Tuning> =
            async { host::from_js(analyzer(store).await?.tuned(&options, &signal).await?) }.await;
        if let Some(tuning) = settle(searching.beside, run, outcome) {
            searching.found.set(Some(Rc::new(tuning)));
        }
    });
}

/// Puts what the best candidate has into the edited plan; what was changed in it meanwhile, columns for instance, stays.
pub fn use_best(store: Store) {
    let Some(tuned) = store.tuning.found.get_untracked() else { return };
    store.edit_draft(|plan| {
        let best = tuned.plan.clone();
        (plan.detector, plan.parameters, plan.preparation) =
            (best.detector, best.parameters, best.preparation);
    });
}

/// Learns with the model and the parameters of the best candidate; what is learned and tested on stays as it is in the form.
pub fn use_best_learner(store: Store) {
    let found = store.learner_tuning.found.get_untracked();
    let Some(best) = found.and_then(|found| found.learn.clone()) else { return };
    store.learn_options.update(|options| take_parameters(options, &best));
    learn(store, store.learn_options.get_untracked());
}

/// Takes what a search may change.
pub fn take_parameters(options: &mut LearnOptions, best: &LearnOptions) {
    options.model = best.model;
    options.class_weight = best.class_weight.clone();
    (options.logistic, options.forest, options.boosting) = (best.logistic, best.forest, best.boosting);
}
