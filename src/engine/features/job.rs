//! The way from a table to a matrix, in steps of a few milliseconds.

use super::measure::{Events, Measure};
use super::ready::ReadyColumns;
use super::{Feature, FeatureMatrix, RowUnit, activity, login, user_day};
use crate::engine::error::{Error, ErrorKind, Position, Result};
use crate::engine::finding::{Finding, FindingKind, Findings};
use crate::engine::host::{Progress, Stage};
use crate::engine::order;
use crate::engine::plan::{Plan, Recipe, Role, shape};
use crate::engine::table::{EntityCodes, Groups, Table};
use crate::engine::time;
use ndarray::Array2;

/// Events after which a step ends, at the next subject: one to three milliseconds.
const EVENTS_PER_STEP: usize = 16_384;

/// Builds a [`FeatureMatrix`] subject by subject.
///
/// Every call takes the table the job was made for. A step works on whole subjects, so a subject with most of the
/// log's rows makes one long step.
#[derive(Debug)]
pub struct FeatureJob {
    measures: Measures,
    features: Vec<Feature>,
    time_column: usize,
    by_day: bool,
    subject_names: Vec<String>,
    by_subject: Groups,
    next_subject: usize,
    n_unused_rows: usize,
    findings: Findings,
    // Grown row by row.
    values: Vec<f64>,
    subject_of_row: Vec<u32>,
    start_of_row: Vec<i64>,
    /// By day only.
    table_rows: Groups,
    // Scratch of one subject.
    times: Vec<i64>,
    // Filled with a zone only; without one, the times are what the clock shows.
    local: Vec<i64>,
    days: Vec<i64>,
    in_order: Vec<(i64, u32)>,
}

#[derive(Debug)]
enum Measures {
    Events(Vec<Box<dyn Measure>>),
    Ready(ReadyColumns),
}

impl FeatureJob {
    /// Checks the plan against the table and groups the rows by subject.
    ///
    /// # Errors
    /// `parameter`, `no-such-column`, `missing-role` (an entity and a time are needed), `wrong-type` (the time column
    /// must hold times; outcome, amount and duration must be readable as such), `too-few-rows` when no row has both
    /// an entity and a time.
    pub fn new(table: &Table, plan: &Plan) -> Result<FeatureJob> {
        plan.check(table)?;
        let entity_column = plan.required(Role::Entity, table)?;
        let time_column = plan.required(Role::Time, table)?;
        let times = shape::times(table, time_column)?;
        let clock = table.columns()[time_column].wall_clock();

        let codes = EntityCodes::of(table, entity_column);
        let mut by_subject = shape::rows_by_entity(table, &codes, time_column, times);
        // Only subjects with usable rows, so that every subject has a matrix row.
        let is_used = |code: &usize| !by_subject.rows(*code).is_empty();
        let mut subject_names = Vec::with_capacity((0..by_subject.len()).filter(is_used).count());
        subject_names
            .extend((0..by_subject.len()).filter(is_used).map(|code| codes.label(code as u32).into_owned()));
        by_subject.remove_empty();

        let n_used_rows = by_subject.n_rows();
        let n_unused_rows = table.n_rows() - n_used_rows;
        if n_used_rows == 0 {
            return Err(Error::new(ErrorKind::TooFewRows {
                step: format!(
                    "recipe {} on the columns \"{}\" and \"{}\"",
                    plan.recipe.name(),
                    table.columns()[entity_column].name(),
                    table.columns()[time_column].name()
                ),
                unit: "row with both",
                needed: 1,
                found: 0,
                remedy: "choose other columns for the roles entity and time",
            }));
        }
        let mut findings = Findings::default();
        if n_unused_rows > 0 {
            let is_unused = |row: &usize| {
                codes.get(*row).is_none() || !shape::is_usable_time(table, time_column, times, *row)
            };
            let first = (0..table.n_rows()).find(is_unused).unwrap_or(0);
            let at = table.position(first);
            findings.report_many(FindingKind::UnusableRecords, "", n_unused_rows as u64, at, || {
                format!(
                    "records without a value in \"{}\" or a time in \"{}\" were left out of the analysis",
                    table.columns()[entity_column].name(),
                    table.columns()[time_column].name()
                )
            });
        }

        // Four bytes a row where the column is none of categories.
        drop(codes);

        let measures = match plan.recipe {
            Recipe::Activity => Measures::Events(activity::measures(table, plan)?),
            Recipe::Login => match ReadyColumns::of_logins(table, plan, &by_subject)? {
                Some(ready) => Measures::Ready(ready),
                None => Measures::Events(login::measures(table, plan)?),
            },
            Recipe::Session | Recipe::Table => {
                return Err(Error::parameter("recipe", "activity, user-day or login", plan.recipe.name()));
            }
            Recipe::UserDay => match ReadyColumns::of_plan(table, plan, &by_subject, times, clock)? {
                Some(ready) => Measures::Ready(ready),
                None => Measures::Events(user_day::measures(table, plan)?),
            },
        };
        let features = match &measures {
            Measures::Events(measures) => measures.iter().flat_map(|measure| measure.features()).collect(),
            Measures::Ready(ready) => ready.features(),
        };
        let by_day = plan.recipe == Recipe::UserDay;
        // As many rows as subjects, unless these are cut into days: growing would take half as much again or more.
        let n_known_rows = if by_day { 0 } else { by_subject.len() };
        Ok(FeatureJob {
            values: Vec::with_capacity(n_known_rows * features.len()),
            subject_of_row: Vec::with_capacity(n_known_rows),
            measures,
            features,
            time_column,
            by_day,
            subject_names,
            by_subject,
            next_subject: 0,
            n_unused_rows,
            findings,
            start_of_row: Vec::new(),
            table_rows: Groups::default(),
            times: Vec::new(),
            local: Vec::new(),
            days: Vec::new(),
            in_order: Vec::new(),
        })
    }

