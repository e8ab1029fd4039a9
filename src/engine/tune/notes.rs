//! What is to be known of a search, in sentences.

use super::space::Assignment;
use super::{Basis, Candidate};
use crate::engine::plan::Plan;

/// What notes are made of.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub n_rows: usize,
    pub n_judged: usize,
    pub n_abnormal: Option<usize>,
    pub n_folds: usize,
    /// Of what rows candidates are, one for each kind: a hash of the records behind them.
    pub rows: Vec<u64>,
    /// How many kinds of features candidates have.
    pub n_of_features: usize,
    /// Candidates that cannot differ from others on these rows.
    pub n_repeated: usize,
    /// Why labels that there are were not used.
    pub unused_labels: Option<String>,
    /// Parameters of the space that have an effect on no candidate.
    pub without_effect: Vec<String>,
}

impl Facts {
    pub(super) fn notes(
        &self,
        basis: Basis,
        plans: &[(Assignment, Plan)],
        results: &[Candidate],
        best: usize,
    ) -> Vec<String> {
        let Facts { n_rows, n_judged, n_abnormal, n_folds, rows, unused_labels, without_effect, .. } = self;
        let mut notes = Vec::new();
        match basis {
            Basis::Labels => notes.push(format!(
                "Judged by labels: mean over {n_folds} folds of rows held out; detectors were fitted to the others without \
                 their labels. The best of several is chosen on the rows that it is judged on, so its score is a little \
                 better than it will be on new ones."
            )),
            Basis::Planted => notes.push(format!(
                "Judged without labels, by copies of real rows that were changed in known ways and planted among them, \
                 {n_folds} times: extreme in some features, raised in many, or mixed of two rows. What finds these need \
                 not find other anomalies."
            )),
            Basis::Target => {}
            Basis::StabilityAgreement => notes.push(format!(
                "Judged without labels, by how alike the scores of {n_folds} fits to random halves of the rows are \
                 (stability) and how alike they are to those of unlike detectors (agreement). This tells what is erratic or \
                 alone in its view, not what is right: in a published comparison on 39 tasks no such criterion chose better \
                 than an Isolation Forest with default parameters. Prefer labels, be they few."
            )),
        }
        if basis == Basis::Planted && plans.iter().any(|(_, plan)| plan.detector != plans[0].1.detector) {
            notes.push(
                "Planted copies lie near the rows they were made of, which favours detectors that look at neighbourhoods: do \
                 not choose between detectors by them, but between parameters of one."
                    .to_owned(),
            );
        }
        if let Some(why) = unused_labels {
            notes.push(format!("The labels were not used: {why}"));
        }
        if let Some(n_abnormal) = n_abnormal.filter(|&n_abnormal| n_abnormal < 30) {
            notes.push(format!(
                "Only {n_abnormal} rows are labelled abnormal; one more or less changes these scores a lot."
            ));
        }
        if n_judged < n_rows {
            notes.push(format!(
                "Judged on {n_judged} of {n_rows} rows, drawn with the seed; the plan is for all of them."
            ));
        }
        if rows.len() > 1 {
            notes.push(
                "Candidates differ in what a row is, so their scores are of other rows and not strictly comparable.".to_owned(),
            );
        }
        if basis == Basis::Planted && self.n_of_features > 1 {
            let copied = if rows.len() > 1 {
                "Copies are of other rows, and changed"
            } else {
                "Copies are of the same rows, but changed"
            };
            notes.push(format!(
                "{copied} in the features that a candidate has: where parameters change features, what is planted is not the \
                 same, and scores compare only roughly."
            ));
        }
        match self.n_repeated {
            0 => {}
            1 => notes
                .push("1 candidate was left out: on these rows it cannot differ from another.".to_owned()),
            n => notes
                .push(format!("{n} candidates were left out: on these rows they cannot differ from others.")),
        }
        notes.extend(left_out(without_effect));
        notes.extend(compared(results, best));
        notes
    }
}

/// Which parameters of the space were left out.
pub(super) fn left_out(without_effect: &[String]) -> Option<String> {
    let names = without_effect.join(", ");
    (!names.is_empty()).then(|| format!("Left out, as it has no effect on what was tried: {names}."))
}

/// How the best candidate compares with the first one, which is what was tuned.
pub(super) fn compared(results: &[Candidate], best: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let (first, chosen) = (&results[0], &results[best]);
    if let (Some(old), Some(new)) = (first.score, chosen.score) {
        let deviation = chosen.deviation.unwrap_or(0.0).max(first.deviation.unwrap_or(0.0));
        if best == 0 {
            notes.push("No candidate was better than what was there.".to_owned());
        } else if new - old < deviation {
            notes.push(
                "The best is ahead of what was there by less than scores differ between folds: that may be chance."
                    .to_owned(),
            );
        }
    }
    let n_failed = results.iter().filter(|result| result.failed.is_some()).count();
    if n_failed > 0 {
        notes.push(format!("{n_failed} candidates could not be judged; each says why."));
    }
    notes
}
