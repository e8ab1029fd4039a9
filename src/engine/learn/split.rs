//! Which rows are learned from and which are held out, and where a split tells the model what it should not know.

use super::Task;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::order;
use crate::engine::rng::Rng;
use crate::engine::words::counted;
use serde::{Deserialize, Serialize};

/// Row indices of two parts, each in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows held out.
    pub test: Vec<usize>,
}

/// What decides on which side a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitBy {
    /// Chance, with each class's share the same on both sides.
    Stratified,
    /// Chance, with all rows of a user on one side, and the users of each class (of the rarest that a user has a row of)
    /// as evenly shared as rows are otherwise.
    User,
    /// Time: later rows are held out. Several folds go forward: each is tested on the rows after those learned from.
    Time,
}

/// How rows are held out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SplitOptions {
    /// By what. Default `user` where rows are parts of what users did, else `stratified`.
    pub by: Option<SplitBy>,
    /// Share of rows held out, above 0 and below 1. Default 0.3. Means nothing where there are folds.
    pub test_share: f64,
    /// How many times rows are held out, each time others: 2 to 20. Default 0: once.
    pub folds: usize,
}

impl Default for SplitOptions {
    fn default() -> Self {
        SplitOptions { by: None, test_share: 0.3, folds: 0 }
    }
}

/// What is known of the rows to be split, one each per row.
#[derive(Debug, Clone, Copy)]
pub struct SplitRows<'a> {
    /// Classes, from 0; all 0 where numbers are learned.
    pub classes: &'a [u32],
    /// Whose rows they are.
    pub users: &'a [u32],
    /// When they begin, milliseconds; empty where nothing says so.
    pub times: &'a [i64],
}

impl SplitOptions {
    /// The most folds.
    pub const MAX_FOLDS: usize = 20;

    /// Checks the ranges.
    ///
    /// # Errors
    /// `parameter`.
    pub fn check(&self) -> Result<()> {
        if !(self.test_share > 0.0 && self.test_share < 1.0) {
            return Err(Error::parameter("testShare", "a share above 0 and below 1", self.test_share));
        }
        if self.folds == 1 || self.folds > Self::MAX_FOLDS {
            let expected = format!("2 to {}, or 0 to hold out rows once", Self::MAX_FOLDS);
            return Err(Error::parameter("folds", &expected, self.folds));
        }
        Ok(())
    }

    /// The splits of some rows: one, or as many as there are folds. A class of two rows and more has at least one on each
    /// side where rows are drawn by class.
    ///
    /// # Errors
    /// `parameter` when an option is out of range, or there are no times to split by; `too-few-rows` when a side would
    /// have no row.
    pub fn splits(&self, by: SplitBy, rows: SplitRows<'_>, seed: u64) -> Result<Vec<Split>> {
        self.check()?;
        let n_rows = rows.classes.len();
        if by == SplitBy::Time {
            return self.by_time(rows.times, n_rows);
        }
        let (units, unit_of_row): (Vec<u32>, Vec<usize>) = match by {
            SplitBy::User => users(rows),
            _ => (rows.classes.to_vec(), (0..n_rows).collect()),
        };
        let fold_of_unit = match self.folds {
            0 => held_out(&units, self.test_share, seed),
            folds => folds_of(&units, folds, seed),
        };
        let splits = (0..self.folds.max(1)).map(|fold| {
            let is_test = |&row: &usize| fold_of_unit[unit_of_row[row]] == Some(fold);
            let (test, train) = (0..n_rows).partition(is_test);
            Split { train, test }
        });
        let unit = match (by, self.folds) {
            (SplitBy::User, 0) => "users of one kind",
            (SplitBy::User, _) => "users",
            (_, 0) => "rows of one kind",
            (_, _) => "rows",
        };
        let found = match self.folds {
            0 => shuffled(&units, seed).iter().map(Vec::len).max().unwrap_or(0),
            _ => units.len(),
        };
        checked(splits.collect(), unit, self.folds.max(2), found)
    }

