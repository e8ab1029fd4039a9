//! Trees as they are saved: no number that others tell, and the small ones small.

use super::flat::{Node, Trees};
use crate::engine::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// What is saved of [`Trees`]. Leaves and children are numbered in the order of nodes.
#[derive(Serialize, Deserialize)]
pub(super) struct Packed {
    n_features: usize,
    n_outputs: usize,
    leaf_width: usize,
    /// Nodes of each tree.
    sizes: Vec<u32>,
    /// By node: 0 for a leaf; for a cut 1, plus twice the feature, plus 1 where missing values go left.
    cuts: Vec<u32>,
    /// By cut.
    thresholds: Vec<f64>,
    /// By cut: places from it to its left child.
    steps: Vec<u32>,
    /// By node.
    covers: Vec<f64>,
    leaf_values: Vec<f64>,
}

impl From<Trees> for Packed {
    fn from(trees: Trees) -> Self {
        let cuts = trees.nodes().iter().map(|node| match node.is_leaf() {
            true => 0,
            false => 1 + 2 * node.feature() as u32 + u32::from(node.is_missing_left()),
        });
        let splits = || trees.nodes().iter().enumerate().filter(|(_, node)| !node.is_leaf());
        let roots: Vec<usize> = trees.roots().chain([trees.nodes().len()]).collect();
        Packed {
            n_features: trees.n_features(),
            n_outputs: trees.n_outputs(),
            leaf_width: trees.leaf_width(),
            sizes: roots.windows(2).map(|pair| (pair[1] - pair[0]) as u32).collect(),
            cuts: cuts.collect(),
            thresholds: splits().map(|(_, node)| node.threshold()).collect(),
            steps: splits().map(|(place, node)| (node.left() - place) as u32).collect(),
            covers: trees.covers,
            leaf_values: trees.leaf_values,
        }
    }
}

impl TryFrom<Packed> for Trees {
    type Error = Error;

    fn try_from(packed: Packed) -> Result<Self> {
        let mut trees = Trees::new(packed.n_features, packed.n_outputs, packed.leaf_width);
        let wrong = || Error::parameter("trees", "as many cuts, thresholds and children", "others");
        if packed.leaf_width > Trees::MAX_OUTPUTS {
            return Err(wrong());
        }
        let mut n_nodes = 0u32;
        for size in packed.sizes {
            trees.roots.push(n_nodes);
            n_nodes = n_nodes.checked_add(size).ok_or_else(wrong)?;
        }
        let n_splits = packed.cuts.iter().filter(|&&cut| cut > 0).count();
        if n_nodes as usize != packed.cuts.len()
            || packed.thresholds.len() != n_splits
            || packed.steps.len() != n_splits
        {
            return Err(wrong());
        }
        let mut splits = packed.thresholds.into_iter().zip(packed.steps);
        let mut n_leaves = 0u32;
        for (place, cut) in packed.cuts.into_iter().enumerate() {
            let node = match cut.checked_sub(1) {
                None => {
                    n_leaves += 1;
                    Node::leaf((n_leaves - 1).wrapping_mul(packed.leaf_width as u32))
                }
                Some(cut) => {
                    let (threshold, step) = splits.next().ok_or_else(wrong)?;
                    let left = (place as u32).checked_add(step).ok_or_else(wrong)?;
                    Node::split(cut / 2, threshold, cut % 2 == 1, left)
                }
            };
            trees.nodes.push(node);
        }
        trees.covers = packed.covers;
        trees.leaf_values = packed.leaf_values;
        trees.check()?;
        Ok(trees)
    }
}
