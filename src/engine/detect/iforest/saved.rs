//! A forest as it is written into a file: trees in the order in which a walk meets their nodes, leaves as the number of
//! their training rows, from which path lengths follow. It says nothing of how trees lie in memory, which may change.

use super::average_path_length;
use super::forest::IsolationForest;
use super::params::{MAX_LEAVES, MAX_SUBSAMPLE, depth_limit};
use super::tree::{Node, Tree, TreeMut};
use crate::engine::detect::{Detector as _, MAX_FEATURES};
use serde::{Deserialize, Serialize};

/// See the [module](self).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedForest {
    n_features: usize,
    subsample: usize,
    trees: Vec<Vec<WalkNode>>,
}

/// A node of a tree in the order of a walk: before its left and then its right branch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum WalkNode {
    /// A leaf, with the training rows that came to it.
    Leaf(u32),
    /// A cut of a feature, by its place: rows with at most this value go left.
    Cut(u32, f64),
}

impl IsolationForest {
    /// Its trees one after another, node by node, for those who lay them out in their own way. The path length at a leaf is
    /// its depth and [`average_path_length`] of its rows.
    pub fn walks(&self) -> impl Iterator<Item = Vec<WalkNode>> {
        self.trees().map(|tree| {
            let mut nodes = Vec::new();
            walk(tree, 1, 0, &mut nodes);
            nodes
        })
    }
}

impl SavedForest {
    pub fn of(forest: &IsolationForest) -> SavedForest {
        let trees = forest.walks().collect();
        SavedForest { n_features: forest.n_features(), subsample: forest.subsample(), trees }
    }
}

fn walk(tree: Tree<'_>, index: usize, level: u32, nodes: &mut Vec<WalkNode>) {
    if level == tree.depth || tree.nodes[index].is_leaf() {
        nodes.push(WalkNode::Leaf(tree.counts[index]));
        return;
    }
    let Node { threshold, feature } = tree.nodes[index];
    nodes.push(WalkNode::Cut(feature, threshold));
    walk(tree, 2 * index, level + 1, nodes);
    walk(tree, 2 * index + 1, level + 1, nodes);
}

impl TryFrom<SavedForest> for IsolationForest {
    type Error = &'static str;

    fn try_from(saved: SavedForest) -> Result<IsolationForest, &'static str> {
        let SavedForest { n_features, subsample, trees } = saved;
        let depth = depth_limit(subsample.min(MAX_SUBSAMPLE));
        let fits = trees.len().checked_mul(1 << depth).is_some_and(|n_leaves| n_leaves <= MAX_LEAVES);
        if trees.is_empty()
            || !fits
            || !(1..=MAX_SUBSAMPLE).contains(&subsample)
            || !(1..=MAX_FEATURES).contains(&n_features)
        {
            return Err("the size of the forest is out of range");
        }
        let mut forest = IsolationForest::without_trees(n_features, subsample, depth);
        for nodes in trees {
            let mut nodes = nodes.into_iter();
            let mut loading = Loading { nodes: &mut nodes, n_features, depth, tree: forest.push_tree() };
            let n_rows = loading.node(1, 0)?;
            if n_rows as usize != subsample || nodes.next().is_some() {
                return Err("a tree has other rows or nodes than it is to have");
            }
        }
        Ok(forest.with_base())
    }
}

struct Loading<'a, I> {
    nodes: &'a mut I,
    n_features: usize,
    depth: u32,
    tree: TreeMut<'a>,
}

impl<I: Iterator<Item = WalkNode>> Loading<'_, I> {
    /// Puts a node and all below it in its place; gives the rows that came to it. As deep as the tree at most.
    fn node(&mut self, index: usize, level: u32) -> Result<u32, &'static str> {
        let n_rows = match self.nodes.next().ok_or("a tree ends before its leaves")? {
            WalkNode::Leaf(0) => return Err("a leaf has no rows"),
            WalkNode::Leaf(n_rows) => {
                let leaf = (index << (self.depth - level)) - (1 << self.depth);
                self.tree.path_lengths[leaf] = f64::from(level) + average_path_length(n_rows as usize);
                n_rows
            }
            WalkNode::Cut(feature, threshold) => {
                let is_known = (feature as usize) < self.n_features && threshold.is_finite();
                if !is_known || level == self.depth {
                    return Err("a cut is of no feature, at no number or too deep");
                }
                self.tree.nodes[index] = Node { threshold, feature };
                let below = (self.node(2 * index, level + 1)?, self.node(2 * index + 1, level + 1)?);
                below.0.checked_add(below.1).ok_or("a tree has more rows than there can be")?
            }
        };
        self.tree.counts[index] = n_rows;
        Ok(n_rows)
    }
}
