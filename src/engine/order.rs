//! Sorting, in few shapes.
//!
//! Every closure given to the standard library's sort makes another copy of it, six to twelve kilobytes of wasm each;
//! thirty of them were a fifth of the engine. What the engine sorts has numbers for keys, so one copy
//! for each kind of number serves nearly all.

/// Sorts ascending in IEEE total order.
#[inline(never)]
pub fn sort(values: &mut [f64]) {
    values.sort_unstable_by(f64::total_cmp);
}

/// Puts at each of some places the value that sorting would put there, and nothing greater before it: for a few places the
/// work of reading all values some times. Places behind the last are left out.
#[inline(never)]
pub fn place(values: &mut [f64], places: &[usize]) {
    let mut places: Vec<u64> = places.iter().map(|&place| place as u64).collect();
    sort_numbers(&mut places);
    let mut end = values.len();
    for place in places.into_iter().rev().map(|place| place as usize) {
        if place < end {
            values[..end].select_nth_unstable_by(place, f64::total_cmp);
            end = place;
        }
    }
}

/// Places of the `k` highest values, highest first; equal ones in order of place.
pub fn highest(values: &[f64], k: usize) -> Vec<usize> {
    if k == 0 {
        return Vec::new();
    }
    let Some(first) = values.len().checked_sub(k) else { return descending(values) };
    let mut placed = values.to_vec();
    place(&mut placed, &[first]);
    let least = total_key(placed[first]);
    let among: Vec<usize> = (0..values.len()).filter(|&place| total_key(values[place]) >= least).collect();
    let mut highest = sorted_by_key(among, |&place| !total_key(values[place]));
    highest.truncate(k);
    highest
}

/// Places of the values in ascending order; equal ones in order of place.
pub fn ascending(values: &[f64]) -> Vec<usize> {
    by_key(values.len(), |place| total_key(values[place]))
}

/// Places of the values in descending order; equal ones in order of place.
pub fn descending(values: &[f64]) -> Vec<usize> {
    by_key(values.len(), |place| !total_key(values[place]))
}

/// Places `0..n` in ascending order of a key; equal ones in order of place.
///
/// # Panics
/// Past 2^32 places.
pub fn by_key(n: usize, key: impl Fn(usize) -> i64) -> Vec<usize> {
    let n = u32::try_from(n).expect("fewer than 2^32 places");
    let mut keyed: Vec<(i64, u32)> = (0..n).map(|place| (key(place as usize), place)).collect();
    sort_keyed(&mut keyed);
    keyed.into_iter().map(|(_, place)| place as usize).collect()
}

/// Sorts by key, then by place.
#[inline(never)]
pub fn sort_keyed(keyed: &mut [(i64, u32)]) {
    keyed.sort_unstable();
}

/// Ranks of values about their middle: the place of each in ascending order, equal ones at the mean of theirs, less the mean
/// of all. A missing value, `NaN`, is in the middle: 0.
pub fn centred_ranks(values: &[f64]) -> Vec<f64> {
    let mut places = ascending(values);
    places.retain(|&place| !values[place].is_nan());
    let middle = (places.len() as f64 - 1.0) / 2.0;
    let mut ranks = vec![0.0; values.len()];
    let mut n_before = 0;
    for tied in places.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = n_before as f64 + (tied.len() as f64 - 1.0) / 2.0 - middle;
        tied.iter().for_each(|&place| ranks[place] = rank);
        n_before += tied.len();
    }
    ranks
}

/// The items in ascending order of a key; equal ones in the order they had.
pub fn sorted_by_key<T>(items: Vec<T>, key: impl Fn(&T) -> i64) -> Vec<T> {
    let places = by_key(items.len(), |place| key(&items[place]));
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    places.into_iter().filter_map(|place| items[place].take()).collect()
}

