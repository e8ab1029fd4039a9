//! Rules over features: each that holds gives points, and enough points make a row abnormal (system E).

use super::{Recipe, Role, shape};
use crate::engine::error::{Error, Result};
use crate::engine::table::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Name of a feature.
    pub feature: String,
    /// The rule holds where the feature is above this.
    pub above: f64,
    /// Points where it holds, above 0. Default 1.
    #[serde(default = "one")]
    pub points: f64,
}

/// Rules and how many points make a row abnormal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rules {
    /// The rules.
    pub rules: Vec<Rule>,
    /// Points from which on a row is abnormal. Default 3.
    #[serde(default = "three")]
    pub at_least: f64,
}

impl Rules {
    const MAX_POINTS: f64 = 1e9;

    /// For the recipe login system E's: a point each for more than two countries, three devices, three addresses, three
    /// browsers, and more failed logins than successful ones; three points are enough. Rules over features that will
    /// not be there are left out, and where fewer than three are left, all of them together make a row abnormal. `None`
    /// where none is left, and for other recipes.
    pub fn suggested(recipe: Recipe, roles: &BTreeMap<Role, String>, table: &Table) -> Option<Rules> {
        if recipe != Recipe::Login {
            return None;
        }
        const LIMITS: [(&str, Role, f64); 5] = [
            ("distinct_countries", Role::Country, 2.0),
            ("distinct_devices", Role::Device, 3.0),
            ("distinct_addresses", Role::Address, 3.0),
            ("distinct_browsers", Role::Browser, 3.0),
            ("login_ratio", Role::Outcome, 1.0),
        ];
        // Of a table that was added up, the features are columns.
        let is_alone =
            |name: &String| table.index_of(name).is_ok_and(|column| shape::is_one_row_each(table, column));
        let is_ready = shape::has_login_features(table) && roles.get(&Role::Entity).is_some_and(is_alone);
        let has = |feature: &str, role: &Role| match is_ready {
            true => table.index_of(feature).is_ok(),
            false => roles.contains_key(role),
        };
        let rules: Vec<Rule> = LIMITS
            .iter()
            .filter(|(feature, role, _)| has(feature, role))
            .map(|&(feature, _, above)| Rule { feature: feature.to_owned(), above, points: one() })
            .collect();
        let at_least = three().min(rules.len() as f64);
        (!rules.is_empty()).then_some(Rules { rules, at_least })
    }

    /// Checks every number.
    ///
    /// # Errors
    /// `parameter`.
    pub fn check(&self) -> Result<()> {
        if !(self.at_least > 0.0 && self.at_least <= Self::MAX_POINTS) {
            return Err(Error::parameter("rules", "atLeast: points above 0, up to a billion", self.at_least));
        }
        for Rule { feature, above, points } in &self.rules {
            if !(*points > 0.0 && *points <= Self::MAX_POINTS) {
                let expected = format!("points above 0, up to a billion, for \"{feature}\"");
                return Err(Error::parameter("rules", &expected, points));
            }
            if !above.is_finite() {
                let expected = format!("a number that \"{feature}\" has to be above");
                return Err(Error::parameter("rules", &expected, above));
            }
        }
        Ok(())
    }
}

fn one() -> f64 {
    1.0
}

fn three() -> f64 {
    3.0
}
