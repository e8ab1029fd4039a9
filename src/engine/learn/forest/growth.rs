//! Growth of one tree: depth first, with features drawn anew for each node.

use super::params::Params;
use super::sums::{Layout, Left, OUTPUTS, Pair, WEIGHT, worth};
use super::tally::Tally;
use crate::engine::learn::trees::{Cuts, GrownTree, Split, partition};
use crate::engine::rng::Rng;

/// A feature's values by row, as bins.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) cuts: Cuts,
    pub(super) codes: Vec<u16>,
}

/// What a tree is grown from.
pub(super) struct Surroundings<'a> {
    pub(super) params: &'a Params,
    pub(super) layout: Layout,
    /// Features drawn for a cut.
    pub(super) max_features: usize,
    pub(super) columns: &'a [Column],
    /// By row: a class, or a value.
    pub(super) target: &'a [f64],
    /// Added to each leaf.
    pub(super) offset: f64,
}

/// A node whose cut has not been looked for.
#[derive(Debug, Clone, Copy)]
struct Pending {
    node: usize,
    depth: usize,
    /// Its rows are `rows[from..to]`.
    from: usize,
    to: usize,
}

/// A node at work: some of its features have been looked at.
#[derive(Debug, Clone, Copy)]
struct Search {
    node: Pending,
    /// Features looked at; those that are not constant here.
    n_seen: usize,
    n_useful: usize,
    best: Option<Best>,
}

#[derive(Debug, Clone, Copy)]
struct Best {
    split: Split,
    /// What counts for impurity on both sides: the more, the better.
    worth: f64,
    /// First bin of rows on the right.
    next: u32,
}

/// A tree under way.
#[derive(Debug, Clone)]
pub(super) struct Growth {
    rng: Rng,
    tree: GrownTree,
    pending: Vec<Pending>,
    search: Option<Search>,
    /// Different rows of the bootstrap; those of a node side by side and ascending.
    rows: Vec<u32>,
    /// By row of the table: how often drawn, times its own weight.
    weights: Vec<f64>,
    /// All features, in the order last drawn.
    features: Vec<u32>,
    gains: Vec<f64>,
    n_settled: usize,
    /// Of the rows of the node at work, and their sum.
    pairs: Vec<Pair>,
    sum: Vec<f64>,
    tally: Tally,
    right: Vec<u32>,
}

