//! What boosting minimises, and its first and second derivatives.

use crate::engine::learn::trees::Target;
use crate::engine::math::{chances, exp, ln, ln_1p};
use serde::{Deserialize, Serialize};

/// Smallest second derivative of a row, as in xgboost: keeps the weight of rows that are all but certain above 0.
const LEAST_CURVATURE: f64 = 1e-16;

/// What is minimised over the margins, the sums over trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Objective {
    /// Half the squared error; the margin is the value.
    SquaredError,
    /// Log loss of two classes; the margin is the log-odds of class 1.
    Logistic,
    /// Log loss of three and more classes, one margin each, whose softmax are the probabilities.
    Softmax {
        /// Classes.
        n_classes: usize,
    },
}

impl Objective {
    pub(super) fn of(target: &Target<'_>) -> Self {
        match target.n_classes() {
            0 => Objective::SquaredError,
            1 | 2 => Objective::Logistic,
            n_classes => Objective::Softmax { n_classes },
        }
    }

    /// Margins of a row, and trees of a round.
    pub fn n_margins(self) -> usize {
        match self {
            Objective::SquaredError | Objective::Logistic => 1,
            Objective::Softmax { n_classes } => n_classes,
        }
    }

    /// Numbers that are predicted of a row: the value, or a probability for each class.
    pub fn n_outputs(self) -> usize {
        match self {
            Objective::SquaredError => 1,
            Objective::Logistic => 2,
            Objective::Softmax { n_classes } => n_classes,
        }
    }

    /// What is predicted of a row with these margins.
    pub(super) fn outputs(self, margins: &[f64], outputs: &mut [f64]) {
        match self {
            Objective::SquaredError => outputs.copy_from_slice(margins),
            Objective::Logistic => {
                outputs.copy_from_slice(&chances(margins[0]));
            }
            Objective::Softmax { .. } => softmax(margins, outputs),
        }
    }

    /// The margins that minimise the loss where all rows have the same, from which trees go on: the mean, the
    /// log-odds, the logarithms of shares. A class without rows counts as one thousandth of a row.
    pub(super) fn base(self, rows: &[u32], target: &[f64], weights: &[f64]) -> Vec<f64> {
        let total: f64 = rows.iter().map(|&row| weights[row as usize]).sum();
        match self {
            Objective::SquaredError => {
                let sum: f64 = rows.iter().map(|&row| weights[row as usize] * target[row as usize]).sum();
                vec![sum / total]
            }
            Objective::Logistic | Objective::Softmax { .. } => {
                let mut sums = vec![0.0; self.n_outputs()];
                rows.iter().for_each(|&row| sums[target[row as usize] as usize] += weights[row as usize]);
                let least = 1e-3 * total / rows.len() as f64;
                let logs = sums.iter().map(|sum| ln(sum.max(least) / total));
                if self == Objective::Logistic {
                    let logs: Vec<f64> = logs.collect();
                    vec![logs[1] - logs[0]]
                } else {
                    logs.collect()
                }
            }
        }
    }

    /// First and second derivatives of one row's loss by each margin, for its weight. Those of softmax are twice the
    /// diagonal, as in xgboost, which is an upper bound of the whole matrix.
    pub(super) fn derivatives(
        self,
        margins: &[f64],
        target: f64,
        weight: f64,
        mut set: impl FnMut(usize, [f64; 2]),
    ) {
        match self {
            Objective::SquaredError => set(0, [weight * (margins[0] - target), weight]),
            Objective::Logistic => {
                let [_, p] = chances(margins[0]);
                set(0, [weight * (p - target), weight * (p * (1.0 - p)).max(LEAST_CURVATURE)]);
            }
            Objective::Softmax { .. } => {
                let most = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = margins.iter().map(|margin| exp(margin - most)).sum();
                for (class, margin) in margins.iter().enumerate() {
                    let p = exp(margin - most) / total;
                    let y = if target == class as f64 { 1.0 } else { 0.0 };
                    set(class, [weight * (p - y), weight * (2.0 * p * (1.0 - p)).max(LEAST_CURVATURE)]);
                }
            }
        }
    }

    /// One row's loss: squared error, or minus the logarithm of its class's probability.
    pub(super) fn loss(self, margins: &[f64], target: f64) -> f64 {
        match self {
            Objective::SquaredError => (margins[0] - target) * (margins[0] - target),
            Objective::Logistic => {
                let margin = if target > 0.5 { -margins[0] } else { margins[0] };
                margin.max(0.0) + ln_1p(exp(-margin.abs()))
            }
            Objective::Softmax { .. } => {
                let most = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = margins.iter().map(|margin| exp(margin - most)).sum();
                ln(total) + most - margins[target as usize]
            }
        }
    }
}

fn softmax(margins: &[f64], outputs: &mut [f64]) {
    let most = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for (output, margin) in outputs.iter_mut().zip(margins) {
        *output = exp(margin - most);
    }
    let total: f64 = outputs.iter().sum();
    outputs.iter_mut().for_each(|output| *output /= total);
}
