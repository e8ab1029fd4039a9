//! A fit, step by step: bins first, then tree after tree, each tried on the rows that it has not learned from.

use super::growth::{Column, Growth, Surroundings};
use super::model::Forest;
use super::params::Params;
use super::sums::Layout;
use super::tally::N_CELLS;
use crate::engine::host::{Progress, Stage};
use crate::engine::learn::trees::{Cuts, Target, Trees};
use crate::engine::rng::Rng;
use ndarray::ArrayView2;

/// Rows touched in a step: a few milliseconds.
const ROWS_PER_STEP: usize = 1 << 18;
/// Values sorted into bins in a step.
const VALUES_PER_STEP: usize = 1 << 16;
/// Bins of a feature, at most: up to as many different values cuts are exact, past them finer than trees can tell. Missing
/// values have one more.
const MAX_BINS: usize = N_CELLS - 1;
/// Progress of one tree, in units.
const UNITS_PER_TREE: u64 = 1_000;

/// A fit of a random forest under way. Units are bins of features, then thousandths of trees.
#[derive(Debug, Clone)]
pub struct ForestFitting {
    params: Params,
    n_classes: usize,
    n_features: usize,
    layout: Layout,
    /// A class, or a value less `offset`.
    target: Vec<f64>,
    offset: f64,
    weights: Vec<f64>,
    columns: Vec<Column>,
    growth: Option<Growth>,
    /// Rows that the tree just grown has been tried on.
    n_tried: usize,
    trees: Trees,
    importance: Vec<f64>,
    /// Rows x (sums of the outputs of trees that have not learned from the row, and how many those are).
    tried: Vec<f64>,
}

/// What the trees say of rows that they have not learned from.
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfBag {
    /// Rows x outputs (the value, or a probability for each class), `NaN` for a row that is in every tree's bootstrap.
    pub outputs: Vec<f64>,
    /// Accuracy for classes, the coefficient of determination R² for values, over the rows that have outputs; `NaN`
    /// where none has, or all values are equal.
    pub score: f64,
}

impl ForestFitting {
    pub(super) fn new(
        params: Params,
        (n_rows, n_features): (usize, usize),
        target: Target<'_>,
        weights: Option<&[f64]>,
    ) -> Self {
        let n_classes = target.n_classes();
        let layout = Layout { n_classes: if n_classes > 2 { n_classes } else { 0 } };
        let mut numbers = target.numbers();
        let offset = if n_classes == 0 { numbers.iter().sum::<f64>() / n_rows as f64 } else { 0.0 };
        numbers.iter_mut().for_each(|number| *number -= offset);
        let width = layout.leaf_width();
        ForestFitting {
            params,
            n_classes,
            n_features,
            layout,
            target: numbers,
            offset,
            weights: weights.map_or_else(|| vec![1.0; n_rows], <[f64]>::to_vec),
            columns: Vec::new(),
            growth: None,
            n_tried: 0,
            trees: Trees::new(n_features, width, width),
            importance: vec![0.0; n_features],
            tried: vec![0.0; n_rows * (width + 1)],
        }
    }

    /// Does one step on the rows that the fit was started with.
    ///
    /// # Panics
    /// If they have another shape.
    pub fn step(&mut self, rows: ArrayView2<'_, f64>) -> Progress {
        let shape = (self.target.len(), self.n_features);
        assert_eq!(rows.dim(), shape, "a fit has the same rows at every step");
        if self.columns.len() < self.n_features {
            let n = (VALUES_PER_STEP / shape.0).max(1).min(self.n_features - self.columns.len());
            for _ in 0..n {
                let values = rows.column(self.columns.len());
                let cuts = Cuts::new(values.iter().copied(), MAX_BINS);
                let codes = values.iter().map(|&value| cuts.bin(value) as u16).collect();
                self.columns.push(Column { cuts, codes });
            }
            return self.progress();
        }
        let mut work = 0;
        while work < ROWS_PER_STEP && !self.is_done() {
            work += self.grow(rows, ROWS_PER_STEP - work);
        }
        self.progress()
    }

