//! One-class support vector machine: rows outside the smallest region of the feature space that holds most of them.
//!
//! B. Schölkopf et al., *Estimating the Support of a High-Dimensional Distribution*, Neural Computation 2001, in the
//! scaling of LIBSVM and scikit-learn: with multipliers `α` between 0 and 1 that add up to `nu` times the number of rows,
//! the decision function is `Σ α K(sv, x) − ρ`, above 0 inside the region. The measure is its negative. Kernels: radial
//! basis function `exp(−γ |x − y|²)`, with `γ` of scikit-learn's "scale", one over features times variance, by default;
//! and linear `x · y`.
//!
//! It is fitted to at most [`MAX_ROWS`] rows, a seeded sample of them where there are more: time grows with their square.
//! Contributions are sampled Shapley values ([`super::shapley`]).
//!
//! It finds what lies off a smooth region; it loses where normal rows lie in groups of unlike density, and where many
//! features are noise.
//!
//! Files: `kernel` is rows and their products; `solver` finds the multipliers; `model` is what comes of it.

mod kernel;
mod model;
mod solver;

pub(super) use model::OneClassSvm;
pub(super) use solver::OneClassSvmFitting;

/// Rows that are fitted to, at most.
pub(super) const MAX_ROWS: usize = 10_000;
