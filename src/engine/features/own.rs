//! Features that the user defines by formulas; see [`crate::engine::formula`]. Every recipe has them, after its own.

use super::Feature;
use super::measure::{Events, Measure};
use crate::engine::error::{Error, Result};
use crate::engine::formula::{Formula, Program};
use crate::engine::plan::{OwnFeature, Plan};
use crate::engine::table::Table;

/// The plan's own features.
///
/// # Errors
/// `formula`; `parameter` for the name of one of the recipe's `others`.
pub(super) fn measures(table: &Table, plan: &Plan, others: &[Feature]) -> Result<Vec<Box<dyn Measure>>> {
    let mut measures: Vec<Box<dyn Measure>> = Vec::with_capacity(plan.own_features.len());
    for own in &plan.own_features {
        if others.iter().any(|other| other.name == own.name) {
            let expected = format!("a name that no feature of recipe {} has", plan.recipe.name());
            return Err(Error::parameter("ownFeatures", &expected, format_args!("\"{}\"", own.name)));
        }
        measures.push(Box::new(OwnMeasure::new(table, own)?));
    }
    Ok(measures)
}

/// A formula over an entity's events. NaN where it is missing.
#[derive(Debug)]
struct OwnMeasure {
    feature: Feature,
    program: Program,
}

impl OwnMeasure {
    fn new(table: &Table, own: &OwnFeature) -> Result<Self> {
        let program = Formula::parse(&own.formula).and_then(|formula| formula.compile_number(table));
        let meaning = own.meaning.as_ref().unwrap_or(&own.name);
        let feature = Feature::new(&own.name, meaning, &own.unit).with_formula(&own.formula);
        Ok(OwnMeasure { feature, program: program.map_err(|error| error.in_feature(&own.name))? })
    }
}

impl Measure for OwnMeasure {
    fn features(&self) -> Vec<Feature> {
        vec![self.feature.clone()]
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        values.push(self.program.value(events.table, events.rows).unwrap_or(f64::NAN));
    }
}
