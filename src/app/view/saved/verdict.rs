//! What a model says of one record: the flag, how sure it is, and why.

use crate::app::format;
use crate::app::host;
use crate::app::saved::Verdict;
use crate::app::view::chart::ChartPanel;
use crate::app::view::detail::{fired, meanings};
use crate::app::view::evidence::contribution_table;
use crate::app::view::mark::SeverityBadge;
use crate::app::view::models::{learner, target_words};
use crate::app::view::table::Fold;
use crate::engine::finding::Action;
use crate::protocol::{AnswersView, Task};
use leptos::prelude::*;
use std::rc::Rc;

/// What the supervised model says of the record, and how it came to know.
fn answer(answers: &AnswersView) -> Option<(String, String)> {
    let said = *answers.predictions.first()?;
    let probability = match answers.task {
        Task::Regression => None,
        Task::Binary => {
            answers.probabilities.first().map(|second| if said > 0.0 { *second } else { 1.0 - second })
        }
        Task::Classes => answers.probabilities.get(said as usize).copied(),
    };
    let said = match (answers.classes.get(said as usize), probability) {
        (Some(class), Some(probability)) => format!("{class}, {}", format::small_percent(probability)),
        _ => format::value(said, ""),
    };
    Some((
        said,
        format!("{}, as {} has learned to tell", target_words(&answers.target), learner(answers.model)),
    ))
}

/// The whole of it.
pub fn verdict(verdict: Rc<Verdict>) -> AnyView {
    let compared = if verdict.is_flagged { "above" } else { "not above" };
    let figures = [
        (
            "Probability",
            verdict.probability,
            "that it is abnormal, by the scores of the rows the model was fitted to",
        ),
        (
            "Confidence",
            verdict.confidence,
            "how often the flag would be the same, had other such rows been fitted",
        ),
        (
            "Percentile",
            verdict.percentile,
            "of the rows the model was fitted to have this score or a lower one",
        ),
    ];
    let figures = figures
        .into_iter()
        .map(|(name, share, meaning)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{format::small_percent(share)}</dd>
                    <dd class="hint">{meaning}</dd>
                </div>
            }
        })
        .collect_view();
    let learned = verdict.learned.as_ref().and_then(answer).map(|(said, meaning)| {
        view! {
            <div>
                <dt>"Learned"</dt>
                <dd>{said}</dd>
                <dd class="hint">{meaning}</dd>
            </div>
        }
    });
    let fired = fired(&verdict.reason.rules);
    let odd: Vec<_> = verdict
        .findings
        .iter()
        .filter(|finding| finding.action != Action::Noted)
        .map(|finding| view! { <li>{finding.message.clone()}</li> })
        .collect();
    let drawn = host::object([
        ("explanation", verdict.explanation.clone()),
        ("meanings", meanings(&verdict.features)),
    ]);
    let is_open = RwSignal::new(false);
    let (sentence, score) = (verdict.reason.sentence.clone(), verdict.reason.score);
    let (severity, threshold, is_flagged) = (verdict.severity, verdict.threshold, verdict.is_flagged);
    let kept = StoredValue::new_local(verdict);
    let table = move || {
        is_open.get().then(|| {
            kept.with_value(|verdict| contribution_table(&verdict.reason.contributions, &verdict.features))
        })
    };
    view! {
        <header class="detail-head">
            <div class="detail-title">
                <h3>{if is_flagged { "Flagged" } else { "Not flagged" }}</h3>
                {is_flagged.then(|| view! { <SeverityBadge severity /> })}
                <p class="detail-score">
                    <strong>{format!("{score:.3}")}</strong>
                    {format!(" {compared} the threshold of {threshold:.3}")}
                </p>
            </div>
            <p class="sentence">{sentence}</p>
            {fired}
        </header>
        <dl class="verdict-figures">{figures} {learned}</dl>
        {(!odd.is_empty()).then(|| view! { <ul class="verdict-odd" aria-label="What was odd about it">{odd}</ul> })}
        <ChartPanel
            kind="contributions"
            title="What makes the score"
            note="From the average to this score, in score units"
            data=Box::new(move || Some(drawn.clone()))
        />
        <Fold title="All features as numbers" is_open>
            {table}
        </Fold>
    }
    .into_any()
}
