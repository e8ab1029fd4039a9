//! Recipe "session" (system C): one row per session, from a table that has a row for each, or from an event log.
//!
//! A table has a row per session where every value of the session column stands on one row, or where it has neither a
//! session nor an action column ([`shape::has_one_row_per_session`]). Else the events of a log are cut by the session column
//! or at the gap ([`super::sessions`]). Every column may be missing: it takes the features made of it along, and nothing
//! else.
//!
//! When a session was ([`start`]), where there is a time, hours only where times have any:
//!
//! | feature | definition | unit |
//! | --- | --- | --- |
//! | `hour_sin`, `hour_cos`, `weekday_sin`, `weekday_cos`, `month_sin`, `month_cos` | start on the circles of day, week (not of times without a year) and year | |
//! | `is_night`, `is_work`, `is_weekend` (not of times without a year) | 1 in the night hours, the working hours, on the weekend days of the plan; of a log `night_share`, `work_share`, `weekend_share`: shares of the session's events | yes/no |
//! | `since_previous` | from the end of the user's session before to the start | h |
//!
//! Of a table, columns as they are ([`columns`]): every number, and every category (device, browser without its version,
//! orientation, language, city and others of at most 100 values). Then what its counts say ([`counts`]), columns found by
//! the meaning of their names ([`crate::engine::plan::session`]), seconds those of the role duration, at least 1:
//!
//! | feature | definition |
//! | --- | --- |
//! | `events_total` | clicks + scrolls + touches + keystrokes + submissions |
//! | `events_per_sec` | events ÷ seconds |
//! | `click_per_sec`, `scroll_`, `touch_`, `key_`, `submission_`, `mouse_`, `page_`, `error_per_sec` | each count ÷ seconds |
//! | `click_share`, `scroll_`, `touch_`, `key_`, `submission_share` | each kind ÷ events |
//! | `event_kinds` | kinds of events above 0 |
//! | `event_diversity` | entropy of the shares, bits |
//! | `event_consistency` | 1 ÷ (1 + coefficient of variation of the kinds' counts) |
//! | `mouse_per_click`, `errors_per_event` | mouse movement ÷ clicks, errors ÷ events; divisors at least 1 |
//! | `session_efficiency`, `click_efficiency` | what the session brought, its amount or else its page views, ÷ minutes, and ÷ clicks (at least 1) |
//! | `touch_share_of_pointing` | touches ÷ (touches + clicks) |
//! | `other_pointer_share`, `device_pointer_per_sec` | touches against mouse by the device (`pointer`) |
//! | `screen_area`, `screen_shape`, `is_portrait_screen`, `is_turned_screen` | width · height in pixels, width ÷ height, whether higher than wide, whether turned otherwise than the orientation says ([`screen`]) |
//!
//! Of a log ([`log`]):
//!
//! | feature | definition | unit |
//! | --- | --- | --- |
//! | `events_count`, `events_per_sec` | events, and ÷ duration (at least 1 s) | |
//! | `duration` | last event - first event | s |
//! | `mean_pause`, `longest_pause` | of the times between neighbouring events | s |
//! | `pause_consistency` | 1 ÷ (1 + coefficient of variation of these times) | |
//! | `action_diversity`, `most_frequent_share` | entropy of the actions' shares (bits), the largest of them | |
//! | `distinct_actions`, `share_<action>` | as in [`super::activity`] | |
//! | `failed_count`, `failed_share`, `distinct_<role>`, `amount_total`, `amount_max`, `duration_mean` | as in [`super::activity`] | |
//!
//! Then comparisons ([`own`], [`compared`]):
//!
//! | feature | definition |
//! | --- | --- |
//! | `<feature>_vs_own` | deviation of each number, of `events_total` and `events_per_sec` from what was usual in the user's earlier sessions; where no user has sessions enough, none |
//! | `is_very_frequent`, `is_very_infrequent` | events per second (or events, where nothing says how long) above the table's 95 % quantile, below its 5 % quantile |
//! | `is_very_long`, `is_very_short` | the same of the duration |

