//! The answer in one line, what it was made from, and what the file left open.

use super::data;
use super::downloads::Downloads;
use super::saved::scored_by;
use crate::app::format;
use crate::app::results::Results;
use crate::app::state::{Tab, store};
use crate::engine::plan::Role;
use leptos::prelude::*;
use std::rc::Rc;

/// Headline, facts, how the file was read, and questions.
#[component]
pub fn Summary(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let n_subjects = results.n_subjects();
    let (n_rows, is_by_part) = (results.n_rows(), results.is_by_part());
    let (subject, part) = (results.subject(), results.part());
    let headline = move || {
        let (users, rows) =
            store.cut.with(|cut| cut.as_ref().map_or((0, 0), |c| (c.flagged_subjects, c.flagged_rows)));
        let of = format!("{} of {}", format::count(users), format::counted(n_subjects, subject));
        match (users, is_by_part) {
            (0, _) => {
                let nobody = if subject == "user" { "Nobody" } else { "None" };
                format!("{nobody} of {} stands out at this threshold", format::counted(n_subjects, subject))
            }
            (_, true) => {
                format!("{of} had strange {part}s: {} of {}", format::count(rows), format::count(n_rows))
            }
            (_, false) => format!("{of} stand out"),
        }
    };
    let n_odd = results.opened.summary.findings.len();
    let (n_unused, n_read) = (results.unused_rows, results.opened.summary.rows);
    let facts = facts(&results);
    let found = planted(&results);
    let roles = [Role::Entity, Role::Time, Role::Action, Role::Session, Role::Group, Role::Label];
    let chips = roles
        .into_iter()
        .filter_map(|role| results.plan.roles.get(&role).map(|column| (role, column.clone())))
        .map(|(role, column)| {
            view! {
                <li>
                    <span>{super::data::role_name(role)}</span>
                    {column}
                </li>
            }
        })
        .collect_view();
    let questions = results.opened.suggestion.questions.clone();
    view! {
        <section class="summary" aria-labelledby="headline">
            <div class="summary-words">
                <h1 id="headline" aria-live="polite">{headline}</h1>
                <p class="facts">{facts}{found}</p>
                {scored_by(&results)}
                <div class="reading">
                    <ul class="chips" aria-label="How the file was read">{chips}</ul>
                    <button type="button" class="button button-quiet button-small" on:click=move |_| data::show(store, Tab::Settings)>
                        "Change"
                    </button>
                    {(n_unused > 0)
                        .then(|| {
                            view! {
                                <button type="button" class="button button-small left-out" on:click=move |_| data::show(store, Tab::Findings)>
                                    {format!("{} of {} left out", format::count(n_unused), format::counted(n_read, "row"))}
                                </button>
                            }
                        })}
                    {(n_odd > 0)
                        .then(|| {
                            view! {
                                <button type="button" class="button button-quiet button-small" on:click=move |_| data::show(store, Tab::Findings)>
                                    {format!("{} in the file", format::oddities(n_odd))}
                                </button>
                            }
                        })}
                </div>
            </div>
            <Downloads />
        </section>
        {(!questions.is_empty())
            .then(|| {
                view! {
                    <section class="questions" aria-label="Please check">
                        <h2>"Please check"</h2>
                        <ul>{questions.into_iter().map(|q| view! { <li>{q.question}</li> }).collect_view()}</ul>
                        <button type="button" class="button button-small" on:click=move |_| data::show(store, Tab::Settings)>
                            "Answer in the settings"
                        </button>
                    </section>
                }
            })}
    }
}

fn facts(results: &Results) -> String {
    let summary = &results.opened.summary;
    let rows = format::counted(summary.rows, "row");
    let mut facts = vec![match summary.aggregated {
        Some(n) => format!("{} added up into {rows}, one per user", format::counted(n as usize, "record")),
        None => rows,
    }];
    if results.is_by_part() {
        facts.push(format::counted(results.n_rows(), results.row()));
    }
    if let (Some([from, to]), None) = (results.time_range, summary.aggregated) {
        let no_year = results.no_year();
        let day = |ms| format::day(results.opened.local_ms(ms), no_year);
        let clock = format::clock(results.zoned, summary.time_zone.as_deref());
        let year = if no_year { " (the file names no year)" } else { "" };
        let (first, last) = (day(from), day(to));
        let days = if first == last { first } else { format!("{first} to {last}") };
        facts.push(format!("{days}{clock}{year}"));
    }
    facts.push(format::bytes(summary.bytes as f64));
    facts.push(format!("done in {}", format::duration(results.elapsed_secs)));
    let n_aside = summary.set_aside;
    if n_aside > 0 {
        facts.push(format!("{} set aside", format::counted(n_aside as usize, "record")));
    }
    facts.join(" · ")
}

/// For samples: how many of the planted users were found.
fn planted(results: &Rc<Results>) -> Option<impl IntoView + use<>> {
    let store = store();
    let total = results.opened.planted.len();
    let opened = StoredValue::new_local(results.opened.clone());
    let found = move || {
        let found =
            store.cut.with(|cut| cut.as_ref().map_or(0, |c| opened.with_value(|o| c.n_among(&o.planted))));
        format!(" · {} of {} planted oddities found", format::count(found), format::count(total))
    };
    (total > 0).then(|| view! { <strong class="planted">{found}</strong> })
}
