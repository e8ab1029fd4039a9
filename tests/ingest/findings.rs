//! Findings say how often, where, and what the records look like in the source.

use super::{Limits, Options, ingest, read};
use isoscope::engine::finding::{Action, Finding, Place};
use isoscope::engine::ingest::{Encoding, Ingested};

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
