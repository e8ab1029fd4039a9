//! The shape of a log under given roles: its times, its rows by entity, whether it has one row per day already.
//! Shared by the guess, which chooses a recipe by it, and by the recipes.

use super::{Period, Plan, Role};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::table::{ColumnData, ColumnType, EntityCodes, Groups, KeyCodes, Table};
use crate::engine::time;
use crate::engine::time::zone::WallClock;

/// Milliseconds of a time column.
///
/// # Errors
/// `wrong-type` for a column that holds no times.
pub fn times(table: &Table, time_column: usize) -> Result<&[i64]> {
    let column = &table.columns()[time_column];
    match column.data() {
        ColumnData::Timestamp { ms, .. } => Ok(ms),
        _ => Err(Error::new(ErrorKind::WrongType {
            column: column.name().to_owned(),
            expected: "times with a date".to_owned(),
            found: format!("{} values", column.column_type().name()),
        })),
    }
}

/// Whether a row has a time that a calendar can hold: its day since 1970 fits 32 bits, some five million years.
pub fn is_usable_time(table: &Table, time_column: usize, times: &[i64], row: usize) -> bool {
    const FIRST_MS: i64 = i32::MIN as i64 * time::DAY_MS;
    const END_MS: i64 = (i32::MAX as i64 + 1) * time::DAY_MS;
    table.columns()[time_column].is_valid(row) && (FIRST_MS..END_MS).contains(&times[row])
}

/// Whether nobody has two rows in one day of the clock, of rows with a usable time. Rows are read up to the first that says
/// no: in a log of events, which may be large, not many.
pub fn has_one_row_per_day(table: &Table, entity: usize, time_column: usize, times: &[i64]) -> bool {
    let column = &table.columns()[entity];
    let mut hand = table.columns()[time_column].wall_clock().hand();
    let (mut entities, mut days) = (KeyCodes::default(), KeyCodes::default());
    (0..table.n_rows()).filter(|&row| is_usable_time(table, time_column, times, row)).all(|row| {
        let Some(key) = column.key(row) else { return true };
        let day = hand.day_of(times[row]) as u32;
        let n_days = days.len() as u32;
        days.code(u64::from(entities.code(key)) << 32 | u64::from(day)) == n_days
    })
}

/// Whether no group has two rows in one hour, day or week of the clock.
pub fn has_one_row_per(period: Period, by_entity: &Groups, times: &[i64], clock: WallClock<'_>) -> bool {
    let mut periods = Vec::new();
    let mut hand = clock.hand();
    (0..by_entity.len()).all(|entity| {
        periods.clear();
        periods.extend(by_entity.rows(entity).iter().map(|&row| {
            let ms = times[row as usize];
            match period {
                // The hour as the clock shows it, and how far it is ahead: one shown twice is two.
                Period::Hour => (hand.local_ms(ms).div_euclid(time::HOUR_MS), hand.local_ms(ms) - ms),
                Period::Day => (hand.day_of(ms), 0),
                Period::Week => (time::week_of(hand.day_of(ms)), 0),
            }
        }));
        periods.sort_unstable();
        periods.windows(2).all(|pair| pair[0] != pair[1])
    })
}

/// Whether a table has the columns that say, for each user, how many logins there were and how fast they came: the
/// login recipe's features, computed already.
pub fn has_login_features(table: &Table) -> bool {
    let is_numeric = |name: &str| {
        table.index_of(name).is_ok_and(|column| {
            matches!(table.columns()[column].column_type(), ColumnType::Integer | ColumnType::Float)
        })
    };
    is_numeric("logins") && is_numeric("avg_time_between_logins")
}

/// Columns that hold integers, floats or spans of time.
pub fn numeric_columns(table: &Table) -> impl Iterator<Item = usize> {
    let is_numeric = |column: &usize| {
        let column_type = table.columns()[*column].column_type();
        matches!(column_type, ColumnType::Integer | ColumnType::Float | ColumnType::Duration)
    };
    (0..table.columns().len()).filter(is_numeric)
}

/// Whether a table has one row per session, rather than events to be cut into sessions: every value of the session column
/// stands on one row or, where no column has that role, none says what was done.
///
/// # Errors
/// `no-such-column`.
pub fn has_one_row_per_session(table: &Table, plan: &Plan) -> Result<bool> {
    Ok(match plan.column(Role::Session, table)? {
        Some(column) => is_one_row_each(table, column),
        None => !plan.roles.contains_key(&Role::Action),
    })
}

/// Whether no value of a column stands on two rows.
pub fn is_one_row_each(table: &Table, column: usize) -> bool {
    let n_valid = table.n_rows() - table.columns()[column].validity().n_missing();
    EntityCodes::of(table, column).n_codes() >= n_valid
}
