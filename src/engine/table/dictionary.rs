//! Interned strings: each distinct value once, as a dense code in order of first appearance.

use std::collections::TryReserveError;

/// Distinct strings, codes `0..len` in order of first appearance.
///
/// One buffer holds all values end to end, and an open-addressing table of codes finds them: no allocation per
/// value, no pointer per value. A byte of the hash of each slot's value lies apart from its code: a new value, which
/// is what costs most, is known by these bytes alone, and they stay in the cache long after the codes do not.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    text: String,
    /// A 0 as soon as there are values, then the end of each in `text`: value `i` lies between entries `i` and `i + 1`.
    ends: Vec<usize>,
    /// Per slot: 0 where it is free, else [`tag`] of its value's hash. Length a power of two, or 0 where the table has
    /// still to be built.
    tags: Vec<u8>,
    /// Per slot: the code of its value.
    codes: Vec<u32>,
}

/// What [`Dictionary::look_up`] found of a value.
#[derive(Debug, Clone, Copy)]
pub struct LookedUp {
    hash: u32,
    /// The first candidate, or [`NO_CODE`].
    candidate: u32,
    /// Where the candidate's text is.
    start: usize,
    end: usize,
    /// Its first byte, read so that the rest of it is in the cache when it is compared.
    first: u8,
}

/// No dictionary gives this code.
const NO_CODE: u32 = u32::MAX;

impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.ends == other.ends
    }
}

impl Dictionary {
    /// An empty dictionary.
    pub fn new() -> Self {
        Self::default()
    }

    /// Distinct values so far.
    pub fn len(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a code.
    ///
    /// # Panics
    /// If the code was not given by this dictionary.
    pub fn get(&self, code: u32) -> &str {
        &self.text[self.span(code)]
    }

    /// The value of a code as bytes.
    ///
    /// # Panics
    /// If the code was not given by this dictionary.
    #[inline]
    pub fn get_bytes(&self, code: u32) -> &[u8] {
        &self.text.as_bytes()[self.span(code)]
    }

    /// The code of a value, if it is there. Not after [`Dictionary::shrink_to_fit`], which forgets how to find.
    #[cfg(test)]
    fn find(&self, value: &str) -> Option<u32> {
        self.probe(value.as_bytes(), hash(value.as_bytes())).ok()
    }

    /// The code of a value, added if new.
    ///
    /// # Panics
    /// Past 2^32 - 2 distinct values.
    pub fn intern(&mut self, value: &str) -> u32 {
        self.reserve_slot();
        let hash = hash(value.as_bytes());
        match self.probe(value.as_bytes(), hash) {
            Ok(code) => code,
            Err(slot) => self.insert(value, hash, slot),
        }
    }

    /// The code of a value given as bytes, added if new; `None` if it is new and not UTF-8. Only new values are
    /// checked, which is what makes this cheaper than checking first.
    ///
    /// # Panics
    /// Past 2^32 - 2 distinct values.
    pub fn intern_bytes(&mut self, value: &[u8]) -> Option<u32> {
        self.intern_hashed(value, hash(value))
    }

    /// [`Dictionary::intern_bytes`] of a value that was looked up.
    ///
    /// # Panics
    /// Past 2^32 - 2 distinct values.
    pub fn intern_looked_up(&mut self, value: &[u8], looked_up: LookedUp) -> Option<u32> {
        // Most values that are not found are new, and their first place is free.
        let slot = looked_up.hash as usize & self.tags.len().wrapping_sub(1);
        if self.tags.get(slot) == Some(&0) && self.has_room() {
            return Some(self.insert(std::str::from_utf8(value).ok()?, looked_up.hash, slot));
        }
        self.intern_hashed(value, looked_up.hash)
    }

    /// Looks up a group of values at once: a large dictionary costs three waits for memory per value, one after the
    /// other; in a group the waits overlap. For that, each loop only reads what the one before has found, without a
    /// branch, which would wait for it.
    #[inline]
    pub fn look_up<const N: usize>(&self, values: &[&[u8]; N]) -> [LookedUp; N] {
        let mut found = values.map(|value| LookedUp {
            hash: hash(value),
            candidate: NO_CODE,
            start: 0,
            end: 0,
            first: 0,
        });
        if self.tags.is_empty() || self.is_empty() {
            return found;
        }
        let mask = self.tags.len() - 1;
        let (tags, codes) = (&self.tags[..=mask], &self.codes[..=mask]);
        // The code is read even where it is not the value's: a new value is going to be written there.
        for LookedUp { hash, candidate, .. } in &mut found {
            let slot = *hash as usize & mask;
            let code = codes[slot];
            *candidate = if tags[slot] == tag(*hash) { code } else { NO_CODE };
        }
        for LookedUp { candidate, start, end, .. } in &mut found {
            let code = if *candidate == NO_CODE { 0 } else { *candidate as usize };
            *start = self.ends[code];
            *end = self.ends[code + 1];
        }
        let text = self.text.as_bytes();
        for LookedUp { start, first, .. } in &mut found {
            *first = text.get(*start).copied().unwrap_or(0);
        }
        found
    }

    /// The code of a value that was looked up, where that is settled by one comparison; `None` leaves it open whether
    /// the value is there.
    #[inline]
    pub fn confirm(&self, value: &[u8], looked_up: LookedUp) -> Option<u32> {
        let LookedUp { candidate, start, end, first, .. } = looked_up;
        if candidate == NO_CODE || value.first().is_some_and(|&byte| byte != first) {
            return None;
        }
        same_bytes(&self.text.as_bytes()[start..end], value).then_some(candidate)
    }

    /// Bytes of all values together.
    pub fn n_text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Bytes that a dictionary of so many values holds beside their text, when no more are to come.
    pub fn bytes_for(n_values: usize) -> usize {
        n_values * size_of::<usize>()
    }

    /// Bytes that finding the values takes in addition, while more may come.
    pub fn bytes_to_find(n_values: usize) -> usize {
        let n_slots = (n_values * 2 + 1).next_power_of_two().max(16);
        n_slots * (1 + size_of::<u32>())
    }

    /// Makes room for so many more values of so many bytes together, which then are not copied while they come. What is
    /// not needed of it is never touched.
    ///
    /// # Errors
    /// Where there is no memory for it.
    pub fn try_reserve(&mut self, n_values: usize, n_text_bytes: usize) -> Result<(), TryReserveError> {
        self.text.try_reserve_exact(n_text_bytes)?;
        self.ends.try_reserve_exact(n_values)
    }

    /// All values in code order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|code| self.get(code))
    }

