//! Splitting what a row gets from trees over its features: exact path-dependent Shapley values.
//!
//! The game is that of TreeSHAP (S. M. Lundberg et al., *From Local Explanations to Global Understanding with Explainable
//! AI for Trees*, Nature Machine Intelligence 2020): a feature that is present follows its cuts, one that is absent goes
//! both ways in the proportion of the training rows. As for the Isolation Forest the values are taken as an integral (G.
//! Owen, *Multilinear Extensions of Games*, 1972): with every feature present with probability `t`,
//!
//! ```text
//! share of j = ∫₀¹ Σ_leaves value · (oⱼ - zⱼ) · Π_{i ≠ j} (t·oᵢ + (1 - t)·zᵢ) dt
//! ```
//!
//! over the distinct features of a leaf's path, `o` 1 where the row follows all cuts of the feature and else 0, `z` the
//! product of the shares of training rows. The integrand is a polynomial, so Gauss–Legendre quadrature with half as many
//! points as a path has features gives it exactly. The cost of a row is nodes times points; TreeSHAP's is leaves times
//! the square of the depth. One walk down and up a tree does it for all features, without recursion: trees from a file
//! can be as deep as they have nodes.

use super::flat::{Node, Trees};
use crate::engine::math::cos;
use ndarray::ArrayView1;

/// Splits one output of trees over the features of rows: `base + sum(contributions)` is `offset + scale · sum over trees`.
#[derive(Debug, Clone)]
pub struct Explainer<'a> {
    trees: &'a Trees,
    output: usize,
    scale: f64,
    base: f64,
    /// One for all trees: exact for the deepest.
    quadrature: Quadrature,
    walk: Walk,
}

impl<'a> Explainer<'a> {
    pub(in crate::engine::learn) fn new(trees: &'a Trees, output: usize, offset: f64, scale: f64) -> Self {
        let mut weights = vec![0.0; trees.nodes().len()];
        let mut depths = vec![0; trees.nodes().len()];
        let (mut sum, mut depth) = (0.0, 0);
        let roots: Vec<usize> = trees.roots().chain([trees.nodes().len()]).collect();
        for (tree, range) in roots.windows(2).enumerate() {
            weights[range[0]] = 1.0;
            for place in range[0]..range[1] {
                let node = trees.nodes()[place];
                depth = depth.max(depths[place]);
                if node.is_leaf() {
                    sum += weights[place] * trees.leaf_value(tree, node, output);
                } else {
                    for is_right in [false, true] {
                        let child = node.left() + usize::from(is_right);
                        weights[child] = weights[place] * share(trees.covers(), node, is_right);
                        depths[child] = depths[place] + 1;
                    }
                }
            }
        }
        let n_points = depth.min(trees.n_features()).div_ceil(2).next_multiple_of(2).max(2);
        let quadrature = Quadrature::new(n_points);
        let walk = Walk {
            frames: Vec::with_capacity(depth),
            products: vec![1.0; (depth + 1) * n_points],
            sums: vec![0.0; (depth + 1) * n_points],
            on_path: vec![Presence::ABSENT; trees.n_features()],
        };
        Explainer { trees, output, scale, base: offset + scale * sum, quadrature, walk }
    }

    /// Of the mean over trees.
    ///
    /// # Panics
    /// If there is no such output.
    pub fn mean(trees: &'a Trees, output: usize) -> Self {
        assert!(output < trees.n_outputs(), "output {output} of {}", trees.n_outputs());
        Explainer::new(trees, output, 0.0, 1.0 / trees.n_trees() as f64)
    }

