//! Small drawings: the logo, and the mark of each severity. A severity has a shape, a colour and a word, so that none
//! of them is needed alone.

use crate::app::results::SEVERITY_NAMES;
use leptos::prelude::*;

/// The logo: one point away from the others.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <circle cx="12" cy="18" r="2" />
            <circle cx="9" cy="12" r="2" />
            <circle cx="15" cy="13" r="2" />
            <circle cx="17" cy="20" r="2" />
            <circle class="logo-outlier" cx="23" cy="9" r="3.2" />
        </svg>
    }
}

/// The shape of a severity: diamond, square, circle, ring.
#[component]
pub fn SeverityMark(severity: u8) -> impl IntoView {
    let shape = match severity {
        3 => view! { <path d="M8 1 L15 8 L8 15 L1 8 Z" /> }.into_any(),
        2 => view! { <rect x="2.5" y="2.5" width="11" height="11" rx="1" /> }.into_any(),
        1 => view! { <circle cx="8" cy="8" r="5.5" /> }.into_any(),
        _ => view! { <circle cx="8" cy="8" r="4.5" fill="none" stroke="currentColor" stroke-width="2" /> }
            .into_any(),
    };
    view! { <svg class=format!("mark mark-{severity}") viewBox="0 0 16 16" aria-hidden="true">{shape}</svg> }
}

/// Shape, colour and word of a severity.
#[component]
pub fn SeverityBadge(severity: u8) -> impl IntoView {
    view! {
        <span class=format!("badge badge-{severity}")>
            <SeverityMark severity />
            {SEVERITY_NAMES[usize::from(severity.min(3))]}
        </span>
    }
}
