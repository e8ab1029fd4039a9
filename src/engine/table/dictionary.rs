//! Interned strings: each distinct value once, as a dense code in order of first appearance.

/// Distinct strings, codes `0..len` in order of first appearance.
///
/// One buffer holds all values end to end, and an open-addressing table of codes finds them: no allocation per
/// value, no pointer per value.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    text: String,
    /// End of value `i` in `text`; its start is the end of `i - 1`.
    ends: Vec<usize>,
    /// Hash and code + 1 of each slot; a code of 0 is free. Length a power of two. The hash is kept so that growing
    /// need not read the values again.
    slots: Vec<(u32, u32)>,
}

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
        self.ends.len()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
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

    /// The code of a value, if it is there.
    pub fn find(&self, value: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
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
    #[inline]
    pub fn intern_bytes(&mut self, value: &[u8]) -> Option<u32> {
        self.reserve_slot();
        let hash = hash(value);
        match self.probe(value, hash) {
            Ok(code) => Some(code),
            Err(slot) => Some(self.insert(std::str::from_utf8(value).ok()?, hash, slot)),
        }
    }

    /// Whether [`Dictionary::get`] of the code gives this value.
    #[inline]
    pub fn is(&self, code: u32, value: &[u8]) -> bool {
        is_same(self.get_bytes(code), value)
    }

    /// Brings what looking these values up will need into the cache. A large dictionary costs three waits for memory
    /// per value, one after the other; asked for a group at once, the waits of the group overlap. It changes nothing
    /// but the time, and does nothing for a small dictionary.
    #[inline]
    pub fn warm<const N: usize>(&self, values: [&[u8]; N]) {
        const SLOTS_IN_CACHE: usize = 1 << 12;
        if self.slots.len() <= SLOTS_IN_CACHE {
            return;
        }
        let mask = self.slots.len() - 1;
        let slots = values.map(|value| {
            let hash = hash(value);
            let (h, code) = self.slots[hash as usize & mask];
            if h == hash { code.saturating_sub(1) } else { 0 }
        });
        let starts = slots.map(|code| self.span(code).start);
        std::hint::black_box(
            starts.iter().fold(0, |all, &start| all ^ self.text.as_bytes().get(start).unwrap_or(&0)),
        );
    }

    /// All values in code order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|code| self.get(code))
    }

    /// Bytes held.
    pub fn heap_bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<usize>() + self.slots.capacity() * 8
    }

    /// Gives back memory that was reserved for more values.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    #[inline]
    fn span(&self, code: u32) -> std::ops::Range<usize> {
        let code = code as usize;
        let start = if code == 0 { 0 } else { self.ends[code - 1] };
        start..self.ends[code]
    }

    /// The code of `value`, or the free slot where it belongs.
    #[inline]
    fn probe(&self, value: &[u8], hash: u32) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            match self.slots[slot] {
                (_, 0) => return Err(slot),
                (h, code) if h == hash && is_same(self.get_bytes(code - 1), value) => return Ok(code - 1),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn insert(&mut self, value: &str, hash: u32, slot: usize) -> u32 {
        let code = u32::try_from(self.len()).expect("fewer than 2^32 distinct values");
        self.text.push_str(value);
        self.ends.push(self.text.len());
        self.slots[slot] = (hash, code.checked_add(1).expect("fewer than 2^32 - 1 distinct values"));
        code
    }

    #[inline]
    fn reserve_slot(&mut self) {
        if self.len() * 2 >= self.slots.len() {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        let capacity = (self.slots.len() * 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![(0, 0); capacity]);
        for (hash, code) in old.into_iter().filter(|(_, code)| *code != 0) {
            let mut slot = hash as usize & (capacity - 1);
            while self.slots[slot].1 != 0 {
                slot = (slot + 1) & (capacity - 1);
            }
            self.slots[slot] = (hash, code);
        }
    }
}

/// A fixed hash of a short byte string. It decides only where a value lies in the table, never a code, so results do
/// not depend on it. Multiplications stay within 64 bits, because wasm has no wider one.
#[inline]
fn hash(bytes: &[u8]) -> u32 {
    const K: [u64; 3] = [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 0xD6E8_FEB8_6659_FD93];
    let n = bytes.len();
    let mut state = n as u64;
    let (front, back) = if n >= 8 {
        for chunk in bytes[8..].chunks_exact(8) {
            state = (state ^ word(chunk, 0)).wrapping_mul(K[2]).rotate_left(29);
        }
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

/// Equality without a call for the short strings that values are.
#[inline]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    let n = a.len();
    if n != b.len() {
        false
    } else if n > 16 {
        a == b
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
    }
}
