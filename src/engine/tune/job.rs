//! A search under way, in steps of a few milliseconds.
//!
//! Candidates with the same features come one after the other, and among them those with the same preparation, so that
//! features are computed once for each kind and rows prepared once for each trial, whatever the models vary.

use super::candidate::best_first;
use super::limits::Limits;
use super::notes::Facts;
use super::ranks::{correlation, standard_ranks};
use super::run::Run;
use super::space::{self, Assignment, Candidates};
use super::trials;
use super::world::{Pair, World, prepared};
use super::{Basis, Candidate, Metric, TuneOptions, Tuning};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::features::{self, FeatureJob, FeatureMatrix};
use crate::engine::host::{Host, Progress, Stage};
use crate::engine::order;
use crate::engine::plan::{DetectorName, Detectors, Parameters, Plan};
use crate::engine::prepare::{self, Missing};
use crate::engine::rng::{MAX_SEED, mix};
use crate::engine::table::Table;
use ndarray::{Array2, Axis};
use std::collections::BTreeMap;

/// Unlike detectors that scores are compared with: by isolation, by distance, by tails and by local density.
const PANEL: [DetectorName; 4] =
    [DetectorName::Iforest, DetectorName::Knn, DetectorName::Ecod, DetectorName::Lof];

/// Steps of progress that a fit is told in.
const STEPS_PER_UNIT: f64 = 1_000.0;

/// A search for parameters. Every call takes the table it was made for.
pub struct TuneJob {
    options: TuneOptions,
    seed: u64,
    treated: Option<Table>,
    /// The plan as it is first.
    plans: Vec<(Assignment, Plan)>,
    results: Vec<Candidate>,
    /// Candidates that cannot differ from others, as is known once there are rows.
    repeated: Vec<usize>,
    /// Candidates in the order they are judged in.
    order: Vec<usize>,
    /// Place in the order.
    at: usize,
    /// Units of progress before each place, last those of all; and of each what it needs before its own trials.
    units_before: Vec<f64>,
    units_ahead: Vec<f64>,
    /// Units told so far.
    told: f64,
    world: Option<World>,
    state: State,
    /// Of the candidate that is judged, by trial.
    ranks: Vec<Vec<f64>>,
    /// Known once the labels are.
    basis: Option<Basis>,
    facts: Facts,
}

enum State {
    /// Whatever the next candidate needs first.
    Next,
    Features(Box<FeatureJob>),
    Panel {
        rows: Array2<f64>,
        run: Option<Run>,
    },
    Trial {
        trial: usize,
        run: Option<(Run, Pair)>,
    },
    Done,
    /// Left behind while a step moves its parts, and for good when it failed.
    Failed,
}

impl TuneJob {
    /// Starts a search: draws the candidates and checks them all.
    ///
    /// # Errors
    /// `parameter` for options out of range and candidates that are no plans, and what the plan is refused for.
    pub fn new(table: &Table, plan: Plan, options: TuneOptions) -> Result<TuneJob> {
        options.check()?;
        if let Some(metric @ (Metric::RankCorrelation | Metric::MacroF1 | Metric::R2)) = options.metric {
            let expected =
                "roc-auc or average-precision; the others are of stability-agreement and of learners";
            return Err(Error::parameter("metric", expected, metric.name()));
        }
        if options.basis == Some(Basis::Target) {
            let expected = "labels, planted or stability-agreement; target is what learners are tuned by";
            return Err(Error::parameter("basis", expected, "target"));
        }
        plan.check(table)?;
        if let Some(label) = &plan.label {
            features::check_labels(table, table.index_of(label)?)?;
        } else if options.basis == Some(Basis::Labels) {
            trials::check_labels(None)?;
        }
        let Candidates { tried: plans, without_effect } = space::plans(&options, &plan)?;
        plans.iter().try_for_each(|(_, plan)| plan.check(table))?;
        let treated = match plan.treatments.is_empty() {
            true => None,
            false => Some(prepare::treat(table, &plan)?.0),
        };
        let order = grouped(&plans);
        let mut job = TuneJob {
            seed: options.seed.unwrap_or(plan.seed),
            basis: options.basis,
            results: plans.iter().map(|(assignment, _)| Candidate::new(assignment)).collect(),
            repeated: Vec::new(),
            treated,
            plans,
            units_before: vec![0.0],
            units_ahead: Vec::new(),
            order,
            at: 0,
            told: 0.0,
            world: None,
            state: State::Next,
            ranks: Vec::new(),
            facts: Facts { without_effect, ..Facts::default() },
            options,
        };
        job.count_units();
        Ok(job)
    }

