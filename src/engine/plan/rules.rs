//! Rules over features: each that holds gives points, and enough points make a row abnormal (system E).

use serde::{Deserialize, Serialize};

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

fn one() -> f64 {
    1.0
}

fn three() -> f64 {
    3.0
}
