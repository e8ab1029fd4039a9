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
use super::explain::{GlobalExplanation, GlobalJob};
use super::export::{self, ExportFile, ExportKind};
use super::features;
use super::host::{Host, Progress};
use super::learn::Learner;
use super::persist::Pipeline;
use super::plan::PartialPlan;
use super::plan::guess::{Suggestion, suggest_knowing};
use super::profile::{Profile, ProfileJob};
use super::rules::{self, RowsAbove};
use super::supervised::{LearnJob, Learned};
use super::table::Table;
use super::tune::Tuning;
use std::sync::Arc;

mod explaining;
mod exploring;
mod learning;
mod loading;
mod predicting;
mod reading;
mod tuning;

use loading::LoadJob;
pub use loading::Loaded;
use predicting::Prediction;
pub use reading::IngestProgress;
use reading::Reading;
use tuning::Search;

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

impl Session {
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

fn not_ready(needed: &str) -> Error {
    Error::new(ErrorKind::NotReady { needed: needed.to_owned() })
}
