//! Every learner, fit and score, at three sizes: how its cost grows. `cargo bench --bench learners`, or one of them with
//! `cargo bench --bench learners -- boosting`. In a browser, beside what a page or a notebook could use instead:
//! `node benches/browser/run.mjs --only learners`.

#![allow(missing_docs, reason = "criterion's macros write public items")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use isoscope::engine::learn::boosting::Boosting;
use isoscope::engine::learn::forest::Forest;
use isoscope::engine::learn::logistic::LogisticRegression;
use isoscope::engine::learn::trees::Target;
use isoscope::engine::math::exp;
use isoscope::engine::rng::Rng;
use ndarray::{Array2, ArrayView1, ArrayView2};

/// Standard normal rows of two classes, whose log-odds some features move, two of them together.
fn labelled(n_rows: usize, n_features: usize) -> (Array2<f64>, Vec<u32>) {
    let mut rng = Rng::new(40);
    let rows = Array2::from_shape_simple_fn((n_rows, n_features), || rng.normal());
    let label = |x: ArrayView1<'_, f64>| {
        let log_odds = 1.2 * x[0] - 0.8 * x[3] + 0.6 * x[6] + 1.5 * x[1] * x[2] - 2.5;
        u32::from(rng.uniform() < 1.0 / (1.0 + exp(-log_odds)))
    };
    let labels = rows.outer_iter().map(label).collect();
    (rows, labels)
}

/// Fits to rows and scores them.
type Learner = fn(ArrayView2<'_, f64>, &[u32], &mut [f64]);

fn logistic(rows: ArrayView2<'_, f64>, labels: &[u32], scores: &mut [f64]) {
    let model = LogisticRegression::params().fit(rows, labels, 2, &[]).expect("usable rows");
    model.outputs(rows, scores);
}

fn boosting(rows: ArrayView2<'_, f64>, labels: &[u32], scores: &mut [f64]) {
    let target = Target::Classes { classes: labels, n_classes: 2 };
    let model = Boosting::params().learning_rate(0.1).fit(rows, target, None).expect("usable rows");
    model.outputs(rows, scores);
}

fn forest(rows: ArrayView2<'_, f64>, labels: &[u32], scores: &mut [f64]) {
    let target = Target::Classes { classes: labels, n_classes: 2 };
    let model = Forest::params().fit(rows, target, None).expect("usable rows");
    model.outputs(rows, scores);
}

fn fit_and_score(c: &mut Criterion) {
    let learners: [(&str, Learner); 3] = [("logistic", logistic), ("boosting", boosting), ("forest", forest)];
    for (name, learner) in learners {
        let mut group = c.benchmark_group(format!("{name}/fit+score"));
        group.sample_size(10);
        for n_rows in [1_000, 10_000, 100_000] {
            let (rows, labels) = labelled(n_rows, 20);
            let mut scores = vec![0.0; 2 * n_rows];
            group.bench_function(BenchmarkId::from_parameter(format!("{n_rows}x20")), |b| {
                b.iter(|| learner(rows.view(), &labels, &mut scores));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, fit_and_score);
criterion_main!(benches);
