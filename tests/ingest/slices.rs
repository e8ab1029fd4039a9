//! A file read in slices gives what the same file gives to one reader, wherever slices begin.

use super::{Limits, Options, read, tiny};
use isoscope::engine::error::Result;
use isoscope::engine::ingest::{DateOrder, Ingest, Ingested, RowSample, Slice, SliceReading};
use isoscope::engine::table::ColumnType;
use isoscope::engine::time::zone::Zone;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How slices went.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Went {
    pub(super) n_taken: usize,
    pub(super) n_refused: usize,
}

/// Reads a slice, as it comes: at once and in pieces alike.
fn read_slice(options: &Options, schema: &[u8], at: u64, bytes: &[u8]) -> Result<Slice> {
    let read = |n_bytes: usize| {
        let mut reading = SliceReading::new(options, schema, at)?;
        bytes.chunks(n_bytes).try_for_each(|piece| reading.push(piece))?;
        reading.finish()
    };
    let whole = read(bytes.len().max(1));
    assert_eq!(read(1009).ok(), whole.as_ref().ok().cloned());
    whole
}

/// Reads a source in slices that begin at `borders`; what lies before the first is read as ever. `n_ahead` slices are
/// read before the first of them is added, as workers do.
pub(super) fn read_sliced(
    source: &[u8],
    borders: &[usize],
    n_ahead: usize,
    options: &Options,
    limits: &Limits,
) -> Result<(Ingested, Went)> {
    let mut ingest = Ingest::with_limits(options.clone(), limits.clone())?;
    let mut went = Went::default();
    let mut next = 0;
    let ends = borders[1.min(borders.len())..].iter().copied().chain([source.len()]);
    let spans: Vec<(usize, usize)> = borders.iter().copied().zip(ends).collect();
    for spans in spans.chunks(n_ahead) {
        if let Some(bytes) = source.get(next..spans[0].0) {
            ingest.push(bytes)?;
            next = spans[0].0;
        }
        let schema = ingest.slice_schema();
        let slices: Vec<_> = spans
            .iter()
            .map(|&(from, to)| {
                let slice = read_slice(options, schema.as_ref()?, from as u64, &source[from..to]).ok()?;
                Some(slice)
            })
            .collect();
        for (slice, &(_, to)) in slices.into_iter().zip(spans) {
            let end = slice.and_then(|slice| {
                let start = slice.start as usize;
                if let Some(gap) = source.get(next..start) {
                    ingest.push(gap).ok()?;
                    next = start;
                }
                ingest.absorb(&slice.bytes)
            });
            match end {
                Some(end) => {
                    next = end as usize;
                    went.n_taken += 1;
                }
                None => {
                    went.n_refused += 1;
                    if let Some(rest) = source.get(next..to) {
                        ingest.push(rest)?;
                        next = to;
                    }
                }
            }
        }
    }
    ingest.push(&source[next..])?;
    Ok((ingest.finish()?, went))
}

/// Reads a source in two slices and what lies before them, with every border; each must give the same as one reader.
/// Gives how many slices were taken.
pub(super) fn check_every_border(
    source: &[u8],
    options: &Options,
    limits: &Limits,
    whole: &Result<Ingested>,
) -> usize {
    let mut n_taken = 0;
    for first in 0..source.len() {
        for second in [first, (first + 1).min(source.len()), first + (source.len() - first) / 2] {
            match read_sliced(source, &[first, second], 2, options, limits) {
                Ok((ingested, went)) => {
                    assert_eq!(Ok(&ingested), whole.as_ref(), "slices from {first} and {second}");
                    n_taken += went.n_taken;
                }
                Err(error) => assert_eq!(Err(&error), whole.as_ref(), "slices from {first} and {second}"),
            }
        }
    }
    n_taken
}

/// Reads a source in equal slices; the result must be that of one reader. Gives how slices went.
#[track_caller]
fn check(source: &str, slice_bytes: usize) -> Went {
    let limits = Limits { sample_bytes: 400, ..Limits::default() };
    let whole = read([source.as_bytes()], &Options::default(), &limits).unwrap();
    let borders: Vec<usize> = (401..source.len()).step_by(slice_bytes).collect();
    let (sliced, went) = read_sliced(source.as_bytes(), &borders, 3, &Options::default(), &limits).unwrap();
    assert_eq!(sliced, whole);
    went
}

fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(line).collect()
}

