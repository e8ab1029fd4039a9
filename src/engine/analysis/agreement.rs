//! Where the detectors of an ensemble agree and where they do not.
//!
//! Everything is said of ranks: scores of unlike models lie otherwise even on one scale. A member's rows are ranked once and
//! kept, so that what it flags at another budget is one pass over them.

use super::Analysis;
use crate::engine::error::{Error, Result};
use crate::engine::explain::MemberScore;
use crate::engine::order;
use crate::engine::plan::DetectorName;
use serde::{Deserialize, Serialize};

/// One detector of an ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Which.
    pub name: DetectorName,
    /// What it gives each matrix row by itself.
    #[serde(skip_serializing, default)]
    pub scores: Vec<f64>,
}

/// How far members agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agreement {
    /// The members, in the order of the plan.
    pub members: Vec<DetectorName>,
    /// Rows that each may flag: the most abnormal ones by its own scores.
    pub budget: usize,
    /// Spearman's rank correlation of the scores of each two members; 1 with itself, and 0 where one of the two gives all rows
    /// the same.
    pub spearman: Vec<Vec<f64>>,
    /// Rows that both of two members flag; with itself, rows that it flags: fewer than the budget where the last ones tie.
    pub overlap: Vec<Vec<usize>>,
    /// By matrix row, how many members flag it.
    #[serde(skip_serializing, default)]
    pub votes: Vec<u8>,
}

/// Ranks of a member's rows: by row, twice the mean of the ranks, from 1, of all rows with its score.
pub(super) fn ranks(scores: &[f64]) -> Vec<u32> {
    let places = order::ascending(scores);
    let mut ranks = vec![0; scores.len()];
    let mut start = 0;
    for run in places.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let end = start + run.len();
        run.iter().for_each(|&row| ranks[row] = (start + 1 + end) as u32);
        start = end;
    }
    ranks
}

/// The rank above which at most `budget` rows lie, none of them tied with one that does not.
fn rank_above(ranks: &[u32], budget: usize) -> u32 {
    let n = ranks.len();
    let mut count_of = vec![0u32; 2 * n + 1];
    ranks.iter().for_each(|&rank| count_of[rank as usize] += 1);
    let mut n_above = 0;
    for (rank, &count) in count_of.iter().enumerate().rev() {
        n_above += count as usize;
        if n_above > budget {
            return rank as u32;
        }
    }
    0
}

fn spearman(a: &[u32], b: &[u32]) -> f64 {
    // Ranks have the same mean with ties and without.
    let mean = a.len() as f64 + 1.0;
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (&a, &b) in a.iter().zip(b) {
        let (a, b) = (f64::from(a) - mean, f64::from(b) - mean);
        both += a * b;
        of_a += a * a;
        of_b += b * b;
    }
    let of_both = of_a.sqrt() * of_b.sqrt();
    if of_both > 0.0 { (both / of_both).clamp(-1.0, 1.0) } else { 0.0 }
}

impl Analysis {
    /// How far the members of the ensemble agree when each flags its `budget` most abnormal rows; as many as are flagged now
    /// where no budget is given.
    ///
    /// # Errors
    /// `parameter` where there is but one detector, or the budget is more than half of the rows.
    pub fn agreement(&self, budget: Option<usize>) -> Result<Agreement> {
        if self.members.is_empty() {
            let expected = "several detectors, whose agreement there is to tell of";
            return Err(Error::parameter("detector", expected, &self.plan.detector));
        }
        let n_rows = self.scores.len();
        if let Some(budget) = budget.filter(|&budget| budget > n_rows / 2) {
            let expected = format!("at most half of the {n_rows} rows");
            return Err(Error::parameter("budget", &expected, budget));
        }
        let n_flagged = self.flags.iter().filter(|&&flag| flag != 0).count();
        let budget = budget.unwrap_or(n_flagged);
        let ranks = self
            .member_ranks
            .get_or_init(|| self.members.iter().map(|member| self::ranks(&member.scores)).collect());
        let borders: Vec<u32> = ranks.iter().map(|ranks| rank_above(ranks, budget)).collect();
        let flags = |member: usize, row: usize| ranks[member][row] > borders[member];
        let all = 0..self.members.len();
        let pairs = |a: usize, b: usize| match a == b {
            true => 1.0,
            false => spearman(&ranks[a.min(b)], &ranks[a.max(b)]),
        };
        let shared = |a: usize, b: usize| (0..n_rows).filter(|&row| flags(a, row) && flags(b, row)).count();
        Ok(Agreement {
            members: self.members.iter().map(|member| member.name).collect(),
            budget,
            spearman: all.clone().map(|a| all.clone().map(|b| pairs(a, b)).collect()).collect(),
            overlap: all.clone().map(|a| all.clone().map(|b| shared(a, b)).collect()).collect(),
            votes: (0..n_rows)
                .map(|row| all.clone().filter(|&member| flags(member, row)).count() as u8)
                .collect(),
        })
    }

    /// What each member gives a row.
    pub(super) fn member_scores(&self, row: usize) -> Vec<MemberScore> {
        let score = |member: &Member| MemberScore { name: member.name, score: member.scores[row] };
        self.members.iter().map(score).collect()
    }
}
