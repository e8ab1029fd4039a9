//! How far detectors agree, learning from the results, and searching for better parameters.

use super::{analyzer, is_current};
use crate::app::host::{self, Failure, Outcome};
use crate::app::state::{Beside, Problem, Store, Supervised, partial};
use crate::engine::analysis::Agreement;
use crate::engine::plan::Plan;
use crate::protocol::{LearnOptions, ThresholdOptions, TuneOptions, Tuning};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

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
        let outcome: Outcome<Supervised> = async {
            let view = analyzer(store).await?.learned(&options, &signal).await?;
            Ok(Supervised { options, learned: host::from_js(host::outline(&view))?, view })
        }
        .await;
        if let Some(supervised) = settle(store.learning, run, outcome) {
            store.supervised.set(Some(Rc::new(supervised)));
        }
    });
}

/// Searches for better parameters of the edited plan.
pub fn tune(store: Store, options: TuneOptions) {
    let Some(draft) = store.draft.get_untracked() else { return };
    let (run, signal) = store.tuning.begin();
    store.tuned.set(None);
    spawn_local(async move {
        let outcome: Outcome<Tuning> = async {
            let options = TuneOptions { plan: partial(&draft), ..options };
            host::from_js(analyzer(store).await?.tuned(&options, &signal).await?)
        }
        .await;
        if let Some(tuning) = settle(store.tuning, run, outcome) {
            store.tuned.set(Some(Rc::new(tuning)));
        }
    });
}

/// Puts what the best candidate has into the edited plan; what was changed in it meanwhile, columns for instance, stays.
pub fn use_best(store: Store) {
    let Some(tuned) = store.tuned.get_untracked() else { return };
    store.edit_draft(|plan| {
        let best = tuned.plan.clone();
        (plan.detector, plan.parameters, plan.preparation) =
            (best.detector, best.parameters, best.preparation);
    });
}
