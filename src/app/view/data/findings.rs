//! What was odd, by what was done about it, with the records as they stand in the file. Text only, whatever it holds.

use crate::app::format;
use crate::app::results::Opened;
use crate::app::view::table::Fold;
use crate::engine::error::Position;
use crate::engine::finding::{Action, Finding, Place};
use leptos::prelude::*;
use std::rc::Rc;

/// Actions in the order of how much they change, with what each means.
const ACTIONS: [(Action, &str, &str); 4] = [
    (Action::SetAside, "Set aside", "Not in the table, or left out of the analysis, as each says."),
    (Action::Repaired, "Repaired", "In the table, with a value changed or taken as missing."),
    (Action::Kept, "Kept", "In the table as they stand in the file."),
    (Action::Noted, "Noted", "Nothing is wrong; something was assumed or is worth knowing."),
];

/// Of one kind, shown at once: a table of a hundred features may have as many of the same.
const MOST_SHOWN: usize = 4;

/// All of them, or that there is none.
#[component]
pub fn Findings(opened: Rc<Opened>, findings: Memo<Vec<Finding>>) -> impl IntoView {
    let opened = StoredValue::new_local(opened);
    let groups = move || {
        let list = findings.get();
        if list.is_empty() {
            return view! { <p class="empty">"Nothing was odd: every record was read as it stands."</p> }
                .into_any();
        }
        let group = |(action, title, meaning): (Action, &'static str, &'static str)| {
            let own: Vec<Finding> = list.iter().filter(|finding| finding.action == action).cloned().collect();
            (!own.is_empty()).then(|| {
                view! {
                    <section class="finding-group">
                        <h3>{title}</h3>
                        <p class="hint">{meaning}</p>
                        <ul>
                            {by_kind(own)
                                .into_iter()
                                .map(|same| opened.with_value(|opened| of_kind(same, opened)))
                                .collect_view()}
                        </ul>
                    </section>
                }
            })
        };
        ACTIONS.map(group).into_iter().collect_view().into_any()
    };
    view! { <div class="findings">{groups}</div> }
}

/// Those of each kind, kinds in the order of their first.
fn by_kind(findings: Vec<Finding>) -> Vec<Vec<Finding>> {
    let mut kinds: Vec<Vec<Finding>> = Vec::new();
    for finding in findings {
        match kinds.iter_mut().find(|same| same[0].kind == finding.kind) {
            Some(same) => same.push(finding),
            None => kinds.push(vec![finding]),
        }
    }
    kinds
}

/// Findings of one kind, the first of them where there are many.
fn of_kind(mut same: Vec<Finding>, opened: &Rc<Opened>) -> AnyView {
    let items =
        |findings: Vec<Finding>| findings.into_iter().map(|finding| item(finding, opened)).collect_view();
    let more = same.split_off(same.len().min(MOST_SHOWN));
    let hint = format!("{} findings", format::count(more.len() as u64));
    let more = (!more.is_empty()).then(|| {
        let is_open = RwSignal::new(false);
        let more = items(more);
        view! {
            <li class="finding">
                <Fold title="More of this kind" hint=Signal::stored(hint) is_open>
                    <ul>{more}</ul>
                </Fold>
            </li>
        }
    });
    view! {
        {items(same)}
        {more}
    }
    .into_any()
}

fn item(finding: Finding, opened: &Rc<Opened>) -> AnyView {
    // What there is one of, and of the file as a whole, needs no count.
    let is_counted = finding.count > 1 || finding.first.line > 0;
    let n = is_counted.then(|| {
        view! {
            <strong class="finding-count">{format!("{} ×", format::count(finding.count))}</strong>
            " "
        }
    });
    let message = if is_counted { finding.message } else { format::capitalized(&finding.message) };
    let first = match (finding.first.record, finding.first.line) {
        (0, 0) => String::new(),
        _ => format!("first at {}", place_name(finding.first, opened)),
    };
    let places: Vec<(String, String)> = finding
        .places
        .into_iter()
        .filter(|place| !place.text.is_empty())
        .map(|Place { position, text }| (place_name(position, opened), text))
        .collect();
    let is_cut = finding.count > places.len() as u64;
    let lines = (!places.is_empty()).then(|| {
        let is_open = RwSignal::new(false);
        let title = if is_cut { "Show the first of them" } else { "Show them" };
        let rows = move || {
            is_open.get().then(|| {
                let row = |(place, text): (String, String)| {
                    view! {
                        <li>
                            <span class="hint">{place}</span>
                            <code>{text}</code>
                        </li>
                    }
                };
                places.clone().into_iter().map(row).collect_view()
            })
        };
        view! {
            <Fold title is_open>
                <ol class="raw-lines">{rows}</ol>
            </Fold>
        }
    });
    view! {
        <li class="finding">
            <p>
                {n}
                {message}
                " "
                <span class="hint">{first}</span>
            </p>
            {lines}
        </li>
    }
    .into_any()
}

/// `record 12, line 14`, as far as it is known, with the file's name where there are several.
fn place_name(position: Position, opened: &Opened) -> String {
    let files = &opened.summary.files;
    let file = match files.get(position.file as usize) {
        Some(file) if files.len() > 1 => format!("{}, ", file.name),
        _ => String::new(),
    };
    match (position.record, position.line) {
        (0, line) => format!("{file}line {}", format::count(line)),
        (record, 0) => format!("{file}record {}", format::count(record)),
        (record, line) => format!("{file}record {}, line {}", format::count(record), format::count(line)),
    }
}
