//! The columns that a model's rows are made of, and the state of a table that reading another one like it needs.

use super::info::Field;
use crate::engine::features::{Feature, RowUnit};
use crate::engine::formula::Formula;
use crate::engine::plan::{Plan, Recipe, Role};
use crate::engine::profile::ColumnProfile;
use crate::engine::table::{Column, ColumnData, ColumnType, Table};
use std::collections::BTreeSet;

/// Ends of the names of features that are made of one column each.
const OF_ONE_COLUMN: [&str; 5] = ["", "_weekday", "_hour", "_family", "_network"];

/// The columns that the plan's recipe makes these features of, and the label, in the table's order.
pub(super) fn fields_of(
    table: &Table,
    profiles: &[ColumnProfile],
    plan: &Plan,
    features: &[Feature],
) -> Vec<Field> {
    let of_formulas: BTreeSet<String> = plan
        .own_features
        .iter()
        .filter_map(|own| Formula::parse(&own.formula).ok())
        .flat_map(|formula| formula.columns().into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let names: BTreeSet<&str> = features.iter().map(|feature| feature.name.as_str()).collect();
    let is_feature = |column: &Column| {
        OF_ONE_COLUMN.iter().any(|end| names.contains(format!("{}{end}", column.name()).as_str()))
    };
    let field = |(column, profile): (&Column, &ColumnProfile)| {
        let name = column.name();
        let role = plan.roles.iter().find(|(_, of)| *of == name).map(|(&role, _)| role);
        let is_label = plan.label.as_deref() == Some(name) || role == Some(Role::Label);
        let is_read = is_feature(column)
            || of_formulas.contains(name)
            // Of sessions, any column may be what was counted.
            || (plan.recipe == Recipe::Session && column.column_type() != ColumnType::Text && role != Some(Role::Ignore));
        // Records need nobody and no time, but say who and when where they can.
        let is_needed = plan.recipe != Recipe::Table && !matches!(role, None | Some(Role::Ignore));
        let is_known = is_read || is_label || !matches!(role, None | Some(Role::Ignore));
        is_known.then(|| {
            let (min, max) = range(column);
            Field {
                name: name.to_owned(),
                column_type: column.column_type(),
                role,
                required: (is_read || is_needed) && !is_label,
                missing: column.validity().n_missing() as f64 / column.len().max(1) as f64,
                examples: profile.examples.clone(),
                min,
                max,
                no_year: column.no_year(),
                labels: labels(column, profile),
            }
        })
    };
    table.columns().iter().map(|column| &**column).zip(profiles).filter_map(field).collect()
}

/// Least and greatest value of a column of numbers or times.
fn range(column: &Column) -> (Option<f64>, Option<f64>) {
    let value = |row: usize| match column.data() {
        ColumnData::Integer(_) | ColumnData::Float(_) => column.number(row),
        ColumnData::Timestamp { ms, .. } => column.is_valid(row).then(|| ms[row] as f64),
        _ => None,
    };
    (0..column.len()).filter_map(value).fold((None, None), |(min, max), value| {
        let min = min.map_or(value, |least: f64| least.min(value));
        let max = max.map_or(value, |greatest: f64| greatest.max(value));
        (Some(min), Some(max))
    })
}

/// The values of a category, in order of the alphabet; none where there are too many.
fn labels(column: &Column, profile: &ColumnProfile) -> Vec<String> {
    let ColumnData::Category { codes, dictionary } = column.data() else { return Vec::new() };
    if profile.distinct > Field::MAX_LABELS || column.column_type() != ColumnType::Category {
        return Vec::new();
    }
    let used: BTreeSet<u32> =
        (0..codes.len()).filter(|&row| column.is_valid(row)).map(|row| codes.get(row)).collect();
    let values: BTreeSet<&str> = used.into_iter().map(|code| dictionary.get(code)).collect();
    values.into_iter().map(str::to_owned).collect()
}

/// What is to be known of a model before it is used.
pub(super) fn notes_of(plan: &Plan, unit: RowUnit, is_aggregated: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let is_by_user = unit == RowUnit::Subject;
    if is_by_user {
        notes.push(
            "a row is one user over all records given: a single record is a user who did this one thing, so give a \
             period as long as the one the model was fitted to"
                .to_owned(),
        );
    }
    let period = match unit {
        RowUnit::Hour => Some("hour"),
        RowUnit::Day => Some("day"),
        RowUnit::Week => Some("week"),
        _ => None,
    };
    if let Some(period) = period {
        notes
            .push(format!("a row is a user's {period}: give all records of each {period}, not a part of it"));
    }
    if plan.recipe == Recipe::Session {
        notes.push(
            "features against a user's other sessions, and the time since the previous one, are missing where these are \
             not given with the record; missing values are filled as they were when the model was fitted"
                .to_owned(),
        );
    }
    let looks_back = plan.novelty.as_ref().is_some_and(|novelty| novelty.enabled)
        || (plan.recipe == Recipe::Login && !is_by_user);
    if looks_back {
        notes.push(
            "features that look back (what is new, how long since, counts so far) know only the records given: give the \
             user's earlier records with a new one, or everything is that user's first"
                .to_owned(),
        );
    }
    if is_aggregated {
        notes.push(
            "it was fitted to rows added up per user while they were read: give tables added up in the same way, or read \
             logs with aggregate"
                .to_owned(),
        );
    }
    notes
}
