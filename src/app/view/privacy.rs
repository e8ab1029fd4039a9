//! The seal, shown: that it holds, how many requests there were since, and a button for those who doubt it.

use crate::app::format;
use crate::app::host::{self, LeakAttempt};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A badge that opens the panel.
#[component]
pub fn PrivacyBadge() -> impl IntoView {
    let requests = RwSignal::new(host::with_seal(|seal| seal.requests()));
    let refusals = RwSignal::new(host::with_seal(|seal| seal.refusals()));
    host::with_seal(|seal| {
        seal.on_count(move || {
            requests.set(host::with_seal(|seal| seal.requests()));
            refusals.set(host::with_seal(|seal| seal.refusals()));
        });
    });
    let is_tight = move || requests.get() == 0;
    let words = move || match requests.get() {
        0 => "Sealed · 0 requests".to_owned(),
        n => format!("{} since sealed", format::counted(n as usize, "request")),
    };
    view! {
        <details class="menu privacy">
            <summary class="button button-quiet seal-badge" class:leaking=move || !is_tight()>
                <svg viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M8 1 L14 3.2 V8 C14 11.6 11.4 14 8 15 C4.6 14 2 11.6 2 8 V3.2 Z" />
                    <path class="seal-check" d="M5 8 L7.2 10.2 L11 6" />
                </svg>
                {words}
            </summary>
            <div class="privacy-panel">
                <h2>"Nothing leaves this tab"</h2>
                <p>
                    "When everything was loaded, and before it could be handed any data, the page gave the browser a rule \
                     that forbids it every connection, to its own host too. The rule cannot be taken back."
                </p>
                <dl class="seal-facts">
                    <div>
                        <dt>"Requests since"</dt>
                        <dd>{move || format::count(requests.get())}</dd>
                    </div>
                    <div>
                        <dt>"Refused by the browser"</dt>
                        <dd>{move || format::count(refusals.get())}</dd>
                    </div>
                </dl>
                <p class="hint">"Counted from the browser's own records of this page and its worker."</p>
                <LeakTest />
                <details class="fold">
                    <summary>"The rule, and what no rule covers"</summary>
                    <code class="policy">{host::with_seal(|seal| seal.policy())}</code>
                    <ul class="limits">
                        {host::with_seal(|seal| seal.limits_text())
                            .into_iter()
                            .map(|limit| view! { <li>{limit}</li> })
                            .collect_view()}
                    </ul>
                </details>
            </div>
        </details>
    }
}

#[component]
fn LeakTest() -> impl IntoView {
    let attempts = RwSignal::new(None::<Vec<LeakAttempt>>);
    let is_trying = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let attempt = move |_| {
        is_trying.set(true);
        spawn_local(async move {
            match host::seal().try_to_leak().await {
                Ok(list) => attempts.set(Some(list)),
                Err(failure) => failed.set(Some(failure.message)),
            }
            is_trying.set(false);
        });
    };
    let verdict = |attempt: LeakAttempt| match attempt.directive {
        Some(directive) => view! {
            <li class="refused">
                <strong>{attempt.name}</strong>
                <span>"refused by the browser ("{directive}")"</span>
            </li>
        }
        .into_any(),
        None => view! {
            <li class="not-refused">
                <strong>{attempt.name}</strong>
                <span>"not refused"</span>
            </li>
        }
        .into_any(),
    };
    view! {
        <button type="button" class="button" disabled=is_trying on:click=attempt>
            {move || if is_trying.get() { "Trying…" } else { "Try to leak" }}
        </button>
        <div role="status">
            {move || failed.get().map(|message| view! { <p>"The attempt itself failed: "{message}</p> })}
            {move || {
                attempts.get().map(|list| {
                    let n_refused = list.iter().filter(|attempt| attempt.directive.is_some()).count();
                    view! {
                        <p class="verdict">{format!("{n_refused} of {} attempts were refused.", list.len())}</p>
                        <ul class="attempts">{list.into_iter().map(verdict).collect_view()}</ul>
                    }
                })
            }}
        </div>
    }
}
