//! What candidates are judged on: which rows they are fitted to, which they score, and what is known of these.

use super::planted::{PATTERNS, Planted, plant};
use super::{Basis, Candidate, Metric};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::evaluate::{average_precision, roc_auc};
use crate::engine::features::Feature;
use crate::engine::learn::split::{Split, SplitBy, SplitOptions, SplitRows};
use crate::engine::order;
use crate::engine::rng::Rng;
use ndarray::{Array2, ArrayView2, Axis};

/// Rows without which halves and folds say nothing.
const MIN_ROWS: usize = 8;
/// Rows of each kind without which there is nothing to hold out.
pub const MIN_OF_EACH_KIND: usize = 2;

/// What one fit is given and judged on.
pub enum Trial {
    /// Matrix rows to fit to, and others to be judged on by their labels.
    Fold { train: Vec<usize>, test: Vec<usize>, labels: Vec<bool> },
    /// Matrix rows to fit to; all are scored.
    Half { train: Vec<usize> },
    /// Rows to fit to and to score, some of them planted.
    Planted(Planted),
}

impl Trial {
    /// The rows (rows x features) to fit to.
    pub fn train(&self, values: ArrayView2<'_, f64>) -> Array2<f64> {
        match self {
            Trial::Fold { train, .. } | Trial::Half { train } => values.select(Axis(0), train),
            Trial::Planted(planted) => planted.values.clone(),
        }
    }

    /// The rows (rows x features) to score.
    pub fn test(&self, values: ArrayView2<'_, f64>) -> Array2<f64> {
        match self {
            Trial::Fold { test, .. } => values.select(Axis(0), test),
            Trial::Half { .. } => values.to_owned(),
            Trial::Planted(planted) => planted.values.clone(),
        }
    }

    /// How many rows are fitted to.
    pub fn n_train(&self) -> usize {
        match self {
            Trial::Fold { train, .. } | Trial::Half { train } => train.len(),
            Trial::Planted(planted) => planted.values.nrows(),
        }
    }

    /// How many rows are scored, of so many in the matrix.
    pub fn n_test(&self, n_rows: usize) -> usize {
        match self {
            Trial::Fold { test, .. } => test.len(),
            Trial::Half { .. } => n_rows,
            Trial::Planted(planted) => planted.values.nrows(),
        }
    }

    /// Judges scores by what is known; `None` where nothing is.
    ///
    /// # Errors
    /// Those of the measures.
    pub fn judge(
        &self,
        metric: Metric,
        scores: &[f64],
        candidate: &mut Candidate,
        n_trials: usize,
    ) -> Result<Option<f64>> {
        let truth = match self {
            Trial::Half { .. } => return Ok(None),
            Trial::Fold { labels, .. } => labels.clone(),
            Trial::Planted(planted) => {
                let n_real = scores.len() - planted.pattern_of_copy.len();
                let n_flagged = planted.pattern_of_copy.len();
                let first = order::descending(scores).into_iter().take(n_flagged);
                let mut found = [0usize; PATTERNS.len()];
                first
                    .filter(|&row| row >= n_real)
                    .for_each(|row| found[planted.pattern_of_copy[row - n_real]] += 1);
                for (pattern, n_found) in found.into_iter().enumerate() {
                    let n_planted = planted.pattern_of_copy.iter().filter(|&&other| other == pattern).count();
                    let share = n_found as f64 / n_planted.max(1) as f64 / n_trials as f64;
                    *candidate.found.entry(PATTERNS[pattern].to_owned()).or_default() += share;
                }
                (0..scores.len()).map(|row| row >= n_real).collect()
            }
        };
        match metric {
            Metric::RocAuc => roc_auc(scores, &truth),
            _ => average_precision(scores, &truth),
        }
        .map(Some)
    }
}

