//! Analysing a table and looking at what came of it.

use super::models::load_agreement;
use super::{analyzer, begin, finish, is_current, keep_focus, show};
use crate::app::host::{self, Outcome};
use crate::app::results::{Cut, Detail, Opened, Results};
use crate::app::state::{Correlated, FormulaFunction, Separated, Store, Supervised, partial, take_suggested};
use crate::engine::explain::Explanation;
use crate::engine::order;
use crate::engine::plan::{Plan, Role};
use crate::protocol::{
    DensityQuery, FeatureDistribution, FormulaCheck, LearnTarget, RowsAbove, ThresholdOptions, Timeline,
};
use js_sys::{Array, Float64Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeSet;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// Analyses the table with the edited plan.
pub fn recompute(store: Store) {
    let (Some(opened), Some(draft)) = (store.opened.get_untracked(), store.draft.get_untracked()) else {
        return;
    };
    let (run, signal) = begin(store, &opened.source.name, "Analysing");
    // Progress, answer and problems stand at the top.
    window().scroll_to_with_x_and_y(0.0, 0.0);
    spawn_local(async move {
        analyse(store, run, opened, &draft, &signal, host::now_secs()).await;
    });
}

/// Analyses and shows; false when it failed while it was still wanted.
pub(super) async fn analyse(
    store: Store,
    run: u32,
    opened: Rc<Opened>,
    draft: &Plan,
    signal: &JsValue,
    started: f64,
) -> bool {
    let outcome = async {
        let analyzer = analyzer(store).await?;
        let view = analyzer.analysis(&host::to_js(&partial(draft)), signal).await?;
        let results = Results::new(opened.clone(), &view, host::now_secs() - started);
        // Reading the answer and drawing it are apart.
        host::next_task().await;
        results
    }
    .await;
    if !is_current(store, run) {
        return true;
    }
    finish(store);
    match outcome {
        Err(failure) => {
            show(store, &format!("{} could not be analysed", opened.source.name), failure);
            false
        }
        Ok((results, cut)) => {
            show_results(store, draft, results, cut);
            true
        }
    }
}

/// Shows what came of a plan. What was changed in it meanwhile stays, and waits for the next analysis; what the plan left
/// to be suggested is in it now, so that a change of a part does not take the place of the whole.
pub(super) fn show_results(store: Store, sent: &Plan, results: Results, cut: Cut) {
    let first = cut.ranked(0).map(|ranked| (ranked.subject, ranked.row));
    close_results(store);
    if store.draft.with_untracked(|draft| draft.as_ref() == Some(sent)) {
        store.draft.set(Some(results.plan.clone()));
    } else {
        store.edit_draft(|draft| take_suggested(draft, &results.plan));
    }
    begin_learning(store, &results);
    // Set together: nothing may see the new cut with the old results.
    store.cut.set(Some(cut));
    store.results.set(Some(Rc::new(results)));
    if let Some((subject, row)) = first {
        select(store, subject, row);
    }
    load_distributions(store);
    load_agreement(store);
    keep_focus();
}

/// Has learning begin with what is worth it, unless something else was chosen that can still be learned.
fn begin_learning(store: Store, results: &Results) {
    let began = store.first_learning.get_value();
    let stays =
        store.learn_options.with_untracked(|options| *options != began && results.can_learn(&options.target));
    store.first_learning.set_value(results.first_learning());
    if !stays {
        store.learn_options.set(results.first_learning());
    }
}

/// Forgets the analysis.
pub(super) fn close_results(store: Store) {
    store.results.set(None);
    store.cut.set(None);
    store.dragged.set(None);
    store.detail.set(None);
    store.selected.set(None);
    store.distributions.set(Rc::default());
    store.correlations.set(None);
    store.agreement.set(None);
    store.cut_by.set(None);
    store.learning.cancel();
    store.supervised.set(None);
    store.has_learned.set_value(false);
    store.tuning.clear();
    store.learner_tuning.clear();
    store.looking.cancel();
    store.overall.set(None);
}

/// Takes back what was changed in the plan since it was analysed.
pub fn undo_changes(store: Store) {
    if let Some(results) = store.results.get_untracked() {
        store.invalid.set(BTreeSet::new());
        store.draft.set(Some(results.plan.clone()));
        keep_focus();
    }
}

/// Moves the threshold. Counts follow at once; the list follows as fast as the worker answers, and only one question
/// is asked at a time, always with the latest threshold.
pub fn move_threshold(store: Store, threshold: f64) {
    let is_asking = store.dragged.get_untracked().is_some();
    store.dragged.set(Some(threshold));
    if is_asking {
        return;
    }
    let run = store.run.get_value();
    spawn_local(async move {
        while let (Some(wanted), Some(analyzer)) =
            (store.dragged.get_untracked(), store.analyzer.get_untracked())
        {
            let options = ThresholdOptions { threshold: Some(wanted), ..ThresholdOptions::default() };
            let answer = analyzer.cut(&options).await;
            if !is_current(store, run) {
                break;
            }
            let is_settled = store.dragged.get_untracked() == Some(wanted);
            match answer.and_then(|view| Cut::new(&view)) {
                Ok(cut) => {
                    store.cut.set(Some(cut));
                    store.cut_by.set(Some(options));
                }
                Err(failure) => show(store, "The threshold could not be moved", failure),
            }
            if is_settled {
                break;
            }
        }
        store.dragged.set(None);
        if is_current(store, run) {
            follow_flags(store);
        }
    });
}

/// Sets the threshold as it is asked for: by a share, a number of rows, alerts per day or costs.
pub async fn cut_by(store: Store, options: ThresholdOptions) -> Outcome<()> {
    let run = store.run.get_value();
    let cut = Cut::new(&analyzer(store).await?.cut(&options).await?)?;
    if is_current(store, run) {
        store.cut.set(Some(cut));
        store.cut_by.set(Some(options));
        follow_flags(store);
    }
    Ok(())
}

/// Brings what follows from the flags up to them.
fn follow_flags(store: Store) {
    let is_of_flags = |supervised: &Option<Rc<Supervised>>| {
        supervised.as_ref().is_some_and(|supervised| supervised.learned.target == LearnTarget::Flags)
    };
    if store.supervised.with_untracked(is_of_flags) {
        store.supervised.set(None);
    }
    let found = store.learner_tuning.found.get_untracked();
    let tuned = found.and_then(|found| found.learn.as_ref().map(|learn| learn.target.clone()));
    let target =
        tuned.unwrap_or_else(|| store.learn_options.with_untracked(|options| options.target.clone()));
    if target == LearnTarget::Flags {
        store.learner_tuning.clear();
    }
    load_distributions(store);
    load_agreement(store);
    // What is typical, and what would be normal, has moved with them.
    if let Some((subject, row)) = store.selected.get_untracked() {
        select(store, subject, row);
    }
}

/// Looks at a subject, explained by one of its rows.
pub fn select(store: Store, subject: u32, row: usize) {
    store.selected.set(Some((subject, row)));
    let run = store.run.get_value();
    spawn_local(async move {
        let detail = detail(store, subject, row).await;
        if !is_current(store, run) || store.selected.get_untracked() != Some((subject, row)) {
            return;
        }
        match detail {
            Ok(detail) => store.detail.set(Some(Rc::new(detail))),
            Err(failure) => show(store, "The details could not be loaded", failure),
        }
    });
}

/// Looks at a subject by its most abnormal row, flagged or not.
pub fn select_subject(store: Store, subject: u32) {
    if let Some(ranked) = store.cut.with_untracked(|cut| cut.as_ref().and_then(|c| c.of_subject(subject))) {
        return select(store, subject, ranked.row);
    }
    let Some(analyzer) = store.analyzer.get_untracked() else { return };
    spawn_local(async move {
        let Ok(timeline) = analyzer.events_of(subject).await.and_then(host::from_js::<Timeline>) else {
            return;
        };
        let strangest = timeline.entries.iter().max_by(|a, b| a.score.total_cmp(&b.score));
        if let Some(entry) = strangest {
            select(store, subject, entry.row);
        }
    });
}

async fn detail(store: Store, subject: u32, row: usize) -> Outcome<Detail> {
    let analyzer = analyzer(store).await?;
    let threshold = store.cut.with_untracked(|cut| cut.as_ref().map_or(f64::INFINITY, |cut| cut.threshold));
    let is_same = |detail: &Rc<Detail>| detail.subject == subject && detail.threshold == threshold;
    let known = store.detail.get_untracked().filter(is_same);
    let timeline = match known {
        Some(detail) => detail.timeline.clone(),
        None => analyzer.events_of(subject).await?,
    };
    let explanation = analyzer.explanation(row).await?;
    let reason: Explanation = host::from_js(explanation.clone())?;
    let normal_with = match reason.score > threshold {
        true => Some(host::from_js(analyzer.smallest_change(row).await?)?),
        false => None,
    };
    Ok(Detail {
        subject,
        name: host::get(&timeline, "subject").as_string().unwrap_or_default(),
        entries: host::from_js(host::get(&timeline, "entries"))?,
        events: host::from_js(host::get(&timeline, "events"))?,
        timeline,
        row,
        reason,
        explanation,
        threshold,
        normal_with,
    })
}

/// Distributions of every feature, one short question after the other.
fn load_distributions(store: Store) {
    let Some(results) = store.results.get_untracked() else { return };
    let run = store.run.get_value();
    spawn_local(async move {
        let Some(analyzer) = store.analyzer.get_untracked() else { return };
        let mut list = Vec::with_capacity(results.features.len());
        for feature in 0..results.features.len() {
            let answer = analyzer.feature(feature).await;
            // A threshold that moves on makes these answers stale; its own end asks again.
            if !is_current(store, run) || store.dragged.get_untracked().is_some() {
                return;
            }
            match answer.and_then(|view| Ok((host::from_js::<FeatureDistribution>(view.clone())?, view))) {
                Ok((distribution, view)) => list.push(separated(&distribution, view)),
                Err(failure) => return show(store, "The features could not be compared", failure),
            }
        }
        // Asked for in order of the features, which equal ones keep.
        let list = order::sorted_by_key(list, |separated| !order::total_key(separated.distance));
        store.distributions.set(Rc::new(list));
        load_correlations(store, run).await;
    });
}

/// How features go together among the normal rows of this threshold.
async fn load_correlations(store: Store, run: u32) {
    let answer = async { analyzer(store).await?.together().await }.await;
    match answer {
        _ if !is_current(store, run) => {}
        Ok(view) => {
            let values: Float64Array = host::get(&view, "values").unchecked_into();
            let features: Array = host::get(&view, "features").unchecked_into();
            let n_features = features.length() as usize;
            store.correlations.set(Some(Rc::new(Correlated { n_features, values: values.to_vec() })));
        }
        Err(failure) => show(store, "The features could not be compared", failure),
    }
}

fn separated(distribution: &FeatureDistribution, view: JsValue) -> Separated {
    let distance = match (distribution.normal_quantiles, distribution.flagged_quantiles) {
        (Some([p5, _, normal, _, p95]), Some([_, _, flagged, _, _])) => {
            let spread = p95 - p5;
            (flagged - normal).abs() / if spread > 0.0 { spread } else { 1.0 }
        }
        // Of a category, the share of rows that would have to change their value.
        _ if distribution.labels.is_some() => {
            let total = |counts: &[u32]| f64::from(counts.iter().sum::<u32>().max(1));
            let (n_normal, n_flagged) = (total(&distribution.normal), total(&distribution.flagged));
            let pairs = distribution.normal.iter().zip(&distribution.flagged);
            pairs.map(|(&a, &b)| (f64::from(a) / n_normal - f64::from(b) / n_flagged).abs()).sum::<f64>()
                / 2.0
        }
        _ => 0.0,
    };
    Separated {
        feature: distribution.feature,
        distance,
        normal_quantiles: distribution.normal_quantiles,
        view,
    }
}

/// Events by time and lane.
pub async fn density(store: Store, query: DensityQuery) -> Outcome<JsValue> {
    analyzer(store).await?.bins(&query).await
}

/// Cells of table rows.
pub async fn cells(store: Store, rows: Vec<u32>) -> Outcome<JsValue> {
    analyzer(store).await?.cells(&rows).await
}

/// What there is to say of a formula, its first values by the columns of the edited plan.
pub async fn check_formula(store: Store, formula: &str) -> Outcome<FormulaCheck> {
    let column = |role: Role| store.draft.with_untracked(|plan| plan.as_ref()?.roles.get(&role).cloned());
    let options = host::object([
        ("entity", column(Role::Entity).map_or(JsValue::UNDEFINED, JsValue::from)),
        ("time", column(Role::Time).map_or(JsValue::UNDEFINED, JsValue::from)),
    ]);
    host::from_js(analyzer(store).await?.formula(formula, &options).await?)
}

/// The functions that formulas may call.
pub async fn formula_functions(store: Store) -> Outcome<Vec<FormulaFunction>> {
    host::from_js(analyzer(store).await?.functions().await?)
}

/// How many matrix rows have a feature above a value, and how many have none.
pub async fn rows_above(store: Store, feature: usize, above: f64) -> Outcome<RowsAbove> {
    host::from_js(analyzer(store).await?.above(feature, above).await?)
}
