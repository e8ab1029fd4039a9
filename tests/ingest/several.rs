//! Several files as one table.

use super::{Limits, Options, Result, findings, render, tiny};
use isoscope::engine::error::{Error, ErrorKind, Position};
use isoscope::engine::ingest::{Format, Ingest, Ingested};

/// Reads named files, each in chunks of `length`.
fn read(files: &[(&str, &[u8])], length: usize, options: &Options, limits: &Limits) -> Result<Ingested> {
    let mut ingest = Ingest::with_limits(options.clone(), limits.clone())?;
    for (name, bytes) in files {
        ingest.begin_file(name)?;
        for chunk in bytes.chunks(length) {
            ingest.push(chunk)?;
        }
    }
    ingest.finish()
}

fn read_with(files: &[(&str, &[u8])], options: &Options) -> Result<Ingested> {
    let whole = read(files, usize::MAX, options, &Limits::default());
    for limits in [Limits::default(), tiny()] {
        let whole = read(files, usize::MAX, options, &limits);
        for length in [1, 2, 3, 5, 11] {
            assert_eq!(read(files, length, options, &limits), whole, "in chunks of {length}");
        }
    }
    whole
}

fn ingest(files: &[(&str, &[u8])]) -> Result<Ingested> {
    read_with(files, &Options::default())
}

#[track_caller]
fn check(files: &[(&str, &[u8])], expected: &[&str]) -> Ingested {
    let ingested = ingest(files).expect("a table");
    assert_eq!(render(&ingested).split('\n').collect::<Vec<_>>(), expected);
    let n_rows: u64 = ingested.files.iter().map(|file| file.rows).sum();
    let n_aside: u64 = ingested.files.iter().map(|file| file.set_aside).sum();
    assert_eq!((n_rows, n_rows + n_aside), (ingested.table.n_rows() as u64, ingested.n_records));
    assert_eq!(ingested.files.len(), files.len());
    ingested
}

#[test]
fn columns_are_mapped_by_name() {
    let utf_16: Vec<u8> = "\u{FEFF}n\tuser\r\n3\tcäcilie".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let ingested = check(
        &[
            ("a.csv", b"user,n\nanna,1\nben,2"),
            ("b.csv", b"\xEF\xBB\xBFn;user\n7;\"x\ny\"\n"),
            ("c.tsv", &utf_16),
        ],
        &[
            "user:category | n:integer",
            "anna | 1",
            "ben | 2",
            "x",
            "y | 7",
            "cäcilie | 3",
            "! decoded x1 @0:1:0",
        ],
    );
    assert_eq!(ingested.findings[0].first.file, 2);
    let files: Vec<_> = ingested
        .files
        .iter()
        .map(|f| (f.name.as_str(), f.rows, f.delimiter.as_deref(), f.encoding.as_str()))
        .collect();
    assert_eq!(
        files,
        [
            ("a.csv", 2, Some(","), "utf-8"),
            ("b.csv", 1, Some(";"), "utf-8"),
            ("c.tsv", 1, Some("\t"), "utf-16le")
        ]
    );
}

#[test]
fn positions_are_of_their_file() {
    let ingested = check(
        &[("a", b"x,y\n1,a\n"), ("b", b"x,y\n2,b\n3\n"), ("c", b"x,y\n4\n")],
        &["x:integer | y:category", "1 | a", "2 | b", "3 | ∅", "4 | ∅", "! short-record x2 @2:3:8"],
    );
    assert_eq!(ingested.findings[0].first, Position { record: 2, line: 3, byte: 8, file: 1 });
}

#[test]
fn nothing_runs_into_the_next_file() {
    check(
        &[("a", b"x,y\n1,\"open"), ("b", b"x,y\n2,\"b\"\n")],
        &["x:integer | y:category", "1 | \"open", "2 | b", "! unclosed-quote x1 @1:2:4"],
    );
    check(&[("a", b"x,y\r\n1,a\r"), ("b", b"\nx,y\n2,b")], &["x:integer | y:category", "1 | a", "2 | b"]);
}

