//! The plan: which column is what, which recipe, which model, with which parameters. Complete plans are made by
//! [`guess::suggest`] and changed by the user; nothing later guesses again.

mod cost;
mod detectors;
pub mod guess;
mod models;
mod novelty;
mod own;
mod parameters;
mod preparation;
mod recipe;
mod role;
mod rules;
pub mod session;
pub mod shape;
pub(crate) mod treatment;
pub mod words;

pub use cost::Cost;
pub use detectors::{DetectorName, Detectors};
pub use models::{
    Activation, AutoencoderParameters, Combine, EnsembleParameters, IsolationForestParameters, Kernel,
    OneClassSvmParameters,
};
pub use novelty::{NovelKind, Novelty};
pub use own::OwnFeature;
pub use parameters::Parameters;
pub use preparation::{Encode, FeaturePreparation, Impute, Preparation, Scale};
pub use recipe::{LoginRows, Period, Recipe};
pub use role::Role;
pub use rules::{Rule, Rules};
pub use treatment::Treatment;

use super::error::{Error, ErrorKind, Result, check_whole};
use super::rng::MAX_SEED;
use super::table::Table;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A complete plan. JSON shape as `Plan` in the JavaScript surface.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// How behaviour becomes a matrix.
    pub recipe: Recipe,
    /// Column name by role.
    pub roles: BTreeMap<Role, String>,
    /// The model; several are an ensemble.
    pub detector: Detectors,
    /// Parameters of recipe and model.
    #[serde(default)]
    pub parameters: Parameters,
    /// Expected share of abnormal rows, above 0 to 0.5; sets the threshold where no other wish does.
    pub contamination: f64,
    /// A fixed threshold on the score, instead of contamination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How many rows to flag, instead of contamination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<usize>,
    /// How many rows to flag for each day that the log covers, above 0, instead of contamination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts_per_day: Option<f64>,
    /// What a miss costs against a false alarm: flags so that mistakes cost least on the labelled rows, instead of
    /// contamination. Needs [`Plan::label`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Column that holds the truth; never used to fit a detector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What becomes of columns before features are computed, by column name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub treatments: BTreeMap<String, Treatment>,
    /// Features of what is new, where wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub novelty: Option<Novelty>,
    /// Features by formulas of the user's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_features: Vec<OwnFeature>,
    /// Names of features that the model does not see.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub omitted: BTreeSet<String>,
    /// What happens to features before the model sees them.
    #[serde(default)]
    pub preparation: Preparation,
    /// Rules over features, where there are any: what they say stands beside the detector's scores, or is the score where
    /// the detector is [`DetectorName::Rules`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
    /// Seed of everything random, 0 to [`MAX_SEED`].
    pub seed: u64,
}

/// A plan as a caller gives it: any part may be missing and is filled from the suggestion.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PartialPlan {
    /// See [`Plan::recipe`].
    pub recipe: Option<Recipe>,
    /// Replaces the suggested roles as a whole when given.
    pub roles: Option<BTreeMap<Role, String>>,
    /// See [`Plan::detector`].
    pub detector: Option<Detectors>,
    /// See [`Plan::parameters`]; parameters not named have their defaults.
    pub parameters: Option<Parameters>,
    /// See [`Plan::contamination`].
    pub contamination: Option<f64>,
    /// See [`Plan::threshold`].
    pub threshold: Option<f64>,
    /// See [`Plan::budget`].
    pub budget: Option<usize>,
    /// See [`Plan::alerts_per_day`].
    pub alerts_per_day: Option<f64>,
    /// See [`Plan::cost`].
    pub cost: Option<Cost>,
    /// See [`Plan::label`].
    pub label: Option<String>,
    /// Replaces the suggested treatments as a whole when given; see [`Plan::treatments`].
    pub treatments: Option<BTreeMap<String, Treatment>>,
    /// See [`Plan::novelty`].
    pub novelty: Option<Novelty>,
    /// See [`Plan::own_features`].
    pub own_features: Option<Vec<OwnFeature>>,
    /// See [`Plan::omitted`].
    pub omitted: Option<BTreeSet<String>>,
    /// See [`Plan::preparation`].
    pub preparation: Option<Preparation>,
    /// See [`Plan::rules`].
    pub rules: Option<Rules>,
    /// See [`Plan::seed`].
    pub seed: Option<u64>,
}

