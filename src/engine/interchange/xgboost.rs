//! Boosted trees as XGBoost's JSON model format, written and read.
//!
//! XGBoost sends a value left that is *below* its split condition, holds both in 32 bits, and keeps the score before any
//! tree as a probability in logistic models. What is written is in the form of version 2.1, which later ones read: one
//! base score for all classes, so that of softmax goes into the leaves of the first round. What is read can be of any
//! version with this format (1.0 and later).

use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::learn::boosting::{Boosting, Objective};
use crate::engine::learn::trees::{GrownTree, Trees};
use crate::engine::math::{exp, ln};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Features of a model that is read, at most: there is a number for each, whatever the file's size.
const MAX_FEATURES: usize = 1 << 20;

/// The model as JSON text, for `xgboost.Booster.load_model`. Features are named where `names` has one for each.
pub fn write(model: &Boosting, names: &[String]) -> String {
    let trees = model.trees();
    let n_margins = model.base().len();
    let roots: Vec<usize> = trees.roots().chain([trees.nodes().len()]).collect();
    let of_softmax =
        |index: usize| if index < n_margins && n_margins > 1 { model.base()[index] } else { 0.0 };
    let written: Vec<Value> = roots
        .windows(2)
        .enumerate()
        .map(|(index, range)| written_tree(trees, index, range[0], range[1], of_softmax(index)))
        .collect();
    let (name, base_score, specific) = match model.objective() {
        Objective::SquaredError => {
            ("reg:squarederror", model.base()[0], ("reg_loss_param", json!({ "scale_pos_weight": "1" })))
        }
        Objective::Logistic => {
            let probability = 1.0 / (1.0 + exp(-model.base()[0]));
            ("binary:logistic", probability, ("reg_loss_param", json!({ "scale_pos_weight": "1" })))
        }
        Objective::Softmax { n_classes } => {
            let classes = json!({ "num_class": n_classes.to_string() });
            ("multi:softprob", 0.0, ("softmax_multiclass_param", classes))
        }
    };
    let n_classes = if n_margins > 1 { n_margins } else { 0 };
    let tree_info: Vec<usize> = (0..trees.n_trees()).map(|tree| tree % n_margins).collect();
    let rounds: Vec<usize> = (0..=model.n_rounds()).map(|round| round * n_margins).collect();
    let feature_names = if names.len() == model.n_features() { names } else { &[] };
    let document = json!({
        "version": [2, 1, 0],
        "learner": {
            "attributes": {},
            "feature_names": feature_names,
            "feature_types": [],
            "gradient_booster": {
                "name": "gbtree",
                "model": {
                    "gbtree_model_param": {
                        "num_parallel_tree": "1",
                        "num_trees": trees.n_trees().to_string(),
                    },
                    "iteration_indptr": rounds,
                    "tree_info": tree_info,
                    "trees": written,
                },
            },
            "learner_model_param": {
                "base_score": format!("{:e}", base_score as f32),
                "boost_from_average": "1",
                "num_class": n_classes.to_string(),
                "num_feature": model.n_features().to_string(),
                "num_target": "1",
            },
            "objective": { "name": name, specific.0: specific.1 },
        },
    });
    document.to_string()
}

/// Tree `index`, whose nodes are those from `root` to `end`; `added` comes to each leaf.
fn written_tree(trees: &Trees, index: usize, root: usize, end: usize, added: f64) -> Value {
    let n_nodes = end - root;
    let (mut left, mut right) = (vec![-1_i64; n_nodes], vec![-1_i64; n_nodes]);
    let mut parents = vec![i64::from(i32::MAX); n_nodes];
    let (mut features, mut default_left) = (vec![0; n_nodes], vec![0_u8; n_nodes]);
    let mut conditions = Vec::with_capacity(n_nodes);
    for (place, &node) in trees.nodes()[root..end].iter().enumerate() {
        if node.is_leaf() {
            let output = index % trees.n_outputs();
            conditions.push((trees.leaf_value(index, node, output) + added) as f32);
            continue;
        }
        let child = node.left() - root;
        (left[place], right[place]) = (child as i64, child as i64 + 1);
        parents[child] = place as i64;
        parents[child + 1] = place as i64;
        features[place] = node.feature();
        default_left[place] = u8::from(node.is_missing_left());
        conditions.push(condition(node.threshold()));
    }
    let covers: Vec<f32> = trees.covers()[root..end].iter().map(|&cover| cover as f32).collect();
    json!({
        "base_weights": vec![0.0_f32; n_nodes],
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "default_left": default_left,
        "id": index,
        "left_children": left,
        "loss_changes": vec![0.0_f32; n_nodes],
        "parents": parents,
        "right_children": right,
        "split_conditions": conditions,
        "split_indices": features,
        "split_type": vec![0; n_nodes],
        "sum_hessian": covers,
        "tree_param": {
            "num_deleted": "0",
            "num_feature": trees.n_features().to_string(),
            "num_nodes": n_nodes.to_string(),
            "size_leaf_vector": "1",
        },
    })
}

