//! What a model says of one record: the flag, how sure it is, and why.

use crate::app::answers::Answers;
use crate::app::format;
use crate::app::host;
use crate::app::saved::{Figure, Verdict};
use crate::app::view::chart::ChartPanel;
use crate::app::view::detail::{fired, meanings};
use crate::app::view::evidence::contribution_table;
use crate::app::view::mark::SeverityBadge;
use crate::app::view::models::{learner, target_words};
use crate::app::view::table::Fold;
use crate::engine::finding::Action;
use leptos::prelude::*;
use std::rc::Rc;

/// What the supervised model says of the record, and how it came to know.
fn answer(answers: &Answers) -> (&'static str, String, String) {
    let (said, probability) = answers.answer(0);
    let sure = probability.map_or_else(String::new, |p| format!("{} sure, ", format::small_percent(p)));
    let (model, target) = (learner(answers.model), target_words(&answers.target));
    let meaning = format!("{sure}by {model}, which learned {target}: a second opinion, no part of the score");
    ("Learned", said, meaning)
}

/// Name, figure and what it is of. How sure the flag is knows nothing of a caution.
fn figures(verdict: &Verdict) -> Vec<(&'static str, String, String)> {
    let mut of_model = verdict.sureness.figures(0, Some(verdict.is_flagged));
    if verdict.reason.caution.is_some() {
        of_model.pop();
    }
    let text = |figure: Figure| (figure.name, format::small_percent(figure.share), figure.meaning);
    of_model.into_iter().map(text).chain(verdict.learned.as_ref().map(answer)).collect()
}

/// The whole of it: first what the model cannot judge. Where that is all of the record, there is no more to say.
pub fn verdict(verdict: Rc<Verdict>) -> AnyView {
    let caution = verdict.reason.caution.clone();
    let said = verdict.reason.sentence.clone();
    let rest =
        caution.as_deref().and_then(|caution| said.strip_prefix(caution)).unwrap_or(&said).trim_start();
    let caution = caution.map(|caution| view! { <p class="caution">{caution}</p> });
    if rest.is_empty() {
        return view! {
            <header class="detail-head">
                <div class="detail-title">
                    <h3>"No verdict"</h3>
                </div>
                {caution}
                <p class="hint">"Fill in what is known of the record, and score it again."</p>
            </header>
        }
        .into_any();
    }
    let compared = if verdict.is_flagged { "above" } else { "not above" };
    let figures = figures(&verdict)
        .into_iter()
        .map(|(name, figure, meaning)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{figure}</dd>
                    <dd class="hint">{meaning}</dd>
                </div>
            }
        })
        .collect_view();
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
    let (sentence, score) = (rest.to_owned(), verdict.reason.score);
    let (severity, threshold, is_flagged) = (verdict.severity, verdict.threshold, verdict.is_flagged);
    let kept = StoredValue::new_local(verdict);
    let table = move || {
        is_open.get().then(|| {
            kept.with_value(|verdict| contribution_table(&verdict.reason.contributions, &verdict.features))
        })
    };
    view! {
        <header class="detail-head">
            {caution}
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
        <dl class="verdict-figures">{figures}</dl>
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
