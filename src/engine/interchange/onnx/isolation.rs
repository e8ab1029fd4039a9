//! An Isolation Forest: the mean path length over its trees, and score and flag of that.
//!
//! What the tree operator gives is 32 bits wide, and many rows may lie next to the threshold, one even on it. So the base
//! value of the trees is the path length at the threshold, turned round: what they give is how far a row's path is from that,
//! which is the more exact the nearer it is, and its sign is the flag.

use super::builder::Builder;
use super::messages::{DOUBLE, INT64};
use super::trees;
use crate::engine::detect::Detector as _;
use crate::engine::detect::iforest::{IsolationForest, WalkNode, average_path_length};
use crate::engine::learn::trees::{GrownTree, Trees};
use crate::engine::math::log2;

/// Path lengths so close are one: a runtime may add them up in another order. A score at the threshold has no flag.
const CLOSE: f64 = 1e-10;

/// Writes outputs of the forest over the value with all features.
pub(super) fn write(builder: &mut Builder, forest: &IsolationForest, features: &str, threshold: f64) {
    // A forest of single rows knows no path that is longer than another, and each score is 0.5.
    let (normal, shift) = match average_path_length(forest.subsample()) {
        0.0 => (1.0, 1.0),
        normal => (normal, 0.0),
    };
    let mut lengths = Trees::new(forest.n_features(), 1, 1);
    let mut longest: f64 = 0.0;
    for walk in forest.walks() {
        let mut tree = GrownTree::new();
        longest = longest.max(lay_out(&mut walk.into_iter(), &mut tree, 0, shift));
        lengths.push(tree);
    }
    let at_threshold = if threshold > 0.0 { -normal * log2(threshold) } else { f64::INFINITY };
    // No row is beyond either end.
    let limit = at_threshold.clamp(0.0, longest + 1.0) - CLOSE;

    let beyond = trees(builder, &lengths, features, "AVERAGE", &[-limit]);
    let beyond = builder.cast(&beyond, DOUBLE);
    let (limit, normal) = (builder.doubles(&[], &[limit]), builder.doubles(&[], &[-normal]));
    let mean = builder.node("Add", &[&beyond, &limit], Vec::new());
    let exponent = builder.node("Div", &[&mean, &normal], Vec::new());
    let two = builder.doubles(&[], &[2.0]);
    let score = builder.node("Pow", &[&two, &exponent], Vec::new());
    builder.output(&score, "score", DOUBLE, Some(1));

    let zero = builder.doubles(&[], &[0.0]);
    let is_shorter = builder.node("Less", &[&beyond, &zero], Vec::new());
    let flag = builder.cast(&is_shorter, INT64);
    let axes = builder.integers(&[1]);
    let flag = builder.node("Squeeze", &[&flag, &axes], Vec::new());
    builder.output(&flag, "flag", INT64, None);
}

/// Lays out a node and all below it; returns the longest path of those. Calls itself as often as the tree is deep.
fn lay_out(walk: &mut impl Iterator<Item = WalkNode>, tree: &mut GrownTree, node: usize, depth: f64) -> f64 {
    match walk.next() {
        Some(WalkNode::Cut(feature, threshold)) => {
            let left = tree.set_split(node, 1.0, feature, threshold, false);
            let longest = lay_out(walk, tree, left, depth + 1.0);
            longest.max(lay_out(walk, tree, left + 1, depth + 1.0))
        }
        Some(WalkNode::Leaf(n_rows)) => {
            let length = depth + average_path_length(n_rows as usize);
            tree.set_leaf(node, 1.0, [length].into_iter());
            length
        }
        None => depth,
    }
}
