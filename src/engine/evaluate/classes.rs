//! Decisions between several classes.

use super::bootstrap::{Bootstrap, Intervals};
use super::check;
use super::confusion::{Confusion, share};
use super::steps::Steps;
use crate::engine::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// One class against all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassMeasures {
    /// Its name.
    pub name: String,
    /// Rows of it.
    pub rows: u64,
    /// Share of the rows decided for it that are of it; 0 when there is none.
    pub precision: f64,
    /// Share of its rows that were decided for it; 0 when it has none.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
    /// Area under the ROC curve of its probability, one against the rest; `NaN` when all rows are of it or none is.
    pub roc_auc: f64,
}

/// Everything said about decisions between classes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassEvaluation {
    /// Share of right decisions.
    pub accuracy: f64,
    /// Mean recall of the classes that have rows.
    pub balanced_accuracy: f64,
    /// Mean F1 of the classes that have rows or decisions.
    pub macro_f1: f64,
    /// Mean F1 weighted by the classes' rows.
    pub weighted_f1: f64,
    /// Mean of the classes' areas, one against the rest, over those that have one; `NaN` when none has.
    pub roc_auc: f64,
    /// One per class.
    pub classes: Vec<ClassMeasures>,
    /// Rows by their class, and in each by the class decided for.
    pub confusion: Vec<Vec<u64>>,
    /// Intervals of accuracy, balanced accuracy and both F1.
    #[serde(default, skip_serializing_if = "Intervals::is_empty")]
    pub intervals: Intervals,
}

/// Accuracy, balanced accuracy, macro and weighted F1 of counts or weights, by class and in each by class decided for.
fn measures(cells: &[f64], n_classes: usize) -> [f64; 4] {
    let [mut right, mut all, mut recalls, mut f1s, mut weighted] = [0.0; 5];
    let (mut n_with_rows, mut n_seen) = (0.0, 0.0);
    for class in 0..n_classes {
        let of_class: f64 = cells[class * n_classes..(class + 1) * n_classes].iter().sum();
        let decided: f64 = cells.iter().skip(class).step_by(n_classes).sum();
        let hit = cells[class * n_classes + class];
        let f1 = if of_class + decided > 0.0 { 2.0 * hit / (of_class + decided) } else { 0.0 };
        right += hit;
        all += of_class;
        weighted += f1 * of_class;
        if of_class > 0.0 {
            recalls += hit / of_class;
            n_with_rows += 1.0;
        }
        if of_class + decided > 0.0 {
            f1s += f1;
            n_seen += 1.0;
        }
    }
    [right / all, recalls / n_with_rows, f1s / n_seen, weighted / all]
}

impl ClassEvaluation {
    /// The measures of all classes together by their names in JavaScript.
    pub fn measures(&self) -> [(&'static str, f64); 5] {
        [
            ("accuracy", self.accuracy),
            ("balancedAccuracy", self.balanced_accuracy),
            ("macroF1", self.macro_f1),
            ("weightedF1", self.weighted_f1),
            ("rocAuc", self.roc_auc),
        ]
    }

    /// Judges decisions and probabilities (rows x classes, row by row) against the truth. Classes are places among
    /// `names`.
    ///
    /// # Errors
    /// `labels` when there are none, or not one decision per label; `parameter` for a probability that is not finite.
    ///
    /// # Panics
    /// If a class has no name, or there is not one probability per row and class: a bug of the caller.
    pub fn of(
        decided: &[u32],
        probabilities: &[f64],
        truth: &[u32],
        names: &[String],
        bootstrap: Bootstrap,
    ) -> Result<ClassEvaluation> {
        check(decided.len(), truth.len())?;
        let n_classes = names.len();
        assert_eq!(probabilities.len(), truth.len() * n_classes, "one probability per row and class");
        if let Some(place) = probabilities.iter().position(|p| !p.is_finite()) {
            let found = format!("{} in row {}", probabilities[place], place / n_classes);
            return Err(Error::parameter("probabilities", "finite values", found));
        }
        let mut cells = vec![0u64; n_classes * n_classes];
        for (&decided, &class) in decided.iter().zip(truth) {
            cells[class as usize * n_classes + decided as usize] += 1;
        }
        let n_rows = truth.len() as u64;
        let class = |(class, name): (usize, &String)| -> Result<ClassMeasures> {
            let rows: u64 = cells[class * n_classes..(class + 1) * n_classes].iter().sum();
            let decided: u64 = cells.iter().skip(class).step_by(n_classes).sum();
            let tp = cells[class * n_classes + class];
            let one = Confusion { tp, fp: decided - tp, fn_: rows - tp, tn: n_rows + tp - decided - rows };
            let scores: Vec<f64> = probabilities.iter().skip(class).step_by(n_classes).copied().collect();
            let is_of_it: Vec<bool> = truth.iter().map(|&other| other as usize == class).collect();
            Ok(ClassMeasures {
                name: name.clone(),
                rows,
                precision: one.precision(),
                recall: one.recall(),
                f1: one.f1(),
                roc_auc: Steps::of(&scores, &is_of_it)?.roc_auc(),
            })
        };
        let classes = names.iter().enumerate().map(class).collect::<Result<Vec<_>>>()?;
        let areas: Vec<f64> = classes.iter().map(|c| c.roc_auc).filter(|area| !area.is_nan()).collect();
        let counts: Vec<f64> = cells.iter().map(|&count| count as f64).collect();
        let [_, balanced_accuracy, macro_f1, weighted_f1] = measures(&counts, n_classes);
        let mut intervals = Intervals::new();
        let measured = ["accuracy", "balancedAccuracy", "macroF1", "weightedF1"];
        bootstrap.draw(3, &cells, measured, |weights| measures(weights, n_classes), &mut intervals);
        Ok(ClassEvaluation {
            accuracy: share(classes.iter().enumerate().map(|(c, _)| cells[c * n_classes + c]).sum(), n_rows),
            balanced_accuracy,
            macro_f1,
            weighted_f1,
            roc_auc: areas.iter().sum::<f64>() / areas.len() as f64,
            classes,
            confusion: cells.chunks(n_classes).map(<[u64]>::to_vec).collect(),
            intervals,
        })
    }
}
