//! What was learned: how well it does on rows held out, what to beware of, and what it goes by.

use super::charts;
use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::{Judged, Results};
use crate::app::state::{Supervised, store};
use crate::app::view::measures::{self, JudgedNow, Named, figure};
use crate::app::view::models::{learner, target_words};
use crate::app::view::table::{Fold, ScrollTable};
use crate::engine::learn::ModelName;
use crate::engine::learn::split::SplitBy;
use crate::engine::supervised::THRESHOLD;
use crate::protocol::{ExportKind, LearnTarget, Learned};
use leptos::prelude::*;
use std::rc::Rc;

/// The results.
#[component]
pub fn Model(supervised: Rc<Supervised>, results: Rc<Results>) -> impl IntoView {
    let learned = &supervised.learned;
    let tiles = match (&learned.evaluation, &learned.class_evaluation, &learned.regression) {
        (Some(evaluation), ..) => Some(measures::of_two(evaluation)),
        (_, Some(evaluation), _) => Some(measures::of_several(evaluation)),
        (_, _, Some(evaluation)) => Some(measures::of_numbers(evaluation)),
        _ => None,
    };
    let title = "Decisions on the rows held out";
    let decisions = match (&learned.evaluation, &learned.class_evaluation) {
        (Some(evaluation), _) => {
            Some(measures::decisions_of_two(title, &evaluation.confusion, class_names(learned)))
        }
        (_, Some(evaluation)) => Some(measures::decisions_of_several(title, evaluation)),
        _ => None,
    };
    let judged = learned.evaluation.clone().map(|evaluation| {
        let judged = Judged::new(evaluation, &host::get(&supervised.view, "evaluation"), THRESHOLD);
        JudgedNow::stored_local(Some(judged))
    });
    let others = judged.map(measures::others_of_two);
    let pictures = match (judged, &learned.regression) {
        (Some(judged), _) => Some(over_thresholds(judged, learned, &results)),
        (_, Some(_)) => Some(charts::of_numbers(&supervised)),
        _ => None,
    };
    let folds = (!learned.folds.is_empty()).then(|| folds(learned));
    let rows = super::rows::rows(&supervised, results.clone());
    view! {
        <div class="model">
            <div class="model-words">
                <p class="model-facts">{said_first(&supervised, &results)}</p>
                {warnings(learned)}
                {tiles}
                {decisions}
                {others}
                {folds}
                {notes(learned)}
                {files(learned)}
            </div>
            <div class="model-pictures">
                {pictures}
                <charts::Importance supervised=supervised.clone() results />
            </div>
        </div>
        {rows}
    }
}

