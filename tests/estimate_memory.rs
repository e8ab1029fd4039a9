//! The memory that an estimate says reading will take at its highest point, against what it took, by an allocator that
//! counts. One test alone, as it counts all that the process has.
#![cfg(not(target_arch = "wasm32"))]

mod memory_support;

use isoscope::engine::ingest::{Ingest, Options, estimate};
use isoscope::engine::profile::summarize;
use isoscope::engine::rng::Rng;
use isoscope::engine::time::iso;
use memory_support::{in_use, take_peak};
use std::fmt::Write as _;

const SAMPLE_BYTES: usize = 1 << 20;

/// What is said, as a share of what was taken: never less, but for a twentieth; most just below a doubling of vectors,
/// where a few rows more would take that much; and less than that on average.
const LEAST: f64 = 0.95;
const MOST: f64 = 2.2;
const MOST_ON_AVERAGE: f64 = 1.45;

fn events(n_rows: u64) -> String {
    let mut rng = Rng::new(1);
    let mut text = "timestamp,user_id,action,ip,session_id\n".to_owned();
    for row in 0..n_rows {
        let (time, user) = (iso(1_735_689_600_000 + row as i64 * 4_000, true), rng.below(4_000));
        let (action, session) = (rng.below(6), (user << 20) | (row / 1_000));
        let _ = writeln!(
            text,
            "{time},u{user:06},action {action},10.7.{}.{},s{session:010x}",
            user % 251,
            user / 251
        );
    }
    text
}

/// Logins: numbers that never repeat, addresses and agents that mostly do.
fn logins(n_rows: u64) -> String {
    let mut rng = Rng::new(2);
    let mut text =
        "index,Login Timestamp,User ID,Round-Trip Time [ms],IP Address,User Agent String,Successful\n"
            .to_owned();
    for row in 0..n_rows {
        let time = iso(1_580_000_000_000 + row as i64 * 200, false).replace('T', " ");
        let (user, agent) = (rng.next_u64() as i64 % 7, rng.below(900));
        let rtt = if rng.below(20) == 0 { rng.below(2_000).to_string() } else { String::new() };
        let address =
            [rng.below(40), rng.below(60), rng.below(9), rng.below(200)].map(|n| n.to_string()).join(".");
        let _ = writeln!(
            text,
            "{row},{time},{},{rtt},{address},\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.{agent} (KHTML, like Gecko)\",{}",
            user * 1_000_003 + rng.below(90_000) as i64,
            rng.below(3) > 0
        );
    }
    text
}

fn measurements(n_rows: u64) -> String {
    let mut rng = Rng::new(3);
    let mut text = "a,b,c,d,e,f\n".to_owned();
    for _ in 0..n_rows {
        let _ = writeln!(
            text,
            "{:.5},{:.5},{:.5},{},{},{}",
            rng.normal(),
            rng.normal(),
            rng.normal(),
            rng.below(1_000_000),
            rng.below(50),
            rng.below(2) == 1
        );
    }
    text
}

/// Texts that never repeat.
fn messages(n_rows: u64) -> String {
    let mut rng = Rng::new(4);
    (0..n_rows).fold("id,message\n".to_owned(), |mut text, row| {
        let _ = writeln!(text, "{row},request {:016x} took {} ms", rng.next_u64(), rng.below(5_000));
        text
    })
}

/// What a source says of its nth row.
type Record = fn(u64) -> String;

#[test]
fn the_peak_of_reading_is_what_the_estimate_says() {
    let sources: [(&str, Record); 4] =
        [("events", events), ("logins", logins), ("measurements", measurements), ("messages", messages)];
    let mut ratios = Vec::new();
    for (name, generate) in sources {
        // Just below a power of two, where vectors are full, and just above one, where they are half empty.
        for n_rows in [130_000, 140_000, 400_000] {
            let source = generate(n_rows);
            let options = Options::default();
            let (said, _) =
                estimate(&source.as_bytes()[..SAMPLE_BYTES], &options, source.len() as u64, false).unwrap();
            let before = in_use();
            take_peak();
            let mut ingest = Ingest::new(options).unwrap();
            source.as_bytes().chunks(SAMPLE_BYTES).for_each(|chunk| ingest.push(chunk).unwrap());
            let reading = take_peak() - before;
            let ingested = ingest.finish().unwrap();
            let finishing = take_peak() - before;
            let profiles = summarize(&ingested.table);
            let summing_up = take_peak() - before;
            let peak = reading.max(finishing).max(summing_up);
            let ratio = said.peak_bytes as f64 / peak as f64;
            println!(
                "{name} {n_rows}: said {:.1} MB, took {:.1} ({:.1} reading, {:.1} finishing, {:.1} summing up), {ratio:.2}; table {:.1}",
                said.peak_bytes as f64 / 1e6,
                peak as f64 / 1e6,
                reading as f64 / 1e6,
                finishing as f64 / 1e6,
                summing_up as f64 / 1e6,
                ingested.table.heap_bytes() as f64 / 1e6
            );
            assert_eq!(profiles.len(), said.columns.len());
            assert!((LEAST..MOST).contains(&ratio), "{name}, {n_rows} rows: {ratio:.2}");
            ratios.push(ratio);
        }
    }
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    assert!(mean < MOST_ON_AVERAGE, "{mean:.2} on average, {ratios:.2?}");
}
