//! What a learned model says of a row, in words.

use super::named::shortened;
use super::phrase::{Direction, is_flag, joined, noun, phrase};
use super::{Caution, LEAST_PART, MAX_NAMED, quantity};
use crate::engine::features::{Feature, FeatureMatrix};
use crate::engine::learn::{LearnedContribution, LearnedExplanation};

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
    let parts = &explanation.contributions;
    let mut moved = Vec::new();
    // The largest comes first, the one that lowers most last.
    for (what, named) in [
        ("raised", heaviest(matrix, explanation, 1.0, &mut parts.iter())),
        ("lowered", heaviest(matrix, explanation, -1.0, &mut parts.iter().rev())),
    ] {
        if !named.is_empty() {
            moved.push(format!("{what} by {}", joined(&named)));
        }
    }
    let why = if moved.is_empty() { String::new() } else { format!(": {}", moved.join(", ")) };
    caution.before(&format!("{answer}{why}."))
}

/// The features that move the score most one way, in words, none twice; `parts` come in the order of how much they do.
fn heaviest(
    matrix: &FeatureMatrix,
    explanation: &LearnedExplanation,
    sign: f64,
    parts: &mut dyn Iterator<Item = &LearnedContribution>,
) -> Vec<String> {
    let largest = explanation.contributions.iter().map(|part| part.contribution.abs()).fold(0.0, f64::max);
    let mut named: Vec<String> = Vec::new();
    for part in parts {
        let size = part.contribution * sign;
        if named.len() == MAX_NAMED || size <= 0.0 || size < LEAST_PART * largest {
            break;
        }
        let place = matrix.features.iter().position(|feature| feature.name == part.feature);
        let text = place.map(|place| with_value(matrix, explanation.row, place));
        named.extend(text.filter(|text| !named.contains(text)));
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
