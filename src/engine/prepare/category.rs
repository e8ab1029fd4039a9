//! Categories as numbers.

use super::number::Scaling;
use crate::engine::order;
use crate::engine::plan::{Encode, Scale};
use serde::{Deserialize, Serialize};

/// The value that a missing one becomes where that is one of its own.
const MISSING: &str = "missing";
/// What the column of all other values is called.
const OTHER: &str = "other";

/// How a category becomes what the model sees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Category {
    /// The values that are told apart, in order of the alphabet (of bytes).
    labels: Vec<String>,
    /// What stands for a missing value.
    fill: String,
    encoding: Encoding,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Encoding {
    /// A column of zeros and ones for each label, and one for all other values where there were any.
    OneHot { other: bool },
    /// One column: a number for each label and one for values never seen, already on their scale.
    Number { values: Vec<f64>, unseen: f64 },
}

/// What becomes of one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Encoded {
    /// 1 in this of the category's columns, 0 in the others; 0 in all where there is no such column.
    Column(usize),
    /// This number in its only column.
    Number(f64),
}

/// How categories are encoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct CategoryOptions {
    /// Whether a missing value is one of its own, or the most frequent one.
    pub is_missing_own: bool,
    pub encode: Encode,
    pub scale: Scale,
    pub max_categories: usize,
}

/// The place of a value among `n` labels; `None` for a missing one.
pub(super) fn place(value: f64, n: usize) -> Option<usize> {
    (value >= 0.0 && value < n as f64).then_some(value as usize)
}

impl Category {
    /// `column` holds the place of each row's value in `labels`, which are distinct; `NaN` where missing.
    pub fn fit(column: &[f64], labels: &[String], options: CategoryOptions) -> Category {
        let mut counts = vec![0usize; labels.len()];
        let mut n_missing = 0;
        for &value in column {
            match place(value, labels.len()) {
                Some(place) => counts[place] += 1,
                None => n_missing += 1,
            }
        }
        let mut seen: Vec<(&str, usize)> = labels.iter().map(String::as_str).zip(counts).collect();
        seen.retain(|&(_, count)| count > 0);
        seen.sort_unstable();
        // The first of equally frequent ones is the least.
        let most = seen.iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
        let fill = if options.is_missing_own { MISSING } else { most.map_or("", |it| it.0) };
        if n_missing > 0 {
            match seen.binary_search_by_key(&fill, |&(label, _)| label) {
                Ok(at) => seen[at].1 += n_missing,
                Err(at) => seen.insert(at, (fill, n_missing)),
            }
        }
        let n_rows = column.len() as f64;
        let mut category = Category {
            labels: Vec::new(),
            fill: fill.to_owned(),
            encoding: Encoding::OneHot { other: seen.len() > options.max_categories },
        };
        if options.encode == Encode::OneHot {
            let kept = most_frequent(&seen, options.max_categories);
            category.labels = kept.map(str::to_owned).collect();
            return category;
        }
        category.labels = seen.iter().map(|&(label, _)| label.to_owned()).collect();
        let by_row = || {
            let at_place: Vec<usize> = labels.iter().map(|label| category.at(label).unwrap_or(0)).collect();
            let at_fill = category.at(fill).unwrap_or(0);
            column
                .iter()
                .map(move |&value| place(value, at_place.len()).map_or(at_fill, |place| at_place[place]))
        };
        let n_seen = seen.len() as f64;
        let (values, unseen): (Vec<f64>, f64) = match options.encode {
            Encode::Frequency => (seen.iter().map(|&(_, count)| count as f64 / n_rows).collect(), 0.0),
            Encode::Ordinal => ((0..seen.len()).map(|at| at as f64).collect(), n_seen),
            Encode::Label | Encode::OneHot => {
                let mut values = vec![f64::NAN; seen.len()];
                let mut next = 0.0;
                for at in by_row() {
                    if values[at].is_nan() {
                        values[at] = next;
                        next += 1.0;
                    }
                }
                (values, n_seen)
            }
        };
        let encoded: Vec<f64> = by_row().map(|at| values[at]).collect();
        let scaling = Scaling::fit(options.scale, &encoded);
        category.encoding = Encoding::Number {
            values: values.into_iter().map(|value| scaling.apply(value)).collect(),
            unseen: scaling.apply(unseen),
        };
        category
    }

    /// Names of its columns: what follows the feature's own name.
    pub fn column_names(&self) -> Vec<String> {
        match self.encoding {
            Encoding::OneHot { other } => {
                let of_all_others = other.then_some(OTHER);
                let values = self.labels.iter().map(String::as_str).chain(of_all_others);
                values.map(|value| format!("={value}")).collect()
            }
            Encoding::Number { .. } => vec![String::new()],
        }
    }

    /// Whether each label has a finite number where it is to have one.
    pub fn is_whole(&self) -> bool {
        match &self.encoding {
            Encoding::OneHot { .. } => true,
            Encoding::Number { values, unseen } => {
                values.len() == self.labels.len()
                    && values.iter().chain([unseen]).all(|value| value.is_finite())
            }
        }
    }

    /// How many columns it has.
    pub fn n_columns(&self) -> usize {
        match self.encoding {
            Encoding::OneHot { other } => self.labels.len() + usize::from(other),
            Encoding::Number { .. } => 1,
        }
    }

    /// What stands for a missing value.
    pub fn fill(&self) -> &str {
        &self.fill
    }

    /// What becomes of a value, `None` for a missing one.
    pub fn encode(&self, label: Option<&str>) -> Encoded {
        let at = self.at(label.unwrap_or(&self.fill));
        match &self.encoding {
            // Behind the last label stands the column of all others, or nothing.
            Encoding::OneHot { .. } => Encoded::Column(at.unwrap_or(self.labels.len())),
            Encoding::Number { values, unseen } => Encoded::Number(at.map_or(*unseen, |at| values[at])),
        }
    }

    /// The values that are told apart.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// What becomes of a value that was never seen.
    pub fn unseen(&self) -> Encoded {
        match &self.encoding {
            Encoding::OneHot { .. } => Encoded::Column(self.labels.len()),
            Encoding::Number { unseen, .. } => Encoded::Number(*unseen),
        }
    }

    fn at(&self, label: &str) -> Option<usize> {
        self.labels.binary_search_by(|known| known.as_str().cmp(label)).ok()
    }
}

/// The labels seen most often, in their order. Of equally frequent ones those last in the alphabet, as scikit-learn has it.
fn most_frequent<'a>(seen: &[(&'a str, usize)], max: usize) -> impl Iterator<Item = &'a str> {
    let mut by_count = order::by_key(seen.len(), |at| seen[at].1 as i64);
    by_count.drain(..seen.len().saturating_sub(max));
    by_count.sort_unstable();
    by_count.into_iter().map(|at| seen[at].0)
}
