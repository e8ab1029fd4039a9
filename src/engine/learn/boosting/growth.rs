//! Growth of one tree: depth first, the smaller child of a cut counted anew, the larger one by subtraction.

use super::histogram::{Codes, Pair};
use super::params::Params;
use crate::engine::learn::trees::{GrownTree, Split, partition};

/// A part of a node's weight below which a sum is what rounding has left of none.
const NOTHING: f64 = 1e-10;

/// A node whose cut has not been looked for.
#[derive(Debug, Clone)]
struct Pending {
    node: usize,
    depth: usize,
    /// Its rows are `rows[from..to]`.
    from: usize,
    to: usize,
    sum: Pair,
    histogram: Vec<Pair>,
}

/// A tree under way.
#[derive(Debug, Clone)]
pub(super) struct Growth {
    tree: GrownTree,
    pending: Vec<Pending>,
    /// Rows that it learns from, those of a node side by side and ascending.
    rows: Vec<u32>,
    /// Which features it looks at.
    wanted: Vec<bool>,
    /// By feature, what its cuts have won.
    gains: Vec<f64>,
    /// Rows in leaves.
    n_settled: usize,
    /// Finished nodes' histograms, to be used again.
    spare: Vec<Vec<Pair>>,
    pairs: Vec<Pair>,
    right: Vec<u32>,
}

/// What growth reads and writes besides the tree.
pub(super) struct Surroundings<'a> {
    pub(super) params: &'a Params,
    pub(super) codes: &'a Codes,
    /// By row: first and second derivative.
    pub(super) gradients: &'a [Pair],
    /// Told of the rows of each leaf and of its value.
    pub(super) settle: &'a mut dyn FnMut(&[u32], f64),
}

impl Growth {
    pub(super) fn new(rows: Vec<u32>, wanted: Vec<bool>, around: &Surroundings<'_>) -> Self {
        let mut growth = Growth {
            tree: GrownTree::new(),
            pending: Vec::new(),
            gains: vec![0.0; wanted.len()],
            wanted,
            n_settled: 0,
            spare: Vec::new(),
            pairs: Vec::new(),
            right: Vec::new(),
            rows,
        };
        let to = growth.rows.len();
        let histogram = growth.count(0, to, around);
        let sum = growth.pairs.iter().fold([0.0; 2], |sum, pair| [sum[0] + pair[0], sum[1] + pair[1]]);
        growth.pending.push(Pending { node: 0, depth: 0, from: 0, to, sum, histogram });
        growth
    }

    pub(super) fn is_done(&self) -> bool {
        self.pending.is_empty()
    }

    /// Share of rows that are in their leaves.
    pub(super) fn share_done(&self) -> f64 {
        self.n_settled as f64 / self.rows.len() as f64
    }

    pub(super) fn finish(self) -> (GrownTree, Vec<f64>) {
        (self.tree, self.gains)
    }

    /// Makes one node a cut or a leaf; returns about how many additions that took.
    pub(super) fn step(&mut self, around: &mut Surroundings<'_>) -> usize {
        let Some(node) = self.pending.pop() else { return 0 };
        let n_cells = node.histogram.len();
        let Some((split, left_sum)) = self.best_split(&node, around) else {
            self.settle(node.node, (node.from, node.to), node.sum, around);
            self.spare.push(node.histogram);
            return n_cells;
        };
        let feature = split.feature as usize;
        self.gains[feature] += split.gain;
        let go_left = around.codes.go_left(feature, split.bin, split.missing_left);
        let middle = partition(&mut self.rows[node.from..node.to], &mut self.right, go_left) + node.from;
        let threshold = around.codes.cuts(feature).above(split.bin as usize);
        let left = self.tree.set_split(node.node, node.sum[1], split.feature, threshold, split.missing_left);
        let right_sum = [node.sum[0] - left_sum[0], node.sum[1] - left_sum[1]];
        if node.depth + 1 == around.params.max_depth {
            self.settle(left, (node.from, middle), left_sum, around);
            self.settle(left + 1, (middle, node.to), right_sum, around);
            self.spare.push(node.histogram);
            return n_cells + node.to - node.from;
        }
        let is_left_smaller = middle - node.from <= node.to - middle;
        let (from, to) = if is_left_smaller { (node.from, middle) } else { (middle, node.to) };
        let smaller = self.count(from, to, around);
        let mut larger = node.histogram;
        for (cell, part) in larger.iter_mut().zip(&smaller) {
            cell[0] -= part[0];
            cell[1] -= part[1];
        }
        let (of_left, of_right) = if is_left_smaller { (smaller, larger) } else { (larger, smaller) };
        let depth = node.depth + 1;
        self.pending.push(Pending {
            node: left + 1,
            depth,
            from: middle,
            to: node.to,
            sum: right_sum,
            histogram: of_right,
        });
        self.pending.push(Pending {
            node: left,
            depth,
            from: node.from,
            to: middle,
            sum: left_sum,
            histogram: of_left,
        });
        3 * n_cells + (to - from) * (self.wanted.len() + 1) + node.to - node.from
    }

