//! Splitting a row's mean path length over its features: exact path-dependent Shapley values.
//!
//! The game is that of TreeSHAP (S. M. Lundberg, G. G. Erion, S.-I. Lee, *Consistent Individualized Feature
//! Attribution for Tree Ensembles*, 2018): a feature that is present follows its cuts, one that is absent goes both
//! ways in the proportion of the training rows. A leaf's weight is then a product over the distinct features of its
//! path, each factor `o` (1 where the row follows all cuts of the feature, else 0) when present and `z` (product of
//! its shares of training rows) when absent. A feature that no cut of a tree asks for has no share in it, so nothing
//! changes where each tree draws features of its own.
//!
//! Instead of counting subsets, the value is taken as an integral (G. Owen, *Multilinear Extensions of Games*, 1972):
//! with every feature present with probability `t`, independently,
//!
//! ```text
//! share of j = ∫₀¹ Σ_leaves length · (oⱼ - zⱼ) · Π_{i ≠ j} (t·oᵢ + (1 - t)·zᵢ) dt
//! ```
//!
//! The integrand is a polynomial in `t` of a degree below the number of distinct features of a path, so Gauss–Legendre
//! quadrature with half as many points gives it exactly, by sums of small terms only: no division of polynomials, no
//! binomials. One pass down and up a tree does it for all features: going down, the product at each point is carried
//! along; going up, each edge adds to its feature what its change of `(o - z) / (t·o + (1 - t)·z)` does to the sum
//! over the leaves below.
//!
//! What a branch does to product and sum depends on the row only by which way it goes, if it has followed the branch's feature
//! so far: three ways, made once per tree with all quotients in them, and with the leaves right below the branch, which are
//! more than half of all that a walk comes to. So a row's walk is products and sums, picked by one comparison.

use super::tree::Tree;
use ndarray::{ArrayView1, ArrayView2};

/// Gauss–Legendre quadrature on `[0, 1]`.
struct Quadrature<const K: usize> {
    points: [f64; K],
    weights: [f64; K],
}

/// Exact up to degree 7: paths of up to 8 distinct features.
const FOUR_POINTS: Quadrature<4> = Quadrature::from_half(
    [0.339_981_043_584_856_26, 0.861_136_311_594_052_6],
    [0.652_145_154_862_546_1, 0.347_854_845_137_453_85],
);

/// Exact up to degree 15: paths of up to 16 distinct features, the depth of the deepest tree there can be.
const EIGHT_POINTS: Quadrature<8> = Quadrature::from_half(
    [0.183_434_642_495_649_8, 0.525_532_409_916_329, 0.796_666_477_413_626_7, 0.960_289_856_497_536_3],
    [0.362_683_783_378_362, 0.313_706_645_877_887_3, 0.222_381_034_453_374_48, 0.101_228_536_290_376_26],
);

impl<const K: usize> Quadrature<K> {
    /// From the positive half of the points on `[-1, 1]` and their weights, as tables give them.
    const fn from_half<const H: usize>(points: [f64; H], weights: [f64; H]) -> Self {
        assert!(2 * H == K);
        let mut all = Quadrature { points: [0.0; K], weights: [0.0; K] };
        let mut i = 0;
        while i < H {
            all.points[i] = 0.5 - 0.5 * points[i];
            all.points[H + i] = 0.5 + 0.5 * points[i];
            all.weights[i] = 0.5 * weights[i];
            all.weights[H + i] = 0.5 * weights[i];
            i += 1;
        }
        all
    }
}

