//! Recipe "login" (system E): one row per subject over the whole log of logins.
//!
//! | feature | definition | unit |
//! | --- | --- | --- |
//! | `logins` | attempts to log in | |
//! | `failed_logins` | attempts that failed (needs an outcome) | |
//! | `login_ratio` | failed attempts over successful ones, these taken as at least 1 (needs an outcome) | |
//! | `distinct_devices`, `distinct_addresses`, `distinct_countries` | different values of those roles | |
//! | `distinct_browsers` | different browser families, that is browsers without their version | |
//! | `avg_time_between_logins` | mean time from one attempt to the next, 0 of a single one | s |
//! | `time_since_previous_login` | time from the last attempt but one to the last, missing of a single one | s |
//!
//! With the parameter `loginRows` at `login` there is one row per login instead: see [`super::login_rows`].
//!
//! The mean of the times between attempts is the span from the first to the last over one less than their number.
//! An attempt whose outcome is missing is an attempt, neither failed nor successful.

use super::distinct::DistinctCount;
use super::measure::{Block, Events, Measure};
use super::outcome::Outcomes;
use super::{Feature, login_rows};
use crate::engine::error::Result;
use crate::engine::plan::{LoginRows, Plan, Role};
use crate::engine::table::Table;

/// Name, meaning and unit of every feature, also for tables that come with them ready.
pub(super) const FEATURES: [(&str, &str, &str); 9] = [
    ("logins", "number of logins", ""),
    ("failed_logins", "number of failed logins", ""),
    ("login_ratio", "failed logins per successful one", ""),
    ("distinct_devices", "number of different devices", ""),
    ("distinct_addresses", "number of different network addresses", ""),
    ("distinct_countries", "number of different countries", ""),
    ("distinct_browsers", "number of different browsers", ""),
    ("avg_time_between_logins", "mean time between logins", "s"),
    ("time_since_previous_login", "time between the last two logins", "s"),
];

/// How each is computed.
const FORMULAS: [&str; FEATURES.len()] = [
    "logins",
    "failed logins",
    "failed logins ÷ successful logins, at least 1",
    "different values of the device",
    "different values of the address",
    "different values of the country",
    "different values of the browser, without versions",
    "(last login − first login) ÷ (logins − 1)",
    "last login − the login before it",
];

/// Roles whose different values are counted, with the place of their feature.
pub(super) const COUNTED: [(Role, usize); 4] =
    [(Role::Device, 3), (Role::Address, 4), (Role::Country, 5), (Role::Browser, 6)];

/// A feature of the recipe by its place in [`FEATURES`].
fn feature(place: usize) -> Feature {
    let (name, meaning, unit) = FEATURES[place];
    Feature::new(name, meaning, unit).with_formula(FORMULAS[place])
}

/// The recipe's measures.
///
/// # Errors
/// `no-such-column`, or `wrong-type` for an outcome that cannot be read as such.
pub(super) fn measures(table: &Table, plan: &Plan) -> Result<Vec<Box<dyn Measure>>> {
    if plan.parameters.login_rows == LoginRows::Login {
        return login_rows::measures(table, plan);
    }
    let outcome = match plan.column(Role::Outcome, table)? {
        Some(column) => Some(Outcomes::new(table, column)?),
        None => None,
    };
    let mut measures: Vec<Box<dyn Measure>> = vec![Box::new(Attempts { outcome })];
    for (role, place) in COUNTED {
        if let Some(column) = plan.column(role, table)? {
            let (name, meaning, _) = FEATURES[place];
            measures.push(Box::new(DistinctCount::new(table, role, column, name, meaning)));
        }
    }
    measures.push(Box::new(Pace));
    Ok(measures)
}

/// Failed attempts over successful ones.
pub(super) fn login_ratio(n_failed: u32, n_succeeded: u32) -> f64 {
    f64::from(n_failed) / f64::from(n_succeeded.max(1))
}

/// Mean seconds from one attempt to the next.
pub(super) fn avg_time_between(first_ms: i64, last_ms: i64, n: u32) -> f64 {
    if n < 2 { 0.0 } else { secs_between(first_ms, last_ms) / f64::from(n - 1) }
}

/// Seconds from one moment to a later one.
pub(super) fn secs_between(from_ms: i64, to_ms: i64) -> f64 {
    to_ms.saturating_sub(from_ms) as f64 / 1000.0
}

/// Attempts and their outcomes.
#[derive(Debug)]
struct Attempts {
    outcome: Option<Outcomes>,
}

impl Measure for Attempts {
    fn features(&self) -> Vec<Feature> {
        (0..if self.outcome.is_some() { 3 } else { 1 }).map(feature).collect()
    }

    fn read_block(&mut self, block: &Block<'_>) {
        self.outcome.iter_mut().for_each(|outcome| outcome.read_block(block));
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        values.push(events.len() as f64);
        if let Some(outcome) = &mut self.outcome {
            let [n_succeeded, n_failed] = outcome.count(events.len());
            values.extend([f64::from(n_failed), login_ratio(n_failed, n_succeeded)]);
        }
    }
}

/// How fast attempts follow each other.
#[derive(Debug)]
struct Pace;

impl Measure for Pace {
    fn features(&self) -> Vec<Feature> {
        vec![feature(7), feature(8)]
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let times = events.times;
        let last = times[times.len() - 1];
        let before_last = times.len().checked_sub(2).map(|place| times[place]);
        values.push(avg_time_between(times[0], last, times.len() as u32));
        values.push(before_last.map_or(f64::NAN, |before_ms| secs_between(before_ms, last)));
    }
}
