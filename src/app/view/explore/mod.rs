//! What is in the table: every column, one of them closely, and how they hang together.

mod column;
mod column_type;
mod columns;
mod together;
mod treatment;

use super::Later;
use crate::app::operations;
use crate::app::results::Opened;
use crate::app::state::store;
use leptos::prelude::*;
use std::rc::Rc;
pub use treatment::treated_columns;

/// The view. The list of columns is there at once; the rest follows when the engine has counted it.
#[component]
pub fn Explore(opened: Rc<Opened>) -> impl IntoView {
    let store = store();
    // A table read again is explored again, while the view is open.
    Effect::new(move |_| {
        store.opened.track();
        operations::explore(store);
    });
    let kept = StoredValue::new_local(opened.clone());
    let waiting = move || {
        if let Some(message) = store.profile_failed.get() {
            return view! { <p class="empty" role="alert">{format!("The table could not be explored: {message}")}</p> }.into_any();
        }
        view! {
            <div class="explore-wait">
                <p class="hint" role="status">"Counting values, column by column…"</p>
                <progress max="1" prop:value=move || store.profile_share.get().unwrap_or(0.0) aria-label="Exploring"></progress>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="explore">
            <columns::Columns opened=opened.clone() />
            <column::ColumnDetail opened=opened.clone() />
        </div>
        {move || match store.profile.get() {
            None => waiting(),
            Some(explored) => {
                let explored = StoredValue::new_local(explored);
                view! {
                    <Later>
                        <together::Together explored=explored.get_value() opened=kept.get_value() />
                    </Later>
                }
                .into_any()
            }
        }}
    }
}
