//! Normal beside flagged, feature by feature, those first that tell them apart the most.

use super::chart::ChartPanel;
use crate::app::format;
use crate::app::host;
use crate::app::results::Results;
use crate::app::state::{Separated, store};
use leptos::prelude::*;
use std::rc::Rc;

/// Features shown before "Show all".
const N_FIRST: usize = 6;

/// The section.
#[component]
pub fn Features(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let n_features = results.features.len();
    let results = StoredValue::new_local(results);
    let is_all = RwSignal::new(false);
    let order = Memo::new(move |_| {
        store.distributions.with(|list| list.iter().map(|d| d.feature).collect::<Vec<_>>())
    });
    let shown = move || {
        let n = if is_all.get() { n_features } else { N_FIRST };
        order.with(|order| order.iter().take(n).copied().collect::<Vec<_>>())
    };
    let toggle = move || match is_all.get() {
        true => "Show the first six".to_owned(),
        false => format!("Show all {}", format::counted(n_features, "feature")),
    };
    view! {
        <section class="section" id="features" aria-labelledby="features-title">
            <header class="section-head">
                <h2 id="features-title">"Normal beside flagged"</h2>
                <p class="hint">"Shares of each group; above them the middle 50 and 90 % of each. Most different first."</p>
                <ul class="legend" aria-hidden="true">
                    <li class="legend-normal">"Normal"</li>
                    <li class="legend-flagged">"Flagged"</li>
                </ul>
            </header>
            <div class="multiples">
                <For each=shown key=|feature| *feature let(feature)>
                    {results.with_value(|results| view! { <FeatureChart results=results.clone() feature /> })}
                </For>
            </div>
            <Show when=move || { n_features > N_FIRST }>
                <button type="button" class="button" on:click=move |_| is_all.update(|all| *all = !*all)>{toggle}</button>
            </Show>
        </section>
    }
}

#[component]
fn FeatureChart(results: Rc<Results>, feature: usize) -> impl IntoView {
    let store = store();
    let Some(about) = results.features.get(feature) else { return ().into_any() };
    let title = results.meaning(about);
    let info = host::object([
        ("name", about.name.as_str().into()),
        ("meaning", title.as_str().into()),
        ("unit", results.unit(about).into()),
    ]);
    let data = move || {
        let find =
            |list: &Rc<Vec<Separated>>| list.iter().find(|d| d.feature == feature).map(|d| d.view.clone());
        let distribution = store.distributions.with(find)?;
        Some(host::object([("distribution", distribution), ("info", info.clone())]))
    };
    view! { <ChartPanel kind="feature" title data=Box::new(data) /> }.into_any()
}
