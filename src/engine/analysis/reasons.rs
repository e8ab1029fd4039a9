//! Why rows of an analysis have their scores.

use super::Analysis;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::explain::{self, Compared, Counterfactual, Decision, Explained, Explanation, Split};
use crate::engine::features::RowUnit;
use crate::engine::plan::DetectorName;

impl Analysis {
    /// Explains one matrix row.
    ///
    /// # Errors
    /// `no-such-row`.
    pub fn explain(&self, row: usize) -> Result<Explanation> {
        self.check_row(row)?;
        Ok(self.explain_unchecked(row, &self.split(row)))
    }

    fn check_row(&self, row: usize) -> Result<()> {
        let n_rows = self.matrix.n_rows();
        if row < n_rows { Ok(()) } else { Err(Error::new(ErrorKind::NoSuchRow { what: "row", row, n_rows })) }
    }

    fn split(&self, row: usize) -> Split {
        self.splits(&[row]).remove(0)
    }

    fn splits(&self, rows: &[usize]) -> Vec<Split> {
        let n_features = self.matrix.features.len();
        let prepared = self.prepared().select(rows);
        Split::of_rows(&*self.model, &self.preparation, prepared.view(), n_features)
    }

    /// The smallest change after which a matrix row would not be flagged.
    ///
    /// # Errors
    /// `no-such-row`.
    pub fn counterfactual(&self, row: usize) -> Result<Counterfactual> {
        self.check_row(row)?;
        let shares = self.split(row).shares;
        let decision = Decision {
            matrix: &self.matrix,
            baselines: &self.baselines,
            transform: &self.transform,
            model: &*self.model,
            threshold: self.threshold,
        };
        Ok(explain::counterfactual(decision, row, &shares))
    }

    /// The analysis as far as a look at all rows takes it.
    pub fn explained(&self) -> Explained<'_> {
        Explained {
            matrix: &self.matrix,
            prepared: self.prepared(),
            preparation: &self.preparation,
            model: &*self.model,
        }
    }

    /// Where a subject is one row, and that row is explained, list and explanation say the same. Where rules are the
    /// detector, those that hold on a subject's most abnormal row are its reason.
    pub(super) fn give_reasons(&mut self) {
        let is_by_rules = self.plan.detector.is(DetectorName::Rules);
        if let (Some(rules), true) = (&self.rules, is_by_rules) {
            for ranked in &mut self.ranking.flagged {
                ranked.sentence = explain::rules_sentence(&rules.fired(&self.matrix, ranked.row));
            }
            return;
        }
        if self.matrix.unit != RowUnit::Subject {
            return;
        }
        let mut explained: Vec<Option<&Explanation>> = vec![None; self.matrix.n_rows()];
        for explanation in &self.top {
            explained[explanation.row] = Some(explanation);
        }
        for ranked in &mut self.ranking.flagged {
            if let Some(explanation) = explained[ranked.row] {
                explanation.sentence.clone_into(&mut ranked.sentence);
            }
        }
    }

    /// Explains rows together, which is faster than one by one.
    pub(super) fn explain_rows(&self, rows: &[usize]) -> Vec<Explanation> {
        let splits = self.splits(rows);
        rows.iter().zip(&splits).map(|(&row, split)| self.explain_unchecked(row, split)).collect()
    }

    fn explain_unchecked(&self, row: usize, split: &Split) -> Explanation {
        let compared = Compared::of(&self.matrix, &self.rows_of_subject, &self.peers, row);
        let mut explanation =
            explain::explain_row(&self.matrix, &self.baselines, &compared, row, self.scores[row], split);
        explanation.members = self.member_scores(row);
        if let Some(known) = self.known() {
            let caution = known.caution(&self.matrix, row);
            explanation.sentence = caution.before(&explanation.sentence);
            (explanation.unseen, explanation.caution) = (caution.unseen, caution.sentence);
        }
        if let Some(rules) = &self.rules {
            explanation.rules = rules.fired(&self.matrix, row);
            if self.plan.detector.is(DetectorName::Rules) {
                explanation.sentence = explain::rules_sentence(&explanation.rules);
            }
        }
        explanation
    }
}
