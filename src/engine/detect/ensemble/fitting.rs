//! Members fitted one after the other, then measured, for what their measures are counted in, then combined.

use super::scale::Scale;
use super::{Ensemble, MAX_SAMPLE, Member, Single};
use crate::engine::detect::calibrated::Curve;
use crate::engine::detect::{Fitting, Measure, Measured, Model};
use crate::engine::error::Result;
use crate::engine::host::{Progress, Stage};
use crate::engine::plan::Combine;
use crate::engine::prepare::Rows;
use crate::engine::rng::Rng;

/// What one member counts for in the progress of all, once for its fit and once for its measures; combining them counts as
/// much.
const PARTS: u64 = 1 << 32;
/// Rows combined per step.
const ROWS_PER_STEP: usize = 4_096;

/// An ensemble under way.
pub(in crate::engine::detect) struct EnsembleFitting {
    combine: Combine,
    seed: u64,
    /// Those to be fitted, the next last, each with its weight.
    fits: Vec<(Box<dyn Fitting>, f64)>,
    /// Those that are, until all are one.
    fitted: Vec<(Single, f64)>,
    /// What each measures of the training rows, as far as that is known; where rows are combined, its scores.
    measures: Vec<Vec<f64>>,
    /// The same of the member that is at it.
    measuring: Option<Measured>,
    /// Once all is measured.
    ensemble: Option<Ensemble>,
    /// Of the training rows, as far as they are combined.
    scores: Vec<f64>,
    is_done: bool,
}

impl EnsembleFitting {
    /// Of fits that have been started, each with its weight in a mean; the weights add up to 1.
    pub fn new(mut fits: Vec<(Box<dyn Fitting>, f64)>, combine: Combine, seed: u64) -> Self {
        fits.reverse();
        EnsembleFitting {
            combine,
            seed,
            fitted: Vec::with_capacity(fits.len()),
            measures: Vec::with_capacity(fits.len()),
            fits,
            measuring: None,
            ensemble: None,
            scores: Vec::new(),
            is_done: false,
        }
    }

    /// One step of a member's fit; parts of it that are done.
    fn fit(&mut self, rows: Rows<'_>) -> Result<u64> {
        let Some((mut fit, weight)) = self.fits.pop() else { return Ok(0) };
        let own = fit.step(rows)?;
        if !fit.is_done() {
            self.fits.push((fit, weight));
            // A member's steps may be many millions, and each is to be seen.
            return Ok((u128::from(own.done) * u128::from(PARTS) / u128::from(own.total.max(1))) as u64);
        }
        self.measures.push(fit.take_measures().unwrap_or_default());
        self.fitted.push((Single(fit.finish()), weight));
        Ok(0)
    }

    /// Measures some more of the training rows with the member at `place`, whose fit did not find that out.
    fn measure(&mut self, rows: Rows<'_>, place: usize) {
        let measure = self.fitted[place].0.measure();
        let mut measured = self.measuring.take().unwrap_or_else(|| Measured::none(rows.n_rows(), measure));
        measured.step(measure, rows);
        match measured.is_done() {
            true => self.measures[place] = measured.finish().0,
            false => self.measuring = Some(measured),
        }
    }

    /// Makes one of all members, by what they measure of a sample.
    fn combine(&mut self, n_rows: usize) {
        let sample: Vec<usize> = match n_rows {
            n if n > MAX_SAMPLE => {
                let mut drawn = Rng::new(self.seed).sample_indices(n, MAX_SAMPLE);
                drawn.sort_unstable();
                drawn
            }
            n => (0..n).collect(),
        };
        let of_sample: Vec<Vec<f64>> =
            self.measures.iter().map(|raw| sample.iter().map(|&row| raw[row]).collect()).collect();
        let members = self.fitted.drain(..).zip(&of_sample).map(|((model, weight), raw)| {
            let scale = match self.combine {
                Combine::Average | Combine::Maximum => Scale::range(raw),
                Combine::Ranks | Combine::Both => Scale::shares(&mut raw.clone()),
            };
            Member { model, scale, weight }
        });
        let mut ensemble =
            Ensemble { members: members.collect(), combine: self.combine, curve: Curve::NORMAL };
        let mut combined: Vec<f64> = (0..sample.len())
            .map(|place| {
                let measured = ensemble.members.iter().zip(&of_sample);
                ensemble.combined(measured.map(|(member, raw)| member.scale.place(raw[place])))
            })
            .collect();
        ensemble.curve = Curve::fit(&mut combined);
        self.ensemble = Some(ensemble);
    }

    /// Scores some more of the training rows by what members measure of them.
    fn score(&mut self, n_rows: usize) {
        let Some(ensemble) = &self.ensemble else { return };
        let start = self.scores.len();
        let end = (start + ROWS_PER_STEP).min(n_rows);
        self.scores.resize(end, 0.0);
        let mut own: Vec<&mut [f64]> = self.measures.iter_mut().map(|raw| &mut raw[start..end]).collect();
        ensemble.score_measured(&mut own, &mut self.scores[start..end]);
        self.is_done = end == n_rows;
    }
}

impl Fitting for EnsembleFitting {
    fn step(&mut self, rows: Rows<'_>) -> Result<Progress> {
        let n_rows = rows.n_rows();
        let mut begun = 0;
        if !self.fits.is_empty() {
            begun = self.fit(rows)?;
        } else if let Some(place) = self.measures.iter().position(|raw| raw.len() < n_rows) {
            self.measure(rows, place);
        } else if self.ensemble.is_none() {
            self.combine(n_rows);
        } else if !self.is_done {
            self.score(n_rows);
        }
        let n_fitted = self.measures.len() as u64;
        let n_members = n_fitted + self.fits.len() as u64;
        let known = self.measures.iter().chain([&self.scores]).map(Vec::len);
        let n_known: usize = known.sum::<usize>() + self.measuring.as_ref().map_or(0, Measured::n_done);
        let known = n_known as u128 * u128::from(PARTS) / n_rows as u128;
        Ok(Progress {
            stage: Stage::Fit,
            // Making one of all is a unit.
            done: n_fitted * PARTS + begun + known as u64 + u64::from(self.ensemble.is_some()),
            total: (2 * n_members + 1) * PARTS + 1,
        })
    }

    fn is_done(&self) -> bool {
        self.is_done
    }

    fn take_scores(&mut self) -> Option<Vec<f64>> {
        (self.is_done && !self.scores.is_empty()).then(|| std::mem::take(&mut self.scores))
    }

    fn take_member_scores(&mut self) -> Vec<Vec<f64>> {
        if self.is_done { std::mem::take(&mut self.measures) } else { Vec::new() }
    }

    fn measuring(&mut self) -> Option<(Measure<'_>, &mut Measured)> {
        if let Some((fit, _)) = self.fits.last_mut() {
            return fit.measuring();
        }
        let measured = self.measuring.as_mut()?;
        let place = self.measures.iter().position(|raw| raw.len() < measured.n_rows())?;
        Some((self.fitted[place].0.measure(), measured))
    }

    fn finish(self: Box<Self>) -> Model {
        assert!(self.is_done, "the fit is not done");
        Model::Ensemble(self.ensemble.expect("all are one once that is done"))
    }
}
