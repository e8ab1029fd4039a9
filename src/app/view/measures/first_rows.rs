//! What the first rows of the ranking have: for who has time for so many.

use super::{JudgedNow, Named};
use crate::app::format;
use crate::app::results::Judged;
use crate::app::view::table::{ScrollTable, titles};
use crate::engine::evaluate::AtTop;
use leptos::prelude::*;

/// Rows looked at unless the plan has a budget.
const USUAL_BUDGET: u64 = 50;

/// A number of rows to be asked for, and the table of round ones. `budget` is the plan's.
pub fn first_rows(judged: JudgedNow, named: StoredValue<Named>, budget: Option<u64>) -> AnyView {
    let first = judged.with_untracked(|judged| budget.unwrap_or_else(|| usual(judged.as_ref())));
    let text = RwSignal::new(first.to_string());
    let words = move || {
        let judged = judged.get()?;
        let k = text.with(|text| text.trim().parse::<u64>().ok()).filter(|k| *k > 0);
        Some(match k {
            Some(k) => named.with_value(|named| words(judged.at_top(k), &judged, named)),
            None => "A whole number from 1 on.".to_owned(),
        })
    };
    let unit = named.with_value(|named| format!("{}s", named.row));
    let table = move || judged.get().map(|judged| named.with_value(|named| table(&judged, named, budget)));
    view! {
        <div class="first-rows">
            <h3>"What the first rows have"</h3>
            <label class="first-rows-asked">
                <span>"Looking at the first"</span>
                <input
                    type="number"
                    min="1"
                    step="1"
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                />
                <span>{unit}</span>
            </label>
            <p role="status">{words}</p>
            {table}
        </div>
    }
    .into_any()
}

/// A round number that there are rows for.
fn usual(judged: Option<&Judged>) -> u64 {
    let tops = judged.map_or(&[][..], |judged| &judged.evaluation.top);
    tops.iter().map(|at| at.k).take_while(|k| *k <= USUAL_BUDGET).last().unwrap_or(USUAL_BUDGET)
}

fn words(at: AtTop, judged: &Judged, named: &Named) -> String {
    let confusion = judged.evaluation.confusion;
    let n_wanted = confusion.tp + confusion.fn_;
    format!(
        "About {} of {} are {}: {} of them, and {} of all {} that there are.",
        format::value(at.precision * at.k as f64, ""),
        format::counted(at.k as usize, named.row),
        named.wanted,
        format::small_percent(at.precision),
        format::small_percent(at.recall),
        format::count(n_wanted),
    )
}

fn table(judged: &Judged, named: &Named, budget: Option<u64>) -> AnyView {
    let confusion = judged.evaluation.confusion;
    let n_flagged = confusion.tp + confusion.fp;
    let note = |k: u64| match (k == n_flagged, Some(k) == budget) {
        (true, true) => "flagged now, the plan’s budget",
        (true, false) => "flagged now",
        (false, true) => "the plan’s budget",
        (false, false) => "",
    };
    let mut all = judged.evaluation.top.clone();
    let asked = budget.into_iter().chain((n_flagged > 0).then_some(n_flagged));
    for k in asked {
        if let Err(place) = all.binary_search_by_key(&k, |at| at.k) {
            all.insert(place, judged.at_top(k));
            all.dedup_by_key(|at| at.k);
        }
    }
    let line = |at: AtTop| {
        let is_now = at.k == n_flagged;
        view! {
            <tr class:now=is_now aria-current=is_now.then_some("true")>
                <th scope="row">{format::count(at.k)} <span class="hint">{note(at.k)}</span></th>
                <td>{format::value(at.precision * at.k as f64, "")}</td>
                <td>{format::small_percent(at.precision)}</td>
                <td>{format::small_percent(at.recall)}</td>
            </tr>
        }
    };
    let rows = all.into_iter().map(line).collect_view();
    let found = format!("{} among them", format::capitalized(&named.wanted));
    let mut titles = titles(&["First", "", "Precision", "Recall"]);
    titles[1] = found;
    view! { <ScrollTable label="The first rows" titles>{rows}</ScrollTable> }.into_any()
}
