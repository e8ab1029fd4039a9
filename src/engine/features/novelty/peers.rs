//! A user's peers, where no column names a group: the users nearest by what they use.
//!
//! A user is a vector of TF-IDF weights over terms, a term being an action or a resource (in logs that have neither, a
//! range of addresses, a country, a device or a browser): how often the user had it within its look-back, times
//! `ln((1 + users) / (1 + users with the term)) + 1`, both of those with a value of that kind in the look-back, of which the [`MAX_TERMS`] heaviest are kept and scaled to length 1
//! (Salton and Buckley 1988; the smoothed weights are scikit-learn's). Peers are the `n` users with the highest cosine,
//! rounded to [`COSINE_STEP`], above 0; of equals those whose first event came first. Users with fewer than
//! [`MIN_EVENTS`] events in the window have no vector, and no peers.
//!
//! Nothing looks into the future: vectors are made when [`FIRST_EVENTS`] events have come and each time their number
//! has doubled, from the events before, and hold until the next time. That is twice the work of doing it once, while
//! each week anew would be as many times as the log has weeks.
//!
//! Each user compares with every other up to some 1,400 users. In larger logs, with `max(128, 2^21 / users)` of them:
//! those that weigh the user's two heaviest terms about as much as the user does.

use super::tally::{NONE, Pair, Tally};
use crate::engine::math;
use crate::engine::order;
use crate::engine::table::Groups;

/// Events after which peers are found for the first time.
const FIRST_EVENTS: usize = 128;
/// Terms of a vector, at most.
const MAX_TERMS: usize = 16;
/// Events in the window that make a vector, at least.
const MIN_EVENTS: u32 = 5;
/// Cosines closer than this are equal.
const COSINE_STEP: f64 = 1e-9;
/// Cosines of one making of vectors, about.
const MAX_COSINES: usize = 1 << 21;
/// Users that a user is compared with, at least, where there are so many.
const MIN_CANDIDATES: usize = 128;
/// Pairs of user and term after which a block of work ends.
const PAIRS_PER_BLOCK: usize = 1 << 15;

/// The terms of one kind of value.
#[derive(Debug)]
pub(super) struct Terms {
    /// Which of the log's kinds.
    pub kind: usize,
    /// Where each user's pairs begin.
    pub pairs_of_user: Vec<u32>,
    /// Terms by value, in order of first use; [`NONE`] before that.
    term_of_value: Vec<u32>,
}

impl Terms {
    pub fn new(kind: usize, pairs_of_user: Vec<u32>, n_values: usize) -> Self {
        Terms { kind, pairs_of_user, term_of_value: vec![NONE; n_values] }
    }
}

/// Finds peers of users as a log goes by.
#[derive(Debug)]
pub(super) struct Peers {
    n_peers: usize,
    terms: Vec<Terms>,
    n_terms: u32,
    /// Users in order of first event.
    users: Vec<u32>,
    is_known: Vec<bool>,
    n_events: usize,
    /// Number of events at which vectors are made.
    next_making: usize,
    /// Place in `users` that making has come to.
    making: Option<usize>,
    vectors: Vectors,
    /// By user: place of the peers found since the last making, [`NONE`] where they were not looked for.
    found: Vec<(u32, u32)>,
    peers: Vec<u32>,
}

/// Vectors of users, in order of first event.
#[derive(Debug, Default)]
struct Vectors {
    /// By user, [`NONE`] without a vector.
    slot_of_user: Vec<u32>,
    user_of_slot: Vec<u32>,
    starts: Vec<u32>,
    weights: Vec<(u32, f64)>,
    /// Slots with each term, by weight; made when there are more users than each compares with.
    nearby: Option<Nearby>,
    // Scratch.
    keyed: Vec<(i64, u32)>,
    /// 0 where it was not needed yet.
    idf_of_term: Vec<f64>,
    weight_of_term: Vec<f64>,
    seen: Vec<u32>,
    candidates: Vec<u32>,
}

#[derive(Debug)]
struct Nearby {
    slots: Groups,
    /// Place of each weight among the slots of its term.
    place_of_weight: Vec<u32>,
}

