//! A column as dense codes that a job can keep without borrowing the table.
//!
//! Features read a column in the order of entities, all over the table, so what counts is how much of it the cache
//! holds: where one byte is enough for a code, a copy of one byte per row is made.

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
    Wide(&'a [u32]),
}

impl CodedColumn {
    /// Numbers the values of a column.
    pub fn new(table: &Table, column: usize) -> Self {
        let codes = EntityCodes::of(table, column);
        let n_codes = codes.n_codes();
        let all = || (0..table.n_rows()).map(|row| codes.get(row).unwrap_or(0));
        let kept = match table.columns()[column].data() {
            _ if n_codes <= 1 << 8 => Kept::Narrow(all().map(|code| code as u8).collect()),
            ColumnData::Category { .. } => Kept::Nothing,
            _ => Kept::Wide(all().collect()),
        };
        CodedColumn { column, n_codes, kept }
    }

    /// How many codes there are.
    pub fn n_codes(&self) -> usize {
        self.n_codes
    }

    /// The codes, to be read by row.
    pub fn view<'a>(&'a self, table: &'a Table) -> CodeView<'a> {
        let column = &table.columns()[self.column];
        let codes = match (&self.kept, column.data()) {
            (Kept::Narrow(codes), _) => Codes::Narrow(codes),
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
            Codes::Wide(codes) => codes[row],
        })
    }
}