mod columns;
mod compared;
mod counts;
mod log;
mod own;
mod pointer;
mod screen;
mod start;

use super::activity::ActionMix;
use super::coded::CodedColumn;
use super::distinct::{CountsAs, DistinctCount};
use super::measure::Measure;
use super::numbers::Numbers;
use super::outcome::Failures;
use super::{Feature, FeatureMatrix};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::plan::session::{SessionColumn, is_identifier, secs_per_unit};
use crate::engine::plan::{Plan, Role, shape};
use crate::engine::table::{ColumnType, EntityCodes, Table};
use columns::{CategoryColumn, NumberColumn};
use compared::{Compared, Comparisons};
use counts::Counts;
use screen::Screen;
use start::{SincePrevious, Start, has_hours};

/// A column without a role is a category if it has at most so many values.
const MAX_FREE_CATEGORIES: usize = 100;
/// A column with a role is a category if it has at most so many values: above, its values are names.
const MAX_CATEGORIES: usize = 10_000;
/// Sessions of a user, the one that is compared among them, that a comparison takes.
const MIN_SESSIONS_TO_COMPARE: usize = 4;

/// The recipe's measures.
///
/// # Errors
/// `no-such-column`, `wrong-type` for an outcome, amount or duration of a log that cannot be read as such, or `too-few-rows`
/// for a table without a column that says something of a session.
pub(super) fn measures(
    table: &Table,
    plan: &Plan,
    known: Option<&[Feature]>,
) -> Result<Vec<Box<dyn Measure>>> {
    let is_known = |name: &str| known.map(|known| known.iter().any(|feature| feature.name == name));
    let is_log = match is_known("pause_consistency") {
        Some(is_log) => is_log,
        None => !shape::has_one_row_per_session(table, plan)?,
    };
    let time_column = plan.column(Role::Time, table)?;
    let mut inner: Vec<Box<dyn Measure>> = Vec::new();
    if let Some(time_column) = time_column {
        let has_hours = is_known("hour_sin").unwrap_or_else(|| has_hours(table, time_column));
        let knows_weekdays =
            is_known("weekday_sin").unwrap_or_else(|| !table.columns()[time_column].no_year());
        inner.push(Box::new(Start::new(&plan.parameters, has_hours, knows_weekdays, is_log)));
        let most = most_sessions(table, plan, is_log)?;
        if most >= 2 {
            inner.push(Box::new(SincePrevious::default()));
        }
    }
    let mut comparisons = Comparisons {
        has_times: time_column.is_some(),
        frequency: ["events_per_sec", "events_total", "events_count"],
        ..Comparisons::default()
    };
    let compared = if is_log {
        log_measures(table, plan, known, &mut inner)?
    } else {
        record_measures(table, plan, &mut inner)?
    };
    comparisons.duration =
        if is_log { Some("duration".to_owned()) } else { plan.roles.get(&Role::Duration).cloned() };
    if most_sessions(table, plan, is_log)? >= MIN_SESSIONS_TO_COMPARE {
        comparisons.own = Some(compared);
    }
    let measure = Compared::new(inner, &comparisons);
    if measure.features().is_empty() {
        return Err(Error::new(ErrorKind::TooFewRows {
            step: format!("recipe {}", plan.recipe.name()),
            unit: "column beside the user, the session and the label",
            needed: 1,
            found: 0,
            remedy: "use a table that says when sessions were, or what was done in them",
        }));
    }
    Ok(vec![Box::new(measure)])
}

