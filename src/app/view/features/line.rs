//! A feature as a line of the list.

use crate::app::format;
use crate::app::host;
use crate::app::results::Results;
use crate::app::state::{Separated, Store, store};
use js_sys::Uint32Array;
use leptos::prelude::*;
use std::fmt::Write as _;
use std::rc::Rc;
use wasm_bindgen::JsCast;

/// Correlation from which on a feature is said to go with another.
const LEAST_CORRELATION: f64 = 0.5;

/// Share of rows without a value of a feature, as far as that is known.
pub fn missing(store: Store, feature: usize) -> f64 {
    of(store, feature, |known| {
        let number = |key: &str| host::get(&known.view, key).as_f64().unwrap_or(0.0);
        let missing = number("normalMissing") + number("flaggedMissing");
        let counted: u32 = ["normal", "flagged"].iter().flat_map(|side| counts(known, side)).sum();
        if missing > 0.0 { missing / (missing + f64::from(counted)) } else { 0.0 }
    })
    .unwrap_or(0.0)
}

/// What is known of a feature's distribution, if it is there yet.
fn of<T>(store: Store, feature: usize, read: impl FnOnce(&Separated) -> T) -> Option<T> {
    store.distributions.with(|list| list.iter().find(|known| known.feature == feature).map(read))
}

/// Rows by bin of one side.
fn counts(known: &Separated, side: &str) -> Vec<u32> {
    host::get(&known.view, side).dyn_into::<Uint32Array>().map(|counts| counts.to_vec()).unwrap_or_default()
}

/// Its line.
pub fn line(results: &Rc<Results>, index: usize, chosen: Memo<Option<usize>>) -> AnyView {
    let store = store();
    let Some(feature) = results.features.get(index) else { return ().into_any() };
    let meaning = results.meaning(feature);
    let unit = results.unit(feature).to_owned();
    let is_own = results.is_own(feature);
    let found = results.found(feature).map(|(word, _)| word);
    let (name, formula) = (feature.name.clone(), feature.formula.clone());
    let kept = StoredValue::new(feature.name.clone());
    let results = StoredValue::new_local(results.clone());
    let is_on =
        Memo::new(move |_| store.drafted(|plan| !kept.with_value(|name| plan.omitted.contains(name))));
    let has_rule = Memo::new(move |_| {
        store.drafted(|plan| {
            plan.rules.as_ref().is_some_and(|rules| {
                kept.with_value(|name| rules.rules.iter().any(|rule| rule.feature == *name))
            })
        })
    });
    let is_selected = move || chosen.get() == Some(index);
    let open = move |_| {
        super::choose(store, &kept.get_value());
        super::about::show_on_small_screens();
    };
    let absent = move || match missing(store, index) {
        0.0 => "none".to_owned(),
        share => format::small_percent(share),
    };
    let goes_with = move || {
        let (other, value) = store.correlations.with(|known| {
            let pairs = known.as_ref()?.strongest(index);
            pairs.first().copied().filter(|(_, value)| value.abs() >= LEAST_CORRELATION)
        })?;
        let name = results.with_value(|results| results.features.get(other).map(|f| results.meaning(f)))?;
        Some(format!("{name} {}", correlation(value)))
    };
    view! {
        <li class="feature-line" class:selected=is_selected class:off=move || !is_on.get()>
            <input
                type="checkbox"
                role="switch"
                aria-label=format!("Use {meaning}")
                prop:checked=is_on
                on:change=move |event| super::switch_feature(store, &kept.get_value(), event_target_checked(&event))
            />
            <button
                type="button"
                class="feature-open"
                aria-current=move || is_selected().then_some("true")
                on:click=open
            >
                <span class="feature-name">
                    <span class="feature-meaning">{meaning}</span>
                    {is_own.then(|| view! { <span class="tag">"own"</span> })}
                    {found.map(|word| view! { <span class="tag tag-quiet">{word}</span> })}
                    <Show when=move || has_rule.get()>
                        <span class="tag">"rule"</span>
                    </Show>
                    <span class="feature-formula">
                        <code>{name}</code>
                        {(!formula.is_empty()).then(|| format!(" = {formula}"))}
                    </span>
                </span>
                <span class="feature-unit">{unit}</span>
                {move || of(store, index, spark)}
                <span class="feature-missing"><span class="feature-word">"Missing: "</span>{absent}</span>
                <span class="feature-kin">{goes_with}</span>
            </button>
        </li>
    }
    .into_any()
}

/// `0.93`, `−0.71`.
pub fn correlation(value: f64) -> String {
    format!("{value:.2}").replace('-', "−")
}

/// Normal rows behind flagged ones, each as shares of its own, as two paths: their cost is that of two elements.
fn spark(known: &Separated) -> AnyView {
    let [normal, flagged] = ["normal", "flagged"].map(|side| {
        let counts = counts(known, side);
        let total = counts.iter().sum::<u32>().max(1);
        counts.into_iter().map(|n| f64::from(n) / f64::from(total)).collect::<Vec<f64>>()
    });
    let most = normal.iter().chain(&flagged).copied().fold(0.0, f64::max);
    let path = |shares: &[f64]| {
        let width = 100.0 / shares.len().max(1) as f64;
        let mut path = String::with_capacity(shares.len() * 24);
        for (i, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            // One row must stay visible beside a million.
            let height = (share / most * 24.0).max(1.5);
            let left = i as f64 * width;
            // Writing into a string cannot fail.
            let _ = write!(path, "M{left:.1} 24v-{height:.1}h{:.1}v{height:.1}z", width * 0.86);
        }
        path
    };
    view! {
        <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
            <path class="spark-normal" d=path(&normal) />
            <path class="spark-flagged" d=path(&flagged) />
        </svg>
    }
    .into_any()
}
