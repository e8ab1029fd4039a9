//! The supervised half of an analysis: learn from flags or from a label column, judge on held-out rows.

use super::analysis::Analysis;
use super::error::{Error, ErrorKind, Result};
use super::evaluate::{Asked, Bootstrap, Evaluation, evaluate};
use super::learn::logistic::LogisticRegression;
use super::learn::split;
use super::prepare::{FittedPreparation, PreparedColumn};
use ndarray::Axis;
use serde::{Deserialize, Serialize};

/// What a supervised model learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LearnTarget {
    /// The detector's own flags (system A.5).
    #[default]
    Flags,
    /// The label column.
    Label,
    /// Rows with enough points by the plan's rules (system E.3).
    Rules,
}

/// How to learn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LearnOptions {
    /// What to learn. Default the flags.
    pub target: LearnTarget,
    /// Learn from the balanced set (all abnormal rows and as many normal ones, system A.4) instead of all rows.
    /// Default true.
    pub balanced: bool,
    /// Share of rows held out, above 0 and below 1. Default 0.3.
    pub test_share: f64,
    /// Inverse strength of the L2 penalty, above 0. Default 1.
    pub c: f64,
    /// Seed of the balanced draw and of the split. Default the plan's.
    pub seed: Option<u64>,
}

impl Default for LearnOptions {
    fn default() -> Self {
        LearnOptions { target: LearnTarget::Flags, balanced: true, test_share: 0.3, c: 1.0, seed: None }
    }
}

/// A supervised model and how well it does on held-out rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Learned {
    /// On the held-out rows, at probability 0.5.
    pub evaluation: Evaluation,
    /// Rows learned from.
    pub train_rows: usize,
    /// Rows held out.
    pub test_rows: usize,
    /// Abnormal rows among those learned from.
    pub train_positives: usize,
    /// Abnormal rows among those held out.
    pub test_positives: usize,
    /// What the model sees of the features: as the plan prepares them, fitted on the rows learned from.
    pub columns: Vec<PreparedColumn>,
    /// One per column.
    pub coefficients: Vec<f64>,
    /// Constant term.
    pub intercept: f64,
    /// Newton steps to convergence.
    pub iterations: usize,
    /// Probability of being abnormal for every matrix row.
    #[serde(skip_serializing, default)]
    pub probabilities: Vec<f64>,
    /// What the user should know of this result.
    pub notes: Vec<String>,
}

/// Columns that are learned from, at most: the time of a Newton step grows with their square, its system of equations
/// with their cube.
const MAX_COLUMNS: usize = 512;
/// Rows of each kind without which there is nothing to learn from or nothing to judge by.
const MIN_OF_EACH_KIND: usize = 2;
/// Held-out positives below which measures are noise.
const FEW_POSITIVES: usize = 10;

