//! Nearest neighbours by looking at every reference: exact, and with many features as fast as any tree. A block of
//! queries is held against a block of references, so that both stay in the nearest cache.

use crate::engine::detect::checked::{self, Checked};
use crate::engine::plan::Parameters;
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// References held against a query at a time.
const BLOCK: usize = 256;
/// Values are cut off here, so that sums of squares of their differences stay finite.
const MAX_VALUE: f64 = 1e140;

/// A value as distances know it.
pub(super) fn bounded(value: f64) -> f64 {
    value.clamp(-MAX_VALUE, MAX_VALUE)
}

/// References, feature by feature within blocks.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Search {
    n: usize,
    n_features: usize,
    /// Blocks of [`BLOCK`] references (the last filled up with zeros), each feature-major.
    blocks: Vec<f64>,
}

/// The neighbours of one query, nearest first.
#[derive(Debug, Default, Clone)]
pub(super) struct Nearest {
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

    /// Takes a reference in if it is near enough; `k` are kept.
    fn offer(&mut self, k: usize, squared: f64, reference: u32) {
        if self.found.len() == k && self.found.last().is_none_or(|&(farthest, _)| squared >= farthest) {
            return;
        }
        // References come in order, so equal distances stay in it.
        let place = self.found.partition_point(|&(nearer, _)| nearer <= squared);
        self.found.insert(place, (squared, reference));
        self.found.truncate(k);
    }
}

impl Search {
    /// References from the chosen rows.
    pub fn new(rows: ArrayView2<'_, f64>, chosen: &[usize]) -> Search {
        let (n, n_features) = (chosen.len(), rows.ncols());
        let mut blocks = vec![0.0; n.div_ceil(BLOCK) * BLOCK * n_features];
        for (place, &row) in chosen.iter().enumerate() {
            let start = place / BLOCK * BLOCK * n_features + place % BLOCK;
            for (feature, &value) in rows.row(row).iter().enumerate() {
                blocks[start + feature * BLOCK] = bounded(value);
            }
        }
        Search { n, n_features, blocks }
    }

    /// Whether it can be searched for `k` neighbours, where it was read from a file.
    pub fn check(&self, k: usize) -> Checked {
        let is_small = self.n <= super::MAX_REFERENCES && self.n_features <= checked::MAX_FEATURES;
        checked::that(
            is_small && self.n > 0 && self.n_features > 0,
            "the number of references is out of range",
        )?;
        checked::that(k > 0 && k <= Parameters::MAX_NEIGHBORS, "the number of neighbours is out of range")?;
        checked::n(&self.blocks, self.n.div_ceil(BLOCK) * BLOCK * self.n_features)
    }

    /// How many references.
    pub fn len(&self) -> usize {
        self.n
    }

    /// How many features.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// One feature of a reference.
    pub fn value(&self, reference: usize, feature: usize) -> f64 {
        self.blocks[(reference / BLOCK * self.n_features + feature) * BLOCK + reference % BLOCK]
    }

    /// A reference as a row.
    pub fn row(&self, reference: usize) -> Vec<f64> {
        (0..self.n_features).map(|feature| self.value(reference, feature)).collect()
    }

    /// The `k` nearest references of a query; fewer where there are not so many. One reference that equals the query is
    /// the query itself and no neighbour.
    pub fn nearest(&self, query: ArrayView1<'_, f64>, k: usize) -> Nearest {
        // One more, for the query itself may be among them.
        let mut nearest = Nearest { found: Vec::with_capacity(k + 2) };
        let mut squared = [0.0; BLOCK];
        for (number, block) in self.blocks.chunks_exact(BLOCK * self.n_features).enumerate() {
            squared.fill(0.0);
            for (&value, references) in query.iter().zip(block.chunks_exact(BLOCK)) {
                let value = bounded(value);
                for (squared, reference) in squared.iter_mut().zip(references) {
                    let difference = value - reference;
                    *squared += difference * difference;
                }
            }
            let start = number * BLOCK;
            let farthest = |nearest: &Nearest| {
                if nearest.found.len() <= k { f64::INFINITY } else { nearest.found[k].0 }
            };
            let mut limit = farthest(&nearest);
            for (place, &squared) in squared[..BLOCK.min(self.n - start)].iter().enumerate() {
                if squared < limit {
                    nearest.offer(k + 1, squared, (start + place) as u32);
                    limit = farthest(&nearest);
                }
            }
        }
        match nearest.found.first() {
            Some(&(0.0, _)) => drop(nearest.found.remove(0)),
            _ => nearest.found.truncate(k),
        }
        nearest
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
        let search = Search::new(rows.view(), &(0..rows.nrows()).collect::<Vec<_>>());
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

    #[test]
    fn a_new_row_has_all_neighbours_and_a_single_reference_none_but_itself() {
        let one = array![[1.0, 2.0]];
        let search = Search::new(one.view(), &[0]);
        assert_eq!(search.nearest(one.row(0), 5).len(), 0);
        let far = search.nearest(array![4.0, 6.0].view(), 5);
        assert_eq!((far.len(), far.radius()), (1, 5.0));
    }
}
