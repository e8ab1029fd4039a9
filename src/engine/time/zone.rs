//! Time zones as data: what the clocks of a place showed, and when they were moved.
//!
//! The engine carries no zone database (a compiled one is 200 kB and ages): whoever hands a zone over gives its name and
//! transitions, in a browser from `Intl`. Where a clock was moved, a local time may name no moment or two. Both are
//! settled as RFC 5545, 3.3.5 does: in a gap the clock is read as if it had not been moved yet, which shifts the time
//! forward by the gap; of two moments it is the earlier.

use super::{DAY_MS, HOUR_MS, day_of};
use crate::engine::error::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A time zone between the first and the last moment that its transitions cover.
///
/// In JSON `{ "name": "Europe/Berlin", "transitions": [[utcMs, offsetSecs], ...] }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Spelled", into = "Spelled")]
pub struct Zone {
    name: String,
    /// Start in milliseconds UTC, and seconds that the clock is ahead of UTC from then on.
    transitions: Vec<(i64, i32)>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelled {
    name: String,
    transitions: Vec<(i64, i32)>,
}

/// Offsets stay within this many seconds; the largest on record is below 16 hours.
const MAX_OFFSET_SECS: i32 = 24 * 3600;

/// Moments lie within this many milliseconds of 1970, some 200,000 years.
const MAX_MS: i64 = 1 << 53;

/// What a local time names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local {
    /// One moment.
    Once(i64),
    /// None, as the clock skipped it: the moment as much later as the clock was moved.
    Skipped(i64),
    /// Two: the earlier.
    Twice(i64),
}

impl Local {
    /// The moment it was taken as, milliseconds UTC.
    pub fn ms(self) -> i64 {
        match self {
            Local::Once(ms) | Local::Skipped(ms) | Local::Twice(ms) => ms,
        }
    }
}

impl Zone {
    /// A zone from its name and transitions: each a moment in milliseconds UTC and the offset in seconds from then on,
    /// in ascending order. The first offset also holds before its moment.
    ///
    /// # Errors
    /// `options` for no transitions, transitions out of order or an offset of more than a day.
    pub fn new(name: impl Into<String>, transitions: Vec<(i64, i32)>) -> Result<Zone, Error> {
        let name = name.into();
        let refuse = |expected: &str, found: String| {
            let name = format!("zone \"{name}\"");
            Err(Error::new(ErrorKind::Options { name, expected: expected.into(), found }))
        };
        if transitions.is_empty() {
            return refuse("at least one transition, [utcMs, offsetSecs]", "none".into());
        }
        if let Some(pair) = transitions.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return refuse("transitions in ascending order", format!("{} before {}", pair[0].0, pair[1].0));
        }
        let is_odd = |&&(ms, offset): &&(i64, i32)| {
            ms.unsigned_abs() > MAX_MS as u64 || offset.unsigned_abs() > MAX_OFFSET_SECS as u32
        };
        if let Some((ms, offset)) = transitions.iter().find(is_odd) {
            let expected = "moments within 2^53 ms of 1970 and offsets within a day, 86400 s";
            return refuse(expected, format!("[{ms}, {offset}]"));
        }
        Ok(Zone { name, transitions })
    }

    /// The name, as `Europe/Berlin`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The last transition at or before a moment; the first for all before it.
    fn index_at(&self, utc_ms: i64) -> usize {
        self.transitions.partition_point(|&(ms, _)| ms <= utc_ms).saturating_sub(1)
    }

    /// Seconds that the clock is ahead of UTC at a moment.
    pub fn offset_secs(&self, utc_ms: i64) -> i32 {
        self.transitions[self.index_at(utc_ms)].1
    }

    /// What the clock shows at a moment, as milliseconds since 1970-01-01T00:00:00 of that clock.
    pub fn to_local(&self, utc_ms: i64) -> i64 {
        utc_ms.saturating_add(i64::from(self.offset_secs(utc_ms)) * 1_000)
    }

    /// The moment at which the clock shows a local time.
    pub fn to_utc(&self, local_ms: i64) -> Local {
        let offset_ms = |index: usize| i64::from(self.transitions[index].1) * 1_000;
        // The last change of the clock that the local time has reached, by the hand as it stood before.
        let reached = |index: usize| self.transitions[index].0 + offset_ms(index - 1) <= local_ms;
        let (mut low, mut high) = (0, self.transitions.len());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if reached(middle) { low = middle } else { high = middle }
        }
        let index = low;
        if index > 0 && local_ms < self.transitions[index].0 + offset_ms(index) {
            return Local::Skipped(local_ms.saturating_sub(offset_ms(index - 1)));
        }
        let ms = local_ms.saturating_sub(offset_ms(index));
        match self.transitions.get(index + 1) {
            // Shown again after the next change, which sets the clock back.
            Some(&(next, _)) if next + offset_ms(index + 1) <= local_ms => Local::Twice(ms),
            _ => Local::Once(ms),
        }
    }
}

