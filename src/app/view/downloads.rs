//! Files to take away.

use crate::app::operations;
use crate::app::saved::WhichModel;
use crate::app::state::store;
use crate::engine::plan::{DetectorName, Plan};
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

/// Of an Isolation Forest alone, whose cuts are of one feature each.
const DETECTOR: (ExportKind, &str, &str) = (
    ExportKind::DetectorOnnx,
    "This Isolation Forest (ONNX)",
    "Gives other programs scores and flags of new rows of features",
);

/// A menu of downloads.
#[component]
pub fn Downloads() -> impl IntoView {
    let store = store();
    let has_forest = Memo::new(move |_| {
        let is_forest = |plan: &Plan| {
            plan.detector.is(DetectorName::Iforest) && plan.parameters.iforest.extension_level == 0
        };
        store.results.with(|results| results.as_ref().is_some_and(|results| is_forest(&results.plan)))
    });
    let line = move |(kind, title, hint): (ExportKind, &'static str, &'static str)| {
        view! {
            <li>
                <button type="button" on:click=move |_| operations::export(store, kind)>
                    <strong>{title}</strong>
                    <span>{hint}</span>
                </button>
            </li>
        }
    };
    view! {
        <details class="menu downloads">
            <summary class="button button-primary">"Download"</summary>
            <ul>
                {FILES.map(line).collect_view()}
                <li>
                    <button type="button" on:click=move |_| operations::save_model(store, WhichModel::Own)>
                        <strong>"Save this model"</strong>
                        <span>"A file to score other logs or single records with, here or in a program"</span>
                    </button>
                </li>
                {move || has_forest.get().then(|| line(DETECTOR))}
            </ul>
        </details>
    }
}
