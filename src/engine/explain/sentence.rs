//! Reasons in words, of one row and of all of a subject's flagged rows.

use super::named::{listed, named, phrase_naming, shortened};
use super::phrase::{Direction, is_deviation, is_flag, joined, noun, phrase, sentence};
use super::quantity::MISSING;
use super::{Baselines, Compared, quantity};
use crate::engine::features::{FeatureMatrix, RowUnit, Tells};
use crate::engine::order;
use crate::engine::time::{DAY_MS, day_of, day_text};

/// Features named in one sentence, at most.
pub(super) const MAX_NAMED: usize = 3;

/// A feature is named only if it weighs at least this part of the first one named.
pub(super) const LEAST_PART: f64 = 0.15;

/// How the reason of a row begins none of whose values stands out by itself.
pub(super) const EACH_VALUE: &str = "Each value";

pub(super) const NOTHING: &str = "Nothing unusual.";

/// Why one row has its score: the features that raise it most and whose values are outside the usual range.
/// `order` lists features by `shares` (contributions), largest first.
pub(super) fn row_sentence(
    matrix: &FeatureMatrix,
    baselines: &Baselines,
    compared: &Compared,
    row: usize,
    order: &[usize],
    shares: &[f64],
    is_above_base: bool,
) -> String {
    if !is_above_base {
        return NOTHING.to_owned();
    }
    let is_raising = |feature: usize| shares[feature] > 0.0;
    let is_unusual = |feature: usize| baselines.features[feature].is_unusual(matrix.values[[row, feature]]);
    let raising: Vec<usize> = order.iter().copied().filter(|&feature| is_raising(feature)).collect();
    let unusual: Vec<usize> = raising.iter().copied().filter(|&feature| is_unusual(feature)).collect();
    match (unusual.first(), raising.as_slice()) {
        (Some(&first), _) => {
            let least = LEAST_PART * shares[first];
            let heavy = unusual.iter().copied().filter(|&feature| shares[feature] >= least);
            let phrases = unlike(heavy, matrix, baselines, |&feature| feature)
                .into_iter()
                .map(|feature| phrase_with_values(matrix, baselines, compared, row, feature))
                .collect::<Vec<_>>();
            sentence(&joined(&phrases))
        }
        (None, []) => NOTHING.to_owned(),
        (None, [only]) => {
            let feature = &matrix.features[*only];
            let value = quantity::single(feature, matrix.values[[row, *only]]);
            format!(
                "{EACH_VALUE} is within its usual range; if anything, it is {} ({value}) that stands out.",
                noun(feature)
            )
        }
        (None, [first, second, ..]) => {
            let (first, second) = (noun(&matrix.features[*first]), noun(&matrix.features[*second]));
            format!(
                "{EACH_VALUE} is within its usual range; if anything, it is the mix of {first} and {second} \
                 that stands out."
            )
        }
    }
}

/// Why a subject, whose matrix rows are `own`, is strange, over all those that are flagged: "Unusually many sessions and
/// much activity at night on 4 of 30 days." Where there is one flagged row, with its values and the typical ones, the
/// subject's own and those of all.
///
/// Features are those outside the usual range, the most frequent and farthest first; each is counted on the rows
/// where it is.
pub fn subject_sentence(
    matrix: &FeatureMatrix,
    baselines: &Baselines,
    own: &[u32],
    flagged_rows: &[usize],
) -> String {
    let n_rows = own.len();
    let deviations = deviations(matrix, baselines, flagged_rows);
    match (flagged_rows, deviations.as_slice()) {
        ([], _) => NOTHING.to_owned(),
        (rows, []) => {
            let place = place(matrix, rows, rows.len(), n_rows);
            format!("{EACH_VALUE} is within its usual range; it is their mix that stands out{place}.")
        }
        ([row], named) => {
            let features: Vec<usize> = named.iter().map(|deviation| deviation.feature).collect();
            let compared = Compared::with_own(matrix, own, *row, &features);
            let phrases: Vec<String> = named
                .iter()
                .map(|deviation| phrase_with_values(matrix, baselines, &compared, *row, deviation.feature))
                .collect();
            sentence(&format!("{}{}", joined(&phrases), place(matrix, flagged_rows, 1, n_rows)))
        }
        (rows, named) => {
            let mut parts: Vec<String> = Vec::new();
            for same in named.chunk_by(|a, b| a.n_rows == b.n_rows) {
                let phrases: Vec<String> =
                    same.iter().map(|deviation| phrase_over(matrix, baselines, rows, deviation)).collect();
                let n = same[0].n_rows;
                let place =
                    if parts.is_empty() { place(matrix, rows, n, n_rows) } else { again(matrix.unit, n) };
                parts.push(format!("{}{place}", joined(&phrases)));
            }
            sentence(&parts.join(", "))
        }
    }
}

