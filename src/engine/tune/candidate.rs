//! A candidate, and what it came to.

use super::plain;
use super::space::Assignment;
use crate::engine::order;
use crate::engine::supervised::mean_and_deviation;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A candidate, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// What it has other than the plan that was tuned; empty for that plan itself.
    #[serde(deserialize_with = "plain::values")]
    pub parameters: BTreeMap<String, Value>,
    /// Mean over folds; higher is better. Absent where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Standard deviation over folds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    /// Score by fold.
    pub folds: Vec<f64>,
    /// Mean rank correlation between its own fits, where that is the basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stability: Option<f64>,
    /// Mean rank correlation with unlike detectors, where that is the basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<f64>,
    /// Share of planted rows found when as many rows are flagged as were planted, by what was done to them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub found: BTreeMap<String, f64>,
    /// How long its fits and scores took, where there is a clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Why it could not be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

impl Candidate {
    pub(super) fn new(parameters: &Assignment) -> Candidate {
        Candidate {
            parameters: parameters.clone(),
            score: None,
            deviation: None,
            folds: Vec::new(),
            stability: None,
            agreement: None,
            found: BTreeMap::new(),
            seconds: None,
            failed: None,
        }
    }

    /// Once all folds are judged.
    pub(super) fn end(&mut self) {
        let (mean, deviation) = mean_and_deviation(&self.folds);
        (self.score, self.deviation) = (Some(mean), Some(deviation));
    }

    /// Adds to what its fits and scores took, where there is a clock.
    pub(super) fn spend(&mut self, ms: f64) {
        let seconds = self.seconds.unwrap_or(0.0) + ms / 1_000.0;
        self.seconds = Some(seconds).filter(|&seconds| seconds > 0.0);
    }
}

/// Places of candidates, best first; of equal ones those that change the least, then those that came first; and last those that
/// failed.
pub(super) fn best_first(candidates: &[Candidate]) -> Vec<usize> {
    let score = |place: usize| candidates[place].score.unwrap_or(f64::NEG_INFINITY);
    let by_changes = order::by_key(candidates.len(), |place| candidates[place].parameters.len() as i64);
    order::sorted_by_key(by_changes, |&place| !order::total_key(score(place)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn of_equal_candidates_the_least_changed_is_first() {
        let candidate = |n_changes: usize, score: Option<f64>| {
            let parameters = (0..n_changes).map(|change| (format!("p{change}"), json!(1))).collect();
            Candidate { score, ..Candidate::new(&parameters) }
        };
        let scores = [
            (0, None),
            (3, Some(0.5)),
            (1, Some(0.5)),
            (2, Some(0.5)),
            (1, Some(0.5)),
            (2, Some(0.7)),
            (0, Some(0.1)),
        ];
        let candidates: Vec<Candidate> = scores.into_iter().map(|(n, score)| candidate(n, score)).collect();
        assert_eq!(best_first(&candidates), [5, 2, 4, 3, 1, 6, 0]);
    }
}
