//! Trees against xgboost, scikit-learn and shap, from `golden/trees.json`.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::evaluate::roc_auc;
use isoscope::engine::learn::boosting::{self, Boosting};
use isoscope::engine::learn::forest::Forest;
use isoscope::engine::learn::trees::{Explainer, Target, Trees};
use ndarray::{Array2, ArrayView2, s};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Golden {
    first_trees: Vec<FirstTree>,
    shapley_values: Vec<Shares>,
    scores: Vec<Scores>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FirstTree {
    name: String,
    n_classes: usize,
    params: Params,
    rows: Vec<Vec<Option<f64>>>,
    target: Vec<f64>,
    tree: Nested,
}

#[derive(Deserialize)]
struct Params {
    max_depth: usize,
    learning_rate: f64,
    reg_lambda: f64,
    reg_alpha: f64,
    gamma: f64,
    min_child_weight: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Nested {
    Cut { cover: f64, gain: f64, feature: usize, left: Box<Nested>, right: Box<Nested> },
    Leaf { cover: f64, value: f64 },
}

#[derive(Deserialize)]
struct Shares {
    name: String,
    trees: Trees,
    rows: Vec<Vec<Option<f64>>>,
    /// By output.
    bases: Vec<f64>,
    /// By row, feature and output.
    shares: Vec<Vec<Vec<f64>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scores {
    name: String,
    forest_roc_auc: Spread,
    forest_r2: Spread,
    boosting_roc_auc: Spread,
    boosting_r2: Spread,
}

/// Of scores over seeds.
#[derive(Deserialize)]
struct Spread {
    mean: f64,
    sd: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/trees.json")).unwrap()
}

fn matrix(rows: &[Vec<Option<f64>>]) -> Array2<f64> {
    let values = rows.iter().flatten().map(|value| value.unwrap_or(f64::NAN));
    Array2::from_shape_vec((rows.len(), rows[0].len()), values.collect()).unwrap()
}

/// xgboost adds up in 32 bits.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-4 * a.abs().max(b.abs()).max(1e-2)
}

/// The same cuts: which rows go where, missing ones among them, is in the covers.
fn assert_same(name: &str, trees: &Trees, place: usize, theirs: &Nested) -> usize {
    let (node, cover) = (trees.nodes()[place], trees.covers()[place]);
    match theirs {
        Nested::Leaf { cover: their_cover, value } => {
            assert!(node.is_leaf(), "{name}: xgboost has a leaf at {place}");
            assert!(close(cover, *their_cover), "{name}: cover {cover}, {their_cover}");
            let ours = trees.leaf_value(0, node, 0);
            assert!(close(ours, *value), "{name}: leaf {ours}, xgboost has {value}");
            1
        }
        Nested::Cut { cover: their_cover, gain, feature, left, right } => {
            assert!(!node.is_leaf(), "{name}: xgboost wins {gain} by feature {feature} at {place}");
            assert_eq!(node.feature(), *feature, "{name} at {place}");
            assert!(close(cover, *their_cover), "{name}: cover {cover}, {their_cover}");
            1 + assert_same(name, trees, node.left(), left) + assert_same(name, trees, node.left() + 1, right)
        }
    }
}

#[test]
fn the_first_tree_is_xgboosts() {
    for case in golden().first_trees {
        let FirstTree { name, n_classes, params, rows, target, tree } = case;
        let rows = matrix(&rows);
        let classes: Vec<u32> = target.iter().map(|&class| class as u32).collect();
        let learned = match n_classes {
            0 => Target::Values(&target),
            n_classes => Target::Classes { classes: &classes, n_classes },
        };
        let model = Boosting::params()
            .trees(1)
            .max_depth(params.max_depth)
            .learning_rate(params.learning_rate)
            .l2(params.reg_lambda)
            .l1(params.reg_alpha)
            .gamma(params.gamma)
            .min_child_weight(params.min_child_weight)
            .fit(rows.view(), learned, None)
            .unwrap();
        let n_nodes = assert_same(&name, model.trees(), 0, &tree);
        assert_eq!(n_nodes, model.trees().nodes().len(), "{name}");
        assert!(n_nodes > 10, "{name}: a tree of {n_nodes} nodes says little");
    }
}

#[test]
fn contributions_are_those_of_shap() {
    for case in golden().shapley_values {
        let rows = matrix(&case.rows);
        for output in 0..case.bases.len() {
            // scikit-learn's forests are means over trees.
            let mut explainer = Explainer::mean(&case.trees, output);
            let base = case.bases[output];
            assert!((explainer.base() - base).abs() < 1e-9, "{}: base {base}", case.name);
            let mut shares = vec![0.0; rows.ncols()];
            for (row, theirs) in rows.outer_iter().zip(&case.shares) {
                explainer.contributions(row, &mut shares);
                for (ours, theirs) in shares.iter().zip(theirs) {
                    let theirs = theirs[output];
                    assert!((ours - theirs).abs() < 1e-9, "{}: {ours}, shap has {theirs}", case.name);
                }
            }
        }
    }
}

/// A set's training and held-out rows, every other one, with labels last.
fn set(name: &str) -> (Array2<f64>, Array2<f64>) {
    let path = format!("{}/tests/golden/models/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    let table = Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap();
    (table.slice(s![..;2, ..]).to_owned(), table.slice(s![1..;2, ..]).to_owned())
}

fn r2(predicted: &[f64], target: &[f64]) -> f64 {
    let mean = target.iter().sum::<f64>() / target.len() as f64;
    let errors: f64 = predicted.iter().zip(target).map(|(p, y)| (p - y) * (p - y)).sum();
    1.0 - errors / target.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>()
}

/// Mean score over seeds, from what a seed's model predicts of class 1 or as value.
fn mean_over_seeds(n_seeds: u64, score: impl Fn(u64) -> f64) -> f64 {
    (0..n_seeds).map(score).sum::<f64>() / n_seeds as f64
}

fn assert_within(what: &str, name: &str, ours: f64, theirs: &Spread) {
    println!("{name}: {what} {ours:.4}, theirs {:.4} ± {:.4}", theirs.mean, theirs.sd);
    assert!(
        ours >= theirs.mean - 2.0 * theirs.sd,
        "{name}: {what} {ours} on held-out rows, theirs {} with a spread of {}",
        theirs.mean,
        theirs.sd
    );
}

fn class_one(outputs: &[f64]) -> Vec<f64> {
    outputs.chunks_exact(2).map(|row| row[1]).collect()
}

struct Parts<'a> {
    rows: ArrayView2<'a, f64>,
    held_out: ArrayView2<'a, f64>,
    target: Vec<f64>,
    expected: Vec<f64>,
}

impl Parts<'_> {
    fn auc(&self, outputs: &[f64]) -> f64 {
        let labels: Vec<bool> = self.expected.iter().map(|&label| label == 1.0).collect();
        roc_auc(&class_one(outputs), &labels).unwrap()
    }

    fn classes(&self) -> Vec<u32> {
        self.target.iter().map(|&label| label as u32).collect()
    }
}

#[test]
fn held_out_scores_lie_within_the_spread_of_seeds() {
    let scores = golden().scores;
    assert_eq!(scores.len(), 6);
    for theirs in scores {
        let (train, test) = set(&theirs.name);
        let last = train.ncols() - 1;
        let labelled = Parts {
            rows: train.slice(s![.., ..last]),
            held_out: test.slice(s![.., ..last]),
            target: train.column(last).to_vec(),
            expected: test.column(last).to_vec(),
        };
        let valued = Parts {
            rows: train.slice(s![.., 1..last]),
            held_out: test.slice(s![.., 1..last]),
            target: train.column(0).to_vec(),
            expected: test.column(0).to_vec(),
        };
        let classes = labelled.classes();
        let learned = Target::Classes { classes: &classes, n_classes: 2 };
        let mut outputs = vec![0.0; 2 * labelled.expected.len()];
        let mut values = vec![0.0; valued.expected.len()];
        let forest = |seed| {
            let params = Forest::params().seed(seed);
            let model = params.fit(labelled.rows, learned, None).unwrap();
            let mut outputs = vec![0.0; 2 * labelled.expected.len()];
            model.outputs(labelled.held_out, &mut outputs);
            labelled.auc(&outputs)
        };
        assert_within("forest's ROC AUC", &theirs.name, mean_over_seeds(5, forest), &theirs.forest_roc_auc);
        let forest = |seed| {
            let params = Forest::params().seed(seed);
            let model = params.fit(valued.rows, Target::Values(&valued.target), None).unwrap();
            let mut values = vec![0.0; valued.expected.len()];
            model.outputs(valued.held_out, &mut values);
            r2(&values, &valued.expected)
        };
        assert_within("forest's R2", &theirs.name, mean_over_seeds(5, forest), &theirs.forest_r2);
        let params: fn(u64) -> boosting::Params = |seed| Boosting::params().subsample(0.8).seed(seed);
        let mut auc = 0.0;
        let mut explained = 0.0;
        for seed in 0..5 {
            let model = params(seed).fit(labelled.rows, learned, None).unwrap();
            model.outputs(labelled.held_out, &mut outputs);
            auc += labelled.auc(&outputs) / 5.0;
            let model = params(seed).fit(valued.rows, Target::Values(&valued.target), None).unwrap();
            model.outputs(valued.held_out, &mut values);
            explained += r2(&values, &valued.expected) / 5.0;
        }
        assert_within("boosting's ROC AUC", &theirs.name, auc, &theirs.boosting_roc_auc);
        assert_within("boosting's R2", &theirs.name, explained, &theirs.boosting_r2);
    }
}
