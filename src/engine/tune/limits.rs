//! How far parameters can differ on some rows: of 80 rows no tree is grown from more, whether 512 or 1,024 are asked for.

use super::trials::Trial;
use crate::engine::features::Feature;
use crate::engine::plan::{Encode, Plan};
use ndarray::ArrayView2;

/// What some rows and their trials have, at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Rows that a detector is fitted to.
    n_rows: usize,
    n_numbers: usize,
    n_categories: usize,
    /// Labels of all categories.
    n_labels: usize,
    has_missing: bool,
}

impl Limits {
    pub fn of(features: &[Feature], values: ArrayView2<'_, f64>, trials: &[Trial]) -> Limits {
        let categories = features.iter().filter(|feature| !feature.labels.is_empty());
        let n_categories = categories.clone().count();
        Limits {
            n_rows: trials.iter().map(|trial| trial.n_train()).max().unwrap_or(0),
            n_numbers: features.len() - n_categories,
            n_categories,
            n_labels: categories.map(|feature| feature.labels.len()).sum(),
            has_missing: values.iter().any(|value| value.is_nan()),
        }
    }

    /// A plan whose parameters ask for no more than there is: those that make the same of it give the same scores.
    pub fn within(&self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        let preparation = &mut plan.preparation;
        if !self.has_missing {
            (preparation.indicators, preparation.impute) = (false, None);
            preparation.features.values_mut().for_each(|of_feature| of_feature.impute = None);
        }
        if self.n_categories == 0 {
            (preparation.encode, preparation.max_categories) = (Encode::default(), 1);
        }
        let n_columns = self.n_columns(&plan);
        let parameters = &mut plan.parameters;
        parameters.subsample = parameters.subsample.min(self.n_rows);
        parameters.neighbors = parameters.neighbors.min(self.n_rows);
        parameters.autoencoder.code = parameters.autoencoder.code.min(n_columns.div_ceil(2));
        plan
    }

    /// Columns that a model sees, at most.
    fn n_columns(&self, plan: &Plan) -> usize {
        // Missing values and all others may be labels of their own.
        let of_categories = self.n_labels + 2 * self.n_categories;
        let of_numbers = if plan.preparation.indicators { 2 } else { 1 } * self.n_numbers;
        of_numbers + of_categories + if plan.preparation.indicators { self.n_categories } else { 0 }
    }
}
