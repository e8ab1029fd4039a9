//! A whole preparation, fitted.

use super::alike::{Alike, bits};
use super::category::{Category, CategoryOptions, place};
use super::number::{Log1p, Number};
use super::rows::Missing;
use super::transform::{Step, Transform};
use crate::engine::error::{Error, Position, Result};
use crate::engine::features::{Feature, FeatureMatrix};
use crate::engine::finding::{Finding, FindingKind, Findings};
use crate::engine::plan::{Impute, Preparation};
use crate::engine::table::float_text;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Features of one kind of finding that are told one by one.
const MAX_TOLD: usize = 50;

/// Features as a model sees them: numbers without gaps on one scale, categories as numbers, and nothing that could not
/// tell rows apart. Fitted on one matrix, then applied to it and to any later one with the same features.
///
/// | feature | becomes |
/// | --- | --- |
/// | number | itself: missing values filled, where wanted `ln(1 + x)`, then scaled |
/// | category, one-hot | a column of zeros and ones, not scaled, for each of its most frequent values, and one for all others where there are more values than columns |
/// | category, label / ordinal | the place of its value by first appearance / by alphabet, from 0, scaled |
/// | category, frequency | the share of the fitted rows that have its value, scaled |
/// | feature with missing values, where indicators are wanted | beside that a column that is 1 where it is missing, else 0 |
///
/// A missing value of a category is its most frequent one, or the value `missing` where the plan gives a constant. Where the
/// plan gives nothing and the model does with missing values, as trees that learn do, a missing number stays missing, and of a
/// category it is the value `missing`. A value that was never seen goes to the column of all others, or is 0 in all columns where there is none (one-hot); has the
/// place behind the last (label, ordinal); is 0, that is 0 of the rows (frequency). Numbers are filled before their scale
/// is found, in scikit-learn's order, and are of magnitude at most [`FeatureMatrix::MAX_MAGNITUDE`] after it.
///
/// Left out, with a finding each: features without any value (`empty-feature`), those that are the same for every row once
/// they are filled (`constant-feature`), those equal in every row to one before them (`duplicate-feature`), where a copy
/// would count the same evidence twice. Where that leaves nothing, the first feature stays, and a model gives every row
/// the same score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FittedPreparation {
    parts: Vec<Part>,
    columns: Vec<PreparedColumn>,
}

/// One column that a model sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedColumn {
    /// Its name: that of the feature (`hours_worked`), with the value (`department=Sales`, `department=other`), or with
    /// what it says (`hours_worked is missing`).
    pub name: String,
    /// The feature it is of, by its place among those it was fitted on.
    pub feature: usize,
}

/// What is made of one feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) value: Option<Value>,
    /// Whether a column says where it is missing.
    pub(super) indicator: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Value {
    AsIs,
    Number(Number),
    Category(Category),
    /// A number that stays missing where it is.
    MayBeMissing(Number),
}

impl FittedPreparation {
    /// Fits to the values of some rows (rows x features), for a model that refuses missing values or welcomes them. Names in
    /// `preparation` and `omitted` that are no feature's mean nothing: a plan may outlive the features of one recipe.
    ///
    /// # Errors
    /// `parameter` when every feature is omitted.
    ///
    /// # Panics
    /// If values and features do not go together: a bug of the caller.
    pub fn fit(
        features: &[Feature],
        values: ArrayView2<'_, f64>,
        preparation: &Preparation,
        omitted: &BTreeSet<String>,
        missing: Missing,
    ) -> Result<(FittedPreparation, Vec<Finding>)> {
        let mut fitting = PreparationFitting::new(features, preparation, omitted, missing)?;
        while !fitting.is_done() {
            fitting.step(features, values);
        }
        Ok(fitting.finish())
    }

