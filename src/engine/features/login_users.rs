//! Recipe "login" of a log that is never whole in memory: rows come in blocks and are folded into one state per user.
//!
//! The features are those of [`super::login`], to the bit. All of them can be had from a row at a time: counts, distinct
//! values by an exact set of (user, value) pairs, the mean time between logins because the gaps between the first and the
//! last add up to the span between them, and the time between the last two by keeping the two latest, in whatever order
//! they come.
//!
//! Memory for each user: 56 bytes, the user's name with some 20 bytes to find it, and 10 to 16 bytes for each different
//! value; for each value as much as for a user's name. Users lie in pieces of fixed size, so that none is ever copied to
//! grow.

use super::distinct::CountsAs;
use super::login::{COUNTED, FEATURES, avg_time_between, login_ratio, secs_between};
use super::outcome::outcome_reader;
use super::pairs::PairSet;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::plan::words::OutcomeWords;
use crate::engine::plan::{Plan, Recipe, Role, shape};
use crate::engine::table::{Codes, Column, ColumnData, Dictionary, RowRecords, Table, Validity};
use crate::engine::time::zone::Zone;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which columns of a log of logins are what, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginRoles {
    /// Who.
    pub entity: String,
    /// When.
    pub time: String,
    /// Success or failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Network address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Browser or user agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
}

impl LoginRoles {
    /// Those of a plan.
    ///
    /// # Errors
    /// `missing-role` where it has no entity or no time.
    pub fn of_plan(plan: &Plan, table: &Table) -> Result<Self> {
        let required = |role: Role| {
            plan.roles.get(&role).cloned().ok_or_else(|| {
                Error::new(ErrorKind::MissingRole {
                    role: role.name().to_owned(),
                    recipe: Recipe::Login.name().to_owned(),
                    columns: table.names(),
                })
            })
        };
        let optional = |role: Role| plan.roles.get(&role).cloned();
        Ok(LoginRoles {
            entity: required(Role::Entity)?,
            time: required(Role::Time)?,
            outcome: optional(Role::Outcome),
            device: optional(Role::Device),
            address: optional(Role::Address),
            country: optional(Role::Country),
            browser: optional(Role::Browser),
        })
    }

    /// The column of a role.
    pub fn column(&self, role: Role) -> Option<&str> {
        match role {
            Role::Entity => Some(&self.entity),
            Role::Time => Some(&self.time),
            Role::Outcome => self.outcome.as_deref(),
            Role::Device => self.device.as_deref(),
            Role::Address => self.address.as_deref(),
            Role::Country => self.country.as_deref(),
            Role::Browser => self.browser.as_deref(),
            _ => None,
        }
    }

    /// All columns, each once.
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for column in Role::ALL.into_iter().filter_map(|role| self.column(role)) {
            if !columns.iter().any(|known| known == column) {
                columns.push(column.to_owned());
            }
        }
        columns
    }
}

/// Users of a piece.
const PIECE_USERS: usize = 1 << 12;

/// What is known of a user.
#[derive(Debug, Clone, Copy, Default)]
struct User {
    first_ms: i64,
    /// Of the last login but one, where there are two.
    before_last_ms: i64,
    last_ms: i64,
    n: u32,
    n_failed: u32,
    n_succeeded: u32,
    n_distinct: [u32; COUNTED.len()],
}

impl User {
    fn add_time(&mut self, ms: i64) {
        if self.n == 0 {
            (self.first_ms, self.last_ms) = (ms, ms);
        } else if ms >= self.last_ms {
            (self.before_last_ms, self.last_ms) = (self.last_ms, ms);
        } else {
            self.first_ms = self.first_ms.min(ms);
            self.before_last_ms = if self.n == 1 { ms } else { self.before_last_ms.max(ms) };
        }
        self.n += 1;
    }
}

/// A role whose different values are counted.
#[derive(Debug)]
struct Counted {
    role: Role,
    as_what: CountsAs,
    words: Dictionary,
    pairs: PairSet,
}

/// Rows that were folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Folded {
    /// Rows that count.
    pub n_used: u64,
    /// Rows without a user or a time.
    pub n_unused: u64,
    /// The first of those in its block.
    pub first_unused: Option<usize>,
}

/// Users of a log of logins, row by row.
#[derive(Debug)]
pub struct LoginUsers {
    roles: LoginRoles,
    outcome: Option<OutcomeWords>,
    /// Outcomes that say neither failed nor succeeded.
    n_unread_outcomes: u64,
    names: Dictionary,
    /// By code of `names`, [`PIECE_USERS`] in each piece but the last.
    users: Vec<Vec<User>>,
    counted: Vec<(usize, Counted)>,
    zoned: bool,
    zone: Option<Arc<Zone>>,
}

