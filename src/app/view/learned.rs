//! What a learned model says of a row, and why: the base and what each feature adds to it, in the model's own unit.

use super::chart::ChartPanel;
use super::detail::meanings;
use super::evidence::learned_table;
use super::models::{learner, target_words};
use super::table::Fold;
use crate::app::answers::{Answers, LearnedReason};
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::state::{Local, store};
use crate::engine::learn::Unit;
use crate::protocol::Task;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

/// What is shown: the reason, or why there is none.
type Shown = Result<Rc<LearnedReason>, String>;

/// The reason for a row; nothing while no model has learned.
#[component]
pub fn LearnedReasonOf(
    row: usize,
    /// Whether what makes the answer is folded away.
    #[prop(optional)]
    is_short: bool,
) -> impl IntoView {
    let store = store();
    // Of more than two classes each has a reason; at first that of the answer.
    let class = RwSignal::new(None::<String>);
    let shown: Local<Option<Shown>> = RwSignal::new_local(None);
    let n_asked = StoredValue::new(0_u32);
    let folds = Folds { is_open: RwSignal::new(!is_short), is_table_open: RwSignal::new(false) };
    Effect::new(move |_| {
        let (class, answers) = (class.get(), store.answers());
        n_asked.update_value(|n| *n += 1);
        let asked = n_asked.get_value();
        let Some(answers) = answers else { return shown.set(None) };
        // Another model may have learned since it was chosen.
        let class = class.filter(|class| answers.classes.contains(class));
        spawn_local(async move {
            let outcome = operations::learned_reason(store, row, class).await;
            // Another one may be asked for by now, or the row be looked at no more.
            if n_asked.try_get_value() == Some(asked) {
                let failed = |failure: host::Failure| format::capitalized(&failure.message);
                let _ = shown.try_set(Some(outcome.map(Rc::new).map_err(failed)));
            }
        });
    });
    move || {
        let answers = store.answers()?;
        Some(match shown.get()? {
            Err(message) => view! { <p class="hint">{message}</p> }.into_any(),
            Ok(reason) => reason_view(&answers, reason, row, is_short, class, folds),
        })
    }
}

/// What is open of it, whichever class it is of.
#[derive(Clone, Copy)]
struct Folds {
    is_open: RwSignal<bool>,
    is_table_open: RwSignal<bool>,
}

fn reason_view(
    answers: &Rc<Answers>,
    reason: Rc<LearnedReason>,
    row: usize,
    is_short: bool,
    class: RwSignal<Option<String>>,
    folds: Folds,
) -> AnyView {
    let title =
        format!("{} on {}", format::capitalized(learner(answers.model)), target_words(&answers.target));
    let explanation = &reason.explanation;
    let verdict = answers.is_right(row).map(|is_right| match is_right {
        true => view! { <span class="tag">"right"</span> },
        false => view! { <span class="tag tag-wrong">"wrong"</span> },
    });
    let actual = answers.actual(row).map(|actual| format!(" It is {actual}."));
    let classes = (answers.task == Task::Classes).then(|| classes(answers, explanation.class.clone(), class));
    let sentence = explanation.sentence.clone();
    let unit = match explanation.unit {
        Unit::LogOdds => "log-odds, where 0 is 50 %",
        Unit::Probability => "probability",
        Unit::Value => "the unit of the numbers",
    };
    let about = explanation.class.as_ref().map_or_else(String::new, |class| format!(" for “{class}”"));
    let of_last = if answers.is_in_turns { "; of the last model, which learned from all rows" } else { "" };
    let note = format!("From the average row to this one{about}, in {unit}{of_last}");
    let Folds { is_open, is_table_open } = folds;
    let kept = StoredValue::new_local(reason);
    let store = store();
    let chart = move || {
        let results = is_open.get().then(|| store.results.get()).flatten()?;
        let drawn = host::object([
            ("explanation", kept.with_value(|reason| reason.view.clone())),
            ("meanings", meanings(&results.features)),
        ]);
        let table = move || {
            let results = is_table_open.get().then(|| store.results.get()).flatten()?;
            Some(
                kept.with_value(|reason| learned_table(&reason.explanation.contributions, &results.features)),
            )
        };
        Some(view! {
            <ChartPanel
                kind="contributions"
                title="What makes the answer"
                note=note.clone()
                data=Box::new(move || Some(drawn.clone()))
            />
            <Fold title="What each feature adds, as numbers" is_open=is_table_open>
                {table}
            </Fold>
        })
    };
    let content = match is_short {
        true => view! {
            <Fold title="Why it answers so" is_open>
                {chart}
            </Fold>
        }
        .into_any(),
        false => chart.into_any(),
    };
    view! {
        <section class="learned-reason" aria-label="What the learned model says">
            <header class="learned-head">
                <h3>{title}</h3>
                <p class="learned-answer"><strong>{answers.said(row)}</strong>{actual}" "{verdict}</p>
                {classes}
            </header>
            <p class="sentence">{sentence}</p>
            {content}
        </section>
    }
    .into_any()
}

/// The class whose reason is shown.
fn classes(answers: &Answers, now: Option<String>, class: RwSignal<Option<String>>) -> AnyView {
    let option = |name: &String| {
        let is_now = now.as_ref() == Some(name);
        view! { <option value=name.clone() selected=is_now>{name.clone()}</option> }
    };
    view! {
        <label class="learned-class">
            <span class="label">"Explain"</span>
            <select on:change=move |event| class.set(Some(event_target_value(&event)))>
                {answers.classes.iter().map(option).collect_view()}
            </select>
        </label>
    }
    .into_any()
}
