//! The two passes over a log that say what is new in each of its rows: over each user's events, and over all in order of
//! time.

use super::alone::{Spans, Story};
use super::peers::{Peers, Terms};
use super::tally::{NONE, Tally};
use super::users::UsersOfValues;
use super::values::KindValues;
use crate::engine::error::Result;
use crate::engine::features::coded::CodedColumn;
use crate::engine::features::measure::{Log, NO_TIME};
use crate::engine::order;
use crate::engine::plan::{NovelKind, Novelty, Plan, Role};
use crate::engine::table::{Groups, KeyCodes, Table};
use crate::engine::time::DAY_MS;

/// Events after which a step ends: a few milliseconds.
const EVENTS_PER_STEP: usize = 1 << 14;
/// Events of a bucket of time, on average.
const EVENTS_PER_BUCKET: usize = 64;

/// A bit in the flags of a row: its value of a kind was used by nobody of these before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewTo {
    User,
    Peers,
    Everyone,
}

/// Shares of a kind in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    pub own: f32,
    pub peers: f32,
    pub everyone: f32,
}

const NO_SHARES: Shares = Shares { own: f32::NAN, peers: f32::NAN, everyone: f32::NAN };
const NEW_ACCOUNT: u32 = 1 << 30;
const DORMANT_RETURN: u32 = 1 << 31;

/// What is new in each row of a table: 8 bytes a row, 12 for each kind, and 2 where there are countries. Rows that no
/// user has are not new, and their shares no numbers.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Three bits for each kind, and two of the user's times.
    flags: Vec<u32>,
    shares: Vec<Vec<Shares>>,
    pub burst: Vec<f32>,
    /// Empty without countries.
    pub country_changes: Vec<u16>,
}

impl Found {
    #[inline]
    pub fn is_new(&self, kind: usize, to: NewTo, row: u32) -> bool {
        self.flags[row as usize] >> (kind * 3 + to as usize) & 1 == 1
    }

    #[inline]
    pub fn shares(&self, kind: usize, row: u32) -> Shares {
        self.shares[kind][row as usize]
    }

    #[inline]
    pub fn is_new_account(&self, row: u32) -> bool {
        self.flags[row as usize] & NEW_ACCOUNT != 0
    }

    #[inline]
    pub fn is_dormant_return(&self, row: u32) -> bool {
        self.flags[row as usize] & DORMANT_RETURN != 0
    }
}

/// A kind while the log goes by.
#[derive(Debug)]
struct Kind {
    values: KindValues,
    everyone: Tally,
    /// Of users within a group, where a column names groups.
    group: Option<Tally>,
    users: Option<UsersOfValues>,
    /// The user of the first pass that had a value last, and the pair.
    seen_by: Vec<(u32, u32)>,
    pairs_of_user: Vec<u32>,
    /// By user: whether there was any value before, in the window or not.
    has_history: Vec<bool>,
    /// Events that have left the window.
    n_left: usize,
}

/// Users within groups, numbered.
#[derive(Debug)]
struct Groupings {
    members: KeyCodes,
    group_of_member: Vec<u32>,
    pairs: Vec<KeyCodes>,
    values: Vec<KeyCodes>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Users,
    Order,
    Events,
    Done,
}

/// Says what is new in each row of a log, a few milliseconds at a time.
#[derive(Debug)]
pub(super) struct Pass {
    stage: Stage,
    kinds: Vec<Kind>,
    group_column: Option<CodedColumn>,
    groups: Option<Groupings>,
    n_peers: usize,
    peers: Option<Peers>,
    spans: Spans,
    story: Option<Story>,
    next_user: usize,
    user_of_row: Vec<u32>,
    /// Rows in order of time; within a bucket, once it is reached.
    in_time: Groups,
    next_bucket: usize,
    order: Vec<u32>,
    n_done: usize,
    n_events: usize,
    /// By user: number of the event at which a user was marked as a peer.
    marked: Vec<u32>,
    pub found: Found,
}

