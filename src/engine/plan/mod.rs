//! The plan: which column is what, which recipe, which model, with which parameters. Complete plans are made by
//! [`guess::suggest`] and changed by the user; nothing later guesses again.

pub mod guess;
pub mod shape;
pub(crate) mod treatment;
pub mod words;

pub use treatment::Treatment;

use super::error::{Error, ErrorKind, Result};
use super::table::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Who acted: a user, an account, a client address.
    Entity,
    /// When.
    Time,
    /// What was done.
    Action,
    /// A session identifier.
    Session,
    /// Device type or identifier.
    Device,
    /// Network address.
    Address,
    /// Country.
    Country,
    /// Region within a country.
    Region,
    /// City.
    City,
    /// Browser or user agent.
    Browser,
    /// How long it took.
    Duration,
    /// Success or failure.
    Outcome,
    /// An amount.
    Amount,
    /// The truth, never used to fit a detector.
    Label,
    /// Not used.
    Ignore,
}

impl Role {
    /// All roles in the order shown to users.
    pub const ALL: [Role; 15] = [
        Role::Entity,
        Role::Time,
        Role::Action,
        Role::Session,
        Role::Device,
        Role::Address,
        Role::Country,
        Role::Region,
        Role::City,
        Role::Browser,
        Role::Duration,
        Role::Outcome,
        Role::Amount,
        Role::Label,
        Role::Ignore,
    ];

    /// The name as serialised.
    pub fn name(self) -> &'static str {
        match self {
            Role::Entity => "entity",
            Role::Time => "time",
            Role::Action => "action",
            Role::Session => "session",
            Role::Device => "device",
            Role::Address => "address",
            Role::Country => "country",
            Role::Region => "region",
            Role::City => "city",
            Role::Browser => "browser",
            Role::Duration => "duration",
            Role::Outcome => "outcome",
            Role::Amount => "amount",
            Role::Label => "label",
            Role::Ignore => "ignore",
        }
    }
}

/// How behaviour becomes a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipe {
    /// One row per user over the whole log (system A).
    Activity,
    /// One row per user and day (system B).
    UserDay,
    /// One row per user over a log of logins (system E).
    Login,
}

impl Recipe {
    /// The name as serialised.
    pub fn name(self) -> &'static str {
        match self {
            Recipe::Activity => "activity",
            Recipe::UserDay => "user-day",
            Recipe::Login => "login",
        }
    }
}

/// Detectors by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DetectorName {
    /// Isolation Forest.
    Iforest,
}

/// Parameters of recipe and model. Every one has a default, so a plan may name none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Parameters {
    /// Isolation Forest: number of trees, 1 to 10,000. Default 200.
    pub trees: usize,
    /// Isolation Forest: rows per tree, 2 to 65,536; all rows where there are fewer. Default 256.
    pub subsample: usize,
    /// First hour of night, 0 to 23. Default 0.
    pub night_start_hour: u32,
    /// Hour at which night ends (exclusive), 0 to 24; before `night_start_hour`, the night spans midnight. Default 6.
    pub night_end_hour: u32,
    /// Silence that ends a session, seconds, where there is no session column. Default 1,800.
    pub session_gap_secs: f64,
    /// How many of the most abnormal rows are explained at once. Default 100.
    pub top: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Parameters {
            trees: 200,
            subsample: 256,
            night_start_hour: 0,
            night_end_hour: 6,
            session_gap_secs: 1_800.0,
            top: 100,
        }
    }
}

impl Parameters {
    /// Checks every range.
    ///
    /// # Errors
    /// `parameter`, naming it, the range and what was given.
    pub fn check(&self) -> Result<()> {
        if !(1..=10_000).contains(&self.trees) {
            return Err(Error::parameter("trees", "a whole number from 1 to 10000", self.trees));
        }
        if !(2..=65_536).contains(&self.subsample) {
            return Err(Error::parameter("subsample", "a whole number from 2 to 65536", self.subsample));
        }
        if self.night_start_hour > 23 {
            return Err(Error::parameter("nightStartHour", "an hour from 0 to 23", self.night_start_hour));
        }
        if self.night_end_hour > 24 {
            return Err(Error::parameter("nightEndHour", "an hour from 0 to 24", self.night_end_hour));
        }
        if !(self.session_gap_secs > 0.0 && self.session_gap_secs.is_finite()) {
            return Err(Error::parameter("sessionGapSecs", "seconds above 0", self.session_gap_secs));
        }
        Ok(())
    }

