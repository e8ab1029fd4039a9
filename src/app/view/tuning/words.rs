//! Parameters and their values in words.

use crate::app::format;
use crate::app::view::models::{learner, short_name};
use crate::app::view::parameters;
use crate::engine::learn::ModelName;
use crate::engine::plan::DetectorName;
use serde_json::Value;

/// A parameter as the settings call it.
pub fn path_words(path: &str) -> String {
    if let Some((label, _)) = parameters::words(path) {
        return label.to_owned();
    }
    let known = match path {
        "ensemble.combine" => "How models are combined",
        "preparation.log1p" => "Long tails shortened",
        "preparation.scale" => "Scaling",
        "detector" | "model" => "The model",
        "sessionGapSecs" => "Session gap",
        "classWeight" => "Each class counts as much as any other",
        other => other,
    };
    known.to_owned()
}

/// What a candidate has other than what was tuned, as part of a list.
pub fn assigned(path: &str, value: &Value) -> String {
    let words = value_words(path, value);
    match (path, value) {
        ("subsample", _) => format!("{words} rows per tree"),
        ("trees", _) => format!("{words} trees"),
        ("neighbors", _) => format!("{words} neighbours"),
        ("autoencoder.code", _) => format!("code of {words}"),
        ("autoencoder.epochs", _) => format!("{words} epochs"),
        ("ensemble.combine", _) => format!("combined by {words}"),
        ("preparation.log1p", Value::Bool(true)) => "long tails shortened".to_owned(),
        ("preparation.log1p", _) => "long tails as they are".to_owned(),
        ("preparation.scale", _) => format!("{words} scaling"),
        ("detector" | "model", _) => words,
        ("sessionGapSecs", _) => format!("sessions end after {words}"),
        ("classWeight", Value::String(name)) if name == "balanced" => "classes alike".to_owned(),
        ("classWeight", _) => "classes by their rows".to_owned(),
        ("logistic.c", _) => format!("C {words}"),
        ("logistic.penalty", _) => format!("penalty {words}"),
        ("forest.minSamplesLeaf", Value::Number(n)) if n.as_u64() == Some(1) => {
            "leaves of any size".to_owned()
        }
        ("forest.minSamplesLeaf", _) => format!("leaves of {words} rows or more"),
        ("forest.maxFeatures", _) => format!("{words} of the features for a cut"),
        ("boosting.trees", _) => format!("{words} rounds"),
        ("boosting.learningRate", _) => format!("learning rate {words}"),
        ("boosting.maxDepth", _) => format!("depth {words}"),
        _ => format!("{} {words}", path_words(path)),
    }
}

/// A value in words.
pub fn value_words(path: &str, value: &Value) -> String {
    let detector = |name: &Value| match serde_json::from_value::<DetectorName>(name.clone()) {
        Ok(name) => short_name(name).to_owned(),
        Err(_) => name.to_string(),
    };
    match (path, value) {
        ("detector", Value::Array(names)) => names.iter().map(detector).collect::<Vec<_>>().join(" + "),
        ("detector", name) => detector(name),
        ("model", name) => match serde_json::from_value::<ModelName>(name.clone()) {
            Ok(name) => learner(name).to_owned(),
            Err(_) => name.to_string(),
        },
        ("sessionGapSecs", value) => format::duration(value.as_f64().unwrap_or(0.0)).replace(" 0 s", ""),
        ("classWeight", value) => if value == "balanced" { "yes" } else { "no" }.to_owned(),
        ("forest.maxFeatures", Value::String(name)) => match name.as_str() {
            "sqrt" => "the root".to_owned(),
            "third" => "a third".to_owned(),
            other => other.to_owned(),
        },
        ("logistic.penalty", Value::String(name)) => name.to_uppercase(),
        (_, Value::Bool(is_so)) => if *is_so { "yes" } else { "no" }.to_owned(),
        (_, Value::Number(number)) => number.as_u64().map_or_else(|| number.to_string(), format::count),
        (_, Value::String(text)) => format::words(text),
        (_, other) => other.to_string(),
    }
}
