//! Recipe "user-day" (system B): one row per subject and day with activity; by choice per hour or per week.
//!
//! | feature | definition | unit |
//! | --- | --- | --- |
//! | `sessions_count` | sessions with an event on that day | |
//! | `actions_count` | events on that day | |
//! | `avg_session_duration` | mean time from first to last event of the day's sessions | min |
//! | `night_activity_ratio` | share of the day's events in the night hours, 00:00 to 06:00 by default | |
//! | `avg_time_between_sessions` | mean time from the end of a session to the start of the next, 0 if fewer than two | h |
//! | `inactivity_hours` | clock hours of the day, of 24, without an event; see below | h |
//!
//! A row depends on that day's events alone: a session that runs over midnight counts on both days, on each with its
//! own part, so a row never changes when another day's events arrive. Days without activity have no row. One event
//! is one session of 0 minutes. Equal times are one moment: they add actions, not time.
//!
//! With a time zone a day is as long as its clock makes it: of 23 or 25 hours where the clock is moved by one, and an
//! hour that is shown twice is two of them. Where a clock is moved by half an hour, an hour it cuts counts as a whole
//! one if it has an event, and `inactivity_hours` is never below 0.
//!
//! By the hour or the week, read "hour" or "week" for "day": a week lasts from Monday to Sunday and has the hours of its
//! seven days; hours have no `inactivity_hours`.
//!
//! Amount, duration and outcome columns add `amount_total`, `amount_max`, `duration_mean` and `failed_share`.

use super::Feature;
use super::clock::{night_hours, night_share};
use super::measure::{Events, Measure, runs};
use super::numbers::Numbers;
use super::outcome::Failures;
use super::sessions::{SessionCutter, mean_duration_min, mean_pause_h};
use crate::engine::error::Result;
use crate::engine::plan::{Period, Plan, Role};
use crate::engine::table::Table;
use crate::engine::time;

/// The recipe's measures for an event log.
///
/// # Errors
/// `no-such-column`, or `wrong-type` for an outcome, amount or duration that cannot be read as such.
pub(super) fn measures(table: &Table, plan: &Plan) -> Result<Vec<Box<dyn Measure>>> {
    let mut measures: Vec<Box<dyn Measure>> = vec![Box::new(DayBehaviour {
        cutter: SessionCutter::new(table, plan)?,
        night: night_hours(&plan.parameters),
        period: plan.parameters.period,
    })];
    if let Some(column) = plan.column(Role::Outcome, table)? {
        measures.push(Box::new(Failures::new(table, column, false)?));
    }
    measures.extend(Numbers::of_plan(table, plan)?);
    Ok(measures)
}

/// Name, meaning and unit of the six features, also for tables that come with them ready.
pub(super) const FEATURES: [(&str, &str, &str); 6] = [
    ("sessions_count", "number of sessions", ""),
    ("actions_count", "number of actions", ""),
    ("avg_session_duration", "mean length of a session", "min"),
    ("night_activity_ratio", "share of activity at night", ""),
    ("avg_time_between_sessions", "mean time between sessions", "h"),
    ("inactivity_hours", "hours of the day without activity", "h"),
];

#[derive(Debug)]
struct DayBehaviour {
    cutter: SessionCutter,
    night: [bool; 24],
    period: Period,
}

impl Measure for DayBehaviour {
    fn features(&self) -> Vec<Feature> {
        let n = if self.period == Period::Hour { FEATURES.len() - 1 } else { FEATURES.len() };
        let feature = |&(name, meaning, unit): &(&str, &str, &str)| match (name, self.period) {
            ("inactivity_hours", Period::Week) => {
                Feature::new(name, "hours of the week without activity", unit)
            }
            _ => Feature::new(name, meaning, unit),
        };
        let formulas = [
            "sessions with an event in the period",
            "events in the period",
            "mean of last event − first event of a session",
            "events at night ÷ events",
            "mean of start of a session − end of the one before",
            "hours of the period − hours with an event",
        ];
        FEATURES[..n]
            .iter()
            .zip(formulas)
            .map(|(known, formula)| feature(known).with_formula(formula))
            .collect()
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let spans = self.cutter.cut(events);
        values.extend([
            spans.len() as f64,
            events.len() as f64,
            mean_duration_min(spans),
            night_share(events, &self.night),
            mean_pause_h(spans),
        ]);
        let day = events.days().next().unwrap_or_default();
        let period_hours: f64 = match self.period {
            Period::Hour => return,
            Period::Day => events.clock.day_hours(day),
            Period::Week => {
                let monday = time::monday_of(time::week_of(day));
                (monday..monday + 7).map(|day| events.clock.day_hours(day)).sum()
            }
        };
        let (n_active_hours, _) = runs(events.hours());
        values.push((period_hours - n_active_hours as f64).max(0.0));
    }
}
