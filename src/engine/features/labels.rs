//! The truth about matrix rows, from a label column of the table.

use super::FeatureMatrix;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::plan::words::LabelReader;
use crate::engine::table::{Column, Table};

/// One label per matrix row: abnormal (`true`) if any of its table rows is. A missing label says nothing, so a
/// matrix row whose table rows have none is normal.
///
/// Read are booleans, the numbers 0 and 1, and the words of [`crate::engine::plan::words`], whatever their case.
///
/// # Errors
/// `labels` for any other value, and for a column without a single label.
pub fn row_labels(table: &Table, matrix: &FeatureMatrix, label_column: usize) -> Result<Vec<bool>> {
    let column = &table.columns()[label_column];
    let reader = reader(column)?;
    Ok((0..matrix.n_rows())
        .map(|row| {
            matrix.table_rows.rows(row).iter().any(|&r| reader.is_abnormal(column, r as usize) == Some(true))
        })
        .collect())
}

/// Whether a column can be read as labels.
///
/// # Errors
/// As [`row_labels`].
pub fn check_labels(table: &Table, label_column: usize) -> Result<()> {
    reader(&table.columns()[label_column]).map(drop)
}

fn reader(column: &Column) -> Result<LabelReader> {
    LabelReader::of(column).map_err(|message| Error::new(ErrorKind::Labels { message }))
}
