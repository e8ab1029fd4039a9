//! What the caller says of the values: the zone, types, the order of dates, words for no value.

use super::{Options, ingest, render};
use isoscope::engine::finding::Finding;
use isoscope::engine::ingest::{DateOrder, Ingest, Ingested, QuestionKind};
use isoscope::engine::table::ColumnType;
use isoscope::engine::time::zone::Zone;
use std::sync::Arc;

fn told(source: &str, options: &Options) -> Ingested {
    ingest(source.as_bytes(), options).expect("a table")
}

fn lines(ingested: &Ingested) -> Vec<String> {
    render(ingested).split('\n').map(str::to_owned).collect()
}

fn finding<'a>(ingested: &'a Ingested, code: &str) -> &'a Finding {
    ingested.findings.iter().find(|finding| finding.kind.code() == code).expect("the finding")
}

/// Europe/Berlin around the moves of 2024.
fn berlin() -> Options {
    let transitions = vec![(0, 3_600), (1_711_846_800_000, 7_200), (1_729_990_800_000, 3_600)];
    let zone = Zone::new("Europe/Berlin", transitions).expect("a zone");
    Options { zone: Some(Arc::new(zone)), ..Options::default() }
}

#[test]
fn local_times_of_a_zone() {
    let source = "at,n\n2024-03-31 01:59:59,1\n2024-03-31 02:30:00,2\n2024-03-31 03:00:00,3\n\
                  2024-10-27 02:30:00,4\n2024-10-27 02:30:00+01:00,5\n2024-10-27 03:00:00,6\n";
    let ingested = told(source, &berlin());
    assert_eq!(
        lines(&ingested),
        [
            "at:timestamp | n:integer",
            "2024-03-31T01:59:59+01:00 | 1",
            "2024-03-31T03:30:00+02:00 | 2",
            "2024-03-31T03:00:00+02:00 | 3",
            "2024-10-27T02:30:00+02:00 | 4",
            "2024-10-27T02:30:00+01:00 | 5",
            "2024-10-27T03:00:00+01:00 | 6",
            "! nonexistent-time x1 @2:3:27",
            "! ambiguous-time x1 @4:5:71",
            "! mixed-time-formats x1 @5:6:93",
        ]
    );
    assert_eq!(ingested.time_zone.as_deref(), Some("Europe/Berlin"));
    let gap = finding(&ingested, "nonexistent-time");
    assert!(gap.message.contains("Europe/Berlin") && gap.places[0].text.contains("02:30:00"), "{gap:?}");
    let mixed = finding(&ingested, "mixed-time-formats");
    assert!(
        mixed.message.contains("5 do not and were taken as those of clocks in Europe/Berlin"),
        "{mixed:?}"
    );
    let unzoned = told(source, &Options::default());
    assert!(
        finding(&unzoned, "mixed-time-formats").message.contains("5 do not and were taken as they stand")
    );
}

#[test]
fn times_that_name_a_zone_keep_their_moment() {
    let ingested = told("at\n2024-07-01T10:00:00Z\n2024-12-01T10:00:00+05:30\n", &berlin());
    assert_eq!(lines(&ingested), ["at:timestamp", "2024-07-01T12:00:00+02:00", "2024-12-01T05:30:00+01:00"]);
}

#[test]
fn a_type_the_caller_names_never_turns() {
    let of = |column: &str, column_type| Options {
        types: [(column.to_owned(), column_type)].into(),
        ..Options::default()
    };
    let source = "id,n\n007,1\nx,2\n9,3\n";
    // Leading zeros are no integer: writing it back would lose them.
    let integers = told(source, &of("id", ColumnType::Integer));
    assert_eq!(
        lines(&integers),
        ["id:integer | n:integer", "∅ | 1", "∅ | 2", "9 | 3", "! bad-number x2 @1:2:5"]
    );
    let words = told("id,n\n7,1\n8,2\n9,3\n", &of("id", ColumnType::Category));
    assert_eq!(lines(&words), ["id:category | n:integer", "7 | 1", "8 | 2", "9 | 3"]);
    let times = told("at,n\n2024-01-01,1\nnever,2\n2024-01-03,3\n", &of("at", ColumnType::Timestamp));
    let expected = [
        "at:timestamp | n:integer",
        "2024-01-01T00:00:00 | 1",
        "∅ | 2",
        "2024-01-03T00:00:00 | 3",
        "! bad-time x1 @2:3:18",
    ];
    assert_eq!(lines(&times), expected);
}

#[test]
fn dates_that_do_not_decide_are_asked_about_and_answered() {
    let source = "on,n\n01/02/2024,1\n03/04/2024,2\n01/02/2024,3\n05/06/2024,4\n07/08/2024,5\n";
    let asked = told(source, &Options::default());
    let [question] = &asked.questions[..] else { panic!("{:?}", asked.questions) };
    assert_eq!((question.column.as_str(), question.kind), ("on", QuestionKind::DateOrder));
    assert_eq!(question.examples, ["01/02/2024", "03/04/2024", "05/06/2024"]);
    assert!(question.day_first[0].starts_with("2024-02-01"), "{:?}", question.day_first);
    assert!(question.month_first[0].starts_with("2024-01-02"), "{:?}", question.month_first);
    for (order, first) in
        [(DateOrder::DayFirst, "2024-02-01T00:00:00"), (DateOrder::MonthFirst, "2024-01-02T00:00:00")]
    {
        let options = Options { dates: [("on".to_owned(), order)].into(), ..Options::default() };
        let answered = told(source, &options);
        assert_eq!(answered.table.columns()[0].text(0), first);
        assert!(answered.questions.is_empty(), "{:?}", answered.questions);
        if order == question.assumed {
            assert_eq!(answered.table, asked.table);
        }
    }
}

