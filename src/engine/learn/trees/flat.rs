//! All trees of a model, side by side in flat arrays.

use super::grown::GrownTree;
use super::packed::Packed;
use crate::engine::error::{Error, Result};
use ndarray::{ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Rows that walk a tree before the next tree is taken up, so that a tree is read once for all of them.
const BLOCK: usize = 1_024;
/// Rows that walk side by side: what one waits for, from node to node, the others' steps fill.
const ABREAST: usize = 8;

/// A cut, or a leaf. Rows with `value <= threshold` go to the left child, others to the right one, which is next to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    threshold: f64,
    /// The feature; its highest bit says that missing values go left. All bits in a leaf.
    feature: u32,
    /// The left child; in a leaf the place of its first value.
    pub(super) first: u32,
}

impl Node {
    pub(super) const LEAF: Node = Node { threshold: 0.0, feature: u32::MAX, first: 0 };
    const MISSING_LEFT: u32 = 1 << 31;

    pub(super) fn leaf(first_value: u32) -> Self {
        Node { first: first_value, ..Node::LEAF }
    }

    pub(super) fn split(feature: u32, threshold: f64, missing_left: bool, left: u32) -> Self {
        let missing = if missing_left { Node::MISSING_LEFT } else { 0 };
        Node { threshold, feature: feature | missing, first: left }
    }

    /// Whether rows end here.
    pub fn is_leaf(self) -> bool {
        self.feature == u32::MAX
    }

    /// The feature that is cut.
    pub fn feature(self) -> usize {
        (self.feature & !Node::MISSING_LEFT) as usize
    }

    /// Where it is cut, in units of the feature.
    pub fn threshold(self) -> f64 {
        self.threshold
    }

    /// Whether rows without the feature's value go left.
    pub fn is_missing_left(self) -> bool {
        self.feature & Node::MISSING_LEFT != 0
    }

    /// The left child. The right one is next to it.
    pub fn left(self) -> usize {
        self.first as usize
    }

    /// The child that a row goes to.
    #[inline(always)]
    pub(super) fn next(self, row: &[f64]) -> usize {
        let value = row[self.feature()];
        let is_missing = value.is_nan() & !self.is_missing_left();
        self.first as usize + usize::from((value > self.threshold) | is_missing)
    }
}

/// Trees over the same features. What rows get from them is a sum over trees, per output.
///
/// A leaf has one value, and tree `i` adds to output `i % n_outputs` (boosting, one tree per class and round); or it has
/// one for each output (a forest of several classes).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Packed", into = "Packed")]
pub struct Trees {
    n_features: usize,
    n_outputs: usize,
    leaf_width: usize,
    /// First node of each tree.
    pub(super) roots: Vec<u32>,
    pub(super) nodes: Vec<Node>,
    /// Training weight that came to each node.
    pub(super) covers: Vec<f64>,
    pub(super) leaf_values: Vec<f64>,
}

impl Trees {
    /// Most features that trees may have.
    pub const MAX_FEATURES: usize = 1 << 30;
    /// Most outputs.
    pub const MAX_OUTPUTS: usize = 1 << 12;

    /// No trees yet. `leaf_width` is 1 or `n_outputs`.
    pub fn new(n_features: usize, n_outputs: usize, leaf_width: usize) -> Self {
        Trees {
            n_features,
            n_outputs,
            leaf_width,
            roots: Vec::new(),
            nodes: Vec::new(),
            covers: Vec::new(),
            leaf_values: Vec::new(),
        }
    }

    /// Adds a tree.
    pub(in crate::engine) fn push(&mut self, tree: GrownTree) {
        let n_nodes = self.nodes.len() as u32;
        self.roots.push(n_nodes);
        // Leaves were made in the order of growth; they are kept in the order of nodes.
        for mut node in tree.nodes {
            if node.is_leaf() {
                let from = node.first as usize;
                node.first = self.leaf_values.len() as u32;
                self.leaf_values.extend(&tree.leaf_values[from..from + self.leaf_width]);
            } else {
                node.first += n_nodes;
            }
            self.nodes.push(node);
        }
        self.covers.extend(tree.covers);
    }

    /// Takes away all trees but the first.
    pub(in crate::engine::learn) fn truncate(&mut self, n_trees: usize) {
        let Some(&end) = self.roots.get(n_trees) else { return };
        let n_leaves = self.nodes[..end as usize].iter().filter(|node| node.is_leaf()).count();
        self.roots.truncate(n_trees);
        self.nodes.truncate(end as usize);
        self.covers.truncate(end as usize);
        self.leaf_values.truncate(n_leaves * self.leaf_width);
    }

    /// Features a row must have.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Numbers that a row gets.
    pub fn n_outputs(&self) -> usize {
        self.n_outputs
    }

    /// Values of a leaf.
    pub fn leaf_width(&self) -> usize {
        self.leaf_width
    }

    /// How many trees.
    pub fn n_trees(&self) -> usize {
        self.roots.len()
    }

    /// First node of each tree.
    pub fn roots(&self) -> impl ExactSizeIterator<Item = usize> {
        self.roots.iter().map(|&root| root as usize)
    }

    /// The nodes of all trees. Children come after their parents.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Training weight that came to each node (rows in forests, second derivatives in boosting).
    pub fn covers(&self) -> &[f64] {
        &self.covers
    }

    /// What a tree's leaf adds to an output; 0 where the tree has no part in it.
    pub fn leaf_value(&self, tree: usize, leaf: Node, output: usize) -> f64 {
        match self.leaf_width {
            1 if tree % self.n_outputs == output => self.leaf_values[leaf.first as usize],
            1 => 0.0,
            _ => self.leaf_values[leaf.first as usize + output],
        }
    }

