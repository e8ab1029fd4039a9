//! Measures and curves against scikit-learn's, from `golden/models.json` and `golden/evaluate.json`, and what they do at
//! the edges.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::evaluate::{
    Asked, AtTop, Bootstrap, ClassEvaluation, Confusion, RegressionEvaluation, Steps, average_precision,
    evaluate, roc_auc,
};
use isoscope::engine::rng::Rng;
use serde::Deserialize;

const PLAIN: Asked<'static> = Asked { bootstrap: Bootstrap::NONE, are_probabilities: false, budgets: &[] };

#[derive(Deserialize)]
struct Golden {
    metrics: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    scores: Vec<f64>,
    flags: Vec<u8>,
    labels: Vec<u8>,
    accuracy: f64,
    precision: f64,
    recall: f64,
    f1: f64,
    roc_auc: f64,
    pr_auc: f64,
    confusion: Confusion,
    roc: Vec<f64>,
    pr: Vec<f64>,
}

/// Sums are scikit-learn's to the rounding of their order; everything else is equal.
fn assert_close(ours: f64, theirs: f64, what: &str, case: &str) {
    assert!((ours - theirs).abs() <= 1e-15, "{case}: {what} is {ours}, scikit-learn has {theirs}");
}

#[test]
fn metrics_and_curves_are_scikit_learns() {
    let golden: Golden = serde_json::from_str(include_str!("golden/models.json")).unwrap();
    assert!(golden.metrics.len() >= 7);
    for case in golden.metrics {
        let labels: Vec<bool> = case.labels.iter().map(|&label| label == 1).collect();
        let ours = evaluate(&case.scores, &case.flags, &labels, PLAIN).unwrap();
        assert_eq!(ours.confusion, case.confusion, "{}", case.name);
        assert_eq!(ours.accuracy, case.accuracy, "{}: accuracy", case.name);
        assert_eq!(ours.precision, case.precision, "{}: precision", case.name);
        assert_eq!(ours.recall, case.recall, "{}: recall", case.name);
        assert_eq!(ours.f1, case.f1, "{}: F1", case.name);
        assert_close(ours.roc_auc, case.roc_auc, "ROC AUC", &case.name);
        assert_close(ours.pr_auc, case.pr_auc, "average precision", &case.name);
        assert_eq!(ours.curves.roc, case.roc, "{}: ROC", case.name);
        assert_eq!(ours.curves.pr, case.pr, "{}: precision-recall", case.name);
    }
}

#[test]
fn curves_stay_small_on_many_rows() {
    let n = 100_000;
    let scores: Vec<f64> = (0..n).map(|i| f64::from(i) * 0.618_033_988_75 % 1.0).collect();
    let labels: Vec<bool> = (0..n).map(|i| i % 1000 == 0).collect();
    let steps = Steps::of(&scores, &labels).unwrap();
    assert!(steps.roc_curve().len() <= 2 * 2 * 101 + 4);
    assert!(steps.pr_curve().len() <= 2 * 2 * 101 + 4);
    assert!(steps.at_thresholds().len() < 90);
}

#[test]
fn one_class_has_no_areas() {
    let scores = [0.1, 0.2, 0.3];
    assert!(roc_auc(&scores, &[false; 3]).unwrap().is_nan());
    assert!(roc_auc(&scores, &[true; 3]).unwrap().is_nan());
    assert!(average_precision(&scores, &[false; 3]).unwrap().is_nan());
    let normal = evaluate(&scores, &[0, 0, 1], &[false; 3], PLAIN).unwrap();
    assert_eq!((normal.precision, normal.recall, normal.f1), (0.0, 0.0, 0.0));
}

#[test]
fn labels_that_do_not_fit_are_refused_with_both_counts() {
    let error = evaluate(&[0.1, 0.2], &[0, 1], &[true], PLAIN).unwrap_err();
    assert_eq!(error.code(), "labels");
    assert_eq!(error.to_string(), "there are 1 labels for 2 rows; give exactly one label per row");
    assert_eq!(evaluate(&[], &[], &[], PLAIN).unwrap_err().code(), "labels");
    assert_eq!(evaluate(&[f64::NAN], &[0], &[true], PLAIN).unwrap_err().code(), "parameter");
}

#[derive(Deserialize)]
struct More {
    probabilities: Vec<Probabilities>,
    classes: Vec<Classes>,
    regressions: Vec<Regression>,
}