    /// Does a few milliseconds of work. `None` when every candidate is judged. Units of progress are thousandths of fits.
    ///
    /// # Errors
    /// What the plan as it is meets; the job is over then. What another candidate meets stands in its result.
    pub fn step(&mut self, table: &Table, host: &dyn Host) -> Result<Option<Progress>> {
        let start_ms = host.now_ms();
        let state = std::mem::replace(&mut self.state, State::Failed);
        let candidate = self.order.get(self.at).copied();
        // Shared columns: a clone of the table copies none of them.
        let treated = self.treated.clone();
        let judging = matches!(state, State::Trial { .. });
        match self.advance(state, treated.as_ref().unwrap_or(table)) {
            Ok((State::Done, _)) => {
                self.state = State::Done;
                return Ok(None);
            }
            Ok((state, units)) => {
                self.state = state;
                self.told = self.told.max(units);
            }
            Err(error) => match candidate {
                Some(candidate) if candidate > 0 => {
                    self.results[candidate].failed = Some(error.to_string());
                    self.leave();
                }
                _ => return Err(error),
            },
        }
        if let (true, Some(candidate)) = (judging, candidate) {
            self.results[candidate].spend(host.now_ms() - start_ms);
        }
        let steps = |units: f64| (units * STEPS_PER_UNIT) as u64;
        let total = self.units_before.last().copied().unwrap_or(0.0);
        Ok(Some(Progress { stage: Stage::Tune, done: steps(self.told), total: steps(total) }))
    }

    /// The result, once [`TuneJob::step`] gave `None`.
    ///
    /// # Errors
    /// `not-ready` before that.
    pub fn finish(self) -> Result<Tuning> {
        let (State::Done, Some(basis)) = (&self.state, self.basis) else {
            return Err(Error::new(ErrorKind::NotReady { needed: "stepTune until it is done".to_owned() }));
        };
        let mut places = best_first(&self.results);
        places.retain(|place| !self.repeated.contains(place));
        let best = places.first().copied().unwrap_or(0);
        let notes = self.facts.notes(basis, &self.plans, &self.results, best);
        let unchanged = places.iter().position(|&place| place == 0).unwrap_or(0);
        Ok(Tuning {
            basis,
            metric: self.metric(),
            folds: self.facts.n_folds,
            rows: self.facts.n_judged,
            candidates: places.iter().map(|&place| self.results[place].clone()).collect(),
            best: 0,
            unchanged,
            plan: self.plans[best].1.clone(),
            learn: None,
            notes,
        })
    }

    fn metric(&self) -> Metric {
        match self.basis {
            Some(Basis::StabilityAgreement) => Metric::RankCorrelation,
            _ => self.options.metric.unwrap_or_default(),
        }
    }

