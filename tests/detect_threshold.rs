//! Thresholds, flags and severities.

use isoscope::engine::detect::threshold::{by_budget, by_contamination, by_cost, flags, severities};
use isoscope::engine::order;
use isoscope::engine::rng::Rng;

fn n_flagged(scores: &[f64], threshold: f64) -> usize {
    flags(scores, threshold).iter().filter(|&&flag| flag == 1).count()
}

#[test]
fn a_budget_is_never_exceeded_and_is_used_up_without_ties() {
    let distinct: Vec<f64> = (0..20).map(f64::from).collect();
    let tied = [0.9, 0.7, 0.7, 0.7, 0.1];
    for budget in 0..25 {
        assert_eq!(n_flagged(&distinct, by_budget(&distinct, budget)), budget.min(20));
        assert!(n_flagged(&tied, by_budget(&tied, budget)) <= budget);
    }
    assert_eq!(n_flagged(&tied, by_budget(&tied, 3)), 1, "three rows share the place of the second");
    assert_eq!(n_flagged(&tied, by_budget(&tied, 4)), 4);
}

#[test]
fn contamination_flags_its_share_or_less() {
    let mut rng = Rng::new(1);
    let scores: Vec<f64> = (0..1000).map(|_| rng.uniform()).collect();
    assert_eq!(n_flagged(&scores, by_contamination(&scores, 0.06)), 60);
    let equal = [0.5; 50];
    assert_eq!(
        n_flagged(&equal, by_contamination(&equal, 0.1)),
        0,
        "no threshold can tell equal scores apart"
    );
}

/// What the mistakes at a threshold cost.
fn cost_of(scores: &[f64], labels: &[bool], threshold: f64, miss: f64, false_alarm: f64) -> f64 {
    let flags = flags(scores, threshold);
    flags.iter().zip(labels).fold(0.0, |sum, (&flag, &label)| match (flag, label) {
        (0, true) => sum + miss,
        (1, false) => sum + false_alarm,
        _ => sum,
    })
}

#[test]
fn no_threshold_costs_less_than_the_one_by_cost() {
    for seed in 0..20 {
        let mut rng = Rng::new(seed);
        let labels: Vec<bool> = (0..200).map(|_| rng.uniform() < 0.1).collect();
        // Coarse, so that many rows tie.
        let score = |label: bool, noise: f64| ((f64::from(u8::from(label)) + noise) * 8.0).round() / 8.0;
        let scores: Vec<f64> = labels.iter().map(|&label| score(label, rng.normal())).collect();
        for (miss, false_alarm) in [(1.0, 1.0), (20.0, 1.0), (0.01, 3.0), (1e6, 1.0)] {
            let cut = by_cost(&scores, &labels, miss, false_alarm);
            let cost = cost_of(&scores, &labels, cut, miss, false_alarm);
            for &other in scores.iter().chain([&f64::MIN]) {
                let others = cost_of(&scores, &labels, other, miss, false_alarm);
                assert!(cost <= others, "seed {seed}: {cost} at {cut}, {others} at {other}");
                let flags_fewer = n_flagged(&scores, other) < n_flagged(&scores, cut);
                assert!(!(flags_fewer && cost == others), "seed {seed}: of equals the one that flags fewest");
            }
        }
    }
}

#[test]
fn dear_misses_flag_all_that_is_abnormal_and_dear_alarms_nothing_that_is_not() {
    let scores = [0.9, 0.8, 0.7, 0.6, 0.1];
    let labels = [true, false, false, true, false];
    assert_eq!(n_flagged(&scores, by_cost(&scores, &labels, 100.0, 1.0)), 4);
    assert_eq!(n_flagged(&scores, by_cost(&scores, &labels, 1.0, 100.0)), 1);
    assert_eq!(n_flagged(&scores, by_cost(&scores, &[false; 5], 1.0, 1.0)), 0);
    assert_eq!(n_flagged(&scores, by_cost(&scores, &[true; 5], 1.0, 1.0)), 5);
}

#[test]
fn no_scores_give_no_flags() {
    assert!(flags(&[], by_contamination(&[], 0.1)).is_empty());
    assert!(flags(&[], by_budget(&[], 5)).is_empty());
    assert!(severities(&[], f64::NAN).is_empty());
}

