//! How features go together, for a person who judges which of them say the same.

use super::analysis::Analysis;
use serde::{Deserialize, Serialize};

/// Features compared at most: pairs grow with their square.
const MAX_FEATURES: usize = 300;

/// Spearman's rank correlations between features, over up to 1,000 rows that are not flagged, spread evenly: those by
/// which sentences leave out what says the same twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureCorrelations {
    /// Features compared, indices: the first 300.
    pub features: Vec<usize>,
    /// Row by row, one value for each pair; NaN where one of the two is constant.
    #[serde(skip_serializing, default)]
    pub values: Vec<f64>,
}

/// Compares the features of an analysis.
pub fn correlations(analysis: &Analysis) -> FeatureCorrelations {
    let n = analysis.matrix.features.len().min(MAX_FEATURES);
    let mut values = vec![f64::NAN; n * n];
    for a in 0..n {
        for b in (0..=a).filter(|&b| analysis.baselines.is_varied(a) && analysis.baselines.is_varied(b)) {
            let value = if a == b { 1.0 } else { analysis.baselines.rank_correlation(a, b) };
            values[a * n + b] = value;
            values[b * n + a] = value;
        }
    }
    FeatureCorrelations { features: (0..n).collect(), values }
}
