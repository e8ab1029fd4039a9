//! Every model, fit and score, at three sizes: how its cost grows. `cargo bench --bench models`, or one of them with
//! `cargo bench --bench models -- lof`. The same sizes in a browser, beside what a page or a notebook could use instead:
//! `node benches/browser/run.mjs --only models`.

#![allow(missing_docs, reason = "criterion's macros write public items")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use isoscope::engine::detect::iforest::IsolationForest;
use isoscope::engine::detect::{Detector as _, Model, fitting};
use isoscope::engine::explain::Split;
use isoscope::engine::plan::{
    Activation, AutoencoderParameters, DetectorName, Detectors, OneClassSvmParameters, Parameters,
};
use isoscope::engine::rng::Rng;
use ndarray::{Array2, Axis, s};

/// Standard normal rows, 1 % of them shifted by 4 in every third feature.
fn planted(n_rows: usize, n_features: usize) -> Array2<f64> {
    let mut rng = Rng::new(40);
    Array2::from_shape_fn((n_rows, n_features), |(row, feature)| {
        let shift = if row % 100 == 0 && feature % 3 == 0 { 4.0 } else { 0.0 };
        rng.normal() + shift
    })
}

/// As the peers have them: 20 neighbours, a network of 14, 7 and 14 units (one layer more where the code is narrower), a
/// machine for 5 % of rows.
fn parameters(n_features: usize) -> Parameters {
    Parameters {
        neighbors: 20,
        autoencoder: AutoencoderParameters {
            hidden: if n_features < 13 { vec![14, 7] } else { vec![14] },
            code: 7,
            activation: Activation::Relu,
            ..AutoencoderParameters::default()
        },
        ocsvm: OneClassSvmParameters { nu: 0.05, ..OneClassSvmParameters::default() },
        ..Parameters::default()
    }
}

/// Fits to rows, and scores them.
fn fit_and_score(detectors: &Detectors, parameters: &Parameters, rows: &Array2<f64>) -> (Model, Vec<f64>) {
    let mut fitting = fitting(detectors, parameters, 1, rows.view()).expect("finite rows");
    while !fitting.is_done() {
        fitting.step(rows.view().into()).expect("the rows of the fit");
    }
    let known = fitting.take_scores();
    let model = fitting.finish();
    let scores = known.unwrap_or_else(|| {
        let mut scores = vec![0.0; rows.nrows()];
        model.score_block(rows.view(), &mut scores);
        scores
    });
    (model, scores)
}

fn detectors(c: &mut Criterion) {
    let many = [(10_000, 20), (100_000, 20), (1_000_000, 10)];
    // Neighbours are looked for among 10,000 rows, and the machine is fitted to as many: cost grows with the square of rows
    // up to there, and in proportion beyond.
    let few = [(2_500, 20), (10_000, 20), (40_000, 20)];
    let trained = [(3_750, 6), (15_000, 6), (60_000, 6)];
    for (name, sizes) in [
        (DetectorName::Iforest, many),
        (DetectorName::RobustZ, many),
        (DetectorName::Hbos, many),
        (DetectorName::Ecod, many),
        (DetectorName::Copod, many),
        (DetectorName::Knn, few),
        (DetectorName::Lof, few),
        (DetectorName::Ocsvm, few),
        (DetectorName::Autoencoder, trained),
    ] {
        let mut group = c.benchmark_group(format!("{}/fit+score", name.name()));
        group.sample_size(10);
        for (n_rows, n_features) in sizes {
            let rows = planted(n_rows, n_features);
            let (detectors, parameters) = (name.into(), parameters(n_features));
            group.throughput(Throughput::Elements(n_rows as u64));
            group.bench_function(BenchmarkId::from_parameter(format!("{n_rows}x{n_features}")), |b| {
                b.iter(|| fit_and_score(&detectors, &parameters, &rows).1[0]);
            });
        }
        group.finish();
    }
}

/// The recommended ensemble and each of its members, with the parameters that they have by default.
fn ensemble(c: &mut Criterion) {
    let rows = planted(100_000, 20);
    let recommended = Detectors::recommended();
    let mut group = c.benchmark_group("ensemble/fit+score 100000x20");
    group.sample_size(10);
    for detectors in recommended.names().iter().map(|&name| name.into()).chain([recommended.clone()]) {
        group.bench_function(BenchmarkId::from_parameter(&detectors), |b| {
            b.iter(|| fit_and_score(&detectors, &Parameters::default(), &rows).1[0]);
        });
    }
    group.finish();
}

/// Reasons for a thousand rows are to take less than the scores of a hundred thousand.
fn contributions(c: &mut Criterion) {
    let rows = planted(100_000, 20);
    let forest = IsolationForest::params().seed(1).fit(rows.view()).expect("finite rows");
    let mut shares = vec![0.0; rows.ncols()];
    c.bench_function("iforest/contributions/one row", |b| {
        b.iter(|| forest.contributions(rows.row(100), &mut shares));
    });
    let mut group = c.benchmark_group("iforest/200 trees, 20 features");
    group.sample_size(10);
    let mut scores = vec![0.0; rows.nrows()];
    group.bench_function("scores of 100,000 rows", |b| {
        b.iter(|| forest.score_block(rows.view(), &mut scores));
    });
    let n_together = Split::rows_per_step(&forest);
    let (mut shares, mut errors) =
        (vec![0.0; n_together * rows.ncols()], vec![0.0; n_together * rows.ncols()]);
    group.bench_function("contributions to 1,000 rows", |b| {
        b.iter(|| {
            for block in rows.slice(s![..1_000, ..]).axis_chunks_iter(Axis(0), n_together) {
                let n = block.len();
                forest.contributions_block(block, &mut shares[..n], &mut errors[..n]);
            }
        });
    });
    group.finish();
}

criterion_group!(benches, detectors, ensemble, contributions);
criterion_main!(benches);
