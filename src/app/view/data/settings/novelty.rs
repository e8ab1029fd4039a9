//! What counts as new for a user, and against whom.

use crate::app::state::store;
use crate::app::view::field::{Number, number_field};
use crate::engine::plan::{NovelKind, Novelty, Plan, Role};
use leptos::prelude::*;

/// Reads a part of the novelty wanted; its default while none is.
fn of<T>(plan: &Plan, read: impl FnOnce(&Novelty) -> T) -> T {
    match &plan.novelty {
        Some(novelty) => read(novelty),
        None => read(&Novelty::default()),
    }
}

fn change(plan: &mut Plan, write: impl FnOnce(&mut Novelty)) {
    write(plan.novelty.get_or_insert_with(Novelty::default));
}

/// A look-back of a kind.
macro_rules! look_back {
    ($name:literal, $label:literal, $kind:ident) => {
        Number {
            name: $name,
            label: $label,
            hint: "Days a value stays known",
            min: 1.0,
            max: 3_660.0,
            step: 1.0,
            read: |plan| of(plan, |n| n.look_back_days(NovelKind::$kind)),
            write: |plan, x| {
                change(plan, |n| {
                    n.look_back_days.insert(NovelKind::$kind, x);
                })
            },
        }
    };
}

/// Kinds with the role whose column they are of.
static LOOK_BACKS: [(Role, Number); 7] = [
    (Role::Action, look_back!("look-back-action", "Actions", Action)),
    (Role::Resource, look_back!("look-back-resource", "Resources", Resource)),
    (Role::Address, look_back!("look-back-address", "Addresses", Address)),
    (Role::Address, look_back!("look-back-range", "Address ranges", AddressRange)),
    (Role::Country, look_back!("look-back-country", "Countries", Country)),
    (Role::Device, look_back!("look-back-device", "Devices", Device)),
    (Role::Browser, look_back!("look-back-browser", "Browsers", Browser)),
];

static OTHERS: [Number; 4] = [
    Number {
        name: "new-account",
        label: "New account, days",
        hint: "Below this age an account is new",
        min: 1.0,
        max: 3_660.0,
        step: 1.0,
        read: |plan| of(plan, |n| n.new_account_days),
        write: |plan, x| change(plan, |n| n.new_account_days = x),
    },
    Number {
        name: "dormant",
        label: "Dormant, days",
        hint: "Silence after which a return stands out",
        min: 1.0,
        max: 3_660.0,
        step: 1.0,
        read: |plan| of(plan, |n| n.dormant_days),
        write: |plan, x| change(plan, |n| n.dormant_days = x),
    },
    Number {
        name: "country-change",
        label: "Change of country, hours",
        hint: "Within how many it is a quick one",
        min: 0.5,
        max: 720.0,
        step: 0.5,
        read: |plan| of(plan, |n| n.country_change_hours),
        write: |plan, x| change(plan, |n| n.country_change_hours = x),
    },
    Number {
        name: "peers",
        label: "Peers",
        hint: "Nearest users by what they use, where no column has the role “Group of users”",
        min: 0.0,
        max: 1_000.0,
        step: 1.0,
        read: |plan| of(plan, |n| n.peers as f64),
        write: |plan, x| change(plan, |n| n.peers = x as usize),
    },
];

/// The choice, and, where it is wanted, its numbers.
pub fn novelty() -> AnyView {
    let store = store();
    let is_on = Memo::new(move |_| store.drafted(|plan| plan.novelty.as_ref().is_some_and(|n| n.enabled)));
    let toggle = move |event| {
        let wants = event_target_checked(&event);
        // Declined is said: a plan that is silent takes what is suggested.
        store.edit_draft(|plan| change(plan, |novelty| novelty.enabled = wants));
    };
    let roles = Memo::new(move |_| store.drafted(|plan| plan.roles.keys().copied().collect::<Vec<_>>()));
    let fields = move || {
        let known = LOOK_BACKS.iter().filter(|(role, _)| roles.with(|roles| roles.contains(role)));
        view! {
            <details class="fold">
                <summary>"How long things stay known, and who is a peer"</summary>
                <div class="parameters">
                    {known.map(|(_, number)| number_field(number)).collect_view()}
                    {OTHERS.iter().map(number_field).collect_view()}
                </div>
            </details>
        }
    };
    view! {
        <fieldset class="wide">
            <legend>"What is new"</legend>
            <label class="check">
                <input type="checkbox" prop:checked=is_on on:change=toggle />
                <span>
                    "Measure what is new or uncommon for a user, for peers and for everyone, as known at each moment: first times, \
                     bursts, new and dormant accounts, quick changes of country"
                </span>
            </label>
            <Show when=move || is_on.get()>{fields}</Show>
        </fieldset>
    }
    .into_any()
}