impl Zone {
    /// Local times around one that is shown once, over which the clock is not moved: all are as far from UTC.
    pub fn still_around(&self, local_ms: i64) -> Range<i64> {
        let index = self.index_at(self.to_utc(local_ms).ms());
        let offset_ms = |index: usize| i64::from(self.transitions[index].1) * 1_000;
        let start = match index {
            0 => i64::MIN,
            _ => self.transitions[index].0 + offset_ms(index).max(offset_ms(index - 1)),
        };
        let end = match self.transitions.get(index + 1) {
            Some(&(next, _)) => next + offset_ms(index).min(offset_ms(index + 1)),
            None => i64::MAX,
        };
        start..end
    }
}

impl TryFrom<Spelled> for Zone {
    type Error = Error;

    fn try_from(spelled: Spelled) -> Result<Self, Error> {
        Zone::new(spelled.name, spelled.transitions)
    }
}

impl From<Zone> for Spelled {
    fn from(zone: Zone) -> Self {
        Spelled { name: zone.name, transitions: zone.transitions }
    }
}

/// The clock that a column of times is read by: days, hours and weekdays are those it shows.
///
/// Without a zone it is the column's own clock: the file's, or UTC where the file names offsets.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock<'a> {
    zone: Option<&'a Zone>,
    no_year: bool,
}

impl<'a> WallClock<'a> {
    /// The clock of a zone, or the column's own.
    pub fn new(zone: Option<&'a Zone>) -> Self {
        WallClock { zone, no_year: false }
    }

    /// The same for times whose year is one that was only assumed.
    pub fn without_year(self, no_year: bool) -> Self {
        WallClock { no_year, ..self }
    }

    /// Whether the year of times is one that was only assumed, and is not to be told.
    pub fn no_year(self) -> bool {
        self.no_year
    }

