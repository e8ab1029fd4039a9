//! Events by time and user: of everybody, and of flagged users only.

use super::chart::{ChartHandle, ChartPanel, handler};
use super::mark::SeverityMark;
use super::section::Section;
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::{Results, SEVERITY_NAMES};
use crate::app::state::{Problem, store};
use crate::protocol::DensityQuery;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

/// Flagged events drawn one by one; more would only cover each other.
const MAX_POINTS: usize = 2_500;

/// A window over time (milliseconds) and lanes.
#[derive(Clone, Copy, PartialEq)]
struct Window {
    from_ms: f64,
    to_ms: f64,
    from_lane: u32,
    to_lane: u32,
}

/// Both charts.
#[component]
pub fn Activity(results: Rc<Results>) -> impl IntoView {
    let results = StoredValue::new_local(results);
    let mark = |severity: u8| {
        view! {
            <li>
                <SeverityMark severity />
                {SEVERITY_NAMES[usize::from(severity)]}
            </li>
        }
    };
    let legend = view! {
        <ul class="legend" aria-label="Marks of flagged users">{[3, 2, 1].map(mark).into_iter().collect_view()}</ul>
    }
    .into_any();
    view! {
        <Section
            id="activity"
            title="Activity"
            hint="One line per user, strangest at the top; the stronger the colour, the busier. Drag to move, Ctrl and wheel or \
                  the buttons to zoom, click to see a user."
            beside=legend
        >
            <div class="pair pair-wide">
                <DensityChart results=results.get_value() flagged_only=false />
                <DensityChart results=results.get_value() flagged_only=true />
            </div>
        </Section>
    }
}

#[component]
fn DensityChart(results: Rc<Results>, flagged_only: bool) -> impl IntoView {
    let store = store();
    let window = RwSignal::new(None::<Window>);
    let data = RwSignal::new_local(None::<JsValue>);
    let readout = RwSignal::new(String::new());
    let note = RwSignal::new(String::new());
    let handle: ChartHandle = StoredValue::new_local(None);
    let (analysis, range) = (results.view.clone(), results.time_range.unwrap_or([0.0, 0.0]));
    let (has_clock, no_year) = (results.has_clock(), results.no_year());
    let zone = results.opened.time_zone();
    let asked = StoredValue::new(0_u32);

    // Ranks, and with them lanes, change with the threshold: the window then starts over.
    Effect::new(move |_| {
        store.cut.track();
        window.set(None);
    });
    Effect::new(move |_| {
        store.cut.track();
        let view = window.get();
        // While the threshold moves the picture stays; it is drawn once when it has settled.
        if store.dragged.get().is_some() {
            return;
        }
        asked.update_value(|n| *n += 1);
        let question = asked.get_value();
        let (analysis, zone) = (analysis.clone(), zone.clone());
        spawn_local(async move {
            let answer = operations::density(store, query(flagged_only, view)).await;
            if asked.try_get_value() != Some(question) {
                return;
            }
            match answer {
                Ok(density) => {
                    note.set(describe(&density));
                    data.set(Some(host::object([
                        ("full", full(range, &density)),
                        ("density", density),
                        ("analysis", analysis),
                        ("hasClock", has_clock.into()),
                        ("noYear", no_year.into()),
                        ("timeZone", zone),
                    ])));
                }
                // The results that it was of are being replaced.
                Err(_) if store.job.with_untracked(Option::is_some) => {}
                Err(failure) => store.problem.set(Problem::of("The activity could not be drawn", failure)),
            }
        });
    });

    let action = move |name: &'static str| {
        handle.with_value(|chart| {
            if let Some(chart) = chart {
                chart.action(name);
            }
        });
    };
    let set_window = move |from_ms: f64, to_ms: f64, from_lane: u32, to_lane: u32| {
        window.set(Some(Window { from_ms, to_ms, from_lane, to_lane }));
    };
    let handlers = host::object([
        ("onWindow", Closure::<dyn Fn(f64, f64, u32, u32)>::new(set_window).into_js_value()),
        ("onReadout", handler(move |text| readout.set(text.as_string().unwrap_or_default()))),
        (
            "onSubject",
            handler(move |subject| {
                operations::select_subject(store, subject.as_f64().unwrap_or(0.0) as u32);
                super::detail::show();
            }),
        ),
    ]);
    let title = if flagged_only { "Flagged users only" } else { "Everybody, with flagged events marked" };
    view! {
        <div class="density">
            <ChartPanel kind="density" title note data=Box::new(move || data.get()) handlers handle focusable=true>
                <div class="switch" role="group" aria-label="Zoom">
                    <button type="button" aria-label="Zoom in" on:click=move |_| action("zoomIn")>"+"</button>
                    <button type="button" aria-label="Zoom out" on:click=move |_| action("zoomOut")>"−"</button>
                    <button type="button" on:click=move |_| action("reset")>"All"</button>
                </div>
            </ChartPanel>
            <p class="readout">{readout}</p>
        </div>
    }
}

fn query(flagged_only: bool, window: Option<Window>) -> DensityQuery {
    DensityQuery {
        flagged_only,
        from_ms: window.map(|w| w.from_ms),
        to_ms: window.map(|w| w.to_ms),
        from_lane: window.map(|w| w.from_lane),
        to_lane: window.map(|w| w.to_lane),
        max_points: MAX_POINTS,
        ..DensityQuery::default()
    }
}

/// The whole range, in which the window lies.
fn full([from_ms, to_ms]: [f64; 2], density: &JsValue) -> JsValue {
    let lanes = host::get(density, "lanes").as_f64().unwrap_or(0.0).max(1.0);
    host::object([("fromMs", from_ms.into()), ("toMs", (to_ms + 1.0).into()), ("lanes", lanes.into())])
}

fn describe(density: &JsValue) -> String {
    let number = |key: &str| host::get(density, key).as_f64().unwrap_or(0.0) as u64;
    let drawn = host::get(&host::get(density, "pointTimes"), "length").as_f64().unwrap_or(0.0) as u64;
    let (events, flagged) = (number("events"), number("flaggedEvents"));
    let marked = match drawn < flagged {
        true => format!("a sample of {} marked", format::count(drawn)),
        false => "each one marked".to_owned(),
    };
    format!("{} events in view, {} of them flagged, {marked}", format::count(events), format::count(flagged))
}
