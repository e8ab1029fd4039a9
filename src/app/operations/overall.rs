//! Looking at all rows at once: what moves their scores.

use super::analyzer;
use super::models::settle;
use crate::app::host::{self, Outcome};
use crate::app::state::{Overall, Store};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

/// Features drawn: more than can be compared by eye are in the table only.
const N_FEATURES: usize = 12;

/// Explains all rows, or a sample of them. What was found before shows until then.
pub fn look_at_all(store: Store) {
    let (run, signal) = store.looking.begin();
    spawn_local(async move {
        let outcome: Outcome<Overall> = async {
            let view = analyzer(store).await?.overall(N_FEATURES, &signal).await?;
            Ok(Overall { found: host::from_js(host::outline(&view))?, view })
        }
        .await;
        if let Some(overall) = settle(store.looking, run, outcome) {
            store.overall.set(Some(Rc::new(overall)));
        }
    });
}
