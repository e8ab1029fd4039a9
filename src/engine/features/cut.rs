//! How a subject's events are cut into matrix rows.

use super::RowUnit;
use super::measure::{Events, NO_TIME};
use super::sessions::SessionCutter;
use crate::engine::error::Result;
use crate::engine::plan::{LoginRows, Period, Plan, Recipe, shape};
use crate::engine::table::Table;
use crate::engine::time;

/// How a subject's events are cut into matrix rows.
#[derive(Debug)]
pub(super) enum Cut {
    /// Not at all: one row per subject.
    Subject,
    /// By the clock: one row per hour, day or week with an event.
    Period(Period),
    /// One row per session.
    Session(Box<SessionCutter>),
    /// One row per event; what one is called is beside it.
    Record(RowUnit),
}

impl Cut {
    /// As a plan's recipe cuts.
    ///
    /// # Errors
    /// `no-such-column`.
    pub fn of_plan(table: &Table, plan: &Plan) -> Result<Cut> {
        Ok(match plan.recipe {
            Recipe::Activity => Cut::Subject,
            Recipe::UserDay => Cut::Period(plan.parameters.period),
            Recipe::Login if plan.parameters.login_rows == LoginRows::Login => Cut::Record(RowUnit::Record),
            Recipe::Login => Cut::Subject,
            Recipe::Table => Cut::Record(RowUnit::Record),
            Recipe::Session if shape::has_one_row_per_session(table, plan)? => Cut::Record(RowUnit::Session),
            Recipe::Session => Cut::Session(Box::new(SessionCutter::new(table, plan)?)),
        })
    }

    /// What a row stands for.
    pub fn unit(&self) -> RowUnit {
        match self {
            Cut::Subject => RowUnit::Subject,
            Cut::Period(Period::Hour) => RowUnit::Hour,
            Cut::Period(Period::Day) => RowUnit::Day,
            Cut::Period(Period::Week) => RowUnit::Week,
            Cut::Session(_) => RowUnit::Session,
            Cut::Record(unit) => *unit,
        }
    }

    /// Where a subject's events, in time order, are cut: the end of each row's, in `ends`. Sessions may lie between each
    /// other: `order` then holds the places of the events, session by session, and the ends are counted in it; it is
    /// empty where events stay as they are.
    pub fn places(&mut self, events: &Events<'_>, ends: &mut Vec<usize>, order: &mut Vec<u32>) {
        ends.clear();
        order.clear();
        match self {
            Cut::Subject => ends.push(events.len()),
            Cut::Record(_) => ends.extend(1..=events.len()),
            Cut::Period(Period::Hour) => push_run_ends(events.hours(), ends),
            Cut::Period(Period::Day) => push_run_ends(events.days(), ends),
            Cut::Period(Period::Week) => push_run_ends(events.days().map(time::week_of), ends),
            Cut::Session(cutter) => {
                let session_of = cutter.assign(events);
                let is_timed = events.times.first() != Some(&NO_TIME);
                if is_timed && session_of.is_sorted() {
                    return push_run_ends(session_of.iter(), ends);
                }
                // In order of their first moments, those without any first; one of several events may lack its time.
                let n = session_of.iter().max().map_or(0, |&last| last as usize + 1);
                let mut first = vec![NO_TIME; n];
                for (&session, &ms) in session_of.iter().zip(events.times) {
                    let first = &mut first[session as usize];
                    if *first == NO_TIME {
                        *first = ms;
                    }
                }
                order.extend(0..events.len() as u32);
                order.sort_by_key(|&place| {
                    let session = session_of[place as usize];
                    (first[session as usize], session)
                });
                push_run_ends(order.iter().map(|&place| session_of[place as usize]), ends);
            }
        }
    }

    /// When a row begins, milliseconds of the log's clock; `None` where rows are subjects.
    pub fn start_ms(&self, events: &Events<'_>) -> Option<i64> {
        let hour = |ms: i64| ms.div_euclid(time::HOUR_MS) * time::HOUR_MS;
        let day = || events.days().next().unwrap_or_default();
        match self {
            Cut::Subject => None,
            Cut::Period(Period::Hour) => Some(hour(events.local[0])),
            Cut::Period(Period::Day) => Some(day() * time::DAY_MS),
            Cut::Period(Period::Week) => Some(time::monday_of(time::week_of(day())) * time::DAY_MS),
            Cut::Session(_) | Cut::Record(_) => {
                let timed = events.times.iter().position(|&ms| ms != NO_TIME);
                Some(events.local[timed.unwrap_or(0)])
            }
        }
    }
}

/// The end of each run of equal neighbours.
fn push_run_ends<T: PartialEq>(values: impl Iterator<Item = T>, ends: &mut Vec<usize>) {
    let mut previous = None;
    let mut n = 0;
    for value in values {
        if previous.as_ref().is_some_and(|previous| *previous != value) {
            ends.push(n);
        }
        previous = Some(value);
        n += 1;
    }
    if n > 0 {
        ends.push(n);
    }
}
