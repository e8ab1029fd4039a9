//! Which plans are tried.
//!
//! A parameter is named by its path in the plan: `trees` or `autoencoder.code` below `parameters`, `preparation.scale`,
//! and `detector` by itself. Values pass through JSON, so what a plan would refuse is refused here by the same words,
//! before anything is computed.
//!
//! The space by default, for the detectors of the plan:
//!
//! | of | tried |
//! | --- | --- |
//! | iforest | `subsample` 64, 128, 256, 512, 1024: how many rows normal ones are told apart from; more `trees` only steady the scores |
//! | knn, lof | `neighbors` 5, 10, 20, 50, 100: how many rows may be abnormal together and still be found |
//! | autoencoder | `autoencoder.code` 2, 4, 8, 14 and `autoencoder.epochs` 20, 50, 100 |
//! | ocsvm | `ocsvm.nu` 0.05, 0.1, 0.2, 0.5 |
//! | several as one | `ensemble.combine` average, ranks, maximum |
//! | all | `preparation.log1p` no and yes |
//! | those that add up or multiply features | `preparation.scale` standard and robust |

use super::{Search, TuneOptions};
use crate::engine::error::{Error, Result};
use crate::engine::math;
use crate::engine::plan::{DetectorName, Detectors, Parameters, Plan};
use crate::engine::rng::Rng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Values by the path of a parameter.
pub type Assignment = BTreeMap<String, Value>;

/// Draws for one candidate unlike those before, at most, until the space counts as exhausted.
const MAX_DRAWS: usize = 50;

/// What a parameter has an effect on.
enum Concern {
    Detector,
    /// The models of these detectors.
    Models(&'static [DetectorName]),
    /// How several scores become one.
    Ensemble,
    Preparation,
    /// The scale of features.
    Scale,
    /// The features; all that is known by its path and none of the others.
    Features,
}

fn concern(path: &str) -> Concern {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match (first, rest) {
        ("detector", _) => Concern::Detector,
        ("trees" | "subsample" | "iforest", _) => Concern::Models(&[DetectorName::Iforest]),
        ("neighbors", _) => Concern::Models(&[DetectorName::Knn, DetectorName::Lof]),
        ("autoencoder", _) => Concern::Models(&[DetectorName::Autoencoder]),
        ("ocsvm", _) => Concern::Models(&[DetectorName::Ocsvm]),
        ("ensemble", _) => Concern::Ensemble,
        ("preparation", rest) if rest.split('.').next_back() == Some("scale") => Concern::Scale,
        ("preparation", _) => Concern::Preparation,
        _ => Concern::Features,
    }
}

/// Whether a parameter has an effect with some detectors.
fn has_effect(path: &str, detectors: &Detectors, parameters: &Parameters) -> bool {
    match concern(path) {
        Concern::Models(models) => detectors.names().iter().any(|name| models.contains(name)),
        Concern::Ensemble => detectors.names().len() > 1,
        Concern::Scale => detectors.names().iter().any(|&name| is_of_scale(name, parameters)),
        Concern::Detector | Concern::Preparation | Concern::Features => true,
    }
}

/// Whether a detector's scores depend on the scales of features: where it looks at one after the other, each by itself, only
/// the order and the relative distances of a feature's values count.
fn is_of_scale(name: DetectorName, parameters: &Parameters) -> bool {
    match name {
        DetectorName::Iforest => parameters.iforest.extension_level > 0,
        DetectorName::RobustZ
        | DetectorName::Hbos
        | DetectorName::Ecod
        | DetectorName::Copod
        | DetectorName::Rules => false,
        DetectorName::Knn | DetectorName::Lof | DetectorName::Autoencoder | DetectorName::Ocsvm => true,
    }
}

/// The part of an assignment that features depend on.
pub fn of_features(assignment: &Assignment) -> Assignment {
    let is_of_features = |path: &&String| matches!(concern(path), Concern::Features);
    assignment.iter().filter(|(path, _)| is_of_features(path)).map(|(p, v)| (p.clone(), v.clone())).collect()
}

/// What is tuned, a plan or options to learn with, and what its parameters are.
pub(super) struct Tuned<'a, T> {
    /// As it is.
    pub first: &'a T,
    pub default_space: Assignment,
    /// It with other values; `parameter` for one that it does not have, or refuses.
    pub apply: &'a dyn Fn(&T, &Assignment) -> Result<T>,
    /// Whether a parameter has an effect on a candidate.
    pub has_effect: &'a dyn Fn(&str, &T) -> bool,
    /// Seed of draws.
    pub seed: u64,
}

/// What is tried.
pub(super) struct Candidates<T> {
    /// Each with what it has other than the first, which is what is tuned. No two have the same effect.
    pub tried: Vec<(Assignment, T)>,
    /// Parameters of the space that have an effect on none of them.
    pub without_effect: Vec<String>,
}

