//! Supervised models: what tells labelled rows apart, or how large a number will be. Splits and balanced draws are seeded
//! and beside them.
//!
//! [`Params`] name a model and its parameters, [`Params::fitting`] starts a [`Fitting`], which gives a [`Model`]: one
//! closed set, so that models can be saved, and so that all are predicted with, explained and judged in one way. A
//! further model is a folder beside [`logistic`] and an arm in `model` and `fitting`; the conformance tests go
//! through [`ModelName::ALL`].

pub mod boosting;
mod fitting;
pub mod forest;
mod learner;
pub mod logistic;
mod model;
pub mod split;
mod task;
pub mod trees;

pub use fitting::{Fitted, Fitting};
pub(in crate::engine) use learner::most_probable;
pub use learner::{Answers, LearnedContribution, LearnedExplanation, Learner};
pub use model::{Explainer, ImportanceKind, Model, Unit};
pub use task::{LearnTarget, Task};
pub use trees::Target;

use super::error::Result;
use super::prepare::Missing;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Learners by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelName {
    /// Logistic regression; for classes only.
    #[default]
    Logistic,
    /// Random forest.
    Forest,
    /// Gradient-boosted trees.
    Boosting,
}

impl ModelName {
    /// Every learner.
    pub const ALL: [ModelName; 3] = [ModelName::Logistic, ModelName::Forest, ModelName::Boosting];

    /// As people say it.
    pub const fn text(self) -> &'static str {
        match self {
            ModelName::Logistic => "logistic regression",
            ModelName::Forest => "random forest",
            ModelName::Boosting => "boosted trees",
        }
    }

    /// What it makes of a missing value: trees send it where it serves better.
    pub const fn missing(self) -> Missing {
        match self {
            ModelName::Logistic => Missing::Refused,
            ModelName::Forest | ModelName::Boosting => Missing::Welcome,
        }
    }
}

/// A model and the parameters of each.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Params {
    /// The one that is fitted.
    pub model: ModelName,
    /// Of logistic regression.
    pub logistic: logistic::Params,
    /// Of a random forest, but for the seed.
    pub forest: forest::Params,
    /// Of boosted trees, but for the seed.
    pub boosting: boosting::Params,
}

impl Params {
    /// Checks the ranges of the model's own parameters.
    ///
    /// # Errors
    /// `parameter`.
    pub fn check(&self) -> Result<()> {
        match self.model {
            ModelName::Logistic => self.logistic.check(),
            ModelName::Forest => self.forest.check(),
            ModelName::Boosting => self.boosting.check(),
        }
    }

    /// Starts a fit to rows (rows x features, prepared). `class_weights` has one weight per class, above 0; all are 1 where
    /// it is empty.
    ///
    /// # Errors
    /// `parameter` when a parameter is out of range, a value is infinite, or the model cannot learn numbers; `labels` for
    /// classes that cannot be learned; `too-few-rows` without a row.
    pub fn fitting(
        &self,
        rows: ArrayView2<'_, f64>,
        target: Target<'_>,
        class_weights: &[f64],
        seed: u64,
    ) -> Result<Fitting> {
        Fitting::new(self, rows, target, class_weights, seed)
    }
}

/// Weights under which each class counts as much as any other, as scikit-learn's `balanced`: rows over classes times the
/// class's rows. A class without rows has 1.
pub fn balanced_weights(classes: &[u32], n_classes: usize) -> Vec<f64> {
    let mut counts = vec![0usize; n_classes];
    classes.iter().for_each(|&class| counts[class as usize] += 1);
    let n_with_rows = counts.iter().filter(|&&count| count > 0).count();
    let weight = |&count: &usize| match count {
        0 => 1.0,
        count => classes.len() as f64 / (n_with_rows * count) as f64,
    };
    counts.iter().map(weight).collect()
}
