//! What is measured of each row: a list of all features, one looked at closely, and what the user makes of them: those
//! switched off, those of his own, rules over them. Everything changes the plan and waits for "Analyse again".

mod about;
mod editor;
mod line;
mod own;
mod rules;
mod suggest;
mod together;

use super::Later;
use super::section::Section;
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::{FeatureFilter, FeatureOrder, Store, store};
use crate::engine::order;
use crate::protocol::ExportKind;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

/// Lines made in one turn.
const STEP: usize = 8;
/// Lines shown before "Show more".
const PAGE_SIZE: usize = 60;

const ORDERS: [(FeatureOrder, &str); 4] = [
    (FeatureOrder::Difference, "most different first"),
    (FeatureOrder::Recipe, "as measured"),
    (FeatureOrder::Name, "by name"),
    (FeatureOrder::Missing, "most missing first"),
];
const FILTERS: [(FeatureFilter, &str); 5] = [
    (FeatureFilter::All, "all"),
    (FeatureFilter::Used, "that the model sees"),
    (FeatureFilter::Omitted, "switched off"),
    (FeatureFilter::Own, "of my own"),
    (FeatureFilter::Missing, "with missing values"),
];

/// The section.
#[component]
pub fn Features(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let n_features = results.features.len();
    let row = results.row();
    let kept = StoredValue::new_local(results);
    let list = Memo::new(move |_| kept.with_value(|results| listed(store, results)));
    let chosen = Memo::new(move |_| kept.with_value(|results| looked_at(store, results, list)));
    let n_used = move || {
        store.drafted(|plan| {
            kept.with_value(|results| {
                results.features.iter().filter(|feature| !plan.omitted.contains(&feature.name)).count()
            })
        })
    };
    let hint = move || {
        format!("{} of {} in use, measured of each {row}", format::count(n_used()), format::count(n_features))
    };
    let beside = view! {
        <p class="hint" role="status">{hint}</p>
        <ul class="legend" aria-hidden="true">
            <li class="legend-normal">"Normal"</li>
            <li class="legend-flagged">"Flagged"</li>
        </ul>
    }
    .into_any();
    view! {
        <Section id="features" title="Features" beside>
            <div class="feature-tool">
                <FeatureList results=kept.get_value() list chosen />
                <Later>{about::about(kept.get_value(), chosen)}</Later>
            </div>
            <div class="feature-more">
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| operations::export(store, ExportKind::Features)
                >
                    "Feature matrix (CSV)"
                </button>
                <p class="hint">"One line per row of the comparison, one column per feature"</p>
            </div>
            <Later>{own::own_features(kept.get_value())}</Later>
            <Later>{rules::rules(kept.get_value())}</Later>
            <Later>{together::together(kept.get_value())}</Later>
        </Section>
    }
}

/// Indices of the features listed, in order.
fn listed(store: Store, results: &Results) -> Vec<usize> {
    let shown = store.shown_features.get();
    let needle = shown.search.trim().to_lowercase();
    // As analysed: a line that is switched stays where it is until then.
    let omitted = &results.plan.omitted;
    let missing = |feature: usize| line::missing(store, feature);
    let mut list: Vec<usize> = match shown.order {
        FeatureOrder::Difference => {
            let mut list: Vec<usize> =
                store.distributions.with(|list| list.iter().map(|known| known.feature).collect());
            if list.is_empty() { (0..results.features.len()).collect() } else { std::mem::take(&mut list) }
        }
        _ => (0..results.features.len()).collect(),
    };
    list.retain(|&index| {
        let feature = &results.features[index];
        let is_kind = match shown.filter {
            FeatureFilter::All => true,
            FeatureFilter::Used => !omitted.contains(&feature.name),
            FeatureFilter::Omitted => omitted.contains(&feature.name),
            FeatureFilter::Own => results.is_own(feature),
            FeatureFilter::Missing => missing(index) > 0.0,
        };
        is_kind
            && [&feature.name, &feature.meaning, &feature.formula]
                .iter()
                .any(|text| text.to_lowercase().contains(&needle))
    });
    match shown.order {
        FeatureOrder::Name => {
            list.sort_by_cached_key(|&index| results.meaning(&results.features[index]));
            list
        }
        FeatureOrder::Missing => order::sorted_by_key(list, |&index| !order::total_key(missing(index))),
        FeatureOrder::Difference | FeatureOrder::Recipe => list,
    }
}

