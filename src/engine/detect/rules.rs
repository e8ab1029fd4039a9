//! Rules as a detector: points for every feature above its value, added up (system E).
//!
//! It learns nothing from rows, so it is made of a plan's rules at once and has no [`Fitting`](super::Fitting). It reads
//! features in their own units, as rules are written in them. A missing value is above nothing.
//!
//! The score of `p` points, where `a` make a row abnormal, is `1 - 2^(-p / a)`: 0 without a point, 0.5 at `a`, 0.75 at
//! twice as many, and the more points the higher. It depends on `p / a` alone, so a further rule changes no row on
//! which it does not hold. Each rule that holds has the part of the score that its points are of all, and the base is
//! 0, the score of a row on which no rule holds.

use super::Detector;
use super::checked::{self, Checked};
use crate::engine::error::{Error, Result};
use crate::engine::features::Feature;
use crate::engine::math::exp2;
use crate::engine::plan::{Rule, Rules};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Features that an error about an unknown one names, at most.
const MAX_NAMED: usize = 8;

/// Rules whose features are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleSet {
    rules: Vec<(usize, Rule)>,
    at_least: f64,
    n_features: usize,
}

impl RuleSet {
    /// Scores from here on are of rows with enough points.
    pub const SCORE_AT_LEAST: f64 = 0.5;

    /// A plan's rules over these features.
    ///
    /// # Errors
    /// `parameter` for a rule over a feature that is not there or is a category.
    pub fn new(rules: &Rules, features: &[Feature]) -> Result<RuleSet> {
        let place = |rule: &Rule| match features.iter().position(|feature| feature.name == rule.feature) {
            Some(place) if features[place].labels.is_empty() => Ok((place, rule.clone())),
            Some(_) => Err(Error::parameter(
                "rules",
                "features that are numbers",
                format!("\"{}\", a category", rule.feature),
            )),
            None => {
                let expected =
                    format!("features of this analysis, such as {}", near(&rule.feature, features));
                Err(Error::parameter("rules", &expected, format!("\"{}\"", rule.feature)))
            }
        };
        let placed = rules.rules.iter().map(place).collect::<Result<_>>()?;
        Ok(RuleSet { rules: placed, at_least: rules.at_least, n_features: features.len() })
    }

    /// Each rule with the place of its feature.
    pub fn rules(&self) -> &[(usize, Rule)] {
        &self.rules
    }

    /// Points from which on a row is abnormal.
    pub fn at_least(&self) -> f64 {
        self.at_least
    }

    /// The rules that hold on a row, by their place among [`RuleSet::rules`].
    pub fn fired<'a>(&'a self, row: ArrayView1<'a, f64>) -> impl Iterator<Item = usize> + 'a {
        (0..self.rules.len()).filter(move |&place| {
            let (feature, rule) = &self.rules[place];
            row[*feature] > rule.above
        })
    }

    /// The points of a row; exactly those that are enough where rounding alone keeps them apart.
    pub fn points(&self, row: ArrayView1<'_, f64>) -> f64 {
        let points: f64 = self.fired(row).map(|place| self.rules[place].1.points).sum();
        if (points - self.at_least).abs() <= 1e-9 * self.at_least { self.at_least } else { points }
    }

    fn score(&self, points: f64) -> f64 {
        1.0 - exp2(-points / self.at_least)
    }
}

/// Names of features as text: those that share a word with an unknown name where there are any.
fn near(unknown: &str, features: &[Feature]) -> String {
    let shares_word = |name: &str| {
        unknown.split('_').any(|word| name.split('_').any(|other| !word.is_empty() && word == other))
    };
    let numbers = || features.iter().filter(|feature| feature.labels.is_empty()).map(|f| f.name.as_str());
    let near: Vec<&str> = numbers().filter(|name| shares_word(name)).take(MAX_NAMED).collect();
    let named = if near.is_empty() { numbers().take(MAX_NAMED).collect() } else { near };
    named.join(", ")
}

impl Detector for RuleSet {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn score_block(&self, rows: ArrayView2<'_, f64>, scores: &mut [f64]) {
        assert_eq!((rows.nrows(), rows.ncols()), (scores.len(), self.n_features), "rows by features");
        for (score, row) in scores.iter_mut().zip(rows.rows()) {
            *score = self.score(self.points(row));
        }
    }

    fn base(&self) -> f64 {
        0.0
    }