impl Peers {
    pub fn new(n_peers: usize, terms: Vec<Terms>, n_users: usize) -> Self {
        Peers {
            n_peers,
            terms,
            n_terms: 0,
            users: Vec::new(),
            is_known: vec![false; n_users],
            n_events: 0,
            next_making: FIRST_EVENTS,
            making: None,
            vectors: Vectors { slot_of_user: vec![NONE; n_users], ..Vectors::default() },
            found: vec![(NONE, 0); n_users],
            peers: Vec::new(),
        }
    }

    /// Whether vectors are to be made before the next event.
    pub fn is_due(&self) -> bool {
        self.n_events == self.next_making
    }

    /// Makes some vectors, from the windows as they are; whether these were the last, and peers are others from now on.
    /// To be called until [`Peers::is_due`] no longer.
    pub fn make(&mut self, tallies: &[&Tally]) -> bool {
        let start = *self.making.get_or_insert_with(|| {
            self.vectors.clear(self.n_terms as usize);
            0
        });
        let (mut place, mut n_pairs) = (start, 0);
        while place < self.users.len() && n_pairs < PAIRS_PER_BLOCK {
            let user = self.users[place];
            n_pairs += 1 + self.vectors.add(user, &self.terms, tallies);
            place += 1;
        }
        self.making = Some(place);
        let is_last = place == self.users.len();
        if is_last {
            self.vectors.index(self.n_terms as usize);
            self.making = None;
            self.next_making *= 2;
            self.found.fill((NONE, 0));
            self.peers.clear();
        }
        is_last
    }

    /// Peers of a user, as last found.
    pub fn of(&mut self, user: u32) -> &[u32] {
        if self.found[user as usize].0 == NONE {
            let start = self.peers.len();
            self.vectors.nearest(user, self.n_peers, &mut self.peers);
            self.found[user as usize] = (start as u32, (self.peers.len() - start) as u32);
        }
        let (start, n) = self.found[user as usize];
        &self.peers[start as usize..(start + n) as usize]
    }

    /// Takes note of an event and the values that it has, by kind.
    pub fn enter(&mut self, user: u32, value_of_kind: impl Fn(usize) -> Option<u32>) {
        self.n_events += 1;
        if !std::mem::replace(&mut self.is_known[user as usize], true) {
            self.users.push(user);
        }
        for terms in &mut self.terms {
            if let Some(value) = value_of_kind(terms.kind) {
                let term = &mut terms.term_of_value[value as usize];
                if *term == NONE {
                    *term = self.n_terms;
                    self.n_terms += 1;
                }
            }
        }
    }
}

impl Vectors {
    fn clear(&mut self, n_terms: usize) {
        self.slot_of_user.fill(NONE);
        self.user_of_slot.clear();
        self.starts.clear();
        self.starts.push(0);
        self.weights.clear();
        self.nearby = None;
        self.idf_of_term.clear();
        self.idf_of_term.resize(n_terms, 0.0);
        self.weight_of_term.clear();
        self.weight_of_term.resize(n_terms, 0.0);
    }

    /// Adds a user's vector, and says how many pairs were looked at.
    fn add(&mut self, user: u32, terms: &[Terms], tallies: &[&Tally]) -> usize {
        let (mut n_pairs, mut n_events) = (0, 0);
        self.keyed.clear();
        for Terms { kind, pairs_of_user, term_of_value } in terms {
            let tally = tallies[*kind];
            let pairs = pairs_of_user[user as usize]..pairs_of_user[user as usize + 1];
            n_pairs += pairs.len();
            for pair in pairs {
                let Pair { n, value, .. } = tally.pairs[pair as usize];
                if n == 0 {
                    continue;
                }
                n_events += n;
                let term = term_of_value[value as usize];
                if self.idf_of_term[term as usize] == 0.0 {
                    let n_users = f64::from(1 + tally.n_active());
                    let n_with = f64::from(1 + tally.n_users(value));
                    self.idf_of_term[term as usize] = math::ln(n_users / n_with) + 1.0;
                }
                let idf = self.idf_of_term[term as usize];
                self.keyed.push((!order::total_key(f64::from(n) * idf), term));
            }
        }
        if n_events < MIN_EVENTS {
            return n_pairs;
        }
        order::sort_keyed(&mut self.keyed);
        self.keyed.truncate(MAX_TERMS);
        let weight = |key: i64| order::from_total_key(!key);
        let length = self.keyed.iter().map(|&(key, _)| weight(key) * weight(key)).sum::<f64>().sqrt();
        self.weights.extend(self.keyed.iter().map(|&(key, term)| (term, weight(key) / length)));
        self.starts.push(self.weights.len() as u32);
        self.slot_of_user[user as usize] = self.user_of_slot.len() as u32;
        self.user_of_slot.push(user);
        n_pairs
    }

