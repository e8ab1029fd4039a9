//! Models with a measure of their own (an error, a distance, a sum of surprises), brought to the scale that all
//! detectors share.
//!
//! A raw measure says nothing by itself: its size depends on the number of features and rows. What compares is how far a
//! row lies from the bulk of the training rows. With `z` the deviation from their median in typical deviations of the
//! upper half (as in [`threshold::severities`](super::threshold::severities)), the score is
//!
//! ```text
//! 0.45 + 0.55 z / (z + 9.3)      for z of 0 and more: 0.6 at 3.5, 0.7 at 7.8, near 1 far away
//! 0.45 + 0.45 z / (7.6 − z)      below, near 0 for what is more usual than anything
//! ```
//!
//! It is strictly monotone, so it changes no ranking and no area under a curve, has one slope at 0 from both sides, and
//! needs only the four basic operations, so it has the same bits everywhere.
//!
//! Contributions of the raw measure are stretched by one factor per row, the mean slope of that curve between base and
//! row, so that they add up to the score.

use super::autoencoder::Autoencoder;
use super::checked::{self, Checked};
use super::iforest::ExtendedForest;
use super::marginal::{Copod, Ecod, Hbos, RobustZ, Sum};
use super::neighbors::{Knn, Lof};
use super::ocsvm::OneClassSvm;
use super::{Detector, Fitting, Measure, Measured, Model};
use crate::engine::error::Result;
use crate::engine::host::{Progress, Stage};
use crate::engine::math::quantile_sorted;
use crate::engine::order;
use crate::engine::prepare::Rows;
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// The score of the median training row.
const MIDDLE: f64 = 0.45;
/// Deviations at which half the way from the middle to 1 is gone.
const HALF_WAY: f64 = 9.3;
/// The same below the middle, so that the curve has one slope there.
const HALF_WAY_DOWN: f64 = HALF_WAY * MIDDLE / (1.0 - MIDDLE);
/// Raw measures are cut off here, so that their differences stay finite.
const MAX_RAW: f64 = 1e150;

/// A fitted model with a measure of its own: higher is more abnormal, and 0 is what contributions are counted from.
pub(super) trait RawModel {
    /// Features a row must have.
    fn n_features(&self) -> usize;

    /// Products of two numbers that measuring a row takes, about.
    fn products_per_row(&self) -> usize;

    /// Measures a block of rows, each by itself.
    fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]);

    /// Splits one row's measure over its features: they add up to it, to rounding.
    fn raw_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]);

    /// The same with the standard error of each, which are 0 before, where they are drawn.
    fn sampled_contributions(
        &self,
        row: ArrayView1<'_, f64>,
        contributions: &mut [f64],
        _errors: &mut [f64],
    ) {
        self.raw_contributions(row, contributions);
    }

    /// As [`Detector::check`].
    fn check(&self) -> Checked;
}

/// Every fitted model with a measure of its own, as it is written into a file: a variant keeps its place and its fields
/// for good, new ones are added at the end.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Raw {
    RobustZ(Sum<RobustZ>),
    Hbos(Sum<Hbos>),
    Ecod(Sum<Ecod>),
    Copod(Sum<Copod>),
    Knn(Knn),
    Lof(Lof),
    Autoencoder(Autoencoder),
    Ocsvm(OneClassSvm),
    ExtendedForest(ExtendedForest),
}

impl Raw {
    /// As [`RawModel::measure_block`], within what differences stay finite.
    pub(super) fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]) {
        self.model().measure_block(rows, raw);
        raw.iter_mut().for_each(|raw| *raw = raw.min(MAX_RAW));
    }

    pub(super) fn model(&self) -> &dyn RawModel {
        match self {
            Raw::RobustZ(model) => model,
            Raw::Hbos(model) => model,
            Raw::Ecod(model) => model,
            Raw::Copod(model) => model,
            Raw::Knn(model) => model,
            Raw::Lof(model) => model,
            Raw::Autoencoder(model) => model,
            Raw::Ocsvm(model) => model,
            Raw::ExtendedForest(model) => model,
        }
    }
}

/// From raw measures to scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Curve {
    median: f64,
    spread: f64,
}

impl Curve {
    /// Of measures that are deviations already.
    pub const NORMAL: Curve = Curve { median: 0.0, spread: 1.0 };

