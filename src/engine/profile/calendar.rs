//! Bins of round length over time, as a person would choose them.

use super::keys::{KeyKind, whole};
use super::numbers::Sorted;
use super::report::OverTime;
use crate::engine::table::Column;
use crate::engine::time::zone::WallClock;
use crate::engine::time::{DAY_MS, HOUR_MS, civil_from_days, days_from_civil};

/// Bins of rows over time at most.
pub(super) const MAX_BINS: usize = 200;

/// Lengths that divide a day, or are whole days, milliseconds.
const STEPS: [(i64, &str); 22] = [
    (1, "1 millisecond"),
    (10, "10 milliseconds"),
    (100, "100 milliseconds"),
    (1_000, "1 second"),
    (5_000, "5 seconds"),
    (10_000, "10 seconds"),
    (30_000, "30 seconds"),
    (60_000, "1 minute"),
    (2 * 60_000, "2 minutes"),
    (5 * 60_000, "5 minutes"),
    (10 * 60_000, "10 minutes"),
    (15 * 60_000, "15 minutes"),
    (30 * 60_000, "30 minutes"),
    (3_600_000, "1 hour"),
    (2 * 3_600_000, "2 hours"),
    (3 * 3_600_000, "3 hours"),
    (6 * 3_600_000, "6 hours"),
    (12 * 3_600_000, "12 hours"),
    (DAY_MS, "1 day"),
    (2 * DAY_MS, "2 days"),
    (WEEK_MS, "1 week"),
    (2 * WEEK_MS, "2 weeks"),
];
const WEEK_MS: i64 = 7 * DAY_MS;
/// The first Monday after 1970-01-01, at which weeks are counted from.
const MONDAY_MS: i64 = 4 * DAY_MS;
/// Longer steps, months. Those beyond a year are powers of ten of years.
const MONTHS: [(i64, &str); 4] = [(1, "1 month"), (3, "3 months"), (12, "1 year"), (120, "10 years")];

/// Edges of round bins over sorted milliseconds, and the length of a bin in words: the shortest length with at most
/// `max_bins` bins. Weeks begin on Mondays. Bins begin where the clock shows a round time, so that days are as long as it
/// makes them.
pub(super) fn edges(keys: &[u64], max_bins: usize, clock: WallClock<'_>) -> Option<(Vec<f64>, String)> {
    let (first_ms, last_ms) = (whole(*keys.first()?), whole(*keys.last()?));
    let (first, last) = (clock.local_ms(first_ms), clock.local_ms(last_ms));
    // Shorter bins are all as long, whatever the clock does.
    let ahead_ms = first.saturating_sub(first_ms);
    let moment = |local_ms: i128, step: i64| match i64::try_from(local_ms) {
        Ok(local_ms) if clock.zone().is_some() && step >= HOUR_MS => clock.start_ms(local_ms) as f64,
        _ => (local_ms - i128::from(ahead_ms)) as f64,
    };
    for (step, words) in STEPS {
        let origin = if step % WEEK_MS == 0 { MONDAY_MS } else { 0 };
        // In 128 bits, because the first moment may be far before the origin.
        let bin_of = |ms: i64| (i128::from(ms) - i128::from(origin)).div_euclid(i128::from(step));
        let last = if step < HOUR_MS { last_ms.saturating_add(ahead_ms) } else { last };
        let (from, to) = (bin_of(first), bin_of(last));
        if to - from < max_bins as i128 {
            let edge = |bin: i128| moment(bin * i128::from(step) + i128::from(origin), step);
            let mut edges: Vec<f64> = (from..=to + 1).map(edge).collect();
            // What the clock skipped has no length.
            edges.dedup();
            return Some((edges, words.to_owned()));
        }
    }
    let month_of = |ms: i64| {
        let (year, month, _) = civil_from_days(ms.div_euclid(DAY_MS));
        year * 12 + i64::from(month) - 1
    };
    let (first, last) = (month_of(first), month_of(last));
    let decades = (2..).map(|power| {
        let years = 10_i64.pow(power);
        (years * 12, format!("{years} years"))
    });
    let mut steps = MONTHS.iter().map(|&(months, words)| (months, words.to_owned())).chain(decades);
    let (step, words) =
        steps.find(|(step, _)| last.div_euclid(*step) - first.div_euclid(*step) < max_bins as i64)?;
    let edge = |bin: i64| {
        let months = bin * step;
        let day = days_from_civil(months.div_euclid(12), months.rem_euclid(12) as u32 + 1, 1);
        moment(i128::from(day) * i128::from(DAY_MS), DAY_MS)
    };
    Some(((first.div_euclid(step)..=last.div_euclid(step) + 1).map(edge).collect(), words))
}

