//! Between an analysis and a pipeline: what one leaves behind, and what another begins with.

use super::{Analysis, AnalysisJob};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::explain::Known;
use crate::engine::features::FeatureMatrix;
use crate::engine::finding::{FindingKind, Findings};
use crate::engine::learn::Learner;
use crate::engine::persist::{Fitted, FlagsFrom, Pipeline, Reference, Source};
use crate::engine::plan::DetectorName;
use crate::engine::prepare::FittedPreparation;
use std::sync::Arc;

/// Rows up to which all of a batch are explained.
const SMALL_BATCH: usize = 100;

impl Analysis {
    /// The pipeline that this analysis leaves behind: fitted to this table, or, where the model was fitted to another, the
    /// same with the threshold in force.
    ///
    /// # Errors
    /// Those of the plan's treatments.
    pub fn pipeline(&self, source: Source<'_>) -> Result<Arc<Pipeline>> {
        if let Some(origin) = &self.origin {
            return Ok(match origin.fitted().threshold == self.threshold {
                true => Arc::clone(origin),
                false => Arc::new(origin.with_threshold(self.threshold)),
            });
        }
        let fitted = Fitted {
            preparation: Arc::clone(&self.preparation),
            model: Arc::clone(&self.model),
            threshold: self.threshold,
            reference: Arc::new(Reference::of(&self.scores, &self.flags, self.baselines.clone())),
        };
        let measures = self.metrics.iter().flat_map(|metrics| metrics.measures());
        let metrics = measures
            .filter(|(_, value)| value.is_finite())
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Pipeline::of(source, &self.plan, &self.matrix, fitted, metrics).map(Arc::new)
    }

    /// Where flags begin among the rows that the model was fitted to, where they were others.
    pub fn flags_from(&self) -> Option<FlagsFrom> {
        Some(self.reference()?.flags_from(self.threshold))
    }

    /// What the model was fitted to, where it was other rows and more than rules.
    pub fn known(&self) -> Option<Known<'_>> {
        let pipeline = self.origin.as_deref().filter(|_| !self.plan.detector.is(DetectorName::Rules))?;
        Some(known(pipeline, &pipeline.fitted().preparation))
    }

    /// What a learned model was fitted to, where it came with the pipeline of another table.
    pub fn known_to<'a>(&'a self, learner: &'a Learner) -> Option<Known<'a>> {
        let pipeline = self.origin.as_deref()?;
        let is_its_own = pipeline.learner().is_some_and(|own| std::ptr::eq(&**own, learner));
        is_its_own.then(|| known(pipeline, &learner.preparation))
    }

    /// The rows that the model was fitted to, where they were others.
    pub(super) fn reference(&self) -> Option<&Reference> {
        self.origin.as_deref().map(|pipeline| &*pipeline.fitted().reference)
    }
}

/// What was fitted to the rows of a pipeline, and reads what a preparation gives it.
fn known<'a>(pipeline: &'a Pipeline, preparation: &'a FittedPreparation) -> Known<'a> {
    Known::of(pipeline.features(), preparation, &pipeline.fitted().reference.baselines)
}

impl AnalysisJob {
    /// The matrix in the features of a pipeline; what it lacks, and values that the model does not know, are reported.
    pub(super) fn with_features_of(
        &mut self,
        pipeline: Arc<Pipeline>,
        matrix: FeatureMatrix,
    ) -> FeatureMatrix {
        let (matrix, lacking) = matrix.with_features(pipeline.features());
        let mut findings = Findings::default();
        for name in lacking {
            findings.report(FindingKind::EmptyFeature, &name, Default::default(), || {
                format!(
                    "feature \"{name}\" could not be told from these records; the model takes it as it does a missing value"
                )
            });
        }
        let where_told = match self.plan.detector.is(DetectorName::Rules) {
            true => "",
            false => ", which the column \"unseen\" of the results tells",
        };
        for (place, (feature, fitted)) in matrix.features.iter().zip(pipeline.features()).enumerate() {
            // Behind the labels that the model knows stand those that it does not.
            let n_known = fitted.labels.len();
            let Some(example) = feature.labels.get(n_known) else { continue };
            let is_unseen = |value: &&f64| **value >= n_known as f64;
            let n = matrix.values.column(place).iter().filter(is_unseen).count() as u64;
            if n == 0 {
                continue;
            }
            let name = &feature.name;
            findings.report_many(FindingKind::UnseenValues, name, n, Default::default(), || {
                format!(
                    "feature \"{name}\": no row that the model was fitted to has such a value, as \"{example}\"; to the model it \
                     is none of those it knows, which need not look strange to it: look at these rows yourself{where_told}"
                )
            });
        }
        self.findings.extend(findings.into_vec());
        matrix
    }

    /// How many of the most abnormal rows are explained.
    pub(super) fn n_explained(&self, n_rows: usize) -> usize {
        let is_small = self.pipeline.is_some() && n_rows <= SMALL_BATCH;
        if is_small { n_rows } else { self.plan.parameters.top }
    }

    /// Refuses scores, or what is learned of rows, that are no numbers: a model from a file may hold numbers whose products
    /// are none.
    pub(super) fn check_finite(&self, numbers: &[f64]) -> Result<()> {
        if self.pipeline.is_some() && numbers.iter().any(|number| !number.is_finite()) {
            return Err(Error::new(ErrorKind::ModelDamaged {
                what: "what it says of a row is no finite number".to_owned(),
            }));
        }
        Ok(())
    }

    /// The supervised model of the pipeline.
    pub(super) fn learner(&self) -> Option<&Learner> {
        self.pipeline.as_deref()?.learner().map(|learner| &**learner)
    }
}
