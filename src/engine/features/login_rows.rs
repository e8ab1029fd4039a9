//! Recipe "login" with one row per login: what was known at that moment, this login included, nothing of later ones.
//!
//! | feature | definition | unit |
//! | --- | --- | --- |
//! | `logins` | the user's attempts so far: the number of this one | |
//! | `failed_logins` | those that failed (needs an outcome) | |
//! | `login_ratio` | failed attempts so far over successful ones so far, these taken as at least 1 (needs an outcome) | |
//! | `distinct_devices`, `distinct_addresses`, `distinct_countries` | different values of those roles so far | |
//! | `distinct_browsers` | different browser families so far, that is browsers without their version | |
//! | `time_since_previous_login` | time since the same user's previous attempt, missing of the first | s |
//! | `browser`, `country`, `device` | the browser family, country and device of this login, as categories | |
//!
//! A user's last row says what the user's one row says where rows are users, but for the mean time between logins. Logins
//! at one time are taken in the order of the file. Times between them are differences of moments, whatever clocks showed.
//! An attempt whose outcome is missing is an attempt, neither failed nor successful; a missing device is no further
//! device.
//!
//! Memory, counted natively on a million logins with the proportions of the public log: an analysis with 11 features and
//! rules keeps 177 bytes a login, of which 36 are the table and 88 the matrix, and takes 196 at most. So more than
//! 5 · 2^25 values are refused, 15 million logins; `tests/streaming_memory.rs` measures it.

use super::Feature;
use super::coded::CodedColumn;
use super::distinct::coded;
use super::login::{COUNTED, FEATURES, login_ratio, secs_between};
use super::measure::{Events, Measure};
use super::outcome::outcome_reader;
use crate::engine::error::{Error, Result};
use crate::engine::plan::words::OutcomeReader;
use crate::engine::plan::{Plan, Role, shape};
use crate::engine::table::Table;

/// Roles whose value is a feature of its own, with its name.
const CATEGORIES: [(Role, &str); 3] =
    [(Role::Browser, "browser"), (Role::Country, "country"), (Role::Device, "device")];

/// The recipe's measures.
///
/// # Errors
/// `no-such-column`; `wrong-type` for an outcome that cannot be read as such; `parameter` for a table that has one row
/// per user, and for more logins than memory has room for.
pub(super) fn measures(table: &Table, plan: &Plan) -> Result<Vec<Box<dyn Measure>>> {
    if shape::has_login_features(table) {
        return Err(Error::parameter(
            "loginRows",
            "user, as the logins of each user were added up while they were read",
            "login",
        ));
    }
    let outcome = match plan.column(Role::Outcome, table)? {
        Some(column) => Some((column, outcome_reader(table, column)?)),
        None => None,
    };
    let mut values = Vec::new();
    for (role, place) in COUNTED {
        if let Some(column) = plan.column(role, table)? {
            let (column, labels) = coded(table, role, column);
            let category = CATEGORIES.into_iter().find(|(other, _)| *other == role);
            let category = category.map(|(_, name)| Category { name, labels });
            let seen_by = vec![0; column.n_codes()];
            values.push(Values { column, place, seen_by, n_distinct: 0, category });
        }
    }
    let measure = LoginsSoFar { outcome, values, run: 0, subject: None, user: User::default() };
    Ok(vec![Box::new(measure)])
}

/// Everything about a login, in one pass over the user's.
#[derive(Debug)]
struct LoginsSoFar {
    outcome: Option<(usize, OutcomeReader)>,
    values: Vec<Values>,
    /// Counts the users begun.
    run: u32,
    subject: Option<u32>,
    user: User,
}

/// What is known of a user.
#[derive(Debug, Clone, Copy, Default)]
struct User {
    n: u32,
    n_failed: u32,
    n_succeeded: u32,
    previous_ms: Option<i64>,
}

/// A role whose values are counted.
#[derive(Debug)]
struct Values {
    column: CodedColumn,
    /// Of the count in [`FEATURES`].
    place: usize,
    /// By code, the last run that had it.
    seen_by: Vec<u32>,
    /// Of the user.
    n_distinct: u32,
    category: Option<Category>,
}

#[derive(Debug)]
struct Category {
    name: &'static str,
    labels: Vec<String>,
}

impl LoginsSoFar {
    /// The categories, in their order among the features.
    fn categories(&self) -> impl Iterator<Item = (&Values, &Category)> {
        CATEGORIES.into_iter().filter_map(|(_, name)| {
            let with_category = |values: &&Values| values.category.as_ref().is_some_and(|c| c.name == name);
            let values = self.values.iter().find(with_category)?;
            Some((values, values.category.as_ref()?))
        })
    }

    fn begin(&mut self, subject: u32) {
        self.subject = Some(subject);
        self.run += 1;
        self.user = User::default();
        self.values.iter_mut().for_each(|values| values.n_distinct = 0);
    }
}

impl Measure for LoginsSoFar {
    fn features(&self) -> Vec<Feature> {
        let so_far = |place: usize, formula: &str| {
            let (name, meaning, unit) = FEATURES[place];
            Feature::new(name, format!("{meaning} so far"), unit).with_formula(formula)
        };
        let mut features = vec![so_far(0, "the user's logins up to this one")];
        if self.outcome.is_some() {
            features.push(so_far(1, "failed logins up to this one"));
            features.push(so_far(2, "failed logins ÷ successful logins, at least 1, up to this one"));
        }
        let counts =
            self.values.iter().map(|values| so_far(values.place, "different values up to this login"));
        features.extend(counts);
        let (name, _, unit) = FEATURES[8];
        let formula = "this login − the user's login before it";
        features.push(Feature::new(name, "time since the previous login", unit).with_formula(formula));
        features.extend(self.categories().map(|(_, Category { name, labels })| Feature {
            labels: labels.clone(),
            ..Feature::new(*name, *name, "").with_formula(match *name {
                "browser" => "the browser of this login, without its version",
                "country" => "the country of this login",
                _ => "the device of this login",
            })
        }));
        features
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        if self.subject != Some(events.subject) {
            self.begin(events.subject);
        }
        let (row, ms) = (events.rows[0], events.times[0]);
        let user = &mut self.user;
        user.n += 1;
        values.push(f64::from(user.n));
        if let Some((column, reader)) = &self.outcome {
            match reader.failed(&events.table.columns()[*column], row as usize) {
                Some(true) => user.n_failed += 1,
                Some(false) => user.n_succeeded += 1,
                None => {}
            }
            values.extend([f64::from(user.n_failed), login_ratio(user.n_failed, user.n_succeeded)]);
        }
        for counted in &mut self.values {
            if let Some(code) = counted.column.view(events.table).get(row) {
                let seen_by = std::mem::replace(&mut counted.seen_by[code as usize], self.run);
                counted.n_distinct += u32::from(seen_by != self.run);
            }
            values.push(f64::from(counted.n_distinct));
        }
        values.push(user.previous_ms.map_or(f64::NAN, |previous_ms| secs_between(previous_ms, ms)));
        user.previous_ms = Some(ms);
        let code_of = |(counted, _): (&Values, &Category)| {
            counted.column.view(events.table).get(row).map_or(f64::NAN, f64::from)
        };
        values.extend(self.categories().map(code_of));
    }
}
