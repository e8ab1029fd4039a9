//! The way from a table to a matrix, in steps of a few milliseconds.

use super::cut::Cut;
use super::measure::{Block, Events, Log, Measure, NO_TIME};
use super::names::make_names_differ;
use super::novelty::Novel;
use super::ready::ReadyColumns;
use super::subjects::{Axes, Subjects};
use super::table::RecordColumns;
use super::{Feature, FeatureMatrix, RowUnit, activity, login, own, session, user_day};
use crate::engine::error::{Error, Result};
use crate::engine::finding::{Finding, Findings};
use crate::engine::host::{Progress, Stage};
use crate::engine::plan::{Plan, Recipe};
use crate::engine::table::{Groups, Table};
use crate::engine::time;
use crate::engine::time::zone::WallClock;
use ndarray::Array2;
use std::ops::Range;

/// Events after which a step ends, at the next subject: one to three milliseconds.
const EVENTS_PER_STEP: usize = 16_384;

/// Values of a matrix of records, at most: 1.25 GiB. The table, and some numbers for each row, are there too, in the 4 GiB
/// that a tab gives.
const MAX_VALUES: usize = 5 << 25;

/// Builds a [`FeatureMatrix`] subject by subject.
///
/// Every call takes the table the job was made for. A step works on whole subjects, so a subject with most of the
/// log's rows makes one long step.
#[derive(Debug)]
pub struct FeatureJob {
    measures: Vec<Box<dyn Measure>>,
    /// The first of `measures`, where the table has its features as columns.
    ready: Option<ReadyColumns>,
    features: Vec<Feature>,
    axes: Axes,
    cut: Cut,
    subjects: Subjects,
    /// Measures that have read what they have to.
    n_ready: usize,
    /// Units of that.
    n_read: u64,
    next_subject: usize,
    findings: Findings,
    // Grown row by row.
    values: Vec<f64>,
    subject_of_row: Vec<u32>,
    /// But where rows are subjects.
    start_of_row: Vec<i64>,
    /// Whether the log names no year.
    no_year: bool,
    /// But where rows are subjects: their rows are those of `subjects`.
    table_rows: Groups,
    scratch: Scratch,
}

/// What is kept of the subjects of a step while they are worked on.
#[derive(Debug, Default)]
struct Scratch {
    times: Vec<i64>,
    // Filled with a zone only; without one, the times are what the clock shows.
    local: Vec<i64>,
    days: Vec<i64>,
    in_order: Vec<(i64, u32)>,
    ends: Vec<usize>,
    order: Vec<u32>,
    /// See [`Block::cuts`].
    cuts: Vec<(u32, usize)>,
}

impl FeatureJob {
    /// Checks the plan against the table and groups the rows by subject.
    ///
    /// # Errors
    /// `parameter`, `no-such-column`, `missing-role` (what the recipe needs), `wrong-type` (the time column must hold
    /// times; outcome, amount and duration must be readable as such), `formula`, `too-few-rows` when no row can be used.
    pub fn new(table: &Table, plan: &Plan) -> Result<FeatureJob> {
        FeatureJob::of(table, plan, None)
    }

    /// The same for a model that knows these features: what else depends on what the table holds (which columns describe
    /// records, which actions have a share of their own, whether columns are features already) is as it was when they were
    /// made, however small the table. [`FeatureMatrix::with_features`] puts its matrix in their order.
    ///
    /// # Errors
    /// As [`FeatureJob::new`].
    pub fn of_known(table: &Table, plan: &Plan, known: &[Feature]) -> Result<FeatureJob> {
        FeatureJob::of(table, plan, Some(known))
    }

