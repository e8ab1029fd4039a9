//! The fitted forest: where its trees lie in memory, and how rows are scored.
//!
//! All trees are complete binary trees of one depth `D` in heap order (root 1, children `2i` and `2i + 1`), side by
//! side in flat arrays. A leaf above depth `D` is a node whose cut sends every row left, so that each walk is exactly
//! `D` steps without a branch to predict; its path length is stored at the leftmost leaf below it. Several rows walk
//! a tree at once, because each single step waits for memory and steps of different rows do not wait for each other.

use super::params::Params;
use super::saved::SavedForest;
use super::tree::{Node, Tree, TreeMut};
use super::{attribution, average_path_length};
use crate::engine::detect::{Checked, Detector};
use crate::engine::math::exp2;
use ndarray::{ArrayView2, s};
use serde::{Deserialize, Serialize, Serializer};

/// Rows that walk a tree together.
const LANES: usize = 8;

/// Tiles of [`LANES`] rows that are scored tree by tree, so that a tree is read once for all of them.
const TILES: usize = 32;

/// A fitted Isolation Forest. See the [module](super) for theory and sources.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "SavedForest")]
pub struct IsolationForest {
    n_features: usize,
    subsample: usize,
    depth: u32,
    n_trees: usize,
    /// `2^depth` per tree; the one at index 0 of a tree is not used.
    nodes: Vec<Node>,
    /// Training rows by node, `2^(depth + 1)` per tree, 0 below a leaf.
    counts: Vec<u32>,
    /// Path length by leaf at the bottom, `2^depth` per tree.
    path_lengths: Vec<f64>,
    /// Mean path length over trees and their training rows.
    mean_path_length: f64,
}

impl IsolationForest {
    /// Parameters with their defaults, to be changed and then [fitted](Params::fit).
    pub fn params() -> Params {
        Params::default()
    }

    pub(super) fn without_trees(n_features: usize, subsample: usize, depth: u32) -> Self {
        IsolationForest {
            n_features,
            subsample,
            depth,
            n_trees: 0,
            nodes: Vec::new(),
            counts: Vec::new(),
            path_lengths: Vec::new(),
            mean_path_length: 0.0,
        }
    }

    pub(super) fn push_tree(&mut self) -> TreeMut<'_> {
        let n_leaves = 1 << self.depth;
        self.nodes.resize(self.nodes.len() + n_leaves, Node::ALWAYS_LEFT);
        self.counts.resize(self.counts.len() + 2 * n_leaves, 0);
        self.path_lengths.resize(self.path_lengths.len() + n_leaves, 0.0);
        let tree = self.n_trees;
        self.n_trees += 1;
        TreeMut {
            nodes: &mut self.nodes[tree * n_leaves..],
            counts: &mut self.counts[tree * 2 * n_leaves..],
            path_lengths: &mut self.path_lengths[tree * n_leaves..],
        }
    }

    /// Sets what contributions are counted from, once all trees are grown.
    pub(super) fn with_base(mut self) -> Self {
        let total: f64 = self.trees().map(attribution::mean_path_length).sum();
        self.mean_path_length = total / self.n_trees as f64;
        self
    }

    pub(super) fn trees(&self) -> impl Iterator<Item = Tree<'_>> {
        let n_leaves = 1 << self.depth;
        self.nodes
            .chunks_exact(n_leaves)
            .zip(self.counts.chunks_exact(2 * n_leaves))
            .zip(self.path_lengths.chunks_exact(n_leaves))
            .map(|((nodes, counts), path_lengths)| Tree { depth: self.depth, nodes, counts, path_lengths })
    }

    /// Number of trees.
    pub fn n_trees(&self) -> usize {
        self.n_trees
    }

    /// Rows behind each tree: the parameter, or all rows where there were fewer.
    pub fn subsample(&self) -> usize {
        self.subsample
    }

    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// The score of a mean path length: `2^(-mean / c(subsample))`, and 0.5 for a forest of single rows.
    fn score(&self, mean_path_length: f64) -> f64 {
        let normal = average_path_length(self.subsample);
        if normal > 0.0 { exp2(-mean_path_length / normal) } else { 0.5 }
    }

    /// How a small change of the mean path length changes the score, between the base and `mean_path_length`: the
    /// slope of the secant, or the derivative where the two are too close to be subtracted.
    fn slope(&self, mean_path_length: f64) -> f64 {
        let normal = average_path_length(self.subsample);
        if normal == 0.0 {
            return 0.0;
        }
        let (from, to) = (self.mean_path_length, mean_path_length);
        if (to - from).abs() > 1e-6 * normal {
            (self.score(to) - self.score(from)) / (to - from)
        } else {
            -self.score(from) * std::f64::consts::LN_2 / normal
        }
    }

    /// Adds each row's path length in one tree to `sums`.
    fn walk(&self, tree: Tree<'_>, tiles: &[[f64; LANES]], sums: &mut [[f64; LANES]]) {
        let n_leaves = tree.path_lengths.len();
        for (tile, sums) in tiles.chunks_exact(self.n_features).zip(sums) {
            let mut at = [1usize; LANES];
            for _ in 0..self.depth {
                for lane in 0..LANES {
                    let node = tree.nodes[at[lane]];
                    let goes_right = tile[node.feature as usize][lane] > node.threshold;
                    at[lane] = 2 * at[lane] + usize::from(goes_right);
                }
            }
            for lane in 0..LANES {
                sums[lane] += tree.path_lengths[at[lane] - n_leaves];
            }
        }
    }
}

