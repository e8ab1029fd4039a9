//! The nearest of every vector, a few milliseconds at a time.
//!
//! Each user is compared with every other up to some 1,400 users. In larger logs, with `max(128, 2^21 / users)` of them:
//! those that weigh the user's two heaviest terms about as much as the user does, half of them for each of the two.
//!
//! For that the users of a term are put into order of its weight, and each is compared with its neighbours there, one
//! after the other: the next has nearly the same neighbours, so that their vectors are in the cache. (User by user, at
//! 100,000 users, nearly all of the time went into waiting for them.)

use super::vectors::Vectors;
use crate::engine::order;
use crate::engine::table::Groups;
use std::ops::Range;

/// Cosines closer than this are equal.
pub(super) const COSINE_STEP: f64 = 1e-9;
/// Cosines of one search, about.
const MAX_COSINES: usize = 1 << 21;
/// Users that a user is compared with, at least, where there are so many.
const MIN_CANDIDATES: usize = 128;
/// Terms whose neighbours a user is compared with, where it is not with all.
const N_HEAVIEST: usize = 2;
/// Cosines after which a block of work ends.
const COSINES_PER_BLOCK: usize = 1 << 15;

/// The nearest users of users.
#[derive(Debug, Default)]
pub(super) struct Nearest {
    /// Of each vector, at most.
    n: usize,
    /// By vector: cosines in steps, downwards; of none once all is found.
    cosines: Vec<u32>,
    /// Whose vectors these are, of equal ones the one that comes first; users once all is found.
    slots: Vec<u32>,
    lens: Vec<u32>,
}

/// A search under way.
#[derive(Debug)]
pub(super) struct Search {
    /// Weights by term, and whose they are; `None` where each is compared with all.
    weights: Option<(Groups, Vec<u32>)>,
    /// Neighbours of one vector in one list, at most.
    n_neighbours: usize,
    /// Next term, and the list of vectors that is worked on: those with the term before, by weight.
    next_term: usize,
    list: Vec<u32>,
    next_place: usize,
    found: Nearest,
    // Scratch.
    keyed: Vec<(i64, u32)>,
    weight_of_term: Vec<f64>,
}

impl Nearest {
    fn new(n_slots: usize, n: usize) -> Self {
        Nearest { n, cosines: vec![0; n_slots * n], slots: vec![0; n_slots * n], lens: vec![0; n_slots] }
    }

    /// The users nearest to a vector's.
    pub fn of(&self, slot: u32) -> &[u32] {
        let start = slot as usize * self.n;
        &self.slots[start..start + self.lens[slot as usize] as usize]
    }

    /// Takes another vector of those that may be the nearest of one; the same twice is taken once.
    #[inline]
    fn offer(&mut self, of: u32, cosine: u32, slot: u32) {
        let start = of as usize * self.n;
        let len = self.lens[of as usize] as usize;
        let is_before =
            |at: usize| self.cosines[at] > cosine || (self.cosines[at] == cosine && self.slots[at] < slot);
        if len == self.n && is_before(start + len - 1) {
            return;
        }
        let mut place = start + len;
        while place > start && !is_before(place - 1) {
            place -= 1;
        }
        if place < start + len && self.slots[place] == slot {
            return;
        }
        let end = (start + len).min(start + self.n - 1);
        self.cosines.copy_within(place..end, place + 1);
        self.slots.copy_within(place..end, place + 1);
        (self.cosines[place], self.slots[place]) = (cosine, slot);
        self.lens[of as usize] = (end + 1 - start) as u32;
    }
}

impl Search {
    /// For the `n` nearest of each vector.
    pub fn new(vectors: &Vectors, n: usize) -> Self {
        let n_slots = vectors.len();
        let n_candidates = (MAX_COSINES / n_slots.max(1)).max(MIN_CANDIDATES);
        let is_small = n_candidates >= n_slots;
        let n_neighbours = if is_small { n_slots.saturating_sub(1) } else { n_candidates / N_HEAVIEST };
        let n_compared = if is_small { n_neighbours } else { n_neighbours * N_HEAVIEST };
        Search {
            weights: (!is_small).then(|| by_term(vectors)),
            n_neighbours,
            next_term: 0,
            list: if is_small { (0..n_slots as u32).collect() } else { Vec::new() },
            next_place: 0,
            found: Nearest::new(n_slots, n.min(n_compared)),
            keyed: Vec::new(),
            weight_of_term: vec![0.0; vectors.n_terms()],
        }
    }