    /// Whether an hour of day counts as night.
    pub fn is_night(&self, hour: u32) -> bool {
        if self.night_start_hour <= self.night_end_hour {
            (self.night_start_hour..self.night_end_hour).contains(&hour)
        } else {
            hour >= self.night_start_hour || hour < self.night_end_hour
        }
    }
}

/// A complete plan. JSON shape as `Plan` in the JavaScript surface.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// How behaviour becomes a matrix.
    pub recipe: Recipe,
    /// Column name by role.
    pub roles: BTreeMap<Role, String>,
    /// The model.
    pub detector: DetectorName,
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
    /// Column that holds the truth; never used to fit a detector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What becomes of columns before features are computed, by column name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub treatments: BTreeMap<String, Treatment>,
    /// Seed of everything random, 0 to [`Plan::MAX_SEED`].
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
    pub detector: Option<DetectorName>,
    /// See [`Plan::parameters`]; parameters not named have their defaults.
    pub parameters: Option<Parameters>,
    /// See [`Plan::contamination`].
    pub contamination: Option<f64>,
    /// See [`Plan::threshold`].
    pub threshold: Option<f64>,
    /// See [`Plan::budget`].
    pub budget: Option<usize>,
    /// See [`Plan::label`].
    pub label: Option<String>,
    /// Replaces the suggested treatments as a whole when given; see [`Plan::treatments`].
    pub treatments: Option<BTreeMap<String, Treatment>>,
    /// See [`Plan::seed`].
    pub seed: Option<u64>,
}

impl PartialPlan {
    /// Fills what is missing from a suggested plan. A column named as the label loses the role that was suggested for
    /// it; roles that the caller gives stay as they are, for [`Plan::check`] to judge. A dropped column loses its role,
    /// but for entity and time, which no recipe can do without: these too are left to the check, which says so.
    pub fn fill(self, suggested: Plan) -> Plan {
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
        Plan {
            recipe: self.recipe.unwrap_or(suggested.recipe),
            roles,
            detector: self.detector.unwrap_or(suggested.detector),
            parameters: self.parameters.unwrap_or(suggested.parameters),
            contamination: self.contamination.unwrap_or(suggested.contamination),
            threshold: self.threshold.or(suggested.threshold),
            budget: self.budget.or(suggested.budget),
            label,
            treatments,
            seed: self.seed.unwrap_or(suggested.seed),
        }
    }
}

impl Plan {
    /// The largest seed that a JavaScript number holds exactly: 2^53 - 1.
    pub const MAX_SEED: u64 = (1 << 53) - 1;

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

    /// Checks ranges, that every named column exists, that treatments fit their columns, and that the label is nothing but
    /// the label.
    ///
    /// # Errors
    /// `parameter`, `no-such-column`, or `labels` for a label column with another role, by which a feature would know
    /// the truth.
    pub fn check(&self, table: &Table) -> Result<()> {
        self.parameters.check()?;
        if !(self.contamination > 0.0 && self.contamination <= 0.5) {
            return Err(Error::parameter(
                "contamination",
                "a share above 0 and up to 0.5",
                self.contamination,
            ));
        }
        if self.threshold.is_some_and(|t| !t.is_finite()) {
            return Err(Error::parameter("threshold", "a finite score", self.threshold.unwrap_or(f64::NAN)));
        }
        if self.seed > Plan::MAX_SEED {
            return Err(Error::parameter("seed", "a whole number from 0 to 9007199254740991", self.seed));
        }
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
        Ok(())
    }
}
