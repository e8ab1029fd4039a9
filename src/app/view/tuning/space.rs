//! What may be varied: what the engine varies by itself, and what else it can. Lists of numbers can be typed anew.

use crate::app::format;
use crate::engine::learn::ModelName;
use crate::engine::plan::{DetectorName, Detectors, Parameters, Recipe};
use crate::engine::tune::{default_space, learner_space};
use crate::protocol::{Search, TuneOptions};
use serde_json::{Number, Value, json};
use std::collections::BTreeMap;

/// Candidates that the engine takes, at most.
const MAX_CANDIDATES: usize = 1_000;

/// How many combinations are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tries {
    /// All of them.
    Every,
    /// Up to so many; of more, some are drawn.
    AtMost(usize),
}

/// A parameter, the values to be tried, and whether it is tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Varied {
    /// Its path, as the engine has it.
    pub path: String,
    /// None where what was typed is no list of numbers.
    pub values: Vec<Value>,
    /// Numbers as they are typed; `None` for values that are taken as they are.
    pub text: Option<String>,
    /// Whether it is tried.
    pub is_chosen: bool,
}

impl Varied {
    fn new(path: &str, values: &Value, is_chosen: bool) -> Self {
        let values = values.as_array().cloned().unwrap_or_default();
        // Spans are shown in their units, and not typed in seconds.
        let is_typed = values.iter().all(Value::is_number) && path != SESSION_GAP;
        let text = is_typed.then(|| values.iter().map(Value::to_string).collect::<Vec<_>>().join(", "));
        Varied { path: path.to_owned(), values, text, is_chosen }
    }

    /// Takes other numbers.
    pub fn retype(&mut self, text: String) {
        self.values = numbers(&text).unwrap_or_default();
        self.text = Some(text);
    }
}

const SESSION_GAP: &str = "sessionGapSecs";
const SCALE: &str = "preparation.scale";