#[test]
fn severity_is_zero_exactly_where_there_is_no_flag() {
    let mut rng = Rng::new(2);
    let scores: Vec<f64> = (0..500).map(|_| rng.uniform()).collect();
    for contamination in [0.01, 0.06, 0.5] {
        let threshold = by_contamination(&scores, contamination);
        let flagged: Vec<u8> =
            severities(&scores, threshold).iter().map(|&severity| severity.min(1)).collect();
        assert_eq!(flagged, flags(&scores, threshold));
    }
}

#[test]
fn noise_alone_has_nothing_severe() {
    let mut rng = Rng::new(3);
    let scores: Vec<f64> = (0..1000).map(|_| 0.45 + 0.03 * rng.normal()).collect();
    let severities = severities(&scores, by_contamination(&scores, 0.06));
    assert!(severities.iter().all(|&severity| severity < 3));
    assert!(severities.iter().filter(|&&severity| severity == 2).count() <= 2);
}

#[test]
fn one_extreme_row_does_not_make_the_others_harmless() {
    let mut rng = Rng::new(4);
    let mut scores: Vec<f64> = (0..1000).map(|_| 0.45 + 0.02 * rng.normal()).collect();
    scores[7] = 0.57;
    scores[8] = 0.53;
    let before = severities(&scores, 0.5);
    assert_eq!((before[7], before[8]), (3, 2));
    scores[9] = 0.99;
    let after = severities(&scores, 0.5);
    assert_eq!((after[7], after[8], after[9]), (3, 2, 3));
}

/// As where a tenth of all users are robots: each is far outside, and a list has to begin somewhere.
#[test]
fn where_many_are_far_outside_the_highest_are_told_from_the_others() {
    let mut rng = Rng::new(5);
    let mut scores: Vec<f64> = (0..1000).map(|_| 0.45 + 0.02 * rng.normal()).collect();
    scores[..100].iter_mut().for_each(|score| *score = 0.8 + 0.1 * rng.uniform());
    let severities = severities(&scores, by_budget(&scores, 100));
    let n_of = |severity: u8| severities.iter().filter(|&&other| other == severity).count();
    assert_eq!((n_of(3), n_of(2), n_of(1)), (10, 20, 70));
}

#[test]
fn a_higher_score_is_never_less_severe_and_equal_ones_are_alike() {
    for seed in 0..20 {
        let mut rng = Rng::new(seed);
        // Heavy at the top, and coarse, so that many rows tie.
        let score = |rng: &mut Rng| (40.0 * (0.4 + 0.04 * rng.normal().powi(2))).round() / 40.0;
        let mut scores: Vec<f64> = (0..rng.below(700) + 1).map(|_| score(&mut rng)).collect();
        order::sort(&mut scores);
        let severities = severities(&scores, scores[0].next_down());
        assert!(severities.is_sorted(), "seed {seed}");
        for (pair, of) in scores.windows(2).zip(severities.windows(2)) {
            assert!(pair[0] != pair[1] || of[0] == of[1], "seed {seed}: {pair:?} are {of:?}");
        }
        for (severity, share) in [(3, 0.01), (2, 0.03)] {
            let Some(first) = severities.iter().position(|&other| other >= severity) else { continue };
            let n_higher = scores.iter().filter(|&&score| score > scores[first]).count();
            assert!(
                n_higher < (share * scores.len() as f64).ceil() as usize,
                "seed {seed}: severity {severity}"
            );
        }
    }
}

#[test]
fn a_moved_threshold_changes_no_severity_but_those_of_rows_it_passes() {
    let scores: Vec<f64> =
        (0..200).map(|i| 0.4 + f64::from(i % 50) * 0.001 + f64::from(i / 195) * 0.2).collect();
    let (low, high) = (severities(&scores, 0.44), severities(&scores, 0.6));
    for (row, score) in scores.iter().enumerate() {
        assert_eq!(high[row], if *score > 0.6 { low[row] } else { 0 });
    }
}

#[test]
fn equal_bulk_still_has_a_scale() {
    let mut scores = vec![0.4; 100];
    scores[3] = 0.7;
    assert_eq!(severities(&scores, 0.5)[3], 3);
    assert_eq!(severities(&scores, 0.5).iter().filter(|&&severity| severity > 0).count(), 1);
}

#[test]
fn a_row_far_from_a_mixed_lot_is_severe_all_the_same() {
    let mut scores: Vec<f64> = (0..54).map(|i| 0.34 + f64::from(i) * 0.0045).collect();
    scores.push(0.81);
    scores.push(0.63);
    let severities = severities(&scores, by_budget(&scores, 3));
    assert_eq!(severities[53..], [1, 3, 2]);
}
