//! Several detectors as one.
//!
//! Each member is the model it would be alone, with the same seed. What it measures of a row is brought to a scale that
//! members share, then combined ([`Combine`]):
//!
//! | combine | scale of a member | combined by |
//! | --- | --- | --- |
//! | average | range: 0 for the least abnormal training row, 1 for the most | mean |
//! | maximum | range | the highest |
//! | ranks | share of training rows that are less abnormal | mean |
//! | both | share of training rows | the lowest: abnormal where all say so (system D) |
//!
//! Why the range and not a robust spread: measures have unlike tails. A path length is bounded, a distance or a ratio of
//! densities is not, and in units of the bulk a few rows far away carry so much of the mean that the others' order at the
//! top is one member's alone. Over the range no member counts for more than another anywhere, and none can decide by itself;
//! that was best at the top of eight labelled sets and eight others, before standardisation and well before median and
//! quartile (docs/quality.md; Aggarwal and Sathe, *Theoretical Foundations and Algorithms for Outlier Ensembles*, 2015, on
//! what normalisation does). Beyond the range a row counts up to twice as much, less and less so.
//!
//! In a mean, every family of detectors has one vote, which its members share ([`family`]): those that look at one feature at
//! a time see much the same, and two of them are not to outvote what sees otherwise.
//!
//! Scales are learned from at most [`MAX_SAMPLE`] training rows, a seeded sample where there are more. Shares are
//! interpolated between those rows, and go on beyond them, so that a row's score depends on that row alone.
//!
//! The combination of average and maximum is brought to the scale of all detectors as every other measure is, by what lies in
//! the middle ([`super::calibrated`](mod@super::calibrated)). A share says how rare a row is and not how far it lies, so
//! with ranks and both the score is that of a row as far out as one so rare would be, were deviations logistic; with both,
//! all members' thresholds at a contamination are one score, [`Ensemble::both_threshold`].
//!
//! Contributions are the members' own, stretched to the scale: of mean and ranks their mean, of maximum and both those of the
//! member that decides. What lies between its base and the ensemble's is spread over the features by their size.

mod fitting;
mod scale;

pub(super) use fitting::EnsembleFitting;
use scale::Scale;

use super::calibrated::{Calibrated, Curve};
use super::checked::{self, Checked};
use super::iforest::IsolationForest;
use super::{Detector, Model};
use crate::engine::math::ln;
use crate::engine::plan::{Combine, DetectorName};
use ndarray::{ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Training rows that scales are learned from, at most.
const MAX_SAMPLE: usize = 16_384;
/// Deviations of a logistic distribution in one of a normal one, as they are customarily compared.
const LOGISTIC: f64 = 1.702;
/// Deviations that no share is beyond: shares are exact to so much.
const MAX_RARE: f64 = 24.0;

/// Fitted members.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ensemble {
    members: Vec<Member>,
    combine: Combine,
    /// From the combined measure to scores.
    curve: Curve,
}

/// One of them, with what its measure is counted in.
#[derive(Debug, Serialize, Deserialize)]
struct Member {
    model: Single,
    scale: Scale,
    /// In a mean; all add up to 1.
    weight: f64,
}

/// A member is no ensemble itself: a file that said so could be nested deeper than any stack.
#[derive(Debug, Serialize, Deserialize)]
#[serde(from = "SavedSingle")]
struct Single(Model);

/// The variants of [`Model`] that a member can be, in their places.
#[derive(Deserialize)]
enum SavedSingle {
    Iforest(IsolationForest),
    Calibrated(Calibrated),
}

impl From<SavedSingle> for Single {
    fn from(saved: SavedSingle) -> Single {
        Single(match saved {
            SavedSingle::Iforest(model) => Model::Iforest(model),
            SavedSingle::Calibrated(model) => Model::Calibrated(model),
        })
    }
}

impl Single {
    /// Its own measure: its score, or what that is made of, where distances are not drawn together yet.
    fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]) {
        match &self.0 {
            Model::Calibrated(model) => model.measure_block(rows, raw),
            model => model.score_block(rows, raw),
        }
    }

    /// The score of a measure.
    fn score(&self, raw: f64) -> f64 {
        match &self.0 {
            Model::Calibrated(model) => model.score_of(raw),
            _ => raw,
        }
    }

    fn base(&self) -> f64 {
        match &self.0 {
            Model::Calibrated(_) => 0.0,
            model => model.base(),
        }
    }

    fn contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        match &self.0 {
            Model::Calibrated(model) => model.raw_contributions(row, contributions),
            model => model.contributions(row, contributions),
        }
    }
}

/// What a detector goes by, as a number: members that go by the same share one vote in a mean.
fn family(name: DetectorName) -> u8 {
    match name {
        DetectorName::Iforest => 0,
        DetectorName::Knn | DetectorName::Lof => 1,
        DetectorName::RobustZ | DetectorName::Hbos | DetectorName::Ecod | DetectorName::Copod => 2,
        DetectorName::Autoencoder => 3,
        DetectorName::Ocsvm => 4,
        DetectorName::Rules => 5,
    }
}

/// The weight of each of some detectors in a mean. They add up to 1.
pub(super) fn weights(names: &[DetectorName]) -> Vec<f64> {
    let alike = |name: DetectorName| names.iter().filter(|other| family(**other) == family(name)).count();
    let votes: Vec<f64> = names.iter().map(|&name| 1.0 / alike(name) as f64).collect();
    let n_votes: f64 = votes.iter().sum();
    votes.into_iter().map(|vote| vote / n_votes).collect()
}

