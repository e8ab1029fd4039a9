//! Nearest neighbours, exactly. [`Boxes`] say where none can be, and a [`Filter`] which of the others may be near; those are
//! measured exactly, so neither shows in a result.

use super::boxes::Boxes;
use super::filter::{Filter, LANES, squared_distance};
use crate::engine::detect::checked::{self, Checked};
use crate::engine::plan::Parameters;
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize, Serializer};

/// Values are cut off here, so that sums of squares of their differences stay finite.
const MAX_VALUE: f64 = 1e140;

/// A value as distances know it.
pub(super) fn bounded(value: f64) -> f64 {
    value.clamp(-MAX_VALUE, MAX_VALUE)
}

/// References. A file has no more of them than what the rest is made from.
#[derive(Debug, Deserialize)]
#[serde(try_from = "References")]
pub(super) struct Search {
    references: References,
    boxes: Boxes,
    filter: Filter,
}

/// What is written of them into a file.
#[derive(Debug, Serialize, Deserialize)]
struct References {
    n_features: usize,
    /// References x features.
    values: Vec<f64>,
}

impl TryFrom<References> for Search {
    type Error = &'static str;

    fn try_from(references: References) -> Result<Search, &'static str> {
        let References { n_features, values } = &references;
        if !(1..=checked::MAX_FEATURES).contains(n_features)
            || values.is_empty()
            || values.len() % n_features > 0
        {
            return Err("the references have not the size that they are to have");
        }
        Ok(Search::of(references))
    }
}

impl Serialize for Search {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.references.serialize(serializer)
    }
}

/// The neighbours of one query, nearest first.
#[derive(Debug, Default, Clone)]
pub(in crate::engine::detect) struct Nearest {
    /// Squared distance and number of each.
    found: Vec<(f64, u32)>,
}

impl Nearest {
    /// Distances and numbers, nearest first.
    pub fn iter(&self) -> impl Iterator<Item = (f64, usize)> + '_ {
        self.found.iter().map(|&(squared, reference)| (squared.sqrt(), reference as usize))
    }

    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// The distance of the farthest.
    pub fn radius(&self) -> f64 {
        self.found.last().map_or(0.0, |(squared, _)| squared.sqrt())
    }

    /// The squared distance that a reference must not be beyond to be one of `k`.
    fn limit(&self, k: usize) -> f64 {
        self.found.get(k - 1).map_or(f64::INFINITY, |&(farthest, _)| farthest)
    }

    /// Takes in the squared distances from the references from `start` on, which come after all before: `k` are kept, and
    /// one more, for the query itself may be among them.
    pub fn see(&mut self, k: usize, start: usize, squared: &[f64]) {
        let mut limit = self.limit(k + 1);
        for (place, &squared) in squared.iter().enumerate() {
            if squared < limit {
                self.offer(k + 1, squared, (start + place) as u32);
                limit = self.limit(k + 1);
            }
        }
    }

    /// The neighbours, once all references are seen: without the query itself.
    pub fn of_all(mut self, k: usize) -> Nearest {
        match self.found.first() {
            Some(&(0.0, _)) => drop(self.found.remove(0)),
            _ => self.found.truncate(k),
        }
        self
    }

    /// Takes a reference in if it is near enough, of equally near ones the first; `k` are kept.
    fn offer(&mut self, k: usize, squared: f64, reference: u32) -> bool {
        let is_nearer = |other: &(f64, u32)| other.0 < squared || other.0 == squared && other.1 < reference;
        if self.found.get(k - 1).is_some_and(is_nearer) {
            return false;
        }
        let place = self.found.partition_point(is_nearer);
        self.found.insert(place, (squared, reference));
        self.found.truncate(k);
        true
    }
}

impl Search {
    fn of(references: References) -> Search {
        let boxes = Boxes::new(&references.values, references.n_features);
        let filter = Filter::new(&references.values, references.n_features, &boxes.order);
        Search { references, boxes, filter }
    }

    /// Among these rows.
    pub fn new(rows: ArrayView2<'_, f64>) -> Search {
        let values = rows.iter().map(|&value| bounded(value)).collect();
        Search::of(References { n_features: rows.ncols(), values })
    }

    /// Whether it can be searched for `k` neighbours, where it was read from a file.
    pub fn check(&self, k: usize) -> Checked {
        let is_small = self.len() <= super::MAX_REFERENCES && self.n_features() <= checked::MAX_FEATURES;
        checked::that(
            is_small && self.len() > 0 && self.n_features() > 0,
            "the number of references is out of range",
        )?;
        checked::that(k > 0 && k <= Parameters::MAX_NEIGHBORS, "the number of neighbours is out of range")?;
        checked::n(&self.references.values, self.len() * self.n_features())
    }

