//! Cut points of features, and the bin of a value between them.
//!
//! A feature with no more different values than bins has one bin for each, with the cut midway to the next, as in
//! scikit-learn's and LightGBM's histogram trees (xgboost puts it at the next value; the rows on both sides are the
//! same). Otherwise bins have about the same number of rows; a value with more than a bin's share is a bin of its own
//! and the others share the rest, as in LightGBM, so that a column of mostly zeros does not spend its bins on zero.
//!
//! Of the numbers between two values the cut is one that 32 bits can hold, wherever one is: a model handed on to a
//! runtime of 32-bit floats then decides as here.

use crate::engine::order;

/// Cut points of one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Cuts {
    /// Ascending. A value is in bin `b` when it is above cut `b - 1` and not above cut `b`.
    cuts: Vec<f64>,
    /// By bin, the smallest and the largest value that cuts were made of.
    ranges: Vec<(f64, f64)>,
}

impl Cuts {
    /// Of the values of a feature, for at most `max_bins` bins, at least 2. Missing values (`NaN`) have no part in it.
    pub fn new(values: impl Iterator<Item = f64>, max_bins: usize) -> Self {
        // Adding 0 makes one zero of the two.
        let mut sorted: Vec<f64> = values.filter(|value| !value.is_nan()).map(|value| value + 0.0).collect();
        order::sort(&mut sorted);
        let runs = Runs { sorted: &sorted };
        let n_distinct = runs.take(max_bins + 1).count();
        let (mut cuts, mut ranges) = (Vec::new(), Vec::<(f64, f64)>::new());
        let mut rest = Rest { n_rows: sorted.len(), n_bins: max_bins };
        let (mut in_bin, mut last) = (0, f64::NAN);
        for (value, n) in (Runs { sorted: &sorted }) {
            // A bin is full, or a value of a bin of its own begins.
            let ends = n_distinct <= max_bins || in_bin >= rest.share() || n >= rest.share();
            if in_bin > 0 && ends && rest.n_bins > 1 {
                cuts.push(cut_between(last, value));
                rest = Rest { n_rows: rest.n_rows - in_bin, n_bins: rest.n_bins - 1 };
                in_bin = 0;
            }
            match ranges.last_mut() {
                Some(range) if in_bin > 0 => range.1 = value,
                _ => ranges.push((value, value)),
            }
            in_bin += n;
            last = value;
        }
        Cuts { cuts, ranges }
    }

    /// Bins of values; missing ones come after.
    pub fn n_bins(&self) -> usize {
        self.cuts.len() + 1
    }

    /// The cut above a bin: rows of this bin and those before are at or below it. Above the last bin the largest number,
    /// which cuts off missing values alone.
    pub fn above(&self, bin: usize) -> f64 {
        self.cuts.get(bin).copied().unwrap_or(f64::MAX)
    }

    /// A cut between two bins where bins between have no rows, midway from the largest value of the one to the smallest
    /// of the other, which may be that of missing values.
    pub fn between(&self, bin: usize, next: usize) -> f64 {
        match self.ranges.get(next) {
            Some(range) => cut_between(self.ranges[bin].1, range.0),
            None => f64::MAX,
        }
    }

    /// The bin of a value; [`Cuts::n_bins`] of a missing one.
    pub fn bin(&self, value: f64) -> usize {
        if value.is_nan() { self.n_bins() } else { self.cuts.partition_point(|&cut| cut < value) }
    }
}

/// What is not yet in a bin.
#[derive(Clone, Copy)]
struct Rest {
    n_rows: usize,
    n_bins: usize,
}

impl Rest {
    fn share(self) -> usize {
        self.n_rows.div_ceil(self.n_bins)
    }
}

/// Different values of sorted ones, each with how often it is there.
struct Runs<'a> {
    sorted: &'a [f64],
}

impl Iterator for Runs<'_> {
    type Item = (f64, usize);

    fn next(&mut self) -> Option<(f64, usize)> {
        let first = *self.sorted.first()?;
        let n = self.sorted.iter().take_while(|value| **value == first).count();
        self.sorted = &self.sorted[n..];
        Some((first, n))
    }
}

/// A number in `[low, high)`, near the middle.
fn cut_between(low: f64, high: f64) -> f64 {
    let middle = low / 2.0 + high / 2.0;
    let short = middle as f32;
    if (low as f32) <= short && short < (high as f32) && low <= f64::from(short) && f64::from(short) < high {
        f64::from(short)
    } else if low <= middle && middle < high {
        middle
    } else {
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::Rng;

    #[test]
    fn few_values_have_a_bin_each() {
        let cuts = Cuts::new([3.0, 1.0, f64::NAN, 1.0, 2.0, -0.0, 0.0].into_iter(), 255);
        assert_eq!(cuts.cuts, [0.5, 1.5, 2.5]);
        assert_eq!([-1.0, 0.0, 0.5, 0.6, 9.0, f64::NAN].map(|x| cuts.bin(x)), [0, 0, 0, 1, 3, 4]);
        assert_eq!(Cuts::new([f64::NAN].into_iter(), 255).n_bins(), 1);
        assert_eq!(Cuts::new([7.0; 9].into_iter(), 2).n_bins(), 1);
    }

    #[test]
    fn many_values_are_shared_out_evenly() {
        let mut rng = Rng::new(1);
        let values: Vec<f64> = (0..10_000).map(|_| rng.normal()).collect();
        let cuts = Cuts::new(values.iter().copied(), 100);
        assert_eq!(cuts.n_bins(), 100);
        let mut sizes = [0; 100];
        values.iter().for_each(|&value| sizes[cuts.bin(value)] += 1);
        assert_eq!(sizes, [100; 100]);
    }

    #[test]
    fn a_common_value_leaves_the_bins_to_the_others() {
        let mut rng = Rng::new(2);
        let values: Vec<f64> = (0..10_000).map(|row| if row % 10 > 0 { 0.0 } else { rng.normal() }).collect();
        let cuts = Cuts::new(values.iter().copied(), 100);
        assert_eq!(cuts.n_bins(), 100);
        let zero = cuts.bin(0.0);
        assert!(values.iter().all(|&value| (cuts.bin(value) == zero) == (value == 0.0)));
    }

    #[test]
    fn cuts_lie_between_their_values_and_are_short_where_they_can_be() {
        let next = 1.0 + f64::EPSILON;
        for (low, high) in [(1.0, next), (-1e308, 1.7e308), (0.0, 5e-324), (0.1, 0.3), (1.7e12, 1.7e12 + 1.0)]
        {
            let cut = cut_between(low, high);
            assert!(low <= cut && cut < high, "{cut} in [{low}, {high})");
        }
        let cut = cut_between(0.1, 0.3);
        assert_eq!(cut, f64::from(cut as f32));
    }
}
