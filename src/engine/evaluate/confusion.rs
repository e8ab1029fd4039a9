//! Counts of a binary decision, and the measures made of them.

use super::check;
use crate::engine::error::Result;
use serde::{Deserialize, Serialize};

/// Counts of a binary decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Confusion {
    /// Flagged and truly abnormal.
    pub tp: u64,
    /// Flagged, truly normal.
    pub fp: u64,
    /// Not flagged, truly normal.
    pub tn: u64,
    /// Not flagged, truly abnormal.
    #[serde(rename = "fn")]
    pub fn_: u64,
}

impl Confusion {
    /// Counts flags (0 or 1) against labels.
    ///
    /// # Errors
    /// `labels` when there are none, or not one flag and label per row.
    pub fn of(flags: &[u8], labels: &[bool]) -> Result<Confusion> {
        check(flags.len(), labels.len())?;
        let mut counts = Confusion::default();
        for (&flag, &label) in flags.iter().zip(labels) {
            let count = match (flag != 0, label) {
                (true, true) => &mut counts.tp,
                (true, false) => &mut counts.fp,
                (false, false) => &mut counts.tn,
                (false, true) => &mut counts.fn_,
            };
            *count += 1;
        }
        Ok(counts)
    }

    /// Share of right decisions.
    pub fn accuracy(&self) -> f64 {
        share(self.tp + self.tn, self.tp + self.fp + self.tn + self.fn_)
    }

    /// Mean of the shares of abnormal and of normal rows that were decided rightly; of the one class where the other has
    /// no row.
    pub fn balanced_accuracy(&self) -> f64 {
        match (self.tp + self.fn_, self.tn + self.fp) {
            (0, n_normal) => share(self.tn, n_normal),
            (n_abnormal, 0) => share(self.tp, n_abnormal),
            (n_abnormal, n_normal) => (share(self.tp, n_abnormal) + share(self.tn, n_normal)) / 2.0,
        }
    }

    /// `tp / (tp + fp)`; 0 when nothing was flagged.
    pub fn precision(&self) -> f64 {
        share(self.tp, self.tp + self.fp)
    }

    /// `tp / (tp + fn)`; 0 when there is nothing to find.
    pub fn recall(&self) -> f64 {
        share(self.tp, self.tp + self.fn_)
    }

    /// `fp / (fp + tn)`; 0 when nothing is normal.
    pub fn false_positive_rate(&self) -> f64 {
        share(self.fp, self.fp + self.tn)
    }

    /// Harmonic mean of precision and recall; 0 when both are.
    pub fn f1(&self) -> f64 {
        share(2 * self.tp, 2 * self.tp + self.fp + self.fn_)
    }

    /// Matthews' correlation coefficient of flags and labels, -1 to 1; 0 when either has one value only.
    pub fn mcc(&self) -> f64 {
        let [tp, fp, tn, fn_] = [self.tp, self.fp, self.tn, self.fn_].map(|count| count as f64);
        let pairs = (tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_);
        if pairs == 0.0 { 0.0 } else { (tp * tn - fp * fn_) / pairs.sqrt() }
    }

    /// The measures by their names in JavaScript, in one order.
    pub fn measures(&self) -> [(&'static str, f64); 6] {
        [
            ("accuracy", self.accuracy()),
            ("balancedAccuracy", self.balanced_accuracy()),
            ("precision", self.precision()),
            ("recall", self.recall()),
            ("f1", self.f1()),
            ("mcc", self.mcc()),
        ]
    }
}

/// `part / whole`, 0 of nothing.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
