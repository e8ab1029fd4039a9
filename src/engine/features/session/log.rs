//! What was done in a session, from the events of a log.

use super::counts::{consistency, entropy_bits};
use super::start::timed;
use crate::engine::features::Feature;
use crate::engine::features::coded::CodedColumn;
use crate::engine::features::measure::{Events, Measure};
use crate::engine::order;

/// How many events, for how long, with which pauses, and how varied; see the table in [`super`].
#[derive(Debug)]
pub(super) struct SessionEvents {
    actions: Option<CodedColumn>,
    scratch: Vec<f64>,
    counts: Vec<f64>,
}

impl SessionEvents {
    pub fn new(actions: Option<CodedColumn>) -> Self {
        SessionEvents { actions, scratch: Vec::new(), counts: Vec::new() }
    }

    /// How often each action of a session was done, in ascending order.
    fn count_actions(&mut self, events: &Events<'_>) {
        let SessionEvents { actions, scratch, counts } = self;
        scratch.clear();
        counts.clear();
        let Some(actions) = actions else { return };
        let codes = actions.view(events.table);
        scratch.extend(events.rows.iter().filter_map(|&row| codes.get(row)).map(f64::from));
        order::sort(scratch);
        counts.extend(scratch.chunk_by(|a, b| a == b).map(|same| same.len() as f64));
        // Sums of many shares must not depend on which action has which code.
        order::sort(counts);
    }
}

impl Measure for SessionEvents {
    fn features(&self) -> Vec<Feature> {
        let mut features = vec![
            Feature::new("events_count", "number of events", ""),
            Feature::new("duration", "length of the session", "s").with_formula("last event - first event"),
            Feature::new("events_per_sec", "events per second", "").with_formula("events ÷ max(duration, 1)"),
            Feature::new("mean_pause", "mean time between events", "s")
                .with_formula("mean of the times between neighbouring events, 0 with one event"),
            Feature::new("longest_pause", "longest time between events", "s")
                .with_formula("largest of the times between neighbouring events, 0 with one event"),
            Feature::new("pause_consistency", "regularity of the times between events", "")
                .with_formula("1 ÷ (1 + std ÷ mean of the times between events), 1 where all are 0"),
        ];
        if self.actions.is_some() {
            features.extend([
                Feature::new("action_diversity", "diversity of actions", "")
                    .with_formula("entropy of the actions' shares, -Σ share · log2(share), bits"),
                Feature::new("most_frequent_share", "share of the session's most frequent action", "")
                    .with_formula("events of the most frequent action ÷ events with an action"),
            ]);
        }
        features
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let n = events.len() as f64;
        values.push(n);
        let times = timed(events).times;
        match (times.first(), times.last()) {
            (Some(&first), Some(&last)) => {
                let secs = secs_between(first, last);
                let pauses = || times.windows(2).map(|pair| secs_between(pair[0], pair[1]));
                let n_pauses = times.len() - 1;
                values.extend([
                    secs,
                    n / secs.max(1.0),
                    if n_pauses > 0 { secs / n_pauses as f64 } else { 0.0 },
                    pauses().fold(0.0, f64::max),
                    consistency(pauses(), secs),
                ]);
            }
            _ => values.extend([f64::NAN; 5]),
        }
        if self.actions.is_some() {
            self.count_actions(events);
            let total = self.scratch.len() as f64;
            values.extend([
                entropy_bits(self.counts.iter().copied(), total),
                self.counts.last().map_or(0.0, |most| most / total),
            ]);
        }
    }
}

fn secs_between(first: i64, last: i64) -> f64 {
    (i128::from(last) - i128::from(first)) as f64 / 1_000.0
}
