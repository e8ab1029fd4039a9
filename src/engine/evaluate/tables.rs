//! What can be read off at chosen places: the first rows of a ranking, and thresholds.

use super::confusion::Confusion;
use super::steps::Steps;
use serde::{Deserialize, Serialize};

/// Rows from the top that are judged where nobody asks for others.
const TOP_ROWS: [u64; 9] = [10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000];
/// Two thresholds of a table that follow one another skip at most this part of all rows, unless they share a score.
const MAX_SKIPPED: u64 = 40;

/// How good the first rows of a ranking are: what somebody with time for so many finds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AtTop {
    /// Rows looked at.
    pub k: u64,
    /// Share of them that is abnormal.
    pub precision: f64,
    /// Share of all abnormal rows that is among them; 0 when there is none.
    pub recall: f64,
}

/// The measures of a decision at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AtThreshold {
    /// Rows with a score above it are flagged.
    pub threshold: f64,
    /// How many these are.
    pub flagged: u64,
    /// Share of right decisions.
    pub accuracy: f64,
    /// Mean of the shares of abnormal and of normal rows decided rightly.
    pub balanced_accuracy: f64,
    /// Share of the flagged that is abnormal.
    pub precision: f64,
    /// Share of the abnormal that is flagged.
    pub recall: f64,
    /// Share of the normal that is flagged.
    pub false_positive_rate: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Matthews' correlation coefficient.
    pub mcc: f64,
}

impl AtThreshold {
    /// The measures of what is decided at a threshold.
    pub fn of(threshold: f64, decided: Confusion) -> AtThreshold {
        AtThreshold {
            threshold,
            flagged: decided.tp + decided.fp,
            accuracy: decided.accuracy(),
            balanced_accuracy: decided.balanced_accuracy(),
            precision: decided.precision(),
            recall: decided.recall(),
            false_positive_rate: decided.false_positive_rate(),
            f1: decided.f1(),
            mcc: decided.mcc(),
        }
    }
}

impl AtTop {
    /// The same as [`Steps::at_top`] for whoever has not the scores but the ROC curve over them
    /// ([`Steps::roc_curve`]) and any decision about the same rows. Points are missing from a curve only where it is
    /// straight, and rows of one score are straight too.
    pub fn on_curve(roc: &[f64], decided: Confusion, k: u64) -> AtTop {
        let (n_abnormal, n_normal) = (decided.tp + decided.fn_, decided.tn + decided.fp);
        let k = k.min(n_abnormal + n_normal);
        // The rate of a class without rows is no number.
        let count = |rate: f64, n: u64| if n == 0 { 0.0 } else { (rate * n as f64).round() };
        let wanted = k as f64;
        let mut found = 0.0;
        let mut before = (0.0, 0.0);
        for rates in roc.chunks_exact(2) {
            let (fp, tp) = (count(rates[0], n_normal), count(rates[1], n_abnormal));
            let (n_rows, n_before) = (fp + tp, before.0 + before.1);
            if n_rows >= wanted {
                let part = if n_rows > n_before { (wanted - n_before) / (n_rows - n_before) } else { 0.0 };
                found = before.1 + (tp - before.1) * part;
                break;
            }
            before = (fp, tp);
        }
        let part = |whole: u64| if whole == 0 { 0.0 } else { found / whole as f64 };
        AtTop { k, precision: part(k), recall: part(n_abnormal) }
    }
}

impl Steps {
    /// Precision and recall of the `k` highest rows. Where rows of one score are only partly among them, as many of these
    /// are abnormal as a random choice of them has on average, so the order of equal rows does not matter.
    pub fn at_top(&self, k: u64) -> AtTop {
        let k = k.min(self.n_rows());
        let step = self.step_of_rows(k);
        let (before, with) = (self.above_step(step - 1), self.above_step(step));
        let (n_left, n_tied) = (k - before.n_rows().min(k), with.n_rows() - before.n_rows());
        let found = before.tp as f64 + (with.tp - before.tp) as f64 * n_left as f64 / n_tied as f64;
        let part = |whole: u64| if whole == 0 { 0.0 } else { found / whole as f64 };
        AtTop { k, precision: part(k), recall: part(self.n_abnormal()) }
    }

    /// [`Steps::at_top`] of the asked numbers of rows and of some round ones, ascending, as far as there are rows.
    pub fn at_tops(&self, asked: &[u64]) -> Vec<AtTop> {
        let n_rows = self.n_rows();
        let mut ks: Vec<u64> =
            asked.iter().copied().chain(TOP_ROWS).filter(|k| (1..=n_rows).contains(k)).collect();
        ks.sort_unstable();
        ks.dedup();
        ks.into_iter().map(|k| self.at_top(k)).collect()
    }

    /// The measures over at most some eighty thresholds, highest first: each flags about a third more rows than the one
    /// before, and at most a fortieth of all rows more.
    pub fn at_thresholds(&self) -> Vec<AtThreshold> {
        let n_rows = self.n_rows();
        let mut table: Vec<AtThreshold> = Vec::new();
        let (mut step, mut wanted) = (0, 1);
        while step < self.len() {
            step = self.step_of_rows(wanted).max(step + 1);
            let at = AtThreshold::of(self.threshold(step), self.confusion(step));
            wanted = at.flagged + (at.flagged / 3).min(n_rows / MAX_SKIPPED).max(1);
            table.push(at);
        }
        table
    }
}
