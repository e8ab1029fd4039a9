//! A source that would not fit into memory: what it would take, and the ways to read it all the same.

use crate::app::format;
use crate::app::operations;
use crate::app::source::{Choice, ReadOptions};
use crate::app::state::store;
use crate::engine::ingest::{ColumnEstimate, RowSample};
use crate::engine::plan::Role;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Seed of a sample unless the user has another wish: any will do, but it is said.
const SEED: u64 = 1;

/// The card, while a word of the user is waited for.
#[component]
pub fn ChoiceCard() -> impl IntoView {
    let store = store();
    let shown = move |choice: Choice| {
        let estimate = &choice.estimate;
        let facts = format!(
            "About {} rows and {} of memory, where {} can be had. Choose how to read it:",
            format::rounded(estimate.rows),
            format::bytes(estimate.peak_bytes),
            format::bytes(estimate.memory_budget),
        );
        let name = choice.source.name.clone();
        let close = move |_| store.choice.set(None);
        view! {
            <section class="choice-card" aria-labelledby="choice-title">
                <header class="progress-head">
                    <h2 id="choice-title">{name}" is larger than this tab’s memory"</h2>
                    <button type="button" class="button button-quiet" on:click=close>"Cancel"</button>
                </header>
                <p>{facts}</p>
                <div class="choices">
                    {columns(&choice)}
                    {sample(&choice)}
                    {aggregate(&choice)}
                    {everything(&choice)}
                </div>
            </section>
        }
    };
    view! { <div role="status">{move || store.choice.get().map(shown)}</div> }
}

/// A way to read it: what it means, what can be chosen about it, and its button.
fn card(
    title: &'static str,
    words: AnyView,
    controls: AnyView,
    label: &'static str,
    choice: &Choice,
    options: Signal<ReadOptions>,
) -> AnyView {
    let store = store();
    let source = StoredValue::new_local(choice.source.clone());
    let purpose = choice.purpose;
    view! {
        <section class="choice">
            <h3>{title}</h3>
            <p class="hint">{words}</p>
            <div class="choice-controls">{controls}</div>
            <button
                type="button"
                class="button"
                on:click=move |_| operations::read_chosen(store, source.get_value(), options.get_untracked(), purpose)
            >
                {label}
            </button>
        </section>
    }
    .into_any()
}

/// Only some columns: those whose names say what they are for are chosen beforehand.
fn columns(choice: &Choice) -> AnyView {
    let estimate = &choice.estimate;
    let by_role = Role::ALL.into_iter().filter_map(|role| estimate.column_of(role)).map(str::to_owned);
    let mut kept: BTreeSet<String> = by_role.collect();
    if kept.is_empty() {
        // Nothing is known of them: those that the engine would keep, if any.
        kept.extend(estimate.choices.iter().filter_map(|way| way.options.columns.clone()).flatten());
    }
    let chosen = RwSignal::new(kept);
    let all = choice.estimate.columns.clone();
    // With whose columns a column comes: with its own, and with that of times that it is a part of.
    let comes_with = |name: &String| {
        let makes = |column: &&ColumnEstimate| column.name == *name || column.joined_of.contains(name);
        all.iter().filter(makes).map(|column| column.name.clone()).collect::<Vec<_>>()
    };
    let sizes: Vec<(Vec<String>, f64)> =
        all.iter().map(|column| (comes_with(&column.name), column.bytes as f64)).collect();
    // What reading takes besides its columns stays.
    let besides = choice.estimate.peak_bytes - sizes.iter().map(|(_, bytes)| bytes).sum::<f64>();
    let budget = choice.estimate.memory_budget;
    let total = move || {
        chosen.with(|chosen| {
            let is_read = |names: &[String]| names.iter().any(|name| chosen.contains(name));
            sizes.iter().filter(|(names, _)| is_read(names)).map(|(_, bytes)| bytes).sum::<f64>()
        }) + besides.max(0.0)
    };
    let boxes = all
        .into_iter()
        .map(|column| {
            let name = column.name.clone();
            let is_chosen = {
                let name = name.clone();
                move || chosen.with(|chosen| chosen.contains(&name))
            };
            let toggle = move |_| {
                chosen.update(|chosen| {
                    if !chosen.remove(&name) {
                        chosen.insert(name.clone());
                    }
                });
            };
            view! {
                <label class="check">
                    <input type="checkbox" prop:checked=is_chosen on:change=toggle />
                    <span>{column.name}</span>
                    <span class="hint">{format::bytes(column.bytes as f64)}</span>
                </label>
            }
        })
        .collect_view();
    let given = choice.options.clone();
    let options = Signal::derive(move || ReadOptions {
        columns: Some(chosen.with(|chosen| chosen.iter().cloned().collect())),
        ..given.clone()
    });
    let words = move || {
        let total = total();
        let verdict = if total <= budget { "which fits" } else { "which is still too much" };
        format!("About {} of memory, {verdict}.", format::bytes(total))
    };
    let controls = view! { <div class="checks">{boxes}</div> }.into_any();
    card("Only the columns needed", words.into_any(), controls, "Read these columns", choice, options)
}

/// A seeded share: of users, where a column says who acts, so that each is whole.
fn sample(choice: &Choice) -> Option<AnyView> {
    let way = choice.estimate.choices.iter().find(|way| way.options.sample.is_some())?;
    let share = way.options.sample.as_ref()?.share;
    let by = RwSignal::new(choice.estimate.column_of(Role::Entity).unwrap_or_default().to_owned());
    let given = choice.options.clone();
    let options = Signal::derive(move || ReadOptions {
        sample: Some(RowSample { share, seed: SEED, by: Some(by.get()).filter(|by| !by.is_empty()) }),
        ..given.clone()
    });
    let columns = choice
        .estimate
        .columns
        .iter()
        .map(|column| {
            let name = column.name.clone();
            let is_chosen = by.get_untracked() == name;
            view! { <option value=name.clone() selected=is_chosen>{name.clone()}</option> }
        })
        .collect_view();
    let words = format!(
        "{} of them, drawn with seed {SEED}, the same each time: about {} rows.",
        format::small_percent(share),
        format::rounded(way.rows)
    );
    let controls = view! {
        <label class="field">
            <span class="label">"Keep whole"</span>
            <select on:change=move |event| by.set(event_target_value(&event))>
                <option value="">"nothing: single rows"</option>
                {columns}
            </select>
            <span class="hint">"All rows of a value of this column, such as a user, or none"</span>
        </label>
    };
    Some(card("A sample", words.into_any(), controls.into_any(), "Read the sample", choice, options))
}

/// One row per user, where names say who acts and when: what is kept then grows with users and not with rows.
fn aggregate(choice: &Choice) -> Option<AnyView> {
    let (user, time) = (choice.estimate.column_of(Role::Entity)?, choice.estimate.column_of(Role::Time)?);
    let words = format!(
        "Logins, failures, devices, addresses, countries and browsers are counted for each “{user}” by “{time}”. It \
         takes memory for the users, not for the rows; the rows themselves are not kept and cannot be shown."
    );
    let options = Signal::stored(ReadOptions { aggregate: true, ..choice.options.clone() });
    Some(card("One row per user", words.into_any(), ().into_any(), "Add rows up", choice, options))
}

/// All of it, whatever was judged.
fn everything(choice: &Choice) -> AnyView {
    let words =
        "An estimate can be wrong. If memory runs out, reading ends with a message and the page goes on.";
    card(
        "Try anyway",
        words.into_any(),
        ().into_any(),
        "Read everything",
        choice,
        Signal::stored(choice.options.clone()),
    )
}
