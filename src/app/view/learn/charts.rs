//! Pictures of how well a model predicts numbers, and of what it goes by.

use crate::app::host;
use crate::app::results::{Results, meaning_by_name};
use crate::app::state::Supervised;
use crate::app::view::chart::ChartPanel;
use crate::app::view::switch::switch;
use crate::engine::learn::ImportanceKind;
use crate::engine::prepare::PreparedColumn;
use crate::protocol::Learned;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Numbers predicted against those that are.
pub fn of_numbers(supervised: &Supervised) -> AnyView {
    let points = host::get(&host::get(&supervised.view, "regression"), "points");
    let data = host::object([("points", points)]);
    view! {
        <ChartPanel
            kind="predicted"
            title="Predicted against actual"
            note="Rows held out; on the dashed line a prediction is right"
            data=Box::new(move || Some(data.clone()))
        />
    }
    .into_any()
}

/// What is shown of the features.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Lost,
    Own,
    Weights,
}

/// How much features matter.
#[component]
pub fn Importance(supervised: std::rc::Rc<Supervised>, results: std::rc::Rc<Results>) -> impl IntoView {
    let learned = &supervised.learned;
    let features = &learned.importance.features;
    let has_permutation = features.iter().any(|feature| feature.permutation.is_some());
    let has_weights = learned.linear.len() == 1;
    let own = match learned.importance.kind {
        ImportanceKind::Coefficient => "By size",
        ImportanceKind::Impurity => "By impurity",
        ImportanceKind::Gain => "By gain",
    };
    let mut choices = Vec::new();
    if has_weights {
        choices.push((Shown::Weights, "Weights"));
    }
    if has_permutation {
        choices.push((Shown::Lost, "By loss"));
    }
    if !has_weights {
        choices.push((Shown::Own, own));
    }
    let shown = RwSignal::new(choices.first().map_or(Shown::Own, |(shown, _)| *shown));
    let measure = measure_words(learned);
    let note = Signal::derive(move || match shown.get() {
        Shown::Weights => "Coefficients per standard deviation; right means more abnormal".to_owned(),
        Shown::Lost => {
            format!(
                "What {measure} on the rows held out loses when a feature’s values change places; the line is its spread"
            )
        }
        Shown::Own => "What the trees themselves won by cutting on it, added up".to_owned(),
    });
    let parts =
        [lost(&supervised, &results), of_model(&supervised, &results), weights(&supervised, &results)];
    let bars = parts.clone();
    let bars = move || match shown.get() {
        Shown::Lost => Some(bars[0].clone()),
        Shown::Own => Some(bars[1].clone()),
        Shown::Weights => None,
    };
    let coefficients = parts[2].clone();
    let buttons = (choices.len() > 1).then(|| switch("What is shown", &choices, shown));
    let kept = StoredValue::new_local((bars, coefficients));
    let is_weights = Memo::new(move |_| shown.get() == Shown::Weights);
    let chart = move || {
        let (bars, coefficients) = kept.get_value();
        match is_weights.get() {
            true => view! {
                <ChartPanel kind="coefficients" title="What the model goes by" note data=Box::new(move || Some(coefficients.clone())) />
            }
            .into_any(),
            false => view! { <ChartPanel kind="importance" title="What the model goes by" note data=Box::new(bars) /> }
                .into_any(),
        }
    };
    view! {
        <div class="importance">
            {buttons}
            {chart}
        </div>
    }
}

/// What importance by permutation is measured by.
fn measure_words(learned: &Learned) -> &'static str {
    if learned.importance.measure == "r2" { "R²" } else { "ROC AUC" }
}

fn lost(supervised: &Supervised, results: &Results) -> JsValue {
    let features = supervised.learned.importance.features.iter().filter(|f| f.permutation.is_some());
    let features: Vec<_> = features.collect();
    let names: Vec<String> =
        features.iter().map(|f| meaning_by_name(&results.features, &f.feature)).collect();
    host::object([
        ("names", host::to_js(&names)),
        ("values", host::to_js(&features.iter().map(|f| f.permutation).collect::<Vec<_>>())),
        ("deviations", host::to_js(&features.iter().map(|f| f.deviation).collect::<Vec<_>>())),
        ("measure", format!("{} lost", measure_words(&supervised.learned)).into()),
    ])
}

fn of_model(supervised: &Supervised, results: &Results) -> JsValue {
    let measure = match supervised.learned.importance.kind {
        ImportanceKind::Coefficient => "mean size of the weights",
        ImportanceKind::Impurity => "share of what all cuts sort apart",
        ImportanceKind::Gain => "share of what all cuts won",
    };
    let features = &supervised.learned.importance.features;
    let names: Vec<String> =
        features.iter().map(|f| meaning_by_name(&results.features, &f.feature)).collect();
    host::object([
        ("names", host::to_js(&names)),
        ("values", host::to_js(&features.iter().map(|f| f.model).collect::<Vec<_>>())),
        ("measure", measure.into()),
    ])
}

/// Coefficients of the one linear model that there is of two classes.
fn weights(supervised: &Supervised, results: &Results) -> JsValue {
    let learned = &supervised.learned;
    // What the model sees of a category is called by the category's name and its value.
    let name = |column: &PreparedColumn| match results.features.get(column.feature) {
        Some(feature) => match column.name.strip_prefix(&format!("{}=", feature.name)) {
            Some(value) => format!("{}: {value}", results.meaning(feature)),
            None => column.name.replacen(&feature.name, &results.meaning(feature), 1),
        },
        None => column.name.clone(),
    };
    let names: Vec<String> = learned.columns.iter().map(name).collect();
    let values = learned.linear.first().map(|linear| linear.coefficients.clone()).unwrap_or_default();
    host::object([("names", host::to_js(&names)), ("values", host::to_js(&values))])
}
