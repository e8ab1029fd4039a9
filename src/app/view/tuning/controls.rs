//! What is varied, how many combinations are tried, and by what measure: the same for a plan and for what is learned.

use super::space::{Space, Tries, Varied};
use super::words::{path_words, value_words};
use crate::protocol::Metric;
use leptos::prelude::*;

/// Measures of an order of rows against a truth: name, words, what that means.
const METRICS: [(Metric, &str, &str); 2] = [
    (
        Metric::AveragePrecision,
        "average precision",
        "What stands first counts most: the measure of a list that is read from its top.",
    ),
    (
        Metric::RocAuc,
        "ROC AUC",
        "Every pair of rows counts alike, wherever it stands; little is said of the top where few rows are abnormal.",
    ),
];

/// What may be varied: a box each, and its values, those that are numbers to be typed.
pub fn varied(space: RwSignal<Space>) -> AnyView {
    // Made anew when other things may be varied, not when one of them is chosen or typed.
    let offered = Memo::new(move |_| {
        let paths = |space: &Space| space.all().iter().map(|v| (v.path.clone(), v.text.is_some())).collect();
        space.with(paths)
    });
    let lines = move || {
        let offered: Vec<(String, bool)> = offered.get();
        offered.into_iter().enumerate().map(|(place, (path, _))| line(space, place, path)).collect_view()
    };
    view! { <div class="varied">{lines}</div> }.into_any()
}

fn line(space: RwSignal<Space>, place: usize, path: String) -> AnyView {
    let is_chosen = move || space.with(|space| space.all().get(place).is_some_and(|varied| varied.is_chosen));
    let change = move |change: &dyn Fn(&mut Varied)| {
        space.update(|space| {
            if let Some(varied) = space.at_mut(place) {
                change(varied);
            }
        });
    };
    let name = path_words(&path);
    let label = format!("{name}: values to try");
    let own = untrack(|| space.with(|space| space.all().get(place).cloned()));
    let is_typed = own.as_ref().is_some_and(|own| own.text.is_some());
    let words = own
        .filter(|_| !is_typed)
        .map(|own| own.values.iter().map(|value| value_words(&path, value)).collect::<Vec<_>>().join(", "));
    let hint_id = format!("varied-{}", path.replace('.', "-"));
    let typed = is_typed.then(|| {
        let text = move || {
            space
                .with(|space| space.all().get(place).and_then(|varied| varied.text.clone()))
                .unwrap_or_default()
        };
        let is_wrong = Memo::new(move |_| {
            space.with(|space| space.all().get(place).is_some_and(|varied| varied.values.is_empty()))
        });
        let described_by = hint_id.clone();
        view! {
            <input
                type="text"
                inputmode="decimal"
                aria-label=label
                prop:value=text
                aria-invalid=move || is_wrong.get().then_some("true")
                aria-describedby=move || is_wrong.get().then(|| described_by.clone())
                disabled=move || !is_chosen()
                on:input=move |event| change(&|varied| varied.retype(event_target_value(&event)))
            />
            <span class="hint wrong" id=hint_id aria-live="polite">
                {move || is_wrong.get().then_some("Numbers, with commas between")}
            </span>
        }
    });
    view! {
        <div class="varied-one">
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=is_chosen
                    on:change=move |event| change(&|varied| varied.is_chosen = event_target_checked(&event))
                />
                <span>{name} {words.map(|words| view! { <span class="hint">{words}</span> })}</span>
            </label>
            {typed}
        </div>
    }
    .into_any()
}

/// How many are tried, and what that means.
pub fn tries(space: RwSignal<Space>, tries: RwSignal<Tries>) -> AnyView {
    let most = [10_usize, 30, 100];
    let choices = std::iter::once((Tries::Every, "0".to_owned(), "every combination".to_owned()))
        .chain(most.map(|n| (Tries::AtMost(n), n.to_string(), format!("at most {n}, drawn at random"))))
        .map(|(which, value, words)| {
            view! { <option value=value selected=move || tries.get() == which>{words}</option> }
        })
        .collect_view();
    let change = move |event| {
        tries.set(match event_target_value(&event).parse() {
            Ok(0) | Err(_) => Tries::Every,
            Ok(n) => Tries::AtMost(n),
        });
    };
    let obstacle = Memo::new(move |_| space.with(|space| space.obstacle(tries.get())));
    let words = move || obstacle.get().unwrap_or_else(|| space.with(|space| space.words(tries.get())));
    view! {
        <label class="field">
            <span class="label">"Candidates"</span>
            <select on:change=change>{choices}</select>
            <span class="hint" class:wrong=move || obstacle.with(Option::is_some) aria-live="polite">
                {words}
            </span>
        </label>
    }
    .into_any()
}

/// The measure that candidates are compared by.
pub fn measure(metric: RwSignal<Metric>) -> AnyView {
    let choices = METRICS
        .map(|(which, words, _)| {
            view! { <option value=which.name() selected=move || metric.get() == which>{words}</option> }
        })
        .into_iter()
        .collect_view();
    let change = move |event| {
        let name = event_target_value(&event);
        if let Some((which, ..)) = METRICS.iter().find(|(which, ..)| which.name() == name) {
            metric.set(*which);
        }
    };
    let words =
        move || METRICS.iter().find(|(which, ..)| *which == metric.get()).map_or("", |(.., words)| words);
    view! {
        <label class="field">
            <span class="label">"Compared by"</span>
            <select on:change=change>{choices}</select>
            <span class="hint" aria-live="polite">{words}</span>
        </label>
    }
    .into_any()
}