/// Writes each row's shares of its mean path length (rows x features), counted from [`mean_path_length`], and returns
/// the rows' mean path lengths. A row's shares do not depend on the rows beside it.
pub(super) fn path_length_shares<'a>(
    trees: impl Iterator<Item = Tree<'a>>,
    rows: ArrayView2<'_, f64>,
    shares: &mut [f64],
) -> Vec<f64> {
    shares.fill(0.0);
    let mut n_trees = 0.0;
    let mut lengths = vec![0.0; rows.nrows()];
    // Room that all trees use.
    let (mut shallow, mut deep) = (Steps::default(), Steps::default());
    for tree in trees {
        n_trees += 1.0;
        for (length, row) in lengths.iter_mut().zip(rows.outer_iter()) {
            *length += path_length(tree, row);
        }
        let n_distinct = rows.ncols().min(tree.depth as usize);
        if n_distinct <= 8 {
            shallow.of(tree, rows.ncols(), &FOUR_POINTS).add_shares(rows, shares);
        } else {
            deep.of(tree, rows.ncols(), &EIGHT_POINTS).add_shares(rows, shares);
        }
    }
    shares.iter_mut().for_each(|share| *share /= n_trees);
    lengths.iter_mut().for_each(|length| *length /= n_trees);
    lengths
}

/// The mean path length over a tree's training rows: what a row is worth of which no feature is known.
pub(super) fn mean_path_length(tree: Tree<'_>) -> f64 {
    fn below(tree: Tree<'_>, index: usize, level: u32) -> f64 {
        match tree.leaf(index, level) {
            Some(length) => f64::from(tree.counts[index]) * length,
            None => below(tree, 2 * index, level + 1) + below(tree, 2 * index + 1, level + 1),
        }
    }
    below(tree, 1, 0) / f64::from(tree.counts[1])
}

fn path_length(tree: Tree<'_>, row: ArrayView1<'_, f64>) -> f64 {
    let (mut index, mut level) = (1, 0);
    loop {
        if let Some(length) = tree.leaf(index, level) {
            return length;
        }
        let node = tree.nodes[index];
        index = 2 * index + usize::from(row[node.feature as usize] > node.threshold);
        level += 1;
    }
}

impl Tree<'_> {
    /// The path length at a node, if it is a leaf.
    fn leaf(&self, index: usize, level: u32) -> Option<f64> {
        let is_leaf = level == self.depth || self.nodes[index].is_leaf();
        is_leaf.then(|| self.path_lengths[(index << (self.depth - level)) - self.path_lengths.len()])
    }
}

/// A number at each point.
type Numbers<const K: usize> = [f64; K];

fn times<const K: usize>(a: &Numbers<K>, b: &Numbers<K>) -> Numbers<K> {
    std::array::from_fn(|k| a[k] * b[k])
}

fn add_times<const K: usize>(sum: &mut Numbers<K>, a: &Numbers<K>, b: &Numbers<K>) {
    for k in 0..K {
        sum[k] += a[k] * b[k];
    }
}

/// One tree, with what each of its branches does to a row's product and shares, at each point.
#[derive(Default)]
struct Steps<const K: usize> {
    /// The root first; none where the tree is one leaf.
    branches: Vec<Branch<K>>,
}

/// A cut and where it leads.
struct Branch<const K: usize> {
    feature: usize,
    threshold: f64,
    /// Left, right.
    below: [Below; 2],
    /// By what the row does here: it goes left, it goes right, or it has left the feature before and goes both ways.
    ways: [Way<K>; 3],
}

/// What is known of a tree below an edge.
#[derive(Clone, Copy)]
enum Below {
    /// A leaf, which is in [`Way::ends`].
    Leaf,
    /// A branch that has two leaves below it.
    Pair(usize),
    /// Any other branch.
    Branch(usize),
}

/// What a branch does to a row that comes to it in one of three ways. With `f = t·o + (1 - t)·z` and `r = (o - z) / f` of the
/// branch's feature before and after it.
#[derive(Clone, Copy)]
struct Way<const K: usize> {
    /// By child that is a branch, left and right: `f_after / f_before`, which is the child's share of training rows where the
    /// row has left the feature before.
    factors: [Numbers<K>; 2],
    /// Weight of the point times `r_after - r_before`, which is 0 where the row has left the feature before.
    gains: [Numbers<K>; 2],
    /// Of children that are leaves: the sum of path length times factor, and of that times gain.
    ends: Numbers<K>,
    end_gains: Numbers<K>,
}

