//! What is asked of the rows of a matrix on the way to an analysis.

use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::features::{FeatureMatrix, RowUnit};
use crate::engine::plan::{Plan, Recipe, Role, shape};
use crate::engine::table::{ColumnData, Table};

/// Refuses a matrix that no detector could tell anything about.
pub(super) fn enough_rows(matrix: &FeatureMatrix) -> Result<()> {
    const NEEDED: usize = 2;
    if matrix.n_rows() < NEEDED {
        let (step, unit, remedy) = match matrix.unit {
            RowUnit::Day => {
                ("comparing days of users", "days with activity", "use a log that covers more days")
            }
            RowUnit::Record => ("comparing records", "records", "use a table of more records"),
            _ => (
                "comparing users",
                "users",
                "use a log of more users, or the recipe user-day, which compares a user's days",
            ),
        };
        return Err(Error::new(ErrorKind::TooFewRows {
            step: step.to_owned(),
            unit,
            needed: NEEDED,
            found: matrix.n_rows(),
            remedy,
        }));
    }
    Ok(())
}

/// First and last moment among the table rows that the matrix uses, and whether they are UTC. Records of a table are no
/// events: their times are features like others.
pub(super) fn time_range(
    table: &Table,
    plan: &Plan,
    matrix: &FeatureMatrix,
) -> Result<(Option<(i64, i64)>, bool)> {
    if plan.recipe == Recipe::Table {
        return Ok((None, false));
    }
    let Some(column) = plan.column(Role::Time, table)? else { return Ok((None, false)) };
    let ColumnData::Timestamp { ms, zoned } = table.columns()[column].data() else {
        return Ok((None, false));
    };
    let mut range: Option<(i64, i64)> = None;
    for group in 0..matrix.table_rows.len() {
        // Rows are in time order, those without a time first, so the ends are enough.
        let rows = matrix.table_rows.rows(group);
        let mut timed = rows.iter().filter(|&&row| shape::is_usable_time(table, column, ms, row as usize));
        if let (Some(&first), Some(&last)) = (timed.next(), rows.last()) {
            let (first, last) = (ms[first as usize], ms[last as usize]);
            range = Some(range.map_or((first, last), |(low, high)| (low.min(first), high.max(last))));
        }
    }
    Ok((range, *zoned))
}
