//! The smallest change after which a row would not be flagged, for every model: only its scores are asked for.
//!
//! Features are set to what is typical of normal rows, one after the other, each time the one that lowers the score most,
//! until the score is not above the threshold; those that turn out not to be needed are given back. Then each number
//! goes back towards the row's own as far as that holds, by bisection, in whole steps where the feature has only whole
//! values. Categories, dates and yes or no are typical or are not. What would follow from a change (fewer logins are fewer
//! logins at night too) is not known here: features change one by one.

use super::named::shortened;
use super::phrase::{at_most, is_flag, joined, noun};
use super::{Baselines, quantity};
use crate::engine::detect::Detector;
use crate::engine::features::{DATE, DATE_WITHOUT_YEAR, Feature, FeatureMatrix, YES_NO};
use crate::engine::math::{log10, pow};
use crate::engine::order;
use crate::engine::prepare::Transform;
use ndarray::{Array2, ArrayView1, s};
use serde::{Deserialize, Serialize};

/// Features that are tried, those with the largest contributions.
const MAX_TRIED: usize = 24;
/// Halvings of a way between two numbers.
const MAX_HALVINGS: usize = 30;
/// Significant digits that a number keeps where fewer say too little.
const DIGITS: [f64; 2] = [2.0, 3.0];

/// A feature that would have to be another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Feature name.
    pub feature: String,
    /// The row's value, in the feature's own unit; of a category its place among the labels; `NaN` where missing.
    pub from: f64,
    /// The value nearest to it, on the way to the typical one, with which the row would not be flagged.
    pub to: f64,
    /// The row's value in words, where it is none of a quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_text: Option<String>,
    /// The other value in words, where it is none of a quantity; of a time of day or a day of the week that reads as the
    /// row's own, how far from that it is: `9.6 h earlier`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_text: Option<String>,
}

/// What would have to change for a row not to be flagged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counterfactual {
    /// Matrix row.
    pub row: usize,
    /// Its score with the changes.
    pub score: f64,
    /// The threshold that it would not be above.
    pub threshold: f64,
    /// Whether the changes are enough; where not, these are the best that were found.
    pub is_enough: bool,
    /// None for a row that is not flagged; the most telling first.
    pub changes: Vec<Change>,
    /// The changes in words.
    pub sentence: String,
}

/// A fitted analysis as far as it is asked here.
#[derive(Clone, Copy)]
pub struct Decision<'a> {
    /// Rows in features' own units.
    pub matrix: &'a FeatureMatrix,
    /// What is normal.
    pub baselines: &'a Baselines,
    /// How features become what the model sees.
    pub transform: &'a Transform,
    /// The model.
    pub model: &'a dyn Detector,
    /// Where flags begin.
    pub threshold: f64,
}

/// Finds the smallest change of a matrix row, whose score splits into `shares` by feature.
pub fn counterfactual(decision: Decision<'_>, row: usize, shares: &[f64]) -> Counterfactual {
    let search = Search { decision, own: decision.matrix.values.row(row) };
    let mut changed = search.own.to_vec();
    let mut score = search.score(&changed);
    let mut chosen: Vec<usize> = Vec::new();
    let mut left = search.candidates(shares);
    while score > decision.threshold && !left.is_empty() {
        let scores = search.scores_with(&changed, &left);
        // The first of equal scores has the larger contribution.
        let best = order::ascending(&scores)[0];
        if scores[best] >= score && chosen.len() >= shares.len().min(MAX_TRIED) {
            break;
        }
        let (feature, target) = left.remove(best);
        changed[feature] = target;
        chosen.push(feature);
        score = scores[best];
    }
    let is_enough = score <= decision.threshold;
    if is_enough {
        search.give_back(&mut changed, &mut chosen);
        chosen.iter().for_each(|&feature| search.go_back(&mut changed, feature));
        score = search.score(&changed);
    }
    let change = |&at: &usize| {
        let (feature, from, to) = (&decision.matrix.features[at], search.own[at], changed[at]);
        Change {
            feature: feature.name.clone(),
            from,
            to,
            from_text: quantity::words(feature, from),
            to_text: quantity::words(feature, to).or_else(|| on_circle(feature, from, to)),
        }
    };
    let words = |&at: &usize| with_change(&decision.matrix.features[at], search.own[at], changed[at]);
    let sentence = match (is_enough, chosen.as_slice()) {
        (true, []) => "Does not stand out.".to_owned(),
        (true, chosen) => {
            format!("Would not stand out with {}.", joined(&chosen.iter().map(words).collect::<Vec<_>>()))
        }
        (false, []) => "No value of its own makes it stand out.".to_owned(),
        (false, chosen) => {
            let values = if chosen.len() == 1 { "its most telling value" } else { "its most telling values" };
            format!("Would stand out with typical values in place of {values} too.")
        }
    };
    Counterfactual {
        row,
        score,
        threshold: decision.threshold,
        is_enough,
        changes: chosen.iter().map(change).collect(),
        sentence,
    }
}

