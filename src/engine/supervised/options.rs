//! What is learned, and how.

use crate::engine::error::{Error, Result, check_whole};
use crate::engine::evaluate::Bootstrap;
use crate::engine::learn::split::SplitOptions;
use crate::engine::learn::{self, LearnTarget, ModelName, Task};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much the classes count.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassWeight {
    /// As many rows as they have.
    #[default]
    None,
    /// Each as much as any other.
    Balanced,
    /// By name, above 0; classes not named 1.
    Given(BTreeMap<String, f64>),
}

/// How to learn.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LearnOptions {
    /// The model. Default logistic regression for classes, boosted trees for numbers.
    pub model: Option<ModelName>,
    /// Boosted trees learned elsewhere, as XGBoost saves them as JSON, instead of learning some: they are judged on the same
    /// rows as one that learns here. Their features are what the plan's preparation makes of the rows learned from.
    pub xgboost: Option<String>,
    /// Parameters of logistic regression.
    pub logistic: learn::logistic::Params,
    /// Parameters of a random forest.
    pub forest: learn::forest::Params,
    /// Parameters of boosted trees.
    pub boosting: learn::boosting::Params,
    /// What to learn. Default the flags.
    pub target: LearnTarget,
    /// `classes` or `regression` for a column that could be either. Default by its values.
    pub task: Option<Task>,
    /// Learn from and test on the balanced set (all abnormal rows and as many normal ones, system A.4) instead of all rows.
    /// Default true for the flags, else false; means nothing but for two classes.
    pub balanced: Option<bool>,
    /// Which rows are held out.
    pub split: SplitOptions,
    /// How much the classes count. Default by their rows.
    pub class_weight: ClassWeight,
    /// Drawings for intervals, 0 to 10,000. Default 200.
    pub resamples: Option<usize>,
    /// Seed of everything drawn. Default the plan's.
    pub seed: Option<u64>,
}

impl LearnOptions {
    /// The model and its parameters, for a task.
    pub(in crate::engine) fn params(&self, task: Task) -> learn::Params {
        let default = if task == Task::Regression { ModelName::Boosting } else { ModelName::Logistic };
        learn::Params {
            model: self.model.unwrap_or(if self.xgboost.is_some() { ModelName::Boosting } else { default }),
            logistic: self.logistic,
            forest: self.forest,
            boosting: self.boosting,
        }
    }

    pub(super) fn bootstrap(&self, seed: u64) -> Result<Bootstrap> {
        let resamples = self.resamples.unwrap_or(Bootstrap::default().resamples);
        check_whole("resamples", resamples, 0..=Bootstrap::MAX_RESAMPLES)?;
        Ok(Bootstrap { resamples, seed, ..Bootstrap::default() })
    }

    /// One weight per class; none where all are 1.
    pub(in crate::engine) fn class_weights(&self, classes: &[u32], names: &[String]) -> Result<Vec<f64>> {
        match &self.class_weight {
            ClassWeight::None => Ok(Vec::new()),
            ClassWeight::Balanced => Ok(learn::balanced_weights(classes, names.len())),
            ClassWeight::Given(given) => {
                if let Some((name, weight)) =
                    given.iter().find(|(_, weight)| !(**weight > 0.0 && weight.is_finite()))
                {
                    let found = format!("{weight} for \"{name}\"");
                    return Err(Error::parameter("classWeight", "finite numbers above 0", found));
                }
                if let Some(name) = given.keys().find(|name| !names.contains(name)) {
                    let expected = format!("classes of the target, which are {}", names.join(", "));
                    return Err(Error::parameter("classWeight", &expected, format!("\"{name}\"")));
                }
                Ok(names.iter().map(|name| given.get(name).copied().unwrap_or(1.0)).collect())
            }
        }
    }
}
