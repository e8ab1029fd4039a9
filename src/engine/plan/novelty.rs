//! What counts as new, and against what.

use super::{Recipe, Role};
use crate::engine::error::{Error, Result, check_whole};
use crate::engine::table::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What can be new for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NovelKind {
    /// An action.
    Action,
    /// A network address.
    Address,
    /// A range of addresses: the first 24 bits of a version 4 address, the first 48 of a version 6 one.
    AddressRange,
    /// A country.
    Country,
    /// A device.
    Device,
    /// A browser, without its version.
    Browser,
    /// A resource.
    Resource,
}

/// Features of what is new, uncommon, sudden or back after a long time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Novelty {
    /// Whether these features are wanted; `false` declines a suggestion. Default true.
    pub enabled: bool,
    /// How long a value stays known, days, by kind; what is not named has its default: 180 for actions, addresses and
    /// resources, 90 for countries, 30 for browsers and devices.
    pub look_back_days: BTreeMap<NovelKind, f64>,
    /// Age below which an account is new, days. Default 30.
    pub new_account_days: f64,
    /// Silence after which a return is one of a dormant account, days. Default 180.
    pub dormant_days: f64,
    /// Hours within which a change of country is a feature. Default 6.
    pub country_change_hours: f64,
    /// How many users nearest by what they use are a user's peers, where no column has the role group; 0 for no peers.
    /// Default 20.
    pub peers: usize,
}

impl Default for Novelty {
    fn default() -> Self {
        Novelty {
            enabled: true,
            look_back_days: BTreeMap::new(),
            new_account_days: 30.0,
            dormant_days: 180.0,
            country_change_hours: 6.0,
            peers: 20,
        }
    }
}

impl Novelty {
    /// Spans of time and numbers of peers that can be asked for: a century, a thousand.
    const MAX_DAYS: f64 = 36_525.0;
    const MAX_PEERS: usize = 1_000;

    /// Rows up to which novelty is suggested: it takes some 200 bytes for each while features are computed.
    const MAX_SUGGESTED_ROWS: usize = 5_000_000;

    /// Novelty where it is known to help: users' periods and logins, in logs that say from where or with what. Over the
    /// built-in samples with planted anomalies, Isolation Forest's mean ROC AUC on logins goes from 0.75 to 0.96 by user
    /// and day, from 0.90 to 0.97 by user and from 0.49 to 0.90 by login (of the planted users' events). In logs with
    /// nothing but actions, and over users' whole logs, which say as much by counts of different values, it adds noise.
    pub fn suggested(recipe: Recipe, roles: &BTreeMap<Role, String>, table: &Table) -> Option<Novelty> {
        const WHERE_FROM: [Role; 4] = [Role::Address, Role::Country, Role::Device, Role::Browser];
        let has = |role: &Role| roles.contains_key(role);
        let helps = matches!(recipe, Recipe::UserDay | Recipe::Login)
            && [Role::Entity, Role::Time].iter().all(has)
            && WHERE_FROM.iter().any(has)
            && table.n_rows() <= Self::MAX_SUGGESTED_ROWS;
        helps.then(Novelty::default)
    }

    /// How long a value of a kind stays known, days.
    pub fn look_back_days(&self, kind: NovelKind) -> f64 {
        let default = match kind {
            NovelKind::Action | NovelKind::Address | NovelKind::AddressRange | NovelKind::Resource => 180.0,
            NovelKind::Country => 90.0,
            NovelKind::Device | NovelKind::Browser => 30.0,
        };
        self.look_back_days.get(&kind).copied().unwrap_or(default)
    }

    /// Checks every range.
    ///
    /// # Errors
    /// `parameter`, naming it, the range and what was given.
    pub fn check(&self) -> Result<()> {
        let look_back = self.look_back_days.values().map(|&days| ("lookBackDays", days, Self::MAX_DAYS));
        let spans = [
            ("newAccountDays", self.new_account_days, Self::MAX_DAYS),
            ("dormantDays", self.dormant_days, Self::MAX_DAYS),
            ("countryChangeHours", self.country_change_hours, 24.0 * Self::MAX_DAYS),
        ];
        for (name, value, most) in look_back.chain(spans) {
            if !(value > 0.0 && value <= most) {
                return Err(Error::parameter(name, &format!("a number above 0 and up to {most}"), value));
            }
        }
        check_whole("peers", self.peers, 0..=Self::MAX_PEERS)
    }
}
