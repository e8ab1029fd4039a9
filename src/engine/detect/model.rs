//! All fitted detectors as one type: a closed set, so that a model can be written into a file and read from one.

use super::Detector;
use super::calibrated::Calibrated;
use super::checked::Checked;
use super::ensemble::Ensemble;
use super::iforest::IsolationForest;
use super::rules::RuleSet;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// A fitted detector. In a file a variant keeps its place and its fields for good; new ones are added at the end. One that
/// was read is to be [checked](Detector::check).
#[derive(Debug, Serialize, Deserialize)]
pub enum Model {
    /// Path lengths.
    Iforest(IsolationForest),
    /// A measure of its own, brought to the scale of all.
    Calibrated(Calibrated),
    /// Points for rules that hold.
    Rules(RuleSet),
    /// Several as one.
    Ensemble(Ensemble),
}

impl Model {
    /// The ensemble that it is, if it is one.
    pub fn as_ensemble(&self) -> Option<&Ensemble> {
        match self {
            Model::Ensemble(ensemble) => Some(ensemble),
            _ => None,
        }
    }

    /// Asked once per block of rows, so that choosing costs nothing.
    fn detector(&self) -> &dyn Detector {
        match self {
            Model::Iforest(model) => model,
            Model::Calibrated(model) => model,
            Model::Rules(model) => model,
            Model::Ensemble(model) => model,
        }
    }
}

impl Detector for Model {
    fn n_features(&self) -> usize {
        self.detector().n_features()
    }

    fn products_per_row(&self) -> usize {
        self.detector().products_per_row()
    }

    fn score_block(&self, rows: ArrayView2<'_, f64>, scores: &mut [f64]) {
        self.detector().score_block(rows, scores);
    }

    fn base(&self) -> f64 {
        self.detector().base()
    }

    fn contributions_block(&self, rows: ArrayView2<'_, f64>, contributions: &mut [f64], errors: &mut [f64]) {
        self.detector().contributions_block(rows, contributions, errors);
    }

    fn check(&self) -> Checked {
        self.detector().check()
    }
}
