//! What security teams mean by strange: never seen before, uncommon, sudden, back after a long time.
//!
//! Every event is compared with what came before it, in order of time, equal times in the order of the file; what comes
//! later changes nothing. A value stays known for a look-back: "earlier" events of a kind are those up to, and including,
//! as many days ago.
//!
//! For each kind of value the log has (action, address, address range, country, device, browser without its version,
//! resource), of an event that has one:
//!
//! | feature of an event | definition |
//! | --- | --- |
//! | `new_<kind>` | 1 if no earlier event of the user in the look-back has the value and the user has had another, ever |
//! | `own_share_<kind>` | the user's earlier events with the value / those with any |
//! | `<kind>_new_to_peers` | 1 if neither the user nor a peer used the value in the look-back and there are peers |
//! | `peer_share_<kind>` | peers who used the value in the look-back / peers |
//! | `<kind>_new_to_everyone` | 1 if nobody used the value in the look-back and somebody else used another |
//! | `everyone_share_<kind>` | other users who used the value in the look-back / those who used any |
//!
//! Peers are other users with an event of the same group, the column of that role, that has a value of the kind in the
//! look-back; without that column, the nearest by what they use ([`peers`]).
//!
//! | feature of an event | definition | unit |
//! | --- | --- | --- |
//! | `account_age` | since the user's first event in the log | d |
//! | `new_account` | 1 if that is less than 30 days, and the log began at least as long before that first event | yes/no |
//! | `dormant_return` | 1 if the user's previous event is more than 180 days ago | yes/no |
//! | `burst` | the user's events of the last hour, this one included / earlier ones per hour that had any | |
//! | `country_changes` | changes of the user's country in the last 6 hours, between events at most that far apart | |
//!
//! An hour of `burst` is one since 1970-01-01T00:00 UTC, the last hour what is less than an hour ago. Flags of an event
//! without the value are 0, shares of nothing missing.
//!
//! A row of many events has `new_<kinds>`, `<kinds>_new_to_peers` and `<kinds>_new_to_everyone`, how many events are the
//! first with their value; `least_own_share_<kind>`, `least_peer_share_<kind>` and `least_everyone_share_<kind>`, of the
//! most uncommon one; `account_age` of the last; `new_account`, whether of any; `dormant_returns`, how many; the most of
//! `burst` and of `country_changes`.
//!
//! Work: two passes, one over each user's events and one over all in order of time, each a few steps for each event and
//! kind, whatever the look-back ([`pass`]), and what finding peers takes. Memory while features are computed: for each
//! row 40 bytes and 16 for each kind, 24 bytes for each pair of a user and a value. Shares are kept, and given, in single
//! precision. What stays is which values were new ([`NewValues`]), so that reasons can name them: 12 bytes for each event that
//! has something new, and the columns of the kinds themselves, codes and dictionaries, which are shared with the table and
//! outlive it while the matrix is held.

mod alone;
mod found;
mod named;
mod nearest;
mod pass;
mod peers;
mod tally;
mod told;
mod users;
mod values;
mod vectors;

pub use found::NewTo;
pub use named::{Named, NewValues};
pub use told::{Tells, Told};

use super::measure::{Events, Log, Measure, NO_TIME};
use super::{Feature, YES_NO};
use crate::engine::error::Result;
use crate::engine::plan::{Novelty, Plan, Role};
use crate::engine::table::Table;
use crate::engine::time::DAY_MS;
use found::{NO_SHARES, Shares};
use pass::Pass;
use told::{how, unit_of_news};

/// Features of what is new, for any recipe whose events have a user and a time.
#[derive(Debug)]
pub(super) struct Novel {
    pass: Pass,
    settings: Novelty,
    /// Whether a row is one event.
    is_event: bool,
    has_countries: bool,
    /// The subject of the rows measured, and its first moment.
    subject: Option<(u32, i64)>,
    /// Where what was found of the next row may be.
    next_place: usize,
    /// Rows measured.
    n_rows: u32,
    new_values: Option<NewValues>,
    /// Scratch: of the rows measured.
    of_kinds: Vec<OfKind>,
}

/// Events new to the user, to peers and to everyone, and the least shares.
#[derive(Debug, Clone, Copy)]
struct OfKind {
    n_new: [u32; 3],
    least: Shares,
}

const NOTHING_NEW: OfKind = OfKind { n_new: [0; 3], least: NO_SHARES };

impl Novel {
    /// Features of the kinds that the plan's roles give; `is_event` where each row is one event.
    ///
    /// # Errors
    /// `missing-role` without an entity or a time, `no-such-column`.
    pub fn new(table: &Table, plan: &Plan, novelty: &Novelty, is_event: bool) -> Result<Novel> {
        plan.required(Role::Entity, table)?;
        plan.required(Role::Time, table)?;
        let pass = Pass::new(table, plan, novelty)?;
        Ok(Novel {
            new_values: Some(NewValues::of(table, &pass)),
            pass,
            settings: novelty.clone(),
            is_event,
            has_countries: plan.roles.contains_key(&Role::Country),
            subject: None,
            next_place: 0,
            n_rows: 0,
            of_kinds: Vec::new(),
        })
    }
}

