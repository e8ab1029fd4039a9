//! Why scores are what they are over all: which features move them, and how, row by row. It is worked out when it comes
//! into sight, since it takes as long as some thousand explanations.

use super::chart::{ChartPanel, handler};
use super::progress::ProgressLine;
use super::section::Section;
use super::table::{Fold, ScrollTable, titles};
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::{Results, meaning_by_name};
use crate::app::state::{Overall, store};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// The section.
#[component]
pub fn Why(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let section = NodeRef::<leptos::html::Section>::new();
    let is_near = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(section) = section.get() {
            host::when_near(&section, move || {
                // The section may be gone by then.
                let _ = is_near.try_set(true);
            });
        }
    });
    // Flags that moved ask for another look; while the threshold is dragged they move all the time.
    Effect::new(move |_| {
        let is_cut = store.cut.with(Option::is_some);
        if is_near.get() && is_cut && store.dragged.get().is_none() {
            operations::look_at_all(store);
        }
    });
    let (row, n_rows) = (results.row(), results.n_rows());
    let results = StoredValue::new_local(results);
    let summary = move || {
        store.overall.with(|overall| overall.as_ref().map(|overall| looked_at(&overall.found, n_rows, row)))
    };
    // As much as the answer takes: the charts stay, and are drawn with another one.
    let has_overall = Memo::new(move |_| store.overall.with(Option::is_some));
    let is_idle = move || !store.looking.is_busy() && !has_overall.get() && is_near.get();
    view! {
        <Section
            id="why"
            title="Why"
            hint="What drives the scores over all, by each feature’s contributions (Shapley values of the score)."
            node_ref=section
        >
            <ProgressLine beside=store.looking label="Explaining rows" title="The rows could not be explained" />
            <Show when=is_idle>
                <div class="why-idle">
                    <p class="empty">"Nothing is explained yet."</p>
                    <button type="button" class="button" on:click=move |_| operations::look_at_all(store)>
                        "Explain all rows"
                    </button>
                </div>
            </Show>
            <p class="hint" role="status">{summary}</p>
            <Show when=move || has_overall.get()>
                <Charts results=results.get_value() />
                <Numbers results=results.get_value() />
            </Show>
        </Section>
    }
}

/// Whose contributions these are.
fn looked_at(found: &crate::protocol::GlobalExplanation, n_rows: usize, row: &str) -> String {
    let all = match found.sampled_rows >= n_rows {
        true => format!("All {}", format::counted(n_rows, row)),
        false => {
            format!("A sample of {} of {}", format::count(found.sampled_rows), format::counted(n_rows, row))
        }
    };
    match found.flagged_rows {
        0 => format!("{all}; none is flagged."),
        n => format!("{all}, and {} flagged.", format::count(n)),
    }
}

#[component]
fn Charts(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let readout = RwSignal::new(String::new());
    let results = StoredValue::new_local(results);
    let names = move |overall: &Overall| {
        results.with_value(|results| {
            overall
                .found
                .beeswarm
                .features
                .iter()
                .map(|name| meaning_by_name(&results.features, name))
                .collect::<Vec<_>>()
        })
    };
    let weights = move || {
        let overall = store.overall.get()?;
        // In the order of the dots, which is that of the weights.
        let shown = &overall.found.features[..overall.found.beeswarm.features.len()];
        let values = |read: fn(&crate::protocol::FeatureWeight) -> f64| {
            host::to_js(&shown.iter().map(read).collect::<Vec<_>>())
        };
        Some(host::object([
            ("names", host::to_js(&names(&overall))),
            ("flagged", values(|weight| weight.flagged)),
            ("all", values(|weight| weight.all)),
            ("hasFlagged", (overall.found.flagged_rows > 0).into()),
        ]))
    };
    let swarm = move || {
        let overall = store.overall.get()?;
        let part = |name: &str| host::get(&host::get(&overall.view, "beeswarm"), name);
        Some(host::object([
            ("names", host::to_js(&names(&overall))),
            ("rows", part("rows")),
            ("contributions", part("contributions")),
            ("quantiles", part("quantiles")),
            ("analysis", results.with_value(|results| results.view.clone())),
        ]))
    };
    let show_row = move |row: JsValue| {
        let row = row.as_f64().unwrap_or(0.0) as u32;
        let subject = results.with_value(|results| results.subject_of_row.get_index(row));
        operations::select(store, subject, row as usize);
        super::detail::show();
    };
    let handlers = host::object([
        ("onRow", handler(show_row)),
        ("onReadout", handler(move |text| readout.set(text.as_string().unwrap_or_default()))),
    ]);
    let n_lines = move || store.overall.with(|o| o.as_ref().map_or(0, |o| o.found.beeswarm.features.len()));
    let lines = move || match n_lines() {
        0..=3 => "pair why-charts lines-few",
        4..=7 => "pair why-charts lines-some",
        _ => "pair why-charts lines-many",
    };
    view! {
        <div class=lines>
            <ChartPanel
                kind="weights"
                title="What moves scores"
                note="Mean size of contributions, up or down, in score units"
                data=Box::new(weights)
            />
            <ChartPanel
                kind="beeswarm"
                title="How it moves them"
                note="Each dot is a row; choose one to open it"
                data=Box::new(swarm)
                handlers
                focusable=true
            />
        </div>
        // The chart shows it beside the dot; this is for those who hear the page.
        <p class="unseen" role="status">{readout}</p>
    }
}

/// All features' weights, for those who want or need numbers.
#[component]
fn Numbers(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let is_open = RwSignal::new(false);
    let results = StoredValue::new_local(results);
    let rows = move || {
        if !is_open.get() {
            return None;
        }
        let overall = store.overall.get()?;
        let has_flagged = overall.found.flagged_rows > 0;
        let line = |weight: &crate::protocol::FeatureWeight| {
            let name = results.with_value(|results| meaning_by_name(&results.features, &weight.feature));
            let flagged = if has_flagged { format!("{:.4}", weight.flagged) } else { "–".to_owned() };
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td>{flagged}</td>
                    <td>{format!("{:.4}", weight.all)}</td>
                </tr>
            }
        };
        Some(overall.found.features.iter().map(line).collect_view())
    };
    view! {
        <Fold title="All features’ weights as numbers" is_open>
            <ScrollTable
                label="All features’ weights as numbers"
                titles=titles(&["Feature", "Mean size, flagged rows", "Mean size, all rows"])
            >
                {rows}
            </ScrollTable>
        </Fold>
    }
}
