//! A tree while it grows.

use super::flat::Node;

/// A cut that was chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::engine) struct Split {
    /// Feature that is cut.
    pub(in crate::engine) feature: u32,
    /// Last bin that goes left.
    pub(in crate::engine) bin: u32,
    /// Whether missing values go left.
    pub(in crate::engine) missing_left: bool,
    /// What is won by it.
    pub(in crate::engine) gain: f64,
}

/// A tree under construction: node 0 is the root, children come in pairs after their parents.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct GrownTree {
    pub(super) nodes: Vec<Node>,
    pub(super) covers: Vec<f64>,
    /// [`super::Trees::leaf_width`] per leaf.
    pub(super) leaf_values: Vec<f64>,
}

impl GrownTree {
    /// A tree of a root that is neither cut nor a leaf yet.
    pub(in crate::engine) fn new() -> Self {
        GrownTree { nodes: vec![Node::LEAF], covers: vec![0.0], leaf_values: Vec::new() }
    }

    /// Makes a node a leaf.
    pub(in crate::engine) fn set_leaf(&mut self, node: usize, cover: f64, values: impl Iterator<Item = f64>) {
        self.covers[node] = cover;
        self.nodes[node] = Node::leaf(self.leaf_values.len() as u32);
        self.leaf_values.extend(values);
    }

    /// Cuts a node; returns its left child, next to which is the right one.
    pub(in crate::engine) fn set_split(
        &mut self,
        node: usize,
        cover: f64,
        feature: u32,
        threshold: f64,
        missing_left: bool,
    ) -> usize {
        let left = self.nodes.len();
        self.covers[node] = cover;
        self.nodes[node] = Node::split(feature, threshold, missing_left, left as u32);
        self.nodes.extend([Node::LEAF; 2]);
        self.covers.extend([0.0; 2]);
        left
    }

    /// The values of the leaf that a row comes to.
    pub(in crate::engine) fn leaf_of(&self, row: &[f64]) -> usize {
        let mut node = self.nodes[0];
        while !node.is_leaf() {
            node = self.nodes[node.next(row)];
        }
        node.first as usize
    }

    /// The first of the values of each leaf.
    pub(in crate::engine) fn leaf_values(&self) -> &[f64] {
        &self.leaf_values
    }
}

/// Moves the rows of a node that go left to the front, all in the order they had; returns how many. `right` is room to work in.
pub(in crate::engine::learn) fn partition(
    rows: &mut [u32],
    right: &mut Vec<u32>,
    go_left: impl Fn(u32) -> bool,
) -> usize {
    right.clear();
    right.resize(rows.len(), 0);
    let (mut n_left, mut n_right) = (0, 0);
    for place in 0..rows.len() {
        let row = rows[place];
        let is_left = go_left(row);
        rows[n_left] = row;
        right[n_right] = row;
        n_left += usize::from(is_left);
        n_right += usize::from(!is_left);
    }
    rows[n_left..].copy_from_slice(&right[..n_right]);
    n_left
}