    /// Bytes held.
    pub fn heap_bytes(&self) -> usize {
        self.text.capacity()
            + self.ends.capacity() * size_of::<usize>()
            + self.tags.capacity()
            + self.codes.capacity() * 4
    }

    /// Gives back memory that only further values need. They may still be added, at the cost of building it again.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.tags = Vec::new();
        self.codes = Vec::new();
    }

    #[inline]
    fn span(&self, code: u32) -> std::ops::Range<usize> {
        let code = code as usize;
        self.ends[code]..self.ends[code + 1]
    }

    fn intern_hashed(&mut self, value: &[u8], hash: u32) -> Option<u32> {
        self.reserve_slot();
        match self.probe(value, hash) {
            Ok(code) => Some(code),
            Err(slot) => Some(self.insert(std::str::from_utf8(value).ok()?, hash, slot)),
        }
    }

    /// The code of `value`, or the free slot where it belongs.
    #[inline]
    fn probe(&self, value: &[u8], hash: u32) -> Result<u32, usize> {
        let mask = self.tags.len() - 1;
        let wanted = tag(hash);
        let mut slot = hash as usize & mask;
        loop {
            match self.tags[slot] {
                0 => return Err(slot),
                tag if tag == wanted && same_bytes(self.get_bytes(self.codes[slot]), value) => {
                    return Ok(self.codes[slot]);
                }
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    #[inline]
    fn insert(&mut self, value: &str, hash: u32, slot: usize) -> u32 {
        let code = u32::try_from(self.len()).ok().filter(|&code| code != NO_CODE);
        let code = code.expect("fewer than 2^32 - 1 distinct values");
        self.text.push_str(value);
        if self.ends.is_empty() {
            self.ends.push(0);
        }
        self.ends.push(self.text.len());
        self.tags[slot] = tag(hash);
        self.codes[slot] = code;
        code
    }

    #[inline]
    fn has_room(&self) -> bool {
        self.len() * 2 < self.tags.len()
    }

    #[inline]
    fn reserve_slot(&mut self) {
        if !self.has_room() {
            self.grow();
        }
    }

    /// Builds the table anew, with room for as many values again.
    #[cold]
    fn grow(&mut self) {
        let capacity = (self.len() * 2 + 2).next_power_of_two().max(16);
        // Gone before their successors are there, for the text is enough.
        (self.tags, self.codes) = (Vec::new(), Vec::new());
        self.tags = vec![0; capacity];
        self.codes = vec![0; capacity];
        for code in 0..self.len() as u32 {
            let hash = hash(self.get_bytes(code));
            let mut slot = hash as usize & (capacity - 1);
            while self.tags[slot] != 0 {
                slot = (slot + 1) & (capacity - 1);
            }
            self.tags[slot] = tag(hash);
            self.codes[slot] = code;
        }
    }
}

/// What is kept of a hash beside its slot, which its low bits decide; never 0.
#[inline]
fn tag(hash: u32) -> u8 {
    (hash >> 24) as u8 | 1
}

/// A fixed hash of a short byte string. It decides only where a value lies in the table, never a code, so results do
/// not depend on it. Multiplications stay within 64 bits, because wasm has no wider one.
#[inline]
fn hash(bytes: &[u8]) -> u32 {
    const K: [u64; 3] = [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 0xD6E8_FEB8_6659_FD93];
    let n = bytes.len();
    let mut state = n as u64;
    let (front, back) = if n > 16 {
        let mut other = K[0];
        let (pairs, _) = bytes.as_chunks::<16>();
        for pair in pairs {
            state = (state ^ word(pair, 0)).wrapping_mul(K[2]).rotate_left(29);
            other = (other ^ word(pair, 8)).wrapping_mul(K[1]).rotate_left(31);
        }
        (word(bytes, n - 16) ^ other, word(bytes, n - 8))
    } else if n >= 8 {
        (word(bytes, 0), word(bytes, n - 8))
    } else if n >= 4 {
        (half_word(bytes, 0), half_word(bytes, n - 4))
    } else if n > 0 {
        (u64::from(bytes[0]), u64::from(bytes[n / 2]) << 8 | u64::from(bytes[n - 1]))
    } else {
        (0, 0)
    };
    let mixed = (front ^ state).wrapping_mul(K[0]) ^ back.rotate_left(32).wrapping_mul(K[1]);
    ((mixed ^ mixed >> 32).wrapping_mul(K[2]) >> 32) as u32
}

/// Equality without a call for each, which in wasm goes byte by byte.
#[inline]
pub fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    let n = a.len();
    if n != b.len() {
        false
    } else if n > 16 {
        let (a_words, _) = a.as_chunks::<8>();
        let (b_words, _) = b.as_chunks::<8>();
        word(a, n - 8) == word(b, n - 8) && a_words.iter().zip(b_words).all(|(a, b)| word(a, 0) == word(b, 0))
    } else if n >= 8 {
        word(a, 0) == word(b, 0) && word(a, n - 8) == word(b, n - 8)
    } else if n >= 4 {
        half_word(a, 0) == half_word(b, 0) && half_word(a, n - 4) == half_word(b, n - 4)
    } else {
        n == 0 || a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]
    }
}