/// Numbers of a text, each once.
fn numbers(text: &str) -> Option<Vec<Value>> {
    let parts = text.split([',', ';', ' ']).filter(|part| !part.is_empty());
    let mut values: Vec<Value> = Vec::new();
    for part in parts {
        // A whole number stays one: counts are read as such.
        let number = part.parse::<u64>().map(Number::from).ok();
        let value = Value::Number(number.or_else(|| Number::from_f64(format::number(part)?))?);
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Some(values).filter(|values| !values.is_empty())
}

/// All that may be varied.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Space(Vec<Varied>);

impl Space {
    /// For some detectors; what the engine varies by itself is chosen.
    pub fn of_detectors(detectors: &Detectors, recipe: Recipe) -> Self {
        let space = default_space(detectors, &Parameters::default());
        let mut all: Vec<Varied> =
            space.iter().map(|(path, values)| Varied::new(path, values, true)).collect();
        if !space.contains_key(SCALE) {
            // These detectors do not look at it; others that are tried beside them may.
            all.push(Varied::new(SCALE, &json!(["standard", "robust"]), false));
        }
        let own = |path: &str| !path.starts_with("preparation");
        // What is the model's own comes first.
        all.sort_by_key(|varied| !own(&varied.path));
        use DetectorName::{Ecod, Hbos, Iforest, Knn, Lof};
        let mut offered: Vec<Value> =
            [Iforest, Knn, Lof, Hbos, Ecod].iter().map(|name| json!(name.name())).collect();
        offered.push(json!(Detectors::recommended()));
        all.push(Varied::new("detector", &Value::Array(offered), false));
        if matches!(recipe, Recipe::Activity | Recipe::UserDay | Recipe::Session) {
            all.push(Varied::new(SESSION_GAP, &json!([600, 1800, 3600]), false));
        }
        Space(all)
    }

    /// For what learns classes, or numbers.
    pub fn of_learner(model: ModelName, is_numbers: bool) -> Self {
        let space = learner_space(model);
        let mut all: Vec<Varied> =
            space.iter().map(|(path, values)| Varied::new(path, values, true)).collect();
        if !is_numbers {
            all.push(Varied::new("classWeight", &json!(["none", "balanced"]), false));
        }
        let models: &[&str] =
            if is_numbers { &["forest", "boosting"] } else { &["logistic", "forest", "boosting"] };
        all.push(Varied::new("model", &json!(models), false));
        Space(all)
    }

    /// What may be varied, by place.
    pub fn all(&self) -> &[Varied] {
        &self.0
    }

    /// What may be varied at a place.
    pub fn at_mut(&mut self, place: usize) -> Option<&mut Varied> {
        self.0.get_mut(place)
    }

    fn chosen(&self) -> impl Iterator<Item = &Varied> {
        self.0.iter().filter(|varied| varied.is_chosen)
    }

    fn n_combinations(&self) -> usize {
        self.chosen().fold(1, |n: usize, varied| n.saturating_mul(varied.values.len()))
    }

    /// What is not as it has to be, in words.
    pub fn obstacle(&self, tries: Tries) -> Option<String> {
        if self.chosen().next().is_none() {
            return Some("Choose at least one thing to vary".to_owned());
        }
        if self.chosen().any(|varied| varied.values.is_empty()) {
            return Some("A list above cannot be read".to_owned());
        }
        let n = self.n_combinations();
        (tries == Tries::Every && n > MAX_CANDIDATES).then(|| {
            format!("{n} combinations are more than {MAX_CANDIDATES}: vary less, or try some of them")
        })
    }

    /// How candidates are found, in words, where nothing is in the way.
    pub fn words(&self, tries: Tries) -> String {
        match (self.n_combinations(), tries) {
            (n, Tries::AtMost(most)) if n > most => {
                format!("{most} of {n} combinations, drawn at random with the plan’s seed")
            }
            (1, _) => "One combination".to_owned(),
            (n, _) => format!("All {n} combinations"),
        }
    }

    /// What the engine is asked to try.
    pub fn options(&self, tries: Tries) -> TuneOptions {
        let n = self.n_combinations();
        // More combinations than candidates are drawn from, not refused.
        let (search, max_candidates) = match tries {
            Tries::AtMost(most) if n > most => (Search::Random, most),
            _ => (Search::Grid, n.clamp(1, MAX_CANDIDATES)),
        };
        let space = self.chosen().map(|varied| (varied.path.clone(), Value::Array(varied.values.clone())));
        TuneOptions {
            space: BTreeMap::from_iter(space),
            search: Some(search),
            max_candidates,
            ..TuneOptions::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_typed_with_commas_or_spaces_between() {
        assert_eq!(numbers("3, 6;9 6"), Some(vec![json!(3), json!(6), json!(9)]));
        assert_eq!(numbers("0.05 1e-3"), Some(vec![json!(0.05), json!(0.001)]));
        assert!([" ", "3, x", "1e999", "NaN"].iter().all(|text| numbers(text).is_none()));
    }

    fn retyped(space: &mut Space, path: &str, text: &str) {
        let varied = space.0.iter_mut().find(|varied| varied.path == path);
        varied.into_iter().for_each(|varied| varied.retype(text.to_owned()));
    }

    #[test]
    fn more_combinations_than_tries_are_drawn_from() {
        let mut space = Space::of_learner(ModelName::Boosting, false);
        retyped(&mut space, "boosting.maxDepth", "2");
        let few = space.options(Tries::AtMost(30));
        assert_eq!((few.search, few.space["boosting.maxDepth"].clone()), (Some(Search::Grid), json!([2])));
        let some = space.options(Tries::AtMost(5));
        assert_eq!((some.search, some.max_candidates), (Some(Search::Random), 5));
        assert_eq!(space.obstacle(Tries::Every), None);
        retyped(&mut space, "boosting.maxDepth", "deep");
        assert!(space.obstacle(Tries::Every).is_some_and(|words| words.contains("cannot be read")));
    }

    #[test]
    fn what_learns_numbers_is_no_logistic_regression() {
        let space = Space::of_learner(ModelName::Forest, true);
        let models = space.all().iter().find(|varied| varied.path == "model").map(|varied| &varied.values);
        assert_eq!(models, Some(&vec![json!("forest"), json!("boosting")]));
        assert!(space.all().iter().all(|varied| varied.path != "classWeight"));
    }
}
