//! Logistic regression: the chance that a row is abnormal as a smooth step of a weighted sum of its features.
//!
//! The objective is scikit-learn's, `C · Σ log(1 + exp(-yᵢ (w·xᵢ + b))) + ‖w‖² / 2` with `y` in `{-1, 1}` and the
//! intercept `b` not penalised. It is convex with one minimum as soon as both classes are there, even where a plane
//! separates them, and Newton's method with a line search goes to it in about ten steps; for the few dozen features
//! of a behaviour matrix the system of equations of a step costs next to nothing, so no approximation is needed.

use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::math::{exp, ln_1p};
use ndarray::{ArrayView1, ArrayView2};

/// Newton steps before the fit is given up. Ten is usual, forty already extreme.
const MAX_STEPS: usize = 200;

/// The fit has converged when a step moves no value by more than this, relative to the largest one (at least 1).
const TOLERANCE: f64 = 1e-10;

/// Where a step promises less than this part of the objective, differences of the objective are mostly rounding, and
/// the point is so close to the minimum that Newton's full step is right.
const CLOSE: f64 = 1e-9;

/// Parameters of a [`LogisticRegression`], from [`LogisticRegression::params`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    c: f64,
}

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticRegression {
    /// One per feature.
    pub coefficients: Vec<f64>,
    /// Constant term.
    pub intercept: f64,
    /// Newton steps to convergence.
    pub iterations: usize,
}

impl Default for Params {
    fn default() -> Self {
        Params { c: 1.0 }
    }
}

impl Params {
    /// Inverse strength of the L2 penalty, above 0. Default 1.
    pub fn c(self, c: f64) -> Self {
        Params { c }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// `parameter` when `c` is not a finite number above 0.
    pub fn check(&self) -> Result<()> {
        if self.c > 0.0 && self.c.is_finite() {
            Ok(())
        } else {
            Err(Error::parameter("c", "a finite number above 0", self.c))
        }
    }

    /// Fits to rows (rows x features, standardised) and their labels, true for abnormal.
    ///
    /// # Errors
    /// `parameter` of [`Params::check`], or when values are not finite or too large to be summed; `labels` when there
    /// is not one per row or only one class.
    pub fn fit(&self, rows: ArrayView2<'_, f64>, labels: &[bool]) -> Result<LogisticRegression> {
        self.check()?;
        check_labels(rows.nrows(), labels)?;
        let problem = Problem { rows, labels, c: self.c };
        let mut point = vec![0.0; rows.ncols() + 1];
        let mut value = problem.objective(&point);
        for iterations in 1..=MAX_STEPS {
            let (gradient, hessian) = problem.derivatives(&point);
            if !gradient.iter().chain(&hessian).all(|x| x.is_finite()) {
                return Err(Error::parameter(
                    "rows",
                    "standardised features",
                    "values too large to be summed",
                ));
            }
            let step = solve(hessian, &gradient);
            let decrease: f64 = step.iter().zip(&gradient).map(|(s, g)| s * g).sum();
            if decrease > CLOSE * value {
                let Some(next) = problem.line_search(&point, value, &step, decrease) else { break };
                (point, value) = next;
                continue;
            }
            point = moved(&point, &step, 1.0);
            value = problem.objective(&point);
            if largest(&step) <= TOLERANCE * largest(&point).max(1.0) {
                let intercept = point.pop().unwrap_or_default();
                return Ok(LogisticRegression { coefficients: point, intercept, iterations });
            }
        }
        Err(Error::parameter(
            "c",
            &format!("a penalty under which the fit converges in {MAX_STEPS} steps; try a smaller one"),
            self.c,
        ))
    }
}

fn check_labels(n_rows: usize, labels: &[bool]) -> Result<()> {
    let n_abnormal = labels.iter().filter(|&&label| label).count();
    let message = if labels.len() != n_rows {
        format!("there are {} labels for {n_rows} rows; give exactly one label per row", labels.len())
    } else if n_abnormal == 0 {
        format!(
            "all {n_rows} rows to learn from are labelled normal; learning needs rows of both kinds: \
             lower the threshold or choose another label column"
        )
    } else if n_abnormal == n_rows {
        format!(
            "all {n_rows} rows to learn from are labelled abnormal; learning needs rows of both kinds: \
             raise the threshold or choose another label column"
        )
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Labels { message }))
}

