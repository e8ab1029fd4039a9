//! What may be varied: what the engine varies by itself, and what else it can, each with its values in words.

use crate::app::format;
use crate::app::view::models::short_name;
use crate::engine::plan::{DetectorName, Detectors, Recipe};
use crate::engine::tune::default_space;
use crate::protocol::Search;
use leptos::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A parameter, the values to be tried, and whether it is tried.
#[derive(Debug, Clone, PartialEq)]
struct Varied {
    path: String,
    values: Vec<Value>,
    is_chosen: bool,
}

/// All that may be varied.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Space(Vec<Varied>);

impl Space {
    /// For some detectors; what the engine varies by itself is chosen.
    pub fn new(detectors: &Detectors, recipe: Recipe) -> Self {
        let varied = |path: &str, values: &Value, is_chosen| Varied {
            path: path.to_owned(),
            values: values.as_array().cloned().unwrap_or_default(),
            is_chosen,
        };
        let mut all: Vec<Varied> =
            default_space(detectors).iter().map(|(path, values)| varied(path, values, true)).collect();
        let own = |path: &str| !path.starts_with("preparation");
        // What is the model's own comes first.
        all.sort_by_key(|varied| !own(&varied.path));
        use DetectorName::{Ecod, Hbos, Iforest, Knn, Lof};
        let mut offered: Vec<Value> =
            [Iforest, Knn, Lof, Hbos, Ecod].iter().map(|name| json!(name.name())).collect();
        offered.push(json!(Detectors::recommended()));
        all.push(varied("detector", &Value::Array(offered), false));
        if matches!(recipe, Recipe::Activity | Recipe::UserDay | Recipe::Session) {
            all.push(varied("sessionGapSecs", &json!([600, 1800, 3600]), false));
        }
        Space(all)
    }

    /// What the engine is asked to vary.
    pub fn chosen(&self) -> BTreeMap<String, Value> {
        let chosen = self.0.iter().filter(|varied| varied.is_chosen);
        chosen.map(|varied| (varied.path.clone(), Value::Array(varied.values.clone()))).collect()
    }

    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|varied| !varied.is_chosen)
    }

    fn n_combinations(&self) -> usize {
        let chosen = self.0.iter().filter(|varied| varied.is_chosen);
        chosen.fold(1, |n: usize, varied| n.saturating_mul(varied.values.len()))
    }

    /// How candidates are found.
    pub fn search(&self, max_candidates: usize) -> Option<Search> {
        Some(if self.n_combinations() > max_candidates { Search::Random } else { Search::Grid })
    }

    /// The same in words.
    pub fn words(&self, max_candidates: usize) -> String {
        match self.n_combinations() {
            _ if self.is_empty() => "Choose at least one thing to vary".to_owned(),
            n if n > max_candidates => {
                format!("{max_candidates} of {} combinations, drawn with the plan’s seed", format::count(n))
            }
            n => format!("All {} combinations", format::count(n)),
        }
    }
}

/// The boxes to choose from.
pub fn boxes(space: RwSignal<Space>) -> AnyView {
    // Made anew when other things may be varied, not when one of them is chosen.
    let offered = Memo::new(move |_| {
        space.with(|space| space.0.iter().map(|v| (v.path.clone(), v.values.clone())).collect::<Vec<_>>())
    });
    let line = move |(place, (path, values)): (usize, (String, Vec<Value>))| {
        let is_chosen = move || space.with(|space| space.0.get(place).is_some_and(|varied| varied.is_chosen));
        let words = values.iter().map(|value| value_words(&path, value)).collect::<Vec<_>>().join(", ");
        let toggle = move |event| {
            let checked = event_target_checked(&event);
            space.update(|space| {
                if let Some(varied) = space.0.get_mut(place) {
                    varied.is_chosen = checked;
                }
            });
        };
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=is_chosen on:change=toggle />
                <span>
                    {path_words(&path)}
                    <span class="hint">{words}</span>
                </span>
            </label>
        }
    };
    view! { <div class="varied">{move || offered.get().into_iter().enumerate().map(line).collect_view()}</div> }
        .into_any()
}

/// A parameter as the settings call it.
fn path_words(path: &str) -> String {
    let known = match path {
        "subsample" => "Rows per tree",
        "trees" => "Trees",
        "neighbors" => "Neighbours",
        "autoencoder.code" => "Units of the code",
        "autoencoder.epochs" => "Epochs",
        "ocsvm.nu" => "ν",
        "ensemble.combine" => "How models are combined",
        "preparation.log1p" => "Long tails shortened",
        "preparation.scale" => "Scaling",
        "detector" => "The model",
        "sessionGapSecs" => "Session gap",
        other => other,
    };
    known.to_owned()
}

/// What a candidate has other than the plan, as part of a list.
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
        ("detector", _) => words,
        ("sessionGapSecs", _) => format!("sessions end after {words}"),
        _ => format!("{} {words}", path_words(path)),
    }
}

/// A value in words.
fn value_words(path: &str, value: &Value) -> String {
    let detector = |name: &Value| match serde_json::from_value::<DetectorName>(name.clone()) {
        Ok(name) => short_name(name).to_owned(),
        Err(_) => name.to_string(),
    };
    match (path, value) {
        ("detector", Value::Array(names)) => names.iter().map(detector).collect::<Vec<_>>().join(" + "),
        ("detector", name) => detector(name),
        ("sessionGapSecs", value) => format::duration(value.as_f64().unwrap_or(0.0)).replace(" 0 s", ""),
        (_, Value::Bool(is_so)) => if *is_so { "yes" } else { "no" }.to_owned(),
        (_, Value::Number(number)) => format::value(number.as_f64().unwrap_or(f64::NAN), ""),
        (_, Value::String(text)) => format::words(text),
        (_, other) => other.to_string(),
    }
}
