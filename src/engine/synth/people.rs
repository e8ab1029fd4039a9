//! Invented people: their names and their habits.

use crate::engine::math;
use crate::engine::rng::Rng;
use crate::engine::time::{self, DAY_MS, HOUR_MS};

const FIRST: [&str; 40] = [
    "adam", "aisha", "amara", "anna", "ben", "boris", "carla", "chen", "clara", "david", "diego", "elena",
    "emil", "fatima", "felix", "grace", "hana", "henry", "ines", "ivan", "jana", "jonas", "kofi", "lara",
    "leo", "lucia", "maja", "marco", "mei", "nadia", "noah", "olga", "omar", "paula", "priya", "ravi",
    "sara", "tom", "vera", "yuki",
];
const LAST: [&str; 50] = [
    "abe", "adler", "baker", "bauer", "berg", "blanc", "braun", "castro", "cohen", "costa", "diaz", "dubois",
    "eriksen", "evans", "fischer", "fuchs", "garcia", "gruber", "haas", "hansen", "huber", "ito", "jensen",
    "kaya", "keller", "khan", "klein", "kovacs", "lang", "lee", "lopez", "maier", "mendes", "moreau", "nagy",
    "novak", "okafor", "olsen", "patel", "petrov", "rossi", "sato", "schmid", "silva", "singh", "sousa",
    "tanaka", "weber", "wolf", "yilmaz",
];

/// A name of its own for every user: the seed turns the list, so that other seeds have other people first.
pub(super) fn person_name(seed: u64, user: usize) -> String {
    let n_names = FIRST.len() * LAST.len();
    // 1,223 is prime to the 2,000 names, so a round of it meets each once.
    let place = (user * 1_223 + (seed % n_names as u64) as usize) % n_names;
    let (first, last) = (FIRST[place % FIRST.len()], LAST[place / FIRST.len()]);
    match user / n_names {
        0 => format!("{first}.{last}"),
        round => format!("{first}.{last}{}", round + 1),
    }
}

/// When somebody is usually active.
#[derive(Debug, Clone)]
pub(super) struct Habits {
    /// Usual start of the day, hours after midnight.
    start_hour: f64,
    /// Usual length of the day, hours.
    length_hours: f64,
    /// Chance of being away on a day that is usually active.
    absence: f64,
    /// Chance of a day at the weekend.
    weekend: f64,
    /// Busyness beside that of others, around 1.
    pub pace: f64,
}

impl Habits {
    /// Somebody who works from about nine to half past five.
    pub fn office(rng: &mut Rng) -> Self {
        Habits {
            start_hour: (8.6 + 0.9 * rng.normal()).clamp(6.2, 11.5),
            length_hours: (8.4 + 0.6 * rng.normal()).clamp(5.0, 10.5),
            absence: 0.04 + 0.08 * rng.uniform(),
            weekend: 0.04 * rng.uniform(),
            pace: math::exp(0.25 * rng.normal()),
        }
    }

    /// Somebody who comes by in their free time, on weekends as well.
    pub fn leisure(rng: &mut Rng) -> Self {
        Habits {
            start_hour: (11.0 + 2.0 * rng.normal()).clamp(7.0, 16.0),
            length_hours: (8.0 + 1.5 * rng.normal()).clamp(4.0, 11.0),
            absence: 0.05 + 0.25 * rng.uniform(),
            weekend: 0.6 + 0.35 * rng.uniform(),
            pace: math::exp(0.3 * rng.normal()),
        }
    }

    /// Start and end of activity on a day, milliseconds since the epoch; `None` on a day off.
    pub fn hours_of(&self, day: i64, rng: &mut Rng) -> Option<(i64, i64)> {
        let chance = if is_weekend(day) { self.weekend } else { 1.0 - self.absence };
        let present = rng.uniform() < chance;
        let start = (self.start_hour + 0.35 * rng.normal()).clamp(6.05, 20.0);
        let length = (self.length_hours + 0.5 * rng.normal()).clamp(1.0, 12.0);
        let end = (start + length).min(23.5);
        present.then(|| (at_hour(day, start), at_hour(day, end)))
    }
}

/// Saturday or Sunday.
pub(super) fn is_weekend(day: i64) -> bool {
    time::weekday_of(day) >= 5
}

/// A moment by day and hour, to the second.
pub(super) fn at_hour(day: i64, hour: f64) -> i64 {
    day * DAY_MS + (hour * HOUR_MS as f64) as i64 / 1_000 * 1_000
}

/// A moment between two, to the second.
pub(super) fn between(start_ms: i64, end_ms: i64, rng: &mut Rng) -> i64 {
    let seconds = ((end_ms - start_ms) / 1_000).max(1);
    start_ms + rng.below(seconds as u64) as i64 * 1_000
}

/// A waiting time in milliseconds, to the second and at least one: exponential with this mean.
pub(super) fn pause_ms(mean_secs: f64, rng: &mut Rng) -> i64 {
    let secs = -mean_secs * math::ln_1p(-rng.uniform());
    (secs as i64).max(1) * 1_000
}

/// A whole number around a mean, at least `least`: normal with a spread of a third of the mean.
pub(super) fn about(mean: f64, least: u64, rng: &mut Rng) -> u64 {
    ((mean + mean / 3.0 * rng.normal()).round().max(0.0) as u64).max(least)
}

/// One's own version of common weights: each times a random factor around 1.
pub(super) fn own_mix<const N: usize>(weights: [f64; N], rng: &mut Rng) -> [f64; N] {
    weights.map(|weight| weight * math::exp(0.35 * rng.normal()))
}

/// An index drawn by weight.
pub(super) fn pick(weights: &[f64], rng: &mut Rng) -> usize {
    let mut rest = rng.uniform() * weights.iter().sum::<f64>();
    for (place, weight) in weights.iter().enumerate() {
        rest -= weight;
        if rest < 0.0 {
            return place;
        }
    }
    weights.len() - 1
}
