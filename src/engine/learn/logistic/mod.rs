//! Logistic regression: the chance of a class as a smooth step of a weighted sum of features.
//!
//! The objective is scikit-learn's, `C · Σ sᵢ log(1 + exp(-yᵢ (w·xᵢ + b)))` with `y` in `{-1, 1}` and weights `s` of the
//! rows' classes, plus `‖w‖² / 2` (L2), `‖w‖₁` (L1) or nothing; the intercept `b` is not penalised. It is convex, under a
//! penalty with one minimum as soon as both classes are there, even where a plane separates them. Newton's method with a
//! line search goes to it in about ten passes over the rows, of which the first, where rows are many, are over a part of
//! them, and the last keep the Hessian of the one before; under L1 each pass is followed by coordinate descent on the
//! quadratic model (Friedman, Hastie and Tibshirani 2010; Lee, Sun and Saunders 2014), which sets coefficients to exactly
//! 0. For the few dozen features of a behaviour matrix, everything but the passes costs next to nothing.
//!
//! More than two classes are learned one against the rest each; their probabilities are divided by their sum.
//!
//! Files: [`Params`] and checks here; `pass` adds up loss, gradient and Hessian over blocks of rows; `newton` goes from
//! point to point; `fitting` is the whole in steps; `model` what it gives.

mod fitting;
mod model;
mod newton;
mod pass;

pub use fitting::LogisticFitting;
pub use model::{Linear, LogisticRegression};

use crate::engine::error::{Error, ErrorKind, Result};
use ndarray::{ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// What keeps coefficients small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Penalty {
    /// The sum of their squares.
    #[default]
    L2,
    /// The sum of their magnitudes: features that add little have none.
    L1,
    /// Nothing. Rows that a plane separates cannot be learned from then.
    None,
}

/// Parameters of a [`LogisticRegression`], from [`LogisticRegression::params`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Params {
    c: f64,
    penalty: Penalty,
}

impl Default for Params {
    fn default() -> Self {
        Params { c: 1.0, penalty: Penalty::L2 }
    }
}

impl Params {
    /// Inverse strength of the penalty, above 0. Default 1.
    pub fn c(self, c: f64) -> Self {
        Params { c, ..self }
    }

    /// Default L2.
    pub fn penalty(self, penalty: Penalty) -> Self {
        Params { penalty, ..self }
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

    /// Starts a fit to rows (rows x features, standardised) and their classes, of which there are `n_classes`.
    /// `class_weights` has one weight per class, above 0; all are 1 where it is empty.
    ///
    /// # Errors
    /// `parameter` of [`Params::check`], or when values or weights are not finite; `labels` when there is not one class
    /// per row, or not a row of each of two classes and more.
    pub fn fitting(
        &self,
        rows: ArrayView2<'_, f64>,
        classes: &[u32],
        n_classes: usize,
        class_weights: &[f64],
    ) -> Result<LogisticFitting> {
        self.check()?;
        check_classes(rows.nrows(), classes, n_classes)?;
        let sums = rows.sum_axis(Axis(0));
        // Sums are finite only where all that is in them is.
        if !sums.iter().all(|sum| sum.is_finite())
            && let Some(((row, feature), value)) = rows.indexed_iter().find(|(_, value)| !value.is_finite())
        {
            let found = format!("{value} in row {row}, feature {feature}");
            return Err(Error::parameter("rows", "finite values", found));
        }
        if let Some(weight) = class_weights.iter().find(|weight| !(**weight > 0.0 && weight.is_finite())) {
            return Err(Error::parameter("classWeight", "finite numbers above 0", weight));
        }
        assert!(class_weights.is_empty() || class_weights.len() == n_classes, "one weight per class");
        let means = sums.iter().map(|sum| sum / rows.nrows() as f64).collect();
        Ok(LogisticFitting::new(*self, means, classes, n_classes, class_weights))
    }

    /// Fits in one sitting; see [`Params::fitting`].
    ///
    /// # Errors
    /// Those of [`Params::fitting`] and of [`LogisticFitting::step`].
    pub fn fit(
        &self,
        rows: ArrayView2<'_, f64>,
        classes: &[u32],
        n_classes: usize,
        class_weights: &[f64],
    ) -> Result<LogisticRegression> {
        let mut fitting = self.fitting(rows, classes, n_classes, class_weights)?;
        while !fitting.is_done() {
            fitting.step(rows)?;
        }
        Ok(fitting.into_model())
    }
}

fn check_classes(n_rows: usize, classes: &[u32], n_classes: usize) -> Result<()> {
    let mut counts = vec![0usize; n_classes];
    for &class in classes {
        match counts.get_mut(class as usize) {
            Some(count) => *count += 1,
            None => {
                let message = format!("a row has class {class} of {n_classes}, counted from 0");
                return Err(Error::new(ErrorKind::Labels { message }));
            }
        }
    }
    let n_with_rows = counts.iter().filter(|&&count| count > 0).count();
    let message = if classes.len() != n_rows {
        format!("there are {} labels for {n_rows} rows; give exactly one label per row", classes.len())
    } else if n_with_rows < n_classes || n_classes < 2 {
        format!(
            "the {n_rows} rows to learn from have {n_with_rows} of {} kinds; learning needs rows of each kind: choose \
             another target or more rows",
            n_classes.max(2)
        )
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Labels { message }))
}
