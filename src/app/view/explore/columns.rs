//! All columns, one line each, with a drawing small enough that thousands of them would not matter.

use crate::app::format;
use crate::app::results::Opened;
use crate::app::state::store;
use crate::engine::profile::ColumnReport;
use crate::protocol::ColumnSummary;
use leptos::prelude::*;
use std::fmt::Write;
use std::rc::Rc;

/// Columns listed at once; a table may have thousands.
const PAGE_SIZE: usize = 50;

/// The list, with a search box where it is long.
#[component]
pub fn Columns(opened: Rc<Opened>) -> impl IntoView {
    let store = store();
    let n_columns = opened.summary.columns.len();
    let n_rows = opened.summary.rows;
    let search = RwSignal::new(String::new());
    let limit = RwSignal::new(PAGE_SIZE);
    let kept = StoredValue::new_local(opened);
    let matches = move || -> Vec<usize> {
        let needle = search.with(|text| text.trim().to_lowercase());
        kept.with_value(|opened| {
            let names = opened.summary.columns.iter().enumerate();
            names.filter(|(_, column)| column.name.to_lowercase().contains(&needle)).map(|(i, _)| i).collect()
        })
    };
    let rows = move || {
        let explored = store.profile.get();
        let row = |i: usize| {
            let report = explored.as_ref().and_then(|explored| explored.profile.columns.get(i));
            kept.with_value(|opened| line(i, &opened.summary.columns[i], report, n_rows))
        };
        matches().into_iter().take(limit.get()).map(row).collect_view()
    };
    let n_more = move || matches().len().saturating_sub(limit.get());
    view! {
        <section class="explore-columns" aria-labelledby="columns-title">
            <header class="panel-head">
                <h3 id="columns-title">{format::counted(n_columns, "column")}</h3>
                {(n_columns > 12)
                    .then(|| {
                        view! {
                            <input
                                type="search"
                                class="search"
                                placeholder="Find a column"
                                aria-label="Find a column"
                                prop:value=search
                                on:input=move |event| search.set(event_target_value(&event))
                            />
                        }
                    })}
            </header>
            <ul class="column-list">{rows}</ul>
            <Show when=move || { n_more() > 0 }>
                <button type="button" class="button button-small" on:click=move |_| limit.update(|n| *n += PAGE_SIZE)>
                    {move || format!("Show more ({})", format::count(n_more()))}
                </button>
            </Show>
        </section>
    }
}

fn line(i: usize, column: &ColumnSummary, report: Option<&ColumnReport>, n_rows: usize) -> AnyView {
    let store = store();
    let is_selected = move || store.column.get() == i;
    let missing = column.missing as f64 / n_rows.max(1) as f64;
    let missing_words = match column.missing {
        0 => "none missing".to_owned(),
        _ => format!("{} missing", format::small_percent(missing)),
    };
    let is_treated = {
        let name = column.name.clone();
        move || store.drafted(|draft| draft.treatments.contains_key(&name))
    };
    view! {
        <li>
            <button
                type="button"
                class="column-line"
                class:selected=is_selected
                aria-current=move || is_selected().then_some("true")
                on:click=move |_| store.column.set(i)
            >
                <span class="column-name" title=column.name.clone()>{column.name.clone()}</span>
                <span class="column-type">{column.column_type.name()}</span>
                <span class="column-facts">
                    <Show when=is_treated>
                        <span class="tag">"treated"</span>
                    </Show>
                    {format!("{} distinct", format::count(column.distinct))}
                    <span class="missing-bar" aria-hidden="true">
                        <svg viewBox="0 0 100 6" preserveAspectRatio="none">
                            <rect class="missing-track" width="100" height="6" />
                            <rect class="missing-share" width=missing * 100.0 height="6" />
                        </svg>
                    </span>
                    {missing_words}
                </span>
                {report.map(spark)}
            </button>
        </li>
    }
    .into_any()
}

/// A histogram, or the most frequent values, as one path: its cost is that of one element.
fn spark(report: &ColumnReport) -> AnyView {
    let counts: Vec<u64> = match &report.histogram {
        Some(histogram) => histogram.counts.clone(),
        None => report.top.iter().map(|top| top.count).collect(),
    };
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let width = 100.0 / counts.len().max(1) as f64;
    let mut path = String::with_capacity(counts.len() * 24);
    for (i, &n) in counts.iter().enumerate().filter(|&(_, &n)| n > 0) {
        // A count of one must stay visible beside a count of a million.
        let height = (n as f64 / most * 24.0).max(1.5);
        let left = i as f64 * width;
        // Writing into a string cannot fail.
        let _ = write!(path, "M{left:.1} 24v-{height:.1}h{:.1}v{height:.1}z", width * 0.86);
    }
    view! {
        <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
            <path d=path />
        </svg>
    }
    .into_any()
}
