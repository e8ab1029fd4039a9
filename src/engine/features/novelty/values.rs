//! What can be new in a log: the values of each kind, as codes by row.

use crate::engine::error::Result;
use crate::engine::features::coded::{CodeView, CodedColumn};
use crate::engine::features::distinct::{CountsAs, counts_as};
use crate::engine::order;
use crate::engine::plan::{NovelKind, Novelty, Plan, Role};
use crate::engine::table::{Column, ColumnData, EntityCodes, Table};
use crate::engine::time::DAY_MS;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The values of a kind: browsers without their version, ranges of addresses, all else as the column has it.
#[derive(Debug)]
pub(super) struct KindValues {
    pub kind: NovelKind,
    pub look_back_ms: i64,
    column: CodedColumn,
    /// The code of values that are none: host names have no range.
    none: Option<u32>,
}

/// Values of a block of rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct ValueView<'a> {
    codes: CodeView<'a>,
    none: Option<u32>,
}

impl KindValues {
    /// Those of all kinds that the plan's roles give, in the order of kinds.
    ///
    /// # Errors
    /// `no-such-column`.
    pub fn of_plan(table: &Table, plan: &Plan, novelty: &Novelty) -> Result<Vec<KindValues>> {
        let mut all = Vec::new();
        for kind in NovelKind::ALL {
            let Some(column) = plan.column(kind.role(), table)? else { continue };
            let (column, none) = if kind == NovelKind::AddressRange {
                let (range_of_code, n_ranges) = ranges(table, column);
                if n_ranges == 0 {
                    continue;
                }
                let coded = CodedColumn::grouped(table, column, &range_of_code, n_ranges as usize + 1);
                (coded, Some(n_ranges))
            } else if let Some((group_of_code, groups)) = counts_as(&table.columns()[column], kind.role()) {
                (CodedColumn::grouped(table, column, &group_of_code, groups.len()), None)
            } else {
                (CodedColumn::new(table, column), None)
            };
            let look_back_ms = (novelty.look_back_days(kind) * DAY_MS as f64) as i64;
            all.push(KindValues { kind, look_back_ms, column, none });
        }
        Ok(all)
    }

    /// How many codes there are.
    pub fn n_codes(&self) -> usize {
        self.column.n_codes()
    }

    /// The column that has the values.
    pub fn column(&self) -> usize {
        self.column.column()
    }

    /// The values, to be read by row.
    pub fn view<'a>(&'a self, table: &'a Table) -> ValueView<'a> {
        ValueView { codes: self.column.view(table), none: self.none }
    }
}

impl ValueView<'_> {
    /// The value of a row, if it has one.
    #[inline]
    pub fn get(&self, row: u32) -> Option<u32> {
        self.codes.get(row).filter(|&code| Some(code) != self.none)
    }
}

/// The range of each code of a column of addresses, and of how many; that number where a value is no address.
fn ranges(table: &Table, column: usize) -> (Vec<u32>, u32) {
    let keys: Vec<Option<i64>> = match table.columns()[column].data() {
        ColumnData::Category { dictionary, .. } => dictionary.iter().map(range_key).collect(),
        _ => {
            let codes = EntityCodes::of(table, column);
            (0..codes.n_codes() as u32).map(|code| range_key(&codes.label(code))).collect()
        }
    };
    let mut range_of_code = vec![u32::MAX; keys.len()];
    let (mut n_ranges, mut previous) = (0, None);
    for code in order::by_key(keys.len(), |code| keys[code].unwrap_or(i64::MAX)) {
        let Some(key) = keys[code] else { continue };
        if previous != Some(key) {
            n_ranges += 1;
            previous = Some(key);
        }
        range_of_code[code] = n_ranges - 1;
    }
    range_of_code.iter_mut().for_each(|range| *range = (*range).min(n_ranges));
    (range_of_code, n_ranges)
}

