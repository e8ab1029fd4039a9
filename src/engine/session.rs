//! The one facade over the engine: a table, an analysis of it, and what may be asked of both. One per worker.
//!
//! A new source or a new analysis is built beside the old one and takes its place only when it is whole, so a file
//! that fails or is cancelled leaves everything as it was.

use super::analysis::{Agreement, Analysis, AnalysisJob, Cut, Moved};
use super::bins::{self, Density, DensityQuery, FeatureDistribution, Timeline};
use super::correlations::{self, FeatureCorrelations};
use super::detect::SharedRows;
use super::error::{Error, ErrorKind, Result};
use super::evaluate::Evaluation;
use super::explain::{Counterfactual, Explanation, GlobalExplanation, GlobalJob, GlobalOptions};
use super::export::{self, ExportFile, ExportKind};
use super::features::{self, LoginRoles};
use super::host::{Host, Progress};
use super::ingest::{Ingest, Options};
use super::learn::Learner;
use super::persist::Pipeline;
use super::plan::PartialPlan;
use super::plan::guess::{Suggestion, suggest_knowing};
use super::profile::{Profile, ProfileJob};
use super::rules::{self, RowsAbove};
use super::streaming::Aggregation;
use super::supervised::{LearnJob, Learned};
use super::table::Table;
use super::tune::{LearnerJob, TuneJob, TuneOptions, Tuning};
use std::ops::ControlFlow;
use std::sync::Arc;

mod exploring;
mod learning;
mod loading;
mod predicting;

use loading::LoadJob;
pub use loading::Loaded;
use predicting::Prediction;

/// Table rows that [`Session::rows`] gives at once.
pub const MAX_ROWS_VIEW: usize = 10_000;

/// A table and its analysis.
#[derive(Debug, Default)]
pub struct Session {
    reading: Option<Reading>,
    loading: Option<LoadJob>,
    loaded: Option<Loaded>,
    job: Option<AnalysisJob>,
    analysis: Option<Analysis>,
    tuning: Option<Search>,
    tuned: Option<Tuning>,
    explaining: Option<GlobalJob>,
    global: Option<GlobalExplanation>,
    exploring: Option<ProfileJob>,
    profile: Option<Profile>,
    learning: Option<LearnJob>,
    learned: Option<(Learned, Arc<Learner>)>,
    /// Words for missing values of the source being read, where the caller gave them.
    missing_words: Option<Vec<String>>,
    /// The model loaded, unless an analysis was made since.
    model: Option<Arc<Pipeline>>,
    prediction: Option<Box<Prediction>>,
}

/// A search for parameters under way.
#[derive(Debug)]
enum Search {
    Plan(Box<TuneJob>),
    Learner(Box<LearnerJob>),
}

/// A source being read.
#[derive(Debug)]
enum Reading {
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

    /// Forgets the table and everything made of it, and gives their memory back. A source being read is none of it.
    pub fn close_table(&mut self) {
        let (reading, loading, model) = (self.reading.take(), self.loading.take(), self.model.take());
        let missing_words = self.missing_words.take();
        *self = Session { reading, loading, model, missing_words, ..Session::default() };
    }

    /// What was read last.
    ///
    /// # Errors
    /// `not-ready` before the first source.
    pub fn loaded(&self) -> Result<&Loaded> {
        self.loaded.as_ref().ok_or_else(|| not_ready("ingest"))
    }

    fn table(&self) -> Result<&Table> {
        Ok(&self.loaded()?.ingested.table)
    }

    /// The table as the analysis saw it.
    fn analyzed_table(&self) -> Result<&Table> {
        self.analysis()?.treated.as_ref().map_or_else(|| self.table(), Ok)
    }

    /// Guesses a plan.
    ///
    /// # Errors
    /// `not-ready` without a table.
    pub fn suggest(&self) -> Result<&Suggestion> {
        let Loaded { ingested, profiles, suggested, .. } = self.loaded()?;
        if let Some(suggestion) = suggested.get() {
            return Ok(suggestion);
        }
        let suggestion = suggest_knowing(&ingested.table, profiles)?;
        Ok(suggested.get_or_init(|| suggestion))
    }