    fn of(table: &Table, plan: &Plan, known: Option<&[Feature]>) -> Result<FeatureJob> {
        plan.check(table)?;
        let axes = Axes::of_plan(table, plan)?;
        let cut = Cut::of_plan(table, plan)?;
        let mut findings = Findings::default();
        let subjects = Subjects::of(table, plan, axes, &mut findings)?;

        let ready = ReadyColumns::of_plan(table, plan, &subjects.rows, axes.time, known)?;
        let mut measures = match (&ready, plan.recipe) {
            (Some(_), _) => Vec::new(),
            (None, Recipe::Activity) => activity::measures(table, plan, known)?,
            (None, Recipe::UserDay) => user_day::measures(table, plan)?,
            (None, Recipe::Login) => login::measures(table, plan)?,
            (None, Recipe::Session) => session::measures(table, plan, known)?,
            (None, Recipe::Table) => RecordColumns::of_plan(table, plan, known, &mut findings)?,
        };
        if let Some(novelty) = plan.novelty.as_ref().filter(|novelty| novelty.enabled) {
            measures.push(Box::new(Novel::new(table, plan, novelty, matches!(cut, Cut::Record(_)))?));
        }
        let of_ready = ready.iter().flat_map(|ready| ready.features());
        let mut features: Vec<Feature> =
            of_ready.chain(measures.iter().flat_map(|measure| measure.features())).collect();
        make_names_differ(&mut features);
        for measure in own::measures(table, plan, &features)? {
            features.extend(measure.features());
            measures.push(measure);
        }
        // As many rows as subjects, unless these are cut: growing would take half as much again or more.
        let n_known_rows = match &cut {
            Cut::Subject => subjects.rows.len(),
            Cut::Record(_) => subjects.rows.n_rows(),
            Cut::Period(_) | Cut::Session(_) => 0,
        };
        if matches!(cut, Cut::Record(_)) {
            check_size(n_known_rows, features.len())?;
        }
        Ok(FeatureJob {
            values: Vec::with_capacity(n_known_rows * features.len()),
            subject_of_row: Vec::with_capacity(n_known_rows),
            measures,
            ready,
            features,
            axes,
            cut,
            subjects,
            n_ready: 0,
            n_read: 0,
            next_subject: 0,
            findings,
            start_of_row: Vec::new(),
            no_year: axes.time.is_some_and(|column| table.columns()[column].no_year()),
            table_rows: Groups::default(),
            scratch: Scratch::default(),
        })
    }

    /// The features, one per matrix column.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Works on the next subjects. Units of progress are subjects and, where measures read the whole log first, theirs.
    ///
    /// # Errors
    /// `wrong-type` when the table is not the one the job was made for.
    pub fn step(&mut self, table: &Table) -> Result<Progress> {
        let n_subjects = self.subjects.rows.len() as u64;
        if let Some((done, total)) = self.read_log(table)? {
            self.n_read = total;
            return Ok(Progress { stage: Stage::Features, done, total: total + n_subjects });
        }
        let clock =
            self.axes.time.map_or(WallClock::default(), |column| table.columns()[column].wall_clock());
        let subjects = self.next_subjects();
        self.next_subject = subjects.end;
        let Scratch { times, in_order, .. } = &mut self.scratch;
        let mut log = Log { table, axes: self.axes, subjects: &mut self.subjects, times, in_order };
        log.sorted(subjects.clone())?;
        self.read_clock(clock);
        self.cut_into_rows(table, clock, subjects.clone());
        self.measure_rows(table, clock, subjects);
        Ok(Progress {
            stage: Stage::Features,
            done: self.n_read + self.next_subject as u64,
            total: self.n_read + n_subjects,
        })
    }

    /// Whether every subject is done.
    pub fn is_done(&self) -> bool {
        self.next_subject == self.subjects.rows.len()
    }

    /// The matrix, and what was odd.
    ///
    /// # Panics
    /// If called before [`FeatureJob::is_done`].
    pub fn finish(mut self) -> (FeatureMatrix, Vec<Finding>) {
        assert!(self.is_done(), "{} of {} subjects", self.next_subject, self.subjects.rows.len());
        let width = self.features.len();
        let mut at = width - self.measures.iter().map(|measure| measure.features().len()).sum::<usize>();
        let mut new_values = None;
        for measure in &mut self.measures {
            let end = at + measure.features().len();
            measure.settle(&mut self.values, width, at, &self.subject_of_row);
            new_values = new_values.or_else(|| measure.new_values(&self.features[at..end]));
            at = end;
        }
        let limit = FeatureMatrix::MAX_MAGNITUDE;
        self.values.iter_mut().for_each(|value| *value = value.clamp(-limit, limit));
        let shape = (self.subject_of_row.len(), width);
        let values = Array2::from_shape_vec(shape, self.values).expect("every measure appends its features");
        let unit = self.cut.unit();
        let is_cut = unit != RowUnit::Subject;
        let table_rows = if is_cut { self.table_rows } else { self.subjects.rows };
        let matrix = FeatureMatrix {
            values,
            features: self.features,
            subjects: self.subjects.names,
            subject_of_row: self.subject_of_row,
            unit,
            start_of_row: (is_cut && self.axes.time.is_some()).then_some(self.start_of_row),
            no_year: self.no_year,
            table_rows,
            n_unused_rows: self.subjects.n_unused_rows,
            new_values,
        };
        (matrix, self.findings.into_vec())
    }

    /// Those of a step: as many as have so many events.
    fn next_subjects(&self) -> Range<usize> {
        let (mut end, mut n_events) = (self.next_subject, 0);
        while end < self.subjects.rows.len() && n_events < EVENTS_PER_STEP {
            n_events += self.subjects.rows.rows(end).len();
            end += 1;
        }
        self.next_subject..end
    }

