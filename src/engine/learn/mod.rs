//! Supervised models: what tells labelled rows apart. Splits and balanced draws are seeded and beside them.

pub mod logistic;
pub mod split;
