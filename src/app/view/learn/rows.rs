//! The rows held out one by one: what is said of each, what it is, and why that is said.

use crate::app::answers::{AnswerOrder, Answers};
use crate::app::format;
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::{Supervised, store};
use crate::app::view::detail;
use crate::app::view::learned::LearnedReasonOf;
use crate::app::view::ranking::{MAX_SEARCHED, move_focus};
use crate::app::view::switch::switch;
use crate::app::view::table::Fold;
use crate::protocol::Task;
use leptos::prelude::*;
use std::rc::Rc;

/// Rows listed at first, and by each press of "Show more".
const STEP: usize = 20;

/// The list and the row chosen of it, folded.
pub fn rows(supervised: &Supervised, results: Rc<Results>) -> AnyView {
    let is_open = RwSignal::new(false);
    let answers = supervised.answers.clone();
    let n_held_out = supervised.learned.test_rows;
    let kept = StoredValue::new_local((answers, results));
    let content = move || {
        is_open.get().then(|| {
            let (answers, results) = kept.get_value();
            view! { <HeldOut answers results /> }
        })
    };
    let hint = Signal::derive(move || {
        format!("what is said of each of the {} held out, and why", format::count(n_held_out))
    });
    view! {
        <Fold title="Row by row" hint is_open>
            {content}
        </Fold>
    }
    .into_any()
}

#[component]
fn HeldOut(answers: Rc<Answers>, results: Rc<Results>) -> impl IntoView {
    let is_of_numbers = answers.task == Task::Regression;
    let choices: &[(AnswerOrder, &str)] = match is_of_numbers {
        true => &[
            (AnswerOrder::Wrong, "Farthest off"),
            (AnswerOrder::Sure, "Nearest"),
            (AnswerOrder::Rows, "All"),
        ],
        false => &[
            (AnswerOrder::Wrong, "Wrong"),
            (AnswerOrder::Sure, "Most sure"),
            (AnswerOrder::Unsure, "Least sure"),
            (AnswerOrder::Rows, "All"),
        ],
    };
    let by = RwSignal::new(AnswerOrder::Wrong);
    let search = RwSignal::new(String::new());
    let n_shown = RwSignal::new(STEP);
    let chosen = RwSignal::new(None::<usize>);
    let buttons = switch("Which rows held out", choices, by);
    let row = results.row();
    let kept = StoredValue::new_local((answers, results));
    // Put in order once, and not at every key.
    let held_out = Memo::new(move |_| kept.with_value(|(answers, _)| answers.held_out(by.get())));
    let listed = Memo::new(move |_| {
        let needle = search.with(|text| text.trim().to_lowercase());
        held_out.with(|rows| match needle.is_empty() {
            true => rows.clone(),
            false => kept.with_value(|(_, results)| results.search_rows(rows, &needle, MAX_SEARCHED)),
        })
    });
    // Another order begins at its first row.
    Effect::new(move |_| {
        n_shown.set(STEP);
        chosen.set(listed.with(|rows| rows.first().copied()));
    });
    let count = move || {
        let n = listed.with(Vec::len);
        let is_searched = search.with(|text| !text.trim().is_empty());
        match (n, by.get()) {
            (0, AnswerOrder::Wrong) if !is_searched => "Nothing held out was answered wrongly.".to_owned(),
            (0, _) if held_out.with(Vec::len) > MAX_SEARCHED => {
                format!(
                    "None of the first {} held out has this in the name.",
                    format::counted(MAX_SEARCHED, row)
                )
            }
            (0, _) => format!("No {row} held out has this in the name."),
            (n, AnswerOrder::Wrong) if !is_of_numbers => {
                format!("{}, the surest first", format::counted(n, row))
            }
            (n, _) => format::counted(n, row),
        }
    };
    let items = move || {
        let rows = listed.with(|rows| rows.iter().take(n_shown.get()).copied().collect::<Vec<_>>());
        rows.into_iter().map(|row| item(kept, row, chosen)).collect_view()
    };
    let reason = move || {
        chosen
            .get()
            .map(|row| view! { <Chosen row results=kept.with_value(|(_, results)| results.clone()) /> })
    };
    view! {
        <div class="held-out">
            <div class="held-out-list">
                {buttons}
                <input
                    type="search"
                    class="search"
                    placeholder=format!("Find a {row}")
                    aria-label=format!("Find a {row} held out")
                    prop:value=search
                    on:input=move |event| search.set(event_target_value(&event))
                />
                <p class="hint" role="status">{count}</p>
                <ol class="ranking-list" on:keydown=move_focus>{items}</ol>
                <Show when=move || { listed.with(Vec::len) > n_shown.get() }>
                    <button type="button" class="button button-small" on:click=move |_| n_shown.update(|n| *n += STEP)>
                        "Show more"
                    </button>
                </Show>
            </div>
            <div class="held-out-row" aria-live="polite">{reason}</div>
        </div>
    }
}

/// A row as it is listed.
fn item(
    kept: StoredValue<(Rc<Answers>, Rc<Results>), LocalStorage>,
    row: usize,
    chosen: RwSignal<Option<usize>>,
) -> AnyView {
    let (name, said, actual, is_right) = kept.with_value(|(answers, results)| {
        (results.entity(row), answers.said(row), answers.actual(row), answers.is_right(row))
    });
    let is_chosen = move || chosen.get() == Some(row);
    let words = match is_right {
        Some(true) => format!("says {said}: right"),
        _ => format!("says {said}{}", actual.map_or_else(String::new, |actual| format!("; it is {actual}"))),
    };
    view! {
        <li>
            <button
                type="button"
                class="ranked"
                class:selected=is_chosen
                aria-current=move || is_chosen().then_some("true")
                on:click=move |_| chosen.set(Some(row))
            >
                <span class="ranked-head">
                    <span class="ranked-name" title=name.clone()>{name.clone()}</span>
                </span>
                <span class="ranked-days">{words}</span>
            </button>
        </li>
    }
    .into_any()
}

/// The row chosen, and the way to all that is known of it.
#[component]
fn Chosen(row: usize, results: Rc<Results>) -> impl IntoView {
    let store = store();
    let name = results.entity(row);
    let subject = results.subject_of_row.get_index(row as u32);
    let open = move |_| {
        operations::select(store, subject, row);
        detail::show();
    };
    view! {
        <header class="learned-row">
            <h3>{name}</h3>
            <button type="button" class="button button-small" on:click=open>
                "Look closer"
            </button>
        </header>
        <LearnedReasonOf row />
    }
}
