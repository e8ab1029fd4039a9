//! One user looked at closely: what, when, why, compared with whom, and the rows that are the evidence.

use super::Later;
use super::chart::{ChartPanel, handler};
use super::evidence::{self, Evidence};
use super::learned::LearnedReasonOf;
use super::mark::{SeverityBadge, SeverityMark};
use super::normal::what_would_make_it_normal;
use super::switch::switch;
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::{Detail, Results, meaning_of};
use crate::app::saved::Figure;
use crate::app::state::{Separated, store};
use crate::engine::features::Feature;
use crate::engine::order;
use crate::protocol::TimelineEntry;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// Flagged parts offered as buttons; the timeline shows all of them.
const MAX_PARTS: usize = 12;

/// Brings the details into view.
pub fn show() {
    if let Some(pane) = document().get_element_by_id("detail") {
        pane.scroll_into_view();
    }
}

/// On a narrow screen the details are below the list, so choosing an entry brings them into view.
pub fn show_on_small_screens() {
    let is_narrow =
        window().match_media("(max-width: 60rem)").ok().flatten().is_some_and(|query| query.matches());
    if is_narrow {
        show();
    }
}

/// The pane beside the list.
#[component]
pub fn DetailPane(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let results = StoredValue::new_local(results);
    let has_detail = Memo::new(move |_| store.detail.with(Option::is_some));
    let are_rows_open = RwSignal::new(false);
    let row = Memo::new(move |_| store.detail.with(|detail| detail.as_ref().map(|detail| detail.row)));
    let learned = move || row.get().map(|row| view! { <LearnedReasonOf row is_short=true /> });
    view! {
        <section id="detail" class="detail panel" aria-label="Details of the chosen user" tabindex="-1">
            <Show
                when=move || has_detail.get()
                fallback=move || {
                    let is_loading = move || store.selected.with(Option::is_some);
                    view! {
                        <p class="empty">{move || if is_loading() { "Loading…" } else { "Choose a user to see why." }}</p>
                    }
                }
            >
                {move || view! { <DetailHead results=results.get_value() are_rows_open /> }}
                <Later is_near=true>
                    <DetailCharts results=results.get_value() />
                </Later>
                {learned}
                <Later is_near=true>
                    <Evidence are_rows_open />
                </Later>
            </Show>
        </section>
    }
}

#[component]
fn DetailHead(results: Rc<Results>, are_rows_open: RwSignal<bool>) -> impl IntoView {
    let store = store();
    let is_by_part = results.is_by_part();
    let results = StoredValue::new_local(results);
    move || {
        let detail = store.detail.get()?;
        let entry = detail.entries.iter().find(|entry| entry.row == detail.row);
        let severity = entry.map_or(0, |entry| entry.severity);
        let part =
            entry.filter(|_| is_by_part).map(|entry| results.with_value(|results| name_of(results, entry)));
        let ranked = store.cut.with(|cut| cut.as_ref().and_then(|c| c.of_subject(detail.subject)));
        // Of one flagged part all is said above.
        let n_flagged = detail.entries.iter().filter(|entry| entry.severity > 0).count();
        let overall =
            ranked.filter(|_| is_by_part && (n_flagged > 1 || severity == 0)).map(|ranked| ranked.sentence);
        let normal = detail
            .normal_with
            .as_ref()
            .map(|found| results.with_value(|results| what_would_make_it_normal(found, results)));
        let compared = match detail.reason.score > store.threshold() {
            true => "above",
            false => "below",
        };
        Some(view! {
            <header class="detail-head">
                <div class="detail-title">
                    <h2>{detail.name.clone()}{part.map(|part| view! { <span>{part}</span> })}</h2>
                    <SeverityBadge severity />
                    <p class="detail-score">
                        <strong>{format!("{:.3}", detail.reason.score)}</strong>
                        " "
                        {compared}
                        " the threshold of "
                        {format!("{:.3}", store.threshold())}
                    </p>
                </div>
                <p class="sentence">{detail.reason.sentence.clone()}</p>
                {results.with_value(|results| figures(results, &detail, store.threshold()))}
                <super::scores::MembersOf row=detail.row members=detail.reason.members.clone() />
                {fired(&detail.reason.rules)}
                {overall.map(|overall| view! { <p class="overall">"Over the whole log: "{overall}</p> })}
                {normal}
                {is_by_part.then(|| view! { <FlaggedParts detail results=results.get_value() /> })}
                <NextSteps are_rows_open />
            </header>
        })
    }
}

