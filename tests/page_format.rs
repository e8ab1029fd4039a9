//! The page's numbers, sizes and moments as text. The page itself compiles for browsers only; this part of it knows nothing of
//! them, and its tests run here.

#![expect(dead_code, reason = "what the page formats, its tests do not all use")]

use isoscope::engine;

#[path = "../src/app/format.rs"]
mod format;