/// The model for other programs.
fn files(learned: &Learned) -> AnyView {
    let store = store();
    let trees = (learned.model == ModelName::Boosting).then_some((ExportKind::XgboostJson, "XGBoost (JSON)"));
    let files = [(ExportKind::Onnx, "ONNX"), (ExportKind::Prepared, "Its rows (CSV)")];
    let buttons = files
        .into_iter()
        .chain(trees)
        .map(|(kind, title)| {
            view! {
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| operations::export(store, kind)
                >
                    {title}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="model-files" role="group" aria-label="This model for other programs">
            <span class="hint">"This model for other programs:"</span>
            {buttons}
        </div>
    }
    .into_any()
}

/// What other thresholds would give on the rows held out.
fn over_thresholds(judged: JudgedNow, learned: &Learned, results: &Results) -> AnyView {
    let [_, wanted] = class_names(learned);
    let wanted = match learned.target {
        LearnTarget::Column(_) => format!("“{wanted}”"),
        _ => wanted,
    };
    let named = Named { row: results.row(), wanted, score: "probability" };
    // The plan's budget is for all rows, and these are only those held out.
    measures::over_thresholds(judged, named, None, None)
}

fn class_names(learned: &Learned) -> [String; 2] {
    match (&learned.target, learned.classes.as_slice()) {
        (LearnTarget::Column(_), [a, b]) => [a.name.clone(), b.name.clone()],
        _ => ["normal".to_owned(), "abnormal".to_owned()],
    }
}

/// Where the model comes from and how it was tested.
fn said_first(supervised: &Supervised, results: &Results) -> String {
    let learned = &supervised.learned;
    match &supervised.brought {
        None => facts(learned, results),
        Some(file) => format!(
            "Boosted trees of XGBoost, brought in by {file}, for {}. Tested on {} that would be held out here.",
            target_words(&learned.target),
            format::counted(learned.test_rows, results.row())
        ),
    }
}

/// Who learned what from how many rows, and how it was tested.
fn facts(learned: &Learned, results: &Results) -> String {
    let what = target_words(&learned.target);
    let mut name = learner(learned.model).to_owned();
    name[..1].make_ascii_uppercase();
    let by = match learned.split_by {
        SplitBy::Stratified => "drawn at random",
        SplitBy::User => "of other users",
        SplitBy::Time => "that came later",
    };
    let of_wanted = match learned.classes.as_slice() {
        [_, wanted] => format!(", {} of them {}", format::count(wanted.test), class_names(learned)[1]),
        _ => String::new(),
    };
    let row = results.row();
    let tested = match learned.folds.len() {
        0 => format!("Tested on {} {by}{of_wanted}", format::counted(learned.test_rows, row)),
        folds => {
            format!("Tested on {} {by} in {folds} turns{of_wanted}", format::counted(learned.test_rows, row))
        }
    };
    let trees = learned.out_of_bag.map_or_else(String::new, |value| {
        let measure = if learned.regression.is_some() { "R²" } else { "accuracy" };
        format!(" Its trees judge rows that they have not seen with {measure} {}.", figure(value))
    });
    let unknown = match learned.unknown_rows {
        0 => String::new(),
        n => format!(" {} have nothing to learn and were only predicted.", format::counted(n, row)),
    };
    format!(
        "{name} learned {what} from {}. {tested}.{trees}{unknown}",
        format::counted(learned.train_rows, row)
    )
}

/// What the model may know of the rows that it is tested on.
fn warnings(learned: &Learned) -> Option<AnyView> {
    let items = learned.leaks.iter().map(|leak| view! { <li>{leak.message.clone()}</li> }).collect_view();
    (!learned.leaks.is_empty()).then(|| {
        view! {
            <div class="leaks" role="note">
                <h4>"These figures may be too good"</h4>
                <ul>{items}</ul>
            </div>
        }
        .into_any()
    })
}

fn notes(learned: &Learned) -> Option<AnyView> {
    let items = learned.notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view();
    (!learned.notes.is_empty()).then(|| view! { <ul class="notes">{items}</ul> }.into_any())
}

/// The measures by fold, folded, and how much they vary.
fn folds(learned: &Learned) -> AnyView {
    let is_open = RwSignal::new(false);
    let names: Vec<String> = learned.summary.keys().cloned().collect();
    let mut titles = vec!["Part held out".to_owned(), "Rows".to_owned()];
    titles.extend(names.iter().map(|name| measures::named(name).0.to_owned()));
    let of_folds = learned.folds.iter().enumerate().map(|(place, fold)| {
        let values = names.iter().map(|name| figure(fold.measures.get(name).copied().unwrap_or(f64::NAN)));
        (format::count(place + 1), format::count(fold.test_rows), values.collect::<Vec<_>>())
    });
    let spread = learned.summary.values().map(|s| format!("{} ± {}", figure(s.mean), figure(s.deviation)));
    let last = ("Mean ± deviation".to_owned(), String::new(), spread.collect());
    let rows = of_folds
        .chain(std::iter::once(last))
        .map(|(name, rows, values)| {
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td>{rows}</td>
                    {values.into_iter().map(|value| view! { <td>{value}</td> }).collect_view()}
                </tr>
            }
        })
        .collect_view();
    view! {
        <Fold title="Part by part" is_open>
            <ScrollTable label="Measures by part" titles>{rows}</ScrollTable>
        </Fold>
    }
    .into_any()
}
