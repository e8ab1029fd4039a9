//! How fast a log's events are compared with what came before them. `cargo bench --bench novelty`.
//!
//! A million events each, with novelty and without: the difference is its cost. Rows are users, so that it is not the
//! matrix that is measured.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use isoscope::engine::features::{FeatureJob, FeatureMatrix};
use isoscope::engine::ingest::{Ingest, Options};
use isoscope::engine::plan::{Novelty, Plan, Recipe, Role};
use isoscope::engine::rng::Rng;
use isoscope::engine::table::Table;
use isoscope::engine::time::iso;
use std::fmt::Write as _;

const N_EVENTS: u64 = 1_000_000;

const ROLES: [(Role, &str); 6] = [
    (Role::Entity, "user"),
    (Role::Time, "time"),
    (Role::Action, "action"),
    (Role::Resource, "path"),
    (Role::Address, "ip"),
    (Role::Country, "country"),
];

/// Four months of events: each user has a few addresses, one country and some favourite paths, with exceptions.
fn log(n_users: u64, is_sorted: bool) -> Table {
    let mut rng = Rng::new(1);
    let mut rows: Vec<String> = Vec::with_capacity(N_EVENTS as usize);
    let mut ms = 1_735_689_600_000;
    for _ in 0..N_EVENTS {
        ms += rng.below(20) as i64 * 1_000;
        let user = rng.below(n_users);
        let away = rng.below(200) == 0;
        let (action, path) = (rng.below(6) * rng.below(2), user % 97 * 13 + rng.below(20) * rng.below(20));
        let ip = if away { rng.below(1 << 24) } else { user * 7 + rng.below(3) };
        let country = if away { rng.below(40) } else { user % 12 };
        let mut row = String::new();
        let [_, a, b, c] = (ip as u32).to_be_bytes();
        let _ = write!(row, "u{user},{},a{action},/p/{path},10.{a}.{b}.{c},c{country}", iso(ms, false));
        rows.push(row);
    }
    if !is_sorted {
        rng.shuffle(&mut rows);
    }
    let mut ingest = Ingest::new(Options::default()).expect("default options");
    ingest.push(b"user,time,action,path,ip,country\n").expect("a log");
    ingest.push(rows.join("\n").as_bytes()).expect("a log");
    ingest.finish().expect("a log").table
}

fn features(table: &Table, plan: &Plan) -> FeatureMatrix {
    let mut job = FeatureJob::new(table, plan).expect("a plan that fits");
    while !job.is_done() {
        job.step(table).expect("the table of the plan");
    }
    job.finish().0
}

fn novelty(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("novelty");
    group.sample_size(10).throughput(Throughput::Elements(N_EVENTS));
    let roles = ROLES.into_iter().map(|(role, column)| (role, column.to_owned())).collect();
    let plain = Plan::new(Recipe::Activity, roles);
    let with = |novelty: Novelty| Plan { novelty: Some(novelty), ..plain.clone() };
    let logs = [
        ("4,000 users", 4_000, true),
        ("4,000 users, any order", 4_000, false),
        ("100,000 users", 100_000, true),
    ];
    for (name, n_users, is_sorted) in logs {
        let table = log(n_users, is_sorted);
        let plans = [
            ("without", plain.clone()),
            ("without peers", with(Novelty { peers: 0, ..Novelty::default() })),
            ("all", with(Novelty::default())),
        ];
        for (what, plan) in plans {
            group.bench_function(format!("{name}: {what}"), |bencher| {
                bencher.iter_batched(|| (), |()| features(&table, &plan), BatchSize::PerIteration);
            });
        }
    }
    group.finish();
}

criterion_group!(benches, novelty);
criterion_main!(benches);
