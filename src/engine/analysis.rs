//! An analysis from plan to ranked, explained flags, cut into steps so that its caller can draw and cancel between
//! them. The result does not depend on how the work was cut.

use super::detect::rules::RuleSet;
use super::detect::{self, Fitting, Measure, Measured, Model, SharedRows};
use super::error::{Error, ErrorKind, Result};
use super::evaluate::{Asked, Bootstrap, Evaluation, evaluate};
use super::explain::{Baselines, Explanation, Peers, Split};
use super::features::{self, FeatureJob, FeatureMatrix};
use super::finding::Finding;
use super::host::{Host, Progress, Stage};
use super::learn::Answers;
use super::order;
use super::persist::{Pipeline, Verdicts};
use super::plan::{DetectorName, Plan};
use super::prepare::{self, FittedPreparation, Rows, Transform};
use super::ranking::Ranking;
use super::rules::RuleResults;
use super::table::{Groups, Table};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

mod agreement;
mod answering;
mod by_pipeline;
mod concluding;
mod cut;
mod deciding;
mod preparing;
mod reasons;
mod rows;

pub use agreement::{Agreement, Member};
use answering::Answering;
use concluding::Concluding;
pub use cut::{Cut, Moved, Scored};
use deciding::Deciding;
use preparing::{Prepared, Preparing};
use rows::enough_rows;

/// A whole analysis. Scores and model are fixed; threshold, flags and what follows from them can move.
pub struct Analysis {
    /// The plan it was made with, complete.
    pub plan: Plan,
    /// The table as the plan's treatments made it, where it has any.
    pub treated: Option<Table>,
    /// One row per entity, in the features' own units.
    pub matrix: FeatureMatrix,
    /// Matrix rows of each subject.
    pub rows_of_subject: Groups,
    /// How features become what the model sees.
    pub preparation: Arc<FittedPreparation>,
    /// The same, put beside the features of the matrix.
    pub transform: Transform,
    /// The fitted model.
    pub model: Arc<Model>,
    /// The pipeline it was made by, where nothing was fitted: that of another table.
    pub origin: Option<Arc<Pipeline>>,
    /// How rows compare with those that the model was fitted to, where these were others.
    pub verdicts: Option<Verdicts>,
    /// What the supervised model of that pipeline says of the rows, where it has one.
    pub answers: Option<Answers>,
    /// One per matrix row; higher is more abnormal.
    pub scores: Vec<f64>,
    /// The detectors of an ensemble with their own scores; none where there is but one.
    pub members: Vec<Member>,
    /// Their rows in order, once that was asked for.
    member_ranks: OnceCell<Vec<Vec<u32>>>,
    /// Where flags begin: a row is flagged when its score is above.
    pub threshold: f64,
    /// 1 where flagged.
    pub flags: Vec<u8>,
    /// 0 none, 1 low, 2 medium, 3 high.
    pub severity: Vec<u8>,
    /// What is normal, by feature: over the rows not flagged.
    pub baselines: Baselines,
    /// What is normal in each group of users, where the plan has a column of groups.
    pub peers: Peers,
    /// Flagged subjects, most abnormal first.
    pub ranking: Ranking,
    /// The most abnormal rows, explained.
    pub top: Vec<Explanation>,
    /// What the plan's rules say, where it has any.
    pub rules: Option<RuleResults>,
    /// The truth by matrix row, where the plan names a label column.
    pub labels: Option<Vec<bool>>,
    /// Scores against the labels, at the threshold.
    pub metrics: Option<Evaluation>,
    /// First and last moment of the rows used, milliseconds.
    pub time_range_ms: Option<(i64, i64)>,
    /// Whether the time column is UTC rather than the file's own clock.
    pub zoned: bool,
    /// Name of the zone by whose clock days and hours were read, where the caller named one.
    pub time_zone: Option<String>,
    /// What was odd in features and preparation.
    pub findings: Vec<Finding>,
    /// Milliseconds by stage; zero without a clock.
    pub timings: BTreeMap<String, f64>,
}

