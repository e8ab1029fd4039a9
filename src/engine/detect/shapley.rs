//! Contributions for models that have no exact ones: sampled Shapley values.
//!
//! Features are changed one after the other, in a drawn order, from a typical row's value to the row's own; each gets
//! what the measure moves by. Over all orders the mean is the Shapley value of the game "which features does the row have
//! of its own" (Štrumbelj and Kononenko, *Explaining prediction models*, 2014, with one background row). Every drawn
//! order is followed by its reverse, which halves the variance and more (Mitchell et al., JMLR 2022). For every order the
//! contributions add up to the measure of the row less that of the typical one, so their mean does too.

use crate::engine::math::quantile_sorted;
use crate::engine::order;
use crate::engine::rng::Rng;
use ndarray::{ArrayView1, ArrayView2};

/// Orders drawn, each with its reverse.
const N_ORDERS: usize = 6;

/// The median of each feature: a typical row.
pub(super) fn medians(rows: ArrayView2<'_, f64>) -> Vec<f64> {
    let median = |column: ArrayView1<'_, f64>| {
        let mut values = column.to_vec();
        order::sort(&mut values);
        quantile_sorted(&values, 0.5)
    };
    rows.columns().into_iter().map(median).collect()
}

/// Contributions of a row's features to `measure(row) - measure(typical)`.
pub(super) fn sampled(
    measure: impl Fn(ArrayView1<'_, f64>) -> f64,
    typical: &[f64],
    row: ArrayView1<'_, f64>,
    seed: u64,
    contributions: &mut [f64],
) {
    contributions.fill(0.0);
    // Features that are typical move nothing.
    let mut features: Vec<usize> =
        (0..typical.len()).filter(|&feature| row[feature] != typical[feature]).collect();
    let base = measure(ArrayView1::from(typical));
    let mut rng = Rng::new(seed);
    for _ in 0..N_ORDERS {
        rng.shuffle(&mut features);
        for is_reverse in [false, true] {
            let mut changed = typical.to_vec();
            let mut before = base;
            for place in 0..features.len() {
                let feature = features[if is_reverse { features.len() - 1 - place } else { place }];
                changed[feature] = row[feature];
                let after = measure(ArrayView1::from(&changed));
                contributions[feature] += (after - before) / (2 * N_ORDERS) as f64;
                before = after;
            }
        }
    }
}
