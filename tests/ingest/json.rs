//! JSON lines and JSON arrays, in every cut.

use super::{Limits, Options, findings, ingest, read, read_all_ways, render, tiny};
use isoscope::engine::error::{ErrorKind, Position};
use isoscope::engine::ingest::Format;

#[track_caller]
fn check(source: impl AsRef<[u8]>, format: Format, expected: &[&str]) {
    check_with(source.as_ref(), &Options::default(), format, expected);
}

#[track_caller]
fn check_with(source: &[u8], options: &Options, format: Format, expected: &[&str]) {
    let ingested = ingest(source, options).expect("a table");
    assert_eq!(render(&ingested).split('\n').collect::<Vec<_>>(), expected);
    assert_eq!((ingested.format, ingested.delimiter), (format, None));
    assert_eq!(ingested.files.len(), 1);
    let file = &ingested.files[0];
    assert_eq!(file.rows + file.set_aside, ingested.n_records);
    assert_eq!(file.rows, ingested.table.n_rows() as u64);
}

fn forced(format: Format) -> Options {
    Options { format: Some(format), ..Options::default() }
}

#[test]
fn keys_become_columns_in_order_of_appearance() {
    check(
        "{\"a\":1,\"b\":\"x\"}\n\n {\"b\":\"y\", \"c\":true , \"a\": 2}\r\n{\"d\":1.5}\n",
        Format::JsonLines,
        &[
            "a:integer | b:category | c:boolean | d:float",
            "1 | x | ∅ | ∅",
            "2 | y | true | ∅",
            "∅ | ∅ | ∅ | 1.5",
        ],
    );
}

#[test]
fn a_key_may_come_far_behind_the_sample() {
    let mut source: String = (0..500).map(|n| format!("{{\"a\":{n}}}\n")).collect();
    source.push_str("{\"late\":\"2024-01-01T00:00:00Z\",\"a\":500}\n{\"late\":null}\n");
    let limits = Limits { sample_bytes: 40, batch_bytes: 100, ..Limits::default() };
    let ingested = read_all_ways(source.as_bytes(), &Options::default(), &limits).unwrap();
    let late = &ingested.table.columns()[1];
    assert_eq!(
        (late.name(), late.column_type().name(), late.validity().n_missing()),
        ("late", "timestamp", 501)
    );
    assert_eq!(late.text(500), "2024-01-01T00:00:00Z");
    assert_eq!(ingested.findings, []);
}

#[test]
fn values_keep_what_they_say() {
    check(
        r#"{"id":1234567890123456789,"big":123456789012345678901,"f":1e3,"n":null,"s":"","t":"a\"b\\c\/\u00e9\ud83d\ude00\n","arr":[1, {"x":"]"}],"e":{}}"#,
        Format::JsonLines,
        &[
            "id:integer | big:category | f:float | n:category | s:category | t:category | arr:category",
            "1234567890123456789 | 123456789012345678901 | 1000 | ∅ | ∅ | a\"b\\c/é😀",
            " | [1, {\"x\":\"]\"}]",
        ],
    );
}

#[test]
fn objects_inside_are_flattened_to_a_depth() {
    check(
        "{\"user\":{\"name\":\"anna\",\"geo\":{\"c\":\"DE\"}},\"x\":1}\n{\"user\":{\"name\":\"ben\"},\"user.name\":\"carl\"}\n",
        Format::JsonLines,
        &[
            "user.name:category | user.geo.c:category | x:integer",
            "anna | DE | 1",
            "carl | ∅ | ∅",
            "! duplicate-key x1 @2:2:48",
        ],
    );
    let deep = format!("{}{{\"k\":1}}{}\n", "{\"a\":".repeat(9), "}".repeat(9));
    check(&deep, Format::JsonLines, &["a.a.a.a.a.a.a.a.a:category", "{\"k\":1}"]);
}

#[test]
fn a_line_that_is_no_object_is_set_aside_and_the_rest_is_read() {
    check(
        "{\"a\":1}\nplain\n{\"a\":2} x\n[1]\n{\"a\":}\n{\"a\" 1}\n{\"a\":1,}\n{\"a\":[1}\n{\"a\":01x}\n{\"a\":3}\n{\"a\":4}\n{\"a\":5}\n{\"a\":6}\n{\"a\":7}\n{\"a\":8}\n{\"a\":9}\n{\"a\":10}\n{\"a\":\"b",
        Format::JsonLines,
        &["a:integer", "1", "3", "4", "5", "6", "7", "8", "9", "10", "! bad-record x9 @2:2:8"],
    );
}

