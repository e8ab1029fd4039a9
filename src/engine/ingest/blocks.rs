//! Where the bytes that matter are in 64 bytes of text, as one bit per byte.
//!
//! In wasm by 128-bit SIMD, which every browser in use has and the loader asks for; natively by the arithmetic of
//! eight bytes in a word, for SIMD there is `unsafe`. Both are exact and tested against the plain loop.

/// Bytes looked at together.
pub(super) const BLOCK: usize = 64;

/// One bit per byte of a block, lowest first: where it is what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    /// Delimiters.
    pub(super) delimiters: u64,
    /// LF and CR.
    pub(super) line_ends: u64,
    /// `"`.
    pub(super) quotes: u64,
}

/// The marks of a block.
#[cfg(target_arch = "wasm32")]
#[inline]
pub(super) fn marks(block: &[u8; BLOCK], delimiter: u8) -> Marks {
    use core::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2, v128_or};
    let (delimiter, quote) = (u8x16_splat(delimiter), u8x16_splat(b'"'));
    let (lf, cr) = (u8x16_splat(b'\n'), u8x16_splat(b'\r'));
    let mut marks = Marks { delimiters: 0, line_ends: 0, quotes: 0 };
    let (lanes, _) = block.as_chunks::<16>();
    for (lane, bytes) in lanes.iter().enumerate() {
        let (words, _) = bytes.as_chunks::<8>();
        let text = u64x2(u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1]));
        let shift = 16 * lane;
        marks.delimiters |= u64::from(u8x16_bitmask(u8x16_eq(text, delimiter))) << shift;
        marks.quotes |= u64::from(u8x16_bitmask(u8x16_eq(text, quote))) << shift;
        let line_end = v128_or(u8x16_eq(text, lf), u8x16_eq(text, cr));
        marks.line_ends |= u64::from(u8x16_bitmask(line_end)) << shift;
    }
    marks
}

/// The marks of a block.
#[cfg(not(target_arch = "wasm32"))]
#[inline]
pub(super) fn marks(block: &[u8; BLOCK], delimiter: u8) -> Marks {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    // The high bit of each byte of the result is set exactly where `word` has the byte.
    let equal = |word: u64, byte: u8| {
        let x = word ^ (ONES * u64::from(byte));
        !(((x & LOW) + LOW) | x | LOW)
    };
    // High bits to neighbouring bits: the product has byte i's bit at 56 + i.
    let gather = |high_bits: u64| (high_bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let mut marks = Marks { delimiters: 0, line_ends: 0, quotes: 0 };
    let (words, _) = block.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        marks.delimiters |= gather(equal(word, delimiter)) << (8 * i);
        marks.quotes |= gather(equal(word, b'"')) << (8 * i);
        marks.line_ends |= gather(equal(word, b'\n') | equal(word, b'\r')) << (8 * i);
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(block: &[u8; BLOCK], delimiter: u8) -> Marks {
        let bits = |is: &dyn Fn(u8) -> bool| (0..BLOCK).map(|i| u64::from(is(block[i])) << i).sum();
        Marks {
            delimiters: bits(&|byte| byte == delimiter),
            line_ends: bits(&|byte| byte == b'\n' || byte == b'\r'),
            quotes: bits(&|byte| byte == b'"'),
        }
    }

    proptest! {
        #[test]
        fn marks_are_those_of_the_plain_loop(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b",;\"\r\n\x00\x80\xA2"[..])], BLOCK),
            delimiter in prop::sample::select(&b",;\t|~\x01"[..]),
        ) {
            let block: [u8; BLOCK] = bytes.try_into().unwrap();
            prop_assert_eq!(marks(&block, delimiter), plain(&block, delimiter));
        }
    }

    #[test]
    fn every_byte_in_every_place() {
        for byte in 0..=255 {
            for place in 0..BLOCK {
                let mut block = [byte ^ 1; BLOCK];
                block[place] = byte;
                assert_eq!(marks(&block, b','), plain(&block, b','), "{byte} at {place}");
            }
        }
    }
}