/// A rule that holds on a matrix row: "number of different countries is 5, above 2".
pub fn rule_text(matrix: &FeatureMatrix, row: usize, feature: usize, above: f64) -> String {
    let of = &matrix.features[feature];
    let (value, above) = quantity::with_limit(of, matrix.values[[row, feature]], above);
    let value = new_values_text(matrix, row, feature).unwrap_or(value);
    format!("{} is {value}, above {above}", noun(of))
}

/// The reason of a row that rules alone judge, by the texts of those that hold.
pub fn rules_sentence(fired: &[String]) -> String {
    if fired.is_empty() { NOTHING.to_owned() } else { sentence(&fired.join("; ")) }
}

/// A feature that is unusual in one direction on some rows.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Deviation {
    feature: usize,
    direction: Direction,
    /// Rows on which it is.
    n_rows: usize,
    /// Sum of its distances from the typical value over these rows.
    weight: f64,
}

/// The deviations worth naming over some rows, those on most rows first.
fn deviations(matrix: &FeatureMatrix, baselines: &Baselines, rows: &[usize]) -> Vec<Deviation> {
    let mut found = Vec::new();
    for (feature, baseline) in baselines.features.iter().enumerate() {
        for direction in Direction::ALL {
            let mut deviation = Deviation { feature, direction, n_rows: 0, weight: 0.0 };
            for &row in rows {
                if is_unusual(matrix, baselines, row, feature, direction) {
                    deviation.n_rows += 1;
                    deviation.weight += baseline.distance(matrix.values[[row, feature]]);
                }
            }
            if deviation.n_rows > 0 {
                found.push(deviation);
            }
        }
    }
    let found = order::sorted_by_key(found, |deviation| !order::total_key(deviation.weight));
    let least = found.first().map_or(0.0, |first| LEAST_PART * first.weight);
    let heavy = found.into_iter().filter(|deviation| deviation.weight >= least);
    let named = unlike(heavy, matrix, baselines, |deviation| deviation.feature);
    order::sorted_by_key(named, |deviation| -(deviation.n_rows as i64))
}

/// Whether a row's value is outside the usual range in this direction.
fn is_unusual(
    matrix: &FeatureMatrix,
    baselines: &Baselines,
    row: usize,
    feature: usize,
    direction: Direction,
) -> bool {
    let (value, baseline) = (matrix.values[[row, feature]], &baselines.features[feature]);
    baseline.is_unusual(value)
        && Direction::of(&matrix.features[feature], value, baseline.median) == direction
}

/// A deviation on some of several rows, with what is new on them: "unusually many countries (BR, RU and 3 more)".
fn phrase_over(
    matrix: &FeatureMatrix,
    baselines: &Baselines,
    rows: &[usize],
    deviation: &Deviation,
) -> String {
    let &Deviation { feature, direction, .. } = deviation;
    let of = &matrix.features[feature];
    let phrase = phrase(of, direction);
    let is_so = |&row: &usize| is_unusual(matrix, baselines, row, feature, direction);
    let rows: Vec<usize> = rows.iter().copied().filter(is_so).collect();
    let Some(named) = named(matrix, &rows, feature) else { return phrase };
    match phrase_naming(of, direction, &named) {
        Some(phrase) => phrase,
        None if named.told.is_count() => format!("{phrase} ({})", listed(&named)),
        None => phrase,
    }
}

/// The first [`MAX_NAMED`] of a list whose features are not kin to one before: three ways to say "many events" are one
/// reason, and so are sine and cosine of one time of day.
fn unlike<T>(
    items: impl Iterator<Item = T>,
    matrix: &FeatureMatrix,
    baselines: &Baselines,
    feature_of: impl Fn(&T) -> usize,
) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for item in items {
        if kept.len() == MAX_NAMED {
            break;
        }
        let feature = feature_of(&item);
        let meaning = &matrix.features[feature].meaning;
        let is_kin =
            |other: usize| baselines.are_kin(other, feature) || matrix.features[other].meaning == *meaning;
        if !kept.iter().any(|other| is_kin(feature_of(other))) {
            kept.push(item);
        }
    }
    kept
}