#[test]
fn plain_slices_are_all_taken() {
    let source = lines(2000, |i| {
        let time = format!("2026-01-{:02} {:02}:{:02}:00", 1 + i % 28, i % 24, i % 60);
        format!("{time},user{},{},{}.5,{},{}\n", i * i % 97, i % 7, i, i % 2 == 0, ["", "x", "ü"][i % 3])
    });
    let went = check(&format!("time,user,n,amount,ok,note\n{source}"), 1500);
    assert!(went.n_refused == 0 && went.n_taken > 50, "{went:?}");
}

#[test]
fn slices_of_lines_are_all_taken() {
    let objects = lines(2000, |i| {
        let note = ["", "\\u00fc and \\\"more\\\"", "ü\\n"][i % 3];
        format!(
            "{{\"n\":{i},\"user\":\"u{}\",\"note\":\"{note}\",\"at\":{{\"lat\":{}.5}}}}\r\n",
            i % 7,
            i % 60
        )
    });
    let requests = lines(2000, |i| {
        format!(
            "10.0.0.{} - u{} [10/Oct/2025:13:{:02}:36 +0200] \"GET /{} HTTP/1.1\" 200 {i} \"-\" \"curl/8\"\n",
            i % 9,
            i % 7,
            i / 40,
            i % 30
        )
    });
    for source in [objects, requests, extended(4000, |_| None)] {
        let went = check(&source, 1500);
        assert!(went.n_refused == 0 && went.n_taken > 50, "{went:?}");
    }
}

/// An extended log of `n` lines; `directive` gives what else stands above some.
fn extended(n: usize, directive: impl Fn(usize) -> Option<&'static str>) -> String {
    let line = |i: usize| {
        let above = directive(i).map_or(String::new(), |line| format!("{line}\n"));
        format!("{above}{:02}:{:02}:00 10.0.0.{} u{} /{}\n", i / 60 % 24, i % 60, i % 9, i % 7, i % 30)
    };
    format!("#Date: 2026-01-01\n#Fields: time c-ip cs-username cs-uri-stem\n{}", lines(n, line))
}

#[test]
fn lines_are_read_by_the_directives_above_them() {
    let same = "#Software: x\n#Date: 2026-01-01 05:00:00\n#Fields: time c-ip cs-username cs-uri-stem";
    let went = check(&extended(4000, |i| (i % 300 == 299).then_some(same)), 1500);
    assert!(went.n_refused == 0 && went.n_taken > 50, "{went:?}");
    for other in ["#Date: 2026-01-02", "#Fields: time c-ip cs-uri-stem cs-username", "#Time Format: Local"] {
        let went = check(&extended(2000, |i| (i == 900).then_some(other)), 500);
        assert!((1..=3).contains(&went.n_refused) && went.n_taken > 50, "{other}: {went:?}");
        // And back again, within a slice.
        let back = |i: usize| match i {
            900 => Some(other),
            901 => Some("#Time Format: UTC\n#Date: 2026-01-01\n#Fields: time c-ip cs-username cs-uri-stem"),
            _ => None,
        };
        assert!(check(&extended(2000, back), 5000).n_refused > 0);
    }
}

#[test]
fn lines_with_a_new_column_or_none_at_all_are_read_by_one() {
    let object = |i: usize| format!("{{\"n\":{i},\"user\":\"u{}\"}}\n", i % 7);
    for odd in [
        "{\"n\":1,\"new\":2}\n",
        "{\"n\":1,\n",
        "[]\n",
        "\n \n",
        "{\"n\":1,\"n\":2}\n",
        "{\"n\":\"\\ud800\"}\n",
    ] {
        let source = lines(900, |i| if i == 600 { odd.to_owned() } else { object(i) });
        let went = check(&source, 500);
        assert!(went.n_taken > 20 && went.n_refused <= 2, "{odd:?}: {went:?}");
    }
    // An element of an array may go on over lines.
    let array = format!("[{}]", lines(900, object).trim_end().replace('\n', ",\n"));
    assert_eq!(check(&array, 500).n_taken, 0);
}

#[test]
fn line_ends_inside_quotes_are_told_from_those_of_records() {
    let source = lines(1000, |i| {
        format!("{i},\"he said \"\"no\"\",\nand {i} times, so:\r\n\r\nyes\",user{}\r\n", i % 9)
    });
    let went = check(&format!("n,text,user\r\n{source}"), 777);
    assert!(went.n_taken > 20 * went.n_refused.max(1), "{went:?}");
}