/// The first 24 bits of a version 4 address, the first 48 of a version 6 one; a version 4 address written as one of
/// version 6 is what it stands for.
fn range_key(text: &str) -> Option<i64> {
    Some(match address(text)? {
        IpAddr::V4(address) => i64::from(u32::from(address) >> 8),
        IpAddr::V6(address) => (1 << 48) | (u128::from(address) >> 80) as i64,
    })
}

/// What the range of an address is called: `10.1.2.0/24`, `2001:db8:1::/48`.
fn range_name(text: &str) -> Option<String> {
    Some(match address(text)? {
        IpAddr::V4(address) => format!("{}/24", Ipv4Addr::from(u32::from(address) >> 8 << 8)),
        IpAddr::V6(address) => format!("{}/48", Ipv6Addr::from(u128::from(address) >> 80 << 80)),
    })
}

fn address(text: &str) -> Option<IpAddr> {
    Some(text.trim().parse::<IpAddr>().ok()?.to_canonical())
}

impl NovelKind {
    /// All kinds, in the order of their features.
    pub(super) const ALL: [NovelKind; 7] = [
        NovelKind::Action,
        NovelKind::Address,
        NovelKind::AddressRange,
        NovelKind::Country,
        NovelKind::Device,
        NovelKind::Browser,
        NovelKind::Resource,
    ];

    /// The role of the column that has the values.
    pub(super) fn role(self) -> Role {
        match self {
            NovelKind::Action => Role::Action,
            NovelKind::Address | NovelKind::AddressRange => Role::Address,
            NovelKind::Country => Role::Country,
            NovelKind::Device => Role::Device,
            NovelKind::Browser => Role::Browser,
            NovelKind::Resource => Role::Resource,
        }
    }

    /// One and many, as in names of features.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            NovelKind::Action => ("action", "actions"),
            NovelKind::Address => ("address", "addresses"),
            NovelKind::AddressRange => ("address_range", "address_ranges"),
            NovelKind::Country => ("country", "countries"),
            NovelKind::Device => ("device", "devices"),
            NovelKind::Browser => ("browser", "browsers"),
            NovelKind::Resource => ("resource", "resources"),
        }
    }

    /// What the value of a row is called; `None` where it has none, or one without a name.
    pub(super) fn name_of(self, column: &Column, row: usize) -> Option<String> {
        let text = column.text(row);
        let name = match self {
            NovelKind::AddressRange => range_name(&text)?,
            _ => CountsAs::of_column(column, self.role()).word(&text).into_owned(),
        };
        (!name.trim().is_empty()).then_some(name)
    }

    /// One and many, as in sentences.
    pub(in crate::engine) fn words(self) -> (&'static str, &'static str) {
        match self {
            NovelKind::Address => ("network address", "network addresses"),
            NovelKind::AddressRange => ("range of network addresses", "ranges of network addresses"),
            _ => self.names(),
        }
    }

    /// One with its article: "an action", "a country".
    pub(in crate::engine) fn a_word(self) -> String {
        let article = if self == NovelKind::Action { "an" } else { "a" };
        format!("{article} {}", self.words().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_range_have_one_key() {
        let same = |a: &str, b: &str| range_key(a) == range_key(b);
        assert!(same("10.1.2.3", "10.1.2.255") && !same("10.1.2.3", "10.1.3.3"));
        assert!(same("::ffff:10.1.2.9", "10.1.2.3") && same(" 10.1.2.3", "10.1.2.4"));
        assert!(same("2001:db8:1::1", "2001:db8:1:ffff::2") && !same("2001:db8:1::1", "2001:db8:2::1"));
        assert!(!same("::1", "0.0.0.1"));
        assert_eq!(range_key("localhost"), None);
    }

    #[test]
    fn a_range_is_called_by_its_first_address_and_length() {
        assert_eq!(range_name("10.1.2.3").as_deref(), Some("10.1.2.0/24"));
        assert_eq!(range_name("::ffff:10.1.2.9").as_deref(), Some("10.1.2.0/24"));
        assert_eq!(range_name("2001:db8:1:ffff::2").as_deref(), Some("2001:db8:1::/48"));
        assert_eq!(range_name("localhost"), None);
    }
}
