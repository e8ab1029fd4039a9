//! How behaviour is measured and how much of it is flagged: those parameters that matter for the recipe.

use super::detector;
use crate::app::format;
use crate::app::host;
use crate::app::state::store;
use crate::app::view::field::{Number, number_field, select_field};
use crate::engine::plan::{LoginRows, Parameters, Period, Plan, Recipe};
use leptos::prelude::*;
use std::sync::Arc;

/// Hours from 0 to 24 as the clock shows them.
const HOURS: [&str; 25] = [
    "00:00", "01:00", "02:00", "03:00", "04:00", "05:00", "06:00", "07:00", "08:00", "09:00", "10:00",
    "11:00", "12:00", "13:00", "14:00", "15:00", "16:00", "17:00", "18:00", "19:00", "20:00", "21:00",
    "22:00", "23:00", "24:00",
];

const DAYS: [(u8, &str, &str); 7] = [
    (1, "Mo", "Monday"),
    (2, "Tu", "Tuesday"),
    (3, "We", "Wednesday"),
    (4, "Th", "Thursday"),
    (5, "Fr", "Friday"),
    (6, "Sa", "Saturday"),
    (7, "Su", "Sunday"),
];

static SESSION_GAP: Number = Number {
    name: "session-gap",
    label: "Session gap, minutes",
    hint: "Silence that ends a session, where no column names sessions",
    min: 0.5,
    max: 1_440.0,
    step: 0.5,
    read: |plan| plan.parameters.session_gap_secs / 60.0,
    write: |plan, x| plan.parameters.session_gap_secs = x * 60.0,
};

static SHARE: Number = Number {
    name: "share",
    label: "Expected share, %",
    hint: "How many rows to flag",
    min: 0.1,
    max: 50.0,
    step: 0.1,
    read: |plan| (plan.contamination * 1_000.0).round() / 10.0,
    write: |plan, x| plan.contamination = x / 100.0,
};

static SEED: Number = Number {
    name: "seed",
    label: "Seed",
    hint: "The same seed gives the same result",
    min: 0.0,
    max: 9_007_199_254_740_991.0,
    step: 1.0,
    read: |plan| plan.seed as f64,
    write: |plan, x| plan.seed = x as u64,
};

/// What behaviour is measured by; nothing for tables, whose columns are what they are.
pub fn measuring(recipe: Recipe) -> Option<AnyView> {
    if recipe == Recipe::Table {
        return None;
    }
    let rows = match recipe {
        Recipe::UserDay => Some(period()),
        Recipe::Login => Some(login_rows()),
        _ => None,
    };
    let has_sessions = matches!(recipe, Recipe::Activity | Recipe::UserDay | Recipe::Session);
    Some(
        view! {
            <fieldset class="parameters">
                <legend>"How it is measured"</legend>
                {rows}
                {has_sessions.then(|| number_field(&SESSION_GAP))}
                {hours("Night", |p| (&mut p.night_start_hour, &mut p.night_end_hour))}
                {(recipe == Recipe::Session).then(|| hours("Work", |p| (&mut p.work_start_hour, &mut p.work_end_hour)))}
                {weekend()}
            </fieldset>
        }
        .into_any(),
    )
}

fn period() -> AnyView {
    select_field(
        "One row per user and",
        "With an event in it",
        &[("hour", "hour"), ("day", "day"), ("week", "week, from Monday")],
        Arc::new(|plan| match plan.parameters.period {
            Period::Hour => "hour",
            Period::Day => "day",
            Period::Week => "week",
        }),
        Arc::new(|plan, name| {
            plan.parameters.period = match name {
                "hour" => Period::Hour,
                "week" => Period::Week,
                _ => Period::Day,
            }
        }),
    )
}

fn login_rows() -> AnyView {
    select_field(
        "One row per",
        "",
        &[("user", "user, when the log ends"), ("login", "login, as known at that moment")],
        Arc::new(|plan| match plan.parameters.login_rows {
            LoginRows::User => "user",
            LoginRows::Login => "login",
        }),
        Arc::new(|plan, name| {
            plan.parameters.login_rows = if name == "login" { LoginRows::Login } else { LoginRows::User }
        }),
    )
}

/// Where a span of hours stands.
type HoursOf = fn(&mut Parameters) -> (&mut u32, &mut u32);

