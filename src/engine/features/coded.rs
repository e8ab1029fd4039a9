//! A column as dense codes that a job can keep without borrowing the table.
//!
//! Features read a column in the order of entities, all over the table, so what counts is how much of it the cache
//! holds: [`Codes`] are as narrow as they can be.

use super::measure::Block;
use crate::engine::table::{Codes, ColumnData, EntityCodes, Table, Validity};

/// Rows whose codes are read before they are looked at.
const ROWS_AHEAD: usize = 512;

/// Codes `0..n_codes` of one column. Categories lend their own at each use; others are numbered once and kept.
#[derive(Debug)]
pub(super) struct CodedColumn {
    column: usize,
    n_codes: usize,
    /// `None` where the column lends its own.
    kept: Option<Codes>,
}

/// [`CodedColumn`] put beside its table.
#[derive(Debug, Clone, Copy)]
pub(super) struct CodeView<'a> {
    codes: &'a Codes,
    validity: &'a Validity,
}

impl CodedColumn {
    /// Numbers the values of a column.
    pub fn new(table: &Table, column: usize) -> Self {
        let codes = EntityCodes::of(table, column);
        let n_codes = codes.n_codes();
        let is_lent = matches!(table.columns()[column].data(), ColumnData::Category { .. });
        let kept = (!is_lent).then(|| codes.into_codes());
        CodedColumn { column, n_codes, kept }
    }

    /// Numbers the values of a column by groups: `group_of_code` says which, of `n_groups`, each code of the column's
    /// [`EntityCodes`] belongs to.
    pub fn grouped(table: &Table, column: usize, group_of_code: &[u32], n_groups: usize) -> Self {
        let codes = EntityCodes::of(table, column);
        let group = |row| codes.get(row).map_or(0, |code| group_of_code[code as usize]);
        let kept = Some((0..table.n_rows()).map(group).collect());
        CodedColumn { column, n_codes: n_groups, kept }
    }

    /// How many codes there are.
    pub fn n_codes(&self) -> usize {
        self.n_codes
    }

    /// The column, by its place in the table.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The codes, to be read by row.
    pub fn view<'a>(&'a self, table: &'a Table) -> CodeView<'a> {
        let column = &table.columns()[self.column];
        let codes = match (&self.kept, column.data()) {
            (Some(codes), _) | (None, ColumnData::Category { codes, .. }) => codes,
            (None, _) => unreachable!("a job works on the table it was made for"),
        };
        CodeView { codes, validity: column.validity() }
    }
}

impl CodeView<'_> {
    /// The code of a row, `None` where the value is missing.
    #[inline]
    pub fn get(&self, row: u32) -> Option<u32> {
        let row = row as usize;
        self.validity.is_valid(row).then(|| self.codes.get(row))
    }

    /// How many different values each matrix row has, appended to `counts`. `seen_by` holds, for each code and for no value, the
    /// last matrix row that had it, by a number, and `number` is one that came never before, also afterwards: comparing with
    /// it costs nothing to reset between rows.
    pub fn count_distinct(
        &self,
        block: &Block<'_>,
        seen_by: &mut [u32],
        number: &mut u32,
        counts: &mut Vec<u32>,
    ) {
        let no_value = seen_by.len() - 1;
        let mut codes = [0; ROWS_AHEAD];
        let (mut start, mut cuts, mut n_distinct) = (0, block.cuts.iter(), 0);
        let mut next_end = || cuts.next().map_or(usize::MAX, |&(_, end)| end);
        let mut end = next_end();
        for rows in block.rows.chunks(ROWS_AHEAD) {
            self.read(rows, &mut codes, no_value as u32);
            let mut codes = &codes[..rows.len()];
            while !codes.is_empty() {
                let own;
                (own, codes) = codes.split_at((end - start).min(codes.len()));
                for &code in own {
                    // Without a branch, which would be a coin toss.
                    let seen_by = &mut seen_by[code as usize];
                    n_distinct += u32::from(*seen_by != *number);
                    *seen_by = *number;
                }
                start += own.len();
                if start == end {
                    counts.push(n_distinct - u32::from(seen_by[no_value] == *number));
                    *number += 1;
                    (end, n_distinct) = (next_end(), 0);
                }
            }
        }
    }

    /// The codes of rows all over the table, `no_value` where that is missing. Nothing depends on what is read, so that waits
    /// for memory overlap.
    fn read(&self, rows: &[u32], into: &mut [u32], no_value: u32) {
        fn read<T: Copy + Into<u32>>(rows: &[u32], codes: &[T], into: &mut [u32]) {
            rows.iter().zip(into).for_each(|(&row, place)| *place = codes[row as usize].into());
        }
        match self.codes {
            Codes::Narrow(codes) => read(rows, codes, into),
            Codes::Medium(codes) => read(rows, codes, into),
            Codes::Wide(codes) => read(rows, codes, into),
        }
        if self.validity.n_missing() > 0 {
            for (&row, place) in rows.iter().zip(into) {
                *place = if self.validity.is_valid(row as usize) { *place } else { no_value };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::Rng;
    use crate::engine::table::{Column, Dictionary, Groups};
    use std::collections::BTreeSet;

    #[test]
    fn different_values_are_counted_of_rows_of_any_size() {
        let mut rng = Rng::new(3);
        for n_values in [0, 3, 300] {
            let mut dictionary = Dictionary::new();
            (0..n_values).for_each(|value| assert_eq!(dictionary.intern(&value.to_string()), value));
            let mut validity = Validity::new();
            let mut codes = Codes::default();
            let values: Vec<Option<u32>> = (0..6_000)
                .map(|_| (n_values > 0 && rng.below(4) > 0).then(|| rng.below(n_values.into()) as u32))
                .collect();
            for value in &values {
                validity.push(value.is_some());
                codes.push(value.unwrap_or(0));
            }
            let column = Column::new("x", ColumnData::Category { codes, dictionary }, validity);
            let table = Table::new(vec![column]);
            let subject_of = |row: usize| if row.is_multiple_of(3) { 7 } else { (row * row % 40) as u32 };
            let mut groups = Groups::by_code(values.len(), 40, |row| Some(subject_of(row)));
            groups.remove_empty();
            let column = CodedColumn::new(&table, 0);
            let mut seen_by = vec![0; column.n_codes() + 1];
            let (mut number, mut counts) = (1, Vec::new());
            for subjects in [0..2, 2..groups.len()] {
                let mut end = 0;
                let cuts = subjects.clone().map(|group| {
                    end += groups.rows(group).len();
                    (group as u32, end)
                });
                let cuts: Vec<(u32, usize)> = cuts.collect();
                let block = Block { table: &table, rows: groups.rows_of(subjects), cuts: &cuts };
                column.view(&table).count_distinct(&block, &mut seen_by, &mut number, &mut counts);
            }
            let expected = (0..groups.len()).map(|group| {
                let rows = groups.rows(group).iter();
                rows.filter_map(|&row| values[row as usize]).collect::<BTreeSet<u32>>().len() as u32
            });
            assert_eq!(counts, expected.collect::<Vec<u32>>());
        }
    }
}
