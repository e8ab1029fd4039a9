//! What only the user can know about a file: asked with examples from it, and answered with one button.

use crate::app::operations;
use crate::app::results::Opened;
use crate::app::state::store;
use crate::engine::ingest::{DateOrder, Question};
use leptos::prelude::*;
use std::rc::Rc;

/// The open table's questions; nothing where there is none.
#[component]
pub fn Asked() -> impl IntoView {
    let store = store();
    let questions = move |opened: Rc<Opened>| {
        let list = opened.summary.questions.clone();
        (!list.is_empty()).then(|| view! { {list.into_iter().map(date_order).collect_view()} })
    };
    move || store.opened.get().and_then(questions)
}

fn date_order(question: Question) -> AnyView {
    let Question { column, examples, day_first, month_first, assumed, .. } = question;
    let title = format!("Does the day or the month come first in “{column}”?");
    let head = view! {
        <tr>
            <th scope="col">"In the file"</th>
            <th scope="col">"Day first"</th>
            <th scope="col">"Month first"</th>
        </tr>
    };
    // Times of day do not help to decide.
    let day = |iso: String| iso.split_once('T').map_or(iso.clone(), |(day, _)| day.to_owned());
    let rows = examples
        .into_iter()
        .zip(day_first.into_iter().zip(month_first))
        .map(|(example, (day_first, month_first))| {
            view! {
                <tr>
                    <th scope="row">{example}</th>
                    <td>{day(day_first)}</td>
                    <td>{day(month_first)}</td>
                </tr>
            }
        })
        .collect_view();
    let words = match assumed {
        DateOrder::DayFirst => "No value decides it; it was read with the day first.",
        DateOrder::MonthFirst => "No value decides it; it was read with the month first.",
    };
    view! {
        <section class="asked" aria-label="A question about the file">
            <div>
                <h2>{title}</h2>
                <p>{words}</p>
            </div>
            <table>
                <thead>{head}</thead>
                <tbody>{rows}</tbody>
            </table>
            <div class="asked-answers">
                {answer("The day first", column.clone(), DateOrder::DayFirst, assumed)}
                {answer("The month first", column, DateOrder::MonthFirst, assumed)}
            </div>
        </section>
    }
    .into_any()
}

fn answer(label: &'static str, column: String, order: DateOrder, assumed: DateOrder) -> AnyView {
    let store = store();
    view! {
        <button
            type="button"
            class="button"
            disabled=move || store.job.with(Option::is_some)
            on:click=move |_| operations::answer_dates(store, &column, order, order == assumed)
        >
            {label}
        </button>
    }
    .into_any()
}
