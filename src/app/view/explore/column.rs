//! One column closely: its figures, its values, and what becomes of it before features are measured.

use super::column_type::column_type;
use super::treatment::treatment;
use crate::app::format;
use crate::app::host;
use crate::app::results::Opened;
use crate::app::state::store;
use crate::app::view::chart::ChartPanel;
use crate::app::view::table::{ScrollTable, titles};
use crate::engine::profile::{ColumnReport, NumberReport};
use crate::engine::table::ColumnType;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// The pane beside the list of columns.
#[component]
pub fn ColumnDetail(opened: Rc<Opened>) -> impl IntoView {
    let store = store();
    let n_rows = opened.summary.rows;
    let kept = StoredValue::new_local(opened);
    let content = move || {
        let i = store.column.get();
        let column = kept.with_value(|opened| opened.summary.columns.get(i).cloned())?;
        let explored = store.profile.get();
        let report = explored.as_ref().and_then(|explored| explored.profile.columns.get(i));
        let mut facts = vec![
            ("Rows with a value", format::count(n_rows - column.missing)),
            ("Missing", missing(column.missing, n_rows)),
            ("Distinct", format::count(column.distinct)),
        ];
        if let Some(report) = report {
            facts.extend(kept.with_value(|opened| moments(report, opened)));
        }
        Some(view! {
            <header class="detail-title">
                <h3 class="column-title">{column.name.clone()}</h3>
                <span class="column-type">{column.column_type.name()}</span>
            </header>
            <dl class="metrics column-metrics">{facts.into_iter().map(tile).collect_view()}</dl>
            {report.and_then(|report| kept.with_value(|opened| histogram(report, opened)))}
            {report.map_or_else(|| examples(&column.examples), |report| top_values(report, n_rows - column.missing, &column.examples))}
            {kept.with_value(|opened| column_type(&column, opened))}
            {treatment(column.name, column.column_type, column.missing)}
        })
    };
    view! { <section class="explore-column" aria-label="The chosen column">{content}</section> }
}

fn missing(n: usize, n_rows: usize) -> String {
    match n {
        0 => "none".to_owned(),
        _ => format!("{} ({})", format::count(n), format::small_percent(n as f64 / n_rows.max(1) as f64)),
    }
}

fn tile((name, value): (&'static str, String)) -> AnyView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_any()
}

fn moments(report: &ColumnReport, opened: &Opened) -> Vec<(&'static str, String)> {
    let unit = if report.column_type == ColumnType::Duration { "s" } else { "" };
    let value = |x: f64| format::value(x, unit);
    if let Some(NumberReport { mean, deviation, min, lower_quartile, median, upper_quartile, max }) =
        report.numbers
    {
        return vec![
            ("Mean", value(mean)),
            ("Standard deviation", deviation.map_or_else(|| "–".to_owned(), value)),
            ("Smallest", value(min)),
            ("Quarter below", value(lower_quartile)),
            ("Median", value(median)),
            ("Three quarters below", value(upper_quartile)),
            ("Largest", value(max)),
        ];
    }
    report.times.map_or_else(Vec::new, |times| {
        let clock = format::clock(times.zoned, opened.summary.time_zone.as_deref());
        let has_clock = has_clock(report, opened);
        let moment = |ms| match has_clock {
            true => format!("{}{clock}", format::moment(opened.local_ms(ms), times.no_year)),
            false => format::day(opened.local_ms(ms), times.no_year),
        };
        vec![("First", moment(times.first_ms)), ("Last", moment(times.last_ms))]
    })
}

/// Whether the column's times have hours.
fn has_clock(report: &ColumnReport, opened: &Opened) -> bool {
    let range = report.times.as_ref().map(|times| [times.first_ms, times.last_ms]);
    opened.has_clock(Some(&report.name), range)
}

fn histogram(report: &ColumnReport, opened: &Opened) -> Option<AnyView> {
    let histogram = report.histogram.as_ref()?;
    let title = format!("Values of {}", report.name);
    let data = host::object([
        ("edges", host::to_js(&histogram.edges)),
        ("counts", host::to_js(&histogram.counts)),
        ("isTime", report.times.is_some().into()),
        ("hasClock", has_clock(report, opened).into()),
        ("noYear", report.times.is_some_and(|times| times.no_year).into()),
        ("timeZone", opened.time_zone()),
        ("title", title.as_str().into()),
    ]);
    let data: Box<dyn Fn() -> Option<JsValue>> = Box::new(move || Some(data.clone()));
    Some(view! { <ChartPanel kind="histogram" title data /> }.into_any())
}

/// Until the values are counted.
fn examples(examples: &[String]) -> AnyView {
    view! { <p class="hint">"For example: "{examples.join(", ")}</p> }.into_any()
}

fn top_values(report: &ColumnReport, n_values: usize, like: &[String]) -> AnyView {
    if report.top.is_empty() {
        let words = match n_values {
            0 => return view! { <p class="empty">"No row has a value here."</p> }.into_any(),
            n if n == report.distinct => "Every value is different, so none is more frequent than another.",
            _ => "There are too many different values to count each.",
        };
        return view! {
            <p>{words}</p>
            {examples(like)}
        }
        .into_any();
    }
    let most = report.top[0].count.max(1) as f64;
    let rows = report
        .top
        .iter()
        .map(|top| {
            let share = top.count as f64 / n_values.max(1) as f64;
            view! {
                <tr>
                    <th scope="row" title=top.value.clone()>{top.value.clone()}</th>
                    <td class="top-bar" aria-hidden="true">
                        <svg viewBox="0 0 100 8" preserveAspectRatio="none">
                            <rect width=top.count as f64 / most * 100.0 height="8" />
                        </svg>
                    </td>
                    <td>{format::count(top.count)}</td>
                    <td>{format::small_percent(share)}</td>
                </tr>
            }
        })
        .collect_view();
    let title = if report.distinct > report.top.len() { "Most frequent values" } else { "All values" };
    view! {
        <h4>{title}</h4>
        <ScrollTable label=title titles=titles(&["Value", "", "Rows", "Share"])>
            {rows}
        </ScrollTable>
    }
    .into_any()
}
