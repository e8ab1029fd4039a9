//! What was done in a session, from columns that count it.
//!
//! Kinds of events are those of the table below that the table has a column for; a count that is missing or below 0 is not
//! known, and what is made of several counts is made of those that are known.
//!
//! Seconds are those of the duration column, at least 1: what took no time at all was not measured.

use super::pointer::{Device, Pointer};
use crate::engine::error::Result;
use crate::engine::features::measure::{Events, Measure};
use crate::engine::features::{Feature, FeatureMatrix};
use crate::engine::math;
use crate::engine::plan::session::{SessionColumn, secs_per_unit};
use crate::engine::plan::{Plan, Role};
use crate::engine::table::{ColumnType, Table};

/// A kind of thing that is counted.
struct Kind {
    column: SessionColumn,
    /// As part of a feature's name.
    name: &'static str,
    /// As part of a sentence.
    plural: &'static str,
    /// Whether it is one of the kinds of events; mouse movements are a stream, pages and errors what events lead to.
    is_event: bool,
}

const KINDS: [Kind; 8] = [
    Kind { column: SessionColumn::Clicks, name: "click", plural: "clicks", is_event: true },
    Kind { column: SessionColumn::Scrolls, name: "scroll", plural: "scrolls", is_event: true },
    Kind { column: SessionColumn::Touches, name: "touch", plural: "touches", is_event: true },
    Kind { column: SessionColumn::Keys, name: "key", plural: "keystrokes", is_event: true },
    Kind { column: SessionColumn::Submissions, name: "submission", plural: "submissions", is_event: true },
    Kind { column: SessionColumn::Mouse, name: "mouse", plural: "mouse movement", is_event: false },
    Kind { column: SessionColumn::Pages, name: "page", plural: "page views", is_event: false },
    Kind { column: SessionColumn::Errors, name: "error", plural: "errors", is_event: false },
];

/// What a column of counts is in a sentence.
pub(super) fn meaning_of_count(column: SessionColumn) -> Option<String> {
    if column == SessionColumn::Events {
        return Some("number of events".to_owned());
    }
    let kind = KINDS.iter().find(|kind| kind.column == column)?;
    Some(match column {
        SessionColumn::Mouse => kind.plural.to_owned(),
        _ => format!("number of {}", kind.plural),
    })
}

/// A column read as numbers of at least 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amounts {
    column: usize,
    factor: f64,
}

impl Amounts {
    pub fn get(self, table: &Table, row: usize) -> f64 {
        match table.columns()[self.column].number(row) {
            Some(value) if value >= 0.0 => (value * self.factor).min(FeatureMatrix::MAX_MAGNITUDE),
            _ => f64::NAN,
        }
    }
}

/// Features of counts, rates and shares; see the table in [`super`].
#[derive(Debug)]
pub(super) struct Counts {
    /// Column of each of [`KINDS`].
    kinds: [Option<Amounts>; KINDS.len()],
    /// Of all events, where no kind of event has a column.
    all_events: Option<Amounts>,
    secs: Option<Amounts>,
    amount: Option<Amounts>,
    pointer: Option<Pointer>,
    features: Vec<Feature>,
}

impl Counts {
    /// By the meaning of the columns that nothing else uses, and the plan's roles.
    ///
    /// # Errors
    /// `no-such-column`.
    pub fn new(
        table: &Table,
        plan: &Plan,
        column_of: impl Fn(SessionColumn) -> Option<usize>,
    ) -> Result<Self> {
        let plain = |column: usize| Amounts { column, factor: 1.0 };
        let is_number = |column: &usize| {
            matches!(
                table.columns()[*column].column_type(),
                ColumnType::Integer | ColumnType::Float | ColumnType::Duration
            )
        };
        let secs = plan.column(Role::Duration, table)?.filter(is_number).map(|column| {
            let is_span = table.columns()[column].column_type() == ColumnType::Duration;
            let factor = if is_span { 1.0 } else { secs_per_unit(table.columns()[column].name()) };
            Amounts { column, factor }
        });
        let amount = plan.column(Role::Amount, table)?.filter(is_number).map(plain);
        let kinds = KINDS.map(|kind| column_of(kind.column).map(plain));
        let has_kind = KINDS.iter().zip(&kinds).any(|(kind, column)| kind.is_event && column.is_some());
        let all_events = column_of(SessionColumn::Events).filter(|_| !has_kind).map(plain);
        let device = plan.column(Role::Device, table)?.map(|column| Device::new(table, column));
        let count = |column: SessionColumn| kinds[place_of(column)];
        let pointer = device.and_then(|device| {
            let mouse = count(SessionColumn::Mouse).or(count(SessionColumn::Clicks));
            let of = |touch, mouse| Pointer { device, touch, mouse };
            Some(of(count(SessionColumn::Touches)?, mouse?))
        });
        let mut counts = Counts { kinds, all_events, secs, amount, pointer, features: Vec::new() };
        counts.features = counts.describe();
        Ok(counts)
    }

