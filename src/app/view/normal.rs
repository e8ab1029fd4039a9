//! What would make a row normal: the fewest changes with which it would not be flagged.

use crate::app::format;
use crate::app::results::{Results, meaning_by_name};
use crate::engine::explain::is_on_circle;
use crate::protocol::{Change, Counterfactual};
use leptos::prelude::*;

/// The changes as a list; their sentence where there are none that are enough.
pub fn what_would_make_it_normal(found: &Counterfactual, results: &Results) -> AnyView {
    let content = match found.is_enough && !found.changes.is_empty() {
        true => {
            let changes = found.changes.iter().map(|change| line(change, results)).collect_view();
            let score = format!(
                "The score would be {:.3} then, not above the threshold of {:.3}.",
                found.score, found.threshold
            );
            view! {
                <ul>{changes}</ul>
                <p class="hint">{score}</p>
            }
            .into_any()
        }
        false => view! { <p>{found.sentence.clone()}</p> }.into_any(),
    };
    view! {
        <section class="make-normal" aria-label="What would make it normal">
            <h3>"What would make it normal"</h3>
            {content}
        </section>
    }
    .into_any()
}

fn line(change: &Change, results: &Results) -> AnyView {
    let feature = results.features.iter().find(|feature| feature.name == change.feature);
    let unit = feature.map_or("", |feature| results.unit(feature));
    let name = meaning_by_name(&results.features, &change.feature);
    let (from, to) = match (feature, &change.to_text) {
        (Some(feature), _) if is_on_circle(feature) => (String::new(), "another one".to_owned()),
        (_, Some(to)) => (value(change.from, change.from_text.as_deref(), unit), to.clone()),
        _ => {
            // Clock and week have no end that is the least or the most.
            let bound = match (unit, change.to < change.from) {
                ("clock" | "weekday", _) => "about",
                (_, true) => "at most",
                (_, false) => "at least",
            };
            let from = value(change.from, change.from_text.as_deref(), unit);
            (from, format!("{bound} {}", format::value(change.to, unit)))
        }
    };
    let from = (!from.is_empty()).then(|| {
        view! {
            <del>{from}</del>
            <span aria-hidden="true">" → "</span>
            <span class="unseen">" to "</span>
        }
    });
    view! {
        <li>
            <span class="label">{name}</span>
            <span class="change">{from}<strong>{to}</strong></span>
        </li>
    }
    .into_any()
}

fn value(value: f64, text: Option<&str>, unit: &str) -> String {
    text.map_or_else(|| format::value(value, unit), str::to_owned)
}
