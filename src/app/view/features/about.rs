//! One feature closely: how it is computed, how flagged rows differ in it, what it goes with, how it is prepared.

use super::line::{correlation, missing};
use crate::app::format;
use crate::app::host;
use crate::app::results::Results;
use crate::app::state::{Separated, store};
use crate::app::view::chart::ChartPanel;
use crate::app::view::field::{AnyNumber, Read, Write, any_number_field, select_field};
use crate::app::view::prepared;
use crate::engine::features::Feature;
use crate::engine::plan::{FeaturePreparation, Impute, Plan, Rule, Rules};
use leptos::prelude::*;
use std::rc::Rc;
use std::sync::Arc;

/// Features named that it goes with.
const N_KIN: usize = 5;
/// Features that go together less say nothing of each other.
const LEAST_CORRELATION: f64 = 0.1;

/// Brings the feature into view where it stands below the list.
pub fn show_on_small_screens() {
    let is_narrow =
        window().match_media("(max-width: 60rem)").ok().flatten().is_some_and(|query| query.matches());
    if let (true, Some(pane)) = (is_narrow, document().get_element_by_id("feature")) {
        pane.scroll_into_view();
    }
}

/// The pane beside the list.
pub fn about(results: Rc<Results>, chosen: Memo<Option<usize>>) -> AnyView {
    let store = store();
    let kept = StoredValue::new_local(results);
    let title = Signal::derive(move || {
        kept.with_value(|results| {
            let feature = results.features.get(chosen.get()?)?;
            Some(results.meaning(feature))
        })
        .unwrap_or_default()
    });
    let data = move || {
        let index = chosen.get()?;
        let find =
            |list: &Rc<Vec<Separated>>| list.iter().find(|d| d.feature == index).map(|d| d.view.clone());
        let distribution = store.distributions.with(find)?;
        let feature = kept.with_value(|results| results.features.get(index).cloned())?;
        let limits = store.drafted(|plan| limits(plan, &feature.name));
        let info = host::object([
            ("name", feature.name.as_str().into()),
            ("meaning", title.get().into()),
            ("unit", kept.with_value(|results| results.unit(&feature).to_owned()).into()),
            ("limits", host::to_js(&limits)),
        ]);
        Some(host::object([("distribution", distribution), ("info", info)]))
    };
    let facts = move || chosen.get().and_then(|index| facts(kept.get_value(), index));
    let kin = move || chosen.get().and_then(|index| kin(kept.get_value(), index));
    view! {
        <section class="feature-about" id="feature" aria-label="The chosen feature">
            <ChartPanel
                kind="feature"
                title
                note=Signal::stored("Shares of normal and of flagged rows; above them the middle 50 and 90 % of each".to_owned())
                data=Box::new(data)
            />
            {facts}
            {kin}
        </section>
    }
    .into_any()
}

/// Limits of the rules over a feature.
fn limits(plan: &Plan, name: &str) -> Vec<f64> {
    plan.rules
        .iter()
        .flat_map(|rules| &rules.rules)
        .filter(|rule| rule.feature == name)
        .map(|rule| rule.above)
        .collect()
}

fn facts(results: Rc<Results>, index: usize) -> Option<AnyView> {
    let store = store();
    let feature = results.features.get(index)?.clone();
    let name = StoredValue::new(feature.name.clone());
    let is_own = results.is_own(&feature);
    let unit = match results.unit(&feature) {
        "" if feature.labels.is_empty() => "a number".to_owned(),
        "" => format!("{} values", format::count(feature.labels.len())),
        "%" => "share, %".to_owned(),
        "clock" => "time of day".to_owned(),
        "weekday" => "day of the week".to_owned(),
        unit => unit.to_owned(),
    };
    let absent = move || match missing(store, index) {
        0.0 => "no row".to_owned(),
        share => format!("{} of rows", format::small_percent(share)),
    };
    let is_on =
        Memo::new(move |_| store.drafted(|plan| !name.with_value(|name| plan.omitted.contains(name))));
    let toggle = move |event| super::switch_feature(store, &name.get_value(), event_target_checked(&event));
    let can_rule = feature.labels.is_empty();
    // Rules over features of another recipe than the one chosen would hold for nothing.
    let measured = results.plan.recipe;
    let is_same_recipe = Memo::new(move |_| store.drafted(|plan| plan.recipe == measured));
    let normal_95 = store.distributions.with_untracked(|list| {
        list.iter().find(|d| d.feature == index).and_then(|d| d.normal_quantiles).map_or(0.0, |q| q[4])
    });
    let add_rule = move |_| {
        let rule = Rule { feature: name.get_value(), above: rounded(normal_95), points: 1.0 };
        store.edit_draft(|plan| {
            plan.rules.get_or_insert_with(|| Rules { rules: Vec::new(), at_least: 3.0 }).rules.push(rule);
        });
    };
    let edit = move |_| super::own::edit(store, &name.get_value());
    let prepared = preparation(&feature);
    let found = results.found(&feature).map(|(_, message)| message.to_owned());
    Some(
        view! {
            <dl class="feature-facts">
                <dt>"Name"</dt>
                <dd>
                    <code>{feature.name.clone()}</code>
                </dd>
                {(!feature.formula.is_empty())
                    .then(|| {
                        view! {
                            <dt>"Formula"</dt>
                            <dd>
                                <code>{feature.formula.clone()}</code>
                            </dd>
                        }
                    })}
                <dt>"Unit"</dt>
                <dd>{unit}</dd>
                <dt>"Missing in"</dt>
                <dd>{absent}</dd>
                {found
                    .map(|message| {
                        view! {
                            <dt>"Found"</dt>
                            <dd>{message}</dd>
                        }
                    })}
            </dl>
            <div class="feature-actions">
                <label class="check">
                    <input type="checkbox" role="switch" prop:checked=is_on on:change=toggle />
                    <span>"The model sees it"</span>
                </label>
                {can_rule
                    .then(|| {
                        view! {
                            <Show when=move || is_same_recipe.get()>
                                <button type="button" class="button button-small" on:click=add_rule>"Add a rule"</button>
                            </Show>
                        }
                    })}
                {is_own
                    .then(|| {
                        view! {
                            <button type="button" class="button button-small" on:click=edit>"Edit the formula"</button>
                        }
                    })}
            </div>
            {prepared}
        }
        .into_any(),
    )
}

