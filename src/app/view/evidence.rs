//! The numbers behind a detail: every feature, and the rows of the file that are the evidence.

use super::table::{Fold, ScrollTable, titles};
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::state::store;
use crate::protocol::RowsView;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Rows read at first, and by every press of "Show more".
const STEP: usize = 25;

/// Features and rows as tables, folded until asked for.
#[component]
pub fn Evidence() -> impl IntoView {
    view! {
        <FeatureTable />
        <RowsTable />
    }
}

#[component]
fn FeatureTable() -> impl IntoView {
    let store = store();
    let is_open = RwSignal::new(false);
    let rows = move || {
        if !is_open.get() {
            return None;
        }
        let (detail, results) = (store.detail.get()?, store.results.get()?);
        let rows = detail
            .reason
            .contributions
            .iter()
            .map(|c| {
                let feature = results.features.iter().find(|f| f.name == c.feature);
                let unit = feature.map_or("", |f| results.unit(f));
                let name = feature.map_or_else(|| format::words(&c.feature), |f| results.meaning(f));
                view! {
                    <tr>
                        <th scope="row">{name}</th>
                        <td>{c.text.clone().unwrap_or_else(|| format::value(c.value, unit))}</td>
                        <td>{c.typical_text.clone().unwrap_or_else(|| format::value(c.typical, unit))}</td>
                        <td>{format!("{:+.1}", c.z).replace('-', "−")}</td>
                        <td>{format!("{:+.4}", c.contribution).replace('-', "−")}</td>
                    </tr>
                }
            })
            .collect_view();
        Some(rows)
    };
    view! {
        <Fold title="All features as numbers" is_open>
            <ScrollTable
                label="All features as numbers"
                titles=titles(&["Feature", "Here", "Typical", "Deviations", "Adds to score"])
            >
                {rows}
            </ScrollTable>
        </Fold>
    }
}

#[component]
fn RowsTable() -> impl IntoView {
    let store = store();
    let is_open = RwSignal::new(false);
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
        <Fold title="Rows of the file" hint=Signal::derive(move || format::count(n_rows.get())) is_open>
            {table}
            <Show when=move || { limit.get() < n_rows.get() }>
                <button type="button" class="button button-small" on:click=move |_| limit.update(|n| *n += STEP * 4)>
                    "Show more rows"
                </button>
            </Show>
        </Fold>
    }
}
