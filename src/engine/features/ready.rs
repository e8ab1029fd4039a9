//! Tables that already have one row per subject, or per subject and day: their numeric columns are the features.

use super::measure::{Events, Measure};
use super::{Feature, login, user_day};
use crate::engine::error::Result;
use crate::engine::plan::shape;
use crate::engine::plan::{LoginRows, Plan, Recipe, Role};
use crate::engine::table::{Groups, Table};

/// The value of each numeric column; what is missing stays so, for the plan's preparation to fill.
#[derive(Debug)]
pub(super) struct ReadyColumns {
    columns: Vec<usize>,
    features: Vec<Feature>,
}

impl ReadyColumns {
    /// The columns, if the table is ready for the plan's recipe: no action or session column, at least one numeric column
    /// without another role, and at most one row per subject and period (user-day), or one per subject and the recipe's
    /// features among them, as streaming aggregation gives it (login).
    ///
    /// # Errors
    /// `no-such-column`.
    pub fn of_plan(
        table: &Table,
        plan: &Plan,
        by_subject: &Groups,
        time: Option<usize>,
    ) -> Result<Option<Self>> {
        let is_ready = match (plan.recipe, time) {
            (Recipe::UserDay, Some(time)) => {
                let clock = table.columns()[time].wall_clock();
                let times = shape::times(table, time)?;
                shape::has_one_row_per(plan.parameters.period, by_subject, times, clock)
            }
            (Recipe::Login, _) if plan.parameters.login_rows == LoginRows::User => {
                let is_alone = |subject| by_subject.rows(subject).len() == 1;
                shape::has_login_features(table) && (0..by_subject.len()).all(is_alone)
            }
            _ => false,
        };
        if is_ready { Self::numeric(table, plan) } else { Ok(None) }
    }

    fn numeric(table: &Table, plan: &Plan) -> Result<Option<Self>> {
        if plan.roles.contains_key(&Role::Action) || plan.roles.contains_key(&Role::Session) {
            return Ok(None);
        }
        let mut taken = Vec::new();
        for (&role, name) in &plan.roles {
            if !matches!(role, Role::Amount | Role::Duration) {
                taken.push(table.index_of(name)?);
            }
        }
        if let Some(label) = &plan.label {
            taken.push(table.index_of(label)?);
        }
        let columns: Vec<usize> =
            shape::numeric_columns(table).filter(|column| !taken.contains(column)).collect();
        if columns.is_empty() {
            return Ok(None);
        }
        let features =
            columns.iter().map(|&column| feature_of(table.columns()[column].name(), plan.recipe)).collect();
        Ok(Some(ReadyColumns { columns, features }))
    }
}

impl Measure for ReadyColumns {
    fn features(&self) -> Vec<Feature> {
        self.features.clone()
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let row = events.rows[0] as usize;
        let number = |&column: &usize| events.table.columns()[column].number(row).unwrap_or(f64::NAN);
        values.extend(self.columns.iter().map(number));
    }
}

/// Columns that have the name of a feature of the recipe have its meaning and unit; others mean what they say.
fn feature_of(name: &str, recipe: Recipe) -> Feature {
    let known: &[_] = if recipe == Recipe::Login { &login::FEATURES } else { &user_day::FEATURES };
    match known.iter().find(|(known, ..)| *known == name) {
        Some(&(name, meaning, unit)) => Feature::new(name, meaning, unit),
        None => Feature::new(name, name.replace(['_', '-', '.'], " ").trim().to_owned(), ""),
    }
}
