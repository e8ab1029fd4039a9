//! What follows once it is known what is normal: severities, who is first and why, how rows compare with those of another
//! table, measures against labels, what is usual among peers, what rules say. An analysis is there from the beginning, and
//! has these parts one after the other: over millions of rows each takes as long as somebody waits who cancels.

use super::deciding::{Deciding, severities};
use super::{Analysis, AnalysisJob, Member, Prepared, judge};
use crate::engine::error::Result;
use crate::engine::explain::{Known, Peers, PeersFitting};
use crate::engine::plan::Role;
use crate::engine::ranking::{Judged, Ranking};
use crate::engine::rules::RuleResults;
use crate::engine::table::{Groups, Table};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Subjects that it is said of in one step why they are flagged.
const STEP_SUBJECTS: usize = 64;

/// A part of an analysis, in the order in which they are made: some need those before.
#[derive(Debug, Clone, Copy)]
enum Part {
    Severity,
    Order,
    Sentences,
    Verdicts,
    Metrics,
    Groups,
    Peers,
    Rules,
}

const PARTS: [Part; 8] = [
    Part::Severity,
    Part::Order,
    Part::Sentences,
    Part::Verdicts,
    Part::Metrics,
    Part::Groups,
    Part::Peers,
    Part::Rules,
];

/// An analysis without some of its parts, and without explanations.
pub(super) struct Concluding {
    analysis: Box<Analysis>,
    n_done: usize,
    peers: Option<PeersFitting>,
}

impl Concluding {
    /// Steps that progress is told by.
    pub const N_PARTS: usize = PARTS.len();

    /// Parts that are there.
    pub fn n_done(&self) -> usize {
        self.n_done
    }

    /// Makes the next part, or some of it; nothing where all are there.
    ///
    /// # Errors
    /// Those of labels and of the column of groups.
    pub fn step(&mut self, table: &Table) -> Result<()> {
        let Some(part) = PARTS.get(self.n_done) else { return Ok(()) };
        let all = &mut *self.analysis;
        let is_there = match part {
            Part::Severity => {
                all.severity = severities(&all.scores, all.threshold, all.reference());
                true
            }
            Part::Order => {
                all.ranking = Ranking::in_order(all.judged(None));
                true
            }
            Part::Sentences => {
                let mut ranking = std::mem::take(&mut all.ranking);
                let known = all.known();
                let is_whole = ranking.describe(all.judged(known.as_ref()), STEP_SUBJECTS);
                all.ranking = ranking;
                is_whole
            }
            Part::Verdicts => {
                all.verdicts = all.reference().map(|reference| reference.verdicts(&all.scores, &all.flags));
                true
            }
            Part::Metrics => {
                let judged = |labels| judge(&all.plan, &all.scores, &all.flags, labels, &[]);
                all.metrics = all.labels.as_deref().map(judged).transpose()?;
                true
            }
            Part::Groups => {
                let table = all.treated.as_ref().unwrap_or(table);
                all.peers = Peers::of(table, &all.plan, &all.matrix)?;
                self.peers = Some(all.peers.fitting(&all.flags));
                true
            }
            Part::Peers => self.peers.as_mut().is_none_or(|fitting| all.peers.step(fitting, &all.matrix)),
            Part::Rules => all.rules.as_mut().is_none_or(|rules| rules.step(&all.matrix)),
        };
        self.n_done += usize::from(is_there);
        Ok(())
    }

    pub fn is_done(&self) -> bool {
        self.n_done == PARTS.len()
    }

    /// The analysis, but for its explanations.
    pub fn finish(self) -> Box<Analysis> {
        self.analysis
    }
}

impl Analysis {
    /// What its subjects are ranked by.
    pub(super) fn judged<'a>(&'a self, known: Option<&'a Known<'a>>) -> Judged<'a> {
        Judged {
            matrix: &self.matrix,
            rows_of_subject: &self.rows_of_subject,
            scores: &self.scores,
            flags: &self.flags,
            severity: &self.severity,
            baselines: &self.baselines,
            known,
        }
    }
}

impl AnalysisJob {
    /// Begins to conclude from what is known.
    ///
    /// # Errors
    /// `no-such-column`.
    pub(super) fn conclude(&mut self, table: &Table, decided: Deciding) -> Result<Concluding> {
        let Deciding { prepared, model, scores, labels, time_range_ms, zoned, threshold, flags, .. } =
            decided;
        let Prepared { matrix, fitted, transform } = prepared;
        let plan = self.plan.clone();
        let rows_of_subject =
            Groups::by_code(matrix.n_rows(), matrix.subjects.len(), |row| Some(matrix.subject_of_row[row]));
        let baselines = match (self.reference(), decided.baselines) {
            (None, Some(fitting)) => fitting.finish(),
            (Some(fitted), _) => fitted.baselines.clone(),
            (None, None) => unreachable!("what is normal is known or looked for"),
        };
        let rules = self.rules.take().map(|set| RuleResults::of(set, &matrix));
        let time_column = plan.column(Role::Time, table)?.map(|column| &table.columns()[column]);
        let time_zone = time_column.and_then(|column| column.zone()).map(|zone| zone.name().to_owned());
        let members = plan.detector.names().iter().zip(decided.of_members);
        let members = members.map(|(&name, scores)| Member { name, scores }).collect();
        let analysis = Box::new(Analysis {
            plan,
            members,
            member_ranks: OnceCell::new(),
            treated: self.treated.take(),
            rows_of_subject,
            preparation: fitted,
            transform,
            model,
            origin: self.pipeline.clone(),
            verdicts: None,
            answers: decided.answers,
            scores,
            threshold,
            flags,
            severity: Vec::new(),
            baselines,
            peers: Peers::default(),
            ranking: Ranking::default(),
            top: Vec::new(),
            rules,
            labels,
            metrics: None,
            time_range_ms,
            zoned,
            time_zone,
            findings: std::mem::take(&mut self.findings),
            timings: BTreeMap::new(),
            matrix,
        });
        Ok(Concluding { analysis, n_done: 0, peers: None })
    }
}
