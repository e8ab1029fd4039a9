//! Numeric columns of an event log: amounts and durations.

use super::measure::{Events, Measure};
use super::{Feature, FeatureMatrix};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::order;
use crate::engine::plan::{Plan, Role};
use crate::engine::table::{ColumnType, Table};

/// `amount_total`, `amount_max` or `duration_mean`, in the unit of the column; seconds of spans of time. Missing
/// values are left out; an entity without any has 0.
#[derive(Debug)]
pub(super) struct Numbers {
    column: usize,
    role: Role,
    unit: &'static str,
    scratch: Vec<f64>,
}

impl Numbers {
    /// Measures for the numeric roles that the plan gives.
    ///
    /// # Errors
    /// `wrong-type` for a column that holds no numbers.
    pub fn of_plan(table: &Table, plan: &Plan) -> Result<Vec<Box<dyn Measure>>> {
        let mut measures: Vec<Box<dyn Measure>> = Vec::new();
        for role in [Role::Amount, Role::Duration] {
            if let Some(column) = plan.column(role, table)? {
                let found = table.columns()[column].column_type();
                let is_duration = role == Role::Duration && found == ColumnType::Duration;
                if !is_duration && !matches!(found, ColumnType::Integer | ColumnType::Float) {
                    return Err(Error::new(ErrorKind::WrongType {
                        column: table.columns()[column].name().to_owned(),
                        expected: format!("numbers for the role {}", role.name()),
                        found: format!("{} values", found.name()),
                    }));
                }
                let unit = if is_duration { "s" } else { "" };
                measures.push(Box::new(Numbers { column, role, unit, scratch: Vec::new() }));
            }
        }
        Ok(measures)
    }
}

impl Measure for Numbers {
    fn features(&self) -> Vec<Feature> {
        match self.role {
            Role::Amount => vec![
                Feature::new("amount_total", "total amount", "").with_formula("sum of the amounts"),
                Feature::new("amount_max", "largest single amount", "")
                    .with_formula("greatest of the amounts"),
            ],
            _ => vec![
                Feature::new("duration_mean", "mean duration of an event", self.unit)
                    .with_formula("mean of the durations"),
            ],
        }
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let Numbers { column, role, scratch, .. } = self;
        let column = &events.table.columns()[*column];
        scratch.clear();
        scratch.extend(
            events
                .rows
                .iter()
                .filter_map(|&row| column.number(row as usize))
                .map(|number| number.clamp(-FeatureMatrix::MAX_MAGNITUDE, FeatureMatrix::MAX_MAGNITUDE)),
        );
        // Sorted, so that the sum does not depend on the order of events with equal times.
        order::sort(scratch);
        // From 0, because the empty sum of floats is -0.
        let total = scratch.iter().fold(0.0, |sum, number| sum + number);
        match role {
            Role::Amount => values.extend([total, scratch.last().copied().unwrap_or(0.0)]),
            _ => values.push(total / scratch.len().max(1) as f64),
        }
    }
}
