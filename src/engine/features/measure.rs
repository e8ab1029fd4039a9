//! What a recipe is made of: measures, each turning one entity's events into a few numbers.

use super::Feature;
use super::novelty::NewValues;
use super::subjects::{Axes, Subjects};
use crate::engine::error::Result;
use crate::engine::order;
use crate::engine::plan::shape;
use crate::engine::table::Table;
use crate::engine::time;
use crate::engine::time::zone::WallClock;
use std::ops::Range;

/// The time of an event that has none, in tables that need none.
pub(super) const NO_TIME: i64 = i64::MIN;

/// Events of one matrix row, in time order; never empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Events<'a> {
    /// The table.
    pub table: &'a Table,
    /// Whose they are. Rows of a subject follow each other, in time order.
    pub subject: u32,
    /// Table rows, equal times in file order.
    pub rows: &'a [u32],
    /// Milliseconds since the epoch, one per row, ascending; [`NO_TIME`] where an event has none.
    pub times: &'a [i64],
    /// The clock that the log is read by.
    pub clock: WallClock<'a>,
    /// What it shows at those times, milliseconds since 1970-01-01T00:00:00 of that clock; goes back where the
    /// clock does.
    pub local: &'a [i64],
    /// The days they are counted to, where those do not follow from `local` alone.
    pub days: Option<&'a [i64]>,
}

impl Events<'_> {
    /// Days since 1970-01-01 that the events are counted to, ascending.
    pub fn days(&self) -> impl Iterator<Item = i64> {
        (0..self.len()).map(|place| match self.days {
            Some(days) => days[place],
            None => time::day_of(self.local[place]),
        })
    }

    /// The hours of the clock they fall into, ascending: the hour since 1970-01-01 and how far the clock is ahead of UTC
    /// there, so that an hour that is shown twice is two.
    pub fn hours(&self) -> impl Iterator<Item = (i64, i64)> {
        self.local
            .iter()
            .zip(self.times)
            .map(|(local_ms, ms)| (local_ms.div_euclid(time::HOUR_MS), local_ms - ms))
    }

    /// Those from one place up to, not including, another.
    pub fn between(&self, start: usize, end: usize) -> Self {
        Events {
            rows: &self.rows[start..end],
            times: &self.times[start..end],
            local: &self.local[start..end],
            days: self.days.map(|days| &days[start..end]),
            ..*self
        }
    }

    /// How many events.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

/// Events of several matrix rows that are measured next.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// The table.
    pub table: &'a Table,
    /// Table rows of the events, those of a matrix row side by side.
    pub rows: &'a [u32],
    /// Whose each matrix row is, and where its events end.
    pub cuts: &'a [(u32, usize)],
}

/// A whole log, for measures that read it before rows are measured.
#[derive(Debug)]
pub(super) struct Log<'a> {
    /// The table.
    pub table: &'a Table,
    /// What says whose a row is and when it was.
    pub axes: Axes,
    /// Who has which rows; a subject's are in file order or, once they were asked for, in that of time.
    pub subjects: &'a mut Subjects,
    /// Scratch: the times of the subjects that were asked for.
    pub times: &'a mut Vec<i64>,
    /// Scratch.
    pub in_order: &'a mut Vec<(i64, u32)>,
}