/// An integer that orders as [`f64::total_cmp`] does.
pub fn total_key(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// The float of a [`total_key`].
pub fn from_total_key(key: i64) -> f64 {
    f64::from_bits((key ^ (((key >> 63) as u64) >> 1) as i64) as u64)
}

/// Numbers to be sorted in parts, so that no call takes long. Those with the same hash come to the same part, and parts
/// come in ascending order of their hashes: with the number as its own hash, all are in order.
#[derive(Debug, Default)]
pub struct Parts {
    /// Those not yet sorted, the last to come first.
    parts: Vec<Vec<u64>>,
    /// High bits of a hash that tell the part.
    n_bits: u32,
}

impl Parts {
    /// Numbers of a part, about.
    const LEN: usize = 1 << 16;

    /// For about so many numbers.
    pub fn new(n: usize) -> Self {
        let n_parts = n.div_ceil(Self::LEN).next_power_of_two();
        // Some more than the mean, which few parts exceed.
        let capacity = n / n_parts + n / n_parts / 32 + 1;
        let parts = (0..n_parts).map(|_| Vec::with_capacity(capacity)).collect();
        Parts { parts, n_bits: n_parts.trailing_zeros() }
    }

    /// Adds a number. Before the first part is taken.
    #[inline]
    pub fn push(&mut self, hash: u64, number: u64) {
        let part = hash.checked_shr(64 - self.n_bits).unwrap_or(0);
        let last = self.parts.len() - 1;
        self.parts[last - part as usize].push(number);
    }

    /// The numbers of the next part, ascending.
    pub fn next_sorted(&mut self) -> Option<Vec<u64>> {
        let mut part = self.parts.pop()?;
        sort_numbers(&mut part);
        Some(part)
    }
}

/// Sorts ascending.
#[inline(never)]
pub fn sort_numbers(numbers: &mut [u64]) {
    numbers.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_those_of_a_stable_sort(values in prop::collection::vec(prop_oneof![-3..3i32, any::<i32>()], 0..60)) {
            let values: Vec<f64> = values.into_iter().map(|v| f64::from(v) / 4.0).collect();
            let mut up: Vec<usize> = (0..values.len()).collect();
            up.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
            prop_assert_eq!(ascending(&values), up);
            let mut down: Vec<usize> = (0..values.len()).collect();
            down.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
            prop_assert_eq!(descending(&values), down);
        }

        #[test]
        fn items_are_sorted_stably(items in prop::collection::vec((0..5u8, any::<u8>()), 0..20)) {
            let ours = sorted_by_key(items.clone(), |item| i64::from(item.0));
            let mut theirs = items;
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(ours, theirs);
        }
    }

    proptest! {
        #[test]
        fn placed_values_are_those_of_a_sort(
            values in prop::collection::vec(-9..9i32, 0..60),
            places in prop::collection::vec(0..70usize, 0..6),
        ) {
            let mut values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let mut sorted = values.clone();
            sort(&mut sorted);
            prop_assert_eq!(highest(&values, places.len()), &descending(&values)[..places.len().min(values.len())]);
            place(&mut values, &places);
            for at in places.into_iter().filter(|&at| at < sorted.len()) {
                prop_assert_eq!(values[at], sorted[at]);
                prop_assert!(values[..at].iter().all(|value| *value <= values[at]));
            }
        }
    }

    #[test]
    fn parts_together_are_all_in_order() {
        let mut rng = crate::engine::rng::Rng::new(1);
        for n in [0, 1, 1_000, 200_000] {
            let mut numbers: Vec<u64> = (0..n).map(|_| rng.next_u64()).collect();
            let mut parts = Parts::new(n);
            numbers.iter().for_each(|&number| parts.push(number, number));
            let sorted: Vec<u64> = std::iter::from_fn(|| parts.next_sorted()).flatten().collect();
            numbers.sort_unstable();
            assert!(sorted == numbers, "{n}");
        }
    }

    #[test]
    fn the_extremes_have_their_places() {
        let values = [f64::INFINITY, -0.0, 0.0, f64::NAN, f64::NEG_INFINITY, -1.0];
        assert_eq!(ascending(&values), [4, 5, 1, 2, 0, 3]);
        let mut sorted = values;
        sort(&mut sorted);
        assert!(sorted[5].is_nan() && sorted[4] == f64::INFINITY);
    }
}
