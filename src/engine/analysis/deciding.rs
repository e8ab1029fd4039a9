//! What follows from scores: threshold, flags, and what is normal among the rows not flagged.

use super::rows::time_range;
use super::{Analysis, AnalysisJob, Cut, Prepared, Scored};
use crate::engine::detect::{Model, threshold};
use crate::engine::error::Result;
use crate::engine::explain::{Baselines, BaselinesFitting};
use crate::engine::features;
use crate::engine::learn::Answers;
use crate::engine::order;
use crate::engine::persist::Reference;
use crate::engine::ranking::{Judged, Ranking};
use crate::engine::table::Table;
use std::sync::Arc;

/// Rows with their scores, on the way to an analysis. Over a million rows it takes far longer than somebody waits who
/// cancels to say what is normal of each feature, so that is done one by one.
pub(super) struct Deciding {
    pub prepared: Prepared,
    pub model: Arc<Model>,
    pub scores: Vec<f64>,
    pub of_members: Vec<Vec<f64>>,
    pub answers: Option<Answers>,
    pub labels: Option<Vec<bool>>,
    pub time_range_ms: Option<(i64, i64)>,
    pub zoned: bool,
    pub threshold: f64,
    pub flags: Vec<u8>,
    /// None where what is normal is known of other rows.
    pub baselines: Option<BaselinesFitting>,
    /// Rows to be explained, the most abnormal first.
    pub explained: Vec<usize>,
}

impl Deciding {
    /// Looks at one more feature; nothing where all are known.
    pub fn step(&mut self) {
        let matrix = &self.prepared.matrix;
        if let Some(baselines) = self.baselines.as_mut().filter(|all| all.n_done() < matrix.features.len()) {
            baselines.step(&matrix.features, matrix.values.view());
        }
    }

    /// Features that are known.
    pub fn n_done(&self) -> usize {
        self.baselines.as_ref().map_or(0, BaselinesFitting::n_done)
    }

    /// Features to look at.
    pub fn n_features(&self) -> usize {
        self.baselines.as_ref().map_or(0, |_| self.prepared.matrix.features.len())
    }

    pub fn is_done(&self) -> bool {
        self.n_done() == self.n_features()
    }
}

impl AnalysisJob {
    /// Begins to decide: the threshold is set, and what needs a look at the table is known.
    ///
    /// # Errors
    /// Those of the plan's cut and of its labels.
    pub(super) fn decide(
        &self,
        table: &Table,
        prepared: Prepared,
        model: Arc<Model>,
        (scores, of_members): (Vec<f64>, Vec<Vec<f64>>),
        answers: Option<Answers>,
    ) -> Result<Deciding> {
        let (plan, matrix) = (&self.plan, &prepared.matrix);
        let labels = plan
            .label
            .as_deref()
            .map(|label| features::row_labels(table, matrix, table.index_of(label)?))
            .transpose();
        // New rows may have no truth yet.
        let labels = if self.pipeline.is_some() { labels.ok().flatten() } else { labels? };
        let (time_range_ms, zoned) = time_range(table, plan, matrix)?;
        let scored = Scored { scores: &scores, labels: labels.as_deref(), time_range_ms };
        let threshold = Cut::of(plan).threshold(scored)?;
        let flags = threshold::flags(&scores, threshold);
        let baselines = self.reference().is_none().then(|| BaselinesFitting::new(&flags));
        let explained = order::highest(&scores, self.n_explained(scores.len()));
        Ok(Deciding {
            prepared,
            model,
            scores,
            of_members,
            answers,
            labels,
            time_range_ms,
            zoned,
            threshold,
            flags,
            baselines,
            explained,
        })
    }

    /// The rows that the pipeline's model was fitted to.
    pub(super) fn reference(&self) -> Option<&Reference> {
        self.pipeline.as_deref().map(|pipeline| &*pipeline.fitted().reference)
    }
}

/// What follows from a threshold.
pub(super) struct Flags {
    pub flags: Vec<u8>,
    pub severity: Vec<u8>,
    pub baselines: Baselines,
    pub ranking: Ranking,
}

/// Severities by these rows themselves, or by those that a model was fitted to.
pub(super) fn severities(scores: &[f64], threshold: f64, reference: Option<&Reference>) -> Vec<u8> {
    match reference {
        Some(fitted) => fitted.severities(scores, threshold),
        None => threshold::severities(scores, threshold),
    }
}

impl Analysis {
    /// What would follow from another threshold.
    pub(super) fn flags_above(&self, threshold: f64) -> Flags {
        let (matrix, scores, reference) = (&self.matrix, &self.scores, self.reference());
        let flags = threshold::flags(scores, threshold);
        let baselines = match reference {
            Some(fitted) => fitted.baselines.clone(),
            None => Baselines::fit(&matrix.features, matrix.values.view(), &flags),
        };
        let severity = severities(scores, threshold, reference);
        let ranking = Ranking::of(Judged {
            matrix,
            rows_of_subject: &self.rows_of_subject,
            scores,
            flags: &flags,
            severity: &severity,
            baselines: &baselines,
            known: self.known().as_ref(),
        });
        Flags { flags, severity, baselines, ranking }
    }
}
