//! Random forests: the mean of many trees, each grown on rows and features drawn by lot.
//!
//! L. Breiman, *Random Forests*, Machine Learning 2001, with scikit-learn's choices: each tree learns from as many
//! rows as there are, drawn with replacement; at each node features are drawn without replacement until one can be cut
//! and there are as many as asked for; cuts lower the Gini index or the variance most; leaves are pure unless told
//! otherwise; the probability of a class is the mean of its share in leaves. Two differences: a feature of more than
//! 4,095 different values is cut between as many bins, and rows without a value go where they serve better, as
//! in boosting.
//!
//! ```text
//! Forest::params().trees(100).fitting(rows, Target::Classes { classes: &y, n_classes: 2 }, None)?  // -> ForestFitting
//! while !fitting.is_done() { fitting.step(rows); }                                                // -> Progress
//! let OutOfBag { outputs, score } = fitting.out_of_bag();
//! let model = fitting.into_model();
//! model.outputs(rows, &mut out)    // rows x n_outputs(): the value, or a probability per class
//! let mut explainer = model.explainer(output); explainer.contributions(row, &mut shares)   // base() + sum = output
//! ```
//!
//! Files: [`Params`] and their checks; `sums` is what a cut is worth; `tally` a node's rows by bin; `growth` a tree; `fitting`
//! the whole; `model`.

mod fitting;
mod growth;
mod model;
mod params;
mod sums;
mod tally;

pub use fitting::{ForestFitting, OutOfBag};
pub use model::Forest;
pub use params::{MaxFeatures, Params};