impl Detector for IsolationForest {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn score_block(&self, rows: ArrayView2<'_, f64>, scores: &mut [f64]) {
        assert_eq!(rows.dim(), (scores.len(), self.n_features), "rows x features of the block");
        let n_trees = self.n_trees as f64;
        let mut tiles = vec![[0.0; LANES]; TILES * self.n_features];
        for (block, scores) in scores.chunks_mut(TILES * LANES).enumerate() {
            let first = block * TILES * LANES;
            let rows = rows.slice(s![first..first + scores.len(), ..]);
            for (place, row) in rows.outer_iter().enumerate() {
                let tile = &mut tiles[place / LANES * self.n_features..][..self.n_features];
                for (values, &value) in tile.iter_mut().zip(row) {
                    values[place % LANES] = value;
                }
            }
            // Lanes past the last row walk along on whatever was there; nobody reads their sums.
            let n_tiles = scores.len().div_ceil(LANES);
            let mut sums = [[0.0; LANES]; TILES];
            for tree in self.trees() {
                self.walk(tree, &tiles[..n_tiles * self.n_features], &mut sums[..n_tiles]);
            }
            for (score, &sum) in scores.iter_mut().zip(sums.as_flattened()) {
                *score = self.score(sum / n_trees);
            }
        }
    }

    fn base(&self) -> f64 {
        self.score(self.mean_path_length)
    }

    /// Exact path-dependent Shapley values of the mean path length, times the slope of the secant through the base
    /// and the row's score. The cost of a row grows with the number of nodes; quotients that all rows share are made once
    /// for a block.
    fn contributions_block(&self, rows: ArrayView2<'_, f64>, contributions: &mut [f64], errors: &mut [f64]) {
        assert_eq!((rows.len(), rows.ncols()), (contributions.len(), self.n_features), "rows x features");
        errors.fill(0.0);
        let lengths = attribution::path_length_shares(self.trees(), rows, contributions);
        for (shares, length) in contributions.chunks_exact_mut(self.n_features).zip(lengths) {
            let slope = self.slope(length);
            shares.iter_mut().for_each(|share| *share *= slope);
        }
    }

    /// One that was read from a file has been checked while it was.
    fn check(&self) -> Checked {
        Ok(())
    }
}

impl Serialize for IsolationForest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SavedForest::of(self).serialize(serializer)
    }
}