/// How many sessions the user with the most of them has, 0 where nothing says who; of a log, how many events.
fn most_sessions(table: &Table, plan: &Plan, is_log: bool) -> Result<usize> {
    let Some(entity) = plan.column(Role::Entity, table)? else { return Ok(0) };
    let codes = EntityCodes::of(table, entity);
    let mut n_by_code = vec![0usize; codes.n_codes()];
    for code in (0..table.n_rows()).filter_map(|row| codes.get(row)) {
        n_by_code[code as usize] += 1;
    }
    let most = n_by_code.into_iter().max().unwrap_or(0);
    Ok(if is_log && most > 0 { most.max(MIN_SESSIONS_TO_COMPARE) } else { most })
}

/// Measures of a log, and the names of features that are compared with the user's own.
fn log_measures(
    table: &Table,
    plan: &Plan,
    known: Option<&[Feature]>,
    inner: &mut Vec<Box<dyn Measure>>,
) -> Result<Vec<String>> {
    let action = plan.column(Role::Action, table)?;
    inner.push(Box::new(log::SessionEvents::new(action.map(|column| CodedColumn::new(table, column)))));
    if let Some(column) = action {
        inner.push(Box::new(ActionMix::new(table, column, known)));
    }
    if let Some(column) = plan.column(Role::Outcome, table)? {
        inner.push(Box::new(Failures::new(table, column, true)?));
    }
    for (role, name, meaning) in DistinctCount::ROLES {
        if let Some(column) = plan.column(role, table)? {
            inner.push(Box::new(DistinctCount::new(table, role, column, name, meaning)));
        }
    }
    inner.extend(Numbers::of_plan(table, plan)?);
    let compared =
        ["events_count", "duration", "events_per_sec", "distinct_actions", "failed_count", "amount_total"];
    Ok(compared.map(str::to_owned).to_vec())
}

/// Measures of a table of sessions, and the names of features that are compared with the user's own.
fn record_measures(table: &Table, plan: &Plan, inner: &mut Vec<Box<dyn Measure>>) -> Result<Vec<String>> {
    let free = FreeColumns::of(table, plan)?;
    let column_of = |meaning: SessionColumn| free.of_meaning(meaning);
    let orientation = column_of(SessionColumn::Orientation).filter(|&column| !free.is_number(column));
    let words = column_of(SessionColumn::ScreenSize);
    let sides = column_of(SessionColumn::ScreenWidth)
        .zip(column_of(SessionColumn::ScreenHeight))
        .filter(|&(width, height)| free.is_number(width) && free.is_number(height));
    let screen =
        words.and_then(|column| Screen::of_words(table, column, orientation)).map(|screen| (screen, words));
    let screen = screen.or_else(|| {
        let (width, height) = sides?;
        Some((Screen::of_numbers(table, width, height, orientation), None))
    });
    let (screen, screen_column) = screen.map_or((None, None), |(screen, column)| (Some(screen), column));

    let mut compared = vec!["events_total".to_owned(), "events_per_sec".to_owned()];
    let mut categories: Vec<Box<dyn Measure>> = Vec::new();
    for &(column, role) in &free.columns {
        if Some(column) == screen_column {
            continue;
        }
        let name = table.columns()[column].name();
        if free.is_number(column) && !free.is_named_things(column, role) {
            inner.push(Box::new(NumberColumn::new(column, number_feature(table, column, role))));
            compared.push(name.to_owned());
        } else if let Some(as_what) = free.as_category(column, role) {
            let feature = Feature::new(name, words_of_name(name), "");
            categories.push(Box::new(CategoryColumn::new(table, column, as_what, feature)));
        }
    }
    inner.push(Box::new(Counts::new(table, plan, |meaning| {
        column_of(meaning).filter(|&column| free.is_number(column))
    })?));
    if let Some(screen) = screen {
        inner.push(Box::new(screen));
    }
    inner.extend(categories);
    Ok(compared)
}

