//! Members fitted one after the other, then measured, for what their measures are counted in.

use super::scale::Scale;
use super::{Ensemble, MAX_SAMPLE, Member, Single};
use crate::engine::detect::calibrated::Curve;
use crate::engine::detect::{Detector as _, Fitting, Model, rows_per_step};
use crate::engine::error::Result;
use crate::engine::host::{Progress, Stage};
use crate::engine::plan::Combine;
use crate::engine::rng::Rng;
use ndarray::{Array2, ArrayView2, Axis, s};

/// What one member counts for in the progress of all, once for its fit and once for its scale.
const PARTS: u64 = 1 << 32;
/// Rows measured per step.
const ROWS_PER_STEP: usize = 4_096;

/// An ensemble under way.
pub(in crate::engine::detect) struct EnsembleFitting {
    combine: Combine,
    seed: u64,
    /// Those to be fitted, the next last, each with its weight.
    fits: Vec<(Box<dyn Fitting>, f64)>,
    fitted: Vec<(Single, f64)>,
    /// Rows that members are measured on.
    sample: Array2<f64>,
    /// Member by member, as far as they are measured.
    measures: Vec<Vec<f64>>,
    n_members: usize,
}

impl EnsembleFitting {
    /// Of fits that have been started, each with its weight in a mean; the weights add up to 1.
    pub fn new(mut fits: Vec<(Box<dyn Fitting>, f64)>, combine: Combine, seed: u64) -> Self {
        fits.reverse();
        let n_members = fits.len();
        let (fitted, measures) = (Vec::with_capacity(n_members), Vec::with_capacity(n_members));
        EnsembleFitting { combine, seed, fits, fitted, sample: Array2::zeros((0, 0)), measures, n_members }
    }

    /// One step of a member's fit; parts of it that are done.
    fn fit(&mut self, rows: ArrayView2<'_, f64>) -> Result<u64> {
        let Some((mut fit, weight)) = self.fits.pop() else { return Ok(0) };
        let own = fit.step(rows)?;
        if !fit.is_done() {
            self.fits.push((fit, weight));
            // A member's steps may be many millions, and each is to be seen.
            return Ok((u128::from(own.done) * u128::from(PARTS) / u128::from(own.total.max(1))) as u64);
        }
        self.fitted.push((Single(fit.finish()), weight));
        if self.fits.is_empty() {
            self.sample = match rows.nrows() {
                n if n > MAX_SAMPLE => {
                    let mut drawn = Rng::new(self.seed).sample_indices(n, MAX_SAMPLE);
                    drawn.sort_unstable();
                    rows.select(Axis(0), &drawn)
                }
                _ => rows.to_owned(),
            };
        }
        Ok(0)
    }

    /// One step of measuring the sample.
    fn measure(&mut self) -> u64 {
        let n = self.sample.nrows();
        if self.measures.last().is_none_or(|raw| raw.len() == n) {
            self.measures.push(Vec::with_capacity(n));
        }
        let place = self.measures.len() - 1;
        let (member, raw) = (&self.fitted[place].0, &mut self.measures[place]);
        let start = raw.len();
        let end = (start + rows_per_step(member.0.products_per_row(), ROWS_PER_STEP)).min(n);
        raw.resize(end, 0.0);
        member.measure_block(self.sample.slice(s![start..end, ..]), &mut raw[start..end]);
        (place as u64 * PARTS) + (end as u64 * PARTS) / n as u64
    }
}

impl Fitting for EnsembleFitting {
    fn step(&mut self, rows: ArrayView2<'_, f64>) -> Result<Progress> {
        let n_members = self.n_members as u64;
        let done = if !self.fits.is_empty() {
            let begun = self.fit(rows)?;
            self.fitted.len() as u64 * PARTS + begun
        } else if !self.is_done() {
            n_members * PARTS + self.measure()
        } else {
            2 * n_members * PARTS
        };
        Ok(Progress { stage: Stage::Fit, done, total: 2 * n_members * PARTS })
    }

    fn is_done(&self) -> bool {
        let is_measured = self.measures.last().is_some_and(|raw| raw.len() == self.sample.nrows());
        self.measures.len() == self.n_members && is_measured
    }

    fn finish(self: Box<Self>) -> Model {
        assert!(self.is_done(), "the fit is not done");
        let members = self.fitted.into_iter().zip(&self.measures).map(|((model, weight), raw)| {
            let scale = match self.combine {
                Combine::Average | Combine::Maximum => Scale::range(raw),
                Combine::Ranks | Combine::Both => Scale::shares(&mut raw.clone()),
            };
            Member { model, scale, weight }
        });
        let mut ensemble =
            Ensemble { members: members.collect(), combine: self.combine, curve: Curve::NORMAL };
        let mut combined: Vec<f64> = (0..self.sample.nrows())
            .map(|row| {
                let places = ensemble.members.iter().zip(&self.measures);
                ensemble.combined(places.map(|(member, raw)| member.scale.place(raw[row])))
            })
            .collect();
        ensemble.curve = Curve::fit(&mut combined);
        Model::Ensemble(ensemble)
    }
}