impl<'a> Log<'a> {
    /// Milliseconds by table row.
    ///
    /// # Errors
    /// `wrong-type` when the table is not the one the job was made for.
    pub fn times(&self) -> Result<&'a [i64]> {
        self.axes.time.map_or(Ok(&[][..]), |column| shape::times(self.table, column))
    }

    /// Rows of subjects that follow each other, each one's in order of time, equal times in file order, and those times;
    /// [`NO_TIME`] where a row has none.
    ///
    /// # Errors
    /// As [`Log::times`].
    pub fn sorted(&mut self, subjects: Range<usize>) -> Result<(&[u32], &[i64])> {
        let all = self.axes.time.map(|column| shape::times(self.table, column)).transpose()?;
        let Log { table, axes, subjects: all_subjects, times, in_order } = self;
        let groups = &mut all_subjects.rows;
        times.clear();
        let rows = groups.rows_of(subjects.clone()).iter().map(|&row| row as usize);
        match all {
            Some(all) if axes.needs_time => times.extend(rows.map(|row| all[row])),
            _ => times.extend(rows.map(|row| axes.time_of(table, all, row))),
        }
        let mut start = 0;
        for subject in subjects.clone() {
            let rows = groups.rows_mut(subject);
            let times = &mut times[start..start + rows.len()];
            start += rows.len();
            if !times.is_sorted() {
                in_order.clear();
                in_order.extend(times.iter().copied().zip(rows.iter().copied()));
                order::sort_keyed(in_order);
                for (place, &(ms, row)) in in_order.iter().enumerate() {
                    times[place] = ms;
                    rows[place] = row;
                }
            }
        }
        Ok((groups.rows_of(subjects), times))
    }

    /// The first and the last moment of rows that somebody has; both 0 where none has a time.
    ///
    /// # Errors
    /// As [`Log::times`].
    pub fn bounds_ms(&self) -> Result<(i64, i64)> {
        let all = self.axes.time.map(|column| shape::times(self.table, column)).transpose()?;
        let rows = (0..self.subjects.rows.len()).flat_map(|subject| self.subjects.rows.rows(subject));
        let (mut first, mut last) = (i64::MAX, NO_TIME);
        for &row in rows {
            let ms = self.axes.time_of(self.table, all, row as usize);
            first = first.min(if ms == NO_TIME { first } else { ms });
            last = last.max(ms);
        }
        Ok(if last == NO_TIME { (0, 0) } else { (first, last) })
    }
}

/// A few features that are measured together, in one sequential pass over an entity's events.
///
/// A measure may keep scratch memory between calls. What it gives depends on the events of the call alone or, if it is
/// one of running features, on them and the subject's earlier rows; never on what comes later, nor on the order of
/// events with equal times, but for running features, which take these in file order.
pub(super) trait Measure: std::fmt::Debug {
    /// What [`Measure::measure`] appends, in order.
    fn features(&self) -> Vec<Feature>;

    /// Reads the whole log before its first row is measured, a few milliseconds a call: units done and in all, until `None`
    /// says that there is nothing more to read.
    ///
    /// # Errors
    /// `wrong-type` when the table is not the one the job was made for.
    fn read_log(&mut self, _log: &mut Log<'_>) -> Result<Option<(u64, u64)>> {
        Ok(None)
    }

    /// Reads ahead what the events of the matrix rows have that are measured next, in this order.
    fn read_block(&mut self, _block: &Block<'_>) {}

    /// Appends one value per feature.
    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>);

    /// Fills in what only all rows say, when all are measured. `rows` are `width` values each, of which this measure's
    /// begin at `at`; `subjects` says whose each row is. Most measures leave nothing open.
    fn settle(&mut self, _rows: &mut [f64], _width: usize, _at: usize, _subjects: &[u32]) {}

    /// What was new in which row, when all are measured. `features` are those of this measure, under the names that the
    /// matrix gives them. Most measures know of nothing new.
    fn new_values(&mut self, _features: &[Feature]) -> Option<NewValues> {
        None
    }
}

/// How many runs of equal neighbours there are, and the length of the longest.
pub(super) fn runs<T: PartialEq>(values: impl Iterator<Item = T>) -> (usize, usize) {
    let (mut n_runs, mut longest, mut length) = (0, 0, 0);
    let mut previous = None;
    for value in values {
        if previous.as_ref() == Some(&value) {
            length += 1;
        } else {
            n_runs += 1;
            length = 1;
            previous = Some(value);
        }
        longest = longest.max(length);
    }
    (n_runs, longest)
}