#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

#[inline]
fn half_word(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u64::from(u32::from_le_bytes(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_dense_and_in_order_of_first_appearance() {
        let mut dictionary = Dictionary::new();
        let codes: Vec<u32> = ["b", "a", "b", "", "ü", "a"].iter().map(|v| dictionary.intern(v)).collect();
        assert_eq!(codes, [0, 1, 0, 2, 3, 1]);
        assert_eq!(dictionary.iter().collect::<Vec<_>>(), ["b", "a", "", "ü"]);
        assert_eq!((dictionary.intern_bytes(b"a"), dictionary.intern_bytes(b"\xFF")), (Some(1), None));
        assert_eq!(dictionary.len(), 4);
        assert_eq!((dictionary.find("ü"), dictionary.find("c")), (Some(3), None));
    }

    #[test]
    fn values_that_differ_in_one_byte_are_told_apart() {
        for n in 0..40 {
            let mut dictionary = Dictionary::new();
            let value = "a".repeat(n);
            assert_eq!(dictionary.intern(&value), 0);
            for at in 0..n {
                let mut other = value.clone();
                other.replace_range(at..=at, "b");
                assert_eq!(dictionary.intern_bytes(other.as_bytes()), Some(at as u32 + 1));
            }
            assert_eq!(dictionary.find(&value), Some(0));
        }
    }

    #[test]
    fn many_values_survive_growth() {
        let mut dictionary = Dictionary::new();
        for i in 0..50_000 {
            assert_eq!(dictionary.intern(&format!("user-{i}")), i);
        }
        for i in (0..50_000).step_by(7) {
            assert_eq!(dictionary.find(&format!("user-{i}")), Some(i));
        }
        dictionary.shrink_to_fit();
        assert_eq!((dictionary.intern("user-49999"), dictionary.intern("new")), (49_999, 50_000));
    }

    #[test]
    fn a_group_that_is_looked_up_is_found_or_added() {
        let mut dictionary = Dictionary::new();
        let words: Vec<String> = (0..20_000).map(|i| "x".repeat(i % 40) + &(i % 9_000).to_string()).collect();
        let mut plain = Dictionary::new();
        for group in words.as_chunks::<4>().0 {
            let values = group.each_ref().map(|word| word.as_bytes());
            for (value, looked_up) in values.iter().zip(dictionary.look_up(&values)) {
                let confirmed = dictionary.confirm(value, looked_up);
                let code = confirmed.or_else(|| dictionary.intern_looked_up(value, looked_up));
                assert_eq!(code, plain.intern_bytes(value));
            }
        }
        assert_eq!(dictionary, plain);
    }
}
