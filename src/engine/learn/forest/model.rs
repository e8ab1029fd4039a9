//! The fitted model.

use super::params::Params;
use crate::engine::error::{Error, Result};
use crate::engine::learn::trees::{Explainer, Trees};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// A fitted random forest. See the [module](super) for theory and sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forest {
    /// 0 in regression.
    n_classes: usize,
    trees: Trees,
    /// By feature; they add up to 1 where any cut was made.
    importance: Vec<f64>,
}

impl Forest {
    /// Parameters with their defaults, to be changed and then [fitted](Params::fit).
    pub fn params() -> Params {
        Params::default()
    }

    pub(super) fn new(n_classes: usize, trees: Trees, mut importance: Vec<f64>) -> Self {
        let total: f64 = importance.iter().sum();
        if total > 0.0 {
            importance.iter_mut().for_each(|sum| *sum /= total);
        }
        Forest { n_classes, trees, importance }
    }

    /// Features a row must have.
    pub fn n_features(&self) -> usize {
        self.trees.n_features()
    }

    /// Classes; 0 in regression.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Numbers predicted of a row: the value, or a probability for each class.
    pub fn n_outputs(&self) -> usize {
        self.n_classes.max(1)
    }

    /// The trees. Outputs are the means over them; of two classes they give the probability of class 1 alone.
    pub fn trees(&self) -> &Trees {
        &self.trees
    }

    /// Each feature's share of the fall of impurity, mean over trees.
    pub fn importance(&self) -> &[f64] {
        &self.importance
    }

    /// What is predicted of rows (rows x outputs): the value, or the probability of each class, which is the mean over
    /// trees of its share in the row's leaf.
    ///
    /// # Panics
    /// If the shapes do not fit: a bug of the caller.
    pub fn outputs(&self, rows: ArrayView2<'_, f64>, outputs: &mut [f64]) {
        let n_trees = self.trees.n_trees() as f64;
        if self.n_classes == 2 {
            let mut shares = vec![0.0; rows.nrows()];
            self.trees.add_sums(rows, &mut shares);
            for (share, outputs) in shares.iter().zip(outputs.chunks_exact_mut(2)) {
                outputs[1] = share / n_trees;
                outputs[0] = 1.0 - outputs[1];
            }
        } else {
            outputs.fill(0.0);
            self.trees.add_sums(rows, outputs);
            outputs.iter_mut().for_each(|sum| *sum /= n_trees);
        }
    }

    /// Splits an output over the features of rows: the value, or the probability of a class.
    ///
    /// # Panics
    /// If there is no such output.
    pub fn explainer(&self, output: usize) -> Explainer<'_> {
        assert!(output < self.n_outputs(), "output {output} of {}", self.n_outputs());
        let scale = 1.0 / self.trees.n_trees() as f64;
        match (self.n_classes, output) {
            (2, 0) => Explainer::new(&self.trees, 0, 1.0, -scale),
            (2, _) => Explainer::new(&self.trees, 0, 0.0, scale),
            _ => Explainer::new(&self.trees, output, 0.0, scale),
        }
    }

    /// Whether a model that was read can be used.
    ///
    /// # Errors
    /// `parameter`, with what is wrong.
    pub fn check(&self) -> Result<()> {
        self.trees.check()?;
        let width = if self.n_classes > 2 { self.n_classes } else { 1 };
        let is_right = self.n_classes != 1
            && self.trees.n_outputs() == width
            && self.trees.leaf_width() == width
            && self.trees.n_trees() > 0
            && self.importance.len() == self.n_features()
            && self.importance.iter().all(|share| share.is_finite());
        if is_right { Ok(()) } else { Err(Error::parameter("forest", "numbers that fit together", "others")) }
    }
}
