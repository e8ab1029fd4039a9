//! Explanations: contributions that add up, baselines, and sentences that say what is so.

use isoscope::engine::detect::Detector;
use isoscope::engine::detect::iforest::IsolationForest;
use isoscope::engine::explain::{Baselines, Compared, Split, explain_row, subject_sentence};
use isoscope::engine::features::{DATE, Feature, FeatureMatrix, RowUnit, YES_NO};
use isoscope::engine::rng::Rng;
use isoscope::engine::table::Groups;
use ndarray::{Array2, array};

fn feature(name: &str, meaning: &str, unit: &str) -> Feature {
    Feature::new(name, meaning, unit)
}

/// One subject per row, or, with `n_days`, that many days per subject from 2026-01-01.
fn matrix(values: Array2<f64>, features: Vec<Feature>, n_days: Option<usize>) -> FeatureMatrix {
    let n_rows = values.nrows();
    let rows_per_subject = n_days.unwrap_or(1);
    let table_rows: Vec<Vec<u32>> = (0..n_rows as u32).map(|row| vec![2 * row, 2 * row + 1]).collect();
    FeatureMatrix {
        subjects: (0..n_rows.div_ceil(rows_per_subject)).map(|i| format!("user {i}")).collect(),
        subject_of_row: (0..n_rows).map(|row| (row / rows_per_subject) as u32).collect(),
        unit: if n_days.is_some() { RowUnit::Day } else { RowUnit::Subject },
        no_year: false,
        start_of_row: n_days
            .map(|n| (0..n_rows).map(|row| (20_454 + (row % n) as i64) * 86_400_000).collect()),
        table_rows: Groups::from_slices(table_rows.iter().map(Vec::as_slice)),
        n_unused_rows: 0,
        new_values: None,
        values,
        features,
    }
}

fn three_features() -> Vec<Feature> {
    vec![
        feature("sessions_count", "number of sessions", ""),
        feature("night_activity_ratio", "share of activity at night", ""),
        feature("avg_time_between_sessions", "mean time between sessions", "h"),
    ]
}

/// 100 rows around 3 sessions, 3 % at night, 5 h between sessions; row 0 strange by night, row 1 by sessions too.
fn planted(n_days: Option<usize>) -> FeatureMatrix {
    let mut rng = Rng::new(7);
    let mut values = Array2::from_shape_fn((100, 3), |(row, feature)| match feature {
        0 => (2 + rng.below(3)) as f64,
        1 => 0.02 + 0.005 * (row % 5) as f64,
        _ => 4.5 + rng.uniform(),
    });
    values.row_mut(0).assign(&array![3.0, 0.62, 5.0]);
    values.row_mut(1).assign(&array![14.0, 0.51, 5.0]);
    matrix(values, three_features(), n_days)
}

fn scores(forest: &IsolationForest, matrix: &FeatureMatrix) -> Vec<f64> {
    let mut scores = vec![0.0; matrix.n_rows()];
    forest.score_block(matrix.values.view(), &mut scores);
    scores
}

/// The model saw the matrix as it is.
fn split(forest: &IsolationForest, matrix: &FeatureMatrix, row: usize) -> Split {
    let mut shares = vec![0.0; matrix.features.len()];
    forest.contributions(matrix.values.row(row), &mut shares);
    Split { base: forest.base(), errors: vec![0.0; shares.len()], shares }
}

fn flags(n_rows: usize, flagged: &[usize]) -> Vec<u8> {
    (0..n_rows).map(|row| u8::from(flagged.contains(&row))).collect()
}

#[test]
fn contributions_add_up_to_the_score_and_come_in_order() {
    let matrix = planted(None);
    let forest = IsolationForest::params().trees(50).subsample(64).seed(1).fit(matrix.values.view()).unwrap();
    let baselines = Baselines::fit(&matrix.features, matrix.values.view(), &flags(100, &[0, 1]));
    for (row, &score) in scores(&forest, &matrix).iter().enumerate() {
        let explanation =
            explain_row(&matrix, &baselines, &Compared::default(), row, score, &split(&forest, &matrix, row));
        let sum: f64 = explanation.contributions.iter().map(|c| c.contribution).sum();
        assert!((explanation.base + sum - score).abs() < 1e-9, "row {row}");
        assert!(explanation.contributions.is_sorted_by(|a, b| a.contribution >= b.contribution));
        assert_eq!(explanation.entity, format!("user {row}"));
        assert_eq!(explanation.evidence, [2 * row as u32, 2 * row as u32 + 1]);
    }
}

