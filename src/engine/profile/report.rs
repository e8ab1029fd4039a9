//! What an exploration of a table gives: the shapes, as they stand in JSON.

use crate::engine::table::ColumnType;
use serde::{Deserialize, Serialize};

/// A table explored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Rows of the table.
    pub rows: usize,
    /// One per column, in file order.
    pub columns: Vec<ColumnReport>,
    /// Where values are missing.
    pub missing: MissingMatrix,
    /// How columns hang together.
    pub correlations: Correlations,
    /// Rows over time, where the table has a time column with a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_time: Option<OverTime>,
    /// How many entities have 1, 2, 3, ... rows, then values of a column; empty where the table has no entity column.
    pub per_entity: Vec<EntityDistribution>,
}

/// One column. Deviation and quartiles are those of the sample, as pandas' `describe` has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnReport {
    /// Name.
    pub name: String,
    /// Type.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// Rows without a value.
    pub missing: usize,
    /// Distinct values.
    pub distinct: usize,
    /// Of integers, floats and durations (seconds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<NumberReport>,
    /// Of times: first and last, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<TimeReport>,
    /// The most frequent values, most frequent first, ties by the value; at most [`ColumnReport::MAX_TOP`], each cut at
    /// 120 characters. Values that stand once are left out where there are more distinct values than that.
    pub top: Vec<TopValue>,
    /// Of numbers and times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<Histogram>,
}

impl ColumnReport {
    /// Most frequent values kept.
    pub const MAX_TOP: usize = 10;
}

/// Moments and quartiles of a column of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NumberReport {
    /// Mean.
    pub mean: f64,
    /// Standard deviation with n - 1; `None` of a single value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    /// Smallest.
    pub min: f64,
    /// 25 % quantile, linear interpolation.
    pub lower_quartile: f64,
    /// 50 % quantile.
    pub median: f64,
    /// 75 % quantile.
    pub upper_quartile: f64,
    /// Largest.
    pub max: f64,
}

/// First and last of a column of times.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeReport {
    /// Milliseconds since 1970.
    pub first_ms: f64,
    /// Milliseconds since 1970.
    pub last_ms: f64,
    /// Whether they are UTC; else the file's own clock.
    pub zoned: bool,
    /// Whether the file names no year, so that theirs is not to be told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_year: bool,
}

/// A value and how many rows have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopValue {
    /// As text.
    pub value: String,
    /// Rows.
    pub count: u64,
}

/// Counts between edges; the last bin has both its edges.
///
/// Bins of numbers are as wide as Freedman and Diaconis (1981) have it, `2 IQR / n^(1/3)`, or, where the quartiles are
/// equal, as many as Sturges (1926) has it, `log2(n) + 1`; at most 50. Bins of integers hold equally many whole numbers,
/// and the last edge is past the largest. Bins of times have round lengths; see [`OverTime`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// One more than bins, ascending.
    pub edges: Vec<f64>,
    /// One per bin.
    pub counts: Vec<u64>,
}

/// Share of missing values by blocks of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingMatrix {
    /// Columns with a missing value, in file order.
    pub columns: Vec<String>,
    /// Rows per block; the last may have fewer.
    pub block_rows: usize,
    /// Per block, per column: share of its rows without a value, 0 to 1.
    pub shares: Vec<Vec<f64>>,
}

/// How columns hang together. Matrices are square and symmetric; `None` where a column is constant or pairs are too few.
/// At most 30 columns of numbers and 30 of categories, the first in file order; all rows up to 200,000, a seeded sample
/// of as many beyond.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Correlations {
    /// Columns of numbers.
    pub numeric: Vec<String>,
    /// Pearson's r over rows where both have a value.
    pub pearson: Vec<Vec<Option<f64>>>,
    /// Spearman's rho, the same on ranks with ties averaged.
    pub spearman: Vec<Vec<Option<f64>>>,
    /// Columns of categories and booleans with few enough distinct values.
    pub categories: Vec<String>,
    /// Cramér's V without bias correction.
    pub cramers_v: Vec<Vec<Option<f64>>>,
    /// Columns left out, and why, in a sentence; empty if none.
    pub left_out: String,
}

/// Rows over time, in bins of round length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OverTime {
    /// The time column.
    pub column: String,
    /// Length of a bin in words: `"15 minutes"`, `"1 day"`, `"1 month"`.
    pub step: String,
    /// Milliseconds since 1970, one more than bins, ascending. Months and years have their own lengths.
    pub edges_ms: Vec<f64>,
    /// Rows per bin.
    pub counts: Vec<u64>,
    /// Whether the edges are UTC; else the file's own clock.
    pub zoned: bool,
    /// Whether the file names no year, so that theirs is not to be told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_year: bool,
}

/// How many entities have how many distinct values of a column. Entities without any are in no bin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityDistribution {
    /// The entity column.
    pub entity: String,
    /// The column counted; `None` for rows per entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Lower ends of the bins: 1, 2, 3, ... and wider ones behind.
    pub at_least: Vec<u64>,
    /// Entities per bin.
    pub entities: Vec<u64>,
    /// Largest number that an entity has.
    pub max: u64,
}
