//! What is learned.

use super::check_values;
use crate::engine::error::{Error, ErrorKind, Result};

/// What is learned, one per row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'a> {
    /// A number per row: regression. None above 1e100, so that squares can be summed.
    Values(&'a [f64]),
    /// A class per row, from 0: classification. Two classes at least have rows.
    Classes {
        /// Class of each row.
        classes: &'a [u32],
        /// How many classes there are; not every one has to have rows.
        n_classes: usize,
    },
}

impl Target<'_> {
    /// Classes; 0 in regression.
    pub fn n_classes(&self) -> usize {
        match self {
            Target::Values(_) => 0,
            Target::Classes { n_classes, .. } => *n_classes,
        }
    }

    /// As numbers: values, or places of classes.
    pub(in crate::engine::learn) fn numbers(&self) -> Vec<f64> {
        match self {
            Target::Values(values) => values.to_vec(),
            Target::Classes { classes, .. } => classes.iter().map(|&class| f64::from(class)).collect(),
        }
    }

    /// Whether it can be learned from that many rows.
    pub(in crate::engine::learn) fn check(&self, n_rows: usize) -> Result<()> {
        match self {
            Target::Values(values) => {
                check_values("target", values, n_rows)?;
                match values.iter().find(|value| value.abs() > 1e100) {
                    Some(value) => Err(Error::parameter("target", "numbers of at most 1e100", value)),
                    None => Ok(()),
                }
            }
            Target::Classes { classes, n_classes } => {
                let refuse = |message: String| Err(Error::new(ErrorKind::Labels { message }));
                if classes.len() != n_rows {
                    return refuse(format!(
                        "there are {} labels for {n_rows} rows; give one per row",
                        classes.len()
                    ));
                }
                if *n_classes > super::Trees::MAX_OUTPUTS {
                    return refuse(format!(
                        "there are {n_classes} classes; at most {} can be told apart: choose a column with fewer",
                        super::Trees::MAX_OUTPUTS
                    ));
                }
                if let Some(class) = classes.iter().find(|&&class| class as usize >= *n_classes) {
                    return refuse(format!("a row has class {class} of {n_classes}, counted from 0"));
                }
                if classes.iter().all(|&class| class == classes[0]) {
                    return refuse(format!(
                        "all {n_rows} rows to learn from have the same label; learning needs rows of two kinds at \
                         least: choose another target or more rows"
                    ));
                }
                Ok(())
            }
        }
    }
}
