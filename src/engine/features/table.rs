//! The recipe table: one row per record of any table (system D). No time is needed, and no entity.
//!
//! | column | features | definition | unit |
//! | --- | --- | --- | --- |
//! | whole or decimal numbers | `<column>` | the number | |
//! | span of time | `<column>` | its length | s |
//! | yes or no | `<column>` | 1 for yes, 0 for no | yes/no |
//! | time | `<column>` | the day of the clock, as days since 1970-01-01 | date |
//! | | `<column>_weekday` | the day of the week, a category; not of times without a year | |
//! | | `<column>_hour` | hours since midnight; only where not all times are midnight | h |
//! | categories | `<column>` | the value, a category | |
//! | user agents | `<column>_family` | the browser or program without its version, a category | |
//! | network addresses | `<column>_network` | the first 24 bits of a version 4 address, the first 48 of a version 6 one, a category | |
//!
//! A missing value is a missing value of the feature. Columns that say nothing about a record are left out, with a finding
//! (`left-out-column`) that says why: those with the roles entity, label and ignore, prose, categories of which hardly
//! one stands twice, whole numbers that only number the records. A category is hardly ever met twice when all its values
//! differ, or when it has more than 20 and more than half of them do; whole numbers number records when all differ and
//! they are either consecutive or named like an identifier.

use super::measure::{Events, Measure};
use super::{DATE, DATE_WITHOUT_YEAR, Feature, YES_NO};
use crate::engine::agent;
use crate::engine::error::{Error, Position, Result};
use crate::engine::finding::{FindingKind, Findings};
use crate::engine::plan::guess::names::words_of;
use crate::engine::plan::{Plan, Role, shape};
use crate::engine::table::{Column, ColumnData, ColumnType, Table};
use crate::engine::time;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::iter;
use std::net::IpAddr;

/// Distinct values up to which a category may have more than half of its values differ.
const FEW_LABELS: usize = 20;
/// Words at the end of the names of identifiers.
const ID_WORDS: [&str; 9] = ["id", "ids", "uuid", "guid", "key", "nr", "no", "index", "serial"];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The features of a record's columns.
#[derive(Debug)]
pub(super) struct RecordColumns {
    parts: Vec<Part>,
}

/// One feature.
#[derive(Debug)]
struct Part {
    column: usize,
    feature: Feature,
    reading: Reading,
}

/// How a feature reads its column.
#[derive(Debug)]
enum Reading {
    Number,
    Date,
    Weekday,
    Hour,
    /// The place of a value's label, by its code.
    Label(Vec<u32>),
}

impl RecordColumns {
    /// Chooses the columns.
    ///
    /// # Errors
    /// `no-such-column`; `parameter` when no column is left and the plan has no formula of its own.
    pub fn of_plan(
        table: &Table,
        plan: &Plan,
        known: Option<&[Feature]>,
        findings: &mut Findings,
    ) -> Result<Vec<Box<dyn Measure>>> {
        let mut parts = Vec::new();
        for (at, column) in table.columns().iter().enumerate() {
            // Of known features, the names choose.
            let why = if known.is_some() { None } else { left_out(plan, column) };
            match why {
                Some(why) => {
                    let message = || format!("column \"{}\" is no feature: {why}", column.name());
                    findings.report(FindingKind::LeftOutColumn, column.name(), Position::default(), message);
                }
                None => parts.extend(parts_of(table, at, known.is_some())),
            }
        }
        if parts.is_empty() && known.is_none() && plan.own_features.is_empty() {
            let expected =
                "table only where a column describes records: numbers, times, or categories that repeat";
            return Err(Error::parameter("recipe", expected, "no such column"));
        }
        let taken: BTreeMap<&str, usize> =
            table.columns().iter().enumerate().map(|(at, column)| (column.name(), at)).collect();
        // `start_hour` may be a column beside `start`.
        for part in &mut parts {
            let is_free = |name: &str| taken.get(name).is_none_or(|&column| column == part.column);
            if !is_free(&part.feature.name) {
                let numbered = (2..).map(|n| format!("{}_{n}", part.feature.name)).find(|name| is_free(name));
                part.feature.name = numbered.unwrap_or_default();
            }
        }
        if let Some(known) = known {
            parts.retain(|part| known.iter().any(|feature| feature.name == part.feature.name));
        }
        Ok(vec![Box::new(RecordColumns { parts })])
    }
}