    fn contributions_block(&self, rows: ArrayView2<'_, f64>, contributions: &mut [f64], errors: &mut [f64]) {
        assert_eq!((rows.len(), rows.ncols()), (contributions.len(), self.n_features), "rows x features");
        contributions.fill(0.0);
        errors.fill(0.0);
        for (row, contributions) in rows.outer_iter().zip(contributions.chunks_exact_mut(self.n_features)) {
            let points = self.points(row);
            let score = self.score(points);
            for place in self.fired(row) {
                let (feature, rule) = &self.rules[place];
                contributions[*feature] += score * (rule.points / points);
            }
        }
    }

    fn check(&self) -> Checked {
        checked::that(self.at_least > 0.0, "its rules ask for no points")?;
        checked::finite(&[self.at_least])?;
        self.rules.iter().try_for_each(|(feature, rule)| {
            checked::that(*feature < self.n_features, "a rule is over a feature that is not there")?;
            checked::finite(&[rule.above, rule.points])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn features() -> Vec<Feature> {
        let mut features: Vec<Feature> = ["countries", "devices", "login_ratio", "browser"]
            .iter()
            .map(|name| Feature::new(*name, *name, ""))
            .collect();
        features[3].labels = vec!["Chrome".to_owned(), "Firefox".to_owned()];
        features
    }

    fn set(rules: &[(&str, f64, f64)], at_least: f64) -> Result<RuleSet> {
        let rule = |&(feature, above, points): &(&str, f64, f64)| Rule {
            feature: feature.to_owned(),
            above,
            points,
        };
        RuleSet::new(&Rules { rules: rules.iter().map(rule).collect(), at_least }, &features())
    }

    fn scores(set: &RuleSet, rows: &Array2<f64>) -> Vec<f64> {
        let mut scores = vec![f64::NAN; rows.nrows()];
        set.score_block(rows.view(), &mut scores);
        scores
    }

    #[test]
    fn points_make_scores_that_say_where_enough_is() {
        let set =
            set(&[("countries", 2.0, 1.0), ("devices", 3.0, 1.0), ("login_ratio", 1.0, 1.0)], 2.0).unwrap();
        let rows = array![
            [2.0, 3.0, 1.0, 0.0],
            [2.5, 3.0, f64::NAN, 0.0],
            [3.0, f64::INFINITY, f64::NAN, 1.0],
            [3.0, 4.0, 1.1, f64::NAN],
            [f64::NAN, f64::NAN, f64::NAN, f64::NAN]
        ];
        let points: Vec<f64> = rows.rows().into_iter().map(|row| set.points(row)).collect();
        assert_eq!(points, [0.0, 1.0, 2.0, 3.0, 0.0]);
        let scores = scores(&set, &rows);
        assert_eq!((scores[0], scores[2], scores[4]), (0.0, RuleSet::SCORE_AT_LEAST, 0.0));
        assert!(scores[0] < scores[1] && scores[1] < scores[2] && scores[2] < scores[3] && scores[3] < 1.0);
        assert_eq!(set.fired(rows.row(2)).collect::<Vec<_>>(), [0, 1]);
        for (row, score) in rows.rows().into_iter().zip(scores) {
            let mut shares = [f64::NAN; 4];
            set.contributions(row, &mut shares);
            assert!((set.base() + shares.iter().sum::<f64>() - score).abs() < 1e-15);
            assert_eq!(shares[3], 0.0, "no rule is over it");
        }
    }

    #[test]
    fn two_rules_over_one_feature_add_up() {
        let set = set(&[("countries", 2.0, 0.5), ("countries", 10.0, 2.5)], 3.0).unwrap();
        let rows = array![[3.0, 0.0, 0.0, 0.0], [11.0, 0.0, 0.0, 0.0]];
        assert_eq!(scores(&set, &rows)[1], RuleSet::SCORE_AT_LEAST);
        let mut shares = [0.0; 4];
        set.contributions(rows.row(1), &mut shares);
        assert_eq!(shares, [0.5, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn unknown_features_and_categories_are_refused_with_a_way_out() {
        let error = |name: &str| {
            let error = set(&[(name, 1.0, 1.0)], 3.0).unwrap_err();
            assert_eq!(error.code(), "parameter");
            error.to_string()
        };
        let near = error("login_rate");
        assert!(
            near.contains("login_ratio") && near.contains("login_rate") && !near.contains("devices"),
            "{near}"
        );
        assert!(error("x").contains("countries, devices, login_ratio"), "all that could be");
        assert!(error("browser").contains("category"));
    }
}
