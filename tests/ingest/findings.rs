//! Findings say how often, where, and what the records look like in the source.

use super::{Limits, Options, ingest, read};
use isoscope::engine::finding::{Action, Finding, Place};
use isoscope::engine::ingest::{DateOrder, Encoding, Ingest, Ingested, RowSample};
use isoscope::engine::table::ColumnType;
use isoscope::engine::time::zone::Zone;
use std::sync::Arc;

fn finding<'a>(ingested: &'a Ingested, code: &str) -> &'a Finding {
    let found = ingested.findings.iter().find(|finding| finding.kind.code() == code);
    found.unwrap_or_else(|| panic!("{code} among {:?}", ingested.findings))
}

fn texts(finding: &Finding) -> Vec<&str> {
    finding.places.iter().map(|place| place.text.as_str()).collect()
}

#[test]
fn the_first_records_are_shown_as_they_stand_in_the_source() {
    let source = b"name,n,text\r\na,1,\"one, two\"\r\nshort\r\nb,2,x,extra\r\n\"c\"d,3,\"\"\r\ne,4,\"open\r\nf,5,z\r\n\
                   g,6,\0\r\nh,7,\xFF\r\n";
    let encoding = Some(Encoding::Utf8);
    let options = Options { delimiter: Some(b','), header: Some(true), encoding, ..Options::default() };
    let ingested = ingest(source, &options).unwrap();
    for (code, action, lines) in [
        ("short-record", Action::Repaired, vec!["short"]),
        ("long-record", Action::Repaired, vec!["b,2,x,extra"]),
        ("text-after-quote", Action::Kept, vec!["\"c\"d,3,\"\""]),
        ("unclosed-quote", Action::Kept, vec!["e,4,\"open"]),
        ("nul-bytes", Action::Kept, vec!["g,6,\0"]),
        ("replaced-bytes", Action::Repaired, vec!["h,7,\u{FFFD}"]),
    ] {
        let finding = finding(&ingested, code);
        assert_eq!((finding.action, texts(finding)), (action, lines), "{code}");
        assert_eq!(finding.first, finding.places[0].position, "{code}");
    }
}

/// A zone that puts its clocks forward by an hour at two in the morning of a day, counted since 1970.
fn zone_with_gap_on(day: i64) -> Arc<Zone> {
    let moves = vec![(0, 0), ((day * 24 + 2) * 3_600_000, 3_600)];
    Arc::new(Zone::new("Test/Gap", moves).unwrap())
}