    /// The zone, if the clock is that of one.
    pub fn zone(self) -> Option<&'a Zone> {
        self.zone
    }

    /// What the clock shows at a moment.
    pub fn local_ms(self, ms: i64) -> i64 {
        self.zone.map_or(ms, |zone| zone.to_local(ms))
    }

    /// The day since 1970-01-01 that a moment is counted to: the date the clock shows. Where a clock is set back over
    /// midnight, the day begins when midnight is passed for good, so that days never go back.
    pub fn day_of(self, ms: i64) -> i64 {
        let Some(zone) = self.zone else { return day_of(ms) };
        let index = zone.index_at(ms);
        let local_ms =
            |ms: i64, index: usize| ms.saturating_add(i64::from(zone.transitions[index].1) * 1_000);
        let day = day_of(local_ms(ms, index));
        match zone.transitions.get(index + 1) {
            Some(&(next, _)) => day.min(day_of(local_ms(next.max(ms), index + 1))),
            None => day,
        }
    }

    /// Reads many times after each other, each at most a comparison as long as the clock is not moved between them.
    pub fn hand(self) -> Hand<'a> {
        let still = if self.zone.is_some() { 0..0 } else { i64::MIN..i64::MAX };
        Hand { zone: self.zone, still, offset_ms: 0, last_day: i64::MAX }
    }

    /// The first moment of a day.
    pub fn day_start_ms(self, day: i64) -> i64 {
        self.start_ms(day.saturating_mul(DAY_MS))
    }

    /// The moment from which the clock shows a local time or a later one, for good. Ascends with the local time.
    pub fn start_ms(self, local_ms: i64) -> i64 {
        let Some(zone) = self.zone else { return local_ms };
        match zone.to_utc(local_ms) {
            Local::Once(ms) => ms,
            // Skipped: the clock shows a later one as soon as it is moved.
            Local::Skipped(ms) => zone.transitions[zone.index_at(ms)].0,
            // Shown twice, and the second time counts.
            Local::Twice(ms) => zone
                .transitions
                .get(zone.index_at(ms) + 1)
                .map_or(ms, |&(next, offset)| local_ms.saturating_sub(i64::from(offset) * 1_000).max(next)),
        }
    }

    /// Length of a day in hours: 24, but for days on which the clock is moved.
    pub fn day_hours(self, day: i64) -> f64 {
        if self.zone.is_none() {
            return 24.0;
        }
        (self.day_start_ms(day + 1) - self.day_start_ms(day)) as f64 / HOUR_MS as f64
    }

    /// `2024-07-10T18:07:32+02:00`; without a zone as [`super::iso`], without a year as [`super::without_year`].
    pub fn text(self, ms: i64, zoned: bool) -> String {
        if self.no_year {
            return super::without_year(self.local_ms(ms), zoned && self.zone.is_none());
        }
        let Some(zone) = self.zone else { return super::iso(ms, zoned) };
        let offset = zone.offset_secs(ms);
        let sign = if offset < 0 { '-' } else { '+' };
        let size = offset.unsigned_abs();
        let mut text = super::iso(zone.to_local(ms), false);
        text.push_str(&format!("{sign}{:02}:{:02}", size / 3600, size / 60 % 60));
        if size % 60 != 0 {
            text.push_str(&format!(":{:02}", size % 60));
        }
        text
    }
}

/// A [`WallClock`] that remembers how it stood when it was last read.
#[derive(Debug, Clone)]
pub struct Hand<'a> {
    zone: Option<&'a Zone>,
    /// Moments at which the clock is as far ahead of UTC as it was.
    still: Range<i64>,
    offset_ms: i64,
    /// The last day that moments before the next move are counted to.
    last_day: i64,
}

