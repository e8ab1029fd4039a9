//! The numbers behind a detail: every feature, and the rows of the file that are the evidence.

use super::table::{Fold, ScrollTable, titles};
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::meaning_by_name;
use crate::app::state::store;
use crate::engine::explain::{Contribution, MAX_EVIDENCE, shown_unit};
use crate::engine::features::Feature;
use crate::engine::learn::LearnedContribution;
use crate::protocol::RowsView;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Rows read at first, and by every press of "Show more".
const STEP: usize = 25;

/// Id of the fold of rows.
pub const ROWS_ID: &str = "evidence-rows";

/// Features and rows as tables, folded until asked for.
#[component]
pub fn Evidence(are_rows_open: RwSignal<bool>) -> impl IntoView {
    view! {
        <FeatureTable />
        <div id=ROWS_ID>
            <RowsTable is_open=are_rows_open />
        </div>
    }
}

#[component]
fn FeatureTable() -> impl IntoView {
    let store = store();
    let is_open = RwSignal::new(false);
    let table = move || {
        if !is_open.get() {
            return None;
        }
        let (detail, results) = (store.detail.get()?, store.results.get()?);
        Some(contribution_table(&detail.reason.contributions, &results.features))
    };
    view! {
        <Fold title="All features as numbers" is_open>
            {table}
        </Fold>
    }
}

/// Every feature of an explanation, as a table.
pub fn contribution_table(contributions: &[Contribution], features: &[Feature]) -> AnyView {
    // Columns only where some feature has a value for them.
    let has_user = contributions.iter().any(|c| c.typical_user.is_some());
    let has_peers = contributions.iter().any(|c| c.typical_peers.is_some());
    let rows = contributions
        .iter()
        .map(|c| {
            let feature = features.iter().find(|f| f.name == c.feature);
            let unit = feature.map_or("", shown_unit);
            let name = meaning_by_name(features, &c.feature);
            let cell = |value: Option<f64>, text: &Option<String>| {
                let number = || value.map_or_else(|| "–".to_owned(), |value| format::value(value, unit));
                let text = text.clone().unwrap_or_else(number);
                view! { <td>{text}</td> }
            };
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    {cell(Some(c.value), &c.text)}
                    {cell(Some(c.typical), &c.typical_text)}
                    {has_user.then(|| cell(c.typical_user, &c.typical_user_text))}
                    {has_peers.then(|| cell(c.typical_peers, &c.typical_peers_text))}
                    <td>{deviations(c)}</td>
                    <td>{share(c)}</td>
                </tr>
            }
        })
        .collect_view();
    let titles = [
        ("Feature", true),
        ("Here", true),
        ("Typical", true),
        ("Typical of the user", has_user),
        ("Typical of peers", has_peers),
        ("Deviations", true),
        ("Adds to score", true),
    ];
    let titles = titles.into_iter().filter(|(_, is_shown)| *is_shown).map(|(title, _)| title.to_owned());
    view! {
        <ScrollTable label="All features as numbers" titles=titles.collect()>
            {rows}
        </ScrollTable>
    }
    .into_any()
}

/// What every feature adds to the answer of a learned model, as a table.
pub fn learned_table(contributions: &[LearnedContribution], features: &[Feature]) -> AnyView {
    let line = |c: &LearnedContribution| {
        let unit = features.iter().find(|f| f.name == c.feature).map_or("", shown_unit);
        let value = c.text.clone().unwrap_or_else(|| format::value(c.value, unit));
        view! {
            <tr>
                <th scope="row">{meaning_by_name(features, &c.feature)}</th>
                <td>{value}</td>
                <td>{signed(c.contribution)}</td>
            </tr>
        }
    };
    let rows = contributions.iter().map(line).collect_view();
    view! {
        <ScrollTable label="What each feature adds, as numbers" titles=titles(&["Feature", "Here", "Adds to the answer"])>
            {rows}
        </ScrollTable>
    }
    .into_any()
}

/// How far from the typical value, in spreads of the normal rows; a dash where these have none to measure by.
fn deviations(contribution: &Contribution) -> String {
    if contribution.z == 0.0 && contribution.value != contribution.typical {
        return "–".to_owned();
    }
    format!("{:+.1}", contribution.z).replace('-', "−")
}

/// To the fourth place, with its sign.
fn signed(value: f64) -> String {
    format!("{value:+.4}").replace('-', "−")
}

/// What a feature adds, with the standard error where that is an estimate.
fn share(contribution: &Contribution) -> String {
    let share = signed(contribution.contribution);
    match contribution.error {
        Some(error) => format!("{share} ± {error:.4}"),
        None => share,
    }
}

#[component]
fn RowsTable(is_open: RwSignal<bool>) -> impl IntoView {
    let store = store();
    let limit = RwSignal::new(STEP);
    let loaded = RwSignal::new(None::<RowsView>);
    let n_rows = Memo::new(move |_| {
        store.detail.with(|detail| detail.as_ref().map_or(0, |d| d.reason.evidence.len()))
    });
    // Another user or day begins with the first rows again.
    Effect::new(move |_| {
        store.detail.track();
        limit.set(STEP);
    });
    Effect::new(move |_| {
        let (Some(detail), limit) = (store.detail.get(), limit.get()) else { return };
        if !is_open.get() {
            return;
        }
        spawn_local(async move {
            let rows: Vec<u32> = detail.reason.evidence.iter().take(limit).copied().collect();
            let cells = operations::cells(store, rows).await.and_then(host::from_js);
            let is_current =
                store.detail.with_untracked(|now| now.as_ref().is_some_and(|now| now.row == detail.row));
            if is_current {
                // The rows are beside the reason, not the reason: without them the detail is still whole.
                loaded.set(cells.ok());
            }
        });
    });
    let counted = move || match n_rows.get() {
        n if n < MAX_EVIDENCE => format::count(n),
        n => format!("the first {}", format::count(n)),
    };
    let table = move || {
        loaded.get().map(|view| {
            let line = |cells: Vec<String>| {
                view! { <tr>{cells.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view()}</tr> }
            };
            let body = view.cells.into_iter().map(line).collect_view();
            view! { <ScrollTable label="Rows of the file" titles=view.columns>{body}</ScrollTable> }
        })
    };
    view! {
        <Fold title="Rows of the file" hint=Signal::derive(counted) is_open>
            {table}
            <Show when=move || { limit.get() < n_rows.get() }>
                <button type="button" class="button button-small" on:click=move |_| limit.update(|n| *n += STEP * 4)>
                    "Show more rows"
                </button>
            </Show>
        </Fold>
    }
}