#[test]
fn bad_escapes_are_replaced_and_said() {
    check(
        "{\"a\":\"x\\qy\"}\n{\"a\":\"\\ud800z\"}\n{\"a\":\"\\u12\"}\n",
        Format::JsonLines,
        &["a:category", "x\u{FFFD}y", "\u{FFFD}z", "\u{FFFD}12", "! bad-escape x3 @1:1:0"],
    );
}

#[test]
fn duplicate_keys_keep_the_last_value() {
    check(
        "{\"a\":1,\"a\":2}\n{\"a\":3,\"b\":1,\"a\":null}\n",
        Format::JsonLines,
        &["a:integer | b:integer", "2 | ∅", "∅ | 1", "! duplicate-key x2 @1:1:0"],
    );
}

#[test]
fn arrays_are_read_by_element() {
    let expected = ["a:integer | b:category", "1 | x", "2 | y]"];
    check("[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":\"y]\"}]", Format::JsonArray, &expected);
    check(
        "[\n  {\n    \"a\": 1,\n    \"b\": \"x\"\n  },\r\n {\"a\":2,\"b\":\"y]\"}\n]\n",
        Format::JsonArray,
        &expected,
    );
    // Objects one behind the other, as jq writes them.
    check(
        "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n{\n  \"a\": 2,\n  \"b\": \"y]\"\n}\n",
        Format::JsonArray,
        &expected,
    );
    // An object that holds the array.
    check(
        "{\"took\":3,\"hits\":{\"n\":[1,2],\"hits\":[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":\"y]\"}],\"s\":\"}]\"},\"z\":[{}]}\n",
        Format::JsonArray,
        &expected,
    );
}

#[test]
fn elements_that_are_no_objects_are_set_aside() {
    check(
        "[{\"a\":1}, 2, \"x\", null, [3], {\"a\":4}, {\"a\":tru}, {\"a\":5}]",
        Format::JsonArray,
        &["a:integer", "1", "4", "5", "! bad-record x5 @2:1:10"],
    );
}

#[test]
fn an_array_that_never_closes_keeps_its_records() {
    check(
        "[\n{\"a\":1},\n{\"a\":2},\n{\"a\":",
        Format::JsonArray,
        &["a:integer", "1", "2", "! bad-record x1 @3:4:20", "! unclosed-array x1 @3:4:20"],
    );
    check("[{\"a\":1},\n", Format::JsonArray, &["a:integer", "1", "! unclosed-array x1 @2:1:8"]);
}

#[test]
fn a_quote_that_never_closes_swallows_one_element() {
    check(
        "[\n{\"a\":\"1},\n{\"a\":\"2\"},\n{\"a\":\"3\"}\n]\n",
        Format::JsonArray,
        &["a:integer", "2", "3", "! bad-record x1 @1:2:2"],
    );
}

#[test]
fn other_encodings() {
    let text = "{\"ä\":\"ö😀\"}\r\n{\"ä\":\"x\"}\r\n";
    let expected = ["ä:category", "ö😀", "x", "! decoded x1 @0:1:0"];
    let le: Vec<u8> =
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    check(le, Format::JsonLines, &expected);
    check(["\u{FEFF}", text].concat(), Format::JsonLines, &expected[..3]);
}

#[test]
fn csv_whose_first_cell_starts_with_a_brace_is_csv() {
    for source in [
        "{\"a\":1},x\n{\"a\":2},y\n",
        "{\"a\":1}\tx\n{\"a\":2}\ty\n",
        "{a};b\n1;2\n",
        "[{\"a\":1}],x\n[{\"a\":2}],y\n",
        "[a],[b]\n1,2\n",
        "{x},y\n1,2\n",
        "\"{\"\"a\"\":1}\",x\n\"{\"\"a\"\":2}\",y\n",
    ] {
        let ingested = ingest(source.as_bytes(), &Options::default()).unwrap();
        assert_eq!(ingested.format, Format::Delimited, "{source}");
        assert_eq!(ingested.table.columns().len(), 2, "{source}");
    }
    let told = Options { delimiter: Some(b','), ..Options::default() };
    assert_eq!(ingest(b"{\"a\":1}\n{\"a\":2}\n", &told).unwrap().format, Format::Delimited);
}

