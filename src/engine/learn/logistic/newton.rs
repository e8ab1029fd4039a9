//! From point to point: Newton's steps, shortened where they overshoot.
//!
//! Near the minimum the Hessian hardly changes from point to point, while it is most of what a pass costs. So once steps
//! are small, the last one known is kept, and corrected by how the gradient has changed since (the update of Broyden,
//! Fletcher, Goldfarb and Shanno; Nocedal and Wright 2006, equation 6.19).

use super::pass::{Pass, dot};
use super::{Params, Penalty};
use crate::engine::error::{Error, Result};

/// Passes before the fit is given up. Ten are usual, forty already extreme.
const MAX_PASSES: usize = 200;
/// The fit has converged when a full step by the true Hessian moves no value by more than this, relative to the largest one
/// (at least 1): the step after it would be about as small as this is squared.
const TOLERANCE: f64 = 1e-7;
/// Or when the step after it would move none by more than this, as the last two tell: by true Hessians each is as large as
/// the square of the one before times some number, else at most as the one before times a number. That saves the pass that
/// would find it so.
const NEXT_TOLERANCE: f64 = 1e-12;
/// The Hessian is kept after a step that moves no value by more than this, relative to the largest one, and while each step
/// is at most so many times the one before.
const KEPT_WITHIN: f64 = 0.03;
const KEPT_WHILE: f64 = 0.1;
/// The same where the point is only where another minimisation begins, and the passes after which it is given up.
const ROUGH_TOLERANCE: f64 = 1e-2;
const ROUGH_PASSES: usize = 12;
/// Where a step promises less than this part of the objective, differences of the objective are mostly rounding, and
/// the point is so close to the minimum that a full step is right.
const CLOSE: f64 = 1e-9;
/// A mean loss below which a plane separates the classes: without a penalty it falls for ever.
const SEPARATED: f64 = 1e-7;
/// Added to the Hessian's diagonal, relative to it: columns that say the same share their coefficient then.
const DAMPING: f64 = 1e-10;

/// A minimisation under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Newton {
    params: Params,
    /// Whether the minimum is that of a part of the rows, to begin from.
    is_rough: bool,
    /// Where the last pass that was accepted was.
    accepted: Option<Accepted>,
    /// Of the loss where the last pass was, or about that.
    hessian: Vec<f64>,
    passes: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct Accepted {
    point: Vec<f64>,
    value: f64,
    /// Of the loss.
    gradient: Vec<f64>,
    /// To be added to the point, times `length`.
    step: Vec<f64>,
    /// How much it moves a value at most, relative to the largest one.
    moved: f64,
    length: f64,
    /// What a full step promises.
    decrease: f64,
}

/// What a pass leads to.
pub(super) enum Next {
    /// Another pass, there.
    At {
        /// Coefficients, then the intercept.
        point: Vec<f64>,
        /// Whether it has to tell the Hessian.
        wants_hessian: bool,
    },
    /// The minimum.
    Found {
        /// Coefficients, then the intercept.
        point: Vec<f64>,
        /// Passes that it took.
        passes: usize,
    },
}

impl Newton {
    pub(super) fn new(params: Params) -> Newton {
        Newton { params, is_rough: false, accepted: None, hessian: Vec::new(), passes: 0 }
    }

    /// About the same minimum by one of `stride` rows, each of which counts for as many.
    pub(super) fn rough(params: Params, stride: usize) -> Newton {
        let params = params.c(params.c * stride as f64);
        Newton { is_rough: true, ..Newton::new(params) }
    }

    pub(super) fn is_rough(&self) -> bool {
        self.is_rough
    }

    pub(super) fn n_passes(&self) -> usize {
        self.passes
    }