impl LogisticRegression {
    /// Parameters with their defaults, to be changed and then [fitted](Params::fit).
    pub fn params() -> Params {
        Params::default()
    }

    /// The probability of being abnormal, one per row (rows x features).
    ///
    /// # Panics
    /// If the rows do not have the features that were learned from.
    pub fn probabilities(&self, rows: ArrayView2<'_, f64>) -> Vec<f64> {
        assert_eq!(rows.ncols(), self.coefficients.len(), "features of the rows");
        rows.outer_iter().map(|row| sigmoid(margin(row, &self.coefficients) + self.intercept)).collect()
    }
}

/// `1 / (1 + e^-x)` without overflow.
fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let e = exp(x);
        e / (1.0 + e)
    }
}

/// `log(1 + e^x)` without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + ln_1p(exp(-x.abs()))
}

fn margin(row: ArrayView1<'_, f64>, coefficients: &[f64]) -> f64 {
    row.iter().zip(coefficients).map(|(x, w)| x * w).sum()
}

/// `point - length * step`.
fn moved(point: &[f64], step: &[f64], length: f64) -> Vec<f64> {
    point.iter().zip(step).map(|(x, s)| x - length * s).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| value.abs().max(largest))
}

/// What is minimised. Points are the coefficients followed by the intercept.
struct Problem<'a> {
    rows: ArrayView2<'a, f64>,
    labels: &'a [bool],
    c: f64,
}

impl Problem<'_> {
    fn n_features(&self) -> usize {
        self.rows.ncols()
    }

    /// `w·x + b` of every row.
    fn margins<'p>(&'p self, point: &'p [f64]) -> impl Iterator<Item = f64> + 'p {
        let (coefficients, intercept) = point.split_at(self.n_features());
        self.rows.outer_iter().map(move |row| margin(row, coefficients) + intercept[0])
    }

    fn objective(&self, point: &[f64]) -> f64 {
        let losses =
            self.margins(point).zip(self.labels).map(|(m, &label)| softplus(if label { -m } else { m }));
        let loss: f64 = losses.sum();
        let penalty: f64 = point[..self.n_features()].iter().map(|w| w * w).sum();
        self.c * loss + penalty / 2.0
    }

    /// Gradient and Hessian (its lower triangle, row by row over the full square).
    fn derivatives(&self, point: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = point.len();
        let (mut gradient, mut hessian) = (vec![0.0; n], vec![0.0; n * n]);
        let mut extended = vec![1.0; n];
        for ((row, m), &label) in self.rows.outer_iter().zip(self.margins(point)).zip(self.labels) {
            for (x, &value) in extended.iter_mut().zip(row) {
                *x = value;
            }
            // For abnormal rows p - 1 is taken as -sigmoid(-m), which does not cancel.
            let residual = if label { -sigmoid(-m) } else { sigmoid(m) };
            let curvature = sigmoid(m) * sigmoid(-m);
            for i in 0..n {
                gradient[i] += self.c * residual * extended[i];
                let scaled = self.c * curvature * extended[i];
                for (h, x) in hessian[i * n..=i * n + i].iter_mut().zip(&extended) {
                    *h += scaled * x;
                }
            }
        }
        for i in 0..self.n_features() {
            gradient[i] += point[i];
            hessian[i * n + i] += 1.0;
        }
        (gradient, hessian)
    }

    /// The first point along `-step` whose objective falls by at least a small part of what the slope promises, with
    /// its objective; `None` when even a tiny step does not lower it.
    fn line_search(&self, point: &[f64], value: f64, step: &[f64], decrease: f64) -> Option<(Vec<f64>, f64)> {
        let mut length = 1.0;
        while length > 1e-12 {
            let next = moved(point, step, length);
            let next_value = self.objective(&next);
            if next_value <= value - 1e-4 * length * decrease {
                return Some((next, next_value));
            }
            length /= 2.0;
        }
        None
    }
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
            let dot: f64 = (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum();
            a[i * n + j] = (a[i * n + j] - dot) / pivot;
        }
    }
    let mut x = b.to_vec();
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| a[i * n + k] * x[k]).sum();
        x[i] = (x[i] - dot) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| a[k * n + i] * x[k]).sum();
        x[i] = (x[i] - dot) / a[i * n + i];
    }
    x
}
