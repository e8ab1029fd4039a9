//! The closed set of fitted models.

use super::ModelName;
use super::boosting::Boosting;
use super::forest::Forest;
use super::logistic::LogisticRegression;
use super::trees::Explainer as TreeExplainer;
use crate::engine::error::Result;
use ndarray::{ArrayView2, aview1};
use serde::{Deserialize, Serialize};

/// A fitted model.
///
/// It predicts *outputs*: the value, or a probability per class. It explains *scores*: the value; of two classes the score
/// of the second; of more one per class. Scores are what contributions add up to, in the model's own unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// Logistic regression.
    Logistic(LogisticRegression),
    /// Random forest.
    Forest(Forest),
    /// Gradient-boosted trees.
    Boosting(Boosting),
}

/// The unit of explained scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Logarithm of the odds; 0 is a probability of one half. Of boosted trees for more than two classes, the logarithm of
    /// the probability up to a constant.
    LogOdds,
    /// Probability.
    Probability,
    /// The number that is predicted.
    Value,
}

/// Splits scores over columns, row by row: exact Shapley values, of independent columns for logistic regression,
/// path-dependent ones (TreeSHAP) for trees.
pub enum Explainer<'a> {
    /// Terms of a weighted sum: the model and its part.
    Linear(&'a LogisticRegression, usize),
    /// Sums of trees.
    Trees(Box<TreeExplainer<'a>>),
}

impl Explainer<'_> {
    /// The score that contributions are counted from: the mean over the rows learned from, as the model weighs them.
    pub fn base(&self) -> f64 {
        match self {
            Explainer::Linear(model, part) => model.base(*part),
            Explainer::Trees(explainer) => explainer.base(),
        }
    }

    /// Splits a row's score: `base + sum(contributions) = score`, to rounding.
    ///
    /// # Panics
    /// If row or contributions do not have one value per column: a bug of the caller.
    pub fn contributions(&mut self, row: &[f64], contributions: &mut [f64]) {
        match self {
            Explainer::Linear(model, part) => model.contributions(*part, row, contributions),
            Explainer::Trees(explainer) => explainer.contributions(aview1(row), contributions),
        }
    }
}

/// What a model itself says of how much columns matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportanceKind {
    /// Magnitude of the coefficient, mean over classes.
    Coefficient,
    /// Share of the fall of impurity in a forest's trees.
    Impurity,
    /// Share of what boosted trees' cuts have won.
    Gain,
}

impl Model {
    /// Which it is.
    pub fn name(&self) -> ModelName {
        match self {
            Model::Logistic(_) => ModelName::Logistic,
            Model::Forest(_) => ModelName::Forest,
            Model::Boosting(_) => ModelName::Boosting,
        }
    }

    /// Columns a row must have.
    pub fn n_features(&self) -> usize {
        match self {
            Model::Logistic(model) => model.n_features(),
            Model::Forest(model) => model.n_features(),
            Model::Boosting(model) => model.n_features(),
        }
    }

    /// Numbers predicted of a row: one value, or a probability per class.
    pub fn n_outputs(&self) -> usize {
        match self {
            Model::Logistic(model) => model.n_classes(),
            Model::Forest(model) => model.n_outputs(),
            Model::Boosting(model) => model.n_outputs(),
        }
    }

    /// Scores that are explained of a row: one, or one per class where there are more than two.
    pub fn n_scores(&self) -> usize {
        if self.n_outputs() > 2 { self.n_outputs() } else { 1 }
    }

    /// What is predicted of a block of rows (rows x outputs). A row's outputs depend on that row alone.
    ///
    /// # Panics
    /// If the shapes do not fit: a bug of the caller.
    pub fn outputs(&self, rows: ArrayView2<'_, f64>, outputs: &mut [f64]) {
        match self {
            Model::Logistic(model) => model.outputs(rows, outputs),
            Model::Forest(model) => model.outputs(rows, outputs),
            Model::Boosting(model) => model.outputs(rows, outputs),
        }
    }

    /// Products of two numbers, or steps down a tree, that predicting a row takes, about.
    pub fn products_per_row(&self) -> usize {
        const PRODUCTS_PER_TREE: usize = 40;
        match self {
            Model::Logistic(model) => (model.n_features() + 20) * model.parts().len(),
            Model::Forest(model) => model.trees().n_trees() * PRODUCTS_PER_TREE,
            Model::Boosting(model) => model.trees().n_trees() * PRODUCTS_PER_TREE,
        }
    }

    /// The unit of scores.
    pub fn unit(&self) -> Unit {
        match self {
            _ if self.n_outputs() == 1 => Unit::Value,
            Model::Forest(_) => Unit::Probability,
            Model::Logistic(_) | Model::Boosting(_) => Unit::LogOdds,
        }
    }

    /// The scores of one row.
    ///
    /// # Panics
    /// If the row does not have [`Model::n_features`] values: a bug of the caller.
    pub fn scores(&self, row: &[f64]) -> Vec<f64> {
        let rows = aview1(row).insert_axis(ndarray::Axis(0));
        let mut scores = vec![0.0; self.n_scores()];
        match self {
            Model::Logistic(model) => model.margins(rows, &mut scores),
            Model::Boosting(model) => model.margins(rows, &mut scores),
            Model::Forest(model) => {
                let mut outputs = vec![0.0; model.n_outputs()];
                model.outputs(rows, &mut outputs);
                scores.copy_from_slice(if outputs.len() == 2 { &outputs[1..] } else { &outputs });
            }
        }
        scores
    }

    /// What splits one of a row's scores over its columns.
    ///
    /// # Panics
    /// If there is no such score: a bug of the caller.
    pub fn explainer(&self, score: usize) -> Explainer<'_> {
        assert!(score < self.n_scores(), "score {score} of {}", self.n_scores());
        match self {
            Model::Logistic(model) => Explainer::Linear(model, score),
            // Of two classes the one score is the second's.
            Model::Forest(model) => {
                Explainer::Trees(Box::new(model.explainer(if self.n_outputs() == 2 { 1 } else { score })))
            }
            Model::Boosting(model) => Explainer::Trees(Box::new(model.explainer(score))),
        }
    }

    /// What the model itself says of how much each column matters.
    pub fn importance(&self) -> (ImportanceKind, Vec<f64>) {
        match self {
            Model::Logistic(model) => {
                let n_parts = model.parts().len() as f64;
                let of = |column: usize| {
                    model.parts().iter().map(|part| part.coefficients[column].abs()).sum::<f64>()
                };
                (
                    ImportanceKind::Coefficient,
                    (0..model.n_features()).map(|column| of(column) / n_parts).collect(),
                )
            }
            Model::Forest(model) => (ImportanceKind::Impurity, model.importance().to_vec()),
            Model::Boosting(model) => (ImportanceKind::Gain, model.importance().to_vec()),
        }
    }

    /// Whether a model that was read can be used.
    ///
    /// # Errors
    /// `parameter`, with what is wrong.
    pub fn check(&self) -> Result<()> {
        match self {
            Model::Logistic(model) => model.check(),
            Model::Forest(model) => model.check(),
            Model::Boosting(model) => model.check(),
        }
    }
}