/// The 32-bit number below which are those at or below the threshold.
fn condition(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    let at_or_below = if f64::from(nearest) > threshold { nearest.next_down() } else { nearest };
    at_or_below.next_up().min(f32::MAX)
}

/// The largest number that XGBoost finds below a condition, having rounded it to 32 bits.
fn threshold(condition: f32) -> f64 {
    let middle = f64::from(condition.next_down()) / 2.0 + f64::from(condition) / 2.0;
    if (middle as f32) < condition { middle } else { middle.next_down() }
}

#[derive(Deserialize)]
struct Document {
    learner: Learner,
}

#[derive(Deserialize)]
struct Learner {
    #[serde(default)]
    feature_names: Vec<String>,
    gradient_booster: Booster,
    learner_model_param: ModelParam,
    objective: Named,
}

#[derive(Deserialize)]
struct Booster {
    name: String,
    model: Option<BoosterModel>,
}

#[derive(Deserialize)]
struct BoosterModel {
    tree_info: Vec<usize>,
    trees: Vec<Tree>,
}

#[derive(Deserialize)]
struct ModelParam {
    base_score: String,
    num_class: String,
    num_feature: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Tree {
    left_children: Vec<i64>,
    right_children: Vec<i64>,
    split_indices: Vec<u32>,
    split_conditions: Vec<f32>,
    default_left: Vec<Flag>,
    #[serde(default)]
    split_type: Vec<u8>,
    loss_changes: Vec<f64>,
    sum_hessian: Vec<f64>,
}

/// Older versions write true and false, newer ones 1 and 0.
#[derive(Deserialize, Serialize, Clone, Copy)]
#[serde(untagged)]
enum Flag {
    Truth(bool),
    Number(u8),
}

impl Flag {
    fn is_set(self) -> bool {
        matches!(self, Flag::Truth(true) | Flag::Number(1..))
    }
}

fn refuse<T>(expected: &str, found: impl Into<String>) -> Result<T> {
    let (format, expected, found) = ("XGBoost JSON".to_owned(), expected.to_owned(), found.into());
    let remedy = "save the trees again with xgboost, or learn them here";
    Err(Error::new(ErrorKind::WrongFormat { format, expected, found, remedy }))
}

/// A model from the JSON text that `xgboost.Booster.save_model` writes, and the names of its features, if it has any.
///
/// # Errors
/// `wrong-format` when the text is no such model, or one of another kind: boosters other than trees, categories, several
/// targets, objectives other than `reg:squarederror`, `binary:logistic`, `multi:softprob` and `multi:softmax`.
pub fn read(text: &str) -> Result<(Boosting, Vec<String>)> {
    let document: Document = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            let said = error.to_string();
            let lacking = said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            return refuse(
                "a model as save_model writes it with a name that ends with .json",
                lacking.map_or_else(|| said.clone(), |part| format!("JSON without the part \"{part}\"")),
            );
        }
    };
    let Learner { feature_names, gradient_booster, learner_model_param: param, objective } = document.learner;
    let Some(model) = gradient_booster.model.filter(|_| gradient_booster.name == "gbtree") else {
        return refuse("a booster of trees, gbtree", gradient_booster.name);
    };
    let whole = |name: &str, text: &str| match text.parse::<usize>() {
        Ok(number) => Ok(number),
        Err(_) => refuse(&format!("{name} as a whole number"), text),
    };
    let (n_features, n_classes) =
        (whole("num_feature", &param.num_feature)?, whole("num_class", &param.num_class)?);
    let (objective, n_margins) = match objective.name.as_str() {
        "reg:squarederror" => (Objective::SquaredError, 1),
        "binary:logistic" => (Objective::Logistic, 1),
        "multi:softprob" | "multi:softmax" => (Objective::Softmax { n_classes }, n_classes),
        other => return refuse("reg:squarederror, binary:logistic, multi:softprob or multi:softmax", other),
    };
    if !(1..=MAX_FEATURES).contains(&n_features) {
        return refuse(&format!("1 to {MAX_FEATURES} features"), param.num_feature);
    }
    if model.tree_info.len() != model.trees.len()
        || !(1..=Trees::MAX_OUTPUTS).contains(&n_margins)
        || model.tree_info.iter().enumerate().any(|(tree, &class)| class != tree % n_margins)
    {
        return refuse("one tree per class and round", "others");
    }
    let scores = param.base_score.trim_matches(['[', ']']).split(',').map(str::parse::<f32>);
    let Ok(scores) = scores.collect::<std::result::Result<Vec<f32>, _>>() else {
        return refuse("base_score as a number, or one per class", param.base_score);
    };
    let mut base: Vec<f64> = scores.into_iter().map(f64::from).collect();
    if base.len() == 1 {
        base = base.repeat(n_margins);
    }
    if objective == Objective::Logistic {
        base.iter_mut().for_each(|p| *p = ln(*p) - ln(1.0 - *p));
    }
    let mut trees = Trees::new(n_features, n_margins, 1);
    let mut gains = vec![0.0; n_features];
    for tree in &model.trees {
        trees.push(read_tree(tree, &mut gains)?);
    }
    let boosting = Boosting::new(objective, base, trees, gains);
    match boosting.check() {
        Ok(()) => Ok((boosting, feature_names)),
        Err(error) => refuse("trees that fit together", error.to_string()),
    }
}