    /// Lets measures read the log that have to; units done and in all, until `None`.
    fn read_log(&mut self, table: &Table) -> Result<Option<(u64, u64)>> {
        while self.n_ready < self.measures.len() {
            let Scratch { times, in_order, .. } = &mut self.scratch;
            let subjects = &mut self.subjects;
            let mut log = Log { table, axes: self.axes, subjects, times, in_order };
            let read = self.measures[self.n_ready].read_log(&mut log)?;
            if read.is_some() {
                return Ok(read);
            }
            self.n_ready += 1;
        }
        Ok(None)
    }

    /// What the clock shows at the subjects' times, where that is not the times themselves.
    fn read_clock(&mut self, clock: WallClock<'_>) {
        if clock.zone().is_none() {
            return;
        }
        let mut hand = clock.hand();
        let Scratch { times, local, days, .. } = &mut self.scratch;
        local.clear();
        local.extend(times.iter().map(|&ms| if ms == NO_TIME { ms } else { hand.local_ms(ms) }));
        days.clear();
        days.extend(times.iter().map(|&ms| if ms == NO_TIME { time::day_of(ms) } else { hand.day_of(ms) }));
    }

    /// Cuts the subjects' events into matrix rows.
    fn cut_into_rows(&mut self, table: &Table, clock: WallClock<'_>, subjects: Range<usize>) {
        let Scratch { times, local, days, ends, order, cuts, .. } = &mut self.scratch;
        cuts.clear();
        let mut start = 0;
        for subject in subjects {
            let rows = self.subjects.rows.rows_mut(subject);
            let at = start..start + rows.len();
            let times = &mut times[at.clone()];
            let mut shown = clock.zone().map(|_| (&mut local[at.clone()], &mut days[at.clone()]));
            let shown_now = shown.as_ref().map(|(local, days)| (&**local, &**days));
            self.cut.places(&events_of(table, subject as u32, rows, times, clock, shown_now), ends, order);
            if !order.is_empty() {
                put_in_order(rows, order);
                put_in_order(times, order);
                if let Some((local, days)) = &mut shown {
                    put_in_order(local, order);
                    put_in_order(days, order);
                }
            }
            cuts.extend(ends.iter().map(|&end| (subject as u32, start + end)));
            start = at.end;
        }
    }

    /// Measures the rows that the subjects' events were cut into.
    fn measure_rows(&mut self, table: &Table, clock: WallClock<'_>, subjects: Range<usize>) {
        let Scratch { times, local, days, cuts, .. } = &self.scratch;
        let rows = self.subjects.rows.rows_of(subjects);
        let block = Block { table, rows, cuts };
        self.measures.iter_mut().for_each(|measure| measure.read_block(&block));
        let shown = clock.zone().map(|_| (&local[..], &days[..]));
        let mut start = 0;
        for &(subject, end) in cuts {
            let row = events_of(table, subject, rows, times, clock, shown).between(start, end);
            if let Some(ready) = &mut self.ready {
                ready.measure(&row, &mut self.values);
            }
            self.measures.iter_mut().for_each(|measure| measure.measure(&row, &mut self.values));
            self.subject_of_row.push(subject);
            if let Some(start_ms) = self.cut.start_ms(&row) {
                self.start_of_row.push(start_ms);
                self.table_rows.push(row.rows);
            }
            start = end;
        }
    }
}

/// Events of a subject, or of several; `shown` is what the clock shows at their times, and the days, where there is a zone.
fn events_of<'a>(
    table: &'a Table,
    subject: u32,
    rows: &'a [u32],
    times: &'a [i64],
    clock: WallClock<'a>,
    shown: Option<(&'a [i64], &'a [i64])>,
) -> Events<'a> {
    let local = shown.map_or(times, |(local, _)| local);
    Events { table, subject, rows, times, clock, local, days: shown.map(|(_, days)| days) }
}

/// Refuses a matrix of records that would end the tab.
fn check_size(n_rows: usize, n_features: usize) -> Result<()> {
    let most = MAX_VALUES / n_features.max(1);
    if n_rows <= most {
        return Ok(());
    }
    let expected = format!(
        "one with fewer rows, or a sample of at most {most} records, each with {n_features} features"
    );
    Err(Error::parameter("recipe", &expected, format!("a row for each of {n_rows} records")))
}

fn put_in_order<T: Copy>(values: &mut [T], order: &[u32]) {
    let ordered: Vec<T> = order.iter().map(|&place| values[place as usize]).collect();
    values.copy_from_slice(&ordered);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_records_than_there_is_memory_for_are_refused_before_anything_is_computed() {
        assert!(check_size(13_000_000, 12).is_ok());
        let error = check_size(31_269_264, 12).unwrap_err();
        assert_eq!(error.code(), "parameter");
        assert!(error.to_string().contains("13981013") && error.to_string().contains("31269264"), "{error}");
    }
}