/// Sources of one odd kind each, with more odd records than are shown: what is said, and the first odd records by number.
#[test]
fn whatever_is_odd_shows_its_first_records() {
    let file = |header: &str, n: usize, line: &dyn Fn(usize) -> String| {
        (1..=n).fold(format!("{header}\n"), |file, i| file + &line(i) + "\n")
    };
    let default = Options::default;
    let gap_on = |day: i64| Options { zone: Some(zone_with_gap_on(day)), ..default() };
    let day_first = |options| Options { dates: [("at".into(), DateOrder::DayFirst)].into(), ..options };
    let ip = || Options { types: [("from".into(), ColumnType::Ip)].into(), ..default() };
    let sampled = || Options { sample: Some(RowSample { share: 0.5, seed: 3, by: None }), ..default() };
    let objects = |line: &dyn Fn(usize) -> String| (1..=30).map(|i| line(i) + "\n").collect::<String>();
    let march_10_2024 = 19_792;
    let january_28_2004 = 12_445;
    let cases: Vec<(&str, String, Options, Vec<u64>)> = vec![
        ("ambiguous-dates", file("at,n", 30, &|i| format!("{:02}/03/2024,{i}", i % 12 + 1)), default(), {
            (1..=11).filter(|i| i % 12 + 1 != 3).take(10).collect()
        }),
        (
            "mixed-time-formats",
            file("at,n", 60, &|i| match i % 4 {
                0 => format!("{}.03.2024,{i}", i % 15 + 13),
                1 if i > 4 => format!("Mar {} 2024,{i}", i % 28 + 1),
                _ => format!("2024-03-{:02},{i}", i % 28 + 1),
            }),
            default(),
            vec![4, 5, 8, 9, 12, 13, 16, 17, 20, 21],
        ),
        (
            "mixed-time-formats",
            file("at,n", 30, &|i| format!("2024-03-01T10:00:00{},{i}", if i > 2 { "" } else { "Z" })),
            default(),
            vec![1, 2],
        ),
        ("no-year", file("at,n", 30, &|i| format!("Mar {i} 10:00:00,{i}")), default(), (1..=10).collect()),
        // A clock change that shows only when the column has told the day from the month: 10 March or 3 October.
        (
            "nonexistent-time",
            file("at,n", 30, &|i| match i {
                1..=15 => format!("10/03/2024 02:{i:02},{i}"),
                _ => format!("2024-01-01 10:00,{i}"),
            }),
            day_first(gap_on(march_10_2024)),
            (1..=10).collect(),
        ),
        (
            "nonexistent-time",
            file("at,n", 31, &|i| match i {
                31 => "13/01/2024 02:00,31".to_owned(),
                _ => format!("10/03/2024 02:{i:02},{i}"),
            }),
            gap_on(march_10_2024),
            (1..=10).collect(),
        ),
        // The year of the first lines turns out to be 2004 with the last one.
        (
            "nonexistent-time",
            file("at,n", 32, &|i| match i {
                1 => "Dec 31 10:00:00,1".to_owned(),
                32 => "Feb 29 02:00:00,32".to_owned(),
                _ => format!("Jan {i} 02:30:00,{i}"),
            }),
            gap_on(january_28_2004),
            vec![28],
        ),
        (
            "bad-value",
            file("from,n", 60, &|i| {
                let other = if i % 8 == 0 { "host-b" } else { "host-a" };
                format!("{},{i}", if i % 4 == 0 { other.into() } else { format!("10.0.0.{i}") })
            }),
            ip(),
            (1..=10).map(|i| i * 4).collect(),
        ),
        (
            "ambiguous-type",
            file("took,n", 30, &|i| format!("10:{i:02}:00,{i}")),
            default(),
            (1..=10).collect(),
        ),
        ("row-limit", file("a,n", 30, &|i| format!("x,{i}")), Options { max_rows: Some(5), ..default() }, {
            (6..=15).collect()
        }),
        ("sampled", file("a,n", 60, &|i| format!("x,{i}")), sampled(), vec![]),
        (
            "duplicate-key",
            objects(&|i| format!("{{\"a\":{i},\"b\":1,\"a\":2}}")),
            default(),
            (1..=10).collect(),
        ),
        ("bad-escape", objects(&|i| format!("{{\"a\":\"\\ud800 {i}\"}}")), default(), (1..=10).collect()),
    ];
    for (code, source, options, records) in cases {
        for limits in [Limits::default(), super::tiny()] {
            let ingested = super::read_all_ways(source.as_bytes(), &options, &limits);
            let Ok(ingested) = ingested else { panic!("{code}: {ingested:?}") };
            let finding = finding(&ingested, code);
            let found: Vec<u64> = finding.places.iter().map(|place| place.position.record).collect();
            // What a type is taken for is told by the sample, however short.
            let expected = &records[..if code == "ambiguous-type" { found.len() } else { records.len() }];
            assert!(!found.is_empty() && (records.is_empty() || found == expected), "{code}: {found:?}");
            assert_eq!(finding.first, finding.places[0].position, "{code}");
            for Place { position, text } in &finding.places {
                let lines: Vec<&str> = source.lines().collect();
                assert_eq!(lines[position.line as usize - 1], text, "{code}");
                assert!(source[position.byte as usize..].starts_with(text), "{code} {position:?}");
            }
        }
    }
}

#[test]
fn ten_places_are_kept_in_file_order_and_all_are_counted() {
    let mut source = String::from("n,word\n");
    for row in 0..4_000 {
        source.push_str(&if row % 200 == 199 { format!("bad{row},x\n") } else { format!("{row},y\n") });
    }
    for batch_bytes in [37, 1_000, 1 << 20] {
        let limits = Limits { sample_bytes: 150, batch_bytes, ..Limits::default() };
        let ingested = read(source.as_bytes().chunks(1_111), &Options::default(), &limits).unwrap();
        let finding = finding(&ingested, "bad-number");
        assert_eq!((finding.count, finding.column.as_deref()), (20, Some("n")));
        let expected: Vec<String> = (0..10).map(|i| format!("bad{},x", i * 200 + 199)).collect();
        assert_eq!(texts(finding), expected);
        for (i, place) in finding.places.iter().enumerate() {
            assert_eq!(place.position.record, i as u64 * 200 + 200);
            assert!(source[place.position.byte as usize..].starts_with(&place.text));
        }
    }
}