impl Measure for RecordColumns {
    fn features(&self) -> Vec<Feature> {
        self.parts.iter().map(|part| part.feature.clone()).collect()
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let row = events.rows[0] as usize;
        values.extend(self.parts.iter().map(|part| part.value(events.table, row).unwrap_or(f64::NAN)));
    }
}

impl Part {
    /// The value of a row; `None` where it is missing.
    fn value(&self, table: &Table, row: usize) -> Option<f64> {
        let column = &table.columns()[self.column];
        match (&self.reading, column.data()) {
            (Reading::Number, _) => column.number(row),
            (Reading::Label(places), ColumnData::Category { codes, .. }) => {
                column.is_valid(row).then(|| f64::from(places[codes.get(row) as usize]))
            }
            (reading, ColumnData::Timestamp { ms, .. })
                if shape::is_usable_time(table, self.column, ms, row) =>
            {
                let mut hand = column.wall_clock().hand();
                let day = hand.day_of(ms[row]);
                Some(match reading {
                    Reading::Weekday => f64::from(time::weekday_of(day)),
                    Reading::Hour => {
                        hand.local_ms(ms[row]).rem_euclid(time::DAY_MS) as f64 / time::HOUR_MS as f64
                    }
                    _ => day as f64,
                })
            }
            _ => None,
        }
    }
}

/// Why a column is no feature, if it is none.
fn left_out(plan: &Plan, column: &Column) -> Option<Cow<'static, str>> {
    let has_role = |role: Role| plan.roles.get(&role).is_some_and(|name| name == column.name());
    if plan.label.as_deref() == Some(column.name()) || has_role(Role::Label) {
        return Some("it is the label, which a detector must not see".into());
    }
    if has_role(Role::Entity) {
        return Some("it names the records".into());
    }
    if has_role(Role::Ignore) {
        return Some("it has the role ignore".into());
    }
    let n_known = column.len() - column.validity().n_missing();
    match column.data() {
        _ if n_known == 0 => None,
        _ if column.column_type() == ColumnType::Text => Some("its values are prose".into()),
        ColumnData::Category { .. } => {
            let labels = Labels::of(column)?;
            let n = labels.n_used;
            let hardly_repeats = n == n_known || (n > FEW_LABELS && n * 2 > n_known);
            (hardly_repeats && n > 1).then(|| {
                format!("of its {n_known} values {n} differ, so they name records more than describe them")
                    .into()
            })
        }
        ColumnData::Integer(values) if n_known > 2 => {
            let mut known: Vec<i64> =
                (0..values.len()).filter(|&row| column.is_valid(row)).map(|row| values[row]).collect();
            known.sort_unstable();
            let all_differ = known.windows(2).all(|pair| pair[0] < pair[1]);
            let span = i128::from(known[n_known - 1]) - i128::from(known[0]);
            let is_named_so =
                words_of(column.name()).last().is_some_and(|word| ID_WORDS.contains(&word.as_str()));
            (all_differ && (is_named_so || span == n_known as i128 - 1))
                .then(|| "it numbers the records".into())
        }
        _ => None,
    }
}

