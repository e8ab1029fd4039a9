//! All that is said of a model, for those who want to know: facts, columns and features.

use crate::app::format;
use crate::app::results::{meaning_of, row_name};
use crate::app::view::data::{recipe_words, role_name};
use crate::app::view::measures::named;
use crate::app::view::models::{learner, short_names, target_words};
use crate::app::view::table::{ScrollTable, titles};
use crate::engine::explain::shown_unit;
use crate::engine::table::ColumnType;
use crate::protocol::{FeatureInfo, Field, LearnedInfo, ModelInfo};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Labels named in a cell.
const MAX_LABELS: usize = 6;

/// What is to be known before it is used.
pub fn notes(notes: &[String]) -> Option<AnyView> {
    let item = |note: &String| {
        view! { <li>{format::capitalized(note)}"."</li> }
    };
    (!notes.is_empty()).then(|| {
        view! {
            <div class="saved-notes">
                <h3>"Before it is used"</h3>
                <ul>{notes.iter().map(item).collect_view()}</ul>
            </div>
        }
        .into_any()
    })
}

/// The whole of it.
pub fn about(info: &ModelInfo) -> AnyView {
    let (recipe, meaning) = recipe_words(info.plan.recipe);
    let row = row_name(info.unit, info.plan.recipe);
    let facts = [
        ("Made by", Some(info.created_by.clone())),
        ("Recipe", Some(format!("{recipe}. {meaning}"))),
        (
            "Fitted to",
            Some(format!(
                "{} of {}",
                format::counted(info.rows as usize, row),
                format::counted(info.table_rows as usize, "record")
            )),
        ),
        (
            if info.detectors.len() > 1 { "Detectors" } else { "Detector" },
            Some(short_names(&info.plan.detector)),
        ),
        (
            "Threshold",
            Some(format!(
                "{:.4}: {} of the rows it was fitted to were flagged ({})",
                info.threshold,
                format::count(info.flagged_rows),
                format::small_percent(info.contamination)
            )),
        ),
        ("Learned", info.learned.as_ref().map(learned)),
        ("Against labels", Some(measures(&info.metrics)).filter(|text| !text.is_empty())),
        ("Clock", info.time_zone.clone()),
        ("Seed", Some(info.seed.to_string())),
        ("File format", Some(format!("version {}, columns {}", info.format, info.schema_hash))),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
        .map(|(name, text)| {
            view! {
                <dt>{name}</dt>
                <dd>{text}</dd>
            }
        })
        .collect_view();
    let zone = info.time_zone.as_deref();
    let columns = info.fields.iter().map(|field| column(field, zone)).collect_view();
    let features = info.features.iter().map(feature).collect_view();
    view! {
        <dl class="saved-facts">{facts}</dl>
        <div class="saved-tables">
            <div>
                <h3>"Columns that it reads"</h3>
                <ScrollTable label="Columns that it reads" titles=titles(&["Column", "Is", "Values", "Missing"])>
                    {columns}
                </ScrollTable>
            </div>
            <div>
                <h3>"Features that it compares"</h3>
                <ScrollTable label="Features that it compares" titles=titles(&["Feature", "Typical", "Range"])>
                    {features}
                </ScrollTable>
            </div>
        </div>
    }
    .into_any()
}

/// What was learned beside the detectors, and how well it did.
fn learned(info: &LearnedInfo) -> String {
    let classes = match info.classes.as_slice() {
        [] => String::new(),
        classes => format!(" ({})", classes.join(", ")),
    };
    format!(
        "{}{classes}, by {} from {}; on {} held out: {}",
        target_words(&info.target),
        learner(info.model),
        format::counted(info.rows as usize, "row"),
        format::count(info.held_out_rows),
        measures(&info.metrics)
    )
}

fn measures(metrics: &BTreeMap<String, f64>) -> String {
    let measures: Vec<String> =
        metrics.iter().map(|(name, value)| format!("{} {value:.3}", named(name).0)).collect();
    measures.join(" · ")
}

fn column(field: &Field, zone: Option<&str>) -> AnyView {
    let role = field.role.map(role_name);
    let is = [role.map(str::to_owned), Some(type_name(field.column_type).to_owned())];
    let needed = if field.required { "" } else { ", may be absent" };
    view! {
        <tr>
            <th scope="row">{field.name.clone()}</th>
            <td>{is.into_iter().flatten().collect::<Vec<_>>().join(", ")}{needed}</td>
            <td>{values(field, zone)}</td>
            <td>{format::small_percent(field.missing)}</td>
        </tr>
    }
    .into_any()
}

/// The values of a column in short: a range, labels or examples.
pub fn values(field: &Field, zone: Option<&str>) -> String {
    use crate::app::host::local_ms;
    match (field.min, field.max, field.column_type) {
        (Some(min), Some(max), ColumnType::Timestamp) => {
            let day = |ms| format::day(local_ms(ms, zone), field.no_year);
            format!("{} to {}", day(min), day(max))
        }
        (Some(min), Some(max), _) => format!("{} to {}", format::value(min, ""), format::value(max, "")),
        _ if !field.labels.is_empty() => {
            let shown = field.labels.iter().take(MAX_LABELS).cloned().collect::<Vec<_>>().join(", ");
            match field.labels.len().saturating_sub(MAX_LABELS) {
                0 => shown,
                more => format!("{shown} and {more} more"),
            }
        }
        (_, _, ColumnType::Boolean) => String::new(),
        _ => match field.examples.first() {
            Some(example) => format!("such as {example}"),
            None => String::new(),
        },
    }
}

/// A type in words.
fn type_name(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer => "whole number",
        ColumnType::Float => "number",
        ColumnType::Boolean => "yes or no",
        ColumnType::Timestamp => "date and time",
        ColumnType::Duration => "span of time",
        ColumnType::Ip => "IP address",
        ColumnType::UserAgent => "browser’s own words",
        ColumnType::Category => "category",
        ColumnType::Text => "text",
    }
}

fn feature(info: &FeatureInfo) -> AnyView {
    let feature = info.feature();
    let unit = shown_unit(&feature);
    let typical = match (info.typical, info.labels.is_empty()) {
        (Some(place), false) => info.labels.get(place as usize).cloned().unwrap_or_default(),
        (Some(value), true) => format::value(value, unit),
        (None, _) => "missing".to_owned(),
    };
    let range = match (info.min, info.max) {
        (Some(min), Some(max)) => format!("{} to {}", format::value(min, unit), format::value(max, unit)),
        _ if !info.labels.is_empty() => format::counted(info.labels.len(), "value"),
        _ => String::new(),
    };
    view! {
        <tr>
            <th scope="row">{meaning_of(&feature)}</th>
            <td>{typical}</td>
            <td>{range}</td>
        </tr>
    }
    .into_any()
}
