//! Contributions for models that have no exact ones: sampled Shapley values, for measures that know a row by its
//! distances from references.
//!
//! The game is "which features does the row have of its own", where the others are a background row's (Štrumbelj and
//! Kononenko, *Explaining prediction models*, 2014), on average over a few background rows. Features are changed one
//! after the other, in a drawn order, from the background row's value to the row's own; each gets what the measure moves
//! by. Over all orders the mean is the Shapley value. Every drawn order is followed by its reverse, which halves the
//! variance and more (Mitchell et al., JMLR 2022), and every background row has as many orders as the others, so that
//! none of the variance is that between background rows. For every order the contributions add up to the measure of the
//! row less that of the background row, so their mean adds up too.
//!
//! The standard error of a contribution is that of drawing orders: from the difference between the two drawings of each
//! background row.
//!
//! A squared distance is a sum over features. So one order and its reverse need no distance from scratch, but for each
//! place the sum of what comes before and that of what comes after it: the time of a row grows with its features, not
//! with their square.

use super::checked::{self, Checked};
use crate::engine::features::FeatureMatrix;
use crate::engine::order;
use crate::engine::rng::Rng;
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// Background rows.
const N_BACKGROUND: usize = 5;
/// Training rows that these are chosen from.
const N_CANDIDATES: usize = 64;
/// Orders drawn for each background row, each with its reverse. Two give a difference, and so an error.
const N_ORDERS: usize = 2;
/// References that sums are held of at a time: with twenty features, what the nearest cache takes.
const BLOCK: usize = 64;

/// A measure that knows a row by its squared distances from references.
pub(super) trait ByDistance {
    /// What it keeps of distances that it has seen.
    type Seen;

    /// How many references.
    fn n_references(&self) -> usize;

    /// Writes one feature of the references from `start` on.
    fn references(&self, feature: usize, start: usize, to: &mut [f64]);

    /// Before any distance.
    fn unseen(&self) -> Self::Seen;

    /// Takes in the squared distances from the references from `start` on.
    fn see(&self, seen: &mut Self::Seen, start: usize, squared: &[f64]);

    /// The measure, once all distances are seen.
    fn measure(&self, seen: Self::Seen) -> f64;
}

/// Rows that contributions are counted from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Background {
    rows: Vec<Vec<f64>>,
    measures: Vec<f64>,
}

impl Background {
    /// Without rows, to be replaced when the measure can measure.
    pub fn none() -> Background {
        Background { rows: Vec::new(), measures: Vec::new() }
    }

