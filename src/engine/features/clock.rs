//! When an entity is active: time of day, day of week, night and weekend.
//!
//! Hours and weekdays lie on circles, so their moments are circular (Mardia and Jupp, *Directional Statistics*,
//! 2000, section 2.3): somebody active at 23:00 and 01:00 is active around midnight, not around noon. With `R` the
//! length of the mean of the unit vectors, the mean is their direction and the spread the angular deviation
//! `sqrt(2 (1 - R))` (Batschelet 1981), which is bounded, as units of the circle: 0 when all is at one time, at most
//! 5.4 h or 1.58 days when evenly spread. Times of day are taken to the minute.

use super::Feature;
use super::measure::{Events, Measure};
use crate::engine::math;
use crate::engine::plan::Parameters;
use crate::engine::time;
use std::collections::BTreeSet;
use std::f64::consts::TAU;

const MINUTES: usize = 24 * 60;
const MINUTE_MS: i64 = 60_000;

/// Below this resultant length there is no mean direction but that of rounding errors.
const NO_DIRECTION: f64 = 1e-9;
/// Means are whole multiples of this, so that rounding errors, which differ with the number of events, tell nobody apart
/// in a log of a single day.
const MEAN_STEP: f64 = 1e-9;
/// Below this, `1 - R` is rounding: all events at one point of the circle.
const NO_SPREAD: f64 = 1e-12;

/// Mean and spread of points on a circle of circumference `period`, in its units, from the sums of the sines and
/// cosines of `n` points. Mean in `[0, period)`; half the period where there is no mean direction.
fn circular_moments(sin_sum: f64, cos_sum: f64, n: f64, period: f64) -> (f64, f64) {
    let (sin_mean, cos_mean) = (sin_sum / n, cos_sum / n);
    let length = (sin_mean * sin_mean + cos_mean * cos_mean).sqrt();
    let mean = if length < NO_DIRECTION {
        period / 2.0
    } else {
        let mean = math::atan2(sin_mean, cos_mean) / TAU * period;
        // Rounded before the turn is taken off: midnight may lie just short of it.
        ((mean / MEAN_STEP).round() * MEAN_STEP).rem_euclid(period)
    };
    let lack = 1.0 - length;
    let spread = if lack < NO_SPREAD { 0.0 } else { (2.0 * lack).sqrt() / TAU * period };
    (mean, spread)
}

/// `hour_mean`, `hour_spread`, `weekday_mean`, `weekday_spread`, `night_share`, `weekend_share`.
#[derive(Debug)]
pub(super) struct Clock {
    /// Whether the times say which day of the week it was. Those without a year only say how far apart two days lie, so
    /// that the spread over the week is known, but not around which day, and not when it was weekend.
    knows_weekdays: bool,
    /// Sine and cosine of every minute of the day as an angle.
    minutes: Vec<(f64, f64)>,
    weekdays: Vec<(f64, f64)>,
    night: [bool; 24],
    weekend: [bool; 7],
    weekend_meaning: String,
}

impl Clock {
    /// Features for which the day of the week has to be known.
    pub const OF_WEEKDAYS: [&str; 2] = ["weekday_mean", "weekend_share"];

    pub fn new(parameters: &Parameters, knows_weekdays: bool) -> Self {
        let angles = |n: usize| {
            let angle = |i: usize| TAU * i as f64 / n as f64;
            (0..n).map(|i| (math::sin(angle(i)), math::cos(angle(i)))).collect()
        };
        Clock {
            knows_weekdays,
            minutes: angles(MINUTES),
            weekdays: angles(7),
            night: night_hours(parameters),
            weekend: std::array::from_fn(|weekday| parameters.weekend_days.contains(&(weekday as u8 + 1))),
            weekend_meaning: format!("share of activity on {}", days_in_words(&parameters.weekend_days)),
        }
    }
}

/// "Saturdays and Sundays".
fn days_in_words(days: &BTreeSet<u8>) -> String {
    const NAMES: [&str; 7] =
        ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];
    let names: Vec<&str> =
        days.iter().filter_map(|&day| NAMES.get(usize::from(day).wrapping_sub(1)).copied()).collect();
    match &names[..] {
        [] => "no day".to_owned(),
        [day] => (*day).to_owned(),
        [days @ .., last] => format!("{} and {last}", days.join(", ")),
    }
}

