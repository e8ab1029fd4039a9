//! Several detectors as one: the average of their scores.
//!
//! Members score on one scale ([`detect`](super)), and each is the model it would be alone, with the same seed. A mean of
//! scores has the mean of the members' contributions for its own, so it is explained as well as they are.

use super::calibrated::Calibrated;
use super::checked::{self, Checked};
use super::iforest::IsolationForest;
use super::{Detector, Fitting, Model};
use crate::engine::error::Result;
use crate::engine::host::{Progress, Stage};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Fitted members.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ensemble {
    members: Vec<Member>,
}

/// A member is no ensemble itself: a file that said so could be nested deeper than any stack.
#[derive(Debug, Serialize, Deserialize)]
#[serde(from = "SavedMember")]
struct Member(Model);

/// The variants of [`Model`] that a member can be, in their places.
#[derive(Deserialize)]
enum SavedMember {
    Iforest(IsolationForest),
    Calibrated(Calibrated),
}

impl From<SavedMember> for Member {
    fn from(saved: SavedMember) -> Member {
        Member(match saved {
            SavedMember::Iforest(model) => Model::Iforest(model),
            SavedMember::Calibrated(model) => Model::Calibrated(model),
        })
    }
}

impl Ensemble {
    fn mean(&self, of: impl Fn(&Model) -> f64) -> f64 {
        self.members.iter().map(|member| of(&member.0)).sum::<f64>() / self.members.len() as f64
    }
}

impl Detector for Ensemble {
    fn n_features(&self) -> usize {
        self.members[0].0.n_features()
    }

    fn products_per_row(&self) -> usize {
        self.members.iter().map(|member| member.0.products_per_row()).sum()
    }

    fn score_block(&self, rows: ArrayView2<'_, f64>, scores: &mut [f64]) {
        scores.fill(0.0);
        let mut own = vec![0.0; scores.len()];
        for member in &self.members {
            member.0.score_block(rows, &mut own);
            for (score, own) in scores.iter_mut().zip(&own) {
                *score += own / self.members.len() as f64;
            }
        }
    }

    fn base(&self) -> f64 {
        self.mean(|member| member.base())
    }

    fn contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        contributions.fill(0.0);
        let mut own = vec![0.0; contributions.len()];
        for member in &self.members {
            member.0.contributions(row, &mut own);
            for (share, own) in contributions.iter_mut().zip(&own) {
                *share += own / self.members.len() as f64;
            }
        }
    }

    fn check(&self) -> Checked {
        let first = self.members.first().ok_or("an ensemble has no members")?;
        self.members.iter().try_for_each(|Member(member)| {
            member.check()?;
            checked::that(member.n_features() == first.0.n_features(), "members have different features")
        })
    }
}

/// Members fitted one after the other.
pub(super) struct EnsembleFitting {
    /// Those to come, the next last.
    fits: Vec<Box<dyn Fitting>>,
    fitted: Vec<Member>,
}

/// What one member's fit counts for in the progress of all.
const PARTS: u64 = 1 << 32;

impl EnsembleFitting {
    /// Of fits that have been started.
    pub fn new(mut fits: Vec<Box<dyn Fitting>>) -> Self {
        fits.reverse();
        EnsembleFitting { fits, fitted: Vec::new() }
    }
}

impl Fitting for EnsembleFitting {
    fn step(&mut self, rows: ArrayView2<'_, f64>) -> Result<Progress> {
        let total = (self.fits.len() + self.fitted.len()) as u64 * PARTS;
        let mut done = self.fitted.len() as u64 * PARTS;
        if let Some(mut fit) = self.fits.pop() {
            let own = fit.step(rows)?;
            // A member's steps may be many millions, and each is to be seen.
            done += (u128::from(own.done) * u128::from(PARTS) / u128::from(own.total.max(1))) as u64;
            match fit.is_done() {
                true => self.fitted.push(Member(fit.finish())),
                false => self.fits.push(fit),
            }
        }
        Ok(Progress { stage: Stage::Fit, done, total })
    }

    fn is_done(&self) -> bool {
        self.fits.is_empty()
    }

    fn finish(self: Box<Self>) -> Model {
        assert!(self.fits.is_empty(), "the fit is not done");
        Model::Ensemble(Ensemble { members: self.fitted })
    }
}