    /// Features as they are, gaps and places of labels too: what a detector sees that reads them in their own units.
    pub fn as_is(features: &[Feature]) -> FittedPreparation {
        let name = |feature: &Feature| feature.name.clone();
        let part = |feature| Part { name: name(feature), value: Some(Value::AsIs), indicator: false };
        let column = |(at, feature)| PreparedColumn { name: name(feature), feature: at };
        FittedPreparation {
            parts: features.iter().map(part).collect(),
            columns: features.iter().enumerate().map(column).collect(),
        }
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether it is one of these features, for a model that refuses missing values or welcomes them, where it was read from a
    /// file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn check(&self, features: &[Feature], missing: Missing) -> std::result::Result<(), &'static str> {
        let mut columns = self.columns.iter();
        for part in &self.parts {
            let n_columns = usize::from(part.indicator)
                + match &part.value {
                    Some(Value::AsIs) => 1,
                    Some(Value::Number(number)) if number.is_finite() => 1,
                    Some(Value::MayBeMissing(_)) if missing == Missing::Refused => {
                        return Err("a preparation leaves values missing that the model has to be given");
                    }
                    Some(Value::MayBeMissing(number)) if number.is_finite() => 1,
                    Some(Value::Category(category)) if category.is_whole() => category.n_columns(),
                    None => 0,
                    Some(_) => return Err("a preparation has a number that is not finite"),
                };
            for _ in 0..n_columns {
                let of = columns.next().and_then(|column| features.get(column.feature));
                if of.is_none_or(|feature| feature.name != part.name) {
                    return Err("a prepared column is of another feature than it says");
                }
            }
        }
        if columns.next().is_some() || self.of_features(features).is_err() {
            return Err("the preparation is of other features");
        }
        Ok(())
    }

    /// What a model sees, column by column.
    pub fn columns(&self) -> &[PreparedColumn] {
        &self.columns
    }

    /// Gets ready for rows with these features, in any order and with any others among them.
    ///
    /// # Errors
    /// `parameter` when a feature that was fitted is not there, or is a category where it was a number or the other way
    /// round.
    pub fn of_features(&self, features: &[Feature]) -> Result<Transform> {
        let place_of_name: BTreeMap<&str, usize> =
            features.iter().enumerate().map(|(place, feature)| (feature.name.as_str(), place)).collect();
        let step = |part: &'_ Part| {
            let is_number = matches!(part.value, Some(Value::Number(_) | Value::MayBeMissing(_)));
            let is_either = matches!(part.value, Some(Value::AsIs) | None);
            let place = place_of_name.get(part.name.as_str()).copied();
            let Some(place) = place.filter(|&place| is_either || is_category(&features[place]) != is_number)
            else {
                let expected =
                    format!("the {} \"{}\"", if is_number { "number" } else { "category" }, part.name);
                let found = if place.is_some() { "one of the other kind" } else { "no feature of that name" };
                return Err(Error::parameter("features", &expected, found));
            };
            Ok(Step::new(part, place, &features[place].labels))
        };
        let steps = self.parts.iter().map(step).collect::<Result<_>>()?;
        Ok(Transform::new(steps, features.len()))
    }

    /// Adds up what each prepared column has of something, by feature: `shares` has one value per column, the result one
    /// per feature of the `n_features` that it was fitted on.
    ///
    /// # Panics
    /// If there is not one share per column: a bug of the caller.
    pub fn by_feature(&self, shares: &[f64], n_features: usize) -> Vec<f64> {
        assert_eq!(shares.len(), self.columns.len(), "one share per prepared column");
        let mut sums = vec![0.0; n_features];
        self.columns.iter().zip(shares).for_each(|(column, share)| sums[column.feature] += share);
        sums
    }
}

fn is_category(feature: &Feature) -> bool {
    !feature.labels.is_empty()
}

/// A feature's values side by side, within the magnitudes of a matrix.
fn gather(values: ArrayView2<'_, f64>, feature: usize, column: &mut Vec<f64>) {
    let limit = FeatureMatrix::MAX_MAGNITUDE;
    column.clear();
    column.extend(values.column(feature).iter().map(|value| value.clamp(-limit, limit)));
}

/// A preparation being fitted, one feature per step.
#[derive(Debug)]
pub struct PreparationFitting {
    fitted: FittedPreparation,
    preparation: Preparation,
    missing: Missing,
    findings: Findings,
    n_told: BTreeMap<FindingKind, usize>,
    alike: Alike,
    /// Features that are not omitted.
    seen: Vec<usize>,
    /// Of those.
    n_done: usize,
}

