//! Whose events are whose: rows of the table side by side for each subject.

use super::measure::NO_TIME;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::finding::{FindingKind, Findings};
use crate::engine::plan::{Plan, Recipe, Role, shape};
use crate::engine::table::{EntityCodes, Groups, Table};

/// The columns that say whose a row is and when it was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axes {
    /// Without one every record is a subject of its own.
    pub entity: Option<usize>,
    /// Without one, rows stay in file order.
    pub time: Option<usize>,
    /// Whether rows without a time cannot be used.
    pub needs_time: bool,
}

impl Axes {
    /// As a plan's recipe needs them.
    ///
    /// # Errors
    /// `no-such-column`, `missing-role`, and `wrong-type` for a time column without times.
    pub fn of_plan(table: &Table, plan: &Plan) -> Result<Axes> {
        let (entity, time, needs_time) = match plan.recipe {
            Recipe::Activity | Recipe::UserDay | Recipe::Login => {
                (Some(plan.required(Role::Entity, table)?), Some(plan.required(Role::Time, table)?), true)
            }
            Recipe::Session => {
                let entity = match plan.column(Role::Entity, table)? {
                    Some(entity) => Some(entity),
                    // A record without the name of its session is a session all the same.
                    None => plan.column(Role::Session, table)?.filter(|&session| {
                        table.columns()[session].validity().n_missing() == 0
                            || !shape::is_one_row_each(table, session)
                    }),
                };
                (entity, plan.column(Role::Time, table)?, false)
            }
            // Each record is a subject of its own, whoever it is about, and its times are features like others.
            Recipe::Table => (None, None, false),
        };
        if let Some(time) = time {
            shape::times(table, time)?;
        }
        Ok(Axes { entity, time, needs_time })
    }

    /// The time of a row, [`NO_TIME`] where it has none that a calendar can hold.
    pub fn time_of(&self, table: &Table, times: Option<&[i64]>, row: usize) -> i64 {
        match (self.time, times) {
            (Some(column), Some(times))
                if self.needs_time || shape::is_usable_time(table, column, times, row) =>
            {
                times[row]
            }
            _ => NO_TIME,
        }
    }
}

/// Subjects and their rows.
#[derive(Debug)]
pub(super) struct Subjects {
    /// In order of first appearance; only those with a row that can be used.
    pub names: Vec<String>,
    /// Rows of each, in file order.
    pub rows: Groups,
    /// Rows that nobody has.
    pub n_unused_rows: usize,
}

impl Subjects {
    /// Groups the rows of a table. Those that cannot be used are a finding.
    ///
    /// # Errors
    /// `too-few-rows` when none can be used.
    pub fn of(table: &Table, plan: &Plan, axes: Axes, findings: &mut Findings) -> Result<Subjects> {
        let Some(entity) = axes.entity else { return Subjects::each_alone(table, plan) };
        let codes = EntityCodes::of(table, entity);
        let times = axes.time.map(|time| shape::times(table, time)).transpose()?;
        let is_used = |row: usize| match (axes.time, times) {
            (Some(time), Some(times)) if axes.needs_time => shape::is_usable_time(table, time, times, row),
            _ => true,
        };
        // Mostly all rows are, and then none has to be looked at twice.
        let is_complete =
            table.columns()[entity].validity().n_missing() == 0 && (0..table.n_rows()).all(is_used);
        let (n_rows, n_codes, all_codes) = (table.n_rows(), codes.n_codes(), codes.codes());
        let mut rows = match is_complete {
            true => Groups::by_code(n_rows, n_codes, |row| Some(all_codes.get(row))),
            false => Groups::by_code(n_rows, n_codes, |row| codes.get(row).filter(|_| is_used(row))),
        };
        // Only subjects with usable rows, so that every subject has a matrix row.
        let has_rows = |code: &usize| !rows.rows(*code).is_empty();
        let mut names = Vec::with_capacity((0..rows.len()).filter(has_rows).count());
        names.extend((0..rows.len()).filter(has_rows).map(|code| codes.label(code as u32).into_owned()));
        rows.remove_empty();

        let n_unused_rows = table.n_rows() - rows.n_rows();
        let name = |column: usize| table.columns()[column].name();
        if rows.n_rows() == 0 {
            return Err(no_rows(match axes.time {
                Some(time) => format!(
                    "recipe {} on the columns \"{}\" and \"{}\"",
                    plan.recipe.name(),
                    name(entity),
                    name(time)
                ),
                None => format!("recipe {} on the column \"{}\"", plan.recipe.name(), name(entity)),
            }));
        }
        if n_unused_rows > 0 {
            let is_unused = |row: &usize| codes.get(*row).is_none() || !is_used(*row);
            let first = (0..table.n_rows()).find(is_unused).unwrap_or(0);
            let at = table.position(first);
            findings.report_many(FindingKind::UnusableRecords, "", n_unused_rows as u64, at, || {
                let lacking = match axes.time.filter(|_| axes.needs_time) {
                    Some(time) => format!("a value in \"{}\" or a time in \"{}\"", name(entity), name(time)),
                    None => format!("a value in \"{}\"", name(entity)),
                };
                format!("records without {lacking} were left out of the analysis")
            });
        }
        Ok(Subjects { names, rows, n_unused_rows })
    }

    /// Every record is a subject, named by the value of the plan's entity, with the record's number where others have the
    /// same; `record 12` where it has none. Of several files, numbers begin anew, so those behind the first are named too.
    fn each_alone(table: &Table, plan: &Plan) -> Result<Subjects> {
        if table.n_rows() == 0 {
            return Err(no_rows(format!("recipe {}", plan.recipe.name())));
        }
        let number = |row: usize| match table.position(row) {
            // Rows that were added up are no records.
            position if position.record == 0 => format!("record {}", row + 1),
            position if position.file == 0 => format!("record {}", position.record),
            position => format!("record {} of file {}", position.record, position.file + 1),
        };
        let codes = plan.column(Role::Entity, table)?.map(|column| EntityCodes::of(table, column));
        let mut n_rows_of = vec![0u32; codes.as_ref().map_or(0, |codes| codes.n_codes())];
        let code_of = |row: usize| codes.as_ref().and_then(|codes| codes.get(row));
        (0..table.n_rows()).filter_map(code_of).for_each(|code| n_rows_of[code as usize] += 1);
        let name = |row: usize| match (&codes, code_of(row)) {
            (Some(codes), Some(code)) if n_rows_of[code as usize] == 1 => codes.label(code).into_owned(),
            (Some(codes), Some(code)) => format!("{} {}", codes.label(code), number(row)),
            _ => number(row),
        };
        let names = (0..table.n_rows()).map(name).collect();
        let rows = Groups::by_code(table.n_rows(), table.n_rows(), |row| Some(row as u32));
        Ok(Subjects { names, rows, n_unused_rows: 0 })
    }
}

fn no_rows(step: String) -> Error {
    Error::new(ErrorKind::TooFewRows {
        step,
        unit: "row with both",
        needed: 1,
        found: 0,
        remedy: "choose other columns for the roles entity and time",
    })
}
