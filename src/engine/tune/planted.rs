//! Known anomalies: copies of real rows, changed in known ways.
//!
//! | pattern | what is done to a copy |
//! | --- | --- |
//! | extreme | one number in ten, at least one, goes beyond all others: half again as far from the median as the highest is |
//! | raised | half of the numbers go to where 5 in 100 rows are above: none is remarkable by itself |
//! | mixed | half of the features are another row's: no value is remarkable, their combination is |
//!
//! As in the evaluation of detectors on planted anomalies (Steinbuss and Böhm, *Benchmarking Unsupervised Outlier Detection
//! with Realistic Synthetic Data*, 2021: global, local and dependency outliers), a detector is to tell them from the rows they
//! were copied from. Real anomalies among those rows count against it, for every candidate alike.

use crate::engine::features::Feature;
use crate::engine::math::quantile_sorted;
use crate::engine::order;
use crate::engine::rng::Rng;
use ndarray::{Array2, ArrayView2, Axis, concatenate};

/// Patterns by name, in the order they are planted in.
pub const PATTERNS: [&str; 3] = ["extreme", "raised", "mixed"];

/// One copy in so many rows, but at least [`MIN_COPIES`].
const ROWS_PER_COPY: usize = 20;
const MIN_COPIES: usize = 12;

/// Rows with copies behind them.
pub struct Planted {
    /// The rows given, then the copies.
    pub values: Array2<f64>,
    /// Pattern of each copy, a place in [`PATTERNS`].
    pub pattern_of_copy: Vec<usize>,
}

/// How a number lies.
struct Spread {
    feature: usize,
    median: f64,
    high: f64,
    highest: f64,
}

/// Plants copies among rows (rows x features).
pub fn plant(features: &[Feature], values: ArrayView2<'_, f64>, rng: &mut Rng) -> Planted {
    let (n_rows, n_features) = values.dim();
    let numbers: Vec<Spread> = (0..n_features)
        .filter(|&feature| features[feature].labels.is_empty())
        .filter_map(|feature| {
            let mut known: Vec<f64> =
                values.column(feature).iter().copied().filter(|v| !v.is_nan()).collect();
            order::sort(&mut known);
            let (median, high) = (quantile_sorted(&known, 0.5), quantile_sorted(&known, 0.95));
            let highest = *known.last()?;
            (highest > known[0]).then_some(Spread { feature, median, high, highest })
        })
        .collect();
    let n_copies = (n_rows / ROWS_PER_COPY).max(MIN_COPIES);
    // Drawn before all that depends on features: of the same rows with other features the same are copied.
    let drawn: Vec<[usize; 2]> =
        (0..n_copies).map(|_| [(); 2].map(|()| rng.below(n_rows as u64) as usize)).collect();
    let mut copies = Array2::zeros((n_copies, n_features));
    let mut pattern_of_copy = Vec::with_capacity(n_copies);
    for (place, (mut copy, [source, other])) in copies.rows_mut().into_iter().zip(drawn).enumerate() {
        let pattern = place % PATTERNS.len();
        copy.assign(&values.row(source));
        match PATTERNS[pattern] {
            "extreme" => {
                for number in rng.sample_indices(numbers.len(), numbers.len().div_ceil(10)) {
                    let Spread { feature, median, highest, .. } = numbers[number];
                    // Where most rows have the highest value, its own size is the only scale there is.
                    let reach = if highest > median { highest - median } else { highest.abs().max(1.0) };
                    copy[feature] = highest + reach / 2.0;
                }
            }
            "raised" => {
                for number in rng.sample_indices(numbers.len(), numbers.len().div_ceil(2)) {
                    copy[numbers[number].feature] = numbers[number].high;
                }
            }
            _ => {
                let other = values.row(other);
                for feature in rng.sample_indices(n_features, n_features.div_ceil(2)) {
                    copy[feature] = other[feature];
                }
            }
        }
        pattern_of_copy.push(pattern);
    }
    // Both have one column per feature, so they can be joined.
    let values = concatenate(Axis(0), &[values, copies.view()]).unwrap_or_else(|_| values.to_owned());
    Planted { values, pattern_of_copy }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever else is known of rows, the same ones are copied.
    #[test]
    fn the_same_rows_are_copied_with_other_features() {
        let n_rows = 40;
        let names = Feature {
            labels: (0..n_rows).map(|row| row.to_string()).collect(),
            ..Feature::new("name", "name", "")
        };
        let sources = |n_numbers: usize| {
            let numbers = (0..n_numbers).map(|place| Feature::new(format!("x{place}"), "x", ""));
            let features: Vec<Feature> = [names.clone()].into_iter().chain(numbers).collect();
            let values = Array2::from_shape_fn((n_rows, 1 + n_numbers), |(row, column)| {
                if column == 0 { row as f64 } else { (row * (column + 3) % 17) as f64 }
            });
            let Planted { values, pattern_of_copy } = plant(&features, values.view(), &mut Rng::new(4));
            let is_kept = |&place: &usize| PATTERNS[pattern_of_copy[place]] != "mixed";
            (0..pattern_of_copy.len())
                .filter(is_kept)
                .map(|place| values[[n_rows + place, 0]])
                .collect::<Vec<f64>>()
        };
        let few = sources(2);
        assert!(few.len() > 4 && few.iter().any(|&row| row != few[0]));
        assert_eq!(few, sources(9));
    }
}