/// The feature looked at: the chosen one, else the first of the list.
fn looked_at(store: Store, results: &Results, list: Memo<Vec<usize>>) -> Option<usize> {
    let chosen = store.shown_features.with(|shown| shown.chosen.clone());
    chosen
        .and_then(|name| results.features.iter().position(|feature| feature.name == name))
        .or_else(|| list.with(|list| list.first().copied()))
}

/// Looks at a feature.
fn choose(store: Store, name: &str) {
    store.shown_features.update(|shown| shown.chosen = Some(name.to_owned()));
}

/// Whether the model is to see a feature.
fn switch_feature(store: Store, name: &str, is_on: bool) {
    store.edit_draft(|plan| {
        match is_on {
            true => plan.omitted.remove(name),
            false => plan.omitted.insert(name.to_owned()),
        };
    });
}

#[component]
fn FeatureList(results: Rc<Results>, list: Memo<Vec<usize>>, chosen: Memo<Option<usize>>) -> impl IntoView {
    let n_features = results.features.len();
    let kept = StoredValue::new_local(results);
    let limit = RwSignal::new(PAGE_SIZE);
    let n_made = RwSignal::new(STEP);
    spawn_local(async move {
        // The list may be gone by then.
        while n_made
            .try_get_untracked()
            .is_some_and(|n| n < limit.try_get_untracked().unwrap_or(0).min(n_features))
        {
            host::next_turn(false).await;
            n_made.try_update(|n| *n += STEP);
        }
    });
    let items = move || {
        let n = n_made.get().min(limit.get());
        list.with(|list| list.iter().take(n).copied().collect::<Vec<_>>())
    };
    let n_more = move || list.with(Vec::len).saturating_sub(limit.get());
    let more = move |_| {
        limit.update(|n| *n += PAGE_SIZE);
        n_made.set(limit.get_untracked());
    };
    view! {
        <div class="feature-list-pane">
            <Toolbar />
            <div class="feature-head" aria-hidden="true">
                <span>"On"</span>
                <span>"Feature"</span>
                <span>"Unit"</span>
                <span>"Distribution"</span>
                <span>"Missing"</span>
                <span>"Goes with"</span>
            </div>
            <ul class="feature-list" aria-label="Features" on:keydown=super::ranking::move_focus>
                <For each=items key=|feature| *feature let(feature)>
                    {kept.with_value(|results| line::line(results, feature, chosen))}
                </For>
            </ul>
            <Show when=move || list.with(Vec::is_empty)>
                <p class="empty">"No feature is like that."</p>
            </Show>
            <Show when=move || { n_more() > 0 }>
                <button type="button" class="button button-small" on:click=more>
                    {move || format!("Show more ({})", format::count(n_more()))}
                </button>
            </Show>
        </div>
    }
}

#[component]
fn Toolbar() -> impl IntoView {
    let store = store();
    let order = move |event| {
        let name = event_target_value(&event);
        if let Some(&(order, _)) = ORDERS.iter().find(|(_, words)| *words == name) {
            store.shown_features.update(|shown| shown.order = order);
        }
    };
    let filter = move |event| {
        let name = event_target_value(&event);
        if let Some(&(filter, _)) = FILTERS.iter().find(|(_, words)| *words == name) {
            store.shown_features.update(|shown| shown.filter = filter);
        }
    };
    let is_order = move |order| store.shown_features.with(|shown| shown.order == order);
    let is_filter = move |filter| store.shown_features.with(|shown| shown.filter == filter);
    view! {
        <div class="feature-bar">
            <input
                type="search"
                class="search"
                placeholder="Find a feature"
                aria-label="Find a feature"
                prop:value=move || store.shown_features.with(|shown| shown.search.clone())
                on:input=move |event| {
                    let text = event_target_value(&event);
                    store.shown_features.update(|shown| shown.search = text);
                }
            />
            <select aria-label="Which features" on:change=filter>
                {FILTERS
                    .map(|(filter, words)| {
                        view! { <option value=words selected=move || is_filter(filter)>{words}</option> }
                    })
                    .into_iter()
                    .collect_view()}
            </select>
            <select aria-label="Order of features" on:change=order>
                {ORDERS
                    .map(|(order, words)| {
                        view! { <option value=words selected=move || is_order(order)>{words}</option> }
                    })
                    .into_iter()
                    .collect_view()}
            </select>
        </div>
    }
}