#[test]
fn lines_in_quotes_that_look_like_records_are_refused_and_read() {
    let source = lines(400, |i| format!("{i},\"1,x\n2,y\n3,z\n4,w\"\n"));
    let went = check(&format!("n,text\n{source}"), 300);
    assert!(went.n_refused > 0, "{went:?}");
}

#[test]
fn quotes_forgotten_here_and_there() {
    let source = lines(900, |i| match i % 30 {
        7 => format!("{i},\"open {i},u\n"),
        11 | 19 => format!("{i},\"two\nlines, {i}\",u\n"),
        _ if i % 3 == 0 => format!("{i},\"q, {i}\",u\n"),
        _ => format!("{i},plain,u\n"),
    });
    let went = check(&format!("n,text,user\n{source}"), 700);
    assert!(went.n_taken > 0, "{went:?}");
}

#[test]
fn what_depends_on_rows_before_is_read_by_one() {
    // Times without a year, a spelling that changes, a quote that never closes, a column that turns.
    check(&format!("time,user\n{}", lines(900, |i| format!("Jan {:2} 10:00:00,u{i}\n", 1 + i / 30))), 500);
    check(
        &format!("ok,user\n{}", lines(900, |i| format!("{},u\n", if i < 500 { "true" } else { "TRUE" }))),
        500,
    );
    check(
        &format!("a,b\n{}x,\"y\n{}", lines(300, |i| format!("{i},b\n")), lines(300, |i| format!("{i},b\n"))),
        400,
    );
    check(
        &format!("n,b\n{}", lines(4000, |i| if i < 200 { format!("{i},b\n") } else { format!("w{i},b\n") })),
        900,
    );
    check(
        &format!("n,b\n{}", lines(900, |i| if i < 500 { ",b\n".to_owned() } else { format!("w{i},b\n") })),
        300,
    );
    check(&format!("n,b\n{}", lines(900, |i| if i % 2 == 0 { "1,b\n" } else { "NaN,b\n" }.to_owned())), 300);
    check(&format!("n,b\n{}", lines(900, |i| format!("{},b\n", if i < 700 { "17" } else { "1.5" }))), 300);
    check(&format!("d,b\n{}", lines(900, |i| format!("{}/{}/2026,b\n", 1 + i % 12, 1 + i / 80))), 300);
}

#[test]
fn a_column_that_became_fractions_goes_on_in_slices() {
    let source = lines(2000, |i| if i == 300 { "1.5,b\n".to_owned() } else { format!("{i},b\n") });
    let went = check(&format!("n,b\n{source}"), 500);
    assert!(went.n_refused <= 3 && went.n_taken > 20, "{went:?}");
}

#[test]
fn the_row_limit_holds() {
    let source = format!("n,b\n{}", lines(2000, |i| format!("{i},b\n")));
    for max_rows in [1, 500, 1999, 2000, 5000] {
        let options = Options { max_rows: Some(max_rows), ..Options::default() };
        let limits = Limits { sample_bytes: 400, ..Limits::default() };
        let whole = read([source.as_bytes()], &options, &limits).unwrap();
        let borders: Vec<usize> = (401..source.len()).step_by(700).collect();
        let (sliced, _) = read_sliced(source.as_bytes(), &borders, 2, &options, &limits).unwrap();
        assert_eq!(sliced, whole);
    }
}

#[test]
fn slices_are_read_with_the_options_of_the_file() {
    let source = lines(2000, |i| {
        let (day, hour) = (1 + i % 12, i % 24);
        format!(
            "{},{},{day}/{day}/2026 {hour}:30,{},u{}\n",
            i % 50,
            i % 90,
            ["none", "yes", "no"][i % 3],
            i % 40
        )
    });
    let source = format!("code,secs,time,ok,user\n{source}");
    let options = Options {
        missing: Some(vec!["none".to_owned(), "17".to_owned()]),
        types: BTreeMap::from([
            ("code".to_owned(), ColumnType::Category),
            ("secs".to_owned(), ColumnType::Duration),
        ]),
        dates: BTreeMap::from([("time".to_owned(), DateOrder::DayFirst)]),
        zone: Some(Arc::new(Zone::new("Test/Zone", vec![(0, 3600), (1_774_746_000_000, 7200)]).unwrap())),
        columns: Some(["code", "secs", "time", "ok"].map(str::to_owned).to_vec()),
        ..Options::default()
    };
    let limits = Limits { sample_bytes: 400, ..Limits::default() };
    let whole = read([source.as_bytes()], &options, &limits).unwrap();
    let types: Vec<ColumnType> = whole.table.columns().iter().map(|column| column.column_type()).collect();
    use ColumnType::{Boolean, Category, Duration, Timestamp};
    assert_eq!(types, [Category, Duration, Timestamp, Boolean]);
    assert!(whole.table.columns()[3].validity().n_missing() > 600);
    let borders: Vec<usize> = (401..source.len()).step_by(1500).collect();
    let (sliced, went) = read_sliced(source.as_bytes(), &borders, 3, &options, &limits).unwrap();
    assert_eq!(sliced, whole);
    assert!(went.n_refused == 0 && went.n_taken > 20, "{went:?}");
}

