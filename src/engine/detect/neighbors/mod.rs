//! Detectors that ask how far a row's nearest neighbours are.
//!
//! | detector | measure | source |
//! | --- | --- | --- |
//! | knn | mean Euclidean distance to the `neighbors` nearest rows | Angiulli and Pizzuti, *Fast Outlier Detection in High Dimensional Spaces*, PKDD 2002 |
//! | lof | local reachability density of the neighbours over one's own | Breunig et al., *LOF: Identifying Density-Based Local Outliers*, SIGMOD 2000, with scikit-learn's 1e-10 beside distances |
//!
//! Neighbours are looked for among the training rows, or a seeded sample of [`MAX_REFERENCES`] of them where there are
//! more: time grows with rows times references. A row that equals a reference is taken for it, and is no neighbour of
//! itself; of several equal ones, the others are. Ties go to the reference that comes first in the table.
//!
//! knn finds what is far from all; lof what is far for where it is, between groups of unlike density. Both lose where
//! many features are noise, since every feature has the same weight in a distance, and where abnormal rows are more than
//! `neighbors` and alike.

mod boxes;
mod filter;
mod knn;
mod lof;
mod search;

pub(super) use knn::{Knn, KnnFitting};
pub(super) use lof::{Lof, LofFitting};
use search::{Nearest, Search};

use crate::engine::prepare::Rows;
use crate::engine::rng::Rng;

/// Rows that neighbours are looked for among, at most.
pub(super) const MAX_REFERENCES: usize = 10_000;
/// References whose neighbours are found per step, at most.
const REFERENCES_PER_STEP: usize = 64;

/// The references of a fit: all rows, or a sample in the order of the table.
fn references(rows: Rows<'_>, seed: u64) -> Search {
    let n = rows.n_rows();
    let chosen = if n <= MAX_REFERENCES {
        (0..n).collect()
    } else {
        let mut drawn = Rng::new(seed).sample_indices(n, MAX_REFERENCES);
        drawn.sort_unstable();
        drawn
    };
    Search::new(rows.select(&chosen).view())
}