    /// By the measures of the training rows, which are sorted here.
    pub fn fit(raw: &mut [f64]) -> Curve {
        order::sort(raw);
        let median = quantile_sorted(raw, 0.5);
        let quartile = (quantile_sorted(raw, 0.75) - median) / 0.674_489_750_196_081_7;
        // Where the bulk is all alike, from the mean distance above the median, as severities do.
        let n = raw.len() as f64;
        let above: f64 = raw.iter().map(|raw| (raw - median).max(0.0) / n).sum();
        let spread =
            [quartile, 2.0 * 1.253_314_137_315_500_3 * above].into_iter().find(|spread| *spread > 0.0);
        // And where every row is, any other is far away.
        Curve { median, spread: spread.unwrap_or(median.abs().max(1.0) * 1e-6) }
    }

    /// Typical deviations from the median.
    pub fn z(self, raw: f64) -> f64 {
        ((raw - self.median) / self.spread).clamp(-MAX_RAW, MAX_RAW)
    }

    pub fn score(z: f64) -> f64 {
        if z >= 0.0 {
            MIDDLE + (1.0 - MIDDLE) * (z / (z + HALF_WAY))
        } else {
            MIDDLE + MIDDLE * (z / (HALF_WAY_DOWN - z))
        }
    }

    pub fn check(self) -> Checked {
        checked::finite(&[self.median, self.spread])?;
        checked::that(self.spread > 0.0, "the spread of its measure is not above 0")
    }

    fn slope(z: f64) -> f64 {
        if z >= 0.0 {
            (1.0 - MIDDLE) * HALF_WAY / ((z + HALF_WAY) * (z + HALF_WAY))
        } else {
            MIDDLE * HALF_WAY_DOWN / ((HALF_WAY_DOWN - z) * (HALF_WAY_DOWN - z))
        }
    }
}

/// A model on the shared scale.
#[derive(Debug, Serialize, Deserialize)]
pub struct Calibrated {
    model: Raw,
    curve: Curve,
}

/// Below this many deviations between base and row, the slope at the base is exact enough, and a difference quotient is
/// mostly rounding.
const SMALL_Z: f64 = 1e-6;

impl Calibrated {
    /// The measure itself, of a block of rows; 0 is what contributions are counted from.
    pub(super) fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]) {
        assert_eq!((rows.nrows(), rows.ncols()), (raw.len(), self.n_features()), "the model's rows");
        self.model.measure_block(rows, raw);
    }

    /// What gives the measure itself.
    pub(super) fn measure(&self) -> Measure<'_> {
        Measure::raw(&self.model)
    }

    /// Contributions to one row's measure, and their standard errors.
    pub(super) fn raw_contributions(
        &self,
        row: ArrayView1<'_, f64>,
        contributions: &mut [f64],
        errors: &mut [f64],
    ) {
        errors.fill(0.0);
        self.model.model().sampled_contributions(row, contributions, errors);
    }

    /// The score of a measure.
    pub(super) fn score_of(&self, raw: f64) -> f64 {
        Curve::score(self.curve.z(raw))
    }
}

impl Detector for Calibrated {
    fn n_features(&self) -> usize {
        self.model.model().n_features()
    }

    fn products_per_row(&self) -> usize {
        self.model.model().products_per_row()
    }

    fn score_block(&self, rows: ArrayView2<'_, f64>, scores: &mut [f64]) {
        self.measure_block(rows, scores);
        scores.iter_mut().for_each(|score| *score = self.score_of(*score));
    }

    fn base(&self) -> f64 {
        Curve::score(self.curve.z(0.0))
    }

    fn contributions_block(&self, rows: ArrayView2<'_, f64>, contributions: &mut [f64], errors: &mut [f64]) {
        let mut raw = vec![0.0; rows.nrows()];
        self.measure_block(rows, &mut raw);
        let base = self.curve.z(0.0);
        let split = super::per_row(self.n_features(), contributions, errors);
        for ((row, raw), (contributions, errors)) in rows.outer_iter().zip(raw).zip(split) {
            self.raw_contributions(row, contributions, errors);
            let z = self.curve.z(raw);
            contributions.iter_mut().for_each(|share| *share /= self.curve.spread);
            let total: f64 = contributions.iter().sum();
            let factor = if total.abs() < SMALL_Z {
                Curve::slope(base)
            } else {
                (Curve::score(z) - Curve::score(base)) / total
            };
            contributions.iter_mut().for_each(|share| *share *= factor);
            errors.iter_mut().for_each(|error| *error *= factor.abs() / self.curve.spread);
        }
    }