impl Pass {
    /// The kinds that the plan's roles give.
    ///
    /// # Errors
    /// `no-such-column`.
    pub fn new(table: &Table, plan: &Plan, novelty: &Novelty) -> Result<Pass> {
        let values = KindValues::of_plan(table, plan, novelty)?;
        let group_column = plan.column(Role::Group, table)?.map(|column| CodedColumn::new(table, column));
        let groups = group_column.is_some().then(|| Groupings {
            members: KeyCodes::default(),
            group_of_member: Vec::new(),
            pairs: values.iter().map(|_| KeyCodes::default()).collect(),
            values: values.iter().map(|_| KeyCodes::default()).collect(),
        });
        let n_rows = table.n_rows();
        let kinds = values.into_iter().map(|values| Kind {
            everyone: Tally::new(n_rows),
            group: groups.is_some().then(|| Tally::new(n_rows)),
            users: None,
            seen_by: vec![(NONE, 0); values.n_codes()],
            pairs_of_user: vec![0],
            has_history: Vec::new(),
            n_left: 0,
            values,
        });
        Ok(Pass {
            stage: Stage::Users,
            kinds: kinds.collect(),
            group_column,
            groups,
            n_peers: novelty.peers,
            peers: None,
            spans: Spans::of(novelty),
            story: None,
            next_user: 0,
            user_of_row: vec![NONE; n_rows],
            in_time: Groups::default(),
            next_bucket: 0,
            order: Vec::new(),
            n_done: 0,
            n_events: 0,
            marked: Vec::new(),
            found: Found::default(),
        })
    }

    /// The kinds, in order, and their look-backs in days.
    pub fn kinds(&self) -> impl Iterator<Item = (NovelKind, f64)> {
        self.kinds.iter().map(|kind| (kind.values.kind, kind.values.look_back_ms as f64 / DAY_MS as f64))
    }

    /// Whether users have peers.
    pub fn has_peers(&self) -> bool {
        self.group_column.is_some() || self.n_peers > 0
    }

    /// Units done, and in all: users, then events.
    pub fn progress(&self, log: &Log<'_>) -> (u64, u64) {
        ((self.next_user + self.n_done) as u64, (log.subjects.rows.len() + log.subjects.rows.n_rows()) as u64)
    }

    /// Whether all is found.
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Does some work.
    ///
    /// # Errors
    /// `wrong-type` when the table is not the one the job was made for.
    pub fn step(&mut self, log: &mut Log<'_>) -> Result<()> {
        match self.stage {
            Stage::Users => self.read_users(log)?,
            Stage::Order => self.begin_events(log)?,
            Stage::Events => self.read_events(log)?,
            Stage::Done => {}
        }
        Ok(())
    }

    /// The first pass: numbers the pairs of users and values, and reads what a user's own times say.
    fn read_users(&mut self, log: &mut Log<'_>) -> Result<()> {
        let table = log.table;
        let n_rows = table.n_rows();
        let country = self.kinds.iter().position(|kind| kind.values.kind == NovelKind::Country);
        let story = match &mut self.story {
            Some(story) => story,
            None => {
                self.found = Found {
                    flags: vec![0; n_rows],
                    shares: self.kinds.iter().map(|_| vec![NO_SHARES; n_rows]).collect(),
                    burst: vec![f32::NAN; n_rows],
                    country_changes: vec![0; if country.is_some() { n_rows } else { 0 }],
                };
                self.story.insert(Story::new(self.spans, log.bounds_ms()?.0))
            }
        };
        let group_view = self.group_column.as_ref().map(|column| column.view(table));
        let mut n_events = 0;
        while self.next_user < log.subjects.rows.len() && n_events < EVENTS_PER_STEP {
            let user = self.next_user as u32;
            let (rows, times) = log.sorted(self.next_user)?;
            n_events += rows.len();
            story.restart();
            let countries = country.map(|kind| self.kinds[kind].values.view(table));
            for (&row, &ms) in rows.iter().zip(times).filter(|&(_, &ms)| ms != NO_TIME) {
                self.n_events += 1;
                self.user_of_row[row as usize] = user;
                let alone = story.next(ms, countries.and_then(|countries| countries.get(row)));
                self.found.burst[row as usize] = alone.burst;
                if let Some(changes) = self.found.country_changes.get_mut(row as usize) {
                    *changes = alone.country_changes;
                }
                self.found.flags[row as usize] = u32::from(alone.is_new_account) * NEW_ACCOUNT
                    + u32::from(alone.is_dormant_return) * DORMANT_RETURN;
            }
            for kind in &mut self.kinds {
                let values = kind.values.view(table);
                for (&row, _) in rows.iter().zip(times).filter(|&(_, &ms)| ms != NO_TIME) {
                    let Some(value) = values.get(row) else { continue };
                    let seen = &mut kind.seen_by[value as usize];
                    if seen.0 != user {
                        *seen = (user, kind.everyone.add_pair(user, value));
                    }
                    kind.everyone.pair_of_row[row as usize] = seen.1;
                }
                kind.pairs_of_user.push(kind.everyone.value_of_pair.len() as u32);
            }
            if let (Some(groups), Some(view)) = (&mut self.groups, group_view) {
                for (&row, _) in rows.iter().zip(times).filter(|&(_, &ms)| ms != NO_TIME) {
                    if let Some(group) = view.get(row) {
                        groups.number(&mut self.kinds, row, user, group);
                    }
                }
            }
            self.next_user += 1;
        }
        if self.next_user == log.subjects.rows.len() {
            self.stage = Stage::Order;
        }
        Ok(())
    }

