//! References side by side with their neighbours, in boxes: a box whose nearest corner is farther from a query than all
//! neighbours found so far has none. Where features go together, as those of behaviour do, a query looks into a fifth of
//! the boxes; where none do, into all, for a few percent more time.
//!
//! The boxes are the leaves of a k-d tree (J. L. Bentley, *Multidimensional Binary Search Trees Used for Associative
//! Searching*, 1975) of as many references as the filter holds against a query at once. They are held against a query one
//! after the other, feature by feature, which a compiler makes vectors of; a walk down the tree would not pay for so few.

use super::filter::LANES;

/// An order of references, and the box of each [`LANES`] of them.
#[derive(Debug)]
pub(super) struct Boxes {
    /// Numbers of references, box after box.
    pub order: Vec<u32>,
    /// Feature by feature, the least and the greatest value in each box.
    least: Vec<f64>,
    greatest: Vec<f64>,
}

impl Boxes {
    /// Of some rows (row-major).
    pub fn new(rows: &[f64], n_features: usize) -> Boxes {
        let n_rows = rows.len() / n_features.max(1);
        let mut order: Vec<u32> = (0..n_rows as u32).collect();
        split(rows, n_features, &mut order);
        let n_boxes = n_rows.div_ceil(LANES);
        let mut least = vec![f64::INFINITY; n_boxes * n_features];
        let mut greatest = vec![f64::NEG_INFINITY; n_boxes * n_features];
        for (number, part) in order.chunks(LANES).enumerate() {
            for &row in part {
                let values = &rows[row as usize * n_features..][..n_features];
                for (feature, &value) in values.iter().enumerate() {
                    let at = feature * n_boxes + number;
                    least[at] = least[at].min(value);
                    greatest[at] = greatest[at].max(value);
                }
            }
        }
        Boxes { order, least, greatest }
    }

    /// What no squared distance between a query and a reference is below, by box. Rounding is monotone, and these are the
    /// operations of the distance in its order: so it holds to the last bit.
    pub fn bounds(&self, query: &[f64]) -> Vec<f64> {
        let n_boxes = self.order.len().div_ceil(LANES);
        let mut bounds = vec![0.0; n_boxes];
        let sides = self.least.chunks_exact(n_boxes.max(1)).zip(self.greatest.chunks_exact(n_boxes.max(1)));
        for ((least, greatest), &value) in sides.zip(query) {
            for ((bound, least), greatest) in bounds.iter_mut().zip(least).zip(greatest) {
                let (below, above) = (least - value, value - greatest);
                let outside = if below > above { below } else { above };
                let outside = if outside > 0.0 { outside } else { 0.0 };
                *bound += outside * outside;
            }
        }
        bounds
    }
}

/// Halves references again and again, each time by the feature that spreads them most: by mean deviation, of which few far
/// away decide less than of a range.
fn split(rows: &[f64], n_features: usize, part: &mut [u32]) {
    if part.len() <= LANES {
        part.sort_unstable();
        return;
    }
    let value = |row: u32, feature: usize| rows[row as usize * n_features + feature];
    let n = part.len() as f64;
    let mut widest = (f64::NEG_INFINITY, 0);
    for feature in 0..n_features {
        let mean: f64 = part.iter().map(|&row| value(row, feature) / n).sum();
        let spread: f64 = part.iter().map(|&row| (value(row, feature) - mean).abs() / n).sum();
        if spread > widest.0 {
            widest = (spread, feature);
        }
    }
    let feature = widest.1;
    // Only the last box has fewer than all others.
    let half = part.len().div_ceil(LANES) / 2 * LANES;
    part.select_nth_unstable_by(half, |&a, &b| {
        value(a, feature).total_cmp(&value(b, feature)).then(a.cmp(&b))
    });
    let (left, right) = part.split_at_mut(half);
    split(rows, n_features, left);
    split(rows, n_features, right);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::detect::neighbors::filter::squared_distance;
    use crate::engine::rng::Rng;

    #[test]
    fn no_reference_of_a_box_is_nearer_than_its_bound() {
        let mut rng = Rng::new(8);
        for (n_rows, n_features) in [(1, 3), (64, 2), (65, 1), (700, 4), (1_000, 9)] {
            for scale in [0.0, 1e-160, 1.0, 1e139] {
                let mut value = || scale * (rng.normal() * 4.0).round() / 3.0;
                let rows: Vec<f64> = (0..n_rows * n_features).map(|_| value()).collect();
                let query: Vec<f64> = (0..n_features).map(|_| value()).collect();
                let boxes = Boxes::new(&rows, n_features);
                let mut all = boxes.order.clone();
                all.sort_unstable();
                assert!(all.into_iter().eq(0..n_rows as u32), "each row is in one box");
                for (part, bound) in boxes.order.chunks(LANES).zip(boxes.bounds(&query)) {
                    let distance = |&row: &u32| {
                        squared_distance(&query, &rows[row as usize * n_features..][..n_features])
                    };
                    let nearest = part.iter().map(distance).fold(f64::INFINITY, f64::min);
                    assert!(bound <= nearest, "{bound} is beyond {nearest}, values of {scale}");
                }
            }
        }
    }

    #[test]
    fn far_boxes_are_told_from_near_ones() {
        let mut rng = Rng::new(9);
        let rows: Vec<f64> = (0..6_400).map(|_| rng.normal()).collect();
        let bounds = Boxes::new(&rows, 2).bounds(&rows[..2]);
        let n_near = bounds.iter().filter(|bound| **bound < 0.01).count();
        assert!(n_near > 0 && n_near < bounds.len() / 4, "{n_near} of {}", bounds.len());
    }
}
