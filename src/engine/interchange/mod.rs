//! Models for other programs, and theirs for us.
//!
//! [`onnx`] writes models, with their preparation as a graph in front, for any runtime of ONNX; [`xgboost`] writes and
//! reads boosted trees as XGBoost saves them. What those programs make of the files is in `tests/golden/interchange`.

pub mod onnx;
pub mod xgboost;