    fn by_time(&self, times: &[i64], n_rows: usize) -> Result<Vec<Split>> {
        if times.len() != n_rows {
            return Err(Error::parameter(
                "split.by",
                "stratified or user, as nothing says when rows were",
                "time",
            ));
        }
        let order = order::by_key(n_rows, |row| times[row]);
        // The first place at or after `place` where a new moment begins: rows of one moment are on one side.
        let border = |place: usize| {
            (place..n_rows).find(|&at| at > 0 && times[order[at]] != times[order[at - 1]]).unwrap_or(n_rows)
        };
        let split = |from: usize, to: usize| {
            let part = |places: &[usize]| {
                let mut rows = places.to_vec();
                rows.sort_unstable();
                rows
            };
            Split { train: part(&order[..from]), test: part(&order[from..to]) }
        };
        let splits = match self.folds {
            0 => {
                let n_test = ((n_rows as f64 * self.test_share).round() as usize).max(1);
                vec![split(border(n_rows.saturating_sub(n_test)), n_rows)]
            }
            folds => {
                let place = |fold: usize| border(n_rows * (fold + 1) / (folds + 1));
                let end = |fold: usize| if fold + 1 == folds { n_rows } else { place(fold + 1) };
                (0..folds).map(|fold| split(place(fold), end(fold))).collect()
            }
        };
        let n_moments = 1 + order.windows(2).filter(|pair| times[pair[0]] != times[pair[1]]).count();
        checked(splits, "moments", self.folds.max(1) + 1, n_moments.min(n_rows))
    }
}

/// A class per user, the rarest that the user has a row of, and each row's user, both by place of first appearance.
fn users(rows: SplitRows<'_>) -> (Vec<u32>, Vec<usize>) {
    let n_classes = rows.classes.iter().max().map_or(0, |&most| most as usize + 1);
    let mut n_of_class = vec![0usize; n_classes];
    rows.classes.iter().for_each(|&class| n_of_class[class as usize] += 1);
    let n_users = rows.users.iter().max().map_or(0, |&most| most as usize + 1);
    let mut place_of_user = vec![usize::MAX; n_users];
    let mut classes: Vec<u32> = Vec::new();
    let unit = |(&user, &class): (&u32, &u32)| {
        let place = &mut place_of_user[user as usize];
        if *place == usize::MAX {
            *place = classes.len();
            classes.push(class);
        }
        let own = &mut classes[*place];
        if n_of_class[class as usize] < n_of_class[*own as usize] {
            *own = class;
        }
        *place
    };
    let unit_of_row = rows.users.iter().zip(rows.classes).map(unit).collect();
    (classes, unit_of_row)
}

/// The units of each class, shuffled with the seed.
fn shuffled(classes: &[u32], seed: u64) -> Vec<Vec<usize>> {
    let n_classes = classes.iter().max().map_or(0, |&most| most as usize + 1);
    let mut units = vec![Vec::new(); n_classes];
    classes.iter().enumerate().for_each(|(unit, &class)| units[class as usize].push(unit));
    for (class, units) in units.iter_mut().enumerate() {
        Rng::for_unit(seed, class as u64).shuffle(units);
    }
    units
}

/// Holds out a share of each class, rounded: fold 0. A single unit of a class is learned from.
fn held_out(classes: &[u32], test_share: f64, seed: u64) -> Vec<Option<usize>> {
    let mut folds = vec![None; classes.len()];
    for units in shuffled(classes, seed) {
        let n_test = match units.len() {
            0 | 1 => 0,
            n => ((n as f64 * test_share).round() as usize).clamp(1, n - 1),
        };
        units[..n_test].iter().for_each(|&unit| folds[unit] = Some(0));
    }
    folds
}

/// Deals each class out to folds in turn, going on where the class before has ended, so that folds are of one size.
fn folds_of(classes: &[u32], n_folds: usize, seed: u64) -> Vec<Option<usize>> {
    let mut folds = vec![None; classes.len()];
    for (place, unit) in shuffled(classes, seed).into_iter().flatten().enumerate() {
        folds[unit] = Some(place % n_folds);
    }
    folds
}

/// Refuses splits of which a side has no row. `found` are the units that could be dealt out.
fn checked(splits: Vec<Split>, unit: &'static str, needed: usize, found: usize) -> Result<Vec<Split>> {
    match splits.iter().all(|split| !split.test.is_empty() && !split.train.is_empty()) {
        true => Ok(splits),
        false => Err(Error::new(ErrorKind::TooFewRows {
            step: "holding out rows to test on".to_owned(),
            unit,
            needed,
            found,
            remedy: "label more rows, ask for fewer folds, or split otherwise",
        })),
    }
}

