//! Guesses a complete plan from a table: by column names first, then by content.
//!
//! Roles are given out one after another, each to the best column that is still free. A column is a candidate if
//! its content can play the role (`content`) and its name says so (`names`); for the entity, the time and the
//! address, content alone can do when no name does.

mod content;
pub(crate) mod names;

use super::session::{self, SessionColumn};
use super::{Novelty, Plan, Recipe, Role, Rules, shape};
use crate::engine::error::Result;
use crate::engine::order;
use crate::engine::profile::{self, ColumnProfile};
use crate::engine::table::Table;
use content::Facts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Fewer subjects than this are too few to compare with each other; their days are compared instead.
const MIN_SUBJECTS: usize = 30;
/// A log with sessions that covers fewer days than this is not compared day by day.
const MIN_DAYS: usize = 7;
/// Columns that count ways of using a page, from which on a table is one of sessions.
const MIN_COUNTS: usize = 2;
/// Columns of numbers from which on a table without actions is one of sessions, though none is known by its name.
const MIN_NUMBERS: usize = 5;

/// Added to the reason of the outcome in a log of logins. Users are compared by all they do there too, which tells odd hours
/// as well; who looks for logins that failed or came from elsewhere, with rules, wants the other recipe.
const OR_LOGINS: &str = ". The records look like logins: the recipe login compares users, or single logins, by failures, \
                         addresses, countries, devices and browsers, and has rules for these";

/// A guessed plan with a reason per role and questions where the table does not decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The plan.
    #[serde(flatten)]
    pub plan: Plan,
    /// Why each role went to its column, in a sentence.
    pub reasons: Vec<Reason>,
    /// What the user should confirm.
    pub questions: Vec<Question>,
}

/// Why a role went to a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The role.
    pub role: Role,
    /// The column.
    pub column: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// Something the table does not decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The role in question.
    pub role: Role,
    /// The question, in a sentence.
    pub question: String,
    /// Columns it could be, best first.
    pub candidates: Vec<String>,
}

/// The order in which roles choose: what is plain from the content first, what almost any column could be last.
const ORDER: [Role; 16] = [
    Role::Time,
    Role::Label,
    Role::Entity,
    Role::Session,
    Role::Address,
    Role::Country,
    Role::Region,
    Role::City,
    Role::Browser,
    Role::Device,
    Role::Outcome,
    Role::Action,
    Role::Amount,
    Role::Duration,
    // After the action: the only column of paths says what was done.
    Role::Resource,
    Role::Group,
];

/// Roles of columns that only a log of events has.
const OF_EVENTS: [Role; 5] = [Role::Action, Role::Session, Role::Address, Role::Browser, Role::Outcome];

/// The column of a role, by its name alone: for a source that is not read yet.
pub fn by_name<'a>(role: Role, columns: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = columns.filter_map(|name| names::score(role, name).map(|score| (score, name)));
    // Of equals the first, as columns that matter stand in front.
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, name)| name)
}

/// Guesses roles, recipe and parameters. Always gives a plan, even when a role that the recipe needs has no column;
/// then a question says so and the plan's own check refuses it with the same words.
///
/// The recipe: a table that counts what was done (clicks, key presses, page views), has a session column whose values do
/// not repeat, or has many columns of numbers and none of actions, is one of sessions: "session", with nights from 22 to 6
/// o'clock. Where no column says when or nobody stands on two rows, and none is of events either (an action, a session,
/// an address, a browser, an outcome), records are compared ("table"), if a column says anything about them, as the only
/// column of numbers does. A table with one row per subject and day and numbers in it is "user-day". Of an event log, users are
/// compared with each other ("activity") where there are at least 30 of them, and their days ("user-day") where
/// there are fewer, or where the log has sessions and covers at least 7 days; where it looks like one of logins, the reason
/// of the outcome says that the recipe "login" would do as well. The contamination is 0.06 for days
/// and 0.05 for users. The detector is the Isolation Forest; docs/quality.md says why not the recommended ensemble.
///
/// # Errors
/// None today; later recipes may refuse a table.
pub fn suggest(table: &Table) -> Result<Suggestion> {
    suggest_knowing(table, &profile::summarize(table))
}

/// [`suggest`] of a table that was summed up already: `profiles` are those of its columns.
///
/// # Errors
/// As [`suggest`].
pub fn suggest_knowing(table: &Table, profiles: &[ColumnProfile]) -> Result<Suggestion> {
    let mut guess = Guess::of(table, profiles);
    for role in ORDER {
        guess.give(role);
    }
    guess.settle_ready_table();
    guess.settle_sessions();
    guess.settle_lone_number();
    Ok(guess.into_suggestion())
}

