//! Files to take away.

use crate::app::operations;
use crate::app::saved::WhichModel;
use crate::app::state::store;
use crate::protocol::ExportKind;
use leptos::prelude::*;

const FILES: [(ExportKind, &str, &str); 4] = [
    (ExportKind::Results, "Results (CSV)", "Each row compared, with score, severity, features and reason"),
    (
        ExportKind::Balanced,
        "Balanced users (CSV)",
        "Records of the flagged users and of as many normal ones, labelled",
    ),
    (ExportKind::Features, "Features (CSV)", "What was measured, one line per row compared"),
    (ExportKind::Json, "Everything (JSON)", "The analysis with its settings, to repeat it exactly"),
];

/// A menu of downloads.
#[component]
pub fn Downloads() -> impl IntoView {
    let store = store();
    view! {
        <details class="menu downloads">
            <summary class="button button-primary">"Download"</summary>
            <ul>
                {FILES
                    .iter()
                    .map(|&(kind, title, hint)| {
                        view! {
                            <li>
                                <button type="button" on:click=move |_| operations::export(store, kind)>
                                    <strong>{title}</strong>
                                    <span>{hint}</span>
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
                <li>
                    <button type="button" on:click=move |_| operations::save_model(store, WhichModel::Own)>
                        <strong>"Save this model"</strong>
                        <span>"A file to score other logs or single records with, here or in a program"</span>
                    </button>
                </li>
            </ul>
        </details>
    }
}
