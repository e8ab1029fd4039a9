//! Features that the user defines.

use super::{Plan, Treatment};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::formula::Formula;
use serde::{Deserialize, Serialize};

/// A feature by a formula over columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnFeature {
    /// Its name, unlike that of any other feature and not empty.
    pub name: String,
    /// The formula; see [`crate::engine::formula`].
    pub formula: String,
    /// What it is, as it fits into a sentence about a user; the name where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// Unit of its values, nothing for plain numbers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
}

impl OwnFeature {
    /// Checks the own features of a plan, but for whether their formulas fit a table.
    ///
    /// # Errors
    /// `parameter` for a name that is empty or not the only one, or a column that the plan drops; `formula`; `labels` for
    /// a formula that reads the label, by which a feature would know the truth.
    pub(super) fn check_all(plan: &Plan) -> Result<()> {
        for (place, own) in plan.own_features.iter().enumerate() {
            let name = &own.name;
            if name.trim().is_empty() {
                return Err(Error::parameter("ownFeatures", "a name for each", "none"));
            }
            if plan.own_features[..place].iter().any(|other| other.name == *name) {
                return Err(Error::parameter(
                    "ownFeatures",
                    "a name of its own for each",
                    format_args!("\"{name}\" twice"),
                ));
            }
            let formula = Formula::parse(&own.formula).map_err(|error| error.in_feature(name))?;
            for column in formula.columns() {
                if plan.label.as_deref() == Some(column) {
                    return Err(Error::new(ErrorKind::Labels {
                        message: format!(
                            "the formula of \"{name}\" reads \"{column}\", which is the label, so the detector would be told \
                             the truth it is to find; leave it out of the formula, or name another label"
                        ),
                    }));
                }
                if plan.treatments.get(column) == Some(&Treatment::Drop) {
                    let expected =
                        format!("column \"{column}\" kept while the formula of \"{name}\" reads it");
                    return Err(Error::parameter("treatments", &expected, "drop"));
                }
            }
        }
        Ok(())
    }
}
