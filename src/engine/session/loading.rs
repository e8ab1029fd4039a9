//! From a source read to its end to what a session has of it, in steps of a few milliseconds.

use crate::engine::host::{Progress, Stage};
use crate::engine::ingest::{FinishJob, Ingested};
use crate::engine::plan::guess::Suggestion;
use crate::engine::profile::{ColumnProfile, SummaryJob};
use std::cell::OnceCell;
use std::ops::ControlFlow;

/// A source that was read whole.
#[derive(Debug)]
pub struct Loaded {
    /// The table and how it was read.
    pub ingested: Ingested,
    /// One per column.
    pub profiles: Vec<ColumnProfile>,
    /// Words that meant "no value", where the caller gave them.
    pub missing_words: Option<Vec<String>>,
    /// The plan it suggests, once that was asked for: an analysis and an exploration begin with it too.
    pub(super) suggested: OnceCell<Suggestion>,
}

/// A table being made whole, and then summed up.
#[derive(Debug)]
pub(super) enum LoadJob {
    Table(Box<FinishJob>),
    Summary {
        ingested: Box<Ingested>,
        job: SummaryJob,
        /// Units of progress before this.
        n_done: u64,
    },
}

impl LoadJob {
    /// What is left to do with a table that is whole, after so many units of progress.
    pub(super) fn summary(ingested: Ingested, n_done: u64) -> Self {
        LoadJob::Summary { ingested: Box::new(ingested), job: SummaryJob::default(), n_done }
    }

    /// Works on, until it breaks with what was loaded.
    pub(super) fn step(self) -> ControlFlow<Loaded, (Self, Progress)> {
        match self {
            LoadJob::Table(mut job) => {
                let Progress { stage, done, total } = job.step();
                // To sum them up, all columns are gone through once more.
                let progress = Progress { stage, done, total: total + job.n_columns() as u64 };
                let next = match job.is_done() {
                    true => LoadJob::summary(job.finish(), total),
                    false => LoadJob::Table(job),
                };
                ControlFlow::Continue((next, progress))
            }
            LoadJob::Summary { ingested, mut job, n_done } => {
                if job.step(&ingested.table) {
                    let done = n_done + job.n_columns() as u64;
                    let total = n_done + ingested.table.columns().len() as u64;
                    let progress = Progress { stage: Stage::Finish, done, total };
                    return ControlFlow::Continue((LoadJob::Summary { ingested, job, n_done }, progress));
                }
                let profiles = job.finish(&ingested.table);
                ControlFlow::Break(Loaded {
                    ingested: *ingested,
                    profiles,
                    missing_words: None,
                    suggested: OnceCell::new(),
                })
            }
        }
    }
}