fn read_tree(tree: &Tree, gains: &mut [f64]) -> Result<GrownTree> {
    let n_nodes = tree.left_children.len();
    let lengths = [
        tree.right_children.len(),
        tree.split_indices.len(),
        tree.split_conditions.len(),
        tree.default_left.len(),
        tree.loss_changes.len(),
        tree.sum_hessian.len(),
    ];
    if n_nodes == 0 || lengths.iter().any(|&length| length != n_nodes) {
        return refuse("as many of everything as a tree has nodes", format!("{n_nodes} and {lengths:?}"));
    }
    if tree.split_type.iter().any(|&kind| kind != 0) {
        return refuse("cuts of numbers", "categories");
    }
    let mut grown = GrownTree::new();
    let mut pending = vec![(0, 0)];
    let mut n_read = 0;
    while let Some((from, to)) = pending.pop() {
        n_read += 1;
        if n_read > n_nodes {
            return refuse("a tree", "nodes that are their own ancestors");
        }
        // A weight of 0 would leave nothing to share out.
        let cover = tree.sum_hessian[from].max(f64::from(f32::MIN_POSITIVE));
        let (left, right) = (tree.left_children[from], tree.right_children[from]);
        if left < 0 {
            grown.set_leaf(to, cover, [f64::from(tree.split_conditions[from])].into_iter());
            continue;
        }
        let feature = tree.split_indices[from];
        let (Some(gain), Ok(left), Ok(right)) =
            (gains.get_mut(feature as usize), usize::try_from(left), usize::try_from(right))
        else {
            return refuse("features and nodes of the model", format!("feature {feature}"));
        };
        if left >= n_nodes || right >= n_nodes {
            return refuse("nodes of the tree", format!("{left} and {right} of {n_nodes}"));
        }
        *gain += tree.loss_changes[from].max(0.0);
        let missing_left = tree.default_left[from].is_set();
        let child = grown.set_split(to, cover, feature, threshold(tree.split_conditions[from]), missing_left);
        pending.extend([(right, child + 1), (left, child)]);
    }
    Ok(grown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_and_thresholds_tell_the_same_numbers_apart() {
        for short in [0.0_f32, 1.0, -1.5, 0.1, 1e-40, -1e30, 3.4e38] {
            let at = f64::from(short);
            assert_eq!(condition(at), short.next_up(), "{short}");
            assert_eq!(condition(threshold(short)), short);
            assert!((threshold(short) as f32) < short && (threshold(short).next_up() as f32) >= short);
        }
        assert_eq!(condition(f64::MAX), f32::MAX);
        let between = 0.1_f64;
        assert!(
            f64::from(condition(between)) > between && f64::from(condition(between).next_down()) <= between
        );
    }
}