/// Plans to try, each with what it has other than the one that is tuned; that one is the first. No two are the same to the
/// detectors they have.
///
/// # Errors
/// Those of [`candidates`], and `parameter` for a parameter that no plan has, and a value that the plan refuses.
pub(super) fn plans(options: &TuneOptions, plan: &Plan) -> Result<Candidates<Plan>> {
    let tuned = Tuned {
        first: plan,
        default_space: default_space(&plan.detector, &plan.parameters),
        apply: &apply,
        has_effect: &|path, plan: &Plan| has_effect(path, &plan.detector, &plan.parameters),
        seed: options.seed.unwrap_or(plan.seed),
    };
    candidates(options, tuned)
}

/// What to try.
///
/// # Errors
/// `parameter` for an empty list, a range in a grid, a grid of more than [`TuneOptions::max_candidates`].
pub(super) fn candidates<T: Clone + PartialEq>(
    options: &TuneOptions,
    tuned: Tuned<'_, T>,
) -> Result<Candidates<T>> {
    let Tuned { first, default_space, apply, has_effect, seed } = tuned;
    let is_default = options.space.is_empty();
    let given: Assignment = if is_default { default_space } else { options.space.clone() };
    let space = given.iter().map(|(path, values)| Ok((path, Values::of(path, values)?)));
    let space: Vec<(&String, Values)> = space.collect::<Result<_>>()?;
    let n_combinations = space.iter().fold(1usize, |n, (_, values)| n.saturating_mul(values.len()));
    let is_large = n_combinations > options.max_candidates;
    let search = match options.search {
        Some(search) => search,
        None if is_default && is_large => Search::Random,
        None => Search::Grid,
    };
    let mut tried = vec![(Assignment::new(), first.clone())];
    let mut without_effect: BTreeSet<String> = space.iter().map(|(path, _)| (*path).clone()).collect();
    let mut add = |assignment: Assignment| -> Result<bool> {
        let candidate = apply(first, &assignment)?;
        let effective: Assignment =
            assignment.into_iter().filter(|(path, _)| has_effect(path, &candidate)).collect();
        without_effect.retain(|path| !effective.contains_key(path));
        let candidate = apply(first, &effective)?;
        let is_new = tried.iter().all(|(_, other)| *other != candidate);
        if is_new {
            let differs =
                |path: &String| apply(first, &only(&effective, path)).is_ok_and(|one| one != *first);
            let own = effective.iter().filter(|(path, _)| differs(path));
            tried.push((own.map(|(path, value)| (path.clone(), value.clone())).collect(), candidate));
        }
        Ok(is_new)
    };
    match search {
        Search::Grid => {
            if let Some((path, _)) = space.iter().find(|(_, values)| matches!(values, Values::Range { .. })) {
                let expected = "a list of values for a grid; a range is drawn from by search \"random\"";
                return Err(Error::parameter(&format!("space.{path}"), expected, "a range"));
            }
            if is_large {
                let expected = format!(
                    "a grid of at most maxCandidates ({}); list fewer values, raise it, or search \"random\"",
                    options.max_candidates
                );
                return Err(Error::parameter("space", &expected, format!("{n_combinations} combinations")));
            }
            for place in 0..n_combinations {
                // The last parameter changes fastest, as in nested loops.
                let mut rest = place;
                let value = |(path, values): &(&String, Values)| {
                    let value = values.at(rest % values.len());
                    rest /= values.len();
                    ((*path).clone(), value)
                };
                add(space.iter().rev().map(value).collect())?;
            }
        }
        Search::Random => {
            let mut rng = Rng::new(seed);
            let mut n_found = 0;
            let mut n_vain = 0;
            while n_found < options.max_candidates && n_vain < MAX_DRAWS {
                let drawn = space.iter().map(|(path, values)| ((*path).clone(), values.draw(&mut rng)));
                match add(drawn.collect())? {
                    true => (n_found, n_vain) = (n_found + 1, 0),
                    false => n_vain += 1,
                }
            }
        }
    }
    Ok(Candidates { tried, without_effect: without_effect.into_iter().collect() })
}

fn only(assignment: &Assignment, path: &String) -> Assignment {
    assignment.get(path).map(|value| (path.clone(), value.clone())).into_iter().collect()
}

/// What one parameter may be.
enum Values {
    List(Vec<Value>),
    Range { from: f64, to: f64, log: bool, whole: bool },
}

