//! What the values of a column of categories are, beyond being categories: addresses, user agents, prose.
//!
//! Decided when the column is whole, by the first words of its dictionary, so that reading costs nothing more and the
//! answer does not depend on how the file was cut. The rules:
//!
//! - IP addresses: all but one in [`ONE_OTHER_IN`] words are an address of version 4 or 6. A port behind it is left out, as
//!   it tells connections apart and not those who connect, and a finding says so; read as categories, words stay whole.
//! - User agents: at least half of the words begin as browsers' do (`Mozilla/`, `Opera/`, `Dalvik/`); robots and tools
//!   call themselves anything.
//! - Text: 40 bytes and five words and more on average, more than half of them on one row only, in at
//!   least [`LEAST_TEXTS`] rows.

use super::column;
use crate::engine::agent;
use crate::engine::error::Position;
use crate::engine::finding::{FindingKind, Findings, Places};
use crate::engine::table::{Column, ColumnData, ColumnType, Dictionary, Validity};
use std::net::IpAddr;
use std::ops::Range;

/// Words looked at.
const N_WORDS: usize = 4096;

/// At most one word in so many may be something else.
const ONE_OTHER_IN: usize = 50;

/// Rows below which long values say nothing about a column.
const LEAST_TEXTS: usize = 20;

/// Mean length of prose, bytes.
const LEAST_TEXT_BYTES: usize = 40;

/// Mean spaces in prose: five words.
const LEAST_TEXT_SPACES: usize = 4;

/// Identifiers that no number holds exactly: above 2^53, and of 128 bits at most.
const INEXACT_IDENTIFIERS: Range<f64> = 9_007_199_254_740_994.0..1e39;

/// Whether a word is an IP address, maybe with a port.
pub(super) fn is_ip(word: &str) -> bool {
    address(word).is_some()
}

/// The IP address that a word is: `10.0.0.1` of `10.0.0.1:51234`, `::1` of `[::1]:443` and of `[::1]`.
fn address(word: &str) -> Option<&str> {
    // The quick way out of what most words are.
    let is_of_address = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'[' | b']');
    if word.len() > 53 || !word.bytes().all(is_of_address) {
        return None;
    }
    if word.parse::<IpAddr>().is_ok() {
        return Some(word);
    }
    let (address, port) = match word.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => word.find(':').map(|at| word.split_at(at))?,
    };
    let is_six = address.contains(':');
    let is_port = match port.strip_prefix(':') {
        Some(port) => port.parse::<u16>().is_ok(),
        None => port.is_empty(),
    };
    (is_port && is_six == word.starts_with('[') && address.parse::<IpAddr>().is_ok()).then_some(address)
}

/// A column of addresses without the ports behind them, if there are any.
#[inline(never)]
pub(super) fn without_ports(column: Column, findings: &mut Findings) -> Column {
    let ColumnData::Category { codes, dictionary } = column.data() else { return column };
    let mut addresses = Dictionary::new();
    let mut has_port = vec![false; dictionary.len()];
    let address_of: Vec<u32> = dictionary
        .iter()
        .zip(&mut has_port)
        .map(|(word, has_port)| {
            let address = address(word.trim()).unwrap_or(word);
            *has_port = address.len() < word.trim().len();
            addresses.intern(address)
        })
        .collect();
    let Some(first) = has_port.iter().position(|has_port| *has_port) else { return column };
    let is_with_port = |row: &usize| column.is_valid(*row) && has_port[codes.get(*row) as usize];
    let n = (0..column.len()).filter(is_with_port).count() as u64;
    let example = dictionary.get(first as u32);
    findings.report_many(FindingKind::AmbiguousType, column.name(), n, Position::default(), || {
        let name = column.name();
        format!(
            "column \"{name}\": addresses have a port behind them, as \"{example}\"; it was left out, so that one address \
             is one whatever its port; to keep the whole text, name the type category for it"
        )
    });
    // A row without a value has code 0 whatever that stands for.
    let codes = codes.iter().map(|code| address_of.get(code as usize).copied().unwrap_or_default()).collect();
    let data = ColumnData::Category { codes, dictionary: addresses };
    let mut column = Column::new(column.name(), data, column.validity().clone());
    column.shrink_to_fit();
    column
}

