//! The search for parameters of what is learned: every candidate is fitted to the same folds of the same rows and judged by
//! the rows held out.
//!
//! | of | tried by default |
//! | --- | --- |
//! | logistic | `logistic.c` 0.01, 0.1, 1, 10, 100 and `logistic.penalty` l2, l1 |
//! | forest | `forest.minSamplesLeaf` 1, 3, 10, 30 and `forest.maxFeatures` sqrt, third, all |
//! | boosting | `boosting.trees` 50, 100, 300, `boosting.learningRate` 0.05, 0.1, 0.3 and `boosting.maxDepth` 3, 6, 9 |
//!
//! `model` may be tried as well: the parameters of a model have an effect on its candidates alone.

use super::candidate::best_first;
use super::notes::{compared, left_out};
use super::space::{self, Assignment, Candidates, Tuned};
use super::world::{MAX_KEPT_VALUES, Pair, prepared};
use super::{Basis, Candidate, Metric, TuneOptions, Tuning};
use crate::engine::analysis::Analysis;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::evaluate::{Bootstrap, ClassEvaluation, average_precision};
use crate::engine::features::Feature;
use crate::engine::host::{Host, Progress, Stage};
use crate::engine::learn::split::{Split, SplitOptions};
use crate::engine::learn::{Fitting, Model, ModelName, Task, most_probable};
use crate::engine::plan::{PartialPlan, Plan};
use crate::engine::prepare::{self, Missing};
use crate::engine::rng::{MAX_SEED, mix};
use crate::engine::supervised::{self, Kind, LearnOptions, Setup, Truth, check_task, measure};
use crate::engine::table::Table;
use ndarray::{Array2, Axis, s};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Rows predicted per step, at most.
const PREDICT_BLOCK_ROWS: usize = 4_096;
/// Progress of a fold of a candidate, in units.
const UNITS: u64 = 1_000;

/// A search for parameters of learners. It has rows of its own: the analysis may go.
pub struct LearnerJob {
    metric: Metric,
    seed: u64,
    /// That of the analysis, without the features that the model does not see.
    plan: Plan,
    features: Vec<Feature>,
    omitted: BTreeSet<String>,
    /// Rows x features, by place of the truth.
    values: Array2<f64>,
    truth: Truth,
    splits: Vec<Split>,
    /// The options as they are first.
    candidates: Vec<(Assignment, LearnOptions)>,
    results: Vec<Candidate>,
    /// Candidate and fold.
    at: usize,
    fold: usize,
    /// Prepared rows by fold, where they are kept, and what they were prepared for.
    pairs: Vec<Option<(Missing, Pair)>>,
    state: State,
    notes: Vec<String>,
}

enum State {
    Next,
    Fit {
        pair: Pair,
        fitting: Box<Fitting>,
        progress: (u64, u64),
    },
    Predict {
        pair: Pair,
        model: Box<Model>,
        outputs: Vec<f64>,
    },
    /// Left behind while a step moves its parts.
    Moved,
}

impl LearnerJob {
    /// Starts a search on an analysis of a table: draws the candidates and checks them all.
    ///
    /// # Errors
    /// `parameter` for options out of range and candidates that cannot be learned with; what the target is refused for.
    pub fn new(table: &Table, analysis: &Analysis, options: TuneOptions) -> Result<LearnerJob> {
        options.check()?;
        let Some(learn) = &options.learn else { return Err(lost()) };
        let refused = |name: &str, expected: &str| Err(Error::parameter(name, expected, "one"));
        if options.plan != PartialPlan::default() {
            return refused("plan", "none beside learn, which is tuned on the analysis that there is");
        }
        if learn.xgboost.is_some() {
            return refused("learn.xgboost", "none: trees that were learned elsewhere cannot be tuned");
        }
        if let Some(basis) = options.basis.filter(|&basis| basis != Basis::Target) {
            return Err(Error::parameter("basis", "target, or none, beside learn", basis.name()));
        }
        let drawn = LearnOptions {
            seed: options.seed.or(learn.seed),
            split: SplitOptions { folds: options.folds, ..learn.split },
            ..learn.clone()
        };
        let setup = Setup::new(table, analysis, &drawn, options.max_rows)?;
        let Setup { seed, truth, splits, omitted, leaks, mut notes, .. } = setup;
        let task = truth.task();
        let metric = metric_of(task, options.metric)?;
        let Candidates { tried: candidates, without_effect } = candidates(&options, learn, &truth, seed)?;
        let matrix = &analysis.matrix;
        notes.insert(
            0,
            format!(
                "Judged on rows held out, mean over {} folds. The best of several is chosen on the rows that it is judged on, \
                 so its score is a little better than it will be on new ones.",
                splits.len()
            ),
        );
        notes.extend(left_out(&without_effect));
        notes.extend(leaks.into_iter().map(|leak| leak.message));
        Ok(LearnerJob {
            metric,
            seed,
            plan: Plan { omitted: omitted.clone(), ..analysis.plan.clone() },
            features: matrix.features.clone(),
            omitted: analysis.plan.omitted.clone(),
            values: matrix.values.select(Axis(0), &truth.rows),
            truth,
            results: candidates.iter().map(|(assignment, _)| Candidate::new(assignment)).collect(),
            candidates,
            at: 0,
            fold: 0,
            pairs: splits.iter().map(|_| None).collect(),
            splits,
            state: State::Next,
            notes,
        })
    }

