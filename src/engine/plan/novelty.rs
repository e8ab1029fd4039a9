//! What counts as new, and against what.

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
    /// How long a value stays known, days, by kind; what is not named has its default: 180 for actions, addresses and
    /// resources, 90 for countries, 30 for browsers and devices.
    pub look_back_days: BTreeMap<NovelKind, f64>,
    /// Age below which an account is new, days. Default 30.
    pub new_account_days: f64,
    /// Silence after which a return is one of a dormant account, days. Default 180.
    pub dormant_days: f64,
    /// Hours within which a change of country is a feature. Default 6.
    pub country_change_hours: f64,
    /// How many users nearest by what they use are a user's peers, where no column has the role group. Default 20.
    pub peers: usize,
}

impl Default for Novelty {
    fn default() -> Self {
        Novelty {
            look_back_days: BTreeMap::new(),
            new_account_days: 30.0,
            dormant_days: 180.0,
            country_change_hours: 6.0,
            peers: 20,
        }
    }
}
