//! Parts of the page that know nothing of browsers: numbers, sizes and moments as text, the parameters of models, and what a
//! search varies. The page itself compiles for browsers only; these parts' tests run here.

#![expect(dead_code, reason = "what the page has, its tests do not all use")]

use isoscope::{engine, protocol};

#[path = "../src/app/format.rs"]
mod format;
#[path = "../src/app/view/parameters/known.rs"]
mod known;
#[path = "../src/app/view/tuning/space.rs"]
mod space;

/// Where the page's own modules find each other.
mod app {
    pub(crate) use crate::format;
}
