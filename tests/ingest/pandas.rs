//! Every value of published logs as pandas reads it; see `tests/golden/scripts/read_types.py`.
//!
//! The heads of three logs are committed and always compared, the logs themselves where they lie beside the checkout.
//! Differences, each with its reason, are in [`DIFFERENCES`].

use super::{Limits, Options, read};
use isoscope::engine::table::{Column, ColumnData, ColumnType};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// File, column, and why it is read otherwise than pandas does.
const DIFFERENCES: [(&str, &str, &str); 0] = [];

#[test]
fn every_value_is_as_pandas_reads_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("tests/golden/read_types.json")).expect("the golden file");
    let golden: Value = serde_json::from_str(&text).expect("JSON");
    let files = golden["files"].as_array().expect("files");
    let (mut n_columns, mut problems) = (0, Vec::new());
    for file in files {
        let (folder, name) = (word(&file["folder"]), word(&file["file"]));
        let path = match folder {
            "heads" => root.join("tests/fixtures/ingest/logs").join(name),
            _ => root.join("../shared/data").join(folder).join(name),
        };
        let Some(bytes) = bytes(folder, &path) else { continue };
        let table = read([&bytes[..]], &Options::default(), &Limits::default()).expect("a table").table;
        assert_eq!(table.n_rows() as u64, file["rows"].as_u64().expect("rows"), "{name}");
        for expected in file["columns"].as_array().expect("columns") {
            let column_name = word(&expected["name"]);
            let column = &table.columns()[table.index_of(column_name).expect("the column")];
            n_columns += 1;
            let differs = difference(column, expected);
            let is_known = DIFFERENCES.iter().any(|(f, c, _)| (*f, *c) == (name, column_name));
            if differs.is_some() != is_known {
                let differs = differs.unwrap_or_else(|| "equal, but listed as different".to_owned());
                problems.push(format!("{folder}/{name}, {column_name}: {differs}"));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(n_columns >= 20, "{n_columns} columns compared");
}

fn word(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn bytes(folder: &str, path: &PathBuf) -> Option<Vec<u8>> {
    match std::fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            assert_ne!(folder, "heads", "{}: {error}", path.display());
            println!("skipped: {folder}/{} does not lie beside this checkout", path.display());
            None
        }
    }
}

/// What differs between a column and what pandas reads.
fn difference(column: &Column, expected: &Value) -> Option<String> {
    let line = |row: usize| {
        if !column.is_valid(row) {
            return "∅".to_owned();
        }
        match column.data() {
            ColumnData::Float(values) => format!("{:016x}", values[row].to_bits()),
            ColumnData::Timestamp { ms, .. } => ms[row].to_string(),
            _ => column.text(row).into_owned(),
        }
    };
    let found = match column.column_type() {
        ColumnType::Ip | ColumnType::UserAgent | ColumnType::Category | ColumnType::Text => "text",
        other => other.name(),
    };
    let missing = column.validity().n_missing() as u64;
    let mut digest = 0xCBF2_9CE4_8422_2325_u64;
    for row in 0..column.len() {
        for byte in line(row).bytes().chain([b'\n']) {
            digest = (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        }
    }
    let first: Vec<String> = (0..column.len().min(3)).map(line).collect();
    let is_equal = found == word(&expected["type"])
        && Some(missing) == expected["missing"].as_u64()
        && format!("{digest:016x}") == word(&expected["digest"]);
    (!is_equal).then(|| {
        let theirs = (&expected["type"], &expected["missing"], &expected["first"]);
        format!(
            "{found}, {missing} missing, begins {first:?}; pandas: {}, {} missing, begins {}",
            theirs.0, theirs.1, theirs.2
        )
    })
}
