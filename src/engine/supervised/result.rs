//! What learning gives, to be shown.

use super::importance::{Importance, mean_and_deviation};
use crate::engine::evaluate::{ClassEvaluation, Evaluation, RegressionEvaluation};
use crate::engine::learn::logistic::Linear;
use crate::engine::learn::split::{Leak, SplitBy};
use crate::engine::learn::{LearnTarget, ModelName, Task};
use crate::engine::persist::LearnedInfo;
use crate::engine::prepare::PreparedColumn;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A supervised model and how well it does on held-out rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Learned {
    /// The model.
    pub model: ModelName,
    /// What was learned.
    pub target: LearnTarget,
    /// What kind of answer that is.
    pub task: Task,
    /// The classes; of two the second is the one looked for. None for numbers.
    pub classes: Vec<ClassRows>,
    /// How rows were held out.
    pub split_by: SplitBy,
    /// Rows that the model learned from.
    pub train_rows: usize,
    /// Rows held out, of all folds together.
    pub test_rows: usize,
    /// Rows without a target, or with a class that too few have; they are predicted only.
    pub unknown_rows: usize,
    /// Of two classes, on the held-out rows, at probability 0.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
    /// Of more classes, on the held-out rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_evaluation: Option<ClassEvaluation>,
    /// Of numbers, on the held-out rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regression: Option<RegressionEvaluation>,
    /// One per fold; none where rows were held out once.
    pub folds: Vec<Fold>,
    /// Measures over folds; none where rows were held out once.
    pub summary: BTreeMap<String, Summary>,
    /// Of a forest, how well its trees judge rows that they have not learned from: accuracy for classes, R² for numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_bag: Option<f64>,
    /// What the model sees of the features: as the plan prepares them, fitted on the rows learned from.
    pub columns: Vec<PreparedColumn>,
    /// Of logistic regression, the weights of the columns: one for two classes, else one per class against the rest.
    pub linear: Vec<Linear>,
    /// How much features matter.
    pub importance: Importance,
    /// By matrix row: the place of the class decided for, or the number.
    #[serde(skip_serializing, default)]
    pub predictions: Vec<f64>,
    /// Of two classes the probability of the second, one per matrix row; of more rows x classes. None for numbers.
    #[serde(skip_serializing, default)]
    pub probabilities: Vec<f64>,
    /// By matrix row: what the answer should be, the place of the row's class or its number; `NaN` where it has none.
    #[serde(skip_serializing, default)]
    pub actual: Vec<f64>,
    /// By matrix row: 1 where what is predicted comes of a model that has not learned from the row.
    #[serde(skip_serializing, default)]
    pub held_out: Vec<u8>,
    /// What the model may know of held-out rows.
    pub leaks: Vec<Leak>,
    /// What the user should know of this result.
    pub notes: Vec<String>,
    /// Milliseconds by stage, all folds together; zero without a clock: `leaks` of looking for features that tell too much,
    /// `prepare`, `fit`, `predict` of rows held out and all others, `judge` of measures, intervals and importance.
    #[serde(default)]
    pub timings: BTreeMap<String, f64>,
}

impl Learned {
    /// Measures on the rows held out, by name; without those that have no value.
    pub fn measures(&self) -> BTreeMap<String, f64> {
        let binary = self.evaluation.iter().flat_map(Evaluation::measures);
        let classes = self.class_evaluation.iter().flat_map(ClassEvaluation::measures);
        let numbers = self.regression.iter().flat_map(RegressionEvaluation::measures);
        let known = binary.chain(classes).chain(numbers).filter(|(_, value)| value.is_finite());
        known.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// What a saved model says of it.
    pub fn info(&self) -> LearnedInfo {
        LearnedInfo {
            model: self.model,
            target: self.target.clone(),
            task: self.task,
            classes: self.classes.iter().map(|class| class.name.clone()).collect(),
            rows: self.train_rows as u64,
            held_out_rows: self.test_rows as u64,
            split_by: self.split_by,
            metrics: self.measures(),
        }
    }
}

/// A class and its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassRows {
    /// Its name.
    pub name: String,
    /// Rows learned from.
    pub train: usize,
    /// Rows held out, of all folds together.
    pub test: usize,
}

/// One time that rows were held out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fold {
    /// Rows learned from.
    pub train_rows: usize,
    /// Rows held out.
    pub test_rows: usize,
    /// Measures on these, by name; without those that have no value.
    pub measures: BTreeMap<String, f64>,
}

/// A measure over folds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub deviation: f64,
}

/// The measures that folds have, each over those that have it.
pub(super) fn summary(folds: &[Fold]) -> BTreeMap<String, Summary> {
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (name, &value) in folds.iter().flat_map(|fold| &fold.measures) {
        values.entry(name).or_default().push(value);
    }
    let of = |(name, values): (&str, Vec<f64>)| {
        let (mean, deviation) = mean_and_deviation(&values);
        (name.to_owned(), Summary { mean, deviation })
    };
    values.into_iter().map(of).collect()
}
