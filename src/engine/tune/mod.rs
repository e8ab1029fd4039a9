//! The search for parameters: candidates are drawn from a space, judged on the same rows, and the best becomes a plan.
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
//! A candidate's score depends on the candidate, the options and the seed alone, not on the other candidates.

mod job;
mod planted;
mod ranks;
mod run;
mod space;
mod trials;

pub use job::TuneJob;
pub use space::default_space;

use super::error::{Error, Result};
use super::plan::{PartialPlan, Plan};
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
}

/// What to search, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct TuneOptions {
    /// The plan to be tuned; what it leaves out is suggested.
    pub plan: PartialPlan,
    /// Values by parameter: a list, or `{ from, to, log, whole }` to draw from. Parameters are `trees` or
    /// `autoencoder.code` (of the plan's parameters), `preparation.scale`, `detector`. Default a few values of the
    /// parameters that matter most to the plan's detectors.
    pub space: BTreeMap<String, Value>,
    /// Default a grid, where the space is the default one and its grid too large, random.
    pub search: Option<Search>,
    /// Default labels where the plan has a label column with rows of both kinds, else stability-agreement.
    pub basis: Option<Basis>,
    /// Default average precision.
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
        let whole =
            |name: &str, value: usize, least: usize, most: usize| match (least..=most).contains(&value) {
                true => Ok(()),
                false => {
                    let expected = format!("a whole number from {least} to {most}");
                    Err(Error::parameter(name, &expected, value))
                }
            };
        whole("folds", self.folds, 2, 20)?;
        whole("maxCandidates", self.max_candidates, 1, 1_000)?;
        whole("maxRows", self.max_rows, 20, 100_000)?;
        if self.seed.is_some_and(|seed| seed > Plan::MAX_SEED) {
            let expected = "a whole number from 0 to 9007199254740991";
            return Err(Error::parameter("seed", expected, self.seed.unwrap_or_default()));
        }
        if self.metric == Some(Metric::RankCorrelation) {
            let expected =
                "roc-auc or average-precision; rank-correlation is what the basis stability-agreement gives";
            return Err(Error::parameter("metric", expected, "rank-correlation"));
        }
        Ok(())
    }
}

/// A candidate, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// What it has other than the plan that was tuned; empty for that plan itself.
    pub parameters: BTreeMap<String, Value>,
    /// Mean over folds; higher is better. Absent where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Standard deviation over folds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    /// Score by fold.
    pub folds: Vec<f64>,
    /// Mean rank correlation between its own fits, where that is the basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stability: Option<f64>,
    /// Mean rank correlation with unlike detectors, where that is the basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<f64>,
    /// Share of planted rows found when as many rows are flagged as were planted, by what was done to them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub found: BTreeMap<String, f64>,
    /// How long its fits and scores took, where there is a clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Why it could not be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
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
    /// Best first; of equal ones the plan as it was, then those drawn first. Those that failed come last.
    pub candidates: Vec<Candidate>,
    /// Place of the best among the candidates.
    pub best: usize,
    /// Place of the plan as it was.
    pub unchanged: usize,
    /// The plan of the best, complete.
    pub plan: Plan,
    /// What the user should know of this result.
    pub notes: Vec<String>,
}
