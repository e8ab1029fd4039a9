//! One feature among normal and among flagged rows.

use super::DISTRIBUTION_BINS;
use crate::engine::analysis::Analysis;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::math::quantile_sorted;
use crate::engine::order;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Values of a category that have a bar of their own, at most.
const MAX_BARS: usize = 30;

/// One feature among normal and flagged rows: by bin, or for a category by value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeatureDistribution {
    /// Feature index.
    pub feature: usize,
    /// Bin edges, one more than bins; the outer bins also hold what lies beyond the 0.5 % and 99.5 % quantiles. Empty for a
    /// category, and where no row has a value.
    #[serde(skip_serializing, default)]
    pub edges: Vec<f64>,
    /// Of a category, the values that are counted one by one: the most frequent, at most 30, of equally frequent ones the
    /// first in the alphabet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub labels: Option<Vec<String>>,
    /// How many further values a category has; the last count is of all of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub other_labels: Option<usize>,
    /// Normal rows by bin or value.
    #[serde(skip_serializing, default)]
    pub normal: Vec<u32>,
    /// Flagged rows by bin or value.
    #[serde(skip_serializing, default)]
    pub flagged: Vec<u32>,
    /// Normal rows without a value; they are in no bin.
    pub normal_missing: u32,
    /// Flagged rows without a value.
    pub flagged_missing: u32,
    /// Quantiles of normal rows: 5 %, 25 %, 50 %, 75 %, 95 %; absent where none is normal, and for a category.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub normal_quantiles: Option<[f64; 5]>,
    /// Quantiles of flagged rows; absent where none is flagged, and for a category.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub flagged_quantiles: Option<[f64; 5]>,
}

/// Bins one feature, normal beside flagged.
///
/// # Errors
/// `no-such-row` for a feature that is not there.
pub fn distribution(analysis: &Analysis, feature: usize) -> Result<FeatureDistribution> {
    let n_features = analysis.matrix.features.len();
    if feature >= n_features {
        return Err(Error::new(ErrorKind::NoSuchRow { what: "feature", row: feature, n_rows: n_features }));
    }
    let mut known: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    let mut missing = [0u32; 2];
    for (&value, &flag) in analysis.matrix.values.column(feature).iter().zip(&analysis.flags) {
        if value.is_nan() { missing[flag as usize] += 1 } else { known[flag as usize].push(value) }
    }
    let labels = &analysis.matrix.features[feature].labels;
    let mut distribution = if labels.is_empty() { by_bin(known) } else { by_label(labels, &known) };
    distribution.feature = feature;
    [distribution.normal_missing, distribution.flagged_missing] = missing;
    Ok(distribution)
}

/// `known` are the values of normal and of flagged rows.
fn by_bin(known: [Vec<f64>; 2]) -> FeatureDistribution {
    let mut all = known.concat();
    order::sort(&mut all);
    let mut counts = [vec![0u32; DISTRIBUTION_BINS], vec![0u32; DISTRIBUTION_BINS]];
    let mut edges = Vec::new();
    if let Some((low, step)) = scale(&all) {
        edges = (0..=DISTRIBUTION_BINS).map(|bin| low + step * bin as f64).collect();
        for (counts, values) in counts.iter_mut().zip(&known) {
            for value in values {
                let bin = (((value - low) / step).max(0.0) as usize).min(DISTRIBUTION_BINS - 1);
                counts[bin] += 1;
            }
        }
    }
    let [normal, flagged] = if edges.is_empty() { [Vec::new(), Vec::new()] } else { counts };
    let [normal_quantiles, flagged_quantiles] = known.map(|mut values| {
        order::sort(&mut values);
        let quantiles = [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| quantile_sorted(&values, q));
        (!values.is_empty()).then_some(quantiles)
    });
    FeatureDistribution { edges, normal, flagged, normal_quantiles, flagged_quantiles, ..Default::default() }
}

/// Where the first bin begins, and how wide bins are; `None` without values.
fn scale(sorted: &[f64]) -> Option<(f64, f64)> {
    // The middle 99 % sets the scale: one extreme row must not squeeze all others into a bin. Flagged rows beyond it
    // are in the outer bins.
    let (mut low, mut high) = (quantile_sorted(sorted, 0.005), quantile_sorted(sorted, 0.995));
    if low >= high {
        (low, high) = (*sorted.first()?, *sorted.last()?);
    }
    if low >= high {
        // Wide enough that edges of a large value still differ.
        let half = (low.abs() * 1e-6).max(0.5);
        (low, high) = (low - half, low + half);
    }
    (!sorted.is_empty()).then(|| (low, high / DISTRIBUTION_BINS as f64 - low / DISTRIBUTION_BINS as f64))
}

/// `known` are places in `labels`, of normal and of flagged rows.
fn by_label(labels: &[String], known: &[Vec<f64>; 2]) -> FeatureDistribution {
    let mut counts = vec![[0u32; 2]; labels.len()];
    for (flag, values) in known.iter().enumerate() {
        values.iter().for_each(|&place| counts[place as usize][flag] += 1);
    }
    let mut places: Vec<usize> = (0..labels.len()).filter(|&place| counts[place] != [0, 0]).collect();
    places.sort_unstable_by_key(|&place| (Reverse(counts[place][0] + counts[place][1]), &labels[place]));
    let (own, others) = places.split_at(places.len().min(MAX_BARS));
    let by_flag = |flag: usize| {
        let of_others = others.iter().map(|&place| counts[place][flag]).sum();
        let own = own.iter().map(|&place| counts[place][flag]);
        own.chain((!others.is_empty()).then_some(of_others)).collect()
    };
    FeatureDistribution {
        labels: Some(own.iter().map(|&place| labels[place].clone()).collect()),
        other_labels: (!others.is_empty()).then_some(others.len()),
        normal: by_flag(0),
        flagged: by_flag(1),
        ..Default::default()
    }
}