/// A number column's feature, in the words of what it counts, else of its name.
fn number_feature(table: &Table, column: usize, role: Option<Role>) -> Feature {
    let column = &table.columns()[column];
    let name = column.name();
    if role == Some(Role::Duration) {
        let unit = match secs_per_unit(name) {
            _ if column.column_type() == ColumnType::Duration => "s",
            0.001 => "ms",
            60.0 => "min",
            3_600.0 => "h",
            _ => "s",
        };
        return Feature::new(name, "length of the session", unit);
    }
    let counted = SessionColumn::of(name).and_then(counts::meaning_of_count);
    let unit = if column.column_type() == ColumnType::Duration { "s" } else { "" };
    Feature::new(name, counted.unwrap_or_else(|| words_of_name(name)), unit)
}

fn words_of_name(name: &str) -> String {
    name.replace(['_', '-', '.'], " ").trim().to_owned()
}

/// A value within the bounds of a matrix.
fn bounded(value: f64) -> f64 {
    value.clamp(-FeatureMatrix::MAX_MAGNITUDE, FeatureMatrix::MAX_MAGNITUDE)
}

/// The columns that say something of a session: not whose it was, when, or the truth about it.
struct FreeColumns<'a> {
    table: &'a Table,
    /// In the table's order, with their role.
    columns: Vec<(usize, Option<Role>)>,
}

impl<'a> FreeColumns<'a> {
    fn of(table: &'a Table, plan: &Plan) -> Result<Self> {
        let mut role_of: Vec<Option<Role>> = vec![None; table.columns().len()];
        for (&role, name) in &plan.roles {
            role_of[table.index_of(name)?] = Some(role);
        }
        if let Some(label) = &plan.label {
            role_of[table.index_of(label)?] = Some(Role::Label);
        }
        let says_something = |role: &Option<Role>| {
            !matches!(
                role,
                Some(
                    Role::Entity
                        | Role::Time
                        | Role::Session
                        | Role::Label
                        | Role::Ignore
                        | Role::Address
                        | Role::Resource
                )
            )
        };
        let columns = role_of.into_iter().enumerate().filter(|(_, role)| says_something(role)).collect();
        Ok(FreeColumns { table, columns })
    }

    /// The first column of a meaning.
    fn of_meaning(&self, meaning: SessionColumn) -> Option<usize> {
        let means = |column: usize| SessionColumn::of(self.table.columns()[column].name()) == Some(meaning);
        self.columns.iter().map(|&(column, _)| column).find(|&column| means(column))
    }

    fn is_number(&self, column: usize) -> bool {
        matches!(
            self.table.columns()[column].column_type(),
            ColumnType::Integer | ColumnType::Float | ColumnType::Duration | ColumnType::Boolean
        )
    }

    /// Whether numbers are names of things: of a device, a country, a city, or by the column's own name.
    fn is_named_things(&self, column: usize, role: Option<Role>) -> bool {
        let is_whole = self.table.columns()[column].column_type() == ColumnType::Integer;
        let by_role = matches!(
            role,
            Some(
                Role::Device
                    | Role::Browser
                    | Role::Country
                    | Role::Region
                    | Role::City
                    | Role::Group
                    | Role::Action
            )
        );
        is_whole && (by_role || role.is_none() && is_identifier(self.table.columns()[column].name()))
    }

    /// What a category's values count as; `None` for what is no category, or has too many values.
    fn as_category(&self, column: usize, role: Option<Role>) -> Option<CountsAs> {
        let column_type = self.table.columns()[column].column_type();
        if matches!(
            column_type,
            ColumnType::Text | ColumnType::Ip | ColumnType::Timestamp | ColumnType::Float
        ) {
            return None;
        }
        let as_what = match (role, column_type) {
            (Some(role), _) => CountsAs::of(role, column_type),
            (None, ColumnType::UserAgent) => CountsAs::Family,
            (None, _) => CountsAs::Itself,
        };
        let n_values = EntityCodes::of(self.table, column).n_codes();
        let is_few = match role {
            None if as_what == CountsAs::Itself => {
                n_values <= MAX_FREE_CATEGORIES && n_values * 2 <= self.table.n_rows().max(2)
            }
            _ => n_values <= MAX_CATEGORIES,
        };
        is_few.then_some(as_what)
    }
}
