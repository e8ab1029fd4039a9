//! A formula looked at while it is being written: whether it can be a feature, what is wrong where, and what it gives for
//! the first rows or entities.

use super::compile::Value;
use super::{Formula, Program, ValueType};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::order;
use crate::engine::table::{ColumnData, EntityCodes, Table, float_text};
use serde::{Deserialize, Serialize};

/// How many values are shown.
const SHOWN: usize = 5;

/// Rows that entities are gathered from: all of most logs, and done within a keystroke.
const MAX_ROWS: usize = 1_000_000;

/// What there is to say of a formula.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormulaCheck {
    /// Whether it can be a feature.
    pub ok: bool,
    /// Type of the value, where the formula fits the table.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub value_type: Option<ValueType>,
    /// Whether it has aggregates. Without, a feature is the mean over an entity's rows.
    pub aggregates: bool,
    /// Names of the columns it reads, each once.
    pub columns: Vec<String>,
    /// First values: of entities where it has aggregates (of all rows together where no entity is known), else of rows.
    pub preview: Vec<PreviewValue>,
    /// From how many rows of the table they are.
    pub preview_rows: usize,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<FormulaMistake>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewValue {
    /// What it is of: an entity, `row 1`, `all rows`.
    pub of: String,
    /// The value as text for a person: `0.25`, `true`, `2024-07-10T16:07:32`; absent where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A mistake and its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormulaMistake {
    /// For a person, with the place underlined.
    pub message: String,
    /// Where it begins in the formula, in UTF-16 units as JavaScript counts them.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What belongs there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl FormulaMistake {
    fn of(error: &Error) -> Self {
        let message = error.to_string();
        match error.kind() {
            ErrorKind::Formula { formula, at, expected, found, .. } => {
                let units = |n_chars: usize| formula.chars().take(n_chars).map(char::len_utf16).sum();
                FormulaMistake {
                    message,
                    start: units(at.0),
                    end: units(at.1),
                    expected: expected.clone(),
                    found: found.clone(),
                }
            }
            _ => FormulaMistake { message, start: 0, end: 0, expected: String::new(), found: String::new() },
        }
    }
}

/// Reads a formula, fits it to a table and evaluates it here and there. Entity and time are columns, where they are
/// known.
pub fn check(text: &str, table: &Table, entity: Option<usize>, time: Option<usize>) -> FormulaCheck {
    match look_at(text, table, entity, time) {
        Ok(check) => check,
        Err(error) => FormulaCheck { error: Some(FormulaMistake::of(&error)), ..FormulaCheck::default() },
    }
}

fn look_at(text: &str, table: &Table, entity: Option<usize>, time: Option<usize>) -> Result<FormulaCheck> {
    let formula = Formula::parse(text)?;
    let mut program = formula.compile(table)?;
    let error = formula.no_number(&program).map(|error| FormulaMistake::of(&error));
    let aggregates = formula.aggregates();
    let n_rows = table.n_rows().min(MAX_ROWS);
    let shown: Vec<(String, Vec<u32>)> = match entity {
        _ if !aggregates => {
            (0..n_rows.min(SHOWN)).map(|row| (format!("row {}", row + 1), vec![row as u32])).collect()
        }
        Some(entity) => first_entities(table, entity, n_rows),
        None => vec![("all rows".to_owned(), (0..n_rows as u32).collect())],
    };
    let of_rows = |(of, mut rows): (String, Vec<u32>)| {
        if let (true, Some(time)) = (aggregates, time) {
            sort_by_time(table, time, &mut rows);
        }
        let value = program.value(table, &rows).map(|value| shown_as(&program, table, value));
        PreviewValue { of, value }
    };
    let preview = shown.into_iter().map(of_rows).collect();
    Ok(FormulaCheck {
        ok: error.is_none(),
        value_type: Some(program.value_type()),
        aggregates,
        columns: formula.columns().into_iter().map(str::to_owned).collect(),
        preview,
        preview_rows: if aggregates { n_rows } else { n_rows.min(SHOWN) },
        error,
    })
}

/// The first entities and their rows in file order.
fn first_entities(table: &Table, entity: usize, n_rows: usize) -> Vec<(String, Vec<u32>)> {
    let codes = EntityCodes::of(table, entity);
    let mut entities: Vec<(u32, Vec<u32>)> = Vec::new();
    for row in 0..n_rows {
        let Some(code) = codes.get(row) else { continue };
        match entities.iter().position(|(known, _)| *known == code) {
            Some(place) => entities[place].1.push(row as u32),
            None if entities.len() < SHOWN => entities.push((code, vec![row as u32])),
            None => {}
        }
    }
    entities.into_iter().map(|(code, rows)| (codes.label(code).into_owned(), rows)).collect()
}

/// Puts rows into time order, equal times in file order; those without a time are no events.
fn sort_by_time(table: &Table, time: usize, rows: &mut Vec<u32>) {
    let column = &table.columns()[time];
    if let ColumnData::Timestamp { ms, .. } = column.data() {
        let timed = rows.iter().filter(|&&row| column.is_valid(row as usize));
        let mut keyed: Vec<(i64, u32)> = timed.map(|&row| (ms[row as usize], row)).collect();
        order::sort_keyed(&mut keyed);
        *rows = keyed.into_iter().map(|(_, row)| row).collect();
    }
}

/// A value for a person.
fn shown_as(program: &Program, table: &Table, value: f64) -> String {
    match program.kind() {
        Value::Number => float_text(value),
        Value::Boolean => if value == 0.0 { "false" } else { "true" }.to_owned(),
        Value::Text(texts) => texts.get(table, value as u32).into_owned(),
        Value::Time(column) => {
            let column = &table.columns()[*column];
            let zoned = matches!(column.data(), ColumnData::Timestamp { zoned: true, .. });
            column.wall_clock().text(value as i64, zoned)
        }
    }
}
