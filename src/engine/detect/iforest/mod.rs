//! Isolation Forest: rows that few random cuts set apart are abnormal.
//!
//! F. T. Liu, K. M. Ting, Z.-H. Zhou, *Isolation Forest*, ICDM 2008. Each tree takes a small random subsample without
//! replacement and cuts it again and again at a random place of a random feature; a row's path from the root is short
//! where it lies apart from the others. With the mean path length `d` over the trees and `c(n)`, the mean path of an
//! unsuccessful search among `n` rows ([`average_path_length`]), the score is `2^(-d / c(subsample))`: near 1 for
//! rows set apart at once, about 0.5 and below for rows like most.
//!
//! Where the paper leaves a choice, scikit-learn's is taken, so that results can be compared: depth is limited to
//! `ceil(log2(subsample))`; a feature is drawn uniformly among those that still vary within the node; the cut is
//! uniform in `[min, max)` and rows at or below it go left; a leaf of `n` rows adds `c(n)` to the path. One
//! difference: scikit-learn holds values in `f32` and takes a feature that spans less than 1e-7 for constant; here
//! values are `f64` and only equal ones are constant.
//!
//! It loses where abnormal rows are abnormal only in combination (cuts follow one feature at a time), where many
//! features are noise (each takes its share of the cuts), and where abnormal rows crowd together (they shield one
//! another; a smaller subsample helps).
//!
//! With `max_features` below 1 each tree draws some features and cuts those alone; its attribution stays exact, for a feature
//! that a tree does not cut has no share in it. With an extension level, cuts go across features, and what
//! a feature is given is a credit of the path taken, not a Shapley value (`extended`).
//!
//! Files: [`Params`] and its checks; `growth` grows trees; `tree` is how one lies in memory; `forest` is the model
//! and scores; `attribution` splits scores over features;
//! `saved` is how it is written into a file.

mod attribution;
mod extended;
mod forest;
mod growth;
mod params;
mod saved;
mod tree;

pub(in crate::engine::detect) use extended::{ExtendedForest, ExtendedForestFitting};
pub use forest::IsolationForest;
pub use growth::IsolationForestFitting;
pub use params::Params;
pub use saved::WalkNode;

use crate::engine::math::{EULER_GAMMA, ln};

/// `c(n)`: mean path length of an unsuccessful search in a random binary search tree of `n` rows, 0 for none or one
/// and 1 for two; for more `2 (ln(n - 1) + γ) - 2 (n - 1) / n`.
pub fn average_path_length(n: usize) -> f64 {
    match n {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let n = n as f64;
            2.0 * (ln(n - 1.0) + EULER_GAMMA) - 2.0 * (n - 1.0) / n
        }
    }
}
