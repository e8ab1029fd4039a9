//! A fit, step by step: one part after the other, pass after pass, block after block.

use super::Params;
use super::model::{Linear, LogisticRegression};
use super::newton::{Newton, Next};
use super::pass::Pass;
use crate::engine::error::Result;
use crate::engine::host::{Progress, Stage};
use crate::engine::prepare::rows_per_step;
use ndarray::ArrayView2;

/// A fit begins with one of so many rows, then of fewer, then with all: a minimum over few rows is near that over more, and
/// costs little.
const STRIDES: [usize; 2] = [36, 6];
/// Rows per coefficient that stand for all, at least.
const MIN_ROUGH_ROWS: usize = 40;
/// Progress of a part, in units; passes that a part takes, about, and units of one of them.
const UNITS_PER_PART: u64 = 1_000;
const UNITS_PER_PASS: u64 = 100;

/// A fit under way. Units are thousandths of parts: one part for two classes, else one per class.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticFitting {
    params: Params,
    classes: Vec<u32>,
    /// By class.
    weights: Vec<f64>,
    total_weight: f64,
    n_parts: usize,
    pass: Pass,
    newton: Newton,
    /// Those that are done.
    parts: Vec<Linear>,
    /// Of the features.
    means: Vec<f64>,
}

impl LogisticFitting {
    pub(super) fn new(
        params: Params,
        means: Vec<f64>,
        classes: &[u32],
        n_classes: usize,
        class_weights: &[f64],
    ) -> LogisticFitting {
        let weights = if class_weights.is_empty() { vec![1.0; n_classes] } else { class_weights.to_vec() };
        let n_parts = if n_classes == 2 { 1 } else { n_classes };
        let n = means.len() + 1;
        let stride = first_stride(classes.len(), n);
        LogisticFitting {
            params,
            total_weight: classes.iter().map(|&class| weights[class as usize]).sum(),
            pass: Pass::new(vec![0.0; n], class_of(0, n_parts), n_classes, stride, true),
            classes: classes.to_vec(),
            weights,
            n_parts,
            newton: newton(params, stride),
            parts: Vec::new(),
            means,
        }
    }

    /// Whether all parts are done.
    pub fn is_done(&self) -> bool {
        self.parts.len() == self.n_parts
    }

    /// Does a few milliseconds on the rows, which are those the fit began with.
    ///
    /// # Errors
    /// `parameter` when values are too large to be summed, or no minimum is found.
    pub fn step(&mut self, rows: ArrayView2<'_, f64>) -> Result<Progress> {
        if !self.is_done() {
            let n = rows.ncols() + 1;
            let n_rows = rows_per_step(n * n / 2 + 4 * n, usize::MAX);
            if self.pass.advance(rows, &self.classes, &self.weights, n_rows) {
                self.decide(n)?;
            }
        }
        Ok(self.progress(rows.nrows()))
    }

    fn decide(&mut self, n: usize) -> Result<()> {
        let (class, n_classes) = (class_of(self.parts.len(), self.n_parts), self.weights.len());
        let stride = self.pass.stride();
        let (point, stride, class) = match self.newton.take(&mut self.pass, self.total_weight) {
            Ok(Next::At { point, wants_hessian }) => {
                self.pass = Pass::new(point, class, n_classes, stride, wants_hessian);
                return Ok(());
            }
            // Where few rows have no minimum, all may have one.
            Err(_) if self.newton.is_rough() => (vec![0.0; n], next_stride(stride), class),
            Err(error) => return Err(error),
            Ok(Next::Found { point, .. }) if self.newton.is_rough() => (point, next_stride(stride), class),
            Ok(Next::Found { mut point, passes }) => {
                let intercept = point.pop().unwrap_or_default();
                self.parts.push(Linear { coefficients: point, intercept, iterations: passes });
                (vec![0.0; n], first_stride(self.classes.len(), n), class_of(self.parts.len(), self.n_parts))
            }
        };
        self.newton = newton(self.params, stride);
        self.pass = Pass::new(point, class, n_classes, stride, true);
        Ok(())
    }

    fn progress(&self, n_rows: usize) -> Progress {
        let part = self.newton.n_passes() as u64 * UNITS_PER_PASS
            + self.pass.n_rows_done() as u64 * UNITS_PER_PASS / n_rows.max(1) as u64;
        let is_ahead = self.is_done() || self.newton.is_rough();
        let part = if is_ahead { 0 } else { part.min(UNITS_PER_PART - 1) };
        Progress {
            stage: Stage::Fit,
            done: self.parts.len() as u64 * UNITS_PER_PART + part,
            total: self.n_parts as u64 * UNITS_PER_PART,
        }
    }

    /// The model.
    ///
    /// # Panics
    /// If called before [`LogisticFitting::is_done`].
    pub fn into_model(self) -> LogisticRegression {
        assert!(self.is_done(), "a fit that is done");
        LogisticRegression { parts: self.parts, means: self.means }
    }
}

/// Of which part of the rows a fit begins with.
fn first_stride(n_rows: usize, n_coefficients: usize) -> usize {
    STRIDES.into_iter().find(|stride| n_rows / stride >= MIN_ROUGH_ROWS * n_coefficients).unwrap_or(1)
}

/// What comes after it.
fn next_stride(stride: usize) -> usize {
    STRIDES.into_iter().find(|&next| next < stride).unwrap_or(1)
}

fn newton(params: Params, stride: usize) -> Newton {
    if stride > 1 { Newton::rough(params, stride) } else { Newton::new(params) }
}

/// The class of a part; of two classes, the second.
fn class_of(part: usize, n_parts: usize) -> u32 {
    if n_parts == 1 { 1 } else { part as u32 }
}
