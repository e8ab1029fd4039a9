//! Which column is what.

use crate::app::results::Opened;
use crate::app::state::store;
use crate::engine::plan::{Recipe, Role};
use crate::engine::table::ColumnType;
use leptos::prelude::*;
use std::rc::Rc;

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

/// Roles that a recipe begins with; the rest are folded.
fn main_roles(recipe: Recipe) -> &'static [Role] {
    match recipe {
        Recipe::Activity | Recipe::UserDay => {
            &[Role::Entity, Role::Time, Role::Action, Role::Session, Role::Label]
        }
        Recipe::Session => &[
            Role::Session,
            Role::Entity,
            Role::Time,
            Role::Action,
            Role::Duration,
            Role::Device,
            Role::Amount,
            Role::Label,
        ],
        Recipe::Table => &[Role::Entity, Role::Time, Role::Group, Role::Label],
        Recipe::Login => &[
            Role::Entity,
            Role::Time,
            Role::Outcome,
            Role::Address,
            Role::Country,
            Role::Device,
            Role::Browser,
            Role::Label,
        ],
    }
}

/// Roles that a recipe cannot do without.
fn needed_roles(recipe: Recipe) -> &'static [Role] {
    match recipe {
        Recipe::Activity | Recipe::UserDay | Recipe::Login => &[Role::Entity, Role::Time],
        Recipe::Session | Recipe::Table => &[],
    }
}

/// One row per role with its column and the reason for the guess.
pub fn mapping(opened: &Rc<Opened>, recipe: Recipe) -> AnyView {
    let main = main_roles(recipe);
    let other: Vec<Role> =
        Role::ALL.into_iter().filter(|role| !main.contains(role) && *role != Role::Ignore).collect();
    let has_other = other.iter().any(|role| opened.suggestion.plan.roles.contains_key(role));
    let rows = |roles: &[Role]| roles.iter().map(|&role| role_row(role, recipe, opened)).collect_view();
    view! {
        <fieldset class="mapping">
            <legend>"Which column is what"</legend>
            {rows(main)}
            <details class="fold" open=has_other>
                <summary>"More roles"</summary>
                {rows(&other)}
            </details>
        </fieldset>
    }
    .into_any()
}

/// What is wrong with a role's column, if anything is.
fn problem(role: Role, recipe: Recipe, column: &str, opened: &Opened) -> Option<String> {
    if column.is_empty() {
        return needed_roles(recipe)
            .contains(&role)
            .then(|| "Choose a column: this comparison needs one.".to_owned());
    }
    match opened.summary.columns.iter().find(|known| known.name == column) {
        None => Some(format!("There is no column “{column}”.")),
        Some(known) if role == Role::Time && known.column_type != ColumnType::Timestamp => {
            Some(format!("“{column}” holds no times, but values of type {}.", known.column_type.name()))
        }
        Some(_) => None,
    }
}

fn role_row(role: Role, recipe: Recipe, opened: &Rc<Opened>) -> AnyView {
    let store = store();
    let current =
        Memo::new(move |_| store.drafted(|plan| plan.roles.get(&role).cloned().unwrap_or_default()));
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
    let kept = StoredValue::new_local(opened.clone());
    let wrong = Memo::new(move |_| kept.with_value(|opened| problem(role, recipe, &current.get(), opened)));
    let reason = move || {
        guess.as_ref().filter(|guess| guess.column == current.get()).map(|guess| guess.reason.clone())
    };
    let id = format!("role-{}", role.name());
    let is_wrong = move || wrong.get().map(|_| "true");
    let control = match names.len() <= MAX_OPTIONS {
        true => view! {
            <select id=id.clone() prop:value=current aria-invalid=is_wrong on:change=choose>
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
        false => view! {
            <input
                id=id.clone()
                type="text"
                placeholder="name of a column"
                prop:value=current
                aria-invalid=is_wrong
                on:change=choose
            />
        }
        .into_any(),
    };
    view! {
        <div class="role">
            <label for=id>{role_name(role)}</label>
            {control}
            <p class="hint">
                {move || wrong.get().map(|wrong| view! { <span class="wrong">{wrong}</span> })} {reason}
                {question.map(|question| view! { <strong class="question">{question}</strong> })}
            </p>
        </div>
    }
    .into_any()
}
