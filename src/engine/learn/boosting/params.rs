//! Parameters of boosted trees.

use super::fitting::BoostingFitting;
use super::model::Boosting;
use crate::engine::error::{Error, Result, check_whole};
use crate::engine::learn::trees::{self, Target};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Parameters of a [`Boosting`], from [`Boosting::params`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Params {
    pub(super) trees: usize,
    pub(super) learning_rate: f64,
    pub(super) max_depth: usize,
    pub(super) l2: f64,
    pub(super) l1: f64,
    pub(super) gamma: f64,
    pub(super) min_child_weight: f64,
    pub(super) subsample: f64,
    pub(super) colsample: f64,
    pub(super) max_bins: usize,
    pub(super) validation_share: f64,
    pub(super) patience: usize,
    #[serde(skip)]
    pub(super) seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            trees: 100,
            learning_rate: 0.3,
            max_depth: 6,
            l2: 1.0,
            l1: 0.0,
            gamma: 0.0,
            min_child_weight: 1.0,
            subsample: 1.0,
            colsample: 1.0,
            max_bins: 255,
            validation_share: 0.1,
            patience: 0,
            seed: 0,
        }
    }
}

impl Params {
    /// Rounds of trees (n_estimators), 1 to 10,000; a round has one tree, in softmax one per class. Default 100.
    pub fn trees(self, trees: usize) -> Self {
        Params { trees, ..self }
    }

    /// Shrinkage of each tree, above 0 and at most 1. Default 0.3.
    pub fn learning_rate(self, learning_rate: f64) -> Self {
        Params { learning_rate, ..self }
    }

    /// Cuts from the root to a leaf, at most; 1 to 16. Default 6.
    pub fn max_depth(self, max_depth: usize) -> Self {
        Params { max_depth, ..self }
    }

    /// Squared penalty on leaf values (lambda), 0 and more. Default 1.
    pub fn l2(self, l2: f64) -> Self {
        Params { l2, ..self }
    }

    /// Absolute penalty on leaf values (alpha), 0 and more. Default 0.
    pub fn l1(self, l1: f64) -> Self {
        Params { l1, ..self }
    }

    /// What a cut has to win at least (gamma, min_split_loss), 0 and more. Default 0.
    pub fn gamma(self, gamma: f64) -> Self {
        Params { gamma, ..self }
    }

    /// Sum of second derivatives on each side of a cut, at least; for squared error the weight of rows. Default 1.
    pub fn min_child_weight(self, min_child_weight: f64) -> Self {
        Params { min_child_weight, ..self }
    }

    /// Share of rows that a round learns from, drawn without replacement; above 0 and at most 1. Default 1.
    pub fn subsample(self, subsample: f64) -> Self {
        Params { subsample, ..self }
    }

    /// Share of features that a tree looks at (colsample_bytree), at least one; above 0 and at most 1. Default 1.
    pub fn colsample(self, colsample: f64) -> Self {
        Params { colsample, ..self }
    }

    /// Bins of a feature, 2 to 255; missing values have one more. Default 255.
    pub fn max_bins(self, max_bins: usize) -> Self {
        Params { max_bins, ..self }
    }

    /// Stops when the loss on held-out rows has not fallen for this many rounds, and keeps the rounds up to the best;
    /// 0 to grow all trees on all rows. Default 0.
    pub fn patience(self, patience: usize) -> Self {
        Params { patience, ..self }
    }

    /// Share of rows held out to stop early by, above 0 and below 1, where there is patience. Default 0.1.
    pub fn validation_share(self, validation_share: f64) -> Self {
        Params { validation_share, ..self }
    }

    /// Seed of what is drawn; each tree has a generator of its own made of seed and its number. Default 0.
    pub fn seed(self, seed: u64) -> Self {
        Params { seed, ..self }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// `parameter`, named as in a plan, when one is out of range.
    pub fn check(&self) -> Result<()> {
        let wholes = [
            ("trees", self.trees, 1, 10_000),
            ("maxDepth", self.max_depth, 1, 16),
            ("maxBins", self.max_bins, 2, 255),
            ("patience", self.patience, 0, 10_000),
        ];
        for (name, value, least, most) in wholes {
            check_whole(name, value, least..=most)?;
        }
        let shares = [
            ("learningRate", self.learning_rate),
            ("subsample", self.subsample),
            ("colsample", self.colsample),
        ];
        for (name, value) in shares {
            if !(value > 0.0 && value <= 1.0) {
                return Err(Error::parameter(name, "a number above 0 and at most 1", value));
            }
        }
        let penalties = [
            ("l2", self.l2),
            ("l1", self.l1),
            ("gamma", self.gamma),
            ("minChildWeight", self.min_child_weight),
        ];
        for (name, value) in penalties {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(Error::parameter(name, "a finite number from 0 up", value));
            }
        }
        if !(self.validation_share > 0.0 && self.validation_share < 1.0) {
            let expected = "a share above 0 and below 1";
            return Err(Error::parameter("validationShare", expected, self.validation_share));
        }
        Ok(())
    }

    /// Starts a fit that is done step by step. Rows are rows x features, `NaN` for missing; weights one per row, all 1
    /// without.
    ///
    /// # Errors
    /// Those of [`Params::check`]; `too-few-rows` without a row, or with less than two where some are held out;
    /// `parameter` for infinite values, or targets or weights that are not one per row or out of range; `labels` for
    /// classes that cannot be learned.
    pub fn fitting(
        &self,
        rows: ArrayView2<'_, f64>,
        target: Target<'_>,
        weights: Option<&[f64]>,
    ) -> Result<BoostingFitting> {
        self.check()?;
        trees::check("boosted trees", rows, target, weights)?;
        BoostingFitting::new(*self, rows.dim(), target, weights)
    }

    /// Fits in one sitting.
    ///
    /// # Errors
    /// Those of [`Params::fitting`].
    pub fn fit(
        &self,
        rows: ArrayView2<'_, f64>,
        target: Target<'_>,
        weights: Option<&[f64]>,
    ) -> Result<Boosting> {
        let mut fitting = self.fitting(rows, target, weights)?;
        while !fitting.is_done() {
            fitting.step(rows);
        }
        Ok(fitting.into_model())
    }
}
