//! Features of sessions with what they are compared by: the user's own usual, and the rest of the table.
//!
//! Flags say whether a session is among the most or least frequent, or the longest or shortest, of the table: above the
//! 95 % quantile or below the 5 % quantile (linear interpolation, as NumPy's default) of all its sessions. They are the one
//! family that looks at the whole table, so a flag may change when sessions are added.

use super::own::OwnUsual;
use crate::engine::features::measure::{Block, Events, Measure};
use crate::engine::features::names::make_names_differ;
use crate::engine::features::{Feature, YES_NO};
use crate::engine::math::quantile_sorted;
use crate::engine::order;

/// Quantiles outside of which a session is very little or very much.
const LOW: f64 = 0.05;
const HIGH: f64 = 0.95;

/// Measures of a session, and what follows from comparing their values.
#[derive(Debug)]
pub(super) struct Compared {
    inner: Vec<Box<dyn Measure>>,
    n_inner: usize,
    own: Option<OwnUsual>,
    flags: Vec<Flag>,
    features: Vec<Feature>,
}

/// Whether a value is outside a quantile of its column.
#[derive(Debug)]
struct Flag {
    /// Place of the feature.
    of: usize,
    is_high: bool,
    feature: Feature,
}

/// What is compared, by the names of features.
#[derive(Debug, Default)]
pub(super) struct Comparisons {
    /// With the user's own usual, where there are users whose sessions can be compared.
    pub own: Option<Vec<String>>,
    /// Whether sessions have times.
    pub has_times: bool,
    /// The feature that says how frequent events are: the first of these that is there.
    pub frequency: [&'static str; 3],
    /// The feature that says how long sessions are.
    pub duration: Option<String>,
}

impl Compared {
    pub fn new(inner: Vec<Box<dyn Measure>>, comparisons: &Comparisons) -> Self {
        let mut features: Vec<Feature> = inner.iter().flat_map(|measure| measure.features()).collect();
        let n_inner = features.len();
        let place_of = |name: &str| features.iter().position(|feature| feature.name == name);
        let own = comparisons.own.as_ref().map(|names| {
            let compared = names.iter().filter_map(|name| place_of(name));
            let compared = compared.map(|place| (place, features[place].clone())).collect();
            OwnUsual::new(compared, comparisons.has_times)
        });
        let flag = |of: usize, is_high: bool, name: &str, which: &str| {
            let (sign, quantile) = if is_high { ('>', 95) } else { ('<', 5) };
            let feature =
                Feature::new(name, format!("whether it is one of the 5 % of sessions {which}"), YES_NO)
                    .with_formula(format!(
                        "1 where {} {sign} its {quantile} % quantile, else 0",
                        features[of].name
                    ));
            Flag { of, is_high, feature }
        };
        let mut flags = Vec::new();
        if let Some(of) = comparisons.frequency.iter().find_map(|name| place_of(name)) {
            let events = if features[of].name == "events_per_sec" { "events per second" } else { "events" };
            flags.push(flag(of, true, "is_very_frequent", &format!("with the most {events}")));
            flags.push(flag(of, false, "is_very_infrequent", &format!("with the fewest {events}")));
        }
        if let Some(of) = comparisons.duration.as_deref().and_then(place_of) {
            flags.push(flag(of, true, "is_very_long", "that last longest"));
            flags.push(flag(of, false, "is_very_short", "that are over soonest"));
        }
        features.extend(own.iter().flat_map(OwnUsual::features));
        features.extend(flags.iter().map(|flag| flag.feature.clone()));
        make_names_differ(&mut features);
        Compared { inner, n_inner, own, flags, features }
    }
}

impl Measure for Compared {
    fn features(&self) -> Vec<Feature> {
        self.features.clone()
    }

    fn read_block(&mut self, block: &Block<'_>) {
        self.inner.iter_mut().for_each(|measure| measure.read_block(block));
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let start = values.len();
        self.inner.iter_mut().for_each(|measure| measure.measure(events, values));
        if let Some(own) = &mut self.own {
            own.measure(events, values, start);
        }
        // Filled in by `settle`.
        values.extend(self.flags.iter().map(|_| f64::NAN));
    }

    fn settle(&mut self, rows: &mut [f64], width: usize, at: usize, subjects: &[u32]) {
        if let Some(own) = &mut self.own {
            own.settle(rows, width, at, at + self.n_inner, subjects);
        }
        let first_flag = at + self.features.len() - self.flags.len();
        let mut known = Vec::new();
        for (place, flag) in self.flags.iter().enumerate() {
            known.clear();
            let column = rows.chunks_exact(width).map(|row| row[at + flag.of]);
            known.extend(column.filter(|value| !value.is_nan()));
            order::sort(&mut known);
            let limit = quantile_sorted(&known, if flag.is_high { HIGH } else { LOW });
            for row in rows.chunks_exact_mut(width) {
                let value = row[at + flag.of];
                let is_beyond = if flag.is_high { value > limit } else { value < limit };
                row[first_flag + place] = if value.is_nan() { value } else { f64::from(u8::from(is_beyond)) };
            }
        }
    }
}
