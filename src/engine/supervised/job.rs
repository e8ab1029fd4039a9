//! Learning, step by step.

use super::foreign::Foreign;
use super::importance::{self, FeatureImportance, Importance, Losses, Permuting, mean_and_deviation};
use super::options::LearnOptions;
use super::result::{ClassRows, Fold, Learned, summary};
use super::setup::{self, Setup};
use super::truth::{Kind, MIN_OF_EACH_KIND, Truth};
use crate::engine::analysis::Analysis;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::evaluate::{
    Asked, Bootstrap, ClassEvaluation, Evaluation, RegressionEvaluation, evaluate,
};
use crate::engine::features::FeatureMatrix;
use crate::engine::finding::{Finding, FindingKind};
use crate::engine::host::{Host, Progress, Stage};
use crate::engine::learn::split::{Leak, Split, SplitBy};
use crate::engine::learn::{
    self, Answers, Fitted, Fitting, LearnTarget, Learner, Model, Task, most_probable,
};
use crate::engine::order;
use crate::engine::plan::Plan;
use crate::engine::prepare::{self, FittedPreparation, Transform};
use crate::engine::rng::Rng;
use crate::engine::table::Table;
use ndarray::{Array2, Axis, s};
use std::collections::{BTreeMap, BTreeSet};

/// Held-out rows of a class below which measures are noise.
const FEW_ROWS: usize = 10;
/// Rows predicted per step, at most.
const PREDICT_BLOCK_ROWS: usize = 4_096;
/// Rows by which a feature's strength is judged, at most, and the strength from which on it is told.
const STRENGTH_ROWS: usize = 20_000;
const TELLING: f64 = 0.995;
/// Of two classes, the probability above which the second is decided for.
pub const THRESHOLD: f64 = 0.5;
/// Units of progress of a fit with all that follows it, and of its parts.
const FIT_UNITS: u64 = 1_000;
const PREDICT_UNITS: u64 = 200;
const PERMUTE_UNITS: u64 = 300;
const UNITS: u64 = FIT_UNITS + PREDICT_UNITS + PERMUTE_UNITS;

/// Learning under way.
pub struct LearnJob {
    options: LearnOptions,
    params: learn::Params,
    /// The model, where it was learned elsewhere.
    foreign: Option<Foreign>,
    bootstrap: Bootstrap,
    seed: u64,
    by: SplitBy,
    /// Of the rows that are learned from and tested on.
    truth: Truth,
    /// Of places of the truth.
    splits: Vec<Split>,
    /// Features that the model does not see.
    omitted: BTreeSet<String>,
    state: State,
    /// Fits done.
    n_fits_done: usize,
    /// Matrix rows x outputs.
    outputs: Vec<f64>,
    /// By matrix row: whether it was predicted, and whether by a model that has not learned from it.
    is_predicted: Vec<bool>,
    held_out: Vec<u8>,
    folds: Vec<Fold>,
    losses: Losses,
    leaks: Vec<Leak>,
    notes: Vec<String>,
    /// Features that were the same in all rows learned from, each time; none before the first.
    constant: Option<Vec<String>>,
    timings: BTreeMap<String, f64>,
}

enum State {
    /// Looking for features that give the target away; the next one.
    Strength(usize),
    /// About to fit.
    Prepare,
    Fit {
        preparation: FittedPreparation,
        transform: Transform,
        rows: Array2<f64>,
        fitting: Box<Fitting>,
        /// Units of the fit done, and all of them.
        progress: (u64, u64),
    },
    Predict {
        preparation: FittedPreparation,
        transform: Transform,
        fitted: Fitted,
        /// Matrix rows, each once.
        rows: Vec<usize>,
        next: usize,
    },
    Permute {
        preparation: FittedPreparation,
        fitted: Fitted,
        permuting: Permuting,
    },
    Done(Box<(Learned, Learner)>),
    /// Left behind while a step moves its parts, and for good when that step failed.
    Failed,
}

impl State {
    /// What a step from here on is timed as.
    fn name(&self) -> &'static str {
        match self {
            State::Strength(_) => "leaks",
            State::Prepare => "prepare",
            State::Fit { .. } => "fit",
            State::Predict { rows, next, .. } if *next < rows.len() => "predict",
            _ => "judge",
        }
    }
}