    /// Puts rows into buckets of time, and makes room for counts.
    fn begin_events(&mut self, log: &mut Log<'_>) -> Result<()> {
        let n_users = log.subjects.rows.len();
        let times = log.times()?;
        let (first, last) = log.bounds_ms()?;
        let n_buckets = (self.n_events / EVENTS_PER_BUCKET).max(1);
        let width = ((last - first) / n_buckets as i64).saturating_add(1);
        self.in_time = Groups::by_code(log.table.n_rows(), n_buckets, |row| {
            let is_used = self.user_of_row[row] != NONE;
            is_used.then(|| ((times[row] - first) / width) as u32)
        });
        self.order.reserve_exact(self.n_events);
        let n_groups = self.group_column.as_ref().map_or(0, CodedColumn::n_codes);
        for (place, kind) in self.kinds.iter_mut().enumerate() {
            let n_values = kind.values.n_codes();
            kind.seen_by = Vec::new();
            kind.has_history = vec![false; n_users];
            kind.everyone.open(n_users, n_values, &[], 1);
            if let (Some(group), Some(groups)) = (&mut kind.group, &self.groups) {
                let n_members = groups.group_of_member.len();
                let n_values = groups.values[place].len();
                group.open(n_members, n_values, &groups.group_of_member, n_groups);
            } else if self.n_peers > 0 {
                kind.users = Some(UsersOfValues::of(&kind.everyone, n_values, n_users));
            }
        }
        if self.groups.is_none() && self.n_peers > 0 {
            let is_use = |kind: &Kind| matches!(kind.values.kind, NovelKind::Action | NovelKind::Resource);
            let has_use = self.kinds.iter().any(is_use);
            let kinds = self.kinds.iter_mut().enumerate();
            let terms = kinds
                .filter(
                    |(_, kind)| if has_use { is_use(kind) } else { kind.values.kind != NovelKind::Address },
                )
                .map(|(place, kind)| {
                    Terms::new(place, std::mem::take(&mut kind.pairs_of_user), kind.values.n_codes())
                });
            self.peers = Some(Peers::new(self.n_peers, terms.collect(), n_users));
            self.marked = vec![NONE; n_users];
        }
        self.groups = None;
        self.story = None;
        self.stage = Stage::Events;
        Ok(())
    }

    /// The second pass: every event against what came before it.
    fn read_events(&mut self, log: &mut Log<'_>) -> Result<()> {
        let times = log.times()?;
        let mut keyed = Vec::new();
        let end = (self.n_done + EVENTS_PER_STEP).min(self.n_events);
        while self.n_done < end {
            if let Some(peers) = self.peers.as_mut().filter(|peers| peers.is_due()) {
                let tallies: Vec<&Tally> = self.kinds.iter().map(|kind| &kind.everyone).collect();
                peers.make(&tallies);
                return Ok(());
            }
            while self.order.len() == self.n_done {
                let bucket = self.in_time.rows(self.next_bucket);
                self.next_bucket += 1;
                keyed.clear();
                keyed.extend(bucket.iter().map(|&row| (times[row as usize], row)));
                order::sort_keyed(&mut keyed);
                self.order.extend(keyed.iter().map(|&(_, row)| row));
            }
            self.read_event(self.order[self.n_done], times);
            self.n_done += 1;
        }
        if self.n_done == self.n_events {
            self.stage = Stage::Done;
            // Only what was found is still needed.
            self.kinds.iter_mut().for_each(|kind| {
                (kind.everyone, kind.group, kind.users) = (Tally::default(), None, None);
            });
            (self.peers, self.order, self.marked) = (None, Vec::new(), Vec::new());
            (self.user_of_row, self.in_time) = (Vec::new(), Groups::default());
        }
        Ok(())
    }

