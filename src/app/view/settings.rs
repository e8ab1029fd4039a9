//! The plan as a form: which column is what, and with which parameters.

use crate::app::format;
use crate::app::host;
use crate::app::results::Opened;
use crate::app::state::{Draft, store};
use crate::engine::plan::{Recipe, Role};
use leptos::prelude::*;
use std::rc::Rc;

/// Roles that the recipes of today use, shown first; the rest are folded.
const MAIN_ROLES: [Role; 5] = [Role::Entity, Role::Time, Role::Action, Role::Session, Role::Label];
/// Columns up to which a role is chosen from a list; past it the name is typed, because a page with ten thousand
/// options per role would stand still.
const MAX_OPTIONS: usize = 300;

/// A role in the words of the page.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Entity => "User",
        Role::Time => "Time",
        Role::Action => "Action",
        Role::Session => "Session",
        Role::Device => "Device",
        Role::Address => "Network address",
        Role::Country => "Country",
        Role::Region => "Region",
        Role::City => "City",
        Role::Browser => "Browser",
        Role::Duration => "Duration",
        Role::Outcome => "Success or failure",
        Role::Amount => "Amount",
        Role::Label => "Label (truth)",
        Role::Ignore => "Not used",
    }
}

/// One row per role with its column and the reason for the guess.
#[component]
pub fn Mapping(opened: Rc<Opened>) -> impl IntoView {
    let other: Vec<Role> =
        Role::ALL.into_iter().filter(|role| !MAIN_ROLES.contains(role) && *role != Role::Ignore).collect();
    let has_other = other.iter().any(|role| opened.suggestion.plan.roles.contains_key(role));
    let rows = |roles: Vec<Role>| {
        roles.into_iter().map(|role| view! { <RoleRow role opened=opened.clone() /> }).collect_view()
    };
    view! {
        <fieldset class="mapping">
            <legend>"Which column is what"</legend>
            {rows(MAIN_ROLES.to_vec())}
            <details class="fold" open=has_other>
                <summary>"More roles"</summary>
                {rows(other)}
            </details>
        </fieldset>
    }
}

#[component]
fn RoleRow(role: Role, opened: Rc<Opened>) -> impl IntoView {
    let store = store();
    let current = Memo::new(move |_| {
        store.draft.with(|draft| draft.as_ref().and_then(|d| d.roles.get(&role).cloned()).unwrap_or_default())
    });
    let choose = move |event: leptos::ev::Event| {
        let column = event_target_value(&event);
        store.draft.update(|draft| {
            let Some(draft) = draft else { return };
            match column.is_empty() {
                true => draft.roles.remove(&role),
                false => draft.roles.insert(role, column),
            };
        });
    };
    let names: Vec<String> = opened.summary.columns.iter().map(|column| column.name.clone()).collect();
    let question = opened.suggestion.questions.iter().find(|q| q.role == role).map(|q| q.question.clone());
    let guess = opened.suggestion.reasons.iter().find(|r| r.role == role).cloned();
    let reason = move || {
        guess.as_ref().filter(|guess| guess.column == current.get()).map(|guess| guess.reason.clone())
    };
    let id = format!("role-{}", role.name());
    let control = match names.len() <= MAX_OPTIONS {
        true => view! {
            <select id=id.clone() prop:value=current on:change=choose>
                <option value="">"none"</option>
                {names
                    .into_iter()
                    .map(|name| {
                        let is_current = name == current.get_untracked();
                        view! { <option value=name.clone() selected=is_current>{name.clone()}</option> }
                    })
                    .collect_view()}
            </select>
        }
        .into_any(),
        false => view! { <input id=id.clone() type="text" placeholder="name of a column" prop:value=current on:change=choose /> }.into_any(),
    };
    view! {
        <div class="role">
            <label for=id>{role_name(role)}</label>
            {control}
            <p class="hint">{reason}{question.map(|question| view! { <strong class="question">{question}</strong> })}</p>
        </div>
    }
}

