//! Which rows are learned from and which are held out.

use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::rng::Rng;

/// Row indices of two parts, each in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows held out.
    pub test: Vec<usize>,
}

/// Holds out `test_share` of each class, rounded, drawn with the seed. A class of two rows and more has at least one
/// row on each side; a single row is learned from.
///
/// # Errors
/// `parameter` when `test_share` is not above 0 and below 1; `too-few-rows` when no row would be held out.
pub fn stratified_split(labels: &[bool], test_share: f64, seed: u64) -> Result<Split> {
    if !(test_share > 0.0 && test_share < 1.0) {
        return Err(Error::parameter("testShare", "a share above 0 and below 1", test_share));
    }
    let mut split = Split { train: Vec::new(), test: Vec::new() };
    for class in [false, true] {
        let mut rows = rows_of(labels, class);
        Rng::for_unit(seed, u64::from(class)).shuffle(&mut rows);
        let n_test = match rows.len() {
            0 | 1 => 0,
            n => ((n as f64 * test_share).round() as usize).clamp(1, n - 1),
        };
        split.test.extend(&rows[..n_test]);
        split.train.extend(&rows[n_test..]);
    }
    if split.test.is_empty() {
        let largest = rows_of(labels, true).len().max(rows_of(labels, false).len());
        return Err(Error::new(ErrorKind::TooFewRows {
            step: "holding out rows to test on".to_owned(),
            unit: "rows of one kind",
            needed: 2,
            found: largest,
            remedy: "label more rows",
        }));
    }
    split.train.sort_unstable();
    split.test.sort_unstable();
    Ok(split)
}

/// All abnormal rows and as many normal ones, drawn with the seed, in ascending order; all rows where normal ones are
/// not more.
pub fn balanced_rows(labels: &[bool], seed: u64) -> Vec<usize> {
    let mut rows = rows_of(labels, true);
    let normal = rows_of(labels, false);
    let drawn = Rng::new(seed).sample_indices(normal.len(), rows.len());
    rows.extend(drawn.into_iter().map(|place| normal[place]));
    rows.sort_unstable();
    rows
}

fn rows_of(labels: &[bool], class: bool) -> Vec<usize> {
    labels.iter().enumerate().filter(|&(_, &label)| label == class).map(|(row, _)| row).collect()
}
