//! What charts draw, binned here so that a page never holds events: density over time and subjects, one subject's
//! timeline, one feature's distribution.

mod distribution;

pub use distribution::{FeatureDistribution, distribution};

use super::analysis::Analysis;
use super::error::{Error, ErrorKind, Result};
use super::order;
use super::plan::{Role, shape};
use super::rng::Rng;
use super::table::{EntityCodes, Table};
use serde::{Deserialize, Serialize};

/// Events of one timeline that are returned one by one.
const MAX_TIMELINE_EVENTS: usize = 20_000;
/// Windows of at most this many lanes name their subjects.
const MAX_NAMED_LANES: usize = 1_000;
/// Bins of a feature's distribution.
const DISTRIBUTION_BINS: usize = 40;

/// A window over time and subjects, and how finely to bin it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct DensityQuery {
    /// Only subjects with a flagged row.
    pub flagged_only: bool,
    /// Start of the window, milliseconds since the epoch; the log's start when not given.
    pub from_ms: Option<f64>,
    /// End of the window (exclusive); just past the log's end when not given.
    pub to_ms: Option<f64>,
    /// First lane. Lanes are subjects in order of rank, most abnormal first.
    pub from_lane: Option<u32>,
    /// End of the lanes (exclusive); all when not given.
    pub to_lane: Option<u32>,
    /// Bins over time, 1 to 2,000. Default 240.
    pub n_times: usize,
    /// Bins over lanes, 1 to 1,000. Default 120; never more than there are lanes.
    pub n_lanes: usize,
    /// Events of flagged rows in the window are returned one by one while there are no more than this. Default
    /// 5,000; past it a seeded sample of this size.
    pub max_points: usize,
}

impl Default for DensityQuery {
    fn default() -> Self {
        DensityQuery {
            flagged_only: false,
            from_ms: None,
            to_ms: None,
            from_lane: None,
            to_lane: None,
            n_times: 240,
            n_lanes: 120,
            max_points: 5_000,
        }
    }
}

/// Events binned by time and lane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Density {
    /// Whether the analysed rows are events with times; records of a table are none, and then nothing is binned.
    pub timed: bool,
    /// Bins over time.
    pub n_times: usize,
    /// Bins over lanes.
    pub n_lanes: usize,
    /// Window over time, milliseconds.
    pub from_ms: f64,
    /// End of the window (exclusive).
    pub to_ms: f64,
    /// Window over lanes.
    pub from_lane: u32,
    /// End of the window (exclusive).
    pub to_lane: u32,
    /// Lanes in all, before the window.
    pub lanes: u32,
    /// Subject of each lane in the window, for windows of at most 1,000 lanes; else empty.
    pub lane_subjects: Vec<u32>,
    /// Events in the window.
    pub events: u64,
    /// `n_lanes x n_times`, row by row.
    #[serde(skip_serializing, default)]
    pub counts: Vec<u32>,
    /// Events of flagged rows: times.
    #[serde(skip_serializing, default)]
    pub point_times: Vec<f64>,
    /// Their lanes.
    #[serde(skip_serializing, default)]
    pub point_lanes: Vec<u32>,
    /// Their severity.
    #[serde(skip_serializing, default)]
    pub point_severity: Vec<u8>,
    /// Events of flagged rows in the window, drawn or not.
    pub flagged_events: u64,
}