/// A number in the form.
#[component]
fn NumberField(
    label: &'static str,
    hint: &'static str,
    min: f64,
    max: f64,
    #[prop(default = 1.0)] step: f64,
    read: fn(&Draft) -> f64,
    write: fn(&mut Draft, f64),
) -> impl IntoView {
    let store = store();
    let value = move || store.draft.with(|draft| draft.as_ref().map_or(0.0, read));
    let change = move |event| {
        if let Ok(value) = event_target_value(&event).parse::<f64>() {
            store.draft.update(|draft| {
                if let Some(draft) = draft {
                    write(draft, value);
                }
            });
        }
    };
    view! {
        <label class="field">
            <span class="label">{label}</span>
            <input type="number" required min=min max=max step=step prop:value=value on:change=change />
            <span class="hint">{hint}</span>
        </label>
    }
}

/// Recipe, share of flags, model and recipe parameters, seed.
#[component]
pub fn Parameters() -> impl IntoView {
    let store = store();
    let recipe = Memo::new(move |_| store.draft.with(|draft| draft.as_ref().map_or("", |d| d.recipe.name())));
    let choose_recipe = move |event| {
        let chosen = match event_target_value(&event).as_str() {
            "user-day" => Recipe::UserDay,
            _ => Recipe::Activity,
        };
        store.draft.update(|draft| {
            if let Some(draft) = draft {
                draft.recipe = chosen;
            }
        });
    };
    let new_seed = move |_| {
        store.draft.update(|draft| {
            if let Some(draft) = draft {
                draft.seed = host::random_seed();
            }
        });
    };
    let share = move || {
        store
            .draft
            .with(|draft| draft.as_ref().map_or_else(String::new, |d| format::percent(d.contamination)))
    };
    view! {
        <fieldset class="parameters">
            <legend>"How it is analysed"</legend>
            <label class="field">
                <span class="label">"Compare"</span>
                <select prop:value=recipe on:change=choose_recipe>
                    <option value="activity" selected=move || recipe.get() == "activity">"users"</option>
                    <option value="user-day" selected=move || recipe.get() == "user-day">"days of users"</option>
                </select>
                <span class="hint">"What is one row of the comparison"</span>
            </label>
            <NumberField
                label="Expected share, %"
                hint="How many rows to flag"
                min=0.1
                max=50.0
                step=0.1
                read=|d| (d.contamination * 1_000.0).round() / 10.0
                write=|d, x| d.contamination = x / 100.0
            />
            <NumberField
                label="Trees"
                hint="More are steadier and slower"
                min=1.0
                max=10_000.0
                read=|d| d.parameters.trees as f64
                write=|d, x| d.parameters.trees = x as usize
            />
            <NumberField
                label="Rows per tree"
                hint="Drawn anew for every tree"
                min=2.0
                max=65_536.0
                read=|d| d.parameters.subsample as f64
                write=|d, x| d.parameters.subsample = x as usize
            />
            <NumberField
                label="Night from, hour"
                hint="0 to 23, the file's clock"
                min=0.0
                max=23.0
                read=|d| f64::from(d.parameters.night_start_hour)
                write=|d, x| d.parameters.night_start_hour = x as u32
            />
            <NumberField
                label="Night to, hour"
                hint="0 to 24, not included"
                min=0.0
                max=24.0
                read=|d| f64::from(d.parameters.night_end_hour)
                write=|d, x| d.parameters.night_end_hour = x as u32
            />
            <NumberField
                label="Session gap, minutes"
                hint="Silence that ends a session, without a session column"
                min=0.5
                max=1_440.0
                step=0.5
                read=|d| d.parameters.session_gap_secs / 60.0
                write=|d, x| d.parameters.session_gap_secs = x * 60.0
            />
            <div class="field-with-button">
                <NumberField
                    label="Seed"
                    hint="The same seed gives the same result"
                    min=0.0
                    max=9_007_199_254_740_991.0
                    read=|d| d.seed as f64
                    write=|d, x| d.seed = x as u64
                />
                <button type="button" class="button button-small" on:click=new_seed>"New seed"</button>
            </div>
            <p class="hint wide">"Now: the strangest "{share}" of rows are flagged."</p>
        </fieldset>
    }
}
