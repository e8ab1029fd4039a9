//! Columns beside each other: rows over time, what users have how many of, where values are missing, what goes together.

use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::Opened;
use crate::app::state::{Explored, store};
use crate::app::view::chart::ChartPanel;
use crate::app::view::switch::switch;
use crate::app::view::table::{Fold, ScrollTable};
use crate::engine::profile::{Correlations, EntityDistribution, OverTime, Profile};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// Distributions per user drawn at first.
const N_FIRST: usize = 6;

/// All of them, each where the table has what it needs, and the files to take away.
#[component]
pub fn Together(explored: Rc<Explored>, opened: Rc<Opened>) -> impl IntoView {
    let store = store();
    let Profile { rows, missing, correlations, over_time, per_entity, .. } = explored.profile.clone();
    let lines = missing.columns.len();
    let missing_data = host::object([
        ("columns", host::to_js(&missing.columns)),
        ("blockRows", (missing.block_rows as f64).into()),
        ("shares", host::to_js(&missing.shares)),
        ("rows", (rows as f64).into()),
    ]);
    view! {
        <div class="explore-files">
            <p class="hint">"Everything counted here, to keep or to pass on: the most frequent values, and of rows only the first odd ones."</p>
            <button type="button" class="button button-small" on:click=move |_| operations::save_profile(store, "html")>
                "Report (HTML)"
            </button>
            <button type="button" class="button button-small" on:click=move |_| operations::save_profile(store, "json")>
                "Profile (JSON)"
            </button>
        </div>
        {over_time.map(|over_time| rows_over_time(over_time, &opened))}
        {per_user(per_entity)}
        {match lines {
            0 => {
                view! {
                    <section>
                        <h3>"Missing values"</h3>
                        <p class="empty">"No column has a missing value."</p>
                    </section>
                }
                .into_any()
            }
            _ => {
                view! {
                    <div class=lines_class("missing-lines", lines)>
                        <ChartPanel
                            kind="missing"
                            title="Missing values"
                            note="Each line is a column, from the first row on the left to the last; the stronger, the more is missing"
                            data=drawn(missing_data)
                        />
                    </div>
                }
                .into_any()
            }
        }}
        <Correlated correlations />
    }
}

/// A chart's data that never changes.
fn drawn(data: JsValue) -> Box<dyn Fn() -> Option<JsValue>> {
    Box::new(move || Some(data.clone()))
}

/// A height by the number of lines, in steps that the style sheet knows.
fn lines_class(name: &str, n: usize) -> String {
    let step = match n {
        0..=4 => "few",
        5..=10 => "some",
        11..=20 => "many",
        _ => "most",
    };
    format!("{name} lines-{step}")
}

fn rows_over_time(over_time: OverTime, opened: &Opened) -> AnyView {
    let OverTime { column, step, edges_ms, counts, zoned, no_year } = over_time;
    let range = edges_ms.first().zip(edges_ms.last()).map(|(first, last)| [*first, *last]);
    let has_clock = opened.has_clock(Some(&column), range);
    let data = host::object([
        ("edges", host::to_js(&edges_ms)),
        ("counts", host::to_js(&counts)),
        ("isTime", true.into()),
        ("hasClock", has_clock.into()),
        ("noYear", no_year.into()),
        ("timeZone", opened.time_zone()),
        ("title", "Rows over time".into()),
    ]);
    let clock = format::clock(zoned, opened.summary.time_zone.as_deref());
    let note = format!("By “{column}”, {step} per bar{clock}");
    let note = Signal::stored(note);
    view! { <ChartPanel kind="histogram" title="Rows over time" note data=drawn(data) /> }.into_any()
}

/// `1`, `2`, `3 to 5`, `6 and more`.
fn bin_names(at_least: &[u64], max: u64) -> Vec<String> {
    let name = |i: usize, from: u64| {
        let to = at_least.get(i + 1).map_or(max, |next| next - 1);
        if to <= from {
            format::count(from)
        } else {
            format!("{}–{}", format::count(from), format::count(to))
        }
    };
    at_least.iter().enumerate().map(|(i, &from)| name(i, from)).collect()
}

fn per_user(distributions: Vec<EntityDistribution>) -> Option<AnyView> {
    // Where each has one there is nothing to see.
    let distributions: Vec<_> =
        distributions.into_iter().filter(|distribution| distribution.max > 1).collect();
    let entity = distributions.first()?.entity.clone();
    let n_all = distributions.len();
    let is_all = RwSignal::new(false);
    let charts = move || {
        let n = if is_all.get() { n_all } else { N_FIRST };
        distributions.iter().take(n).map(distribution).collect_view()
    };
    let toggle = move || match is_all.get() {
        true => "Show the first six".to_owned(),
        false => format!("Show all {n_all}"),
    };
    Some(
        view! {
            <section class="per-user" aria-labelledby="per-user-title">
                <h3 id="per-user-title">{format!("How many different values each “{entity}” has")}</h3>
                <p class="hint">"Where to set a threshold: few with many are the ones to look at."</p>
                <div class="multiples">{charts}</div>
                <Show when=move || { n_all > N_FIRST }>
                    <button type="button" class="button button-small" on:click=move |_| is_all.update(|all| *all = !*all)>
                        {toggle}
                    </button>
                </Show>
            </section>
        }
        .into_any(),
    )
}

