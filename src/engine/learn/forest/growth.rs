//! Growth of one tree: depth first, with features drawn anew for each node.
//!
//! Where a node has more rows than a feature has bins they are counted by bin, otherwise sorted, many by digits; each gives
//! the rows of a node in groups of equal bins, between which it can be cut.

use super::params::Params;
use super::sums::{Layout, difference, worth};
use crate::engine::learn::trees::{Cuts, GrownTree, Split, partition};
use crate::engine::order;
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
#[derive(Debug, Clone)]
struct Pending {
    node: usize,
    depth: usize,
    /// Its rows are `rows[from..to]`.
    from: usize,
    to: usize,
    sum: Vec<f64>,
}

/// A node at work: some of its features have been looked at.
#[derive(Debug, Clone)]
struct Search {
    node: Pending,
    /// Features looked at; those that are not constant here.
    n_seen: usize,
    n_useful: usize,
    best: Option<Best>,
}

#[derive(Debug, Clone)]
struct Best {
    split: Split,
    /// What counts for impurity on both sides: the more, the better.
    worth: f64,
    /// First bin of rows on the right.
    next: u32,
    left_sum: Vec<f64>,
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
    groups: Groups,
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
        let mut sum = vec![0.0; around.layout.width()];
        for &row in &rows {
            around.layout.add(&mut sum, drawn[row as usize], around.target[row as usize]);
        }
        Growth {
            rng,
            tree: GrownTree::new(),
            pending: vec![Pending { node: 0, depth: 0, from: 0, to: rows.len(), sum }],
            search: None,
            rows,
            weights: drawn,
            features: (0..around.columns.len() as u32).collect(),
            gains: vec![0.0; around.columns.len()],
            n_settled: 0,
            groups: Groups::default(),
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

    /// Looks at one feature of a node, or cuts it; returns about how many rows were touched.
    pub(super) fn step(&mut self, around: &Surroundings<'_>) -> usize {
        let Some(mut search) = self.search.take() else {
            let Some(node) = self.pending.pop() else { return 0 };
            let n_rows = node.to - node.from;
            if self.is_leaf(&node, around) {
                self.settle(&node, around);
            } else {
                self.search = Some(Search { node, n_seen: 0, n_useful: 0, best: None });
            }
            return n_rows;
        };
        let n_rows = search.node.to - search.node.from;
        let n_left = self.features.len() - search.n_seen;
        if n_left > 0 && (search.n_seen < around.max_features || search.n_useful == 0) {
            let drawn = search.n_seen + self.rng.below(n_left as u64) as usize;
            self.features.swap(search.n_seen, drawn);
            let feature = self.features[search.n_seen];
            search.n_seen += 1;
            self.look_at(feature, &mut search, around);
            self.search = Some(search);
        } else if let Some(best) = search.best {
            self.cut(search.node, best, around);
        } else {
            self.settle(&search.node, around);
        }
        n_rows
    }

    fn is_leaf(&self, node: &Pending, around: &Surroundings<'_>) -> bool {
        let rows = &self.rows[node.from..node.to];
        let first = around.target[rows[0] as usize];
        let is_deep = around.params.max_depth > 0 && node.depth >= around.params.max_depth;
        is_deep
            || rows.len() / 2 < around.params.min_samples_leaf
            || rows.iter().all(|&row| around.target[row as usize] == first)
    }

    fn settle(&mut self, node: &Pending, around: &Surroundings<'_>) {
        let weight = node.sum[0];
        self.tree.set_leaf(node.node, weight, node.sum[1..].iter().map(|sum| sum / weight + around.offset));
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
            code <= bin || (missing_left && code == missing)
        });
        let left = self.tree.set_split(node.node, node.sum[0], feature, threshold, missing_left);
        let (depth, middle) = (node.depth + 1, node.from + n_left);
        let mut right_sum = node.sum;
        let total = right_sum.clone();
        difference(&total, &best.left_sum, &mut right_sum);
        // Differences carry what rounding leaves; small nodes are added up anew, which costs little.
        if node.to - middle <= 64 {
            right_sum = self.sum_of(middle, node.to, around);
        }
        let right = Pending { node: left + 1, depth, from: middle, to: node.to, sum: right_sum };
        let left = Pending { node: left, depth, from: node.from, to: middle, sum: best.left_sum };
        self.pending.extend([right, left]);
    }

    fn sum_of(&self, from: usize, to: usize, around: &Surroundings<'_>) -> Vec<f64> {
        let mut sum = vec![0.0; around.layout.width()];
        for &row in &self.rows[from..to] {
            around.layout.add(&mut sum, self.weights[row as usize], around.target[row as usize]);
        }
        sum
    }

    /// Looks for a better cut of a feature.
    fn look_at(&mut self, feature: u32, search: &mut Search, around: &Surroundings<'_>) {
        let column = &around.columns[feature as usize];
        let (layout, node) = (around.layout, &search.node);
        let rows = &self.rows[node.from..node.to];
        self.groups.of(rows, column, &self.weights, around.target, layout);
        let groups = &self.groups;
        if groups.codes.len() < 2 {
            return;
        }
        search.n_useful += 1;
        let width = layout.width();
        let missing = column.cuts.n_bins() as u32;
        let n_values = groups.codes.len() - usize::from(groups.codes.last() == Some(&missing));
        let (missing_n, missing_sum) = match n_values < groups.codes.len() {
            true => (groups.counts[n_values], Some(&groups.sums[n_values * width..])),
            false => (0, None),
        };
        let before = worth(&node.sum);
        let least = around.params.min_samples_leaf;
        let mut best_worth = search.best.as_ref().map_or(f64::NEG_INFINITY, |best| best.worth);
        let (mut left, mut with_missing, mut right) = (vec![0.0; width], vec![0.0; width], vec![0.0; width]);
        let mut n_left = 0;
        let mut found: Option<Best> = None;
        for place in 0..n_values.min(groups.codes.len() - 1) {
            let sum = &groups.sums[place * width..(place + 1) * width];
            left.iter_mut().zip(sum).for_each(|(left, sum)| *left += sum);
            n_left += groups.counts[place];
            let next = groups.codes.get(place + 1).map_or(missing, |&next| next.min(missing));
            let mut consider = |left: &[f64], n_left: usize, missing_left: bool| {
                if n_left < least || rows.len() - n_left < least {
                    return;
                }
                difference(&node.sum, left, &mut right);
                let won = worth(left) + worth(&right);
                if won > best_worth {
                    best_worth = won;
                    let split = Split { feature, bin: groups.codes[place], missing_left, gain: won - before };
                    found = Some(Best { split, worth: won, next, left_sum: left.to_vec() });
                }
            };
            match missing_sum {
                // None here, so those of later rows follow the larger part.
                None => consider(&left, n_left, 2 * n_left > rows.len()),
                Some(missing_sum) => {
                    consider(&left, n_left, false);
                    if place + 1 < n_values {
                        with_missing
                            .iter_mut()
                            .zip(&left)
                            .zip(missing_sum)
                            .for_each(|((sum, a), b)| *sum = a + b);
                        consider(&with_missing, n_left + missing_n, true);
                    }
                }
            }
        }
        if found.is_some() {
            search.best = found;
        }
    }
}

