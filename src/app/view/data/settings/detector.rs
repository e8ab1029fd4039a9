//! Which detector scores come from, and its own parameters.

use crate::app::state::store;
use crate::app::view::field::{Number, number_field, select_field};
use crate::engine::plan::{DetectorName, Detectors};
use leptos::prelude::*;
use std::sync::Arc;

/// Detectors in words.
const DETECTORS: [(DetectorName, &str); 10] = [
    (DetectorName::Iforest, "Isolation Forest"),
    (DetectorName::Autoencoder, "Autoencoder"),
    (DetectorName::Ocsvm, "One-class support vector machine"),
    (DetectorName::Lof, "Local outlier factor"),
    (DetectorName::Knn, "Distance to neighbours"),
    (DetectorName::Ecod, "ECOD, by tails"),
    (DetectorName::Copod, "COPOD, by tails together"),
    (DetectorName::Hbos, "HBOS, by histograms"),
    (DetectorName::RobustZ, "Robust z, feature by feature"),
    (DetectorName::Rules, "The rules alone"),
];

/// What stands for an ensemble among them.
const ENSEMBLE: (&str, &str) = ("ensemble", "Ensemble (recommended)");

/// The same by the names that plans have, the ensemble first.
static CHOICES: [(&str, &str); DETECTORS.len() + 1] = {
    let mut choices = [ENSEMBLE; DETECTORS.len() + 1];
    let mut place = 0;
    while place < DETECTORS.len() {
        choices[place + 1] = (DETECTORS[place].0.name(), DETECTORS[place].1);
        place += 1;
    }
    choices
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

/// The choice.
pub fn choice() -> AnyView {
    select_field(
        "Scores come from",
        "",
        &CHOICES,
        Arc::new(|plan| match plan.detector.names() {
            [name] => name.name(),
            _ => ENSEMBLE.0,
        }),
        Arc::new(|plan, name| match DETECTORS.iter().find(|(detector, _)| detector.name() == name) {
            Some((detector, _)) => plan.detector = (*detector).into(),
            None => plan.detector = Detectors::recommended(),
        }),
    )
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
        Some(view! {
            <details class="fold wide">
                <summary>"The detector’s own parameters"</summary>
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
