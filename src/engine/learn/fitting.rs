//! A fit of any model, step by step.

use super::boosting::BoostingFitting;
use super::forest::ForestFitting;
use super::logistic::LogisticFitting;
use super::{Model, ModelName, Params, Target};
use crate::engine::error::{Error, Result};
use crate::engine::host::Progress;
use ndarray::ArrayView2;

/// A fit under way, cut into steps of a few milliseconds. What is drawn is seeded by unit, so the result does not depend
/// on how many are done per step.
pub enum Fitting {
    /// See [`LogisticFitting`].
    Logistic(Box<LogisticFitting>),
    /// See [`ForestFitting`].
    Forest(Box<ForestFitting>),
    /// See [`BoostingFitting`].
    Boosting(Box<BoostingFitting>),
}

/// What a fit gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The model.
    pub model: Model,
    /// Of a forest, how well its trees judge rows that they have not learned from: accuracy for classes, R² for numbers.
    pub out_of_bag: Option<f64>,
}

impl Fitting {
    pub(super) fn new(
        params: &Params,
        rows: ArrayView2<'_, f64>,
        target: Target<'_>,
        class_weights: &[f64],
        seed: u64,
    ) -> Result<Fitting> {
        let row_weights: Option<Vec<f64>> = match target {
            Target::Classes { classes, .. } if !class_weights.is_empty() => {
                Some(classes.iter().map(|&class| class_weights[class as usize]).collect())
            }
            _ => None,
        };
        Ok(match params.model {
            ModelName::Logistic => {
                let Target::Classes { classes, n_classes } = target else {
                    let expected = "forest or boosting, which learn numbers";
                    return Err(Error::parameter("model", expected, "logistic, which learns classes"));
                };
                Fitting::Logistic(Box::new(params.logistic.fitting(
                    rows,
                    classes,
                    n_classes,
                    class_weights,
                )?))
            }
            ModelName::Forest => {
                let params = params.forest.seed(seed);
                Fitting::Forest(Box::new(params.fitting(rows, target, row_weights.as_deref())?))
            }
            ModelName::Boosting => {
                let params = params.boosting.seed(seed);
                Fitting::Boosting(Box::new(params.fitting(rows, target, row_weights.as_deref())?))
            }
        })
    }

    /// Does one step on the training rows, which are the same at every step.
    ///
    /// # Errors
    /// Whatever the fit meets; it cannot go on after that.
    pub fn step(&mut self, rows: ArrayView2<'_, f64>) -> Result<Progress> {
        match self {
            Fitting::Logistic(fitting) => fitting.step(rows),
            Fitting::Forest(fitting) => Ok(fitting.step(rows)),
            Fitting::Boosting(fitting) => Ok(fitting.step(rows)),
        }
    }

    /// Whether all is done.
    pub fn is_done(&self) -> bool {
        match self {
            Fitting::Logistic(fitting) => fitting.is_done(),
            Fitting::Forest(fitting) => fitting.is_done(),
            Fitting::Boosting(fitting) => fitting.is_done(),
        }
    }

    /// The model.
    ///
    /// # Panics
    /// If called before [`Fitting::is_done`].
    pub fn finish(self) -> Fitted {
        match self {
            Fitting::Logistic(fitting) => {
                Fitted { model: Model::Logistic(fitting.into_model()), out_of_bag: None }
            }
            Fitting::Forest(fitting) => {
                let score = fitting.out_of_bag().score;
                let out_of_bag = (!score.is_nan()).then_some(score);
                Fitted { model: Model::Forest(fitting.into_model()), out_of_bag }
            }
            Fitting::Boosting(fitting) => {
                Fitted { model: Model::Boosting(fitting.into_model()), out_of_bag: None }
            }
        }
    }
}
