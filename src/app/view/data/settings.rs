//! The plan as a form: which column is what, and with which parameters.

use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::Opened;
use crate::app::state::{Draft, store};
use crate::app::view::explore::treated_columns;
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
        Role::Resource => "What was acted upon",
        Role::Group => "Group of users",
        Role::Duration => "Duration",
        Role::Outcome => "Success or failure",
        Role::Amount => "Amount",
        Role::Label => "Label (truth)",
        Role::Ignore => "Not used",
    }
}

/// The form.
#[component]
pub fn Settings(opened: Rc<Opened>) -> impl IntoView {
    let store = store();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        operations::recompute(store);
    };
    view! {
        <form class="settings" on:submit=submit>
            <p class="hint wide">"What was guessed is filled in. Change it and recompute; the file is not read again."</p>
            <Mapping opened />
            <Parameters />
            {treated_columns()}
            <div class="settings-actions">
                <button type="submit" class="button button-primary" disabled=move || store.job.with(Option::is_some)>
                    "Recompute"
                </button>
                <p class="hint" role="status">
                    {move || store.is_draft_changed().then_some("Settings differ from those of the results shown.")}
                </p>
            </div>
        </form>
    }
}

/// One row per role with its column and the reason for the guess.
#[component]
fn Mapping(opened: Rc<Opened>) -> impl IntoView {
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
        store.edit_draft(|draft| {
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

/// A number in the form: what it is called, what it does, its range, and where it stands in the draft.
struct Number {
    label: &'static str,
    hint: &'static str,
    min: f64,
    max: f64,
    step: f64,
    read: fn(&Draft) -> f64,
    write: fn(&mut Draft, f64),
}

static NUMBERS: [Number; 6] = [
    Number {
        label: "Expected share, %",
        hint: "How many rows to flag",
        min: 0.1,
        max: 50.0,
        step: 0.1,
        read: |d| (d.contamination * 1_000.0).round() / 10.0,
        write: |d, x| d.contamination = x / 100.0,
    },
    Number {
        label: "Trees",
        hint: "More are steadier and slower",
        min: 1.0,
        max: 10_000.0,
        step: 1.0,
        read: |d| d.parameters.trees as f64,
        write: |d, x| d.parameters.trees = x as usize,
    },
    Number {
        label: "Rows per tree",
        hint: "Drawn anew for every tree",
        min: 2.0,
        max: 65_536.0,
        step: 1.0,
        read: |d| d.parameters.subsample as f64,
        write: |d, x| d.parameters.subsample = x as usize,
    },
    Number {
        label: "Night from, hour",
        hint: "0 to 23, by the clock shown",
        min: 0.0,
        max: 23.0,
        step: 1.0,
        read: |d| f64::from(d.parameters.night_start_hour),
        write: |d, x| d.parameters.night_start_hour = x as u32,
    },
    Number {
        label: "Night to, hour",
        hint: "0 to 24, not included",
        min: 0.0,
        max: 24.0,
        step: 1.0,
        read: |d| f64::from(d.parameters.night_end_hour),
        write: |d, x| d.parameters.night_end_hour = x as u32,
    },
    Number {
        label: "Session gap, minutes",
        hint: "Silence that ends a session, without a session column",
        min: 0.5,
        max: 1_440.0,
        step: 0.5,
        read: |d| d.parameters.session_gap_secs / 60.0,
        write: |d, x| d.parameters.session_gap_secs = x * 60.0,
    },
];

static SEED: Number = Number {
    label: "Seed",
    hint: "The same seed gives the same result",
    min: 0.0,
    max: 9_007_199_254_740_991.0,
    step: 1.0,
    read: |d| d.seed as f64,
    write: |d, x| d.seed = x as u64,
};

/// Its field.
fn number_field(number: &'static Number) -> AnyView {
    let store = store();
    let value = move || store.draft.with(|draft| draft.as_ref().map_or(0.0, number.read));
    let change = move |event| {
        if let Ok(value) = event_target_value(&event).parse::<f64>() {
            store.edit_draft(|draft| (number.write)(draft, value));
        }
    };
    view! {
        <label class="field">
            <span class="label">{number.label}</span>
            <input
                type="number"
                required
                min=number.min
                max=number.max
                step=number.step
                prop:value=value
                on:change=change
            />
            <span class="hint">{number.hint}</span>
        </label>
    }
    .into_any()
}

/// Recipes as the form names them.
const RECIPES: [(Recipe, &str); 3] = [
    (Recipe::Activity, "users"),
    (Recipe::UserDay, "days of users"),
    (Recipe::Login, "users by their logins"),
];

/// Recipe, share of flags, model and recipe parameters, seed.
#[component]
fn Parameters() -> impl IntoView {
    let store = store();
    let recipe = Memo::new(move |_| store.draft.with(|draft| draft.as_ref().map(|d| d.recipe)));
    let choose_recipe = move |event| {
        let name = event_target_value(&event);
        if let Some(&(chosen, _)) = RECIPES.iter().find(|(recipe, _)| recipe.name() == name) {
            store.edit_draft(|draft| draft.recipe = chosen);
        }
    };
    let recipes = RECIPES
        .map(|(choice, words)| {
            view! { <option value=choice.name() selected=move || recipe.get() == Some(choice)>{words}</option> }
        })
        .into_iter()
        .collect_view();
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
                <select on:change=choose_recipe>{recipes}</select>
                <span class="hint">"What is one row of the comparison"</span>
            </label>
            {NUMBERS.iter().map(number_field).collect_view()}
            <div class="field-with-button">
                {number_field(&SEED)}
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| store.edit_draft(|draft| draft.seed = host::random_seed())
                >
                    "New seed"
                </button>
            </div>
            <p class="hint wide">"Now: the strangest "{share}" of rows are flagged."</p>
        </fieldset>
    }
}
