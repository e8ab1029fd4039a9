//! Which rows are learned from and which are held out.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::error::Result;
use isoscope::engine::learn::Task;
use isoscope::engine::learn::split::{
    Leak, LeakKind, Split, SplitBy, SplitOptions, SplitRows, balanced_rows,
};
use proptest::prelude::*;

fn classes(n: usize, every: usize) -> Vec<u32> {
    (0..n).map(|row| u32::from(row % every == 0)).collect()
}

fn stratified(classes: &[u32], test_share: f64, seed: u64) -> Result<Split> {
    let users: Vec<u32> = (0..classes.len() as u32).collect();
    let rows = SplitRows { classes, users: &users, times: &[] };
    let options = SplitOptions { test_share, ..SplitOptions::default() };
    Ok(options.splits(SplitBy::Stratified, rows, seed)?.remove(0))
}

#[test]
fn a_split_holds_out_its_share_of_each_class() {
    let classes = classes(1000, 20);
    let split = stratified(&classes, 0.3, 5).unwrap();
    assert_eq!((split.train.len(), split.test.len()), (700, 300));
    assert_eq!(split.test.iter().filter(|&&row| classes[row] == 1).count(), 15);
    assert_eq!(split, stratified(&classes, 0.3, 5).unwrap());
    assert_ne!(split, stratified(&classes, 0.3, 6).unwrap());
}

#[test]
fn small_classes_are_on_both_sides_as_long_as_they_can_be() {
    let two = stratified(&classes(10, 5), 0.01, 1).unwrap();
    assert_eq!(two.test.iter().filter(|&&row| row % 5 == 0).count(), 1);
    let single = stratified(&classes(10, 10), 0.9, 1).unwrap();
    assert!(single.train.contains(&0), "a single abnormal row is learned from");
    let error = stratified(&[1, 0], 0.5, 1).unwrap_err();
    assert_eq!(error.code(), "too-few-rows");
    assert!(error.to_string().contains("at least 2 rows of one kind, found 1"), "{error}");
    for share in [0.0, 1.0, -0.1, f64::NAN] {
        assert_eq!(stratified(&classes(10, 2), share, 1).unwrap_err().code(), "parameter");
    }
}

#[test]
fn options_out_of_range_are_refused() {
    let (classes, users) = (classes(10, 2), vec![0; 10]);
    let rows = SplitRows { classes: &classes, users: &users, times: &[] };
    let code = |folds, by| {
        let options = SplitOptions { folds, ..SplitOptions::default() };
        options.splits(by, rows, 1).unwrap_err().code()
    };
    assert_eq!(code(1, SplitBy::Stratified), "parameter");
    assert_eq!(code(21, SplitBy::Stratified), "parameter");
    assert_eq!(code(11, SplitBy::Stratified), "too-few-rows");
    assert_eq!(code(0, SplitBy::Time), "parameter");
    assert_eq!(code(0, SplitBy::User), "too-few-rows");
    assert_eq!(code(2, SplitBy::User), "too-few-rows");
}

#[test]
fn a_split_by_time_keeps_moments_together_and_folds_go_forward() {
    let times: Vec<i64> = (0..100).map(|row| (row * 37 % 100) / 4).collect();
    let (classes, users) = (vec![0; 100], (0..100).collect::<Vec<u32>>());
    let rows = SplitRows { classes: &classes, users: &users, times: &times };
    let one =
        SplitOptions { test_share: 0.3, ..SplitOptions::default() }.splits(SplitBy::Time, rows, 1).unwrap();
    assert_eq!(one.len(), 1);
    assert_eq!((one[0].train.len(), one[0].test.len()), (72, 28), "times of one moment are not parted");
    let folds = SplitOptions { folds: 4, ..SplitOptions::default() }.splits(SplitBy::Time, rows, 1).unwrap();
    assert_eq!(folds.len(), 4);
    for (place, split) in one.iter().chain(&folds).enumerate() {
        let last = split.train.iter().map(|&row| times[row]).max().unwrap();
        assert!(split.test.iter().all(|&row| times[row] > last), "split {place}");
        assert!(split.leaks(&users, &times).is_empty());
    }
    assert!(folds.windows(2).all(|pair| pair[0].train.len() + pair[0].test.len() == pair[1].train.len()));
}

