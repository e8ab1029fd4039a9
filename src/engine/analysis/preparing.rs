//! From features to what a model sees, in steps: a preparation is fitted feature by feature, then applied to some rows at
//! a time. Over a million rows either takes far longer than somebody waits who cancels.

use crate::engine::error::Result;
use crate::engine::features::FeatureMatrix;
use crate::engine::finding::Finding;
use crate::engine::host::{Progress, Stage};
use crate::engine::plan::Plan;
use crate::engine::prepare::{FittedPreparation, PreparationFitting, rows_per_step};
use ndarray::{Array2, s};
use std::sync::Arc;

/// What preparing one value takes, in products of two numbers, about.
const PRODUCTS_PER_VALUE: usize = 16;
/// Rows prepared per step, at most.
const MAX_ROWS_PER_STEP: usize = 65_536;

/// A matrix and what the model sees of it.
pub(super) struct Prepared {
    pub matrix: FeatureMatrix,
    pub fitted: Arc<FittedPreparation>,
    pub rows: Array2<f64>,
}

/// A matrix being prepared.
pub(super) struct Preparing {
    matrix: FeatureMatrix,
    part: Part,
    findings: Vec<Finding>,
}

enum Part {
    Fit(Option<Box<PreparationFitting>>),
    Transform { fitted: Arc<FittedPreparation>, rows: Array2<f64>, n_done: usize },
}

impl Part {
    fn transform(matrix: &FeatureMatrix, fitted: Arc<FittedPreparation>) -> Part {
        let rows = Array2::zeros((matrix.n_rows(), fitted.columns().len()));
        Part::Transform { fitted, rows, n_done: 0 }
    }
}

impl Preparing {
    /// As a plan says.
    ///
    /// # Errors
    /// `parameter` when every feature is omitted.
    pub fn fit(matrix: FeatureMatrix, plan: &Plan) -> Result<Preparing> {
        let fitting = PreparationFitting::new(&matrix.features, &plan.preparation, &plan.omitted)?;
        Ok(Preparing { matrix, part: Part::Fit(Some(Box::new(fitting))), findings: Vec::new() })
    }

    /// As another matrix was.
    ///
    /// # Errors
    /// `parameter` when a feature of that is lacking or of another kind.
    pub fn by(matrix: FeatureMatrix, fitted: Arc<FittedPreparation>) -> Result<Preparing> {
        fitted.of_features(&matrix.features)?;
        let part = Part::transform(&matrix, fitted);
        Ok(Preparing { matrix, part, findings: Vec::new() })
    }

    /// Fits one feature, or prepares some rows.
    ///
    /// # Errors
    /// As [`Preparing::by`].
    pub fn step(&mut self) -> Result<()> {
        let matrix = &self.matrix;
        match &mut self.part {
            Part::Fit(fitting) => {
                if let Some(fitting) = fitting {
                    fitting.step(&matrix.features, matrix.values.view());
                }
                if let Some(fitting) = fitting.take_if(|fitting| fitting.is_done()) {
                    let (fitted, findings) = fitting.finish();
                    self.findings = findings;
                    self.part = Part::transform(matrix, Arc::new(fitted));
                }
            }
            Part::Transform { fitted, rows, n_done } => {
                let cost = PRODUCTS_PER_VALUE * (matrix.features.len() + rows.ncols());
                let end = (*n_done + rows_per_step(cost, MAX_ROWS_PER_STEP)).min(rows.nrows());
                let block = s![*n_done..end, ..];
                let prepared = fitted.of_features(&matrix.features)?.rows(matrix.values.slice(block));
                rows.slice_mut(block).assign(&prepared);
                *n_done = end;
            }
        }
        Ok(())
    }

    /// Features fitted and rows prepared, each as a half of all.
    pub fn progress(&self) -> Progress {
        const HALF: u64 = 1_000;
        let part = |done: usize, total: usize| HALF * done as u64 / total.max(1) as u64;
        let done = match &self.part {
            Part::Fit(fitting) => {
                let (done, total) = fitting.as_ref().map_or((0, 1), |fitting| fitting.progress());
                part(done, total)
            }
            Part::Transform { rows, n_done, .. } => HALF + part(*n_done, rows.nrows()),
        };
        Progress { stage: Stage::Prepare, done, total: 2 * HALF }
    }

    pub fn is_done(&self) -> bool {
        matches!(&self.part, Part::Transform { rows, n_done, .. } if *n_done == rows.nrows())
    }

    /// What came of it, and what was odd.
    ///
    /// # Panics
    /// If called before [`Preparing::is_done`].
    pub fn finish(self) -> (Prepared, Vec<Finding>) {
        assert!(self.is_done(), "not all rows are prepared");
        match self.part {
            Part::Transform { fitted, rows, .. } => {
                (Prepared { matrix: self.matrix, fitted, rows }, self.findings)
            }
            Part::Fit(_) => unreachable!("it is done"),
        }
    }
}