impl Analysis {
    /// The matrix as the model sees it (rows x [`FittedPreparation::columns`]).
    pub fn prepared(&self) -> Rows<'_> {
        Rows::Prepared { values: self.matrix.values.view(), by: &self.transform }
    }

    /// Moves the threshold; flags, severities, baselines, ranking and metrics follow. Gives the rows whose flag changed.
    ///
    /// # Errors
    /// `parameter` when the cut is outside its range, `labels` when it needs some; nothing has changed then.
    pub fn set_cut(&mut self, cut: Cut) -> Result<Moved> {
        let threshold = cut.under(&self.plan).threshold(Scored {
            scores: &self.scores,
            labels: self.labels.as_deref(),
            time_range_ms: self.time_range_ms,
        })?;
        let cuts = self.flags_above(threshold);
        let labels = self.labels.as_ref();
        self.metrics =
            labels.map(|labels| judge(&self.plan, &self.scores, &cuts.flags, labels, &[])).transpose()?;
        self.threshold = threshold;
        let moved = |from: u8| {
            let changed = |&row: &usize| self.flags[row] == from && cuts.flags[row] != from;
            order::descending(&self.scores).into_iter().filter(changed).collect()
        };
        let moved = Moved { appeared: moved(0), disappeared: moved(1) };
        self.verdicts = self.reference().map(|reference| reference.verdicts(&self.scores, &cuts.flags));
        self.flags = cuts.flags;
        self.severity = cuts.severity;
        self.baselines = cuts.baselines;
        self.peers.fit(&self.matrix, &self.flags);
        self.ranking = cuts.ranking;
        let explained: Vec<usize> = self.top.iter().map(|old| old.row).collect();
        self.top = self.explain_rows(&explained);
        self.give_reasons();
        Ok(moved)
    }

    /// Judges scores and flags, at the threshold in force, against labels, one per matrix row. `budgets` are numbers of rows
    /// for [`Evaluation::top`].
    ///
    /// # Errors
    /// `labels` when there are not as many as rows.
    pub fn judge(&self, labels: &[bool], budgets: &[u64]) -> Result<Evaluation> {
        judge(&self.plan, &self.scores, &self.flags, labels, budgets)
    }
}

/// Scores and flags against labels, with intervals drawn by the plan's seed.
fn judge(plan: &Plan, scores: &[f64], flags: &[u8], labels: &[bool], budgets: &[u64]) -> Result<Evaluation> {
    let budgets: Vec<u64> =
        plan.budget.iter().map(|&budget| budget as u64).chain(budgets.iter().copied()).collect();
    let bootstrap = Bootstrap { seed: plan.seed, ..Bootstrap::default() };
    evaluate(scores, flags, labels, Asked { bootstrap, budgets: &budgets, ..Asked::default() })
}

/// An analysis under way.
pub struct AnalysisJob {
    plan: Plan,
    /// The table as the plan's treatments make it, where it has any.
    treated: Option<Table>,
    state: State,
    /// The pipeline that is applied, where nothing is fitted.
    pipeline: Option<Arc<Pipeline>>,
    /// The plan's rules, until they are applied.
    rules: Option<RuleSet>,
    timings: BTreeMap<String, f64>,
    /// When the last step ended, where others measure rows between this and the next: their time is the stage's too.
    shared_since_ms: Option<f64>,
    findings: Vec<Finding>,
}

