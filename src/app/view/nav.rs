//! The sections of the results, named once in a row that stays in sight: a long page is no labyrinth.

use leptos::ev;
use leptos::prelude::*;

/// How far below the top of the window a section's beginning still counts as reached, CSS pixels: under the header and
/// this row, with some air.
const REACHED: f64 = 160.0;

/// A section that can be gone to: the id of its element, and what it is called here.
pub type Entry = (&'static str, &'static str);

/// Links to sections, the one in sight marked.
#[component]
pub fn SectionNav(entries: Vec<Entry>) -> impl IntoView {
    let ids: Vec<&'static str> = entries.iter().map(|&(id, _)| id).collect();
    let current = RwSignal::new(ids.first().copied().unwrap_or_default());
    let is_asked = StoredValue::new(false);
    let scrolling = window_event_listener(ev::scroll, move |_| {
        // Once per drawn frame is enough.
        if is_asked.get_value() {
            return;
        }
        is_asked.set_value(true);
        let ids = ids.clone();
        request_animation_frame(move || {
            // The results may be gone by then.
            if is_asked.try_set_value(false).is_some() {
                return;
            }
            let seen = in_sight(&ids);
            if current.try_get_untracked().is_some_and(|id| id != seen) {
                current.set(seen);
                show_link(seen);
            }
        });
    });
    on_cleanup(move || scrolling.remove());
    let link = move |(id, name): Entry| {
        let is_current = move || (current.get() == id).then_some("true");
        view! {
            <li>
                <a href=format!("#{id}") aria-current=is_current>
                    {name}
                </a>
            </li>
        }
    };
    view! {
        <nav class="section-nav" aria-label="Sections of the results">
            <ul>{entries.into_iter().map(link).collect_view()}</ul>
        </nav>
    }
}

/// Brings a section's link to the middle of the row, where the row is longer than the screen is wide. Not by
/// `scrollIntoView`: that would end the scrolling of the page which asked for it.
fn show_link(id: &str) {
    let link = document().query_selector(&format!(".section-nav a[href='#{id}']")).ok().flatten();
    let row = link.as_ref().and_then(|link| link.closest("nav").ok().flatten());
    if let (Some(link), Some(row)) = (link, row) {
        let (link, shown) = (link.get_bounding_client_rect(), row.get_bounding_client_rect());
        let off = link.left() + link.width() / 2.0 - (shown.left() + shown.width() / 2.0);
        row.set_scroll_left(row.scroll_left() + off as i32);
    }
}

/// The last section whose beginning has been reached; at the end of the page the last of all, which may be too short to
/// reach the top.
fn in_sight(ids: &[&'static str]) -> &'static str {
    let top =
        |id: &str| document().get_element_by_id(id).map(|element| element.get_bounding_client_rect().top());
    let first = ids.first().copied().unwrap_or_default();
    if let Some(root) = document().document_element() {
        let left = root.scroll_height() - root.scroll_top() - root.client_height();
        if left <= 2 && root.scroll_top() > 0 {
            return ids.last().copied().unwrap_or(first);
        }
    }
    ids.iter().copied().rfind(|id| top(id).is_some_and(|top| top <= REACHED)).unwrap_or(first)
}
