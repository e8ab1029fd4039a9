//! What a search found: the best beside what was tuned, a picture and a table of all candidates.

use super::words::assigned;
use crate::app::format;
use crate::app::host;
use crate::app::view::chart::ChartPanel;
use crate::app::view::measures::figure;
use crate::app::view::table::{Fold, ScrollTable};
use crate::protocol::{Basis, Candidate, Metric, Tuning};
use leptos::prelude::*;
use std::rc::Rc;

/// Candidates in the picture: more have no place for their names.
const MAX_DRAWN: usize = 20;

fn metric_words(metric: Metric) -> &'static str {
    match metric {
        Metric::RocAuc => "ROC AUC",
        Metric::AveragePrecision => "average precision",
        Metric::RankCorrelation => "rank correlation",
        Metric::MacroF1 => "mean F1 of the classes",
        Metric::R2 => "R²",
    }
}

/// What was tuned, and what becomes of the best.
#[derive(Clone, Copy)]
pub struct Tuned {
    /// Inside a sentence: `the plan`.
    pub what: &'static str,
    /// Said of the best once it is there.
    pub taken: &'static str,
    /// Whether it is there.
    pub is_taken: Memo<bool>,
    /// Puts it there.
    pub take: Callback<()>,
}

/// A candidate by what it has other than what was tuned.
fn words(candidate: &Candidate, what: &str) -> String {
    if candidate.parameters.is_empty() {
        return format::capitalized(&format!("{what} as it is"));
    }
    let parts = candidate.parameters.iter().map(|(path, value)| assigned(path, value));
    format::capitalized(&parts.collect::<Vec<_>>().join(", "))
}

fn score(candidate: &Candidate) -> String {
    match (candidate.score, candidate.deviation) {
        (Some(score), Some(deviation)) => format!("{} ± {}", figure(score), figure(deviation)),
        (Some(score), None) => figure(score),
        (None, _) => "failed".to_owned(),
    }
}

/// What was found.
#[component]
pub fn Found(
    /// The search's result.
    tuning: Rc<Tuning>,
    /// What it is of.
    of: Tuned,
) -> impl IntoView {
    let Tuned { what, taken, is_taken, take } = of;
    let tuned = tuning;
    let (Some(best), Some(unchanged)) =
        (tuned.candidates.get(tuned.best), tuned.candidates.get(tuned.unchanged))
    else {
        return ().into_any();
    };
    let is_unchanged = tuned.best == tuned.unchanged;
    let metric = metric_words(tuned.metric);
    let judged = match tuned.basis {
        Basis::Labels | Basis::Target => format!("{} folds", tuned.folds),
        _ => format!("{} fits", tuned.folds),
    };
    let n_tried = tuned.candidates.len() - 1;
    let verdict = match is_unchanged {
        true => format!(
            "{} did best of {} tried: {metric} {}.",
            words(best, what),
            format::counted(n_tried + 1, "candidate"),
            score(best)
        ),
        false => format!(
            "{} did best of {} tried: {metric} {}; {what} as it is has {}.",
            words(best, what),
            format::counted(n_tried + 1, "candidate"),
            score(best),
            score(unchanged)
        ),
    };
    let facts = format!(
        "Judged on {} in {judged}; ± is the spread between them.",
        format::counted(tuned.rows, "row")
    );
    let notes = tuned.notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view();
    let drawn = picture(&tuned, what);
    let table = table(&tuned, what);
    let is_open = RwSignal::new(false);
    view! {
        <div class="tuned">
            <div class="tuned-words">
                <p class="tuned-verdict">{verdict}</p>
                <p class="hint">{facts}</p>
                {(!is_unchanged)
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button button-primary"
                                disabled=is_taken
                                on:click=move |_| take.run(())
                            >
                                {move || if is_taken.get() { taken } else { "Use the best" }}
                            </button>
                        }
                    })}
                <ul class="notes">{notes}</ul>
            </div>
            <ChartPanel kind="trials" title="Candidates, best first" note=format!("Mean {metric} and its spread") data=Box::new(move || Some(drawn.clone())) />
        </div>
        <Fold title="All candidates as a table" is_open>
            {table}
        </Fold>
    }
    .into_any()
}

/// What the chart takes: the first of those that could be judged, and what was tuned, wherever it is.
fn picture(tuned: &Tuning, what: &str) -> wasm_bindgen::JsValue {
    let judged = tuned.candidates.iter().enumerate().filter(|(_, candidate)| candidate.score.is_some());
    let shown: Vec<(usize, &Candidate)> =
        judged.filter(|(place, _)| *place < MAX_DRAWN || *place == tuned.unchanged).collect();
    let column = |of: fn(&Candidate) -> Option<f64>| {
        host::to_js(&shown.iter().map(|(_, candidate)| of(candidate)).collect::<Vec<_>>())
    };
    let unchanged = shown.iter().position(|(place, _)| *place == tuned.unchanged);
    host::object([
        (
            "names",
            host::to_js(&shown.iter().map(|(_, candidate)| words(candidate, what)).collect::<Vec<_>>()),
        ),
        ("scores", column(|candidate| candidate.score)),
        ("deviations", column(|candidate| candidate.deviation)),
        ("unchanged", unchanged.map_or(-1.0, |place| place as f64).into()),
        ("metric", metric_words(tuned.metric).into()),
    ])
}

fn table(tuned: &Tuning, what: &str) -> AnyView {
    // Columns that no candidate has are left out.
    let has = |of: fn(&Candidate) -> bool| tuned.candidates.iter().any(of);
    let has_stability = has(|candidate| candidate.stability.is_some());
    let has_found = has(|candidate| !candidate.found.is_empty());
    let mut names = vec!["Candidate", metric_words(tuned.metric)];
    if has_stability {
        names.extend(["Stability", "Agreement"]);
    }
    if has_found {
        names.extend(["Extreme found", "Raised found", "Mixed found"]);
    }
    names.push("Took");
    let row = |candidate: &Candidate| {
        let number = |value: Option<f64>| figure(value.unwrap_or(f64::NAN));
        let mut cells = vec![score(candidate)];
        if has_stability {
            cells.extend([number(candidate.stability), number(candidate.agreement)]);
        }
        if has_found {
            let share = |kind| {
                candidate
                    .found
                    .get(kind)
                    .map_or("–".to_owned(), |share| format::percent((share * 1000.0).round() / 1000.0))
            };
            cells.extend(["extreme", "raised", "mixed"].map(share));
        }
        cells.push(candidate.seconds.map_or("–".to_owned(), format::duration));
        let why = candidate.failed.clone();
        // Where there is no room for columns, each cell has its title beside it.
        let cells = cells.into_iter().zip(&names[1..]).map(|(cell, &title)| {
            view! { <td data-title=title>{cell}</td> }
        });
        view! {
            <tr>
                <th scope="row" title=why>{words(candidate, what)}</th>
                {cells.collect_view()}
            </tr>
        }
    };
    let rows = tuned.candidates.iter().map(row).collect_view();
    let titles = names.into_iter().map(str::to_owned).collect();
    view! {
        <div class="trials-table">
            <ScrollTable label="Candidates, best first" titles>{rows}</ScrollTable>
        </div>
    }
    .into_any()
}