impl LoginUsers {
    /// No user yet. What the values of each role are is told by the `sample`, some rows of the log.
    ///
    /// # Errors
    /// `no-such-column`; `wrong-type` for a time column without times, and an outcome that cannot be read as such.
    pub fn new(roles: LoginRoles, sample: &Table) -> Result<Self> {
        for column in roles.columns() {
            sample.index_of(&column)?;
        }
        shape::times(sample, sample.index_of(&roles.time)?)?;
        let outcome = match &roles.outcome {
            Some(name) => {
                let reader = outcome_reader(sample, sample.index_of(name)?)?;
                Some(OutcomeWords::of(&reader, name))
            }
            None => None,
        };
        let mut counted = Vec::new();
        for (place, (role, _)) in COUNTED.into_iter().enumerate() {
            let Some(name) = roles.column(role) else { continue };
            let column_type = sample.columns()[sample.index_of(name)?].column_type();
            let as_what = CountsAs::of(role, column_type);
            counted.push((place, Counted { role, as_what, words: Dictionary::new(), pairs: PairSet::new() }));
        }
        Ok(LoginUsers {
            roles,
            outcome,
            n_unread_outcomes: 0,
            names: Dictionary::new(),
            users: Vec::new(),
            counted,
            zoned: false,
            zone: None,
        })
    }

    /// The columns.
    pub fn roles(&self) -> &LoginRoles {
        &self.roles
    }

    /// Outcomes so far that say neither failed nor succeeded.
    pub fn n_unread_outcomes(&self) -> u64 {
        self.n_unread_outcomes
    }

    /// Folds a block of rows: all columns of the roles, categories but for the time.
    ///
    /// # Errors
    /// `no-such-column` or `wrong-type` for a block with other columns.
    pub fn fold(&mut self, block: &Table) -> Result<Folded> {
        let time_column = block.index_of(&self.roles.time)?;
        let times = shape::times(block, time_column)?;
        if let ColumnData::Timestamp { zoned, .. } = block.columns()[time_column].data() {
            // Of all rows so far.
            self.zoned = *zoned;
            self.zone = block.columns()[time_column].shared_zone();
        }
        let entity = Words::of(block, &self.roles.entity)?;
        let users: Vec<u32> = entity.dictionary.iter().map(|name| self.names.intern(name)).collect();
        while self.users.len() * PIECE_USERS < self.names.len() {
            self.users.push(vec![User::default(); PIECE_USERS]);
        }
        let mut folded = Folded::default();
        // The user of each row that counts.
        let mut user_of_row = vec![None; block.n_rows()];
        for (row, user_of_row) in user_of_row.iter_mut().enumerate() {
            let user = entity.code(row).filter(|_| shape::is_usable_time(block, time_column, times, row));
            let Some(code) = user else {
                folded.n_unused += 1;
                folded.first_unused.get_or_insert(row);
                continue;
            };
            let code = users[code as usize];
            *user_of_row = Some(code);
            folded.n_used += 1;
            let user = &mut self.users[code as usize / PIECE_USERS][code as usize % PIECE_USERS];
            let ms = times[row];
            user.add_time(ms);
        }
        if let (Some(reader), Some(name)) = (self.outcome, &self.roles.outcome) {
            let words = Words::of(block, name)?;
            let failed: Vec<Option<bool>> = words.dictionary.iter().map(|word| reader.failed(word)).collect();
            for (row, code) in used(&user_of_row) {
                let Some(word) = words.code(row) else { continue };
                let user = &mut self.users[code as usize / PIECE_USERS][code as usize % PIECE_USERS];
                match failed[word as usize] {
                    Some(true) => user.n_failed += 1,
                    Some(false) => user.n_succeeded += 1,
                    None => self.n_unread_outcomes += 1,
                }
            }
        }
        for (place, Counted { role, as_what, words, pairs }) in &mut self.counted {
            let Some(name) = self.roles.column(*role) else { continue };
            let own = Words::of(block, name)?;
            let values: Vec<u32> =
                own.dictionary.iter().map(|word| words.intern(&as_what.word(word))).collect();
            for (row, code) in used(&user_of_row) {
                let Some(word) = own.code(row) else { continue };
                if pairs.insert(code, values[word as usize]) {
                    self.users[code as usize / PIECE_USERS][code as usize % PIECE_USERS].n_distinct
                        [*place] += 1;
                }
            }
        }
        Ok(folded)
    }

