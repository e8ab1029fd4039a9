//! How features go together, for a person who judges which of them say the same.

use super::analysis::Analysis;
use super::explain::normal_sample;
use super::features::Feature;
use super::profile::{Categories, MAX_CATEGORIES, cramers_v};
use serde::{Deserialize, Serialize};

/// Features compared at most: pairs grow with their square.
const MAX_FEATURES: usize = 300;

/// How each two features go together over up to 1,000 rows that are not flagged, spread evenly: two numbers by Spearman's
/// rank correlation, by which sentences leave out what says the same twice, two categories by Cramér's V, 0 to 1. In a
/// prediction numbers are compared over the fitted rows, categories over those scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureCorrelations {
    /// Features compared, indices: the first 300.
    pub features: Vec<usize>,
    /// Row by row, one value for each pair; NaN where one of the two is constant, has more than 100 labels, or is a category
    /// and the other is not.
    #[serde(skip_serializing, default)]
    pub values: Vec<f64>,
}

/// Compares the features of an analysis.
pub fn correlations(analysis: &Analysis) -> FeatureCorrelations {
    let n = analysis.matrix.features.len().min(MAX_FEATURES);
    let categories = categories(analysis, n);
    let of_pair = |a: usize, b: usize| match (&categories[a], &categories[b]) {
        (Some(a), Some(b)) => cramers_v(a, b),
        (None, None) if analysis.baselines.is_varied(a) && analysis.baselines.is_varied(b) => {
            Some(if a == b { 1.0 } else { analysis.baselines.rank_correlation(a, b) })
        }
        _ => None,
    };
    let mut values = vec![f64::NAN; n * n];
    for a in 0..n {
        for b in 0..=a {
            let value = of_pair(a, b).unwrap_or(f64::NAN);
            values[a * n + b] = value;
            values[b * n + a] = value;
        }
    }
    FeatureCorrelations { features: (0..n).collect(), values }
}

/// The first `n` features over the rows compared, those that are categories of few enough labels.
fn categories(analysis: &Analysis, n: usize) -> Vec<Option<Categories>> {
    let Analysis { matrix, flags, .. } = analysis;
    let rows = normal_sample(flags);
    let of_feature = |(place, feature): (usize, &Feature)| {
        let labels = &feature.labels;
        if labels.is_empty() {
            return None;
        }
        let code = |&row: &usize| Some(matrix.values[[row, place]]).filter(|value| !value.is_nan());
        let codes =
            rows.iter().map(|row| code(row).map_or(Categories::MISSING, |value| value as u32)).collect();
        let categories = Categories::new(codes, labels.len(), &|code| &labels[code as usize]);
        (categories.n_codes() <= MAX_CATEGORIES).then_some(categories)
    };
    matrix.features[..n].iter().enumerate().map(of_feature).collect()
}
