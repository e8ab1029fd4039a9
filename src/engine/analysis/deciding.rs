//! What follows from scores: threshold, flags, what is normal among the rows not flagged, and who is first.

use super::rows::time_range;
use super::{Analysis, AnalysisJob, Cut, Member, Prepared, Scored, judge};
use crate::engine::detect::{Model, threshold};
use crate::engine::error::Result;
use crate::engine::explain::{Baselines, BaselinesFitting, Peers};
use crate::engine::features;
use crate::engine::host::{Progress, Stage};
use crate::engine::learn::Answers;
use crate::engine::order;
use crate::engine::persist::Reference;
use crate::engine::plan::Role;
use crate::engine::ranking::{self, Ranking};
use crate::engine::rules::RuleResults;
use crate::engine::table::{Groups, Table};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows with their scores, on the way to an analysis. Over a million rows it takes far longer than somebody waits who
/// cancels to say what is normal of each feature, so that is done one by one.
pub(super) struct Deciding {
    prepared: Prepared,
    model: Arc<Model>,
    scores: Vec<f64>,
    of_members: Vec<Vec<f64>>,
    answers: Option<Answers>,
    labels: Option<Vec<bool>>,
    time_range_ms: Option<(i64, i64)>,
    zoned: bool,
    threshold: f64,
    flags: Vec<u8>,
    /// None where what is normal is known of other rows.
    baselines: Option<BaselinesFitting>,
    /// Rows to be explained, the most abnormal first.
    pub explained: Vec<usize>,
}

impl Deciding {
    /// Looks at one more feature; nothing where all are known.
    pub fn step(&mut self) -> Progress {
        let matrix = &self.prepared.matrix;
        if let Some(baselines) = self.baselines.as_mut().filter(|all| all.n_done() < matrix.features.len()) {
            baselines.step(&matrix.features, matrix.values.view());
        }
        Progress { stage: Stage::Explain, done: self.n_done() as u64, total: self.n_steps() as u64 }
    }

    /// Features that are known.
    fn n_done(&self) -> usize {
        self.baselines.as_ref().map_or(0, BaselinesFitting::n_done)
    }

    /// Features to look at, and rows to be explained.
    pub fn n_steps(&self) -> usize {
        let n_features = self.baselines.as_ref().map_or(0, |_| self.prepared.matrix.features.len());
        n_features + self.explained.len()
    }

    pub fn is_done(&self) -> bool {
        self.n_done() + self.explained.len() == self.n_steps()
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
    fn reference(&self) -> Option<&Reference> {
        self.pipeline.as_deref().map(|pipeline| &*pipeline.fitted().reference)
    }

    /// The analysis, but for its explanations, once all is known.
    ///
    /// # Errors
    /// Those of labels and of the column of groups.
    pub(super) fn conclude(&mut self, table: &Table, decided: Deciding) -> Result<Analysis> {
        let Deciding { prepared, model, scores, labels, time_range_ms, zoned, threshold, flags, .. } =
            decided;
        let Prepared { matrix, fitted, transform } = prepared;
        let plan = self.plan.clone();
        let rows_of_subject =
            Groups::by_code(matrix.n_rows(), matrix.subjects.len(), |row| Some(matrix.subject_of_row[row]));
        let reference = self.reference();
        let baselines = match (reference, decided.baselines) {
            (None, Some(fitting)) => fitting.finish(),
            (Some(fitted), _) => fitted.baselines.clone(),
            (None, None) => unreachable!("what is normal is known or looked for"),
        };
        let severity = severities(&scores, threshold, reference);
        let ranking = ranking::rank(&matrix, &rows_of_subject, &scores, &flags, &severity, &baselines);
        let verdicts = reference.map(|reference| reference.verdicts(&scores, &flags));
        let metrics = labels.as_ref().map(|labels| judge(&plan, &scores, &flags, labels, &[])).transpose()?;
        let mut peers = Peers::of(table, &plan, &matrix)?;
        peers.fit(&matrix, &flags);
        let rules = self.rules.take().map(|set| RuleResults::of(set, &matrix));
        let time_column = plan.column(Role::Time, table)?.map(|column| &table.columns()[column]);
        let time_zone = time_column.and_then(|column| column.zone()).map(|zone| zone.name().to_owned());
        let members = plan.detector.names().iter().zip(decided.of_members);
        let members = members.map(|(&name, scores)| Member { name, scores }).collect();
        Ok(Analysis {
            plan,
            members,
            member_ranks: OnceCell::new(),
            treated: self.treated.take(),
            rows_of_subject,
            preparation: fitted,
            transform,
            model,
            origin: self.pipeline.clone(),
            verdicts,
            answers: decided.answers,
            scores,
            threshold,
            flags,
            severity,
            baselines,
            peers,
            ranking,
            top: Vec::new(),
            rules,
            labels,
            metrics,
            time_range_ms,
            zoned,
            time_zone,
            findings: std::mem::take(&mut self.findings),
            timings: BTreeMap::new(),
            matrix,
        })
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
fn severities(scores: &[f64], threshold: f64, reference: Option<&Reference>) -> Vec<u8> {
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
        let ranking = ranking::rank(matrix, &self.rows_of_subject, scores, &flags, &severity, &baselines);
        Flags { flags, severity, baselines, ranking }
    }
}
