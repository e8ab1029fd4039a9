//! Findings say how often, where, and what the records look like in the source.

use super::{Limits, Options, ingest, read};
use isoscope::engine::finding::{Action, Finding, Place};
use isoscope::engine::ingest::{Encoding, Ingest, Ingested, RowSample};

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