#[test]
fn leaks_are_told_with_their_rows() {
    let split = Split { train: vec![0, 1, 4], test: vec![2, 3] };
    let users = [7, 8, 7, 9, 9];
    let leaks = split.leaks(&users, &[1, 2, 3, 4, 4]);
    assert_eq!(
        leaks.iter().map(|leak| leak.kind).collect::<Vec<_>>(),
        [LeakKind::SharedUsers, LeakKind::TestBeforeTrain]
    );
    assert_eq!((leaks[0].users, leaks[0].test_rows, leaks[1].test_rows), (Some(2), 2, 1));
    assert!(split.leaks(&[0, 1, 2, 3, 4], &[]).is_empty());
}

#[test]
fn leaks_say_how_many_rows_and_what_a_feature_tells() {
    let split = Split { train: (4_500..6_000).collect(), test: (0..4_500).collect() };
    let users: Vec<u32> = (0..6_000).map(|row| row % 1_500).collect();
    let leaks = split.leaks(&users, &[]);
    assert!(leaks[0].message.starts_with("4,500 held-out rows are of 1,500 users"), "{}", leaks[0].message);
    let of = |task| Leak::telling_feature("x", 0.9968, task, 3).message;
    assert!(of(Task::Binary).contains("it tells which is which in 99.6 % of cases"), "{}", of(Task::Binary));
    assert!(of(Task::Regression).contains("99.6 % that of the target"), "{}", of(Task::Regression));
}

#[test]
fn a_balanced_draw_has_as_many_of_each() {
    let labels: Vec<bool> = (0..500).map(|row| row % 25 == 0).collect();
    let rows = balanced_rows(&labels, 3);
    assert_eq!(rows.len(), 40);
    assert_eq!(rows.iter().filter(|&&row| labels[row]).count(), 20);
    assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
    assert_ne!(rows, balanced_rows(&labels, 4));
    assert_eq!(balanced_rows(&[true, true, false], 1), [0, 1, 2]);
}

proptest! {
    #[test]
    fn every_row_is_where_it_belongs(
        given in prop::collection::vec((0..3u32, 0..12u32, 0..30i64), 2..120),
        folds in prop_oneof![Just(0usize), 2..6usize],
        by in prop_oneof![Just(SplitBy::Stratified), Just(SplitBy::User), Just(SplitBy::Time)],
        seed in 0..100u64,
    ) {
        let classes: Vec<u32> = given.iter().map(|row| row.0).collect();
        let users: Vec<u32> = given.iter().map(|row| row.1).collect();
        let times: Vec<i64> = given.iter().map(|row| row.2).collect();
        let rows = SplitRows { classes: &classes, users: &users, times: &times };
        let options = SplitOptions { folds, ..SplitOptions::default() };
        let splits = match options.splits(by, rows, seed) {
            Ok(splits) => splits,
            Err(error) => return { prop_assert_eq!(error.code(), "too-few-rows"); Ok(()) },
        };
        prop_assert_eq!(splits.len(), folds.max(1));
        let mut n_tested = vec![0; given.len()];
        for split in &splits {
            prop_assert!(split.train.is_sorted() && split.test.is_sorted());
            prop_assert!(!split.train.is_empty() && !split.test.is_empty());
            prop_assert!(split.test.iter().all(|row| split.train.binary_search(row).is_err()));
            split.test.iter().for_each(|&row| n_tested[row] += 1);
            if by != SplitBy::Time || folds == 0 {
                prop_assert_eq!(split.train.len() + split.test.len(), given.len());
            }
            let told: Vec<LeakKind> = split.leaks(&users, &times).iter().map(|leak| leak.kind).collect();
            prop_assert!(by != SplitBy::User || !told.contains(&LeakKind::SharedUsers));
            prop_assert!(by != SplitBy::Time || !told.contains(&LeakKind::TestBeforeTrain));
        }
        if folds > 0 && by != SplitBy::Time {
            prop_assert!(n_tested.iter().all(|&n| n == 1), "each row is held out once");
        }
        prop_assert_eq!(options.splits(by, rows, seed).unwrap(), splits, "one seed, one split");
    }
}