enum State {
    Features(Box<FeatureJob>),
    Prepare(FeatureMatrix),
    Preparing(Box<Preparing>),
    Fit {
        prepared: Prepared,
        fitting: Box<dyn Fitting>,
    },
    Score {
        prepared: Prepared,
        model: Arc<Model>,
        measured: Measured,
        /// Where the pipeline has a supervised model, which answers once rows have their scores.
        answering: Option<Answering>,
    },
    Decide(Box<Deciding>),
    Conclude {
        concluding: Concluding,
        /// Those to be explained, the most abnormal last.
        rows: Vec<usize>,
        /// Of the stage, those before this.
        n_before: usize,
    },
    Explain {
        analysis: Box<Analysis>,
        /// Those left, the most abnormal last.
        rows: Vec<usize>,
        /// Of the stage, those before this included.
        n_steps: usize,
    },
    Done(Box<Analysis>),
    /// Left behind while a step moves its parts, and for good when that step failed.
    Failed,
}

impl AnalysisJob {
    /// Starts an analysis of a table.
    ///
    /// # Errors
    /// The plan's own check, and what the recipe needs and the table lacks.
    pub fn new(table: &Table, plan: Plan) -> Result<Self> {
        AnalysisJob::of(table, plan, None)
    }

    /// Starts an analysis of a table, of one row or more, by a pipeline that was fitted to another one: its features, its
    /// preparation, its model and its threshold, and what was normal there. `findings` are those of reading the table.
    ///
    /// # Errors
    /// `other-columns`, and as [`AnalysisJob::new`].
    pub fn by_pipeline(table: &Table, pipeline: Arc<Pipeline>, findings: &[Finding]) -> Result<Self> {
        let plan = pipeline.plan_for(table, findings)?;
        let mut job = AnalysisJob::of(table, plan, Some(pipeline))?;
        // Nobody is given a summary of this table.
        job.findings.splice(0..0, findings.iter().cloned());
        Ok(job)
    }

    fn of(table: &Table, plan: Plan, pipeline: Option<Arc<Pipeline>>) -> Result<Self> {
        let mut findings = Vec::new();
        let mut treated = None;
        if !plan.treatments.is_empty() {
            let (table, found) = prepare::treat(table, &plan)?;
            findings = found;
            treated = Some(table);
        }
        let known = pipeline.as_deref().map(Pipeline::features);
        let job = |table: &Table, plan: &Plan| match known {
            Some(known) => FeatureJob::of_known(table, plan, known),
            None => FeatureJob::new(table, plan),
        };
        let features = match &treated {
            Some(treated) => job(treated, &Plan { treatments: BTreeMap::new(), ..plan.clone() })?,
            None => job(table, &plan)?,
        };
        let rules = match plan.rules_in_force() {
            Some(rules) => Some(RuleSet::new(rules, known.unwrap_or(features.features()))?),
            None => None,
        };
        Cut::of(&plan).check(&plan)?;
        // Labels are needed last; that they cannot be read is said first.
        if let Some(label) = &plan.label {
            features::check_labels(table, table.index_of(label)?)?;
        }
        Ok(AnalysisJob {
            plan,
            treated,
            pipeline,
            state: State::Features(Box::new(features)),
            rules,
            timings: BTreeMap::new(),
            shared_since_ms: None,
            findings,
        })
    }

    /// Does a few milliseconds of work. `None` when the analysis is whole.
    ///
    /// # Errors
    /// What a stage meets; the job is over then.
    pub fn step(&mut self, table: &Table, host: &dyn Host) -> Result<Option<Progress>> {
        let start_ms = self.shared_since_ms.take().unwrap_or_else(|| host.now_ms());
        let state = std::mem::replace(&mut self.state, State::Failed);
        // Shared columns: a clone of the table copies none of them.
        let treated = self.treated.clone();
        let (state, progress) = self.advance(state, treated.as_ref().unwrap_or(table))?;
        self.state = state;
        if let Some(progress) = &progress {
            let end_ms = host.now_ms();
            *self.timings.entry(progress.stage.name().to_owned()).or_default() += end_ms - start_ms;
            let is_shared = self.shared_rows().is_some_and(|rows| rows.is_shared());
            self.shared_since_ms = is_shared.then_some(end_ms);
        }
        Ok(progress)
    }

