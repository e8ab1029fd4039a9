//! The data behind the results: what became of every record, what was odd, how the file was read and is analysed.

mod findings;
mod reading;
mod settings;

use crate::app::format;
use crate::app::results::Opened;
use crate::app::state::{Store, Tab, store};
use crate::app::view::explore::Explore;
use crate::app::view::section::Section;
use crate::engine::finding::Finding;
use leptos::prelude::*;
pub use settings::{recipe_words, role_name};
use std::rc::Rc;

/// Opens a view of the data and brings it to the screen.
pub fn show(store: Store, tab: Tab) {
    store.tab.set(tab);
    if let Some(section) = document().get_element_by_id("data") {
        section.scroll_into_view();
    }
}

/// What was odd in the table and in its analysis.
fn all_findings(store: Store) -> Vec<Finding> {
    let own =
        store.opened.with(|opened| opened.as_ref().map(|o| o.summary.findings.clone()).unwrap_or_default());
    let later =
        store.results.with(|results| results.as_ref().map(|r| r.findings.clone()).unwrap_or_default());
    own.into_iter().chain(later).collect()
}

/// The section. Without results it is what stands between a file and its analysis.
#[component]
pub fn DataPanel() -> impl IntoView {
    let store = store();
    let panel = move |opened: Rc<Opened>| {
        let findings = Memo::new(move |_| all_findings(store));
        let account = view! { <p class="accounting">{accounting(&opened)}</p> }.into_any();
        let kept = StoredValue::new_local(opened);
        let content = move || match store.tab.get() {
            Tab::Settings => view! { <settings::Settings opened=kept.get_value() /> }.into_any(),
            Tab::Explore => view! { <Explore opened=kept.get_value() /> }.into_any(),
            Tab::Reading => view! { <reading::ReadingForm opened=kept.get_value() /> }.into_any(),
            Tab::Findings => view! { <findings::Findings opened=kept.get_value() findings /> }.into_any(),
        };
        view! {
            <Section id="data" title="Data and settings" beside=account>
                <div class="tabs" role="group" aria-label="Views of the data">
                    <TabButton tab=Tab::Settings label="Settings" />
                    <TabButton tab=Tab::Explore label="Explore" />
                    <TabButton tab=Tab::Reading label="How it was read" />
                    <TabButton
                        tab=Tab::Findings
                        label="What was odd"
                        count=Signal::derive(move || findings.with(Vec::len))
                    />
                </div>
                {content}
            </Section>
        }
    };
    move || store.opened.get().map(panel)
}

#[component]
fn TabButton(tab: Tab, label: &'static str, #[prop(optional)] count: Option<Signal<usize>>) -> impl IntoView {
    let store = store();
    view! {
        <button
            type="button"
            class="tab"
            aria-pressed=move || (store.tab.get() == tab).to_string()
            on:click=move |_| store.tab.set(tab)
        >
            {label}
            {count.map(|count| view! { <span class="count">{move || format::count(count.get())}</span> })}
        </button>
    }
}

/// `1,000,000 records read = 999,990 rows kept + 10 set aside`: always, so that nobody has to wonder.
fn accounting(opened: &Opened) -> String {
    let rows = format::counted(opened.summary.rows, "row");
    let kept = match opened.summary.aggregated {
        Some(n) => format!("{} added up into {rows}", format::count(n)),
        None => format!("{rows} kept"),
    };
    format!(
        "{} read = {kept} + {} set aside",
        format::counted(opened.summary.records as usize, "record"),
        format::count(opened.summary.set_aside),
    )
}
