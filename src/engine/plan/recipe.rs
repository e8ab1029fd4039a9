//! How behaviour becomes a matrix.

use serde::{Deserialize, Serialize};

/// How behaviour becomes a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipe {
    /// One row per user over the whole log (system A).
    Activity,
    /// One row per user and day (system B).
    UserDay,
    /// One row per session (system C).
    Session,
    /// One row per record of any table (system D).
    Table,
    /// One row per user over a log of logins, or one per login (system E); see [`Parameters::login_rows`].
    ///
    /// [`Parameters::login_rows`]: super::Parameters::login_rows
    Login,
}

impl Recipe {
    /// All recipes in the order shown to users.
    pub const ALL: [Recipe; 5] =
        [Recipe::Activity, Recipe::UserDay, Recipe::Session, Recipe::Table, Recipe::Login];

    /// The name as serialised.
    pub fn name(self) -> &'static str {
        match self {
            Recipe::Activity => "activity",
            Recipe::UserDay => "user-day",
            Recipe::Session => "session",
            Recipe::Table => "table",
            Recipe::Login => "login",
        }
    }
}

/// What the recipe user-day cuts a user's events into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// Hours of the clock.
    Hour,
    /// Days of the clock.
    #[default]
    Day,
    /// Weeks from Monday to Sunday.
    Week,
}

/// What one row of the recipe login stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginRows {
    /// One row per user: what is known when the log ends.
    #[default]
    User,
    /// One row per login: what was known at that moment.
    Login,
}
