//! What becomes of a column's missing values before features are measured.

use crate::app::results::Opened;
use crate::app::state::{Store, Tab, store};
use crate::engine::plan::Treatment;
use crate::engine::table::ColumnType;
use leptos::prelude::*;
use std::rc::Rc;

/// What can become of the missing values of a column of a type: a name in the form, and the words for it.
fn treatments(column_type: ColumnType) -> &'static [(&'static str, &'static str)] {
    const LEAVE: (&str, &str) = ("", "leave them missing");
    const DROP: (&str, &str) = ("drop", "leave the column out");
    const MEDIAN: (&str, &str) = ("median", "fill with the median");
    const CONSTANT: (&str, &str) = ("constant", "fill with a value");
    match column_type {
        ColumnType::Integer | ColumnType::Float | ColumnType::Duration => {
            &[LEAVE, DROP, ("mean", "fill with the mean"), MEDIAN, CONSTANT]
        }
        ColumnType::Timestamp => &[LEAVE, DROP, MEDIAN, CONSTANT],
        ColumnType::Boolean => &[LEAVE, DROP, CONSTANT],
        _ => &[LEAVE, DROP, ("other", "fill with “other”"), CONSTANT],
    }
}

/// A treatment's name in the form.
fn treatment_name(treatment: Option<&Treatment>) -> &'static str {
    match treatment {
        None => "",
        Some(Treatment::Drop) => "drop",
        Some(Treatment::Mean) => "mean",
        Some(Treatment::Median) => "median",
        Some(Treatment::Other) => "other",
        Some(Treatment::Constant(_)) => "constant",
    }
}

/// The choice for a column.
pub fn treatment(name: String, column_type: ColumnType, n_missing: usize) -> AnyView {
    let store = store();
    let name = StoredValue::new(name);
    let current = Memo::new(move |_| store.drafted(|draft| draft.treatments.get(&name.get_value()).cloned()));
    let set = move |treatment: Option<Treatment>| {
        store.edit_draft(|draft| {
            match treatment {
                None => draft.treatments.remove(&name.get_value()),
                Some(treatment) => draft.treatments.insert(name.get_value(), treatment),
            };
        });
    };
    let choose = move |event| {
        set(match event_target_value(&event).as_str() {
            "drop" => Some(Treatment::Drop),
            "mean" => Some(Treatment::Mean),
            "median" => Some(Treatment::Median),
            "other" => Some(Treatment::Other),
            "constant" => Some(Treatment::Constant(String::new())),
            _ => None,
        });
    };
    let options = treatments(column_type)
        .iter()
        .map(|&(value, words)| {
            let is_current = move || current.with(|current| treatment_name(current.as_ref()) == value);
            view! { <option value=value selected=is_current>{words}</option> }
        })
        .collect_view();
    let constant = move || match current.get() {
        Some(Treatment::Constant(text)) => Some(view! {
            <label class="field">
                <span class="label">"Value"</span>
                <input
                    type="text"
                    prop:value=text
                    on:change=move |event| set(Some(Treatment::Constant(event_target_value(&event))))
                />
            </label>
        }),
        _ => None,
    };
    let hint = match n_missing {
        0 => "No value is missing here, so only leaving the column out changes anything.",
        _ => "Before behaviour is measured. It takes effect when you analyse again.",
    };
    view! {
        <div class="treatment">
            <label class="field">
                <span class="label">"Missing values"</span>
                <select on:change=choose>{options}</select>
            </label>
            {constant}
            <p class="hint wide">{hint}</p>
        </div>
    }
    .into_any()
}

/// What the draft does to columns, each a way to the column; nothing where it leaves them as they are.
pub fn treated_columns() -> AnyView {
    let store = store();
    let list = move || store.drafted(|draft| draft.treatments.clone());
    let item = move |(name, treatment): (String, Treatment)| {
        let words = match &treatment {
            Treatment::Drop => "left out".to_owned(),
            Treatment::Mean => "filled with the mean".to_owned(),
            Treatment::Median => "filled with the median".to_owned(),
            Treatment::Other => "filled with “other”".to_owned(),
            Treatment::Constant(value) => format!("filled with “{value}”"),
        };
        let open_it = {
            let name = name.clone();
            move |_| open(store, &name)
        };
        view! {
            <li>
                <button type="button" class="button button-quiet button-small" on:click=open_it>{name}</button>
                {words}
            </li>
        }
    };
    (move || {
        let list = list();
        (!list.is_empty()).then(|| {
            view! {
                <div class="wide treated">
                    <p class="label">"Columns treated before behaviour is measured"</p>
                    <ul>{list.into_iter().map(item).collect_view()}</ul>
                </div>
            }
        })
    })
    .into_any()
}

/// Looks at the column of this name.
fn open(store: Store, name: &str) {
    let find = |opened: &Rc<Opened>| opened.summary.columns.iter().position(|column| column.name == name);
    if let Some(i) = store.opened.with_untracked(|opened| opened.as_ref().and_then(find)) {
        store.column.set(i);
        store.tab.set(Tab::Explore);
    }
}
