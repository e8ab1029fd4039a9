//! The model: what it is, saved to a file, applied to another file or to one record. On the start page that of a file
//! that was loaded; beside results that of the analysis too.

mod about;
mod entry;
mod record;
mod verdict;

use super::section::Section;
use super::sources::FileButton;
use super::switch::switch;
use super::table::Fold;
use crate::app::format;
use crate::app::operations;
use crate::app::results::{Results, row_name};
use crate::app::saved::{SavedModel, WhichModel};
use crate::app::state::{Local, Problem, Store, store};
use crate::protocol::ModelInfo;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

/// Columns named in a sentence.
const MAX_NAMED: usize = 8;

/// The section; nothing while there is no model.
#[component]
pub fn ModelPanel() -> impl IntoView {
    let store = store();
    let which = Memo::new(move |_| store.model_in_use());
    let is_shown =
        Memo::new(move |_| store.model.with(Option::is_some) || store.results.with(Option::is_some));
    let has_two = Memo::new(move |_| store.has_two_models());
    let chooser = move || {
        let choices = [(WhichModel::Own, "Of this analysis"), (WhichModel::Loaded, "Loaded")];
        has_two.get().then(|| switch("Which model", &choices, store.shown_model))
    };
    // Another file, or the other of two models, is another panel; a moved threshold is not.
    let content = move || {
        let model = store.model.get().filter(|_| which.get() == WhichModel::Loaded);
        content(store, which.get(), model)
    };
    view! {
        <Show when=move || is_shown.get()>
            <Section id="model" title="Model" beside=chooser.into_any()>
                {content}
            </Section>
        </Show>
    }
}

fn content(store: Store, which: WhichModel, model: Option<Rc<SavedModel>>) -> AnyView {
    let is_loaded = model.is_some();
    let has_results = store.results.with_untracked(Option::is_some);
    let info: Local<Option<Rc<ModelInfo>>> =
        RwSignal::new_local(model.as_ref().map(|model| Rc::new(model.info.clone())));
    let is_record_open = RwSignal::new(is_loaded && !has_results);
    let is_about_open = RwSignal::new(false);
    if !is_loaded {
        // What is said of the analysis's own model is worked out once it is asked for, and anew for another threshold or
        // another supervised model.
        Effect::new(move |_| {
            store.cut.track();
            store.supervised.track();
            let is_wanted = is_record_open.get() || is_about_open.get();
            if is_wanted && store.dragged.get().is_none() {
                ask(store, info);
            }
        });
    }
    let head = match &model {
        Some(model) => {
            view! {
                <p class="saved-name">
                    <strong>{model.name.clone()}</strong>
                    {model.day.clone().map(|day| view! { " "<span class="hint">"file of "{day}</span> })}
                </p>
                <p>{summary(&model.info)}</p>
            }
            .into_any()
        }
        None => view! {
            <p>
                "What this analysis learned can be kept in a file, used to score another log by the same measure, or asked \
                 about a single record."
            </p>
        }
        .into_any(),
    };
    let notes = model.as_ref().map(|model| about::notes(&model.info.notes));
    let form = move || is_record_open.get().then(|| view! { <record::RecordForm info which /> });
    let facts = move || is_about_open.get().then(|| info.get().map(|info| about::about(&info)));
    view! {
        <div class="saved-head">
            <div>{head}</div>
            <div class="saved-actions">
                <FileButton label="Score a file" class="button" is_to_score=true />
                <button type="button" class="button" on:click=move |_| operations::save_model(store, which)>
                    "Save this model"
                </button>
                {is_loaded
                    .then(|| {
                        view! {
                            <button type="button" class="button button-quiet" on:click=move |_| operations::forget_model(store)>
                                "Forget the model"
                            </button>
                        }
                    })}
            </div>
        </div>
        {notes}
        <Fold title=if is_loaded { "Score one record" } else { "Try one record" } is_open=is_record_open>
            {form}
        </Fold>
        <Fold title="About this model" is_open=is_about_open>
            {facts}
        </Fold>
    }
    .into_any()
}

/// Asks what is said of the model of the analysis.
fn ask(store: Store, info: Local<Option<Rc<ModelInfo>>>) {
    spawn_local(async move {
        match operations::own_model_info(store).await {
            Ok(told) => {
                // The panel may be gone by then.
                let _ = info.try_set(Some(Rc::new(told)));
            }
            Err(failure) => store.problem.set(Problem::of("The model could not be looked at", failure)),
        }
    });
}

/// What it was fitted to and when it flags, in two sentences.
fn summary(info: &ModelInfo) -> String {
    let row = row_name(info.unit, info.plan.recipe);
    let rows = format::counted(info.rows as usize, row);
    let records = match info.rows == info.table_rows {
        true => String::new(),
        false => format!(", made of {}", format::counted(info.table_rows as usize, "record")),
    };
    format!(
        "Fitted to {rows}{records}, by {}. A {row} is flagged where its score is above {:.3}, as {} of those were.",
        info.created_by,
        info.threshold,
        format::small_percent(info.contamination),
    )
}

/// Said above results that a saved model gave: that it did, and how its columns were found in the file.
pub fn scored_by(results: &Results) -> Option<AnyView> {
    let model = results.scored_by.as_ref()?;
    let columns = &results.opened.summary.columns;
    let has = |name: &str| columns.iter().any(|column| column.name == name);
    let (found, missing): (Vec<&str>, Vec<&str>) =
        model.info.fields.iter().map(|field| field.name.as_str()).partition(|name| has(name));
    let is_needed = |name: &str| model.info.fields.iter().any(|field| field.name == name);
    let unused: Vec<&str> =
        columns.iter().map(|column| column.name.as_str()).filter(|name| !is_needed(name)).collect();
    let missing =
        (!missing.is_empty()).then(|| format!(" Not in this file, and not needed: {}.", named(&missing)));
    let unused = (!unused.is_empty()).then(|| format!(" Not known to the model: {}.", named(&unused)));
    Some(
        view! {
            <p class="scored-by">
                <strong>{format!("Scored by the saved model {}.", model.name)}</strong>
                {format!(
                    " Nothing was fitted to this file; its flags begin at the saved threshold of {:.3}. Columns matched by \
                     name: {}.",
                    model.info.threshold,
                    named(&found),
                )}
                {missing}
                {unused}
            </p>
        }
        .into_any(),
    )
}

/// Names in a sentence, the first of them where they are many.
fn named(names: &[&str]) -> String {
    let shown = names.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MAX_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
