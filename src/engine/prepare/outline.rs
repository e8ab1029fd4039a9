//! What a fitted preparation does, for those who do it elsewhere.

use super::category::Encoded;
use super::fitted::{FittedPreparation, Value};

/// What becomes of one feature, in the order of columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline<'a> {
    /// The feature.
    pub name: &'a str,
    /// What is made of its values.
    pub made: Made<'a>,
    /// Whether a column after those says where it is missing; for categories that is in the rows of [`Made::Category`].
    pub indicator: bool,
}

/// What is made of a feature's values.
#[derive(Debug, Clone, PartialEq)]
pub enum Made<'a> {
    /// Nothing: only whether it is missing counts.
    Nothing,
    /// Itself.
    AsIs,
    /// `(x - center) / scale` of the value, or of `ln(1 + x)`, with values below 0 as 0.
    Number {
        /// Stands for a missing value, which stays missing without.
        fill: Option<f64>,
        /// Whether `ln(1 + x)` comes first.
        log1p: bool,
        /// What becomes 0.
        center: f64,
        /// What becomes 1 more than that.
        scale: f64,
    },
    /// The columns of each value.
    Category {
        /// Those told apart.
        known: Vec<(&'a str, Vec<f64>)>,
        /// Of a missing value.
        missing: Vec<f64>,
        /// Of a value never seen.
        unseen: Vec<f64>,
    },
}

impl FittedPreparation {
    /// What is done to each feature.
    pub fn outline(&self) -> impl Iterator<Item = Outline<'_>> {
        self.parts().iter().map(|part| {
            let made = match &part.value {
                None => Made::Nothing,
                Some(Value::AsIs) => Made::AsIs,
                Some(value @ (Value::Number(number) | Value::MayBeMissing(number))) => Made::Number {
                    fill: matches!(value, Value::Number(_)).then_some(number.fill),
                    log1p: number.log1p,
                    center: number.scaling.center,
                    scale: number.scaling.scale,
                },
                Some(Value::Category(category)) => {
                    let row = |encoded: Encoded, is_missing: bool| {
                        let mut row = vec![0.0; category.n_columns()];
                        match encoded {
                            Encoded::Number(number) => row[0] = number,
                            Encoded::Column(column) if column < row.len() => row[column] = 1.0,
                            Encoded::Column(_) => {}
                        }
                        row.extend(part.indicator.then_some(f64::from(u8::from(is_missing))));
                        row
                    };
                    let labels = category.labels().iter();
                    Made::Category {
                        known: labels
                            .map(|label| (&label[..], row(category.encode(Some(label)), false)))
                            .collect(),
                        missing: row(category.encode(None), true),
                        unseen: row(category.unseen(), false),
                    }
                }
            };
            Outline { name: &part.name, made, indicator: part.indicator }
        })
    }
}
