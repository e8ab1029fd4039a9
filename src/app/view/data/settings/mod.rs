//! The plan as a form: what is compared, which column is what, how behaviour is measured and what a model sees of it.
//! Every change is in the plan at once; the bar at the foot of the page says what is not analysed yet.

mod detector;
mod novelty;
mod parameters;
mod preparation;
mod recipe;
mod roles;

use crate::app::results::Opened;
use crate::app::state::store;
use crate::app::view::explore::treated_columns;
use crate::engine::plan::Recipe;
use leptos::prelude::*;
pub use recipe::words as recipe_words;
pub use roles::role_name;
use std::rc::Rc;

/// The form.
#[component]
pub fn Settings(opened: Rc<Opened>) -> impl IntoView {
    let store = store();
    let recipe = Memo::new(move |_| store.drafted(|plan| Some(plan.recipe)));
    let kept = StoredValue::new_local(opened);
    view! {
        <form class="settings" on:submit=move |event| event.prevent_default()>
            {recipe::chooser()}
            {move || {
                let recipe = recipe.get()?;
                Some(
                    view! {
                        {kept.with_value(|opened| roles::mapping(opened, recipe))}
                        <div class="settings-column">
                            {parameters::measuring(recipe)}
                            {parameters::flagging()}
                        </div>
                        {(recipe != Recipe::Table).then(novelty::novelty)}
                        {preparation::preparation()}
                    },
                )
            }}
            {treated_columns()}
        </form>
    }
}
