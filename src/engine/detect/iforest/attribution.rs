//! Splitting a row's mean path length over its features: exact path-dependent Shapley values.
//!
//! The game is that of TreeSHAP (S. M. Lundberg, G. G. Erion, S.-I. Lee, *Consistent Individualized Feature
//! Attribution for Tree Ensembles*, 2018): a feature that is present follows its cuts, one that is absent goes both
//! ways in the proportion of the training rows. A leaf's weight is then a product over the distinct features of its
//! path, each factor `o` (1 where the row follows all cuts of the feature, else 0) when present and `z` (product of
//! its shares of training rows) when absent.
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

use super::tree::Tree;
use ndarray::ArrayView1;

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

/// Writes each feature's share of the row's mean path length, counted from [`mean_path_length`], and returns the
/// row's mean path length.
pub(super) fn path_length_shares<'a>(
    trees: impl Iterator<Item = Tree<'a>>,
    row: ArrayView1<'_, f64>,
    shares: &mut [f64],
) -> f64 {
    shares.fill(0.0);
    let (mut n_trees, mut total) = (0.0, 0.0);
    let mut on_path = vec![Presence::ABSENT; row.len()];
    for tree in trees {
        n_trees += 1.0;
        total += path_length(tree, row);
        let n_distinct = row.len().min(tree.depth as usize);
        if n_distinct <= 8 {
            Walk { tree, row, quadrature: &FOUR_POINTS, on_path: &mut on_path, shares }.node(1, 0, [1.0; 4]);
        } else {
            Walk { tree, row, quadrature: &EIGHT_POINTS, on_path: &mut on_path, shares }.node(1, 0, [1.0; 8]);
        }
    }
    shares.iter_mut().for_each(|share| *share /= n_trees);
    total / n_trees
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

/// What the path so far says of one feature.
#[derive(Debug, Clone, Copy)]
struct Presence {
    /// Whether the row followed all its cuts: `o`.
    followed: bool,
    /// Share of training rows that did: `z`.
    share: f64,
}

impl Presence {
    const ABSENT: Presence = Presence { followed: true, share: 1.0 };

    /// `t·o + (1 - t)·z`, never 0 inside `(0, 1)`, and `(o - z)` over it.
    fn factor_and_ratio(self, t: f64) -> (f64, f64) {
        let followed = if self.followed { 1.0 } else { 0.0 };
        let factor = t * followed + (1.0 - t) * self.share;
        (factor, (followed - self.share) / factor)
    }
}

/// One tree walked for one row.
struct Walk<'a, const K: usize> {
    tree: Tree<'a>,
    row: ArrayView1<'a, f64>,
    quadrature: &'a Quadrature<K>,
    /// By feature; as it was again after each subtree.
    on_path: &'a mut [Presence],
    shares: &'a mut [f64],
}

impl<const K: usize> Walk<'_, K> {
    /// The sum over the leaves below a node of path length times product, at each point. `product` is that of the
    /// node's path.
    fn node(&mut self, index: usize, level: u32, product: [f64; K]) -> [f64; K] {
        if let Some(length) = self.tree.leaf(index, level) {
            return product.map(|p| p * length);
        }
        let node = self.tree.nodes[index];
        let feature = node.feature as usize;
        let goes_right = self.row[feature] > node.threshold;
        let before = self.on_path[feature];
        let (factors_before, ratios_before) = self.at_points(before);
        let mut sum = [0.0; K];
        for (child, is_taken) in [(2 * index, !goes_right), (2 * index + 1, goes_right)] {
            let cover = f64::from(self.tree.counts[child]) / f64::from(self.tree.counts[index]);
            let after = Presence { followed: before.followed && is_taken, share: before.share * cover };
            let (factors, ratios) = self.at_points(after);
            let mut child_product = product;
            for k in 0..K {
                child_product[k] *= factors[k] / factors_before[k];
            }
            self.on_path[feature] = after;
            let below = self.node(child, level + 1, child_product);
            for k in 0..K {
                self.shares[feature] +=
                    self.quadrature.weights[k] * below[k] * (ratios[k] - ratios_before[k]);
                sum[k] += below[k];
            }
        }
        self.on_path[feature] = before;
        sum
    }

    fn at_points(&self, presence: Presence) -> ([f64; K], [f64; K]) {
        let (mut factors, mut ratios) = ([0.0; K], [0.0; K]);
        for k in 0..K {
            (factors[k], ratios[k]) = presence.factor_and_ratio(self.quadrature.points[k]);
        }
        (factors, ratios)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::detect::iforest::IsolationForest;
    use crate::engine::rng::Rng;
    use ndarray::Array2;

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

    fn shares_are_shapley_values(n_rows: usize, n_features: usize, subsample: usize) {
        let mut rng = Rng::new(n_features as u64);
        // Few distinct values, so that leaves of several rows and early leaves occur too.
        let rows = Array2::from_shape_fn((n_rows, n_features), |_| (3.0 * rng.normal()).round());
        let params = IsolationForest::params().trees(3).subsample(subsample).seed(2);
        let forest = params.fit(rows.view()).unwrap();
        for row in rows.outer_iter().take(8) {
            let mut shares = vec![0.0; n_features];
            path_length_shares(forest.trees(), row, &mut shares);
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
                let mut shares = vec![0.0; 30];
                let length = path_length_shares(forest.trees(), row, &mut shares);
                assert!((mean + shares.iter().sum::<f64>() - length).abs() < 1e-11);
            }
        }
    }
}