    /// What a row is worth of which no feature is known: the mean over training rows, as the trees weigh them.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// Writes each feature's share of what the row gets beyond [`Explainer::base`].
    ///
    /// # Panics
    /// If there is not one value and one contribution per feature: a bug of the caller.
    pub fn contributions(&mut self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        assert_eq!(row.len(), self.trees.n_features(), "features of the row");
        assert_eq!(contributions.len(), row.len(), "contributions, one per feature");
        let row = row.to_vec();
        contributions.fill(0.0);
        let n_outputs = self.trees.n_outputs();
        for (tree, root) in self.trees.roots().enumerate() {
            if self.trees.leaf_width() > 1 || tree % n_outputs == self.output {
                let one = OneTree { trees: self.trees, tree, output: self.output, row: &row };
                self.walk.tree(&one, root, &self.quadrature, contributions);
            }
        }
        contributions.iter_mut().for_each(|share| *share *= self.scale);
    }
}

/// The child's part of its parent's training weight.
fn share(covers: &[f64], node: Node, is_right: bool) -> f64 {
    let (left, right) = (covers[node.left()], covers[node.left() + 1]);
    // The larger part first: halves of large covers do not overflow.
    let whole = left / 2.0 + right / 2.0;
    (if is_right { right } else { left }) / 2.0 / whole
}

/// Gauss–Legendre quadrature on `[0, 1]`.
#[derive(Debug, Clone)]
struct Quadrature {
    points: Vec<f64>,
    weights: Vec<f64>,
}

impl Quadrature {
    /// With `n` points exact up to degree `2 n - 1`. The points are the roots of a Legendre polynomial, by Newton's
    /// method from the usual first guess.
    fn new(n: usize) -> Self {
        let (mut points, mut weights) = (Vec::with_capacity(n), Vec::with_capacity(n));
        for i in 0..n {
            let mut x = cos(std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5));
            let mut slope = 1.0;
            for _ in 0..8 {
                let (mut value, mut before) = (x, 1.0);
                for degree in 2..=n {
                    let degree = degree as f64;
                    let next = ((2.0 * degree - 1.0) * x * value - (degree - 1.0) * before) / degree;
                    (before, value) = (value, next);
                }
                slope = n as f64 * (x * value - before) / (x * x - 1.0);
                x -= value / slope;
            }
            points.push(0.5 - 0.5 * x);
            weights.push(1.0 / ((1.0 - x * x) * slope * slope));
        }
        Quadrature { points, weights }
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
}

/// A cut on the way down, one of whose children is being walked.
#[derive(Debug, Clone)]
struct Frame {
    node: Node,
    goes_right: bool,
    /// Of its feature: above the cut, and in the child being walked.
    before: Presence,
    after: Presence,
    /// Children walked or being walked.
    n_children: u8,
}

struct OneTree<'a> {
    trees: &'a Trees,
    tree: usize,
    output: usize,
    row: &'a [f64],
}

impl OneTree<'_> {
    fn frame(&self, node: Node, on_path: &[Presence]) -> Frame {
        let before = on_path[node.feature()];
        Frame { node, goes_right: node.next(self.row) > node.left(), before, after: before, n_children: 0 }
    }
}

#[derive(Debug, Clone)]
struct Walk {
    frames: Vec<Frame>,
    /// By level and point: the product over the distinct features of the path.
    products: Vec<f64>,
    /// By level and point: sum over the leaves below, as far as walked, of value times product.
    sums: Vec<f64>,
    /// By feature.
    on_path: Vec<Presence>,
}