/// Fits a logistic regression on a stratified split. The plan's preparation is fitted on the training rows alone, so
/// nothing of the held-out rows is known to the model.
///
/// # Errors
/// `labels` when there are none, or fewer than two rows of a kind; `parameter` for options outside their range or more
/// than 512 columns.
pub fn learn(analysis: &Analysis, options: &LearnOptions) -> Result<Learned> {
    let labels: Vec<bool> = match options.target {
        LearnTarget::Flags => analysis.flags.iter().map(|&flag| flag != 0).collect(),
        LearnTarget::Label => analysis.labels.clone().ok_or_else(|| {
            Error::new(ErrorKind::Labels {
                message:
                    "there is no label column to learn from; give a column the role label, or learn the flags"
                        .to_owned(),
            })
        })?,
        LearnTarget::Rules => match &analysis.rules {
            Some(rules) => (0..analysis.matrix.n_rows()).map(|row| rules.is_reached(row)).collect(),
            None => {
                return Err(Error::new(ErrorKind::Labels {
                    message: "the plan has no rules to learn from; give it some, or learn the flags"
                        .to_owned(),
                }));
            }
        },
    };
    check_kinds(&labels, options.target)?;
    let seed = options.seed.unwrap_or(analysis.plan.seed);
    let rows =
        if options.balanced { split::balanced_rows(&labels, seed) } else { (0..labels.len()).collect() };
    let chosen: Vec<bool> = rows.iter().map(|&row| labels[row]).collect();
    let parts = split::stratified_split(&chosen, options.test_share, seed)?;
    let matrix_rows = |part: &[usize]| part.iter().map(|&place| rows[place]).collect::<Vec<usize>>();
    let (train, test) = (matrix_rows(&parts.train), matrix_rows(&parts.test));
    let labels_of = |part: &[usize]| part.iter().map(|&row| labels[row]).collect::<Vec<bool>>();
    let (train_labels, test_labels) = (labels_of(&train), labels_of(&test));

    let (features, values) = (&analysis.matrix.features, &analysis.matrix.values);
    let plan = &analysis.plan;
    let train_values = values.select(Axis(0), &train);
    let (fitted, _) =
        FittedPreparation::fit(features, train_values.view(), &plan.preparation, &plan.omitted)?;
    let columns = fitted.columns().to_vec();
    if columns.len() > MAX_COLUMNS {
        let expected =
            format!("at most {MAX_COLUMNS} columns to learn from; omit features, or encode them otherwise");
        return Err(Error::parameter("features", &expected, columns.len()));
    }
    let prepare = fitted.of_features(features)?;
    let model = LogisticRegression::params()
        .c(options.c)
        .fit(prepare.rows(train_values.view()).view(), &train_labels)?;
    let probabilities = model.probabilities(prepare.rows(values.view()).view());
    let test_scores: Vec<f64> = test.iter().map(|&row| probabilities[row]).collect();
    let test_flags: Vec<u8> = test_scores.iter().map(|&p| u8::from(p > 0.5)).collect();

    let test_positives = test_labels.iter().filter(|&&label| label).count();
    let mut notes = Vec::new();
    if options.target == LearnTarget::Flags {
        notes.push(
            "The labels are the detector's own flags: these figures say how well a linear model repeats the \
             detector, not how well either finds the truth."
                .to_owned(),
        );
    }
    if options.target == LearnTarget::Rules {
        notes.push(
            "The labels are made of the plan's rules, whose features the model sees: these figures say how well a linear \
             model repeats the rules, not how well they find the truth."
                .to_owned(),
        );
    }
    if test_positives < FEW_POSITIVES {
        notes.push(format!(
            "Only {test_positives} abnormal rows were held out; one row more or less changes these figures a lot."
        ));
    }
    Ok(Learned {
        evaluation: evaluate(
            &test_scores,
            &test_flags,
            &test_labels,
            Asked {
                bootstrap: Bootstrap { seed, ..Bootstrap::default() },
                are_probabilities: true,
                budgets: &[],
            },
        )?,
        train_rows: train.len(),
        test_rows: test.len(),
        train_positives: train_labels.iter().filter(|&&label| label).count(),
        test_positives,
        columns,
        coefficients: model.coefficients.to_vec(),
        intercept: model.intercept,
        iterations: model.iterations,
        probabilities,
        notes,
    })
}

/// Refuses labels of which one kind is too rare to be both learned from and held out.
fn check_kinds(labels: &[bool], target: LearnTarget) -> Result<()> {
    let n_abnormal = labels.iter().filter(|&&label| label).count();
    let n_normal = labels.len() - n_abnormal;
    if n_abnormal.min(n_normal) >= MIN_OF_EACH_KIND {
        return Ok(());
    }
    let (what, remedy) = match (target, n_abnormal < n_normal) {
        (LearnTarget::Flags, true) => ("flagged", "lower the threshold"),
        (LearnTarget::Flags, false) => ("flagged", "raise the threshold"),
        (LearnTarget::Rules, true) => {
            ("abnormal by the rules", "lower their limits, or the points that are enough")
        }
        (LearnTarget::Rules, false) => {
            ("abnormal by the rules", "raise their limits, or the points that are enough")
        }
        (LearnTarget::Label, _) => ("labelled abnormal", "choose another label column, or learn the flags"),
    };
    Err(Error::new(ErrorKind::Labels {
        message: format!(
            "{n_abnormal} of {} rows are {what}; learning and testing need at least {MIN_OF_EACH_KIND} that are and \
             {MIN_OF_EACH_KIND} that are not: {remedy}",
            labels.len()
        ),
    }))
}
