//! One pass over the rows, or over every so manieth of them: loss, gradient and Hessian at a point.
//!
//! Rows are taken in groups of eight. Their parts of the Hessian are added to it together, so that an entry is read and
//! written once for eight products; and the logarithms of the loss become one of a product. Groups begin at the first
//! row whatever the steps of the caller, so sums have the same bits.

use crate::engine::math::{exp_of_negatives, ln};
use ndarray::ArrayView2;

/// Rows of a group.
const GROUP: usize = 8;
/// Rows between two logarithms: factors are at most 2, and 2^1024 is the end of numbers.
const ROWS_PER_LOGARITHM: usize = 512;
/// Below this, `ln(1 + e)` is its series.
const SMALL: f64 = 1e-3;

/// A pass under way, over the classes of one part: `class` against all others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pass {
    /// Coefficients, then the intercept.
    point: Vec<f64>,
    class: u32,
    /// Every so manieth row is looked at, from the first.
    stride: usize,
    /// Rows looked at.
    next: usize,
    /// `Σ sᵢ log(1 + exp(-yᵢ mᵢ))` but for the products.
    loss: f64,
    /// By class, what is left to take the logarithm of.
    products: Vec<f64>,
    /// Of the loss, by place in the point.
    pub gradient: Vec<f64>,
    /// Of the loss: the lower triangle, row by row over the full square.
    pub hessian: Vec<f64>,
    /// Rows of a group, each followed by a 1.
    extended: Vec<f64>,
}

impl Pass {
    pub(super) fn new(point: Vec<f64>, class: u32, n_classes: usize, stride: usize) -> Pass {
        let n = point.len();
        Pass {
            class,
            stride,
            next: 0,
            loss: 0.0,
            products: vec![1.0; n_classes],
            gradient: vec![0.0; n],
            hessian: vec![0.0; n * n],
            extended: vec![1.0; GROUP * n],
            point,
        }
    }

    pub(super) fn point(&self) -> &[f64] {
        &self.point
    }

    pub(super) fn n_rows_done(&self) -> usize {
        self.next
    }

    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// Goes on with about so many rows; whether all are done.
    pub(super) fn advance(
        &mut self,
        rows: ArrayView2<'_, f64>,
        classes: &[u32],
        weights: &[f64],
        n_rows: usize,
    ) -> bool {
        let all = rows.nrows().div_ceil(self.stride);
        let end = self.next.saturating_add(n_rows.next_multiple_of(GROUP)).min(all);
        while self.next < end {
            let to = (self.next + GROUP).min(all);
            self.add_group(rows, classes, weights, to);
            self.next = to;
            if to.is_multiple_of(ROWS_PER_LOGARITHM) || to == all {
                for (product, weight) in self.products.iter_mut().zip(weights) {
                    self.loss += weight * ln(*product);
                    *product = 1.0;
                }
            }
        }
        self.next == all
    }

    /// The loss, once all rows are done.
    pub(super) fn loss(&self) -> f64 {
        self.loss
    }

    fn add_group(&mut self, rows: ArrayView2<'_, f64>, classes: &[u32], weights: &[f64], to: usize) {
        let n = self.point.len();
        // How far each margin is on the wrong side, and `e` to minus its magnitude.
        let (mut wrongs, mut exponentials) = ([0.0; GROUP], [0.0; GROUP]);
        for (place, row) in (self.next..to).map(|next| next * self.stride).enumerate() {
            let extended = &mut self.extended[place * n..(place + 1) * n];
            let values = rows.row(row);
            match values.as_slice() {
                Some(values) => extended[..n - 1].copy_from_slice(values),
                None => extended.iter_mut().zip(values).for_each(|(to, from)| *to = *from),
            }
            let margin = dot(extended, &self.point);
            wrongs[place] = if classes[row] == self.class { -margin } else { margin };
            exponentials[place] = -wrongs[place].abs();
        }
        exp_of_negatives(&mut exponentials);
        // Rows that a last group lacks count nothing; what is left of those before is finite.
        let mut curvatures = [0.0; GROUP];
        for (place, row) in (self.next..to).map(|next| next * self.stride).enumerate() {
            let class = classes[row] as usize;
            let weight = weights[class];
            let (wrong, e) = (wrongs[place], exponentials[place]);
            // `log(1 + e^wrong)`.
            self.loss += weight * wrong.max(0.0);
            if e < SMALL {
                self.loss += weight * e * (1.0 - e * (0.5 - e * (1.0 / 3.0 - e * 0.25)));
            } else {
                self.products[class] *= 1.0 + e;
            }
            let (near, far) = (1.0 / (1.0 + e), e / (1.0 + e));
            let chance_of_wrong = if wrong >= 0.0 { near } else { far };
            let residual =
                weight * if classes[row] == self.class { -chance_of_wrong } else { chance_of_wrong };
            let extended = &self.extended[place * n..(place + 1) * n];
            self.gradient.iter_mut().zip(extended).for_each(|(g, x)| *g += residual * x);
            curvatures[place] = weight * near * far;
        }
        add_products(&mut self.hessian, &self.extended, &curvatures, n);
    }
}

/// Adds `Σ_r curvature_r x_r x_rᵀ`, lower triangle, of rows of `n` values.
fn add_products(hessian: &mut [f64], rows: &[f64], curvatures: &[f64; GROUP], n: usize) {
    let row = |r: usize| &rows[r * n..(r + 1) * n];
    let rows: [&[f64]; GROUP] = std::array::from_fn(row);
    for i in 0..n {
        let entries = &mut hessian[i * n..i * n + i + 1];
        let f: [f64; GROUP] = std::array::from_fn(|r| curvatures[r] * rows[r][i]);
        let x: [&[f64]; GROUP] = std::array::from_fn(|r| &rows[r][..entries.len()]);
        for (j, entry) in entries.iter_mut().enumerate() {
            let first = (f[0] * x[0][j] + f[1] * x[1][j]) + (f[2] * x[2][j] + f[3] * x[3][j]);
            let second = (f[4] * x[4][j] + f[5] * x[5][j]) + (f[6] * x[6][j] + f[7] * x[7][j]);
            *entry += first + second;
        }
    }
}

/// A dot product in four sums, which a processor adds side by side.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a4.remainder().iter().zip(b4.remainder()).map(|(x, y)| x * y).sum();
    let mut sums = [0.0; 4];
    for (a, b) in a4.zip(b4) {
        for k in 0..4 {
            sums[k] += a[k] * b[k];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