impl PartialPlan {
    /// Fills what is missing from the plan that was suggested for a table. A column named as the label loses the role that
    /// was suggested for it; roles that the caller gives stay as they are, for [`Plan::check`] to judge. A dropped column
    /// loses its role, but for entity and time, which no recipe can do without: these too are left to the check, which
    /// says so. Rules and novelty not given are what the recipe and the roles, as they are then, suggest.
    pub fn fill(self, suggested: Plan, table: &Table) -> Plan {
        let treatments = self.treatments.unwrap_or(suggested.treatments);
        let mut roles = self.roles.unwrap_or_else(|| {
            let mut roles = suggested.roles;
            if self.label.is_some() {
                roles.retain(|_, column| Some(&*column) != self.label.as_ref());
            }
            roles
        });
        let is_dropped = |column: &String| treatments.get(column) == Some(&Treatment::Drop);
        roles.retain(|role, column| matches!(role, Role::Entity | Role::Time) || !is_dropped(column));
        let label = self.label.or_else(|| roles.get(&Role::Label).cloned());
        match &label {
            Some(column) => roles.insert(Role::Label, column.clone()),
            None => roles.remove(&Role::Label),
        };
        let recipe = self.recipe.unwrap_or(suggested.recipe);
        Plan {
            recipe,
            detector: self.detector.unwrap_or(suggested.detector),
            parameters: self.parameters.unwrap_or(suggested.parameters),
            contamination: self.contamination.unwrap_or(suggested.contamination),
            threshold: self.threshold.or(suggested.threshold),
            budget: self.budget.or(suggested.budget),
            alerts_per_day: self.alerts_per_day.or(suggested.alerts_per_day),
            cost: self.cost.or(suggested.cost),
            label,
            treatments,
            novelty: self.novelty.or_else(|| Novelty::suggested(recipe, &roles, table)),
            own_features: self.own_features.unwrap_or(suggested.own_features),
            omitted: self.omitted.unwrap_or(suggested.omitted),
            preparation: self.preparation.unwrap_or_else(|| match recipe == suggested.recipe {
                true => suggested.preparation,
                false => Preparation::of_recipe(recipe),
            }),
            rules: self.rules.or_else(|| Rules::suggested(recipe, &roles, table)),
            roles,
            seed: self.seed.unwrap_or(suggested.seed),
        }
    }
}

impl Plan {
    /// A plan of a recipe and roles, everything else by default: an Isolation Forest that flags 5 % of the rows (6 % of
    /// users' days), with seed 1; nights of sessions are from 22 to 6 o'clock, as in the system followed.
    pub fn new(recipe: Recipe, roles: BTreeMap<Role, String>) -> Plan {
        Plan {
            recipe,
            label: roles.get(&Role::Label).cloned(),
            roles,
            detector: DetectorName::Iforest.into(),
            parameters: match recipe {
                Recipe::Session => Parameters { night_start_hour: 22, ..Parameters::default() },
                _ => Parameters::default(),
            },
            // One in twenty users is a list that a person can go through; of days, what the system followed takes.
            contamination: if recipe == Recipe::UserDay { 0.06 } else { 0.05 },
            threshold: None,
            budget: None,
            alerts_per_day: None,
            cost: None,
            treatments: BTreeMap::new(),
            novelty: None,
            own_features: Vec::new(),
            omitted: BTreeSet::new(),
            preparation: Preparation::of_recipe(recipe),
            rules: None,
            seed: 1,
        }
    }

    /// The rules, unless there is none among them.
    pub fn rules_in_force(&self) -> Option<&Rules> {
        self.rules.as_ref().filter(|rules| !rules.rules.is_empty())
    }