/// A node's rows by bin of a feature, ascending, empty bins left out.
#[derive(Debug, Clone, Default)]
struct Groups {
    codes: Vec<u32>,
    /// Rows of each.
    counts: Vec<usize>,
    /// Sums of each, [`Layout::width`] numbers.
    sums: Vec<f64>,
    keys: Vec<u64>,
    spare_keys: Vec<u64>,
    cells: Vec<f64>,
    cell_counts: Vec<usize>,
}

/// Rows from which on sorting by digits is faster.
const MANY_ROWS: usize = 128;
/// Bits of a digit: two of them hold every bin.
const DIGIT_BITS: u32 = 7;

impl Groups {
    /// Sorts keys, which are in the order of their rows, by bin and row.
    fn sort_keys(&mut self) {
        if self.keys.len() < MANY_ROWS {
            order::sort_numbers(&mut self.keys);
            return;
        }
        self.spare_keys.resize(self.keys.len(), 0);
        for shift in [32, 32 + DIGIT_BITS] {
            let digit = |key: u64| (key >> shift) as usize % (1 << DIGIT_BITS);
            let mut places = [0; 1 << DIGIT_BITS];
            self.keys.iter().for_each(|&key| places[digit(key)] += 1);
            let mut n_before = 0;
            for place in &mut places {
                n_before += std::mem::replace(place, n_before);
            }
            for &key in &self.keys {
                let place = &mut places[digit(key)];
                self.spare_keys[*place] = key;
                *place += 1;
            }
            std::mem::swap(&mut self.keys, &mut self.spare_keys);
        }
    }

    fn of(&mut self, rows: &[u32], column: &Column, weights: &[f64], target: &[f64], layout: Layout) {
        self.codes.clear();
        self.counts.clear();
        self.sums.clear();
        let width = layout.width();
        let n_cells = column.cuts.n_bins() + 1;
        if rows.len() >= n_cells {
            self.cells.clear();
            self.cells.resize(n_cells * width, 0.0);
            self.cell_counts.clear();
            self.cell_counts.resize(n_cells, 0);
            for &row in rows {
                let row = row as usize;
                let code = usize::from(column.codes[row]);
                layout.add(&mut self.cells[code * width..(code + 1) * width], weights[row], target[row]);
                self.cell_counts[code] += 1;
            }
            for (code, sums) in self.cells.chunks_exact(width).enumerate() {
                if self.cell_counts[code] > 0 {
                    self.codes.push(code as u32);
                    self.counts.push(self.cell_counts[code]);
                    self.sums.extend(sums);
                }
            }
        } else {
            self.keys.clear();
            let codes = rows.iter().map(|&row| u64::from(column.codes[row as usize]));
            self.keys.extend(codes.zip(rows).map(|(code, &row)| code << 32 | u64::from(row)));
            self.sort_keys();
            for &key in &self.keys {
                let (code, row) = ((key >> 32) as u32, key as u32 as usize);
                if self.codes.last() != Some(&code) {
                    self.codes.push(code);
                    self.counts.push(0);
                    self.sums.resize(self.sums.len() + width, 0.0);
                }
                let last = self.codes.len() - 1;
                self.counts[last] += 1;
                layout.add(&mut self.sums[last * width..], weights[row], target[row]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_keys_are_sorted_as_few_are() {
        let mut rng = Rng::new(3);
        for n in [MANY_ROWS - 1, MANY_ROWS, 5_000, 200] {
            let keys: Vec<u64> = (0..n as u64).map(|row| rng.below(4_097) << 32 | (7 * row)).collect();
            let mut groups = Groups { keys: keys.clone(), ..Groups::default() };
            groups.sort_keys();
            let mut expected = keys;
            expected.sort_unstable();
            assert_eq!(groups.keys, expected);
        }
    }
}
