//! One fit and its scores, in steps.

use crate::engine::detect::{self, Detector as _, Fitting, Model};
use crate::engine::error::Result;
use crate::engine::plan::{Detectors, Parameters};
use crate::engine::prepare;
use ndarray::{ArrayView2, s};

/// Rows scored per step, at most.
const SCORE_BLOCK_ROWS: usize = 4_096;

/// What scoring counts for in the progress of a run; fitting is the rest.
const SCORE_SHARE: f64 = 0.2;

/// A detector fitted to some rows and applied to others.
pub struct Run {
    state: State,
    scores: Vec<f64>,
}

enum State {
    Fit(Box<dyn Fitting>, f64),
    Score(Box<Model>, usize),
    Done,
}

impl Run {
    /// Starts fitting to `train`, to score `n_test` rows.
    ///
    /// # Errors
    /// As [`detect::fitting`].
    pub fn new(
        detectors: &Detectors,
        parameters: &Parameters,
        seed: u64,
        train: ArrayView2<'_, f64>,
        n_test: usize,
    ) -> Result<Run> {
        let fitting = detect::fitting(detectors, parameters, seed, train)?;
        Ok(Run { state: State::Fit(fitting, 0.0), scores: vec![0.0; n_test] })
    }

    /// Does a few milliseconds. The same rows at every step. Gives how much is done, from 0 to 1.
    ///
    /// # Errors
    /// What the fit meets.
    pub fn step(&mut self, train: ArrayView2<'_, f64>, test: ArrayView2<'_, f64>) -> Result<f64> {
        let state = std::mem::replace(&mut self.state, State::Done);
        let done;
        (self.state, done) = match state {
            State::Fit(mut fitting, before) => {
                let progress = fitting.step(train.into())?;
                // A fit may have stages of its own, each from none to all.
                let share = before.max(progress.done as f64 / progress.total.max(1) as f64);
                match fitting.is_done() {
                    true => (State::Score(Box::new(fitting.finish()), 0), 1.0 - SCORE_SHARE),
                    false => (State::Fit(fitting, share), share * (1.0 - SCORE_SHARE)),
                }
            }
            State::Score(model, next) => {
                let block = prepare::rows_per_step(model.products_per_row(), SCORE_BLOCK_ROWS);
                let end = (next + block).min(self.scores.len());
                model.score_block(test.slice(s![next..end, ..]), &mut self.scores[next..end]);
                let share = 1.0 - SCORE_SHARE + SCORE_SHARE * end as f64 / self.scores.len().max(1) as f64;
                match end == self.scores.len() {
                    true => (State::Done, 1.0),
                    false => (State::Score(model, end), share),
                }
            }
            State::Done => (State::Done, 1.0),
        };
        Ok(done)
    }

    /// The scores, once all is done.
    pub fn scores(&mut self) -> Option<Vec<f64>> {
        matches!(self.state, State::Done).then(|| std::mem::take(&mut self.scores))
    }
}
