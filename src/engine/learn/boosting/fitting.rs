//! A fit, step by step: bins first, then tree after tree.

use super::growth::{Growth, Surroundings};
use super::histogram::{Codes, Pair};
use super::loss::Objective;
use super::model::Boosting;
use super::params::Params;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::host::{Progress, Stage};
use crate::engine::learn::trees::{Target, Trees};
use crate::engine::rng::Rng;
use ndarray::ArrayView2;

/// Additions to histograms of a step: a few milliseconds.
const ADDITIONS_PER_STEP: usize = 1 << 21;
/// Values sorted into bins in a step.
const VALUES_PER_STEP: usize = 1 << 16;
/// Progress of one tree, in units.
const UNITS_PER_TREE: u64 = 1_000;
/// Units of randomness: trees count from 0, what is drawn once has these.
const UNIT_OF_VALIDATION: u64 = u64::MAX - 1;

/// A fit of boosted trees under way. Units are bins of features, then thousandths of trees.
#[derive(Debug, Clone)]
pub struct BoostingFitting {
    params: Params,
    objective: Objective,
    n_features: usize,
    target: Vec<f64>,
    weights: Vec<f64>,
    /// Rows learned from, and held out to stop by; ascending.
    train: Vec<u32>,
    validation: Vec<u32>,
    codes: Codes,
    base: Vec<f64>,
    /// Rows x margins.
    margins: Vec<f64>,
    /// Margin by margin, by row.
    gradients: Vec<Vec<Pair>>,
    growth: Option<Growth>,
    trees: Trees,
    gains: Vec<f64>,
    /// Mean loss on the rows held out after each round, where some are.
    losses: Vec<f64>,
    is_done: bool,
}

impl BoostingFitting {
    pub(super) fn new(
        params: Params,
        (n_rows, n_features): (usize, usize),
        target: Target<'_>,
        weights: Option<&[f64]>,
    ) -> Result<Self> {
        let objective = Objective::of(&target);
        let target = target.numbers();
        let weights = weights.map_or_else(|| vec![1.0; n_rows], <[f64]>::to_vec);
        let n_validation = match params.patience {
            0 => 0,
            _ => ((n_rows as f64 * params.validation_share).round() as usize).clamp(1, n_rows.max(2) - 1),
        };
        if n_validation == n_rows {
            return Err(Error::new(ErrorKind::TooFewRows {
                step: "boosted trees that stop early".to_owned(),
                unit: "rows",
                needed: 2,
                found: n_rows,
                remedy: "give more rows, or no patience",
            }));
        }
        let mut rng = Rng::for_unit(params.seed, UNIT_OF_VALIDATION);
        let all: Vec<u32> = (0..n_rows as u32).collect();
        let (validation, train) = draw(&all, n_validation, &mut rng);
        if train.iter().all(|&row| weights[row as usize] == 0.0) {
            return Err(Error::parameter("weights", "one above 0 among the rows learned from", "only 0"));
        }
        let base = objective.base(&train, &target, &weights);
        let n_margins = objective.n_margins();
        Ok(BoostingFitting {
            params,
            objective,
            n_features,
            margins: base.repeat(n_rows),
            base,
            gradients: vec![vec![[0.0; 2]; n_rows]; n_margins],
            target,
            weights,
            train,
            validation,
            codes: Codes::new(n_rows),
            growth: None,
            trees: Trees::new(n_features, n_margins, 1),
            gains: vec![0.0; n_features],
            losses: Vec::new(),
            is_done: false,
        })
    }

    /// Does one step on the rows that the fit was started with.
    ///
    /// # Panics
    /// If they have another shape.
    pub fn step(&mut self, rows: ArrayView2<'_, f64>) -> Progress {
        let shape = (self.target.len(), self.n_features);
        assert_eq!(rows.dim(), shape, "a fit has the same rows at every step");
        if self.codes.n_features() < self.n_features {
            let n = (VALUES_PER_STEP / shape.0).max(1).min(self.n_features - self.codes.n_features());
            (0..n).for_each(|_| self.codes.push(rows, self.params.max_bins));
            return self.progress();
        }
        let mut work = 0;
        while work < ADDITIONS_PER_STEP && !self.is_done {
            work += self.grow(rows);
        }
        self.progress()
    }

