//! What a model cannot judge of rows that it was not fitted to, to be said before anything else: values that it has never
//! seen, which need not look strange to it, and values that are missing, in whose place it is given others.

use super::named::shortened;
use super::phrase::{joined, noun, sentence};
use super::sentence::{EACH_VALUE, NOTHING, place};
use super::{Baselines, MAX_NAMED};
use crate::engine::features::{Feature, FeatureMatrix};
use crate::engine::prepare::FittedPreparation;

/// Share of the values that a model reads from which on it is said that they are missing.
const MANY: f64 = 0.5;

/// What a model was fitted to.
#[derive(Debug, Clone)]
pub struct Known<'a> {
    features: &'a [Feature],
    /// Places of features that the model reads, ascending.
    read: Vec<usize>,
    /// Those of them that most rows fitted to have a value of.
    usual: Vec<usize>,
}

/// What is to be said of rows first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Caution {
    /// Features with a value that the model has never seen.
    pub unseen: Vec<String>,
    /// The caution in words; none where the model knows the row well enough.
    pub sentence: Option<String>,
    /// Whether nothing that the model reads is there, so that there is nothing else to say.
    is_all: bool,
}

impl Caution {
    /// A row's reason behind the caution.
    pub fn before(&self, reason: &str) -> String {
        match &self.sentence {
            None => reason.to_owned(),
            Some(caution) if self.is_all => caution.clone(),
            Some(caution) if reason == NOTHING => format!("{caution} Nothing else is unusual."),
            Some(caution) => match reason.strip_prefix(EACH_VALUE) {
                Some(rest) if !self.unseen.is_empty() => format!("{caution} Each other value{rest}"),
                _ => format!("{caution} {reason}"),
            },
        }
    }
}

impl<'a> Known<'a> {
    /// Of a model that reads what a preparation gives it. `features` and `baselines` are of the rows fitted to; the features of a
    /// matrix have the same order, and labels that begin with theirs.
    pub fn of(features: &'a [Feature], preparation: &FittedPreparation, baselines: &Baselines) -> Known<'a> {
        let mut read: Vec<usize> = preparation.columns().iter().map(|column| column.feature).collect();
        read.sort_unstable();
        read.dedup();
        let is_usual = |feature: &usize| baselines.features[*feature].missing < MANY;
        let usual = read.iter().copied().filter(is_usual).collect();
        Known { features, read, usual }
    }

    /// What the model cannot judge of a matrix row.
    pub fn caution(&self, matrix: &FeatureMatrix, row: usize) -> Caution {
        let unseen = self.unseen(matrix, row);
        let missing = self.missing(matrix, row);
        let is_all = missing.as_ref().is_some_and(|(_, is_all)| *is_all);
        let texts = [missing.map(|(text, _)| text), (!unseen.is_empty()).then(|| about(matrix, &unseen, ""))];
        let texts: Vec<String> = texts.into_iter().flatten().collect();
        Caution {
            unseen: unseen.iter().map(|&(feature, _)| matrix.features[feature].name.clone()).collect(),
            sentence: (!texts.is_empty()).then(|| texts.join(" ")),
            is_all,
        }
    }

    /// The same of a subject's flagged rows, of `n_rows` that it has.
    pub fn caution_over(&self, matrix: &FeatureMatrix, flagged_rows: &[usize], n_rows: usize) -> Caution {
        if let &[row] = flagged_rows {
            return self.caution(matrix, row);
        }
        let mut rows = Vec::new();
        let mut unseen: Vec<(usize, f64)> = Vec::new();
        for &row in flagged_rows {
            let found = self.unseen(matrix, row);
            if !found.is_empty() {
                rows.push(row);
            }
            let is_new = |it: &(usize, f64)| unseen.iter().all(|other| other.0 != it.0);
            let new: Vec<(usize, f64)> = found.into_iter().filter(is_new).collect();
            unseen.extend(new);
        }
        let place = place(matrix, &rows, rows.len(), n_rows);
        Caution {
            unseen: unseen.iter().map(|&(feature, _)| matrix.features[feature].name.clone()).collect(),
            sentence: (!unseen.is_empty()).then(|| about(matrix, &unseen, &place)),
            is_all: false,
        }
    }

    /// Features with a label that no row fitted to had, read or not: of what the model does not read the score says nothing
    /// either.
    fn unseen(&self, matrix: &FeatureMatrix, row: usize) -> Vec<(usize, f64)> {
        let value = |feature: usize| (feature, matrix.values[[row, feature]]);
        let is_unseen = |&(feature, value): &(usize, f64)| {
            let is_category = !matrix.features[feature].labels.is_empty();
            is_category && value >= self.features[feature].labels.len() as f64
        };
        (0..self.features.len()).map(value).filter(is_unseen).collect()
    }

    /// How many values are missing, in words where they are many of those that most rows fitted to had; and whether nothing
    /// that the model reads is there.
    fn missing(&self, matrix: &FeatureMatrix, row: usize) -> Option<(String, bool)> {
        let n_missing = |features: &[usize]| {
            features.iter().filter(|&&feature| matrix.values[[row, feature]].is_nan()).count()
        };
        if n_missing(&self.usual) as f64 <= MANY * self.usual.len() as f64 {
            return None;
        }
        let (n, n_missing) = (self.read.len(), n_missing(&self.read));
        let none = match n {
            _ if n_missing < n => {
                let are = if n_missing == 1 { "is" } else { "are" };
                let text = format!(
                    "{n_missing} of the {n} values that the model reads {are} missing: the score is mostly that of what is put \
                     in their place, and says little about this row."
                );
                return Some((text, false));
            }
            1 => "The only value that the model reads is missing".to_owned(),
            2 => "Neither of the 2 values that the model reads is there".to_owned(),
            _ => format!("None of the {n} values that the model reads is there"),
        };
        let text = format!(
            "{none}: the score is that of what is put in their place, and says nothing about this row."
        );
        Some((text, true))
    }
}

/// Values that were never seen, by feature: `Nationality has the value "Martian", which the model has never seen: ...`.
fn about(matrix: &FeatureMatrix, unseen: &[(usize, f64)], place: &str) -> String {
    let mut phrases = Vec::new();
    for &(feature, value) in unseen.iter().take(MAX_NAMED) {
        let of = &matrix.features[feature];
        let label = of.labels.get(value as usize).map_or("", String::as_str);
        let has = if phrases.is_empty() { "has the value" } else { "the value" };
        phrases.push(format!("{} {has} \"{}\"", noun(of), shortened(label)));
    }
    match unseen.len().saturating_sub(MAX_NAMED) {
        0 => {}
        1 => phrases.push("1 more feature another".to_owned()),
        n_more => phrases.push(format!("{n_more} more features others")),
    }
    let them = if unseen.len() == 1 { "it" } else { "them" };
    sentence(&format!(
        "{}{place}, which the model has never seen: the score says nothing about {them}",
        joined(&phrases)
    ))
}
