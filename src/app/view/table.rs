//! Tables that scroll within themselves, and folds that make what is in them only when it is asked for.

use leptos::prelude::*;

/// A table of given column titles that scrolls on its own, by keyboard too.
#[component]
pub fn ScrollTable(
    /// What it is, for those who hear the page.
    #[prop(into)]
    label: String,
    /// Titles of the columns.
    titles: Vec<String>,
    /// Rows.
    children: Children,
) -> impl IntoView {
    let head = titles.into_iter().map(|title| view! { <th scope="col">{title}</th> }).collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=label>
            <table>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

/// Titles that are known beforehand.
pub fn titles(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A fold; `is_open` opens it and follows it.
#[component]
pub fn Fold(
    /// Its line.
    title: &'static str,
    /// Beside the title.
    #[prop(optional, into)]
    hint: Option<Signal<String>>,
    /// Whether it is open; set as it opens and closes.
    is_open: RwSignal<bool>,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let toggle = move |event: leptos::ev::Event| {
        is_open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    };
    view! {
        <details class="fold" prop:open=is_open on:toggle=toggle>
            <summary>{title}{hint.map(|hint| view! { <span class="hint">{hint}</span> })}</summary>
            {children()}
        </details>
    }
}
