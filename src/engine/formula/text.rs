//! What texts a part of a formula can give: values of a column's dictionary, and texts written in the formula.
//!
//! Such a part gives codes, `0..n` over all its sources one after the other. What a function makes of a text is worked
//! out once for each code when the formula is compiled.

use crate::engine::table::{ColumnData, Dictionary, Table};
use std::borrow::Cow;

/// Texts that a part can give, by code.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Texts {
    sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq)]
struct Source {
    of: Of,
    is_lower: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Of {
    /// The values of a column's dictionary.
    Column(usize),
    Literal(String),
}

/// A question about a text and a part of it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Test {
    Contains,
    StartsWith,
    EndsWith,
}

impl Test {
    pub fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Test::Contains => text.contains(part),
            Test::StartsWith => text.starts_with(part),
            Test::EndsWith => text.ends_with(part),
        }
    }
}

impl Texts {
    /// Values of a column of categories.
    pub fn of_column(column: usize) -> Self {
        Texts { sources: vec![Source { of: Of::Column(column), is_lower: false }] }
    }

    pub fn of_literal(text: &str) -> Self {
        Texts { sources: vec![Source { of: Of::Literal(text.to_owned()), is_lower: false }] }
    }

    /// The same in lower case; codes stay.
    pub fn lowered(mut self) -> Self {
        self.sources.iter_mut().for_each(|source| source.is_lower = true);
        self
    }

    /// These, and then those of another part.
    pub fn joined(mut self, other: Texts) -> Self {
        self.sources.extend(other.sources);
        self
    }

    /// How many codes.
    pub fn n_codes(&self, table: &Table) -> usize {
        self.sources.iter().map(|source| source.n_codes(table)).sum()
    }

    /// Whether two codes are never the same text.
    fn is_distinct(&self) -> bool {
        matches!(self.sources.as_slice(), [Source { is_lower: false, .. }])
    }

    /// The text of a code.
    pub fn get<'a>(&'a self, table: &'a Table, code: u32) -> Cow<'a, str> {
        let mut code = code as usize;
        for source in &self.sources {
            let n_codes = source.n_codes(table);
            if code < n_codes {
                return source.get(table, code as u32);
            }
            code -= n_codes;
        }
        Cow::Borrowed("")
    }

    /// A value for each code.
    pub fn map<T>(&self, table: &Table, mut value: impl FnMut(&str) -> T) -> Box<[T]> {
        let mut values = Vec::with_capacity(self.n_codes(table));
        for source in &self.sources {
            values.extend((0..source.n_codes(table) as u32).map(|code| value(&source.get(table, code))));
        }
        values.into()
    }

    /// For each code a number that equal texts share, and how many numbers there are; no numbers where codes do.
    pub fn classes(&self, table: &Table) -> (Option<Box<[f64]>>, usize) {
        if self.is_distinct() {
            return (None, self.n_codes(table));
        }
        let mut words = Dictionary::new();
        let classes = self.map(table, |text| f64::from(words.intern(text)));
        (Some(classes), words.len())
    }

    /// For each code of two parts a number that equal texts share; none where their codes do.
    pub fn common_classes(&self, other: &Texts, table: &Table) -> Option<[Box<[f64]>; 2]> {
        if self == other && self.is_distinct() {
            return None;
        }
        let mut words = Dictionary::new();
        Some([self, other].map(|texts| texts.map(table, |text| f64::from(words.intern(text)))))
    }
}

impl Source {
    fn n_codes(&self, table: &Table) -> usize {
        match self.of {
            Of::Column(column) => dictionary(table, column).map_or(0, Dictionary::len),
            Of::Literal(_) => 1,
        }
    }

    fn get<'a>(&'a self, table: &'a Table, code: u32) -> Cow<'a, str> {
        let text = match &self.of {
            Of::Column(column) => dictionary(table, *column).map_or("", |dictionary| dictionary.get(code)),
            Of::Literal(text) => text,
        };
        if self.is_lower { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) }
    }
}

fn dictionary(table: &Table, column: usize) -> Option<&Dictionary> {
    match table.columns()[column].data() {
        ColumnData::Category { dictionary, .. } => Some(dictionary),
        _ => None,
    }
}
