//! The supervised half of an analysis: a model learned from flags, labels, rules or any column, judged on rows that it has
//! not learned from.
//!
//! [`LearnJob`] does it in steps: for every split the plan's preparation is fitted on the rows learned from alone, then the
//! model; held-out rows are predicted and judged, and features are permuted among them. Rows held out once keep the model
//! that was judged; after folds a last model learns from all rows, and predictions stay those of the folds, so that nearly
//! every row's is of a model that did not know it. The result is a [`Learned`], to be shown, and a
//! [`Learner`](super::learn::Learner), to be used and saved.

mod foreign;
mod importance;
mod job;
mod options;
mod result;
mod setup;
mod truth;

pub use importance::{FeatureImportance, Importance};
pub(in crate::engine) use importance::{mean_and_deviation, measure};
pub use job::{LearnJob, THRESHOLD};
pub use options::{ClassWeight, LearnOptions};
pub use result::{ClassRows, Fold, Learned, Summary};
pub(in crate::engine) use setup::{Setup, check_task, fitting};
pub use truth::first_target;
pub(in crate::engine) use truth::{Kind, Truth};
