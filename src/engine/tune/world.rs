//! A matrix and its rows as models are given them, kept between candidates that see the same.

use super::limits::Limits;
use super::space::Assignment;
use super::trials::Trial;
use crate::engine::error::Result;
use crate::engine::features::Feature;
use crate::engine::plan::{Plan, Preparation};
use crate::engine::prepare::{FittedPreparation, Missing};
use ndarray::Array2;

/// Prepared values that are kept between candidates, at most: half a GiB.
pub(super) const MAX_KEPT_VALUES: usize = 1 << 26;

/// A matrix, as one way of preparing it makes it.
pub(super) struct World {
    pub of_features: Assignment,
    pub features: Vec<Feature>,
    pub values: Array2<f64>,
    pub trials: Vec<Trial>,
    pub limits: Limits,
    pub preparation: Preparation,
    /// What a model is fitted to and scores, by trial, where it is kept.
    pub prepared: Vec<Option<Pair>>,
    /// Ranks of all rows by each member of the panel.
    pub panel: Vec<Vec<f64>>,
}

/// Rows to fit to and rows to score.
pub(super) struct Pair {
    pub train: Array2<f64>,
    pub test: Array2<f64>,
}

impl World {
    /// Forgets what depends on how features are prepared.
    pub(super) fn prepare_as(&mut self, preparation: &Preparation) {
        self.preparation = preparation.clone();
        self.prepared = self.trials.iter().map(|_| None).collect();
        self.panel.clear();
    }

    /// What a model is fitted to and scores in a trial: as kept, or prepared now.
    pub(super) fn pair(&mut self, trial: usize, plan: &Plan) -> Result<Pair> {
        match self.prepared[trial].take() {
            Some(pair) => Ok(pair),
            None => {
                let (train, test) = (
                    self.trials[trial].train(self.values.view()),
                    self.trials[trial].test(self.values.view()),
                );
                prepared(&self.features, plan, &train, &test, Missing::Refused)
            }
        }
    }

    /// Keeps what was prepared for the next candidate, unless that is too much.
    pub(super) fn keep(&mut self, trial: usize, pair: Pair) {
        let n_values = (pair.train.len() + pair.test.len()) * self.trials.len();
        self.prepared[trial] = (n_values <= MAX_KEPT_VALUES).then_some(pair);
    }
}

/// Two sets of rows as a plan prepares them for a model that refuses missing values or welcomes them, fitted to the first.
pub(super) fn prepared(
    features: &[Feature],
    plan: &Plan,
    train: &Array2<f64>,
    test: &Array2<f64>,
    missing: Missing,
) -> Result<Pair> {
    let (fitted, _) =
        FittedPreparation::fit(features, train.view(), &plan.preparation, &plan.omitted, missing)?;
    let transform = fitted.of_features(features)?;
    Ok(Pair { train: transform.rows(train.view()), test: transform.rows(test.view()) })
}