#[test]
fn dates_that_decide_are_not_asked_about() {
    let day_first = told("on,n\n01/02/2024,1\n31/01/2024,2\n", &Options::default());
    let month_first = told("on,n\n01/02/2024,1\n01/31/2024,2\n", &Options::default());
    assert_eq!(day_first.table.columns()[0].text(0), "2024-02-01T00:00:00");
    assert_eq!(month_first.table.columns()[0].text(0), "2024-01-02T00:00:00");
    assert!(day_first.questions.is_empty() && month_first.questions.is_empty());
}

#[test]
fn words_for_no_value() {
    let source = "a,b\n1,x\n?,-\nNA,unknown\n,z\n";
    let of = |words: &[&str]| Options {
        missing: Some(words.iter().map(|word| (*word).to_owned()).collect()),
        ..Options::default()
    };
    assert_eq!(
        lines(&told(source, &of(&["?", "NA", "unknown"]))),
        ["a:integer | b:category", "1 | x", "∅ | -", "∅ | ∅", "∅ | z"]
    );
    // Of an empty list, empty cells alone hold no value.
    assert_eq!(
        lines(&told(source, &of(&[]))),
        ["a:category | b:category", "1 | x", "? | -", "NA | unknown", "∅ | z"]
    );
}

#[test]
fn a_size_known_beforehand_makes_room_and_changes_nothing_else() {
    let mut text = "time,user,n,share,ok\n".to_owned();
    for row in 0..60_000 {
        let (user, ok) = (row * 7 % 5_000, row % 3 == 0);
        text += &format!(
            "2025-01-01T00:{:02}:{:02}Z,u{user},{row},{}.5,{ok}\n",
            row / 60 % 60,
            row % 60,
            row % 9
        );
    }
    let read = |total_bytes: Option<u64>| {
        let options = Options { total_bytes, ..Options::default() };
        let mut ingest = Ingest::new(options).expect("options");
        text.as_bytes().chunks(1 << 16).for_each(|chunk| ingest.push(chunk).expect("a log"));
        let heap_bytes = ingest.heap_bytes();
        (ingest.finish().expect("a log"), heap_bytes)
    };
    let n_bytes = text.len() as u64;
    assert!(n_bytes > 2 << 20, "longer than the sample: {n_bytes}");
    let (expected, without) = read(None);
    for wrong in [0, n_bytes / 2, n_bytes, n_bytes * 5] {
        assert_eq!(read(Some(wrong)).0, expected, "{wrong} bytes");
    }
    let (_, with) = read(Some(n_bytes));
    // Per row 8 bytes of time, 4 of user, 8 of n and of share, and 1 of ok; doubling reserves 65,536 and 131,072 rows.
    assert!(with + 4_000 * 29 < without, "{with} bytes with room, {without} without");
}

#[test]
fn ports_behind_addresses_are_left_out_unless_told() {
    let source = "peer,n\n10.0.0.1:51234,1\n10.0.0.1:51235,2\n[2001:db8::7]:443,3\n10.0.0.2,4\n,5\n";
    let typed = |column_type| Options { types: [("peer".into(), column_type)].into(), ..Options::default() };
    let addresses = [
        "peer:ip | n:integer",
        "10.0.0.1 | 1",
        "10.0.0.1 | 2",
        "2001:db8::7 | 3",
        "10.0.0.2 | 4",
        "∅ | 5",
        "! ambiguous-type x3 @0:0:0",
    ];
    let found = told(source, &Options::default());
    assert_eq!(lines(&found), addresses);
    let message = &finding(&found, "ambiguous-type").message;
    assert!(message.contains("10.0.0.1:51234") && message.contains("category"), "{message}");
    assert_eq!(lines(&told(source, &typed(ColumnType::Ip))), addresses);
    let whole = lines(&told(source, &typed(ColumnType::Category)));
    assert_eq!(whole[..2], ["peer:category | n:integer", "10.0.0.1:51234 | 1"]);
    // A value of another kind leaves the column as it is, unless it was told.
    let mixed = source.replace("10.0.0.2", "localhost:80");
    assert_eq!(lines(&told(&mixed, &Options::default()))[1], "10.0.0.1:51234 | 1");
    let told_ip = lines(&told(&mixed, &typed(ColumnType::Ip)));
    assert_eq!(told_ip[1..5], ["10.0.0.1 | 1", "10.0.0.1 | 2", "2001:db8::7 | 3", "∅ | 4"]);
    // Rows that are given away while they are read have the same values.
    let types = [("peer".to_owned(), ColumnType::Ip), ("n".to_owned(), ColumnType::Integer)].into();
    let mut reading = Ingest::new(Options { types, ..Options::default() }).unwrap();
    reading.push(source.as_bytes()).unwrap();
    let last = reading.take_block(1).unwrap().is_none();
    let rest = reading.finish().unwrap();
    assert!(last && rest.table.columns()[0].text(1) == "10.0.0.1", "{:?}", rest.table);
}
