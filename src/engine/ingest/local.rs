//! Times without a zone, read as local times of the zone that the caller names.
//!
//! They are taken to UTC when the column is whole, as the order of day and month, and years that are not written, may
//! be known only then. What was met on the way is kept: rows that name a zone themselves, and the first places where the
//! clock was being moved.

use super::times::RowSet;
use crate::engine::error::Position;
use crate::engine::finding::{FindingKind, Findings, Places};
use crate::engine::table::Validity;
use crate::engine::time::zone::{Local, Zone};
use std::ops::Range;
use std::sync::Arc;

/// What is known of the local times of a column under construction.
#[derive(Debug, Clone)]
pub(super) struct LocalTimes {
    pub(super) zone: Arc<Zone>,
    /// Rows whose text names a zone.
    pub(super) zoned: RowSet,
    /// First rows whose time the clock skipped, and showed twice.
    pub(super) skipped: Places,
    pub(super) twice: Places,
    /// Local times from and to which the clock is not moved.
    still: Range<i64>,
}

impl LocalTimes {
    pub(super) fn new(zone: Arc<Zone>) -> Self {
        LocalTimes {
            zone,
            zoned: RowSet::default(),
            skipped: Places::default(),
            twice: Places::default(),
            still: 0..0,
        }
    }

    /// Looks at a time without a zone, whose day is known.
    #[inline]
    pub(super) fn look<'a>(
        &mut self,
        local_ms: i64,
        position: impl FnOnce() -> Position,
        record: impl FnOnce() -> &'a [u8],
    ) {
        if self.still.contains(&local_ms) {
            return;
        }
        match self.zone.to_utc(local_ms) {
            Local::Once(_) => self.still = self.zone.still_around(local_ms),
            Local::Skipped(_) => self.skipped.add(position(), record),
            Local::Twice(_) => self.twice.add(position(), record),
        }
    }

    /// Takes the times to UTC, reports where the clock was being moved, and forgets the rows.
    pub(super) fn take_to_utc(
        &mut self,
        ms: &mut [i64],
        validity: &Validity,
        column: &str,
        findings: &mut Findings,
    ) {
        let (mut still, mut ahead_ms) = (0..0, 0);
        let zoned = std::mem::take(&mut self.zoned);
        // How many, and the first row.
        let (mut skipped, mut twice) = ((0, 0), (0, 0));
        for (row, ms) in ms.iter_mut().enumerate() {
            if !validity.is_valid(row) || zoned.contains(row) {
                continue;
            }
            if still.contains(ms) {
                *ms -= ahead_ms;
                continue;
            }
            let local = self.zone.to_utc(*ms);
            let met = match local {
                Local::Once(utc_ms) => {
                    (still, ahead_ms) = (self.zone.still_around(*ms), *ms - utc_ms);
                    None
                }
                Local::Skipped(_) => Some(&mut skipped),
                Local::Twice(_) => Some(&mut twice),
            };
            if let Some((n, first)) = met {
                if *n == 0 {
                    *first = row;
                }
                *n += 1;
            }
            *ms = local.ms();
        }
        let zone = self.zone.name();
        let mut report = |kind, (n, row): (u64, usize), places: &mut Places, what: &str| {
            if n == 0 {
                return;
            }
            let message = || format!("column \"{column}\": {what}");
            let places = std::mem::take(places);
            if places.n() > 0 {
                findings.report_places(kind, column, n, places, message);
            } else {
                // Dates that were settled only at the end have left no place but their row.
                let at = Position { record: row as u64 + 1, ..Position::default() };
                findings.report_many(kind, column, n, at, message);
            }
        };
        let gap = format!(
            "local times that clocks in {zone} never showed, as they were put forward; taken as much later as the clocks \
             were moved"
        );
        report(FindingKind::NonexistentTime, skipped, &mut self.skipped, &gap);
        let overlap = format!(
            "local times that clocks in {zone} showed twice, as they were put back; taken as the earlier of the two"
        );
        report(FindingKind::AmbiguousTime, twice, &mut self.twice, &overlap);
    }
}
