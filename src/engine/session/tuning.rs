//! The search for parameters that a session has under way, and the one made last.

use super::{Session, not_ready};
use crate::engine::error::Result;
use crate::engine::host::{Host, Progress};
use crate::engine::tune::{LearnerJob, TuneJob, TuneOptions, Tuning};

/// A search for parameters under way.
#[derive(Debug)]
pub(super) enum Search {
    Plan(Box<TuneJob>),
    Learner(Box<LearnerJob>),
}

impl Session {
    /// Starts a search for parameters, of a plan or of what is learned from the analysis that there is; what the plan leaves
    /// out is suggested. Analysis and earlier search stay as they are.
    ///
    /// # Errors
    /// `not-ready` without a table, or, to tune what is learned, without an analysis; `parameter` for options out of range
    /// and candidates that are no plans; what the plan is refused for.
    pub fn begin_tune(&mut self, mut options: TuneOptions) -> Result<()> {
        if options.learn.is_some() {
            let job = LearnerJob::new(self.analyzed_table()?, self.analysis()?, options)?;
            self.tuning = Some(Search::Learner(Box::new(job)));
            return Ok(());
        }
        let table = self.table()?;
        let plan = std::mem::take(&mut options.plan).fill(self.suggest()?.plan.clone(), table);
        self.tuning = Some(Search::Plan(Box::new(TuneJob::new(table, plan, options)?)));
        Ok(())
    }

    /// Does a few milliseconds of the search. `None` when it is whole and has taken the earlier one's place.
    ///
    /// # Errors
    /// `not-ready` without a search under way; what the plan as it is meets, which ends it.
    pub fn step_tune(&mut self, host: &dyn Host) -> Result<Option<Progress>> {
        let mut search = self.tuning.take().ok_or_else(|| not_ready("beginTune"))?;
        let progress = match &mut search {
            Search::Plan(job) => job.step(self.table()?, host)?,
            Search::Learner(job) => job.step(host)?,
        };
        if progress.is_some() {
            self.tuning = Some(search);
        } else {
            self.tuned = Some(match search {
                Search::Plan(job) => job.finish()?,
                Search::Learner(job) => job.finish()?,
            });
        }
        Ok(progress)
    }

    /// Forgets the search under way.
    pub fn cancel_tune(&mut self) {
        self.tuning = None;
    }

    /// The search made last.
    ///
    /// # Errors
    /// `not-ready` before the first of this table.
    pub fn tuned(&self) -> Result<&Tuning> {
        self.tuned.as_ref().ok_or_else(|| not_ready("tune"))
    }
}
