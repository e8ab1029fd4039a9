//! Each session against the same user's own: how far a number is from what was usual.
//!
//! Of the sessions that were over before this one began, at least [`MIN_EARLIER`], the mean and the standard deviation
//! (divisor `n - 1`) are kept as they come (Welford 1962). The deviation is
//!
//! `(value - mean) / max(std, |mean| / 10)`, at most 10 either way,
//!
//! so that one who clicked three times, always, and now clicks four times is not infinitely far from usual; it is missing
//! where there are fewer sessions. Sessions of one moment do not count as earlier than each other, so it does not matter in
//! which order a file names them, and no later session changes an earlier one's deviation.
//!
//! Where a table has no times, no session is earlier: each is compared with all others of its user.

use super::start::span;
use crate::engine::features::Feature;
use crate::engine::features::measure::Events;
use crate::engine::order;
use std::collections::BTreeMap;

/// Sessions that say what is usual, at least.
const MIN_EARLIER: u64 = 3;
/// The spread is at least this part of the mean.
const LEAST_SPREAD: f64 = 0.1;
/// The largest deviation.
const MAX_DEVIATION: f64 = 10.0;

/// Deviations of some features from the user's own usual.
#[derive(Debug)]
pub(super) struct OwnUsual {
    /// Places of the features among those before, and what they are.
    compared: Vec<(usize, Feature)>,
    /// Whether sessions have times.
    has_times: bool,
    subject: Option<u32>,
    usual: Vec<Moments>,
    /// Sessions that were not over when the last one began: their values, side by side, by their end.
    pending: BTreeMap<i64, Vec<f64>>,
}

/// Running mean and sum of squared deviations.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        self.n += 1;
        let delta = value - self.mean;
        self.mean += delta / self.n as f64;
        self.squares += delta * (value - self.mean);
    }

    /// Those without one of the values that were added.
    fn without(self, value: f64) -> Self {
        if self.n < 2 || value.is_nan() {
            return Moments { n: self.n.saturating_sub(u64::from(!value.is_nan())), ..Moments::default() };
        }
        let n = self.n - 1;
        let mean = self.mean - (value - self.mean) / n as f64;
        Moments { n, mean, squares: (self.squares - (value - self.mean) * (value - mean)).max(0.0) }
    }

    fn deviation(&self, value: f64) -> f64 {
        if self.n < MIN_EARLIER || value.is_nan() {
            return f64::NAN;
        }
        let distance = value - self.mean;
        if distance == 0.0 {
            return 0.0;
        }
        let spread = (self.squares / (self.n - 1) as f64).sqrt().max(LEAST_SPREAD * self.mean.abs());
        (distance / spread).clamp(-MAX_DEVIATION, MAX_DEVIATION)
    }
}

impl OwnUsual {
    /// For the features at some places.
    pub fn new(compared: Vec<(usize, Feature)>, has_times: bool) -> Self {
        let usual = vec![Moments::default(); compared.len()];
        OwnUsual { compared, has_times, subject: None, usual, pending: BTreeMap::new() }
    }

    pub fn features(&self) -> Vec<Feature> {
        let whose = if self.has_times { "earlier" } else { "other" };
        let deviation = |feature: &Feature| {
            Feature::new(
                format!("{}_vs_own", feature.name),
                format!("{} against the user's {whose} sessions", feature.meaning),
                "",
            )
            .with_formula(format!(
                "({0} - mean) ÷ max(std, |mean| ÷ 10) over the user's {whose} sessions",
                feature.name
            ))
        };
        self.compared.iter().map(|(_, feature)| deviation(feature)).collect()
    }

    /// Appends the deviations of a session's values, those of `values` from `start` on.
    pub fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>, start: usize) {
        let of = |values: &[f64], place: usize| values[start + place];
        if !self.has_times {
            // Filled in by `settle`, when all sessions are known.
            values.extend(self.compared.iter().map(|_| f64::NAN));
            return;
        }
        if self.subject != Some(events.subject) {
            self.subject = Some(events.subject);
            self.usual.fill(Moments::default());
            self.pending.clear();
        }
        let Some((begin, end)) = span(events) else {
            values.extend(self.compared.iter().map(|_| f64::NAN));
            return;
        };
        self.take_in(begin);
        for (usual, (place, _)) in self.usual.iter().zip(&self.compared) {
            values.push(usual.deviation(of(values, *place)));
        }
        let own = self.compared.iter().map(|(place, _)| of(values, *place));
        self.pending.entry(end).or_default().extend(own);
    }

    /// Counts the sessions that were over before a moment.
    fn take_in(&mut self, begin: i64) {
        let width = self.compared.len();
        let mut column = Vec::new();
        while let Some(first) = self.pending.first_entry().filter(|first| *first.key() < begin) {
            // Sessions come in order of their start, so these are all that end at that moment.
            let same = first.remove();
            for (place, usual) in self.usual.iter_mut().enumerate() {
                column.clear();
                column.extend(same.chunks_exact(width).map(|values| values[place]));
                // In order of size, because the last digit of a running mean depends on the order.
                order::sort(&mut column);
                column.iter().for_each(|&value| usual.add(value));
            }
        }
    }

    /// Without times: compares each session with all others of its subject. `rows` are whole rows of the matrix, the
    /// features before begin at `start` of each.
    pub fn settle(&mut self, rows: &mut [f64], width: usize, start: usize, own: usize, subjects: &[u32]) {
        if self.has_times {
            return;
        }
        let mut column = Vec::new();
        let mut first = 0;
        for same in subjects.chunk_by(|a, b| a == b) {
            let rows = &mut rows[first * width..(first + same.len()) * width];
            first += same.len();
            for (at, (place, _)) in self.compared.iter().enumerate() {
                column.clear();
                column.extend(rows.chunks_exact(width).map(|row| row[start + place]));
                order::sort(&mut column);
                let mut all = Moments::default();
                column.iter().for_each(|&value| all.add(value));
                for row in rows.chunks_exact_mut(width) {
                    let value = row[start + place];
                    row[own + at] = all.without(value).deviation(value);
                }
            }
        }
    }
}
