//! The session's learned model.

use super::{Session, not_ready};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::explain::learned_sentence;
use crate::engine::host::{Host, Progress};
use crate::engine::learn::{LearnTarget, LearnedExplanation, Learner};
use crate::engine::plan::Role;
use crate::engine::plan::guess::Suggestion;
use crate::engine::supervised::{LearnJob, LearnOptions, Learned, first_target};
use std::sync::Arc;

impl Session {
    /// What is worth learning first, as [`first_target`]; the flags also where the label column was guessed and another one
    /// could be it as well.
    ///
    /// # Errors
    /// `not-ready` before an analysis.
    pub fn first_target(&self) -> Result<LearnTarget> {
        let analysis = self.analysis()?;
        let first = first_target(analysis);
        let is_open = |suggestion: &Suggestion| {
            let is_guess = analysis.plan.label == suggestion.plan.label;
            is_guess && suggestion.questions.iter().any(|question| question.role == Role::Label)
        };
        match first == LearnTarget::Label && is_open(self.suggest()?) {
            true => Ok(LearnTarget::Flags),
            false => Ok(first),
        }
    }

    /// Starts learning from the analysis; see [`LearnJob`]. What was learned before stays until this is whole.
    ///
    /// # Errors
    /// `not-ready` without an analysis; what options and target are refused for.
    pub fn begin_learn(&mut self, options: LearnOptions) -> Result<()> {
        self.learning = Some(LearnJob::new(self.analyzed_table()?, self.analysis()?, options)?);
        Ok(())
    }

    /// Does a few milliseconds of learning. `None` when it is whole and has taken the earlier one's place.
    ///
    /// # Errors
    /// `not-ready` without learning under way; what a fit meets, which ends it.
    pub fn step_learn(&mut self, host: &dyn Host) -> Result<Option<Progress>> {
        let mut job = self.learning.take().ok_or_else(|| not_ready("beginLearn"))?;
        match job.step(self.analysis()?, host)? {
            Some(progress) => {
                self.learning = Some(job);
                Ok(Some(progress))
            }
            None => {
                let (learned, learner) = job.finish()?;
                self.learned = Some((learned, Arc::new(learner)));
                Ok(None)
            }
        }
    }

    /// Forgets the learning under way.
    pub fn cancel_learn(&mut self) {
        self.learning = None;
    }

    /// Learning from start to end, for callers that need not draw between steps.
    ///
    /// # Errors
    /// As [`Session::begin_learn`] and [`Session::step_learn`].
    pub fn learn(&mut self, options: LearnOptions, host: &dyn Host) -> Result<&Learned> {
        self.begin_learn(options)?;
        while self.step_learn(host)?.is_some() {}
        self.learned()
    }

    /// What was learned last of this analysis.
    ///
    /// # Errors
    /// `not-ready` before the first.
    pub fn learned(&self) -> Result<&Learned> {
        self.learned.as_ref().map(|(learned, _)| learned).ok_or_else(|| not_ready("learn"))
    }

    /// The model learned last, with all that is needed to use it: of this analysis, or before it, where it was made by a
    /// pipeline that has one.
    ///
    /// # Errors
    /// `not-ready` before the first.
    pub fn learner(&self) -> Result<&Learner> {
        let own = self.learned.as_ref().map(|(_, learner)| learner);
        let earlier = || self.analysis.as_ref()?.origin.as_ref()?.learner();
        own.or_else(earlier).map(|learner| &**learner).ok_or_else(|| not_ready("learn"))
    }

    /// Explains what the learned model says of a matrix row, of the named class or the one it speaks of.
    ///
    /// # Errors
    /// `not-ready`, `no-such-row`, `parameter` for a class that there is not.
    pub fn explain_learned(&self, row: usize, class: Option<&str>) -> Result<LearnedExplanation> {
        let (learner, analysis) = (self.learner()?, self.analysis()?);
        let matrix = &analysis.matrix;
        if row >= matrix.n_rows() {
            return Err(Error::new(ErrorKind::NoSuchRow { what: "row", row, n_rows: matrix.n_rows() }));
        }
        let mut explanation = learner.explain(matrix, row, class)?;
        let caution = analysis.known_to(learner).map(|known| known.caution(matrix, row)).unwrap_or_default();
        explanation.sentence = learned_sentence(matrix, &explanation, &caution);
        Ok(explanation)
    }
}
