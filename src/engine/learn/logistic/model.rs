//! The fitted model.

use super::Params;
use super::pass::dot;
use crate::engine::error::{Error, Result};
use crate::engine::math::chances;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// A weighted sum of features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    /// One per feature.
    pub coefficients: Vec<f64>,
    /// Constant term.
    pub intercept: f64,
    /// Passes over all rows to convergence.
    pub iterations: usize,
}

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogisticRegression {
    /// One for two classes, with the log-odds of the second; else one per class, against all others.
    pub(super) parts: Vec<Linear>,
    /// The features' means over the rows learned from.
    pub(super) means: Vec<f64>,
}

impl LogisticRegression {
    /// Parameters with their defaults, to be changed and then [fitted](Params::fit).
    pub fn params() -> Params {
        Params::default()
    }

    /// Features a row must have.
    pub fn n_features(&self) -> usize {
        self.means.len()
    }

    /// Classes told apart.
    pub fn n_classes(&self) -> usize {
        if self.parts.len() == 1 { 2 } else { self.parts.len() }
    }

    /// One for two classes, with the log-odds of the second; else one per class, against all others.
    pub fn parts(&self) -> &[Linear] {
        &self.parts
    }

    /// The log-odds of rows (rows x parts).
    ///
    /// # Panics
    /// If the shapes do not fit: a bug of the caller.
    pub fn margins(&self, rows: ArrayView2<'_, f64>, margins: &mut [f64]) {
        assert_eq!(
            (rows.ncols(), rows.nrows() * self.parts.len()),
            (self.n_features(), margins.len()),
            "shapes"
        );
        for (row, margins) in rows.outer_iter().zip(margins.chunks_exact_mut(self.parts.len())) {
            let row = row.to_slice().map_or_else(|| row.to_vec().into(), std::borrow::Cow::Borrowed);
            for (part, margin) in self.parts.iter().zip(margins) {
                *margin = dot(&row, &part.coefficients) + part.intercept;
            }
        }
    }

    /// The probabilities of the classes (rows x classes).
    ///
    /// # Panics
    /// If the shapes do not fit: a bug of the caller.
    pub fn outputs(&self, rows: ArrayView2<'_, f64>, outputs: &mut [f64]) {
        let mut margins = vec![0.0; rows.nrows() * self.parts.len()];
        self.margins(rows, &mut margins);
        let of_rows = outputs.chunks_exact_mut(self.n_classes());
        for (margins, outputs) in margins.chunks_exact(self.parts.len()).zip(of_rows) {
            if let [margin] = margins {
                outputs.copy_from_slice(&chances(*margin));
                continue;
            }
            outputs.iter_mut().zip(margins).for_each(|(output, margin)| *output = chances(*margin)[1]);
            let sum: f64 = outputs.iter().sum();
            let n = outputs.len() as f64;
            // A row that no class wants at all, in numbers that have an end, is anybody's.
            outputs.iter_mut().for_each(|output| *output = if sum > 0.0 { *output / sum } else { 1.0 / n });
        }
    }

    /// A part's log-odds of the average row: what contributions are counted from.
    pub fn base(&self, part: usize) -> f64 {
        dot(&self.means, &self.parts[part].coefficients) + self.parts[part].intercept
    }

    /// Splits a row's log-odds over its features: `base + sum = margin`, to rounding. For independent features these are
    /// the Shapley values.
    ///
    /// # Panics
    /// If row or contributions do not have one value per feature: a bug of the caller.
    pub fn contributions(&self, part: usize, row: &[f64], contributions: &mut [f64]) {
        assert_eq!((row.len(), contributions.len()), (self.n_features(), self.n_features()), "features");
        let terms = row.iter().zip(&self.means).zip(&self.parts[part].coefficients);
        contributions.iter_mut().zip(terms).for_each(|(to, ((x, mean), w))| *to = w * (x - mean));
    }

    /// Whether a model that was read can be used.
    ///
    /// # Errors
    /// `parameter`, with what is wrong.
    pub fn check(&self) -> Result<()> {
        let is_right = |part: &Linear| {
            let mut numbers = part.coefficients.iter().chain([&part.intercept]);
            part.coefficients.len() == self.means.len() && numbers.all(|number| number.is_finite())
        };
        let n_parts = self.parts.len();
        let are_means = self.means.iter().all(|mean| mean.is_finite());
        if n_parts != 0 && n_parts != 2 && are_means && self.parts.iter().all(is_right) {
            Ok(())
        } else {
            Err(Error::parameter("logistic", "numbers that fit together", "others"))
        }
    }
}