    /// Compares some; what was found, when these were the last.
    pub fn step(&mut self, vectors: &Vectors) -> Option<Nearest> {
        if self.found.n == 0 {
            return Some(self.finish(vectors));
        }
        let mut n_done = 0;
        while n_done < COSINES_PER_BLOCK {
            if self.next_place == self.list.len() {
                if !self.open_next_list(vectors) {
                    return Some(self.finish(vectors));
                }
                n_done += self.list.len();
                continue;
            }
            let place = self.next_place;
            self.next_place += 1;
            if self.is_compared_here(vectors, self.list[place]) {
                n_done += self.compare(vectors, place);
            }
        }
        None
    }

    fn finish(&mut self, vectors: &Vectors) -> Nearest {
        let mut found = std::mem::take(&mut self.found);
        found.cosines = Vec::new();
        found.slots.iter_mut().for_each(|slot| *slot = vectors.user(*slot));
        found
    }

    /// Puts the vectors with the next term into order; `false` where there is none.
    fn open_next_list(&mut self, vectors: &Vectors) -> bool {
        let Some((weights, slot_of_weight)) = self.weights.as_ref().filter(|(w, _)| self.next_term < w.len())
        else {
            return false;
        };
        let key = |weight: u32| order::total_key(vectors.weights()[weight as usize].1);
        self.keyed.clear();
        self.keyed.extend(weights.rows(self.next_term).iter().map(|&weight| (key(weight), weight)));
        order::sort_keyed(&mut self.keyed);
        self.list.clear();
        self.list.extend(self.keyed.iter().map(|&(_, weight)| slot_of_weight[weight as usize]));
        (self.next_term, self.next_place) = (self.next_term + 1, 0);
        true
    }

    /// Whether the term of the list is one of the heaviest of a vector in it.
    fn is_compared_here(&self, vectors: &Vectors, slot: u32) -> bool {
        let is_term = |&(term, _): &(u32, f64)| term as usize + 1 == self.next_term;
        self.weights.is_none() || vectors.vector(slot).iter().take(N_HEAVIEST).any(is_term)
    }

    /// Compares a vector of the list with its neighbours there, and says how many these are.
    fn compare(&mut self, vectors: &Vectors, place: usize) -> usize {
        let own = self.list[place];
        for &(term, weight) in vectors.vector(own) {
            self.weight_of_term[term as usize] = weight;
        }
        let neighbours = self.neighbours(place);
        let n = neighbours.len();
        for &slot in &self.list[neighbours] {
            let products = vectors
                .vector(slot)
                .iter()
                .map(|&(term, weight)| self.weight_of_term[term as usize] * weight);
            let cosine = in_steps(products.sum());
            if cosine > 0 && slot != own {
                self.found.offer(own, cosine, slot);
            }
        }
        for &(term, _) in vectors.vector(own) {
            self.weight_of_term[term as usize] = 0.0;
        }
        n
    }

    /// Places of a place's neighbours, itself among them.
    fn neighbours(&self, place: usize) -> Range<usize> {
        let (n, len) = (self.n_neighbours, self.list.len());
        let start = if self.weights.is_none() { 0 } else { place.saturating_sub(n / 2) };
        let start = start.min(len.saturating_sub(n + 1));
        start..(start + n + 1).min(len)
    }
}

/// Weights of all vectors by term, and whose each is.
fn by_term(vectors: &Vectors) -> (Groups, Vec<u32>) {
    let weights = vectors.weights();
    let mut slot_of_weight = Vec::with_capacity(weights.len());
    for slot in 0..vectors.len() as u32 {
        slot_of_weight.resize(slot_of_weight.len() + vectors.vector(slot).len(), slot);
    }
    let by_term = Groups::by_code(weights.len(), vectors.n_terms(), |weight| Some(weights[weight].0));
    (by_term, slot_of_weight)
}