    fn n_candidates(&self) -> usize {
        (MAX_COSINES / self.user_of_slot.len().max(1)).max(MIN_CANDIDATES)
    }

    fn vector(&self, slot: u32) -> std::ops::Range<usize> {
        self.starts[slot as usize] as usize..self.starts[slot as usize + 1] as usize
    }

    /// Puts the users of each term into order, where not each is compared with all.
    fn index(&mut self, n_terms: usize) {
        self.seen.clear();
        self.seen.resize(self.user_of_slot.len(), NONE);
        if self.n_candidates() >= self.user_of_slot.len() {
            return;
        }
        let mut slot_of_weight = Vec::with_capacity(self.weights.len());
        for slot in 0..self.user_of_slot.len() as u32 {
            slot_of_weight.resize(self.vector(slot).end, slot);
        }
        let of_term = |weight: usize| Some(self.weights[weight].0);
        let mut slots = Groups::by_code(self.weights.len(), n_terms, of_term);
        let mut place_of_weight = vec![0; self.weights.len()];
        for term in 0..n_terms {
            let weights = slots.rows_mut(term);
            self.keyed.clear();
            let key = |weight: u32| order::total_key(self.weights[weight as usize].1);
            self.keyed.extend(weights.iter().map(|&weight| (key(weight), weight)));
            order::sort_keyed(&mut self.keyed);
            for (place, (slot, &(_, weight))) in weights.iter_mut().zip(&self.keyed).enumerate() {
                place_of_weight[weight as usize] = place as u32;
                *slot = slot_of_weight[weight as usize];
            }
        }
        self.nearby = Some(Nearby { slots, place_of_weight });
    }

    /// Appends the nearest users of a user.
    fn nearest(&mut self, user: u32, n: usize, nearest: &mut Vec<u32>) {
        let own = self.slot_of_user[user as usize];
        if own == NONE || n == 0 {
            return;
        }
        self.collect_candidates(own);
        for &(term, weight) in &self.weights[self.vector(own)] {
            self.weight_of_term[term as usize] = weight;
        }
        // The nearest so far, by cosine downwards and slot.
        self.keyed.clear();
        for &slot in &self.candidates {
            let products = self.weights[self.vector(slot)]
                .iter()
                .map(|&(term, weight)| self.weight_of_term[term as usize] * weight);
            let key = -((products.sum::<f64>() / COSINE_STEP).round() as i64);
            let is_near = key < 0 && (self.keyed.len() < n || (key, slot) < self.keyed[n - 1]);
            if is_near {
                let place = self.keyed.partition_point(|&nearer| nearer < (key, slot));
                self.keyed.insert(place, (key, slot));
                self.keyed.truncate(n);
            }
        }
        for &(term, _) in &self.weights[self.vector(own)] {
            self.weight_of_term[term as usize] = 0.0;
        }
        nearest.extend(self.keyed.iter().map(|&(_, slot)| self.user_of_slot[slot as usize]));
    }

    /// The slots to compare one with.
    fn collect_candidates(&mut self, own: u32) {
        let n_slots = self.user_of_slot.len() as u32;
        self.candidates.clear();
        let Some(Nearby { slots, place_of_weight }) = &self.nearby else {
            self.candidates.extend((0..n_slots).filter(|&slot| slot != own));
            return;
        };
        let n_each = self.n_candidates() / 2;
        self.seen[own as usize] = own;
        for weight in self.vector(own).take(2) {
            let users = slots.rows(self.weights[weight].0 as usize);
            let place = place_of_weight[weight] as usize;
            let start = place.saturating_sub(n_each / 2).min(users.len().saturating_sub(n_each + 1));
            for &slot in &users[start..(start + n_each + 1).min(users.len())] {
                if self.seen[slot as usize] != own {
                    self.seen[slot as usize] = own;
                    self.candidates.push(slot);
                }
            }
        }
    }
}