    /// How many references.
    pub fn len(&self) -> usize {
        self.references.values.len() / self.n_features().max(1)
    }

    /// How many features.
    pub fn n_features(&self) -> usize {
        self.references.n_features
    }

    /// A reference as a row.
    pub fn row(&self, reference: usize) -> &[f64] {
        &self.references.values[reference * self.n_features()..][..self.n_features()]
    }

    /// The `k` nearest references of a query; fewer where there are not so many. One reference that equals the query is
    /// the query itself and no neighbour.
    pub fn nearest(&self, query: ArrayView1<'_, f64>, k: usize) -> Nearest {
        let row: Vec<f64> = query.iter().map(|&value| bounded(value)).collect();
        let query = self.filter.query(ArrayView1::from(&row));
        // One more, for the query itself may be among them.
        let mut nearest = Nearest { found: Vec::with_capacity(k + 2) };
        let mut least = f32::NEG_INFINITY;
        // What is no number may be near.
        let is_far = |product: f32, least: f32| product < least;
        let bounds = self.boxes.bounds(&row);
        // Its own box first: after that, most others are too far.
        let own =
            (1..bounds.len()).fold(0, |own, other| if bounds[other] < bounds[own] { other } else { own });
        for number in std::iter::once(own).chain((0..bounds.len()).filter(|&number| number != own)) {
            if bounds[number] > nearest.limit(k + 1) {
                continue;
            }
            let products = Filter::products(self.filter.group(number), &query);
            let n_near: u32 = products.iter().map(|&product| u32::from(!is_far(product, least))).sum();
            if n_near == 0 {
                continue;
            }
            for (&product, &reference) in products.iter().zip(&self.boxes.order[number * LANES..]) {
                if is_far(product, least) {
                    continue;
                }
                let squared = squared_distance(&row, self.row(reference as usize));
                if nearest.offer(k + 1, squared, reference) {
                    least = self.filter.least(&query, nearest.limit(k + 1));
                }
            }
        }
        nearest.of_all(k)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::Rng;
    use ndarray::{Array2, array};

    #[test]
    fn finds_what_sorting_finds() {
        let mut rng = Rng::new(3);
        let rows = Array2::from_shape_fn((700, 3), |_| rng.below(9) as f64);
        let search = Search::new(rows.view());
        for query in [0, 255, 256, 699] {
            let distance =
                |row: usize| (0..3).map(|f| (rows[[row, f]] - rows[[query, f]]).powi(2)).sum::<f64>();
            let mut all: Vec<(f64, usize)> = (0..700).map(|row| (distance(row), row)).collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            // The first one at no distance stands for the row itself.
            let expected: Vec<(f64, usize)> = all[1..8].iter().map(|&(d, row)| (d.sqrt(), row)).collect();
            assert_eq!(search.nearest(rows.row(query), 7).iter().collect::<Vec<_>>(), expected);
        }
    }

    /// Whatever the magnitudes, the filter lets through what is near.
    #[test]
    fn nothing_near_is_passed_over() {
        let mut rng = Rng::new(4);
        let magnitudes = [1.0, 1e-310, 1e-160, 1e-20, 1e20, 1e139];
        for (scale, offset) in magnitudes.into_iter().flat_map(|scale| [(scale, 0.0), (scale, 1e8 * scale)]) {
            let mut rows = Array2::from_shape_fn((300, 5), |_| offset + scale * rng.normal());
            rows.row_mut(7).fill(1e6 * scale);
            let search = Search::new(rows.view());
            for query in [0, 7, 299] {
                let distance = |row: usize| {
                    let bounded = |row: usize| rows.row(row).mapv(bounded).to_vec();
                    squared_distance(&bounded(query), &bounded(row))
                };
                let mut all: Vec<(f64, usize)> = (0..300).map(|row| (distance(row), row)).collect();
                all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let expected: Vec<(f64, usize)> =
                    all[1..10].iter().map(|&(d, row)| (d.sqrt(), row)).collect();
                let found: Vec<_> = search.nearest(rows.row(query), 9).iter().collect();
                assert_eq!(found, expected, "values of {offset} and {scale}");
            }
        }
    }

    #[test]
    fn a_new_row_has_all_neighbours_and_a_single_reference_none_but_itself() {
        let one = array![[1.0, 2.0]];
        let search = Search::new(one.view());
        assert_eq!(search.nearest(one.row(0), 5).len(), 0);
        let far = search.nearest(array![4.0, 6.0].view(), 5);
        assert_eq!((far.len(), far.radius()), (1, 5.0));
    }
}
