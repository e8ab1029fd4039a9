//! Why a row is strange: the same kind of reason for every model.
//!
//! Reasons are data first (contributions in score units that add up to the score, typical against actual, the rows
//! that are the evidence); sentences are made of them last. A sentence says what differs from normal rows and by how
//! much; it never says why somebody did it.

mod baselines;
mod phrase;
mod quantity;
mod sentence;

pub use baselines::{Baseline, Baselines};
pub use sentence::{rule_text, rules_sentence, subject_sentence};

use super::detect::Detector;
use super::features::FeatureMatrix;
use crate::engine::order;
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// Table rows named as evidence of one matrix row, at most.
const MAX_EVIDENCE: usize = 1_000;

/// What one feature has to do with one row's score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// Feature name.
    pub feature: String,
    /// The row's value, in the feature's own unit.
    pub value: f64,
    /// The median of normal rows, in the feature's own unit.
    pub typical: f64,
    /// Deviation from the mean of normal rows, in their standard deviations; 0 for a constant feature.
    pub z: f64,
    /// Share of the score, in score units: `base + sum = score`.
    pub contribution: f64,
}

/// Why one row has its score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Name of the matrix row.
    pub entity: String,
    /// Matrix row.
    pub row: usize,
    /// Its score.
    pub score: f64,
    /// The score of the average row.
    pub base: f64,
    /// All features, largest contribution first.
    pub contributions: Vec<Contribution>,
    /// The reason in words.
    pub sentence: String,
    /// The plan's rules that hold on the row, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Table rows that are the evidence, in time order, at most 1,000.
    pub evidence: Vec<u32>,
}

/// Explains one matrix row: `scaled_row` is the row as the model saw it, `score` what the model gave it.
///
/// # Panics
/// If `row` is not in the matrix, or matrix, model and baselines differ in their features: a bug of the caller.
pub fn explain_row(
    matrix: &FeatureMatrix,
    scaled_row: ArrayView1<'_, f64>,
    row: usize,
    score: f64,
    model: &dyn Detector,
    baselines: &Baselines,
) -> Explanation {
    assert_eq!(matrix.features.len(), baselines.features.len(), "one baseline per feature");
    let mut shares = vec![0.0; matrix.features.len()];
    model.contributions(scaled_row, &mut shares);
    let order = order::descending(&shares);

    let base = model.base();
    let contribution = |&feature: &usize| {
        let (value, baseline) = (matrix.values[[row, feature]], &baselines.features[feature]);
        Contribution {
            feature: matrix.features[feature].name.clone(),
            value,
            typical: baseline.median,
            z: baseline.z(value),
            contribution: shares[feature],
        }
    };
    let evidence = matrix.table_rows.rows(row);
    Explanation {
        entity: matrix.entity(row),
        row,
        score,
        base,
        contributions: order.iter().map(contribution).collect(),
        sentence: sentence::row_sentence(matrix, baselines, row, &order, &shares, score > base),
        rules: Vec::new(),
        evidence: evidence[..evidence.len().min(MAX_EVIDENCE)].to_vec(),
    }
}
