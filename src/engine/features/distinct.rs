//! Counts of distinct values: devices, addresses, countries, browsers.
//!
//! Browsers are counted without their versions ([`agent::family`]): an update is no new browser. User agents given as the
//! device count as what they say of it, the system and the kind of device ([`agent::machine`]).

use super::Feature;
use super::coded::CodedColumn;
use super::measure::{Block, Events, Measure};
use crate::engine::agent;
use crate::engine::plan::Role;
use crate::engine::table::{Column, ColumnData, ColumnType, Dictionary, EntityCodes, Table};
use std::borrow::Cow;

/// How many distinct values of one column an entity has; missing values count as none.
#[derive(Debug)]
pub(super) struct DistinctCount {
    column: CodedColumn,
    feature: Feature,
    // See `CodeView::count_distinct`.
    seen_by: Vec<u32>,
    number: u32,
    /// Of the matrix rows that come next, the first of which is `next`.
    counts: Vec<u32>,
    next: usize,
}

impl DistinctCount {
    /// Roles that are counted, with the name and the words of the count.
    pub const ROLES: [(Role, &'static str, &'static str); 6] = [
        (Role::Device, "distinct_devices", "number of different devices"),
        (Role::Address, "distinct_addresses", "number of different network addresses"),
        (Role::Country, "distinct_countries", "number of different countries"),
        (Role::Region, "distinct_regions", "number of different regions"),
        (Role::City, "distinct_cities", "number of different cities"),
        (Role::Browser, "distinct_browsers", "number of different browsers, whatever their version"),
    ];

    pub fn new(table: &Table, role: Role, column: usize, name: &str, meaning: &str) -> Self {
        let column = match counts_as(&table.columns()[column], role) {
            Some((group_of_code, groups)) => {
                CodedColumn::grouped(table, column, &group_of_code, groups.len())
            }
            None => CodedColumn::new(table, column),
        };
        let seen_by = vec![0; column.n_codes() + 1];
        let feature =
            Feature::new(name, meaning, "").with_formula(format!("different values of the {}", role.name()));
        DistinctCount { column, feature, seen_by, number: 1, counts: Vec::new(), next: 0 }
    }
}

/// What the words of a column count as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CountsAs {
    /// Each as itself.
    Itself,
    /// As the browser without its version.
    Family,
    /// As the system and the kind of device.
    Machine,
}

impl CountsAs {
    pub fn of(role: Role, column_type: ColumnType) -> Self {
        match role {
            Role::Browser => CountsAs::Family,
            Role::Device if column_type == ColumnType::UserAgent => CountsAs::Machine,
            _ => CountsAs::Itself,
        }
    }

    /// Of a column as it is stored: only words are anything but themselves.
    pub fn of_column(column: &Column, role: Role) -> Self {
        match column.data() {
            ColumnData::Category { .. } => CountsAs::of(role, column.column_type()),
            _ => CountsAs::Itself,
        }
    }

    pub fn word(self, word: &str) -> Cow<'_, str> {
        match self {
            CountsAs::Itself => Cow::Borrowed(word),
            CountsAs::Family => agent::family(word),
            CountsAs::Machine => Cow::Owned(agent::machine(word)),
        }
    }
}

/// The values of a column as they count, and what each is called, in order of first appearance.
pub(super) fn coded(table: &Table, role: Role, column: usize) -> (CodedColumn, Vec<String>) {
    match counts_as(&table.columns()[column], role) {
        Some((group_of_code, groups)) => {
            let coded = CodedColumn::grouped(table, column, &group_of_code, groups.len());
            (coded, groups.iter().map(str::to_owned).collect())
        }
        None => {
            let codes = EntityCodes::of(table, column);
            let labels = (0..codes.n_codes() as u32).map(|code| codes.label(code).into_owned()).collect();
            (CodedColumn::new(table, column), labels)
        }
    }
}

/// What each word of a column counts as, by code, and what that is called; `None` where each counts as itself.
pub(super) fn counts_as(column: &Column, role: Role) -> Option<(Vec<u32>, Dictionary)> {
    let ColumnData::Category { dictionary, .. } = column.data() else { return None };
    let as_what = CountsAs::of_column(column, role);
    if as_what == CountsAs::Itself {
        return None;
    }
    let mut groups = Dictionary::new();
    let group_of_code = dictionary.iter().map(|word| groups.intern(&as_what.word(word))).collect();
    Some((group_of_code, groups))
}

impl Measure for DistinctCount {
    fn features(&self) -> Vec<Feature> {
        vec![self.feature.clone()]
    }

    fn read_block(&mut self, block: &Block<'_>) {
        let DistinctCount { column, seen_by, number, counts, next, .. } = self;
        counts.clear();
        *next = 0;
        column.view(block.table).count_distinct(block, seen_by, number, counts);
    }

    fn measure(&mut self, _events: &Events<'_>, values: &mut Vec<f64>) {
        values.push(self.counts[self.next].into());
        self.next += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::table::Validity;

    #[test]
    fn browsers_count_without_versions_and_agents_as_their_machine() {
        let words = [
            "Chrome 81.0.4044",
            "Chrome 82.0",
            "Mozilla/5.0 (Windows NT 6.1; rv:17.0) Gecko/20100101 Firefox/17.0",
            "Mozilla/5.0 (Windows NT 6.1; rv:18.0) Gecko/20100101 Firefox/18.0",
        ];
        let mut dictionary = Dictionary::new();
        let codes = words.iter().map(|word| dictionary.intern(word)).collect();
        let mut validity = Validity::new();
        words.iter().for_each(|_| validity.push(true));
        let column = Column::new("agent", ColumnData::Category { codes, dictionary }, validity);
        let groups = |column: &Column, role: Role| {
            let (codes, groups) = counts_as(column, role)?;
            Some((codes, groups.len()))
        };
        assert_eq!(groups(&column, Role::Browser), Some((vec![0, 0, 1, 1], 2)));
        assert_eq!(groups(&column, Role::Device), None);
        assert_eq!(groups(&column, Role::Country), None);
        let agents = column.with_type(ColumnType::UserAgent);
        assert_eq!(groups(&agents, Role::Device), Some((vec![0, 0, 1, 1], 2)));
    }
}
