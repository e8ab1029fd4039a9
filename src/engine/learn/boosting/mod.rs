//! Gradient-boosted trees: each tree corrects what those before it leave.
//!
//! J. Friedman, *Greedy Function Approximation: A Gradient Boosting Machine*, Annals of Statistics 2001; with second
//! derivatives, penalties and missing values as T. Chen and C. Guestrin, *XGBoost: A Scalable Tree Boosting System*,
//! KDD 2016, whose names and defaults are taken. A cut wins `G_L²/(H_L + λ) + G_R²/(H_R + λ) - G²/(H + λ)` of the sums
//! of first and second derivatives on its sides, a leaf is `-η·G/(H + λ)`; rows without a value go to the side where
//! they win more, and where training rows all have one, to the larger. Squared error for numbers, log loss for two
//! classes, softmax with one tree per class and round for more.
//!
//! Cuts lie between bins of values ([`super::trees`]), at most 255 a feature, counted once. The sums of a node's larger
//! child are its own less those of the smaller one.
//!
//! ```text
//! Boosting::params().trees(200).learning_rate(0.1).fitting(rows, Target::Values(&y), None)?   // -> BoostingFitting
//! while !fitting.is_done() { fitting.step(rows); }                                            // -> Progress
//! let model = fitting.into_model();
//! model.outputs(rows, &mut out)    // rows x n_outputs(): the value, or a probability per class
//! model.margins(rows, &mut out)    // rows x base().len(): the value, log-odds, or one per class
//! let mut explainer = model.explainer(margin); explainer.contributions(row, &mut shares)   // base() + sum = margin
//! ```
//!
//! Files: [`Params`] and their checks; `loss`; `histogram` adds up; `growth` is a tree; `fitting` the whole; `model`.

mod fitting;
mod growth;
mod histogram;
mod loss;
mod model;
mod params;

pub use fitting::BoostingFitting;
pub use loss::Objective;
pub use model::Boosting;
pub use params::Params;