#[derive(Deserialize)]
struct Probabilities {
    name: String,
    labels: Vec<u8>,
    probabilities: Vec<f64>,
    brier: f64,
    predicted: Vec<f64>,
    observed: Vec<f64>,
    at: Vec<At>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct At {
    flags: Vec<u8>,
    balanced_accuracy: f64,
    mcc: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Classes {
    name: String,
    truth: Vec<u32>,
    decided: Vec<u32>,
    probabilities: Vec<f64>,
    confusion: Vec<Vec<u64>>,
    accuracy: f64,
    balanced_accuracy: f64,
    macro_f1: f64,
    weighted_f1: f64,
    roc_auc: f64,
    precision: Vec<f64>,
    recall: Vec<f64>,
    f1: Vec<f64>,
    support: Vec<u64>,
}

#[derive(Deserialize)]
struct Regression {
    name: String,
    actual: Vec<f64>,
    predicted: Vec<f64>,
    mse: f64,
    rmse: f64,
    mae: f64,
    r2: f64,
}

fn more() -> More {
    serde_json::from_str(include_str!("golden/evaluate.json")).unwrap()
}

fn assert_near(ours: f64, theirs: f64, what: &str) {
    assert!(
        (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0),
        "{what} is {ours}, scikit-learn has {theirs}"
    );
}

#[test]
fn calibration_and_further_measures_are_scikit_learns() {
    for case in more().probabilities {
        let labels: Vec<bool> = case.labels.iter().map(|&label| label == 1).collect();
        for at in case.at {
            let asked = Asked { are_probabilities: true, ..PLAIN };
            let ours = evaluate(&case.probabilities, &at.flags, &labels, asked).unwrap();
            assert_near(
                ours.balanced_accuracy,
                at.balanced_accuracy,
                &format!("{}: balanced accuracy", case.name),
            );
            assert_near(ours.mcc, at.mcc, &format!("{}: MCC", case.name));
            let calibration = ours.calibration.unwrap();
            assert_near(calibration.brier, case.brier, &format!("{}: Brier score", case.name));
            assert_eq!(calibration.curve.len(), case.predicted.len(), "{}", case.name);
            for (bin, (predicted, observed)) in
                calibration.curve.iter().zip(case.predicted.iter().zip(&case.observed))
            {
                assert_near(bin.predicted, *predicted, &case.name);
                assert_near(bin.observed, *observed, &case.name);
            }
            assert_eq!(calibration.curve.iter().map(|bin| bin.rows).sum::<u64>(), labels.len() as u64);
        }
    }
    let asked = Asked { are_probabilities: true, ..PLAIN };
    assert_eq!(evaluate(&[1.5, 0.1], &[1, 0], &[true, false], asked).unwrap_err().code(), "parameter");
}

#[test]
fn several_classes_are_scikit_learns() {
    for case in more().classes {
        let names: Vec<String> = (0..case.support.len()).map(|class| format!("class {class}")).collect();
        let ours = ClassEvaluation::of(
            &case.decided,
            &case.probabilities,
            &case.truth,
            &names,
            Bootstrap::default(),
        )
        .unwrap();
        assert_eq!(ours.confusion, case.confusion, "{}", case.name);
        for (what, ours, theirs) in [
            ("accuracy", ours.accuracy, case.accuracy),
            ("balanced accuracy", ours.balanced_accuracy, case.balanced_accuracy),
            ("macro F1", ours.macro_f1, case.macro_f1),
            ("weighted F1", ours.weighted_f1, case.weighted_f1),
            ("ROC AUC", ours.roc_auc, case.roc_auc),
        ] {
            assert_near(ours, theirs, &format!("{}: {what}", case.name));
        }
        for (class, of_class) in ours.classes.iter().enumerate() {
            assert_eq!((&of_class.name, of_class.rows), (&names[class], case.support[class]));
            assert_near(of_class.precision, case.precision[class], &case.name);
            assert_near(of_class.recall, case.recall[class], &case.name);
            assert_near(of_class.f1, case.f1[class], &case.name);
        }
        for (name, value) in ours.measures().into_iter().filter(|(name, _)| *name != "rocAuc") {
            let [low, high] = ours.intervals[name];
            assert!(
                low <= value && value <= high && low < high,
                "{}: {name} {value} in {low} to {high}",
                case.name
            );
        }
    }
}

#[test]
fn errors_of_numbers_are_scikit_learns() {
    for case in more().regressions {
        let ours = RegressionEvaluation::of(&case.predicted, &case.actual, Bootstrap::default()).unwrap();
        for (what, ours, theirs) in [
            ("MSE", ours.mse, case.mse),
            ("RMSE", ours.rmse, case.rmse),
            ("MAE", ours.mae, case.mae),
            ("R2", ours.r2, case.r2),
        ] {
            assert_near(ours, theirs, &format!("{}: {what}", case.name));
        }
        assert_eq!(ours.points.len(), 2 * case.actual.len());
        if case.actual.len() > 10 {
            for (name, value) in ours.measures() {
                let [low, high] = ours.intervals[name];
                assert!(low < value && value < high, "{}: {name} {value} in {low} to {high}", case.name);
            }
        }
    }
    assert_eq!(
        RegressionEvaluation::of(&[1.0], &[f64::NAN], Bootstrap::NONE).unwrap_err().code(),
        "parameter"
    );
    assert_eq!(RegressionEvaluation::of(&[1.0], &[], Bootstrap::NONE).unwrap_err().code(), "labels");
}

/// Scores of labelled rows: abnormal ones lie `shift` standard deviations higher.
fn labelled(n: usize, share: f64, shift: f64, seed: u64) -> (Vec<f64>, Vec<bool>) {
    let mut rng = Rng::new(seed);
    let labels: Vec<bool> = (0..n).map(|_| rng.uniform() < share).collect();
    let scores = labels.iter().map(|&label| rng.normal() + if label { shift } else { 0.0 }).collect();
    (scores, labels)
}

#[test]
fn the_first_rows_are_judged_with_ties_shared() {
    let steps = Steps::of(&[0.9, 0.5, 0.5, 0.5, 0.1], &[true, true, false, false, false]).unwrap();
    let top = |k| (steps.at_top(k).precision, steps.at_top(k).recall);
    assert_eq!(top(1), (1.0, 0.5));
    assert_eq!(top(2), ((1.0 + 1.0 / 3.0) / 2.0, (1.0 + 1.0 / 3.0) / 2.0));
    assert_eq!(top(4), (0.5, 1.0));
    assert_eq!(top(5), (0.4, 1.0));
    assert_eq!(steps.at_top(99).k, 5);
    assert_eq!(steps.at_tops(&[3, 7]).iter().map(|top| top.k).collect::<Vec<_>>(), [3]);
}

#[test]
fn any_number_of_first_rows_can_be_read_off_the_curve() {
    let coarse = |(scores, labels): (Vec<f64>, Vec<bool>)| {
        (scores.iter().map(|score| (score * 4.0).round()).collect(), labels)
    };
    let cases = [
        labelled(300, 0.2, 1.0, 1),
        coarse(labelled(300, 0.2, 1.0, 2)),
        (vec![0.5; 9], labelled(9, 0.5, 0.0, 3).1),
        (vec![0.3, 0.2, 0.1], vec![true; 3]),
        (vec![0.3, 0.2, 0.1], vec![false; 3]),
    ];
    for (scores, labels) in cases {
        let steps = Steps::of(&scores, &labels).unwrap();
        let roc = steps.roc_curve();
        for k in 0..=scores.len() as u64 + 1 {
            let (read, exact) = (AtTop::on_curve(&roc, steps.confusion(1), k), steps.at_top(k));
            assert_eq!(read.k, exact.k);
            assert!((read.precision - exact.precision).abs() < 1e-12, "{k}: {read:?}, {exact:?}");
            assert!((read.recall - exact.recall).abs() < 1e-12, "{k}: {read:?}, {exact:?}");
        }
    }
}

/// Each threshold of the table, applied as the product applies thresholds, makes the decision that the table tells.
#[test]
fn thresholds_of_the_table_flag_what_they_say() {
    for (scores, labels) in [labelled(2_000, 0.05, 1.5, 1), (vec![0.25; 40], labelled(40, 0.5, 0.0, 2).1)] {
        let table = Steps::of(&scores, &labels).unwrap().at_thresholds();
        assert!(table.windows(2).all(|pair| pair[0].threshold > pair[1].threshold));
        assert_eq!(table.last().unwrap().flagged, scores.len() as u64, "the last flags all");
        for at in table {
            let flags: Vec<u8> = scores.iter().map(|&score| u8::from(score > at.threshold)).collect();
            let confusion = Confusion::of(&flags, &labels).unwrap();
            assert_eq!(at.flagged, confusion.tp + confusion.fp);
            assert_eq!(
                (at.precision, at.recall, at.mcc),
                (confusion.precision(), confusion.recall(), confusion.mcc())
            );
        }
    }
}

#[test]
fn areas_do_not_change_under_an_increasing_map_and_turn_over_with_the_sign() {
    let (scores, labels) = labelled(700, 0.1, 1.0, 5);
    let mapped: Vec<f64> = scores.iter().map(|score| score * score * score / 7.0 - 2.0).collect();
    assert_eq!(roc_auc(&scores, &labels).unwrap(), roc_auc(&mapped, &labels).unwrap());
    assert_eq!(average_precision(&scores, &labels).unwrap(), average_precision(&mapped, &labels).unwrap());
    let negative: Vec<f64> = scores.iter().map(|score| -score).collect();
    let turned = roc_auc(&scores, &labels).unwrap() + roc_auc(&negative, &labels).unwrap();
    assert!((turned - 1.0).abs() < 1e-12);
}

fn with_intervals(scores: &[f64], labels: &[bool], seed: u64) -> isoscope::engine::evaluate::Evaluation {
    let flags: Vec<u8> = scores.iter().map(|&score| u8::from(score > 1.0)).collect();
    let bootstrap = Bootstrap { seed, ..Bootstrap::default() };
    evaluate(scores, &flags, labels, Asked { bootstrap, ..Asked::default() }).unwrap()
}

#[test]
fn intervals_hold_their_measure_and_shrink_with_more_rows() {
    let mut widths = Vec::new();
    for n in [200, 2_000, 200_000] {
        let (scores, labels) = labelled(n, 0.2, 1.2, 8);
        let evaluation = with_intervals(&scores, &labels, 3);
        assert_eq!(evaluation, with_intervals(&scores, &labels, 3), "one seed, one result");
        assert_ne!(evaluation.intervals, with_intervals(&scores, &labels, 4).intervals);
        for (name, value) in evaluation.measures() {
            let [low, high] = evaluation.intervals[name];
            assert!(low < value && value < high, "{n} rows: {name} {value} in {low} to {high}");
        }
        let [low, high] = evaluation.intervals["rocAuc"];
        widths.push(high - low);
    }
    assert!(widths[0] > 2.0 * widths[1] && widths[1] > 5.0 * widths[2], "{widths:?}");
}

/// The intervals' ends against those of a bootstrap by the book: rows drawn with replacement, measured anew.
#[test]
fn intervals_are_those_of_the_bootstrap_by_the_book() {
    for (n, share) in [(150, 0.3), (900, 0.1)] {
        let (scores, labels) = labelled(n, share, 1.0, 12);
        let flags: Vec<u8> = scores.iter().map(|&score| u8::from(score > 1.0)).collect();
        let bootstrap = Bootstrap { resamples: 4_000, ..Bootstrap::default() };
        let ours = evaluate(&scores, &flags, &labels, Asked { bootstrap, ..Asked::default() }).unwrap();
        let mut rng = Rng::new(77);
        let mut drawn: Vec<Vec<f64>> = vec![Vec::new(); 8];
        for _ in 0..2_000 {
            let rows: Vec<usize> = (0..n).map(|_| rng.below(n as u64) as usize).collect();
            let of = |values: &[f64]| rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
            let labels: Vec<bool> = rows.iter().map(|&row| labels[row]).collect();
            let flags: Vec<u8> = rows.iter().map(|&row| flags[row]).collect();
            let measures = evaluate(&of(&scores), &flags, &labels, PLAIN).unwrap().measures();
            drawn.iter_mut().zip(measures).for_each(|(drawn, (_, value))| drawn.push(value));
        }
        for (mut drawn, (name, _)) in drawn.into_iter().zip(ours.measures()) {
            drawn.sort_by(f64::total_cmp);
            let [low, high] = ours.intervals[name];
            let width = drawn[1_949] - drawn[49];
            for (ours, book) in [(low, drawn[49]), (high, drawn[1_949])] {
                assert!(
                    (ours - book).abs() < 0.1 * width,
                    "{n} rows, {name}: {ours}, by the book {book}, of {width}"
                );
            }
        }
    }
}

#[test]
fn measures_that_most_drawings_lack_have_no_interval() {
    let evaluation = with_intervals(&[0.1, 0.2, 0.3], &[false; 3], 1);
    assert!(!evaluation.intervals.contains_key("rocAuc") && evaluation.intervals.contains_key("accuracy"));
    let asked = Asked { bootstrap: Bootstrap::NONE, ..Asked::default() };
    assert!(evaluate(&[0.1, 0.2], &[0, 1], &[false, true], asked).unwrap().intervals.is_empty());
}
