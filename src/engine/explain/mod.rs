//! Why a row is strange: the same kind of reason for every model.
//!
//! Reasons are data first (contributions in score units that add up to the score, typical against actual, the rows
//! that are the evidence); sentences are made of them last. A sentence says what differs from normal rows and by how
//! much; it never says why somebody did it.

mod baselines;
mod caution;
mod compared;
mod counterfactual;
mod global;
mod learned;
mod named;
mod phrase;
mod quantity;
mod sentence;

pub use baselines::{Baseline, Baselines, BaselinesFitting, normal_sample};
pub use caution::{Caution, Known};
pub use compared::{Compared, Peers, PeersFitting};
pub use counterfactual::{Change, Counterfactual, Decision, counterfactual};
pub use global::{Beeswarm, Explained, FeatureWeight, GlobalExplanation, GlobalJob, GlobalOptions};
pub use learned::learned_sentence;
pub use quantity::{in_fitting_unit, is_on_circle, shown_unit};
pub use sentence::{rule_text, rules_sentence, subject_sentence};

use sentence::{LEAST_PART, MAX_NAMED};

use super::detect::Detector;
use super::features::FeatureMatrix;
use super::plan::DetectorName;
use super::prepare::{FittedPreparation, rows_per_step};
use crate::engine::order;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Table rows named as evidence of one matrix row, at most.
pub const MAX_EVIDENCE: usize = 1_000;

/// What one feature has to do with one row's score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contribution {
    /// Feature name.
    pub feature: String,
    /// The row's value, in the feature's own unit; of a category its place among the labels; `NaN` where missing.
    pub value: f64,
    /// The median of normal rows, in the feature's own unit; of a category the place of the most frequent label; `NaN`
    /// where no normal row has a value.
    pub typical: f64,
    /// The value in words, where it is none of a quantity, a category's label, yes or no, a date, `missing`; and where it
    /// says that something is new, with what that is: `yes (BR)`, `5 (BR, RU and 3 more)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The typical value in words, where it is none of a quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical_text: Option<String>,
    /// The median of the user's own other rows, where there are at least 3; of those before, where rows are events in order
    /// of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical_user: Option<f64>,
    /// That in words, where it is none of a quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical_user_text: Option<String>,
    /// The median of normal rows of the user's group, where a column names groups and at least 3 of its users have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical_peers: Option<f64>,
    /// That in words, where it is none of a quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical_peers_text: Option<String>,
    /// Deviation from the mean of normal rows, in their standard deviations (of the rows as they are, divisor `n`): the
    /// z-score of system B, whose baseline is the rows not flagged too; 0 for a constant feature, a category and a missing
    /// value.
    pub z: f64,
    /// Share of the score, in score units: `base + sum = score`.
    pub contribution: f64,
    /// Where contributions are estimates, its standard error: how far drawing may have taken it from the exact value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
}

/// What one detector of an ensemble gives a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberScore {
    /// Which.
    pub name: DetectorName,
    /// By itself.
    pub score: f64,
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
    /// The reason in words; the caution first, where there is one.
    pub sentence: String,
    /// Features with a value that the model has never seen, where it was fitted to other rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
    /// What the model cannot judge of the row, in words: values that it has never seen, and many that are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caution: Option<String>,
    /// What each detector of an ensemble gives the row by itself; empty where there is but one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberScore>,
    /// The plan's rules that hold on the row, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Table rows that are the evidence, in time order, at most 1,000.
    pub evidence: Vec<u32>,
}

/// A score split over features.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// The score of the average row.
    pub base: f64,
    /// What each feature adds to that, in score units.
    pub shares: Vec<f64>,
    /// The standard error of each; 0 where it is exact. Of several columns of one feature their sum, which is not too
    /// small.
    pub errors: Vec<f64>,
}

impl Split {
    /// A model's splits of rows as it sees them: what it gives to the prepared columns of a feature is the feature's, what the
    /// model does not see has no share.
    ///
    /// # Panics
    /// If model, preparation and rows differ in their columns: a bug of the caller.
    pub fn of_rows(
        model: &dyn Detector,
        preparation: &FittedPreparation,
        prepared_rows: ArrayView2<'_, f64>,
        n_features: usize,
    ) -> Vec<Split> {
        let mut shares = vec![0.0; prepared_rows.len()];
        let mut errors = shares.clone();
        model.contributions_block(prepared_rows, &mut shares, &mut errors);
        let n_columns = prepared_rows.ncols();
        let base = model.base();
        shares
            .chunks_exact(n_columns)
            .zip(errors.chunks_exact(n_columns))
            .map(|(shares, errors)| Split {
                base,
                shares: preparation.by_feature(shares, n_features),
                errors: preparation.by_feature(errors, n_features),
            })
            .collect()
    }

    /// How many rows are split in a few milliseconds, about.
    pub fn rows_per_step(model: &dyn Detector) -> usize {
        /// Where that is fast.
        const MOST: usize = 64;
        /// Rows scored in the time of one that is split by sampling.
        const SCORES_PER_SAMPLED: usize = 40;
        rows_per_step(model.products_per_row().saturating_mul(SCORES_PER_SAMPLED), MOST)
    }
}

/// Explains one matrix row by the split of its score.
///
/// # Panics
/// If `row` is not in the matrix, or matrix, split and baselines differ in their features: a bug of the caller.
pub fn explain_row(
    matrix: &FeatureMatrix,
    baselines: &Baselines,
    compared: &Compared,
    row: usize,
    score: f64,
    split: &Split,
) -> Explanation {
    assert_eq!(matrix.features.len(), baselines.features.len(), "one baseline per feature");
    assert_eq!(matrix.features.len(), split.shares.len(), "one share per feature");
    let Split { base, shares, errors } = split;
    let is_exact = errors.iter().all(|&error| error == 0.0);
    let order = order::descending(shares);
    let contribution = |&index: &usize| {
        let (feature, baseline) = (&matrix.features[index], &baselines.features[index]);
        let value = matrix.values[[row, index]];
        let (user, peers) = (compared.user(index), compared.peers(index));
        let words = |value: Option<f64>| value.and_then(|value| quantity::words(feature, value));
        Contribution {
            feature: feature.name.clone(),
            value,
            typical: baseline.median,
            text: sentence::new_values_text(matrix, row, index).or_else(|| quantity::words(feature, value)),
            typical_text: quantity::words(feature, baseline.median),
            typical_user: user,
            typical_user_text: words(user),
            typical_peers: peers,
            typical_peers_text: words(peers),
            z: baseline.z(value),
            contribution: shares[index],
            error: (!is_exact).then_some(errors[index]),
        }
    };
    let evidence = matrix.table_rows.rows(row);
    Explanation {
        entity: matrix.entity(row),
        row,
        score,
        base: *base,
        contributions: order.iter().map(contribution).collect(),
        sentence: sentence::row_sentence(matrix, baselines, compared, row, &order, shares, score > *base),
        unseen: Vec::new(),
        caution: None,
        members: Vec::new(),
        rules: Vec::new(),
        evidence: evidence[..evidence.len().min(MAX_EVIDENCE)].to_vec(),
    }
}
