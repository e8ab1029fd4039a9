//! What happens to features before a model sees them. Single features may differ, beside each in the list of features.

use crate::app::state::store;
use crate::app::view::field::{Number, check_field, number_field, select_field};
use crate::app::view::prepared::{
    ENCODES, IMPUTES, NOT_NAMED, SCALES, encode, encode_name, impute, impute_name, scale, scale_name,
};
use crate::engine::plan::{Impute, Plan};
use leptos::prelude::*;
use std::sync::Arc;

/// What missing values become, of features without an exception.
static FILLS: [(&str, &str); 5] = [NOT_NAMED, IMPUTES[0], IMPUTES[1], IMPUTES[2], IMPUTES[3]];

static CONSTANT: Number = Number {
    name: "impute-constant",
    label: "The value",
    hint: "In the feature’s own unit",
    min: -1e15,
    max: 1e15,
    step: 0.1,
    read: |plan| match plan.preparation.impute {
        Some(Impute::Constant(value)) => value,
        _ => 0.0,
    },
    write: |plan, x| plan.preparation.impute = Some(Impute::Constant(x)),
};

static MAX_CATEGORIES: Number = Number {
    name: "max-categories",
    label: "Categories, at most",
    hint: "With a column each; the others share one",
    min: 1.0,
    max: 1_000.0,
    step: 1.0,
    read: |plan| plan.preparation.max_categories as f64,
    write: |plan, x| plan.preparation.max_categories = x as usize,
};

/// What the preparation does, in words.
fn summary(plan: &Plan) -> String {
    let words = |choices: &[(&str, &str)], name: &str| {
        choices
            .iter()
            .find(|(value, _)| *value == name)
            .map_or_else(String::new, |(_, words)| (*words).to_owned())
    };
    let preparation = &plan.preparation;
    let mut parts = vec![
        format!("missing values: {}", words(&FILLS, preparation.impute.map_or("", impute_name))),
        format!("scale: {}", words(&SCALES, scale_name(preparation.scale))),
    ];
    if preparation.log1p {
        parts.push("heavy tails as logarithms".to_owned());
    }
    parts.push(format!("categories: {}", words(&ENCODES, encode_name(preparation.encode))));
    if !preparation.features.is_empty() {
        parts.push(crate::app::format::counted(preparation.features.len(), "exception"));
    }
    parts.join(" · ")
}

/// The fold with its choices.
pub fn preparation() -> AnyView {
    let store = store();
    let has_constant = Memo::new(move |_| {
        store.drafted(|plan| matches!(plan.preparation.impute, Some(Impute::Constant(_))))
    });
    view! {
        <fieldset class="wide">
            <legend>"Before the model sees it"</legend>
            <details class="fold">
                <summary>"Preparation"<span class="hint">{move || store.drafted(summary)}</span></summary>
                <div class="parameters">
                    {select_field(
                        "Missing values become",
                        "Of a category, the most frequent",
                        &FILLS,
                        Arc::new(|plan| plan.preparation.impute.map_or("", impute_name)),
                        Arc::new(|plan, name| plan.preparation.impute = impute(name)),
                    )}
                    <Show when=move || has_constant.get()>{number_field(&CONSTANT)}</Show>
                    {select_field(
                        "Numbers are brought to",
                        "",
                        &SCALES,
                        Arc::new(|plan| scale_name(plan.preparation.scale)),
                        Arc::new(|plan, name| plan.preparation.scale = scale(name)),
                    )}
                    {select_field(
                        "Categories become",
                        "",
                        &ENCODES,
                        Arc::new(|plan| encode_name(plan.preparation.encode)),
                        Arc::new(|plan, name| plan.preparation.encode = encode(name)),
                    )}
                    {number_field(&MAX_CATEGORIES)}
                    <div class="field">
                        {check_field(
                            "Say where values were missing, in a column beside",
                            |plan| plan.preparation.indicators,
                            |plan, yes| plan.preparation.indicators = yes,
                        )}
                        {check_field(
                            "Heavy tails as logarithms, ln(1 + x)",
                            |plan| plan.preparation.log1p,
                            |plan, yes| plan.preparation.log1p = yes,
                        )}
                    </div>
                </div>
            </details>
        </fieldset>
    }
    .into_any()
}
