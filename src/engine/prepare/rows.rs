//! Rows as models take them: what none can learn from, and how many are a step.

use crate::engine::error::{Error, ErrorKind, Result};
use ndarray::ArrayView2;

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
    if rows.nrows() == 0 {
        return Err(Error::new(ErrorKind::TooFewRows {
            step: step.to_owned(),
            unit: "row",
            needed: 1,
            found: 0,
            remedy: "give it the rows to learn from",
        }));
    }
    if rows.ncols() == 0 {
        return Err(Error::parameter("rows", "at least one feature", "none"));
    }
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

/// How many rows are a few milliseconds of work, at most `most`.
pub fn rows_per_step(products_per_row: usize, most: usize) -> usize {
    const PRODUCTS: usize = 4_000_000;
    (PRODUCTS / products_per_row.max(1)).clamp(1, most)
}
