//! How much features matter: by what is lost when a feature's values change places among held-out rows (Breiman 2001), and
//! by what the model itself says.

use super::truth::{Kind, Truth};
use crate::engine::error::Result;
use crate::engine::evaluate::{self, Bootstrap, RegressionEvaluation, Steps};
use crate::engine::learn::{ImportanceKind, Model};
use crate::engine::prepare::{self, PreparedColumn};
use crate::engine::rng::Rng;
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Held-out rows that values change places among, at most.
const MAX_ROWS: usize = 2_000;
/// Changes of places per feature: where rows are held out once, and where they are in each fold.
const REPEATS: u64 = 5;
const REPEATS_OF_FOLDS: u64 = 2;

/// How much features matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Importance {
    /// The measure that permutation lowers: `rocAuc` (of several classes their mean, one against the rest) or `r2`.
    pub measure: String,
    /// What the model's own importance is.
    pub kind: ImportanceKind,
    /// The features that the model sees, the most important by permutation first; by the model's own importance where
    /// held-out rows cannot say.
    pub features: Vec<FeatureImportance>,
}

/// How much one feature matters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureImportance {
    /// Its name.
    pub feature: String,
    /// What the measure loses on held-out rows when the feature's values change places, mean; absent where it has no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permutation: Option<f64>,
    /// Standard deviation of the same over permutations.
    pub deviation: f64,
    /// The model's own importance, added up over the feature's columns.
    pub model: f64,
}

/// What is measured on held-out rows: `NaN` where they do not have it.
pub(in crate::engine) fn measure(outputs: &[f64], kind: &Kind) -> Result<f64> {
    let area = |class: usize, names: &[String], codes: &[u32]| -> Result<f64> {
        let scores: Vec<f64> = outputs.iter().skip(class).step_by(names.len()).copied().collect();
        let labels: Vec<bool> = codes.iter().map(|&code| code as usize == class).collect();
        Ok(Steps::of(&scores, &labels)?.roc_auc())
    };
    match kind {
        Kind::Classes { names, codes } if names.len() == 2 => area(1, names, codes),
        Kind::Classes { names, codes } => {
            let areas =
                (0..names.len()).map(|class| area(class, names, codes)).collect::<Result<Vec<_>>>()?;
            let known: Vec<f64> = areas.into_iter().filter(|area| !area.is_nan()).collect();
            Ok(known.iter().sum::<f64>() / known.len() as f64)
        }
        Kind::Values(values) => Ok(RegressionEvaluation::of(outputs, values, Bootstrap::NONE)?.r2),
    }
}

/// Places of a truth that stand for all: all where there are few, else some of each class, drawn with the seed, of rare
/// classes more than their share.
pub(super) fn drawn(truth: &Truth, model: &Model, seed: u64) -> Vec<usize> {
    let n = truth.rows.len();
    let most = prepare::rows_per_step(model.products_per_row(), MAX_ROWS).max(MAX_ROWS / 4);
    if n <= most {
        return (0..n).collect();
    }
    let n_classes = truth.codes().into_iter().collect::<BTreeSet<_>>().len();
    truth.drawn(most, most / (2 * n_classes), &mut Rng::for_unit(seed, 1 << 32))
}

/// Permutation of one feature after the other, on prepared rows.
pub(super) struct Permuting {
    /// Rows x prepared columns.
    rows: Array2<f64>,
    kind: Kind,
    /// Features that the model sees, with their columns.
    features: Vec<(usize, Vec<usize>)>,
    repeats: u64,
    seed: u64,
    base: f64,
    /// Permutations done.
    next: u64,
}

/// By feature, what permutations have lost.
pub(super) type Losses = BTreeMap<usize, Vec<f64>>;

