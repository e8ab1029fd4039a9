//! One pass over the rows, or over every so manieth of them: loss, gradient and, where it is wanted, Hessian at a point.
//!
//! Rows are taken in groups of eight, side by side. Their parts of gradient and Hessian are added together, so that an entry
//! is read and written once for eight products; and the logarithms of the loss become one of a product. Groups begin at the
//! first row whatever the steps of the caller, so sums have the same bits.

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
    /// By class and place in a group, what is left to take the logarithm of.
    products: Vec<[f64; GROUP]>,
    /// Of the loss, by place in the point.
    pub gradient: Vec<f64>,
    /// Of the loss: the lower triangle, row by row over the full square; empty where it is not wanted.
    pub hessian: Vec<f64>,
}

impl Pass {
    /// `wants_hessian`: without it a pass takes less than half the time.
    pub(super) fn new(
        point: Vec<f64>,
        class: u32,
        n_classes: usize,
        stride: usize,
        wants_hessian: bool,
    ) -> Pass {
        let n = point.len();
        Pass {
            class,
            stride,
            next: 0,
            loss: 0.0,
            products: vec![[1.0; GROUP]; n_classes],
            gradient: vec![0.0; n],
            hessian: vec![0.0; if wants_hessian { n * n } else { 0 }],
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
        let rows = rows.as_standard_layout();
        let rows = rows.as_slice().unwrap_or_default();
        while self.next < end {
            let to = (self.next + GROUP).min(all);
            self.add_group(rows, classes, weights, to);
            self.next = to;
            if to.is_multiple_of(ROWS_PER_LOGARITHM) || to == all {
                for (products, weight) in self.products.iter_mut().zip(weights) {
                    self.loss += weight * ln(products.iter().product());
                    *products = [1.0; GROUP];
                }
            }
        }
        self.next == all
    }

    /// The loss, once all rows are done.
    pub(super) fn loss(&self) -> f64 {
        self.loss
    }

    /// Adds the rows up to this one of those looked at, a group at most.
    fn add_group(&mut self, rows: &[f64], classes: &[u32], weights: &[f64], to: usize) {
        let n = self.point.len() - 1;
        let (coefficients, intercept) = (&self.point[..n], self.point[n]);
        let n_rows = to - self.next;
        let places: [usize; GROUP] =
            // Rows that a last group lacks are its first, and weigh nothing.
            std::array::from_fn(|k| self.stride * (self.next + if k < n_rows { k } else { 0 }));
        let x = places.map(|row| &rows[row * n..(row + 1) * n]);
        let class = places.map(|row| classes[row] as usize);
        let weight: [f64; GROUP] = std::array::from_fn(|k| if k < n_rows { weights[class[k]] } else { 0.0 });
        let side = class.map(|class| if class == self.class as usize { -1.0 } else { 1.0 });
        // How far each margin is on the wrong side, and `e` to minus its magnitude.
        let wrong: [f64; GROUP] = std::array::from_fn(|k| side[k] * (dot(x[k], coefficients) + intercept));
        let mut e = wrong.map(|wrong| -wrong.abs());
        exp_of_negatives(&mut e);
        let near = e.map(|e| 1.0 / (1.0 + e));
        let residual: [f64; GROUP] = std::array::from_fn(|k| {
            weight[k] * side[k] * if wrong[k] >= 0.0 { near[k] } else { e[k] * near[k] }
        });
        let curvature: [f64; GROUP] = std::array::from_fn(|k| weight[k] * near[k] * (e[k] * near[k]));
        // `log(1 + e^wrong)`: `wrong` where that is above 0, and `log(1 + e)`.
        let loss: [f64; GROUP] = std::array::from_fn(|k| {
            let series = e[k] * (1.0 - e[k] * (0.5 - e[k] * (1.0 / 3.0 - e[k] * 0.25)));
            let above = if wrong[k] > 0.0 { wrong[k] } else { 0.0 };
            weight[k] * (above + if e[k] < SMALL { series } else { 0.0 })
        });
        self.loss += sum(loss);
        for k in 0..n_rows {
            self.products[class[k]][k] *= if e[k] < SMALL { 1.0 } else { 1.0 + e[k] };
        }
        add_multiples(&mut self.gradient[..n], &residual, x);
        self.gradient[n] += sum(residual);
        // The lower triangle of `Σ curvature x xᵀ`; last that of the intercept, whose `x` is 1.
        for (i, entries) in self.hessian.chunks_exact_mut(n + 1).enumerate() {
            if i < n {
                let factors = std::array::from_fn(|k| curvature[k] * x[k][i]);
                add_multiples(&mut entries[..=i], &factors, x);
            } else {
                add_multiples(&mut entries[..n], &curvature, x);
                entries[n] += sum(curvature);
            }
        }
    }
}

fn sum(f: [f64; GROUP]) -> f64 {
    ((f[0] + f[1]) + (f[2] + f[3])) + ((f[4] + f[5]) + (f[6] + f[7]))
}

/// Adds so many times each row to as many sums as there are: four at once, as many as a processor has names for.
#[inline]
fn add_multiples(sums: &mut [f64], factors: &[f64; GROUP], rows: [&[f64]; GROUP]) {
    for (f, x) in factors.chunks_exact(4).zip(rows.chunks_exact(4)) {
        let x: [&[f64]; 4] = std::array::from_fn(|k| &x[k][..sums.len()]);
        for (j, sum) in sums.iter_mut().enumerate() {
            *sum += (f[0] * x[0][j] + f[1] * x[1][j]) + (f[2] * x[2][j] + f[3] * x[3][j]);
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