#[test]
fn what_is_no_json_of_records_is_refused_in_our_words() {
    for (source, format) in [
        ("plain\ntext\n", Format::JsonLines),
        ("plain\ntext\n", Format::JsonArray),
        ("[1, 2, 3]", Format::JsonArray),
        ("{\"a\": {\"b\": ", Format::JsonArray),
        ("\"text\"", Format::JsonArray),
        ("[[[[", Format::JsonLines),
    ] {
        let error = ingest(source.as_bytes(), &forced(format)).unwrap_err();
        assert_eq!(error.code(), "wrong-format", "{source}");
        let text = error.to_string();
        assert!(text.contains("expected") && text.contains("found") && !text.contains("at line"), "{text}");
    }
    assert_eq!(ingest(b"[1, 2, 3]", &Options::default()).unwrap_err().code(), "wrong-format");
    assert_eq!(ingest(b"{\"a\": {\"b\": ", &Options::default()).unwrap_err().code(), "wrong-format");
    assert_eq!(ingest(b"[]", &Options::default()).unwrap_err().code(), "no-records");
    assert_eq!(ingest(b" \n", &forced(Format::JsonLines)).unwrap_err().code(), "no-records");
}

#[test]
fn limits_hold() {
    let limits = Limits { record_bytes: 20, ..tiny() };
    let source = b"{\"a\":1}\n{\"a\":2}\n{\"a\":\"12345678901234567\"}\n{\"a\":3}\n";
    let error = read_all_ways(source, &Options::default(), &limits).unwrap_err();
    assert_eq!(error.position(), Some(Position { record: 3, line: 3, byte: 16, file: 0 }));
    let source = b"[{\"a\":1},\n{\"a\":\"12345678901234567\"},{\"a\":3}]";
    let error = read_all_ways(source, &Options::default(), &limits).unwrap_err();
    assert_eq!(error.position(), Some(Position { record: 2, line: 2, byte: 10, file: 0 }));

    let limits = Limits { columns: 3, ..tiny() };
    let source = b"{\"a\":1,\"b\":1}\n{\"c\":1}\n{\"d\":1}\n";
    let error = read_all_ways(source, &Options::default(), &limits).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TooManyColumns { found: 4, limit: 3 });
}

#[test]
fn only_the_columns_asked_for() {
    let columns = |names: &[&str]| Options {
        columns: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..Options::default()
    };
    let source = format!("{}{{\"b\":\"z\"}}\n", "{\"a\":1,\"c\":\"x\"}\n".repeat(4));
    check_with(
        source.as_bytes(),
        &columns(&["b", "c"]),
        Format::JsonLines,
        &["b:category | c:category", "∅ | x", "∅ | x", "∅ | x", "∅ | x", "z | ∅"].map(|line| match line {
            "b:category | c:category" => "c:category | b:category",
            "∅ | x" => "x | ∅",
            _ => "∅ | z",
        }),
    );
    let error = ingest(source.as_bytes(), &columns(&["b", "nope"])).unwrap_err();
    assert_eq!(error.code(), "no-such-column");
}

#[test]
fn deep_nesting_and_many_keys_cost_no_stack_and_little_memory() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let unclosed = "{\"a\":[".repeat(100_000);
    for text in [&deep, &objects, &unclosed] {
        for format in [Format::JsonLines, Format::JsonArray] {
            let source = format!("[\n{{\"x\":1}},\n{{\"v\":{text}}}\n]\n");
            let _ = read([source.as_bytes()], &forced(format), &Limits::default());
            let _ = read([text.as_bytes()], &Options::default(), &Limits::default());
        }
    }
    let source = format!("{{\"x\":1}}\n{{\"v\":{deep}}}\n");
    let ingested = read([source.as_bytes()], &Options::default(), &Limits::default()).unwrap();
    assert_eq!(ingested.table.columns()[1].text(1).len(), deep.len());

    // Few of many keys in each record: the fields of a batch are bounded, however short its text.
    let source: String = (0..8000).map(|n| format!("{{\"key{}\":1}}\n", n % 2000)).collect();
    let ingested = read([source.as_bytes()], &Options::default(), &Limits::default()).unwrap();
    assert_eq!((ingested.table.n_rows(), ingested.table.columns().len()), (8000, 2000));
    assert_eq!(findings(&ingested), [""; 0]);
}

#[test]
fn objects_without_a_key_are_no_log() {
    for (source, format) in [("{}\n{}\n", None), ("{\n{}\n{", Some(Format::JsonLines)), ("[{},{}]", None)] {
        let error = ingest(source.as_bytes(), &Options { format, ..Options::default() }).unwrap_err();
        assert_eq!(error.code(), "no-records", "{source}: {error}");
    }
}