    /// Does a few milliseconds of work. `None` when every candidate is judged.
    ///
    /// # Errors
    /// What the options as they are meet; the job is over then. What another candidate meets stands in its result.
    pub fn step(&mut self, host: &dyn Host) -> Result<Option<Progress>> {
        if self.at == self.candidates.len() {
            return Ok(None);
        }
        let (start_ms, candidate) = (host.now_ms(), self.at);
        let state = std::mem::replace(&mut self.state, State::Moved);
        match self.advance(state) {
            Ok(state) => self.state = state,
            Err(error) if candidate > 0 => {
                self.results[candidate].failed = Some(error.to_string());
                self.results[candidate].folds.clear();
                (self.at, self.fold, self.state) = (candidate + 1, 0, State::Next);
            }
            Err(error) => return Err(error),
        }
        self.results[candidate].spend(host.now_ms() - start_ms);
        let n_folds = self.splits.len() as u64;
        let within = match &self.state {
            State::Fit { progress: (done, total), .. } => UNITS * 9 / 10 * done / (*total).max(1),
            State::Predict { .. } => UNITS * 9 / 10,
            _ => 0,
        };
        let done = (self.at as u64 * n_folds + self.fold as u64) * UNITS + within;
        let total = self.candidates.len() as u64 * n_folds * UNITS;
        Ok(Some(Progress { stage: Stage::Tune, done, total }))
    }

    /// The result, once [`LearnerJob::step`] gave `None`.
    ///
    /// # Errors
    /// `not-ready` before that.
    pub fn finish(self) -> Result<Tuning> {
        if self.at < self.candidates.len() {
            return Err(lost());
        }
        let places = best_first(&self.results);
        let best = places.first().copied().unwrap_or(0);
        let mut notes = self.notes;
        notes.extend(compared(&self.results, best));
        Ok(Tuning {
            basis: Basis::Target,
            metric: self.metric,
            folds: self.splits.len(),
            rows: self.truth.rows.len(),
            unchanged: places.iter().position(|&place| place == 0).unwrap_or(0),
            candidates: places.iter().map(|&place| self.results[place].clone()).collect(),
            best: 0,
            plan: Plan { omitted: self.omitted, ..self.plan },
            learn: Some(self.candidates[best].1.clone()),
            notes,
        })
    }

    fn advance(&mut self, state: State) -> Result<State> {
        let split = &self.splits[self.fold];
        let options = &self.candidates[self.at].1;
        Ok(match state {
            State::Next => {
                let of = |places: &[usize]| self.values.select(Axis(0), places);
                let train = self.truth.select(&split.train);
                let params = options.params(train.task());
                let missing = params.model.missing();
                let pair = match self.pairs[self.fold].take() {
                    Some((of_pair, pair)) if of_pair == missing => pair,
                    _ => {
                        let (train, test) = (of(&split.train), of(&split.test));
                        prepared(&self.features, &self.plan, &train, &test, missing)?
                    }
                };
                // Each fold has a seed of its own, the same for every candidate.
                let seed = mix(self.seed, self.fold as u64) & MAX_SEED;
                let fitting = supervised::fitting(options, &params, pair.train.view(), &train, seed)?;
                State::Fit { pair, fitting: Box::new(fitting), progress: (0, 1) }
            }
            State::Fit { pair, mut fitting, .. } => {
                let Progress { done, total, .. } = fitting.step(pair.train.view())?;
                if !fitting.is_done() {
                    return Ok(State::Fit { pair, fitting, progress: (done, total) });
                }
                State::Predict { pair, model: Box::new(fitting.finish().model), outputs: Vec::new() }
            }
            State::Predict { pair, model, mut outputs } => {
                let n = model.n_outputs();
                let next = outputs.len() / n;
                let n_rows = prepare::rows_per_step(model.products_per_row(), PREDICT_BLOCK_ROWS);
                let end = (next + n_rows).min(pair.test.nrows());
                outputs.resize(end * n, 0.0);
                model.outputs(pair.test.slice(s![next..end, ..]), &mut outputs[next * n..]);
                if end < pair.test.nrows() {
                    return Ok(State::Predict { pair, model, outputs });
                }
                let score = judge(self.metric, &outputs, &self.truth.select(&split.test))?;
                let result = &mut self.results[self.at];
                // Folds without a row of a class have no score; what they would say is not known.
                result.folds.extend(Some(score).filter(|score| score.is_finite()));
                let n_values = (pair.train.len() + pair.test.len()) * self.splits.len();
                self.pairs[self.fold] =
                    (n_values <= MAX_KEPT_VALUES).then_some((model.name().missing(), pair));
                self.fold += 1;
                if self.fold == self.splits.len() {
                    if result.folds.is_empty() {
                        let expected = "folds with held-out rows of each kind; ask for fewer";
                        return Err(Error::parameter("folds", expected, self.splits.len()));
                    }
                    result.end();
                    (self.at, self.fold) = (self.at + 1, 0);
                }
                State::Next
            }
            State::Moved => return Err(lost()),
        })
    }
}

