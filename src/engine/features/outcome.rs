//! Successes and failures.

use super::Feature;
use super::measure::{Block, Events, Measure};
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

/// Successes and failures of events, read ahead.
#[derive(Debug)]
pub(super) struct Outcomes {
    column: usize,
    reader: OutcomeReader,
    /// Of the events that come next, the first of which is `next`.
    ahead: Vec<Option<bool>>,
    next: usize,
}

impl Outcomes {
    /// # Errors
    /// `wrong-type` for a column that cannot be read as success and failure.
    pub fn new(table: &Table, column: usize) -> Result<Self> {
        Ok(Outcomes { column, reader: outcome_reader(table, column)?, ahead: Vec::new(), next: 0 })
    }

    /// See [`Measure::read_block`].
    pub fn read_block(&mut self, block: &Block<'_>) {
        self.ahead.clear();
        self.next = 0;
        self.reader.read(&block.table.columns()[self.column], block.rows, &mut self.ahead);
    }

    /// How many of so many next events succeeded, and how many failed.
    pub fn count(&mut self, n_events: usize) -> [u32; 2] {
        let events = &self.ahead[self.next..self.next + n_events];
        self.next += n_events;
        [Some(false), Some(true)].map(|wanted| events.iter().map(|&failed| u32::from(failed == wanted)).sum())
    }
}

/// `failed_count` and `failed_share`: failures, and failures over events whose outcome is known (0 where none is).
#[derive(Debug)]
pub(super) struct Failures {
    outcomes: Outcomes,
    with_count: bool,
}

impl Failures {
    /// `with_count` for recipes whose rows cover spans of time that can be compared.
    ///
    /// # Errors
    /// `wrong-type` for a column that cannot be read as success and failure.
    pub fn new(table: &Table, column: usize, with_count: bool) -> Result<Self> {
        Ok(Failures { outcomes: Outcomes::new(table, column)?, with_count })
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

    fn read_block(&mut self, block: &Block<'_>) {
        self.outcomes.read_block(block);
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let [n_succeeded, n_failed] = self.outcomes.count(events.len());
        if self.with_count {
            values.push(f64::from(n_failed));
        }
        values.push(f64::from(n_failed) / f64::from((n_succeeded + n_failed).max(1)));
    }
}
