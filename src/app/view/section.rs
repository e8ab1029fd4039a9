//! A section of the page: a heading that the links above lead to, a sentence on what it is for, and what it shows.

use leptos::prelude::*;

/// The section.
#[component]
pub fn Section(
    /// Id, by which it is linked to.
    id: &'static str,
    /// Heading.
    title: &'static str,
    /// A sentence beside it.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// What stands beside both.
    #[prop(optional)]
    beside: Option<AnyView>,
    /// Filled with the element.
    #[prop(optional)]
    node_ref: Option<NodeRef<leptos::html::Section>>,
    /// What it shows.
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <section
            class="section"
            id=id
            aria-labelledby=labelled_by
            tabindex="-1"
            node_ref=node_ref.unwrap_or_default()
        >
            <header class="section-head">
                <h2 id=title_id>{title}</h2>
                {hint.map(|hint| view! { <p class="hint">{move || hint.get()}</p> })}
                {beside}
            </header>
            {children()}
        </section>
    }
    .into_any()
}
