//! The page before anything was dropped.

use super::sources::FileButton;
use crate::app::operations;
use crate::app::state::store;
use crate::protocol::Sample;
use leptos::prelude::*;

struct Offer {
    sample: Sample,
    title: &'static str,
    columns: &'static str,
    story: &'static str,
}

static OFFERS: [Offer; 3] = [
    Offer {
        sample: Sample::OfficeActivity,
        title: "Office activity",
        columns: "user_id, timestamp, action",
        story: "500 people at work for a month. Some come at night, some copy far more files than others.",
    },
    Offer {
        sample: Sample::WebSessions,
        title: "Web sessions",
        columns: "user, time, action, session_id",
        story: "Visits to a web application, day by day. A few accounts behave like scripts on some days.",
    },
    Offer {
        sample: Sample::Logins,
        title: "Logins",
        columns: "user, time, address, country, device, browser, success",
        story: "Sign-ins from offices and homes. A few accounts fail often or turn up in new places.",
    },
];

/// Drop zone, paste box and samples.
#[component]
pub fn Start() -> impl IntoView {
    view! {
        <section class="start">
            <div class="start-words">
                <h1>"Drop a log. See who behaved strangely, and why."</h1>
                <p class="lead">
                    "Any file of events that says who and when. Isoscope finds the columns, learns what is normal, and \
                     explains each exception in a sentence."
                </p>
                <ul class="promises">
                    <li>"Nothing to set up, nothing to install."</li>
                    <li>"The file is read in this tab and goes nowhere: the browser itself forbids it."</li>
                    <li>"The same file and settings give the same result, every time."</li>
                </ul>
            </div>
            <div class="drop-zone">
                <svg viewBox="0 0 48 48" aria-hidden="true">
                    <path d="M24 6 V30 M14 20 L24 30 L34 20" />
                    <path d="M8 32 V40 H40 V32" />
                </svg>
                <p class="drop-title">"Drop log files or a folder here"</p>
                <div class="drop-buttons">
                    <FileButton label="Choose files" class="button button-primary" />
                    <FileButton label="Choose a folder" class="button" folder=true />
                </div>
                <p class="hint">
                    "CSV, TSV, JSON lines, log files, also as .gz or .zip. Several files of one kind are read as one table."
                </p>
                <p class="hint">"Rows can be pasted with Ctrl+V. A saved model (.isoscope) can be dropped too."</p>
                <PasteBox />
            </div>
        </section>
        <section class="samples" aria-labelledby="samples-title">
            <h2 id="samples-title">"No log at hand? Try a made-up one with hidden oddities"</h2>
            <ul class="sample-list">
                {OFFERS.iter().map(|offer| view! { <SampleCard offer /> }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn PasteBox() -> impl IntoView {
    let store = store();
    let text = RwSignal::new(String::new());
    view! {
        <details class="paste">
            <summary>"Type or paste rows into a box"</summary>
            <label>
                <span class="label">"Rows, the first one naming the columns"</span>
                <textarea
                    rows="6"
                    spellcheck="false"
                    placeholder="user,time,action"
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                ></textarea>
            </label>
            <button
                type="button"
                class="button"
                disabled=move || text.with(|text| text.trim().is_empty())
                on:click=move |_| operations::open_text(store, text.get_untracked())
            >
                "Analyse these rows"
            </button>
        </details>
    }
}

#[component]
fn SampleCard(offer: &'static Offer) -> impl IntoView {
    let store = store();
    view! {
        <li class="sample">
            <h3>{offer.title}</h3>
            <p>{offer.story}</p>
            <p class="columns">{offer.columns}</p>
            <div class="sample-actions">
                <button
                    type="button"
                    class="button"
                    aria-label=format!("Analyse {}", offer.title)
                    on:click=move |_| operations::open_sample(store, offer.sample)
                >
                    "Analyse"
                </button>
                <button
                    type="button"
                    class="button button-quiet"
                    aria-label=format!("Download {} as CSV", offer.title)
                    on:click=move |_| operations::save_sample(store, offer.sample)
                >
                    "Download CSV"
                </button>
            </div>
        </li>
    }
}
