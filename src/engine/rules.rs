//! What a plan's rules say of every row, beside the scores of whatever detector: points, which rules hold, and the
//! distributions that thresholds are chosen from (system E).

use super::detect::rules::RuleSet;
use super::error::{Error, ErrorKind, Result};
use super::explain;
use super::features::FeatureMatrix;
use super::math::{quantile_places, quantile_sorted};
use super::order;
use super::plan::Rule;
use serde::{Deserialize, Serialize};

/// Shares of rows at whose quantiles a rule's feature is given: the upper tail, where limits are drawn, more closely.
const SHARES: [f64; 8] = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0];

/// Rules and rows together.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleResults {
    /// The rules.
    pub set: RuleSet,
    /// Points by matrix row.
    pub points: Vec<f64>,
    /// Rows with enough points to be abnormal.
    pub n_reached: usize,
    /// One per rule, in the plan's order.
    pub rules: Vec<RuleResult>,
}

/// One rule over all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleResult {
    /// The rule.
    pub rule: Rule,
    /// Rows on which it holds.
    pub rows: usize,
    /// Rows without a value of its feature, on which it does not hold.
    pub missing: usize,
    /// Its feature over the rows with a value: pairs of a share of rows (0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99 and 1) and
    /// the value that so many are at or below, by linear interpolation. Empty where no row has one.
    pub quantiles: Vec<(f64, f64)>,
}

impl RuleResults {
    /// Gives points to the rows of a matrix; what each rule says of them comes with [`RuleResults::step`].
    pub fn of(set: RuleSet, matrix: &FeatureMatrix) -> RuleResults {
        let points: Vec<f64> = matrix.values.rows().into_iter().map(|row| set.points(row)).collect();
        let n_reached = points.iter().filter(|&&points| points >= set.at_least()).count();
        RuleResults { n_reached, rules: Vec::new(), points, set }
    }

    /// Looks at the next rule; whether that was the last.
    pub fn step(&mut self, matrix: &FeatureMatrix) -> bool {
        if let Some((feature, rule)) = self.set.rules().get(self.rules.len()) {
            let column = matrix.values.column(*feature);
            let mut values: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
            let places = SHARES.map(|share| quantile_places(values.len(), share));
            order::place(&mut values, places.as_flattened());
            let quantile = |share: f64| (share, quantile_sorted(&values, share));
            self.rules.push(RuleResult {
                rows: values.iter().filter(|&&value| value > rule.above).count(),
                missing: column.len() - values.len(),
                quantiles: if values.is_empty() { Vec::new() } else { SHARES.map(quantile).to_vec() },
                rule: rule.clone(),
            });
        }
        self.rules.len() == self.set.rules().len()
    }

    /// Whether a row has enough points.
    pub fn is_reached(&self, row: usize) -> bool {
        self.points[row] >= self.set.at_least()
    }

    /// The rules that hold on a row, in words: "number of different countries is 5, above 2".
    pub fn fired(&self, matrix: &FeatureMatrix, row: usize) -> Vec<String> {
        let text = |place: usize| {
            let (feature, rule) = &self.set.rules()[place];
            explain::rule_text(matrix, row, *feature, rule.above)
        };
        self.set.fired(matrix.values.row(row)).map(text).collect()
    }
}

/// How many rows a limit would hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsAbove {
    /// Rows whose value is above it.
    pub rows: usize,
    /// Rows without a value.
    pub missing: usize,
}

/// Counts the rows of a matrix in which a feature is above a value.
///
/// # Errors
/// `no-such-row` for a feature that is not there.
pub fn rows_above(matrix: &FeatureMatrix, feature: usize, above: f64) -> Result<RowsAbove> {
    let n_features = matrix.features.len();
    if feature >= n_features {
        return Err(Error::new(ErrorKind::NoSuchRow { what: "feature", row: feature, n_rows: n_features }));
    }
    let column = matrix.values.column(feature);
    Ok(RowsAbove {
        rows: column.iter().filter(|&&value| value > above).count(),
        missing: column.iter().filter(|value| value.is_nan()).count(),
    })
}