    /// Of a sample of `n_rows` training rows those in the middle of equal parts, by measure: the mean over few rows is to
    /// be near that over all. The sample has no seed to choose, so that a model that draws nothing else stays the same.
    pub fn of(
        n_rows: usize,
        row: impl Fn(usize) -> Vec<f64>,
        measure: impl Fn(ArrayView1<'_, f64>) -> f64,
    ) -> Background {
        let mut drawn = Rng::new(0).sample_indices(n_rows, N_CANDIDATES.min(n_rows));
        drawn.sort_unstable();
        let measures: Vec<f64> = drawn.iter().map(|&at| measure(ArrayView1::from(&row(at)))).collect();
        let by_measure = order::ascending(&measures);
        let n = N_BACKGROUND.min(drawn.len());
        let middle = |part: usize| by_measure[(2 * part + 1) * drawn.len() / (2 * n)];
        Background {
            rows: (0..n).map(|part| row(drawn[middle(part)])).collect(),
            measures: (0..n).map(|part| measures[middle(part)]).collect(),
        }
    }

    /// What contributions are counted from: the mean measure.
    pub fn measure(&self) -> f64 {
        let n = self.measures.len() as f64;
        self.measures.iter().map(|measure| measure / n).sum()
    }

    /// Whether there are rows, each with so many finite values and a measure.
    pub fn check(&self, n_features: usize) -> Checked {
        checked::that(!self.rows.is_empty(), "there is nothing to count contributions from")?;
        self.rows.iter().try_for_each(|row| checked::n(row, n_features))?;
        checked::n(&self.measures, self.rows.len())
    }

    /// The mean of a feature.
    pub fn mean(&self, feature: usize) -> f64 {
        let n = self.rows.len() as f64;
        self.rows.iter().map(|row| row[feature] / n).sum()
    }
}

fn bounded(value: f64) -> f64 {
    value.clamp(-FeatureMatrix::MAX_MAGNITUDE, FeatureMatrix::MAX_MAGNITUDE)
}

/// Contributions of a row's features to `measure`, its own, less that of the background, and the standard error of each.
pub(super) fn sampled<M: ByDistance>(
    model: &M,
    background: &Background,
    (row, measure): (ArrayView1<'_, f64>, f64),
    seed: u64,
    contributions: &mut [f64],
    errors: &mut [f64],
) {
    contributions.fill(0.0);
    errors.fill(0.0);
    let row: Vec<f64> = row.iter().copied().map(bounded).collect();
    let n_background = background.rows.len() as f64;
    for (place, (typical, &typical_measure)) in background.rows.iter().zip(&background.measures).enumerate() {
        let mut rng = Rng::for_unit(seed, place as u64);
        let (mut order, equal): (Vec<usize>, Vec<usize>) =
            (0..row.len()).partition(|&feature| row[feature] != typical[feature]);
        let mut drawings = [(); N_ORDERS].map(|()| vec![0.0; row.len()]);
        for moves in &mut drawings {
            rng.shuffle(&mut order);
            let walk = Walk { model, row: &row, typical, order: &order, equal: &equal };
            let [mut there, mut back] = walk.measures();
            // The ends are known, and equal to the last bit in every order.
            there[0] = typical_measure;
            back[0] = measure;
            there.push(measure);
            back.push(typical_measure);
            for (at, &feature) in order.iter().enumerate() {
                moves[feature] = (there[at + 1] - there[at] + (back[at] - back[at + 1])) / 2.0;
            }
        }
        let [first, second] = &drawings;
        for feature in 0..row.len() {
            let (first, second) = (first[feature] / n_background, second[feature] / n_background);
            contributions[feature] += (first + second) / 2.0;
            errors[feature] += (first - second) * (first - second) / 4.0;
        }
    }
    errors.iter_mut().for_each(|error| *error = error.sqrt());
}

/// One order of the features in which a row differs from a background row.
struct Walk<'a, M> {
    model: &'a M,
    row: &'a [f64],
    typical: &'a [f64],
    order: &'a [usize],
    /// Features in which the two are equal.
    equal: &'a [usize],
}

impl<M: ByDistance> Walk<'_, M> {
    /// The measures, by place in the order, of a row that has the features before the place of its own, and of one that
    /// has those from the place on. What they are at place 0 is for the caller to say.
    fn measures(&self) -> [Vec<f64>; 2] {
        let n = self.order.len();
        let unseen = || (1..n.max(1)).map(|_| self.model.unseen()).collect::<Vec<M::Seen>>();
        let mut seen = [unseen(), unseen()];
        let mut own_after = vec![[0.0; BLOCK]; n + 1];
        let mut typical_after = vec![[0.0; BLOCK]; n + 1];
        let mut own = vec![[0.0; BLOCK]; n];
        let mut typical = vec![[0.0; BLOCK]; n];
        let n_references = self.model.n_references();
        for start in (0..n_references).step_by(BLOCK) {
            let n_here = BLOCK.min(n_references - start);
            let mut common = [0.0; BLOCK];
            let squares = |feature: usize, value: f64, to: &mut [f64; BLOCK]| {
                self.model.references(feature, start, &mut to[..n_here]);
                to.iter_mut().for_each(|to| *to = (value - *to) * (value - *to));
            };
            for &feature in self.equal {
                let mut square = [0.0; BLOCK];
                squares(feature, self.row[feature], &mut square);
                common.iter_mut().zip(&square).for_each(|(sum, square)| *sum += square);
            }
            (own_after[n], typical_after[n]) = (common, common);
            for (at, &feature) in self.order.iter().enumerate().rev() {
                squares(feature, self.row[feature], &mut own[at]);
                squares(feature, self.typical[feature], &mut typical[at]);
                for lane in 0..BLOCK {
                    own_after[at][lane] = own_after[at + 1][lane] + own[at][lane];
                    typical_after[at][lane] = typical_after[at + 1][lane] + typical[at][lane];
                }
            }
            let (mut own_before, mut typical_before) = ([0.0; BLOCK], [0.0; BLOCK]);
            for at in 1..n {
                let (mut there, mut back) = ([0.0; BLOCK], [0.0; BLOCK]);
                for lane in 0..BLOCK {
                    own_before[lane] += own[at - 1][lane];
                    typical_before[lane] += typical[at - 1][lane];
                    there[lane] = own_before[lane] + typical_after[at][lane];
                    back[lane] = typical_before[lane] + own_after[at][lane];
                }
                self.model.see(&mut seen[0][at - 1], start, &there[..n_here]);
                self.model.see(&mut seen[1][at - 1], start, &back[..n_here]);
            }
        }
        let measures = |seen: Vec<M::Seen>| {
            [0.0].into_iter().chain(seen.into_iter().map(|seen| self.model.measure(seen))).collect()
        };
        seen.map(measures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::math::exp;
    use ndarray::Array2;

    /// The density of some references about a row: neither additive nor a product.
    struct Density(Array2<f64>);

    impl ByDistance for Density {
        type Seen = f64;

        fn n_references(&self) -> usize {
            self.0.ncols()
        }

        fn references(&self, feature: usize, start: usize, to: &mut [f64]) {
            to.copy_from_slice(&self.0.row(feature).to_slice().unwrap()[start..start + to.len()]);
        }

        fn unseen(&self) -> f64 {
            0.0
        }

        fn see(&self, seen: &mut f64, _: usize, squared: &[f64]) {
            *seen += squared.iter().map(|squared| exp(-0.2 * squared)).sum::<f64>();
        }

        fn measure(&self, seen: f64) -> f64 {
            (1.0 + seen).recip()
        }
    }

    impl Density {
        fn of(&self, row: &[f64]) -> f64 {
            let squared = |reference: ArrayView1<'_, f64>| {
                row.iter().zip(reference).map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
            };
            let squared: Vec<f64> = self.0.columns().into_iter().map(squared).collect();
            let mut seen = 0.0;
            self.see(&mut seen, 0, &squared);
            self.measure(seen)
        }

        /// Shapley values by their definition, over all subsets.
        fn exact(&self, background: &Background, row: &[f64]) -> Vec<f64> {
            let n = row.len();
            let value = |own: u32| {
                let mixed = |typical: &Vec<f64>| {
                    let of = |f: usize| if own >> f & 1 == 1 { row[f] } else { typical[f] };
                    self.of(&(0..n).map(of).collect::<Vec<_>>())
                };
                background.rows.iter().map(mixed).sum::<f64>() / background.rows.len() as f64
            };
            let factorial = |k: usize| (1..=k).map(|i| i as f64).product::<f64>();
            let of_feature = |feature: usize| {
                let without = (0..1u32 << n).filter(|own| own >> feature & 1 == 0);
                let part = |own: u32| {
                    let size = own.count_ones() as usize;
                    let weight = factorial(size) * factorial(n - size - 1) / factorial(n);
                    weight * (value(own | 1 << feature) - value(own))
                };
                without.map(part).sum()
            };
            (0..n).map(of_feature).collect()
        }
    }

    fn example(n_features: usize) -> (Density, Array2<f64>, Background) {
        let mut rng = Rng::new(8);
        let rows = Array2::from_shape_fn((150, n_features), |_| rng.normal());
        let model = Density(rows.t().as_standard_layout().to_owned());
        let background =
            Background::of(rows.nrows(), |row| rows.row(row).to_vec(), |row| model.of(&row.to_vec()));
        (model, rows, background)
    }

    fn explain(
        model: &Density,
        background: &Background,
        row: ArrayView1<'_, f64>,
        seed: u64,
    ) -> [Vec<f64>; 2] {
        let (mut contributions, mut errors) = (vec![0.0; row.len()], vec![0.0; row.len()]);
        let measured = (row, model.of(&row.to_vec()));
        sampled(model, background, measured, seed, &mut contributions, &mut errors);
        [contributions, errors]
    }

    #[test]
    fn two_features_are_exact() {
        let (model, rows, background) = example(2);
        let [contributions, errors] = explain(&model, &background, rows.row(5), 1);
        for (ours, exact) in contributions.iter().zip(model.exact(&background, &rows.row(5).to_vec())) {
            assert!((ours - exact).abs() < 1e-12, "{ours} is not {exact}");
        }
        assert!(errors.iter().all(|error| *error < 1e-12), "an order and its reverse are all there are");
    }

    #[test]
    fn sums_are_exact_and_values_as_near_as_their_errors_say() {
        let (model, rows, background) = example(7);
        let (mut n_near, mut n_all) = (0, 0);
        let (mut squares_off, mut squares_said) = (0.0, 0.0);
        for row in rows.outer_iter().take(12) {
            let exact = model.exact(&background, &row.to_vec());
            for seed in 0..20 {
                let [contributions, errors] = explain(&model, &background, row, seed);
                let sum: f64 = contributions.iter().sum();
                let expected = model.of(&row.to_vec()) - background.measure();
                assert!((sum - expected).abs() < 1e-12, "{sum} is not {expected}");
                for feature in 0..7 {
                    let off = contributions[feature] - exact[feature];
                    n_near += u32::from(off.abs() <= 3.0 * errors[feature] + 1e-12);
                    n_all += 1;
                    squares_off += off * off;
                    squares_said += errors[feature] * errors[feature];
                }
            }
        }
        let ratio = squares_off / squares_said;
        assert!((0.8..1.25).contains(&ratio), "the errors' squares are {ratio} of those said");
        // An error from few drawings is itself uncertain: less than the 0.997 of a known one.
        let share = f64::from(n_near) / f64::from(n_all);
        assert!(share > 0.85, "{share} of contributions within three standard errors");
    }

    #[test]
    fn what_a_row_shares_with_the_background_has_no_part() {
        let (model, _, mut background) = example(4);
        background.rows.iter_mut().for_each(|row| row[2] = 0.5);
        let measures = background.rows.iter().map(|row| model.of(row)).collect();
        background.measures = measures;
        let [contributions, errors] =
            explain(&model, &background, ArrayView1::from(&[2.0, -1.0, 0.5, 3.0]), 1);
        assert_eq!((contributions[2], errors[2]), (0.0, 0.0));
        assert!(errors.iter().any(|error| *error > 0.0));
    }
}