/// Bins the analysed events of a table.
///
/// # Errors
/// `options` for an empty window or bins outside their range.
pub fn density(table: &Table, analysis: &Analysis, query: &DensityQuery) -> Result<Density> {
    check_bins("nTimes", query.n_times, 2_000)?;
    check_bins("nLanes", query.n_lanes, 1_000)?;
    let ranking = &analysis.ranking;
    let lanes = if query.flagged_only { &ranking.lanes[..ranking.n_flagged] } else { &ranking.lanes[..] };
    let n_all = lanes.len() as u32;
    let from_lane = query.from_lane.unwrap_or(0).min(n_all);
    let to_lane = query.to_lane.unwrap_or(n_all).min(n_all);
    let (first_ms, last_ms) = analysis.time_range_ms.unwrap_or((0, 0));
    let from_ms = query.from_ms.unwrap_or(first_ms as f64).floor();
    let to_ms = query.to_ms.unwrap_or((last_ms + 1) as f64).ceil();
    if from_ms.is_nan() || to_ms.is_nan() || from_ms >= to_ms {
        return Err(options("fromMs, toMs", "a start before the end", format!("{from_ms} to {to_ms}")));
    }
    if from_lane > to_lane {
        return Err(options(
            "fromLane, toLane",
            "a start before the end",
            format!("{from_lane} to {to_lane}"),
        ));
    }
    let lanes = &lanes[from_lane as usize..to_lane as usize];
    let n_times = query.n_times;
    let n_lanes = query.n_lanes.min(lanes.len()).max(1);
    let column = time_column(table, analysis)?;
    let times = column.map(|column| shape::times(table, column)).transpose()?.unwrap_or_default();
    let binned = if column.is_some() { lanes } else { &[] };

    let mut counts = vec![0u32; n_lanes * n_times];
    let (mut events, mut flagged_events) = (0, 0);
    let mut points = Reservoir::new(query.max_points, analysis.plan.seed);
    let bins_per_ms = n_times as f64 / (to_ms - from_ms);
    for (at, &subject) in binned.iter().enumerate() {
        let bin_row = at * n_lanes / lanes.len();
        let counts = &mut counts[bin_row * n_times..(bin_row + 1) * n_times];
        for &row in analysis.rows_of_subject.rows(subject as usize) {
            let severity = analysis.severity[row as usize];
            let table_rows = analysis.matrix.table_rows.rows(row as usize);
            let start = table_rows.partition_point(|&r| (times[r as usize] as f64) < from_ms);
            for &table_row in &table_rows[start..] {
                let ms = times[table_row as usize] as f64;
                if ms >= to_ms {
                    break;
                }
                events += 1;
                counts[(((ms - from_ms) * bins_per_ms) as usize).min(n_times - 1)] += 1;
                if severity > 0 {
                    flagged_events += 1;
                    points.offer((ms, from_lane + at as u32, severity));
                }
            }
        }
    }
    let points = points.items;
    Ok(Density {
        timed: column.is_some(),
        n_times,
        n_lanes,
        from_ms,
        to_ms,
        from_lane,
        to_lane,
        lanes: n_all,
        lane_subjects: if lanes.len() <= MAX_NAMED_LANES { lanes.to_vec() } else { Vec::new() },
        events,
        counts,
        point_times: points.iter().map(|p| p.0).collect(),
        point_lanes: points.iter().map(|p| p.1).collect(),
        point_severity: points.iter().map(|p| p.2).collect(),
        flagged_events,
    })
}

/// One subject over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timeline {
    /// Whether its events have times; records of a table have none, and then there are no `times`.
    pub timed: bool,
    /// Subject name.
    pub subject: String,
    /// Names of its actions; empty without an action column.
    pub action_names: Vec<String>,
    /// Times of its events in order, at most 20,000.
    #[serde(skip_serializing, default)]
    pub times: Vec<f64>,
    /// Index into `action_names`; past its end where the action is missing.
    #[serde(skip_serializing, default)]
    pub actions: Vec<u32>,
    /// Table rows.
    #[serde(skip_serializing, default)]
    pub table_rows: Vec<u32>,
    /// Events in all, those without a time too.
    pub events: usize,
    /// Its matrix rows with their score and severity; one, or one per hour, day, week, session or record in order.
    pub entries: Vec<TimelineEntry>,
}

/// One matrix row of a timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimelineEntry {
    /// Matrix row.
    pub row: usize,
    /// When it begins, milliseconds; absent where rows are whole subjects, or records without a time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start_ms: Option<f64>,
    /// Score.
    pub score: f64,
    /// Severity, 0 when not flagged.
    pub severity: u8,
}

