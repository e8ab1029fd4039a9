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

    #[test]
    fn the_extremes_have_their_places() {
        let values = [f64::INFINITY, -0.0, 0.0, f64::NAN, f64::NEG_INFINITY, -1.0];
        assert_eq!(ascending(&values), [4, 5, 1, 2, 0, 3]);
        let mut sorted = values;
        sort(&mut sorted);
        assert!(sorted[5].is_nan() && sorted[4] == f64::INFINITY);
    }
}
