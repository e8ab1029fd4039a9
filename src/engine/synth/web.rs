//! Visits to a web site: a few sessions a day between late morning and evening.

use super::Log;
use super::events::{Event, write_csv};
use super::people::{Habits, about, at_hour, between, own_mix, pause_ms, pick};
use crate::engine::rng::Rng;

/// Each on about a fifth of the days:
/// - `night-sessions`: several sessions between midnight and five.
/// - `scraper`: hundreds of views, seconds apart, in session after session through the day.
/// - `marathon`: one session that goes on for eight hours and more.
pub(super) const KINDS: &[&str] = &["night-sessions", "scraper", "marathon"];

const STRANGE_SHARE: f64 = 0.2;
const ACTIONS: [&str; 7] = ["view", "search", "click", "add_to_cart", "purchase", "review", "login"];
const VIEW_ONLY: [f64; 6] = [9.0, 1.0, 0.0, 0.0, 0.0, 0.0];
const MIX: [f64; 6] = [6.0, 2.0, 4.0, 0.8, 0.25, 0.15];
const LOGIN: u8 = 6;

/// An action within a session, numbered over the whole log.
type Hit = (u8, u32);

pub(super) fn write(log: &Log<'_>) -> Vec<u8> {
    let mut events = Vec::new();
    let mut n_sessions = 0;
    for (user, mut rng, kind) in log.users() {
        let habits = Habits::leisure(&mut rng);
        let mix = own_mix(MIX, &mut rng);
        let sessions_per_day = 1.0 + 2.0 * rng.uniform();
        let mut visitor = Visitor { user, events: &mut events, n_sessions: &mut n_sessions };
        let kind = kind.map(|kind| KINDS[kind]);
        let strange_days =
            if kind.is_some() { log.strange_days(&mut rng, STRANGE_SHARE) } else { Vec::new() };
        for day in log.days() {
            if let Some((start, end)) = habits.hours_of(day, &mut rng) {
                for _ in 0..about(sessions_per_day, 1, &mut rng) {
                    let n_hits = about(8.0 * habits.pace, 1, &mut rng);
                    visitor.visit(between(start, end, &mut rng), n_hits, 45.0, &mix, &mut rng);
                }
            }
            if strange_days.binary_search(&day).is_err() {
                continue;
            }
            match kind {
                Some("night-sessions") => {
                    for _ in 0..about(5.0, 3, &mut rng) {
                        let start = between(at_hour(day, 0.1), at_hour(day, 4.5), &mut rng);
                        visitor.visit(start, about(10.0, 5, &mut rng), 45.0, &mix, &mut rng);
                    }
                }
                Some("scraper") => {
                    for _ in 0..about(9.0, 5, &mut rng) {
                        let start = between(at_hour(day, 1.0), at_hour(day, 23.0), &mut rng);
                        visitor.visit(start, about(60.0, 30, &mut rng), 3.0, &VIEW_ONLY, &mut rng);
                    }
                }
                _ => {
                    let start = at_hour(day, 9.0 + 3.0 * rng.uniform());
                    visitor.visit(start, about(120.0, 80, &mut rng), 280.0, &mix, &mut rng);
                }
            }
        }
    }
    write_csv(&["user", "time", "action", "session_id"], &events, &|event, time, record| {
        record.push_field(&log.names[event.user as usize]);
        record.push_field(time);
        record.push_field(ACTIONS[usize::from(event.what.0)]);
        record.push_field(&format!("s{:07}", event.what.1));
    })
}

struct Visitor<'a> {
    user: u32,
    events: &'a mut Vec<Event<Hit>>,
    n_sessions: &'a mut u32,
}

impl Visitor<'_> {
    /// A session: now and then a login first, then hits one after another.
    fn visit(&mut self, start: i64, n_hits: u64, mean_pause_secs: f64, mix: &[f64; 6], rng: &mut Rng) {
        *self.n_sessions += 1;
        let session = *self.n_sessions;
        let mut ms = start;
        let mut hit = |ms, action| self.events.push(Event { ms, user: self.user, what: (action, session) });
        if rng.uniform() < 0.4 {
            hit(ms, LOGIN);
            ms += pause_ms(10.0, rng);
        }
        for _ in 0..n_hits {
            hit(ms, pick(mix, rng) as u8);
            ms += pause_ms(mean_pause_secs, rng);
        }
    }
}
