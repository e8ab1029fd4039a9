//! Which detector scores come from, and its own parameters.

use crate::app::state::store;
use crate::app::view::field::select_field;
use crate::app::view::models::{COMBINATIONS, DETECTORS, short_names};
use crate::app::view::parameters::{fields, of_detector};
use crate::engine::plan::{DetectorName, Detectors};
use leptos::prelude::*;
use std::sync::Arc;

/// What stands for several together among the choices.
const SEVERAL: (&str, &str) = ("ensemble", "Several models together");

/// What scores may come from, by the names that plans have, several together first.
static CHOICES: [(&str, &str); DETECTORS.len() + 1] = {
    let mut choices = [SEVERAL; DETECTORS.len() + 1];
    let mut place = 0;
    while place < DETECTORS.len() {
        choices[place + 1] = (DETECTORS[place].0.name(), DETECTORS[place].1);
        place += 1;
    }
    choices
};

/// Ways of combining, likewise.
static WAYS: [(&str, &str); COMBINATIONS.len()] = {
    let mut ways = [("", ""); COMBINATIONS.len()];
    let mut place = 0;
    while place < COMBINATIONS.len() {
        ways[place] = (COMBINATIONS[place].1, COMBINATIONS[place].2);
        place += 1;
    }
    ways
};

/// The choice: one model, or several and how they are combined.
pub fn choice() -> AnyView {
    let store = store();
    let one = select_field(
        "Scores come from",
        "",
        &CHOICES,
        Arc::new(|plan| match plan.detector.names() {
            [name] => name.name(),
            _ => SEVERAL.0,
        }),
        Arc::new(|plan, name| match DETECTORS.iter().find(|(detector, ..)| detector.name() == name) {
            Some((detector, ..)) => plan.detector = (*detector).into(),
            None => plan.detector = Detectors::recommended(),
        }),
    );
    let is_several = Memo::new(move |_| store.drafted(|plan| plan.detector.names().len() > 1));
    let is_recommended = Memo::new(move |_| store.drafted(|plan| plan.detector == Detectors::recommended()));
    let recommend = move |_| store.edit_draft(|plan| plan.detector = Detectors::recommended());
    let advice = format!("Recommended: {} together", short_names(&Detectors::recommended()));
    view! {
        <div class="wide detectors">
            {one}
            <Show when=move || is_several.get()>
                <Members />
                {select_field(
                    "Combined by",
                    "",
                    &WAYS,
                    Arc::new(|plan| {
                        let combine = plan.parameters.ensemble.combine;
                        COMBINATIONS.iter().find(|(way, ..)| *way == combine).map_or("", |(_, name, _)| name)
                    }),
                    Arc::new(|plan, name| {
                        if let Some((way, ..)) = COMBINATIONS.iter().find(|(_, known, _)| *known == name) {
                            plan.parameters.ensemble.combine = *way;
                        }
                    }),
                )}
            </Show>
            <Show when=move || !is_recommended.get()>
                <button type="button" class="button button-small" on:click=recommend>
                    {advice.clone()}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

/// The detectors of an ensemble, each switched on or off; two stay on.
#[component]
fn Members() -> impl IntoView {
    let store = store();
    let chosen = Memo::new(move |_| store.drafted(|plan| plan.detector.names().to_vec()));
    let chip = |(name, words, _): (DetectorName, &'static str, &'static str)| {
        let is_on = move || chosen.with(|chosen| chosen.contains(&name));
        let is_needed = move || is_on() && chosen.with(|chosen| chosen.len() <= 2);
        let toggle = move |_| {
            let names = chosen.get_untracked();
            let is_kept = |other: &DetectorName| {
                if *other == name { !names.contains(&name) } else { names.contains(other) }
            };
            let offered = DETECTORS.iter().map(|(detector, ..)| *detector);
            if let Ok(detectors) = Detectors::new(offered.filter(is_kept).collect()) {
                store.edit_draft(|plan| plan.detector = detectors);
            }
        };
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=is_on disabled=is_needed on:change=toggle />
                <span>{words}</span>
            </label>
        }
    };
    let offered = DETECTORS.into_iter().filter(|(name, ..)| *name != DetectorName::Rules);
    view! {
        <div class="field" role="group" aria-labelledby="members-label">
            <span class="label" id="members-label">"These models"</span>
            <div class="checks">{offered.map(chip).collect_view()}</div>
            <span class="hint">"At least two; unlike ones add most"</span>
        </div>
    }
}

/// The chosen detectors' own parameters, folded, where they have any.
pub fn own_parameters() -> AnyView {
    let store = store();
    let detectors = Memo::new(move |_| store.drafted(|plan| Some(plan.detector.clone())));
    (move || {
        let detectors = detectors.get()?;
        let own: Vec<_> = detectors.names().iter().filter_map(|name| of_detector(*name)).collect();
        if own.is_empty() {
            return None;
        }
        let title = match detectors.names() {
            [_] => "The detector’s own parameters",
            _ => "The detectors’ own parameters",
        };
        Some(view! {
            <details class="fold wide">
                <summary>{title}</summary>
                <div class="parameters">{fields(&own)}</div>
            </details>
        })
    })
    .into_any()
}
