//! A column as dense codes that a job can keep without borrowing the table.
//!
//! Features read a column in the order of entities, all over the table, so what counts is how much of it the cache
//! holds: [`Codes`] are as narrow as they can be.

use crate::engine::table::{Codes, ColumnData, EntityCodes, Table, Validity};

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

    /// How many different values the rows have. `seen_by` holds, for each code, the last entity that had it, and
    /// `entity` is one that came never before: comparing with it costs nothing to reset between entities.
    pub fn n_distinct(&self, rows: &[u32], seen_by: &mut [u32], entity: u32) -> u32 {
        match self.codes {
            Codes::Narrow(codes) => n_distinct(rows, self.validity, |row| codes[row].into(), seen_by, entity),
            Codes::Medium(codes) => n_distinct(rows, self.validity, |row| codes[row].into(), seen_by, entity),
            Codes::Wide(codes) => n_distinct(rows, self.validity, |row| codes[row], seen_by, entity),
        }
    }
}

#[inline]
fn n_distinct(
    rows: &[u32],
    validity: &Validity,
    code: impl Fn(usize) -> u32,
    seen_by: &mut [u32],
    entity: u32,
) -> u32 {
    let mut n_distinct = 0;
    let mut count = |row: u32| {
        // Without a branch, which would be a coin toss.
        let seen_by = &mut seen_by[code(row as usize) as usize];
        n_distinct += u32::from(*seen_by != entity);
        *seen_by = entity;
    };
    if validity.n_missing() == 0 {
        rows.iter().for_each(|&row| count(row));
    } else {
        rows.iter().filter(|&&row| validity.is_valid(row as usize)).for_each(|&row| count(row));
    }
    n_distinct
}
