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

/// A number of the novelty wanted.
macro_rules! number {
    ($name:literal, $label:literal, $hint:literal, $min:literal to $max:literal by $step:literal, $read:expr, $write:expr) => {
        Number {
            name: $name,
            label: $label,
            hint: $hint,
            min: $min,
            max: $max,
            step: $step,
            read: |plan| of(plan, $read),
            write: |plan, x| change(plan, |novelty| $write(novelty, x)),
        }
    };
}

/// A look-back of a kind.
macro_rules! look_back {
    ($name:literal, $label:literal, $kind:ident) => {
        number!(
            $name, $label, "Days a value stays known", 1.0 to 3_660.0 by 1.0,
            |n| n.look_back_days(NovelKind::$kind),
            |n: &mut Novelty, x| n.look_back_days.extend([(NovelKind::$kind, x)])
        )
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
    number!(
        "new-account", "New account, days", "Below this age an account is new", 1.0 to 3_660.0 by 1.0,
        |n| n.new_account_days,
        |n: &mut Novelty, x| n.new_account_days = x
    ),
    number!(
        "dormant", "Dormant, days", "Silence after which a return stands out", 1.0 to 3_660.0 by 1.0,
        |n| n.dormant_days,
        |n: &mut Novelty, x| n.dormant_days = x
    ),
    number!(
        "country-change", "Change of country, hours", "Within how many it is a quick one", 0.5 to 720.0 by 0.5,
        |n| n.country_change_hours,
        |n: &mut Novelty, x| n.country_change_hours = x
    ),
    number!(
        "peers", "Peers", "Nearest users by what they use, where no column has the role “Group of users”",
        0.0 to 1_000.0 by 1.0,
        |n| n.peers as f64,
        |n: &mut Novelty, x| n.peers = x as usize
    ),
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