    /// Decides after a whole pass over rows of this total weight.
    pub(super) fn take(&mut self, pass: &mut Pass, total_weight: f64) -> Result<Next> {
        self.passes += 1;
        let point = pass.point().to_vec();
        let c = self.params.c;
        let value = c * pass.loss() + self.penalty(&point);
        if !(value.is_finite() && pass.gradient.iter().chain(&pass.hessian).all(|x| x.is_finite())) {
            return Err(Error::parameter("rows", "standardised features", "values too large to be summed"));
        }
        if self.params.penalty == Penalty::None && pass.loss() < SEPARATED * total_weight {
            return Err(Error::parameter(
                "penalty",
                "l2 or l1: the features tell the classes apart without an error, and then only a penalty limits the \
                 coefficients",
                "none",
            ));
        }
        if self.passes > if self.is_rough { ROUGH_PASSES } else { MAX_PASSES } {
            return Err(Error::parameter(
                "c",
                &format!("a penalty under which the fit converges in {MAX_PASSES} passes; try a smaller c"),
                c,
            ));
        }
        if let Some(accepted) = &mut self.accepted {
            let is_close = accepted.decrease <= CLOSE * accepted.value;
            let wanted = accepted.value - 1e-4 * accepted.length * accepted.decrease;
            if !is_close && value > wanted && accepted.length > 1e-12 {
                accepted.length /= 2.0;
                return Ok(Next::At { point: accepted.next(), wants_hessian: true });
            }
        }
        let is_newton = !pass.hessian.is_empty();
        if is_newton {
            self.hessian = std::mem::take(&mut pass.hessian);
        } else if let Some(before) = &self.accepted {
            let differences =
                |to: &[f64], from: &[f64]| to.iter().zip(from).map(|(to, from)| to - from).collect();
            correct(
                &mut self.hessian,
                differences(&point, &before.point),
                differences(&pass.gradient, &before.gradient),
            );
        }
        let (step, decrease) = self.step(pass);
        let mut accepted = Accepted {
            point,
            value,
            gradient: pass.gradient.clone(),
            length: 1.0,
            decrease,
            step,
            moved: 0.0,
        };
        let next = accepted.next();
        let is_close = decrease <= CLOSE * value.max(f64::MIN_POSITIVE);
        let moved = largest(&accepted.step) / largest(&next).max(1.0);
        let before = self.accepted.as_ref().filter(|before| before.length == 1.0);
        let shrinks = before.map_or(f64::INFINITY, |before| moved / before.moved);
        let next_shrinks = if is_newton { shrinks * shrinks } else { shrinks };
        let is_small = (is_newton && moved <= TOLERANCE) || moved * next_shrinks <= NEXT_TOLERANCE;
        let is_found = if self.is_rough { moved <= ROUGH_TOLERANCE } else { is_close && is_small };
        if is_found {
            return Ok(Next::Found { point: next, passes: self.passes });
        }
        accepted.moved = moved;
        self.accepted = Some(accepted);
        let wants_hessian = moved > KEPT_WITHIN || (!is_newton && shrinks > KEPT_WHILE);
        Ok(Next::At { point: next, wants_hessian })
    }

    /// The penalty of a point, whose last value is the intercept.
    fn penalty(&self, point: &[f64]) -> f64 {
        let coefficients = &point[..point.len() - 1];
        match self.params.penalty {
            Penalty::L2 => coefficients.iter().map(|w| w * w).sum::<f64>() / 2.0,
            Penalty::L1 => coefficients.iter().map(|w| w.abs()).sum(),
            Penalty::None => 0.0,
        }
    }

    /// The step to the minimum of the quadratic model, and what it promises.
    fn step(&self, pass: &Pass) -> (Vec<f64>, f64) {
        let (point, n) = (pass.point(), pass.point().len());
        let mut gradient: Vec<f64> = pass.gradient.iter().map(|g| self.params.c * g).collect();
        let mut hessian: Vec<f64> = self.hessian.iter().map(|h| self.params.c * h).collect();
        match self.params.penalty {
            Penalty::L1 => return absolute_step(point, &gradient, &hessian),
            Penalty::L2 => {
                for i in 0..n - 1 {
                    gradient[i] += point[i];
                    hessian[i * n + i] += 1.0;
                }
            }
            Penalty::None => (0..n).for_each(|i| hessian[i * n + i] *= 1.0 + DAMPING),
        }
        let step: Vec<f64> = solve(hessian, &gradient).iter().map(|s| -s).collect();
        let decrease = -step.iter().zip(&gradient).map(|(s, g)| s * g).sum::<f64>();
        (step, decrease)
    }
}

impl Accepted {
    fn next(&self) -> Vec<f64> {
        self.point.iter().zip(&self.step).map(|(x, s)| x + self.length * s).collect()
    }
}

