//! Features of the user's own: those there are, and the editor for one more.

use super::editor;
use crate::app::results::Results;
use crate::app::state::{Store, store};
use crate::engine::plan::{OwnFeature, Plan};
use leptos::prelude::*;
use std::rc::Rc;

/// Opens the editor with an own feature, and brings it into view.
pub fn edit(store: Store, name: &str) {
    store.edited_feature.set(Some(name.to_owned()));
    if let Some(block) = document().get_element_by_id("own-features") {
        block.scroll_into_view();
    }
}

/// Drops the rules over a feature that is there no more.
pub fn forget_rules(plan: &mut Plan, feature: &str) {
    if let Some(rules) = &mut plan.rules {
        rules.rules.retain(|rule| rule.feature != feature);
    }
}

/// The block.
pub fn own_features(results: Rc<Results>) -> AnyView {
    let store = store();
    let kept = StoredValue::new_local(results);
    let list = Memo::new(move |_| store.drafted(|plan| plan.own_features.clone()));
    let lines = move || list.get().into_iter().map(|own| line(own, kept.get_value())).collect_view();
    // The keyboard goes where the button leads, and back to it; a form that outlives results takes it from nowhere.
    let add_button = NodeRef::<leptos::html::Button>::new();
    let was_added = StoredValue::new(false);
    let was_open = StoredValue::new(false);
    let add = move |_| {
        was_added.set_value(true);
        store.edited_feature.set(Some(String::new()));
    };
    Effect::new(move |_| {
        if let (Some(button), true) = (add_button.get(), was_open.get_value()) {
            was_open.set_value(false);
            // Does not fail for a button on the page.
            let _ = button.focus();
        }
    });
    let form = move || {
        store.edited_feature.get().map(|name| {
            was_open.set_value(true);
            let takes_focus = was_added.get_value();
            was_added.set_value(false);
            let own = list.with_untracked(|list| list.iter().find(|own| own.name == name).cloned());
            editor::editor(own, kept.get_value(), takes_focus)
        })
    };
    view! {
        <section class="own" id="own-features" aria-labelledby="own-title">
            <header class="section-head">
                <h3 id="own-title">"Features of your own"</h3>
                <p class="hint">"A formula over the columns of the file, such as clicks / max(duration_s, 1) or share(status >= 400)"</p>
            </header>
            <ul class="own-list">{lines}</ul>
            {form}
            <Show when=move || store.edited_feature.with(Option::is_none)>
                <button type="button" class="button" node_ref=add_button on:click=add>
                    "Add a feature"
                </button>
            </Show>
        </section>
    }
    .into_any()
}

fn line(own: OwnFeature, results: Rc<Results>) -> AnyView {
    let store = store();
    let OwnFeature { name, formula, meaning, .. } = own;
    let is_measured =
        results.plan.own_features.iter().any(|known| known.name == name && known.formula == formula);
    let kept = StoredValue::new(name.clone());
    let remove = move |_| {
        store.edit_draft(|plan| {
            kept.with_value(|name| {
                plan.own_features.retain(|own| own.name != *name);
                forget_rules(plan, name);
            });
        });
        store.forget_rule_errors();
        store.edited_feature.set(None);
    };
    view! {
        <li>
            <span>
                <strong>{name.clone()}</strong>
                {meaning.map(|meaning| format!(" {meaning}"))}
                <code>{formula}</code>
            </span>
            {(!is_measured).then(|| view! { <span class="hint">"not analysed yet"</span> })}
            <button
                type="button"
                class="button button-quiet button-small"
                aria-label=format!("Edit {name}")
                on:click=move |_| store.edited_feature.set(Some(kept.get_value()))
            >
                "Edit"
            </button>
            <button type="button" class="button button-quiet button-small" aria-label=format!("Remove {name}") on:click=remove>
                "Remove"
            </button>
        </li>
    }
    .into_any()
}
