//! Detectors that look at one feature at a time and add up what they see: fast, without a parameter to get wrong, and
//! exact in their reasons, since each feature's part of the sum is its contribution. They miss rows that are abnormal
//! only in combination.
//!
//! | detector | a feature's part | source |
//! | --- | --- | --- |
//! | robust-z | distance from the median in normal-consistent median absolute deviations | Iglewicz and Hoaglin, *How to Detect and Handle Outliers*, 1993 |
//! | hbos | `−log2(height + 0.1)` of the value's bar in a histogram of 10 bars, heights of which the highest is 1 | Goldstein and Dengel, *Histogram-based Outlier Score*, KI 2012; 0.1 and the way with values outside as in PyOD |
//! | ecod | `−ln` of the share of rows at or beyond the value, on the side the skewness points to, or the rarer side if that is more | Li et al., *ECOD*, TKDE 2022, as in PyOD |
//! | copod | the same, but at least the mean of both sides | Li et al., *COPOD*, ICDM 2020, as in PyOD |
//!
//! Parts are counted from their mean over the training rows: the measure of a row is how much more there is of it.

mod ecdf;
mod histogram;
mod robust_z;

pub(super) use ecdf::{Copod, Ecod};
pub(super) use histogram::Hbos;
pub(super) use robust_z::RobustZ;

use super::calibrated::{Raw, RawFitting, RawModel};
use super::checked::{self, Checked};
use crate::engine::error::Result;
use crate::engine::math::compensated_sum;
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// What is kept of one feature.
pub(super) trait Marginal: Sized + 'static {
    /// From the values of the training rows, ascending.
    fn fit(sorted: &[f64]) -> Self;

    /// The part of a value; higher is more abnormal. Finite.
    fn part(&self, value: f64) -> f64;

    /// As [`Detector::check`](super::Detector::check).
    fn check(&self) -> Checked;

    /// The fitted sum as one of all models.
    fn raw(sum: Sum<Self>) -> Raw;
}

/// Features with the mean of their parts.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sum<M> {
    features: Vec<(M, f64)>,
}

impl<M: Marginal> RawModel for Sum<M> {
    fn n_features(&self) -> usize {
        self.features.len()
    }

    fn products_per_row(&self) -> usize {
        self.features.len()
    }

    fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]) {
        for (raw, row) in raw.iter_mut().zip(rows.outer_iter()) {
            let shares =
                row.iter().zip(&self.features).map(|(&value, (feature, mean))| feature.part(value) - mean);
            *raw = shares.sum();
        }
    }

    fn raw_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        for ((share, &value), (feature, mean)) in contributions.iter_mut().zip(row).zip(&self.features) {
            *share = feature.part(value) - mean;
        }
    }

    fn check(&self) -> Checked {
        self.features.iter().try_for_each(|(feature, mean)| {
            checked::finite(&[*mean])?;
            feature.check()
        })
    }
}

/// One feature per step.
#[derive(Debug)]
pub(super) struct SumFitting<M> {
    model: Sum<M>,
    n_features: usize,
}

impl<M: Marginal> SumFitting<M> {
    pub fn new(n_features: usize) -> Self {
        SumFitting { model: Sum { features: Vec::with_capacity(n_features) }, n_features }
    }
}

impl<M: Marginal> RawFitting for SumFitting<M> {
    fn step(&mut self, rows: ArrayView2<'_, f64>) -> Result<()> {
        let mut values = rows.column(self.model.features.len()).to_vec();
        crate::engine::order::sort(&mut values);
        let feature = M::fit(&values);
        let mean = compensated_sum(values.iter().map(|&value| feature.part(value))) / values.len() as f64;
        self.model.features.push((feature, mean));
        Ok(())
    }

    fn progress(&self) -> (u64, u64) {
        (self.model.features.len() as u64, self.n_features as u64)
    }

    fn finish(self: Box<Self>) -> Raw {
        M::raw(self.model)
    }
}