    fn read_event(&mut self, row: u32, times: &[i64]) {
        let (user, ms) = (self.user_of_row[row as usize], times[row as usize]);
        let event = self.n_done as u32;
        let mut peers: &[u32] = &[];
        if let Some(all) = &mut self.peers {
            peers = all.of(user);
            for &peer in peers {
                self.marked[peer as usize] = event;
            }
        }
        let is_peer = |user: u32| self.marked[user as usize] == event;
        let flags = &mut self.found.flags[row as usize];
        for (place, kind) in self.kinds.iter_mut().enumerate() {
            kind.forget(&self.order, times, ms);
            let pair = kind.everyone.pair_of_row[row as usize];
            if pair == NONE {
                continue;
            }
            let known = kind.everyone.known(pair);
            let value = kind.everyone.value_of_pair[pair as usize];
            let (n_using, n_peers) = match (&kind.group, &kind.users) {
                (Some(group), _) => match group.pair_of_row[row as usize] {
                    NONE => (0, 0),
                    pair => {
                        let known = group.known(pair);
                        (known.others, known.others_total)
                    }
                },
                (None, Some(users)) if known.others > 0 && !peers.is_empty() => {
                    (users.count(&kind.everyone, value, peers, is_peer), peers.len() as u32)
                }
                _ => (0, peers.len() as u32),
            };
            let is_unused = known.own == 0;
            let mut set = |to: NewTo, is_new: bool| *flags |= u32::from(is_new) << (place * 3 + to as usize);
            set(NewTo::User, is_unused && kind.has_history[user as usize]);
            set(NewTo::Peers, is_unused && n_peers > 0 && n_using == 0);
            set(NewTo::Everyone, is_unused && known.others_total > 0 && known.others == 0);
            self.found.shares[place][row as usize] = Shares {
                own: share(known.own, known.own_total),
                peers: share(n_using, n_peers),
                everyone: share(known.others, known.others_total),
            };
            kind.enter(row, pair, value, user);
        }
        if let Some(peers) = &mut self.peers {
            let value_of_kind = |kind: usize| {
                let tally = &self.kinds[kind].everyone;
                let pair = tally.pair_of_row[row as usize];
                (pair != NONE).then(|| tally.value_of_pair[pair as usize])
            };
            peers.enter(user, value_of_kind);
        }
    }
}

impl Kind {
    /// Takes events out of the window that are farther back than it reaches.
    fn forget(&mut self, order: &[u32], times: &[i64], ms: i64) {
        while let Some(&row) = order.get(self.n_left) {
            if ms - times[row as usize] <= self.values.look_back_ms {
                break;
            }
            self.n_left += 1;
            let pair = self.everyone.pair_of_row[row as usize];
            if pair == NONE {
                continue;
            }
            if self.everyone.leave(pair)
                && let Some(users) = &mut self.users
            {
                let (value, user) =
                    (self.everyone.value_of_pair[pair as usize], self.everyone.member_of_pair[pair as usize]);
                users.set(value, user, false);
            }
            if let Some(group) = &mut self.group {
                let pair = group.pair_of_row[row as usize];
                if pair != NONE {
                    group.leave(pair);
                }
            }
        }
    }

    fn enter(&mut self, row: u32, pair: u32, value: u32, user: u32) {
        self.has_history[user as usize] = true;
        if self.everyone.enter(pair)
            && let Some(users) = &mut self.users
        {
            users.set(value, user, true);
        }
        if let Some(group) = &mut self.group {
            let pair = group.pair_of_row[row as usize];
            if pair != NONE {
                group.enter(pair);
            }
        }
    }
}

impl Groupings {
    /// Numbers a row's user within its group, and its values there.
    fn number(&mut self, kinds: &mut [Kind], row: u32, user: u32, group: u32) {
        let both = |first: u32, second: u32| u64::from(first) << 32 | u64::from(second);
        let member = self.members.code(both(user, group));
        if member as usize == self.group_of_member.len() {
            self.group_of_member.push(group);
        }
        for (place, kind) in kinds.iter_mut().enumerate() {
            let pair = kind.everyone.pair_of_row[row as usize];
            let Some(tally) = kind.group.as_mut().filter(|_| pair != NONE) else { continue };
            let value = kind.everyone.value_of_pair[pair as usize];
            let value = self.values[place].code(both(group, value));
            let pair = self.pairs[place].code(both(member, value));
            if pair as usize == tally.value_of_pair.len() {
                tally.add_pair(member, value);
            }
            tally.pair_of_row[row as usize] = pair;
        }
    }
}

/// A part of a whole in single precision; no number of nothing.
fn share(part: u32, whole: u32) -> f32 {
    (f64::from(part) / f64::from(whole)) as f32
}
