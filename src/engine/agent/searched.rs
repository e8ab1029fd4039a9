//! A text to be searched for many marks, of which it has few.

/// A text, and which bytes of it stand beside each other: a mark that has other pairs of neighbours is not there, and is
/// not searched for.
pub(super) struct Searched<'a> {
    pub text: &'a str,
    /// By the low five bits of a byte, a bit for those of each byte that follows it somewhere. Both cases of a letter have the
    /// same.
    followers: [u32; 32],
}

impl<'a> Searched<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut followers = [0; 32];
        for pair in text.as_bytes().windows(2) {
            let [first, second] = low_bits(pair);
            followers[first] |= 1 << second;
        }
        Searched { text, followers }
    }

    /// The same, but no mark is ruled out.
    #[cfg(test)]
    pub fn plainly(text: &'a str) -> Self {
        Searched { text, followers: [u32::MAX; 32] }
    }

    pub fn contains(&self, mark: &str) -> bool {
        self.may_contain(mark) && self.text.contains(mark)
    }

    pub fn contains_ignoring_case(&self, mark: &str) -> bool {
        self.may_contain(mark) && contains_ignoring_case(self.text, mark)
    }

    /// Whether each pair of neighbours in a mark is one in the text, in either case; false only of marks that are not there.
    pub fn may_contain(&self, mark: &str) -> bool {
        mark.as_bytes().windows(2).all(|pair| {
            let [first, second] = low_bits(pair);
            self.followers[first] >> second & 1 == 1
        })
    }
}

fn low_bits(pair: &[u8]) -> [usize; 2] {
    [usize::from(pair[0] & 31), usize::from(pair[1] & 31)]
}

pub(super) fn contains_ignoring_case(text: &str, mark: &str) -> bool {
    text.as_bytes().windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark.as_bytes()))
}
