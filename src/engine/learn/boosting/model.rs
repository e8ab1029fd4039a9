//! The fitted model.

use super::loss::Objective;
use super::params::Params;
use crate::engine::error::{Error, Result};
use crate::engine::learn::trees::{Explainer, Trees};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Fitted boosted trees. See the [module](super) for theory and sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Boosting {
    objective: Objective,
    /// By margin.
    base: Vec<f64>,
    trees: Trees,
    /// By feature; they add up to 1 where any cut was made.
    importance: Vec<f64>,
}

impl Boosting {
    /// Parameters with their defaults, to be changed and then [fitted](Params::fit).
    pub fn params() -> Params {
        Params::default()
    }

    pub(in crate::engine) fn new(
        objective: Objective,
        base: Vec<f64>,
        trees: Trees,
        gains: Vec<f64>,
    ) -> Self {
        let total: f64 = gains.iter().sum();
        let importance = gains.iter().map(|gain| if total > 0.0 { gain / total } else { 0.0 }).collect();
        Boosting { objective, base, trees, importance }
    }

    /// Features a row must have.
    pub fn n_features(&self) -> usize {
        self.trees.n_features()
    }

    /// What was minimised.
    pub fn objective(&self) -> Objective {
        self.objective
    }

    /// Numbers predicted of a row: the value, or a probability for each class.
    pub fn n_outputs(&self) -> usize {
        self.objective.n_outputs()
    }

    /// Rounds that were kept.
    pub fn n_rounds(&self) -> usize {
        self.trees.n_trees() / self.objective.n_margins()
    }

    /// The margins before any tree.
    pub fn base(&self) -> &[f64] {
        &self.base
    }

    /// The trees; margins are [`Boosting::base`] and their sums.
    pub fn trees(&self) -> &Trees {
        &self.trees
    }

    /// Each feature's share of what all cuts have won (total gain).
    pub fn importance(&self) -> &[f64] {
        &self.importance
    }

    /// The margins of rows (rows x margins): the value, the log-odds of class 1, or the logarithm of each class's
    /// probability up to a constant.
    ///
    /// # Panics
    /// If the shapes do not fit: a bug of the caller.
    pub fn margins(&self, rows: ArrayView2<'_, f64>, margins: &mut [f64]) {
        let base = self.base.iter().cycle();
        margins.iter_mut().zip(base).for_each(|(margin, base)| *margin = *base);
        self.trees.add_sums(rows, margins);
    }

    /// What is predicted of rows (rows x outputs): the value, or the probability of each class.
    ///
    /// # Panics
    /// If the shapes do not fit: a bug of the caller.
    pub fn outputs(&self, rows: ArrayView2<'_, f64>, outputs: &mut [f64]) {
        let mut margins = vec![0.0; rows.nrows() * self.base.len()];
        self.margins(rows, &mut margins);
        let of_rows = outputs.chunks_exact_mut(self.n_outputs());
        for (margins, outputs) in margins.chunks_exact(self.base.len()).zip(of_rows) {
            self.objective.outputs(margins, outputs);
        }
    }

    /// Splits a margin over the features of rows, in units of the margin.
    ///
    /// # Panics
    /// If there is no such margin.
    pub fn explainer(&self, margin: usize) -> Explainer<'_> {
        Explainer::new(&self.trees, margin, self.base[margin], 1.0)
    }

    /// Whether a model that was read can be used.
    ///
    /// # Errors
    /// `parameter`, with what is wrong.
    pub fn check(&self) -> Result<()> {
        self.trees.check()?;
        let n_margins = self.objective.n_margins();
        let is_right = self.base.len() == n_margins
            && self.trees.n_outputs() == n_margins
            && self.trees.leaf_width() == 1
            && self.trees.n_trees().is_multiple_of(n_margins)
            && self.importance.len() == self.n_features()
            && self.base.iter().chain(&self.importance).all(|number| number.is_finite());
        if is_right {
            Ok(())
        } else {
            Err(Error::parameter("boosting", "numbers that fit together", "others"))
        }
    }
}
