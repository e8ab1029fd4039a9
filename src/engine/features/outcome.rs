//! Successes and failures.

use super::Feature;
use super::measure::{Events, Measure};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::plan::words::OutcomeReader;
use crate::engine::table::Table;

/// A reader of a column as success and failure.
///
/// # Errors
/// `wrong-type` for a column that cannot be read so.
pub(super) fn outcome_reader(table: &Table, column: usize) -> Result<OutcomeReader> {
    OutcomeReader::of(&table.columns()[column]).ok_or_else(|| {
        Error::new(ErrorKind::WrongType {
            column: table.columns()[column].name().to_owned(),
            expected:
                "success or failure: true and false, 0 and 1, HTTP status codes, or words such as success, \
                       failed, denied"
                    .to_owned(),
            found: format!("{} values without these", table.columns()[column].column_type().name()),
        })
    })
}

/// `failed_count` and `failed_share`: failures, and failures over events whose outcome is known (0 where none is).
#[derive(Debug)]
pub(super) struct Failures {
    column: usize,
    reader: OutcomeReader,
    with_count: bool,
}

impl Failures {
    /// `with_count` for recipes whose rows cover spans of time that can be compared.
    ///
    /// # Errors
    /// `wrong-type` for a column that cannot be read as success and failure.
    pub fn new(table: &Table, column: usize, with_count: bool) -> Result<Self> {
        Ok(Failures { column, reader: outcome_reader(table, column)?, with_count })
    }
}

impl Measure for Failures {
    fn features(&self) -> Vec<Feature> {
        let share = Feature::new("failed_share", "share of failed attempts", "")
            .with_formula("failed ÷ (failed + succeeded)");
        match self.with_count {
            true => vec![
                Feature::new("failed_count", "number of failed attempts", "").with_formula("failed attempts"),
                share,
            ],
            false => vec![share],
        }
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let column = &events.table.columns()[self.column];
        let (mut n_failed, mut n_known) = (0u32, 0u32);
        for &row in events.rows {
            if let Some(failed) = self.reader.failed(column, row as usize) {
                n_known += 1;
                n_failed += u32::from(failed);
            }
        }
        if self.with_count {
            values.push(f64::from(n_failed));
        }
        values.push(f64::from(n_failed) / f64::from(n_known.max(1)));
    }
}