#[test]
fn slices_of_another_file_keep_their_file() {
    let file = |short: &str| format!("n,b\n{}{short}\n", lines(200, |i| format!("{i},\"b\"\n")));
    let (first, second) = (file("7"), file("8"));
    let limits = Limits { sample_bytes: 400, ..Limits::default() };
    let ends = |is_sliced: bool| {
        let mut ingest = Ingest::with_limits(Options::default(), limits.clone()).unwrap();
        ingest.begin_file("first").unwrap();
        ingest.push(first.as_bytes()).unwrap();
        ingest.begin_file("second").unwrap();
        ingest.push(&second.as_bytes()[..500]).unwrap();
        let mut next = 500;
        if is_sliced {
            let schema = ingest.slice_schema().unwrap();
            let slice = read_slice(&Options::default(), &schema, 600, &second.as_bytes()[600..]).unwrap();
            ingest.push(&second.as_bytes()[500..slice.start as usize]).unwrap();
            next = ingest.absorb(&slice.bytes).expect("it is next") as usize;
        }
        ingest.push(&second.as_bytes()[next..]).unwrap();
        ingest.finish().unwrap()
    };
    assert_eq!(ends(true), ends(false));
}

#[test]
fn bytes_that_are_no_slice_change_nothing() {
    let source = format!("n,b\n{}", lines(300, |i| format!("{i},\"b{i}\"\n")));
    let limits = Limits { sample_bytes: 400, ..Limits::default() };
    let mut ingest = Ingest::with_limits(Options::default(), limits.clone()).unwrap();
    assert_eq!((ingest.slice_schema(), ingest.absorb(b"")), (None, None));
    ingest.push(&source.as_bytes()[..1000]).unwrap();
    let schema = ingest.slice_schema().unwrap();
    assert!(read_slice(&Options::default(), &schema[..5], 0, b"").is_err());
    let slice = read_slice(&Options::default(), &schema, 1000, &source.as_bytes()[1000..]).unwrap();
    ingest.push(&source.as_bytes()[1000..slice.start as usize]).unwrap();
    for n in 0..slice.bytes.len() {
        assert_eq!(ingest.absorb(&slice.bytes[..n]), None);
    }
    ingest.push(&source.as_bytes()[slice.start as usize..]).unwrap();
    let whole = read([source.as_bytes()], &Options::default(), &limits);
    assert_eq!(ingest.finish(), whole);
}

/// Cells of all types, as they stand in a file.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (0i64..300).prop_map(|n| n.to_string()),
        2 => (0i64..50).prop_map(|n| format!("word {n}")),
        1 => "\"[a-z,\"\"\n\r]{0,9}\"",
        1 => "[a-z\",\n\r;]{0,5}",
        1 => (1u32..13, 1u32..13).prop_map(|(a, b)| format!("{a}/{b}/2026")),
        1 => (10u32..60).prop_map(|n| format!("2026-03-04 10:{n}:00")),
        1 => (0i64..999).prop_map(|n| format!("{n}.25")),
        1 => prop::sample::select(&["", "NaN", "true", "FALSE", "no", "inf", "007", "Jan 3 10:00:00"][..]).prop_map(str::to_owned),
    ]
}

/// A column whose cells are mostly of one kind.
fn column(n_rows: usize) -> impl Strategy<Value = Vec<String>> {
    (cell(), prop::collection::vec(prop::option::weighted(0.1, cell()), n_rows), 0i64..40).prop_map(
        |(usual, cells, step)| {
            let number = usual.parse::<i64>();
            let usual =
                |row: usize| number.as_ref().map_or(usual.clone(), |n| (n + step * row as i64).to_string());
            cells.into_iter().enumerate().map(|(row, cell)| cell.unwrap_or_else(|| usual(row))).collect()
        },
    )
}

