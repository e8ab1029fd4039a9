//! Boosted trees at the sizes of their published peers: 100 trees of depth 6, fit and score.

#![allow(missing_docs, reason = "criterion's macros write public items")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use isoscope::engine::learn::boosting::Boosting;
use isoscope::engine::learn::trees::Target;
use isoscope::engine::rng::Rng;
use ndarray::Array2;

/// Standard normal rows, 3 % of them shifted by 2 in every third feature, and which.
fn planted(n_rows: usize, n_features: usize) -> (Array2<f64>, Vec<f64>) {
    let mut rng = Rng::new(40);
    let labels: Vec<f64> = (0..n_rows).map(|_| if rng.uniform() < 0.03 { 1.0 } else { 0.0 }).collect();
    let rows = Array2::from_shape_fn((n_rows, n_features), |(row, feature)| {
        rng.normal() + if feature % 3 == 0 { 2.0 * labels[row] } else { 0.0 }
    });
    (rows, labels)
}

fn fit_and_score(c: &mut Criterion) {
    let mut group = c.benchmark_group("boosting/fit+score");
    group.sample_size(10);
    for (n_rows, n_features) in [(1_000, 20), (10_000, 20), (100_000, 20)] {
        let (rows, target) = planted(n_rows, n_features);
        let mut scores = vec![0.0; n_rows];
        let params = Boosting::params().learning_rate(0.1);
        group.bench_function(BenchmarkId::from_parameter(format!("{n_rows}x{n_features}")), |b| {
            b.iter(|| {
                let model = params.fit(rows.view(), Target::Values(&target), None).expect("usable rows");
                model.outputs(rows.view(), &mut scores);
                scores[0]
            });
        });
    }
    group.finish();
}

criterion_group!(benches, fit_and_score);
criterion_main!(benches);
