//! Flagged subjects in order: the list a person reads first.
//!
//! A subject (a user) may have many rows (days, sessions, logins). It ranks by its most abnormal row, and its sentence speaks of all
//! its flagged rows.

use super::explain::{self, Baselines, Known};
use super::features::FeatureMatrix;
use super::order;
use super::table::Groups;
use serde::{Deserialize, Serialize};

/// Ranked subjects that carry a sentence; more are counted, not listed.
pub const MAX_RANKED: usize = 5_000;

/// A flagged subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ranked {
    /// Subject index.
    pub subject: u32,
    /// Its name.
    pub name: String,
    /// Its most abnormal matrix row.
    pub row: usize,
    /// That row's score.
    pub score: f64,
    /// The highest severity among its rows.
    pub severity: u8,
    /// Flagged rows.
    pub flagged_rows: usize,
    /// All its rows: one, or one per hour, day, week, session or record.
    pub rows: usize,
    /// Why, over all its flagged rows.
    pub sentence: String,
}

/// All subjects by rank, and the flagged ones with their reasons.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranking {
    /// Subjects, most abnormal first (by highest score, ties in order of first appearance): the lanes of the charts.
    pub lanes: Vec<u32>,
    /// How many of them, from the front, have a flagged row.
    pub n_flagged: usize,
    /// The first [`MAX_RANKED`] flagged subjects.
    pub flagged: Vec<Ranked>,
}

/// What subjects are ranked by, and what is said of them.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// The rows.
    pub matrix: &'a FeatureMatrix,
    /// Matrix rows by subject; every subject has at least one.
    pub rows_of_subject: &'a Groups,
    /// One per matrix row.
    pub scores: &'a [f64],
    /// 1 where flagged.
    pub flags: &'a [u8],
    /// 0 none, 1 low, 2 medium, 3 high.
    pub severity: &'a [u8],
    /// What is normal.
    pub baselines: &'a Baselines,
    /// What the model was fitted to, where it was other rows.
    pub known: Option<&'a Known<'a>>,
}

impl Judged<'_> {
    /// A subject's most abnormal row, of equal scores the first.
    fn worst(&self, subject: usize) -> Option<usize> {
        let rows = self.rows_of_subject.rows(subject).iter().map(|&row| row as usize);
        rows.reduce(|best, row| if self.scores[row] > self.scores[best] { row } else { best })
    }

    fn ranked(&self, subject: u32) -> Option<Ranked> {
        let row = self.worst(subject as usize)?;
        let rows = self.rows_of_subject.rows(subject as usize);
        let flagged_rows: Vec<usize> =
            rows.iter().map(|&row| row as usize).filter(|&row| self.flags[row] != 0).collect();
        let sentence = explain::subject_sentence(self.matrix, self.baselines, rows, &flagged_rows);
        let caution = self.known.map(|known| known.caution_over(self.matrix, &flagged_rows, rows.len()));
        Some(Ranked {
            subject,
            name: self.matrix.subjects[subject as usize].clone(),
            row,
            score: self.scores[row],
            severity: flagged_rows.iter().map(|&row| self.severity[row]).max().unwrap_or(0),
            flagged_rows: flagged_rows.len(),
            rows: rows.len(),
            sentence: caution.unwrap_or_default().before(&sentence),
        })
    }
}

impl Ranking {
    /// Ranks subjects and says why the first of them are flagged.
    pub fn of(judged: Judged<'_>) -> Ranking {
        let mut ranking = Ranking::in_order(judged);
        ranking.describe(judged, MAX_RANKED);
        ranking
    }

    /// Ranks subjects; nothing is said of them yet.
    pub fn in_order(judged: Judged<'_>) -> Ranking {
        let n_subjects = judged.rows_of_subject.len();
        let worst = |subject: usize| judged.worst(subject);
        let highest: Vec<f64> = (0..n_subjects)
            .map(|subject| worst(subject).map_or(f64::NEG_INFINITY, |row| judged.scores[row]))
            .collect();
        let lanes = order::descending(&highest).into_iter().map(|subject| subject as u32);
        let lanes: Vec<u32> =
            lanes.filter(|&subject| !judged.rows_of_subject.rows(subject as usize).is_empty()).collect();
        let is_flagged = |subject: u32| worst(subject as usize).is_some_and(|row| judged.flags[row] != 0);
        let n_flagged = lanes.partition_point(|&subject| is_flagged(subject));
        Ranking { lanes, n_flagged, flagged: Vec::new() }
    }

    /// Says why the next `n` subjects are flagged; whether that is all that is said.
    pub fn describe(&mut self, judged: Judged<'_>, n: usize) -> bool {
        let n_said = self.flagged.len();
        let end = self.n_flagged.min(MAX_RANKED);
        let next = &self.lanes[n_said..end.min(n_said + n)];
        self.flagged.extend(next.iter().filter_map(|&subject| judged.ranked(subject)));
        self.flagged.len() >= end
    }
}
