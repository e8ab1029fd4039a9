//! How features go together, all pairs at once, drawn when it is asked for.

use super::listed;
use crate::app::host;
use crate::app::results::Results;
use crate::app::state::store;
use crate::app::view::chart::ChartPanel;
use crate::app::view::table::Fold;
use leptos::prelude::*;
use std::rc::Rc;

/// Features drawn at most: a heat map of more can no longer be read.
const MAX_FEATURES: usize = 30;

/// The fold.
pub fn together(results: Rc<Results>) -> AnyView {
    let store = store();
    let is_open = RwSignal::new(false);
    let kept = StoredValue::new_local(results);
    let data = move || {
        let known = store.correlations.get()?;
        let list: Vec<usize> =
            kept.with_value(|results| listed(store, results)).into_iter().take(MAX_FEATURES).collect();
        let names = kept.with_value(|results| {
            list.iter()
                .filter_map(|&i| results.features.get(i).map(|f| results.meaning(f)))
                .collect::<Vec<_>>()
        });
        let matrix: Vec<Vec<Option<f64>>> =
            list.iter().map(|&a| list.iter().map(|&b| known.of(a, b)).collect()).collect();
        Some(host::object([
            ("columns", host::to_js(&names)),
            ("matrix", host::to_js(&matrix)),
            ("measure", "Rank correlations, of categories Cramér's V".into()),
        ]))
    };
    let chart = move || {
        is_open.get().then(|| {
            view! {
                <div class="correlation-lines lines-most">
                    <ChartPanel
                        kind="correlation"
                        title="What goes together"
                        note=Signal::stored("The first 30 features of the list among normal rows: how much one rises with the other in rank, −1 to 1; of two categories how far one tells the other, 0 to 1".to_owned())
                        data=Box::new(data)
                    />
                </div>
            }
        })
    };
    view! {
        <Fold title="What goes together" hint=Signal::stored("a map of all pairs".to_owned()) is_open>
            {chart}
        </Fold>
    }
    .into_any()
}
