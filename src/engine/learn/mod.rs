//! Supervised models: what tells labelled rows apart. Splits and balanced draws are seeded and beside them.

pub mod boosting;
pub mod forest;
pub mod logistic;
pub mod split;
pub mod trees;
