//! When a session was, and how long after the one before.
//!
//! Sine and cosine put hours, weekdays and months on circles, where 23:00 lies beside 01:00 (as in `clock`): of an hour
//! `sin(2π h / 24)` with minutes as parts of it, of a weekday `sin(2π d / 7)` from Monday as 0, of a month
//! `sin(2π m / 12)` from January as 0. A time column of dates alone says nothing of hours, and no feature does then.

use crate::engine::features::clock::night_hours;
use crate::engine::features::measure::{Events, Measure, NO_TIME};
use crate::engine::features::{Feature, YES_NO};
use crate::engine::math;
use crate::engine::plan::{Parameters, shape};
use crate::engine::table::Table;
use crate::engine::time;
use std::collections::BTreeSet;
use std::f64::consts::TAU;

const MINUTE_MS: i64 = 60_000;
const MINUTES_A_DAY: i64 = 24 * 60;

/// Hour, weekday, month, work, night and weekend of sessions.
#[derive(Debug)]
pub(super) struct Start {
    /// Whether the times have hours.
    has_hours: bool,
    /// Whether they say which day of the week it was, which those without a year do not.
    knows_weekdays: bool,
    /// Whether a session is many events, of which some may be at night and others not.
    is_log: bool,
    night: [bool; 24],
    work: [bool; 24],
    /// From Monday.
    weekend: [bool; 7],
}

impl Start {
    pub fn new(parameters: &Parameters, has_hours: bool, knows_weekdays: bool, is_log: bool) -> Self {
        Start {
            has_hours,
            knows_weekdays,
            is_log,
            night: night_hours(parameters),
            work: std::array::from_fn(|hour| parameters.is_work(hour as u32)),
            weekend: std::array::from_fn(|day| parameters.weekend_days.contains(&(day as u8 + 1))),
        }
    }

    fn share(&self, name: &str, what: &str) -> Feature {
        match self.is_log {
            true => Feature::new(format!("{name}_share"), format!("share of activity {what}"), "")
                .with_formula(format!("events {what} ÷ events")),
            false => Feature::new(format!("is_{name}"), format!("whether it is a session {what}"), YES_NO)
                .with_formula(format!("1 {what}, else 0")),
        }
    }
}

/// Whether a time column shows times of day: it does not where every time is midnight.
pub(super) fn has_hours(table: &Table, time_column: usize) -> bool {
    let Ok(times) = shape::times(table, time_column) else { return false };
    let mut hand = table.columns()[time_column].wall_clock().hand();
    let usable = |row: &usize| shape::is_usable_time(table, time_column, times, *row);
    (0..table.n_rows()).filter(usable).any(|row| {
        let ms = times[row];
        ms.rem_euclid(time::DAY_MS) != 0 && hand.local_ms(ms).rem_euclid(time::DAY_MS) != 0
    })
}

/// The events that have a time.
pub(super) fn timed<'a>(events: &Events<'a>) -> Events<'a> {
    events.between(events.times.partition_point(|&ms| ms == NO_TIME), events.len())
}

/// First and last moment of a session, `None` where no event has a time.
pub(super) fn span(events: &Events<'_>) -> Option<(i64, i64)> {
    let times = timed(events).times;
    Some((*times.first()?, *times.last()?))
}

fn on_circle(part: f64) -> [f64; 2] {
    [math::sin(TAU * part), math::cos(TAU * part)]
}

impl Measure for Start {
    fn features(&self) -> Vec<Feature> {
        let mut features = Vec::new();
        let mut circle = |name: &str, meaning: &str, place: &str| {
            for (suffix, function) in [("sin", "sin"), ("cos", "cos")] {
                features.push(
                    Feature::new(format!("{name}_{suffix}"), meaning, "")
                        .with_formula(format!("{function}(2π · {place}")),
                );
            }
        };
        if self.has_hours {
            circle("hour", "time of day", "hour ÷ 24)");
        }
        if self.knows_weekdays {
            circle("weekday", "day of the week", "weekday ÷ 7), Monday 0");
        }
        circle("month", "time of year", "month ÷ 12), January 0");
        if self.has_hours {
            features.extend([self.share("night", "at night"), self.share("work", "in working hours")]);
        }
        if self.knows_weekdays {
            features.push(self.share("weekend", "on a weekend"));
        }
        features
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let n_features = 2 + 4 * usize::from(self.has_hours) + 3 * usize::from(self.knows_weekdays);
        let events = timed(events);
        if events.len() == 0 {
            values.extend((0..n_features).map(|_| f64::NAN));
            return;
        }
        let day = events.days().next().unwrap_or_default();
        if self.has_hours {
            let minute = events.local[0].div_euclid(MINUTE_MS).rem_euclid(MINUTES_A_DAY);
            values.extend(on_circle(minute as f64 / MINUTES_A_DAY as f64));
        }
        if self.knows_weekdays {
            values.extend(on_circle(f64::from(time::weekday_of(day)) / 7.0));
        }
        let (_, month, _) = time::civil_from_days(day);
        values.extend(on_circle(f64::from(month - 1) / 12.0));
        let n = events.len() as f64;
        if self.has_hours {
            for hours in [&self.night, &self.work] {
                let is_in = |ms: &&i64| hours[time::hour_of(**ms) as usize];
                values.push(events.local.iter().filter(is_in).count() as f64 / n);
            }
        }
        if self.knows_weekdays {
            let n_weekend = events.days().filter(|&day| self.weekend[time::weekday_of(day) as usize]).count();
            values.push(n_weekend as f64 / n);
        }
    }
}

/// `since_previous`: from the end of the user's last session that was over before to this one's start; missing where there
/// is none. Sessions of one moment have the same one before them.
#[derive(Debug, Default)]
pub(super) struct SincePrevious {
    subject: Option<u32>,
    /// Ends of the subject's sessions that were not over when the last one began.
    pending: BTreeSet<i64>,
    /// The latest end before that.
    latest: Option<i64>,
}

impl Measure for SincePrevious {
    fn features(&self) -> Vec<Feature> {
        vec![
            Feature::new("since_previous", "time since the user's previous session", "h")
                .with_formula("start - latest end before it of a session of the user"),
        ]
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        if self.subject != Some(events.subject) {
            self.subject = Some(events.subject);
            self.pending.clear();
            self.latest = None;
        }
        let Some((start, end)) = span(events) else {
            values.push(f64::NAN);
            return;
        };
        // Sessions come in order of their start, so one that is over now is over for all that come.
        while let Some(&end) = self.pending.first()
            && end < start
        {
            self.pending.pop_first();
            self.latest = Some(end);
        }
        values.push(self.latest.map_or(f64::NAN, |end| (start as f64 - end as f64) / time::HOUR_MS as f64));
        self.pending.insert(end);
    }
}
