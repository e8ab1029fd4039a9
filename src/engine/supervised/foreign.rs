//! Boosted trees that were learned elsewhere, to be judged and used like those learned here.

use super::options::LearnOptions;
use super::truth::Truth;
use crate::engine::error::{Error, Result};
use crate::engine::interchange::xgboost;
use crate::engine::learn::ModelName;
use crate::engine::learn::boosting::{Boosting, Objective};
use crate::engine::prepare::FittedPreparation;

/// A model as it was read.
pub(super) struct Foreign {
    pub model: Boosting,
    /// Names of its features; none where its file has none.
    names: Vec<String>,
}

impl Foreign {
    /// Said of everything that is measured.
    pub const NOTE: &str = "The model was learned elsewhere: these figures hold if it has not learned from the rows held out \
                            here.";

    /// Reads the model of the options, if they have one.
    ///
    /// # Errors
    /// `wrong-format` for a text that is no such model; `parameter` when other options contradict it, or it does not answer
    /// what is asked.
    pub fn read(options: &LearnOptions, model: ModelName, truth: &Truth) -> Result<Option<Foreign>> {
        let Some(text) = &options.xgboost else { return Ok(None) };
        if model != ModelName::Boosting {
            return Err(Error::parameter("model", "boosting, as xgboost is given", model.text()));
        }
        if options.split.folds > 0 {
            let expected = "0, as a model that is given does not learn from each fold anew";
            return Err(Error::parameter("folds", expected, options.split.folds));
        }
        let (model, names) = xgboost::read(text)?;
        let n_outputs = truth.n_outputs();
        if model.n_outputs() != n_outputs {
            let what = |n_outputs: usize| match n_outputs {
                1 => "a number".to_owned(),
                n_classes => format!("{n_classes} classes"),
            };
            let expected = format!("a model of {}, as the target is", what(n_outputs));
            let found = match model.objective() {
                Objective::SquaredError => "one of a number (reg:squarederror)".to_owned(),
                _ => format!("one of {}", what(model.n_outputs())),
            };
            return Err(Error::parameter("xgboost", &expected, found));
        }
        Ok(Some(Foreign { model, names }))
    }

    /// Whether the model's features are the columns of a preparation, in their order.
    ///
    /// # Errors
    /// `parameter`, with the first that is another.
    pub fn check_columns(&self, preparation: &FittedPreparation) -> Result<()> {
        let columns = preparation.columns();
        let refused = |found: String| {
            let expected = format!(
                "the {} columns that the preparation makes, which export(\"prepared\") writes",
                columns.len()
            );
            Err(Error::parameter("xgboost", &expected, found))
        };
        if self.model.n_features() != columns.len() {
            return refused(format!("{} features", self.model.n_features()));
        }
        let differs = columns.iter().zip(&self.names).position(|(column, name)| column.name != *name);
        match differs {
            Some(place) => refused(format!(
                "\"{}\" as feature {}, where \"{}\" is",
                self.names[place],
                place + 1,
                columns[place].name
            )),
            None => Ok(()),
        }
    }
}