    fn check(&self) -> Checked {
        self.curve.check()?;
        self.model.model().check()
    }
}

/// A fit of a raw model under way, to be followed by its calibration.
pub(super) trait RawFitting {
    /// Does one step.
    ///
    /// # Errors
    /// Whatever the fit meets.
    fn step(&mut self, rows: Rows<'_>) -> Result<()>;

    /// Steps done, and steps in all.
    fn progress(&self) -> (u64, u64);

    /// The measures of the training rows, to the bit those that the model gives them, where the fit found them out on its
    /// way; once all steps are done.
    fn take_measures(&mut self) -> Option<Vec<f64>> {
        None
    }

    /// The model, once all steps are done.
    fn finish(self: Box<Self>) -> Raw;
}

/// Fits a raw model, then measures the training rows with it.
pub(super) struct CalibratedFitting {
    state: State,
    n_rows: usize,
    n_fit_steps: u64,
}

enum State {
    Fit(Box<dyn RawFitting>),
    Calibrate {
        model: Raw,
        measured: Measured,
    },
    Done {
        model: Calibrated,
        /// Measures of the training rows, until they or their scores are taken.
        raw: Option<Vec<f64>>,
    },
    /// Left behind while a step moves its parts, and for good when that step failed.
    Failed,
}

impl State {
    /// From the measures of the training rows.
    fn calibrated(model: Raw, mut raw: Vec<f64>) -> State {
        raw.iter_mut().for_each(|raw| *raw = raw.min(MAX_RAW));
        let curve = Curve::fit(&mut raw.clone());
        State::Done { model: Calibrated { model, curve }, raw: Some(raw) }
    }
}

impl CalibratedFitting {
    pub fn new(fitting: Box<dyn RawFitting>, n_rows: usize) -> Self {
        let n_fit_steps = fitting.progress().1;
        CalibratedFitting { state: State::Fit(fitting), n_rows, n_fit_steps }
    }
}

impl Fitting for CalibratedFitting {
    fn step(&mut self, rows: Rows<'_>) -> Result<Progress> {
        let mut n_done = self.n_fit_steps;
        self.state = match std::mem::replace(&mut self.state, State::Failed) {
            State::Fit(mut fitting) => {
                fitting.step(rows)?;
                let (done, total) = fitting.progress();
                n_done = done;
                if done < total {
                    State::Fit(fitting)
                } else if let Some(raw) = fitting.take_measures() {
                    n_done += self.n_rows as u64;
                    State::calibrated(fitting.finish(), raw)
                } else {
                    let model = fitting.finish();
                    let measured = Measured::none(self.n_rows, Measure::raw(&model));
                    State::Calibrate { model, measured }
                }
            }
            State::Calibrate { model, mut measured } => {
                measured.step(Measure::raw(&model), rows);
                n_done += measured.n_done() as u64;
                match measured.is_done() {
                    true => State::calibrated(model, measured.finish().0),
                    false => State::Calibrate { model, measured },
                }
            }
            done => done,
        };
        let total = self.n_fit_steps + self.n_rows as u64;
        Ok(Progress { stage: Stage::Fit, done: n_done, total })
    }

    fn is_done(&self) -> bool {
        matches!(self.state, State::Done { .. })
    }

    fn take_scores(&mut self) -> Option<Vec<f64>> {
        let mut scores = self.take_measures()?;
        if let State::Done { model, .. } = &self.state {
            scores.iter_mut().for_each(|score| *score = model.score_of(*score));
        }
        Some(scores)
    }

    fn take_measures(&mut self) -> Option<Vec<f64>> {
        match &mut self.state {
            State::Done { raw, .. } => raw.take(),
            _ => None,
        }
    }

    fn measuring(&mut self) -> Option<(Measure<'_>, &mut Measured)> {
        match &mut self.state {
            State::Calibrate { model, measured } => Some((Measure::raw(model), measured)),
            _ => None,
        }
    }

    fn finish(self: Box<Self>) -> Model {
        match self.state {
            State::Done { model, .. } => Model::Calibrated(model),
            _ => panic!("the fit is not done"),
        }
    }
}
