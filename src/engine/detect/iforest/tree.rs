//! One tree of the forest: its nodes as they lie in memory, to grow and to read.

/// A cut: rows with `value <= threshold` go left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    pub(super) threshold: f64,
    pub(super) feature: u32,
}

impl Node {
    /// The cut of a leaf and of all below it.
    pub(super) const ALWAYS_LEFT: Node = Node { threshold: f64::INFINITY, feature: 0 };

    pub(super) fn is_leaf(self) -> bool {
        self.threshold == f64::INFINITY
    }
}

/// One tree under construction.
pub(super) struct TreeMut<'a> {
    pub(super) nodes: &'a mut [Node],
    pub(super) counts: &'a mut [u32],
    pub(super) path_lengths: &'a mut [f64],
}

/// One tree to read.
#[derive(Clone, Copy)]
pub(super) struct Tree<'a> {
    pub(super) depth: u32,
    pub(super) nodes: &'a [Node],
    pub(super) counts: &'a [u32],
    pub(super) path_lengths: &'a [f64],
}