#[test]
fn other_columns_are_refused_and_named() {
    let error = ingest(&[("a.csv", b"user,n\nanna,1\n"), ("b.csv", b"user,m,k\nben,1,2\n")]).unwrap_err();
    let expected = ErrorKind::MixedSchemas {
        file: "b.csv".into(),
        first_file: "a.csv".into(),
        missing: vec!["n".into()],
        extra: vec!["m".into(), "k".into()],
    };
    assert_eq!((error.kind(), error.code()), (&expected, "mixed-schemas"));
    let text = error.to_string();
    assert!(
        text.contains("\"b.csv\"") && text.contains("lacks \"n\"") && text.contains("\"m\", \"k\""),
        "{text}"
    );

    // What is not kept need not agree.
    let options = Options { columns: Some(vec!["user".into()]), ..Options::default() };
    let ingested = read_with(&[("a", b"user,n\nanna,1\n"), ("b", b"m,user\n1,ben\n")], &options).unwrap();
    assert_eq!(render(&ingested), "user:category\nanna\nben");

    let error = ingest(&[("a", b"1,2\n3,4\n"), ("b", b"1,2,3\n4,5,6\n")]).unwrap_err();
    assert_eq!(error.code(), "mixed-schemas");
}

#[test]
fn an_error_names_its_file() {
    let error: Error =
        ingest(&[("a.csv", b"x,y\n1,2\n"), ("b.png", b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR")]).unwrap_err();
    assert_eq!(error.code(), "not-text");
    assert!(error.to_string().starts_with("\"b.png\": this is a PNG picture"), "{error}");
}

#[test]
fn files_without_records_are_findings() {
    check(
        &[("a", b""), ("b", b"x,y\n"), ("c", b"x,y\n1,2\n"), ("d", b"\n\n"), ("e", b"y,x\n4,3\n")],
        &["x:integer | y:integer", "1 | 2", "3 | 4", "! empty-file x3 @0:1:0"],
    );
    assert_eq!(ingest(&[("a", b""), ("b", b"x,y\n")]).unwrap_err().code(), "empty-source");
    assert_eq!(read(&[], 1, &Options::default(), &Limits::default()).unwrap_err().code(), "empty-source");
}

#[test]
fn headers_that_only_some_files_have() {
    check(
        &[("a", b"1,x\n2,y\n2,x\n"), ("b", b"3,x\n4,x\n")],
        &["column 1:integer | column 2:category", "1 | x", "2 | y", "2 | x", "3 | x", "4 | x"],
    );
    let ingested = check(
        &[("a", b"n,w\n1,x\n2,y\n"), ("b", b"3,x\n4,x\n5,x\n")],
        &[
            "n:integer | w:category",
            "1 | x",
            "2 | y",
            "3 | x",
            "4 | x",
            "5 | x",
            "! headerless-file x1 @1:1:0",
        ],
    );
    assert_eq!(ingested.findings[0].first.file, 1);
}

#[test]
fn json_files_give_the_union_of_their_keys() {
    let ingested = check(
        &[
            ("a", b"{\"a\":1,\"b\":2}\n{\"a\":2}\n"),
            ("b", b"[{\"c\":true,\"b\":5}]"),
            ("c", b"b,a,c\n7,8,false\n"),
        ],
        &["a:integer | b:integer | c:boolean", "1 | 2 | ∅", "2 | ∅ | ∅", "∅ | 5 | true", "8 | 7 | false"],
    );
    assert_eq!(ingested.files[1].format, Format::JsonArray);
}

#[test]
fn a_file_named_late_and_limits_of_rows() {
    let mut ingest = Ingest::new(Options { max_rows: Some(3), ..Options::default() }).unwrap();
    ingest.push(b"x\n1\n2\n").unwrap();
    ingest.begin_file("b").unwrap();
    ingest.push(b"x\n3\n4\n5\n").unwrap();
    assert_eq!(ingest.n_records(), 2);
    let ingested = ingest.finish().unwrap();
    assert_eq!((ingested.n_records, ingested.table.n_rows(), ingested.n_bytes), (5, 3, 14));
    assert_eq!(findings(&ingested), ["! row-limit x2 @2:3:4"]);
    let files: Vec<_> =
        ingested.files.iter().map(|f| (f.name.as_str(), f.rows, f.set_aside, f.bytes)).collect();
    assert_eq!(files, [("", 2, 0, 6), ("b", 1, 2, 8)]);
}
