//! Recipe "activity" (system A): one row per subject over the whole log.
//!
//! | feature | from | unit |
//! | --- | --- | --- |
//! | `events_count`, `active_days`, `events_per_active_day`, `busiest_hour_events` | time | |
//! | `hour_mean`, `hour_spread`, `weekday_mean` (not of times without a year), `weekday_spread` ([`super::clock`]) | time | h, d |
//! | `night_share`, `weekend_share` (not of times without a year) | time, night hours | |
//! | `sessions_per_active_day`, `avg_session_duration` ([`super::sessions`]) | time, session or gap | min |
//! | `distinct_actions`, `share_<action>` for the most frequent, `share_other_actions` | action | |
//! | `failed_count`, `failed_share` | outcome | |
//! | `distinct_devices`, `_addresses`, `_countries`, `_regions`, `_cities`, `_browsers` | those roles | |
//! | `amount_total`, `amount_max`, `duration_mean` | amount, duration | the column's |

use super::Feature;
use super::clock::Clock;
use super::coded::CodedColumn;
use super::distinct::DistinctCount;
use super::measure::{Events, Measure, runs};
use super::names::make_names_differ;
use super::numbers::Numbers;
use super::outcome::Failures;
use super::sessions::{SessionCutter, Sessions};
use crate::engine::error::Result;
use crate::engine::plan::{Plan, Role};
use crate::engine::table::{EntityCodes, Table};

/// How many actions get a share of their own; the rest share `share_other_actions`.
const MAX_ACTION_SHARES: usize = 24;
/// Where there are more actions than that (addresses of web pages, say), those get one that make up this share of
/// all events: a column that is 0 for nearly everybody tells nobody apart.
const MIN_SHARE_AMONG_MANY: f64 = 0.01;

/// The recipe's measures.
///
/// # Errors
/// `no-such-column`, or `wrong-type` for an outcome, amount or duration that cannot be read as such.
pub(super) fn measures(
    table: &Table,
    plan: &Plan,
    known: Option<&[Feature]>,
) -> Result<Vec<Box<dyn Measure>>> {
    let knows_weekdays = match known {
        Some(known) => known.iter().any(|feature| Clock::OF_WEEKDAYS.contains(&&*feature.name)),
        None => plan.column(Role::Time, table)?.is_some_and(|time| !table.columns()[time].no_year()),
    };
    let mut measures: Vec<Box<dyn Measure>> = vec![
        Box::new(Volume),
        Box::new(Clock::new(&plan.parameters, knows_weekdays)),
        Box::new(Sessions::new(SessionCutter::new(table, plan)?)),
    ];
    if let Some(column) = plan.column(Role::Action, table)? {
        measures.push(Box::new(ActionMix::new(table, column, known)));
    }
    if let Some(column) = plan.column(Role::Outcome, table)? {
        measures.push(Box::new(Failures::new(table, column, true)?));
    }
    for (role, name, meaning) in DistinctCount::ROLES {
        if let Some(column) = plan.column(role, table)? {
            measures.push(Box::new(DistinctCount::new(table, role, column, name, meaning)));
        }
    }
    measures.extend(Numbers::of_plan(table, plan)?);
    Ok(measures)
}

/// How much: events, days, events per day, and the busiest clock hour.
#[derive(Debug)]
struct Volume;

impl Measure for Volume {
    fn features(&self) -> Vec<Feature> {
        vec![
            Feature::new("events_count", "number of events", "").with_formula("events"),
            Feature::new("active_days", "number of days with activity", "")
                .with_formula("days with an event"),
            Feature::new("events_per_active_day", "events per day with activity", "")
                .with_formula("events ÷ days with an event"),
            Feature::new("busiest_hour_events", "events in the busiest hour", "")
                .with_formula("most events in one hour of the clock"),
        ]
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let (n_days, _) = runs(events.days());
        let (_, busiest) = runs(events.hours());
        let n = events.len() as f64;
        values.extend([n, n_days as f64, n / n_days as f64, busiest as f64]);
    }
}

/// What: how many different actions, and the share of each among the events that have one.
#[derive(Debug)]
pub(super) struct ActionMix {
    column: CodedColumn,
    features: Vec<Feature>,
    /// Share that each action code counts towards.
    share_of_code: Vec<u8>,
    seen_by: Vec<u32>,
    entity: u32,
    n_by_share: Vec<u32>,
}

impl ActionMix {
    /// With a share for each of the `known` features that is one, where they are known; else for the most frequent actions.
    pub fn new(table: &Table, column: usize, known: Option<&[Feature]>) -> Self {
        match known {
            Some(known) => ActionMix::known(table, column, known),
            None => ActionMix::most_frequent(table, column),
        }
    }