impl LearnJob {
    /// Starts to learn from an analysis of a table.
    ///
    /// # Errors
    /// `parameter` for options out of range; `wrong-format` for a model that cannot be read; `labels` when there is no
    /// target, or it cannot be learned; `no-such-column`, `wrong-type` for a target column; `too-few-rows` when no row would
    /// be held out.
    pub fn new(table: &Table, analysis: &Analysis, options: LearnOptions) -> Result<LearnJob> {
        let Setup { params, seed, truth, by, splits, omitted, leaks, mut notes } =
            Setup::new(table, analysis, &options, usize::MAX)?;
        let bootstrap = options.bootstrap(seed)?;
        let foreign = Foreign::read(&options, params.model, &truth)?;
        if foreign.is_some() {
            notes.insert(0, Foreign::NOTE.to_owned());
        }
        let is_made_of_features =
            matches!(options.target, LearnTarget::Flags | LearnTarget::Rules | LearnTarget::RulePoints);
        let n_rows = analysis.matrix.n_rows();
        Ok(LearnJob {
            params,
            foreign,
            bootstrap,
            seed,
            by,
            outputs: vec![0.0; n_rows * truth.n_outputs()],
            is_predicted: vec![false; n_rows],
            held_out: vec![0; n_rows],
            truth,
            splits,
            omitted,
            state: if is_made_of_features { State::Prepare } else { State::Strength(0) },
            n_fits_done: 0,
            folds: Vec::new(),
            losses: Losses::new(),
            leaks,
            notes,
            constant: None,
            timings: BTreeMap::new(),
            options,
        })
    }

    /// Does a few milliseconds of work on the analysis that the job began with. `None` when all is done.
    ///
    /// # Errors
    /// What a fit meets; the job is over then.
    pub fn step(&mut self, analysis: &Analysis, host: &dyn Host) -> Result<Option<Progress>> {
        let start_ms = host.now_ms();
        let state = std::mem::replace(&mut self.state, State::Failed);
        if let State::Done(_) = state {
            self.state = state;
            return Ok(None);
        }
        let stage = state.name();
        self.state = self.advance(state, &analysis.matrix, &analysis.plan)?;
        *self.timings.entry(stage.to_owned()).or_default() += host.now_ms() - start_ms;
        Ok(Some(self.progress()))
    }

    /// What was learned, once [`LearnJob::step`] gave `None`.
    ///
    /// # Errors
    /// `not-ready` before that.
    pub fn finish(self) -> Result<(Learned, Learner)> {
        match self.state {
            State::Done(done) => {
                let (learned, learner) = *done;
                Ok((Learned { timings: self.timings, ..learned }, learner))
            }
            _ => Err(Error::new(ErrorKind::NotReady { needed: "stepLearn until it is done".to_owned() })),
        }
    }

    /// Fits in all: after folds, one on all rows.
    fn n_fits(&self) -> usize {
        if self.splits.len() > 1 { self.splits.len() + 1 } else { 1 }
    }

    fn progress(&self) -> Progress {
        let part = |units: u64, done: u64, total: u64| units * done / total.max(1);
        let within = match &self.state {
            State::Fit { progress: (done, total), .. } => part(FIT_UNITS, *done, *total),
            State::Predict { rows, next, .. } => {
                FIT_UNITS + part(PREDICT_UNITS, *next as u64, rows.len() as u64)
            }
            State::Permute { permuting, .. } => {
                let (done, total) = permuting.progress();
                FIT_UNITS + PREDICT_UNITS + part(PERMUTE_UNITS, done, total)
            }
            _ => 0,
        };
        let total = self.n_fits() as u64 * UNITS;
        let done = (self.n_fits_done as u64 * UNITS + within).min(total);
        Progress { stage: Stage::Learn, done, total }
    }

    /// Places learned from in a fit: all in the last one after folds.
    fn train(&self) -> Truth {
        match self.splits.get(self.n_fits_done) {
            Some(split) => self.truth.select(&split.train),
            None => self.truth.clone(),
        }
    }

