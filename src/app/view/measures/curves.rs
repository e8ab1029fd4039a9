//! Pictures over all thresholds: what is found for how many false alarms, how right flags are the more is found, and
//! whether probabilities can be believed.

use super::JudgedNow;
use crate::app::host;
use crate::app::results::Judged;
use crate::app::view::chart::ChartPanel;
use crate::engine::evaluate::Confusion;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// The curves, each with a dot where it is decided now.
pub fn curves(judged: JudgedNow) -> AnyView {
    let has_calibration =
        judged.with_untracked(|judged| judged.as_ref().is_some_and(|j| j.evaluation.calibration.is_some()));
    let calibration = move || {
        let judged = judged.get()?;
        judged.evaluation.calibration.as_ref().map(|calibration| host::to_js(&calibration.curve))
    };
    view! {
        <ChartPanel
            kind="roc"
            title="Found against false alarms (ROC)"
            note="Up and to the left is better; the dot is where it decides"
            data=Box::new(move || judged.get().map(|judged| roc(&judged)))
        />
        <ChartPanel
            kind="pr"
            title="How right, the more is found (precision and recall)"
            note="Up and to the right is better; the dashed line is chance"
            data=Box::new(move || judged.get().map(|judged| pr(&judged)))
        />
        {has_calibration
            .then(|| {
                view! {
                    <ChartPanel
                        kind="calibration"
                        title="Can its probabilities be believed? (calibration)"
                        note="On the dashed line 30 % means 30 of 100; larger dots are more rows"
                        data=Box::new(calibration)
                    />
                }
            })}
    }
    .into_any()
}

fn roc(judged: &Judged) -> JsValue {
    let confusion = judged.evaluation.confusion;
    host::object([
        ("curve", host::get(&judged.curves, "roc")),
        ("auc", judged.evaluation.roc_auc.into()),
        ("operatingPoint", host::to_js(&[confusion.false_positive_rate(), confusion.recall()])),
    ])
}

fn pr(judged: &Judged) -> JsValue {
    let Confusion { tp, fp, tn, fn_ } = judged.evaluation.confusion;
    let base = (tp + fn_) as f64 / (tp + fp + tn + fn_).max(1) as f64;
    host::object([
        ("curve", host::get(&judged.curves, "pr")),
        ("area", judged.evaluation.pr_auc.into()),
        ("base", base.into()),
        (
            "operatingPoint",
            host::to_js(&[judged.evaluation.confusion.recall(), judged.evaluation.confusion.precision()]),
        ),
    ])
}
