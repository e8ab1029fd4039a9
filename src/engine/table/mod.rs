//! The typed columnar table that ingest builds and everything else reads.
//!
//! Bytes of the source are not kept: text becomes dictionary codes, times become milliseconds, numbers `i64` or
//! `f64`. Missing is a bit beside the value, never a magic value that arithmetic could see.

mod codes;
mod column;
mod dictionary;
mod groups;
mod records;
mod validity;

pub use codes::Codes;
pub use column::{Column, ColumnData, ColumnType, float_text};
pub use dictionary::{Dictionary, same_bytes};
pub(crate) use groups::KeyCodes;
pub use groups::{EntityCodes, Groups};
pub use records::RowRecords;
pub use validity::Validity;

use super::error::{Error, ErrorKind, Position, Result};
use std::sync::Arc;

/// Columns of equal length, each shared by the tables that have it. Rows are records of the source, in its order, which
/// [`Table::position`] tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    columns: Vec<Arc<Column>>,
    n_rows: usize,
    records: Arc<RowRecords>,
}

impl Table {
    /// A table from columns.
    ///
    /// # Panics
    /// If the columns differ in length: a bug of the caller, never of the data.
    pub fn new(columns: Vec<Column>) -> Self {
        let n_rows = columns.first().map_or(0, Column::len);
        assert!(columns.iter().all(|c| c.len() == n_rows), "columns of one table have one length");
        Table { columns: columns.into_iter().map(Arc::new).collect(), n_rows, records: Arc::default() }
    }

    /// The same table, its rows being these records. Without, row `i` is record `i + 1` of the first file.
    pub fn with_records(mut self, records: RowRecords) -> Self {
        self.records = Arc::new(records);
        self
    }

    /// Where the record of a row stands: its file and number; line and byte are not kept and 0. Record 0 where the row is
    /// no record.
    pub fn position(&self, row: usize) -> Position {
        self.records.position(row)
    }

    /// This table with further columns behind the others.
    ///
    /// # Panics
    /// If one has another length.
    pub fn with_further(mut self, columns: Vec<Column>) -> Table {
        assert!(columns.iter().all(|c| c.len() == self.n_rows), "columns of one table have one length");
        self.columns.extend(columns.into_iter().map(Arc::new));
        self
    }

    /// This table with each column replaced as `change` says: `None` leaves it out, `Some(None)` keeps it, shared and not
    /// copied.
    ///
    /// # Panics
    /// If a new column has another length.
    pub fn with_columns(&self, mut change: impl FnMut(&Column) -> Option<Option<Column>>) -> Table {
        let columns: Vec<Arc<Column>> = self
            .columns
            .iter()
            .filter_map(|column| Some(change(column)?.map_or_else(|| Arc::clone(column), Arc::new)))
            .collect();
        assert!(
            columns.iter().all(|column| column.len() == self.n_rows),
            "columns of one table have one length"
        );
        Table { columns, n_rows: self.n_rows, records: Arc::clone(&self.records) }
    }

    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// All columns in file order.
    pub fn columns(&self) -> &[Arc<Column>] {
        &self.columns
    }

    /// Index of the column with this exact name.
    ///
    /// # Errors
    /// `no-such-column`, naming the columns there are.
    pub fn index_of(&self, name: &str) -> Result<usize> {
        self.columns.iter().position(|c| c.name() == name).ok_or_else(|| {
            Error::new(ErrorKind::NoSuchColumn { name: name.to_owned(), columns: self.names() })
        })
    }

    /// Column names in file order.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|c| c.name().to_owned()).collect()
    }

    /// Bytes held by values, dictionaries and validity bits.
    pub fn heap_bytes(&self) -> usize {
        self.columns.iter().map(|column| column.heap_bytes()).sum::<usize>() + self.records.heap_bytes()
    }
}
