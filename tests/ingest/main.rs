//! Ingest through its public surface. Every case is read whole, byte by byte, and cut at each position, and in
//! slices from each position, with the default limits and with tiny ones, and must come out the same.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod cases;
#[path = "../../fuzz/check.rs"]
mod check;
mod corpora;
mod corpus;
mod errors;
mod estimate;
mod files;
mod findings;
mod json;
mod logs;
mod pandas;
mod properties;
mod several;
mod slices;
mod told;

use check::read;
use isoscope::engine::error::Result;
use isoscope::engine::ingest::{Ingested, Limits, Options};

/// Limits so tight that even short sources go through every stage.
fn tiny() -> Limits {
    Limits { sample_bytes: 24, batch_bytes: 7, ..Limits::default() }
}

/// Reads a source in every way of cutting it in two, and byte by byte; the results must be equal.
fn read_all_ways(source: &[u8], options: &Options, limits: &Limits) -> Result<Ingested> {
    let whole = read([source], options, limits);
    assert_eq!(read(source.chunks(1), options, limits), whole, "byte by byte");
    slices::check_every_border(source, options, limits, &whole);
    for cut in 0..=source.len() {
        let (front, back) = source.split_at(cut);
        assert_eq!(read([front, back], options, limits), whole, "cut at {cut}");
    }
    whole
}

/// As [`read_all_ways`] with the default limits, after the same with tiny ones.
fn ingest(source: &[u8], options: &Options) -> Result<Ingested> {
    let _ = read_all_ways(source, options, &tiny());
    read_all_ways(source, options, &Limits::default())
}

/// One line for the columns, one per row, one per finding; missing values are `∅`.
fn render(ingested: &Ingested) -> String {
    let table = &ingested.table;
    let columns: Vec<String> =
        table.columns().iter().map(|c| format!("{}:{}", c.name(), c.column_type().name())).collect();
    let mut lines = vec![columns.join(" | ")];
    for row in 0..table.n_rows() {
        let cells: Vec<String> = table
            .columns()
            .iter()
            .map(|c| if c.is_valid(row) { c.text(row).into_owned() } else { "∅".to_owned() })
            .collect();
        lines.push(cells.join(" | "));
    }
    lines.extend(findings(ingested));
    lines.join("\n")
}

/// `code x count @ record:line:byte` of each finding but duplicate rows, which short cases are full of and which have
/// tests of their own.
fn findings(ingested: &Ingested) -> Vec<String> {
    let line = |f: &isoscope::engine::finding::Finding| {
        format!("! {} x{} @{}:{}:{}", f.kind.code(), f.count, f.first.record, f.first.line, f.first.byte)
    };
    ingested.findings.iter().filter(|f| f.kind.code() != "duplicate-rows").map(line).collect()
}
