//! Rules over features: limits chosen beside the distributions they cut, and how many rows each holds for.

use crate::app::format;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::store;
use crate::app::view::field::{AnyNumber, Number, any_number_field, number_field};
use crate::engine::plan::{DetectorName, Plan, Recipe, Rule, Rules};
use crate::protocol::RowsAbove;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use std::sync::Arc;

static AT_LEAST: Number = Number {
    name: "at-least",
    label: "Abnormal from, points",
    hint: "The sum of the points of the rules that hold",
    min: 0.01,
    max: 1e6,
    step: 0.01,
    read: |plan| plan.rules.as_ref().map_or(3.0, |rules| rules.at_least),
    write: |plan, x| rules_of(plan).at_least = x,
};

fn rules_of(plan: &mut Plan) -> &mut Rules {
    plan.rules.get_or_insert_with(|| Rules { rules: Vec::new(), at_least: 3.0 })
}

fn rule_of(plan: &Plan, place: usize) -> Option<&Rule> {
    plan.rules.as_ref()?.rules.get(place)
}

/// The block; nothing for recipes without rules, nor for features of another recipe than the one chosen.
pub fn rules(results: Rc<Results>) -> AnyView {
    let store = store();
    let n_rules =
        Memo::new(move |_| store.drafted(|plan| plan.rules.as_ref().map_or(0, |rules| rules.rules.len())));
    let measured = results.plan.recipe;
    let is_shown = Memo::new(move |_| {
        store.drafted(|plan| {
            let has_rules = plan.recipe == Recipe::Login || plan.detector.is(DetectorName::Rules);
            plan.recipe == measured && (has_rules || n_rules.get() > 0)
        })
    });
    let kept = StoredValue::new_local(results);
    let reached = move || {
        kept.with_value(|results| {
            let said = results.rules.as_ref()?;
            Some(format!(
                "As analysed, {} of {} have {} points or more.",
                format::count(said.reached),
                format::counted(results.n_rows(), results.row()),
                said.at_least
            ))
        })
    };
    let add = move |_| {
        // A limit is one of numbers.
        let first = kept.with_value(|results| {
            let mut features = results.features.iter();
            features.find(|feature| feature.labels.is_empty()).map(|feature| feature.name.clone())
        });
        if let Some(feature) = first {
            store.edit_draft(|plan| rules_of(plan).rules.push(Rule { feature, above: 0.0, points: 1.0 }));
        }
    };
    view! {
        <Show when=move || is_shown.get()>
            <section class="rules" aria-labelledby="rules-title">
                <header class="section-head">
                    <h3 id="rules-title">"Rules"</h3>
                    <p class="hint">
                        "Each rule that holds gives points. What they say stands beside the scores, and fired rules among the reasons. "
                        {reached}
                    </p>
                </header>
                <ul class="rule-list">
                    <For each=move || 0..n_rules.get() key=|place| *place let(place)>
                        {rule_line(kept.get_value(), place)}
                    </For>
                </ul>
                <div class="parameters">
                    <Show when=move || { n_rules.get() > 0 }>
                        {number_field(&AT_LEAST)}
                    </Show>
                    <button type="button" class="button button-small" on:click=add>"Add a rule"</button>
                </div>
            </section>
        </Show>
    }
    .into_any()
}

fn rule_line(results: Rc<Results>, place: usize) -> AnyView {
    let store = store();
    let feature = Memo::new(move |_| {
        store.drafted(|plan| rule_of(plan, place).map(|rule| rule.feature.clone()).unwrap_or_default())
    });
    let above = Memo::new(move |_| store.drafted(|plan| rule_of(plan, place).map_or(0.0, |rule| rule.above)));
    let holds = RwSignal::new(None::<RowsAbove>);
    let kept = StoredValue::new_local(results);
    Effect::new(move |_| {
        let (name, above) = (feature.get(), above.get());
        let index = kept.with_value(|results| results.features.iter().position(|known| known.name == name));
        let Some(index) = index else { return holds.set(None) };
        spawn_local(async move {
            let answer = operations::rows_above(store, index, above).await;
            let is_current = feature.try_get_untracked() == Some(name);
            if let (true, Ok(answer)) = (is_current, answer) {
                // The line may be gone by then.
                let _ = holds.try_set(Some(answer));
            }
        });
    });
    let words = move || {
        kept.with_value(|results| match holds.get() {
            None => "Not measured yet".to_owned(),
            Some(RowsAbove { rows, missing }) => {
                let share = rows as f64 / results.n_rows().max(1) as f64;
                let absent = match missing {
                    0 => String::new(),
                    n => format!(", {} without a value", format::count(n)),
                };
                format!(
                    "Holds for {} ({}){absent}",
                    format::counted(rows, results.row()),
                    format::small_percent(share)
                )
            }
        })
    };
    let options = move || {
        kept.with_value(|results| {
            let current = feature.get();
            let is_known = results.features.iter().any(|known| known.name == current);
            let unknown = (!is_known).then(|| (current.clone(), current.clone()));
            let numeric = results.features.iter().filter(|known| known.labels.is_empty());
            numeric
                .map(|known| (known.name.clone(), results.meaning(known)))
                .chain(unknown)
                .map(|(name, meaning)| {
                    let is_current = name == current;
                    view! { <option value=name selected=is_current>{meaning}</option> }
                })
                .collect_view()
        })
    };
    let choose = move |event| {
        let name = event_target_value(&event);
        super::choose(store, &name);
        store.edit_draft(|plan| {
            if let Some(rule) = rules_of(plan).rules.get_mut(place) {
                rule.feature = name;
            }
        });
    };
    let look = move |_| super::choose(store, &feature.get_untracked());
    let remove = move |_| {
        store.edit_draft(|plan| {
            let rules = &mut rules_of(plan).rules;
            if place < rules.len() {
                rules.remove(place);
            }
        });
        store.forget_rule_errors();
    };
    let number = |key: &str, label: &str, range, read: fn(&Rule) -> f64, write: fn(&mut Rule, f64)| {
        any_number_field(AnyNumber {
            name: format!("rule-{place}-{key}"),
            label: label.to_owned(),
            hint: "",
            range,
            read: Arc::new(move |plan| rule_of(plan, place).map_or(0.0, read)),
            write: Arc::new(move |plan, x| {
                if let Some(rule) = rules_of(plan).rules.get_mut(place) {
                    write(rule, x);
                }
            }),
        })
    };
    view! {
        <li class="rule" on:focusin=look>
            <label class="field rule-feature">
                <span class="label">"Where"</span>
                <select on:change=choose>{options}</select>
                <span class="hint" role="status">{words}</span>
            </label>
            {number("above", "is above", (-1e15, 1e15, 0.01), |rule| rule.above, |rule, x| rule.above = x)}
            {number("points", "it gives points", (0.01, 1e6, 0.01), |rule| rule.points, |rule, x| rule.points = x)}
            <button type="button" class="button button-quiet button-small" on:click=remove>"Remove"</button>
        </li>
    }
    .into_any()
}