#[test]
fn a_long_record_is_cut_between_characters() {
    let source = format!("a,b\n{}\nx,y\n", "😀".repeat(2_000));
    let options = Options { delimiter: Some(b','), header: Some(true), ..Options::default() };
    let ingested = read([source.as_bytes()], &options, &Limits::default()).unwrap();
    assert_eq!(texts(finding(&ingested, "short-record")), ["😀".repeat(Place::MAX_CHARS)]);
}

#[test]
fn what_is_about_no_record_has_no_place() {
    let source: Vec<u8> = "é,b\né,1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let ingested = read([&source[..]], &Options::default(), &Limits::default()).unwrap();
    let decoded = finding(&ingested, "decoded");
    assert_eq!((decoded.action, decoded.places.len()), (Action::Noted, 0));
}

#[test]
fn duplicate_rows_are_those_of_equal_values() {
    let source = b"user,n,x\na,1,0.50\nb,2,1.25\na,1,.5\na, 1,0.5\n,,\nb,2,\n,,\nb,2,1.25\n";
    let ingested = ingest(source, &Options::default()).unwrap();
    let duplicates = finding(&ingested, "duplicate-rows");
    assert_eq!((duplicates.count, duplicates.action), (4, Action::Kept));
    assert_eq!(texts(duplicates), ["a,1,0.5", "a,1,0.5", ",,", "b,2,1.25"]);
    let rows: Vec<u64> = duplicates.places.iter().map(|place| place.position.record).collect();
    assert_eq!(rows, [3, 4, 7, 8]);
    assert_eq!(ingested.table.n_rows(), 8, "they are kept");
}

#[test]
fn a_sample_keeps_a_share_of_rows_or_whole_entities() {
    let mut source = String::from("user,n\n");
    (0..20_000).for_each(|row| source.push_str(&format!("u{},{row}\n", row % 500)));
    let read_sample = |share: f64, seed: u64, by: Option<&str>, columns: Option<&str>| {
        let sample = Some(RowSample { share, seed, by: by.map(str::to_owned) });
        let columns = columns.map(|name| vec![name.to_owned()]);
        let options = Options { sample, columns, ..Options::default() };
        read(source.as_bytes().chunks(999), &options, &Limits::default()).unwrap()
    };
    let rows = read_sample(0.25, 7, None, None);
    let n_rows = rows.table.n_rows() as u64;
    assert!((4_700..5_300).contains(&n_rows), "{n_rows} of 20,000");
    let sampled = finding(&rows, "sampled");
    assert_eq!((sampled.count, sampled.action), (20_000 - n_rows, Action::SetAside));
    assert!(sampled.message.contains("0.25") && sampled.message.contains("seed 7"), "{}", sampled.message);
    assert_eq!(rows, read_sample(0.25, 7, None, None));
    assert_ne!(rows.table, read_sample(0.25, 8, None, None).table, "another seed, another sample");
    assert_eq!(read_sample(1.0, 7, None, None).table.n_rows(), 20_000);

    // Whole users: each has its 40 rows or none, whether or not its column is kept.
    let users = read_sample(0.25, 7, Some("user"), None);
    let column = &users.table.columns()[0];
    let mut n_by_user = std::collections::BTreeMap::new();
    (0..users.table.n_rows()).for_each(|row| *n_by_user.entry(column.text(row)).or_insert(0) += 1);
    assert!(n_by_user.values().all(|&n| n == 40) && (90..160).contains(&n_by_user.len()), "{n_by_user:?}");
    assert!(finding(&users, "sampled").message.contains("\"user\""));
    let without = read_sample(0.25, 7, Some("user"), Some("n"));
    assert_eq!(without.table.columns()[0], users.table.columns()[1]);

    for (share, seed) in [(0.0, 1), (1.1, 1), (f64::NAN, 1), (0.5, 1 << 53)] {
        let sample = Some(RowSample { share, seed, by: None });
        assert_eq!(Ingest::new(Options { sample, ..Options::default() }).unwrap_err().code(), "options");
    }
    let sample = Some(RowSample { share: 0.5, seed: 1, by: Some("nobody".to_owned()) });
    let options = Options { sample, ..Options::default() };
    assert_eq!(read([source.as_bytes()], &options, &Limits::default()).unwrap_err().code(), "no-such-column");
}
