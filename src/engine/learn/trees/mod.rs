//! Decision trees as forests and boosting grow them, and as they are kept.
//!
//! Growth looks at bins of values instead of values (`Cuts`); a grown tree knows nothing of bins: its thresholds are in
//! the units of the features. [`Trees`] holds all trees of a model flat in memory, to be walked, explained
//! and saved; it is the same for forests and boosting.

mod bins;
mod flat;
mod grown;
mod packed;
mod shapley;
mod target;

pub(in crate::engine::learn) use bins::Cuts;
pub(in crate::engine) use grown::GrownTree;
pub(in crate::engine::learn) use grown::{Split, partition};

pub use flat::{Node, Trees};
pub use shapley::Explainer;
pub use target::Target;

use crate::engine::error::{Error, Result};
use crate::engine::prepare::{self, Missing};
use ndarray::ArrayView2;

/// Refuses what no trees can be grown from: rows, targets or weights, of which there is one per row.
pub(in crate::engine::learn) fn check(
    step: &str,
    rows: ArrayView2<'_, f64>,
    target: Target<'_>,
    weights: Option<&[f64]>,
) -> Result<()> {
    check_rows(step, rows)?;
    target.check(rows.nrows())?;
    weights.map_or(Ok(()), |weights| check_values("weights", weights, rows.nrows()))
}

/// Refuses rows that no tree can be grown from: none, without a feature, or with an infinite value. `NaN` is a missing
/// value and welcome.
fn check_rows(step: &str, rows: ArrayView2<'_, f64>) -> Result<()> {
    if rows.ncols() > Trees::MAX_FEATURES || rows.nrows() > u32::MAX as usize {
        let expected = format!("at most {} features, and fewer than 2^32 rows", Trees::MAX_FEATURES);
        return Err(Error::parameter("rows", &expected, format!("{} x {}", rows.nrows(), rows.ncols())));
    }
    prepare::check_rows(step, rows, Missing::Welcome)
}

/// Refuses targets or weights of which there is not one per row, or that are not finite; weights also where one is
/// negative or all are 0.
fn check_values(name: &str, values: &[f64], n_rows: usize) -> Result<()> {
    if values.len() != n_rows {
        return Err(Error::parameter(name, &format!("one per row, {n_rows}"), values.len()));
    }
    let is_bad = |value: f64| !value.is_finite() || (name == "weights" && value < 0.0);
    if let Some(row) = values.iter().position(|&value| is_bad(value)) {
        let expected = if name == "weights" { "finite numbers from 0 up" } else { "finite numbers" };
        return Err(Error::parameter(name, expected, format!("{} in row {row}", values[row])));
    }
    if name == "weights" && values.iter().all(|&value| value == 0.0) {
        return Err(Error::parameter(name, "one above 0 at least", "only 0"));
    }
    Ok(())
}