impl Values {
    fn of(path: &str, given: &Value) -> Result<Values> {
        let name = format!("space.{path}");
        let refused = |found: String| {
            let expected = "a list of at least one value, or { from, to, log, whole } with from below to";
            Err(Error::parameter(&name, expected, found))
        };
        match given {
            Value::Array(values) if !values.is_empty() => Ok(Values::List(values.clone())),
            Value::Object(range) => {
                let known = ["from", "to", "log", "whole"];
                let (from, to) =
                    (range.get("from").and_then(Value::as_f64), range.get("to").and_then(Value::as_f64));
                let says = |key: &str| range.get(key).and_then(Value::as_bool).unwrap_or(false);
                match (from, to) {
                    _ if range.keys().any(|key| !known.contains(&key.as_str())) => refused(given.to_string()),
                    (Some(from), Some(_)) if says("log") && from <= 0.0 => {
                        Err(Error::parameter(&name, "a range above 0 where it is logarithmic", from))
                    }
                    (Some(from), Some(to)) if from < to => {
                        Ok(Values::Range { from, to, log: says("log"), whole: says("whole") })
                    }
                    _ => refused(given.to_string()),
                }
            }
            other => refused(other.to_string()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Values::List(values) => values.len(),
            Values::Range { .. } => 1,
        }
    }

    fn at(&self, place: usize) -> Value {
        match self {
            Values::List(values) => values[place].clone(),
            Values::Range { from, .. } => json!(from),
        }
    }

    fn draw(&self, rng: &mut Rng) -> Value {
        match self {
            Values::List(values) => values[rng.below(values.len() as u64) as usize].clone(),
            Values::Range { from, to, log, whole } => {
                let share = rng.uniform();
                let value = match log {
                    true => from * math::pow(to / from, share),
                    false => from + (to - from) * share,
                };
                match whole {
                    true => json!(value.round() as i64),
                    false => json!(value),
                }
            }
        }
    }
}

/// What is tried where nothing else is asked for.
pub fn default_space(detectors: &Detectors, parameters: &Parameters) -> Assignment {
    let has = |wanted: &[DetectorName]| detectors.names().iter().any(|name| wanted.contains(name));
    let mut space = BTreeMap::from([("preparation.log1p".to_owned(), json!([false, true]))]);
    let mut add = |path: &str, values: Value| space.insert(path.to_owned(), values);
    if detectors.names().iter().any(|&name| is_of_scale(name, parameters)) {
        add("preparation.scale", json!(["standard", "robust"]));
    }
    if has(&[DetectorName::Iforest]) {
        add("subsample", json!([64, 128, 256, 512, 1024]));
    }
    if has(&[DetectorName::Knn, DetectorName::Lof]) {
        add("neighbors", json!([5, 10, 20, 50, 100]));
    }
    if has(&[DetectorName::Autoencoder]) {
        add("autoencoder.code", json!([2, 4, 8, 14]));
        add("autoencoder.epochs", json!([20, 50, 100]));
    }
    if has(&[DetectorName::Ocsvm]) {
        add("ocsvm.nu", json!([0.05, 0.1, 0.2, 0.5]));
    }
    if detectors.names().len() > 1 {
        add("ensemble.combine", json!(["average", "ranks", "maximum"]));
    }
    space
}

/// The plan with other values.
fn apply(plan: &Plan, assignment: &Assignment) -> Result<Plan> {
    let mut changed = plan.clone();
    for (path, value) in assignment {
        let refused = |found: String| {
            Error::parameter(
                &format!("space.{path}"),
                "a parameter of the plan and a value of its type",
                found,
            )
        };
        match path.split_once('.') {
            None if path == "detector" => {
                changed.detector = read(value).map_err(refused)?;
            }
            Some(("preparation", rest)) => {
                changed.preparation = set(&changed.preparation, rest, value).map_err(refused)?;
            }
            _ if path == "top" => return Err(refused("top, which changes no score".to_owned())),
            _ => changed.parameters = set(&changed.parameters, path, value).map_err(refused)?,
        }
    }
    if changed.detector.is(DetectorName::Rules) {
        let expected = "a detector that learns from rows; what rules say does not depend on parameters";
        return Err(Error::parameter("detector", expected, "rules"));
    }
    changed.parameters.check()?;
    changed.preparation.check()?;
    Ok(changed)
}

/// A part of a plan with one value replaced, by way of its JSON text: reading and writing text is compiled anyway.
pub(super) fn set<T: Serialize + DeserializeOwned>(
    part: &T,
    path: &str,
    value: &Value,
) -> std::result::Result<T, String> {
    let text = serde_json::to_string(part).map_err(|error| error.to_string())?;
    let mut whole: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let mut place = &mut whole;
    for key in path.split('.') {
        let Value::Object(fields) = place else { return Err(format!("no part \"{key}\"")) };
        place = fields.entry(key).or_insert(Value::Null);
    }
    *place = value.clone();
    read(&whole)
}

fn read<T: DeserializeOwned>(value: &Value) -> std::result::Result<T, String> {
    serde_json::from_str(&value.to_string()).map_err(|error| {
        let said = error.to_string();
        said.split(" at line ").next().unwrap_or(&said).to_owned()
    })
}