#[test]
fn a_row_is_explained_by_what_sets_it_apart() {
    let matrix = planted(None);
    let forest = IsolationForest::params().seed(1).fit(matrix.values.view()).unwrap();
    let baselines = Baselines::fit(&matrix.features, matrix.values.view(), &flags(100, &[0, 1]));
    let scores = scores(&forest, &matrix);
    let explain = |row: usize| {
        explain_row(
            &matrix,
            &baselines,
            &Compared::default(),
            row,
            scores[row],
            &split(&forest, &matrix, row),
        )
    };

    let night = explain(0);
    assert_eq!(night.contributions[0].feature, "night_activity_ratio");
    assert_eq!(night.contributions[0].value, 0.62);
    assert!(night.contributions[0].z > 10.0);
    assert_eq!(night.sentence, "Unusually much activity at night (62 %, typically 3 %).");
    assert_eq!(
        explain(1).sentence,
        "Unusually much activity at night (51 %, typically 3 %) and many sessions (14, typically 3)."
    );
    let lowest = (0..100).min_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap();
    assert_eq!(explain(lowest).sentence, "Nothing unusual.");
}

#[test]
fn baselines_are_those_of_normal_rows() {
    let values = array![[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [100.0, 9.0]];
    let features = [feature("a", "a", ""), feature("b", "b", "")];
    let baselines = Baselines::fit(&features, values.view(), &[0, 0, 0, 1]);
    let first = &baselines.features[0];
    assert_eq!((first.mean, first.median, first.p5, first.p95), (2.0, 2.0, 1.1, 2.9));
    assert!((first.std - (2.0f64 / 3.0).sqrt()).abs() < 1e-15);
    assert_eq!(baselines.features[1].std, 0.0);
    assert_eq!(baselines.features[1].z(9.0), 0.0, "a constant feature has no scale");
    assert!(baselines.features[1].is_unusual(9.0));
    let all_flagged = Baselines::fit(&features, values.view(), &[1; 4]);
    assert_eq!(all_flagged.features[0].median, 2.5);
}

#[test]
fn categories_and_missing_values_are_said_in_words() {
    let mut values = Array2::from_shape_fn((100, 4), |(row, feature)| match feature {
        0 => (row % 2) as f64,
        1 => 38.0 + (row % 5) as f64,
        2 => 0.0,
        _ => 18_000.0 + (row % 300) as f64,
    });
    values.row_mut(0).assign(&array![2.0, f64::NAN, 1.0, 20_000.0]);
    values.row_mut(1).assign(&array![f64::NAN, 38.0, f64::NAN, f64::NAN]);
    let labels = ["Support", "Development", "Sales"].map(str::to_owned).to_vec();
    let features = vec![
        Feature { labels, ..feature("department", "department", "") },
        feature("hours_worked", "hours worked", "h"),
        feature("remote", "remote", YES_NO),
        feature("hired", "hire date", DATE),
    ];
    let matrix = matrix(values, features, None);
    let baselines = Baselines::fit(&matrix.features, matrix.values.view(), &flags(100, &[0, 1]));
    let split = Split { base: 0.4, shares: vec![0.1; 4], errors: vec![0.0; 4] };
    let explanation = explain_row(&matrix, &baselines, &Compared::default(), 0, 0.8, &split);
    assert_eq!(
        explanation.sentence,
        "Department \"Sales\" (typically \"Development\"), hours worked is missing and remote \"yes\" (typically \"no\")."
    );
    let words = |c: &isoscope::engine::explain::Contribution| (c.text.clone(), c.typical_text.clone());
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(words(&explanation.contributions[0]), (some("Sales"), some("Development")));
    assert_eq!(words(&explanation.contributions[1]), (some("missing"), None));
    assert_eq!(words(&explanation.contributions[3]), (some("2024-10-04"), some("2019-06-03")));
    assert!(explanation.contributions[1].value.is_nan());
    assert!(explanation.contributions.iter().all(|c| c.z.is_finite() && c.typical.is_finite()));
    let missing = explain_row(&matrix, &baselines, &Compared::default(), 1, 0.8, &split);
    assert_eq!(missing.sentence, "Department is missing, remote is missing and hire date is missing.");
    assert_eq!(
        subject_sentence(&matrix, &baselines, &[0], &[0]),
        "Department \"Sales\" (typically \"Development\"), hours worked is missing and remote \"yes\" (typically \"no\")."
    );
}

#[test]
fn several_days_are_counted() {
    let mut matrix = planted(Some(50));
    for row in [3, 5, 9, 20] {
        matrix.values.row_mut(row).assign(&array![12.0, 0.4, 5.0]);
    }
    let baselines = Baselines::fit(&matrix.features, matrix.values.view(), &flags(100, &[0, 1, 3, 5, 9, 20]));
    let first_50: Vec<u32> = (0..50).collect();
    assert_eq!(
        subject_sentence(&matrix, &baselines, &first_50, &[3, 5, 9, 20]),
        "Unusually much activity at night and many sessions on 4 of 50 days."
    );
    assert_eq!(
        subject_sentence(&matrix, &baselines, &first_50, &[0, 3, 5, 9, 20]),
        "Unusually much activity at night on 5 of 50 days, unusually many sessions on 4."
    );
    assert_eq!(
        subject_sentence(&matrix, &baselines, &first_50, &[5]),
        "Unusually much activity at night (40 %, typically 3 %) and many sessions (12, typically 3) \
         on 2026-01-06, 1 of 50 days."
    );
}

#[test]
fn a_single_flagged_day_is_compared_with_the_users_own_too() {
    let mut matrix = planted(Some(50));
    // The first user's own days: 8 sessions each, but 12 on one.
    for row in 0..50 {
        matrix.values[[row, 0]] = if row == 5 { 14.0 } else { 8.0 };
        matrix.values[[row, 1]] = 0.03;
    }
    let baselines = Baselines::fit(&matrix.features, matrix.values.view(), &flags(100, &[5]));
    let own: Vec<u32> = (0..50).collect();
    let typical = baselines.features[0].median;
    assert!(typical < 8.0);
    assert_eq!(
        subject_sentence(&matrix, &baselines, &own, &[5]),
        format!(
            "Unusually many sessions (14, usually 8 for this user, {typical} for others) on 2026-01-06, 1 of 50 days."
        )
    );
    // Two more days are too few to say what is usual.
    assert_eq!(
        subject_sentence(&matrix, &baselines, &[4, 5, 6], &[5]),
        format!("Unusually many sessions (14, typically {typical}) on 2026-01-06, 1 of 3 days.")
    );
    // Of sessions, those that came later say nothing.
    matrix.unit = RowUnit::Session;
    for row in 0..5 {
        matrix.values[[row, 0]] = 1.0;
    }
    assert_eq!(
        subject_sentence(&matrix, &baselines, &own, &[5]),
        format!(
            "Unusually many sessions (14, usually 1 for this user, {typical} for others) on 2026-01-06, \
             1 of 50 sessions."
        )
    );
}

#[test]
fn each_unit_has_its_words() {
    let mut matrix = planted(Some(50));
    matrix.values.row_mut(3).assign(&array![12.0, 0.4, 5.0]);
    let baselines = Baselines::fit(&matrix.features, matrix.values.view(), &flags(100, &[0, 1, 3]));
    let first_50: Vec<u32> = (0..50).collect();
    for (unit, several, one, only) in [
        (
            RowUnit::Hour,
            " in 2 of 50 hours, ",
            " in the hour of 2026-01-04 00:00, 1 of 50 hours.",
            ", the only hour.",
        ),
        (
            RowUnit::Week,
            " in 2 of 50 weeks, ",
            " in the week of 2026-01-04, 1 of 50 weeks.",
            ", the only week.",
        ),
        (
            RowUnit::Session,
            " in 2 of 50 sessions, ",
            " on 2026-01-04, 1 of 50 sessions.",
            ", the only session.",
        ),
        (RowUnit::Record, " in 2 of 50 records, ", " on 2026-01-04, 1 of 50 records.", "typically 3)."),
    ] {
        matrix.unit = unit;
        let sentence = |own: &[u32], rows: &[usize]| subject_sentence(&matrix, &baselines, own, rows);
        for (sentence, end) in [
            (sentence(&first_50, &[0, 3]), several),
            (sentence(&first_50, &[3]), one),
            (sentence(&[3], &[3]), only),
        ] {
            assert!(sentence.contains(end), "{unit:?}: {sentence} has not {end}");
        }
    }
    matrix.start_of_row = None;
    let timeless = subject_sentence(&matrix, &baselines, &first_50, &[3]);
    assert!(timeless.ends_with(" in 1 of 50 records."), "{timeless}");
}

#[test]
fn subjects_of_one_row_have_values_and_no_days() {
    let matrix = planted(None);
    let baselines = Baselines::fit(&matrix.features, matrix.values.view(), &flags(100, &[0, 1]));
    assert_eq!(
        subject_sentence(&matrix, &baselines, &[0], &[0]),
        "Unusually much activity at night (62 %, typically 3 %)."
    );
    assert_eq!(subject_sentence(&matrix, &baselines, &[0], &[]), "Nothing unusual.");
}

#[test]
fn rows_within_every_range_are_not_called_extreme() {
    // Two features that go together; row 0 has ordinary values that do not.
    let mut values = Array2::from_shape_fn((200, 2), |(row, _)| f64::from(row as u32 % 2) * 10.0);
    values.row_mut(0).assign(&array![0.0, 10.0]);
    let features = vec![feature("a", "number of sessions", ""), feature("b", "total amount", "")];
    let matrix = matrix(values, features, None);
    let baselines = Baselines::fit(&matrix.features, matrix.values.view(), &flags(200, &[0]));
    assert_eq!(
        subject_sentence(&matrix, &baselines, &[0], &[0]),
        "Each value is within its usual range; it is their mix that stands out."
    );
    let forest = IsolationForest::params().seed(1).fit(matrix.values.view()).unwrap();
    let score = scores(&forest, &matrix)[0];
    assert_eq!(
        explain_row(&matrix, &baselines, &Compared::default(), 0, score, &split(&forest, &matrix, 0))
            .sentence,
        "Each value is within its usual range; if anything, it is the mix of number of sessions and total amount \
         that stands out."
    );
}

#[test]
fn a_value_unlike_a_constant_baseline_is_named() {
    let mut values = Array2::zeros((50, 2));
    values[[4, 1]] = 3.0;
    let features =
        vec![feature("a", "number of sessions", ""), feature("b", "number of failed attempts", "")];
    let matrix = matrix(values, features, None);
    let baselines = Baselines::fit(&matrix.features, matrix.values.view(), &flags(50, &[4]));
    let forest = IsolationForest::params().seed(1).fit(matrix.values.view()).unwrap();
    let score = scores(&forest, &matrix)[4];
    let explanation =
        explain_row(&matrix, &baselines, &Compared::default(), 4, score, &split(&forest, &matrix, 4));
    assert_eq!(explanation.sentence, "Unusually many failed attempts (3, typically 0).");
    assert_eq!(explanation.contributions[0].z, 0.0);
    assert!(explanation.contributions.iter().all(|c| c.contribution.is_finite()));
}

#[test]
fn huge_values_stay_readable() {
    let mut values = Array2::from_shape_fn((50, 1), |(row, _)| row as f64);
    values[[4, 0]] = 1e140;
    let matrix = matrix(values, vec![feature("total_amount", "total amount", "")], None);
    let baselines = Baselines::fit(&matrix.features, matrix.values.view(), &flags(50, &[4]));
    assert_eq!(
        subject_sentence(&matrix, &baselines, &[4], &[4]),
        "Unusually high total amount (1.0e140, typically 25)."
    );
}
