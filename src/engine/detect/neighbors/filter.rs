//! Which references may be near: distances in single precision by a scalar product, a third of the work of exact ones,
//! with a bound on their error, so that none is passed over that is near. What it lets through is measured exactly; it
//! decides how long a search takes, and nothing else.
//!
//! With `a` and `b` centred and scaled by a power of two so that no reference is beyond 1, rounded to `f32`, and
//! `u = 2⁻²⁴`: the distance of the rounded rows is that of the rows to `u(|a| + |b|)`, and a scalar product of `d`
//! features has an error of at most about `(d + 3) u (|a|² + |b|²)`. So `|a − b|² ≤ L` implies
//! `a·b − (1 − E)|b|²/2 ≥ ((1 − E)|a|² − L)/2` with `E = 2(d + 5)u`; twice that is taken.

use ndarray::ArrayView1;

/// References held against a query at once: enough for a compiler to make vectors of them, few enough for the nearest cache.
pub(super) const LANES: usize = 64;
/// Queries with values beyond this are held against every reference exactly: their products may be no floats.
const MAX_QUERY: f64 = 1e15;
/// Above what results of `f32` lose where they are too small for it, and squared distances where they are for `f64`.
const LOST: f64 = 1e-30;
const LOST_EXACTLY: f64 = 1e-300;

/// Rounded references.
#[derive(Debug)]
pub(super) struct Filter {
    centre: Vec<f64>,
    scale: f64,
    /// `E`, below 1.
    margin: f64,
    /// Groups of [`LANES`] references, the last filled up with zeros: `−(1 − E)|b|²/2` of each, then feature by feature.
    groups: Vec<[f32; LANES]>,
}

/// A query as the filter knows it.
#[derive(Debug)]
pub(super) struct Query {
    values: Vec<f32>,
    /// `(1 − E)|a|²`, less than anything where it cannot be filtered.
    square: f64,
}

impl Filter {
    /// Of some rows (row-major), all finite and within `1e140`; groups are of rows that follow one another in `order`.
    pub fn new(rows: &[f64], n_features: usize, order: &[u32]) -> Filter {
        let n_rows = (rows.len() / n_features.max(1)).max(1) as f64;
        let mut centre = vec![0.0; n_features];
        for row in rows.chunks_exact(n_features.max(1)) {
            centre.iter_mut().zip(row).for_each(|(centre, value)| *centre += value / n_rows);
        }
        let farthest = rows
            .chunks_exact(n_features.max(1))
            .flat_map(|row| row.iter().zip(&centre))
            .fold(0.0, |farthest: f64, (value, centre)| farthest.max((value - centre).abs()));
        let margin = (4.0 * (n_features + 8) as f64 / f64::from(1 << 24)).min(0.99);
        let mut filter = Filter { centre, scale: below_one(farthest), margin, groups: Vec::new() };
        for group in order.chunks(LANES) {
            let start = filter.groups.len();
            filter.groups.resize(start + n_features + 1, [0.0; LANES]);
            for (lane, &row) in group.iter().enumerate() {
                let mut square = 0.0;
                for (feature, &value) in rows[row as usize * n_features..][..n_features].iter().enumerate() {
                    let rounded = filter.scaled(feature, value) as f32;
                    square += f64::from(rounded) * f64::from(rounded);
                    filter.groups[start + 1 + feature][lane] = rounded;
                }
                filter.groups[start][lane] = (-0.5 * (1.0 - margin) * square) as f32;
            }
        }
        filter
    }

    fn scaled(&self, feature: usize, value: f64) -> f64 {
        (value - self.centre[feature]) * self.scale
    }

    /// A row, bounded as references are.
    pub fn query(&self, row: ArrayView1<'_, f64>) -> Query {
        let mut query = Query { values: Vec::with_capacity(row.len()), square: 0.0 };
        for (feature, &value) in row.iter().enumerate() {
            let scaled = self.scaled(feature, value);
            let is_small = scaled.abs() <= MAX_QUERY;
            let rounded = if is_small { scaled as f32 } else { 0.0 };
            query.square +=
                if is_small { f64::from(rounded) * f64::from(rounded) } else { f64::NEG_INFINITY };
            query.values.push(rounded);
        }
        query.square *= 1.0 - self.margin;
        query
    }

    /// What a reference within a squared distance of a query comes to in [`Filter::products`], at least.
    pub fn least(&self, query: &Query, squared_distance: f64) -> f32 {
        let limit = (squared_distance + self.centre.len() as f64 * LOST_EXACTLY) * self.scale * self.scale;
        let least = 0.5 * (query.square - limit);
        // No value is nearer than this to being rounded up.
        (least - least.abs() / f64::from(1 << 22) - LOST) as f32
    }

    /// The references of a group.
    pub fn group(&self, number: usize) -> &[[f32; LANES]] {
        let size = self.centre.len() + 1;
        &self.groups[number * size..][..size]
    }

    /// `a·b − (1 − E)|b|²/2` of a query and each reference of a group. Four features at a time, so that sums are read and
    /// written a quarter as often.
    pub fn products(group: &[[f32; LANES]], query: &Query) -> [f32; LANES] {
        let mut sums = group[0];
        let (fours, rest) = group[1..].as_chunks::<4>();
        let (values, last) = query.values.as_chunks::<4>();
        for ([a, b, c, d], v) in fours.iter().zip(values) {
            for lane in 0..LANES {
                sums[lane] += (v[0] * a[lane] + v[1] * b[lane]) + (v[2] * c[lane] + v[3] * d[lane]);
            }
        }
        for (references, value) in rest.iter().zip(last) {
            sums.iter_mut().zip(references).for_each(|(sum, reference)| *sum += value * reference);
        }
        sums
    }
}

/// A power of two that brings a number to 1 at most, as far as there is one.
fn below_one(value: f64) -> f64 {
    let exponent = ((value.to_bits() >> 52) & 0x7ff) as i64 - 1023;
    if value == 0.0 { 1.0 } else { f64::from_bits(((1023 - (exponent + 1).clamp(-1000, 1000)) as u64) << 52) }
}

/// Squares of differences, added up in the order of features.
pub(super) fn squared_distance(query: &[f64], row: &[f64]) -> f64 {
    query.iter().zip(row).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b))
}
