//! Isolation Forest at the sizes of its published peers: 200 trees of 256 rows, fit and score.

#![allow(missing_docs, reason = "criterion's macros write public items")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use isoscope::engine::detect::Detector as _;
use isoscope::engine::detect::iforest::IsolationForest;
use isoscope::engine::rng::Rng;
use ndarray::{Array2, Axis};

/// Standard normal rows, 1 % of them shifted by 4 in every third feature.
fn planted(n_rows: usize, n_features: usize) -> Array2<f64> {
    let mut rng = Rng::new(40);
    Array2::from_shape_fn((n_rows, n_features), |(row, feature)| {
        let shift = if row % 100 == 0 && feature % 3 == 0 { 4.0 } else { 0.0 };
        rng.normal() + shift
    })
}

fn fit_and_score(c: &mut Criterion) {
    let mut group = c.benchmark_group("iforest/fit+score");
    group.sample_size(10);
    for (n_rows, n_features) in [(10_000, 20), (100_000, 20)] {
        let rows = planted(n_rows, n_features);
        let mut scores = vec![0.0; n_rows];
        group.bench_function(BenchmarkId::from_parameter(format!("{n_rows}x{n_features}")), |b| {
            b.iter(|| {
                let forest = IsolationForest::params().seed(1).fit(rows.view()).expect("finite rows");
                forest.score_block(rows.view(), &mut scores);
                scores[0]
            });
        });
    }
    group.finish();
}

fn fit(c: &mut Criterion) {
    let rows = planted(100_000, 20);
    c.bench_function("iforest/fit/100000x20", |b| {
        b.iter(|| IsolationForest::params().seed(1).fit(rows.view()).expect("finite rows"));
    });
}

/// What makes the scores of a thousand flagged rows, beside scoring all rows: it is to take less.
fn contributions(c: &mut Criterion) {
    let rows = planted(100_000, 20);
    let forest = IsolationForest::params().seed(1).fit(rows.view()).expect("finite rows");
    let mut scores = vec![0.0; rows.nrows()];
    let mut shares = vec![0.0; rows.ncols()];
    let flagged: Vec<usize> = (0..rows.nrows()).step_by(100).collect();
    let flagged = rows.select(Axis(0), &flagged);
    let mut contributions = vec![0.0; flagged.len()];
    let mut errors = contributions.clone();
    let mut group = c.benchmark_group("iforest/100000x20");
    group.sample_size(10);
    group.bench_function("score all rows", |b| b.iter(|| forest.score_block(rows.view(), &mut scores)));
    group.bench_function("contributions of 1000 rows", |b| {
        b.iter(|| forest.contributions_block(flagged.view(), &mut contributions, &mut errors));
    });
    group.bench_function("contributions of one row", |b| {
        b.iter(|| forest.contributions(rows.row(100), &mut shares));
    });
    group.finish();
}

criterion_group!(benches, fit_and_score, fit, contributions);
criterion_main!(benches);
