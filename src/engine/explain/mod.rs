//! Why a row is strange: the same kind of reason for every model.
//!
//! Reasons are data first (contributions in score units that add up to the score, typical against actual, the rows
//! that are the evidence); sentences are made of them last.

use serde::{Deserialize, Serialize};

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
    /// Table rows that are the evidence, in time order, at most 1,000.
    pub evidence: Vec<u32>,
}