impl PreparationFitting {
    /// Begins as [`FittedPreparation::fit`] does.
    ///
    /// # Errors
    /// `parameter` when every feature is omitted.
    pub fn new(
        features: &[Feature],
        preparation: &Preparation,
        omitted: &BTreeSet<String>,
        missing: Missing,
    ) -> Result<PreparationFitting> {
        let is_seen = |index: &usize| !omitted.contains(&features[*index].name);
        let seen: Vec<usize> = (0..features.len()).filter(is_seen).collect();
        if seen.is_empty() {
            let found = format!("all of {}", features.len());
            return Err(Error::parameter("omitted", "at least one feature left for the model to see", found));
        }
        Ok(PreparationFitting {
            fitted: FittedPreparation { parts: Vec::new(), columns: Vec::new() },
            preparation: preparation.clone(),
            missing,
            findings: Findings::default(),
            n_told: BTreeMap::new(),
            alike: Alike::default(),
            seen,
            n_done: 0,
        })
    }

    /// Fits one more feature. Features and values (rows x features) are the same at every step.
    ///
    /// # Panics
    /// If values and features do not go together, or all are done: a bug of the caller.
    pub fn step(&mut self, features: &[Feature], values: ArrayView2<'_, f64>) {
        assert_eq!(features.len(), values.ncols(), "one column per feature");
        let index = self.seen[self.n_done];
        let feature = &features[index];
        let mut column = Vec::with_capacity(values.nrows());
        gather(values, index, &mut column);
        let is_equal = |other: usize| {
            let both = values.column(index).into_iter().zip(values.column(other));
            is_category(feature) == is_category(&features[other])
                && both.into_iter().all(|(a, b)| bits(*a) == bits(*b))
        };
        match self.alike.meet(index, u64::from(is_category(feature)), &column, is_equal) {
            Some(other) if !column.is_empty() => self.report_alike(feature, &features[other], &column),
            _ => self.add(index, feature, &column, false),
        }
        self.n_done += 1;
        if self.is_done() && self.fitted.columns.is_empty() {
            let first = self.seen[0];
            gather(values, first, &mut column);
            self.add(first, &features[first], &column, true);
        }
    }

    /// Whether every feature is fitted.
    pub fn is_done(&self) -> bool {
        self.n_done == self.seen.len()
    }

    /// Features that are fitted, and those that are to be.
    pub fn progress(&self) -> (usize, usize) {
        (self.n_done, self.seen.len())
    }

    /// The preparation, and what was odd.
    ///
    /// # Panics
    /// If called before [`PreparationFitting::is_done`].
    pub fn finish(self) -> (FittedPreparation, Vec<Finding>) {
        assert!(self.is_done(), "{} of {} features", self.n_done, self.seen.len());
        (self.fitted, self.findings.into_vec())
    }

    /// Adds a feature. `keep` keeps it though it could not tell rows apart.
    fn add(&mut self, index: usize, feature: &Feature, column: &[f64], keep: bool) {
        let of_all = &self.preparation;
        let own = of_all.features.get(&feature.name);
        let named = own.and_then(|own| own.impute).or(of_all.impute);
        let impute = named.or((self.missing == Missing::Refused).then(Impute::default));
        let scale = own.and_then(|own| own.scale).unwrap_or(of_all.scale);
        let n_missing = column.iter().filter(|value| value.is_nan()).count();
        let is_missing_own = matches!(impute, None | Some(Impute::Constant(_)));
        let first_known = column.iter().copied().find(|value| !value.is_nan());

        let varies = |value: f64| column.iter().any(|&other| !other.is_nan() && other != value);
        let (value, tells_apart) = if is_category(feature) {
            let encode = own.and_then(|own| own.encode).unwrap_or(of_all.encode);
            let max_categories = of_all.max_categories;
            let options = CategoryOptions { is_missing_own, encode, scale, max_categories };
            let differs = first_known.is_some_and(varies);
            let is_told = is_missing_own && n_missing > 0 && first_known.is_some();
            (Value::Category(Category::fit(column, &feature.labels, options)), differs || is_told)
        } else {
            let log1p = match (own.and_then(|own| own.log1p), of_all.log1p) {
                (Some(true), _) => Log1p::Always,
                (None, true) => Log1p::HeavyTails,
                (Some(false), _) | (None, false) => Log1p::Never,
            };
            match impute {
                Some(impute) => {
                    let number = Number::fit(column, impute, scale, log1p);
                    let is_told = n_missing > 0 && first_known.is_some_and(|known| known != number.fill);
                    (Value::Number(number), first_known.is_some_and(varies) || is_told)
                }
                None => {
                    let known: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
                    let number = Number::fit(&known, Impute::default(), scale, log1p);
                    let is_told = n_missing > 0 && first_known.is_some();
                    (Value::MayBeMissing(number), first_known.is_some_and(varies) || is_told)
                }
            }
        };
        // A category whose missing values are one of its values says already where it is missing.
        let says_missing = is_category(feature) && is_missing_own;
        let indicator = of_all.indicators && n_missing > 0 && n_missing < column.len() && !says_missing;
        if !tells_apart && column.len() > 1 {
            self.report_constant(feature, first_known);
        }
        let value = (tells_apart || keep).then_some(value);
        if value.is_some() && impute.is_some() && n_missing > 0 && n_missing < column.len() {
            self.report_filled(feature, n_missing, value.as_ref());
        }
        if value.is_none() && !indicator {
            return;
        }
        let names = match &value {
            Some(Value::Number(_) | Value::MayBeMissing(_)) => vec![feature.name.clone()],
            Some(Value::Category(category)) => {
                category.column_names().into_iter().map(|rest| format!("{}{rest}", feature.name)).collect()
            }
            Some(Value::AsIs) | None => Vec::new(),
        };
        let says_where = indicator.then(|| format!("{} is missing", feature.name));
        let columns = names.into_iter().chain(says_where);
        self.fitted.columns.extend(columns.map(|name| PreparedColumn { name, feature: index }));
        self.fitted.parts.push(Part { name: feature.name.clone(), value, indicator });
    }

