//! Times without a zone, read as local times of the zone that the caller names.
//!
//! They are taken to UTC when the column is whole, as the order of day and month, and years that are not written, may
//! be known only then. What was met on the way is kept: rows that name a zone themselves, and the first places where the
//! clock was being moved. Where it was depends on what is not known yet, so that is looked at in each way that may come
//! true: the day first or the month, and each leap year that the first year may turn out to be.

use super::times::RowSet;
use crate::engine::error::Position;
use crate::engine::finding::{FindingKind, Findings, Places};
use crate::engine::table::Validity;
use crate::engine::time::zone::{Local, Zone};
use crate::engine::time::{DAY_MS, civil_from_days, days_from_civil};
use std::ops::Range;
use std::sync::Arc;

/// Years by which times without a year may still move: to the next leap year, which is at most eight years away.
const N_MOVES: usize = 8;

/// What is known of the local times of a column under construction.
#[derive(Debug, Clone)]
pub(super) struct LocalTimes {
    pub(super) zone: Arc<Zone>,
    /// Rows whose text names a zone.
    pub(super) zoned: RowSet,
    /// Of times whose day is known.
    known: Met,
    /// Of dates that could be either, by separator: with the month first and with the day first.
    either: [[Met; 2]; 3],
    /// Of times without a year: as they are, and moved by one year and more.
    moved: [Met; N_MOVES],
}

/// First places where the clock was being moved, if something that is not known yet comes true.
#[derive(Debug, Clone, Default)]
pub(super) struct Met {
    /// Times that the clock skipped, and showed twice.
    pub(super) skipped: Places,
    pub(super) twice: Places,
    /// Local times from and to which the clock is not moved.
    still: Range<i64>,
}

impl Met {
    #[inline]
    fn look<'a>(
        &mut self,
        zone: &Zone,
        local_ms: i64,
        position: &impl Fn() -> Position,
        record: &impl Fn() -> &'a [u8],
    ) {
        if self.still.contains(&local_ms) {
            return;
        }
        match zone.to_utc(local_ms) {
            Local::Once(_) => self.still = zone.still_around(local_ms),
            Local::Skipped(_) => self.skipped.add_next(position, record),
            Local::Twice(_) => self.twice.add_next(position, record),
        }
    }

    fn merge(&mut self, other: Met) {
        self.skipped.merge(other.skipped);
        self.twice.merge(other.twice);
    }
}

impl LocalTimes {
    /// What slices tell: of known days, and of dates that could be either. Times without a year are not read in slices.
    pub(super) const N_SLICED: usize = 7;

    pub(super) fn new(zone: Arc<Zone>) -> Self {
        LocalTimes {
            zone,
            zoned: RowSet::default(),
            known: Met::default(),
            either: Default::default(),
            moved: Default::default(),
        }
    }

    /// Looks at a time without a zone, whose day is known.
    #[inline]
    pub(super) fn look<'a>(
        &mut self,
        local_ms: i64,
        position: &impl Fn() -> Position,
        record: &impl Fn() -> &'a [u8],
    ) {
        self.known.look(&self.zone, local_ms, position, record);
    }

    /// Looks at one whose date, read with the month first here, could be either.
    pub(super) fn look_either_way<'a>(
        &mut self,
        local_ms: i64,
        separator: usize,
        position: &impl Fn() -> Position,
        record: &impl Fn() -> &'a [u8],
    ) {
        let [month_first, day_first] = &mut self.either[separator];
        month_first.look(&self.zone, local_ms, position, record);
        let (year, month, day) = civil_from_days(local_ms.div_euclid(DAY_MS));
        let swapped_ms = days_from_civil(year, day, month) * DAY_MS + local_ms.rem_euclid(DAY_MS);
        day_first.look(&self.zone, swapped_ms, position, record);
    }

    /// Looks at one without a year, and `may_move` says whether its year may still become a later one.
    pub(super) fn look_without_year<'a>(
        &mut self,
        local_ms: i64,
        may_move: bool,
        position: &impl Fn() -> Position,
        record: &impl Fn() -> &'a [u8],
    ) {
        let (year, month, day) = civil_from_days(local_ms.div_euclid(DAY_MS));
        let n_ways = if may_move { N_MOVES } else { 1 };
        for (n_years, met) in self.moved.iter_mut().enumerate().take(n_ways) {
            let days = days_from_civil(year + n_years as i64, month, day);
            met.look(&self.zone, days * DAY_MS + local_ms.rem_euclid(DAY_MS), position, record);
        }
    }

    /// Times without a year turn out to be of so many years later.
    pub(super) fn move_years(&mut self, n_years: i64) {
        let moved = std::mem::take(&mut self.moved);
        self.moved[0] = moved.into_iter().nth(n_years as usize).unwrap_or_default();
    }

    /// What slices tell.
    pub(super) fn sliced(&self) -> impl Iterator<Item = &Met> {
        std::iter::once(&self.known).chain(self.either.as_flattened())
    }

    pub(super) fn sliced_mut(&mut self) -> impl Iterator<Item = &mut Met> {
        std::iter::once(&mut self.known).chain(self.either.as_flattened_mut())
    }

    /// What was met, now that the order of day and month is known for each separator; it is forgotten.
    fn take_met(&mut self, is_day_first: [bool; 3]) -> Met {
        let mut met = std::mem::take(&mut self.known);
        for (either, is_day_first) in self.either.iter_mut().zip(is_day_first) {
            let mut either = std::mem::take(either);
            met.merge(std::mem::take(&mut either[usize::from(is_day_first)]));
        }
        met.merge(std::mem::take(&mut self.moved[0]));
        met
    }

    /// Takes the times to UTC, reports where the clock was being moved, and forgets the rows. `is_day_first` says which
    /// of day and month was first for each separator.
    pub(super) fn take_to_utc(
        &mut self,
        ms: &mut [i64],
        validity: &Validity,
        is_day_first: [bool; 3],
        column: &str,
        findings: &mut Findings,
    ) {
        let (mut still, mut ahead_ms) = (0..0, 0);
        let zoned = std::mem::take(&mut self.zoned);
        let (mut n_skipped, mut n_twice) = (0, 0);
        for (row, ms) in ms.iter_mut().enumerate() {
            if !validity.is_valid(row) || zoned.contains(row) {
                continue;
            }
            if still.contains(ms) {
                *ms -= ahead_ms;
                continue;
            }
            let local = self.zone.to_utc(*ms);
            match local {
                Local::Once(utc_ms) => (still, ahead_ms) = (self.zone.still_around(*ms), *ms - utc_ms),
                Local::Skipped(_) => n_skipped += 1,
                Local::Twice(_) => n_twice += 1,
            }
            *ms = local.ms();
        }
        let Met { skipped, twice, .. } = self.take_met(is_day_first);
        let zone = self.zone.name();
        findings.report_places(FindingKind::NonexistentTime, column, n_skipped, skipped, || {
            format!(
                "column \"{column}\": local times that clocks in {zone} never showed, as they were put forward; taken as \
                 much later as the clocks were moved"
            )
        });
        findings.report_places(FindingKind::AmbiguousTime, column, n_twice, twice, || {
            format!(
                "column \"{column}\": local times that clocks in {zone} showed twice, as they were put back; taken as the \
                 earlier of the two"
            )
        });
    }
}
