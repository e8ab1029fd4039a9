//! Which of a user's peers have a value in their window.

use super::tally::Tally;
use crate::engine::table::Groups;

/// Values with at least this many users have a bit for each user, where these are also one in [`SHARE`] of all: 32 bytes
/// for each pair at most. The users of all other values are looked through.
const LEAST: usize = 64;
const SHARE: usize = 256;

/// Users by value.
#[derive(Debug)]
pub(super) struct UsersOfValues {
    pairs_of_value: Groups,
    /// Place in `bits`, by value; `None` where there are none.
    bits_of_value: Vec<Option<u32>>,
    bits: Vec<u64>,
    n_words: usize,
}

impl UsersOfValues {
    pub fn of(tally: &Tally, n_values: usize, n_users: usize) -> Self {
        let pairs_of_value =
            Groups::by_code(tally.pairs.len(), n_values, |pair| Some(tally.pairs[pair].value));
        let n_words = n_users.div_ceil(64);
        let mut n_common = 0;
        let bits_of_value = (0..n_values)
            .map(|value| {
                let is_common = pairs_of_value.rows(value).len() >= LEAST.max(n_users / SHARE);
                is_common.then(|| {
                    n_common += 1;
                    n_common - 1
                })
            })
            .collect();
        UsersOfValues { pairs_of_value, bits_of_value, bits: vec![0; n_common as usize * n_words], n_words }
    }

    /// Whether a user has a value in the window from now on.
    #[inline]
    pub fn set(&mut self, value: u32, user: u32, has: bool) {
        if let Some(place) = self.bits_of_value[value as usize] {
            let word = &mut self.bits[place as usize * self.n_words + user as usize / 64];
            let bit = 1 << (user % 64);
            if has { *word |= bit } else { *word &= !bit }
        }
    }

    /// How many peers have a value in the window. `marked` is scratch, by user: the last event that marked it.
    pub fn count(&self, tally: &Tally, value: u32, peers: &[u32], marked: &mut [u32], event: u32) -> u32 {
        let n = match self.bits_of_value[value as usize] {
            Some(place) => {
                let words = &self.bits[place as usize * self.n_words..];
                let has = |user: &&u32| words[**user as usize / 64] >> (**user % 64) & 1 == 1;
                peers.iter().filter(has).count()
            }
            None => {
                peers.iter().for_each(|&peer| marked[peer as usize] = event);
                let pairs = self.pairs_of_value.rows(value as usize).iter();
                let has = |pair: &&u32| {
                    let pair = tally.pairs[**pair as usize];
                    pair.n > 0 && marked[pair.member as usize] == event
                };
                pairs.filter(has).count()
            }
        };
        n as u32
    }
}
