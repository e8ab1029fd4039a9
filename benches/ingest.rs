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

/// The layout of the public risk-based-authentication log: 16 columns, most of them categories, user agents among them,
/// and one user with half of the rows.
fn logins() -> Vec<u8> {
    const COUNTRIES: [&str; 5] = ["NO", "US", "DE", "BR", "IN"];
    let mut rng = Rng::new(4);
    let mut text = "index,Login Timestamp,User ID,Round-Trip Time [ms],IP Address,Country,Region,City,ASN,\
                    User Agent String,Browser Name and Version,OS Name and Version,Device Type,Login Successful,\
                    Is Attack IP,Is Account Takeover\n"
        .to_owned();
    let mut ms = 1_580_727_600_000;
    for row in 0..N_ROWS {
        ms += rng.below(1_000) as i64;
        let user =
            if rng.below(2) == 0 { -4_324_475_583_306_591_935 } else { (rng.below(40_000) as i64) << 44 };
        let time = iso(ms, false).replace('T', " ");
        let rtt = if rng.below(25) == 0 { rng.below(3_000).to_string() } else { String::new() };
        let host = rng.below(60_000);
        let (country, region) = (COUNTRIES[(host % 5) as usize], host % 97);
        let (version, agent) = (rng.below(60) + 30, rng.below(400));
        let (success, attack) = (rng.below(5) > 0, host.is_multiple_of(11));
        let _ = writeln!(
            text,
            "{row},{time}.{:03},{user},{rtt},10.{}.{}.{},{country},Region {region},City {},{},\"Mozilla/5.0 (X11; Linux \
             x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.{agent}.12 Safari/537.36\",Chrome \
             {version}.0.{agent},Linux,desktop,{success},{attack},False",
            ms % 1_000,
            host >> 8,
            host % 256,
            rng.below(250),
            host % 997,
            host % 4_001,
        );
    }
    text.into_bytes()
}

/// The same events as JSON, one object per line.
fn events_as_json() -> Vec<u8> {
    let csv = String::from_utf8(events()).expect("UTF-8");
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let mut text = String::new();
    for line in lines {
        let members: Vec<String> = names
            .iter()
            .zip(line.split(','))
            .map(|(name, value)| format!("\"{name}\":\"{value}\""))
            .collect();
        let _ = writeln!(text, "{{{}}}", members.join(","));
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
    let mut sources = vec![
        ("events", events()),
        ("logins", logins()),
        ("events as JSON lines", events_as_json()),
        ("numbers", numbers()),
        ("quoted", quoted()),
    ];
    if let Ok(path) = std::env::var("ISOSCOPE_BENCH_FILE") {
        sources.push(("file", std::fs::read(path).expect("ISOSCOPE_BENCH_FILE names a readable file")));
    }
    for (name, source) in sources {
        group.throughput(Throughput::Bytes(source.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| ingest(black_box(&source))));
    }
    group.finish();
}

/// A file of one column of times to milliseconds, by the engine, and by `jiff` over the file's lines.
fn moment(criterion: &mut Criterion) {
    const N_TIMES: i64 = 1_000_000;
    let mut source = "time\n".to_owned();
    for row in 0..N_TIMES {
        let _ = writeln!(source, "{}", iso(1_735_689_600_000 + row * 7_000, true));
    }
    let mut group = criterion.benchmark_group("moment");
    group.sample_size(10).throughput(Throughput::Elements(N_TIMES as u64));
    group.bench_function("engine", |bencher| bencher.iter(|| ingest(black_box(source.as_bytes()))));
    group.bench_function("jiff", |bencher| {
        bencher.iter(|| {
            let times = black_box(&source).lines().skip(1);
            let parsed = times.map(|time| time.parse::<jiff::Timestamp>().expect("a time").as_millisecond());
            parsed.collect::<Vec<i64>>()
        });
    });
    group.finish();
}

criterion_group!(benches, sources, moment);
criterion_main!(benches);