/// One row being changed.
struct Search<'a> {
    decision: Decision<'a>,
    own: ArrayView1<'a, f64>,
}

impl Search<'_> {
    fn score(&self, values: &[f64]) -> f64 {
        let mut score = [0.0];
        let rows = ArrayView1::from(values).insert_axis(ndarray::Axis(0));
        self.decision.model.score_block(self.decision.transform.rows(rows).view(), &mut score);
        score[0]
    }

    fn is_normal(&self, values: &[f64]) -> bool {
        self.score(values) <= self.decision.threshold
    }

    /// Features that raise the score and are not typical, with the typical value.
    fn candidates(&self, shares: &[f64]) -> Vec<(usize, f64)> {
        let candidate = |feature: usize| {
            let typical = self.typical(feature);
            (shares[feature] > 0.0 && !typical.is_nan() && self.own[feature] != typical)
                .then_some((feature, typical))
        };
        order::descending(shares).into_iter().filter_map(candidate).take(MAX_TRIED).collect()
    }

    /// The typical value; where all values are whole and it is none, the next one on the row's side.
    fn typical(&self, feature: usize) -> f64 {
        let typical = self.decision.baselines.features[feature].median;
        if typical == typical.trunc() || !self.is_whole(feature) {
            typical
        } else if self.own[feature] > typical {
            typical.ceil()
        } else {
            typical.floor()
        }
    }

    fn is_whole(&self, feature: usize) -> bool {
        self.decision
            .matrix
            .values
            .column(feature)
            .iter()
            .all(|value| value.is_nan() || *value == value.trunc())
    }

    /// The scores with one more feature changed, for each that is left.
    fn scores_with(&self, changed: &[f64], left: &[(usize, f64)]) -> Vec<f64> {
        let mut rows = Array2::zeros((left.len(), changed.len()));
        for (at, &(feature, target)) in left.iter().enumerate() {
            rows.slice_mut(s![at, ..]).assign(&ArrayView1::from(changed));
            rows[[at, feature]] = target;
        }
        let mut scores = vec![0.0; left.len()];
        self.decision.model.score_block(self.decision.transform.rows(rows.view()).view(), &mut scores);
        scores
    }

    /// Gives features back that need not change, the last chosen first.
    fn give_back(&self, changed: &mut [f64], chosen: &mut Vec<usize>) {
        for at in (0..chosen.len()).rev() {
            let feature = chosen[at];
            let target = std::mem::replace(&mut changed[feature], self.own[feature]);
            if self.is_normal(changed) {
                chosen.remove(at);
            } else {
                changed[feature] = target;
            }
        }
    }

    /// Takes a number back towards the row's own, as far as the row stays normal.
    fn go_back(&self, changed: &mut [f64], at: usize) {
        let feature = &self.decision.matrix.features[at];
        let own = self.own[at];
        let is_one_of_few =
            !feature.labels.is_empty() || [DATE, DATE_WITHOUT_YEAR, YES_NO].contains(&feature.unit.as_str());
        if own.is_nan() || is_one_of_few || is_flag(feature) {
            return;
        }
        let is_whole = self.is_whole(at);
        let typical = changed[at];
        let (mut abnormal, mut normal) = (own, typical);
        for _ in 0..MAX_HALVINGS {
            // Halves first: their sum may overflow.
            let mut middle = 0.5 * abnormal + 0.5 * normal;
            if is_whole {
                middle = if normal < abnormal { middle.floor() } else { middle.ceil() };
            }
            if middle == normal || middle == abnormal {
                break;
            }
            changed[at] = middle;
            if self.is_normal(changed) {
                normal = middle;
            } else {
                abnormal = middle;
            }
        }
        // Few digits, rounded to the safe side.
        let rounded = DIGITS.iter().map(|&digits| round_towards(normal, typical, digits)).find(|&rounded| {
            changed[at] = rounded;
            !is_whole && rounded != own && self.is_normal(changed)
        });
        changed[at] = rounded.unwrap_or(normal);
    }
}