    /// A finding about one feature; of very many of one kind, the later ones are counted together.
    fn report(&mut self, kind: FindingKind, feature: &Feature, n: usize, message: impl FnOnce() -> String) {
        let n_told = self.n_told.entry(kind).or_default();
        *n_told += 1;
        if *n_told <= MAX_TOLD {
            self.findings.report_many(kind, &feature.name, n as u64, Position::default(), message);
        } else {
            let message = match kind {
                FindingKind::ConstantFeature => "further features are the same for every row",
                FindingKind::EmptyFeature => "further features have no value in any row",
                FindingKind::DuplicateFeature => "further features say what others say",
                _ => "missing values of further features were filled for the model",
            };
            self.findings.report(kind, "", Position::default(), || message.to_owned());
        }
    }

    fn report_constant(&mut self, feature: &Feature, known: Option<f64>) {
        let name = &feature.name;
        let kind = if known.is_some() { FindingKind::ConstantFeature } else { FindingKind::EmptyFeature };
        self.report(kind, feature, 1, || match known {
            Some(value) => {
                let value = shown(feature, value);
                format!("feature \"{name}\" is {value} for every row; it cannot tell rows apart")
            }
            None => format!("feature \"{name}\" has no value in any row; the model does not see it"),
        });
    }

    fn report_alike(&mut self, feature: &Feature, other: &Feature, column: &[f64]) {
        // Two constant features are that, first of all.
        let first = column[0];
        if column.iter().all(|&value| bits(value) == bits(first)) {
            return self.report_constant(feature, (!first.is_nan()).then_some(first));
        }
        self.report(FindingKind::DuplicateFeature, feature, 1, || {
            format!(
                "feature \"{}\" says in every row what \"{}\" says; the model sees only the latter",
                feature.name, other.name
            )
        });
    }

    fn report_filled(&mut self, feature: &Feature, n_missing: usize, value: Option<&Value>) {
        self.report(FindingKind::ImputedValues, feature, n_missing, || {
            let fill = match value {
                Some(Value::Number(number)) => short(number.fill),
                Some(Value::Category(category)) => format!("\"{}\"", category.fill()),
                Some(Value::AsIs | Value::MayBeMissing(_)) | None => String::new(),
            };
            format!("missing values of feature \"{}\" were taken as {fill} for the model", feature.name)
        });
    }
}

/// A value as it stands in a finding.
fn shown(feature: &Feature, value: f64) -> String {
    match place(value, feature.labels.len()) {
        Some(place) => format!("\"{}\"", feature.labels[place]),
        None => float_text(value),
    }
}

/// A number: a whole one as it is, any other with six significant digits.
fn short(value: f64) -> String {
    let rounded = if value.fract() == 0.0 { value } else { format!("{value:.5e}").parse().unwrap_or(value) };
    float_text(rounded)
}
