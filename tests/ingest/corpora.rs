//! Agreement with Python's csv module on the CSV corpora of others: every file that the module accepts is read to the
//! same records and fields, is refused for one of two reasons that hold by rule, or stands in [`DIFFERENT`] with its own.
//! See `tests/golden/scripts/csv_corpora.py`.
//!
//! Not compared, by rule: a file of a single record is refused here, because a log has an event below its header; a file
//! with control bytes is refused as binary; a file that we read with a delimiter with which the module refuses it.

use super::{Limits, Options, read};
use isoscope::engine::ingest::Ingested;
use isoscope::engine::table::ColumnType;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Files that we read otherwise, and why.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "duckdb/data/csv/afl/24.csv",
        "quoted by apostrophes; with the semicolon all of it is one record, a header",
    ),
    (
        "duckdb/data/csv/afl/no_parameter/13.csv",
        "a quote that never closes; taken as text, one record is left, a header",
    ),
    (
        "duckdb/data/csv/fuzzing/33.csv",
        "a line with NUL bytes is taken for the header, and the line above it left out",
    ),
    (
        "duckdb/data/csv/pollock/file_field_delimiter_0x20.csv",
        "delimited by spaces, which we guess only where nothing else delimits; with commas, two lines without any are taken to stand above the header",
    ),
    ("duckdb/data/csv/test/5438.csv", "JSON lines, and read as such"),
];

#[derive(Deserialize)]
struct Golden {
    files: BTreeMap<String, BTreeMap<String, Reading>>,
}

#[derive(Deserialize)]
struct Reading {
    records: u64,
    digests: Vec<Digest>,
}

#[derive(Deserialize)]
struct Digest {
    width: usize,
    first: u64,
    digest: String,
}

/// The source with every value as it stands in the file.
fn read_as_text(source: &[u8]) -> isoscope::engine::error::Result<Ingested> {
    let verbatim = Options { missing: Some(vec![String::new()]), ..Options::default() };
    let guessed = read([source], &verbatim, &Limits::default())?;
    let types = guessed.table.names().into_iter().map(|name| (name, ColumnType::Category)).collect();
    read([source], &Options { types, ..verbatim }, &Limits::default())
}

/// FNV-1a of all cells, as the script has it.
fn digest(ingested: &Ingested) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    for row in 0..ingested.table.n_rows() {
        for column in ingested.table.columns() {
            let text = column.text(row);
            text.bytes().filter(|_| !text.trim_ascii().is_empty()).for_each(&mut add);
            add(0x1f);
        }
        add(0x1e);
    }
    format!("{hash:016x}")
}

#[test]
fn same_records_and_fields_as_pythons_csv() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("../shared/data/csv");
    if !folder.is_dir() {
        println!("skipped: there are no corpora at ../shared/data/csv");
        return;
    }
    let golden = std::fs::read_to_string(root.join("tests/golden/csv_corpora.json")).unwrap();
    let golden: Golden = serde_json::from_str(&golden).unwrap();
    let (mut n_same, mut n_apart, mut differ) = (0, 0, Vec::new());
    for (name, readings) in &golden.files {
        let what = match read_as_text(&std::fs::read(folder.join(name)).unwrap()) {
            Err(error) if error.code() == "no-records" && readings.values().all(|r| r.records == 1) => {
                n_apart += 1;
                continue;
            }
            Err(error) if error.code() == "not-text" => {
                n_apart += 1;
                continue;
            }
            Err(error) => format!("refused: {error}"),
            Ok(ingested) => {
                let delimiter = match ingested.delimiter {
                    Some(b',') => "comma",
                    Some(b';') => "semicolon",
                    Some(b'\t') => "tab",
                    Some(b'|') => "pipe",
                    _ => "no delimiter",
                };
                let (width, digest) = (ingested.table.columns().len(), digest(&ingested));
                // A file of one column has no delimiter, which the golden notes as a comma.
                match readings.get(if width == 1 { "comma" } else { delimiter }) {
                    None => {
                        n_apart += 1;
                        continue;
                    }
                    Some(reading)
                        if reading.digests.iter().any(|d| d.width == width && d.digest == digest) =>
                    {
                        n_same += 1;
                        continue;
                    }
                    Some(reading) => format!(
                        "{width} columns by {delimiter}, {} records; the reference has {} records of {:?} fields",
                        ingested.n_records,
                        reading.records,
                        reading.digests.iter().map(|d| (d.first, d.width)).collect::<Vec<_>>(),
                    ),
                }
            }
        };
        differ.push((name.as_str(), what));
    }
    println!("{n_same} files read alike, {n_apart} apart by rule, {} otherwise", differ.len());
    for (name, what) in &differ {
        assert!(DIFFERENT.iter().any(|(known, _)| known == name), "{name}: {what}");
    }
    for (name, _) in DIFFERENT {
        assert!(differ.iter().any(|(now, _)| now == name), "{name} is read alike now; take it off the list");
    }
    assert!(n_same > 750, "{n_same} files read alike");
}
