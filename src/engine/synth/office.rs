//! Working days in an office: login, files, mail, printing, logout; some evenings, few weekends.

use super::Log;
use super::events::{Event, write_csv};
use super::people::{Habits, about, at_hour, between, is_weekend, own_mix, pause_ms, pick};
use crate::engine::rng::Rng;

/// - `night-worker`: on every second day, work between midnight and five instead of by day.
/// - `burst-downloader`: on some evenings, a hundred downloads and more within the hour.
/// - `weekend-worker`: full days on every Saturday and Sunday. A log too short for a weekend has the early mornings.
/// - `mass-deleter`: an ordinary day's hours, but deleting files and changing permissions.
pub(super) const KINDS: &[&str] = &["night-worker", "burst-downloader", "weekend-worker", "mass-deleter"];

const ACTIONS: [&str; 9] = [
    "file_access",
    "email_send",
    "file_edit",
    "file_download",
    "print",
    "file_delete",
    "permission_change",
    "login",
    "logout",
];
const DOWNLOAD: u8 = 3;
const DELETE: u8 = 5;
const PERMISSION: u8 = 6;
const LOGIN: u8 = 7;
const LOGOUT: u8 = 8;
/// How common each action but login and logout is.
const MIX: [f64; 7] = [5.0, 4.0, 2.5, 0.8, 0.5, 0.12, 0.02];

pub(super) fn write(log: &Log<'_>) -> Vec<u8> {
    let mut events = Vec::new();
    for (user, mut rng, kind) in log.users() {
        let mut person = Person {
            user,
            habits: Habits::office(&mut rng),
            mix: own_mix(MIX, &mut rng),
            events: &mut events,
        };
        let kind = kind.map(|kind| KINDS[kind]);
        let strange_days = match kind {
            Some("night-worker") => log.strange_days(&mut rng, 0.5),
            Some("burst-downloader") => log.strange_days(&mut rng, 0.2),
            Some("weekend-worker") if log.days().any(is_weekend) => {
                log.days().filter(|&day| is_weekend(day)).collect()
            }
            Some("weekend-worker") => log.strange_days(&mut rng, 0.5),
            Some("mass-deleter") => log.strange_days(&mut rng, 0.4),
            _ => Vec::new(),
        };
        for day in log.days() {
            let hours = person.habits.hours_of(day, &mut rng);
            if strange_days.binary_search(&day).is_err() {
                if let Some((start, end)) = hours {
                    person.work(start, end, 1.0, &mut rng);
                    if rng.uniform() < 0.03 {
                        let (start, end) = around(day, 20.0, 22.0, &mut rng);
                        person.work(start, end, 0.3, &mut rng);
                    }
                }
                continue;
            }
            let (start, end) = hours.unwrap_or((at_hour(day, 9.0), at_hour(day, 17.0)));
            match kind {
                Some("night-worker") => {
                    let (start, end) = around(day, 0.4, 4.6, &mut rng);
                    person.work(start, end, 0.9, &mut rng);
                }
                Some("burst-downloader") => {
                    person.work(start, end, 1.0, &mut rng);
                    person.repeat(
                        at_hour(day, 18.5 + 3.0 * rng.uniform()),
                        &[DOWNLOAD],
                        130.0,
                        15.0,
                        &mut rng,
                    );
                }
                Some("weekend-worker") if is_weekend(day) => {
                    let (start, end) = around(day, 8.5, 17.5, &mut rng);
                    person.work(start, end, 1.2, &mut rng);
                }
                Some("weekend-worker") => {
                    let (start, end) = around(day, 4.0, 7.0, &mut rng);
                    person.work(start, end, 1.0, &mut rng);
                }
                _ => {
                    person.work(start, end, 0.6, &mut rng);
                    person.repeat(start, &[DELETE, DELETE, PERMISSION], 25.0, 300.0, &mut rng);
                }
            }
        }
    }
    write_csv(&["user_id", "timestamp", "action"], &events, &|event, time, record| {
        record.push_field(&log.names[event.user as usize]);
        record.push_field(time);
        record.push_field(ACTIONS[usize::from(event.what)]);
    })
}

/// Two moments of a day, each up to 24 minutes off the hour given.
fn around(day: i64, start_hour: f64, end_hour: f64, rng: &mut Rng) -> (i64, i64) {
    let mut near = |hour: f64| at_hour(day, hour + 0.8 * (rng.uniform() - 0.5));
    (near(start_hour), near(end_hour))
}

struct Person<'a> {
    user: u32,
    habits: Habits,
    mix: [f64; 7],
    events: &'a mut Vec<Event<u8>>,
}

impl Person<'_> {
    fn act(&mut self, ms: i64, action: u8) {
        self.events.push(Event { ms, user: self.user, what: action });
    }

    /// A stretch of work between login and logout, fourteen actions for a full day of average pace.
    fn work(&mut self, start: i64, end: i64, load: f64, rng: &mut Rng) {
        self.act(start, LOGIN);
        for _ in 0..about(14.0 * load * self.habits.pace, 1, rng) {
            let action = pick(&self.mix, rng) as u8;
            self.act(between(start, end, rng), action);
        }
        self.act(end, LOGOUT);
    }

    /// About `n` of some actions, one after another.
    fn repeat(&mut self, start: i64, actions: &[u8], n: f64, mean_pause_secs: f64, rng: &mut Rng) {
        let mut ms = start;
        for _ in 0..about(n, 10, rng) {
            ms += pause_ms(mean_pause_secs, rng);
            self.act(ms, actions[rng.below(actions.len() as u64) as usize]);
        }
    }
}