fn distribution(distribution: &EntityDistribution) -> AnyView {
    let EntityDistribution { entity, of, at_least, entities, max } = distribution;
    let title = of.clone().unwrap_or_else(|| "rows".to_owned());
    let note = format!("The most that one has: {}", format::count(*max));
    let data = host::object([
        ("names", host::to_js(&bin_names(at_least, *max))),
        ("counts", host::to_js(entities)),
        ("title", format!("{title} per {entity}").into()),
        ("unit", format!("{entity} values").into()),
        ("of", of.as_ref().map_or("rows each", |_| "different values each").into()),
    ]);
    let note = Signal::stored(note);
    view! { <ChartPanel kind="bars" title note data=drawn(data) /> }.into_any()
}

/// Measures of how columns hang together.
#[derive(Clone, Copy, PartialEq)]
enum Measure {
    Pearson,
    Spearman,
    Cramer,
}

const MEASURES: [(Measure, &str, &str); 3] = [
    (Measure::Pearson, "Pearson", "Numbers: how straight a line they make, −1 to 1"),
    (Measure::Spearman, "Spearman", "Numbers: how much one rises with the other in rank, −1 to 1"),
    (Measure::Cramer, "Cramér’s V", "Categories: how much one tells of the other, 0 to 1"),
];

impl Measure {
    fn of(self, correlations: &Correlations) -> (&[String], &[Vec<Option<f64>>]) {
        match self {
            Measure::Pearson => (&correlations.numeric, &correlations.pearson),
            Measure::Spearman => (&correlations.numeric, &correlations.spearman),
            Measure::Cramer => (&correlations.categories, &correlations.cramers_v),
        }
    }
}

#[component]
fn Correlated(correlations: Correlations) -> impl IntoView {
    let has_numbers = correlations.numeric.len() > 1;
    let chosen = RwSignal::new(if has_numbers { Measure::Pearson } else { Measure::Cramer });
    let left_out = correlations.left_out.clone();
    let kept = StoredValue::new(correlations);
    let name =
        move || MEASURES.iter().find(|(m, ..)| *m == chosen.get()).map_or(("", ""), |&(_, n, h)| (n, h));
    let n_columns = move || kept.with_value(|all| chosen.get().of(all).0.len());
    let data = move || {
        kept.with_value(|all| {
            let (columns, matrix) = chosen.get().of(all);
            Some(host::object([
                ("columns", host::to_js(&columns)),
                ("matrix", host::to_js(&matrix)),
                ("measure", name().0.into()),
            ]))
        })
    };
    let is_open = RwSignal::new(false);
    let figures = move || is_open.get().then(|| kept.with_value(|all| matrix_table(chosen.get(), all)));
    let switch = switch("Measure", &MEASURES.map(|(measure, label, _)| (measure, label)), chosen);
    let data = StoredValue::new_local(data);
    let chart = move || match n_columns() {
        n if n < 2 => view! {
            <p class="empty">
                {match chosen.get() {
                    Measure::Cramer => "There are no two columns of categories to compare.",
                    _ => "There are no two columns of numbers to compare.",
                }}
            </p>
        }
        .into_any(),
        n => view! {
            <div class=lines_class("correlation-lines", n)>
                <ChartPanel
                    kind="correlation"
                    title="Correlations"
                    note=Signal::derive(move || name().1.to_owned())
                    data=Box::new(move || data.with_value(|data| data()))
                />
            </div>
            <Fold title="As numbers" is_open>
                {figures}
            </Fold>
        }
        .into_any(),
    };
    view! {
        <section class="correlated" aria-labelledby="together-title">
            <header class="section-head">
                <h3 id="together-title">"What goes together"</h3>
                {switch}
            </header>
            {chart}
            {(!left_out.is_empty()).then(|| view! { <p class="hint">{left_out}</p> })}
        </section>
    }
}

fn matrix_table(measure: Measure, correlations: &Correlations) -> AnyView {
    let (columns, matrix) = measure.of(correlations);
    let mut titles = vec!["Column".to_owned()];
    titles.extend(columns.iter().cloned());
    let figure = |value: &Option<f64>| match value {
        Some(value) => format!("{value:.3}").replace('-', "−"),
        None => "–".to_owned(),
    };
    let rows = columns
        .iter()
        .zip(matrix)
        .map(|(name, line)| {
            view! {
                <tr>
                    <th scope="row">{name.clone()}</th>
                    {line.iter().map(|value| view! { <td>{figure(value)}</td> }).collect_view()}
                </tr>
            }
        })
        .collect_view();
    view! { <ScrollTable label="Correlations" titles=titles>{rows}</ScrollTable> }.into_any()
}
