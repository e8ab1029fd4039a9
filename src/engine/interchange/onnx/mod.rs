//! Models as ONNX graphs.
//!
//! Numbers are 64 bits wide up to the model's last step, thresholds included, so a runtime decides as the engine does; the
//! results of its tree operator are 32 bits wide. Trees are a `TreeEnsembleRegressor` (of probabilities, of
//! margins, or of the value), which unlike `TreeEnsembleClassifier` has no rules of its own for two classes.
//!
//! | what | name | type |
//! | --- | --- | --- |
//! | inputs without a preparation | `features` | doubles, rows x features |
//! | inputs with one | each feature's name | doubles, rows x 1, `NaN` for missing; strings for categories, `""` for missing |
//! | outputs, classes | `probabilities`; `label` | floats, rows x classes; the first most likely class, one per row |
//! | outputs, values | `value` | floats, rows x 1 |
//! | outputs, a detector | `score`; `flag` | doubles, rows x 1; 1 above the threshold, else 0, one per row |

mod builder;
mod isolation;
mod messages;
mod preparation;

use crate::engine::detect::Detector as _;
use crate::engine::detect::iforest::IsolationForest;
use crate::engine::learn::Model;
use crate::engine::learn::boosting::Objective;
use crate::engine::learn::logistic::LogisticRegression;
use crate::engine::learn::trees::Trees;
use crate::engine::prepare::FittedPreparation;
use builder::{Builder, doubles, integer, integers, text, texts};
use messages::{DOUBLE, FLOAT, INT64};

/// The file. With a preparation its inputs are features as they are measured, without one what the model itself sees.
///
/// # Panics
/// If the preparation does not make as many columns as the model has features: a bug of the caller.
pub fn write(model: &Model, preparation: Option<&FittedPreparation>) -> Vec<u8> {
    let mut builder = Builder::default();
    let features = inputs(&mut builder, preparation, model.n_features());
    match model {
        Model::Forest(forest) => {
            let base = vec![0.0; forest.trees().n_outputs()];
            let means = trees(&mut builder, forest.trees(), &features, "AVERAGE", &base);
            match forest.n_classes() {
                0 => builder.output(&means, "value", FLOAT, Some(1)),
                2 => two_classes(&mut builder, &means),
                n_classes => classes(&mut builder, &means, n_classes),
            }
        }
        Model::Boosting(boosting) => {
            let margins = trees(&mut builder, boosting.trees(), &features, "SUM", boosting.base());
            match boosting.objective() {
                Objective::SquaredError => builder.output(&margins, "value", FLOAT, Some(1)),
                Objective::Logistic => {
                    let probability = builder.node("Sigmoid", &[&margins], Vec::new());
                    two_classes(&mut builder, &probability);
                }
                Objective::Softmax { n_classes } => {
                    let probabilities = builder.node("Softmax", &[&margins], vec![integer("axis", 1)]);
                    classes(&mut builder, &probabilities, n_classes);
                }
            }
        }
        Model::Logistic(logistic) => linear(&mut builder, logistic, &features),
    }
    builder.finish("isoscope")
}

/// The file of a detector, which flags scores above a threshold; inputs as [`write()`].
///
/// # Panics
/// As [`write()`].
pub fn write_forest(
    forest: &IsolationForest,
    preparation: Option<&FittedPreparation>,
    threshold: f64,
) -> Vec<u8> {
    let mut builder = Builder::default();
    let features = inputs(&mut builder, preparation, forest.n_features());
    isolation::write(&mut builder, forest, &features, threshold);
    builder.finish("isoscope")
}

/// Declares the inputs; returns the value with what the model sees of them.
fn inputs(builder: &mut Builder, preparation: Option<&FittedPreparation>, n_features: usize) -> String {
    let Some(fitted) = preparation else {
        builder.input("features", DOUBLE, n_features);
        return "features".to_owned();
    };
    assert_eq!(fitted.columns().len(), n_features, "columns of the preparation");
    preparation::write(fitted, builder)
}