impl Hand<'_> {
    /// See [`WallClock::local_ms`].
    #[inline]
    pub fn local_ms(&mut self, ms: i64) -> i64 {
        self.turn(ms);
        ms.saturating_add(self.offset_ms)
    }

    /// See [`WallClock::day_of`].
    #[inline]
    pub fn day_of(&mut self, ms: i64) -> i64 {
        day_of(self.local_ms(ms)).min(self.last_day)
    }

    #[inline]
    fn turn(&mut self, ms: i64) {
        if !self.still.contains(&ms)
            && let Some(zone) = self.zone
        {
            let index = zone.index_at(ms);
            let next = zone.transitions.get(index + 1);
            let start = if index == 0 { i64::MIN } else { zone.transitions[index].0 };
            self.still = start..next.map_or(i64::MAX, |&(ms, _)| ms);
            self.offset_ms = i64::from(zone.transitions[index].1) * 1_000;
            self.last_day =
                next.map_or(i64::MAX, |&(ms, offset)| day_of(ms.saturating_add(i64::from(offset) * 1_000)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::time::{days_from_civil, hour_of};
    use jiff::Timestamp;
    use jiff::civil::DateTime;
    use jiff::tz::{AmbiguousOffset, TimeZone};

    /// Zones north and south, with half hours, with changes at midnight, with a skipped day, without changes.
    const NAMES: [&str; 14] = [
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Australia/Sydney",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Chatham",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "Africa/Monrovia",
        "Asia/Beirut",
        "UTC",
    ];

    fn zone_of(name: &str) -> (Zone, TimeZone) {
        let judge = TimeZone::get(name).unwrap();
        let start = Timestamp::UNIX_EPOCH;
        let end = DateTime::constant(2100, 1, 1, 0, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let mut transitions = vec![(0, judge.to_offset(start).seconds())];
        for transition in judge.following(start).take_while(|transition| transition.timestamp() < end) {
            let offset = transition.offset().seconds();
            if transitions.last().is_some_and(|&(_, last)| last != offset) {
                transitions.push((transition.timestamp().as_millisecond(), offset));
            }
        }
        (Zone::new(name, transitions).unwrap(), judge)
    }

    /// What `jiff` says of a local time, settled in its "compatible" way.
    fn judged(judge: &TimeZone, local_ms: i64) -> Local {
        let civil = Timestamp::from_millisecond(local_ms).unwrap().to_zoned(TimeZone::UTC).datetime();
        let ambiguous = judge.to_ambiguous_timestamp(civil);
        let kind = ambiguous.offset();
        let ms = ambiguous.compatible().unwrap().as_millisecond();
        match kind {
            AmbiguousOffset::Unambiguous { .. } => Local::Once(ms),
            AmbiguousOffset::Gap { .. } => Local::Skipped(ms),
            AmbiguousOffset::Fold { .. } => Local::Twice(ms),
        }
    }

    #[test]
    fn local_times_and_moments_agree_with_jiff() {
        let mut rng = crate::engine::rng::Rng::new(11);
        for name in NAMES {
            let (zone, judge) = zone_of(name);
            let last = days_from_civil(2099, 12, 1) as u64 * DAY_MS as u64;
            let anywhere = (0..4_000).map(|_| rng.below(last) as i64 + 2 * DAY_MS).collect::<Vec<_>>();
            // Around each change to the second, and some minutes and hours off.
            let near = zone.transitions.iter().skip(1).flat_map(|&(ms, offset)| {
                [-7_200, -5_400, -3_601, -3_600, -1_800, -1, 0, 1, 1_799, 1_800, 3_599, 3_600, 7_200]
                    .map(|secs| ms + (i64::from(offset) + secs) * 1_000)
            });
            for ms in anywhere.into_iter().chain(near).filter(|ms| *ms > DAY_MS) {
                assert_eq!(
                    zone.to_utc(ms),
                    judged(&judge, ms),
                    "{name} local {}",
                    super::super::iso(ms, false)
                );
                let offset = judge.to_offset(Timestamp::from_millisecond(ms).unwrap());
                assert_eq!(zone.offset_secs(ms), offset.seconds(), "{name} at {ms}");
                assert_eq!(zone.to_local(ms) - ms, i64::from(offset.seconds()) * 1_000);
            }
        }
    }

    #[test]
    fn days_are_as_long_as_jiff_says_and_never_go_back() {
        for name in NAMES {
            let (zone, judge) = zone_of(name);
            let clock = WallClock::new(Some(&zone));
            for &(ms, _) in zone.transitions.iter().skip(1).filter(|(ms, _)| *ms > 3 * DAY_MS) {
                let days: Vec<i64> = (-26 * 60..26 * 60).map(|min| clock.day_of(ms + min * 60_000)).collect();
                let mut hand = clock.hand();
                for (place, &day) in days.iter().enumerate() {
                    let at = ms + (place as i64 - 26 * 60) * 60_000;
                    assert_eq!(
                        (hand.day_of(at), hand.local_ms(at)),
                        (day, clock.local_ms(at)),
                        "{name} {at}"
                    );
                }
                assert!(days.is_sorted(), "{name} around {ms}");
                for day in clock.day_of(ms) - 1..=clock.day_of(ms) + 1 {
                    let (start, end) = (clock.day_start_ms(day), clock.day_start_ms(day + 1));
                    // A day that a zone skipped has no moment.
                    if end > start {
                        assert_eq!(clock.day_of(start), day, "{name} {day}");
                        assert_eq!(clock.day_of(end - 1), day, "{name} {day}");
                        assert!(clock.day_of(start - 1) < day, "{name} {day}");
                    }
                    let civil = |day: i64| {
                        let ms = Timestamp::from_millisecond(day * DAY_MS).unwrap();
                        ms.to_zoned(TimeZone::UTC).datetime().date().to_zoned(judge.clone()).unwrap()
                    };
                    // Where midnight is passed twice, jiff begins the day at the first.
                    let passes_twice =
                        [day, day + 1].iter().any(|day| matches!(zone.to_utc(day * DAY_MS), Local::Twice(_)));
                    if !passes_twice {
                        let length = civil(day + 1).timestamp().duration_since(civil(day).timestamp());
                        assert_eq!(clock.day_hours(day) * 3600.0, length.as_secs_f64(), "{name} {day}");
                    }
                }
            }
        }
    }

    #[test]
    fn lengths_of_known_days() {
        for (name, (year, month, day), hours) in [
            ("Europe/Berlin", (2024, 3, 31), 23.0),
            ("Europe/Berlin", (2024, 10, 27), 25.0),
            ("Europe/Berlin", (2024, 7, 10), 24.0),
            ("Australia/Sydney", (2024, 4, 7), 25.0),
            ("Australia/Lord_Howe", (2024, 4, 7), 24.5),
            ("Australia/Lord_Howe", (2024, 10, 6), 23.5),
            ("Asia/Kolkata", (2024, 3, 31), 24.0),
            ("Pacific/Apia", (2011, 12, 30), 0.0),
        ] {
            let (zone, _) = zone_of(name);
            let clock = WallClock::new(Some(&zone));
            assert_eq!(
                clock.day_hours(days_from_civil(year, month, day)),
                hours,
                "{name} {year}-{month}-{day}"
            );
        }
    }

    #[test]
    fn without_a_zone_the_clock_is_that_of_the_column() {
        let clock = WallClock::default();
        for ms in [-1, 0, 1_720_627_652_000] {
            assert_eq!((clock.local_ms(ms), clock.day_of(ms)), (ms, day_of(ms)));
            assert_eq!(clock.text(ms, true), super::super::iso(ms, true));
        }
        assert_eq!((clock.day_start_ms(3), clock.day_hours(3)), (3 * DAY_MS, 24.0));
    }

    #[test]
    fn texts_name_the_offset() {
        let (berlin, _) = zone_of("Europe/Berlin");
        let clock = WallClock::new(Some(&berlin));
        assert_eq!(clock.text(1_720_627_652_000, true), "2024-07-10T18:07:32+02:00");
        assert_eq!(clock.without_year(true).text(1_720_627_652_000, true), "Jul 10 18:07:32");
        assert_eq!(hour_of(clock.local_ms(1_720_627_652_000)), 18);
        let liberia = Zone::new("Africa/Monrovia", vec![(0, -2_670)]).unwrap();
        assert_eq!(WallClock::new(Some(&liberia)).text(0, true), "1969-12-31T23:15:30-00:44:30");
    }

    #[test]
    fn zones_that_are_none_are_refused() {
        for (transitions, expected) in [
            ("[]", "at least one transition"),
            ("[[5, 0], [5, 3600]]", "ascending"),
            ("[[0, 90000]]", "within a day"),
        ] {
            let text = format!("{{\"name\": \"X/Y\", \"transitions\": {transitions}}}");
            let error = serde_json::from_str::<Zone>(&text).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("X/Y"), "{error}");
        }
        let (berlin, _) = zone_of("Europe/Berlin");
        let text = serde_json::to_string(&berlin).unwrap();
        assert_eq!(serde_json::from_str::<Zone>(&text).unwrap(), berlin);
    }
}
