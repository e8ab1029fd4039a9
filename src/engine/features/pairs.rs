//! Sets of pairs of codes, exact and small: which values each user has had.

/// Sets that grow on their own, so that no more than a part of the whole is ever held twice.
const N_PARTS: usize = 64;

/// Slots of a part that has its first pair.
const FIRST_SLOTS: usize = 16;

/// Spreads keys over all 64 bits: 2^64 over the golden ratio.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// A set of pairs of 32-bit codes, by open addressing: 10 to 16 bytes for each pair, as a part grows by half when four in
/// five of its slots are taken.
#[derive(Debug)]
pub(super) struct PairSet {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Default)]
struct Part {
    /// A pair plus 1, so that 0 is a free slot.
    slots: Vec<u64>,
    n: usize,
}

impl PairSet {
    pub(super) fn new() -> Self {
        PairSet { parts: vec![Part::default(); N_PARTS] }
    }

    /// Adds a pair; whether it is new. `first` is not the highest code there is.
    #[inline]
    pub(super) fn insert(&mut self, first: u32, second: u32) -> bool {
        let key = (u64::from(first) << 32 | u64::from(second)) + 1;
        let hash = hash(key);
        let part = &mut self.parts[(hash >> 58) as usize];
        if part.n * 5 >= part.slots.len() * 4 {
            part.grow();
        }
        part.insert(key, hash)
    }

    /// Bytes held.
    pub(super) fn heap_bytes(&self) -> usize {
        self.parts.iter().map(|part| part.slots.capacity() * 8).sum()
    }
}

impl Part {
    #[inline]
    fn insert(&mut self, key: u64, hash: u64) -> bool {
        let mut slot = self.slot(hash);
        loop {
            match self.slots[slot] {
                0 => break,
                there if there == key => return false,
                _ => slot = if slot + 1 == self.slots.len() { 0 } else { slot + 1 },
            }
        }
        self.slots[slot] = key;
        self.n += 1;
        true
    }

    /// Where a key belongs, by the bits of its hash that its part does not have in common.
    #[inline]
    fn slot(&self, hash: u64) -> usize {
        let bits = (hash >> 26) & 0xFFFF_FFFF;
        ((bits * self.slots.len() as u64) >> 32) as usize
    }

    #[cold]
    fn grow(&mut self) {
        let n_slots = (self.slots.len() + self.slots.len() / 2).max(FIRST_SLOTS);
        let before = std::mem::replace(&mut self.slots, vec![0; n_slots]);
        self.n = 0;
        for key in before.into_iter().filter(|&key| key > 0) {
            self.insert(key, hash(key));
        }
    }
}

#[inline]
fn hash(key: u64) -> u64 {
    let mixed = (key ^ key >> 29).wrapping_mul(SPREAD);
    (mixed ^ mixed >> 32).wrapping_mul(SPREAD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn it_holds_what_a_set_of_pairs_holds() {
        let mut pairs = PairSet::new();
        let mut expected = HashSet::new();
        for i in 0..200_000u32 {
            // The same pairs again and again, with codes at both ends.
            let (first, second) = (i * 7919 % 601, if i % 3 == 0 { i % 211 } else { u32::MAX - i % 173 });
            assert_eq!(pairs.insert(first, second), expected.insert((first, second)));
        }
        assert!(expected.len() > 50_000);
        let n_bytes = pairs.heap_bytes() / expected.len();
        assert!((10..=16).contains(&n_bytes), "{n_bytes} bytes for each pair");
    }
}