/// Reports numbers that are mostly too large to be exact: identifiers, as spreadsheets leave them (`-4.32E+18`).
fn report_rounded(column: &Column, findings: &mut Findings) {
    let ColumnData::Float(values) = column.data() else { return };
    let is_rounded = |row: &usize| column.is_valid(*row) && INEXACT_IDENTIFIERS.contains(&values[*row].abs());
    let n = (0..column.len()).filter(is_rounded).count();
    let Some(first) =
        (0..column.len()).find(is_rounded).filter(|_| n * 2 > column.len() - column.validity().n_missing())
    else {
        return;
    };
    findings.report_many(FindingKind::RoundedNumbers, column.name(), n as u64, Position::default(), || {
        format!(
            "column \"{}\": numbers of 16 digits and more that were rounded before they came here, as \"{}\"; if they \
             are identifiers, as spreadsheets leave them, different ones may have become equal: export the log \
             again with them as text",
            column.name(),
            column.text(first)
        )
    });
}

/// What a column of categories is, from its distinct words in order, how many there are, and the number of rows that
/// have one.
pub(super) fn of_words<'a>(
    words: impl Iterator<Item = &'a str>,
    n_distinct: usize,
    n_values: usize,
) -> ColumnType {
    let (mut n, mut n_bytes, mut n_spaces, mut n_ips, mut n_agents) = (0, 0, 0, 0, 0);
    for word in words.take(N_WORDS).map(str::trim) {
        n += 1;
        n_bytes += word.len();
        n_spaces += word.bytes().filter(|byte| *byte == b' ').count();
        n_ips += usize::from(is_ip(word));
        n_agents += usize::from(agent::is_agent(word));
    }
    if n == 0 {
        ColumnType::Category
    } else if (n - n_ips) * ONE_OTHER_IN <= n {
        ColumnType::Ip
    } else if n_agents * 2 >= n {
        ColumnType::UserAgent
    } else if n_values >= LEAST_TEXTS
        && n_distinct * 2 > n_values
        && n_bytes >= n * LEAST_TEXT_BYTES
        && n_spaces >= n * LEAST_TEXT_SPACES
    {
        ColumnType::Text
    } else {
        ColumnType::Category
    }
}