/// The third of the ways.
const HAS_LEFT: usize = 2;

/// What a path says of a feature that a row has followed: `z`, and at each point `f`, `1 / f` and `r`.
#[derive(Clone, Copy)]
struct Followed<const K: usize> {
    share: f64,
    factors: Numbers<K>,
    inverses: Numbers<K>,
    ratios: Numbers<K>,
}

impl<const K: usize> Followed<K> {
    fn of(share: f64, quadrature: &Quadrature<K>) -> Self {
        let factors = quadrature.points.map(|t| t + (1.0 - t) * share);
        let inverses = factors.map(|factor| 1.0 / factor);
        Followed { share, factors, inverses, ratios: inverses.map(|inverse| (1.0 - share) * inverse) }
    }
}

impl<const K: usize> Steps<K> {
    /// Those of a tree, in the place of those before.
    fn of(&mut self, tree: Tree<'_>, n_features: usize, quadrature: &Quadrature<K>) -> &Self {
        self.branches.clear();
        self.add(tree, quadrature, &mut vec![Followed::of(1.0, quadrature); n_features], 1, 0);
        self
    }

    /// Adds a branch and all below it. `on_path` is what the way to it says of each feature.
    fn add(
        &mut self,
        tree: Tree<'_>,
        quadrature: &Quadrature<K>,
        on_path: &mut [Followed<K>],
        index: usize,
        level: u32,
    ) -> Below {
        if tree.leaf(index, level).is_some() {
            return Below::Leaf;
        }
        let node = tree.nodes[index];
        let feature = node.feature as usize;
        let before = on_path[feature];
        let place = self.branches.len();
        let nothing = [0.0; K];
        let none = Way { factors: [nothing; 2], gains: [nothing; 2], ends: nothing, end_gains: nothing };
        let mut branch =
            Branch { feature, threshold: node.threshold, below: [Below::Leaf; 2], ways: [none; 3] };
        let mut followed = [before; 2];
        for side in 0..2 {
            let child = 2 * index + side;
            let cover = f64::from(tree.counts[child]) / f64::from(tree.counts[index]);
            let after = Followed::of(before.share * cover, quadrature);
            let length = tree.leaf(child, level + 1);
            for (way, Way { factors, gains, ends, end_gains }) in branch.ways.iter_mut().enumerate() {
                for k in 0..K {
                    let (t, weight) = (quadrature.points[k], quadrature.weights[k]);
                    let (factor, gain) = if way == side {
                        (after.factors[k] * before.inverses[k], after.ratios[k] - before.ratios[k])
                    } else if way == HAS_LEFT {
                        (cover, 0.0)
                    } else {
                        let lost = (1.0 - t) * after.share * before.inverses[k];
                        (lost, -1.0 / (1.0 - t) - before.ratios[k])
                    };
                    match length {
                        None => (factors[side][k], gains[side][k]) = (factor, weight * gain),
                        Some(length) => {
                            ends[k] += length * factor;
                            end_gains[k] += length * factor * (weight * gain);
                        }
                    }
                }
            }
            followed[side] = after;
        }
        self.branches.push(branch);
        let mut below = [Below::Leaf; 2];
        for side in 0..2 {
            on_path[feature] = followed[side];
            below[side] = self.add(tree, quadrature, on_path, 2 * index + side, level + 1);
        }
        on_path[feature] = before;
        self.branches[place].below = below;
        if let [Below::Leaf, Below::Leaf] = below { Below::Pair(place) } else { Below::Branch(place) }
    }