/// The measure of a kind of answer.
fn metric_of(task: Task, asked: Option<Metric>) -> Result<Metric> {
    let known: &[Metric] = match task {
        Task::Binary => &[Metric::AveragePrecision, Metric::RocAuc],
        Task::Classes => &[Metric::MacroF1, Metric::RocAuc],
        Task::Regression => &[Metric::R2],
    };
    match asked {
        None => Ok(known[0]),
        Some(metric) if known.contains(&metric) => Ok(metric),
        Some(metric) => {
            let names: Vec<&str> = known.iter().map(|metric| metric.name()).collect();
            Err(Error::parameter("metric", &format!("{} for this target", names.join(" or ")), metric.name()))
        }
    }
}

/// What outputs are worth; `NaN` where the rows cannot say.
fn judge(metric: Metric, outputs: &[f64], truth: &Truth) -> Result<f64> {
    match (metric, &truth.kind) {
        (Metric::AveragePrecision, Kind::Classes { codes, .. }) => {
            let scores: Vec<f64> = outputs.iter().skip(1).step_by(2).copied().collect();
            let labels: Vec<bool> = codes.iter().map(|&code| code == 1).collect();
            match labels.contains(&true) {
                true => average_precision(&scores, &labels),
                false => Ok(f64::NAN),
            }
        }
        (Metric::MacroF1, Kind::Classes { names, codes }) => {
            let decided: Vec<u32> =
                outputs.chunks_exact(names.len()).map(|outputs| most_probable(outputs) as u32).collect();
            Ok(ClassEvaluation::of(&decided, outputs, codes, names, Bootstrap::NONE)?.macro_f1)
        }
        (_, kind) => measure(outputs, kind),
    }
}

/// Options to try, the given ones first.
fn candidates(
    options: &TuneOptions,
    learn: &LearnOptions,
    truth: &Truth,
    seed: u64,
) -> Result<Candidates<LearnOptions>> {
    let task = truth.task();
    let model = learn.params(task).model;
    let has_effect = |path: &str, options: &LearnOptions| {
        let own = match options.params(task).model {
            ModelName::Logistic => "logistic",
            ModelName::Forest => "forest",
            ModelName::Boosting => "boosting",
        };
        match path.split('.').next().unwrap_or(path) {
            "classWeight" => task != Task::Regression,
            first @ ("logistic" | "forest" | "boosting") => first == own,
            _ => true,
        }
    };
    let apply = |first: &LearnOptions, assignment: &Assignment| {
        let mut changed = first.clone();
        for (path, value) in assignment {
            let refused = |found: String| {
                let expected = "model, classWeight, or a parameter of logistic, forest or boosting, and a value of its type";
                Error::parameter(&format!("space.{path}"), expected, found)
            };
            let part = path.split('.').next().unwrap_or(path);
            if !["model", "classWeight", "logistic", "forest", "boosting"].contains(&part) {
                return Err(refused("another".to_owned()));
            }
            changed = space::set(&changed, path, value).map_err(refused)?;
        }
        let params = changed.params(task);
        params.check()?;
        check_task(params.model, task)?;
        if let Kind::Classes { names, codes } = &truth.kind {
            changed.class_weights(codes, names)?;
        }
        Ok(changed)
    };
    let tuned = Tuned {
        first: learn,
        default_space: learner_space(model),
        apply: &apply,
        has_effect: &has_effect,
        seed,
    };
    space::candidates(options, tuned)
}

/// What is tried of a model where nothing else is asked for.
pub fn learner_space(model: ModelName) -> Assignment {
    let space = match model {
        ModelName::Logistic => vec![
            ("logistic.c", json!([0.01, 0.1, 1.0, 10.0, 100.0])),
            ("logistic.penalty", json!(["l2", "l1"])),
        ],
        ModelName::Forest => vec![
            ("forest.minSamplesLeaf", json!([1, 3, 10, 30])),
            ("forest.maxFeatures", json!(["sqrt", "third", "all"])),
        ],
        ModelName::Boosting => vec![
            ("boosting.trees", json!([50, 100, 300])),
            ("boosting.learningRate", json!([0.05, 0.1, 0.3])),
            ("boosting.maxDepth", json!([3, 6, 9])),
        ],
    };
    BTreeMap::from_iter(space.into_iter().map(|(path, values)| (path.to_owned(), values)))
}

fn lost() -> Error {
    Error::new(ErrorKind::NotReady { needed: "beginTune, and stepTune until it is done".to_owned() })
}

impl std::fmt::Debug for LearnerJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LearnerJob").field("metric", &self.metric).finish_non_exhaustive()
    }
}
