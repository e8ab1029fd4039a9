//! How fast bytes become columns. `cargo bench --bench ingest`; `ISOSCOPE_BENCH_FILE=log.csv` adds a file of one's own.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use isoscope::engine::ingest::{Ingest, Ingested, Options};
use isoscope::engine::rng::Rng;
use isoscope::engine::time::iso;
use std::fmt::Write as _;
use std::hint::black_box;

const N_ROWS: usize = 200_000;
/// What a browser hands over at a time.
const CHUNK_BYTES: usize = 16 << 20;

/// An activity log: a time, a user, an action, an address and a session per row, with the repetition logs have.
fn events() -> Vec<u8> {
    const ACTIONS: [&str; 6] = ["login", "logout", "view", "download", "share", "search"];
    let mut rng = Rng::new(1);
    let mut text = "timestamp,user_id,action,ip,session_id\n".to_owned();
    let mut ms = 1_735_689_600_000;
    for _ in 0..N_ROWS {
        ms += rng.below(10) as i64 * 1_000;
        let user = rng.below(4_000);
        let action = ACTIONS[rng.below(ACTIONS.len() as u64) as usize];
        let (time, host, session) = (iso(ms, true), user % 251, (user << 20) ^ (ms as u64 / 5_400_000));
        let _ = writeln!(text, "{time},u{user:06},{action},10.7.{host}.{},s{session:010x}", user / 251);
    }
    text.into_bytes()
}

/// A table of measurements: floats and integers.
fn numbers() -> Vec<u8> {
    let mut rng = Rng::new(2);
    let mut text = (0..10).map(|column| format!("f{column}")).collect::<Vec<_>>().join(",") + "\n";
    for _ in 0..N_ROWS / 4 {
        for column in 0..10 {
            let end = if column == 9 { '\n' } else { ',' };
            let _ = if column < 7 {
                write!(text, "{:.6}{end}", rng.normal())
            } else {
                write!(text, "{}{end}", rng.below(100_000))
            };
        }
    }
    text.into_bytes()
}

/// Every field quoted, some with doubled quotes.
fn quoted() -> Vec<u8> {
    let mut rng = Rng::new(3);
    let mut text = "\"time\",\"user\",\"message\"\n".to_owned();
    for row in 0..N_ROWS / 4 {
        let time = iso(1_735_689_600_000 + row as i64 * 1_000, false);
        let (user, file) = (rng.below(500), rng.below(5_000));
        let _ = writeln!(text, "\"{time}\",\"user {user}\",\"opened \"\"file {file}\"\", then closed it\"");
    }
    text.into_bytes()
}

fn ingest(source: &[u8]) -> Ingested {
    let mut ingest = Ingest::new(Options::default()).expect("default options");
    for chunk in source.chunks(CHUNK_BYTES) {
        ingest.push(chunk).expect("a log");
    }
    ingest.finish().expect("a log")
}

fn sources(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ingest");
    group.sample_size(10);
    let mut sources = vec![("events", events()), ("numbers", numbers()), ("quoted", quoted())];
    if let Ok(path) = std::env::var("ISOSCOPE_BENCH_FILE") {
        sources.push(("file", std::fs::read(path).expect("ISOSCOPE_BENCH_FILE names a readable file")));
    }
    for (name, source) in sources {
        group.throughput(Throughput::Bytes(source.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| ingest(black_box(&source))));
    }
    group.finish();
}

/// The engine's reader of times against `jiff` on the same column of times.
fn moment(criterion: &mut Criterion) {
    let times: Vec<String> = (0..100_000).map(|row| iso(1_735_689_600_000 + row * 7_000, true)).collect();
    let mut source = "time\n".to_owned();
    times.iter().for_each(|time| source.push_str(&format!("{time}\n")));
    let mut group = criterion.benchmark_group("moment");
    group.sample_size(10).throughput(Throughput::Elements(times.len() as u64));
    group.bench_function("a whole column, file to milliseconds", |bencher| {
        bencher.iter(|| ingest(black_box(source.as_bytes())));
    });
    group.bench_function("jiff, the same times as strings", |bencher| {
        bencher.iter(|| {
            let parsed = times.iter().map(|time| time.parse::<jiff::Timestamp>().expect("a time"));
            parsed.map(jiff::Timestamp::as_millisecond).fold(0i64, |all, ms| all ^ black_box(ms))
        });
    });
    group.finish();
}

criterion_group!(benches, sources, moment);
criterion_main!(benches);
