//! Rows as models take them: in blocks, so that nobody holds a prepared copy of all; what none can learn from; and how many
//! are a step.

use super::Transform;
use crate::engine::error::{Error, ErrorKind, Result};
use ndarray::{Array2, ArrayView2, Axis, CowArray, Ix2, s};
use std::ops::Range;

/// Rows that a detector learns from and measures (rows x columns).
#[derive(Debug, Clone, Copy)]
pub enum Rows<'a> {
    /// Values that it sees as they are.
    Whole(ArrayView2<'a, f64>),
    /// Features, which are prepared as far as somebody asks for them: a copy of all would take as much memory again.
    Prepared {
        /// Rows x features.
        values: ArrayView2<'a, f64>,
        /// What makes columns of them; where it was fitted, all are finite.
        by: &'a Transform,
    },
}

impl<'a> From<ArrayView2<'a, f64>> for Rows<'a> {
    fn from(rows: ArrayView2<'a, f64>) -> Self {
        Rows::Whole(rows)
    }
}

impl<'a> Rows<'a> {
    /// How many there are.
    pub fn n_rows(self) -> usize {
        match self {
            Rows::Whole(values) | Rows::Prepared { values, .. } => values.nrows(),
        }
    }

    /// Values of each.
    pub fn n_columns(self) -> usize {
        match self {
            Rows::Whole(values) => values.ncols(),
            Rows::Prepared { by, .. } => by.n_columns(),
        }
    }

    /// Rows and values of each.
    pub fn dim(self) -> (usize, usize) {
        (self.n_rows(), self.n_columns())
    }

    /// Neighbouring rows.
    pub fn block(self, rows: Range<usize>) -> CowArray<'a, f64, Ix2> {
        let rows = s![rows, ..];
        match self {
            Rows::Whole(values) => values.slice_move(rows).into(),
            Rows::Prepared { values, by } => by.rows(values.slice(rows)).into(),
        }
    }

    /// Some rows, in the order of `rows`.
    pub fn select(self, rows: &[usize]) -> Array2<f64> {
        match self {
            Rows::Whole(values) => values.select(Axis(0), rows),
            Rows::Prepared { values, by } => by.rows(values.select(Axis(0), rows).view()),
        }
    }

    /// One column of all rows.
    pub fn column(self, column: usize) -> Vec<f64> {
        match self {
            Rows::Whole(values) => values.column(column).to_vec(),
            Rows::Prepared { values, by } => by.column(values, column),
        }
    }

    /// Refuses rows that no detector can learn from.
    ///
    /// # Errors
    /// Those of [`check_rows`], where missing values are refused.
    pub fn check(self, step: &str) -> Result<()> {
        match self {
            Rows::Whole(values) => check_rows(step, values, Missing::Refused),
            Rows::Prepared { .. } => check_shape(step, self.dim()),
        }
    }
}

/// What a model makes of `NaN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It cannot do with it.
    Refused,
    /// It is a missing value, and welcome.
    Welcome,
}

/// Refuses rows that no model can learn from.
///
/// # Errors
/// `too-few-rows` without any row; `parameter` without any feature or with a value that is infinite, or missing where that
/// is refused.
pub fn check_rows(step: &str, rows: ArrayView2<'_, f64>, missing: Missing) -> Result<()> {
    check_shape(step, rows.dim())?;
    let is_missing_welcome = missing == Missing::Welcome;
    let is_good = |value: f64| value.is_finite() || value.is_nan() && is_missing_welcome;
    match rows.indexed_iter().find(|(_, value)| !is_good(**value)) {
        Some(((row, feature), value)) => {
            let expected = if is_missing_welcome { "finite or missing values" } else { "finite values" };
            Err(Error::parameter("rows", expected, format!("{value} in row {row}, feature {feature}")))
        }
        None => Ok(()),
    }
}

fn check_shape(step: &str, (n_rows, n_columns): (usize, usize)) -> Result<()> {
    if n_rows == 0 {
        return Err(Error::new(ErrorKind::TooFewRows {
            step: step.to_owned(),
            unit: "row",
            needed: 1,
            found: 0,
            remedy: "give it the rows to learn from",
        }));
    }
    match n_columns {
        0 => Err(Error::parameter("rows", "at least one feature", "none")),
        _ => Ok(()),
    }
}

/// How many rows are a few milliseconds of work, at most `most`.
pub fn rows_per_step(products_per_row: usize, most: usize) -> usize {
    const PRODUCTS: usize = 4_000_000;
    (PRODUCTS / products_per_row.max(1)).clamp(1, most)
}