    /// The rows that a model is measuring just now, for others to measure some of them.
    pub fn shared_rows(&mut self) -> Option<SharedRows<'_>> {
        let (prepared, (measure, measured)) = match &mut self.state {
            State::Fit { prepared, fitting } => (prepared, fitting.measuring()?),
            State::Score { prepared, model, measured, .. } if !measured.is_done() => {
                (prepared, (Measure::scores(model), measured))
            }
            _ => return None,
        };
        Some(SharedRows { rows: prepared.rows(), measure, measured })
    }

    /// The analysis, once [`AnalysisJob::step`] gave `None`.
    ///
    /// # Errors
    /// `not-ready` before that.
    pub fn finish(self) -> Result<Analysis> {
        match self.state {
            State::Done(mut analysis) => {
                analysis.timings = self.timings;
                Ok(*analysis)
            }
            _ => Err(Error::new(ErrorKind::NotReady { needed: "stepAnalysis until it is done".to_owned() })),
        }
    }

    /// Begins to measure what is not measured yet.
    fn score(&self, prepared: Prepared, model: Arc<Model>, measured: Measured) -> Result<State> {
        let answering = self
            .learner()
            .map(|learner| learner.preparation.of_features(&prepared.matrix.features).map(Answering::new));
        Ok(State::Score { prepared, model, measured, answering: answering.transpose()? })
    }

    fn advance(&mut self, state: State, table: &Table) -> Result<(State, Option<Progress>)> {
        let progress = |stage, done: usize, total: usize| {
            Some(Progress { stage, done: done as u64, total: total as u64 })
        };
        Ok(match state {
            State::Features(mut job) => {
                let step = job.step(table)?;
                if job.is_done() {
                    let (matrix, findings) = job.finish();
                    self.findings.extend(findings);
                    let matrix = match &self.pipeline {
                        Some(pipeline) => self.with_features_of(Arc::clone(pipeline), matrix),
                        None => enough_rows(&matrix).map(|()| matrix)?,
                    };
                    (State::Prepare(matrix), Some(step))
                } else {
                    (State::Features(job), Some(step))
                }
            }
            // Rules read features in their own units, and learn nothing.
            State::Prepare(matrix)
                if self.pipeline.is_none() && self.plan.detector.is(DetectorName::Rules) =>
            {
                let set = self
                    .rules
                    .clone()
                    .ok_or_else(|| Error::parameter("rules", "at least one rule", "none"))?;
                let model = Arc::new(Model::Rules(set));
                let measured = Measured::none(matrix.n_rows(), Measure::scores(&model));
                let n_features = matrix.features.len();
                let fitted = Arc::new(FittedPreparation::as_is(&matrix.features));
                let prepared = Prepared::by(matrix, fitted)?;
                (self.score(prepared, model, measured)?, progress(Stage::Prepare, n_features, n_features))
            }
            State::Prepare(matrix) => {
                let n_features = matrix.features.len();
                let Some(pipeline) = &self.pipeline else {
                    let preparing = Preparing::new(matrix, &self.plan)?;
                    return Ok((
                        State::Preparing(Box::new(preparing)),
                        progress(Stage::Prepare, 0, n_features),
                    ));
                };
                let prepared = Prepared::by(matrix, Arc::clone(&pipeline.fitted().preparation))?;
                let model = Arc::clone(&pipeline.fitted().model);
                let measured = Measured::none(prepared.matrix.n_rows(), Measure::scores(&model));
                (self.score(prepared, model, measured)?, progress(Stage::Prepare, n_features, n_features))
            }
            State::Preparing(mut preparing) => {
                let step = Some(preparing.step());
                if !preparing.is_done() {
                    return Ok((State::Preparing(preparing), step));
                }
                let (prepared, findings) = preparing.finish()?;
                self.findings.extend(findings);
                let Plan { detector, parameters, seed, .. } = &self.plan;
                let fitting = detect::fitting(detector, parameters, *seed, prepared.rows())?;
                (State::Fit { prepared, fitting }, step)
            }
            State::Fit { prepared, mut fitting } => {
                let step = fitting.step(prepared.rows())?;
                if fitting.is_done() {
                    let n_rows = prepared.matrix.n_rows();
                    let (scores, of_members) = (fitting.take_scores(), fitting.take_member_scores());
                    let model = Arc::new(fitting.finish());
                    let measured = match scores {
                        Some(scores) => Measured::whole(scores, of_members),
                        None => Measured::none(n_rows, Measure::scores(&model)),
                    };
                    (self.score(prepared, model, measured)?, Some(step))
                } else {
                    (State::Fit { prepared, fitting }, Some(step))
                }
            }
            State::Score { prepared, model, mut measured, mut answering } => {
                let n_rows = measured.n_rows();
                let n_answers = answering.as_ref().map_or(0, |_| n_rows);
                if let (Some(answering), Some(learner), true) =
                    (&mut answering, self.learner(), measured.is_done())
                {
                    answering.step(learner, &prepared.matrix);
                } else {
                    measured.step(Measure::scores(&model), prepared.rows());
                }
                let n_answered = answering.as_ref().map_or(0, |answering| answering.n_done);
                let step = progress(Stage::Score, measured.n_done() + n_answered, n_rows + n_answers);
                if !measured.is_done() || n_answered < n_answers {
                    (State::Score { prepared, model, measured, answering }, step)
                } else {
                    let scores = measured.finish();
                    self.check_finite(&scores.0)?;
                    let outputs = answering.map(|answering| answering.outputs).unwrap_or_default();
                    self.check_finite(&outputs)?;
                    let answers = self.learner().map(|learner| learner.answers(outputs));
                    let deciding = self.decide(table, prepared, model, scores, answers)?;
                    (State::Decide(Box::new(deciding)), step)
                }
            }
            State::Decide(mut deciding) => {
                deciding.step();
                let n_before = deciding.n_features();
                let n_steps = n_before + Concluding::N_PARTS + deciding.explained.len();
                let step = progress(Stage::Explain, deciding.n_done(), n_steps);
                if !deciding.is_done() {
                    return Ok((State::Decide(deciding), step));
                }
                let mut rows = std::mem::take(&mut deciding.explained);
                rows.reverse();
                let concluding = self.conclude(table, *deciding)?;
                (State::Conclude { concluding, rows, n_before }, step)
            }
            State::Conclude { mut concluding, rows, n_before } => {
                concluding.step(table)?;
                let n_steps = n_before + Concluding::N_PARTS + rows.len();
                let step = progress(Stage::Explain, n_before + concluding.n_done(), n_steps);
                match concluding.is_done() {
                    true => (State::Explain { analysis: concluding.finish(), rows, n_steps }, step),
                    false => (State::Conclude { concluding, rows, n_before }, step),
                }
            }
            State::Explain { mut analysis, mut rows, n_steps } => {
                let keep = rows.len().saturating_sub(Split::rows_per_step(&*analysis.model));
                let block: Vec<usize> = rows.drain(keep..).rev().collect();
                let explanations = analysis.explain_rows(&block);
                analysis.top.extend(explanations);
                let step = progress(Stage::Explain, n_steps - rows.len(), n_steps);
                if rows.is_empty() {
                    analysis.give_reasons();
                    (State::Done(analysis), step)
                } else {
                    (State::Explain { analysis, rows, n_steps }, step)
                }
            }
            State::Done(analysis) => (State::Done(analysis), None),
            State::Failed => {
                return Err(Error::new(ErrorKind::NotReady {
                    needed: "beginAnalysis: the one before failed".to_owned(),
                }));
            }
        })
    }
}

impl std::fmt::Debug for Analysis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Analysis")
            .field("plan", &self.plan)
            .field("n_rows", &self.scores.len())
            .field("n_features", &self.matrix.features.len())
            .field("threshold", &self.threshold)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AnalysisJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnalysisJob").field("plan", &self.plan).finish_non_exhaustive()
    }
}
