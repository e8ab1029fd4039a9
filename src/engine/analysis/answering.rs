//! What the supervised model of a pipeline says of rows, some rows at a time.

use crate::engine::features::FeatureMatrix;
use crate::engine::learn::Learner;
use crate::engine::prepare::{self, Transform};
use ndarray::s;

/// Rows that a supervised model answers per step: enough to hide the call, few enough to stay within milliseconds.
const ANSWER_BLOCK_ROWS: usize = 4_096;

/// What the model says, as far as it was asked.
pub(super) struct Answering {
    transform: Transform,
    /// Answered rows x outputs.
    pub outputs: Vec<f64>,
    pub n_done: usize,
}

impl Answering {
    /// Of no row yet; the model sees rows by `transform`.
    pub fn new(transform: Transform) -> Answering {
        Answering { transform, outputs: Vec::new(), n_done: 0 }
    }

    /// Asks about some more rows.
    pub fn step(&mut self, learner: &Learner, matrix: &FeatureMatrix) {
        let n = prepare::rows_per_step(learner.model.products_per_row(), ANSWER_BLOCK_ROWS);
        let end = (self.n_done + n).min(matrix.n_rows());
        let block = matrix.values.slice(s![self.n_done..end, ..]);
        self.outputs.extend(learner.outputs(&self.transform, block));
        self.n_done = end;
    }
}