    fn add_shares(&self, rows: ArrayView2<'_, f64>, shares: &mut [f64]) {
        if self.branches.is_empty() {
            return;
        }
        let mut has_left = vec![false; rows.ncols()];
        let mut own = vec![[0.0; K]; rows.ncols()];
        let mut values = vec![0.0; rows.ncols()];
        for (row, shares) in rows.outer_iter().zip(shares.chunks_exact_mut(rows.ncols())) {
            values.iter_mut().zip(row).for_each(|(to, from)| *to = *from);
            own.fill([0.0; K]);
            Walk { steps: self, row: &values, has_left: &mut has_left, shares: &mut own }.branch(0, [1.0; K]);
            shares.iter_mut().zip(&own).for_each(|(share, own)| *share += own.iter().sum::<f64>());
        }
    }
}

/// One tree walked for one row.
struct Walk<'a, const K: usize> {
    steps: &'a Steps<K>,
    row: &'a [f64],
    /// By feature, whether the row would not have come here by it; as it was again after each subtree.
    has_left: &'a mut [bool],
    /// By feature and point.
    shares: &'a mut [Numbers<K>],
}

impl<const K: usize> Walk<'_, K> {
    /// The sum over the leaves below a branch of path length times product, at each point. `product` is that of the
    /// branch's path.
    fn branch(&mut self, place: usize, product: Numbers<K>) -> Numbers<K> {
        let branch = &self.steps.branches[place];
        let had_left = self.has_left[branch.feature];
        let (place, way) = self.way(branch);
        let mut sum = times(&product, &way.ends);
        let mut gained = times(&product, &way.end_gains);
        for side in 0..2 {
            self.has_left[branch.feature] = side != place;
            let product = times(&product, &way.factors[side]);
            let below = match branch.below[side] {
                Below::Leaf => continue,
                Below::Pair(child) => self.pair(child, product),
                Below::Branch(child) => self.branch(child, product),
            };
            sum.iter_mut().zip(&below).for_each(|(sum, below)| *sum += below);
            add_times(&mut gained, &below, &way.gains[side]);
        }
        self.has_left[branch.feature] = had_left;
        let shares = &mut self.shares[branch.feature];
        shares.iter_mut().zip(&gained).for_each(|(share, gained)| *share += gained);
        sum
    }

    /// The same of a branch with two leaves below it.
    #[inline(always)]
    fn pair(&mut self, place: usize, product: Numbers<K>) -> Numbers<K> {
        let branch = &self.steps.branches[place];
        let (_, way) = self.way(branch);
        add_times(&mut self.shares[branch.feature], &product, &way.end_gains);
        times(&product, &way.ends)
    }

    /// Which way the row goes through a branch. None of this is a jump: a processor could not guess it.
    #[inline(always)]
    fn way<'b>(&self, branch: &'b Branch<K>) -> (usize, &'b Way<K>) {
        let goes_right = usize::from(self.row[branch.feature] > branch.threshold);
        let place = goes_right.max(2 * usize::from(self.has_left[branch.feature]));
        (place, &branch.ways[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::detect::iforest::IsolationForest;
    use crate::engine::rng::Rng;
    use ndarray::{Array2, Axis};

    fn integrates_powers_up_to<const K: usize>(quadrature: &Quadrature<K>) {
        for degree in 0..2 * K as i32 {
            let terms = quadrature.points.iter().zip(&quadrature.weights).map(|(t, w)| w * t.powi(degree));
            let integral: f64 = terms.sum();
            let exact = 1.0 / f64::from(degree + 1);
            assert!((integral - exact).abs() < 1e-15, "degree {degree}: {integral} is not {exact}");
        }
    }

    #[test]
    fn quadratures_are_exact_up_to_their_degree() {
        integrates_powers_up_to(&FOUR_POINTS);
        integrates_powers_up_to(&EIGHT_POINTS);
    }

    /// What a tree gives for a row of which only the features in the set `known` (a bit each) are known.
    fn expectation(tree: Tree<'_>, row: ArrayView1<'_, f64>, known: u32, index: usize, level: u32) -> f64 {
        if let Some(length) = tree.leaf(index, level) {
            return length;
        }
        let node = tree.nodes[index];
        let below = |child: usize| expectation(tree, row, known, child, level + 1);
        if known >> node.feature & 1 == 1 {
            below(2 * index + usize::from(row[node.feature as usize] > node.threshold))
        } else {
            let cover = |child: usize| f64::from(tree.counts[child]) / f64::from(tree.counts[index]);
            cover(2 * index) * below(2 * index) + cover(2 * index + 1) * below(2 * index + 1)
        }
    }

    /// Shapley values by their definition, over all subsets.
    fn shapley_values(tree: Tree<'_>, row: ArrayView1<'_, f64>) -> Vec<f64> {
        let n = row.len() as u32;
        let factorial = |k: u32| (1..=k).map(f64::from).product::<f64>();
        let values: Vec<f64> = (0..1 << n).map(|known| expectation(tree, row, known, 1, 0)).collect();
        let share = |feature: u32| {
            let without = (0..1u32 << n).filter(|known| known >> feature & 1 == 0);
            without
                .map(|known| {
                    let size = known.count_ones();
                    let weight = factorial(size) * factorial(n - size - 1) / factorial(n);
                    weight * (values[(known | 1 << feature) as usize] - values[known as usize])
                })
                .sum()
        };
        (0..n).map(share).collect()
    }

    fn shares_of(forest: &IsolationForest, row: ArrayView1<'_, f64>) -> (Vec<f64>, f64) {
        let mut shares = vec![0.0; row.len()];
        let lengths = path_length_shares(forest.trees(), row.insert_axis(Axis(0)), &mut shares);
        (shares, lengths[0])
    }

    fn shares_are_shapley_values(n_rows: usize, n_features: usize, subsample: usize) {
        let mut rng = Rng::new(n_features as u64);
        // Few distinct values, so that leaves of several rows and early leaves occur too.
        let rows = Array2::from_shape_fn((n_rows, n_features), |_| (3.0 * rng.normal()).round());
        for max_features in [1.0, 0.5, 2.0] {
            let params =
                IsolationForest::params().trees(3).subsample(subsample).seed(2).max_features(max_features);
            shares_of_forest_are_shapley_values(&params.fit(rows.view()).unwrap(), &rows);
        }
    }

    fn shares_of_forest_are_shapley_values(forest: &IsolationForest, rows: &Array2<f64>) {
        let n_features = rows.ncols();
        for row in rows.outer_iter().take(8) {
            let (shares, _) = shares_of(forest, row);
            let mut expected = vec![0.0; n_features];
            for tree in forest.trees() {
                for (sum, share) in expected.iter_mut().zip(shapley_values(tree, row)) {
                    *sum += share / 3.0;
                }
            }
            for (ours, exact) in shares.iter().zip(&expected) {
                assert!((ours - exact).abs() < 1e-12, "{shares:?} are not {expected:?}");
            }
        }
    }

    #[test]
    fn shares_equal_shapley_values_over_all_subsets() {
        shares_are_shapley_values(40, 1, 16);
        shares_are_shapley_values(64, 4, 64);
        shares_are_shapley_values(300, 6, 256);
        shares_are_shapley_values(300, 11, 256);
    }

    #[test]
    fn deep_trees_of_many_features_need_and_get_eight_points() {
        shares_are_shapley_values(2_000, 11, 2_000);
    }

    #[test]
    fn shares_add_up_to_the_way_from_the_mean() {
        let mut rng = Rng::new(1);
        let rows = Array2::from_shape_fn((3_000, 30), |_| rng.normal());
        for subsample in [256, 3_000] {
            let params = IsolationForest::params().trees(20).subsample(subsample);
            let forest = params.fit(rows.view()).unwrap();
            let mean = forest.trees().map(mean_path_length).sum::<f64>() / 20.0;
            for row in rows.outer_iter().take(20) {
                let (shares, length) = shares_of(&forest, row);
                assert!((mean + shares.iter().sum::<f64>() - length).abs() < 1e-11);
            }
        }
    }
}
