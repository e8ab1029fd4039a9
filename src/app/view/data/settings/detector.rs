//! Which detector scores come from, and its own parameters.

use crate::app::state::store;
use crate::app::view::field::{Number, number_field, select_field};
use crate::app::view::models::{COMBINATIONS, DETECTORS, short_names};
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

static FOREST: [Number; 2] = [
    Number {
        name: "trees",
        label: "Trees",
        hint: "More are steadier and slower",
        min: 1.0,
        max: 10_000.0,
        step: 1.0,
        read: |plan| plan.parameters.trees as f64,
        write: |plan, x| plan.parameters.trees = x as usize,
    },
    Number {
        name: "subsample",
        label: "Rows per tree",
        hint: "Drawn anew for every tree",
        min: 2.0,
        max: 65_536.0,
        step: 1.0,
        read: |plan| plan.parameters.subsample as f64,
        write: |plan, x| plan.parameters.subsample = x as usize,
    },
];

static NEIGHBOURS: [Number; 1] = [Number {
    name: "neighbors",
    label: "Neighbours",
    hint: "Rows that a row is compared with",
    min: 1.0,
    max: 1_000.0,
    step: 1.0,
    read: |plan| plan.parameters.neighbors as f64,
    write: |plan, x| plan.parameters.neighbors = x as usize,
}];

static AUTOENCODER: [Number; 3] = [
    Number {
        name: "code",
        label: "Units of the code",
        hint: "At most half of the columns that the model sees",
        min: 1.0,
        max: 512.0,
        step: 1.0,
        read: |plan| plan.parameters.autoencoder.code as f64,
        write: |plan, x| plan.parameters.autoencoder.code = x as usize,
    },
    Number {
        name: "epochs",
        label: "Epochs",
        hint: "Times that every row is learned from",
        min: 1.0,
        max: 10_000.0,
        step: 1.0,
        read: |plan| plan.parameters.autoencoder.epochs as f64,
        write: |plan, x| plan.parameters.autoencoder.epochs = x as usize,
    },
    Number {
        name: "patience",
        label: "Patience",
        hint: "Epochs without progress before it stops; 0 for never",
        min: 0.0,
        max: 10_000.0,
        step: 1.0,
        read: |plan| plan.parameters.autoencoder.patience as f64,
        write: |plan, x| plan.parameters.autoencoder.patience = x as usize,
    },
];

static MACHINE: [Number; 1] = [Number {
    name: "nu",
    label: "ν",
    hint: "Share of rows outside the region, at most",
    min: 0.001,
    max: 1.0,
    step: 0.001,
    read: |plan| plan.parameters.ocsvm.nu,
    write: |plan, x| plan.parameters.ocsvm.nu = x,
}];

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

/// The chosen detector's own parameters, folded, where it has any.
pub fn own_numbers() -> AnyView {
    let store = store();
    let detectors = Memo::new(move |_| store.drafted(|plan| Some(plan.detector.clone())));
    (move || {
        let mut numbers: Vec<&'static Number> = Vec::new();
        for number in detectors.get()?.names().iter().flat_map(|name| of(*name)) {
            if numbers.iter().all(|known| known.name != number.name) {
                numbers.push(number);
            }
        }
        if numbers.is_empty() {
            return None;
        }
        let title = match detectors.get()?.names() {
            [_] => "The detector’s own parameters",
            _ => "The detectors’ own parameters",
        };
        Some(view! {
            <details class="fold wide">
                <summary>{title}</summary>
                <div class="parameters">{numbers.into_iter().map(number_field).collect_view()}</div>
            </details>
        })
    })
    .into_any()
}

/// What there is to set of a detector.
fn of(name: DetectorName) -> &'static [Number] {
    match name {
        DetectorName::Iforest => &FOREST,
        DetectorName::Knn | DetectorName::Lof => &NEIGHBOURS,
        DetectorName::Autoencoder => &AUTOENCODER,
        DetectorName::Ocsvm => &MACHINE,
        DetectorName::Ecod
        | DetectorName::Copod
        | DetectorName::Hbos
        | DetectorName::RobustZ
        | DetectorName::Rules => &[],
    }
}
