//! A model at work on another table: loaded or left behind by the analysis, saved, and applied to a source that is read
//! beside the session's own.

use super::{Loaded, Session, not_ready};
use crate::engine::analysis::{Analysis, AnalysisJob};
use crate::engine::error::Result;
use crate::engine::features::LoginRoles;
use crate::engine::host::{Host, Progress};
use crate::engine::ingest::Options;
use crate::engine::persist::{ModelInfo, Pipeline, Source};
use std::sync::Arc;

/// A source being read and scored by a model. It has a session of its own, so that this one stays as it is.
#[derive(Debug)]
pub(super) struct Prediction {
    session: Session,
    pipeline: Arc<Pipeline>,
    keep: bool,
}

impl Session {
    /// The model that there is: the one loaded, or that of the analysis where this was made later, with what was learned
    /// from it last.
    ///
    /// # Errors
    /// `not-ready` without either.
    pub fn model(&self) -> Result<Arc<Pipeline>> {
        if let Some(model) = &self.model {
            return Ok(Arc::clone(model));
        }
        let (Some(analysis), Some(loaded)) = (&self.analysis, &self.loaded) else {
            return Err(not_ready("load, with a saved model, or analyze"));
        };
        let Loaded { ingested, profiles, missing_words, .. } = loaded;
        let pipeline = analysis.pipeline(Source {
            table: &ingested.table,
            profiles,
            missing_words: missing_words.as_deref(),
            is_aggregated: ingested.n_aggregated.is_some(),
        })?;
        Ok(match &self.learned {
            Some((learned, learner)) => Arc::new(pipeline.with_learner(Arc::clone(learner), learned.info())),
            None => pipeline,
        })
    }

    /// The model as a file.
    ///
    /// # Errors
    /// `not-ready` without a model.
    pub fn save(&self) -> Result<Vec<u8>> {
        self.model()?.save()
    }

    /// Takes a model from a file; table and analysis stay as they are. A file that cannot be read leaves the model too.
    ///
    /// # Errors
    /// As [`Pipeline::load`].
    pub fn load(&mut self, file: &[u8]) -> Result<&ModelInfo> {
        let model = Arc::new(Pipeline::load(file)?);
        Ok(self.model.insert(model).info())
    }

    /// Forgets the model that was loaded; that of the analysis is the one again.
    pub fn unload(&mut self) {
        self.model = None;
    }

    /// Starts reading a source to be scored by the model. What reads it ([`Session::push`] and what goes with it) is to be
    /// asked of [`Session::source`] then. `keep` lets it take the place of table and analysis in the end.
    ///
    /// # Errors
    /// `not-ready` without a model; `options`.
    pub fn begin_prediction(&mut self, options: Options, keep: bool) -> Result<()> {
        let (pipeline, mut session) = (self.model()?, Session::default());
        session.begin_ingest(pipeline.reading(options))?;
        self.prediction = Some(Box::new(Prediction { session, pipeline, keep }));
        Ok(())
    }

    /// The same with rows added up into one per user while they are read; see [`Session::begin_aggregation`].
    ///
    /// # Errors
    /// As [`Session::begin_prediction`].
    pub fn begin_aggregated_prediction(
        &mut self,
        options: Options,
        roles: Option<LoginRoles>,
        keep: bool,
    ) -> Result<()> {
        let (pipeline, mut session) = (self.model()?, Session::default());
        // Types are those of the table that comes of it.
        session.begin_aggregation(options, roles)?;
        self.prediction = Some(Box::new(Prediction { session, pipeline, keep }));
        Ok(())
    }

    /// The session that a source is read for: that of the prediction under way, else this one.
    pub fn source(&mut self) -> &mut Session {
        if self.prediction.is_none() {
            return self;
        }
        self.prediction.as_mut().map(|prediction| &mut prediction.session).expect("looked at above")
    }

    /// Does a few milliseconds of scoring a source that is read. `None` when all of it is.
    ///
    /// # Errors
    /// `not-ready` without such a source; `other-columns`; what a stage meets.
    pub fn step_prediction(&mut self, host: &dyn Host) -> Result<Option<Progress>> {
        let Prediction { session, pipeline, .. } =
            &mut **self.prediction.as_mut().ok_or_else(|| not_ready("beginPrediction"))?;
        if session.job.is_none() && session.analysis.is_none() {
            let ingested = &session.loaded()?.ingested;
            let job = AnalysisJob::by_pipeline(&ingested.table, Arc::clone(pipeline), &ingested.findings)?;
            session.job = Some(job);
        }
        if session.job.is_none() { Ok(None) } else { session.step_analysis(host) }
    }

    /// The source scored.
    ///
    /// # Errors
    /// `not-ready` before it is.
    pub fn prediction(&self) -> Result<&Analysis> {
        self.prediction.as_ref().ok_or_else(|| not_ready("beginPrediction"))?.session.analysis()
    }

    /// Forgets the source scored, or puts it in the place of table and analysis where that was wished.
    pub fn end_prediction(&mut self) {
        let Some(prediction) = self.prediction.take() else { return };
        let Prediction { session, keep, .. } = *prediction;
        if keep && session.analysis.is_some() {
            *self = session;
        }
    }

    /// Forgets the prediction under way.
    pub fn cancel_prediction(&mut self) {
        self.prediction = None;
    }

    /// Scores a source from start to end, for callers that need not draw between steps.
    ///
    /// # Errors
    /// As [`Session::begin_prediction`], of reading, and as [`Session::step_prediction`].
    pub fn predict(&mut self, source: &[u8], options: Options, host: &dyn Host) -> Result<Analysis> {
        self.begin_prediction(options, false)?;
        let scored = self.read_and_score(source, host);
        let analysis = self.prediction.take().and_then(|prediction| prediction.session.analysis);
        scored.and_then(|()| analysis.ok_or_else(|| not_ready("beginPrediction")))
    }

    fn read_and_score(&mut self, source: &[u8], host: &dyn Host) -> Result<()> {
        self.source().push(source)?;
        self.source().finish_ingest()?;
        while self.step_prediction(host)?.is_some() {}
        Ok(())
    }
}
