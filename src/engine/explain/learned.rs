//! What a learned model says of a row, in words.

use super::named::shortened;
use super::phrase::{Direction, is_flag, joined, noun, phrase};
use super::{Caution, LEAST_PART, MAX_NAMED, quantity};
use crate::engine::features::{Feature, FeatureMatrix};
use crate::engine::learn::{LearnedContribution, LearnedExplanation};
use crate::engine::order;

/// The answer about a row and what moved it: `"fraud" with a probability of 93 %: raised by number of logins (14) and country
/// "BR", lowered by amount (3).` What the model cannot judge comes first.
pub fn learned_sentence(
    matrix: &FeatureMatrix,
    explanation: &LearnedExplanation,
    caution: &Caution,
) -> String {
    let answer = match (&explanation.class, explanation.probability) {
        (Some(class), Some(probability)) => {
            format!("\"{}\" with a probability of {}", shortened(class), quantity::share(probability))
        }
        _ => format!(
            "{} where the average is {}",
            quantity::plain(explanation.score),
            quantity::plain(explanation.base)
        ),
    };
    let sides = [("raised", 1.0), ("lowered", -1.0)];
    let moved = sides.into_iter().filter_map(|(what, sign)| {
        let named = heaviest(matrix, explanation, sign);
        (!named.is_empty()).then(|| format!("{what} by {}", joined(&named)))
    });
    let moved: Vec<String> = moved.collect();
    let why = if moved.is_empty() { String::new() } else { format!(": {}", moved.join(", ")) };
    caution.before(&format!("{answer}{why}."))
}

/// The features that move the score most one way, in words, none twice.
fn heaviest(matrix: &FeatureMatrix, explanation: &LearnedExplanation, sign: f64) -> Vec<String> {
    let size = |part: &LearnedContribution| part.contribution.abs();
    let largest = explanation.contributions.iter().map(size).fold(0.0, f64::max);
    let is_heavy =
        |part: &&LearnedContribution| part.contribution * sign > 0.0 && size(part) >= LEAST_PART * largest;
    let heavy: Vec<&LearnedContribution> = explanation.contributions.iter().filter(is_heavy).collect();
    let mut named: Vec<String> = Vec::new();
    for part in order::sorted_by_key(heavy, |part| !order::total_key(size(part))) {
        let Some(place) = matrix.features.iter().position(|feature| feature.name == part.feature) else {
            continue;
        };
        let text = with_value(matrix, explanation.row, place);
        if !named.contains(&text) && named.len() < MAX_NAMED {
            named.push(text);
        }
    }
    named
}

/// A feature with a row's value: `number of logins (14)`, `country "BR"`, `hours worked (missing)`, `a session at night`.
fn with_value(matrix: &FeatureMatrix, row: usize, place: usize) -> String {
    let (feature, value): (&Feature, f64) = (&matrix.features[place], matrix.values[[row, place]]);
    if is_flag(feature) && !value.is_nan() {
        return phrase(feature, if value > 0.0 { Direction::High } else { Direction::Low });
    }
    if quantity::is_on_circle(feature) {
        let start = matrix.start_of_row.as_ref().and_then(|starts| quantity::clock(feature, starts[row]));
        return start
            .map_or_else(|| noun(feature).to_owned(), |start| format!("{} ({start})", noun(feature)));
    }
    let text = quantity::single(feature, value);
    match quantity::words(feature, value) {
        Some(_) if !value.is_nan() => format!("{} \"{}\"", noun(feature), shortened(&text)),
        _ => format!("{} ({text})", noun(feature)),
    }
}
