//! What leaves no table, and what is said then.

use super::{Limits, Options, ingest, read, read_all_ways, tiny};
use isoscope::engine::error::{Error, ErrorKind, Position};
use isoscope::engine::ingest::Ingest;

fn error(source: &[u8], options: &Options) -> Error {
    ingest(source, options).expect_err("no table")
}

#[test]
fn no_bytes_and_no_records() {
    assert_eq!(error(b"", &Options::default()).code(), "empty-source");
    for (source, expected) in [(&b"a,b,c\n"[..], 3), (b"a,b,c", 3), (b"\n\r\n\n", 0), (b"\xEF\xBB\xBF", 0)] {
        let error = error(source, &Options::default());
        assert_eq!(error.kind(), &ErrorKind::NoRecords { n_columns: expected });
    }
}

#[test]
fn binary_files_are_named() {
    let zip = |name: &str| [b"PK\x03\x04\x14\0\x06\0", name.as_bytes(), &[0; 40]].concat();
    let webp = b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0".to_vec();
    let noise: Vec<u8> = (0..2000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (source, expected) in [
        (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR".to_vec(), "PNG"),
        (b"\xFF\xD8\xFF\xE0\0\x10JFIF".to_vec(), "JPEG"),
        (b"GIF89a\x01\0\x01\0".to_vec(), "GIF"),
        (b"%PDF-1.7\n%\xE2\xE3\n1 0 obj\n".to_vec(), "PDF"),
        (zip("xl/workbook.xml"), "Excel"),
        (zip("word/document.xml"), "Word"),
        (zip("log.csv"), "zip"),
        (b"\x1F\x8B\x08\0\0\0\0\0".to_vec(), "gzip"),
        (b"PAR1\x15\x04\x15".to_vec(), "Parquet"),
        (b"SQLite format 3\0\x10\0".to_vec(), "SQLite"),
        (b"\0asm\x01\0\0\0".to_vec(), "WebAssembly"),
        (b"\x7FELF\x02\x01\x01\0".to_vec(), "ELF"),
        (b"ElfFile\0\0\0\0\0".to_vec(), "event log"),
        (b"MZ\x90\0\x03\0\0\0".to_vec(), "Windows program"),
        (webp, "WebP"),
        (noise, "binary"),
        (b"<?xml version=\"1.0\"?>\n<a>1</a>\n".to_vec(), "XML"),
        (b"<!DOCTYPE html>\n<p>hi</p>\n".to_vec(), "web page"),
    ] {
        let error = error(&source, &Options::default());
        assert_eq!(error.code(), "not-text", "{expected}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_line_without_end_is_refused_in_bounded_memory() {
    let chunk = vec![b'x'; 1 << 20];
    let mut ingest = Ingest::new(Options::default()).unwrap();
    let mut most = 0;
    let error = (0..2048)
        .find_map(|_| {
            let pushed = ingest.push(&chunk);
            most = most.max(ingest.heap_bytes());
            pushed.err()
        })
        .unwrap();
    let position = Position { record: 0, line: 1, byte: 0, file: 0 };
    assert_eq!(error.kind(), &ErrorKind::RecordTooLong { position, limit_bytes: 16 << 20 });
    assert!(ingest.n_bytes() <= 34 << 20 && most <= 64 << 20, "{} bytes, {most} held", ingest.n_bytes());
    assert_eq!(ingest.push(b"more").unwrap_err(), error, "and again");
    assert_eq!(ingest.finish().unwrap_err(), error);
}

#[test]
fn a_long_record_is_refused_at_its_place_whatever_the_chunks() {
    let limits = Limits { record_bytes: 20, ..tiny() };
    let source = b"a,b\n1,2\n3,4\n5,67890123456789012345\n6,7\n";
    let error = read_all_ways(source, &Options::default(), &limits).unwrap_err();
    assert_eq!(error.position(), Some(Position { record: 3, line: 4, byte: 12, file: 0 }));
    assert!(read_all_ways(b"a,b\n1,2\n5,678901234567890123\n6,7\n", &Options::default(), &limits).is_ok());
}

#[test]
fn an_open_quote_at_the_record_limit_is_text() {
    let limits = Limits { record_bytes: 20, ..tiny() };
    let source = b"a,b\n1,2\n3,\"4\n5,6\n7,8\n9,10\n11,12\n13,14\n";
    let ingested = read_all_ways(source, &Options::default(), &limits).unwrap();
    assert_eq!(ingested.n_records, 7);
    assert!(super::findings(&ingested).contains(&"! unclosed-quote x1 @2:3:8".to_owned()));
}

#[test]
fn too_many_columns() {
    let header = vec!["c"; 16_385].join(",");
    let source = format!("{header}\n{header}\n");
    let error = read([source.as_bytes()], &Options::default(), &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TooManyColumns { found: 16_385, limit: 16_384 });
}

#[test]
fn options_are_checked() {
    for delimiter in [b'"', b'\n', b'\r', 0, 0x80] {
        let options = Options { delimiter: Some(delimiter), ..Options::default() };
        assert_eq!(Ingest::new(options).unwrap_err().code(), "options");
    }
    assert_eq!(
        Ingest::new(Options { max_rows: Some(0), ..Options::default() }).unwrap_err().code(),
        "options"
    );
    let none = Options { columns: Some(vec![]), ..Options::default() };
    assert_eq!(Ingest::new(none).unwrap_err().code(), "options");
    let absent = Options { columns: Some(vec!["z".into()]), ..Options::default() };
    let error = error(b"a,b\n1,2\n", &absent);
    assert_eq!(error.code(), "no-such-column");
    assert!(error.to_string().contains("\"a\", \"b\""), "{error}");
}