    /// The state after one step, and how many units are done.
    fn advance(&mut self, state: State, table: &Table) -> Result<(State, f64)> {
        let before = self.units_before[self.at];
        let Some(&candidate) = self.order.get(self.at) else { return Ok((State::Done, before)) };
        let plan = &self.plans[candidate].1;
        Ok(match state {
            State::Next => {
                let of_features = space::of_features(&self.plans[candidate].0);
                let old = self.world.take().filter(|world| world.of_features == of_features);
                match old {
                    None => {
                        let untreated = Plan { treatments: BTreeMap::new(), ..plan.clone() };
                        (State::Features(Box::new(FeatureJob::new(table, &untreated)?)), before)
                    }
                    Some(world) if self.is_repeated(candidate, &world.limits) => {
                        self.world = Some(world);
                        self.repeated.push(candidate);
                        self.facts.n_repeated += 1;
                        self.leave();
                        (State::Next, self.units_before[self.at])
                    }
                    Some(world) if world.preparation == plan.preparation => {
                        self.world = Some(world);
                        (State::Trial { trial: 0, run: None }, before)
                    }
                    Some(mut world) => {
                        world.prepare_as(&plan.preparation);
                        (self.enter(world)?, before)
                    }
                }
            }
            State::Features(mut job) => {
                let progress = job.step(table)?;
                if job.is_done() {
                    let (matrix, _) = job.finish();
                    let world = self.make_world(candidate, table, &matrix)?;
                    (self.enter(world)?, before + 1.0)
                } else {
                    let share = progress.done as f64 / progress.total.max(1) as f64;
                    (State::Features(job), before + share.min(1.0))
                }
            }
            State::Panel { rows, run } => {
                let world = self.world.as_mut().ok_or_else(lost)?;
                let member = world.panel.len();
                let mut run = match run {
                    Some(run) => run,
                    None => {
                        let detectors = Detectors::from(PANEL[member]);
                        let parameters = Parameters::default();
                        Run::new(&detectors, &parameters, self.seed, rows.view(), rows.nrows())?
                    }
                };
                let share = run.step(rows.view(), rows.view())?;
                let scores = run.scores();
                let is_member_done = scores.is_some();
                world.panel.extend(scores.map(|scores| standard_ranks(&scores)));
                let first = before + self.units_ahead[self.at] - PANEL.len() as f64;
                let units = first + member as f64 + share;
                match (is_member_done, world.panel.len() == PANEL.len()) {
                    (true, true) => (State::Trial { trial: 0, run: None }, units),
                    (true, false) => (State::Panel { rows, run: None }, units),
                    _ => (State::Panel { rows, run: Some(run) }, units),
                }
            }
            State::Trial { trial, run } => self.judge(candidate, trial, run)?,
            State::Done => (State::Done, before),
            State::Failed => {
                return Err(Error::new(ErrorKind::NotReady {
                    needed: "beginTune: the one before failed".to_owned(),
                }));
            }
        })
    }

    /// One step of a candidate's trial.
    fn judge(&mut self, candidate: usize, trial: usize, run: Option<(Run, Pair)>) -> Result<(State, f64)> {
        let world = self.world.as_mut().ok_or_else(lost)?;
        let plan = &self.plans[candidate].1;
        let n_trials = world.trials.len();
        let (mut run, pair) = match run {
            Some(run) => run,
            None => {
                let pair = world.pair(trial, plan)?;
                // Each fit has a seed of its own, the same for every candidate.
                let seed = mix(self.seed, trial as u64) & MAX_SEED;
                let n_test = world.trials[trial].n_test(world.values.nrows());
                (Run::new(&plan.detector, &plan.parameters, seed, pair.train.view(), n_test)?, pair)
            }
        };
        let share = run.step(pair.train.view(), pair.test.view())?;
        let units = self.units_before[self.at] + self.units_ahead[self.at] + trial as f64 + share;
        let Some(scores) = run.scores() else {
            return Ok((State::Trial { trial, run: Some((run, pair)) }, units));
        };
        world.keep(trial, pair);
        let metric = self.options.metric.unwrap_or_default();
        let result = &mut self.results[candidate];
        match world.trials[trial].judge(metric, &scores, result, n_trials)? {
            Some(score) => result.folds.push(score),
            None => self.ranks.push(standard_ranks(&scores)),
        }
        if trial + 1 < n_trials {
            return Ok((State::Trial { trial: trial + 1, run: None }, units));
        }
        if !self.ranks.is_empty() {
            compare(&std::mem::take(&mut self.ranks), &world.panel, &plan.detector, result);
        }
        result.end();
        self.leave();
        Ok((State::Next, units))
    }

