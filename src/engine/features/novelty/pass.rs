//! The two passes over a log that say what is new in each of its rows: over each user's events, and over all in order of
//! time.

use super::alone::{Spans, Story};
use super::found::{DORMANT_RETURN, Found, FoundEvent, NEW_ACCOUNT, NewTo, Shares};
use super::peers::Peers;
use super::tally::{NONE, Pair, Tally};
use super::users::UsersOfValues;
use super::values::KindValues;
use super::vectors::Terms;
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
    /// The first and the last moment of the log.
    bounds_ms: (i64, i64),
    /// Pairs by event and kind, [`NONE`] where it has no value of it: of everyone's tally, and of the group's.
    pairs: Vec<u32>,
    group_pairs: Vec<u32>,
    /// Rows in order of time, where they are not so in the table; within a bucket, once it is reached.
    in_time: Groups,
    next_bucket: usize,
    /// Times and places of events, in order of time.
    order: Vec<(i64, u32)>,
    n_done: usize,
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
        let kinds = values.into_iter().map(|values| Kind {
            everyone: Tally::default(),
            group: groups.is_some().then(Tally::default),
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
            pairs: Vec::new(),
            group_pairs: Vec::new(),
            group_column,
            groups,
            n_peers: novelty.peers,
            peers: None,
            spans: Spans::of(novelty),
            story: None,
            next_user: 0,
            bounds_ms: (0, 0),
            in_time: Groups::default(),
            next_bucket: 0,
            order: Vec::new(),
            n_done: 0,
            marked: Vec::new(),
            found: Found::default(),
        })
    }

    /// The kinds, in order, and their look-backs in days.
    pub fn kinds(&self) -> impl Iterator<Item = (NovelKind, f64)> {
        self.kinds.iter().map(|kind| (kind.values.kind, kind.values.look_back_ms as f64 / DAY_MS as f64))
    }

    /// The kinds, in order, and the columns that have them.
    pub fn columns(&self) -> impl Iterator<Item = (NovelKind, usize)> {
        self.kinds.iter().map(|kind| (kind.values.kind, kind.values.column()))
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
        let n_kinds = self.kinds.len();
        let country = self.kinds.iter().position(|kind| kind.values.kind == NovelKind::Country);
        let story = match &mut self.story {
            Some(story) => story,
            None => {
                let n_used = log.subjects.rows.n_rows();
                self.found = Found::new(table.n_rows(), n_used, n_kinds);
                self.pairs = vec![NONE; n_used * n_kinds];
                self.group_pairs = vec![NONE; if self.groups.is_some() { n_used * n_kinds } else { 0 }];
                self.bounds_ms = log.bounds_ms()?;
                self.story.insert(Story::new(self.spans, self.bounds_ms.0))
            }
        };
        let group_view = self.group_column.as_ref().map(|column| column.view(table));
        let mut n_events = 0;
        while self.next_user < log.subjects.rows.len() && n_events < EVENTS_PER_STEP {
            let user = self.next_user as u32;
            let (rows, times) = log.sorted(self.next_user..self.next_user + 1)?;
            n_events += rows.len();
            story.restart();
            let countries = country.map(|kind| self.kinds[kind].values.view(table));
            // Rows without a time are no events.
            let is_event = |&(_, &ms): &(&u32, &i64)| ms != NO_TIME;
            let first = self.found.events.len();
            for (&row, &ms) in rows.iter().zip(times).filter(is_event) {
                self.found.place_of_row[row as usize] = self.found.events.len() as u32;
                let alone = story.next(ms, countries.and_then(|countries| countries.get(row)));
                self.found.events.push(FoundEvent {
                    row,
                    user,
                    flags: u32::from(alone.is_new_account) * NEW_ACCOUNT
                        + u32::from(alone.is_dormant_return) * DORMANT_RETURN,
                    burst: alone.burst,
                    country_changes: alone.country_changes,
                });
            }
            let of_user = first * n_kinds..self.found.events.len() * n_kinds;
            let pairs = &mut self.pairs[of_user.clone()];
            for (kind_place, kind) in self.kinds.iter_mut().enumerate() {
                let values = kind.values.view(table);
                for (event, (&row, _)) in rows.iter().zip(times).filter(is_event).enumerate() {
                    let Some(value) = values.get(row) else { continue };
                    let seen = &mut kind.seen_by[value as usize];
                    if seen.0 != user {
                        *seen = (user, kind.everyone.add_pair(user, value));
                    }
                    pairs[event * n_kinds + kind_place] = seen.1;
                }
                kind.pairs_of_user.push(kind.everyone.pairs.len() as u32);
            }
            if let (Some(groups), Some(view)) = (&mut self.groups, group_view) {
                let group_pairs = &mut self.group_pairs[of_user];
                for (event, (&row, _)) in rows.iter().zip(times).filter(is_event).enumerate() {
                    if let Some(group) = view.get(row) {
                        let of_event = event * n_kinds..(event + 1) * n_kinds;
                        let (pairs, group_pairs) = (&pairs[of_event.clone()], &mut group_pairs[of_event]);
                        groups.number(&mut self.kinds, pairs, group_pairs, user, group);
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

    /// Puts rows into order, or into buckets, of time, and makes room for counts.
    fn begin_events(&mut self, log: &mut Log<'_>) -> Result<()> {
        let n_users = log.subjects.rows.len();
        let times = log.times()?;
        let (first, last) = self.bounds_ms;
        let n_events = self.found.events.len();
        let places = self.found.place_of_row.iter().zip(times);
        self.order.reserve_exact(n_events);
        self.order.extend(places.filter(|&(&place, _)| place != NONE).map(|(&place, &ms)| (ms, place)));
        if !self.order.is_sorted_by_key(|&(ms, _)| ms) {
            self.order.clear();
            let n_buckets = (n_events / EVENTS_PER_BUCKET).max(1);
            let width = ((last - first) / n_buckets as i64).saturating_add(1);
            self.in_time = Groups::by_code(times.len(), n_buckets, |row| {
                let is_event = self.found.place_of_row[row] != NONE;
                is_event.then(|| ((times[row] - first) / width) as u32)
            });
        }
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
        let n_events = self.found.events.len();
        let end = (self.n_done + EVENTS_PER_STEP).min(n_events);
        while self.n_done < end {
            if let Some(peers) = self.peers.as_mut().filter(|peers| peers.is_due()) {
                let tallies: Vec<&Tally> = self.kinds.iter().map(|kind| &kind.everyone).collect();
                if peers.find(&tallies) {
                    self.kinds.iter_mut().for_each(|kind| kind.everyone.change_peers());
                }
                return Ok(());
            }
            while self.order.len() == self.n_done {
                let bucket = self.in_time.rows(self.next_bucket);
                self.next_bucket += 1;
                keyed.clear();
                keyed.extend(bucket.iter().map(|&row| (times[row as usize], row)));
                order::sort_keyed(&mut keyed);
                self.order.extend(keyed.iter().map(|&(ms, row)| (ms, self.found.place_of_row[row as usize])));
            }
            self.read_event();
            self.n_done += 1;
        }
        if self.n_done == n_events {
            self.stage = Stage::Done;
            // Only what was found is still needed.
            self.kinds.iter_mut().for_each(|kind| {
                (kind.everyone, kind.group, kind.users) = (Tally::default(), None, None);
            });
            (self.peers, self.order, self.marked) = (None, Vec::new(), Vec::new());
            (self.pairs, self.group_pairs, self.in_time) = (Vec::new(), Vec::new(), Groups::default());
        }
        Ok(())
    }

    fn read_event(&mut self) {
        let n_kinds = self.kinds.len();
        let (ms, place_of_event) = self.order[self.n_done];
        let found = &mut self.found.events[place_of_event as usize];
        let user = found.user;
        let of_event = place_of_event as usize * n_kinds..(place_of_event as usize + 1) * n_kinds;
        let (pairs, shares) = (&self.pairs[of_event.clone()], &mut self.found.shares[of_event.clone()]);
        let peers = self.peers.as_ref().map_or(&[][..], |peers| peers.of(user));
        for (place, kind) in self.kinds.iter_mut().enumerate() {
            kind.forget(&self.order, ms, |event| {
                let at = event as usize * n_kinds + place;
                (self.pairs[at], self.group_pairs.get(at).copied().unwrap_or(NONE))
            });
            let pair = pairs[place];
            if pair == NONE {
                continue;
            }
            let group_pair = self.group_pairs.get(of_event.start + place).copied().unwrap_or(NONE);
            let known = kind.everyone.known(pair);
            let (n_using, n_peers) = match (&kind.group, &kind.users) {
                (Some(_), _) if group_pair == NONE => (0, 0),
                (Some(group), _) => {
                    let known = group.known(group_pair);
                    (known.others, known.others_total)
                }
                (None, Some(users)) if known.others > 0 && !peers.is_empty() => {
                    let (marked, n_done) = (&mut self.marked, self.n_done as u32);
                    let n_using = kind
                        .everyone
                        .n_peers(pair, |tally, value| users.count(tally, value, peers, marked, n_done));
                    (n_using, peers.len() as u32)
                }
                _ => (0, peers.len() as u32),
            };
            let is_unused = known.own == 0;
            let mut set =
                |to: NewTo, is_new: bool| found.flags |= u32::from(is_new) << (place * 3 + to as usize);
            set(NewTo::User, is_unused && kind.has_history[user as usize]);
            set(NewTo::Peers, is_unused && n_peers > 0 && n_using == 0);
            set(NewTo::Everyone, is_unused && known.others_total > 0 && known.others == 0);
            shares[place] = Shares {
                own: share(known.own, known.own_total),
                peers: share(n_using, n_peers),
                everyone: share(known.others, known.others_total),
            };
            kind.enter(pair, group_pair, user);
        }
        if let Some(peers) = &mut self.peers {
            let value_of_kind = |kind: usize| {
                let pair = pairs[kind];
                (pair != NONE).then(|| self.kinds[kind].everyone.pairs[pair as usize].value)
            };
            peers.enter(user, value_of_kind);
        }
    }
}

impl Kind {
    /// Takes events out of the window that are farther back than it reaches. `pairs` are those of the event at a place, of
    /// everyone and of its group.
    #[inline]
    fn forget(&mut self, order: &[(i64, u32)], ms: i64, pairs: impl Fn(u32) -> (u32, u32)) {
        while let Some(&(earlier_ms, place)) = order.get(self.n_left) {
            if ms - earlier_ms <= self.values.look_back_ms {
                break;
            }
            self.n_left += 1;
            let (pair, group_pair) = pairs(place);
            if pair == NONE {
                continue;
            }
            if self.everyone.leave(pair)
                && let Some(users) = &mut self.users
            {
                let Pair { value, member, .. } = self.everyone.pairs[pair as usize];
                users.set(value, member, false);
            }
            if let Some(group) = self.group.as_mut().filter(|_| group_pair != NONE) {
                group.leave(group_pair);
            }
        }
    }

    #[inline]
    fn enter(&mut self, pair: u32, group_pair: u32, user: u32) {
        self.has_history[user as usize] = true;
        if self.everyone.enter(pair)
            && let Some(users) = &mut self.users
        {
            users.set(self.everyone.pairs[pair as usize].value, user, true);
        }
        if let Some(group) = self.group.as_mut().filter(|_| group_pair != NONE) {
            group.enter(group_pair);
        }
    }
}

impl Groupings {
    /// Numbers a row's user within its group, and its values there.
    fn number(&mut self, kinds: &mut [Kind], pairs: &[u32], group_pairs: &mut [u32], user: u32, group: u32) {
        let both = |first: u32, second: u32| u64::from(first) << 32 | u64::from(second);
        let member = self.members.code(both(user, group));
        if member as usize == self.group_of_member.len() {
            self.group_of_member.push(group);
        }
        for (place, kind) in kinds.iter_mut().enumerate() {
            let Some(tally) = kind.group.as_mut().filter(|_| pairs[place] != NONE) else { continue };
            let value = kind.everyone.pairs[pairs[place] as usize].value;
            let value = self.values[place].code(both(group, value));
            let pair = self.pairs[place].code(both(member, value));
            if pair as usize == tally.pairs.len() {
                tally.add_pair(member, value);
            }
            group_pairs[place] = pair;
        }
    }
}

/// A part of a whole in single precision; no number of nothing.
fn share(part: u32, whole: u32) -> f32 {
    (f64::from(part) / f64::from(whole)) as f32
}
