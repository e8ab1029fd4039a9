//! Flagged users in order, a page at a time: a list of twenty thousand must not freeze the browser.

use super::mark::{SeverityBadge, SeverityMark};
use super::switch::switch;
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::{Cut, Results, SEVERITY_NAMES};
use crate::app::state::store;
use crate::protocol::Ranked;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen::JsCast;

const PAGE_SIZE: usize = 50;
/// Entries made in one turn; the list of new results grows by so many at a time.
const STEP: usize = 8;
/// Matches listed by a search; more than anyone reads.
const MAX_MATCHES: usize = 1_000;

/// Names that a search looks through, the first of its list: more would hold the page up at every key.
pub const MAX_SEARCHED: usize = 200_000;

/// Who is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    Flagged,
    All,
}

/// The list with its search box and pages.
#[component]
pub fn Ranking(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let search = RwSignal::new(String::new());
    let page = RwSignal::new(0_usize);
    let part = results.is_by_part().then(|| results.part());
    let subject = results.subject();
    let n_subjects = results.n_subjects();
    let listed = RwSignal::new(Listed::Flagged);
    let results = StoredValue::new_local(results);
    let n_ranked = Memo::new(move |_| match listed.get() {
        Listed::Flagged => store.cut.with(|cut| cut.as_ref().map_or(0, |c| c.n_listed())),
        Listed::All => n_subjects,
    });
    // Ranks that match the search; none while nothing is searched for, which stands for all.
    let matches = Memo::new(move |_| {
        let needle = search.with(|text| text.trim().to_lowercase());
        (!needle.is_empty()).then(|| match listed.get() {
            Listed::Flagged => {
                store.cut.with(|cut| cut.as_ref().map(|c| c.search(&needle, MAX_MATCHES)).unwrap_or_default())
            }
            Listed::All => results.with_value(|results| results.search(&needle, MAX_SEARCHED, MAX_MATCHES)),
        })
    });
    let n_listed = move || matches.with(|found| found.as_ref().map_or_else(|| n_ranked.get(), Vec::len));
    let n_pages = move || n_listed().div_ceil(PAGE_SIZE).max(1);
    let shown_page = move || page.get().min(n_pages() - 1);
    let n_made = RwSignal::new(STEP);
    spawn_local(async move {
        // The list may be gone by then.
        while n_made.try_get_untracked().is_some_and(|n| n < PAGE_SIZE) {
            host::next_turn(true).await;
            n_made.try_update(|n| *n += STEP);
        }
    });
    let items = move || {
        let from = shown_page() * PAGE_SIZE;
        let ranks = from..(from + n_made.get().min(PAGE_SIZE)).min(n_listed());
        let rank_of = |i: usize| matches.with(|found| found.as_ref().map_or(i, |found| found[i]));
        store.cut.with(|cut| {
            let Some(cut) = cut else { return Vec::new() };
            let ranked = |rank: usize| match cut.ranked(rank) {
                Some(ranked) => Some(ranked),
                None => results.with_value(|results| unlisted(results, cut, rank)),
            };
            ranks.filter_map(|i| ranked(rank_of(i)).map(|ranked| (rank_of(i), ranked))).collect::<Vec<_>>()
        })
    };
    view! {
        <section class="ranking panel" aria-labelledby="ranking-title">
            <header class="panel-head">
                <h2 id="ranking-title">"Strangest first"</h2>
                <SeverityCounts />
                <div class="find">
                    {switch("Who is listed", &[(Listed::Flagged, "Flagged"), (Listed::All, "All")], listed)}
                    <input
                        type="search"
                        class="search"
                        placeholder=format!("Find a {subject}")
                        aria-label=move || match listed.get() {
                            Listed::Flagged => format!("Find a flagged {subject}"),
                            Listed::All => format!("Find a {subject}"),
                        }
                        prop:value=search
                        on:input=move |event| {
                            page.set(0);
                            search.set(event_target_value(&event));
                        }
                    />
                </div>
            </header>
            <ol class="ranking-list" on:keydown=move_focus>
                <For each=items key=|(rank, ranked)| (*rank, ranked.subject, ranked.severity, ranked.sentence.clone()) let((rank, ranked))>
                    <RankedItem rank ranked part results=results.get_value() />
                </For>
            </ol>
            <Show when=move || n_listed() == 0>
                <p class="empty">
                    {move || match (n_ranked.get(), listed.get()) {
                        (0, _) => "Nothing is above the threshold. Lower it under “Scores”, or list all.".to_owned(),
                        (_, Listed::Flagged) => format!("No flagged {subject} has this in the name."),
                        (n, Listed::All) if n > MAX_SEARCHED => {
                            format!("None of the strangest {} {subject}s has this in the name.", format::count(MAX_SEARCHED))
                        }
                        (_, Listed::All) => format!("No {subject} has this in the name."),
                    }}
                </p>
            </Show>
            <Show when=move || { listed.get() == Listed::Flagged && n_listed() > 0 && shown_page() + 1 == n_pages() && matches.with(Option::is_none) }>
                <p class="hint ranking-end">
                    "These are all above the threshold. "
                    <a href="#scores">"Move it"</a>
                </p>
            </Show>
            <Show when=move || { n_pages() > 1 }>
                <nav class="pages" aria-label="Pages of the list">
                    <button type="button" class="button button-small" disabled=move || shown_page() == 0 on:click=move |_| page.set(shown_page().saturating_sub(1))>
                        "Previous"
                    </button>
                    <span>{move || format!("{} of {}", shown_page() + 1, format::count(n_pages()))}</span>
                    <button type="button" class="button button-small" disabled=move || shown_page() + 1 == n_pages() on:click=move |_| page.set(shown_page() + 1)>
                        "Next"
                    </button>
                </nav>
            </Show>
        </section>
    }
}

