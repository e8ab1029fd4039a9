//! What users use, as vectors of TF-IDF weights over terms.
//!
//! A term is an action or a resource; in logs that have neither, a range of addresses, a country, a device or a
//! browser. Its weight is how often the user had it within its look-back, times `ln((1 + users) / (1 + users with the
//! term)) + 1`, both of those with a value of that kind in the look-back. The [`MAX_TERMS`] heaviest are kept and
//! scaled to length 1 (Salton and Buckley 1988; the smoothed weights are scikit-learn's). Users with fewer than
//! [`MIN_EVENTS`] events in the window have no vector, and no peers.

use super::tally::{NONE, Pair, Tally};
use crate::engine::math;
use crate::engine::order;

/// Terms of a vector, at most.
const MAX_TERMS: usize = 16;
/// Events in the window that make a vector, at least.
const MIN_EVENTS: u32 = 5;

/// The terms of one kind of value.
#[derive(Debug)]
pub(super) struct Terms {
    /// Which of the log's kinds.
    pub kind: usize,
    /// Where each user's pairs begin.
    pub pairs_of_user: Vec<u32>,
    /// Terms by value, in order of first use; [`NONE`] before that.
    pub term_of_value: Vec<u32>,
}

impl Terms {
    pub fn new(kind: usize, pairs_of_user: Vec<u32>, n_values: usize) -> Self {
        Terms { kind, pairs_of_user, term_of_value: vec![NONE; n_values] }
    }
}

/// Vectors of users, in order of first event.
#[derive(Debug)]
pub(super) struct Vectors {
    /// By user, [`NONE`] without a vector.
    slot_of_user: Vec<u32>,
    user_of_slot: Vec<u32>,
    starts: Vec<u32>,
    /// Terms and weights, the heaviest first.
    weights: Vec<(u32, f64)>,
    /// Scratch; 0 where it was not needed yet.
    idf_of_term: Vec<f64>,
    keyed: Vec<(i64, u32)>,
}

impl Vectors {
    pub fn new(n_users: usize) -> Self {
        Vectors {
            slot_of_user: vec![NONE; n_users],
            user_of_slot: Vec::new(),
            starts: vec![0],
            weights: Vec::new(),
            idf_of_term: Vec::new(),
            keyed: Vec::new(),
        }
    }

    /// Forgets all vectors. There are `n_terms` terms from now on.
    pub fn clear(&mut self, n_terms: usize) {
        self.slot_of_user.fill(NONE);
        self.user_of_slot.clear();
        self.starts.truncate(1);
        self.weights.clear();
        self.idf_of_term.clear();
        self.idf_of_term.resize(n_terms, 0.0);
    }

    /// Adds a user's vector, and says how many pairs were looked at.
    pub fn add(&mut self, user: u32, terms: &[Terms], tallies: &[&Tally]) -> usize {
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

    /// How many vectors.
    pub fn len(&self) -> usize {
        self.user_of_slot.len()
    }

    pub fn n_terms(&self) -> usize {
        self.idf_of_term.len()
    }

    /// Place of a user's vector.
    pub fn slot(&self, user: u32) -> Option<u32> {
        Some(self.slot_of_user[user as usize]).filter(|&slot| slot != NONE)
    }

    pub fn user(&self, slot: u32) -> u32 {
        self.user_of_slot[slot as usize]
    }

    #[inline]
    pub fn vector(&self, slot: u32) -> &[(u32, f64)] {
        &self.weights[self.starts[slot as usize] as usize..self.starts[slot as usize + 1] as usize]
    }

    /// Terms and weights of all vectors, end to end.
    pub fn weights(&self) -> &[(u32, f64)] {
        &self.weights
    }
}

#[cfg(test)]
impl Vectors {
    /// Of users 0, 1, 2, ...
    pub fn of(vectors: &[Vec<(u32, f64)>], n_terms: usize) -> Self {
        let mut made = Vectors::new(vectors.len());
        made.clear(n_terms);
        for (user, vector) in vectors.iter().enumerate() {
            made.weights.extend(vector);
            made.starts.push(made.weights.len() as u32);
            made.slot_of_user[user] = user as u32;
            made.user_of_slot.push(user as u32);
        }
        made
    }
}
