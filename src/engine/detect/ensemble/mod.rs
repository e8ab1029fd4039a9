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
//! member that decides. What lies between its base and the ensemble's is spread over the features by their size. Errors
//! of sampled ones are stretched with them.

mod fitting;
mod scale;

pub(super) use fitting::EnsembleFitting;
use scale::Scale;

use super::calibrated::{Calibrated, Curve};
use super::checked::{self, Checked};
use super::iforest::IsolationForest;
use super::{Detector, Measure, Model};
use crate::engine::math::ln;
use crate::engine::plan::{Combine, DetectorName};
use ndarray::{ArrayView2, Axis};
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
    /// What gives that.
    fn measure(&self) -> Measure<'_> {
        match &self.0 {
            Model::Calibrated(model) => model.measure(),
            model => Measure::scores(model),
        }
    }

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

    /// To its measure, with their standard errors, as [`Detector::contributions_block`].
    fn contributions_block(&self, rows: ArrayView2<'_, f64>, contributions: &mut [f64], errors: &mut [f64]) {
        match &self.0 {
            Model::Calibrated(model) => {
                let split = super::per_row(rows.ncols(), contributions, errors);
                for (row, (contributions, errors)) in rows.outer_iter().zip(split) {
                    model.raw_contributions(row, contributions, errors);
                }
            }
            model => model.contributions_block(rows, contributions, errors),
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
        for (member, own) in self.members.iter().zip(of_members.iter_mut()) {
            member.model.measure_block(rows, own);
        }
        self.score_measured(of_members, scores);
    }

    /// Scores rows by what each member measures of them, and makes the members' scores of that.
    fn score_measured(&self, of_members: &mut [&mut [f64]], scores: &mut [f64]) {
        let mut combined = vec![self.neutral(); scores.len()];
        for (member, own) in self.members.iter().zip(of_members) {
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

    fn contributions_block(&self, rows: ArrayView2<'_, f64>, contributions: &mut [f64], errors: &mut [f64]) {
        let (n_rows, n_features) = rows.dim();
        let places: Vec<Vec<f64>> = self
            .members
            .iter()
            .map(|member| {
                let mut places = vec![0.0; n_rows];
                member.model.measure_block(rows, &mut places);
                places.iter_mut().for_each(|place| *place = member.scale.place(*place));
                places
            })
            .collect();
        let combined: Vec<f64> =
            (0..n_rows).map(|row| self.combined(places.iter().map(|places| places[row]))).collect();
        let base = self.combined_base();
        contributions.fill(0.0);
        errors.fill(0.0);
        for (index, member) in self.members.iter().enumerate() {
            // In a mean every member has its part; of the others one decides, the first that gives what is combined.
            let (weight, from, rows_of) = match self.combine {
                Combine::Average | Combine::Ranks => {
                    (member.weight, member.scale.place(member.model.base()), (0..n_rows).collect())
                }
                Combine::Maximum | Combine::Both => {
                    let decides = |row: usize| places.iter().position(|places| places[row] == combined[row]);
                    let rows_of: Vec<usize> =
                        (0..n_rows).filter(|&row| decides(row).unwrap_or(0) == index).collect();
                    (1.0, base, rows_of)
                }
            };
            if rows_of.is_empty() {
                continue;
            }
            let rows = rows.select(Axis(0), &rows_of);
            let mut own = vec![0.0; rows.len()];
            let mut own_errors = own.clone();
            member.model.contributions_block(rows.view(), &mut own, &mut own_errors);
            for (&row, (own, own_errors)) in
                rows_of.iter().zip(super::per_row(n_features, &mut own, &mut own_errors))
            {
                scale::stretch(own, own_errors, places[index][row] - from);
                let at = row * n_features;
                for feature in 0..n_features {
                    contributions[at + feature] += weight * own[feature];
                    // Their sum, because members may draw alike.
                    errors[at + feature] += weight * own_errors[feature];
                }
            }
        }
        let split = super::per_row(n_features, contributions, errors);
        for (combined, (contributions, errors)) in combined.into_iter().zip(split) {
            scale::stretch(contributions, errors, self.score(combined) - self.score(base));
        }
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
