//! Seeded randomness whose every draw is fixed for ever.
//!
//! The generator is xoshiro256++ (Blackman and Vigna, 2019) through `rand_xoshiro`, whose stream is documented as
//! stable; the draws on top of it are our own, because `rand`'s distributions may change between versions.

use rand::Rng as _;
use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The largest seed that may be asked for: the largest that a JavaScript number holds exactly, 2^53 - 1.
pub const MAX_SEED: u64 = (1 << 53) - 1;

/// A hash with every bit of both words in every bit: SplitMix64's finaliser (Steele, Lea and Flood, 2014) over their
/// combination. For a given `state` no two values have the same hash.
#[inline]
pub fn mix(state: u64, value: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ value;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A hash of bytes under a seed, the same on every platform.
pub fn hash_bytes(seed: u64, bytes: &[u8]) -> u64 {
    let mut hash = mix(seed, bytes.len() as u64);
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = mix(hash, u64::from_le_bytes(word));
    }
    hash
}

/// A seeded generator. Equal seeds give equal draws on every platform and in every version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rng(Xoshiro256PlusPlus);

impl Rng {
    /// A generator from a seed (expanded by SplitMix64, as the authors of xoshiro advise).
    pub fn new(seed: u64) -> Self {
        Rng(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// An independent generator for unit `index` of work under `seed` (a tree, a block), so that results do not
    /// depend on which worker does which unit.
    pub fn for_unit(seed: u64, index: u64) -> Self {
        Rng::new(seed ^ index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `[0, 1)`, 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in `0..n`, without bias (Lemire 2019). `n` must not be 0.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "below(0) has no value to give");
        let mut product = u128::from(self.next_u64()) * u128::from(n);
        if (product as u64) < n {
            let threshold = n.wrapping_neg() % n;
            while (product as u64) < threshold {
                product = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        (product >> 64) as u64
    }

    /// Standard normal by the polar method.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * (-2.0 * super::math::ln(s) / s).sqrt();
            }
        }
    }

    /// Shuffles in place (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }

    /// `k` distinct indices of `0..n` in random order; all of them when `k >= n`.
    pub fn sample_indices(&mut self, n: usize, k: usize) -> Vec<usize> {
        let k = k.min(n);
        if k * 8 < n {
            // Sparse: draw and reject. Sorting is not needed, the order is the order of drawing.
            let mut seen = std::collections::HashSet::with_capacity(k);
            let mut drawn = Vec::with_capacity(k);
            while drawn.len() < k {
                let index = self.below(n as u64) as usize;
                if seen.insert(index) {
                    drawn.push(index);
                }
            }
            drawn
        } else {
            let mut all: Vec<usize> = (0..n).collect();
            for i in 0..k {
                let j = i + self.below((n - i) as u64) as usize;
                all.swap(i, j);
            }
            all.truncate(k);
            all
        }
    }
}
