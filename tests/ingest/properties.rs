//! Properties over generated sources.

use super::{Limits, Options, read};
use isoscope::engine::ingest::{FileSummary, Ingest, MISSING_WORDS, RowSample};
use proptest::prelude::*;

/// Cells that stress quoting and look like every type.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z ,;\"\r\nü😀]{0,6}",
        1 => any::<i64>().prop_map(|n| n.to_string()),
        1 => any::<i16>().prop_map(|n| format!("{n:05}")),
        1 => Just(String::new()),
        1 => Just("true".to_owned()),
    ]
}

/// A table of 1 to 5 columns: each row as many cells, the first row unique names.
fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1usize..6).prop_flat_map(|n_columns| {
        let rows = prop::collection::vec(prop::collection::vec(cell(), n_columns), 1..20);
        rows.prop_map(move |mut rows| {
            rows.insert(0, (0..n_columns).map(|column| format!("name {column}")).collect());
            rows
        })
    })
}

/// Bytes that are mostly syntax.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => prop::sample::select(&b",;\t|\"\"\r\n\n"[..]),
        3 => prop::sample::select(&b"0123456789.-:/ aeTZ"[..]),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..200)
}

/// Chunk lengths.
fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1usize..30, 0..40)
}

/// The source in chunks of these lengths, the rest in one.
fn chunks<'a>(source: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = source;
    let mut chunks = Vec::new();
    for &length in lengths {
        let (front, back) = rest.split_at(length.min(rest.len()));
        chunks.push(front);
        rest = back;
    }
    chunks.push(rest);
    chunks
}

fn some_limits() -> impl Strategy<Value = Limits> {
    (1usize..200, 1usize..50, 20usize..100).prop_map(|(sample_bytes, batch_bytes, record_bytes)| Limits {
        sample_bytes,
        batch_bytes,
        record_bytes,
        ..Limits::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// What the `csv` crate writes is read back cell by cell, and as the `csv` crate reads it.
    #[test]
    fn written_tables_are_read_back(rows in table(), delimiter in prop::sample::select(&b",;\t|"[..]), cuts in cuts()) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let source = writer.into_inner().unwrap();
        let options = Options { delimiter: Some(delimiter), header: Some(true), ..Options::default() };
        let ingested = read(chunks(&source, &cuts), &options, &Limits::default()).unwrap();
        let table = &ingested.table;

        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(&source[..]);
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(table.n_rows(), records.len());
        prop_assert_eq!(ingested.n_records, records.len() as u64);
        for (row, record) in records.iter().enumerate() {
            prop_assert_eq!(record, &rows[row + 1]);
            for (column, expected) in table.columns().iter().zip(record) {
                if MISSING_WORDS.contains(&expected.trim_ascii()) {
                    prop_assert!(!column.is_valid(row));
                } else if column.column_type() == isoscope::engine::table::ColumnType::Category {
                    prop_assert_eq!(column.text(row), expected);
                } else {
                    prop_assert_eq!(column.text(row), expected.trim_ascii());
                }
            }
        }
    }

    /// Any bytes are read or refused without a panic, and chunks never change what comes out.
    #[test]
    fn chunks_change_nothing(source in bytes(), cuts in cuts(), limits in some_limits()) {
        let whole = read([&source[..]], &Options::default(), &limits);
        prop_assert_eq!(read(chunks(&source, &cuts), &Options::default(), &limits), whole.clone());
        if let Ok(ingested) = whole {
            let n_aside: u64 = ingested.files.iter().map(|file| file.set_aside).sum();
            prop_assert_eq!(ingested.n_records, ingested.table.n_rows() as u64 + n_aside);
            prop_assert!(ingested.findings.iter().all(|f| f.count > 0 && f.first.byte <= source.len() as u64));
        }
    }

    /// Every record is a row or set aside, under whatever options, and findings say why; chunks change nothing.
    #[test]
    fn no_record_is_lost(
        source in prop_oneof![
            bytes(),
            prop::collection::vec("[a-c]{0,2},[0-9]{0,3}(,x)?", 1..60).prop_map(|lines| lines.join("\n").into_bytes()),
        ],
        files in 1usize..4,
        cuts in cuts(),
        limits in some_limits(),
        max_rows in prop::option::of(1u64..20),
        share in prop::option::of(prop::sample::select(&[0.1, 0.5, 0.9, 1.0][..])),
        seed in 0u64..5,
        (header, by) in prop_oneof![Just((None, None)), Just((Some(false), Some("column 1".to_owned())))],
    ) {
        let sample = share.map(|share| RowSample { share, seed, by });
        let options = Options { delimiter: Some(b','), header, max_rows, sample, ..Options::default() };
        let read_files = |cuts: &[usize]| {
            let mut ingest = Ingest::with_limits(options.clone(), limits.clone())?;
            for file in 0..files {
                ingest.begin_file(&format!("file {file}"))?;
                for chunk in chunks(&source, cuts) {
                    ingest.push(chunk)?;
                }
            }
            ingest.finish()
        };
        let ingested = read_files(&[]);
        prop_assert_eq!(&read_files(&cuts), &ingested);
        let Ok(ingested) = ingested else { return Ok(()) };
        let n_rows = ingested.table.n_rows() as u64;
        let n_by_file = |of: fn(&FileSummary) -> u64| ingested.files.iter().map(of).sum::<u64>();
        prop_assert_eq!(n_by_file(|file| file.rows), n_rows);
        prop_assert_eq!(n_by_file(|file| file.rows + file.set_aside), ingested.n_records);
        prop_assert_eq!(n_by_file(|file| file.bytes), ingested.n_bytes);
        let said = ingested.findings.iter().filter(|f| matches!(f.kind.code(), "row-limit" | "sampled" | "bad-record"));
        prop_assert_eq!(said.map(|f| f.count).sum::<u64>(), ingested.n_records - n_rows);
        prop_assert!(max_rows.is_none_or(|max_rows| n_rows <= max_rows));
    }

    /// Positions are true: the record that a short-record finding names starts at that byte, on that line.
    #[test]
    fn positions_are_true(before in prop::collection::vec(("[a-z]{1,5}", "[a-z\"\n\r]{0,5}"), 0..20), cuts in cuts()) {
        let mut source = "a,b\n".to_owned();
        for (a, b) in &before {
            source.push_str(&format!("{a},\"{}\"\r\n", b.replace('"', "\"\"")));
        }
        let byte = source.len() as u64;
        let lines_before = source.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count() as u64;
        source.push_str("short\nx,y\n");
        let options = Options { delimiter: Some(b','), header: Some(true), ..Options::default() };
        let limits = Limits { sample_bytes: 10, batch_bytes: 11, ..Limits::default() };
        let ingested = read(chunks(source.as_bytes(), &cuts), &options, &limits).unwrap();
        let finding = ingested.findings.iter().find(|f| f.kind.code() == "short-record").unwrap();
        let first = finding.first;
        prop_assert_eq!((first.record, first.line, first.byte), (before.len() as u64 + 1, lines_before + 1, byte));
    }
}