    /// Does a part of a tree, for which about so many rows are touched; returns how many were.
    fn grow(&mut self, rows: ArrayView2<'_, f64>, most: usize) -> usize {
        let max_features = self.params.max_features.of(self.n_features, self.n_classes > 0);
        let around = Surroundings {
            params: &self.params,
            layout: self.layout,
            max_features,
            columns: &self.columns,
            target: &self.target,
            offset: self.offset,
        };
        let n_rows = self.target.len();
        let Some(growth) = &mut self.growth else {
            let rng = Rng::for_unit(self.params.seed, self.trees.n_trees() as u64);
            self.growth = Some(Growth::new(rng, &self.weights, &around));
            self.n_tried = 0;
            return 2 * n_rows;
        };
        if !growth.is_done() {
            return growth.advance(&around, most);
        }
        if self.n_tried < n_rows {
            let to = (self.n_tried + (1 << 14)).min(n_rows);
            let width = self.layout.leaf_width();
            let mut copied = Vec::with_capacity(self.n_features);
            for place in self.n_tried..to {
                if growth.is_out_of_bag(place) {
                    let row = rows.row(place);
                    let row = row.as_slice().unwrap_or_else(|| {
                        copied.clear();
                        copied.extend(row);
                        &copied
                    });
                    let leaf = growth.tree().leaf_of(row);
                    let sums = &mut self.tried[place * (width + 1)..(place + 1) * (width + 1)];
                    let values = &growth.tree().leaf_values()[leaf..leaf + width];
                    sums.iter_mut().zip(values.iter().chain([&1.0])).for_each(|(sum, value)| *sum += value);
                }
            }
            let n = to - self.n_tried;
            self.n_tried = to;
            return 4 * n;
        }
        if let Some(growth) = self.growth.take() {
            let (tree, gains) = growth.finish();
            let total: f64 = gains.iter().sum();
            if total > 0.0 {
                self.importance.iter_mut().zip(gains).for_each(|(sum, gain)| *sum += gain / total);
            }
            self.trees.push(tree);
        }
        0
    }

    fn progress(&self) -> Progress {
        let total = self.n_features as u64 + self.params.trees as u64 * UNITS_PER_TREE;
        let of_tree = self.growth.as_ref().map_or(0.0, Growth::share_done) * UNITS_PER_TREE as f64;
        let done = self.columns.len() as u64 + self.trees.n_trees() as u64 * UNITS_PER_TREE + of_tree as u64;
        Progress { stage: Stage::Fit, done, total }
    }

    /// Whether all trees are grown.
    pub fn is_done(&self) -> bool {
        self.trees.n_trees() == self.params.trees
    }

    /// What the trees grown so far say of rows that they have not learned from.
    pub fn out_of_bag(&self) -> OutOfBag {
        let width = self.layout.leaf_width();
        let n_outputs = self.n_classes.max(1);
        let mut outputs = Vec::with_capacity(self.target.len() * n_outputs);
        let (mut n, mut n_right, mut errors, mut seen) = (0.0, 0.0, 0.0, Vec::new());
        for (sums, &target) in self.tried.chunks_exact(width + 1).zip(&self.target) {
            let (sums, n_trees) = (&sums[..width], sums[width]);
            let from = outputs.len();
            if self.n_classes == 2 {
                outputs.push(1.0 - sums[0] / n_trees);
            }
            outputs.extend(sums.iter().map(|sum| sum / n_trees));
            if n_trees == 0.0 {
                outputs[from..].fill(f64::NAN);
                continue;
            }
            n += 1.0;
            if self.n_classes == 0 {
                let value = target + self.offset;
                errors += (outputs[from] - value) * (outputs[from] - value);
                seen.push(value);
            } else if most_likely(&outputs[from..]) == target as usize {
                n_right += 1.0;
            }
        }
        let mean = seen.iter().sum::<f64>() / n;
        let spread: f64 = seen.iter().map(|value| (value - mean) * (value - mean)).sum();
        let score = match self.n_classes {
            _ if n == 0.0 => f64::NAN,
            0 if spread == 0.0 => f64::NAN,
            0 => 1.0 - errors / spread,
            _ => n_right / n,
        };
        OutOfBag { outputs, score }
    }

    /// The model.
    ///
    /// # Panics
    /// If called before [`ForestFitting::is_done`].
    pub fn into_model(self) -> Forest {
        assert!(self.is_done(), "{} of {} trees grown", self.trees.n_trees(), self.params.trees);
        Forest::new(self.n_classes, self.trees, self.importance)
    }
}

/// The first of the most likely classes.
fn most_likely(probabilities: &[f64]) -> usize {
    let mut best = 0;
    for (class, probability) in probabilities.iter().enumerate() {
        if *probability > probabilities[best] {
            best = class;
        }
    }
    best
}
