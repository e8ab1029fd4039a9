//! Ways of saying where flags begin: a share, a number of rows, alerts per day, or what mistakes cost; and what a moved
//! threshold lets appear and disappear.

use crate::app::format;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::{Problem, store};
use crate::engine::plan::{Recipe, Role};
use crate::engine::time::DAY_MS;
use crate::protocol::ThresholdOptions;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

/// A way of cutting scores.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Share,
    Rows,
    PerDay,
    Cost,
}

impl Way {
    const ALL: [(Way, &'static str); 4] =
        [(Way::Share, "share"), (Way::Rows, "rows"), (Way::PerDay, "per-day"), (Way::Cost, "cost")];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(way, _)| *way == self).map_or("", |(_, name)| name)
    }

    /// What the first number is, and a sensible first value for so many rows.
    fn number(self, n_rows: usize) -> (&'static str, f64) {
        match self {
            Way::Share => ("Percent", 5.0),
            Way::Rows => ("How many", (n_rows as f64 / 20.0).clamp(1.0, 50.0).round()),
            Way::PerDay => ("A day", 5.0),
            Way::Cost => ("A miss costs", 10.0),
        }
    }

    /// What the engine is asked for.
    fn options(self, number: f64, false_alarm: f64) -> ThresholdOptions {
        let none = ThresholdOptions::default();
        match self {
            Way::Share => ThresholdOptions { contamination: Some(number / 100.0), ..none },
            Way::Rows => ThresholdOptions { budget: Some(number.max(0.0).round() as usize), ..none },
            Way::PerDay => ThresholdOptions { alerts_per_day: Some(number), ..none },
            Way::Cost => {
                ThresholdOptions { miss_cost: Some(number), false_alarm_cost: Some(false_alarm), ..none }
            }
        }
    }
}

/// The form, and what became of the flags since the analysis.
#[component]
pub fn CutForm(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let way = RwSignal::new(Way::Share);
    let n_rows = results.n_rows();
    let number = RwSignal::new(Way::Share.number(n_rows).1.to_string());
    let false_alarm = RwSignal::new("1".to_owned());
    let failed = RwSignal::new(None::<String>);
    // Said of a wish that is more than there is.
    let is_more = RwSignal::new(None::<String>);
    let has_days = results.plan.recipe != Recipe::Table && results.time_range.is_some();
    let has_labels = results.plan.label.is_some() || results.plan.roles.contains_key(&Role::Label);
    let row = results.row();
    let choices = [
        (Way::Share, format!("a share of all {row}s"), true),
        (Way::Rows, format!("so many {row}s"), true),
        (Way::PerDay, "so many alerts a day".to_owned(), has_days),
        (Way::Cost, "where mistakes cost least".to_owned(), has_labels),
    ];
    let choices = choices
        .into_iter()
        .filter(|(.., is_possible)| *is_possible)
        .map(|(way, words, _)| view! { <option value=way.name()>{words}</option> })
        .collect_view();
    let choose = move |event| {
        let name = event_target_value(&event);
        if let Some((chosen, _)) = Way::ALL.iter().find(|(_, known)| *known == name) {
            way.set(*chosen);
            number.set(chosen.number(n_rows).1.to_string());
        }
    };
    let n_days = results.time_range.map(|[first, last]| ((last - first) / DAY_MS as f64).max(1.0));
    let more_than_all = move |way: Way, number: f64| {
        let wanted = match way {
            Way::PerDay => number * n_days.unwrap_or(1.0),
            Way::Rows => number,
            Way::Share | Way::Cost => return None,
        };
        (wanted >= n_rows as f64 + 1.0).then(|| {
            let days = match way {
                Way::PerDay => {
                    format!("{} a day would be {}", format::value(number, ""), format::rounded(wanted))
                }
                _ => format!("{} are wanted", format::rounded(wanted)),
            };
            format!("{days}, and there are {}: all are flagged.", format::counted(n_rows, row))
        })
    };
    let apply = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        is_more.set(None);
        let parse = |text: RwSignal<String>| text.with_untracked(|text| format::number(text.trim()));
        let (Some(first), Some(second)) = (parse(number), parse(false_alarm)) else {
            return failed.set(Some("A number is needed.".to_owned()));
        };
        let asked = way.get_untracked();
        let options = asked.options(first, second);
        spawn_local(async move {
            let outcome = operations::cut_by(store, options).await;
            // The form may be gone by then.
            let message =
                outcome.err().and_then(|failure| Problem::of("", failure)).map(|problem| problem.message);
            if message.is_none() {
                let _ = is_more.try_set(more_than_all(asked, first));
            }
            let _ = failed.try_set(message);
        });
    };
    let field = move |label: Signal<&'static str>, value: RwSignal<String>| {
        view! {
            <label>
                <span class="label">{label}</span>
                <input
                    type="number"
                    step="any"
                    min="0"
                    required
                    prop:value=value
                    on:input=move |event| value.set(event_target_value(&event))
                />
            </label>
        }
    };
    view! {
        <form class="cut-form" aria-label="Where flags begin" on:submit=apply>
            <label>
                <span class="label">"Or flag"</span>
                <select on:change=choose>{choices}</select>
            </label>
            {field(Signal::derive(move || way.get().number(n_rows).0), number)}
            <Show when=move || way.get() == Way::Cost>
                {field(Signal::stored("A false alarm costs"), false_alarm)}
            </Show>
            <button type="submit" class="button">"Set threshold"</button>
            <Moved results />
            <p class="wrong" role="alert">{failed}</p>
            <p class="hint" role="status">{is_more}</p>
        </form>
    }
}

/// How the flags differ from those of the plan's own threshold, the way back, and the way into the plan.
#[component]
fn Moved(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let planned = results.planned_threshold;
    let n_planned = results.n_above(planned);
    let row = results.row();
    let is_moved = Memo::new(move |_| store.threshold() != planned);
    let words = move || {
        let n = store.n_flagged_rows();
        let change = match (n > n_planned, n < n_planned) {
            (true, _) => format!("{} appeared", format::counted(n - n_planned, row)),
            (_, true) => format!("{} disappeared", format::counted(n_planned - n, row)),
            _ => format!("the same {row}s are flagged"),
        };
        format!("Against the plan’s threshold of {planned:.3}: {change}.")
    };
    let can_keep = Memo::new(move |_| store.cut_by.with(Option::is_some));
    view! {
        <div class="moved">
            <p role="status">{move || is_moved.get().then(words)}</p>
            <Show when=move || is_moved.get()>
                <button
                    type="button"
                    class="button button-quiet button-small"
                    on:click=move |_| operations::move_threshold(store, planned)
                >
                    "Back to it"
                </button>
                <Show when=move || can_keep.get()>
                    <button
                        type="button"
                        class="button button-quiet button-small"
                        title="The next analysis will set it in the same way"
                        on:click=move |_| operations::keep_cut(store)
                    >
                        "Keep in the plan"
                    </button>
                </Show>
            </Show>
        </div>
    }
}
