//! A user's peers, where no column names a group: the users nearest by what they use.
//!
//! A user is a vector of what it used in its look-back ([`super::vectors`]). Peers are the `n` users with the highest
//! cosine, rounded to [`super::nearest::COSINE_STEP`], above 0; of equals those whose first event came first.
//!
//! Nothing looks into the future: vectors are made when [`FIRST_EVENTS`] events have come and each time their number
//! has doubled, from the events before, and hold until the next time, as do the peers found by them ([`super::nearest`]).
//! That is twice the work of doing it once, while each week anew would be as many times as the log has weeks.

use super::nearest::{Nearest, Search};
use super::tally::{NONE, Tally};
use super::vectors::{Terms, Vectors};

/// Events after which peers are found for the first time.
const FIRST_EVENTS: usize = 128;
/// Pairs of user and term after which a block of work ends.
const PAIRS_PER_BLOCK: usize = 1 << 15;

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
    /// Number of events at which peers are found.
    next_making: usize,
    making: Making,
    vectors: Vectors,
    found: Nearest,
}

/// What is made of the windows as they are.
#[derive(Debug)]
enum Making {
    /// Vectors, of the users from this place on.
    Vectors(usize),
    Nearest(Box<Search>),
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
            making: Making::Vectors(0),
            vectors: Vectors::new(n_users),
            found: Nearest::default(),
        }
    }

    /// Whether peers are to be found before the next event.
    pub fn is_due(&self) -> bool {
        self.n_events == self.next_making
    }

    /// Finds some peers, from the windows as they are; whether these were the last, and peers are others from now on. To be
    /// called until [`Peers::is_due`] no longer.
    pub fn find(&mut self, tallies: &[&Tally]) -> bool {
        match &mut self.making {
            Making::Vectors(place) => {
                if *place == 0 {
                    self.vectors.clear(self.n_terms as usize);
                }
                let mut n_pairs = 0;
                while let Some(&user) = self.users.get(*place).filter(|_| n_pairs < PAIRS_PER_BLOCK) {
                    n_pairs += 1 + self.vectors.add(user, &self.terms, tallies);
                    *place += 1;
                }
                if *place == self.users.len() {
                    self.found = Nearest::default();
                    self.making = Making::Nearest(Box::new(Search::new(&self.vectors, self.n_peers)));
                }
                false
            }
            Making::Nearest(search) => {
                let Some(found) = search.step(&self.vectors) else { return false };
                self.found = found;
                self.making = Making::Vectors(0);
                self.next_making *= 2;
                true
            }
        }
    }

    /// Peers of a user, as last found.
    pub fn of(&self, user: u32) -> &[u32] {
        self.vectors.slot(user).map_or(&[], |slot| self.found.of(slot))
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
