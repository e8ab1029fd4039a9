//! What happens to features before a model sees them.

use super::Recipe;
use crate::engine::error::{Error, Result, check_whole};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What stands for a missing value of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impute {
    /// The median of the known values; of a category, the most frequent.
    #[default]
    Median,
    /// Their mean; of a category, the most frequent.
    Mean,
    /// The most frequent value, the least of several.
    MostFrequent,
    /// This number; of a category, a value `missing` of its own.
    Constant(f64),
}

/// How the values of a feature are brought to one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Mean 0, standard deviation 1.
    #[default]
    Standard,
    /// Median 0, distance between the quartiles 1.
    Robust,
    /// Least 0, greatest 1.
    MinMax,
    /// As they are.
    None,
}

/// How a category becomes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encode {
    /// A column of zeros and ones for each of the most frequent values, and one for all others.
    #[default]
    OneHot,
    /// The number of the value in order of first appearance.
    Label,
    /// The share of rows with that value.
    Frequency,
    /// The number of the value in order of the alphabet.
    Ordinal,
}

/// What is said of one feature beside the defaults.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FeaturePreparation {
    /// See [`Preparation::impute`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impute: Option<Impute>,
    /// See [`Preparation::scale`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// Whether it becomes `ln(1 + x)` first, however heavy its tail is; only where no value is below 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log1p: Option<bool>,
    /// See [`Preparation::encode`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encode: Option<Encode>,
}

/// What happens to features before a model sees them; fitted once, and applied to any later file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Preparation {
    /// What stands for a missing value. Default the median; trees that learn are told that it is missing, and send it where
    /// it serves better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impute: Option<Impute>,
    /// Whether each feature with missing values gets a second column that says where. Default no.
    pub indicators: bool,
    /// How numbers are brought to one scale. Default standard.
    pub scale: Scale,
    /// Whether numbers with heavy tails, none below 0, become `ln(1 + x)` first. Default no.
    pub log1p: bool,
    /// How categories become numbers. Default one column per value.
    pub encode: Encode,
    /// Values of a category with a column of their own, 1 to 1,000. Default 20.
    pub max_categories: usize,
    /// By feature.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub features: BTreeMap<String, FeaturePreparation>,
}

impl Preparation {
    /// What a recipe suggests: the defaults, but that categories of logins are told by how frequent they are. A column
    /// for each of their values would outweigh all else that is known of a login, and fill memory.
    pub fn of_recipe(recipe: Recipe) -> Preparation {
        let encode = if recipe == Recipe::Login { Encode::Frequency } else { Encode::default() };
        Preparation { encode, ..Preparation::default() }
    }
}

impl Preparation {
    /// Checks every range.
    ///
    /// # Errors
    /// `parameter`, naming it, the range and what was given.
    pub fn check(&self) -> Result<()> {
        check_whole("preparation.maxCategories", self.max_categories, 1..=1_000)?;
        let of_features = self.features.values().filter_map(|of_feature| of_feature.impute);
        for impute in of_features.chain(self.impute) {
            if let Impute::Constant(value) = impute
                && !value.is_finite()
            {
                return Err(Error::parameter("preparation.impute", "a finite constant", value));
            }
        }
        Ok(())
    }
}

impl Default for Preparation {
    fn default() -> Self {
        Preparation {
            impute: None,
            indicators: false,
            scale: Scale::default(),
            log1p: false,
            encode: Encode::default(),
            max_categories: 20,
            features: BTreeMap::new(),
        }
    }
}