/// The probabilities of weighted sums: of two classes that of the second, of more each against all others, added up to 1.
fn linear(builder: &mut Builder, model: &LogisticRegression, features: &str) {
    let (parts, n_features) = (model.parts(), model.n_features());
    let by_feature =
        (0..n_features).flat_map(|feature| parts.iter().map(move |part| part.coefficients[feature]));
    let weights = builder.doubles(&[n_features, parts.len()], &by_feature.collect::<Vec<f64>>());
    let intercepts: Vec<f64> = parts.iter().map(|part| part.intercept).collect();
    let constants = builder.doubles(&[parts.len()], &intercepts);
    let sums = builder.node("MatMul", &[features, &weights], Vec::new());
    let margins = builder.node("Add", &[&sums, &constants], Vec::new());
    let mut probabilities = builder.node("Sigmoid", &[&margins], Vec::new());
    if parts.len() > 1 {
        let axes = builder.integers(&[1]);
        let total = builder.node("ReduceSum", &[&probabilities, &axes], Vec::new());
        probabilities = builder.node("Div", &[&probabilities, &total], Vec::new());
    }
    let probabilities = builder.cast(&probabilities, FLOAT);
    match parts.len() {
        1 => two_classes(builder, &probabilities),
        n_classes => classes(builder, &probabilities, n_classes),
    }
}

/// Of the probability of class 1 those of both.
fn two_classes(builder: &mut Builder, probability: &str) {
    let one = builder.float(1.0);
    let other = builder.node("Sub", &[&one, probability], Vec::new());
    let both = builder.node("Concat", &[&other, probability], vec![integer("axis", 1)]);
    classes(builder, &both, 2);
}

fn classes(builder: &mut Builder, probabilities: &str, n_classes: usize) {
    builder.output(probabilities, "probabilities", FLOAT, Some(n_classes));
    let label = builder.node("ArgMax", &[probabilities], vec![integer("axis", 1), integer("keepdims", 0)]);
    builder.output(&label, "label", INT64, None);
}

/// What trees give, rows x outputs.
fn trees(builder: &mut Builder, trees: &Trees, features: &str, aggregate: &str, base: &[f64]) -> String {
    let n_nodes = trees.nodes().len();
    let (mut tree_ids, mut node_ids) = (Vec::with_capacity(n_nodes), Vec::with_capacity(n_nodes));
    let (mut trues, mut falses) = (vec![0; n_nodes], vec![0; n_nodes]);
    let (mut features_of, mut missing) = (vec![0; n_nodes], vec![0; n_nodes]);
    let mut thresholds = vec![0.0; n_nodes];
    let (mut target_trees, mut target_nodes, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    let mut weights = Vec::new();
    let roots: Vec<usize> = trees.roots().chain([n_nodes]).collect();
    for (tree, range) in roots.windows(2).enumerate() {
        for place in range[0]..range[1] {
            let (node, id) = (trees.nodes()[place], (place - range[0]) as i64);
            tree_ids.push(tree as i64);
            node_ids.push(id);
            if node.is_leaf() {
                for output in 0..trees.n_outputs() {
                    if trees.leaf_width() > 1 || tree % trees.n_outputs() == output {
                        target_trees.push(tree as i64);
                        target_nodes.push(id);
                        targets.push(output as i64);
                        weights.push(trees.leaf_value(tree, node, output));
                    }
                }
            } else {
                trues[place] = (node.left() - range[0]) as i64;
                falses[place] = trues[place] + 1;
                features_of[place] = node.feature() as i64;
                missing[place] = i64::from(node.is_missing_left());
                thresholds[place] = node.threshold();
            }
        }
    }
    let modes = trees.nodes().iter().map(|node| if node.is_leaf() { "LEAF" } else { "BRANCH_LEQ" });
    let attributes = vec![
        text("aggregate_function", aggregate),
        doubles("base_values_as_tensor", base),
        integer("n_targets", trees.n_outputs() as i64),
        integers("nodes_falsenodeids", falses),
        integers("nodes_featureids", features_of),
        integers("nodes_missing_value_tracks_true", missing),
        texts("nodes_modes", modes),
        integers("nodes_nodeids", node_ids),
        integers("nodes_treeids", tree_ids),
        integers("nodes_truenodeids", trues),
        doubles("nodes_values_as_tensor", &thresholds),
        text("post_transform", "NONE"),
        integers("target_ids", targets),
        integers("target_nodeids", target_nodes),
        integers("target_treeids", target_trees),
        doubles("target_weights_as_tensor", &weights),
    ];
    builder.ml_node("TreeEnsembleRegressor", &[features], attributes)
}
