//! Own features: what formulas give, what is refused and where, and that both hold for any text and any table.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod errors;
mod features;
mod golden;
mod naive;
mod properties;
mod values;

use isoscope::engine::ingest::{Ingest, Options};
use isoscope::engine::table::Table;

/// A table of a few lines of CSV.
fn table(csv: &str) -> Table {
    let mut ingest = Ingest::new(Options::default()).unwrap();
    ingest.push(csv.as_bytes()).unwrap();
    ingest.finish().unwrap().table
}

fn all_rows(table: &Table) -> Vec<u32> {
    (0..table.n_rows() as u32).collect()
}
