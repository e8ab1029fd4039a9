//! Where flags begin: what a plan or a user asks for, as a threshold on the scores.

use crate::engine::detect::rules::RuleSet;
use crate::engine::detect::{Ensemble, threshold};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::plan::{Combine, Cost, DetectorName, Plan, Recipe, Role};
use crate::engine::time::DAY_MS;

/// Where to cut the scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cut {
    /// Flag scores above this.
    Threshold(f64),
    /// Flag this share of rows, above 0 to 0.5.
    Contamination(f64),
    /// Flag at most this many rows.
    Budget(usize),
    /// Flag at most so many rows for each day that the log covers, above 0.
    AlertsPerDay(f64),
    /// Flag so that mistakes on the labelled rows cost least.
    Cost(Cost),
}

/// Scores, and what else a cut may have to know.
#[derive(Debug, Clone, Copy)]
pub struct Scored<'a> {
    /// One per row; higher is more abnormal.
    pub scores: &'a [f64],
    /// The truth by row, where it is known.
    pub labels: Option<&'a [bool]>,
    /// First and last moment of the log, where its rows have times.
    pub time_range_ms: Option<(i64, i64)>,
}

/// Rows whose flag a move of the threshold changed, the most abnormal first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    /// Rows that are flagged now and were not.
    pub appeared: Vec<usize>,
    /// Rows that were flagged and are not now.
    pub disappeared: Vec<usize>,
}

impl Cut {
    /// The cut a plan asks for, the first that it gives of a threshold, a budget, alerts per day, a cost; where rules are
    /// the detector, the points that are enough; else contamination.
    pub fn of(plan: &Plan) -> Cut {
        if let Some(threshold) = plan.threshold {
            return Cut::Threshold(threshold);
        }
        if let Some(budget) = plan.budget {
            return Cut::Budget(budget);
        }
        if let Some(per_day) = plan.alerts_per_day {
            return Cut::AlertsPerDay(per_day);
        }
        match plan.cost {
            Some(cost) => Cut::Cost(cost),
            // Flags are above the threshold, and rows with just enough points are to have one.
            None if plan.detector.is(DetectorName::Rules) => {
                Cut::Threshold(RuleSet::SCORE_AT_LEAST.next_down())
            }
            None => Cut::Contamination(plan.contamination).under(plan),
        }
    }

    /// The same, but for contamination where all detectors of an ensemble have to agree: then it is each member's, and what is
    /// flagged is what all of them flag.
    pub fn under(self, plan: &Plan) -> Cut {
        let is_both = plan.detector.names().len() > 1 && plan.parameters.ensemble.combine == Combine::Both;
        match self {
            Cut::Contamination(share) if is_both && share > 0.0 && share <= 0.5 => {
                Cut::Threshold(Ensemble::both_threshold(share))
            }
            cut => cut,
        }
    }

    /// Whether a plan has what the cut needs, as far as that can be said before there are scores.
    ///
    /// # Errors
    /// `parameter` for alerts per day where rows have no times, `labels` for a cost without a label column.
    pub fn check(self, plan: &Plan) -> Result<()> {
        let has_times = plan.recipe != Recipe::Table && plan.roles.contains_key(&Role::Time);
        match self {
            Cut::AlertsPerDay(_) if !has_times => Err(no_days()),
            Cut::Cost(_) if plan.label.is_none() => Err(no_labels()),
            _ => Ok(()),
        }
    }

    /// The threshold this cut makes of some scores.
    ///
    /// # Errors
    /// `parameter` when a share, threshold, rate or cost is outside its range, or rows without times are to be counted by
    /// day; `labels` for a cost without labels of both kinds.
    pub fn threshold(self, scored: Scored<'_>) -> Result<f64> {
        let scores = scored.scores;
        match self {
            Cut::Threshold(threshold) if threshold.is_finite() => Ok(threshold),
            Cut::Threshold(threshold) => Err(Error::parameter("threshold", "a finite score", threshold)),
            Cut::Contamination(share) if share > 0.0 && share <= 0.5 => {
                Ok(threshold::by_contamination(scores, share))
            }
            Cut::Contamination(share) => Err(Plan::no_contamination(share)),
            Cut::Budget(budget) => Ok(threshold::by_budget(scores, budget)),
            Cut::AlertsPerDay(per_day) => {
                Plan::check_alerts_per_day(per_day)?;
                let n_days = scored.time_range_ms.map(days_of).ok_or_else(no_days)?;
                Ok(threshold::by_budget(scores, (per_day * n_days) as usize))
            }
            Cut::Cost(cost) => {
                cost.check()?;
                let labels = scored.labels.ok_or_else(no_labels)?;
                let n_abnormal = labels.iter().filter(|&&label| label).count();
                if n_abnormal == 0 || n_abnormal == labels.len() {
                    let message = format!(
                        "{n_abnormal} of {} rows are labelled abnormal; a threshold by cost weighs misses against false \
                         alarms and needs rows of both kinds: choose another label column, or cut by alerts per day or \
                         a budget",
                        labels.len()
                    );
                    return Err(Error::new(ErrorKind::Labels { message }));
                }
                Ok(threshold::by_cost(scores, labels, cost.miss, cost.false_alarm))
            }
        }
    }
}

/// Days between two moments, at least one: less of a log is no measure of a day.
fn days_of((first_ms, last_ms): (i64, i64)) -> f64 {
    (last_ms.saturating_sub(first_ms) as f64 / DAY_MS as f64).max(1.0)
}

fn no_days() -> Error {
    Error::parameter(
        "alertsPerDay",
        "rows with times, from which days are counted; a budget or contamination needs none",
        "rows without times",
    )
}

fn no_labels() -> Error {
    Error::new(ErrorKind::Labels {
        message: "a threshold by cost is found on rows whose truth is known, and there is no label column; name one, or \
                  cut by alerts per day or a budget: scores alone say which rows are more abnormal, not how likely one \
                  is a false alarm"
            .to_owned(),
    })
}
