//! Codes of a column's rows, in as few bytes as the largest of them needs.
//!
//! Most categories have few values, so that their codes fit into a byte or two: a quarter of the memory, and as much
//! more of a column in the cache where features read it in the order of entities, all over the table.

use std::collections::TryReserveError;

/// A code per row. Grows wider when a code comes that does not fit.
#[derive(Debug, Clone)]
pub enum Codes {
    /// Below 2^8.
    Narrow(Vec<u8>),
    /// Below 2^16.
    Medium(Vec<u16>),
    /// All.
    Wide(Vec<u32>),
}

impl Codes {
    /// Code 0 for so many rows.
    pub fn zeros(n_rows: usize) -> Self {
        Codes::Narrow(vec![0; n_rows])
    }

    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Codes::Narrow(codes) => codes.len(),
            Codes::Medium(codes) => codes.len(),
            Codes::Wide(codes) => codes.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The code of a row.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline]
    pub fn get(&self, row: usize) -> u32 {
        match self {
            Codes::Narrow(codes) => codes[row].into(),
            Codes::Medium(codes) => codes[row].into(),
            Codes::Wide(codes) => codes[row],
        }
    }

    /// All codes in order of rows.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Adds a row.
    #[inline]
    pub fn push(&mut self, code: u32) {
        self.extend_from_slice(&[code]);
    }

    /// Adds rows.
    #[inline]
    pub fn extend_from_slice(&mut self, more: &[u32]) {
        self.widen_for(more.iter().fold(0, |all, code| all | code));
        match self {
            Codes::Narrow(codes) => codes.extend(more.iter().map(|&code| code as u8)),
            Codes::Medium(codes) => codes.extend(more.iter().map(|&code| code as u16)),
            Codes::Wide(codes) => codes.extend_from_slice(more),
        }
    }

    /// Adds so many rows of code 0.
    pub fn extend_zeros(&mut self, n_rows: usize) {
        let n_all = self.len() + n_rows;
        match self {
            Codes::Narrow(codes) => codes.resize(n_all, 0),
            Codes::Medium(codes) => codes.resize(n_all, 0),
            Codes::Wide(codes) => codes.resize(n_all, 0),
        }
    }

    /// Gives a row another code.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn set(&mut self, row: usize, code: u32) {
        self.widen_for(code);
        match self {
            Codes::Narrow(codes) => codes[row] = code as u8,
            Codes::Medium(codes) => codes[row] = code as u16,
            Codes::Wide(codes) => codes[row] = code,
        }
    }

    /// Makes room for so many more rows, of codes as wide as those so far.
    ///
    /// # Errors
    /// Where there is no memory for it.
    pub fn try_reserve_exact(&mut self, n_rows: usize) -> Result<(), TryReserveError> {
        match self {
            Codes::Narrow(codes) => codes.try_reserve_exact(n_rows),
            Codes::Medium(codes) => codes.try_reserve_exact(n_rows),
            Codes::Wide(codes) => codes.try_reserve_exact(n_rows),
        }
    }

    /// Gives back memory that was reserved for more rows.
    pub fn shrink_to_fit(&mut self) {
        match self {
            Codes::Narrow(codes) => codes.shrink_to_fit(),
            Codes::Medium(codes) => codes.shrink_to_fit(),
            Codes::Wide(codes) => codes.shrink_to_fit(),
        }
    }

    /// Bytes held.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Codes::Narrow(codes) => codes.capacity(),
            Codes::Medium(codes) => codes.capacity() * 2,
            Codes::Wide(codes) => codes.capacity() * 4,
        }
    }

    /// Bytes of a code where there are so many values.
    pub fn bytes_for(n_values: f64) -> f64 {
        match n_values {
            n if n <= 256.0 => 1.0,
            n if n <= 65_536.0 => 2.0,
            _ => 4.0,
        }
    }

    /// Makes codes as wide as one needs that has the bits of `code`. Room for further rows stays.
    #[inline]
    fn widen_for(&mut self, code: u32) {
        let fits = match self {
            Codes::Narrow(_) => code <= u8::MAX.into(),
            Codes::Medium(_) => code <= u16::MAX.into(),
            Codes::Wide(_) => true,
        };
        if !fits {
            self.widen(code);
        }
    }

    #[cold]
    fn widen(&mut self, code: u32) {
        let capacity = match self {
            Codes::Narrow(codes) => codes.capacity(),
            Codes::Medium(codes) => codes.capacity(),
            Codes::Wide(codes) => codes.capacity(),
        };
        *self = if code <= u16::MAX.into() {
            let mut wider = Vec::with_capacity(capacity);
            wider.extend(self.iter().map(|code| code as u16));
            Codes::Medium(wider)
        } else {
            let mut wider = Vec::with_capacity(capacity);
            wider.extend(self.iter());
            Codes::Wide(wider)
        };
    }
}

impl Default for Codes {
    fn default() -> Self {
        Codes::zeros(0)
    }
}

/// Equal where the codes are, however wide.
impl PartialEq for Codes {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Extend<u32> for Codes {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, codes: I) {
        let mut codes = codes.into_iter();
        // Some at a time, so that how wide they are is not asked of each.
        let mut group = [0; 64];
        loop {
            let mut n = 0;
            for (place, code) in group.iter_mut().zip(&mut codes) {
                *place = code;
                n += 1;
            }
            self.extend_from_slice(&group[..n]);
            if n < group.len() {
                return;
            }
        }
    }
}

impl FromIterator<u32> for Codes {
    fn from_iter<I: IntoIterator<Item = u32>>(codes: I) -> Self {
        let codes = codes.into_iter();
        let mut collected = Codes::default();
        // Room that is missing comes as it is needed.
        collected.try_reserve_exact(codes.size_hint().0).ok();
        collected.extend(codes);
        collected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_they_were_however_wide_they_become() {
        let all: Vec<u32> = vec![0, 3, 255, 256, 7, 65_535, 65_536, 1, u32::MAX];
        let mut pushed = Codes::default();
        for (row, &code) in all.iter().enumerate() {
            pushed.push(code);
            assert_eq!(pushed.iter().collect::<Vec<_>>(), all[..=row]);
        }
        assert_eq!(pushed, all.iter().copied().collect());
        let many: Vec<u32> = (0..1_000).map(|code| code * 70).collect();
        let collected: Codes = many.iter().copied().collect();
        assert_eq!(collected.iter().collect::<Vec<_>>(), many);
        let mut slices = Codes::zeros(2);
        slices.extend_from_slice(&all[..3]);
        slices.extend_zeros(1);
        slices.set(0, 70_000);
        assert_eq!(slices.iter().collect::<Vec<_>>(), [70_000, 0, 0, 3, 255, 0]);
    }

    #[test]
    fn codes_take_as_many_bytes_as_they_need_and_keep_their_room() {
        let mut codes = Codes::default();
        codes.try_reserve_exact(1000).expect("a thousand bytes");
        for (code, n_bytes) in [(255, 1), (256, 2), (65_535, 2), (65_536, 4)] {
            codes.push(code);
            assert_eq!(codes.heap_bytes(), 1000 * n_bytes);
            assert_eq!(Codes::bytes_for(f64::from(code) + 1.0), n_bytes as f64);
        }
        assert!(matches!([1, 65_535].into_iter().collect(), Codes::Medium(_)));
        codes.shrink_to_fit();
        assert_eq!((codes.len(), codes.is_empty(), codes.heap_bytes()), (4, false, 16));
    }
}
