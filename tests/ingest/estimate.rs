//! The estimate from the first MiB against what reading the whole takes.

use super::{Limits, Options, read};
use isoscope::engine::ingest::{RowSample, estimate};
use isoscope::engine::synth::{self, Sample, Spec};

const SAMPLE: usize = 1 << 20;

/// Reads a source whole and compares; gives estimated over real bytes of the table.
fn compare(name: &str, source: &[u8]) -> f64 {
    let guess = estimate(&source[..SAMPLE], &Options::default(), source.len() as u64, false).unwrap().0;
    let real = read([source], &Options::default(), &Limits::default()).unwrap().table;
    let rows = guess.rows as f64 / real.n_rows() as f64;
    assert!((0.95..1.05).contains(&rows), "{name}: {} rows, really {}", guess.rows, real.n_rows());
    assert!(guess.peak_bytes > guess.table_bytes && !guess.is_whole, "{name}: {guess:?}");
    for (column, real) in guess.columns.iter().zip(real.columns()) {
        assert_eq!((&*column.name, column.column_type), (real.name(), real.column_type()), "{name}");
        assert!((1..=3).contains(&column.examples.len()), "{name}: {column:?}");
    }
    guess.table_bytes as f64 / real.heap_bytes() as f64
}

#[test]
fn tables_of_known_size_are_estimated_within_a_factor() {
    for sample in [Sample::OfficeActivity, Sample::WebSessions, Sample::Logins] {
        let source = synth::generate(&Spec { users: 4_000, ..Spec::new(sample) }).unwrap().csv;
        assert!(source.len() > 4 * SAMPLE, "{} bytes", source.len());
        let factor = compare(sample.file_name(), &source);
        assert!((0.7..1.8).contains(&factor), "{}: {factor}", sample.file_name());
    }
    // Identifiers of every kind of growth: all different, few, and seen out after a while.
    let mut source = String::from("id,word,user,x\n");
    for row in 0u64..400_000 {
        let mixed = row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        source.push_str(&format!("id-{row:08},w{},u{},{}.5\n", row % 7, mixed % 20_000, row % 1_000));
    }
    let factor = compare("identifiers", source.as_bytes());
    assert!((0.7..1.5).contains(&factor), "identifiers: {factor}");
}

#[test]
fn a_whole_sample_is_exact_and_options_count() {
    let source = b"user,n\na,1\nb,2\na,3\n";
    let guess = estimate(source, &Options::default(), source.len() as u64, true).unwrap().0;
    let real = read([&source[..]], &Options::default(), &Limits::default()).unwrap().table;
    assert_eq!((guess.rows, guess.table_bytes, guess.is_whole), (3, real.heap_bytes() as u64, true));
    assert_eq!((&*guess.format, guess.delimiter.as_deref()), ("comma-separated", Some(",")));
    assert_eq!(guess.columns[0].examples, ["a", "b"]);

    let long = format!("user,n\n{}", "abc,12\n".repeat(100_000));
    let with = |options: Options| {
        estimate(&long.as_bytes()[..10_000], &options, long.len() as u64, false).unwrap().0
    };
    assert!((99_000..101_000).contains(&with(Options::default()).rows));
    assert_eq!(with(Options { max_rows: Some(50), ..Options::default() }).rows, 50);
    let sample = Some(RowSample { share: 0.1, seed: 1, by: None });
    assert!((9_900..10_100).contains(&with(Options { sample, ..Options::default() }).rows));
    let one = with(Options { columns: Some(vec!["n".to_owned()]), ..Options::default() });
    assert_eq!(one.columns.len(), 1);
    assert!(one.table_bytes < with(Options::default()).table_bytes);
}

#[test]
fn what_reading_would_refuse_is_refused() {
    for source in [&b""[..], b"user,time\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"] {
        let expected = read([source], &Options::default(), &Limits::default()).unwrap_err();
        assert_eq!(estimate(source, &Options::default(), source.len() as u64, true).unwrap_err(), expected);
    }
    let options = Options { columns: Some(vec!["nobody".to_owned()]), ..Options::default() };
    assert_eq!(estimate(b"a,b\n1,2\n1", &options, 99, false).unwrap_err().code(), "no-such-column");
    assert_eq!(estimate(b"", &Options::default(), 99, false).unwrap_err().code(), "empty-source");
    // A first record that is not complete.
    assert_eq!(estimate(b"user,time", &Options::default(), 99, false).unwrap_err().code(), "no-records");
}