impl Growth {
    /// Draws the rows.
    pub(super) fn new(mut rng: Rng, weights: &[f64], around: &Surroundings<'_>) -> Self {
        let n_rows = weights.len();
        let mut drawn = vec![0.0; n_rows];
        for _ in 0..n_rows {
            let row = rng.below(n_rows as u64) as usize;
            drawn[row] += weights[row];
        }
        if drawn.iter().all(|&weight| weight == 0.0) {
            // None with a weight was drawn.
            drawn.copy_from_slice(weights);
        }
        let rows: Vec<u32> = (0..n_rows as u32).filter(|&row| drawn[row as usize] > 0.0).collect();
        Growth {
            rng,
            tree: GrownTree::new(),
            pending: vec![Pending { node: 0, depth: 0, from: 0, to: rows.len() }],
            search: None,
            rows,
            weights: drawn,
            features: (0..around.columns.len() as u32).collect(),
            gains: vec![0.0; around.columns.len()],
            n_settled: 0,
            pairs: Vec::new(),
            sum: vec![0.0; around.layout.width()],
            tally: Tally::new(around.layout),
            right: Vec::new(),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.pending.is_empty() && self.search.is_none()
    }

    /// Share of rows that are in their leaves.
    pub(super) fn share_done(&self) -> f64 {
        self.n_settled as f64 / self.rows.len() as f64
    }

    /// Whether the tree has not learned from a row.
    pub(super) fn is_out_of_bag(&self, row: usize) -> bool {
        self.weights[row] == 0.0
    }

    pub(super) fn tree(&self) -> &GrownTree {
        &self.tree
    }

    /// The tree, and by feature how much its cuts have lowered the impurity.
    pub(super) fn finish(self) -> (GrownTree, Vec<f64>) {
        (self.tree, self.gains)
    }

    /// Goes on until about so many rows are touched, or it is done; returns how many.
    pub(super) fn advance(&mut self, around: &Surroundings<'_>, n_rows: usize) -> usize {
        let mut n_touched = 0;
        while n_touched < n_rows && !self.is_done() {
            n_touched += self.step(around);
        }
        n_touched
    }

    /// Begins with a node, looks at one of its features, or cuts it; returns about how many rows were touched.
    fn step(&mut self, around: &Surroundings<'_>) -> usize {
        let Some(mut search) = self.search.take() else {
            let Some(node) = self.pending.pop() else { return 0 };
            if self.begin(node, around) {
                self.search = Some(Search { node, n_seen: 0, n_useful: 0, best: None });
            } else {
                self.settle(node, around);
            }
            return node.to - node.from;
        };
        let n_left = self.features.len() - search.n_seen;
        if n_left > 0 && (search.n_seen < around.max_features || search.n_useful == 0) {
            let drawn = search.n_seen + self.rng.below(n_left as u64) as usize;
            self.features.swap(search.n_seen, drawn);
            let feature = self.features[search.n_seen];
            search.n_seen += 1;
            if around.layout.n_classes == 0 {
                self.look_at::<[f64; 3]>(feature, &mut search, Layout { n_classes: 0 }, around);
            } else {
                self.look_at::<Vec<f64>>(feature, &mut search, around.layout, around);
            }
            self.search = Some(search);
        } else if let Some(best) = search.best {
            self.cut(search.node, best, around);
        } else {
            self.settle(search.node, around);
        }
        search.node.to - search.node.from
    }

    /// Sums a node up; whether it can be cut.
    fn begin(&mut self, node: Pending, around: &Surroundings<'_>) -> bool {
        let (layout, rows) = (around.layout, &self.rows[node.from..node.to]);
        let first = around.target[rows[0] as usize];
        let mut is_pure = true;
        self.pairs.clear();
        self.pairs.extend(rows.iter().map(|&row| {
            let target = around.target[row as usize];
            is_pure &= target == first;
            layout.pair(self.weights[row as usize], target)
        }));
        self.sum.fill(0.0);
        self.pairs.iter().for_each(|&pair| layout.add(&mut self.sum, pair));
        let is_deep = around.params.max_depth > 0 && node.depth >= around.params.max_depth;
        !(is_pure || is_deep || rows.len() / 2 < around.params.min_samples_leaf)
    }

    /// Makes the node that was begun a leaf.
    fn settle(&mut self, node: Pending, around: &Surroundings<'_>) {
        let weight = self.sum[WEIGHT];
        let values = self.sum[OUTPUTS..].iter().map(|sum| sum / weight + around.offset);
        self.tree.set_leaf(node.node, weight, values);
        self.n_settled += node.to - node.from;
    }

    fn cut(&mut self, node: Pending, best: Best, around: &Surroundings<'_>) {
        let Split { feature, bin, missing_left, gain } = best.split;
        self.gains[feature as usize] += gain;
        let column = &around.columns[feature as usize];
        let threshold = column.cuts.between(bin as usize, best.next as usize);
        let missing = column.cuts.n_bins() as u32;
        let n_left = partition(&mut self.rows[node.from..node.to], &mut self.right, |row| {
            let code = u32::from(column.codes[row as usize]);
            (code <= bin) | (missing_left & (code == missing))
        });
        let left = self.tree.set_split(node.node, self.sum[WEIGHT], feature, threshold, missing_left);
        let (depth, middle) = (node.depth + 1, node.from + n_left);
        let right = Pending { node: left + 1, depth, from: middle, to: node.to };
        let left = Pending { node: left, depth, from: node.from, to: middle };
        self.pending.extend([right, left]);
    }

    /// Looks for a better cut of a feature. `layout` is that of the surroundings, given for what is known of it here.
    #[inline(always)]
    fn look_at<L: Left>(
        &mut self,
        feature: u32,
        search: &mut Search,
        layout: Layout,
        around: &Surroundings<'_>,
    ) {
        let column = &around.columns[feature as usize];
        let (node, total, width) = (search.node, &self.sum[..layout.width()], layout.width());
        let n_rows = (node.to - node.from) as f64;
        let missing_bin = column.cuts.n_bins();
        self.tally.add(layout, &self.rows[node.from..node.to], &column.codes, &self.pairs);
        let mut left = L::zero(width);
        // Those on the left, if missing ones are among them.
        let mut with_missing = L::zero(width);
        let has_missing = self.tally.take(layout, missing_bin, with_missing.sum());
        let least = around.params.min_samples_leaf as f64;
        let before = worth(total);
        let mut best_worth = search.best.map_or(f64::NEG_INFINITY, |best| best.worth);
        let mut consider = |left: &mut L, bin: usize, next: usize, missing_left: bool| {
            if left.n_rows() < least || n_rows - left.n_rows() < least {
                return;
            }
            let worth = left.worth(total);
            if worth > best_worth {
                best_worth = worth;
                let split = Split { feature, bin: bin as u32, missing_left, gain: worth - before };
                search.best = Some(Best { split, worth, next: next as u32 });
            }
        };
        let (mut last, mut n_groups) = (None, usize::from(has_missing));
        self.tally.drain(layout, |code, cell| {
            if let Some(bin) = last {
                // Where none is missing, those of later rows follow the larger part.
                let missing_left = !has_missing && 2.0 * left.n_rows() > n_rows;
                consider(&mut left, bin, code, missing_left);
                if has_missing {
                    consider(&mut with_missing, bin, code, true);
                }
            }
            left.add(cell);
            if has_missing {
                with_missing.add(cell);
            }
            last = Some(code);
            n_groups += 1;
        });
        if let (true, Some(bin)) = (has_missing, last) {
            consider(&mut left, bin, missing_bin, false);
        }
        search.n_useful += usize::from(n_groups > 1);
    }
}