impl Walk {
    fn tree(&mut self, one: &OneTree<'_>, root: usize, quadrature: &Quadrature, shares: &mut [f64]) {
        let n_points = quadrature.points.len();
        let root = one.trees.nodes()[root];
        if root.is_leaf() {
            return;
        }
        self.frames.push(one.frame(root, &self.on_path));
        self.sums[..n_points].fill(0.0);
        while let Some(level) = self.frames.len().checked_sub(1) {
            let frame = &mut self.frames[level];
            let feature = frame.node.feature();
            let at = level * n_points;
            if frame.n_children == 2 {
                self.on_path[feature] = frame.before;
                self.frames.pop();
                if let Some(above) = self.frames.last() {
                    let (sums, below) = self.sums[at - n_points..at + n_points].split_at_mut(n_points);
                    shares[above.node.feature()] += gained(above, below, sums, quadrature);
                }
                continue;
            }
            let is_right = frame.n_children == 1;
            frame.n_children += 1;
            let cover = share(one.trees.covers(), frame.node, is_right);
            let followed = frame.before.followed && is_right == frame.goes_right;
            frame.after = Presence { followed, share: frame.before.share * cover };
            let (above, products) = self.products[at..at + 2 * n_points].split_at_mut(n_points);
            set_products(frame, cover, above, products, quadrature);
            let child = one.trees.nodes()[frame.node.left() + usize::from(is_right)];
            if child.is_leaf() {
                let value = one.trees.leaf_value(one.tree, child, one.output);
                products.iter_mut().for_each(|product| *product *= value);
                let sums = &mut self.sums[at..at + n_points];
                shares[feature] += gained(frame, products, sums, quadrature);
            } else {
                self.on_path[feature] = frame.after;
                let next = one.frame(child, &self.on_path);
                self.frames.push(next);
                self.sums[at + n_points..at + 2 * n_points].fill(0.0);
            }
        }
    }
}

/// The products of a child's path: of `t·o + (1 - t)·z` the value before the cut goes and that after it comes in.
fn set_products(frame: &Frame, cover: f64, above: &[f64], products: &mut [f64], quadrature: &Quadrature) {
    let (before, after) = (frame.before, frame.after);
    let points = quadrature.points.iter();
    if !before.followed {
        products.iter_mut().zip(above).for_each(|(product, above)| *product = above * cover);
    } else if after.followed {
        for ((product, above), t) in products.iter_mut().zip(above).zip(points) {
            *product = above * (t + (1.0 - t) * after.share) / (t + (1.0 - t) * before.share);
        }
    } else {
        for ((product, above), t) in products.iter_mut().zip(above).zip(points) {
            *product = above * ((1.0 - t) * after.share) / (t + (1.0 - t) * before.share);
        }
    }
}

