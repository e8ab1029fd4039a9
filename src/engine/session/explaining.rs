//! Why rows of a session's analysis have their scores: one by one, and all together.

use super::{Session, not_ready};
use crate::engine::error::Result;
use crate::engine::explain::{Counterfactual, Explanation, GlobalExplanation, GlobalJob, GlobalOptions};
use crate::engine::host::Progress;

impl Session {
    /// Explains a matrix row.
    ///
    /// # Errors
    /// `not-ready`, `no-such-row`.
    pub fn explain(&self, row: usize) -> Result<Explanation> {
        self.analysis()?.explain(row)
    }

    /// The smallest change after which a matrix row would not be flagged.
    ///
    /// # Errors
    /// `not-ready`, `no-such-row`.
    pub fn counterfactual(&self, row: usize) -> Result<Counterfactual> {
        self.analysis()?.counterfactual(row)
    }

    /// Starts a look at what moves the scores of all rows, at the threshold in force; a moved threshold ends it.
    ///
    /// # Errors
    /// `not-ready` without an analysis; `parameter`.
    pub fn begin_global(&mut self, options: &GlobalOptions) -> Result<()> {
        let analysis = self.analysis()?;
        self.explaining = Some(GlobalJob::new(&analysis.flags, analysis.plan.seed, options)?);
        Ok(())
    }

    /// Does a few milliseconds of that. `None` when it is whole and has taken the earlier one's place.
    ///
    /// # Errors
    /// `not-ready` without one under way.
    pub fn step_global(&mut self) -> Result<Option<Progress>> {
        let mut job = self.explaining.take().ok_or_else(|| not_ready("beginGlobal"))?;
        let analysis = self.analysis()?;
        if job.is_done() {
            self.global = Some(job.finish(&analysis.matrix));
            return Ok(None);
        }
        let progress = job.step(analysis.explained());
        self.explaining = Some(job);
        Ok(Some(progress))
    }

    /// Forgets the look under way; the earlier one stays.
    pub fn cancel_global(&mut self) {
        self.explaining = None;
    }

    /// What moves the scores of all rows, as found last for this analysis and threshold.
    ///
    /// # Errors
    /// `not-ready` before the first.
    pub fn global(&self) -> Result<&GlobalExplanation> {
        self.global.as_ref().ok_or_else(|| not_ready("globalExplanation"))
    }

    pub(super) fn forget_global(&mut self) {
        self.explaining = None;
        self.global = None;
    }
}