    /// The column index of a role, if the plan gives it one.
    ///
    /// # Errors
    /// `no-such-column` when the plan names a column the table does not have.
    pub fn column(&self, role: Role, table: &Table) -> Result<Option<usize>> {
        self.roles.get(&role).map(|name| table.index_of(name)).transpose()
    }

    /// The column index of a role that the recipe cannot do without.
    ///
    /// # Errors
    /// `missing-role`, or `no-such-column`.
    pub fn required(&self, role: Role, table: &Table) -> Result<usize> {
        self.column(role, table)?.ok_or_else(|| {
            Error::new(ErrorKind::MissingRole {
                role: role.name().to_owned(),
                recipe: self.recipe.name().to_owned(),
                columns: table.names(),
            })
        })
    }

    /// What is said of a share of abnormal rows that cannot be.
    pub(in crate::engine) fn no_contamination(found: f64) -> Error {
        let expected = "a share of the rows above 0 and up to 0.5, as 0.05 for 5 in 100 (more than half of them are normal)";
        Error::parameter("contamination", expected, found)
    }

    /// Whether a seed is one.
    ///
    /// # Errors
    /// `parameter`.
    pub fn check_seed(seed: u64) -> Result<()> {
        check_whole("seed", seed, 0..=MAX_SEED)
    }

    /// Whether a rate of alerts is one.
    ///
    /// # Errors
    /// `parameter`.
    pub fn check_alerts_per_day(per_day: f64) -> Result<()> {
        match per_day > 0.0 && per_day.is_finite() {
            true => Ok(()),
            false => Err(Error::parameter("alertsPerDay", "a number above 0", per_day)),
        }
    }

    /// Checks ranges, that every named column exists, that treatments fit their columns, that own features have names and
    /// formulas, and that the label is nothing but the label.
    ///
    /// # Errors
    /// `parameter`, `no-such-column`, `formula`, or `labels` for a label column with another role, by which a feature would know
    /// the truth.
    pub fn check(&self, table: &Table) -> Result<()> {
        self.parameters.check()?;
        self.preparation.check()?;
        self.rules.as_ref().map_or(Ok(()), Rules::check)?;
        if self.detector.is(DetectorName::Rules) && self.rules_in_force().is_none() {
            return Err(Error::parameter("rules", "at least one rule for the detector rules", "none"));
        }
        self.novelty.iter().try_for_each(Novelty::check)?;
        if !(self.contamination > 0.0 && self.contamination <= 0.5) {
            return Err(Plan::no_contamination(self.contamination));
        }
        if self.threshold.is_some_and(|t| !t.is_finite()) {
            return Err(Error::parameter("threshold", "a finite score", self.threshold.unwrap_or(f64::NAN)));
        }
        self.alerts_per_day.map_or(Ok(()), Plan::check_alerts_per_day)?;
        self.cost.as_ref().map_or(Ok(()), Cost::check)?;
        Plan::check_seed(self.seed)?;
        for name in self.roles.values().chain(&self.label) {
            table.index_of(name)?;
        }
        for (name, treatment) in &self.treatments {
            treatment.check(&table.columns()[table.index_of(name)?])?;
            let role = self.roles.iter().find(|&(&role, column)| role != Role::Ignore && column == name);
            if let (Treatment::Drop, Some((role, _))) = (treatment, role) {
                return Err(Error::parameter(
                    "treatments",
                    &format!("column \"{name}\" kept while it has the role {}", role.name()),
                    "drop",
                ));
            }
        }
        let is_known = |role: Role| !matches!(role, Role::Label | Role::Ignore);
        let clash =
            self.roles.iter().find(|&(&role, name)| is_known(role) && Some(name) == self.label.as_ref());
        if let Some((role, name)) = clash {
            return Err(Error::new(ErrorKind::Labels {
                message: format!(
                    "column \"{name}\" is both the label and the {}, so the detector would be told the truth it is to \
                     find; give it one of the two roles",
                    role.name()
                ),
            }));
        }
        OwnFeature::check_all(self)
    }
}