/// Adds what is below a child to the sums of its parent; returns what that gives the parent's feature: the change by the
/// cut of `(o - z) / (t·o + (1 - t)·z)`, which is `-1 / (1 - t)` where the row does not follow.
fn gained(frame: &Frame, below: &[f64], sums: &mut [f64], quadrature: &Quadrature) -> f64 {
    sums.iter_mut().zip(below).for_each(|(sum, below)| *sum += below);
    let (before, after) = (frame.before, frame.after);
    if !before.followed {
        return 0.0;
    }
    let at_points = below.iter().zip(&quadrature.points).zip(&quadrature.weights);
    let mut total = 0.0;
    for ((below, t), weight) in at_points {
        let ratio = |share: f64| (1.0 - share) / (t + (1.0 - t) * share);
        let now = if after.followed { ratio(after.share) } else { -1.0 / (1.0 - t) };
        total += weight * below * (now - ratio(before.share));
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::learn::boosting::Boosting;
    use crate::engine::learn::forest::Forest;
    use crate::engine::learn::trees::Target;
    use crate::engine::rng::Rng;
    use ndarray::Array2;

    #[test]
    fn quadratures_are_exact_up_to_their_degree() {
        for n in [2, 4, 6, 10, 32, 64] {
            let quadrature = Quadrature::new(n);
            for degree in 0..2 * n as i32 {
                let terms =
                    quadrature.points.iter().zip(&quadrature.weights).map(|(t, w)| w * t.powi(degree));
                let (integral, exact) = (terms.sum::<f64>(), 1.0 / f64::from(degree + 1));
                assert!((integral - exact).abs() < 1e-14, "{n} points, degree {degree}: {integral}");
            }
        }
    }

    /// What a tree gives for a row of which only the features in the set `known` (a bit each) are known.
    fn expectation(one: &OneTree<'_>, place: usize, known: u32) -> f64 {
        let node = one.trees.nodes()[place];
        if node.is_leaf() {
            return one.trees.leaf_value(one.tree, node, one.output);
        }
        if known >> node.feature() & 1 == 1 {
            return expectation(one, node.next(one.row), known);
        }
        let cover = |is_right: bool| one.trees.covers()[node.left() + usize::from(is_right)];
        let of =
            |is_right: bool| cover(is_right) * expectation(one, node.left() + usize::from(is_right), known);
        (of(false) + of(true)) / (cover(false) + cover(true))
    }

    /// Shapley values by their definition, over all subsets.
    fn shapley_values(trees: &Trees, output: usize, row: &[f64]) -> Vec<f64> {
        let n = row.len() as u32;
        let factorial = |k: u32| (1..=k).map(f64::from).product::<f64>();
        let value = |known: u32| -> f64 {
            let of_trees = trees
                .roots()
                .enumerate()
                .map(|(tree, root)| expectation(&OneTree { trees, tree, output, row }, root, known));
            of_trees.sum()
        };
        let values: Vec<f64> = (0..1 << n).map(value).collect();
        let share = |feature: u32| {
            let without = (0..1u32 << n).filter(|known| known >> feature & 1 == 0);
            let terms = without.map(|known| {
                let size = known.count_ones();
                let weight = factorial(size) * factorial(n - size - 1) / factorial(n);
                weight * (values[(known | 1 << feature) as usize] - values[known as usize])
            });
            terms.sum()
        };
        (0..n).map(share).collect()
    }

    fn shares_are_shapley_values(trees: &Trees, rows: &Array2<f64>) {
        for output in 0..trees.n_outputs() {
            let mut explainer = Explainer::new(trees, output, 0.0, 1.0);
            let mut shares = vec![0.0; rows.ncols()];
            for row in rows.outer_iter().take(6) {
                explainer.contributions(row, &mut shares);
                let expected = shapley_values(trees, output, &row.to_vec());
                for (ours, exact) in shares.iter().zip(&expected) {
                    assert!((ours - exact).abs() < 1e-12, "{shares:?} are not {expected:?}");
                }
                let sum = explainer.base() + shares.iter().sum::<f64>();
                assert!((sum - trees.sums(row)[output]).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn shares_equal_shapley_values_over_all_subsets() {
        let mut rng = Rng::new(3);
        for n_features in [1, 2, 5, 9] {
            let mut rows = Array2::from_shape_fn((250, n_features), |_| (3.0 * rng.normal()).round());
            rows[[1, 0]] = f64::NAN;
            let values: Vec<f64> = (0..250).map(|_| rng.normal()).collect();
            let classes: Vec<u32> = (0..250).map(|row| row % 3).collect();
            let classes = Target::Classes { classes: &classes, n_classes: 3 };
            for target in [Target::Values(&values), classes] {
                let forest = Forest::params().trees(2).fit(rows.view(), target, None).unwrap();
                shares_are_shapley_values(forest.trees(), &rows);
                let boosting = Boosting::params().trees(2).max_depth(5).min_child_weight(0.0);
                let boosting = boosting.fit(rows.view(), target, None).unwrap();
                shares_are_shapley_values(boosting.trees(), &rows);
            }
        }
    }

    #[test]
    fn a_chain_as_deep_as_its_rows_is_explained() {
        // Each cut sets the largest row apart: a tree of 3,000 levels.
        let rows = Array2::from_shape_fn((3_000, 1), |(row, _)| row as f64);
        let target: Vec<f64> = (0..3_000).map(|row| 1.01_f64.powi(row)).collect();
        let forest = Forest::params().trees(1).fit(rows.view(), Target::Values(&target), None).unwrap();
        let mut explainer = forest.explainer(0);
        let mut shares = [0.0];
        explainer.contributions(rows.row(2_999), &mut shares);
        let mut output = [0.0];
        forest.outputs(rows.slice(ndarray::s![2_999.., ..]), &mut output);
        assert!(((explainer.base() + shares[0]) / output[0] - 1.0).abs() < 1e-12);
    }
}
