//! A fitted preparation put beside the features of some rows: what is done with the value in each place, and nothing that
//! would have to be looked up by name.

use super::category::{Encoded, place};
use super::fitted::{Part, Value};
use super::number::{Number, Scaling};
use ndarray::{Array2, ArrayView2};

/// What makes rows of features (rows x features) what a model sees (rows x prepared columns). Made by
/// [`FittedPreparation::of_features`](super::FittedPreparation::of_features).
#[derive(Debug, Clone)]
pub struct Transform {
    steps: Vec<Step>,
    n_features: usize,
    /// By column, what comes after the steps.
    scalings: Vec<Scaling>,
}

/// What is done with one feature.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// The feature's place in a row.
    place: usize,
    value: Becomes,
    /// Whether a column says where it is missing.
    indicator: bool,
}

#[derive(Debug, Clone)]
enum Becomes {
    Nothing,
    Itself,
    Number(Number),
    MayBeMissing(Number),
    /// What becomes of each label, and last of a missing value.
    Category {
        encoded: Vec<Encoded>,
        n_columns: usize,
    },
}

impl Step {
    /// Of the feature at a place, with these labels where it is a category.
    pub fn new(part: &Part, place: usize, labels: &[String]) -> Step {
        let value = match &part.value {
            None => Becomes::Nothing,
            Some(Value::AsIs) => Becomes::Itself,
            Some(Value::Number(number)) => Becomes::Number(*number),
            Some(Value::MayBeMissing(number)) => Becomes::MayBeMissing(*number),
            Some(Value::Category(category)) => {
                let encoded = labels.iter().map(|label| category.encode(Some(label)));
                let encoded = encoded.chain([category.encode(None)]).collect();
                Becomes::Category { encoded, n_columns: category.n_columns() }
            }
        };
        Step { place, value, indicator: part.indicator }
    }

    fn n_columns(&self) -> usize {
        let of_value = match &self.value {
            Becomes::Nothing => 0,
            Becomes::Itself | Becomes::Number(_) | Becomes::MayBeMissing(_) => 1,
            Becomes::Category { n_columns, .. } => *n_columns,
        };
        of_value + usize::from(self.indicator)
    }

    /// The scale of each of its columns.
    fn scalings(&self) -> impl Iterator<Item = Scaling> {
        let of_value = match &self.value {
            Becomes::Number(number) | Becomes::MayBeMissing(number) => number.scaling,
            _ => Scaling::NONE,
        };
        (0..self.n_columns()).map(move |column| if column == 0 { of_value } else { Scaling::NONE })
    }

    /// Writes the columns of a value, which are 0 before, as they are before their scale.
    fn write(&self, value: f64, columns: &mut [f64]) {
        match &self.value {
            Becomes::Nothing => {}
            Becomes::Itself => columns[0] = value,
            Becomes::Number(number) => columns[0] = number.bent(value),
            Becomes::MayBeMissing(number) => {
                columns[0] = if value.is_nan() { value } else { number.bent(value) };
            }
            Becomes::Category { encoded, n_columns } => {
                let missing = encoded.len() - 1;
                match encoded[place(value, missing).unwrap_or(missing)] {
                    Encoded::Number(number) => columns[0] = number,
                    Encoded::Column(column) if column < *n_columns => columns[column] = 1.0,
                    Encoded::Column(_) => {}
                }
            }
        }
        if let (true, Some(last)) = (self.indicator, columns.last_mut()) {
            *last = f64::from(u8::from(value.is_nan()));
        }
    }
}

impl Transform {
    pub(super) fn new(steps: Vec<Step>, n_features: usize) -> Transform {
        let scalings = steps.iter().flat_map(Step::scalings).collect();
        Transform { steps, n_features, scalings }
    }

    /// Columns that it makes.
    pub fn n_columns(&self) -> usize {
        self.scalings.len()
    }

    /// Some rows as a model sees them. Rows do not depend on each other, so any cut into blocks gives the same bits.
    ///
    /// # Panics
    /// If the rows have other features than it was made for: a bug of the caller.
    pub fn rows(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        assert_eq!(rows.ncols(), self.n_features, "the features it was made for");
        let mut prepared = Array2::zeros((rows.nrows(), self.n_columns()));
        for (from, mut to) in rows.rows().into_iter().zip(prepared.rows_mut()) {
            let to = to.as_slice_mut().unwrap_or_default();
            let mut left = &mut *to;
            for step in &self.steps {
                let (columns, behind) = left.split_at_mut(step.n_columns());
                step.write(from[step.place], columns);
                left = behind;
            }
            // All at once, which a compiler takes side by side.
            to.iter_mut().zip(&self.scalings).for_each(|(value, scaling)| *value = scaling.apply(*value));
        }
        prepared
    }

    /// One prepared column of all rows: that of [`Transform::rows`], to the bit.
    ///
    /// # Panics
    /// If there is no such column, or the rows have other features: a bug of the caller.
    pub fn column(&self, rows: ArrayView2<'_, f64>, column: usize) -> Vec<f64> {
        assert_eq!(rows.ncols(), self.n_features, "the features it was made for");
        let mut within = column;
        let step = self.steps.iter().find(|step| {
            let is_here = within < step.n_columns();
            within -= if is_here { 0 } else { step.n_columns() };
            is_here
        });
        let step = step.expect("a column that it makes");
        let mut columns = vec![0.0; step.n_columns()];
        let value = |&value: &f64| {
            columns.fill(0.0);
            step.write(value, &mut columns);
            self.scalings[column].apply(columns[within])
        };
        rows.column(step.place).iter().map(value).collect()
    }
}