    /// Adds the sums over trees to `sums` (rows x outputs). A row's sums depend on that row alone.
    ///
    /// # Panics
    /// If the shapes do not fit: a bug of the caller.
    pub fn add_sums(&self, rows: ArrayView2<'_, f64>, sums: &mut [f64]) {
        assert_eq!(rows.ncols(), self.n_features, "features of the rows");
        assert_eq!(rows.nrows() * self.n_outputs, sums.len(), "outputs of the rows");
        let mut copied = Vec::new();
        let blocks = rows.axis_chunks_iter(Axis(0), BLOCK);
        for (block, sums) in blocks.zip(sums.chunks_mut(BLOCK * self.n_outputs)) {
            let values = match block.as_slice() {
                Some(values) => values,
                None => {
                    copied.clear();
                    copied.extend(block.iter());
                    &copied
                }
            };
            for (tree, root) in self.roots().enumerate() {
                let rows = values.chunks(ABREAST * self.n_features);
                for (rows, sums) in rows.zip(sums.chunks_mut(ABREAST * self.n_outputs)) {
                    let leaves = self.leaves(root, rows);
                    for (&leaf, sums) in leaves.iter().zip(sums.chunks_exact_mut(self.n_outputs)) {
                        if self.leaf_width == 1 {
                            sums[tree % self.n_outputs] += self.leaf_values[leaf];
                        } else {
                            for (sum, value) in sums.iter_mut().zip(&self.leaf_values[leaf..]) {
                                *sum += value;
                            }
                        }
                    }
                }
            }
        }
    }

    /// The sums over trees for one row, one per output.
    pub fn sums(&self, row: ArrayView1<'_, f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.n_outputs];
        self.add_sums(row.insert_axis(Axis(0)), &mut sums);
        sums
    }

    /// Places of the values of the leaves that up to [`ABREAST`] rows come to.
    #[inline(always)]
    fn leaves(&self, root: usize, rows: &[f64]) -> [usize; ABREAST] {
        let mut at = [root; ABREAST];
        let mut is_under_way = true;
        while is_under_way {
            is_under_way = false;
            for (at, row) in at.iter_mut().zip(rows.chunks_exact(self.n_features)) {
                let node = self.nodes[*at];
                if !node.is_leaf() {
                    *at = node.next(row);
                    is_under_way = true;
                }
            }
        }
        at.map(|at| self.nodes[at].first as usize)
    }

    /// Whether these can be walked and explained: children lie after their parents and in the same tree, each node
    /// has one parent, features and leaves are in range, numbers are finite and covers positive. What comes from a file is
    /// checked as it is read; this is for what comes another way.
    ///
    /// # Errors
    /// `parameter`, with the first node that is wrong.
    pub fn check(&self) -> Result<()> {
        let wrong = |expected: &str, found: String| Err(Error::parameter("trees", expected, found));
        let (n_features, n_outputs) = (self.n_features, self.n_outputs);
        if !(1..=Trees::MAX_FEATURES).contains(&n_features) || !(1..=Trees::MAX_OUTPUTS).contains(&n_outputs)
        {
            return wrong("features and outputs", format!("{n_features} and {n_outputs}"));
        }
        if self.leaf_width != 1 && self.leaf_width != self.n_outputs {
            return wrong("leaves of one value, or of one per output", self.leaf_width.to_string());
        }
        if self.covers.len() != self.nodes.len() {
            return wrong("one cover per node", self.covers.len().to_string());
        }
        if self.roots.first().is_some_and(|&root| root != 0) || !self.roots.is_sorted_by(|a, b| a < b) {
            return wrong("roots in ascending order from 0", "others".to_owned());
        }
        if self.roots.is_empty() != self.nodes.is_empty() {
            return wrong("nodes of trees", format!("{} of none", self.nodes.len()));
        }
        let n_leaves = self.nodes.iter().filter(|node| node.is_leaf()).count();
        if n_leaves.checked_mul(self.leaf_width) != Some(self.leaf_values.len()) {
            return wrong("values for each leaf", self.leaf_values.len().to_string());
        }
        let mut n_leaves = 0;
        for (tree, root) in self.roots().enumerate() {
            let end = self.roots.get(tree + 1).map_or(self.nodes.len(), |&next| next as usize);
            // Children are taken in the order of their parents' places or any other, but each once.
            let mut has_parent = vec![false; end.saturating_sub(root)];
            for place in root..end {
                let node = self.nodes[place];
                let is_wrong = if node.is_leaf() {
                    n_leaves += 1;
                    node.first as usize != (n_leaves - 1) * self.leaf_width
                } else {
                    let (left, right) = (node.left(), node.left() + 1);
                    let is_inside = left > place && right < end;
                    let is_taken = is_inside && (has_parent[left - root] || has_parent[right - root]);
                    if is_inside {
                        has_parent[left - root] = true;
                        has_parent[right - root] = true;
                    }
                    !is_inside || is_taken || node.feature() >= self.n_features || !node.threshold.is_finite()
                };
                let is_orphan = place > root && !has_parent[place - root];
                let cover = self.covers[place];
                if is_wrong || is_orphan || !(cover > 0.0 && cover.is_finite()) {
                    return wrong("nodes with their children after them", format!("another at {place}"));
                }
            }
        }
        if let Some(value) = self.leaf_values.iter().find(|value| !value.is_finite()) {
            return wrong("finite values of leaves", value.to_string());
        }
        Ok(())
    }
}