impl Measure for Novel {
    fn features(&self) -> Vec<Feature> {
        let mut features: Vec<Feature> = self.told().map(|told| told.feature()).collect();
        let Novelty { new_account_days, dormant_days, country_change_hours, .. } = &self.settings;
        let mut push = |name: &str, meaning: String, unit: &str, formula: String| {
            features.push(Feature::new(name, meaning, unit).with_formula(formula));
        };
        push("account_age", "age of the account".into(), "d", "time since the user's first event".into());
        push(
            "new_account",
            format!("activity in the first {new_account_days} days of an account"),
            YES_NO,
            format!("1 if account_age < {new_account_days} d and the log began as long before the account"),
        );
        let (name, silence) =
            (["dormant_returns", "dormant_return"], format!("{dormant_days} days of silence"));
        push(
            name[usize::from(self.is_event)],
            if self.is_event {
                format!("return after {silence}")
            } else {
                format!("number of returns after {silence}")
            },
            unit_of_news(self.is_event),
            format!("{} previous event > {dormant_days} d ago", how(self.is_event, "events whose")),
        );
        push(
            "burst",
            "events within an hour as a multiple of the user's usual".into(),
            "",
            format!("{}events of the last hour / earlier events per hour with any", self.most()),
        );
        if self.has_countries {
            push(
                "country_changes",
                format!("changes of country within {country_change_hours} hours"),
                "",
                format!("{}changes of country in the last {country_change_hours} h", self.most()),
            );
        }
        features
    }

    fn read_log(&mut self, log: &mut Log<'_>) -> Result<Option<(u64, u64)>> {
        if self.pass.is_done() {
            return Ok(None);
        }
        self.pass.step(log)?;
        Ok(Some(self.pass.progress(log)))
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let found = &self.pass.found;
        let of_kinds = &mut self.of_kinds;
        of_kinds.clear();
        of_kinds.resize(self.pass.kinds().count(), NOTHING_NEW);
        let (mut is_new_account, mut n_returns, mut burst, mut most_changes) = (false, 0, f32::NAN, 0);
        for &row in events.rows {
            let Some((event, shares)) = found.of_row(row, &mut self.next_place) else { continue };
            if let Some(new_values) = &mut self.new_values {
                new_values.push(self.n_rows, event);
            }
            is_new_account |= event.is_new_account();
            n_returns += u32::from(event.is_dormant_return());
            burst = burst.max(event.burst);
            most_changes = most_changes.max(event.country_changes);
            for (kind, (news, shares)) in of_kinds.iter_mut().zip(shares).enumerate() {
                let n = |to: NewTo| u32::from(event.is_new(kind, to));
                let [user, peers, everyone] = &mut news.n_new;
                *user += n(NewTo::User);
                *peers += n(NewTo::Peers);
                *everyone += n(NewTo::Everyone);
                news.least.own = news.least.own.min(shares.own);
                news.least.peers = news.least.peers.min(shares.peers);
                news.least.everyone = news.least.everyone.min(shares.everyone);
            }
        }
        let has_peers = self.pass.has_peers();
        for OfKind { n_new: [user, peers, everyone], least } in of_kinds {
            values.extend([f64::from(*user), f64::from(least.own)]);
            if has_peers {
                values.extend([f64::from(*peers), f64::from(least.peers)]);
            }
            values.extend([f64::from(*everyone), f64::from(least.everyone)]);
        }
        let times = || events.times.iter().copied().filter(|&ms| ms != NO_TIME);
        if self.subject.is_none_or(|(subject, _)| subject != events.subject) {
            self.subject = None;
        }
        if let (None, Some(first)) = (self.subject, times().next()) {
            self.subject = Some((events.subject, first));
        }
        let age_ms = times().next_back().zip(self.subject).map(|(last, (_, first))| last - first);
        values.extend([
            age_ms.map_or(f64::NAN, |ms| ms as f64 / DAY_MS as f64),
            f64::from(u8::from(is_new_account)),
            f64::from(n_returns),
            f64::from(burst),
        ]);
        if self.has_countries {
            values.push(f64::from(most_changes));
        }
        self.n_rows += 1;
    }

    fn new_values(&mut self, features: &[Feature]) -> Option<NewValues> {
        let told: Vec<Told> = self.told().collect();
        Some(self.new_values.take()?.with_features(features, &told))
    }
}

impl Novel {
    /// What the features tell that are of one kind each, in their order.
    fn told(&self) -> impl Iterator<Item = Told> {
        const ALL: [NewTo; 3] = [NewTo::User, NewTo::Peers, NewTo::Everyone];
        let (is_event, has_peers) = (self.is_event, self.pass.has_peers());
        let new_to = move || ALL.into_iter().filter(move |&to| has_peers || to != NewTo::Peers);
        self.pass.kinds().flat_map(move |(kind, days)| {
            let told = move |tells: Tells| Told { kind, tells, is_event, days };
            new_to().flat_map(move |to| [told(Tells::New(to)), told(Tells::Share(to))])
        })
    }

    fn most(&self) -> &'static str {
        if self.is_event { "" } else { "most of: " }
    }
}
