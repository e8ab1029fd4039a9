//! Exploring a table, once, when the user first asks for it.

use super::analyzer;
use crate::app::host::{self, Outcome};
use crate::app::state::{Explored, Store};
use crate::engine::plan::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

/// Explores the open table, unless that was done. It goes on beside whatever else is being done.
pub fn explore(store: Store) {
    let Some(opened) = store.opened.get_untracked() else { return };
    if store.profile.with_untracked(Option::is_some) {
        return;
    }
    store.profile_failed.set(None);
    spawn_local(async move {
        let outcome: Outcome<Explored> = async {
            let roles = &opened.suggestion.plan.roles;
            let role = |role: Role| roles.get(&role).map(String::as_str);
            let view = analyzer(store).await?.exploration(role(Role::Time), role(Role::Entity)).await?;
            Ok(Explored { profile: host::from_js(view.clone())?, view })
        }
        .await;
        let is_current =
            store.opened.with_untracked(|now| now.as_ref().is_some_and(|now| Rc::ptr_eq(now, &opened)));
        match outcome {
            _ if !is_current => {}
            Ok(explored) => store.profile.set(Some(Rc::new(explored))),
            Err(failure) => store.profile_failed.set(Some(failure.message)),
        }
    });
}