/// Rows over time; `None` of no times.
pub(super) fn over_time(column: &Column, keys: &[u64], zoned: bool) -> Option<OverTime> {
    let (edges_ms, step) = edges(keys, MAX_BINS, column.wall_clock())?;
    let counts = Sorted { keys, kind: KeyKind::Whole }.counts(&edges_ms);
    let (name, no_year) = (column.name().to_owned(), column.no_year());
    Some(OverTime { column: name, step, edges_ms, counts, zoned, no_year })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::time::zone::Zone;

    fn bins(first: i64, last: i64) -> (String, Vec<i64>) {
        let key = |ms: i64| ms as u64 ^ (1 << 63);
        let (edges, words) = edges(&[key(first), key(last)], MAX_BINS, WallClock::default()).unwrap();
        (words, edges.into_iter().map(|edge| edge as i64).collect())
    }

    #[test]
    fn a_person_would_choose_the_same() {
        let day = |year, month, day| days_from_civil(year, month, day) * DAY_MS;
        for (first, last, words) in [
            (5, 5, "1 millisecond"),
            (day(2024, 1, 1), day(2024, 1, 1) + 150_000, "1 second"),
            (day(2024, 1, 1), day(2024, 1, 2), "10 minutes"),
            (day(2024, 1, 1), day(2024, 1, 8), "1 hour"),
            (day(2024, 1, 1), day(2024, 5, 1), "1 day"),
            (day(2021, 1, 1), day(2024, 1, 1), "1 week"),
            (day(2010, 1, 1), day(2024, 1, 1), "1 month"),
            (day(1970, 1, 1), day(2024, 1, 1), "1 year"),
            (i64::MIN, i64::MAX, "10000000 years"),
        ] {
            assert_eq!(bins(first, last).0, words);
        }
    }

    #[test]
    fn days_and_hours_are_those_of_the_clock() {
        let zone = Zone::new("Europe/Berlin", vec![(0, 3_600), (1_711_846_800_000, 7_200)]).unwrap();
        let clock = WallClock::new(Some(&zone));
        let key = |ms: i64| ms as u64 ^ (1 << 63);
        let bins = |first: i64, last: i64| {
            let (edges, words) = edges(&[key(first), key(last)], MAX_BINS, clock).unwrap();
            (
                words,
                edges.windows(2).map(|pair| (pair[1] - pair[0]) / 60_000.0).collect::<Vec<_>>(),
                edges[0] as i64,
            )
        };
        let midnight = clock.day_start_ms(days_from_civil(2024, 3, 1));
        let (words, lengths, first) = bins(midnight, midnight + 110 * DAY_MS);
        assert_eq!((words.as_str(), first, lengths.len()), ("1 day", midnight, 111));
        assert_eq!(lengths.iter().filter(|&&min| min == 23.0 * 60.0).count(), 1);
        let sunday = clock.day_start_ms(days_from_civil(2024, 3, 31));
        let (words, lengths, first) = bins(sunday, sunday + 6 * DAY_MS);
        assert_eq!((words.as_str(), first), ("1 hour", sunday));
        assert!(lengths.iter().all(|&min| min == 60.0) && lengths.len() == 145, "{lengths:?}");
        let (words, lengths, first) = bins(sunday, sunday + HOUR_MS * 20);
        assert_eq!((words.as_str(), first, lengths.len()), ("10 minutes", sunday, 121));
        assert!(lengths.iter().all(|&min| min == 10.0));
    }

    #[test]
    fn weeks_begin_on_mondays_and_months_on_their_first() {
        let (_, edges) = bins(days_from_civil(2021, 1, 1) * DAY_MS, days_from_civil(2024, 1, 1) * DAY_MS);
        assert!(edges.iter().all(|ms| crate::engine::time::weekday_of(ms / DAY_MS) == 0));
        let (_, edges) = bins(days_from_civil(2010, 2, 14) * DAY_MS, days_from_civil(2024, 1, 1) * DAY_MS);
        assert!(edges.iter().all(|ms| civil_from_days(ms / DAY_MS).2 == 1));
        assert_eq!(civil_from_days(edges[0] / DAY_MS), (2010, 2, 1));
    }
}