    fn advance(&mut self, state: State, matrix: &FeatureMatrix, plan: &Plan) -> Result<State> {
        Ok(match state {
            State::Strength(feature) if feature < matrix.features.len() => {
                self.judge_feature(matrix, feature)?;
                State::Strength(feature + 1)
            }
            State::Strength(_) => State::Prepare,
            State::Prepare => self.prepare(matrix, plan)?,
            State::Fit { preparation, transform, rows, mut fitting, .. } => {
                let Progress { done, total, .. } = fitting.step(rows.view())?;
                if !fitting.is_done() {
                    return Ok(State::Fit { preparation, transform, rows, fitting, progress: (done, total) });
                }
                let rows = match self.splits.get(self.n_fits_done) {
                    // Rows held out once keep the model, which is asked about all.
                    _ if self.splits.len() == 1 => (0..matrix.n_rows()).collect(),
                    Some(split) => split.test.iter().map(|&place| self.truth.rows[place]).collect(),
                    None => (0..matrix.n_rows()).filter(|&row| !self.is_predicted[row]).collect(),
                };
                State::Predict { preparation, transform, fitted: fitting.finish(), rows, next: 0 }
            }
            State::Predict { preparation, transform, fitted, rows, next } if next < rows.len() => {
                let n_columns = preparation.columns().len();
                let n_rows = prepare::rows_per_step(
                    fitted.model.products_per_row() + 8 * n_columns,
                    PREDICT_BLOCK_ROWS,
                );
                let end = (next + n_rows).min(rows.len());
                let block = &rows[next..end];
                let values = match block {
                    // Most often all rows, one after the other.
                    [first, .., last] if block.is_sorted() && last - first + 1 == block.len() => {
                        transform.rows(matrix.values.slice(s![*first..=*last, ..]))
                    }
                    _ => transform.rows(matrix.values.select(Axis(0), block).view()),
                };
                let n = fitted.model.n_outputs();
                let mut outputs = vec![0.0; block.len() * n];
                fitted.model.outputs(values.view(), &mut outputs);
                for (&row, outputs) in block.iter().zip(outputs.chunks_exact(n)) {
                    self.outputs[row * n..(row + 1) * n].copy_from_slice(outputs);
                    self.is_predicted[row] = true;
                }
                State::Predict { preparation, transform, fitted, rows, next: end }
            }
            State::Predict { preparation, transform, fitted, .. } => {
                match self.splits.get(self.n_fits_done) {
                    Some(split) => {
                        let test = self.truth.select(&split.test);
                        if self.splits.len() > 1 {
                            let (n_train, n_test) = (split.train.len(), test.rows.len());
                            let fold = self.judge_fold(&test, n_train, n_test)?;
                            self.folds.push(fold);
                        }
                        test.rows.iter().for_each(|&row| self.held_out[row] = 1);
                        let chosen = test.select(&importance::drawn(&test, &fitted.model, self.seed));
                        let values = matrix.values.select(Axis(0), &chosen.rows);
                        let values = transform.rows(values.view());
                        let seed = Rng::for_unit(self.seed, self.n_fits_done as u64).next_u64();
                        let is_fold = self.splits.len() > 1;
                        let columns = preparation.columns();
                        let permuting =
                            Permuting::new(&fitted.model, values, chosen.kind, columns, is_fold, seed)?;
                        State::Permute { preparation, fitted, permuting }
                    }
                    None => self.conclude(matrix, preparation, fitted)?,
                }
            }
            State::Permute { preparation, fitted, mut permuting } => {
                if !permuting.step(&fitted.model, &mut self.losses)? {
                    return Ok(State::Permute { preparation, fitted, permuting });
                }
                if self.splits.len() == 1 {
                    self.conclude(matrix, preparation, fitted)?
                } else {
                    self.n_fits_done += 1;
                    State::Prepare
                }
            }
            State::Done(learned) => State::Done(learned),
            State::Failed => {
                return Err(Error::new(ErrorKind::NotReady {
                    needed: "beginLearn: the one before failed".to_owned(),
                }));
            }
        })
    }

    /// Whether a feature gives the target away.
    fn judge_feature(&mut self, matrix: &FeatureMatrix, feature: usize) -> Result<()> {
        let (n, about) = (self.truth.rows.len(), &matrix.features[feature]);
        if self.omitted.contains(&about.name) {
            return Ok(());
        }
        let mut places = Rng::for_unit(self.seed, 1 << 33).sample_indices(n, STRENGTH_ROWS);
        places.sort_unstable();
        let drawn = self.truth.select(&places);
        let values: Vec<f64> = drawn.rows.iter().map(|&row| matrix.values[[row, feature]]).collect();
        let strength = importance::strength(&values, about.labels.len(), &drawn.kind)?;
        if strength >= TELLING {
            let n_test = self.splits.iter().map(|split| split.test.len()).sum();
            self.leaks.push(Leak::telling_feature(&about.name, strength, self.truth.task(), n_test));
        }
        Ok(())
    }