impl Permuting {
    pub(super) fn new(
        model: &Model,
        rows: Array2<f64>,
        kind: Kind,
        columns: &[PreparedColumn],
        is_fold: bool,
        seed: u64,
    ) -> Result<Permuting> {
        let mut features: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, column) in columns.iter().enumerate() {
            features.entry(column.feature).or_default().push(place);
        }
        let mut outputs = vec![0.0; rows.nrows() * model.n_outputs()];
        model.outputs(rows.view(), &mut outputs);
        Ok(Permuting {
            base: measure(&outputs, &kind)?,
            rows,
            kind,
            features: features.into_iter().collect(),
            repeats: if is_fold { REPEATS_OF_FOLDS } else { REPEATS },
            seed,
            next: 0,
        })
    }

    /// Permutations done, and all of them.
    pub(super) fn progress(&self) -> (u64, u64) {
        (self.next, self.features.len() as u64 * self.repeats)
    }

    /// Does one permutation; whether all are done.
    pub(super) fn step(&mut self, model: &Model, losses: &mut Losses) -> Result<bool> {
        let (done, all) = self.progress();
        if done == all || self.base.is_nan() {
            return Ok(true);
        }
        let (feature, columns) = &self.features[(self.next / self.repeats) as usize];
        let mut order: Vec<usize> = (0..self.rows.nrows()).collect();
        Rng::for_unit(self.seed, self.next).shuffle(&mut order);
        let mut rows = self.rows.clone();
        for &column in columns {
            for (row, &from) in order.iter().enumerate() {
                rows[[row, column]] = self.rows[[from, column]];
            }
        }
        let mut outputs = vec![0.0; rows.nrows() * model.n_outputs()];
        model.outputs(rows.view(), &mut outputs);
        losses.entry(*feature).or_default().push(self.base - measure(&outputs, &self.kind)?);
        self.next += 1;
        Ok(self.next == all)
    }
}

/// Mean and standard deviation (of a sample; 0 of one value).
pub(in crate::engine) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, if values.len() < 2 { 0.0 } else { (squares / (n - 1.0)).sqrt() })
}

/// How far a feature alone orders rows as the target does, 0.5 (not at all) to 1: the area under its ROC curve for the
/// class that it tells best; for numbers the magnitude of Spearman's correlation. A category's values are taken in the order
/// of their share of the class; with numbers, and with many values, categories are not compared.
pub(super) fn strength(values: &[f64], n_labels: usize, kind: &Kind) -> Result<f64> {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let filled: Vec<f64> =
        values.iter().map(|value| if value.is_nan() { least.min(0.0) - 1.0 } else { *value }).collect();
    match kind {
        Kind::Values(_) | Kind::Classes { .. } if n_labels > values.len() / 20 => Ok(0.0),
        Kind::Values(_) if n_labels > 0 => Ok(0.0),
        Kind::Values(target) => Ok(evaluate::rank_correlation(&filled, target).abs()),
        Kind::Classes { names, codes } => {
            let mut best = 0.0_f64;
            for class in if names.len() == 2 { 1..2 } else { 0..names.len() } {
                let labels: Vec<bool> = codes.iter().map(|&code| code as usize == class).collect();
                let area = match n_labels {
                    0 => Steps::of(&filled, &labels)?.roc_auc(),
                    _ => {
                        let mut counts = vec![(0.0, 0.0); n_labels + 1];
                        let place = |value: &f64| if value.is_nan() { n_labels } else { *value as usize };
                        for (value, &label) in values.iter().zip(&labels) {
                            let (n, n_of_class) = &mut counts[place(value)];
                            *n += 1.0;
                            *n_of_class += f64::from(u8::from(label));
                        }
                        let share = |value: &f64| counts[place(value)].1 / counts[place(value)].0;
                        let shares: Vec<f64> = values.iter().map(share).collect();
                        Steps::of(&shares, &labels)?.roc_auc()
                    }
                };
                if !area.is_nan() {
                    best = best.max(area).max(1.0 - area);
                }
            }
            Ok(best)
        }
    }
}
