//! Spearman's rank correlation, with ranks kept for many comparisons.

use crate::engine::order;

/// Ranks of some scores, tied ones sharing their mean, shifted and scaled to mean 0 and deviation 1; all 0 where every score
/// is the same, which goes with nothing.
pub fn standard_ranks(scores: &[f64]) -> Vec<f64> {
    let mut ranks = order::centred_ranks(scores);
    let deviation = (ranks.iter().map(|rank| rank * rank).sum::<f64>() / ranks.len().max(1) as f64).sqrt();
    if deviation > 0.0 {
        ranks.iter_mut().for_each(|rank| *rank /= deviation);
    }
    ranks
}

/// The correlation of two lists of [`standard_ranks`]: Spearman's, ties included.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / a.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spearman(a: &[f64], b: &[f64]) -> f64 {
        correlation(&standard_ranks(a), &standard_ranks(b))
    }

    #[test]
    fn it_is_scipys_spearmanr() {
        // scipy.stats.spearmanr, version 1.17.1.
        let (a, b) = ([1.0, 2.0, 2.0, 4.0, 9.0], [0.1, 0.3, 0.2, 0.2, 5.0]);
        assert!((spearman(&a, &b) - 0.763_157_894_736_842_1).abs() < 1e-12, "{}", spearman(&a, &b));
        assert!((spearman(&a, &a) - 1.0).abs() < 1e-12);
        assert!((spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]) + 1.0).abs() < 1e-12);
    }

    #[test]
    fn equal_scores_go_with_nothing() {
        assert_eq!(spearman(&[0.5; 4], &[1.0, 2.0, 3.0, 4.0]), 0.0);
        assert_eq!(spearman(&[], &[]), 0.0);
    }
}
