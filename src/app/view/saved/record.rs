//! A form for one record, and what the model says of it.

use super::about;
use super::entry::Entry;
use super::verdict;
use crate::app::format;
use crate::app::operations;
use crate::app::saved::{Verdict, WhichModel};
use crate::app::state::{Local, store};
use crate::engine::plan::{Recipe, Role};
use crate::protocol::{Field, ModelInfo};
use js_sys::{Object, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen::JsCast;

/// What a form follows from. It stays, and with it what was typed, while these do: a threshold may move meanwhile.
#[derive(Clone, PartialEq)]
struct Shape {
    fields: Vec<Field>,
    recipe: Recipe,
    zone: Option<String>,
    notes: Vec<String>,
}

/// The form, once it is known what the model needs.
#[component]
pub fn RecordForm(info: Local<Option<Rc<ModelInfo>>>, which: WhichModel) -> impl IntoView {
    let shape = Memo::new(move |_| {
        info.with(|info| {
            info.as_ref().map(|info| Shape {
                fields: info.fields.clone(),
                recipe: info.plan.recipe,
                zone: info.time_zone.clone(),
                notes: info.notes.clone(),
            })
        })
    });
    move || match shape.get() {
        Some(shape) => form(shape, which),
        None => view! { <p class="empty">"Looking at what the model needs…"</p> }.into_any(),
    }
}

fn form(shape: Shape, which: WhichModel) -> AnyView {
    let store = store();
    let verdict: Local<Option<Rc<Verdict>>> = RwSignal::new_local(None);
    let failed = RwSignal::new(None::<String>);
    let is_scoring = RwSignal::new(false);
    let is_busy = Memo::new(move |_| is_scoring.get() || store.job.with(Option::is_some));
    // A label is what the model is judged by, not what it sees.
    let entries: Vec<Entry> = shape
        .fields
        .iter()
        .filter(|field| field.role != Some(Role::Label))
        .enumerate()
        .map(|(place, field)| Entry::new(field.clone(), place, shape.zone.as_deref(), shape.recipe))
        .collect();
    let fields = entries.iter().map(Entry::view).collect_view();
    let entries = StoredValue::new(entries);
    let score = move || {
        let wrong = entries.with_value(|entries| {
            entries.iter().for_each(Entry::judge);
            untrack(|| entries.iter().find(|entry| entry.mistake().is_some()).map(|entry| entry.id.clone()))
        });
        if let Some(id) = wrong {
            return focus(&id);
        }
        let record = entries.with_value(|entries| record_of(entries));
        is_scoring.set(true);
        failed.set(None);
        spawn_local(async move {
            let outcome = operations::score_record(store, which, record.into()).await;
            if is_scoring.try_set(false).is_some() {
                // The form is gone.
                return;
            }
            match outcome {
                Ok(told) => verdict.set(Some(Rc::new(told))),
                // The earlier verdict was of another record.
                Err(failure) => {
                    verdict.set(None);
                    failed.set(Some(format::capitalized(&failure.message)));
                }
            }
        });
    };
    let write = move |text: fn(&Entry) -> String| {
        entries.with_value(|entries| entries.iter().for_each(|entry| entry.write(text(entry))));
        verdict.set(None);
        failed.set(None);
    };
    // A loaded model says it above, for files too.
    let notes = (which == WhichModel::Own).then(|| about::notes(&shape.notes));
    view! {
        {notes}
        <form
            class="record"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                if !is_busy.get_untracked() {
                    score();
                }
            }
        >
            <p class="hint">"What is left empty is taken as not known."</p>
            <div class="record-fields">{fields}</div>
            <div class="record-actions">
                <button type="submit" class="button button-primary" disabled=is_busy>
                    {move || if is_scoring.get() { "Scoring…" } else { "Score this record" }}
                </button>
                <button type="button" class="button" on:click=move |_| write(Entry::example)>
                    "Fill in an example"
                </button>
                <button type="button" class="button button-quiet" on:click=move |_| write(|_| String::new())>
                    "Empty the form"
                </button>
            </div>
            <p class="wrong" role="alert">{move || failed.get()}</p>
        </form>
        <div class="record-verdict" aria-live="polite">{move || verdict.get().map(verdict::verdict)}</div>
    }
    .into_any()
}

/// Column to text, all columns of the form.
fn record_of(entries: &[Entry]) -> Object {
    let record = Object::new();
    for entry in entries {
        let text = entry.text.get_untracked();
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&record, &entry.field.name.as_str().into(), &text.trim().into());
    }
    record
}

fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Only elements that are gone cannot be focused.
        let _ = element.focus();
    }
}