/// "unusually many sessions (14, typically 3)", `department "Sales" (typically "Support")`, "hours worked is missing". Where
/// something else is usual for the user, or for its peers: "(14, usually 6 for this user, 3 for others)".
fn phrase_with_values(
    matrix: &FeatureMatrix,
    baselines: &Baselines,
    compared: &Compared,
    row: usize,
    at: usize,
) -> String {
    let (value, typical) = (matrix.values[[row, at]], baselines.features[at].median);
    let (user, peers) = (compared.user(at), compared.peers(at));
    let feature = &matrix.features[at];
    let direction = Direction::of(feature, value, typical);
    let phrase = phrase(feature, direction);
    if direction == Direction::Missing {
        return phrase;
    }
    let named = named(matrix, &[row], at);
    let phrase = named.as_ref().and_then(|named| phrase_naming(feature, direction, named)).unwrap_or(phrase);
    // What a yes, a sine or a number of standard deviations says is in the words, or in the clock.
    if is_flag(feature) {
        return phrase;
    }
    if is_deviation(feature) {
        // Ten is where they end.
        let or_more = if value.abs() >= 10.0 { " or more" } else { "" };
        return format!("{phrase} (by {} standard deviations{or_more})", quantity::size(value));
    }
    if quantity::is_on_circle(feature) {
        let start = matrix.start_of_row.as_ref().and_then(|starts| quantity::clock(feature, starts[row]));
        return start.map_or_else(|| phrase.clone(), |start| format!("{phrase} ({start})"));
    }
    let (value_text, typical_text) = quantity::pair(feature, value, typical);
    let quoted = |text: String| match direction {
        Direction::Other if text != MISSING => format!("\"{}\"", shortened(&text)),
        _ => text,
    };
    let differs = |other: Option<f64>| {
        let text = quantity::pair(feature, value, other?).1;
        (text != typical_text).then(|| quoted(text))
    };
    let (of_user, of_peers) = (differs(user), differs(peers));
    let typical_text = quoted(typical_text);
    let usual = match (of_user, of_peers) {
        (Some(user), _) => format!("usually {user} for this user, {typical_text} for others"),
        (None, Some(peers)) => format!("typically {peers} among peers, {typical_text} among all"),
        // Less apart than can be written.
        (None, None) if quantity::is_circular(feature) && typical_text == value_text => {
            return format!("{phrase} ({value_text})");
        }
        (None, None) => format!("typically {typical_text}"),
    };
    match direction {
        Direction::Other => format!("{} \"{}\" ({usual})", noun(feature), shortened(&value_text)),
        _ => match named.filter(|named| named.told.is_count()) {
            Some(named) => format!("{phrase} ({value_text}: {}, {usual})", listed(&named)),
            None => format!("{phrase} ({value_text}, {usual})"),
        },
    }
}

/// A value of novelty in words, with what is new: "yes (BR)", "5 (BR, RU and 3 more)"; `None` where nothing is.
pub(super) fn new_values_text(matrix: &FeatureMatrix, row: usize, feature: usize) -> Option<String> {
    let (value, of) = (matrix.values[[row, feature]], &matrix.features[feature]);
    let named = matrix.named(row, feature).filter(|named| matches!(named.told.tells, Tells::New(_)))?;
    Some(format!("{} ({})", quantity::single(of, value), listed(&named)))
}

/// The preposition and the plural of a unit: "on", "days". Nothing where rows are subjects.
fn unit_words(unit: RowUnit) -> Option<(&'static str, &'static str)> {
    match unit {
        RowUnit::Subject => None,
        RowUnit::Hour => Some(("in", "hours")),
        RowUnit::Day => Some(("on", "days")),
        RowUnit::Week => Some(("in", "weeks")),
        RowUnit::Session => Some(("in", "sessions")),
        RowUnit::Record => Some(("in", "records")),
    }
}

/// " on 4 of 30 days", with the date where it is one day; nothing where rows are not parts of subjects, or a subject is
/// one record.
pub(super) fn place(matrix: &FeatureMatrix, rows: &[usize], n: usize, n_rows: usize) -> String {
    let Some((preposition, plural)) = unit_words(matrix.unit) else { return String::new() };
    if matrix.unit == RowUnit::Record && n_rows == 1 {
        return String::new();
    }
    let start_ms = if let &[row] = rows { matrix.start_of(row) } else { None };
    let Some(start_ms) = start_ms else { return format!(" {preposition} {n} of {n_rows} {plural}") };
    let when = when(matrix, start_ms);
    match n_rows {
        1 => format!(" {when}, the only {}", &plural[..plural.len() - 1]),
        _ => format!(" {when}, 1 of {n_rows} {plural}"),
    }
}

/// " on 2", after a place that named the unit.
fn again(unit: RowUnit, n: usize) -> String {
    unit_words(unit).map_or_else(String::new, |(preposition, _)| format!(" {preposition} {n}"))
}

/// "on 2026-01-05", "in the hour of 2026-01-05 13:00", by the log's clock. Midnight is not said: of a log that has days
/// alone it is in every row.
fn when(matrix: &FeatureMatrix, start_ms: i64) -> String {
    let day = day_text(day_of(start_ms), matrix.no_year);
    let minute = start_ms.rem_euclid(DAY_MS) / 60_000;
    match matrix.unit {
        RowUnit::Hour => format!("in the hour of {day} {:02}:00", minute / 60),
        RowUnit::Week => format!("in the week of {day}"),
        RowUnit::Session | RowUnit::Record if minute > 0 => {
            format!("on {day} at {:02}:{:02}", minute / 60, minute % 60)
        }
        _ => format!("on {day}"),
    }
}