    fn known(table: &Table, column: usize, known: &[Feature]) -> Self {
        let actions = EntityCodes::of(table, column);
        let is_share = |feature: &&Feature| {
            feature.name.starts_with("share_") && feature.meaning.starts_with(MEANING_OF_SHARE)
        };
        let own: Vec<&Feature> = known.iter().filter(is_share).collect();
        let share_of_code = (0..actions.n_codes() as u32).map(|code| {
            let meaning = meaning_of_share(&actions.label(code));
            own.iter().position(|feature| feature.meaning == meaning).unwrap_or(own.len()) as u8
        });
        let share_of_code: Vec<u8> = share_of_code.collect();
        let is_other = |feature: &&Feature| feature.meaning == MEANING_OF_OTHERS;
        let mut features = vec![distinct_actions()];
        features.extend(own.iter().copied().chain(known.iter().filter(is_other).take(1)).cloned());
        ActionMix {
            column: CodedColumn::new(table, column),
            n_by_share: vec![0; own.len() + 1],
            features,
            seen_by: vec![0; share_of_code.len()],
            share_of_code,
            entity: 0,
        }
    }

    fn most_frequent(table: &Table, column: usize) -> Self {
        let actions = EntityCodes::of(table, column);
        let mut n_by_code = vec![0u64; actions.n_codes()];
        for code in (0..table.n_rows()).filter_map(|row| actions.get(row)) {
            n_by_code[code as usize] += 1;
        }
        let mut ranked: Vec<u32> =
            (0..actions.n_codes() as u32).filter(|&code| n_by_code[code as usize] > 0).collect();
        // Ties by name, so that the columns do not depend on which action the file names first.
        ranked.sort_by(|&a, &b| {
            let by_count = n_by_code[b as usize].cmp(&n_by_code[a as usize]);
            by_count.then_with(|| actions.label(a).cmp(&actions.label(b)))
        });
        let n_own = if ranked.len() <= MAX_ACTION_SHARES {
            ranked.len()
        } else {
            let least = n_by_code.iter().sum::<u64>() as f64 * MIN_SHARE_AMONG_MANY;
            let is_common = |code: &&u32| n_by_code[**code as usize] as f64 >= least;
            ranked.iter().take(MAX_ACTION_SHARES).take_while(is_common).count()
        };
        let mut features = vec![distinct_actions()];
        let mut share_of_code = vec![n_own as u8; actions.n_codes()];
        for (share, &code) in ranked[..n_own].iter().enumerate() {
            share_of_code[code as usize] = share as u8;
            let label = actions.label(code);
            let (name, meaning) = (format!("share_{}", slug(&label)), meaning_of_share(&label));
            let formula = format!("events with the action \"{}\" ÷ events with an action", shortened(&label));
            features.push(Feature::new(name, meaning, "").with_formula(formula));
        }
        if ranked.len() > n_own {
            let formula = "events with another action than those above ÷ events with an action";
            features.push(Feature::new("share_other_actions", MEANING_OF_OTHERS, "").with_formula(formula));
        }
        make_names_differ(&mut features);
        ActionMix {
            column: CodedColumn::new(table, column),
            n_by_share: vec![0; n_own + 1],
            features,
            share_of_code,
            seen_by: vec![0; actions.n_codes()],
            entity: 0,
        }
    }
}

impl Measure for ActionMix {
    fn features(&self) -> Vec<Feature> {
        self.features.clone()
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        self.entity += 1;
        self.n_by_share.fill(0);
        let codes = self.column.view(events.table);
        let mut n_distinct = 0u32;
        for code in events.rows.iter().filter_map(|&row| codes.get(row)) {
            self.n_by_share[usize::from(self.share_of_code[code as usize])] += 1;
            let seen_by = &mut self.seen_by[code as usize];
            n_distinct += u32::from(*seen_by != self.entity);
            *seen_by = self.entity;
        }
        let n_known = self.n_by_share.iter().sum::<u32>().max(1);
        values.push(f64::from(n_distinct));
        let shares = self.n_by_share.iter().map(|&n| f64::from(n) / f64::from(n_known));
        // That of all others is a feature only where there were some.
        values.extend(shares.take(self.features.len() - 1));
    }
}

const MEANING_OF_SHARE: &str = "share of the action ";
const MEANING_OF_OTHERS: &str = "share of less frequent actions";

fn meaning_of_share(label: &str) -> String {
    format!("{MEANING_OF_SHARE}\"{}\"", shortened(label))
}

fn distinct_actions() -> Feature {
    Feature::new("distinct_actions", "number of different actions", "")
        .with_formula("different values of the action")
}

/// Lower-case letters and digits with single underscores between, at most 40 characters.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        if slug.len() >= 40 {
            break;
        }
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let trimmed = slug.trim_end_matches('_');
    if trimmed.is_empty() { "unnamed".to_owned() } else { trimmed.to_owned() }
}

/// At most 60 characters of a text.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_shares_are_readable() {
        assert_eq!(slug("GET /index.html HTTP/1.1"), "get_index_html_http_1_1");
        assert_eq!(slug("<script>"), "script");
        assert_eq!(slug("??"), "unnamed");
        assert_eq!(slug("Größe"), "größe");
    }
}