/// Gives a whole column its type: the one told, else what its values mean. Values of a column told to hold addresses
/// that are none are taken as missing and reported.
/// The first of these stand at `others`.
pub(super) fn settle(
    column: Column,
    told: Option<ColumnType>,
    others: Places,
    findings: &mut Findings,
) -> Column {
    if told != Some(ColumnType::Duration) {
        report_rounded(&column, findings);
    }
    let Some(column_type) = told else {
        let ColumnData::Category { dictionary, .. } = column.data() else { return column };
        let n_values = column.len() - column.validity().n_missing();
        let found = of_words(dictionary.iter(), dictionary.len(), n_values);
        let column = if found == ColumnType::Ip { without_ports(column, findings) } else { column };
        return column.with_type(found);
    };
    if column_type != ColumnType::Ip {
        return column.with_type(column_type);
    }
    let column = without_ports(column, findings);
    let ColumnData::Category { codes, dictionary } = column.data() else { return column };
    let is_ip_by_code: Vec<bool> = dictionary.iter().map(|word| is_ip(word.trim())).collect();
    let is_other = |row: &usize| column.is_valid(*row) && !is_ip_by_code[codes.get(*row) as usize];
    let Some(first) = (0..column.len()).find(is_other) else { return column.with_type(ColumnType::Ip) };
    let n_others = (0..column.len()).filter(is_other).count() as u64;
    findings.report_places(FindingKind::BadValue, column.name(), n_others, others, || {
        let (name, example) = (column.name(), column::short(&column.text(first)));
        format!("column \"{name}\": values that are no IP address, as \"{example}\"; taken as missing")
    });
    let mut validity = Validity::new();
    (0..column.len()).for_each(|row| validity.push(column.is_valid(row) && !is_other(&row)));
    Column::new(column.name(), column.data().clone(), validity).with_type(ColumnType::Ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_identifiers_that_a_spreadsheet_rounded_are_told_of() {
        let told = |values: &[f64], told: Option<ColumnType>| {
            let mut validity = Validity::new();
            values.iter().for_each(|value| validity.push(!value.is_nan()));
            let mut findings = Findings::default();
            let column = Column::new("id", ColumnData::Float(values.to_vec()), validity);
            settle(column, told, Places::default(), &mut findings);
            findings.into_vec()
        };
        let found = told(&[f64::NAN, -4.32e18, 3.49e17, 5.0], None);
        assert_eq!((found[0].kind, found[0].count), (FindingKind::RoundedNumbers, 2));
        assert!(
            found[0].message.contains("\"id\"") && found[0].message.contains("-4.32e18"),
            "{}",
            found[0].message
        );
        assert!(told(&[1e15, 0.5, f64::NAN], None).is_empty(), "exact");
        assert!(told(&[1e18, 0.5, 2.0], None).is_empty(), "one that is huge among others");
        assert!(told(&[1e308, -1e308], None).is_empty(), "no identifiers");
        assert!(told(&[1e18, 1e18], Some(ColumnType::Duration)).is_empty(), "spans of time");
        assert!(told(&[], None).is_empty());
    }

    fn of(words: &[&str], n_values: usize) -> ColumnType {
        of_words(words.iter().copied(), words.len(), n_values)
    }

    #[test]
    fn addresses_of_both_versions() {
        for (words, expected) in [
            (&["10.0.0.1", "::1", "2001:db8::ff00:42:8329", "::ffff:10.0.0.1"][..], ColumnType::Ip),
            (&["10.0.0.1", "host-7"], ColumnType::Category),
            (&["10.0.0.256"], ColumnType::Category),
            (&["10.0.0.1:51234", "[::1]:443", "[2001:db8::1]", "10.0.0.2"], ColumnType::Ip),
            (&["10.0.0.1:70000"], ColumnType::Category),
            (&["10.0.0.1:"], ColumnType::Category),
            (&["[10.0.0.1]:80"], ColumnType::Category),
            (&["[::1]80"], ColumnType::Category),
            (&["[::1"], ColumnType::Category),
            (&["12:30", "1:2"], ColumnType::Category),
            (&["1.2.3"], ColumnType::Category),
            (&["10.0.0.0/8"], ColumnType::Category),
            (&["cafe", "beef"], ColumnType::Category),
            (&[], ColumnType::Category),
        ] {
            assert_eq!(of(words, 100), expected, "{words:?}");
        }
    }

    #[test]
    fn user_agents_and_those_who_call_themselves_otherwise() {
        let words = ["Mozilla/5.0 (X11; Linux x86_64; rv:27.0) Gecko/20100101 Firefox/27.0", "msnbot/2.0b"];
        assert_eq!(of(&words, 1_000), ColumnType::UserAgent);
        assert_eq!(of(&["HTTP/1.1", "HTTP/1.0"], 1_000), ColumnType::Category);
    }

    #[test]
    fn text_is_long_and_hardly_repeats() {
        let lines: Vec<String> =
            (0..30).map(|n| format!("Failed password for user {n} from a host that nobody knows")).collect();
        let words: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(of(&words, 40), ColumnType::Text);
        assert_eq!(of(&words, 400), ColumnType::Category, "it repeats");
        assert_eq!(of(&words[..9], 9), ColumnType::Category, "too few to tell");
        let urls: Vec<String> =
            (0..30).map(|n| format!("https://example.org/a/rather/long/path/to/page/{n}.html")).collect();
        assert_eq!(of(&urls.iter().map(String::as_str).collect::<Vec<_>>(), 30), ColumnType::Category);
    }
}
