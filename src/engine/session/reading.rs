//! A source on its way to a table: read, ended, made a table of.

use super::{LoadJob, Loaded, Session, not_ready};
use crate::engine::error::Result;
use crate::engine::features::LoginRoles;
use crate::engine::host::Progress;
use crate::engine::ingest::{Ingest, Options};
use crate::engine::streaming::Aggregation;
use std::ops::ControlFlow;

/// A source being read.
#[derive(Debug)]
pub(super) enum Reading {
    Rows(Box<Ingest>),
    Users(Box<Aggregation>),
}

impl Reading {
    fn progress(&self) -> IngestProgress {
        let (bytes, rows) = match self {
            Reading::Rows(ingest) => (ingest.n_bytes(), ingest.n_records()),
            Reading::Users(aggregation) => (aggregation.n_bytes(), aggregation.n_records()),
        };
        IngestProgress { bytes, rows }
    }
}

/// How far reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct IngestProgress {
    /// Bytes taken.
    pub bytes: u64,
    /// Data records seen.
    pub rows: u64,
}

impl Session {
    /// Starts reading a source; the earlier table stays until the new one is whole.
    ///
    /// # Errors
    /// `options`.
    pub fn begin_ingest(&mut self, options: Options) -> Result<()> {
        let missing_words = options.missing.clone();
        let ingest = Ingest::new(options)?;
        self.cancel_ingest();
        self.prediction = None;
        self.missing_words = missing_words;
        self.reading = Some(Reading::Rows(Box::new(ingest)));
        Ok(())
    }

    /// Starts reading a source into one row per user; see [`Aggregation::new`]. The earlier table stays until the new one
    /// is whole.
    ///
    /// # Errors
    /// `options`.
    pub fn begin_aggregation(&mut self, options: Options, roles: Option<LoginRoles>) -> Result<()> {
        let missing_words = options.missing.clone();
        let aggregation = Aggregation::new(options, roles)?;
        self.cancel_ingest();
        self.missing_words = missing_words;
        self.reading = Some(Reading::Users(Box::new(aggregation)));
        Ok(())
    }

    /// Begins the next file of the source being read; its columns must be those of the first.
    ///
    /// # Errors
    /// What the file before is refused for. The source is forgotten then.
    pub fn begin_file(&mut self, name: &str) -> Result<()> {
        let mut reading = self.reading.take().ok_or_else(|| not_ready("beginIngest"))?;
        match &mut reading {
            Reading::Rows(ingest) => ingest.begin_file(name)?,
            Reading::Users(aggregation) => aggregation.begin_file(name)?,
        }
        self.reading = Some(reading);
        Ok(())
    }

    /// Takes the next bytes of the source, cut anywhere; gives bytes and records so far.
    ///
    /// # Errors
    /// What the source is refused for. It is forgotten then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<IngestProgress> {
        let mut reading = self.reading.take().ok_or_else(|| not_ready("beginIngest"))?;
        match &mut reading {
            Reading::Rows(ingest) => ingest.push(bytes)?,
            Reading::Users(aggregation) => aggregation.push(bytes)?,
        }
        let progress = reading.progress();
        self.reading = Some(reading);
        Ok(progress)
    }

    /// What engines beside this one need to read slices of the file under way; see [`Ingest::slice_schema`].
    pub fn slice_schema(&self) -> Option<Vec<u8>> {
        match self.reading.as_ref()? {
            Reading::Rows(ingest) => ingest.slice_schema(),
            Reading::Users(_) => None,
        }
    }

    /// Adds a slice to the file under way; see [`Ingest::absorb`].
    pub fn absorb(&mut self, slice: &[u8]) -> Option<IngestProgress> {
        let Some(Reading::Rows(ingest)) = &mut self.reading else { return None };
        ingest.absorb(slice)?;
        self.reading.as_ref().map(Reading::progress)
    }

    /// Ends the source. The earlier table stays until the new one is whole.
    ///
    /// # Errors
    /// What the source is refused for.
    pub fn begin_finish(&mut self) -> Result<()> {
        self.loading = Some(match self.reading.take().ok_or_else(|| not_ready("beginIngest"))? {
            Reading::Rows(ingest) => LoadJob::Table(Box::new(ingest.begin_finish()?)),
            Reading::Users(aggregation) => LoadJob::summary(aggregation.finish()?, 0),
        });
        Ok(())
    }

    /// Does a few milliseconds of making the table. `None` when it is whole and has taken the place of the earlier one,
    /// with which its analysis goes.
    ///
    /// # Errors
    /// `not-ready` without a source that has ended.
    pub fn step_finish(&mut self) -> Result<Option<Progress>> {
        match self.loading.take().ok_or_else(|| not_ready("beginFinish"))?.step() {
            ControlFlow::Continue((job, progress)) => {
                self.loading = Some(job);
                Ok(Some(progress))
            }
            ControlFlow::Break(mut loaded) => {
                loaded.missing_words = self.missing_words.take();
                let model = self.model.take();
                *self = Session { loaded: Some(loaded), model, ..Session::default() };
                Ok(None)
            }
        }
    }

    /// Ends the source and makes it the session's table, for callers that need not draw between steps.
    ///
    /// # Errors
    /// As [`Session::begin_finish`].
    pub fn finish_ingest(&mut self) -> Result<&Loaded> {
        self.begin_finish()?;
        while self.step_finish()?.is_some() {}
        self.loaded()
    }

    /// Forgets the source being read or made a table of.
    pub fn cancel_ingest(&mut self) {
        self.reading = None;
        self.loading = None;
    }
}
