//! From scores to flags and severities: a step after scoring, the same for every model.

use crate::engine::math::{compensated_sum, quantile_places, quantile_sorted};
use crate::engine::order;
use serde::{Deserialize, Serialize};

/// The threshold above which the share `contamination` of the scores lies: scikit-learn's percentile with linear
/// interpolation. Where many rows share the score at the threshold, fewer are flagged, never more. `NaN`, above which
/// nothing lies, for no scores.
pub fn by_contamination(scores: &[f64], contamination: f64) -> f64 {
    // scikit-learn works on negated scores and percents; doing the same gives the same last bit.
    let mut negated: Vec<f64> = scores.iter().map(|score| -score).collect();
    let share = 100.0 * contamination / 100.0;
    order::place(&mut negated, &quantile_places(scores.len(), share));
    -quantile_sorted(&negated, share)
}

/// The threshold above which the `budget` highest scores lie, so many and no more: where the last of them ties with
/// further rows, none of the tied is flagged. `NaN`, above which nothing lies, for no scores.
pub fn by_budget(scores: &[f64], budget: usize) -> f64 {
    let mut placed = scores.to_vec();
    let Some(last) = scores.len().checked_sub(1) else { return f64::NAN };
    let first_unflagged = last.checked_sub(budget);
    order::place(&mut placed, &[first_unflagged.unwrap_or(0)]);
    match first_unflagged {
        Some(place) => placed[place],
        None => placed[0].next_down(),
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

/// From where a score is out of the ordinary. Either of the two is enough.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bar {
    /// The score itself, on the scale all detectors share.
    score: f64,
    /// Deviation from the median of all scores, in typical deviations.
    deviation: f64,
}

/// 3.5 is the customary cut-off of the modified z-score; scores of rows without any structure hardly reach it.
const MEDIUM: Bar = Bar { score: 0.6, deviation: 3.5 };
/// A score of 0.7 takes half the usual path in an Isolation Forest.
const HIGH: Bar = Bar { score: 0.7, deviation: 5.0 };

/// Rows at the top that can be of a severity, at most: a share of all, of few rows one at least, of very many no more than
/// anyone goes through.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Top {
    share: f64,
    most: usize,
}

const TOP_MEDIUM: Top = Top { share: 0.03, most: 1_000 };
const TOP_HIGH: Top = Top { share: 0.01, most: 250 };

impl Top {
    fn n_rows(self, of: usize) -> usize {
        ((self.share * of as f64).ceil() as usize).min(self.most)
    }
}

/// 0 for rows that are not flagged, else 1 low, 2 medium, 3 high. A flagged row has the highest severity of which it meets
/// both columns:
///
/// | severity | score at least, or typical deviations above the median of all | among the highest |
/// | --- | --- | --- |
/// | high | 0.7 or 5 | 1 % of rows, at most 250 |
/// | medium | 0.6 or 3.5 | 3 % of rows, at most 1,000 |
/// | low | | |
///
/// The first column says how strange a row is. Both of its figures are needed: where rows behave alike, scores lie close
/// together and a modest score can be far outside; where they are a mixed lot, as clients of a public server are, the bulk
/// is so wide that hardly any score is far outside, and the score itself has to speak. By it alone, all that is flagged can
/// be far outside, and a list that is high throughout says as little as one without severities: hence the second
/// column, which says where to begin. By rank alone, the highest row would be high in pure noise too. Of rows that
/// share a score all have one severity, though by it they are more than the share.
///
/// Severity rises with the score and does not change while the threshold is moved.
///
/// The typical deviation is that of the upper half, `(q75 - median) / 0.6745`, which equals the standard deviation
/// for normal scores and which a quarter of abnormal rows cannot inflate (Iglewicz and Hoaglin, *How to Detect and
/// Handle Outliers*, 1993, for the symmetric form). Where even that is 0, it comes from the mean distance above the
/// median.
pub fn severities(scores: &[f64], threshold: f64) -> Vec<u8> {
    let (mut placed, n) = (scores.to_vec(), scores.len());
    let of_bulk = [0.5, 0.75].map(|share| quantile_places(n, share));
    let of_tops = [TOP_HIGH, TOP_MEDIUM].map(|top| n - top.n_rows(n));
    order::place(&mut placed, &[of_bulk.as_flattened(), &of_tops].concat());
    let scale = SeverityScale::of_placed(&placed);
    scale.severities(scores, threshold, n, |place| placed[place])
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
    /// How many of the highest scores have to be known exactly, for severities to be the same.
    pub const TOP: usize = TOP_MEDIUM.most;

    /// The bulk of these scores, which ascend, at least where their quartiles are.
    pub fn of_placed(placed: &[f64]) -> SeverityScale {
        let (median, spread) = bulk(placed);
        SeverityScale { median, spread }
    }

    /// As [`severities`], by this bulk and by the scores of `n` rows in ascending order, of which `nth` gives one.
    pub fn severities(self, scores: &[f64], threshold: f64, n: usize, nth: impl Fn(usize) -> f64) -> Vec<u8> {
        let least = |top: Top| if n == 0 { f64::INFINITY } else { nth(n - top.n_rows(n)) };
        let levels = [(3, HIGH, least(TOP_HIGH)), (2, MEDIUM, least(TOP_MEDIUM))];
        let SeverityScale { median, spread } = self;
        let reaches = |score: f64, bar: Bar| score >= bar.score || (score - median) / spread >= bar.deviation;
        let severity = |score: f64| {
            levels
                .iter()
                .find(|(_, bar, least)| score >= *least && reaches(score, *bar))
                .map_or(1, |level| level.0)
        };
        let flags = flags(scores, threshold);
        flags
            .into_iter()
            .zip(scores)
            .map(|(flag, &score)| if flag == 0 { 0 } else { severity(score) })
            .collect()
    }
}

/// Median and typical deviation.
fn bulk(placed: &[f64]) -> (f64, f64) {
    let median = quantile_sorted(placed, 0.5);
    let mut spread = (quantile_sorted(placed, 0.75) - median) / 0.674_489_750_196_081_7;
    if spread <= 0.0 {
        // 1.2533: standard deviation over mean absolute deviation of a normal distribution, sqrt(pi / 2). Half of
        // the absolute deviation lies above the median.
        let mut sorted = placed.to_vec();
        order::sort(&mut sorted);
        let above = compensated_sum(sorted.iter().map(|score| (score - median).max(0.0)));
        spread = 2.0 * 1.253_314_137_315_500_3 * above / placed.len() as f64;
    }
    (median, spread)
}
