//! The end of a source: columns are made whole, and equal rows looked for, in steps of a few milliseconds.

use super::column::ColumnBuilder;
use super::duplicates::DuplicateJob;
use super::joined::JoinJob;
use super::{Ingest, Ingested};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::finding::{Finding, Findings};
use crate::engine::host::{Progress, Stage};
use crate::engine::table::{Column, RowRecords, Table};
use crate::engine::time::zone::Zone;
use std::sync::Arc;

/// Makes the table of a source that was read whole.
///
/// A step makes one column whole, or compares some thousand rows. Between steps the caller may report, or cancel by
/// dropping the job.
#[derive(Debug)]
pub struct FinishJob {
    /// What reading gave; its table and findings are not whole before the job is done.
    ingested: Ingested,
    findings: Findings,
    /// Whether rows were given away in blocks, of which the table is the last.
    gave_blocks: bool,
    n_columns: usize,
    n_passes: usize,
    /// Columns whose times together were asked for, and the zone of times that name none.
    joins: Vec<Vec<String>>,
    zone: Option<Arc<Zone>>,
    state: State,
}

#[derive(Debug)]
enum State {
    Columns { left: std::vec::IntoIter<ColumnBuilder>, whole: Vec<Column>, records: RowRecords },
    Duplicates(Box<DuplicateJob>),
    Joining(Box<JoinJob>, Findings),
    Done,
}

impl Ingest {
    /// Ends the source, and leaves to the job what that takes.
    ///
    /// # Errors
    /// As [`Ingest::finish`].
    pub fn begin_finish(mut self) -> Result<FinishJob> {
        let ended = self.end_file();
        self.remember(ended)?;
        self.into_job()
    }

    /// What is left to do with all that has been read.
    pub(super) fn into_job(self) -> Result<FinishJob> {
        let (Some(mut rows), Some((format, delimiter, encoding))) = (self.rows, self.first) else {
            return Err(self.refusal.unwrap_or_else(|| Error::new(ErrorKind::EmptySource)));
        };
        rows.check_awaited()?;
        // Objects without a key are records without a column.
        if rows.columns().is_empty() && !self.gives_blocks {
            return Err(Error::new(ErrorKind::NoRecords { n_columns: 0 }));
        }
        let mut findings = self.findings;
        let table = match self.gives_blocks {
            true => rows.take_last_block(&mut findings)?,
            false => Table::default(),
        };
        let joins = rows.joins().to_vec();
        let (columns, records) = rows.into_columns();
        let n_rows = columns.first().map_or(0, ColumnBuilder::n_rows);
        Ok(FinishJob {
            ingested: Ingested {
                table,
                findings: Vec::new(),
                questions: Vec::new(),
                time_zone: self.options.zone.as_ref().map(|zone| zone.name().to_owned()),
                n_records: self.n_records,
                n_aggregated: None,
                n_bytes: self.n_bytes,
                files: self.files,
                format,
                delimiter,
                encoding,
            },
            findings,
            gave_blocks: self.gives_blocks,
            n_columns: columns.len(),
            n_passes: DuplicateJob::n_passes(n_rows),
            joins,
            zone: self.options.zone,
            state: State::Columns {
                whole: Vec::with_capacity(columns.len()),
                left: columns.into_iter(),
                records,
            },
        })
    }
}

impl FinishJob {
    /// Works on for a few milliseconds.
    pub fn step(&mut self) -> Progress {
        let ingested = &mut self.ingested;
        match &mut self.state {
            State::Columns { left, whole, records } => match left.next() {
                Some(column) => whole.push(column.finish(&mut self.findings, &mut ingested.questions)),
                None => {
                    ingested.findings = in_order(std::mem::take(&mut self.findings));
                    self.state = match self.gave_blocks {
                        true => State::Done,
                        false => {
                            let table = Table::new(std::mem::take(whole));
                            ingested.table = table.with_records(std::mem::take(records));
                            State::Duplicates(Box::new(DuplicateJob::new(&ingested.table)))
                        }
                    };
                }
            },
            State::Duplicates(job) => {
                if !job.step(&ingested.table) {
                    // About the table as a whole, so behind what has a place in a file.
                    let mut of_table = Findings::default();
                    job.report(&ingested.table, ingested.delimiter.unwrap_or(b','), &mut of_table);
                    ingested.findings.extend(of_table.into_vec());
                    // Behind the comparison: a column made of two tells no rows apart.
                    let job = JoinJob::new(&ingested.table, &self.joins, self.zone.clone());
                    self.state = State::Joining(Box::new(job), Findings::default());
                }
            }
            State::Joining(job, findings) => {
                if !job.step(&ingested.table, findings) {
                    ingested.findings.extend(std::mem::take(findings).into_vec());
                    let State::Joining(job, _) = std::mem::replace(&mut self.state, State::Done) else {
                        unreachable!("it is the state at hand")
                    };
                    ingested.table = std::mem::take(&mut ingested.table).with_further(job.finish());
                }
            }
            State::Done => {}
        }
        self.progress()
    }

    /// Columns gone through; each pass of the rows that are compared goes through all.
    fn progress(&self) -> Progress {
        let n = self.n_columns as u64;
        let total = n * (1 + self.n_passes as u64);
        let done = match &self.state {
            State::Columns { whole, .. } => whole.len() as u64,
            State::Duplicates(job) => n + (n as f64 * job.n_passes_done(&self.ingested.table)) as u64,
            State::Joining(..) | State::Done => total,
        };
        Progress { stage: Stage::Finish, done: done.min(total), total }
    }

    /// Columns of the source.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// Whether the table is whole.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// The table and how it was read, after whatever steps are left.
    pub fn finish(mut self) -> Ingested {
        while !self.is_done() {
            self.step();
        }
        self.ingested
    }
}

/// Findings in file order: reports come in by batches, whose size depends on chunks.
fn in_order(findings: Findings) -> Vec<Finding> {
    let mut findings = findings.into_vec();
    findings.sort_by(|a, b| {
        let order = |f: &Finding| (f.first.file, f.first.byte, f.kind);
        (order(a), &a.message).cmp(&(order(b), &b.message))
    });
    findings
}
