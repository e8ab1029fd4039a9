//! What is usual for the user itself and for its peers, beside what is for all.
//!
//! A user's own typical values are medians over its other rows (of a category, the most frequent label), flagged or not:
//! who always works at night does so usually. Where rows are events that are compared with what came before them
//! (sessions and logins with a time), they are those of the rows that began earlier; nothing looks into the future.
//!
//! Peers are users of the same group, the column of that role, by the last table row that says one. Their typical values
//! are medians over the group's rows that are not flagged. Events in order of time have none, for a whole group's median
//! knows the future.

use super::baselines::Baseline;
use crate::engine::error::Result;
use crate::engine::features::{FeatureMatrix, RowUnit};
use crate::engine::plan::{Plan, Role};
use crate::engine::table::{EntityCodes, Groups, Table};

/// Rows, and users of a group, without which nothing is usual.
const MIN_COMPARED: usize = 3;
/// Values read in one step, about.
const STEP_VALUES: usize = 1 << 17;
/// A user's rows that are compared with, at most: the ones nearest before, or about, the row.
const MAX_OWN_ROWS: usize = 1_000;

/// Typical values by feature, `NaN` where no row has one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Compared {
    /// Over the user's own other rows, where there are at least 3.
    pub user: Option<Vec<f64>>,
    /// Over the group's rows, where at least 3 users have one.
    pub peers: Option<Vec<f64>>,
}

/// What is usual in each group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Peers {
    /// By matrix row; none at all where there are no groups.
    group_of_row: Vec<Option<u32>>,
    /// By group, typical values by feature.
    typical: Vec<Option<Vec<f64>>>,
}

/// Whether rows are events that only the past is known of.
fn is_running(matrix: &FeatureMatrix) -> bool {
    matrix.start_of_row.is_some() && matches!(matrix.unit, RowUnit::Session | RowUnit::Record)
}

impl Peers {
    /// The groups of rows; what is usual there comes with [`Peers::fit`].
    ///
    /// # Errors
    /// `no-such-column`.
    pub fn of(table: &Table, plan: &Plan, matrix: &FeatureMatrix) -> Result<Peers> {
        let Some(column) = plan.column(Role::Group, table)?.filter(|_| !is_running(matrix)) else {
            return Ok(Peers::default());
        };
        let groups = EntityCodes::of(table, column);
        let group = |row: usize| {
            matrix.table_rows.rows(row).iter().rev().find_map(|&evidence| groups.get(evidence as usize))
        };
        let group_of_row = (0..matrix.n_rows()).map(group).collect();
        Ok(Peers { group_of_row, typical: vec![None; groups.n_codes()] })
    }

    /// What is usual in each group among rows that are not flagged.
    pub fn fit(&mut self, matrix: &FeatureMatrix, flags: &[u8]) {
        let mut fitting = self.fitting(flags);
        while !self.step(&mut fitting, matrix) {}
    }

    /// Begins to look what is usual, as [`Peers::fit`] does.
    pub fn fitting(&self, flags: &[u8]) -> PeersFitting {
        let group = |row: usize| self.group_of_row.get(row).copied().flatten().filter(|_| flags[row] == 0);
        let rows_of_group = Groups::by_code(self.group_of_row.len(), self.typical.len(), group);
        PeersFitting { rows_of_group, group: 0, typical: None }
    }

    /// Looks at some more features of groups; whether all are known.
    pub fn step(&mut self, fitting: &mut PeersFitting, matrix: &FeatureMatrix) -> bool {
        let mut n_read = 0;
        while fitting.group < self.typical.len() {
            if n_read >= STEP_VALUES {
                return false;
            }
            let rows = fitting.rows_of_group.rows(fitting.group);
            n_read += rows.len().max(1);
            let Some(typical) = &mut fitting.typical else {
                // A subject's rows are side by side.
                let subject = |row: &u32| matrix.subject_of_row[*row as usize];
                let n_subjects = rows.chunk_by(|a, b| subject(a) == subject(b)).count();
                if n_subjects >= MIN_COMPARED {
                    fitting.typical = Some(Vec::new());
                } else {
                    self.typical[fitting.group] = None;
                    fitting.group += 1;
                }
                continue;
            };
            if typical.len() < matrix.features.len() {
                typical.push(typical_value(matrix, rows, typical.len()));
            } else {
                self.typical[fitting.group] = fitting.typical.take();
                fitting.group += 1;
            }
        }
        true
    }
}

/// A look at what is usual in each group, under way.
#[derive(Debug)]
pub struct PeersFitting {
    rows_of_group: Groups,
    group: usize,
    /// Of that group, where it has enough users: the features that are known.
    typical: Option<Vec<f64>>,
}

impl Compared {
    /// What is usual for the user and the peers of a matrix row.
    pub fn of(matrix: &FeatureMatrix, rows_of_subject: &Groups, peers: &Peers, row: usize) -> Compared {
        let own = rows_of_subject.rows(matrix.subject_of_row[row] as usize);
        let all: Vec<usize> = (0..matrix.features.len()).collect();
        let group = peers.group_of_row.get(row).copied().flatten();
        Compared {
            peers: group.and_then(|group| peers.typical[group as usize].clone()),
            ..Compared::with_own(matrix, own, row, &all)
        }
    }

    /// What is usual for the user of a matrix row, whose rows are `own`, in some features; nothing is known of others.
    pub fn with_own(matrix: &FeatureMatrix, own: &[u32], row: usize, features: &[usize]) -> Compared {
        let rows = compared_rows(matrix, own, row);
        Compared {
            user: (rows.len() >= MIN_COMPARED).then(|| typical_values(matrix, &rows, features)),
            peers: None,
        }
    }

    /// The typical value for the user, if there is one.
    pub fn user(&self, feature: usize) -> Option<f64> {
        self.user.as_ref().map(|typical| typical[feature]).filter(|typical| !typical.is_nan())
    }

    /// The typical value for peers, if there is one.
    pub fn peers(&self, feature: usize) -> Option<f64> {
        self.peers.as_ref().map(|typical| typical[feature]).filter(|typical| !typical.is_nan())
    }
}

/// Those of a user's rows that one of them is compared with.
fn compared_rows(matrix: &FeatureMatrix, own: &[u32], row: usize) -> Vec<u32> {
    match &matrix.start_of_row {
        Some(starts) if is_running(matrix) => {
            let is_earlier = |&other: &u32| starts[other as usize] < starts[row];
            let earlier: Vec<u32> = own.iter().copied().filter(is_earlier).collect();
            earlier[earlier.len().saturating_sub(MAX_OWN_ROWS)..].to_vec()
        }
        _ => {
            let place = own.partition_point(|&other| (other as usize) < row);
            let first =
                place.saturating_sub(MAX_OWN_ROWS / 2).min(own.len().saturating_sub(MAX_OWN_ROWS + 1));
            let near = own[first..].iter().copied().take(MAX_OWN_ROWS + 1);
            near.filter(|&other| other as usize != row).collect()
        }
    }
}

/// The typical values of some features over rows; `NaN` for all others.
fn typical_values(matrix: &FeatureMatrix, rows: &[u32], features: &[usize]) -> Vec<f64> {
    let mut typical = vec![f64::NAN; matrix.features.len()];
    for &feature in features {
        typical[feature] = typical_value(matrix, rows, feature);
    }
    typical
}

fn typical_value(matrix: &FeatureMatrix, rows: &[u32], feature: usize) -> f64 {
    let values = rows.iter().map(|&row| matrix.values[[row as usize, feature]]).collect();
    Baseline::over(&matrix.features[feature], values).median
}