    /// Starts an analysis; what the plan leaves out is suggested. The earlier analysis stays until the new one is
    /// whole.
    ///
    /// # Errors
    /// `not-ready` without a table; what the plan is refused for.
    pub fn begin_analysis(&mut self, plan: PartialPlan) -> Result<()> {
        let table = self.table()?;
        let plan = plan.fill(self.suggest()?.plan.clone(), table);
        self.job = Some(AnalysisJob::new(table, plan)?);
        Ok(())
    }

    /// Does a few milliseconds of the analysis. `None` when it is whole and has taken the earlier one's place.
    ///
    /// # Errors
    /// `not-ready` without an analysis under way; what a stage meets, which ends it.
    pub fn step_analysis(&mut self, host: &dyn Host) -> Result<Option<Progress>> {
        let mut job = self.job.take().ok_or_else(|| not_ready("beginAnalysis"))?;
        match job.step(self.table()?, host)? {
            Some(progress) => {
                self.job = Some(job);
                Ok(Some(progress))
            }
            None => {
                self.analysis = Some(job.finish()?);
                // These were of the earlier one.
                self.learning = None;
                self.learned = None;
                self.forget_global();
                self.model = None;
                Ok(None)
            }
        }
    }

    /// The rows that the analysis or the prediction under way is measuring just now, for other engines to measure some of
    /// them: each with a [`Scorer`](super::detect::Scorer). Whoever is asked for steps meanwhile and has nothing left
    /// waits for them.
    pub fn shared_rows(&mut self) -> Option<SharedRows<'_>> {
        self.source().job.as_mut()?.shared_rows()
    }

    /// An analysis from start to end, for callers that need not draw between steps.
    ///
    /// # Errors
    /// As [`Session::begin_analysis`] and [`Session::step_analysis`].
    pub fn analyze(&mut self, plan: PartialPlan, host: &dyn Host) -> Result<&Analysis> {
        self.begin_analysis(plan)?;
        while self.step_analysis(host)?.is_some() {}
        self.analysis()
    }

    /// Forgets the analysis under way.
    pub fn cancel_analysis(&mut self) {
        self.job = None;
    }

    /// The analysis made last.
    ///
    /// # Errors
    /// `not-ready` before the first.
    pub fn analysis(&self) -> Result<&Analysis> {
        self.analysis.as_ref().ok_or_else(|| not_ready("analyze"))
    }

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

    /// Moves the threshold. Gives the analysis as it is then, and the rows whose flag changed.
    ///
    /// # Errors
    /// `not-ready`, `parameter`, `labels`.
    pub fn set_cut(&mut self, cut: Cut) -> Result<(&Analysis, Moved)> {
        let analysis = self.analysis.as_mut().ok_or_else(|| not_ready("analyze"))?;
        let moved = analysis.set_cut(cut)?;
        self.forget_global();
        Ok((self.analysis()?, moved))
    }

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

    fn forget_global(&mut self) {
        self.explaining = None;
        self.global = None;
    }

    /// Judges the scores, at the threshold in force, against a label column: the named one, else the plan's. `budgets` are
    /// numbers of rows for [`Evaluation::top`].
    ///
    /// # Errors
    /// `not-ready`, `no-such-column`, `labels`.
    pub fn evaluate_column(&self, label: Option<&str>, budgets: &[u64]) -> Result<Evaluation> {
        let analysis = self.analysis()?;
        let labels = match label {
            Some(name) => {
                let table = self.table()?;
                features::row_labels(table, &analysis.matrix, table.index_of(name)?)?
            }
            None => analysis.labels.clone().ok_or_else(|| {
                Error::new(ErrorKind::Labels {
                    message: "the plan names no label column; name one, or give labels".to_owned(),
                })
            })?,
        };
        analysis.judge(&labels, budgets)
    }

    /// Judges the scores, at the threshold in force, against given labels, one per matrix row.
    ///
    /// # Errors
    /// `not-ready`; `labels` when there are not as many as rows.
    pub fn evaluate_labels(&self, labels: &[bool], budgets: &[u64]) -> Result<Evaluation> {
        let analysis = self.analysis()?;
        if labels.len() != analysis.scores.len() {
            return Err(Error::new(ErrorKind::Labels {
                message: format!(
                    "labels: expected one per matrix row, {} in all, found {}",
                    analysis.scores.len(),
                    labels.len()
                ),
            }));
        }
        analysis.judge(labels, budgets)
    }

    /// Bins events.
    ///
    /// # Errors
    /// `not-ready`, `options`.
    pub fn density(&self, query: &DensityQuery) -> Result<Density> {
        bins::density(self.analyzed_table()?, self.analysis()?, query)
    }

    /// One subject over time.
    ///
    /// # Errors
    /// `not-ready`, `no-such-row`.
    pub fn timeline(&self, subject: u32) -> Result<Timeline> {
        bins::timeline(self.analyzed_table()?, self.analysis()?, subject)
    }

    /// One feature's distribution.
    ///
    /// # Errors
    /// `not-ready`, `no-such-row`.
    pub fn distribution(&self, feature: usize) -> Result<FeatureDistribution> {
        bins::distribution(self.analysis()?, feature)
    }

    /// How many matrix rows have a feature above a value.
    ///
    /// # Errors
    /// `not-ready`, `no-such-row`.
    pub fn rows_above(&self, feature: usize, above: f64) -> Result<RowsAbove> {
        rules::rows_above(&self.analysis()?.matrix, feature, above)
    }

    /// How features go together.
    ///
    /// # Errors
    /// `not-ready`.
    pub fn correlations(&self) -> Result<FeatureCorrelations> {
        Ok(correlations::correlations(self.analysis()?))
    }

    /// How far the detectors of an ensemble agree; see [`Analysis::agreement`].
    ///
    /// # Errors
    /// `not-ready`, `parameter`.
    pub fn agreement(&self, budget: Option<usize>) -> Result<Agreement> {
        self.analysis()?.agreement(budget)
    }

    /// Cells of table rows as text, row by row, at most [`MAX_ROWS_VIEW`].
    ///
    /// # Errors
    /// `not-ready`, `no-such-row`, `options` for too many.
    pub fn rows(&self, rows: &[u32]) -> Result<Vec<Vec<String>>> {
        let table = self.table()?;
        if rows.len() > MAX_ROWS_VIEW {
            return Err(Error::new(ErrorKind::Options {
                name: "rows".to_owned(),
                expected: format!("at most {MAX_ROWS_VIEW} rows"),
                found: rows.len().to_string(),
            }));
        }
        rows.iter()
            .map(|&row| {
                let row = row as usize;
                if row >= table.n_rows() {
                    return Err(Error::new(ErrorKind::NoSuchRow {
                        what: "table row",
                        row,
                        n_rows: table.n_rows(),
                    }));
                }
                Ok(table.columns().iter().map(|column| column.text(row).into_owned()).collect())
            })
            .collect()
    }

    /// Makes a file of the analysis, or of what was learned from it.
    ///
    /// # Errors
    /// `not-ready`; `labels` and `parameter` as [`export::export`].
    pub fn export(&self, kind: ExportKind) -> Result<ExportFile> {
        let learned = self.learned.as_ref();
        let learned = learned
            .map(|(learned, learner)| (&learner.model, &learner.preparation, learned.held_out.as_slice()));
        export::export(export::Source { table: self.table()?, analysis: self.analysis()?, learned }, kind)
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

fn not_ready(needed: &str) -> Error {
    Error::new(ErrorKind::NotReady { needed: needed.to_owned() })
}
