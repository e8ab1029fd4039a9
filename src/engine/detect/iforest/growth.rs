//! Growing trees, one after the other, each from a generator of its own.

use super::average_path_length;
use super::forest::IsolationForest;
use super::params::{Params, depth_limit};
use super::tree::Node;
use crate::engine::detect::{Detector, Fitting, Model};
use crate::engine::error::Result;
use crate::engine::host::{Progress, Stage};
use crate::engine::math;
use crate::engine::prepare::Rows;
use crate::engine::rng::Rng;

/// Subsampled rows worked through per step: a few milliseconds.
const ROWS_PER_STEP: usize = 8_192;

/// An Isolation Forest under way. Units are trees.
#[derive(Debug, Clone)]
pub struct IsolationForestFitting {
    params: Params,
    n_rows: usize,
    n_grown: usize,
    forest: IsolationForest,
}

impl IsolationForestFitting {
    pub(super) fn new(params: Params, (n_rows, n_features): (usize, usize)) -> Self {
        let subsample = params.subsample.min(n_rows);
        let forest = IsolationForest::without_trees(n_features, subsample, depth_limit(subsample));
        IsolationForestFitting { params, n_rows, n_grown: 0, forest }
    }

    /// The forest.
    ///
    /// # Panics
    /// If trees are missing.
    pub fn into_forest(self) -> IsolationForest {
        assert!(self.is_done(), "{} of {} trees grown", self.n_grown, self.params.trees);
        self.forest.with_base()
    }
}

impl Fitting for IsolationForestFitting {
    fn step(&mut self, rows: Rows<'_>) -> Result<Progress> {
        assert_eq!(
            rows.dim(),
            (self.n_rows, self.forest.n_features()),
            "a fit has the same rows at every step"
        );
        let n_trees = (ROWS_PER_STEP / self.forest.subsample()).max(1).min(self.params.trees - self.n_grown);
        for _ in 0..n_trees {
            let rng = Rng::for_unit(self.params.seed, self.n_grown as u64);
            Growth::new(rows, &mut self.forest, self.params, rng).grow();
            self.n_grown += 1;
        }
        Ok(Progress { stage: Stage::Fit, done: self.n_grown as u64, total: self.params.trees as u64 })
    }

    fn is_done(&self) -> bool {
        self.n_grown == self.params.trees
    }

    fn finish(self: Box<Self>) -> Model {
        Model::Iforest(self.into_forest())
    }
}

/// One tree's growth over its subsample.
struct Growth<'a> {
    rng: Rng,
    depth: u32,
    n_features: usize,
    /// Subsample x features.
    sample: Vec<f64>,
    /// Rows of the sample; those of one node are side by side.
    order: Vec<u32>,
    /// Those that the tree may cut; the first of them are the ones that may still vary in the node at hand.
    features: Vec<u32>,
    nodes: &'a mut [Node],
    counts: &'a mut [u32],
    path_lengths: &'a mut [f64],
}

impl<'a> Growth<'a> {
    fn new(rows: Rows<'_>, forest: &'a mut IsolationForest, params: Params, mut rng: Rng) -> Self {
        let n_features = rows.n_columns();
        let drawn = rng.sample_indices(rows.n_rows(), forest.subsample());
        let sample = rows.select(&drawn).into_iter().collect();
        let features = params.draw_features(n_features, &mut rng);
        let depth = forest.depth();
        let tree = forest.push_tree();
        Growth {
            rng,
            depth,
            n_features,
            sample,
            order: (0..drawn.len() as u32).collect(),
            features,
            nodes: tree.nodes,
            counts: tree.counts,
            path_lengths: tree.path_lengths,
        }
    }

    fn grow(mut self) {
        self.node(1, 0, 0, self.order.len(), self.features.len());
    }

    /// Grows the node with heap index `index` at `level` over the sample rows `order[from..to]`, knowing that only
    /// the first `n_varying` of `features` may vary there. Recursion is as deep as the tree: at most 16.
    fn node(&mut self, index: usize, level: u32, from: usize, to: usize, n_varying: usize) {
        self.counts[index] = (to - from) as u32;
        let cut = if level < self.depth && to - from > 1 { self.draw_cut(from, to, n_varying) } else { None };
        let Some((node, n_varying)) = cut else {
            // The node keeps its always-left cut, as do all below it: the walk ends at the leftmost leaf.
            let leaf = (index << (self.depth - level)) - (1 << self.depth);
            self.path_lengths[leaf] = f64::from(level) + average_path_length(to - from);
            return;
        };
        self.nodes[index] = node;
        let middle = self.partition(from, to, node);
        self.node(2 * index, level + 1, from, middle, n_varying);
        self.node(2 * index + 1, level + 1, middle, to, n_varying);
    }

    /// A random cut of a random feature among those that vary in `order[from..to]`, and how many features may vary
    /// below; `None` when all rows are equal.
    fn draw_cut(&mut self, from: usize, to: usize, mut n_varying: usize) -> Option<(Node, usize)> {
        while n_varying > 0 {
            let drawn = self.rng.below(n_varying as u64) as usize;
            let feature = self.features[drawn];
            let (min, max) = self.range(from, to, feature);
            if min < max {
                let threshold = uniform_between(min, max, self.rng.uniform());
                return Some((Node { threshold, feature }, n_varying));
            }
            // Constant here, so constant below: out of the draw. Reordering within the first `n_varying` keeps them
            // the same set for the sibling that is grown later.
            n_varying -= 1;
            self.features.swap(drawn, n_varying);
        }
        None
    }

    fn value(&self, row: u32, feature: u32) -> f64 {
        self.sample[row as usize * self.n_features + feature as usize]
    }

    fn range(&self, from: usize, to: usize, feature: u32) -> (f64, f64) {
        math::range(self.order[from..to].iter().map(|&row| self.value(row, feature)))
    }

    /// Moves rows at or below the cut to the front; returns where the others begin.
    fn partition(&mut self, from: usize, to: usize, cut: Node) -> usize {
        let mut middle = from;
        for i in from..to {
            if self.value(self.order[i], cut.feature) <= cut.threshold {
                self.order.swap(i, middle);
                middle += 1;
            }
        }
        middle
    }
}

/// The point `part` (0 to 1) of the way from `min` to `max`, in `[min, max)` even where the span overflows or rounds.
pub(super) fn uniform_between(min: f64, max: f64, part: f64) -> f64 {
    let span = max - min;
    let point = if span.is_finite() { min + part * span } else { min * (1.0 - part) + max * part };
    if point < max { point } else { min }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_stay_below_the_maximum() {
        for (min, max) in
            [(0.0, 1.0), (-1e308, 1e308), (1.0, 1.0 + f64::EPSILON), (-f64::MAX, f64::MAX), (0.0, 5e-324)]
        {
            for part in [0.0, 0.25, 0.5, 1.0 - f64::EPSILON / 2.0] {
                let cut = uniform_between(min, max, part);
                assert!(min <= cut && cut < max, "{cut} in [{min}, {max})");
            }
        }
    }
}
