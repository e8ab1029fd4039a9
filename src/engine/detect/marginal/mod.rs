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
use crate::engine::order;
use crate::engine::prepare::Rows;
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
        raw.fill(0.0);
        // Feature by feature: what is kept of one may fill a cache, and that of all never fits.
        for ((feature, mean), column) in self.features.iter().zip(rows.columns()) {
            raw.iter_mut().zip(column).for_each(|(raw, &value)| *raw += feature.part(value) - mean);
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

/// Two steps per feature: its values are sorted, then it is fitted and the training rows get its part, which costs least
/// where values come in order.
#[derive(Debug)]
pub(super) struct SumFitting<M> {
    model: Sum<M>,
    n_features: usize,
    /// The values of the feature at hand, and rows by them, once it is sorted.
    sorted: Option<(Vec<f64>, Vec<usize>)>,
    /// What the features so far add up to, by training row.
    measures: Vec<f64>,
}

impl<M: Marginal> SumFitting<M> {
    pub fn new((n_rows, n_features): (usize, usize)) -> Self {
        let model = Sum { features: Vec::with_capacity(n_features) };
        SumFitting { model, n_features, sorted: None, measures: vec![0.0; n_rows] }
    }
}

impl<M: Marginal> RawFitting for SumFitting<M> {
    fn step(&mut self, rows: Rows<'_>) -> Result<()> {
        let Some((column, sorted)) = self.sorted.take() else {
            let column = rows.column(self.model.features.len());
            let sorted = order::ascending(&column);
            self.sorted = Some((column, sorted));
            return Ok(());
        };
        let mut values: Vec<f64> = sorted.iter().map(|&row| column[row]).collect();
        let feature = M::fit(&values);
        for run in values.chunk_by_mut(|a, b| a == b) {
            run.fill(feature.part(run[0]));
        }
        let mean = compensated_sum(values.iter().copied()) / values.len() as f64;
        for (&row, part) in sorted.iter().zip(&values) {
            self.measures[row] += part - mean;
        }
        self.model.features.push((feature, mean));
        Ok(())
    }

    fn progress(&self) -> (u64, u64) {
        let n_sorted = self.model.features.len() + usize::from(self.sorted.is_some());
        ((self.model.features.len() + n_sorted) as u64, 2 * self.n_features as u64)
    }

    fn take_measures(&mut self) -> Option<Vec<f64>> {
        Some(std::mem::take(&mut self.measures))
    }

    fn finish(self: Box<Self>) -> Raw {
        M::raw(self.model)
    }
}
