//! Extended Isolation Forest: cuts across several features at once.
//!
//! S. Hariri, M. Carrasco Kind, R. J. Brunner, *Extended Isolation Forest*, TKDE 2021. A cut is a hyperplane with a random
//! normal through a random point of the box around a node's rows; its extension level is the number of features that it
//! involves beyond one. Cuts along axes leave bands of low scores beside every group of rows; these do not. Where a plane
//! leaves all rows on one side, another is drawn, and after [`MAX_DRAWS`] of them one along an axis, which never does: a cut
//! that cuts nothing would lengthen every path and tell nothing.
//!
//! The measure of a row is by how much its mean path is shorter than the mean over the training rows. Of each cut on the way,
//! what it changes of the mean path length below is split over the cut's features by how far each moved the row off the
//! point, `|w (x − p)|`. These parts add up exactly; they are credits of the path taken, not Shapley values, which planes
//! across features do not let be had in less than exponential time.

use super::average_path_length;
use super::growth::uniform_between;
use super::params::{Params, depth_limit};
use crate::engine::detect::calibrated::{Raw, RawFitting, RawModel};
use crate::engine::detect::checked::{self, Checked};
use crate::engine::error::{Error, Result};
use crate::engine::math;
use crate::engine::prepare::Rows;
use crate::engine::rng::Rng;
use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Planes that are drawn for a node before one along an axis.
const MAX_DRAWS: usize = 8;
/// Bytes of a forest, at most: as many as a forest of cuts along axes may have.
const MAX_BYTES: usize = 1 << 29;
/// Values are cut off here, so that sums of their products stay finite.
const MAX_VALUE: f64 = 1e140;

fn bounded(value: f64) -> f64 {
    value.clamp(-MAX_VALUE, MAX_VALUE)
}

/// A node, its left branch right behind it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Node {
    /// Mean path length over the training rows that came here.
    mean: f64,
    /// None at a leaf.
    cut: Option<Cut>,
}

/// What one feature has to do with a cut.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Term {
    feature: u32,
    weight: f64,
    point: f64,
}

impl Term {
    /// `weight · (value − point)`.
    fn of(self, value: impl Fn(usize) -> f64) -> f64 {
        self.weight * (value(self.feature as usize) - self.point)
    }
}

/// Rows with `Σ weight · (value − point) <= 0` go left.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Cut {
    terms: Vec<Term>,
    /// Place of the right branch.
    right: u32,
}

impl Cut {
    fn goes_right(&self, value: impl Fn(usize) -> f64) -> bool {
        self.terms.iter().map(|term| term.of(&value)).sum::<f64>() > 0.0
    }
}

/// A fitted forest.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::engine::detect) struct ExtendedForest {
    n_features: usize,
    trees: Vec<Vec<Node>>,
}

impl ExtendedForest {
    /// Calls with every node of a row's way through a tree but the first, and the cut that led to it.
    fn walk<'a>(tree: &'a [Node], row: ArrayView1<'_, f64>, mut to: impl FnMut(&'a Node, &'a Cut, &'a Node)) {
        let mut place = 0;
        while let Some(cut) = &tree[place].cut {
            let next =
                if cut.goes_right(|feature| bounded(row[feature])) { cut.right as usize } else { place + 1 };
            to(&tree[place], cut, &tree[next]);
            place = next;
        }
    }
}

impl RawModel for ExtendedForest {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn products_per_row(&self) -> usize {
        let n_terms = |tree: &Vec<Node>| tree[0].cut.as_ref().map_or(1, |cut| cut.terms.len());
        // A way is as deep as a tree, and every step of it waits for memory.
        self.trees.iter().map(|tree| (n_terms(tree) + 4) * 8).sum()
    }

    fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]) {
        for (raw, row) in raw.iter_mut().zip(rows.outer_iter()) {
            let mut shorter = 0.0;
            for tree in &self.trees {
                let mut end = tree[0].mean;
                Self::walk(tree, row, |_, _, next| end = next.mean);
                shorter += tree[0].mean - end;
            }
            *raw = shorter / self.trees.len() as f64;
        }
    }

    fn raw_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        contributions.fill(0.0);
        let n_trees = self.trees.len() as f64;
        for tree in &self.trees {
            Self::walk(tree, row, |node, cut, next| {
                let credit = (node.mean - next.mean) / n_trees;
                let moved = |term: &Term| term.of(|feature| bounded(row[feature])).abs();
                let total: f64 = cut.terms.iter().map(moved).sum();
                for term in &cut.terms {
                    let part = if total > 0.0 { moved(term) / total } else { 1.0 / cut.terms.len() as f64 };
                    contributions[term.feature as usize] += credit * part;
                }
            });
        }
    }

    fn check(&self) -> Checked {
        checked::that(!self.trees.is_empty() && self.n_features > 0, "a forest has no trees or no features")?;
        for tree in &self.trees {
            checked::that(!tree.is_empty(), "a tree has no nodes")?;
            for (place, node) in tree.iter().enumerate() {
                // A path is at most as long as the deepest tree, and what its leaf adds less than twice that.
                checked::that((0.0..=64.0).contains(&node.mean), "a path length is out of range")?;
                let Some(cut) = &node.cut else { continue };
                let right = cut.right as usize;
                checked::that(right > place + 1 && right < tree.len(), "a branch is not in its tree")?;
                checked::that(!cut.terms.is_empty(), "a cut has no features")?;
                for &Term { feature, weight, point } in &cut.terms {
                    checked::that((feature as usize) < self.n_features, "a cut is of no feature")?;
                    checked::finite(&[weight, point])?;
                    let is_bounded = weight.abs() < 1e10 && point.abs() <= MAX_VALUE;
                    checked::that(is_bounded, "a cut is out of range")?;
                }
            }
        }
        Ok(())
    }
}

