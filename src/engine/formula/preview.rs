//! A formula looked at while it is being written: what it gives for the first rows, or the first entities.

use super::compile::Value;
use super::{Formula, Program, ValueType};
use crate::engine::error::Result;
use crate::engine::order;
use crate::engine::table::{ColumnData, EntityCodes, Table};
use serde::{Deserialize, Serialize};

/// How many values are shown.
const SHOWN: usize = 5;

/// Rows that entities are gathered from: enough for most logs whole, and done within a keystroke.
const MAX_ROWS: usize = 1_000_000;

/// What a formula gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// Type of the value.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// Whether it has aggregates. Without, a feature is the mean over an entity's rows.
    pub aggregates: bool,
    /// First values: of entities where it has aggregates and an entity is known, of all rows together where none is
    /// known, else of rows.
    pub preview: Vec<PreviewValue>,
    /// How many rows of the table were looked at.
    pub preview_rows: usize,
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

/// Compiles a formula and evaluates it here and there. Entity and time are columns, where they are known.
///
/// # Errors
/// `formula`.
pub fn preview(
    formula: &Formula,
    table: &Table,
    entity: Option<usize>,
    time: Option<usize>,
) -> Result<Preview> {
    let mut program = formula.compile(table)?;
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
        if let Some(time) = time {
            sort_by_time(table, time, &mut rows);
        }
        let value = program.value(table, &rows).map(|value| shown_as(&program, table, value));
        PreviewValue { of, value }
    };
    let preview = shown.into_iter().map(of_rows).collect();
    let preview_rows = if aggregates { n_rows } else { n_rows.min(SHOWN) };
    Ok(Preview { value_type: program.value_type(), aggregates, preview, preview_rows })
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

fn sort_by_time(table: &Table, time: usize, rows: &mut Vec<u32>) {
    let column = &table.columns()[time];
    if let ColumnData::Timestamp { ms, .. } = column.data() {
        let mut keyed: Vec<(i64, u32)> = rows
            .iter()
            .filter(|&&row| column.is_valid(row as usize))
            .map(|&row| (ms[row as usize], row))
            .collect();
        order::sort_keyed(&mut keyed);
        *rows = keyed.into_iter().map(|(_, row)| row).collect();
    }
}

/// A value for a person.
fn shown_as(program: &Program, table: &Table, value: f64) -> String {
    match program.kind() {
        Value::Number => crate::engine::table::float_text(value),
        Value::Boolean => if value == 0.0 { "false" } else { "true" }.to_owned(),
        Value::Text(texts) => texts.get(table, value as u32).into_owned(),
        Value::Time(column) => {
            let column = &table.columns()[*column];
            let zoned = matches!(column.data(), ColumnData::Timestamp { zoned: true, .. });
            column.wall_clock().iso(value as i64, zoned)
        }
    }
}
