//! A column as dense codes that a job can keep without borrowing the table.
//!
//! Features read a column in the order of entities, all over the table, so what counts is how much of it the cache
//! holds: where one byte or two are enough for a code, a copy of as many bytes per row is made.

use crate::engine::table::{ColumnData, EntityCodes, Table, Validity};

/// Codes `0..n_codes` of one column. Many categories lend their own at each use; others are copied and kept.
#[derive(Debug)]
pub(super) struct CodedColumn {
    column: usize,
    n_codes: usize,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Nothing,
    Narrow(Vec<u8>),
    Medium(Vec<u16>),
    Wide(Vec<u32>),
}

/// [`CodedColumn`] put beside its table.
#[derive(Debug, Clone, Copy)]
pub(super) struct CodeView<'a> {
    codes: Codes<'a>,
    validity: &'a Validity,
}

#[derive(Debug, Clone, Copy)]
enum Codes<'a> {
    Narrow(&'a [u8]),
    Medium(&'a [u16]),
    Wide(&'a [u32]),
}

impl CodedColumn {
    /// Numbers the values of a column.
    pub fn new(table: &Table, column: usize) -> Self {
        let codes = EntityCodes::of(table, column);
        let is_lent = matches!(table.columns()[column].data(), ColumnData::Category { .. });
        let all = (0..table.n_rows()).map(|row| codes.get(row).unwrap_or(0));
        CodedColumn::of(column, codes.n_codes(), is_lent, all)
    }

    /// Numbers the values of a column by groups: `group_of_code` says which, of `n_groups`, each code of the column's
    /// [`EntityCodes`] belongs to.
    pub fn grouped(table: &Table, column: usize, group_of_code: &[u32], n_groups: usize) -> Self {
        let codes = EntityCodes::of(table, column);
        let all =
            (0..table.n_rows()).map(|row| codes.get(row).map_or(0, |code| group_of_code[code as usize]));
        CodedColumn::of(column, n_groups, false, all)
    }

    fn of(column: usize, n_codes: usize, is_lent: bool, all: impl Iterator<Item = u32>) -> Self {
        let kept = match n_codes {
            0..=0x100 => Kept::Narrow(all.map(|code| code as u8).collect()),
            0x101..=0x1_0000 => Kept::Medium(all.map(|code| code as u16).collect()),
            _ if is_lent => Kept::Nothing,
            _ => Kept::Wide(all.collect()),
        };
        CodedColumn { column, n_codes, kept }
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
            (Kept::Narrow(codes), _) => Codes::Narrow(codes),
            (Kept::Medium(codes), _) => Codes::Medium(codes),
            (Kept::Wide(codes), _) => Codes::Wide(codes),
            (Kept::Nothing, ColumnData::Category { codes, .. }) => Codes::Wide(codes),
            (Kept::Nothing, _) => unreachable!("a job works on the table it was made for"),
        };
        CodeView { codes, validity: column.validity() }
    }
}

impl CodeView<'_> {
    /// The code of a row, `None` where the value is missing.
    #[inline]
    pub fn get(&self, row: u32) -> Option<u32> {
        let row = row as usize;
        self.validity.is_valid(row).then(|| match self.codes {
            Codes::Narrow(codes) => u32::from(codes[row]),
            Codes::Medium(codes) => u32::from(codes[row]),
            Codes::Wide(codes) => codes[row],
        })
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
