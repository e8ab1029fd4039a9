//! A column as dense codes that a job can keep without borrowing the table.

use crate::engine::table::{ColumnData, EntityCodes, Table, Validity};

/// Codes `0..n_codes` of one column. Categories lend their own at each use; other types are numbered once and kept.
#[derive(Debug)]
pub(super) struct CodedColumn {
    column: usize,
    n_codes: usize,
    numbered: Option<Vec<u32>>,
}

/// [`CodedColumn`] put beside its table.
#[derive(Debug, Clone, Copy)]
pub(super) struct CodeView<'a> {
    codes: &'a [u32],
    validity: &'a Validity,
}

impl CodedColumn {
    /// Numbers the values of a column.
    pub fn new(table: &Table, column: usize) -> Self {
        let codes = EntityCodes::of(table, column);
        let numbered = match table.columns()[column].data() {
            ColumnData::Category { .. } => None,
            _ => Some((0..table.n_rows()).map(|row| codes.get(row).unwrap_or(0)).collect()),
        };
        CodedColumn { column, n_codes: codes.n_codes(), numbered }
    }

    /// How many codes there are.
    pub fn n_codes(&self) -> usize {
        self.n_codes
    }

    /// The codes, to be read by row.
    pub fn view<'a>(&'a self, table: &'a Table) -> CodeView<'a> {
        let column = &table.columns()[self.column];
        let codes = match (&self.numbered, column.data()) {
            (Some(codes), _) => codes,
            (None, ColumnData::Category { codes, .. }) => codes,
            (None, _) => unreachable!("a job works on the table it was made for"),
        };
        CodeView { codes, validity: column.validity() }
    }
}

impl CodeView<'_> {
    /// The code of a row, `None` where the value is missing.
    pub fn get(&self, row: u32) -> Option<u32> {
        let row = row as usize;
        self.validity.is_valid(row).then(|| self.codes[row])
    }
}
