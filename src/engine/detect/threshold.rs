//! From scores to flags and severities: a step after scoring, the same for every model.

use crate::engine::math::quantile_sorted;
use crate::engine::order;
use serde::{Deserialize, Serialize};

/// The threshold above which the share `contamination` of the scores lies: scikit-learn's percentile with linear
/// interpolation. Where many rows share the score at the threshold, fewer are flagged, never more. `NaN`, above which
/// nothing lies, for no scores.
pub fn by_contamination(scores: &[f64], contamination: f64) -> f64 {
    // scikit-learn works on negated scores and percents; doing the same gives the same last bit.
    let mut negated: Vec<f64> = scores.iter().map(|score| -score).collect();
    order::sort(&mut negated);
    -quantile_sorted(&negated, 100.0 * contamination / 100.0)
}

/// The threshold above which the `budget` highest scores lie, so many and no more: where the last of them ties with
/// further rows, none of the tied is flagged. `NaN`, above which nothing lies, for no scores.
pub fn by_budget(scores: &[f64], budget: usize) -> f64 {
    let mut sorted = scores.to_vec();
    order::sort(&mut sorted);
    sorted.reverse();
    match (sorted.get(budget), sorted.last()) {
        (Some(&first_unflagged), _) => first_unflagged,
        (None, Some(lowest)) => lowest.next_down(),
        (None, None) => f64::NAN,
    }
}

/// The threshold at which mistakes cost least: `miss` for each abnormal row that is not flagged, `false_alarm` for each normal
/// one that is. Of several that cost the same, the one that flags fewest.
///
/// # Panics
/// If there is not one label per score: a bug of the caller.
pub fn by_cost(scores: &[f64], labels: &[bool], miss: f64, false_alarm: f64) -> f64 {
    assert_eq!(scores.len(), labels.len(), "one label per score");
    let order = order::descending(scores);
    let n_abnormal = labels.iter().filter(|&&label| label).count();
    let (mut found, mut alarms) = (0usize, 0usize);
    let mut best = (miss * n_abnormal as f64, 0);
    for (place, &row) in order.iter().enumerate() {
        *(if labels[row] { &mut found } else { &mut alarms }) += 1;
        // No threshold comes between rows of one score.
        if order.get(place + 1).is_some_and(|&next| scores[next] == scores[row]) {
            continue;
        }
        let cost = miss * (n_abnormal - found) as f64 + false_alarm * alarms as f64;
        if cost < best.0 {
            best = (cost, place + 1);
        }
    }
    by_budget(scores, best.1)
}

/// 1 for scores strictly above the threshold, else 0.
pub fn flags(scores: &[f64], threshold: f64) -> Vec<u8> {
    scores.iter().map(|&score| u8::from(score > threshold)).collect()
}

/// From where a flagged row is medium and high. Either of the two is enough.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bar {
    /// The score itself, on the scale all detectors share.
    score: f64,
    /// Deviation from the median of all scores, in typical deviations.
    deviation: f64,
}

/// 3.5 is the customary cut-off of the modified z-score; scores of rows without any structure hardly reach it.
const MEDIUM: Bar = Bar { score: 0.6, deviation: 3.5 };

const HIGH: Bar = Bar { score: 0.7, deviation: 5.0 };

/// 0 for rows that are not flagged, else 1 low, 2 medium, 3 high. A flagged row is high when its score is at least
/// 0.7, which takes half the usual path in an Isolation Forest, or when it stands out from the bulk of all scores by
/// 5 typical deviations; medium from 0.6 or 3.5 deviations; else low.
///
/// Both are needed. Where rows behave alike, scores lie close together and a modest score can be far outside; where
/// they are a mixed lot, as clients of a public server are, the bulk is so wide that hardly any score is far outside,
/// and the score itself has to speak. Cutting the flagged range into equal parts would be simpler, but then the
/// highest row is always "high", in pure noise too, and one extreme row makes all others "low". Here severity does
/// not change while the threshold is moved.
///
/// The typical deviation is that of the upper half, `(q75 - median) / 0.6745`, which equals the standard deviation
/// for normal scores and which a quarter of abnormal rows cannot inflate (Iglewicz and Hoaglin, *How to Detect and
/// Handle Outliers*, 1993, for the symmetric form). Where even that is 0, it comes from the mean distance above the
/// median.
pub fn severities(scores: &[f64], threshold: f64) -> Vec<u8> {
    SeverityScale::of(scores).severities(scores, threshold)
}

/// The bulk of some scores, by which [`severities`] are told: those of the rows a model was fitted to, where it scores
/// others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SeverityScale {
    /// The median of the scores.
    pub median: f64,
    /// Their typical deviation.
    pub spread: f64,
}

impl SeverityScale {
    /// The bulk of these scores.
    pub fn of(scores: &[f64]) -> SeverityScale {
        let (median, spread) = bulk(scores);
        SeverityScale { median, spread }
    }

    /// As [`severities`], by this bulk.
    pub fn severities(self, scores: &[f64], threshold: f64) -> Vec<u8> {
        let SeverityScale { median, spread } = self;
        let reaches = |score: f64, bar: Bar| score >= bar.score || (score - median) / spread >= bar.deviation;
        let severity = |flag: u8, score: f64| match flag {
            0 => 0,
            _ if reaches(score, HIGH) => 3,
            _ if reaches(score, MEDIUM) => 2,
            _ => 1,
        };
        flags(scores, threshold).into_iter().zip(scores).map(|(flag, &score)| severity(flag, score)).collect()
    }
}

/// Median and typical deviation.
fn bulk(scores: &[f64]) -> (f64, f64) {
    let mut sorted = scores.to_vec();
    order::sort(&mut sorted);
    let median = quantile_sorted(&sorted, 0.5);
    let mut spread = (quantile_sorted(&sorted, 0.75) - median) / 0.674_489_750_196_081_7;
    if spread <= 0.0 {
        // 1.2533: standard deviation over mean absolute deviation of a normal distribution, sqrt(pi / 2). Half of
        // the absolute deviation lies above the median.
        let above: f64 = sorted.iter().map(|score| (score - median).max(0.0)).sum();
        spread = 2.0 * 1.253_314_137_315_500_3 * above / sorted.len() as f64;
    }
    (median, spread)
}