/// Two significant digits: a limit that a person would choose.
fn rounded(x: f64) -> f64 {
    format::number(&format!("{x:.1e}")).unwrap_or(x)
}

/// The other features that it goes with, each a way to it.
fn kin(results: Rc<Results>, index: usize) -> Option<AnyView> {
    let store = store();
    let pairs = store.correlations.with(|known| known.as_ref().map(|known| known.strongest(index)))?;
    let items: Vec<_> = pairs
        .into_iter()
        .take(N_KIN)
        .filter(|(_, value)| value.abs() >= LEAST_CORRELATION)
        .filter_map(|(other, value)| Some((results.features.get(other)?, value)))
        .map(|(other, value)| {
            let name = other.name.clone();
            view! {
                <li>
                    <button type="button" class="button button-quiet button-small" on:click=move |_| super::choose(store, &name)>
                        {results.meaning(other)}
                    </button>
                    {correlation(value)}
                </li>
            }
        })
        .collect();
    Some(
        view! {
            <div class="feature-together">
                <p class="label">"Goes with"</p>
                {items.is_empty().then(|| view! { <p class="hint">"no other feature"</p> })}
                <ul>{items}</ul>
            </div>
        }
        .into_any(),
    )
}

/// What a select of one feature begins with.
const AS_ALL: (&str, &str) = ("", "as all");

/// The same choices as for all features, and before them "as all".
macro_rules! with_as_all {
    ($choices:expr) => {{
        static CHOICES: [(&str, &str); 5] = [AS_ALL, $choices[0], $choices[1], $choices[2], $choices[3]];
        &CHOICES
    }};
}

/// The number that stands for its missing values, where one was chosen for this feature.
fn constant_of(plan: &Plan, name: &str) -> Option<f64> {
    match plan.preparation.features.get(name)?.impute? {
        Impute::Constant(value) => Some(value),
        _ => None,
    }
}

/// How this feature is prepared, where not as all are.
fn preparation(feature: &Feature) -> AnyView {
    let store = store();
    let name: Arc<str> = feature.name.as_str().into();
    let field = |label: &'static str,
                 choices: &'static [(&'static str, &'static str)],
                 read: fn(&FeaturePreparation) -> &'static str,
                 write: fn(&mut FeaturePreparation, &str)| {
        let (of, to) = (name.clone(), name.clone());
        let read: Read<&'static str> =
            Arc::new(move |plan| plan.preparation.features.get(&*of).map_or("", read));
        let write: Write<&'static str> = Arc::new(move |plan, value| {
            let all = &mut plan.preparation.features;
            let own = all.entry(to.to_string()).or_default();
            write(own, value);
            // As all in everything: no exception.
            if *own == FeaturePreparation::default() {
                all.remove(&*to);
            }
        });
        select_field(label, "", choices, read, write)
    };
    let impute = field(
        "Missing values",
        with_as_all!(prepared::IMPUTES),
        |own| own.impute.map_or("", prepared::impute_name),
        |own, value| own.impute = prepared::impute(value),
    );
    let has_constant = {
        let name = name.clone();
        Memo::new(move |_| store.drafted(|plan| constant_of(plan, &name).is_some()))
    };
    let constant = {
        let name = name.clone();
        move || {
            let (of, to) = (name.clone(), name.clone());
            any_number_field(AnyNumber {
                name: format!("impute-constant-{name}"),
                label: "The value".to_owned(),
                hint: "In the feature’s own unit",
                range: (-1e15, 1e15, 0.1),
                read: Arc::new(move |plan| constant_of(plan, &of).unwrap_or_default()),
                write: Arc::new(move |plan, value| {
                    if let Some(own) = plan.preparation.features.get_mut(&*to) {
                        own.impute = Some(Impute::Constant(value));
                    }
                }),
            })
        }
    };
    let is_number = feature.labels.is_empty();
    let others = match feature.labels.is_empty() {
        true => view! {
            {field(
                "Scale",
                with_as_all!(prepared::SCALES),
                |own| own.scale.map_or("", prepared::scale_name),
                |own, value| own.scale = (!value.is_empty()).then(|| prepared::scale(value)),
            )}
            {field(
                "As logarithm",
                &[AS_ALL, ("yes", "ln(1 + x)"), ("no", "as it is")],
                |own| own.log1p.map_or("", |yes| if yes { "yes" } else { "no" }),
                |own, value| own.log1p = (!value.is_empty()).then_some(value == "yes"),
            )}
        }
        .into_any(),
        false => field(
            "Its values become",
            with_as_all!(prepared::ENCODES),
            |own| own.encode.map_or("", prepared::encode_name),
            |own, value| own.encode = (!value.is_empty()).then(|| prepared::encode(value)),
        ),
    };
    view! {
        <details class="fold">
            <summary>"Preparation of this feature"</summary>
            <div class="parameters">
                {impute}
                <Show when=move || is_number && has_constant.get()>{constant()}</Show>
                {others}
            </div>
        </details>
    }
    .into_any()
}