    /// One row per user with a row that counts, in order of first appearance in the log: the user, under the column's own
    /// name; `last_login` and `first_login`; the features of the recipe that the roles allow.
    pub fn finish(self) -> Table {
        let LoginUsers { roles, outcome, names, users, counted, zoned, zone, .. } = self;
        let places: Vec<usize> = counted.iter().map(|(place, _)| *place).collect();
        // The sets are the larger part, and no longer needed.
        drop(counted);
        let of_users = || users.iter().flatten().take(names.len()).filter(|user| user.n > 0);
        let n_users = of_users().count();
        let column = |name: &str, data: ColumnData| {
            let mut validity = Validity::new();
            validity.push_valid(n_users);
            Column::new(name, data, validity)
        };
        let times = |name: &str, ms: fn(&User) -> i64| {
            let times = column(name, ColumnData::Timestamp { ms: of_users().map(ms).collect(), zoned });
            match &zone {
                Some(zone) => times.in_zone(zone.clone()),
                None => times,
            }
        };
        let counts = |place: usize, n: &dyn Fn(&User) -> u32| {
            let values = of_users().map(|user| i64::from(n(user))).collect();
            column(FEATURES[place].0, ColumnData::Integer(values))
        };
        let floats = |place: usize, value: fn(&User) -> f64| {
            column(FEATURES[place].0, ColumnData::Float(of_users().map(value).collect()))
        };
        let mut columns = vec![
            times("last_login", |user| user.last_ms),
            times("first_login", |user| user.first_ms),
            counts(0, &|user| user.n),
        ];
        if outcome.is_some() {
            columns.push(counts(1, &|user| user.n_failed));
            columns.push(floats(2, |user| login_ratio(user.n_failed, user.n_succeeded)));
        }
        for place in places {
            columns.push(counts(COUNTED[place].1, &|user| user.n_distinct[place]));
        }
        columns.push(floats(7, |user| avg_time_between(user.first_ms, user.last_ms, user.n)));
        let mut has_two = Validity::new();
        of_users().for_each(|user| has_two.push(user.n > 1));
        let gaps = of_users()
            .map(|user| if user.n > 1 { secs_between(user.before_last_ms, user.last_ms) } else { 0.0 });
        columns.push(Column::new(FEATURES[8].0, ColumnData::Float(gaps.collect()), has_two));

        let is_used: Vec<bool> = users.iter().flatten().take(names.len()).map(|user| user.n > 0).collect();
        drop(users);
        let mut dictionary = names;
        if n_users < dictionary.len() {
            let mut used = Dictionary::new();
            for (name, _) in dictionary.iter().zip(&is_used).filter(|(_, is_used)| **is_used) {
                used.intern(name);
            }
            dictionary = used;
        }
        dictionary.shrink_to_fit();
        let codes = (0..n_users as u32).collect();
        let data = ColumnData::Category { codes, dictionary };
        let mut validity = Validity::new();
        validity.push_valid(n_users);
        columns.insert(0, Column::new(roles.entity, data, validity));
        Table::new(columns).with_records(RowRecords::unknown())
    }

    /// Bytes held.
    pub fn heap_bytes(&self) -> usize {
        let users: usize = self.users.iter().map(|piece| piece.capacity() * size_of::<User>()).sum();
        let counted = self.counted.iter();
        let counted: usize =
            counted.map(|(_, counted)| counted.words.heap_bytes() + counted.pairs.heap_bytes()).sum();
        users + self.names.heap_bytes() + counted
    }
}

/// Rows that count, with the codes of their users.
fn used(user_of_row: &[Option<u32>]) -> impl Iterator<Item = (usize, u32)> {
    user_of_row.iter().enumerate().filter_map(|(row, &user)| Some((row, user?)))
}

/// A column of categories in a block.
struct Words<'a> {
    codes: &'a Codes,
    dictionary: &'a Dictionary,
    validity: &'a Validity,
}

impl<'a> Words<'a> {
    fn of(block: &'a Table, name: &str) -> Result<Self> {
        let column = &block.columns()[block.index_of(name)?];
        match column.data() {
            ColumnData::Category { codes, dictionary } => {
                Ok(Words { codes, dictionary, validity: column.validity() })
            }
            _ => Err(Error::new(ErrorKind::WrongType {
                column: name.to_owned(),
                expected: "categories".to_owned(),
                found: format!("{} values", column.column_type().name()),
            })),
        }
    }

    fn code(&self, row: usize) -> Option<u32> {
        self.validity.is_valid(row).then(|| self.codes.get(row))
    }
}
