//! How the file was read and how it is analysed: columns, roles, parameters, and what was odd.

use super::settings::{Mapping, Parameters};
use crate::app::format;
use crate::app::operations;
use crate::app::results::Opened;
use crate::app::state::store;
use crate::engine::finding::Finding;
use leptos::prelude::*;
use std::rc::Rc;

/// Columns listed; a table of ten thousand has the rest counted.
const MAX_COLUMNS: usize = 60;

/// The section. Without results it is what stands between a file and its analysis.
#[component]
pub fn DataPanel() -> impl IntoView {
    let store = store();
    let is_changed = move || {
        let made_with = store.results.with(|results| results.as_ref().map(|r| r.plan.clone().into()));
        made_with.is_some_and(|plan| store.draft.with(|draft| draft.as_ref() != Some(&plan)))
    };
    let panel = move |opened: Rc<Opened>| {
        let findings = move || {
            let own = store
                .opened
                .with(|opened| opened.as_ref().map(|o| o.summary.findings.clone()).unwrap_or_default());
            let later = store
                .results
                .with(|results| results.as_ref().map(|r| r.findings.clone()).unwrap_or_default());
            own.into_iter().chain(later).collect::<Vec<_>>()
        };
        view! {
            <section class="section" id="data" aria-labelledby="data-title">
                <header class="section-head">
                    <h2 id="data-title">"Data and settings"</h2>
                    <p class="hint">"What was guessed is filled in. Change it and recompute; the file is not read again."</p>
                </header>
                <form
                    class="settings"
                    on:submit=move |event| {
                        event.prevent_default();
                        operations::recompute(store);
                    }
                >
                    <Mapping opened=opened.clone() />
                    <Parameters />
                    <div class="settings-actions">
                        <button type="submit" class="button button-primary" disabled=move || store.job.with(Option::is_some)>
                            "Recompute"
                        </button>
                        <p class="hint" role="status">
                            {move || is_changed().then_some("Settings differ from those of the results shown.")}
                        </p>
                    </div>
                </form>
                <Findings findings=Signal::derive(findings) />
                <Columns opened />
            </section>
        }
    };
    move || store.opened.get().map(panel)
}

#[component]
fn Findings(findings: Signal<Vec<Finding>>) -> impl IntoView {
    let item = |finding: Finding| {
        let place = match finding.first.line {
            0 => String::new(),
            line => format!(
                ", first at record {}, line {}",
                format::count(finding.first.record),
                format::count(line)
            ),
        };
        view! {
            <li>
                {finding.message}
                <span class="hint">{format!("{}×{place}", format::count(finding.count))}</span>
            </li>
        }
    };
    move || {
        findings.with(|list| (!list.is_empty()).then(|| list.clone())).map(|list| {
            view! {
                <section class="findings" aria-labelledby="findings-title">
                    <h3 id="findings-title">"What was odd in the file"</h3>
                    <ul>{list.into_iter().map(item).collect_view()}</ul>
                </section>
            }
        })
    }
}

#[component]
fn Columns(opened: Rc<Opened>) -> impl IntoView {
    let summary = &opened.summary;
    let more = summary.columns.len().saturating_sub(MAX_COLUMNS);
    let caption = format!(
        "{}, {} in memory, read as {}{}",
        format::counted(summary.columns.len(), "column"),
        format::bytes(summary.memory_bytes as f64),
        summary.encoding.to_uppercase(),
        match summary.delimiter.as_deref() {
            Some("\t") => " with tabs between fields".to_owned(),
            Some(delimiter) => format!(" with “{delimiter}” between fields"),
            None => format!(", {}", summary.format.label(None)),
        },
    );
    let rows = summary
        .columns
        .iter()
        .take(MAX_COLUMNS)
        .map(|column| {
            let kind = host_name(&column.column_type);
            view! {
                <tr>
                    <th scope="row">{column.name.clone()}</th>
                    <td>{kind}</td>
                    <td>{format::count(column.distinct)}</td>
                    <td>{format::count(column.missing)}</td>
                    <td class="examples">{column.examples.join(", ")}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="fold">
            <summary>"Columns of the file"<span class="hint">{caption}</span></summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Columns of the file">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Column"</th>
                            <th scope="col">"Type"</th>
                            <th scope="col">"Distinct"</th>
                            <th scope="col">"Missing"</th>
                            <th scope="col">"For example"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {(more > 0).then(|| view! { <p class="hint">{format!("and {} more", format::counted(more, "column"))}</p> })}
        </details>
    }
}

/// A column type as its serialised name.
fn host_name(column_type: &crate::engine::table::ColumnType) -> String {
    serde_json::to_value(column_type)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}