/// Which hours of the day are night.
pub(super) fn night_hours(parameters: &Parameters) -> [bool; 24] {
    std::array::from_fn(|hour| parameters.is_night(hour as u32))
}

/// Share of events in the hours that are night.
pub(super) fn night_share(events: &Events<'_>, night: &[bool; 24]) -> f64 {
    let n_night = events.local.iter().filter(|&&ms| night[time::hour_of(ms) as usize]).count();
    n_night as f64 / events.len() as f64
}

impl Measure for Clock {
    fn features(&self) -> Vec<Feature> {
        let mut features = vec![
            Feature::new("hour_mean", "usual time of day", "h")
                .with_formula("direction of the mean of times of day on the circle of 24 h"),
            Feature::new("hour_spread", "spread of activity over the day", "h")
                .with_formula("√(2 (1 − R)) of times of day, R the length of their mean on the circle"),
            Feature::new("weekday_spread", "spread of activity over the week", "d")
                .with_formula("√(2 (1 − R)) of weekdays, R the length of their mean on the circle"),
            Feature::new("night_share", "share of activity at night", "")
                .with_formula("events at night ÷ events"),
        ];
        if self.knows_weekdays {
            let [mean, share] = Clock::OF_WEEKDAYS;
            let mean = Feature::new(mean, "usual day of the week (0 Monday to 6 Sunday)", "")
                .with_formula("direction of the mean of weekdays on the circle of 7 days");
            features.insert(2, mean);
            let share = Feature::new(share, self.weekend_meaning.clone(), "")
                .with_formula("events on the days of the weekend ÷ events");
            features.push(share);
        }
        features
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let (mut sin_sum, mut cos_sum) = (0.0, 0.0);
        let (mut n_by_weekday, mut n_night) = ([0u32; 7], 0u32);
        for (&local_ms, day) in events.local.iter().zip(events.days()) {
            let minute = (local_ms.rem_euclid(time::DAY_MS) / MINUTE_MS) as usize;
            let (sin, cos) = self.minutes[minute];
            sin_sum += sin;
            cos_sum += cos;
            n_night += u32::from(self.night[minute / 60]);
            n_by_weekday[time::weekday_of(day) as usize] += 1;
        }
        let n = events.len() as f64;
        let (hour_mean, hour_spread) = circular_moments(sin_sum, cos_sum, n, 24.0);
        let weigh = |part: fn(&(f64, f64)) -> f64| -> f64 {
            self.weekdays.iter().zip(n_by_weekday).map(|(point, n)| part(point) * f64::from(n)).sum()
        };
        let (weekday_mean, weekday_spread) = circular_moments(weigh(|p| p.0), weigh(|p| p.1), n, 7.0);
        values.extend([hour_mean, hour_spread]);
        values.extend(self.knows_weekdays.then_some(weekday_mean));
        values.extend([weekday_spread, f64::from(n_night) / n]);
        if self.knows_weekdays {
            let is_free = n_by_weekday.iter().zip(self.weekend).filter(|(_, is_free)| *is_free);
            values.push(f64::from(is_free.map(|(n, _)| n).sum::<u32>()) / n);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: &[f64]) -> (f64, f64) {
        let angle = |h: &f64| TAU * h / 24.0;
        let sin_sum = hours.iter().map(|h| math::sin(angle(h))).sum();
        let cos_sum = hours.iter().map(|h| math::cos(angle(h))).sum();
        circular_moments(sin_sum, cos_sum, hours.len() as f64, 24.0)
    }

    #[test]
    fn around_midnight_is_not_around_noon() {
        let (mean, spread) = hours(&[23.0, 1.0]);
        assert!(!(1e-9..=24.0 - 1e-9).contains(&mean), "{mean}");
        assert!((spread - 1.0).abs() < 0.01, "two points an hour off the mean: {spread}");
    }

    #[test]
    fn one_point_has_no_spread_and_opposite_points_have_no_mean() {
        assert_eq!(hours(&[7.0]).1, 0.0);
        assert_eq!(hours(&[3.0, 15.0]).0, 12.0);
        let even: Vec<f64> = (0..24).map(f64::from).collect();
        let (mean, spread) = hours(&even);
        assert_eq!(mean, 12.0);
        assert!((spread - 2f64.sqrt() * 24.0 / TAU).abs() < 1e-9, "{spread}");
    }
}