    fn prepare(&mut self, matrix: &FeatureMatrix, plan: &Plan) -> Result<State> {
        let train = self.train();
        let values = matrix.values.select(Axis(0), &train.rows);
        let (preparation, findings) = FittedPreparation::fit(
            &matrix.features,
            values.view(),
            &plan.preparation,
            &self.omitted,
            self.params.model.missing(),
        )?;
        self.meet_constant(findings);
        let transform = preparation.of_features(&matrix.features)?;
        if let Some(foreign) = &self.foreign {
            foreign.check_columns(&preparation)?;
            let fitted = Fitted { model: Model::Boosting(foreign.model.clone()), out_of_bag: None };
            let rows = (0..matrix.n_rows()).collect();
            return Ok(State::Predict { preparation, transform, fitted, rows, next: 0 });
        }
        let rows = transform.rows(values.view());
        let fitting = setup::fitting(&self.options, &self.params, rows.view(), &train, self.seed)?;
        Ok(State::Fit { preparation, transform, rows, fitting: Box::new(fitting), progress: (0, 1) })
    }

    /// Keeps the features that are the same in all rows learned from, whichever these were.
    fn meet_constant(&mut self, findings: Vec<Finding>) {
        let is_constant =
            |found: &Finding| matches!(found.kind, FindingKind::ConstantFeature | FindingKind::EmptyFeature);
        let names: Vec<String> =
            findings.into_iter().filter(is_constant).filter_map(|found| found.column).collect();
        match &mut self.constant {
            Some(before) => before.retain(|name| names.contains(name)),
            None => self.constant = Some(names),
        }
    }

    /// Outputs of the rows of a truth, side by side.
    fn outputs_of(&self, truth: &Truth) -> Vec<f64> {
        let n = truth.n_outputs();
        truth.rows.iter().flat_map(|&row| &self.outputs[row * n..(row + 1) * n]).copied().collect()
    }

    fn judge(&self, test: &Truth, bootstrap: Bootstrap) -> Result<Judged> {
        let outputs = self.outputs_of(test);
        Ok(match &test.kind {
            Kind::Classes { names, codes } if names.len() == 2 => {
                let scores: Vec<f64> = outputs.iter().skip(1).step_by(2).copied().collect();
                let flags: Vec<u8> = scores.iter().map(|&p| u8::from(p > THRESHOLD)).collect();
                let labels: Vec<bool> = codes.iter().map(|&code| code == 1).collect();
                let asked = Asked { bootstrap, are_probabilities: true, budgets: &[] };
                Judged::Binary(evaluate(&scores, &flags, &labels, asked)?)
            }
            Kind::Classes { names, codes } => {
                let decide = |outputs: &[f64]| most_probable(outputs) as u32;
                let decided: Vec<u32> = outputs.chunks_exact(names.len()).map(decide).collect();
                Judged::Classes(ClassEvaluation::of(&decided, &outputs, codes, names, bootstrap)?)
            }
            Kind::Values(values) => {
                Judged::Regression(RegressionEvaluation::of(&outputs, values, bootstrap)?)
            }
        })
    }

    fn judge_fold(&self, test: &Truth, train_rows: usize, test_rows: usize) -> Result<Fold> {
        let measures = match self.judge(test, Bootstrap::NONE)? {
            Judged::Binary(evaluation) => evaluation.measures(),
            Judged::Classes(evaluation) => evaluation.measures().to_vec(),
            Judged::Regression(evaluation) => evaluation.measures().to_vec(),
        };
        let known = measures.into_iter().filter(|(_, value)| value.is_finite());
        Ok(Fold {
            train_rows,
            test_rows,
            measures: known.map(|(name, value)| (name.to_owned(), value)).collect(),
        })
    }

