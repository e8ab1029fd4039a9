//! An exploration of a table, in steps of a few milliseconds.

use super::column::ColumnJob;
use super::correlate::{self, CorrelateJob};
use super::entities::{self, EntityJob};
use super::report::{ColumnReport, Correlations, EntityDistribution, MissingMatrix, OverTime, Profile};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::host::{Progress, Stage};
use crate::engine::table::{ColumnData, Table};

/// Rows, or as much work, after which a step ends.
const ROWS_PER_STEP: usize = super::keys::BLOCK;
/// Blocks of rows in the matrix of missing values at most.
const MAX_BLOCKS: usize = 100;

/// What an exploration should look at besides the columns themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileOptions {
    /// The column of times for rows over time.
    pub time: Option<usize>,
    /// The column of entities for what is counted per entity.
    pub entity: Option<usize>,
    /// Columns counted per entity even if they have many values or are integers: devices, addresses, sessions.
    pub counted: Vec<usize>,
}

/// Explores a table column by column, then pair by pair, then entity by entity.
///
/// Every call takes the table the job was made for. Beside the table, at most two copies of one column's numbers are
/// held at a time. The result is the same however the rows stand, to the last bit but for Pearson's and Spearman's
/// coefficients, whose sums run in row order, and where they rest on a sample of the rows.
#[derive(Debug)]
pub struct ProfileJob {
    options: ProfileOptions,
    state: State,
    n_done: u64,
    n_units: u64,
    columns: Vec<ColumnReport>,
    over_time: Option<OverTime>,
    correlations: Option<Correlations>,
    per_entity: Vec<EntityDistribution>,
}

#[derive(Debug)]
enum State {
    Columns(ColumnJob),
    Correlate(Box<CorrelateJob>),
    Entities(Box<EntityJob>),
    Done,
}

impl ProfileJob {
    /// Starts an exploration.
    ///
    /// # Errors
    /// `wrong-type` for a time column without times.
    pub fn new(table: &Table, options: ProfileOptions) -> Result<Self> {
        if let Some(column) = options.time.map(|time| &table.columns()[time])
            && !matches!(column.data(), ColumnData::Timestamp { .. })
        {
            return Err(Error::new(ErrorKind::WrongType {
                column: column.name().to_owned(),
                expected: "times with a date".to_owned(),
                found: format!("{} values", column.column_type().name()),
            }));
        }
        let n_entity_units =
            options.entity.map_or(0, |entity| entities::n_units(table, entity, &options.counted));
        Ok(ProfileJob {
            n_units: table.columns().len() as u64 + correlate::n_units(table) + n_entity_units,
            options,
            state: State::Columns(ColumnJob::default()),
            n_done: 0,
            columns: Vec::with_capacity(table.columns().len()),
            over_time: None,
            correlations: None,
            per_entity: Vec::new(),
        })
    }

    /// Works on for a few milliseconds.
    pub fn step(&mut self, table: &Table) -> Progress {
        let mut n_rows = 0;
        while !self.is_done() && n_rows < ROWS_PER_STEP {
            // Even a table without rows makes some work per unit.
            n_rows += self.advance(table).max(64);
        }
        if self.is_done() {
            self.n_done = self.n_units;
        }
        Progress { stage: Stage::Profile, done: self.n_done.min(self.n_units), total: self.n_units }
    }

    /// Whether everything is explored.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// What was found.
    ///
    /// # Panics
    /// If called before [`ProfileJob::is_done`].
    pub fn finish(self, table: &Table) -> Profile {
        assert!(self.is_done(), "{} of {} units", self.n_done, self.n_units);
        Profile {
            rows: table.n_rows(),
            columns: self.columns,
            missing: missing(table),
            correlations: self.correlations.unwrap_or_default(),
            over_time: self.over_time,
            per_entity: self.per_entity,
        }
    }

    /// Does one piece of work and says how many rows it went through.
    fn advance(&mut self, table: &Table) -> usize {
        match &mut self.state {
            State::Columns(job) => {
                let index = self.columns.len();
                let Some(column) = table.columns().get(index) else {
                    self.state = State::Correlate(Box::new(CorrelateJob::new(table, &self.columns)));
                    return 0;
                };
                let Some(explored) = job.step(column) else { return ROWS_PER_STEP.min(table.n_rows()) };
                self.columns.push(explored.report);
                if self.options.time == Some(index) {
                    self.over_time = explored.over_time;
                }
                *job = ColumnJob::default();
                self.n_done += 1;
                table.n_rows()
            }
            State::Correlate(job) => match job.step(table) {
                Some(n_rows) => {
                    self.n_done += 1;
                    n_rows
                }
                None => {
                    let next = match self.options.entity {
                        Some(entity) => {
                            let counted = &self.options.counted;
                            State::Entities(Box::new(EntityJob::new(table, &self.columns, entity, counted)))
                        }
                        None => State::Done,
                    };
                    if let State::Correlate(job) = std::mem::replace(&mut self.state, next) {
                        self.correlations = Some(job.finish());
                    }
                    table.n_rows()
                }
            },
            State::Entities(job) => {
                if job.step(table) {
                    self.n_done += 1;
                } else if let State::Entities(job) = std::mem::replace(&mut self.state, State::Done) {
                    self.per_entity = job.finish();
                }
                ROWS_PER_STEP.min(table.n_rows())
            }
            State::Done => 0,
        }
    }
}

/// Where values are missing, in at most [`MAX_BLOCKS`] blocks of equally many rows.
fn missing(table: &Table) -> MissingMatrix {
    let columns: Vec<_> = table.columns().iter().filter(|column| column.validity().n_missing() > 0).collect();
    let block_rows = table.n_rows().div_ceil(MAX_BLOCKS).max(1);
    let n_blocks = if columns.is_empty() { 0 } else { table.n_rows().div_ceil(block_rows) };
    let share = |block: usize, column: &crate::engine::table::Column| {
        let rows = block * block_rows..((block + 1) * block_rows).min(table.n_rows());
        let n = rows.len() as f64;
        rows.filter(|&row| !column.is_valid(row)).count() as f64 / n
    };
    MissingMatrix {
        shares: (0..n_blocks)
            .map(|block| columns.iter().map(|column| share(block, column)).collect())
            .collect(),
        columns: columns.iter().map(|column| column.name().to_owned()).collect(),
        block_rows,
    }
}
