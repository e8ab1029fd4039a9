//! Unsupervised models, and what makes flags of their scores.
//!
//! One convention, written here once: **a score is finite and higher is more abnormal**, one per row. It lies between 0
//! and 1 on the scale of the Isolation Forest, up to about 0.5 for rows like most and near 1 for those set apart at
//! once, so that severities and several models' results can be read side by side; a model whose own measure is another
//! (an error, a distance) maps it. Threshold and severity are a separate step over scores ([`threshold`]); no model
//! knows contamination.
//!
//! A further model is a folder beside [`iforest`], a [`DetectorName`] and an arm of `fitting_of`; the conformance
//! tests go through [`ALL`] and take it in without being told. [`rules`] learn nothing and are not fitted.

mod autoencoder;
mod calibrated;
mod checked;
mod ensemble;
pub mod iforest;
mod marginal;
mod measuring;
mod model;
mod neighbors;
mod ocsvm;
pub mod rules;
mod shapley;
pub mod threshold;

use super::error::{Error, Result};
use super::host::Progress;
use super::plan::{DetectorName, Detectors, Parameters};
use super::prepare::Rows;
use autoencoder::AutoencoderFitting;
use calibrated::{CalibratedFitting, RawFitting};
pub use checked::{Checked, MAX_FEATURES};
pub use ensemble::Ensemble;
use ensemble::EnsembleFitting;
use marginal::{Copod, Ecod, Hbos, Marginal, RobustZ, SumFitting};
pub use measuring::{Measure, Measured, RowBlock, Scorer, SharedRows};
pub use model::Model;
use ndarray::{ArrayView1, ArrayView2, Axis};
use neighbors::{KnnFitting, LofFitting};
use ocsvm::OneClassSvmFitting;

/// Every detector that learns from rows: those that [`fitting`] can start.
pub const ALL: &[DetectorName] = &[
    DetectorName::Iforest,
    DetectorName::RobustZ,
    DetectorName::Hbos,
    DetectorName::Ecod,
    DetectorName::Copod,
    DetectorName::Knn,
    DetectorName::Lof,
    DetectorName::Autoencoder,
    DetectorName::Ocsvm,
];

/// A fitted detector. Models exist only fitted; there is no unfitted state to call by mistake.
pub trait Detector {
    /// Features a row must have.
    fn n_features(&self) -> usize;

    /// Products of two numbers that scoring a row takes, about, where that is more than a few hundred.
    fn products_per_row(&self) -> usize {
        1
    }

