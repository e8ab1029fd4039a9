//! The model's own parameters and the weights of classes, folded. They follow the options: a search may set them too.

use super::form::{is_of_numbers, model_of};
use crate::app::state::store;
use crate::app::view::parameters::{fields, of_learner};
use crate::protocol::ClassWeight;
use leptos::prelude::*;

/// The fold.
#[component]
pub fn OwnParameters() -> impl IntoView {
    let options = store().learn_options;
    let model = Memo::new(move |_| options.with(model_of));
    let has_classes = Memo::new(move |_| !options.with(is_of_numbers));
    let is_balanced = move || options.with(|o| o.class_weight == ClassWeight::Balanced);
    let weigh = move |event| {
        let weight = match event_target_checked(&event) {
            true => ClassWeight::Balanced,
            false => ClassWeight::None,
        };
        options.update(|o| o.class_weight = weight);
    };
    view! {
        <details class="fold wide">
            <summary>"The model’s own parameters"</summary>
            <div class="parameters">
                {move || fields(&[of_learner(model.get())])}
                <Show when=move || has_classes.get()>
                    <label class="check">
                        <input type="checkbox" prop:checked=is_balanced on:change=weigh />
                        <span>"Each class counts as much as any other"</span>
                    </label>
                </Show>
            </div>
        </details>
    }
}
