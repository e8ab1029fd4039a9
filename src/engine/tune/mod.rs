//! The search for parameters: candidates are drawn from a space, judged on the same rows, and the best becomes a plan, or the
//! options to learn with (`learners`).
//!
//! What a candidate is judged by depends on what is known, and the result says which it was:
//!
//! | basis | score of a candidate | what it cannot do |
//! | --- | --- | --- |
//! | labels | ROC AUC or average precision of rows held out, in stratified k-fold cross-validation; detectors are fitted to the other folds without their labels | find what is labelled nowhere |
//! | planted | the same measure, of copies of real rows that were changed in known ways (see `planted`) among the real ones, with other copies each time | say anything of anomalies unlike those planted |
//! | stability-agreement | the mean of two rank correlations: between the scores of all rows by fits to random halves of them with other seeds (stability, after Perini, Galvin and Vercruyssen, *A Ranking Stability Measure for Quantifying the Robustness of Anomaly Detection Methods*, 2020), and with the scores of unlike detectors with default parameters (agreement: model centrality, Lin and others, *InfoGAN-CR and ModelCentrality*, 2020, over a fixed panel) | tell a detector that is right from one that is sure and like the others |
//!
//! Of criteria without labels, Ma, Zhao, Zhang and Akoglu, *The Need for Unsupervised Outlier Model Selection* (2023), find on 39
//! tasks and 297 models that those of a model by itself choose no better than chance, and those by consensus no better than an
//! Isolation Forest with default parameters. That is why the plan as it was always stands among the candidates, and why the
//! notes of a result say so.
//!
//! Our own figures agree. Choosing among seven detectors on the six labelled sets of the tests, in mean average precision:
//! stability-agreement 0.53 with one version of the detectors and 0.42 with the next, planted 0.41; chance 0.47, the best 0.70. So
//! without labels this is no way to choose between detectors. Copies lie near the rows they were made of, so planted also
//! favours detectors that look at neighbourhoods: it says what a detector finds, and compares parameters of one.
//!
//! Learners are judged by what they learn, on rows held out (by chance, by user or by time) in k-fold cross-validation.
//!
//! A candidate's score depends on the candidate, the options and the seed alone, not on the other candidates.

mod candidate;
mod job;
mod learners;
mod limits;
mod notes;
mod plain;
mod planted;
mod ranks;
mod run;
mod space;
mod trials;
mod world;

pub use candidate::Candidate;
pub use job::TuneJob;
pub use learners::{LearnerJob, learner_space};
pub use space::default_space;

use super::error::{Result, check_whole};
use super::plan::{PartialPlan, Plan};
use super::supervised::LearnOptions;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How candidates are drawn from the space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// Every combination of the listed values.
    Grid,
    /// As many as allowed, drawn with the seed, each parameter by itself.
    Random,
}

/// What candidates are judged by; see the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The plan's label column.
    Labels,
    /// Copies of rows with known changes.
    Planted,
    /// How alike scores are under resampling, and to those of other detectors.
    StabilityAgreement,
    /// What is learned, on rows held out; of learners alone.
    Target,
}

impl Basis {
    /// The name as serialised.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Labels => "labels",
            Basis::Planted => "planted",
            Basis::StabilityAgreement => "stability-agreement",
            Basis::Target => "target",
        }
    }
}

/// The measure of scores against a truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Area under the ROC curve: all rows count alike.
    RocAuc,
    /// Average precision: what is at the top counts most.
    #[default]
    AveragePrecision,
    /// Mean of the two rank correlations; of [`Basis::StabilityAgreement`] alone.
    RankCorrelation,
    /// Mean of the classes' F1; of learners of several classes.
    MacroF1,
    /// R²: the share of the variance that is explained; of learners of numbers.
    R2,
}

impl Metric {
    /// As in options.
    pub const fn name(self) -> &'static str {
        match self {
            Metric::RocAuc => "roc-auc",
            Metric::AveragePrecision => "average-precision",
            Metric::RankCorrelation => "rank-correlation",
            Metric::MacroF1 => "macro-f1",
            Metric::R2 => "r2",
        }
    }
}

/// What to search, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct TuneOptions {
    /// The plan to be tuned; what it leaves out is suggested.
    pub plan: PartialPlan,
    /// Tunes what is learned from the analysis that there is instead of a plan: these options, whose own folds and resamples
    /// mean nothing here. Parameters of the space are `model`, `classWeight`, and `logistic.c`, `forest.maxDepth`,
    /// `boosting.learningRate` and the like.
    pub learn: Option<LearnOptions>,
    /// Values by parameter: a list, or `{ from, to, log, whole }` to draw from. Parameters are `trees` or
    /// `autoencoder.code` (of the plan's parameters), `preparation.scale`, `detector`. Default a few values of the
    /// parameters that matter most to the plan's detectors.
    pub space: BTreeMap<String, Value>,
    /// Default a grid, where the space is the default one and its grid too large, random.
    pub search: Option<Search>,
    /// Default labels where the plan has a label column with rows of both kinds, else stability-agreement.
    pub basis: Option<Basis>,
    /// Default average precision; of learners of several classes macro F1, of numbers R².
    pub metric: Option<Metric>,
    /// Folds, or fits without labels, 2 to 20; fewer where fewer rows of a kind are labelled. Default 5.
    pub folds: usize,
    /// Candidates beside the plan as it is, at most, 1 to 1,000. Default 30.
    pub max_candidates: usize,
    /// Matrix rows that candidates are judged on, drawn with the seed where there are more; 20 to 100,000. Default 5,000.
    pub max_rows: usize,
    /// Of draws, folds and fits. Default the plan's.
    pub seed: Option<u64>,
}

impl Default for TuneOptions {
    fn default() -> Self {
        TuneOptions {
            plan: PartialPlan::default(),
            learn: None,
            space: BTreeMap::new(),
            search: None,
            basis: None,
            metric: None,
            folds: 5,
            max_candidates: 30,
            max_rows: 5_000,
            seed: None,
        }
    }
}

impl TuneOptions {
    /// Checks every range.
    ///
    /// # Errors
    /// `parameter`, naming it, the range and what was given.
    pub fn check(&self) -> Result<()> {
        check_whole("folds", self.folds, 2..=20)?;
        check_whole("maxCandidates", self.max_candidates, 1..=1_000)?;
        check_whole("maxRows", self.max_rows, 20..=100_000)?;
        self.seed.map_or(Ok(()), Plan::check_seed)
    }
}

/// A finished search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tuning {
    /// What candidates were judged by.
    pub basis: Basis,
    /// What their score is.
    pub metric: Metric,
    /// Folds, or fits without labels.
    pub folds: usize,
    /// Matrix rows judged on, of the plan as it was.
    pub rows: usize,
    /// Best first; of equal ones those with the fewest changes, the plan as it was before all, then those drawn first. Those that
    /// failed come last; those that could not differ from others are not among them.
    pub candidates: Vec<Candidate>,
    /// Place of the best among the candidates.
    pub best: usize,
    /// Place of the plan as it was.
    pub unchanged: usize,
    /// The plan of the best, complete; of learners that of the analysis.
    pub plan: Plan,
    /// Of learners, the options of the best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learn: Option<LearnOptions>,
    /// What the user should know of this result.
    pub notes: Vec<String>,
}
