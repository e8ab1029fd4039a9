//! Peak memory of the two ways to read a log of logins that is larger than memory: only the columns that count, and added
//! up per user. Run by hand with a log from `benches/browser/logins.mjs`, whose users grow with its rows:
//!
//! ```text
//! LOGINS=logins.csv cargo test --release --test streaming_memory -- --ignored --nocapture
//! ```
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test stops at what should not happen")]

mod memory_support;

use isoscope::engine::analysis::AnalysisJob;
use isoscope::engine::features::{FeatureJob, LoginRoles};
use isoscope::engine::host::NoClock;
use isoscope::engine::ingest::{Ingest, Options};
use isoscope::engine::plan::guess::suggest;
use isoscope::engine::plan::{DetectorName, LoginRows, Preparation, Recipe, Role, Rules};
use isoscope::engine::profile;
use isoscope::engine::streaming::Aggregation;
use memory_support::{in_use, take_peak};
use std::io::Read;

const COLUMNS: [&str; 7] = [
    "Login Timestamp",
    "User ID",
    "IP Address",
    "Country",
    "Browser Name and Version",
    "Device Type",
    "Login Successful",
];

/// Prints what is in use and the most that was since the last line.
fn report(step: &str, n_rows: u64) {
    let (now, peak) = (in_use(), take_peak());
    let per_row = |n: usize| n as f64 / n_rows.max(1) as f64;
    println!(
        "{step:<34} {:>6.1} MB now, {:>6.1} MB at most; {:>5.1} and {:>5.1} bytes a row",
        now as f64 / 1e6,
        peak as f64 / 1e6,
        per_row(now),
        per_row(peak)
    );
}

fn each_chunk(path: &str, mut take: impl FnMut(&[u8])) {
    let mut file = std::fs::File::open(path).unwrap();
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk).unwrap() {
            0 => return,
            n => take(&chunk[..n]),
        }
    }
}

#[test]
#[ignore = "needs a large log; prints figures"]
fn logins_of_system_e() {
    let path = std::env::var("LOGINS").expect("LOGINS names a log made by benches/browser/logins.mjs");

    let mut aggregation = Aggregation::new(Options::default(), None).unwrap();
    each_chunk(&path, |chunk| aggregation.push(chunk).unwrap());
    let n_rows = aggregation.n_records();
    report("added up: reading", n_rows);
    let users = aggregation.finish().unwrap();
    report("added up: table", n_rows);
    println!("{} rows, {} users", users.n_records, users.table.n_rows());
    drop(users);

    take_peak();
    let columns = Some(COLUMNS.map(str::to_owned).to_vec());
    let mut ingest = Ingest::new(Options { columns, ..Options::default() }).unwrap();
    each_chunk(&path, |chunk| ingest.push(chunk).unwrap());
    report("columns: reading", n_rows);
    let ingested = ingest.finish().unwrap();
    report("columns: table and duplicates", n_rows);
    let profiles = profile::summarize(&ingested.table);
    report("columns: profile", n_rows);
    let mut plan = suggest(&ingested.table).unwrap().plan;
    plan.recipe = Recipe::Login;
    let roles = LoginRoles::of_plan(&plan, &ingested.table).unwrap();
    plan.roles.retain(|role: &Role, _| roles.column(*role).is_some());
    let mut job = FeatureJob::new(&ingested.table, &plan).unwrap();
    report("columns: rows by user", n_rows);
    while !job.is_done() {
        job.step(&ingested.table).unwrap();
    }
    let (matrix, _) = job.finish();
    report("columns: features", n_rows);
    assert_eq!(profiles.len(), COLUMNS.len());
    assert!(matrix.n_rows() > 0);
    drop((matrix, profiles));

    // With a row for each login: the table, and all that an analysis of it keeps.
    plan.parameters.login_rows = LoginRows::Login;
    plan.preparation = Preparation::of_recipe(plan.recipe);
    for detector in [DetectorName::Rules, DetectorName::Iforest] {
        plan.detector = detector.into();
        plan.rules = Rules::suggested(plan.recipe, &plan.roles, &ingested.table);
        take_peak();
        let mut job = AnalysisJob::new(&ingested.table, plan.clone()).unwrap();
        while job.step(&ingested.table, &NoClock).unwrap().is_some() {}
        let analysis = job.finish().unwrap();
        let (n_logins, n_features) = (analysis.matrix.n_rows(), analysis.matrix.features.len());
        report(&format!("logins: {} over {n_features} features", detector.name()), n_rows);
        assert!(n_logins as u64 > n_rows * 9 / 10);
    }
}
