//! Sums of a node, and what a cut of it is worth.
//!
//! One measure serves all targets. With weights `w` and sums `S_k` of output `k`, cutting a node lowers its impurity,
//! times its weight, by `Σ_k S_kL²/W_L + Σ_k S_kR²/W_R - Σ_k S_k²/W`: for values that is the sum of squares
//! explained; for classes, with a 1 for a row's class and 0 for the others, the fall of the Gini index. Of two classes
//! one is enough, since both change alike (the index is twice its variance).

/// How rows are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Classes that have a sum each; 0 where weight times target is summed.
    pub(super) n_classes: usize,
}

/// Where a sum has weights, number of rows, and the first output.
pub(super) const WEIGHT: usize = 0;
const ROWS: usize = 1;
pub(super) const OUTPUTS: usize = 2;

/// A row's weight, and its class or weight times target.
pub(super) type Pair = [f64; 2];

impl Layout {
    /// Numbers of a sum: the weight, the number of rows, then the weight of each class, or weight times target.
    pub(super) fn width(self) -> usize {
        OUTPUTS + self.leaf_width()
    }

    /// Numbers of a leaf: shares of classes, or the mean.
    pub(super) fn leaf_width(self) -> usize {
        self.n_classes.max(1)
    }

    /// What is summed of a row.
    #[inline(always)]
    pub(super) fn pair(self, weight: f64, target: f64) -> Pair {
        [weight, if self.n_classes == 0 { weight * target } else { target }]
    }

    /// Adds a row.
    #[inline(always)]
    pub(super) fn add(self, sum: &mut [f64], [weight, target]: Pair) {
        sum[WEIGHT] += weight;
        sum[ROWS] += 1.0;
        if self.n_classes == 0 {
            sum[OUTPUTS] += target;
        } else {
            sum[OUTPUTS + target as usize] += weight;
        }
    }
}

/// What of a sum counts for impurity: `Σ_k S_k² / W`.
#[inline(always)]
pub(super) fn worth(sum: &[f64]) -> f64 {
    sum[OUTPUTS..].iter().map(|s| s * s).sum::<f64>() / sum[WEIGHT]
}

/// Sums of what is on the left of a cut, which moves along the bins: an array where a sum has three numbers, which stay in
/// registers then, else a vector.
pub(super) trait Left {
    fn zero(width: usize) -> Self;

    fn sum(&mut self) -> &mut [f64];

    #[inline(always)]
    fn add(&mut self, cell: &[f64]) {
        self.sum().iter_mut().zip(cell).for_each(|(sum, cell)| *sum += cell);
    }

    /// Number of rows.
    #[inline(always)]
    fn n_rows(&mut self) -> f64 {
        self.sum()[ROWS]
    }

    /// What counts for impurity on both sides of the cut, where `total` is the sum of both.
    #[inline(always)]
    fn worth(&mut self, total: &[f64]) -> f64 {
        let left = self.sum();
        let right = left[OUTPUTS..].iter().zip(&total[OUTPUTS..]).map(|(left, total)| total - left);
        let right = right.map(|s| s * s).sum::<f64>() / (total[WEIGHT] - left[WEIGHT]);
        worth(left) + right
    }
}

impl Left for [f64; 3] {
    fn zero(_width: usize) -> Self {
        [0.0; 3]
    }

    #[inline(always)]
    fn sum(&mut self) -> &mut [f64] {
        self
    }
}

impl Left for Vec<f64> {
    fn zero(width: usize) -> Self {
        vec![0.0; width]
    }

    #[inline(always)]
    fn sum(&mut self) -> &mut [f64] {
        self
    }
}
