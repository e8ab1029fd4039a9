//! What learning begins with: the truth about rows, which of them are held out, and what is to be known of that.

use super::options::LearnOptions;
use super::truth::{self, Kind, Truth};
use crate::engine::analysis::Analysis;
use crate::engine::error::{Error, Result};
use crate::engine::learn::split::{self, Leak, LeakKind, Split, SplitBy, SplitRows};
use crate::engine::learn::{self, Fitting, LearnTarget, ModelName, Task};
use crate::engine::plan::Plan;
use crate::engine::rng::Rng;
use crate::engine::table::Table;
use ndarray::ArrayView2;
use std::collections::BTreeSet;

/// Columns that a logistic regression learns from, at most: the time of a pass grows with their square, its system of
/// equations with their cube.
const MAX_COLUMNS: usize = 512;
/// Rows of each class that are kept, where they are there, when rows are drawn.
const MIN_OF_CLASS: usize = 10;

/// What is learned from which rows.
pub(in crate::engine) struct Setup {
    pub params: learn::Params,
    pub seed: u64,
    /// Of the rows that are learned from and tested on.
    pub truth: Truth,
    pub by: SplitBy,
    /// Of places of the truth.
    pub splits: Vec<Split>,
    /// Features that the model does not see.
    pub omitted: BTreeSet<String>,
    pub leaks: Vec<Leak>,
    pub notes: Vec<String>,
}

impl Setup {
    /// Reads the target from an analysis of a table and holds rows out. Of more than `max_rows` rows with a truth about as many
    /// are drawn with the seed, class by class.
    ///
    /// # Errors
    /// `parameter` for options out of range; `labels` when there is no target, or it cannot be learned; `no-such-column`,
    /// `wrong-type` for a target column; `too-few-rows` when no row would be held out.
    pub fn new(table: &Table, analysis: &Analysis, options: &LearnOptions, max_rows: usize) -> Result<Setup> {
        let plan = &analysis.plan;
        let split = options.split;
        let seed = options.seed.unwrap_or(plan.seed);
        Plan::check_seed(seed)?;
        split.check()?;
        let mut truth = Truth::read(table, analysis, options)?;
        let params = options.params(truth.task());
        params.check()?;
        check_task(params.model, truth.task())?;
        let mut notes = Vec::new();
        let is_balanced = options.balanced.unwrap_or(options.target == LearnTarget::Flags);
        if let (true, Kind::Classes { codes, names }) = (is_balanced, &truth.kind)
            && names.len() == 2
        {
            let labels: Vec<bool> = codes.iter().map(|&code| code == 1).collect();
            let chosen = split::balanced_rows(&labels, seed);
            if chosen.len() < labels.len() {
                notes.push(
                    "Both learned from and tested on are as many normal as abnormal rows: among all rows, abnormal ones \
                     are rarer and precision is lower."
                        .to_owned(),
                );
            }
            truth = truth.select(&chosen);
        }
        if truth.rows.len() > max_rows {
            let drawn = truth.drawn(max_rows, MIN_OF_CLASS, &mut Rng::for_unit(seed, 1 << 34));
            notes.push(format!(
                "Judged on {} of {} rows, drawn with the seed.",
                drawn.len(),
                truth.rows.len()
            ));
            truth = truth.select(&drawn);
        }
        let matrix = &analysis.matrix;
        let users: Vec<u32> = truth.rows.iter().map(|&row| matrix.subject_of_row[row]).collect();
        let times = truth::times(table, analysis)?;
        let times: Vec<i64> =
            truth.rows.iter().map(|&row| times.get(row).copied()).collect::<Option<_>>().unwrap_or_default();
        let classes = truth.codes();
        let known = SplitRows { classes: &classes, users: &users, times: &times };
        let splits = |by| split.splits(by, known, seed);
        let (by, splits) = match split.by {
            Some(by) => (by, splits(by)?),
            // Too few users leave a side empty.
            None if matrix.subjects.len() < matrix.n_rows() && splits(SplitBy::User).is_ok() => {
                (SplitBy::User, splits(SplitBy::User)?)
            }
            None => (SplitBy::Stratified, splits(SplitBy::Stratified)?),
        };
        let leaks = leaks(&splits, &users, if truth::is_moment(matrix.unit) { &times } else { &[] });
        let mut omitted = plan.omitted.clone();
        if let LearnTarget::Column(name) = &options.target
            && matrix.features.iter().any(|feature| feature.name == *name)
            && omitted.insert(name.clone())
        {
            notes.push(format!("The feature \"{name}\" is the target itself, so the model does not see it."));
        }
        notes.extend(about_target(&options.target));
        Ok(Setup { params, seed, truth, by, splits, omitted, leaks, notes })
    }
}

/// Refuses a model that cannot give the kind of answer that is asked.
pub(in crate::engine) fn check_task(model: ModelName, task: Task) -> Result<()> {
    if model == ModelName::Logistic && task == Task::Regression {
        let expected = "forest or boosting, which learn numbers";
        return Err(Error::parameter("model", expected, "logistic, which learns classes"));
    }
    Ok(())
}

/// Starts a fit to prepared rows with a truth each.
///
/// # Errors
/// `parameter`, as [`learn::Params::fitting`] and for more columns than logistic regression takes.
pub(in crate::engine) fn fitting(
    options: &LearnOptions,
    params: &learn::Params,
    rows: ArrayView2<'_, f64>,
    truth: &Truth,
    seed: u64,
) -> Result<Fitting> {
    if params.model == ModelName::Logistic && rows.ncols() > MAX_COLUMNS {
        let expected = format!(
            "at most {MAX_COLUMNS} columns for logistic regression; omit features, encode them otherwise, or choose \
             another model"
        );
        return Err(Error::parameter("features", &expected, rows.ncols()));
    }
    let weights = match &truth.kind {
        Kind::Classes { names, codes } => options.class_weights(codes, names)?,
        Kind::Values(_) => Vec::new(),
    };
    params.fitting(rows, truth.target(), &weights, seed)
}

/// What splits give away: of each kind the worst one.
fn leaks(splits: &[Split], users: &[u32], times: &[i64]) -> Vec<Leak> {
    let mut worst: Vec<Leak> = Vec::new();
    for leak in splits.iter().flat_map(|split| split.leaks(users, times)) {
        match worst.iter_mut().find(|other| other.kind == leak.kind) {
            Some(other) if other.test_rows < leak.test_rows => *other = leak,
            Some(_) => {}
            None => worst.push(leak),
        }
    }
    debug_assert!(worst.iter().all(|leak| leak.kind != LeakKind::TellingFeature), "told of features");
    worst
}

fn about_target(target: &LearnTarget) -> Option<String> {
    let made_of = match target {
        LearnTarget::Flags => {
            "The labels are the detector's own flags: these figures say how well the model repeats the \
             detector, not how well either finds the truth."
        }
        LearnTarget::Rules | LearnTarget::RulePoints => {
            "The target is made of the plan's rules, whose features the model sees: these figures say how well the model \
             repeats the rules, not how well they find the truth."
        }
        LearnTarget::Label | LearnTarget::Column(_) => return None,
    };
    Some(made_of.to_owned())
}

/// What is to be known of features that are the same in all rows.
pub(super) fn about_constant(names: &[String]) -> Option<String> {
    const SHOWN: usize = 6;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("\"{name}\"")).collect();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    (!shown.is_empty()).then(|| {
        format!(
            "Nothing can be learned from what is the same in all rows learned from: {}{more}.",
            shown.join(", ")
        )
    })
}