/// What the saved model that scored the rows says of this one beside its score.
fn figures(results: &Results, detail: &Detail, threshold: f64) -> Option<AnyView> {
    let is_as_saved = threshold == results.planned_threshold;
    let is_flagged = is_as_saved.then_some(detail.reason.score > threshold);
    let item = |Figure { name, share, meaning }: Figure| {
        view! {
            <li title=meaning>
                <span>{name}</span>
                {format::small_percent(share)}
            </li>
        }
    };
    let mut figures = results.verdicts.as_ref()?.figures(detail.row, is_flagged);
    if detail.reason.caution.is_some() {
        figures.retain(|figure| figure.name != "Confidence");
    }
    let items = figures.into_iter().map(item).collect_view();
    Some(view! { <ul class="chips" aria-label="What the saved model says of it">{items}</ul> }.into_any())
}

/// What is done with a reason: its rows are read, and it is written down where cases are kept.
#[component]
fn NextSteps(are_rows_open: RwSignal<bool>) -> impl IntoView {
    let store = store();
    let said = RwSignal::new("");
    let show_rows = move |_| {
        are_rows_open.set(true);
        if let Some(rows) = document().get_element_by_id(evidence::ROWS_ID) {
            rows.scroll_into_view();
        }
    };
    let copy = move |_| {
        spawn_local(async move {
            let words = match operations::copy_reason(store).await {
                Ok(()) => "Copied: who, why, the figures and the settings.",
                Err(_) => "The browser does not let it be copied.",
            };
            // The details may be gone by then.
            let _ = said.try_set(words);
        });
    };
    view! {
        <div class="next-steps">
            <button type="button" class="button button-small" on:click=show_rows>
                "Read its rows"
            </button>
            <button type="button" class="button button-small" on:click=copy>
                "Copy for a ticket"
            </button>
            <p class="hint" role="status">{said}</p>
        </div>
    }
}

/// The rules that hold.
pub fn fired(rules: &[String]) -> Option<AnyView> {
    let items = rules.iter().map(|rule| view! { <li>{rule.clone()}</li> }).collect_view();
    (!rules.is_empty()).then(|| {
        view! {
            <div class="fired">
                <span class="label">{format::counted(rules.len(), "rule")}" fired"</span>
                <ul>{items}</ul>
            </div>
        }
        .into_any()
    })
}

/// A part of a subject: when it began, or, where nothing says so, its place among all.
fn name_of(results: &Results, entry: &TimelineEntry) -> String {
    match entry.start_ms {
        Some(ms) => results.moment_of(ms),
        None => format!("{} {}", results.part(), format::count(entry.row + 1)),
    }
}

#[component]
fn FlaggedParts(detail: Rc<Detail>, results: Rc<Results>) -> impl IntoView {
    let store = store();
    let flagged: Vec<&TimelineEntry> = detail.entries.iter().filter(|entry| entry.severity > 0).collect();
    let flagged = order::sorted_by_key(flagged, |entry| !order::total_key(entry.score));
    let more = flagged.len().saturating_sub(MAX_PARTS);
    let (subject, shown) = (detail.subject, detail.row);
    view! {
        <ul class="days" aria-label=format!("Flagged {}s, strangest first", results.part())>
            {flagged
                .into_iter()
                .take(MAX_PARTS)
                .map(|entry| {
                    let is_shown = entry.row == shown;
                    let row = entry.row;
                    view! {
                        <li>
                            <button
                                type="button"
                                class="day"
                                class:selected=is_shown
                                aria-current=is_shown.then_some("true")
                                on:click=move |_| operations::select(store, subject, row)
                            >
                                <SeverityMark severity=entry.severity />
                                {name_of(&results, entry)}
                            </button>
                        </li>
                    }
                })
                .collect_view()}
            {(more > 0).then(|| view! { <li class="hint">{format!("and {} in the timeline", format::count(more))}</li> })}
        </ul>
    }
}

