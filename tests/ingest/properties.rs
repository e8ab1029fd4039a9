//! Properties over generated sources.

use super::{Limits, Options, read};
use isoscope::engine::ingest::{FileSummary, Format, Ingest, MISSING_WORDS, RowSample};
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

/// Bytes that are mostly the syntax of JSON and of logs.
fn json_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(&["{", "}", "[", "]", ",", ":", "\"", "\\", "\n", "\r\n", " "][..]).prop_map(str::to_owned),
        3 => prop::sample::select(&[
            "\"a\":1", "\"b\":null", "{\"a\":\"x\"}", "{\"a\":{\"b\":[2]}}\n", "\\u00e9", "\\ud83d", "true", "-1e5", "NaN",
            "1.2.3.4 - u [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 5\n", " \"-\" \"agent\"\n",
            "Dec 10 06:55:46 host sshd[1]: Failed password for a from 1.2.3.4 port 5 ssh2\n",
            "<34>1 2003-10-11T22:14:15.003Z h p 1 - [a b=\"c\"] m\n",
        ][..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
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

    /// Any bytes, read as any format, are read or refused without a panic, and chunks never change what comes out.
    #[test]
    fn chunks_change_nothing_in_any_format(
        source in json_like(),
        cuts in cuts(),
        limits in some_limits(),
        format in prop::sample::select(&Format::ALL[..]),
    ) {
        for format in [Some(format), None] {
            let options = Options { format, ..Options::default() };
            let whole = read([&source[..]], &options, &limits);
            prop_assert_eq!(read(chunks(&source, &cuts), &options, &limits), whole.clone());
            if let Ok(ingested) = whole {
                let n_aside: u64 = ingested.files.iter().map(|file| file.set_aside).sum();
                prop_assert_eq!(ingested.n_records, ingested.table.n_rows() as u64 + n_aside);
            }
        }
    }

    /// A table written as JSON lines, or as an array, is the table written as CSV.
    #[test]
    fn json_gives_the_table_that_csv_gives(records in table(), cuts in cuts()) {
        let mut csv = String::new();
        let mut lines = String::new();
        for (row, record) in records.iter().enumerate() {
            let cells: Vec<String> = record.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            csv.push_str(&(cells.join(",") + "\n"));
            if row > 0 {
                let text = |value: &String| serde_json::to_string(value).expect("a string");
                let members: Vec<String> =
                    records[0].iter().zip(record).map(|(k, v)| format!("{}:{}", text(k), text(v))).collect();
                lines.push_str(&format!("{{{}}}\n", members.join(",")));
            }
        }
        let array = format!("[{}]", lines.trim_end().replace('\n', ",\n"));
        let of_csv = Options { delimiter: Some(b','), header: Some(true), ..Options::default() };
        let expected = read([csv.as_bytes()], &of_csv, &Limits::default());
        prop_assume!(records.len() > 1);
        let expected = expected.expect("a table").table;
        for (source, format) in [(lines, Format::JsonLines), (array, Format::JsonArray)] {
            let options = Options { format: Some(format), ..Options::default() };
            let ingested = read(chunks(source.as_bytes(), &cuts), &options, &Limits::default()).expect("a table");
            prop_assert_eq!(&ingested.table, &expected);
        }
    }

    /// A table cut into files, each with its header, is the table.
    #[test]
    fn several_files_are_their_concatenation(records in table(), at in 1usize..20) {
        prop_assume!(records.len() > 2);
        let at = 1 + at % (records.len() - 1);
        let text = |rows: &[Vec<String>]| -> String {
            let line = |record: &Vec<String>| {
                let cells: Vec<String> = record.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
                cells.join(",") + "\n"
            };
            records[..1].iter().chain(rows).map(line).collect()
        };
        let options = Options { delimiter: Some(b','), header: Some(true), ..Options::default() };
        let whole = read([text(&records[1..]).as_bytes()], &options, &Limits::default()).expect("a table");
        let mut ingest = Ingest::new(options).expect("options");
        for part in [&records[1..at], &records[at..]] {
            ingest.begin_file("part").expect("a file");
            ingest.push(text(part).as_bytes()).expect("text");
        }
        // Types are guessed from the first file, so only their text must agree.
        let parts = ingest.finish().expect("a table").table;
        prop_assert_eq!(parts.n_rows(), whole.table.n_rows());
        for (part, column) in parts.columns().iter().zip(whole.table.columns()) {
            prop_assert_eq!(part.name(), column.name());
            if part.column_type() == column.column_type() {
                for row in 0..part.len() {
                    prop_assert_eq!(part.is_valid(row), column.is_valid(row));
                    // A column that turns into categories has lost the space around what it had set aside.
                    let (part, whole) = (part.text(row), column.text(row));
                    prop_assert_eq!(part.trim(), whole.trim());
                }
            }
        }
    }

    /// Rows in another order are the same rows: whatever a column is, it does not hang on which record comes first.
    #[test]
    fn a_permutation_of_rows_permutes_columns(
        (records, order) in table().prop_flat_map(|records| {
            let order = Just((1..records.len()).collect::<Vec<usize>>()).prop_shuffle();
            (Just(records), order)
        }),
    ) {
        let line = |record: &Vec<String>| {
            let cells: Vec<String> = record.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            cells.join(",") + "\n"
        };
        let text = |order: &mut dyn Iterator<Item = usize>| order.map(|row| line(&records[row])).collect::<String>();
        let straight = text(&mut (0..records.len()));
        let permuted = text(&mut std::iter::once(0).chain(order.iter().copied()));
        let options = Options { delimiter: Some(b','), header: Some(true), ..Options::default() };
        let [straight, permuted] =
            [straight, permuted].map(|text| read([text.as_bytes()], &options, &Limits::default()).unwrap().table);
        for (before, after) in straight.columns().iter().zip(permuted.columns()) {
            prop_assert_eq!((before.name(), before.column_type()), (after.name(), after.column_type()));
            for (place, &row) in order.iter().enumerate() {
                prop_assert_eq!(before.is_valid(row - 1), after.is_valid(place));
                prop_assert_eq!(before.text(row - 1), after.text(place));
            }
        }
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
