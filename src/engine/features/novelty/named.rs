//! What the new values of a matrix row are called, for reasons to name them.
//!
//! What the passes found new is kept, 12 bytes for each event that has something new, with the columns of the values. Names
//! are looked up when a reason asks for them.

use super::found::{FoundEvent, is_new};
use super::pass::Pass;
use super::told::{Tells, Told};
use crate::engine::features::Feature;
use crate::engine::plan::NovelKind;
use crate::engine::table::{Column, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The new values of a matrix, by row and feature.
#[derive(Debug, Clone, PartialEq)]
pub struct NewValues {
    /// The kinds, each with its column.
    kinds: Vec<(NovelKind, Arc<Column>)>,
    /// By matrix row, of one row in order of time.
    events: Vec<NewEvent>,
    /// By name of a feature, what it tells, and the place of its kind.
    features: BTreeMap<String, (usize, Told)>,
}

/// An event with a value that somebody did not use before.
#[derive(Debug, Clone, Copy, PartialEq)]
struct NewEvent {
    matrix_row: u32,
    table_row: u32,
    flags: u32,
}

/// Values of one kind by name, in order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// What the feature tells of them.
    pub told: Told,
    /// Each once; at least one.
    pub values: Vec<String>,
    /// Whether there are events beyond, whose values are not looked up: there may be more values.
    pub is_cut: bool,
}

/// Events of a matrix row whose values are looked up, at most: a user's whole log may have any number.
const MAX_LOOKED_UP: u32 = 100;

impl NewValues {
    /// Nothing yet, of the kinds that a pass looks at.
    pub(super) fn of(table: &Table, pass: &Pass) -> Self {
        let column = |place: usize| Arc::clone(&table.columns()[place]);
        let kinds = pass.columns().map(|(kind, place)| (kind, column(place))).collect();
        NewValues { kinds, events: Vec::new(), features: BTreeMap::new() }
    }

    /// Takes note of an event of a matrix row, if it has something new. Rows come in order.
    #[inline]
    pub(super) fn push(&mut self, matrix_row: u32, event: FoundEvent) {
        if event.has_news() {
            self.events.push(NewEvent { matrix_row, table_row: event.row, flags: event.flags });
        }
    }

    /// The same under the names of the `features`, the first of which tell what is `told`. A share over many events tells of
    /// no one value.
    pub(super) fn with_features(mut self, features: &[Feature], told: &[Told]) -> Self {
        for (feature, &told) in features.iter().zip(told) {
            let place = self.kinds.iter().position(|(kind, _)| *kind == told.kind);
            let names_one = told.is_event || told.is_count();
            if let Some(place) = place.filter(|_| names_one) {
                self.features.insert(feature.name.clone(), (place, told));
            }
        }
        self.events.shrink_to_fit();
        self
    }

    /// The values that a feature's value in a matrix row tells of. `None` for a feature that tells of none, where nothing is
    /// new, and where not every value has a name.
    pub(in crate::engine::features) fn named(
        &self,
        feature: &str,
        value: f64,
        matrix_row: usize,
        table_rows: &[u32],
    ) -> Option<Named> {
        let &(place, told) = self.features.get(feature)?;
        let (kind, column) = &self.kinds[place];
        let name_of = |table_row: u32| kind.name_of(column, table_row as usize);
        let mut values: Vec<String> = Vec::new();
        let mut is_cut = false;
        match told.tells {
            Tells::Share(_) => values.push(name_of(*table_rows.first()?)?),
            Tells::New(to) => {
                let first = self.events.partition_point(|event| (event.matrix_row as usize) < matrix_row);
                let of_row =
                    self.events[first..].iter().take_while(|event| event.matrix_row as usize == matrix_row);
                let mut n_events = 0;
                let mut seen = BTreeSet::new();
                for event in of_row.filter(|event| is_new(event.flags, place, to)) {
                    n_events += 1;
                    if n_events > MAX_LOOKED_UP {
                        is_cut = true;
                        break;
                    }
                    let name = name_of(event.table_row)?;
                    if seen.insert(name.clone()) {
                        values.push(name);
                    }
                }
                if !is_cut && f64::from(n_events) != value {
                    return None;
                }
            }
        }
        (!values.is_empty()).then_some(Named { told, values, is_cut })
    }
}
