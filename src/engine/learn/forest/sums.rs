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

impl Layout {
    /// Numbers of a sum: the weight, then that of each class, or weight times target.
    pub(super) fn width(self) -> usize {
        1 + self.n_classes.max(1)
    }

    /// Numbers of a leaf: shares of classes, or the mean.
    pub(super) fn leaf_width(self) -> usize {
        self.width() - 1
    }

    /// Adds a row.
    #[inline(always)]
    pub(super) fn add(self, sum: &mut [f64], weight: f64, target: f64) {
        sum[0] += weight;
        if self.n_classes == 0 {
            sum[1] += weight * target;
        } else {
            sum[1 + target as usize] += weight;
        }
    }
}

/// What of a sum counts for impurity: `Σ_k S_k² / W`.
#[inline(always)]
pub(super) fn worth(sum: &[f64]) -> f64 {
    sum[1..].iter().map(|s| s * s).sum::<f64>() / sum[0]
}

/// What of `total` is not in `part`.
#[inline(always)]
pub(super) fn difference(total: &[f64], part: &[f64], rest: &mut [f64]) {
    for ((rest, total), part) in rest.iter_mut().zip(total).zip(part) {
        *rest = total - part;
    }
}
