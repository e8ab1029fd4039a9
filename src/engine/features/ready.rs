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
        known: Option<&[Feature]>,
    ) -> Result<Option<Self>> {
        if let Some(known) = known {
            return Self::known(table, plan, known);
        }
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
        if is_ready { Ok(Self::of_columns(table, plan, Self::free(table, plan)?)) } else { Ok(None) }
    }

    /// The columns that a model's features are, if they are.
    fn known(table: &Table, plan: &Plan, known: &[Feature]) -> Result<Option<Self>> {
        if !matches!(plan.recipe, Recipe::UserDay | Recipe::Login) {
            return Ok(None);
        }
        let is_known =
            |column: &usize| known.contains(&feature_of(table.columns()[*column].name(), plan.recipe));
        let free = Self::free(table, plan)?.into_iter();
        Ok(Self::of_columns(table, plan, free.filter(is_known).collect()))
    }

    /// Numeric columns without another role; none where the plan has events.
    fn free(table: &Table, plan: &Plan) -> Result<Vec<usize>> {
        if plan.roles.contains_key(&Role::Action) || plan.roles.contains_key(&Role::Session) {
            return Ok(Vec::new());
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
        Ok(shape::numeric_columns(table).filter(|column| !taken.contains(column)).collect())
    }

    fn of_columns(table: &Table, plan: &Plan, columns: Vec<usize>) -> Option<Self> {
        let feature = |&column: &usize| feature_of(table.columns()[column].name(), plan.recipe);
        let features: Vec<Feature> = columns.iter().map(feature).collect();
        (!columns.is_empty()).then_some(ReadyColumns { columns, features })
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
