//! From features to what a model sees: a preparation is fitted feature by feature, since over a million rows it takes far
//! longer than somebody waits who cancels. Rows are prepared when a model asks for them, and not kept.

use crate::engine::error::Result;
use crate::engine::features::FeatureMatrix;
use crate::engine::finding::Finding;
use crate::engine::host::{Progress, Stage};
use crate::engine::plan::Plan;
use crate::engine::prepare::{FittedPreparation, Missing, PreparationFitting, Rows, Transform};
use std::sync::Arc;

/// A matrix and what a model sees of it.
pub(super) struct Prepared {
    pub matrix: FeatureMatrix,
    pub fitted: Arc<FittedPreparation>,
    pub transform: Transform,
}

impl Prepared {
    /// As a preparation makes it.
    ///
    /// # Errors
    /// `parameter` when a feature of the preparation is lacking or of another kind.
    pub fn by(matrix: FeatureMatrix, fitted: Arc<FittedPreparation>) -> Result<Prepared> {
        let transform = fitted.of_features(&matrix.features)?;
        Ok(Prepared { matrix, fitted, transform })
    }

    /// The rows that a model sees.
    pub fn rows(&self) -> Rows<'_> {
        Rows::Prepared { values: self.matrix.values.view(), by: &self.transform }
    }
}

/// A preparation being fitted to a matrix.
pub(super) struct Preparing {
    matrix: FeatureMatrix,
    fitting: PreparationFitting,
}

impl Preparing {
    /// As a plan says.
    ///
    /// # Errors
    /// `parameter` when every feature is omitted.
    pub fn new(matrix: FeatureMatrix, plan: &Plan) -> Result<Preparing> {
        let (preparation, omitted) = (&plan.preparation, &plan.omitted);
        let fitting = PreparationFitting::new(&matrix.features, preparation, omitted, Missing::Refused)?;
        Ok(Preparing { matrix, fitting })
    }

    /// Fits one feature.
    pub fn step(&mut self) -> Progress {
        self.fitting.step(&self.matrix.features, self.matrix.values.view());
        let (done, total) = self.fitting.progress();
        Progress { stage: Stage::Prepare, done: done as u64, total: total as u64 }
    }

    pub fn is_done(&self) -> bool {
        self.fitting.is_done()
    }

    /// What came of it, and what was odd.
    ///
    /// # Errors
    /// Those of [`Prepared::by`]; none, as it is of this matrix.
    ///
    /// # Panics
    /// If called before [`Preparing::is_done`].
    pub fn finish(self) -> Result<(Prepared, Vec<Finding>)> {
        let (fitted, findings) = self.fitting.finish();
        Ok((Prepared::by(self.matrix, Arc::new(fitted))?, findings))
    }
}