#[component]
fn DetailCharts(results: Rc<Results>) -> impl IntoView {
    let store = store();
    // Where times are days alone, every event would be at midnight.
    let (has_clock, no_year) = (results.has_clock(), results.no_year());
    let mode = RwSignal::new(if has_clock { "hour" } else { "action" });
    let night = &results.plan.parameters;
    let night = host::to_js(&[night.night_start_hour, night.night_end_hour]);
    let range = results.time_range.map_or(JsValue::UNDEFINED, |range| host::to_js(&range));
    let zone = results.opened.time_zone();
    let unit = host::to_js(&results.unit);
    let has_time = results.time_range.is_some();
    let timeline = move || {
        let detail = store.detail.get()?;
        Some(host::object([
            ("timeline", detail.timeline.clone()),
            ("mode", mode.get().into()),
            ("night", night.clone()),
            ("timeRange", range.clone()),
            ("timeZone", zone.clone()),
            ("selectedRow", (detail.row as f64).into()),
            ("unit", unit.clone()),
            ("hasClock", has_clock.into()),
            ("noYear", no_year.into()),
        ]))
    };
    let choose_row = handler(move |row| {
        let row = row.as_f64().unwrap_or(0.0) as usize;
        if let Some((subject, _)) = store.selected.get_untracked() {
            operations::select(store, subject, row);
        }
    });
    let words = StoredValue::new_local(FeatureWords::new(&results));
    let why = move || {
        let detail = store.detail.get()?;
        let meanings = words.with_value(|words| words.meanings.clone());
        Some(host::object([("explanation", detail.explanation.clone()), ("meanings", meanings)]))
    };
    let made_of = Signal::derive(move || {
        let is_sampled = store.detail.with(|detail| {
            detail.as_ref().is_some_and(|d| d.reason.contributions.iter().any(|c| c.error.is_some()))
        });
        let sampled = if is_sampled { "; estimated, with standard errors in the table below" } else { "" };
        format!("From the average to this score, in score units{sampled}")
    });
    let compared = move || {
        let (detail, distributions) = (store.detail.get()?, store.distributions.get());
        if distributions.is_empty() {
            return None;
        }
        Some(words.with_value(|words| {
            host::object([
                ("explanation", detail.explanation.clone()),
                ("meanings", words.meanings.clone()),
                ("units", words.units.clone()),
                ("quantiles", words.quantiles(&distributions)),
            ])
        }))
    };
    let events = Signal::derive(move || {
        let n = store.detail.with(|detail| detail.as_ref().map_or(0, |d| d.events));
        let shown = if n > 20_000 { ", of which the first 20,000 are drawn" } else { "" };
        format!("{}{shown}", format::counted(n, "event"))
    });
    let is_aggregated = results.opened.summary.aggregated.is_some();
    let when = match (is_aggregated, has_time) {
        (true, _) => Some(
            view! {
                <p class="empty">
                    "When each event happened cannot be drawn: the rows were added up per user while they were read, and are not kept."
                </p>
            }
            .into_any(),
        ),
        (false, true) => Some(
            view! {
                <ChartPanel
                    kind="timeline"
                    title="When"
                    note=events
                    data=Box::new(timeline)
                    handlers=host::object([("onRow", choose_row)])
                >
                    {has_clock
                        .then(|| switch("Rows of the timeline", &[("hour", "Hour of day"), ("action", "Action")], mode))}
                </ChartPanel>
            }
            .into_any(),
        ),
        (false, false) => None,
    };
    view! {
        {when}
        <div class="pair">
            <ChartPanel
                kind="contributions"
                title="What makes the score"
                note=made_of
                data=Box::new(why)
            />
            <ChartPanel
                kind="range"
                title="Compared with normal"
                note="The bar is the middle 90 % of normal rows"
                data=Box::new(compared)
            />
        </div>
    }
}

/// Meanings and units of features by name, as charts take them.
struct FeatureWords {
    names: Vec<String>,
    meanings: JsValue,
    units: JsValue,
}

impl FeatureWords {
    fn new(results: &Results) -> Self {
        let units = results.features.iter().map(|f| (f.name.as_str(), results.unit(f).into()));
        FeatureWords {
            names: results.features.iter().map(|f| f.name.clone()).collect(),
            meanings: meanings(&results.features),
            units: host::dictionary(units),
        }
    }

    fn quantiles(&self, distributions: &[Separated]) -> JsValue {
        host::dictionary(distributions.iter().filter_map(|d| {
            let quantiles = d.normal_quantiles?;
            Some((self.names.get(d.feature)?.as_str(), host::to_js(&quantiles)))
        }))
    }
}

/// Meanings of features by name.
pub fn meanings(features: &[Feature]) -> JsValue {
    host::dictionary(features.iter().map(|feature| (feature.name.as_str(), meaning_of(feature).into())))
}
