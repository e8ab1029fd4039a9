//! What columns mean.

use serde::{Deserialize, Serialize};

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
    /// What was acted upon: a file, a page, a host.
    Resource,
    /// Whose behaviour a user's is compared with: a department, a team.
    Group,
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
    pub const ALL: [Role; 17] = [
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
        Role::Resource,
        Role::Group,
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
            Role::Resource => "resource",
            Role::Group => "group",
            Role::Duration => "duration",
            Role::Outcome => "outcome",
            Role::Amount => "amount",
            Role::Label => "label",
            Role::Ignore => "ignore",
        }
    }
}