    fn has(&self, column: SessionColumn) -> bool {
        self.kinds[place_of(column)].is_some()
    }

    fn n_event_kinds(&self) -> usize {
        KINDS.iter().zip(&self.kinds).filter(|(kind, column)| kind.is_event && column.is_some()).count()
    }

    /// Whether there is a number of all events.
    fn has_total(&self) -> bool {
        self.n_event_kinds() >= 2
    }

    fn has_events(&self) -> bool {
        self.n_event_kinds() >= 1 || self.all_events.is_some()
    }

    /// What a session brings: its amount or, where there is none, the pages it saw.
    fn yield_name(&self) -> Option<(&'static str, &'static str)> {
        match (self.amount, self.has(SessionColumn::Pages)) {
            (Some(_), _) => Some(("amount", "amount")),
            (None, true) => Some(("page views", "page views")),
            (None, false) => None,
        }
    }

    /// The features, in the order in which [`Counts::measure`] appends them.
    fn describe(&self) -> Vec<Feature> {
        let mut features: Vec<Feature> = Vec::new();
        let mut push = |name: String, meaning: String, formula: String| {
            features.push(Feature::new(name, meaning, "").with_formula(formula));
        };
        let has_secs = self.secs.is_some();
        let present =
            || KINDS.iter().zip(&self.kinds).filter(|(_, column)| column.is_some()).map(|(kind, _)| kind);
        let events: Vec<&Kind> = present().filter(|kind| kind.is_event).collect();
        let sum = events.iter().map(|kind| kind.plural).collect::<Vec<_>>().join(" + ");
        if self.has_total() {
            push("events_total".to_owned(), "number of events".to_owned(), sum.clone());
        }
        if has_secs && self.has_events() {
            push(
                "events_per_sec".to_owned(),
                "events per second".to_owned(),
                "events ÷ max(seconds, 1)".to_owned(),
            );
        }
        if has_secs {
            for Kind { name, plural, .. } in present() {
                push(
                    format!("{name}_per_sec"),
                    format!("{plural} per second"),
                    format!("{plural} ÷ max(seconds, 1)"),
                );
            }
        }
        if self.has_total() {
            for Kind { name, plural, .. } in &events {
                push(
                    format!("{name}_share"),
                    format!("share of {plural} among events"),
                    format!("{plural} ÷ events, 0 without events"),
                );
            }
            push(
                "event_kinds".to_owned(),
                "number of different kinds of events".to_owned(),
                format!("kinds of {sum} above 0"),
            );
            push(
                "event_diversity".to_owned(),
                "diversity of events".to_owned(),
                "entropy of the kinds' shares, -Σ share · log2(share), bits".to_owned(),
            );
            push(
                "event_consistency".to_owned(),
                "evenness of the kinds of events".to_owned(),
                "1 ÷ (1 + std ÷ mean of the kinds' counts), 1 without events".to_owned(),
            );
        }
        if self.has(SessionColumn::Mouse) && self.has(SessionColumn::Clicks) {
            push(
                "mouse_per_click".to_owned(),
                "mouse movement per click".to_owned(),
                "mouse movement ÷ max(clicks, 1)".to_owned(),
            );
        }
        if self.has(SessionColumn::Errors) && self.has_events() {
            push(
                "errors_per_event".to_owned(),
                "errors per event".to_owned(),
                "errors ÷ max(events, 1)".to_owned(),
            );
        }
        if let Some((what, formula)) = self.yield_name() {
            if has_secs {
                push(
                    "session_efficiency".to_owned(),
                    format!("{what} per minute"),
                    format!("{formula} ÷ max(seconds, 1) · 60"),
                );
            }
            if self.has(SessionColumn::Clicks) {
                push(
                    "click_efficiency".to_owned(),
                    format!("{what} per click"),
                    format!("{formula} ÷ max(clicks, 1)"),
                );
            }
        }
        if self.has(SessionColumn::Touches) && self.has(SessionColumn::Clicks) {
            push(
                "touch_share_of_pointing".to_owned(),
                "share of touches among touches and clicks".to_owned(),
                "touches ÷ (touches + clicks), 0 without either".to_owned(),
            );
        }
        if self.pointer.is_some() {
            push(
                "other_pointer_share".to_owned(),
                "share of pointer use that does not fit the device".to_owned(),
                "mouse on a touch device, touches on any other, ÷ (mouse + touches)".to_owned(),
            );
            if has_secs {
                push(
                    "device_pointer_per_sec".to_owned(),
                    "use of the pointer that fits the device, per second".to_owned(),
                    "touches on a touch device, mouse on any other, ÷ max(seconds, 1)".to_owned(),
                );
            }
        }
        features
    }
}

