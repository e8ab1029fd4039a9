//! What is compared with what: the recipe.

use crate::app::state::{store, take_suggested};
use crate::engine::plan::{DetectorName, Plan, Preparation, Recipe};
use leptos::prelude::*;

/// A recipe in words: its name, and what one row of the comparison stands for.
pub fn words(recipe: Recipe) -> (&'static str, &'static str) {
    match recipe {
        Recipe::Activity => ("Users", "One row per user: everything they did over the whole log."),
        Recipe::UserDay => {
            ("Users over time", "One row per user and day, hour or week: who was strange, and when.")
        }
        Recipe::Session => {
            ("Sessions", "One row per session, put together from its events or already one line of the file.")
        }
        Recipe::Table => (
            "Records",
            "One row per record of any table, by its numbers and categories. Needs no user and no time.",
        ),
        Recipe::Login => (
            "Logins",
            "One row per user or per login: failures, devices, addresses, countries, browsers, and rules.",
        ),
    }
}

/// Takes a recipe, and drops what was suggested for the one before: the next analysis suggests anew.
fn choose(plan: &mut Plan, recipe: Recipe) {
    if plan.preparation == Preparation::of_recipe(plan.recipe) {
        plan.preparation = Preparation::of_recipe(recipe);
    }
    plan.rules = None;
    plan.novelty = None;
    if plan.detector.is(DetectorName::Rules) {
        plan.detector = DetectorName::Iforest.into();
    }
    plan.recipe = recipe;
}

/// All recipes, one chosen.
pub fn chooser() -> AnyView {
    let store = store();
    let chosen = Memo::new(move |_| store.drafted(|plan| Some(plan.recipe)));
    let take = move |recipe| {
        store.edit_draft(|plan| {
            choose(plan, recipe);
            // Back to what is shown: what was suggested for it is known.
            store.results.with_untracked(|results| {
                if let Some(results) = results {
                    take_suggested(plan, &results.plan);
                }
            });
        });
    };
    let cards = Recipe::ALL
        .map(|recipe| {
            let (title, words) = words(recipe);
            view! {
                <label class="recipe">
                    <input
                        type="radio"
                        name="recipe"
                        value=recipe.name()
                        prop:checked=move || chosen.get() == Some(recipe)
                        on:change=move |_| take(recipe)
                    />
                    <strong>{title}</strong>
                    <span class="hint">{words}</span>
                </label>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <fieldset class="wide">
            <legend>"What is compared"</legend>
            <div class="recipes">{cards}</div>
        </fieldset>
    }
    .into_any()
}
