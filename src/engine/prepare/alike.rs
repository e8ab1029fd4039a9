//! Columns with the same values in every row: a model that saw both would count one thing twice.

use std::collections::BTreeMap;

/// Columns met so far, by a hash of their values.
#[derive(Debug, Default)]
pub(super) struct Alike {
    by_hash: BTreeMap<u64, Vec<usize>>,
}

impl Alike {
    /// The first column met before that has the same values, as `is_equal` says of those that could; `None`, and column
    /// `index` is met, where there is none. `kind` keeps columns apart that mean different things by the same values.
    pub fn meet(
        &mut self,
        index: usize,
        kind: u64,
        values: &[f64],
        is_equal: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let hash = values.iter().fold(kind, |hash, &value| {
            (hash ^ bits(value)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        });
        let met = self.by_hash.entry(hash).or_default();
        let equal = met.iter().copied().find(|&other| is_equal(other));
        if equal.is_none() {
            met.push(index);
        }
        equal
    }
}

/// Equal for equal values: zeros have one sign, missing values one form.
pub(super) fn bits(value: f64) -> u64 {
    if value.is_nan() { u64::MAX } else { (value + 0.0).to_bits() }
}