    /// Everything that follows from the last fit.
    fn conclude(
        &mut self,
        matrix: &FeatureMatrix,
        preparation: FittedPreparation,
        fitted: Fitted,
    ) -> Result<State> {
        let Fitted { model, out_of_bag } = fitted;
        let train = self.train();
        let mut places: Vec<usize> =
            self.splits.iter().flat_map(|split| split.test.iter().copied()).collect();
        places.sort_unstable();
        let test = self.truth.select(&places);
        let classes = match (&train.kind, &test.kind) {
            (Kind::Classes { names, codes }, Kind::Classes { codes: test, .. }) => {
                let count = |codes: &[u32], class: usize| {
                    codes.iter().filter(|&&code| code as usize == class).count()
                };
                let of = |(class, name): (usize, &String)| ClassRows {
                    name: name.clone(),
                    train: count(codes, class),
                    test: count(test, class),
                };
                names.iter().enumerate().map(of).collect()
            }
            _ => Vec::new(),
        };
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(self.constant.as_deref().and_then(setup::about_constant));
        if let Some(rare) =
            classes.iter().min_by_key(|class| class.test).filter(|class| class.test < FEW_ROWS)
        {
            notes.push(format!(
                "Only {} rows of \"{}\" were held out; one row more or less changes these figures a lot.",
                rare.test, rare.name
            ));
        }
        let Truth { n_unknown, n_rare, .. } = self.truth;
        let rare =
            format!("a value of the target that fewer than {MIN_OF_EACH_KIND} rows have, too few to learn");
        for (n, what) in [(n_unknown - n_rare, "no value of the target"), (n_rare, &rare)] {
            match n {
                0 => {}
                1 => notes.push(format!("1 row has {what}; it is predicted only.")),
                n => notes.push(format!("{n} rows have {what}; they are predicted only.")),
            }
        }
        let (mut evaluation, mut class_evaluation, mut regression) = (None, None, None);
        match self.judge(&test, self.bootstrap)? {
            Judged::Binary(judged) => evaluation = Some(judged),
            Judged::Classes(judged) => class_evaluation = Some(judged),
            Judged::Regression(judged) => regression = Some(judged),
        }
        let task = self.truth.task();
        let learner = Learner {
            preparation,
            target: self.options.target.clone(),
            task,
            classes: classes.iter().map(|class| class.name.clone()).collect(),
            threshold: THRESHOLD,
            seed: self.seed,
            model,
        };
        let outputs = std::mem::take(&mut self.outputs);
        let Answers { predictions, probabilities } = learner.answers(outputs);
        let learned = Learned {
            model: self.params.model,
            target: learner.target.clone(),
            task,
            classes,
            split_by: self.by,
            train_rows: train.rows.len(),
            test_rows: test.rows.len(),
            unknown_rows: self.truth.n_unknown,
            evaluation,
            class_evaluation,
            regression,
            summary: summary(&self.folds),
            folds: std::mem::take(&mut self.folds),
            out_of_bag,
            columns: learner.preparation.columns().to_vec(),
            linear: match &learner.model {
                Model::Logistic(model) => model.parts().to_vec(),
                _ => Vec::new(),
            },
            importance: self.importance(matrix, &learner),
            predictions,
            probabilities,
            actual: self.truth.by_row(matrix.n_rows()),
            held_out: std::mem::take(&mut self.held_out),
            leaks: std::mem::take(&mut self.leaks),
            notes,
            timings: BTreeMap::new(),
        };
        self.n_fits_done = self.n_fits();
        Ok(State::Done(Box::new((learned, learner))))
    }

    fn importance(&self, matrix: &FeatureMatrix, learner: &Learner) -> Importance {
        let (kind, by_column) = learner.model.importance();
        let by_feature = learner.preparation.by_feature(&by_column, matrix.features.len());
        let seen: BTreeSet<usize> =
            learner.preparation.columns().iter().map(|column| column.feature).collect();
        let of = |&feature: &usize| {
            let known = self.losses.get(&feature).map(|losses| mean_and_deviation(losses));
            FeatureImportance {
                feature: matrix.features[feature].name.clone(),
                permutation: known.map(|(mean, _)| mean).filter(|mean| !mean.is_nan()),
                deviation: known.map_or(0.0, |(_, deviation)| deviation),
                model: by_feature[feature],
            }
        };
        let features: Vec<FeatureImportance> = seen.iter().map(of).collect();
        let keys: Vec<f64> =
            features.iter().map(|feature| feature.permutation.unwrap_or(feature.model)).collect();
        let measure = if self.truth.task() == Task::Regression { "r2" } else { "rocAuc" };
        Importance {
            measure: measure.to_owned(),
            kind,
            features: order::descending(&keys).into_iter().map(|place| features[place].clone()).collect(),
        }
    }
}

enum Judged {
    Binary(Evaluation),
    Classes(ClassEvaluation),
    Regression(RegressionEvaluation),
}

impl std::fmt::Debug for LearnJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LearnJob").field("options", &self.options).finish_non_exhaustive()
    }
}
