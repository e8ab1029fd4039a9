//! Where the models of an ensemble agree and where they do not.

use crate::app::format;
use crate::app::results::Results;
use crate::app::state::store;
use crate::app::view::models::short_name;
use crate::app::view::table::ScrollTable;
use crate::engine::analysis::Agreement;
use crate::engine::explain::MemberScore;
use leptos::prelude::*;
use std::rc::Rc;

/// Steps of the tables' colours, from none to full; the style sheet has a colour for each.
const N_SHADES: f64 = 5.0;

/// The tables, and how many models flag what is flagged.
#[component]
pub fn AgreementView(results: Rc<Results>) -> impl IntoView {
    let store = store();
    let results = StoredValue::new_local(results);
    let content = move || {
        let agreement = store.agreement.get()?;
        Some(view! {
            <Votes agreement=agreement.clone() results=results.get_value() />
            <div class="agreement">
                {order_table(&agreement)}
                {overlap_table(&agreement)}
            </div>
        })
    };
    view! {
        <section class="agreeing" aria-labelledby="agreement-title" aria-live="polite">
            <header class="section-head">
                <h3 id="agreement-title">"Do the models agree?"</h3>
                <p class="hint">
                    {move || {
                        let budget = store.agreement.with(|a| a.as_ref().map_or(0, |a| a.budget));
                        (budget > 0)
                            .then(|| format!(
                                "Each by itself flags its strangest {}, as many as are flagged together.",
                                format::count(budget),
                            ))
                    }}
                </p>
            </header>
            {content}
        </section>
    }
}

/// Of the rows flagged together, how many each number of models flags by itself.
#[component]
fn Votes(agreement: Rc<Agreement>, results: Rc<Results>) -> impl IntoView {
    let store = store();
    let n_models = agreement.members.len();
    let row = results.row();
    let threshold = store.cut.with_untracked(|cut| cut.as_ref().map_or(f64::INFINITY, |cut| cut.threshold));
    let mut n_by_votes = vec![0_usize; n_models + 1];
    for (score, &votes) in results.row_scores().iter().zip(&agreement.votes) {
        if *score > threshold {
            n_by_votes[usize::from(votes).min(n_models)] += 1;
        }
    }
    let items = n_by_votes
        .into_iter()
        .enumerate()
        .rev()
        .filter(|(_, n)| *n > 0)
        .map(|(votes, n)| {
            let by = match votes {
                0 => "no model alone, only together".to_owned(),
                all if all == n_models => format!("all {n_models} models"),
                some => format!("{some} of {n_models}"),
            };
            view! {
                <li>
                    <strong>{format::counted(n, row)}</strong>
                    " flagged by "
                    {by}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="votes">{items}</ul> }
}

/// How many models flag a row by themselves, in short; nothing where there is but one model.
#[component]
pub fn VotesOf(
    row: usize,
    /// Whether other words stand before it.
    is_after: bool,
) -> impl IntoView {
    let store = store();
    let words = move || {
        store.agreement.with(|agreement| {
            let agreement = agreement.as_ref()?;
            let votes = agreement.votes.get(row)?;
            let before = if is_after { " · " } else { "" };
            Some(format!("{before}{votes} of {} models", agreement.members.len()))
        })
    };
    view! { <span title="Models that flag it by themselves">{words}</span> }
}

/// What each model of an ensemble gives a row by itself, and how many flag it.
#[component]
pub fn MembersOf(row: usize, members: Vec<MemberScore>) -> impl IntoView {
    let store = store();
    let words = move || {
        store.agreement.with(|agreement| {
            let agreement = agreement.as_ref()?;
            let votes = agreement.votes.get(row)?;
            Some(format!("{votes} of {} models flag it by themselves", agreement.members.len()))
        })
    };
    let items = members
        .iter()
        .map(|member| {
            view! {
                <li>
                    <span>{short_name(member.name)}</span>
                    {format!("{:.3}", member.score)}
                </li>
            }
        })
        .collect_view();
    (!members.is_empty()).then(|| {
        view! {
            <div class="members">
                <span class="label">{words}</span>
                <ul class="chips" aria-label="What each model gives it">{items}</ul>
            </div>
        }
    })
}

/// A table of pairs, each cell shaded by a share of 1.
fn pairs(
    label: &'static str,
    hint: String,
    agreement: &Agreement,
    cell: impl Fn(usize, usize) -> (String, f64),
) -> AnyView {
    let names: Vec<&str> = agreement.members.iter().map(|name| short_name(*name)).collect();
    let titles = std::iter::once("").chain(names.iter().copied()).map(str::to_owned).collect();
    let line = |(a, name): (usize, &&'static str)| {
        let cells = (0..names.len())
            .map(|b| {
                let (text, share) = cell(a, b);
                let shade = (share.clamp(0.0, 1.0) * N_SHADES).round();
                view! { <td class=format!("shade shade-{shade}")>{text}</td> }
            })
            .collect_view();
        view! {
            <tr>
                <th scope="row">{*name}</th>
                {cells}
            </tr>
        }
    };
    let rows = names.iter().enumerate().map(line).collect_view();
    view! {
        <figure class="pairs">
            <figcaption>
                <h4>{label}</h4>
                <p class="hint">{hint}</p>
            </figcaption>
            <ScrollTable label titles>{rows}</ScrollTable>
        </figure>
    }
    .into_any()
}

fn order_table(agreement: &Agreement) -> AnyView {
    let hint = "Rank correlation (Spearman) of all scores: 1 is the same order, 0 none".to_owned();
    pairs("The same order", hint, agreement, |a, b| {
        let value = agreement.spearman[a][b];
        (format!("{value:.2}").replace('-', "−"), value)
    })
}

fn overlap_table(agreement: &Agreement) -> AnyView {
    let hint = "Rows that both flag; in the diagonal what each flags by itself".to_owned();
    pairs("The same flags", hint, agreement, |a, b| {
        let n = agreement.overlap[a][b];
        (format::count(n), n as f64 / agreement.budget.max(1) as f64)
    })
}