    /// Works on the next subjects. Units of progress are subjects.
    ///
    /// # Errors
    /// `wrong-type` when the table is not the one the job was made for.
    pub fn step(&mut self, table: &Table) -> Result<Progress> {
        let times = shape::times(table, self.time_column)?;
        let clock = table.columns()[self.time_column].wall_clock();
        let mut hand = clock.hand();
        let mut n_events = 0;
        while !self.is_done() && n_events < EVENTS_PER_STEP {
            let subject = self.next_subject;
            self.sort_subject(subject, times);
            n_events += self.times.len();
            let has_zone = clock.zone().is_some();
            if has_zone {
                self.local.clear();
                self.local.extend(self.times.iter().map(|&ms| hand.local_ms(ms)));
                self.days.clear();
                self.days.extend(self.times.iter().map(|&ms| hand.day_of(ms)));
            }
            let local = if has_zone { &self.local } else { &self.times };
            let days = has_zone.then_some(&self.days);
            let day_at = |place: usize| days.map_or_else(|| time::day_of(local[place]), |days| days[place]);
            let mut start = 0;
            while start < self.times.len() {
                let mut end = self.times.len();
                if self.by_day {
                    end = (start + 1..end).find(|&place| day_at(place) != day_at(start)).unwrap_or(end);
                }
                let rows = &self.by_subject.rows(subject)[start..end];
                let events = Events {
                    table,
                    rows,
                    times: &self.times[start..end],
                    clock,
                    local: &local[start..end],
                    days: days.map(|days| &days[start..end]),
                };
                match &mut self.measures {
                    Measures::Events(measures) => {
                        measures.iter_mut().for_each(|measure| measure.measure(&events, &mut self.values));
                    }
                    Measures::Ready(ready) => ready.measure(&events, &mut self.values),
                }
                self.subject_of_row.push(subject as u32);
                if self.by_day {
                    self.start_of_row.push(day_at(start) * time::DAY_MS);
                    self.table_rows.push(rows);
                }
                start = end;
            }
            self.next_subject += 1;
        }
        Ok(Progress {
            stage: Stage::Features,
            done: self.next_subject as u64,
            total: self.by_subject.len() as u64,
        })
    }

    /// Whether every subject is done.
    pub fn is_done(&self) -> bool {
        self.next_subject == self.by_subject.len()
    }

    /// The matrix, and what was odd.
    ///
    /// # Panics
    /// If called before [`FeatureJob::is_done`].
    pub fn finish(mut self, table: &Table) -> (FeatureMatrix, Vec<Finding>) {
        assert!(self.is_done(), "{} of {} subjects", self.next_subject, self.by_subject.len());
        let limit = FeatureMatrix::MAX_MAGNITUDE;
        self.values.iter_mut().for_each(|value| *value = value.clamp(-limit, limit));
        let shape = (self.subject_of_row.len(), self.features.len());
        let values = Array2::from_shape_vec(shape, self.values).expect("every measure appends its features");
        // Without days, the rows of a subject are those of its matrix row.
        let table_rows = if self.by_day { self.table_rows } else { self.by_subject };
        if let Measures::Ready(ready) = &self.measures {
            ready.report(table, &table_rows, &mut self.findings);
        }
        if values.nrows() > 1 {
            for (feature, column) in self.features.iter().zip(values.columns()) {
                if column.iter().all(|value| *value == column[0]) {
                    self.findings.report(
                        FindingKind::ConstantFeature,
                        &feature.name,
                        Position::default(),
                        || {
                            format!(
                                "feature \"{}\" is {} for every row; it cannot tell rows apart",
                                feature.name, column[0]
                            )
                        },
                    );
                }
            }
        }
        let matrix = FeatureMatrix {
            values,
            features: self.features,
            subjects: self.subject_names,
            subject_of_row: self.subject_of_row,
            unit: if self.by_day { RowUnit::Day } else { RowUnit::Subject },
            start_of_row: self.by_day.then_some(self.start_of_row),
            table_rows,
            n_unused_rows: self.n_unused_rows,
        };
        (matrix, self.findings.into_vec())
    }

    /// Puts a subject's rows into time order, equal times in file order, and its times beside them.
    fn sort_subject(&mut self, subject: usize, times: &[i64]) {
        let rows = self.by_subject.rows_mut(subject);
        self.times.clear();
        self.times.extend(rows.iter().map(|&row| times[row as usize]));
        if self.times.is_sorted() {
            return;
        }
        self.in_order.clear();
        self.in_order.extend(self.times.iter().copied().zip(rows.iter().copied()));
        order::sort_keyed(&mut self.in_order);
        for (place, &(ms, row)) in self.in_order.iter().enumerate() {
            self.times[place] = ms;
            rows[place] = row;
        }
    }
}
