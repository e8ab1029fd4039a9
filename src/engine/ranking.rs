//! Flagged subjects in order: the list a person reads first.
//!
//! A subject (a user) may have many rows (days, sessions, logins). It ranks by its most abnormal row, and its sentence speaks of all
//! its flagged rows.

use super::explain::{self, Baselines};
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

/// Ranks subjects. `rows_of_subject` groups matrix rows by subject; every subject has at least one.
pub fn rank(
    matrix: &FeatureMatrix,
    rows_of_subject: &Groups,
    scores: &[f64],
    flags: &[u8],
    severity: &[u8],
    baselines: &Baselines,
) -> Ranking {
    let worst: Vec<Option<usize>> = (0..rows_of_subject.len())
        .map(|subject| {
            let rows = rows_of_subject.rows(subject).iter().map(|&row| row as usize);
            // The first of equal scores.
            rows.reduce(|best, row| if scores[row] > scores[best] { row } else { best })
        })
        .collect();
    let score_of = |subject: u32| worst[subject as usize].map_or(f64::NEG_INFINITY, |row| scores[row]);
    let highest: Vec<f64> = (0..worst.len() as u32).map(score_of).collect();
    let lanes = order::descending(&highest).into_iter().map(|subject| subject as u32);
    let lanes: Vec<u32> = lanes.filter(|&subject| worst[subject as usize].is_some()).collect();
    let is_flagged = |subject: u32| worst[subject as usize].is_some_and(|row| flags[row] != 0);
    let n_flagged = lanes.partition_point(|&subject| is_flagged(subject));

    let flagged = lanes[..n_flagged.min(MAX_RANKED)]
        .iter()
        .filter_map(|&subject| {
            let row = worst[subject as usize]?;
            let rows = rows_of_subject.rows(subject as usize);
            let flagged_rows: Vec<usize> =
                rows.iter().map(|&row| row as usize).filter(|&row| flags[row] != 0).collect();
            Some(Ranked {
                subject,
                name: matrix.subjects[subject as usize].clone(),
                row,
                score: scores[row],
                severity: flagged_rows.iter().map(|&row| severity[row]).max().unwrap_or(0),
                flagged_rows: flagged_rows.len(),
                rows: rows.len(),
                sentence: explain::subject_sentence(matrix, baselines, rows, &flagged_rows),
            })
        })
        .collect();
    Ranking { lanes, n_flagged, flagged }
}