    /// Scores a block of rows (rows x features) into `scores`, one per row. A row's score depends on that row alone,
    /// so any cut into blocks gives the same bits.
    ///
    /// # Panics
    /// If the block's shape does not fit `scores` and the model: a bug of the caller.
    fn score_block(&self, rows: ArrayView2<'_, f64>, scores: &mut [f64]);

    /// The score of the model's average row, in score units: what contributions are counted from.
    fn base(&self) -> f64;

    /// Splits each row's score over its features, in score units: `base + sum(contributions) = score`, to rounding. With
    /// each the standard error: how far drawing may have taken it from the value that it is an estimate of; 0 where
    /// nothing is drawn. Both are rows x features, row after row; a row's do not depend on the rows beside it.
    ///
    /// What a share is, each model's module says: a feature's own part of a sum over features, an exact or a sampled Shapley
    /// value, and of an Isolation Forest with cuts across features a credit of the path that the row took, which is none.
    ///
    /// # Panics
    /// If rows, contributions and errors differ in size, or rows do not have [`Detector::n_features`] values.
    fn contributions_block(&self, rows: ArrayView2<'_, f64>, contributions: &mut [f64], errors: &mut [f64]);

    /// [`Detector::contributions_block`] of one row, without the errors.
    ///
    /// # Panics
    /// If `row` and `contributions` do not have [`Detector::n_features`] values.
    fn contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        let mut errors = vec![0.0; contributions.len()];
        self.contributions_block(row.insert_axis(Axis(0)), contributions, &mut errors);
    }

    /// Whether all parts go together and all numbers are finite, so that no row can make it panic: always so where it was
    /// fitted, to be asked where it was read from a file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    fn check(&self) -> Checked;
}

/// A fit under way, cut into steps of a few milliseconds so that a worker can hear a cancel between them. Units are
/// seeded one by one, so the result does not depend on how many are done per step.
pub trait Fitting {
    /// Does one step on the training rows, which are the same at every step.
    ///
    /// # Errors
    /// Whatever the fit meets; it cannot go on after that.
    fn step(&mut self, rows: Rows<'_>) -> Result<Progress>;

    /// Whether all units are done.
    fn is_done(&self) -> bool;

    /// The scores of the training rows, to the bit those that the model gives them, where the fit had to find them out;
    /// once all units are done. They save a second search, sum or sort of every row.
    fn take_scores(&mut self) -> Option<Vec<f64>> {
        None
    }

    /// Instead of [`Fitting::take_scores`], what the model's scores are made of, where it has a measure of its own.
    fn take_measures(&mut self) -> Option<Vec<f64>> {
        self.take_scores()
    }

    /// With [`Fitting::take_scores`], those of each member of an ensemble.
    fn take_member_scores(&mut self) -> Vec<Vec<f64>> {
        Vec::new()
    }

    /// The training rows that a model fitted so far is measuring just now, for others to measure some of them.
    fn measuring(&mut self) -> Option<(Measure<'_>, &mut Measured)> {
        None
    }

    /// The model.
    ///
    /// # Panics
    /// If called before [`Fitting::is_done`].
    fn finish(self: Box<Self>) -> Model;
}

/// Starts fitting a detector, or several as one, to rows (scaled).
///
/// # Errors
/// `parameter` when one of the detector's own is out of range or a value of `rows` is not finite; `too-few-rows`
/// when there is no row. `parameter` for rules as well, which are made of a plan's rules by [`rules::RuleSet::new`].
pub fn fitting<'a>(
    detectors: &Detectors,
    parameters: &Parameters,
    seed: u64,
    rows: impl Into<Rows<'a>>,
) -> Result<Box<dyn Fitting>> {
    parameters.check()?;
    let rows = rows.into();
    match detectors.names() {
        [name] => fitting_of(*name, parameters, seed, rows),
        names => {
            let members = names.iter().zip(ensemble::weights(names));
            let fits: Result<_> = members
                .map(|(&name, weight)| Ok((fitting_of(name, parameters, seed, rows)?, weight)))
                .collect();
            Ok(Box::new(EnsembleFitting::new(fits?, parameters.ensemble.combine, seed)))
        }
    }
}

/// Starts fitting one detector.
fn fitting_of(
    name: DetectorName,
    parameters: &Parameters,
    seed: u64,
    rows: Rows<'_>,
) -> Result<Box<dyn Fitting>> {
    match name {
        DetectorName::Iforest => {
            let params = iforest::IsolationForest::params()
                .trees(parameters.trees)
                .subsample(parameters.subsample)
                .max_features(parameters.iforest.max_features)
                .extension_level(parameters.iforest.extension_level)
                .seed(seed);
            if parameters.iforest.extension_level == 0 {
                return Ok(Box::new(params.fitting(rows)?));
            }
            rows.check("a detector")?;
            let fitting = iforest::ExtendedForestFitting::new(params, rows.dim())?;
            Ok(Box::new(CalibratedFitting::new(Box::new(fitting), rows.n_rows())))
        }
        DetectorName::RobustZ => sum::<RobustZ>(rows),
        DetectorName::Hbos => sum::<Hbos>(rows),
        DetectorName::Ecod => sum::<Ecod>(rows),
        DetectorName::Copod => sum::<Copod>(rows),
        DetectorName::Autoencoder => {
            calibrated(rows, || Box::new(AutoencoderFitting::new(rows, &parameters.autoencoder, seed)))
        }
        DetectorName::Ocsvm => {
            calibrated(rows, || Box::new(OneClassSvmFitting::new(rows, &parameters.ocsvm, seed)))
        }
        DetectorName::Knn => calibrated(rows, || Box::new(KnnFitting::new(rows, parameters.neighbors, seed))),
        DetectorName::Lof => calibrated(rows, || Box::new(LofFitting::new(rows, parameters.neighbors, seed))),
        DetectorName::Rules => {
            Err(Error::parameter("detector", "one that learns from rows", "rules, which are given"))
        }
    }
}

/// Starts fitting a sum of parts, feature by feature.
fn sum<M: Marginal>(rows: Rows<'_>) -> Result<Box<dyn Fitting>> {
    calibrated(rows, || Box::new(SumFitting::<M>::new(rows.dim())))
}

/// Starts fitting a model with a measure of its own.
fn calibrated(rows: Rows<'_>, start: impl FnOnce() -> Box<dyn RawFitting>) -> Result<Box<dyn Fitting>> {
    rows.check("a detector")?;
    Ok(Box::new(CalibratedFitting::new(start(), rows.n_rows())))
}

/// Contributions and errors row by row.
fn per_row<'a>(
    n_features: usize,
    contributions: &'a mut [f64],
    errors: &'a mut [f64],
) -> impl Iterator<Item = (&'a mut [f64], &'a mut [f64])> {
    contributions.chunks_exact_mut(n_features).zip(errors.chunks_exact_mut(n_features))
}
