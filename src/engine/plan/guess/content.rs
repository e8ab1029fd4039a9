//! What a column's values can be, whatever its name.

use super::names;
use crate::engine::plan::Role;
use crate::engine::plan::words::{LabelReader, OutcomeReader};
use crate::engine::profile::ColumnProfile;
use crate::engine::table::{Column, ColumnData, ColumnType, Table};
use std::net::IpAddr;

/// Values looked at to say whether a column holds network addresses.
const ADDRESS_SAMPLE: usize = 1_000;

/// What is known of one column.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    column: usize,
    column_type: ColumnType,
    n_rows: usize,
    n_missing: usize,
    /// Distinct values.
    pub n_distinct: usize,
    holds_addresses: bool,
    /// Another column has its values as parts of times.
    is_part: bool,
}

/// Facts about every column, from what is in each.
pub(super) fn facts(table: &Table, profiles: &[ColumnProfile]) -> Vec<Facts> {
    let joined = table.columns().iter().filter_map(|column| column.joined_of());
    let parts: Vec<&String> = joined.flatten().collect();
    let columns = table.columns().iter().zip(profiles).enumerate();
    columns
        .map(|(place, (column, profile))| Facts {
            column: place,
            column_type: column.column_type(),
            n_rows: table.n_rows(),
            n_missing: profile.missing,
            n_distinct: profile.distinct,
            holds_addresses: holds_addresses(column),
            is_part: parts.iter().any(|part| *part == column.name()),
        })
        .collect()
}

fn holds_addresses(column: &Column) -> bool {
    if column.column_type() == ColumnType::Ip {
        return true;
    }
    let ColumnData::Category { dictionary, .. } = column.data() else { return false };
    let sample = dictionary.len().min(ADDRESS_SAMPLE);
    let n_addresses = dictionary.iter().take(sample).filter(|value| value.parse::<IpAddr>().is_ok()).count();
    // Some logs write "-", "unknown" or a host name in between.
    sample > 0 && n_addresses * 10 >= sample * 8
}

impl Facts {
    fn n_present(&self) -> usize {
        self.n_rows - self.n_missing
    }

    fn is_mostly_missing(&self) -> bool {
        self.n_missing * 5 > self.n_rows * 3
    }

    /// Whether values stand on several rows, as those who act do, not once, as identifiers of events do.
    fn repeats(&self) -> bool {
        self.n_distinct >= 2 && self.n_distinct * 3 <= self.n_present() * 2
    }

    /// Whether the column says something about records, as numbers, times and categories that repeat do.
    pub fn describes(&self) -> bool {
        match self.column_type {
            ColumnType::Text => false,
            ColumnType::Category | ColumnType::Ip | ColumnType::UserAgent => {
                self.n_distinct > 1 && self.n_distinct * 2 <= self.n_present()
            }
            _ => self.n_present() > 0,
        }
    }

    /// Whether no value stands on two rows.
    pub fn is_unique(&self) -> bool {
        self.n_distinct > 1 && self.n_distinct == self.n_present()
    }

    /// Whether the column could hold those who act, if nothing better does.
    pub fn could_be_entity(&self) -> bool {
        matches!(self.column_type, ColumnType::Category | ColumnType::Integer | ColumnType::Ip)
    }

    /// Whether the column could hold times that ingest could not read: it is neither numeric nor a few categories.
    pub fn could_be_time(&self) -> bool {
        self.column_type == ColumnType::Timestamp
    }