/// A number with so many digits, rounded towards another that is not passed.
fn round_towards(value: f64, other: f64, digits: f64) -> f64 {
    if value == 0.0 || value == other {
        return value;
    }
    let step = pow(10.0, log10(value.abs()).floor() + 1.0 - digits);
    let places = value / step;
    let rounded = step * if other < value { places.floor() } else { places.ceil() };
    if (rounded - other) * (value - other) >= 0.0 { rounded } else { other }
}

/// How far a value on a circle would have to move, where both read the same.
fn on_circle(feature: &Feature, from: f64, to: f64) -> Option<String> {
    let is_read_alike = quantity::single(feature, from) == quantity::single(feature, to);
    quantity::apart(feature, from, to).filter(|_| is_read_alike)
}

/// "at most 12 logins at night instead of 57", `department "Sales" instead of "Support"`.
fn with_change(feature: &Feature, from: f64, to: f64) -> String {
    if quantity::is_on_circle(feature) {
        return format!("another {}", feature.meaning);
    }
    if let Some(to) = quantity::words(feature, to) {
        let from = quantity::single(feature, from);
        return format!("{} \"{}\" instead of \"{}\"", noun(feature), shortened(&to), shortened(&from));
    }
    if quantity::is_circular(feature) {
        let (from_text, to_text) = quantity::pair(feature, from, to);
        return match on_circle(feature, from, to) {
            Some(apart) => format!("{} {apart} than {from_text}", noun(feature)),
            None => format!("{} about {to_text} instead of {from_text}", noun(feature)),
        };
    }
    let (to_text, from_text) = quantity::pair(feature, to, from);
    at_most(feature, to < from, &to_text, &from_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_the_safe_side() {
        assert_eq!(round_towards(12.37, 3.0, 2.0), 12.0);
        assert_eq!(round_towards(12.37, 40.0, 2.0), 13.0);
        assert_eq!(round_towards(-0.1234, 0.0, 2.0), -0.12);
        assert_eq!(round_towards(3.04, 3.01, 2.0), 3.01, "not past the other");
        assert_eq!(round_towards(0.0, 3.0, 2.0), 0.0);
    }

    #[test]
    fn changes_in_words() {
        let words = |meaning: &str, unit: &str, from: f64, to: f64| {
            with_change(&Feature::new("f", meaning, unit), from, to)
        };
        assert_eq!(
            words("number of logins at night", "", 57.0, 12.0),
            "at most 12 logins at night instead of 57"
        );
        assert_eq!(words("events per day", "", 1.0, 3.0), "at least 3 events per day instead of 1");
        assert_eq!(
            words("share of activity at night", "", 0.62, 0.1),
            "a share of activity at night of at most 10 % instead of 62 %"
        );
        assert_eq!(words("total amount", "", 5_000.0, 120.0), "total amount at most 120 instead of 5,000");
        assert_eq!(words("remote", YES_NO, 1.0, 0.0), "remote \"no\" instead of \"yes\"");
        let labels = ["Support", "Sales"].map(str::to_owned).to_vec();
        let category = Feature { labels, ..Feature::new("department", "department", "") };
        assert_eq!(with_change(&category, 1.0, 0.0), "department \"Support\" instead of \"Sales\"");
        assert_eq!(with_change(&category, f64::NAN, 0.0), "department \"Support\" instead of \"missing\"");
        let day = "usual day of the week (0 Monday to 6 Sunday)";
        assert_eq!(words(day, "", 3.1, 1.0), "usual day of the week about Tuesday instead of Thursday");
        assert_eq!(words(day, "", 0.3, 0.1), "usual day of the week 4.8 h earlier than Monday");
        assert_eq!(
            words("hours of the day without activity", "h", 14.0, 22.0),
            "hours of the day without activity at least 22 h instead of 14 h"
        );
        let hours = Feature::new("hours_worked", "hours worked", "h");
        assert_eq!(with_change(&hours, f64::NAN, 8.0), "hours worked at least 8 h instead of missing");
    }
}