/// A span of hours of the day; over midnight where it ends before it begins.
fn hours(what: &'static str, of: HoursOf) -> AnyView {
    let store = store();
    let span = Memo::new(move |_| {
        store.drafted(|plan: &Plan| {
            let mut parameters = plan.parameters.clone();
            let (start, end) = of(&mut parameters);
            (*start, *end)
        })
    });
    let hour_select = move |is_end: bool| {
        let current = move || if is_end { span.get().1 } else { span.get().0 };
        let n_choices = if is_end { 25 } else { 24 };
        let options = HOURS[..n_choices]
            .iter()
            .zip(0_u32..)
            .map(|(&text, hour)| {
                view! { <option value=hour.to_string() selected=move || current() == hour>{text}</option> }
            })
            .collect_view();
        let change = move |event| {
            if let Ok(hour) = event_target_value(&event).parse() {
                store.edit_draft(|plan| {
                    let (start, end) = of(&mut plan.parameters);
                    *(if is_end { end } else { start }) = hour;
                });
            }
        };
        let label = format!("{what} {}", if is_end { "to" } else { "from" });
        view! {
            <select aria-label=label prop:value=move || current().to_string() on:change=change>
                {options}
            </select>
        }
    };
    let n_hours = move || {
        let (start, end) = span.get();
        let n = if start <= end { end - start } else { 24 - start + end };
        match n {
            0 => "No hour: it is never so".to_owned(),
            n => format!("{} by the clock shown", format::counted(n as usize, "hour")),
        }
    };
    view! {
        <div class="field" role="group" aria-label=format!("{what} hours")>
            <span class="label">{what}</span>
            <span class="span">{hour_select(false)} "to" {hour_select(true)}</span>
            <span class="hint">{n_hours}</span>
        </div>
    }
    .into_any()
}

fn weekend() -> AnyView {
    let store = store();
    let days = Memo::new(move |_| store.drafted(|plan| plan.parameters.weekend_days.clone()));
    let buttons = DAYS
        .map(|(day, short, name)| {
            let toggle = move |_| {
                store.edit_draft(|plan| {
                    let days = &mut plan.parameters.weekend_days;
                    if !days.remove(&day) {
                        days.insert(day);
                    }
                });
            };
            view! {
                <button
                    type="button"
                    aria-label=name
                    aria-pressed=move || days.with(|days| days.contains(&day)).to_string()
                    on:click=toggle
                >
                    {short}
                </button>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <div class="field field-weekend">
            <span class="label" id="weekend-label">"Days of the weekend"</span>
            <div class="switch" role="group" aria-labelledby="weekend-label">{buttons}</div>
        </div>
    }
    .into_any()
}

/// The expected share, or, where the plan cuts scores in another way, that way and the way back.
fn how_much() -> AnyView {
    let store = store();
    let otherwise = Memo::new(move |_| store.drafted(cut_in_words));
    let by_share = move |_| {
        store.edit_draft(|plan| {
            (plan.threshold, plan.budget, plan.alerts_per_day, plan.cost) = (None, None, None, None);
        });
    };
    (move || match otherwise.get() {
        None => number_field(&SHARE),
        Some(words) => view! {
            <div class="field">
                <span class="label">"Flagged"</span>
                <span>{words}</span>
                <button type="button" class="button button-small" on:click=by_share>
                    "By a share instead"
                </button>
            </div>
        }
        .into_any(),
    })
    .into_any()
}

/// How a plan cuts scores, where not by a share.
fn cut_in_words(plan: &Plan) -> Option<String> {
    let number = |x: f64| format::value(x, "");
    if let Some(threshold) = plan.threshold {
        return Some(format!("scores above {threshold:.3}"));
    }
    if let Some(budget) = plan.budget {
        return Some(format!("the strangest {}", format::count(budget)));
    }
    if let Some(per_day) = plan.alerts_per_day {
        return Some(format!("{} a day", number(per_day)));
    }
    let cost = plan.cost?;
    Some(format!(
        "where mistakes cost least: a miss {}, a false alarm {}",
        number(cost.miss),
        number(cost.false_alarm)
    ))
}

/// How much is flagged, the seed, and what few change.
pub fn flagging() -> AnyView {
    let store = store();
    view! {
        <fieldset class="parameters">
            <legend>"What is flagged"</legend>
            {detector::choice()}
            {how_much()}
            <div class="field-with-button">
                {number_field(&SEED)}
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| store.edit_draft(|plan| plan.seed = host::random_seed())
                >
                    "New seed"
                </button>
            </div>
            {detector::own_parameters()}
        </fieldset>
    }
    .into_any()
}
