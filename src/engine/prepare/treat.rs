//! Treatments of columns: a table to another that shares what is not touched.

use crate::engine::error::Result;
use crate::engine::finding::{Finding, FindingKind, Findings};
use crate::engine::plan::treatment::{Fill, constant};
use crate::engine::plan::{Plan, Treatment};
use crate::engine::profile::numbers_of;
use crate::engine::table::{Column, ColumnData, ColumnType, Table, Validity, float_text};
use crate::engine::time;

/// What fills missing categories under [`Treatment::Other`].
const OTHER: &str = "other";
/// Floats up to this hold every whole number.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The table as the plan's treatments make it, and how many values were filled. Mean and median are the profile's.
///
/// # Errors
/// As [`Plan::check`].
pub fn treat(table: &Table, plan: &Plan) -> Result<(Table, Vec<Finding>)> {
    plan.check(table)?;
    let mut findings = Findings::default();
    let treated = table.with_columns(|column| match plan.treatments.get(column.name()) {
        None => Some(None),
        Some(Treatment::Drop) => None,
        Some(treatment) => Some(fill_of(column, treatment).map(|fill| {
            let filled = filled(column, fill);
            report(table, column, &filled, treatment, &mut findings);
            filled
        })),
    });
    Ok((treated, findings.into_vec()))
}

/// What the treatments of a plan fill columns of this table with, by column, as the text of a
/// [`Treatment::Constant`]: so another table can be filled as this one was.
///
/// # Errors
/// As [`Plan::check`].
pub fn constants(table: &Table, plan: &Plan) -> Result<Vec<(String, String)>> {
    plan.check(table)?;
    let constant = |column: &Column| {
        let treatment = plan.treatments.get(column.name())?;
        let text = match value_of(column, treatment)? {
            Fill::Integer(value) => value.to_string(),
            Fill::Float(value) => float_text(value),
            Fill::Boolean(value) => value.to_string(),
            Fill::Time(ms) => time::iso(ms, false),
            Fill::Text(text) => text,
        };
        Some((column.name().to_owned(), text))
    };
    Ok(table.columns().iter().filter_map(|column| constant(column)).collect())
}

/// What a column's missing values become; `None` if none is missing.
fn fill_of(column: &Column, treatment: &Treatment) -> Option<Fill> {
    if column.validity().n_missing() == 0 { None } else { value_of(column, treatment) }
}

/// What missing values of a column become, whether there are any or not.
fn value_of(column: &Column, treatment: &Treatment) -> Option<Fill> {
    let number = |value: f64| match column.data() {
        ColumnData::Timestamp { .. } => Fill::Time(value.floor() as i64),
        ColumnData::Integer(_) if value.fract() == 0.0 && value.abs() <= MAX_WHOLE => {
            Fill::Integer(value as i64)
        }
        _ => Fill::Float(value),
    };
    match treatment {
        Treatment::Drop => None,
        Treatment::Mean => numbers_of(column).map(|numbers| number(numbers.mean)),
        Treatment::Median => numbers_of(column).map(|numbers| number(numbers.median)),
        Treatment::Other => Some(Fill::Text(OTHER.to_owned())),
        Treatment::Constant(text) => constant(column, text),
    }
}

/// A copy of the column with `fill` where values are missing.
fn filled(column: &Column, fill: Fill) -> Column {
    let missing: Vec<usize> = (0..column.len()).filter(|&row| !column.is_valid(row)).collect();
    let mut column_type = column.column_type();
    let mut data = column.data().clone();
    match (&mut data, fill) {
        (ColumnData::Integer(values), Fill::Integer(value)) => put(values, &missing, value),
        (ColumnData::Integer(values), Fill::Float(value)) => {
            let mut values: Vec<f64> = values.iter().map(|&value| value as f64).collect();
            put(&mut values, &missing, value);
            data = ColumnData::Float(values);
            column_type = ColumnType::Float;
        }
        (ColumnData::Float(values), Fill::Float(value)) => put(values, &missing, value),
        (ColumnData::Boolean(values), Fill::Boolean(value)) => put(values, &missing, value),
        (ColumnData::Timestamp { ms, .. }, Fill::Time(value)) => put(ms, &missing, value),
        (ColumnData::Category { codes, dictionary }, Fill::Text(value)) => {
            let code = dictionary.intern(&value);
            missing.iter().for_each(|&row| codes.set(row, code));
        }
        (_, fill) => unreachable!("{fill:?} was read for another column than {}", column_type.name()),
    }
    let mut validity = Validity::new();
    (0..column.len()).for_each(|_| validity.push(true));
    Column::new(column.name(), data, validity).with_type(column_type).read_as(column)
}

fn put<T: Copy>(values: &mut [T], rows: &[usize], value: T) {
    rows.iter().for_each(|&row| values[row] = value);
}

fn report(table: &Table, column: &Column, filled: &Column, treatment: &Treatment, findings: &mut Findings) {
    let Some(first) = (0..column.len()).find(|&row| !column.is_valid(row)) else { return };
    let what = match treatment {
        Treatment::Mean => "the column's mean, ",
        Treatment::Median => "the column's median, ",
        _ => "",
    };
    let at = table.position(first);
    let n_missing = column.validity().n_missing() as u64;
    findings.report_many(FindingKind::FilledValues, column.name(), n_missing, at, || {
        format!(
            "missing values in \"{}\" were taken as {what}\"{}\", as the plan says",
            column.name(),
            filled.text(first)
        )
    });
}
