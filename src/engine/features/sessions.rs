//! Sessions of an entity: by their identifier where the log has one, else cut at silence.

use super::Feature;
use super::coded::CodedColumn;
use super::measure::{Events, Measure, runs};
use crate::engine::error::Result;
use crate::engine::plan::{Plan, Role};
use crate::engine::table::Table;
use crate::engine::time;

/// Finds sessions among an entity's events.
///
/// - With a session column, events of the entity with one identifier are one session, whatever lies between them.
/// - Without one, and for events that miss theirs, a silence **longer than** the gap ends a session; a silence of
///   exactly the gap does not.
///
/// A session lasts from its first event to its last, so one event lasts 0.
#[derive(Debug)]
pub(super) struct SessionCutter {
    gap_ms: i64,
    column: Option<CodedColumn>,
    /// Per identifier: the entity that had it last, and its place in `spans`.
    seen_by: Vec<(u32, u32)>,
    entity: u32,
    /// First and last moment of each session, in order of the first.
    spans: Vec<(i64, i64)>,
}

impl SessionCutter {
    /// A cutter by the plan's session column and gap.
    ///
    /// # Errors
    /// `no-such-column`.
    pub fn new(table: &Table, plan: &Plan) -> Result<Self> {
        let column = plan.column(Role::Session, table)?.map(|column| CodedColumn::new(table, column));
        let seen_by = vec![(0, 0); column.as_ref().map_or(0, CodedColumn::n_codes)];
        let gap_ms = (plan.parameters.session_gap_secs * 1_000.0) as i64;
        Ok(SessionCutter { gap_ms, column, seen_by, entity: 0, spans: Vec::new() })
    }

    /// First and last moment of each session, in order of the first.
    pub fn cut(&mut self, events: &Events<'_>) -> &[(i64, i64)] {
        self.walk(events, |_| {});
        &self.spans
    }

    /// The session of each event, numbered in order of their first moments.
    pub fn assign(&mut self, events: &Events<'_>) -> Vec<u32> {
        let mut session_of = Vec::with_capacity(events.len());
        self.walk(events, |session| session_of.push(session));
        session_of
    }

    fn walk(&mut self, events: &Events<'_>, mut visit: impl FnMut(u32)) {
        self.spans.clear();
        self.entity += 1;
        let codes = self.column.as_ref().map(|column| column.view(events.table));
        let mut unnamed: Option<usize> = None;
        for (&row, &ms) in events.rows.iter().zip(events.times) {
            let place = match codes.and_then(|codes| codes.get(row)) {
                Some(code) => {
                    let (entity, place) = self.seen_by[code as usize];
                    if entity != self.entity {
                        self.seen_by[code as usize] = (self.entity, self.spans.len() as u32);
                    }
                    (entity == self.entity).then_some(place as usize)
                }
                None => {
                    unnamed = unnamed.filter(|&place| ms.saturating_sub(self.spans[place].1) <= self.gap_ms);
                    let place = unnamed;
                    unnamed = Some(place.unwrap_or(self.spans.len()));
                    place
                }
            };
            visit(place.unwrap_or(self.spans.len()) as u32);
            match place {
                Some(place) => self.spans[place].1 = ms,
                None => self.spans.push((ms, ms)),
            }
        }
    }
}

/// Mean length of sessions, minutes. Whole milliseconds are added, so that the order of sessions that start together
/// changes nothing.
pub(super) fn mean_duration_min(spans: &[(i64, i64)]) -> f64 {
    let total_ms: i128 = spans.iter().map(|&(start, end)| i128::from(end) - i128::from(start)).sum();
    total_ms as f64 / 60_000.0 / spans.len().max(1) as f64
}

/// Mean time from the end of one session to the start of the next, hours: 0 where they overlap, and 0 where there
/// are fewer than two.
pub(super) fn mean_pause_h(spans: &[(i64, i64)]) -> f64 {
    let Some((first, rest)) = spans.split_first() else { return 0.0 };
    let (mut total_ms, mut busy_until) = (0, first.1);
    for &(start, end) in rest {
        total_ms += (i128::from(start) - i128::from(busy_until)).max(0);
        busy_until = busy_until.max(end);
    }
    total_ms as f64 / time::HOUR_MS as f64 / rest.len().max(1) as f64
}

/// `sessions_per_active_day` and `avg_session_duration`, over the whole log: a session over midnight is one session.
#[derive(Debug)]
pub(super) struct Sessions {
    cutter: SessionCutter,
}

impl Sessions {
    pub fn new(cutter: SessionCutter) -> Self {
        Sessions { cutter }
    }
}

impl Measure for Sessions {
    fn features(&self) -> Vec<Feature> {
        vec![
            Feature::new("sessions_per_active_day", "sessions per day with activity", "")
                .with_formula("sessions ÷ days with an event"),
            Feature::new("avg_session_duration", "mean length of a session", "min")
                .with_formula("mean of last event − first event of a session"),
        ]
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let (n_days, _) = runs(events.days());
        let spans = self.cutter.cut(events);
        values.extend([spans.len() as f64 / n_days as f64, mean_duration_min(spans)]);
    }
}