/// What to say of labels that nothing can be judged by.
///
/// # Errors
/// `labels`, with how many there are of the rarer kind.
pub fn check_labels(labels: Option<&[bool]>) -> Result<&[bool]> {
    let refused = |message: String| Err(Error::new(ErrorKind::Labels { message }));
    let Some(labels) = labels else {
        return refused(
            "there is no label column to judge candidates by; name one in the plan, or tune by stability-agreement or \
             planted"
                .to_owned(),
        );
    };
    let n_abnormal = labels.iter().filter(|&&label| label).count();
    if n_abnormal.min(labels.len() - n_abnormal) < MIN_OF_EACH_KIND {
        return refused(format!(
            "{n_abnormal} of {} rows are labelled abnormal; judging candidates by labels needs at least \
             {MIN_OF_EACH_KIND} that are and {MIN_OF_EACH_KIND} that are not: choose another label column, or tune by \
             stability-agreement or planted",
            labels.len()
        ));
    }
    Ok(labels)
}

/// The trials of one matrix.
///
/// # Errors
/// `labels` as [`check_labels`]; `too-few-rows`.
pub fn trials(
    basis: Basis,
    n_folds: usize,
    features: &[Feature],
    values: ArrayView2<'_, f64>,
    labels: Option<&[bool]>,
    seed: u64,
) -> Result<Vec<Trial>> {
    let n_rows = values.nrows();
    if n_rows < MIN_ROWS {
        return Err(Error::new(ErrorKind::TooFewRows {
            step: "judging candidates".to_owned(),
            unit: "matrix rows",
            needed: MIN_ROWS,
            found: n_rows,
            remedy: "use a log of more users, or a recipe that has a row for each day or session",
        }));
    }
    let rng = |unit: usize| Rng::for_unit(seed, unit as u64);
    Ok(match basis {
        Basis::Labels => {
            let labels = check_labels(labels)?;
            let classes: Vec<u32> = labels.iter().map(|&label| u32::from(label)).collect();
            let n_abnormal = labels.iter().filter(|&&label| label).count();
            // A fold without a row of a kind could not be judged.
            let folds = n_folds.min(n_abnormal).min(n_rows - n_abnormal);
            let known = SplitRows { classes: &classes, users: &[], times: &[] };
            let splits = SplitOptions { folds, ..SplitOptions::default() };
            let fold = |Split { train, test }: Split| {
                let labels = test.iter().map(|&row| labels[row]).collect();
                Trial::Fold { train, test, labels }
            };
            splits.splits(SplitBy::Stratified, known, seed)?.into_iter().map(fold).collect()
        }
        Basis::StabilityAgreement => {
            let half = |unit: usize| {
                let mut train = rng(unit).sample_indices(n_rows, n_rows.div_ceil(2));
                train.sort_unstable();
                Trial::Half { train }
            };
            (0..n_folds).map(half).collect()
        }
        Basis::Target => Vec::new(),
        Basis::Planted => {
            (0..n_folds).map(|unit| Trial::Planted(plant(features, values, &mut rng(unit)))).collect()
        }
    })
}

/// Rows to judge on, in order: all, or `max_rows` drawn with the seed. Where labels are known, as many of a kind as its share
/// of all is, but no fewer than enough to hold some out.
pub fn drawn_rows(n_rows: usize, max_rows: usize, labels: Option<&[bool]>, seed: u64) -> Vec<usize> {
    const ENOUGH: usize = 10;
    if n_rows <= max_rows {
        return (0..n_rows).collect();
    }
    let mut drawn = match labels {
        None => Rng::new(seed).sample_indices(n_rows, max_rows),
        Some(labels) => {
            let of_kind = |kind: bool| (0..n_rows).filter(|&row| labels[row] == kind).collect::<Vec<usize>>();
            let (abnormal, normal) = (of_kind(true), of_kind(false));
            let share = max_rows as f64 / n_rows as f64;
            let n_abnormal = ((abnormal.len() as f64 * share).round() as usize)
                .max(abnormal.len().min(ENOUGH))
                .min(max_rows - normal.len().min(ENOUGH));
            let draw = |rows: Vec<usize>, n: usize, unit: u64| -> Vec<usize> {
                let places = Rng::for_unit(seed, unit).sample_indices(rows.len(), n);
                places.into_iter().map(|place| rows[place]).collect()
            };
            [draw(abnormal, n_abnormal, 1), draw(normal, max_rows - n_abnormal, 0)].concat()
        }
    };
    drawn.sort_unstable();
    drawn
}