    /// Whether a candidate is to its rows what one before it is, of those with the same features.
    fn is_repeated(&self, candidate: usize, limits: &Limits) -> bool {
        let (assignment, plan) = &self.plans[candidate];
        let of_features = space::of_features(assignment);
        let own = limits.within(plan);
        let before = self.order[..self.at].iter().rev();
        before
            .take_while(|&&other| space::of_features(&self.plans[other].0) == of_features)
            .any(|&other| self.results[other].failed.is_none() && limits.within(&self.plans[other].1) == own)
    }

    /// Goes on to the next candidate.
    fn leave(&mut self) {
        self.at += 1;
        self.ranks.clear();
        self.state = State::Next;
        self.told = self.told.max(self.units_before[self.at]);
    }

    /// What each candidate takes: a unit for a fit and its scores, one for features.
    fn count_units(&mut self) {
        let is_compared = matches!(self.options.basis, None | Some(Basis::StabilityAgreement));
        let n_members = if is_compared { PANEL.len() as f64 } else { 0.0 };
        let mut before: Option<&(Assignment, Plan)> = None;
        let mut sum = 0.0;
        for &candidate in &self.order {
            let (assignment, plan) = &self.plans[candidate];
            let is_as_before = |(other, _): &&(Assignment, Plan)| {
                space::of_features(other) == space::of_features(assignment)
            };
            let ahead = match before.filter(is_as_before) {
                None => 1.0 + n_members,
                Some((_, other)) if other.preparation != plan.preparation => n_members,
                Some(_) => 0.0,
            };
            sum += ahead + self.options.folds as f64;
            self.units_ahead.push(ahead);
            self.units_before.push(sum);
            before = Some(&self.plans[candidate]);
        }
    }

    /// The matrix of a candidate, cut to the rows that are judged on, with its trials.
    fn make_world(&mut self, candidate: usize, table: &Table, matrix: &FeatureMatrix) -> Result<World> {
        let (assignment, plan) = &self.plans[candidate];
        let label = plan.label.as_deref();
        let labels =
            label.map(|label| features::row_labels(table, matrix, table.index_of(label)?)).transpose()?;
        let basis = match self.basis {
            Some(basis) => basis,
            None => match (&labels, trials::check_labels(labels.as_deref())) {
                (Some(_), Ok(_)) => Basis::Labels,
                (Some(_), Err(error)) => {
                    self.facts.unused_labels = Some(error.to_string());
                    Basis::StabilityAgreement
                }
                (None, _) => Basis::StabilityAgreement,
            },
        };
        self.basis = Some(basis);
        let known = labels.as_deref().filter(|_| basis == Basis::Labels);
        let n_rows = matrix.n_rows();
        let drawn = trials::drawn_rows(n_rows, self.options.max_rows, known, self.seed);
        let values = matrix.values.select(Axis(0), &drawn);
        let labels = known.map(|labels| drawn.iter().map(|&row| labels[row]).collect::<Vec<bool>>());
        let trials = trials::trials(
            basis,
            self.options.folds,
            &matrix.features,
            values.view(),
            labels.as_deref(),
            self.seed,
        )?;
        let limits = Limits::of(&matrix.features, values.view(), &trials);
        if self.facts.rows.is_empty() {
            let n_abnormal = labels.map(|labels| labels.iter().filter(|&&label| label).count());
            (self.facts.n_rows, self.facts.n_judged) = (n_rows, drawn.len());
            (self.facts.n_abnormal, self.facts.n_folds) = (n_abnormal, trials.len());
        }
        self.facts.n_of_features += 1;
        let rows = hash_of_rows(matrix);
        if !self.facts.rows.contains(&rows) {
            self.facts.rows.push(rows);
        }
        let mut world = World {
            of_features: space::of_features(assignment),
            features: matrix.features.clone(),
            values,
            trials,
            limits,
            preparation: plan.preparation.clone(),
            prepared: Vec::new(),
            panel: Vec::new(),
        };
        world.prepare_as(&plan.preparation);
        Ok(world)
    }