/// A file: columns, a line end, and broken bytes put in here and there.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let columns =
        (1usize..5, 1usize..60).prop_flat_map(|(n, n_rows)| prop::collection::vec(column(n_rows), n));
    let breaks = prop::collection::vec(
        (any::<prop::sample::Index>(), prop::sample::select(&b"\xFF\n\r\0\","[..])),
        0..3,
    );
    (columns, prop::sample::select(&["\n", "\r\n", "\r", "\n\n"][..]), breaks).prop_map(
        |(columns, end, breaks)| {
            let mut source = (0..columns.len()).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",") + end;
            for row in 0..columns[0].len() {
                let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
                source += &cells.join(",");
                source += end;
            }
            let mut source = source.into_bytes();
            for (at, byte) in breaks {
                let at = at.index(source.len());
                source.insert(at, byte);
            }
            source
        },
    )
}

/// What a caller may say about [`file`]s: words for no value, columns that are kept, types, orders of dates, a zone, a
/// limit and a sample of rows.
fn options() -> impl Strategy<Value = Options> {
    let name = || prop::sample::select(&["c0", "c1", "c2"][..]).prop_map(str::to_owned);
    let types = {
        use ColumnType::{Boolean, Category, Duration, Float, Integer, Ip, Text, Timestamp};
        &[Integer, Float, Boolean, Timestamp, Duration, Ip, Category, Text][..]
    };
    let orders = &[DateOrder::DayFirst, DateOrder::MonthFirst][..];
    // An hour is skipped, and another comes twice, within the times of a file.
    let changes = vec![(0, 3600), (1_772_618_000_000, 7200), (1_772_619_900_000, 3600)];
    let zone = Arc::new(Zone::new("Test/Zone", changes).unwrap());
    (
        prop::option::of(prop::sample::subsequence(&["17", "word 3", "no", "NaN", "x"][..], 0..4)),
        prop::option::weighted(0.2, prop::sample::subsequence(&["c0", "c1", "c2"][..], 1..3)),
        prop::collection::btree_map(name(), prop::sample::select(types), 0..3),
        prop::collection::btree_map(name(), prop::sample::select(orders), 0..3),
        prop::option::of(Just(zone)),
        prop::option::weighted(0.2, 1u64..50),
        prop::option::weighted(0.1, any::<u64>()),
    )
        .prop_map(|(missing, columns, types, dates, zone, max_rows, seed)| {
            let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
            Options {
                missing: missing.map(owned),
                columns: columns.map(owned),
                types,
                dates,
                zone,
                max_rows,
                sample: seed.map(|seed| RowSample { share: 0.5, seed, by: None }),
                ..Options::default()
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever the options say holds in slices as it does without.
    #[test]
    fn slices_change_nothing_under_options(
        source in file(),
        options in options(),
        borders in prop::collection::vec(any::<prop::sample::Index>(), 1..8),
        sample_bytes in 20usize..400,
    ) {
        let limits = Limits { sample_bytes, batch_bytes: 50, ..Limits::default() };
        let mut borders: Vec<usize> = borders.iter().map(|at| at.index(source.len())).collect();
        borders.sort_unstable();
        let whole = read([&source[..]], &options, &limits);
        let sliced = read_sliced(&source, &borders, 2, &options, &limits);
        prop_assert_eq!(sliced.map(|(ingested, _)| ingested), whole);
    }

    /// Slices at any borders give what one reader gives: table, findings, records, bytes, files.
    #[test]
    fn slices_change_nothing(
        source in file(),
        borders in prop::collection::vec(any::<prop::sample::Index>(), 1..8),
        n_ahead in 1usize..5,
        sample_bytes in 20usize..400,
    ) {
        let limits = Limits { sample_bytes, batch_bytes: 50, ..Limits::default() };
        let mut borders: Vec<usize> = borders.iter().map(|at| at.index(source.len())).collect();
        borders.sort_unstable();
        let whole = read([&source[..]], &Options::default(), &limits);
        let sliced = read_sliced(&source, &borders, n_ahead, &Options::default(), &limits);
        prop_assert_eq!(sliced.map(|(ingested, _)| ingested), whole);
    }
}

#[test]
fn a_tiny_record_limit_is_kept_in_slices() {
    let source =
        format!("a,b\n{}", lines(60, |i| format!("{i},\"b{}\n", if i % 9 == 0 { "" } else { "\"" })));
    let limits = Limits { record_bytes: 40, ..tiny() };
    let whole = read([source.as_bytes()], &Options::default(), &limits);
    assert!(check_every_border(source.as_bytes(), &Options::default(), &limits, &whole) > 0);
}
