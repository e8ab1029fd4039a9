//! The measures threshold by threshold, and where among them it is decided now.

use super::{JudgedNow, figure};
use crate::app::format;
use crate::app::host;
use crate::app::results::Judged;
use crate::app::view::chart::ChartPanel;
use crate::app::view::table::{Fold, ScrollTable, titles};
use crate::engine::evaluate::AtThreshold;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// The picture, and the table folded. `score` is what thresholds are of; `moves` puts the threshold elsewhere, where it can be.
pub fn thresholds(judged: JudgedNow, score: &'static str, moves: Option<Callback<f64>>) -> AnyView {
    let is_open = RwSignal::new(false);
    let table = move || {
        let judged = is_open.get().then(|| judged.get()).flatten()?;
        Some(table(&judged, moves))
    };
    let note = match moves {
        Some(_) => "The line is the threshold now; the table has each threshold to be taken",
        None => "The line is where it decides",
    };
    view! {
        <div class="by-threshold">
            <ChartPanel
                kind="thresholds"
                title="What another threshold would give"
                note
                data=Box::new(move || judged.get().map(|judged| drawn(&judged, score)))
            />
            <Fold title="Threshold by threshold, as numbers" is_open>
                {table}
            </Fold>
        </div>
    }
    .into_any()
}

/// All thresholds, highest first, with that in force; and its place.
fn with_now(judged: &Judged) -> (Vec<AtThreshold>, usize) {
    let now = AtThreshold::of(judged.threshold, judged.evaluation.confusion);
    let others = judged.evaluation.thresholds.iter().filter(|at| at.flagged != now.flagged);
    let mut all: Vec<AtThreshold> = others.copied().collect();
    let place = all.partition_point(|at| at.flagged < now.flagged);
    all.insert(place, now);
    (all, place)
}

fn drawn(judged: &Judged, score: &'static str) -> JsValue {
    let (thresholds, place) = with_now(judged);
    host::object([
        ("thresholds", host::to_js(&thresholds)),
        ("place", (place as f64).into()),
        ("score", score.into()),
    ])
}

fn table(judged: &Judged, moves: Option<Callback<f64>>) -> AnyView {
    let (all, place) = with_now(judged);
    let line = |(row, at): (usize, AtThreshold)| {
        let is_now = row == place;
        let threshold = figure(at.threshold);
        let name = match moves.filter(|_| !is_now) {
            Some(moves) => {
                let label = format!("Flag above {threshold}");
                view! {
                    <button type="button" class="link" aria-label=label on:click=move |_| moves.run(at.threshold)>
                        {threshold.clone()}
                    </button>
                }
                .into_any()
            }
            None if is_now => view! { {threshold}" now" }.into_any(),
            None => threshold.into_any(),
        };
        let shares = [at.precision, at.recall, at.false_positive_rate];
        let others = [at.f1, at.mcc, at.balanced_accuracy, at.accuracy];
        view! {
            <tr class:now=is_now aria-current=is_now.then_some("true")>
                <th scope="row">{name}</th>
                <td>{format::count(at.flagged)}</td>
                {shares.map(|share| view! { <td>{format::small_percent(share)}</td> }).into_iter().collect_view()}
                {others.map(|value| view! { <td>{figure(value)}</td> }).into_iter().collect_view()}
            </tr>
        }
    };
    let rows = all.into_iter().enumerate().map(line).collect_view();
    view! {
        <ScrollTable
            label="Measures by threshold"
            titles=titles(
                &["Above", "Flagged", "Precision", "Recall", "False alarms", "F1", "MCC", "Balanced", "Accuracy"],
            )
        >
            {rows}
        </ScrollTable>
    }
    .into_any()
}
