//! Components. Each reads the store and calls operations; none keeps data of its own beyond what it shows.

mod asked;
mod chart;
mod choice;
mod data;
mod density;
mod detail;
mod downloads;
mod evidence;
mod explore;
mod features;
mod field;
mod learn;
mod learned;
mod mark;
mod measures;
mod models;
mod nav;
mod normal;
mod notice;
mod overall;
mod parameters;
mod pending;
mod prepared;
mod privacy;
mod progress;
mod ranking;
mod saved;
mod scores;
mod section;
mod sources;
mod start;
mod summary;
mod switch;
mod table;
mod theme;
mod tuning;

use super::host;
use super::operations;
use super::state::store;
use leptos::prelude::*;

/// The whole page.
pub fn page() -> impl IntoView {
    sources::listen(store());
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <Header />
        <main id="main" tabindex="-1">
            <notice::ProblemNotice />
            <notice::ProgressCard />
            <choice::ChoiceCard />
            <asked::Asked />
            <Content />
            <pending::Pending />
        </main>
        <footer class="footer">
            <p>"Isoscope works in this tab. Your file is read by the browser and never leaves this machine."</p>
            <p>
                // A page of its own: the sealed one loads nothing, and stays.
                "Licences of what it is built from: "
                <a href="./THIRD-PARTY-NOTICES.txt" target="_blank" rel="noopener noreferrer">"THIRD-PARTY-NOTICES.txt"</a>
            </p>
        </footer>
        <sources::DropOverlay />
    }
}

#[component]
fn Header() -> impl IntoView {
    let store = store();
    let is_open = move || store.opened.with(Option::is_some);
    let name = move || store.opened.with(|opened| opened.as_ref().map(|o| o.source.name.clone()));
    view! {
        <header class="header">
            <p class="brand">
                <mark::Logo />
                "Isoscope"
            </p>
            <p class="header-file" title=name>{name}</p>
            <Show when=is_open>
                <sources::FileButton label="Open another" class="button" />
                <button type="button" class="button button-quiet" on:click=move |_| operations::close(store)>
                    "Close"
                </button>
            </Show>
            <privacy::PrivacyBadge />
            <theme::ThemeToggle />
        </header>
    }
}

/// The start page, the results, or, for a table whose roles are not known well enough, its mapping; and, wherever there is
/// one, the loaded model.
#[component]
fn Content() -> impl IntoView {
    let store = store();
    // A memo: the job changes twenty times a second.
    let is_idle = Memo::new(move |_| store.job.with(Option::is_none));
    let is_asked = Memo::new(move |_| store.choice.with(Option::is_some));
    move || {
        if let Some(results) = store.results.get() {
            // Rows added up have one time each, the last: no activity to draw.
            // Nor is there any without times.
            let has_events = results.opened.summary.aggregated.is_none() && results.time_range.is_some();
            let later = StoredValue::new_local(results.clone());
            let entries = [
                ("findings", "Findings"),
                ("activity", "Activity"),
                ("scores", "Scores"),
                ("why", "Why"),
                ("features", "Features"),
                ("check", "Second opinion"),
                ("tuning", "Tuning"),
                ("model", "Model"),
                ("data", "Data and settings"),
            ];
            let entries = entries.into_iter().filter(|&(id, _)| id != "activity" || has_events).collect();
            return view! {
                <Later is_near=true>
                    <summary::Summary results=later.get_value() />
                </Later>
                <nav::SectionNav entries=entries />
                <div class="workbench" id="findings">
                    <Later is_near=true>
                        <ranking::Ranking results=later.get_value() />
                    </Later>
                    <Later is_near=true>
                        <detail::DetailPane results=later.get_value() />
                    </Later>
                </div>
                <Show when=move || has_events>
                    <Later>
                        <density::Activity results=later.get_value() />
                    </Later>
                </Show>
                <Later>
                    <scores::Scores results=later.get_value() />
                </Later>
                <Later>
                    <overall::Why results=later.get_value() />
                </Later>
                <Later>
                    <features::Features results=later.get_value() />
                </Later>
                <Later>
                    <learn::Learn results=later.get_value() />
                </Later>
                <Later>
                    <tuning::Tuning results=later.get_value() />
                </Later>
                <Later>
                    <saved::ModelPanel />
                </Later>
                <Later>
                    <data::DataPanel />
                </Later>
            }
            .into_any();
        }
        // What is under way shows itself, and most often ends in results.
        is_idle
            .get()
            .then(|| match (is_asked.get(), store.opened.with(Option::is_some)) {
                (true, _) => view! { <saved::ModelPanel /> }.into_any(),
                (false, true) => view! {
                    <data::DataPanel />
                    <saved::ModelPanel />
                }
                .into_any(),
                (false, false) => view! {
                    <saved::ModelPanel />
                    <start::Start />
                }
                .into_any(),
            })
            .into_any()
    }
}

/// A part of the results made in a turn of its own, so that no task is long.
#[component]
fn Later(
    /// Whether it is seen without scrolling, on most screens.
    #[prop(optional)]
    is_near: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let is_time = RwSignal::new(false);
    host::in_turn(is_near, move || {
        // The section may be gone by then.
        let _ = is_time.try_set(true);
    });
    view! { <Show when=move || is_time.get()>{children()}</Show> }
}
