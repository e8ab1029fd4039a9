//! A fit, step by step: one part after the other, pass after pass, block after block.

use super::Params;
use super::model::{Linear, LogisticRegression};
use super::newton::{Newton, Next};
use super::pass::Pass;
use crate::engine::error::Result;
use crate::engine::host::{Progress, Stage};
use ndarray::{ArrayView2, Axis};

/// Products of a step: a few milliseconds.
const PRODUCTS_PER_STEP: usize = 4_000_000;
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
    /// Of the features, once they are known.
    means: Vec<f64>,
}

impl LogisticFitting {
    pub(super) fn new(
        params: Params,
        (_, n_features): (usize, usize),
        classes: &[u32],
        n_classes: usize,
        class_weights: &[f64],
    ) -> LogisticFitting {
        let weights = if class_weights.is_empty() { vec![1.0; n_classes] } else { class_weights.to_vec() };
        let n_parts = if n_classes == 2 { 1 } else { n_classes };
        LogisticFitting {
            params,
            total_weight: classes.iter().map(|&class| weights[class as usize]).sum(),
            pass: Pass::new(vec![0.0; n_features + 1], class_of(0, n_parts), n_classes),
            classes: classes.to_vec(),
            weights,
            n_parts,
            newton: Newton::new(params),
            parts: Vec::new(),
            means: Vec::new(),
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
        if self.means.is_empty() {
            self.means = rows.sum_axis(Axis(0)).iter().map(|sum| sum / rows.nrows() as f64).collect();
        }
        if !self.is_done() {
            let n = rows.ncols() + 1;
            let n_rows = (PRODUCTS_PER_STEP / (n * n / 2 + 4 * n)).max(1);
            if self.pass.advance(rows, &self.classes, &self.weights, n_rows) {
                self.decide(n)?;
            }
        }
        Ok(self.progress(rows.nrows()))
    }

    fn decide(&mut self, n: usize) -> Result<()> {
        let (class, n_classes) = (class_of(self.parts.len(), self.n_parts), self.weights.len());
        match self.newton.take(&self.pass, self.total_weight)? {
            Next::At(point) => self.pass = Pass::new(point, class, n_classes),
            Next::Found { mut point, passes } => {
                let intercept = point.pop().unwrap_or_default();
                self.parts.push(Linear { coefficients: point, intercept, iterations: passes });
                self.newton = Newton::new(self.params);
                let class = class_of(self.parts.len(), self.n_parts);
                self.pass = Pass::new(vec![0.0; n], class, n_classes);
            }
        }
        Ok(())
    }

    fn progress(&self, n_rows: usize) -> Progress {
        let part = self.newton.n_passes() as u64 * UNITS_PER_PASS
            + self.pass.n_rows_done() as u64 * UNITS_PER_PASS / n_rows.max(1) as u64;
        let part = if self.is_done() { 0 } else { part.min(UNITS_PER_PART - 1) };
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

/// The class of a part; of two classes, the second.
fn class_of(part: usize, n_parts: usize) -> u32 {
    if n_parts == 1 { 1 } else { part as u32 }
}