/// All abnormal rows and as many normal ones, drawn with the seed, in ascending order; all rows where normal ones are
/// not more.
pub fn balanced_rows(labels: &[bool], seed: u64) -> Vec<usize> {
    let of = |class: bool| (0..labels.len()).filter(|&row| labels[row] == class).collect::<Vec<usize>>();
    let (mut rows, normal) = (of(true), of(false));
    let drawn = Rng::new(seed).sample_indices(normal.len(), rows.len());
    rows.extend(drawn.into_iter().map(|place| normal[place]));
    rows.sort_unstable();
    rows
}

/// What of the held-out rows the model may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeakKind {
    /// Users with rows on both sides.
    SharedUsers,
    /// Held-out rows that begin before rows learned from do.
    TestBeforeTrain,
    /// A feature that alone gives the target away.
    TellingFeature,
}

/// A way in which held-out rows are known to the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Leak {
    /// Which.
    pub kind: LeakKind,
    /// Held-out rows that it is about; all of them for a telling feature.
    pub test_rows: usize,
    /// Users with rows on both sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<usize>,
    /// The telling feature's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// What it means and what to do.
    pub message: String,
}

impl Leak {
    fn shared_users(users: usize, test_rows: usize) -> Leak {
        let message = format!(
            "{} of {} whose other rows were learned from, so what is particular to a user may have been learned by heart. \
             Split by user to know how new users would be judged.",
            rows_held_out(test_rows),
            counted(users, "user")
        );
        Leak { kind: LeakKind::SharedUsers, test_rows, users: Some(users), feature: None, message }
    }

    fn test_before_train(test_rows: usize) -> Leak {
        let message = format!(
            "{} older than some of the rows learned from, so the model knows what came after. Split by time to know how it \
             would have done.",
            rows_held_out(test_rows)
        );
        Leak { kind: LeakKind::TestBeforeTrain, test_rows, users: None, feature: None, message }
    }

    /// A feature that alone orders held-out rows nearly as the target does; `strength` is the area under its ROC curve, or,
    /// of numbers, its rank correlation with them.
    pub fn telling_feature(feature: &str, strength: f64, task: Task, test_rows: usize) -> Leak {
        // No feature that falls short of it is said to be perfect.
        let percent = (strength * 1_000.0).floor() / 10.0;
        let how = match task {
            Task::Regression => format!("the order of its values is to {percent} % that of the target"),
            Task::Binary => {
                format!(
                    "of two rows that differ in the target it tells which is which in {percent} % of cases"
                )
            }
            Task::Classes => format!(
                "of a row of the class that it tells best and one of another, it tells which is which in {percent} % of cases"
            ),
        };
        let message = format!(
            "The feature \"{feature}\" alone gives the target away: {how}. If it is made of the target, or known only after \
             it, omit it."
        );
        let feature = Some(feature.to_owned());
        Leak { kind: LeakKind::TellingFeature, test_rows, users: None, feature, message }
    }
}

/// The beginning of a sentence about rows held out.
fn rows_held_out(n_rows: usize) -> String {
    let verb = if n_rows == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(n_rows, "held-out row"))
}

impl Split {
    /// What the split itself gives away. Times are empty where rows have none.
    pub fn leaks(&self, users: &[u32], times: &[i64]) -> Vec<Leak> {
        let mut leaks = Vec::new();
        let n_users = users.iter().max().map_or(0, |&most| most as usize + 1);
        let mut is_learned = vec![false; n_users];
        self.train.iter().for_each(|&row| is_learned[users[row] as usize] = true);
        let shared: Vec<u32> =
            self.test.iter().map(|&row| users[row]).filter(|&user| is_learned[user as usize]).collect();
        if !shared.is_empty() {
            let mut is_shared = vec![false; n_users];
            shared.iter().for_each(|&user| is_shared[user as usize] = true);
            let users = is_shared.into_iter().filter(|&is_shared| is_shared).count();
            leaks.push(Leak::shared_users(users, shared.len()));
        }
        if !times.is_empty() {
            let last = self.train.iter().map(|&row| times[row]).max();
            let is_before = |row: &&usize| last.is_some_and(|last| times[**row] < last);
            let test_rows = self.test.iter().filter(is_before).count();
            if test_rows > 0 {
                leaks.push(Leak::test_before_train(test_rows));
            }
        }
        leaks
    }
}