/// Bytes of a node and of a term, as on 64 bits: what is too large is too large everywhere.
const NODE_BYTES: usize = 40;
const TERM_BYTES: usize = 24;

/// One tree per step.
#[derive(Debug)]
pub(in crate::engine::detect) struct ExtendedForestFitting {
    params: Params,
    forest: ExtendedForest,
}

impl ExtendedForestFitting {
    /// Of rows that have been checked.
    ///
    /// # Errors
    /// Those of [`Params::check`]; `parameter` where cuts across so many features make the forest too large.
    pub fn new(params: Params, (n_rows, n_features): (usize, usize)) -> Result<Self> {
        params.check()?;
        let n_terms = (params.extension_level + 1).min(params.n_drawn_features(n_features));
        let leaf_bytes = 2 * NODE_BYTES + n_terms * TERM_BYTES;
        let most = MAX_BYTES / (leaf_bytes << depth_limit(params.subsample.min(n_rows)));
        if params.trees > most {
            let subsample = params.subsample;
            let expected =
                format!("at most {most} with a subsample of {subsample} and cuts across {n_terms} features");
            return Err(Error::parameter("trees", &expected, params.trees));
        }
        Ok(ExtendedForestFitting { params, forest: ExtendedForest { n_features, trees: Vec::new() } })
    }
}

impl RawFitting for ExtendedForestFitting {
    fn step(&mut self, rows: Rows<'_>) -> Result<()> {
        let mut rng = Rng::for_unit(self.params.seed, self.forest.trees.len() as u64);
        let n_rows = rows.n_rows();
        let drawn = rng.sample_indices(n_rows, self.params.subsample.min(n_rows));
        let features = self.params.draw_features(rows.n_columns(), &mut rng);
        let mut growth = Growth {
            rows: rows.select(&drawn),
            features,
            n_terms: self.params.extension_level + 1,
            depth: depth_limit(drawn.len()),
            rng,
            nodes: Vec::new(),
        };
        growth.node(&mut (0..drawn.len()).collect::<Vec<_>>(), 0);
        self.forest.trees.push(growth.nodes);
        Ok(())
    }

    fn progress(&self) -> (u64, u64) {
        (self.forest.trees.len() as u64, self.params.trees as u64)
    }

    fn finish(self: Box<Self>) -> Raw {
        Raw::ExtendedForest(self.forest)
    }
}

/// One tree's growth.
struct Growth {
    /// Its subsample.
    rows: Array2<f64>,
    /// Those that the tree may cut.
    features: Vec<u32>,
    n_terms: usize,
    depth: u32,
    rng: Rng,
    nodes: Vec<Node>,
}

impl Growth {
    /// Grows a node over some rows; gives the sum of their path lengths. Recursion is as deep as the tree: at most 16.
    fn node(&mut self, sample: &mut [usize], level: u32) -> f64 {
        let place = self.nodes.len();
        let n = sample.len() as f64;
        let cut = if level < self.depth && sample.len() > 1 { self.draw(sample) } else { None };
        let Some(terms) = cut else {
            let mean = f64::from(level) + average_path_length(sample.len());
            self.nodes.push(Node { mean, cut: None });
            return n * mean;
        };
        let mut cut = Cut { terms, right: 0 };
        self.nodes.push(Node { mean: 0.0, cut: None });
        let middle = self.partition(sample, &cut);
        let (left, right) = sample.split_at_mut(middle);
        let below_left = self.node(left, level + 1);
        cut.right = self.nodes.len() as u32;
        let total = below_left + self.node(right, level + 1);
        self.nodes[place] = Node { mean: total / n, cut: Some(cut) };
        total
    }

    fn value(&self, row: usize, feature: usize) -> f64 {
        bounded(self.rows[[row, feature]])
    }

    /// A plane with rows on both sides; none where all rows are equal.
    fn draw(&mut self, sample: &[usize]) -> Option<Vec<Term>> {
        let range = |feature: &u32| {
            let (least, most) = math::range(sample.iter().map(|&row| self.value(row, *feature as usize)));
            (least < most).then_some((*feature, least, most))
        };
        let mut varying: Vec<(u32, f64, f64)> = self.features.iter().filter_map(range).collect();
        if varying.is_empty() {
            return None;
        }
        let n_terms = self.n_terms.min(varying.len());
        for _ in 0..MAX_DRAWS {
            self.rng.shuffle(&mut varying);
            let mut terms = Vec::with_capacity(n_terms);
            for &(feature, least, most) in &varying[..n_terms] {
                let weight = self.rng.normal();
                terms.push(Term { feature, weight, point: uniform_between(least, most, self.rng.uniform()) });
            }
            let cut = Cut { terms, right: 0 };
            let goes_right = |&row: &usize| cut.goes_right(|feature| self.value(row, feature));
            let n_right = sample.iter().filter(|row| goes_right(row)).count();
            if n_right > 0 && n_right < sample.len() {
                return Some(cut.terms);
            }
        }
        // Any of them: the last draw left them in random order.
        let (feature, least, most) = varying[0];
        Some(vec![Term { feature, weight: 1.0, point: uniform_between(least, most, self.rng.uniform()) }])
    }

    /// Moves rows that go left to the front; returns where the others begin.
    fn partition(&self, sample: &mut [usize], cut: &Cut) -> usize {
        let mut middle = 0;
        for place in 0..sample.len() {
            if !cut.goes_right(|feature| self.value(sample[place], feature)) {
                sample.swap(place, middle);
                middle += 1;
            }
        }
        middle
    }
}
