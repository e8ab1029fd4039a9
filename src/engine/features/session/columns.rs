//! Columns that are features as they are: numbers, and categories by the places of their words in the alphabet.

use crate::engine::features::Feature;
use crate::engine::features::coded::CodedColumn;
use crate::engine::features::distinct::CountsAs;
use crate::engine::features::measure::{Events, Measure};
use crate::engine::table::{EntityCodes, Table};
use std::collections::BTreeMap;

/// The value of a numeric column.
#[derive(Debug)]
pub(super) struct NumberColumn {
    column: usize,
    feature: Feature,
}

impl NumberColumn {
    pub fn new(column: usize, feature: Feature) -> Self {
        NumberColumn { column, feature }
    }
}

impl Measure for NumberColumn {
    fn features(&self) -> Vec<Feature> {
        vec![self.feature.clone()]
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let number = events.table.columns()[self.column].number(events.rows[0] as usize);
        values.push(number.map_or(f64::NAN, super::bounded));
    }
}

/// The value of a category, as its place among the labels.
#[derive(Debug)]
pub(super) struct CategoryColumn {
    column: CodedColumn,
    /// Place of each code's word among the labels.
    place_of_code: Vec<u32>,
    feature: Feature,
}

impl CategoryColumn {
    /// Of the values that rows have, in order of the alphabet, so that labels do not depend on which a file names first.
    pub fn new(table: &Table, column: usize, as_what: CountsAs, feature: Feature) -> Self {
        let codes = EntityCodes::of(table, column);
        let word = |code: u32| as_what.word(&codes.label(code)).into_owned();
        let words: Vec<String> = (0..codes.n_codes() as u32).map(word).collect();
        let mut places: BTreeMap<&str, u32> = BTreeMap::new();
        for code in (0..table.n_rows()).filter_map(|row| codes.get(row)) {
            places.insert(&words[code as usize], 0);
        }
        for (place, at) in places.values_mut().enumerate() {
            *at = place as u32;
        }
        let place_of_code =
            words.iter().map(|word| places.get(word.as_str()).copied().unwrap_or(0)).collect();
        let labels = places.keys().map(|&word| word.to_owned()).collect();
        CategoryColumn {
            column: CodedColumn::new(table, column),
            place_of_code,
            feature: Feature { labels, ..feature },
        }
    }
}

impl Measure for CategoryColumn {
    fn features(&self) -> Vec<Feature> {
        vec![self.feature.clone()]
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let code = self.column.view(events.table).get(events.rows[0]);
        values.push(code.map_or(f64::NAN, |code| self.place_of_code[code as usize].into()));
    }
}