/// Changes a Hessian (lower triangle of the full square) as little as it takes to tell the change of the gradient over a
/// step.
fn correct(hessian: &mut [f64], step: Vec<f64>, change: Vec<f64>) {
    let n = step.len();
    let told: Vec<f64> = (0..n).map(|i| (0..n).map(|j| entry(hessian, n, i, j) * step[j]).sum()).collect();
    let (true_curvature, curvature) = (dot(&step, &change), dot(&step, &told));
    // Both are above 0 but for rounding.
    if true_curvature > 0.0 && curvature > 0.0 {
        for i in 0..n {
            for j in 0..=i {
                hessian[i * n + j] += change[i] * change[j] / true_curvature - told[i] * told[j] / curvature;
            }
        }
    }
}

/// An entry of a symmetric matrix that is there as the lower triangle of the full square.
fn entry(matrix: &[f64], n: usize, i: usize, j: usize) -> f64 {
    if j <= i { matrix[i * n + j] } else { matrix[j * n + i] }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| value.abs().max(largest))
}

/// The minimum of the quadratic model plus the magnitudes of all coefficients but the intercept, by coordinate descent.
fn absolute_step(point: &[f64], gradient: &[f64], hessian: &[f64]) -> (Vec<f64>, f64) {
    /// Rounds over the coordinates, at most; what is left then the next step corrects.
    const MAX_ROUNDS: usize = 1_000;
    let n = point.len();
    let entry = |i: usize, j: usize| entry(hessian, n, i, j);
    let mut step = vec![0.0; n];
    // The quadratic model's gradient where the step has come to.
    let mut slope = gradient.to_vec();
    for _ in 0..MAX_ROUNDS {
        let mut moved = 0.0_f64;
        for j in 0..n {
            let curvature = entry(j, j);
            if curvature <= f64::MIN_POSITIVE {
                continue;
            }
            let at = point[j] + step[j];
            let free = at - slope[j] / curvature;
            let next = match j + 1 == n {
                true => free,
                false => (free.abs() - 1.0 / curvature).max(0.0).copysign(free),
            };
            let change = next - at;
            if change != 0.0 {
                step[j] += change;
                slope.iter_mut().enumerate().for_each(|(i, slope)| *slope += change * entry(i, j));
                moved = moved.max(change.abs());
            }
        }
        if moved <= 1e-13 * largest(point).max(1.0) {
            break;
        }
    }
    let magnitudes = |values: &mut dyn Iterator<Item = f64>| values.take(n - 1).map(f64::abs).sum::<f64>();
    let change =
        magnitudes(&mut point.iter().zip(&step).map(|(x, s)| x + s)) - magnitudes(&mut point.iter().copied());
    let decrease = -(gradient.iter().zip(&step).map(|(g, s)| g * s).sum::<f64>() + change);
    (step, decrease.max(0.0))
}

/// Solves `A x = b` for a symmetric positive definite `A` (lower triangle of the full square) by Cholesky
/// decomposition. A pivot that rounding has made 0 or negative (the intercept's, where all rows are far on the right
/// side) is raised to the smallest that the other entries allow.
fn solve(mut a: Vec<f64>, b: &[f64]) -> Vec<f64> {
    let n = b.len();
    for j in 0..n {
        let diagonal = a[j * n + j];
        let reduced = diagonal - (0..j).map(|k| a[j * n + k] * a[j * n + k]).sum::<f64>();
        let least = (diagonal * f64::EPSILON).max(f64::MIN_POSITIVE);
        let pivot = reduced.max(least).sqrt();
        a[j * n + j] = pivot;
        for i in j + 1..n {
            let (above, below) = a.split_at_mut(i * n);
            let of_both = dot(&above[j * n..j * n + j], &below[..j]);
            below[j] = (below[j] - of_both) / pivot;
        }
    }
    let mut x = b.to_vec();
    for i in 0..n {
        let known: f64 = (0..i).map(|k| a[i * n + k] * x[k]).sum();
        x[i] = (x[i] - known) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| a[k * n + i] * x[k]).sum();
        x[i] = (x[i] - known) / a[i * n + i];
    }
    x
}