impl Measure for Counts {
    fn features(&self) -> Vec<Feature> {
        self.features.clone()
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let (table, row) = (events.table, events.rows[0] as usize);
        let counts = self.kinds.map(|column| column.map_or(f64::NAN, |column| column.get(table, row)));
        let secs = self.secs.map(|secs| secs.get(table, row).max_known(1.0));
        let event_counts = || {
            let is_present = |place: &usize| KINDS[*place].is_event && self.kinds[*place].is_some();
            (0..KINDS.len()).filter(is_present).map(|place| counts[place])
        };
        let events = match self.all_events {
            Some(all) => all.get(table, row),
            None => sum_of_known(event_counts()),
        };
        if self.has_total() {
            values.push(events);
        }
        if let Some(secs) = secs {
            if self.has_events() {
                values.push(events / secs);
            }
            let present = counts.iter().zip(&self.kinds).filter(|(_, column)| column.is_some());
            values.extend(present.map(|(count, _)| count / secs));
        }
        if self.has_total() {
            let share = |count: f64| if events == 0.0 { 0.0 * count } else { count / events };
            values.extend(event_counts().map(share));
            let known = || event_counts().filter(|count| !count.is_nan());
            if events.is_nan() {
                values.extend([f64::NAN; 3]);
            } else {
                values.extend([
                    known().filter(|&count| count > 0.0).count() as f64,
                    entropy_bits(known(), events),
                    consistency(known(), events),
                ]);
            }
        }
        let of = |column: SessionColumn| counts[place_of(column)];
        let clicks = of(SessionColumn::Clicks);
        if self.has(SessionColumn::Mouse) && self.has(SessionColumn::Clicks) {
            values.push(of(SessionColumn::Mouse) / clicks.max_known(1.0));
        }
        if self.has(SessionColumn::Errors) && self.has_events() {
            values.push(of(SessionColumn::Errors) / events.max_known(1.0));
        }
        if self.yield_name().is_some() {
            let brought = match self.amount {
                // An amount may well be below 0: what was paid back.
                Some(amount) => table.columns()[amount.column].number(row).map_or(f64::NAN, super::bounded),
                None => of(SessionColumn::Pages),
            };
            values.extend(secs.map(|secs| brought / secs * 60.0));
            if self.has(SessionColumn::Clicks) {
                values.push(brought / clicks.max_known(1.0));
            }
        }
        let touches = of(SessionColumn::Touches);
        if self.has(SessionColumn::Touches) && self.has(SessionColumn::Clicks) {
            values.push(part(touches, clicks));
        }
        if let Some(pointer) = &self.pointer {
            let (fitting, other) = pointer.split(table, row);
            values.push(part(other, fitting));
            values.extend(secs.map(|secs| fitting / secs));
        }
    }
}

/// `a / (a + b)`, 0 where both are.
fn part(a: f64, b: f64) -> f64 {
    if a + b == 0.0 { 0.0 } else { a / (a + b) }
}

/// The sum of those that are known, missing where none is.
fn sum_of_known(values: impl Iterator<Item = f64>) -> f64 {
    let add = |sum: f64, value: f64| match (sum.is_nan(), value.is_nan()) {
        (true, _) => value,
        (_, true) => sum,
        _ => sum + value,
    };
    values.fold(f64::NAN, add)
}

/// Shannon's entropy of counts that sum up to `total`, bits; 0 where there are none.
pub(super) fn entropy_bits(counts: impl Iterator<Item = f64>, total: f64) -> f64 {
    let weight = |count: f64| {
        let share = count / total;
        -share * math::log2(share)
    };
    // From 0, because the empty sum of floats is -0.
    counts.filter(|&count| count > 0.0).fold(0.0, |sum, count| sum + weight(count))
}

/// `1 / (1 + std / mean)` of numbers that sum up to `total`, with the standard deviation of just these; 1 where all are 0.
pub(super) fn consistency(values: impl Iterator<Item = f64> + Clone, total: f64) -> f64 {
    let n = values.clone().count() as f64;
    if total <= 0.0 {
        return 1.0;
    }
    let mean = total / n;
    // Relative to the mean, whose square might be no number.
    let squares: f64 = values.map(|value| (value / mean - 1.0) * (value / mean - 1.0)).sum();
    1.0 / (1.0 + (squares / n).sqrt())
}

fn place_of(column: SessionColumn) -> usize {
    KINDS.iter().position(|kind| kind.column == column).unwrap_or(0)
}

/// `max` that keeps a missing value missing: that of floats takes the number.
trait MaxKnown {
    fn max_known(self, least: f64) -> f64;
}

impl MaxKnown for f64 {
    fn max_known(self, least: f64) -> f64 {
        if self.is_nan() { self } else { self.max(least) }
    }
}