/// Who is not among those that carry a sentence: not flagged, or one of very many.
fn unlisted(results: &Results, cut: &Cut, rank: usize) -> Option<Ranked> {
    let of = results.all_ranked().get(rank)?;
    Some(Ranked {
        subject: of.subject,
        name: results.subject_name(of.subject),
        row: of.row as usize,
        score: results.row_scores()[of.row as usize],
        severity: cut.severity(of.row),
        flagged_rows: 0,
        rows: of.n_rows as usize,
        sentence: String::new(),
    })
}

#[component]
fn SeverityCounts() -> impl IntoView {
    let store = store();
    let counts = Memo::new(move |_| store.cut.with(|cut| cut.as_ref().map_or([0; 4], |c| c.by_severity)));
    view! {
        <ul class="severity-counts" aria-label="Flagged by severity">
            {[3_u8, 2, 1]
                .map(|severity| {
                    let n = move || counts.with(|counts| counts[usize::from(severity)]);
                    // A level that nobody has is no news.
                    let is_empty = move || n() == 0 && counts.with(|counts| counts.iter().sum::<usize>() > 0);
                    view! {
                        <li hidden=is_empty>
                            <SeverityMark severity />
                            {move || format::count(n())}
                            " "
                            {SEVERITY_NAMES[usize::from(severity)]}
                        </li>
                    }
                })
                .into_iter()
                .collect_view()}
        </ul>
    }
}

#[component]
fn RankedItem(
    rank: usize,
    ranked: Ranked,
    part: Option<&'static str>,
    results: Rc<Results>,
) -> impl IntoView {
    let store = store();
    let Ranked { subject, name, row, score, severity, flagged_rows, rows, sentence } = ranked;
    let is_selected = move || store.selected.get().is_some_and(|(selected, _)| selected == subject);
    let planted =
        store.opened.with_untracked(|opened| opened.as_ref().is_some_and(|o| o.planted.contains(&name)));
    let has_days = part.is_some();
    let days = part.map(|part| {
        let all = format::counted(rows, part);
        if sentence.is_empty() { all } else { format!("{} of {all}", format::count(flagged_rows)) }
    });
    let figures = figures_of(&results, row);
    view! {
        <li>
            <button
                type="button"
                class="ranked"
                class:selected=is_selected
                aria-current=move || is_selected().then_some("true")
                on:click=move |_| {
                    operations::select(store, subject, row);
                    super::detail::show_on_small_screens();
                }
            >
                <span class="ranked-head">
                    <span class="rank">{format::count(rank + 1)}</span>
                    <span class="ranked-name" title=name.clone()>{name.clone()}</span>
                    {planted.then(|| view! { <span class="tag" title="The sample's generator hid an oddity here">"planted"</span> })}
                    <SeverityBadge severity />
                    <span class="ranked-score" title="Score: higher is stranger">{format!("{score:.3}")}</span>
                </span>
                <span class="ranked-why">{sentence}</span>
                <span class="ranked-days">{days} <super::scores::VotesOf row is_after=has_days /></span>
                {figures.map(|figures| view! { <span class="ranked-days">{figures}</span> })}
            </button>
        </li>
    }
}

/// What a saved model says of a row, in short; nothing of an analysis.
fn figures_of(results: &Results, row: usize) -> Option<String> {
    // How sure a flag is only the details can say: they know what the model cannot judge of the row.
    let figures = results.verdicts.as_ref()?.figures(row, None);
    // How far up it is the list shows.
    let figures = figures.iter().filter(|figure| figure.name != "Percentile");
    let mut words: Vec<String> =
        figures.map(|figure| format!("{} {}", figure.name, format::small_percent(figure.share))).collect();
    words.extend(results.answers.as_ref().map(|answers| format!("learned: {}", answers.said(row))));
    Some(words.join(" · "))
}

/// Arrow keys walk through the list.
pub fn move_focus(event: KeyboardEvent) {
    let forward = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        _ => return,
    };
    let Some(item) = document().active_element().and_then(|element| element.closest("li").ok().flatten())
    else {
        return;
    };
    let next = if forward { item.next_element_sibling() } else { item.previous_element_sibling() };
    let button = next.and_then(|item| item.query_selector("button").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        // Focusing an element on the page cannot fail.
        let _ = button.focus();
    }
}
