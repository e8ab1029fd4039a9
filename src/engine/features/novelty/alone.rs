//! What a user's own times say: a new account, a return after a long silence, a burst, countries that change within hours.

use crate::engine::plan::Novelty;
use crate::engine::time::{DAY_MS, HOUR_MS};
use std::collections::VecDeque;

/// Spans of the plan, milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spans {
    pub new_account_ms: i64,
    pub dormant_ms: i64,
    pub country_change_ms: i64,
}

impl Spans {
    pub fn of(novelty: &Novelty) -> Self {
        Spans {
            new_account_ms: (novelty.new_account_days * DAY_MS as f64) as i64,
            dormant_ms: (novelty.dormant_days * DAY_MS as f64) as i64,
            country_change_ms: (novelty.country_change_hours * HOUR_MS as f64) as i64,
        }
    }
}

/// What is known of an event by its user's times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alone {
    pub is_new_account: bool,
    pub is_dormant_return: bool,
    /// Not a number where the user has no event more than an hour ago.
    pub burst: f32,
    pub country_changes: u16,
}

/// A user's events, one after another.
#[derive(Debug)]
pub(super) struct Story {
    spans: Spans,
    /// The log's first moment.
    log_start_ms: i64,
    first_ms: Option<i64>,
    /// Events of the last hour.
    recent: VecDeque<i64>,
    /// Earlier ones, and the hours that had one.
    n_past: u32,
    n_past_hours: u32,
    last_past_hour: Option<i64>,
    last_ms: i64,
    country: Option<(u32, i64)>,
    changes: VecDeque<i64>,
}

impl Story {
    pub fn new(spans: Spans, log_start_ms: i64) -> Self {
        Story {
            spans,
            log_start_ms,
            first_ms: None,
            recent: VecDeque::new(),
            n_past: 0,
            n_past_hours: 0,
            last_past_hour: None,
            last_ms: 0,
            country: None,
            changes: VecDeque::new(),
        }
    }

    /// Begins with another user.
    pub fn restart(&mut self) {
        self.first_ms = None;
        self.recent.clear();
        (self.n_past, self.n_past_hours, self.last_past_hour) = (0, 0, None);
        self.country = None;
        self.changes.clear();
    }

    /// The user's next event, and its country where that is known.
    pub fn next(&mut self, ms: i64, country: Option<u32>) -> Alone {
        let first_ms = *self.first_ms.get_or_insert(ms);
        let is_dormant_return = first_ms != ms && ms - self.last_ms > self.spans.dormant_ms;
        self.last_ms = ms;

        while let Some(&earlier) = self.recent.front().filter(|&&earlier| ms - earlier >= HOUR_MS) {
            self.recent.pop_front();
            self.n_past += 1;
            let hour = earlier.div_euclid(HOUR_MS);
            if self.last_past_hour != Some(hour) {
                self.n_past_hours += 1;
                self.last_past_hour = Some(hour);
            }
        }
        self.recent.push_back(ms);
        let burst = self.recent.len() as f64 * f64::from(self.n_past_hours) / f64::from(self.n_past);

        let within = self.spans.country_change_ms;
        if let Some(country) = country {
            if let Some((last, last_ms)) = self.country
                && last != country
                && ms - last_ms <= within
            {
                self.changes.push_back(ms);
            }
            self.country = Some((country, ms));
        }
        while self.changes.front().is_some_and(|&change| ms - change > within) {
            self.changes.pop_front();
        }
        Alone {
            is_new_account: ms - first_ms < self.spans.new_account_ms
                && first_ms - self.log_start_ms >= self.spans.new_account_ms,
            is_dormant_return,
            burst: burst as f32,
            country_changes: self.changes.len().min(usize::from(u16::MAX)) as u16,
        }
    }
}
