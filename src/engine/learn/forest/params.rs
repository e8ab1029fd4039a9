//! Parameters of a random forest.

use super::fitting::ForestFitting;
use super::model::Forest;
use crate::engine::error::{Error, Result, check_whole};
use crate::engine::learn::trees::{self, Target};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Features that are looked at for a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaxFeatures {
    /// The square root of their number for classes, all of them for values.
    #[default]
    Auto,
    /// The square root of their number.
    Sqrt,
    /// A third of them.
    Third,
    /// All of them.
    All,
}

impl MaxFeatures {
    pub(super) fn of(self, n_features: usize, is_classifier: bool) -> usize {
        let n = match (self, is_classifier) {
            (MaxFeatures::Auto, true) | (MaxFeatures::Sqrt, _) => n_features.isqrt(),
            (MaxFeatures::Third, _) => n_features / 3,
            (MaxFeatures::Auto, false) | (MaxFeatures::All, _) => n_features,
        };
        n.max(1)
    }
}

/// Parameters of a [`Forest`], from [`Forest::params`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Params {
    pub(super) trees: usize,
    pub(super) max_features: MaxFeatures,
    pub(super) min_samples_leaf: usize,
    pub(super) max_depth: usize,
    #[serde(skip)]
    pub(super) seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Params { trees: 100, max_features: MaxFeatures::Auto, min_samples_leaf: 1, max_depth: 0, seed: 0 }
    }
}

impl Params {
    /// Number of trees (n_estimators), 1 to 10,000. Default 100.
    pub fn trees(self, trees: usize) -> Self {
        Params { trees, ..self }
    }

    /// Features looked at for each cut, drawn anew. Default the square root of their number for classes, all for values.
    pub fn max_features(self, max_features: MaxFeatures) -> Self {
        Params { max_features, ..self }
    }

    /// Different rows on each side of a cut, at least; 1 and more. Default 1.
    pub fn min_samples_leaf(self, min_samples_leaf: usize) -> Self {
        Params { min_samples_leaf, ..self }
    }

    /// Cuts from the root to a leaf, at most; 0 for no limit. Default 0.
    pub fn max_depth(self, max_depth: usize) -> Self {
        Params { max_depth, ..self }
    }

    /// Seed of the bootstraps and of the features drawn; tree `i` has a generator of its own made of seed and `i`.
    /// Default 0.
    pub fn seed(self, seed: u64) -> Self {
        Params { seed, ..self }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// `parameter`, named as in a plan, when one is out of range.
    pub fn check(&self) -> Result<()> {
        check_whole("trees", self.trees, 1..=10_000)?;
        if self.min_samples_leaf == 0 {
            return Err(Error::parameter("minSamplesLeaf", "a whole number from 1 up", 0));
        }
        Ok(())
    }

    /// Starts a fit that is done step by step. Rows are rows x features, `NaN` for missing; weights one per row (those
    /// of its class, say), all 1 without.
    ///
    /// # Errors
    /// Those of [`Params::check`]; `too-few-rows` without a row; `parameter` for infinite values, or targets or weights
    /// that are not one per row or out of range; `labels` for classes that cannot be learned.
    pub fn fitting(
        &self,
        rows: ArrayView2<'_, f64>,
        target: Target<'_>,
        weights: Option<&[f64]>,
    ) -> Result<ForestFitting> {
        self.check()?;
        trees::check("a random forest", rows, target, weights)?;
        Ok(ForestFitting::new(*self, rows.dim(), target, weights))
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
    ) -> Result<Forest> {
        let mut fitting = self.fitting(rows, target, weights)?;
        while !fitting.is_done() {
            fitting.step(rows);
        }
        Ok(fitting.into_model())
    }
}
