//! A fitted model with all that is needed to use it on other rows, and to say why it answers as it does.

use super::{LearnTarget, Model, Task, Unit};
use crate::engine::error::{Error, Result};
use crate::engine::features::{Feature, FeatureMatrix};
use crate::engine::order;
use crate::engine::prepare::{FittedPreparation, Transform};
use ndarray::{ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// A learned model, its preparation, and what its answers mean. This is what is saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Learner {
    /// The model.
    pub model: Model,
    /// How features become what the model sees.
    pub preparation: FittedPreparation,
    /// What was learned.
    pub target: LearnTarget,
    /// What kind of answer that is.
    pub task: Task,
    /// Names of the classes, by output; of two the second is the one looked for. None for numbers.
    pub classes: Vec<String>,
    /// Of two classes: the second is decided for where its probability is above this.
    pub threshold: f64,
    /// Seed of everything drawn.
    pub seed: u64,
}

/// What a learned model says of some rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answers {
    /// By row: the place of the class decided for, or the number.
    pub predictions: Vec<f64>,
    /// Of two classes the probability of the second, one per row; of more rows x classes. None for numbers.
    pub probabilities: Vec<f64>,
}

/// Why a learned model answers as it does about one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LearnedExplanation {
    /// Name of the matrix row.
    pub entity: String,
    /// Matrix row.
    pub row: usize,
    /// The class whose score is explained; absent for numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Its probability; absent for numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Unit of score, base and contributions.
    pub unit: Unit,
    /// The score.
    pub score: f64,
    /// The score of the average row that was learned from.
    pub base: f64,
    /// All features, largest contribution first; `base` plus their sum is the score.
    pub contributions: Vec<LearnedContribution>,
    /// The answer and what moved it, in words; empty until they are put to it.
    pub sentence: String,
}

/// What one feature has to do with one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearnedContribution {
    /// Feature name.
    pub feature: String,
    /// The row's value, in the feature's own unit; of a category its place among the labels; `NaN` where missing.
    pub value: f64,
    /// Of a category, the value's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Share of the score, in its unit.
    pub contribution: f64,
}

impl Learner {
    /// What is predicted of rows (rows x features, in the features' own units), which the preparation was put beside: rows x
    /// outputs. A row's outputs depend on that row alone.
    pub fn outputs(&self, transform: &Transform, rows: ArrayView2<'_, f64>) -> Vec<f64> {
        let prepared = transform.rows(rows);
        let mut outputs = vec![0.0; rows.nrows() * self.model.n_outputs()];
        self.model.outputs(prepared.view(), &mut outputs);
        outputs
    }

    /// The class that a row's outputs are decided for, or the value itself.
    pub fn decide(&self, outputs: &[f64]) -> f64 {
        match self.task {
            Task::Regression => outputs[0],
            Task::Binary => f64::from(u8::from(outputs[1] > self.threshold)),
            Task::Classes => most_probable(outputs) as f64,
        }
    }

    /// What rows with these outputs (rows x outputs) are answered.
    pub fn answers(&self, outputs: Vec<f64>) -> Answers {
        let of_rows = outputs.chunks_exact(self.model.n_outputs());
        Answers {
            predictions: of_rows.map(|outputs| self.decide(outputs)).collect(),
            probabilities: match self.task {
                Task::Binary => outputs.iter().skip(1).step_by(2).copied().collect(),
                Task::Classes => outputs,
                Task::Regression => Vec::new(),
            },
        }
    }

    /// Whether its parts go together, and with these features, where it was read from a file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn check(&self, features: &[Feature]) -> std::result::Result<(), &'static str> {
        self.preparation.check(features, self.model.name().missing())?;
        self.model.check().map_err(|_| "the numbers of its learned model do not fit together")?;
        let (n_classes, n_outputs) = (self.classes.len(), self.model.n_outputs());
        let is_right = match self.task {
            Task::Binary => n_classes == 2 && n_outputs == 2,
            Task::Classes => n_classes > 2 && n_outputs == n_classes,
            Task::Regression => n_classes == 0 && n_outputs == 1,
        };
        if is_right
            && self.model.n_features() == self.preparation.columns().len()
            && self.threshold.is_finite()
        {
            Ok(())
        } else {
            Err("the parts of its learned model do not go together")
        }
    }

    /// Explains the answer about a matrix row: of two classes the score of the second; of more that of the named class,
    /// else of the most probable one.
    ///
    /// # Errors
    /// `parameter` for a class that there is not, or when a feature that was learned from is not there.
    ///
    /// # Panics
    /// If the row is not in the matrix: a bug of the caller.
    pub fn explain(
        &self,
        matrix: &FeatureMatrix,
        row: usize,
        class: Option<&str>,
    ) -> Result<LearnedExplanation> {
        let values = matrix.values.row(row).insert_axis(Axis(0));
        let prepared = self.preparation.of_features(&matrix.features)?.rows(values);
        let mut outputs = vec![0.0; self.model.n_outputs()];
        self.model.outputs(prepared.view(), &mut outputs);
        let prepared: Vec<f64> = prepared.into_iter().collect();
        let named = class.map(|class| {
            let place = self.classes.iter().position(|name| name == class);
            place.ok_or_else(|| {
                let expected = match self.classes.len() {
                    0 => "none, as a number was learned".to_owned(),
                    _ => format!("one of {}", self.classes.join(", ")),
                };
                Error::parameter("class", &expected, format!("\"{class}\""))
            })
        });
        let class = match (self.task, named.transpose()?) {
            (Task::Regression, _) => None,
            (Task::Binary, _) => Some(1),
            (Task::Classes, named) => Some(named.unwrap_or_else(|| most_probable(&outputs))),
        };
        let place = if self.task == Task::Classes { class.unwrap_or(0) } else { 0 };
        let mut shares = vec![0.0; prepared.len()];
        let mut explainer = self.model.explainer(place);
        explainer.contributions(&prepared, &mut shares);
        let shares = self.by_feature(&shares, &matrix.features)?;
        let contribution = |feature: usize| {
            let value = matrix.values[[row, feature]];
            let Feature { name, labels, .. } = &matrix.features[feature];
            LearnedContribution {
                feature: name.clone(),
                value,
                text: if value >= 0.0 { labels.get(value as usize).cloned() } else { None },
                contribution: shares[feature],
            }
        };
        Ok(LearnedExplanation {
            entity: matrix.entity(row),
            row,
            class: class.map(|class| self.classes[class].clone()),
            probability: class.map(|class| outputs[class]),
            unit: self.model.unit(),
            score: self.model.scores(&prepared)[place],
            base: explainer.base(),
            contributions: order::descending(&shares).into_iter().map(contribution).collect(),
            sentence: String::new(),
        })
    }

    /// Adds up what each prepared column has of something, by the features of a matrix.
    fn by_feature(&self, shares: &[f64], features: &[Feature]) -> Result<Vec<f64>> {
        let n_features =
            self.preparation.columns().iter().map(|column| column.feature + 1).max().unwrap_or(0);
        if n_features > features.len() {
            return Err(Error::parameter("features", "those that were learned from", "fewer"));
        }
        Ok(self.preparation.by_feature(shares, features.len()))
    }
}

/// The first of the most probable classes.
pub(in crate::engine) fn most_probable(outputs: &[f64]) -> usize {
    (1..outputs.len()).fold(0, |best, class| if outputs[class] > outputs[best] { class } else { best })
}