impl Ensemble {
    /// How many members.
    pub fn n_members(&self) -> usize {
        self.members.len()
    }

    /// The score of rows that exactly the share `contamination` of the training rows reaches with each member, where all
    /// have to agree: above it, every member flags a row at that contamination.
    pub fn both_threshold(contamination: f64) -> f64 {
        Curve::score(rareness(1.0 - contamination))
    }

    /// As [`Detector::score_block`], with the score that each member gives by itself.
    ///
    /// # Panics
    /// If `of_members` has not [`Ensemble::n_members`] slices as long as `scores`.
    pub fn score_members(
        &self,
        rows: ArrayView2<'_, f64>,
        of_members: &mut [&mut [f64]],
        scores: &mut [f64],
    ) {
        assert_eq!(of_members.len(), self.members.len(), "a slice for each member");
        let mut combined = vec![self.neutral(); scores.len()];
        for (member, own) in self.members.iter().zip(of_members) {
            member.model.measure_block(rows, own);
            for (combined, raw) in combined.iter_mut().zip(own.iter_mut()) {
                *combined = self.take_in(*combined, member.weight, member.scale.place(*raw));
                *raw = member.model.score(*raw);
            }
        }
        for (score, combined) in scores.iter_mut().zip(combined) {
            *score = self.score(combined);
        }
    }

    /// What members are taken into.
    fn neutral(&self) -> f64 {
        match self.combine {
            Combine::Average | Combine::Ranks => 0.0,
            Combine::Maximum => f64::NEG_INFINITY,
            Combine::Both => f64::INFINITY,
        }
    }

    fn take_in(&self, combined: f64, weight: f64, place: f64) -> f64 {
        match self.combine {
            Combine::Average | Combine::Ranks => combined + weight * place,
            Combine::Maximum => combined.max(place),
            Combine::Both => combined.min(place),
        }
    }

    fn combined(&self, places: impl Iterator<Item = f64>) -> f64 {
        let weighted = self.members.iter().zip(places);
        weighted
            .fold(self.neutral(), |combined, (member, place)| self.take_in(combined, member.weight, place))
    }

    /// Typical deviations of a combination.
    fn z(&self, combined: f64) -> f64 {
        match self.combine {
            Combine::Average | Combine::Maximum => self.curve.z(combined),
            Combine::Ranks | Combine::Both => rareness(combined),
        }
    }

    fn score(&self, combined: f64) -> f64 {
        Curve::score(self.z(combined))
    }

    /// The combination of the members' bases.
    fn combined_base(&self) -> f64 {
        self.combined(self.members.iter().map(|member| member.scale.place(member.model.base())))
    }
}

/// How far out a row is that is more abnormal than a share of all, in deviations.
fn rareness(share: f64) -> f64 {
    (ln(share / (1.0 - share)) / LOGISTIC).clamp(-MAX_RARE, MAX_RARE)
}

impl Detector for Ensemble {
    fn n_features(&self) -> usize {
        self.members[0].model.0.n_features()
    }

    fn products_per_row(&self) -> usize {
        self.members.iter().map(|member| member.model.0.products_per_row()).sum()
    }

    fn score_block(&self, rows: ArrayView2<'_, f64>, scores: &mut [f64]) {
        let mut own = vec![0.0; scores.len() * self.members.len()];
        // No rows are no chunks.
        let mut own: Vec<&mut [f64]> = match scores.len() {
            0 => self.members.iter().map(|_| <&mut [f64]>::default()).collect(),
            n => own.chunks_exact_mut(n).collect(),
        };
        self.score_members(rows, &mut own, scores);
    }

    fn base(&self) -> f64 {
        self.score(self.combined_base())
    }

    fn contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        let one = row.insert_axis(Axis(0));
        let measure = |member: &Member| {
            let mut raw = [0.0];
            member.model.measure_block(one, &mut raw);
            raw[0]
        };
        let places: Vec<f64> =
            self.members.iter().map(|member| member.scale.place(measure(member))).collect();
        let (combined, base) = (self.combined(places.iter().copied()), self.combined_base());
        contributions.fill(0.0);
        match self.combine {
            Combine::Average | Combine::Ranks => {
                let mut own = vec![0.0; contributions.len()];
                for (member, place) in self.members.iter().zip(&places) {
                    member.model.contributions(row, &mut own);
                    scale::stretch(&mut own, place - member.scale.place(member.model.base()));
                    for (share, own) in contributions.iter_mut().zip(&own) {
                        *share += member.weight * own;
                    }
                }
            }
            Combine::Maximum | Combine::Both => {
                let deciding = places.iter().position(|place| *place == combined).unwrap_or(0);
                self.members[deciding].model.contributions(row, contributions);
                scale::stretch(contributions, combined - base);
            }
        }
        scale::stretch(contributions, self.score(combined) - self.score(base));
    }

    fn check(&self) -> Checked {
        let first = self.members.first().ok_or("an ensemble has no members")?;
        self.curve.check()?;
        self.members.iter().try_for_each(|Member { model: Single(model), scale, weight }| {
            model.check()?;
            scale.check()?;
            checked::that(*weight > 0.0 && *weight <= 1.0, "a member's weight is no share")?;
            let is_by_share = matches!(self.combine, Combine::Ranks | Combine::Both);
            checked::that(
                matches!(scale, Scale::Shares { .. }) == is_by_share,
                "a member is scaled otherwise",
            )?;
            checked::that(model.n_features() == first.model.0.n_features(), "members have different features")
        })
    }
}