/// A cosine in whole steps, rounded half up.
#[inline]
fn in_steps(cosine: f64) -> u32 {
    let steps = cosine / COSINE_STEP;
    let whole = steps as u32;
    whole + u32::from(steps - f64::from(whole) >= 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::Rng;

    /// Vectors of length 1, many of them alike.
    fn some_vectors(n: usize, n_terms: u64) -> Vec<Vec<(u32, f64)>> {
        let mut rng = Rng::new(n as u64);
        let mut one = || {
            let n = 1 + rng.below(5);
            let mut terms = Vec::new();
            for _ in 0..n {
                let common = 1 + rng.below(n_terms);
                terms.push(rng.below(common) as u32);
            }
            terms.sort_unstable();
            terms.dedup();
            let mut weights: Vec<(u32, f64)> =
                terms.into_iter().map(|term| (term, (1 + rng.below(4)) as f64)).collect();
            weights.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let length = weights.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
            weights.iter_mut().for_each(|(_, weight)| *weight /= length);
            weights
        };
        (0..n).map(|_| one()).collect()
    }

    /// By definition, one user after the other.
    fn by_definition(vectors: &[Vec<(u32, f64)>], own: usize, n: usize) -> Vec<u32> {
        let n_candidates = (MAX_COSINES / vectors.len()).max(MIN_CANDIDATES);
        let all: Vec<usize> = (0..vectors.len()).collect();
        let mut candidates = all.clone();
        if n_candidates < vectors.len() {
            candidates.clear();
            let weight_of = |user: usize, term: u32| vectors[user].iter().find(|w| w.0 == term).map(|w| w.1);
            for &(term, _) in vectors[own].iter().take(2) {
                let mut list: Vec<usize> =
                    all.iter().copied().filter(|&user| weight_of(user, term).is_some()).collect();
                list.sort_by(|&a, &b| weight_of(a, term).partial_cmp(&weight_of(b, term)).unwrap());
                let place = list.iter().position(|&user| user == own).unwrap();
                let n_each = n_candidates / 2;
                let start = place.saturating_sub(n_each / 2).min(list.len().saturating_sub(n_each + 1));
                candidates.extend(list.iter().skip(start).take(n_each + 1));
            }
            candidates.sort_unstable();
            candidates.dedup();
        }
        let cosine = |user: usize| -> f64 {
            let of_own = |term: u32| vectors[own].iter().find(|w| w.0 == term).map_or(0.0, |w| w.1);
            vectors[user].iter().map(|&(term, weight)| of_own(term) * weight).sum()
        };
        let mut keyed: Vec<(i64, u32)> = candidates
            .into_iter()
            .filter(|&user| user != own)
            .map(|user| (-((cosine(user) / COSINE_STEP).round() as i64), user as u32))
            .filter(|&(key, _)| key < 0)
            .collect();
        keyed.sort_unstable();
        keyed.into_iter().take(n).map(|(_, user)| user).collect()
    }

    #[test]
    fn the_nearest_are_those_of_the_definition() {
        for (n_users, n_terms, n) in
            [(1, 3, 2), (40, 6, 3), (300, 40, 1_000), (2_000, 30, 5), (2_500, 400, 20)]
        {
            let vectors = some_vectors(n_users, n_terms);
            let made = Vectors::of(&vectors, n_terms as usize);
            let mut search = Search::new(&made, n);
            let found = std::iter::from_fn(|| Some(search.step(&made))).find_map(|found| found).unwrap();
            for user in (0..n_users).step_by(1 + n_users / 400) {
                let expected = by_definition(&vectors, user, n);
                assert_eq!(found.of(user as u32), expected, "user {user} of {n_users}");
            }
        }
    }

    #[test]
    fn cosines_are_rounded_as_numbers_are() {
        for steps in [0.0, 0.49999999999999994, 0.5, 1.5, 7.4999, 999_999_999.5, 1_000_000_000.2] {
            let cosine = steps * COSINE_STEP;
            assert_eq!(f64::from(in_steps(cosine)), (cosine / COSINE_STEP).round(), "{steps}");
        }
    }
}