    /// What comes first in a new world: the panel, where scores are compared with it.
    fn enter(&mut self, world: World) -> Result<State> {
        let is_compared = self.basis == Some(Basis::StabilityAgreement);
        let state = match is_compared {
            true => {
                let plan = &self.plans[self.order[self.at]].1;
                let (features, values) = (&world.features, &world.values);
                let Pair { test: rows, .. } = prepared(features, plan, values, values, Missing::Refused)?;
                State::Panel { rows, run: None }
            }
            false => State::Trial { trial: 0, run: None },
        };
        self.world = Some(world);
        Ok(state)
    }
}

/// Where in the log each row of a matrix begins, and how many records it has, as a number.
fn hash_of_rows(matrix: &FeatureMatrix) -> u64 {
    (0..matrix.table_rows.len()).fold(0, |hash, row| {
        let records = matrix.table_rows.rows(row);
        mix(mix(hash, records.len() as u64), records.first().map_or(0, |&record| u64::from(record)))
    })
}

/// Places of candidates, those with the same features side by side, and among them those with the same preparation; kinds
/// in the order that they first come in, so that the plan as it is remains the first.
fn grouped(plans: &[(Assignment, Plan)]) -> Vec<usize> {
    let is_same_matrix =
        |a: usize, b: usize| space::of_features(&plans[a].0) == space::of_features(&plans[b].0);
    let is_same =
        |a: usize, b: usize| is_same_matrix(a, b) && plans[a].1.preparation == plans[b].1.preparation;
    let first = |place: usize, is_like: &dyn Fn(usize, usize) -> bool| {
        (0..place).find(|&other| is_like(other, place)).unwrap_or(place) as i64
    };
    // Of those that turn out to be equal, the first is kept: that with the fewest changes.
    let n_changes = |place: usize| plans[place].0.len() as i64;
    let most = (0..plans.len()).map(n_changes).max().unwrap_or(0) + 1;
    let n = plans.len() as i64;
    order::by_key(plans.len(), |place| {
        (first(place, &is_same_matrix) * n + first(place, &is_same)) * most + n_changes(place)
    })
}

/// Judges a candidate by the ranks of its own fits and those of the panel. Members that are among its own detectors do not
/// count, unless all are: they would agree with themselves.
fn compare(own: &[Vec<f64>], panel: &[Vec<f64>], detectors: &Detectors, result: &mut Candidate) {
    let is_other = |(name, _): &(&DetectorName, &Vec<f64>)| !detectors.names().contains(*name);
    let mut others: Vec<&Vec<f64>> =
        PANEL.iter().zip(panel).filter(is_other).map(|(_, ranks)| ranks).collect();
    if others.is_empty() {
        others = panel.iter().collect();
    }
    let (mut stability, mut agreement) = (0.0, 0.0);
    for (place, ranks) in own.iter().enumerate() {
        let rest = own.iter().enumerate().filter(|(other, _)| *other != place);
        let alike = rest.map(|(_, other)| correlation(ranks, other)).sum::<f64>() / (own.len() - 1) as f64;
        let agreed = others.iter().map(|other| correlation(ranks, other)).sum::<f64>() / others.len() as f64;
        stability += alike / own.len() as f64;
        agreement += agreed / own.len() as f64;
        result.folds.push((alike + agreed) / 2.0);
    }
    (result.stability, result.agreement) = (Some(stability), Some(agreement));
}

/// A world is there whenever a state needs one.
fn lost() -> Error {
    Error::new(ErrorKind::NotReady { needed: "beginTune".to_owned() })
}

impl std::fmt::Debug for TuneJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TuneJob").field("options", &self.options).finish_non_exhaustive()
    }
}