    /// Does a node, or begins or ends a tree; returns about how many additions that took.
    fn grow(&mut self, rows: ArrayView2<'_, f64>) -> usize {
        let n_margins = self.objective.n_margins();
        let margin = self.trees.n_trees() % n_margins;
        let Some(mut growth) = self.growth.take() else {
            let mut work = 0;
            if margin == 0 {
                self.set_gradients();
                work += 8 * self.train.len() * n_margins;
            }
            let (drawn, wanted) = self.draw();
            work += drawn.len() * self.n_features;
            let around = Surroundings {
                params: &self.params,
                codes: &self.codes,
                gradients: &self.gradients[margin],
                settle: &mut |_, _| {},
            };
            self.growth = Some(Growth::new(drawn, wanted, &around));
            return work;
        };
        let is_whole = self.params.subsample >= 1.0;
        let margins = &mut self.margins;
        let mut around = Surroundings {
            params: &self.params,
            codes: &self.codes,
            gradients: &self.gradients[margin],
            settle: &mut |rows, value| {
                if is_whole {
                    rows.iter().for_each(|&row| margins[row as usize * n_margins + margin] += value);
                }
            },
        };
        let mut work = growth.step(&mut around);
        if !growth.is_done() {
            self.growth = Some(growth);
            return work;
        }
        let (tree, gains) = growth.finish();
        // Rows that no leaf was made of walk the tree.
        let others = if is_whole { &self.validation[..] } else { &[] };
        let walk = |row: u32, margins: &mut [f64], buffer: &mut Vec<f64>| {
            buffer.clear();
            buffer.extend(rows.row(row as usize));
            margins[row as usize * n_margins + margin] += tree.leaf_values()[tree.leaf_of(buffer)];
        };
        let mut buffer = Vec::with_capacity(self.n_features);
        others.iter().for_each(|&row| walk(row, &mut self.margins, &mut buffer));
        work += 10 * others.len();
        if !is_whole {
            (0..self.target.len() as u32).for_each(|row| walk(row, &mut self.margins, &mut buffer));
            work += 10 * self.target.len();
        }
        self.gains.iter_mut().zip(gains).for_each(|(sum, gain)| *sum += gain);
        self.trees.push(tree);
        if margin + 1 == n_margins {
            self.end_round();
        }
        work
    }

    fn end_round(&mut self) {
        let n_margins = self.objective.n_margins();
        let n_rounds = self.trees.n_trees() / n_margins;
        self.is_done = n_rounds == self.params.trees;
        if self.validation.is_empty() {
            return;
        }
        let losses = self.validation.iter().map(|&row| {
            let row = row as usize;
            self.objective.loss(&self.margins[row * n_margins..(row + 1) * n_margins], self.target[row])
        });
        self.losses.push(losses.sum::<f64>() / self.validation.len() as f64);
        let best = self.best_round();
        if n_rounds > best + self.params.patience {
            self.is_done = true;
        }
        if self.is_done {
            self.trees.truncate(best * n_margins);
        }
    }

    /// The round with the least loss on the rows held out, from 1; the first of equals.
    fn best_round(&self) -> usize {
        let mut best = 0;
        for (round, loss) in self.losses.iter().enumerate() {
            if *loss < self.losses[best] {
                best = round;
            }
        }
        best + 1
    }

    fn set_gradients(&mut self) {
        let n_margins = self.objective.n_margins();
        for &row in &self.train {
            let row = row as usize;
            let margins = &self.margins[row * n_margins..(row + 1) * n_margins];
            let gradients = &mut self.gradients;
            let set = |margin: usize, pair: Pair| gradients[margin][row] = pair;
            self.objective.derivatives(margins, self.target[row], self.weights[row], set);
        }
    }

    /// Rows and features of the next tree. Trees of one round have the same rows.
    fn draw(&self) -> (Vec<u32>, Vec<bool>) {
        let (tree, n_margins) = (self.trees.n_trees() as u64, self.objective.n_margins() as u64);
        let rows = if self.params.subsample < 1.0 {
            let n = (self.train.len() as f64 * self.params.subsample).round() as usize;
            let mut rng = Rng::for_unit(self.params.seed, tree / n_margins * n_margins);
            draw(&self.train, n.max(1), &mut rng).0
        } else {
            self.train.clone()
        };
        let mut wanted = vec![self.params.colsample >= 1.0; self.n_features];
        if self.params.colsample < 1.0 {
            let n = (self.n_features as f64 * self.params.colsample).round() as usize;
            let mut rng = Rng::for_unit(!self.params.seed, tree);
            for feature in rng.sample_indices(self.n_features, n.max(1)) {
                wanted[feature] = true;
            }
        }
        (rows, wanted)
    }

    fn progress(&self) -> Progress {
        let n_margins = self.objective.n_margins() as u64;
        let total = self.n_features as u64 + self.params.trees as u64 * n_margins * UNITS_PER_TREE;
        let of_tree = self.growth.as_ref().map_or(0.0, Growth::share_done) * UNITS_PER_TREE as f64;
        let done =
            self.codes.n_features() as u64 + self.trees.n_trees() as u64 * UNITS_PER_TREE + of_tree as u64;
        Progress { stage: Stage::Fit, done: if self.is_done { total } else { done }, total }
    }

    /// Whether all trees are grown, or no more would help.
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Mean loss on the rows held out after each round (squared error, or log loss); none without patience.
    pub fn validation_losses(&self) -> &[f64] {
        &self.losses
    }

    /// The model.
    ///
    /// # Panics
    /// If called before [`BoostingFitting::is_done`].
    pub fn into_model(self) -> Boosting {
        assert!(self.is_done, "{} of {} trees grown", self.trees.n_trees(), self.params.trees);
        Boosting::new(self.objective, self.base, self.trees, self.gains)
    }
}

/// Draws `n` of the rows without replacement; those drawn, and the others, both in the order they had.
fn draw(rows: &[u32], n: usize, rng: &mut Rng) -> (Vec<u32>, Vec<u32>) {
    let (mut drawn, mut others) = (Vec::with_capacity(n), Vec::with_capacity(rows.len() - n));
    for (place, &row) in rows.iter().enumerate() {
        let is_drawn = n > drawn.len() && rng.below((rows.len() - place) as u64) < (n - drawn.len()) as u64;
        if is_drawn { drawn.push(row) } else { others.push(row) }
    }
    (drawn, others)
}