/// The features of a column. Where `is_known`, those of which names choose: with a time of day though there be none, and
/// with a day of the week though no year be known.
fn parts_of(table: &Table, at: usize, is_known: bool) -> Vec<Part> {
    let column = &table.columns()[at];
    let name = column.name();
    let words = name.replace(['_', '-', '.'], " ").trim().to_owned();
    let part = |name: String, meaning: String, unit: &str, formula: String, reading: Reading| Part {
        column: at,
        feature: Feature::new(name, meaning, unit).with_formula(formula),
        reading,
    };
    let plain = |unit: &str| part(name.to_owned(), words.clone(), unit, String::new(), Reading::Number);
    match column.data() {
        ColumnData::Integer(_) => vec![plain("")],
        ColumnData::Float(_) => {
            vec![plain(if column.column_type() == ColumnType::Duration { "s" } else { "" })]
        }
        ColumnData::Boolean(_) => vec![plain(YES_NO)],
        ColumnData::Timestamp { ms, .. } => {
            let unit = if column.no_year() { DATE_WITHOUT_YEAR } else { DATE };
            let date = part(name.to_owned(), words.clone(), unit, format!("day of {name}"), Reading::Date);
            let meaning = format!("day of the week of {words}");
            // Times without a year do not say which day of the week it was.
            let weekday = (is_known || !column.no_year()).then(|| {
                let formula = format!("weekday of {name}");
                let mut weekday = part(format!("{name}_weekday"), meaning, "", formula, Reading::Weekday);
                weekday.feature.labels = WEEKDAYS.map(str::to_owned).to_vec();
                weekday
            });
            let mut hand = column.wall_clock().hand();
            let mut has_hours = |row: usize| {
                shape::is_usable_time(table, at, ms, row)
                    && hand.local_ms(ms[row]).rem_euclid(time::DAY_MS) != 0
            };
            let hour = (is_known || (0..ms.len()).any(&mut has_hours)).then(|| {
                let formula = format!("hours since midnight of {name}");
                part(format!("{name}_hour"), format!("time of day of {words}"), "h", formula, Reading::Hour)
            });
            iter::once(date).chain(weekday).chain(hour).collect()
        }
        ColumnData::Category { .. } => {
            let Some(labels) = Labels::of(column) else { return Vec::new() };
            let (name, meaning) = match column.column_type() {
                ColumnType::UserAgent => (format!("{name}_family"), format!("{words} without its version")),
                ColumnType::Ip => (format!("{name}_network"), format!("network of {words}")),
                _ => (name.to_owned(), words),
            };
            let mut part = part(name, meaning, "", String::new(), Reading::Label(labels.place_of_code));
            part.feature.labels = labels.labels;
            vec![part]
        }
    }
}

/// The labels of a category's values: these themselves, or what they are grouped by.
struct Labels {
    /// In order of their first code.
    labels: Vec<String>,
    place_of_code: Vec<u32>,
    /// Labels that a row has.
    n_used: usize,
}

impl Labels {
    fn of(column: &Column) -> Option<Labels> {
        let ColumnData::Category { codes, dictionary } = column.data() else { return None };
        let mut places: BTreeMap<Cow<'_, str>, u32> = BTreeMap::new();
        let mut labels = Vec::new();
        let place_of_code: Vec<u32> = dictionary
            .iter()
            .map(|value| {
                let label = match column.column_type() {
                    ColumnType::UserAgent => agent::family(value),
                    ColumnType::Ip => network(value),
                    _ => Cow::Borrowed(value),
                };
                *places.entry(label).or_insert_with_key(|label| {
                    labels.push(label.clone().into_owned());
                    labels.len() as u32 - 1
                })
            })
            .collect();
        let mut is_used = vec![false; labels.len()];
        let rows = (0..codes.len()).filter(|&row| column.is_valid(row));
        rows.for_each(|row| is_used[place_of_code[codes.get(row) as usize] as usize] = true);
        let n_used = is_used.into_iter().filter(|&is_used| is_used).count();
        Some(Labels { labels, place_of_code, n_used })
    }
}

/// The network of an address, as `192.0.2.0/24` or `2001:db8:1::/48`; what is no address is itself.
fn network(text: &str) -> Cow<'_, str> {
    match text.trim().parse() {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24").into()
        }
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48").into()
        }
        Err(_) => text.into(),
    }
}
