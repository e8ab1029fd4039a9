//! A fitted preparation as the first part of a graph, from features as they are measured to what a model sees.

use super::builder::{Builder, integer, integers, texts};
use super::messages::{DOUBLE, STRING};
use crate::engine::features::FeatureMatrix;
use crate::engine::prepare::{FittedPreparation, Made};

/// Writes it; returns the value with all columns.
pub(super) fn write(fitted: &FittedPreparation, builder: &mut Builder) -> String {
    let mut columns = Vec::new();
    for part in fitted.outline() {
        let name = part.name;
        let is_category = matches!(part.made, Made::Category { .. });
        builder.input(name, if is_category { STRING } else { DOUBLE }, 1);
        match part.made {
            Made::Nothing => {}
            Made::AsIs => columns.push(name.to_owned()),
            Made::Number { fill, log1p, center, scale } => {
                columns.push(number(builder, name, fill, [center, scale], log1p));
            }
            Made::Category { known, missing, unseen } => {
                columns.push(category(builder, name, &known, &missing, &unseen));
                // Whether it is missing is a column of the table.
                continue;
            }
        }
        if part.indicator {
            let is_missing = builder.node("IsNaN", &[name], Vec::new());
            columns.push(builder.cast(&is_missing, DOUBLE));
        }
    }
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    builder.node("Concat", &columns, vec![integer("axis", 1)])
}

fn number(
    builder: &mut Builder,
    name: &str,
    fill: Option<f64>,
    [center, scale]: [f64; 2],
    log1p: bool,
) -> String {
    // What stays missing is a number for a while: of others, runtimes do not all keep it what it is.
    let filled = builder.doubles(&[1, 1], &[fill.unwrap_or(0.0)]);
    let is_missing = builder.node("IsNaN", &[name], Vec::new());
    let mut value = builder.node("Where", &[&is_missing, &filled, name], Vec::new());
    if log1p {
        let (zero, one) = (builder.doubles(&[1, 1], &[0.0]), builder.doubles(&[1, 1], &[1.0]));
        value = builder.node("Max", &[&value, &zero], Vec::new());
        value = builder.node("Add", &[&value, &one], Vec::new());
        value = builder.node("Log", &[&value], Vec::new());
    }
    let (center, scale) = (builder.doubles(&[1, 1], &[center]), builder.doubles(&[1, 1], &[scale]));
    value = builder.node("Sub", &[&value, &center], Vec::new());
    value = builder.node("Div", &[&value, &scale], Vec::new());
    let limit = FeatureMatrix::MAX_MAGNITUDE;
    let (low, high) = (builder.doubles(&[], &[-limit]), builder.doubles(&[], &[limit]));
    value = builder.node("Clip", &[&value, &low, &high], Vec::new());
    if fill.is_none() {
        let missing = builder.doubles(&[1, 1], &[f64::NAN]);
        value = builder.node("Where", &[&is_missing, &missing, &value], Vec::new());
    }
    value
}

/// A table with a row for each known value, one for a missing and one for an unseen value, of which the place is looked up.
fn category(
    builder: &mut Builder,
    name: &str,
    known: &[(&str, Vec<f64>)],
    missing: &[f64],
    unseen: &[f64],
) -> String {
    let rows = known.iter().map(|(_, row)| &row[..]).chain([missing, unseen]);
    let table: Vec<f64> = rows.flatten().copied().collect();
    let table = builder.doubles(&[known.len() + 2, unseen.len()], &table);
    let has_empty = known.iter().any(|(label, _)| label.is_empty());
    let missing = if has_empty { None } else { Some("") };
    let keys = known.iter().map(|&(label, _)| label).chain(missing);
    let places = 0..(known.len() + missing.iter().len()) as i64;
    let attributes = vec![
        texts("keys_strings", keys),
        integers("values_int64s", places.collect()),
        integer("default_int64", known.len() as i64 + 1),
    ];
    let place = builder.ml_node("LabelEncoder", &[name], attributes);
    let row = builder.node("Gather", &[&table, &place], vec![integer("axis", 0)]);
    // Rows x 1 x columns.
    let axes = builder.integers(&[1]);
    builder.node("Squeeze", &[&row, &axes], Vec::new())
}