    /// Whether the column can play a role, given how surely its name means it (0 not at all): a score by which
    /// candidates compare, and a sentence that says why.
    pub fn judge(&self, role: Role, by_name: u32, table: &Table) -> Option<(u32, String)> {
        if self.n_present() == 0 || self.is_part {
            return None;
        }
        let column = &table.columns()[self.column];
        let name = column.name();
        let by_name_only = |plays: bool, what: &str| {
            (plays && by_name > 0).then(|| (by_name, format!("\"{name}\" is named like {what}")))
        };
        let is_agent = self.column_type == ColumnType::UserAgent;
        let is_text =
            is_agent || matches!(self.column_type, ColumnType::Category | ColumnType::Ip | ColumnType::Text);
        let is_code = is_text || self.column_type == ColumnType::Integer;
        let is_number = matches!(self.column_type, ColumnType::Integer | ColumnType::Float);
        let is_duration = self.column_type == ColumnType::Duration;
        match role {
            Role::Time => {
                let holds_times = self.column_type == ColumnType::Timestamp && !self.is_mostly_missing();
                if !holds_times {
                    return None;
                }
                if let Some(parts) = column.joined_of() {
                    let own = parts.iter().map(String::as_str).chain([name]);
                    let best = own.filter_map(|name| names::score(role, name)).max();
                    let why = format!("\"{}\" together say when", parts.join("\" and \""));
                    return Some((best.unwrap_or(1), why));
                }
                Some(match by_name {
                    0 => (1, format!("\"{name}\" holds times")),
                    _ => (by_name, format!("\"{name}\" is named like a time and holds times")),
                })
            }
            Role::Entity => self.judge_entity(by_name, name),
            Role::Label => {
                let holds_labels = by_name > 0 && self.n_distinct >= 2 && LabelReader::of(column).is_ok();
                holds_labels.then(|| {
                    (
                        by_name,
                        format!("\"{name}\" is named like a label and marks rows as normal or abnormal"),
                    )
                })
            }
            Role::Address => match (by_name, self.holds_addresses) {
                (0, false) => None,
                (0, true) => Some((1, format!("\"{name}\" holds network addresses"))),
                (_, true) => Some((by_name + 100, format!("\"{name}\" holds network addresses"))),
                (_, false) => by_name_only(is_text, "a network address"),
            },
            Role::Outcome => {
                let reads = by_name > 0 && self.n_distinct >= 2 && OutcomeReader::of(column).is_some();
                reads.then(|| {
                    (by_name, format!("\"{name}\" is named like an outcome and says success or failure"))
                })
            }
            Role::Session => {
                // A number for nearly every event is that of a request, not of a session.
                by_name_only(is_code && self.repeats(), "a session")
            }
            Role::Action => {
                let is_kind = self.n_distinct >= 2 && self.repeats();
                by_name_only(is_code && is_kind, "what was done")
                    .map(|(score, why)| (score, format!("{why}: {} different values", self.n_distinct)))
            }
            Role::Resource => by_name_only(is_code && self.repeats(), "what was acted upon"),
            Role::Group => by_name_only(is_code && self.repeats(), "a group of users"),
            Role::Country => by_name_only(is_code, "a country"),
            Role::Region => by_name_only(is_code, "a region"),
            Role::City => by_name_only(is_code, "a city"),
            Role::Browser if is_agent => {
                Some((100 + by_name, format!("\"{name}\" holds what browsers say of themselves")))
            }
            Role::Browser => by_name_only(is_text, "a browser"),
            Role::Device => by_name_only(is_code, "a device"),
            Role::Amount => by_name_only(is_number, "an amount"),
            Role::Duration if is_duration => Some((100 + by_name, format!("\"{name}\" holds spans of time"))),
            Role::Duration => by_name_only(is_number, "a duration"),
            Role::Ignore => None,
        }
    }

    /// Names decide, as long as values repeat. A well-named column whose values each stand once, or that has one value
    /// only, comes after those, and a column without a name for it comes last, the more values the better.
    fn judge_entity(&self, by_name: u32, name: &str) -> Option<(u32, String)> {
        let could_be = self.could_be_entity() || (self.column_type == ColumnType::Float && by_name > 60);
        if !could_be || self.is_mostly_missing() {
            return None;
        }
        let spread = match self.n_distinct {
            1 => format!("its one value stands on {} rows", self.n_present()),
            n => format!("its {n} values stand on {} rows", self.n_present()),
        };
        match (by_name, self.repeats()) {
            (0, true) => {
                // Kinds of things have few values; those who act are many. 10 to 19 by order of magnitude.
                let magnitude = self.n_distinct.ilog10().min(9);
                let is_many = self.n_distinct >= 5 && self.n_distinct * 2 <= self.n_present();
                is_many.then(|| (10 + magnitude, format!("\"{name}\" looks like those who act: {spread}")))
            }
            (0, false) => None,
            (_, true) => {
                Some((100 + by_name, format!("\"{name}\" is named like those who act, and {spread}")))
            }
            (_, false) => {
                Some((20 + by_name, format!("\"{name}\" is named like those who act, though {spread}")))
            }
        }
    }
}