/// A guess in the making.
struct Guess<'a> {
    table: &'a Table,
    facts: Vec<Facts>,
    roles: BTreeMap<Role, usize>,
    reasons: Vec<Reason>,
    questions: Vec<Question>,
    /// One row per subject and day, with numbers.
    is_ready: bool,
    /// One row per session, with numbers.
    has_sessions_as_rows: bool,
}

/// A column that could play a role.
struct Candidate {
    column: usize,
    score: u32,
    why: String,
}

impl<'a> Guess<'a> {
    fn of(table: &'a Table, profiles: &[ColumnProfile]) -> Self {
        Guess {
            table,
            facts: content::facts(table, profiles),
            roles: BTreeMap::new(),
            reasons: Vec::new(),
            questions: Vec::new(),
            is_ready: false,
            has_sessions_as_rows: false,
        }
    }

    fn name(&self, column: usize) -> &'a str {
        self.table.columns()[column].name()
    }

    fn names(&self, columns: impl IntoIterator<Item = usize>) -> Vec<String> {
        columns.into_iter().map(|column| self.name(column).to_owned()).collect()
    }

    fn is_free(&self, column: usize) -> bool {
        !self.roles.values().any(|&taken| taken == column)
    }

    /// Free columns that could play a role, best first, equally good ones in file order.
    fn candidates(&self, role: Role) -> Vec<Candidate> {
        let candidates: Vec<Candidate> = (0..self.facts.len())
            .filter(|&column| self.is_free(column))
            .filter_map(|column| {
                let by_name = names::score(role, self.name(column)).unwrap_or(0);
                // A column that is named like something else is not taken for a user because of its values.
                if role == Role::Entity && by_name == 0 && names::means_anything(self.name(column)) {
                    return None;
                }
                let (score, why) = self.facts[column].judge(role, by_name, self.table)?;
                Some(Candidate { column, score, why })
            })
            .collect();
        order::sorted_by_key(candidates, |candidate| -i64::from(candidate.score))
    }

    /// Gives a role to its best candidate, and asks where that is not plain.
    fn give(&mut self, role: Role) {
        // Groups are those of users over time; in any other table they are values like others.
        if role == Role::Group && !self.roles.contains_key(&Role::Time) {
            return;
        }
        let candidates = self.candidates(role);
        let Some(best) = candidates.first() else {
            self.ask_for_missing(role);
            return;
        };
        let tied: Vec<usize> =
            candidates.iter().filter(|other| other.score == best.score).map(|c| c.column).collect();
        let name = self.name(best.column);
        // First and last login of a user: nothing to ask, as the features are there.
        let is_settled = role == Role::Time && shape::has_login_features(self.table);
        if matches!(role, Role::Entity | Role::Time | Role::Label) && tied.len() > 1 && !is_settled {
            let question = match role {
                Role::Entity => format!("Is \"{name}\" who acted? Other columns could be it as well."),
                Role::Time => format!("Is \"{name}\" when it happened? Other columns hold times as well."),
                _ => format!("Does \"{name}\" hold the truth? Other columns look like labels as well."),
            };
            self.questions.push(Question { role, question, candidates: self.names(tied) });
        } else if role == Role::Entity && names::score(role, name).is_none() {
            let question = format!(
                "Is \"{name}\" who acted? No column is named like a user, so it was chosen by its values."
            );
            let columns: Vec<usize> = candidates.iter().map(|c| c.column).collect();
            self.questions.push(Question { role, question, candidates: self.names(columns) });
        }
        let mut reason = best.why.clone();
        let mut others = candidates[1..].iter().map(|other| self.name(other.column));
        let is_of_records = role == Role::Label && !names::labels_addresses(name);
        if let Some(other) = others.find(|other| is_of_records && names::labels_addresses(other)) {
            reason += &format!(
                ", and is rather what to learn than \"{other}\", which tells of an address and not what came of the record"
            );
        }
        self.reasons.push(Reason { role, column: name.to_owned(), reason });
        self.roles.insert(role, best.column);
    }

    /// Without a time or an entity there is no analysis: say which columns come closest.
    fn ask_for_missing(&mut self, role: Role) {
        let (what, could_be): (&str, fn(&Facts) -> bool) = match role {
            Role::Time => (
                "Which column says when? None holds times with a date that can be read",
                Facts::could_be_time,
            ),
            Role::Entity => (
                "Which column says who acted? None has values that stand on several rows",
                Facts::could_be_entity,
            ),
            _ => return,
        };
        let free = (0..self.facts.len()).filter(|&column| self.is_free(column));
        let columns: Vec<usize> = free
            .filter(|&column| {
                could_be(&self.facts[column]) || names::score(role, self.name(column)).is_some()
            })
            .collect();
        let columns = order::sorted_by_key(columns, |&column| {
            -names::score(role, self.name(column)).map_or(-1, i64::from)
        });
        let question = match columns.first() {
            Some(&column) if role == Role::Time && names::score(role, self.name(column)).is_some() => {
                format!("{what}.{}", self.unread_times(column))
            }
            _ => format!("{what}."),
        };
        self.questions.push(Question { role, question, candidates: self.names(columns) });
    }

    /// What the values of a column are that is named like a time and is none.
    fn unread_times(&self, column: usize) -> String {
        let column = &self.table.columns()[column];
        let Some(row) = (0..column.len()).find(|&row| column.is_valid(row)) else { return String::new() };
        let (name, value) = (column.name(), column.text(row));
        // Minutes and seconds: hours have no fraction behind them.
        let is_cut =
            value.split_once('.').is_some_and(|(clock, _)| matches!(clock.split(':').count(), 2 | 3));
        let why =
            if is_cut { ": spreadsheets show times so; export the log again with whole ones" } else { "" };
        format!(" \"{name}\" is named so, and has \"{}\"{why}.", profile::shortened(&value))
    }

    /// In a table that has its features ready, numeric columns are features and nothing else; a second label column
    /// must not be one.
    fn settle_ready_table(&mut self) {
        if self.roles.contains_key(&Role::Action) || self.roles.contains_key(&Role::Session) {
            return;
        }
        let (Some(&entity), Some(&time_column)) =
            (self.roles.get(&Role::Entity), self.roles.get(&Role::Time))
        else {
            return;
        };
        if !shape::numeric_columns(self.table).any(|column| self.is_free(column)) {
            return;
        }
        let Ok(times) = shape::times(self.table, time_column) else { return };
        self.is_ready = shape::has_one_row_per_day(self.table, entity, time_column, times);
        if self.is_ready {
            self.ignore_second_label();
        }
    }

    fn ignore_second_label(&mut self) {
        if let Some(leak) = self.candidates(Role::Label).into_iter().next() {
            let name = self.name(leak.column).to_owned();
            let reason = format!("\"{name}\" looks like another label, which a detector must not see");
            self.reasons.push(Reason { role: Role::Ignore, column: name, reason });
            self.roles.insert(Role::Ignore, leak.column);
        }
    }

    /// In a table that has a row for each session, the session column only names it, and what was counted are features.
    fn settle_sessions(&mut self) {
        if self.roles.contains_key(&Role::Session) || shape::has_login_features(self.table) {
            return;
        }
        let name_of_row = (0..self.facts.len()).find(|&column| {
            self.is_free(column)
                && names::score(Role::Session, self.name(column)).is_some()
                && self.facts[column].n_distinct >= 2
                && shape::is_one_row_each(self.table, column)
        });
        let says_much = |column: &usize| {
            let role = self.roles.iter().find(|&(_, taken)| taken == column).map(|(&role, _)| role);
            matches!(role, None | Some(Role::Amount | Role::Duration))
                && !session::is_identifier(self.name(*column))
        };
        let numbers: Vec<usize> = shape::numeric_columns(self.table).filter(says_much).collect();
        let counts = |column: &&usize| {
            SessionColumn::of(self.name(**column)).is_some_and(SessionColumn::is_interaction)
        };
        let counts_much = numbers.iter().filter(counts).count() >= MIN_COUNTS;
        let has_axes = self.roles.contains_key(&Role::Entity) && self.roles.contains_key(&Role::Time);
        let has_actions = self.roles.contains_key(&Role::Action);
        self.has_sessions_as_rows = match name_of_row {
            Some(_) => !numbers.is_empty() && (counts_much || !has_actions || numbers.len() >= MIN_NUMBERS),
            None => {
                !has_actions && (counts_much || has_axes && !self.is_ready && numbers.len() >= MIN_NUMBERS)
            }
        };
        if !self.has_sessions_as_rows {
            return;
        }
        if let Some(column) = name_of_row {
            let name = self.name(column).to_owned();
            let reason = format!("\"{name}\" is named like a session, and each has a row of its own");
            self.reasons.push(Reason { role: Role::Session, column: name, reason });
            self.roles.insert(Role::Session, column);
        }
        // The question which column says who acted, or when, is none that a table of sessions must answer.
        self.questions.retain(|question| self.roles.contains_key(&question.role));
        if !self.roles.contains_key(&Role::Ignore) {
            self.ignore_second_label();
        }
    }

    /// The only column of numbers in a table without times describes its records: that values stand on several rows makes it
    /// no name of them.
    fn settle_lone_number(&mut self) {
        let Some(&entity) = self.roles.get(&Role::Entity) else { return };
        let has_other = |column: usize| {
            let has_role = |role: Role| self.roles.get(&role) == Some(&column);
            column != entity && ![Role::Label, Role::Ignore].into_iter().any(has_role)
        };
        let is_lone_number = shape::numeric_columns(self.table).any(|column| column == entity)
            && !shape::numeric_columns(self.table).any(has_other)
            && names::score(Role::Entity, self.name(entity)).is_none();
        if is_lone_number
            && !self.is_log()
            && !self.roles.contains_key(&Role::Time)
            && !self.has_sessions_as_rows
        {
            self.roles.remove(&Role::Entity);
            self.reasons.retain(|reason| reason.role != Role::Entity);
            self.questions.retain(|question| question.role != Role::Entity);
        }
    }

    fn is_log(&self) -> bool {
        OF_EVENTS.iter().any(|role| self.roles.contains_key(role))
    }

    /// Whether records look like logins: whether they succeeded and from where or with what, and no action that says
    /// otherwise.
    fn tells_logins(&self) -> bool {
        let has = |role: &Role| self.roles.contains_key(role);
        let whence = [Role::Address, Role::Country, Role::Device, Role::Browser];
        has(&Role::Outcome) && whence.iter().any(has) && !has(&Role::Action)
    }

    fn recipe(&self) -> Recipe {
        if shape::has_login_features(self.table) {
            return Recipe::Login;
        }
        if self.has_sessions_as_rows {
            return Recipe::Session;
        }
        // Text alone may be columns that nothing separates.
        let is_alone = self.facts.len() == 1 && shape::numeric_columns(self.table).next().is_none();
        let describes = |column: usize| {
            let has_role = |role: Role| self.roles.get(&role) == Some(&column);
            let is_beside = [Role::Entity, Role::Time, Role::Label, Role::Ignore].into_iter().any(has_role);
            !is_beside && self.facts[column].describes()
        };
        let can_be_table = !self.is_log() && !is_alone && (0..self.facts.len()).any(describes);
        let (Some(&entity), Some(&time_column)) =
            (self.roles.get(&Role::Entity), self.roles.get(&Role::Time))
        else {
            let is_table = can_be_table && !self.roles.contains_key(&Role::Time);
            return if is_table { Recipe::Table } else { Recipe::Activity };
        };
        if can_be_table && self.facts[entity].is_unique() {
            return Recipe::Table;
        }
        if self.is_ready {
            return Recipe::UserDay;
        }
        let has_sessions = self.roles.contains_key(&Role::Session);
        if self.facts[entity].n_distinct < MIN_SUBJECTS || (has_sessions && self.covers_days(time_column)) {
            Recipe::UserDay
        } else {
            Recipe::Activity
        }
    }

    /// Whether the log has events on enough different days.
    fn covers_days(&self, time_column: usize) -> bool {
        let Ok(times) = shape::times(self.table, time_column) else { return false };
        let mut days: Vec<i64> = Vec::with_capacity(MIN_DAYS);
        let mut hand = self.table.columns()[time_column].wall_clock().hand();
        for row in 0..self.table.n_rows() {
            if shape::is_usable_time(self.table, time_column, times, row) {
                let day = hand.day_of(times[row]);
                if !days.contains(&day) {
                    days.push(day);
                }
                if days.len() >= MIN_DAYS {
                    return true;
                }
            }
        }
        false
    }

    fn into_suggestion(self) -> Suggestion {
        let recipe = self.recipe();
        let repeats = self.roles.get(&Role::Entity).is_some_and(|&entity| !self.facts[entity].is_unique());
        let roles: BTreeMap<Role, String> =
            self.roles.iter().map(|(&role, &column)| (role, self.name(column).to_owned())).collect();
        let mut plan = Plan::new(recipe, roles);
        plan.rules = Rules::suggested(recipe, &plan.roles, self.table);
        plan.novelty = Novelty::suggested(recipe, &plan.roles, self.table);
        let tells_logins = self.tells_logins();
        let Guess { mut reasons, mut questions, .. } = self;
        if tells_logins && matches!(recipe, Recipe::Activity | Recipe::UserDay) {
            let of_outcome = reasons.iter_mut().find(|reason| reason.role == Role::Outcome);
            if let Some(Reason { reason, .. }) = of_outcome {
                *reason += OR_LOGINS;
            }
        }
        if recipe == Recipe::Table {
            // It needs neither; when is worth asking where somebody stands on several rows, as in a log, or a column is named
            // like a time that could not be read.
            let is_named_so = |name: &String| names::score(Role::Time, name).is_some();
            questions.retain(|question| match question.role {
                Role::Time => repeats || question.candidates.iter().any(is_named_so),
                role => role != Role::Entity,
            });
        }
        let reasons = order::sorted_by_key(reasons, |reason| reason.role as i64);
        Suggestion { plan, reasons, questions }
    }
}