/// Everything one subject did.
///
/// # Errors
/// `no-such-row` for a subject that is not there.
pub fn timeline(table: &Table, analysis: &Analysis, subject: u32) -> Result<Timeline> {
    let matrix = &analysis.matrix;
    let Some(name) = matrix.subjects.get(subject as usize) else {
        return Err(Error::new(ErrorKind::NoSuchRow {
            what: "subject",
            row: subject as usize,
            n_rows: matrix.subjects.len(),
        }));
    };
    let rows = analysis.rows_of_subject.rows(subject as usize);
    let mut events: Vec<u32> =
        rows.iter().flat_map(|&row| matrix.table_rows.rows(row as usize).iter().copied()).collect();
    events.sort_unstable();
    let n_events = events.len();
    // Sessions and records may have no time, and then they are on no line of it.
    let column = time_column(table, analysis)?;
    let times = column.map(|column| shape::times(table, column)).transpose()?.unwrap_or_default();
    events.retain(|&row| column.is_some_and(|at| shape::is_usable_time(table, at, times, row as usize)));
    let by_time = order::by_key(events.len(), |place| times[events[place] as usize]);
    let mut events: Vec<u32> = by_time.into_iter().map(|place| events[place]).collect();
    events.truncate(MAX_TIMELINE_EVENTS);
    let clock = column.map(|column| table.columns()[column].wall_clock());

    let action = analysis.plan.column(Role::Action, table)?.map(|column| EntityCodes::of(table, column));
    let mut action_names = Vec::new();
    let mut actions = vec![0; events.len()];
    if let Some(codes) = &action {
        let mut index_of_code = vec![u32::MAX; codes.n_codes()];
        for (place, &row) in actions.iter_mut().zip(&events) {
            *place = codes.get(row as usize).map_or(u32::MAX, |code| {
                let index = &mut index_of_code[code as usize];
                if *index == u32::MAX {
                    *index = action_names.len() as u32;
                    action_names.push(codes.label(code).into_owned());
                }
                *index
            });
        }
    }
    let entry = |&row: &u32| {
        let row = row as usize;
        TimelineEntry {
            row,
            start_ms: matrix
                .start_of(row)
                .zip(clock)
                .map(|(start_ms, clock)| clock.start_ms(start_ms) as f64),
            score: analysis.scores[row],
            severity: analysis.severity[row],
        }
    };
    Ok(Timeline {
        subject: name.clone(),
        action_names,
        timed: column.is_some(),
        times: events.iter().map(|&row| times[row as usize] as f64).collect(),
        actions,
        events: n_events,
        entries: rows.iter().map(entry).collect(),
        table_rows: events,
    })
}

/// The plan's time column; `None` where rows are no events, as the records of a table are.
fn time_column(table: &Table, analysis: &Analysis) -> Result<Option<usize>> {
    Ok(analysis.plan.column(Role::Time, table)?.filter(|_| analysis.time_range_ms.is_some()))
}

fn check_bins(name: &str, bins: usize, limit: usize) -> Result<()> {
    if (1..=limit).contains(&bins) {
        return Ok(());
    }
    Err(options(name, &format!("a whole number from 1 to {limit}"), bins.to_string()))
}

fn options(name: &str, expected: &str, found: String) -> Error {
    Error::new(ErrorKind::Options { name: name.to_owned(), expected: expected.to_owned(), found })
}

/// A uniform sample of fixed size from a stream of unknown length (Vitter's algorithm R).
struct Reservoir<T> {
    items: Vec<T>,
    size: usize,
    seen: u64,
    rng: Rng,
}

impl<T> Reservoir<T> {
    fn new(size: usize, seed: u64) -> Self {
        Reservoir { items: Vec::new(), size, seen: 0, rng: Rng::new(seed) }
    }

    fn offer(&mut self, item: T) {
        self.seen += 1;
        if self.items.len() < self.size {
            self.items.push(item);
        } else if let Some(place) = self.items.get_mut(self.rng.below(self.seen) as usize) {
            *place = item;
        }
    }
}
