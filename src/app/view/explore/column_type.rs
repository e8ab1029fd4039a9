//! What a column's values are read as: found out, or said. Another type means that the source is read again.

use crate::app::operations;
use crate::app::results::Opened;
use crate::app::state::store;
use crate::engine::table::ColumnType;
use crate::protocol::ColumnSummary;
use leptos::prelude::*;
use std::rc::Rc;

/// The choice for a column; nothing for one that the source does not have itself.
pub fn column_type(column: &ColumnSummary, opened: &Rc<Opened>) -> Option<AnyView> {
    if opened.summary.aggregated.is_some() || !column.joined_of.is_empty() {
        return None;
    }
    let store = store();
    let name = column.name.clone();
    let said = opened.read_with.types.get(&name).map_or("", |kind| kind.name());
    let chosen = RwSignal::new(said.to_owned());
    let is_changed = move || chosen.with(|chosen| chosen != said);
    let read_with = StoredValue::new_local(opened.read_with.clone());
    let read_again = move |_| {
        let mut options = read_with.get_value();
        options.read_as(&name, Some(chosen.get_untracked().as_str()));
        operations::read_again(store, options);
    };
    let found = match said {
        "" => format!("found: {}", column.column_type.name()),
        _ => "find out".to_owned(),
    };
    let kinds = ColumnType::ALL.map(|kind| {
        view! { <option value=kind.name() selected=kind.name() == said>{kind.name()}</option> }
    });
    let is_busy = move || store.job.with(Option::is_some);
    Some(
        view! {
            <div class="treatment">
                <label class="field">
                    <span class="label">"Read as"</span>
                    <select on:change=move |event| chosen.set(event_target_value(&event))>
                        <option value="">{found}</option>
                        {kinds.into_iter().collect_view()}
                    </select>
                </label>
                <Show when=is_changed>
                    <button type="button" class="button" disabled=is_busy on:click=read_again.clone()>
                        "Read again so"
                    </button>
                    <p class="hint wide">"The file is read again. Values that are none of the type count as missing and are listed."</p>
                </Show>
            </div>
        }
        .into_any(),
    )
}
