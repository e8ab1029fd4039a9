//! A row of buttons of which one is pressed.

use leptos::prelude::*;

/// The buttons, each with what it chooses; `label` is what they are about.
pub fn switch<T>(label: &'static str, choices: &[(T, &'static str)], chosen: RwSignal<T>) -> AnyView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let buttons = choices
        .iter()
        .map(|&(choice, name)| {
            view! {
                <button
                    type="button"
                    aria-pressed=move || (chosen.get() == choice).to_string()
                    on:click=move |_| chosen.set(choice)
                >
                    {name}
                </button>
            }
        })
        .collect_view();
    view! { <div class="switch" role="group" aria-label=label>{buttons}</div> }.into_any()
}