    /// The histogram of `rows[from..to]`, whose derivatives are left in `pairs`.
    fn count(&mut self, from: usize, to: usize, around: &Surroundings<'_>) -> Vec<Pair> {
        let rows = &self.rows[from..to];
        self.pairs.clear();
        self.pairs.extend(rows.iter().map(|&row| around.gradients[row as usize]));
        let mut histogram = self.spare.pop().unwrap_or_default();
        histogram.clear();
        histogram.resize(around.codes.n_cells(), [0.0; 2]);
        around.codes.add(rows, &self.pairs, &self.wanted, &mut histogram);
        histogram
    }

    fn settle(&mut self, node: usize, (from, to): (usize, usize), sum: Pair, around: &mut Surroundings<'_>) {
        let params = around.params;
        let value = -params.learning_rate * shrunk(sum[0], params.l1) / (sum[1] + params.l2);
        // A node without weight, in a tree that has none at all.
        let value = if value.is_finite() { value } else { 0.0 };
        self.tree.set_leaf(node, sum[1].max(f64::MIN_POSITIVE), [value].into_iter());
        (around.settle)(&self.rows[from..to], value);
        self.n_settled += to - from;
    }

    /// The cut that wins most, with the sums on its left; the first of equals, by feature and then by bin.
    fn best_split(&self, node: &Pending, around: &Surroundings<'_>) -> Option<(Split, Pair)> {
        let params = around.params;
        let [gradient, weight] = node.sum;
        let value = |sum: Pair| {
            let gradient = shrunk(sum[0], params.l1);
            gradient * gradient / (sum[1] + params.l2)
        };
        let nothing = NOTHING * weight;
        let least = params.min_child_weight.max(nothing);
        let before = value(node.sum);
        let mut best: Option<(Split, Pair)> = None;
        let mut best_value = before + params.gamma;
        for (feature, _) in self.wanted.iter().enumerate().filter(|(_, wanted)| **wanted) {
            let cells = &node.histogram[around.codes.cells(feature)];
            let Some((&missing, bins)) = cells.split_last() else { continue };
            let has_missing = missing[1] > nothing;
            let mut left = [0.0; 2];
            let n_cuts = if has_missing { bins.len() } else { bins.len() - 1 };
            for (bin, cell) in bins[..n_cuts].iter().enumerate() {
                // An empty bin moves nothing.
                if cell[1] <= nothing {
                    continue;
                }
                left = [left[0] + cell[0], left[1] + cell[1]];
                let mut consider = |left: Pair, missing_left: bool| {
                    let right = [gradient - left[0], weight - left[1]];
                    if left[1] < least || right[1] < least {
                        return;
                    }
                    let won = value(left) + value(right);
                    if won > best_value {
                        best_value = won;
                        let (feature, bin) = (feature as u32, bin as u32);
                        best = Some((Split { feature, bin, missing_left, gain: won - before }, left));
                    }
                };
                if has_missing {
                    // After the last bin only missing values are left for the right.
                    consider(left, false);
                    if bin + 1 < bins.len() {
                        consider([left[0] + missing[0], left[1] + missing[1]], true);
                    }
                } else {
                    // None here, so those of later rows follow the larger part.
                    consider(left, 2.0 * left[1] > weight);
                }
            }
        }
        best
    }
}

/// A sum of gradients less the absolute penalty.
fn shrunk(gradient: f64, l1: f64) -> f64 {
    if gradient > l1 {
        gradient - l1
    } else if gradient < -l1 {
        gradient + l1
    } else {
        0.0
    }
}
