//! One bit per row: whether there is a value.

/// Validity bits. All-valid columns hold no words at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validity {
    /// Bit `i % 64` of word `i / 64` is 1 where row `i` is **missing**; empty while nothing is.
    missing: Vec<u64>,
    len: usize,
    n_missing: usize,
}

impl Validity {
    /// No rows yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one row.
    pub fn push(&mut self, valid: bool) {
        let row = self.len;
        self.len += 1;
        if !valid {
            if row / 64 >= self.missing.len() {
                self.missing.resize(row / 64 + 1, 0);
            }
            self.missing[row / 64] |= 1 << (row % 64);
            self.n_missing += 1;
        }
    }

    /// Appends rows that have a value.
    pub fn push_valid(&mut self, n_rows: usize) {
        self.len += n_rows;
    }

    /// Appends up to 64 rows: bit `i` of `missing` is 1 where row `i` of them has no value.
    pub fn push_group(&mut self, n_rows: usize, missing: u64) {
        debug_assert!(n_rows <= 64 && (n_rows == 64 || missing >> n_rows == 0), "{n_rows} rows: {missing:b}");
        let (word, shift) = (self.len / 64, self.len % 64);
        self.len += n_rows;
        if missing == 0 {
            return;
        }
        self.n_missing += missing.count_ones() as usize;
        let spread = [missing << shift, (missing >> (63 - shift)) >> 1];
        for (place, bits) in spread.into_iter().enumerate().filter(|(_, bits)| *bits != 0) {
            if word + place >= self.missing.len() {
                self.missing.resize(word + place + 1, 0);
            }
            self.missing[word + place] |= bits;
        }
    }

    /// Marks an existing row as missing.
    ///
    /// # Panics
    /// If the row is past the end.
    pub fn set_missing(&mut self, row: usize) {
        assert!(row < self.len, "row {row} of {}", self.len);
        if self.is_valid(row) {
            self.missing.resize((row / 64 + 1).max(self.missing.len()), 0);
            self.missing[row / 64] |= 1 << (row % 64);
            self.n_missing += 1;
        }
    }

    /// Whether row `row` has a value.
    pub fn is_valid(&self, row: usize) -> bool {
        self.missing.get(row / 64).is_none_or(|word| word >> (row % 64) & 1 == 0)
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Rows without a value.
    pub fn n_missing(&self) -> usize {
        self.n_missing
    }

    /// Bit `i % 64` of word `i / 64` is 1 where row `i` is missing; words past the last missing row may not be there.
    pub fn missing_words(&self) -> &[u64] {
        &self.missing
    }

    /// The rows whose bits are set in words such as [`Validity::missing_words`].
    pub fn rows_of_words(words: impl Iterator<Item = u64>) -> impl Iterator<Item = usize> {
        words.enumerate().flat_map(|(word, bits)| {
            let next = |bits: &u64| Some(bits & (bits - 1)).filter(|&bits| bits != 0);
            std::iter::successors(Some(bits).filter(|&bits| bits != 0), next)
                .map(move |bits| word * 64 + bits.trailing_zeros() as usize)
        })
    }

    /// Appends `n` rows, missing as `words` say; see [`Validity::missing_words`].
    pub fn extend_missing(&mut self, n: usize, words: impl Iterator<Item = u64>) {
        let first = self.len;
        self.len += n;
        for row in Validity::rows_of_words(words) {
            self.set_missing(first + row);
        }
    }

    /// Bytes held.
    pub fn heap_bytes(&self) -> usize {
        self.missing.capacity() * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_rows_one_by_one() {
        let mut rng = crate::engine::rng::Rng::new(3);
        for _ in 0..500 {
            let (mut by_group, mut by_row) = (Validity::new(), Validity::new());
            for _ in 0..rng.below(8) {
                let n_rows = rng.below(65) as usize;
                let all = if n_rows == 64 { u64::MAX } else { (1 << n_rows) - 1 };
                let missing =
                    if rng.below(2) == 0 { 0 } else { (rng.below(1 << 32) * rng.below(1 << 32)) & all };
                by_group.push_group(n_rows, missing);
                (0..n_rows).for_each(|i| by_row.push(missing >> i & 1 == 0));
            }
            assert_eq!(by_group, by_row);
        }
    }
}
