//! Logs added up per user while they are read, against the same logs read whole and turned into features.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::error::Result;
use isoscope::engine::features::{FeatureJob, FeatureMatrix, LoginRoles};
use isoscope::engine::finding::{Action, FindingKind};
use isoscope::engine::ingest::{DateOrder, Ingest, Ingested, Options, RowSample};
use isoscope::engine::plan::guess::suggest;
use isoscope::engine::plan::{Recipe, Role};
use isoscope::engine::streaming::Aggregation;
use isoscope::engine::synth::{self, Sample, Spec};
use isoscope::engine::table::{ColumnData, Table};
use std::path::Path;

fn aggregate(
    source: &[u8],
    options: &Options,
    roles: Option<&LoginRoles>,
    block_rows: usize,
    chunk: usize,
) -> Result<Ingested> {
    let mut aggregation = Aggregation::with_blocks(options.clone(), roles.cloned(), block_rows)?;
    for chunk in source.chunks(chunk) {
        aggregation.push(chunk)?;
    }
    check(aggregation.finish()?)
}

/// Every record is added up or set aside, in all and by file.
fn check(ingested: Ingested) -> Result<Ingested> {
    let n_aggregated = ingested.n_aggregated.expect("rows added up");
    let files = &ingested.files;
    assert_eq!(files.iter().map(|file| file.rows).sum::<u64>(), n_aggregated);
    assert_eq!(files.iter().map(|file| file.rows + file.set_aside).sum::<u64>(), ingested.n_records);
    let said = ingested.findings.iter().find(|finding| finding.kind == FindingKind::Aggregated).unwrap();
    assert_eq!((said.count, said.action), (n_aggregated, Action::Noted));
    let set_aside = ingested.findings.iter().filter(|finding| finding.action == Action::SetAside);
    let n_set_aside: u64 = set_aside.map(|finding| finding.count).sum();
    assert_eq!(n_aggregated + n_set_aside, ingested.n_records);
    let logins = ingested.table.index_of("logins")?;
    let n_logins: f64 =
        (0..ingested.table.n_rows()).filter_map(|row| ingested.table.columns()[logins].number(row)).sum();
    assert_eq!(n_logins, n_aggregated as f64);
    Ok(ingested)
}

fn read(source: &[u8], options: &Options) -> Ingested {
    let mut ingest = Ingest::new(options.clone()).unwrap();
    ingest.push(source).unwrap();
    ingest.finish().unwrap()
}

/// The features of a whole table, and its plan's roles.
fn features(table: &Table) -> (FeatureMatrix, LoginRoles) {
    let mut plan = suggest(table).unwrap().plan;
    plan.recipe = Recipe::Login;
    let roles = LoginRoles::of_plan(&plan, table).unwrap();
    let counts = |role: &Role| roles.column(*role).is_some();
    plan.roles.retain(|role, _| counts(role));
    let mut job = FeatureJob::new(table, &plan).unwrap();
    while !job.is_done() {
        job.step(table).unwrap();
    }
    (job.finish().0, roles)
}

/// The table of users has the names and features of the matrix, to the bit, and its own matrix is the same.
fn assert_same(name: &str, users: &Table, matrix: &FeatureMatrix) {
    assert_eq!(users.n_rows(), matrix.n_rows(), "{name}");
    let names: Vec<_> = (0..users.n_rows()).map(|row| users.columns()[0].text(row).into_owned()).collect();
    assert_eq!(names, matrix.subjects, "{name}");
    assert_eq!(users.columns().len(), 3 + matrix.features.len(), "{name}");
    for (feature, values) in matrix.features.iter().zip(matrix.values.columns()) {
        let column = &users.columns()[users.index_of(&feature.name).unwrap()];
        let found: Vec<u64> =
            (0..users.n_rows()).map(|row| column.number(row).unwrap_or(f64::NAN).to_bits()).collect();
        let expected: Vec<u64> = values.iter().map(|value| value.to_bits()).collect();
        assert_eq!(found, expected, "{name}: {}", feature.name);
    }
    let (again, _) = features(users);
    assert_eq!(
        again.features.iter().map(|f| &f.name).collect::<Vec<_>>(),
        matrix.features.iter().map(|f| &f.name).collect::<Vec<_>>()
    );
    let bits = |matrix: &FeatureMatrix| matrix.values.mapv(f64::to_bits);
    assert_eq!((bits(&again), &again.subjects), (bits(matrix), &matrix.subjects), "{name}");
}

/// First and last time of each user are those of its rows.
fn assert_times(users: &Table, full: &Table, matrix: &FeatureMatrix, roles: &LoginRoles) {
    let times = |table: &Table, name: &str| match table.columns()[table.index_of(name).unwrap()].data() {
        ColumnData::Timestamp { ms, zoned } => (ms.clone(), *zoned),
        other => panic!("times, not {other:?}"),
    };
    let (ms, zoned) = times(full, &roles.time);
    let (first, last) = (times(users, "first_login"), times(users, "last_login"));
    assert_eq!((first.1, last.1), (zoned, zoned));
    for user in 0..users.n_rows() {
        let rows = matrix.table_rows.rows(user);
        assert_eq!((first.0[user], last.0[user]), (ms[rows[0] as usize], ms[rows[rows.len() - 1] as usize]));
    }
}

#[test]
fn generated_logs_give_the_features_of_the_whole_log_in_any_blocks_and_cuts() {
    let source = synth::generate(&Spec { users: 400, days: 20, ..Spec::new(Sample::Logins) }).unwrap().csv;
    let full = read(&source, &Options::default());
    let (matrix, roles) = features(&full.table);
    assert!(roles.outcome.is_some() && roles.address.is_some() && matrix.features.len() > 5, "{roles:?}");
    let mut first: Option<Ingested> = None;
    for (block_rows, chunk) in
        [(1, 1 << 16), (7, 997), (1_000, 4_096), (1 << 16, 1 << 20), (1 << 30, usize::MAX)]
    {
        for roles in [None, Some(&roles)] {
            let found = aggregate(&source, &Options::default(), roles, block_rows, chunk).unwrap();
            assert_same(&format!("blocks of {block_rows}, chunks of {chunk}"), &found.table, &matrix);
            assert_eq!(found.n_records, full.n_records);
            assert_eq!(
                *first.get_or_insert_with(|| found.clone()),
                found,
                "blocks of {block_rows}, chunks of {chunk}"
            );
        }
    }
    assert_times(&first.unwrap().table, &full.table, &matrix, &roles);
}

/// Rows of every kind: several spellings, no user, no time, times out of order, an unknown outcome.
fn odd_rows() -> String {
    let mut rows = String::from("when,who,from,agent,device_type,status\n");
    for row in 0..30_000u64 {
        let mixed = row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        let who = match mixed % 97 {
            0 => String::new(),
            1 => "\"last, first\"".to_owned(),
            n => format!("u{}", n * (mixed % 31)),
        };
        let when = match mixed % 83 {
            0 => "-".to_owned(),
            1 => "soon".to_owned(),
            _ => {
                format!("2026-0{}-{:02} {:02}:00:{:02}", 1 + mixed % 9, 1 + mixed % 28, mixed % 24, row % 60)
            }
        };
        let agent = ["Chrome 81.0", "Chrome 82.1.4", "Firefox 3.5", "NA", "curl"][(mixed % 5) as usize];
        let status = ["success", "failed", "ok", "denied", "perhaps", ""][(mixed % 6) as usize];
        let device = ["phone", "desktop", "N/A"][(mixed % 3) as usize];
        rows.push_str(&format!(
            "{when},{who},10.0.{}.{},{agent},{device},{status}\n",
            mixed % 7,
            mixed % 250
        ));
    }
    rows
}

fn odd_roles() -> LoginRoles {
    let name = |name: &str| Some(name.to_owned());
    LoginRoles {
        entity: "who".to_owned(),
        time: "when".to_owned(),
        outcome: name("status"),
        device: name("device_type"),
        address: name("from"),
        country: None,
        browser: name("agent"),
    }
}

#[test]
fn rows_without_a_user_or_a_time_are_set_aside_and_said() {
    let source = odd_rows();
    let full = read(source.as_bytes(), &Options::default());
    let mut plan = suggest(&full.table).unwrap().plan;
    plan.recipe = Recipe::Login;
    let roles = odd_roles();
    plan.roles =
        Role::ALL.into_iter().filter_map(|role| Some((role, roles.column(role)?.to_owned()))).collect();
    plan.label = None;
    let mut job = FeatureJob::new(&full.table, &plan).unwrap();
    while !job.is_done() {
        job.step(&full.table).unwrap();
    }
    let (matrix, findings) = job.finish();
    let unusable = findings.iter().find(|finding| finding.kind == FindingKind::UnusableRecords).unwrap();
    for (block_rows, chunk) in [(1, 1 << 14), (500, 313), (1 << 16, 1 << 22)] {
        let found =
            aggregate(source.as_bytes(), &Options::default(), Some(&roles), block_rows, chunk).unwrap();
        assert_same("odd rows", &found.table, &matrix);
        let own = found.findings.iter().find(|finding| finding.kind == FindingKind::UnusableRecords).unwrap();
        assert_eq!((own.count, own.first), (unusable.count, unusable.first));
        assert_eq!(found.n_aggregated.unwrap() + own.count, 30_000);
        let bad_times = |ingested: &Ingested| {
            ingested.findings.iter().find(|finding| finding.kind == FindingKind::BadTime).cloned().unwrap()
        };
        assert_eq!(bad_times(&found), bad_times(&full));
        let said = found.findings.iter().find(|finding| finding.kind == FindingKind::Aggregated).unwrap();
        assert!(said.message.contains("say neither success nor failure"), "{}", said.message);
    }
}

#[test]
fn samples_and_limits_count_as_for_whole_tables() {
    let source = odd_rows();
    let sample = RowSample { share: 0.4, seed: 7, by: Some("who".to_owned()) };
    for options in [
        Options { sample: Some(sample), ..Options::default() },
        Options { max_rows: Some(12_345), ..Options::default() },
    ] {
        let full = read(source.as_bytes(), &options);
        let roles = odd_roles();
        let found = aggregate(source.as_bytes(), &options, Some(&roles), 100, 10_000).unwrap();
        let n_unused = found
            .findings
            .iter()
            .find(|finding| finding.kind == FindingKind::UnusableRecords)
            .map_or(0, |finding| finding.count);
        assert_eq!(found.n_aggregated.unwrap() + n_unused, full.table.n_rows() as u64);
    }
}

#[test]
fn json_lines_and_several_files_add_up_as_one() {
    let mut plain = String::from("when,who,ok\n");
    let mut lines = String::new();
    for row in 0..500 {
        let (when, who, ok) = (format!("2026-03-01T10:{:02}:00Z", row % 60), row % 41, row % 3 == 0);
        plain.push_str(&format!("{when},u{who},{ok}\n"));
        lines.push_str(&format!("{{\"when\":\"{when}\",\"who\":\"u{who}\",\"ok\":{ok}}}\n"));
    }
    let name = |name: &str| name.to_owned();
    let roles = LoginRoles {
        outcome: Some(name("ok")),
        device: None,
        address: None,
        country: None,
        browser: None,
        entity: name("who"),
        time: name("when"),
    };
    let expected = aggregate(plain.as_bytes(), &Options::default(), Some(&roles), 64, 100).unwrap();
    let of_lines = aggregate(lines.as_bytes(), &Options::default(), Some(&roles), 64, 100).unwrap();
    assert_eq!(of_lines.table, expected.table);

    let mut several = Aggregation::with_blocks(Options::default(), Some(roles), 64).unwrap();
    let (header, rows) = plain.split_at(12);
    let cut = rows.match_indices('\n').nth(199).unwrap().0 + 1;
    // An empty file first, and one that has a row without a user.
    for (file, text) in [
        ("nothing.csv", String::new()),
        ("a.csv", format!("{header}{}", &rows[..cut])),
        ("b.csv", format!("{header}2026-03-01T10:00:00Z,,true\n{}", &rows[cut..])),
    ] {
        several.begin_file(file).unwrap();
        several.push(text.as_bytes()).unwrap();
    }
    let found = check(several.finish().unwrap()).unwrap();
    assert_eq!(found.table, expected.table);
    let kept: Vec<(u64, u64)> = found.files.iter().map(|file| (file.rows, file.set_aside)).collect();
    assert_eq!(kept, [(0, 0), (200, 0), (300, 1)]);
    let unused = found.findings.iter().find(|finding| finding.kind == FindingKind::UnusableRecords).unwrap();
    assert_eq!((unused.first.file, unused.first.record), (2, 1));
}

#[test]
fn what_a_block_cannot_know_is_asked_for() {
    let dates =
        |telling: &str| format!("who,when\nu1,03/04/2026 10:00\nu1,05/04/2026 10:00\nu2,{telling} 10:00\n");
    let roles = LoginRoles {
        entity: "who".to_owned(),
        time: "when".to_owned(),
        outcome: None,
        device: None,
        address: None,
        country: None,
        browser: None,
    };
    let read_as = |source: &str, order: Option<DateOrder>, block_rows: usize| {
        let dates = order.map(|order| ("when".to_owned(), order)).into_iter().collect();
        aggregate(source.as_bytes(), &Options { dates, ..Options::default() }, Some(&roles), block_rows, 5)
    };
    for block_rows in [1, 1_000] {
        let asked = read_as(&dates("07/04/2026"), None, block_rows).unwrap_err();
        assert_eq!(asked.code(), "options");
        assert!(asked.to_string().contains("dates") && asked.to_string().contains("03/04/2026"), "{asked}");
        let days = |order| {
            let found = read_as(&dates("07/04/2026"), Some(order), block_rows).unwrap();
            found.table.columns()[2].text(0).into_owned()
        };
        assert_eq!(days(DateOrder::DayFirst), "2026-04-03T10:00:00");
        assert_eq!(days(DateOrder::MonthFirst), "2026-03-04T10:00:00");
        // Dates that can be read one way only, and say otherwise.
        let refused =
            read_as(&dates("31/04/2026").replace("31/04", "31/05"), Some(DateOrder::MonthFirst), block_rows);
        assert!(refused.unwrap_err().to_string().contains("day-first"));
        let no_year = "who,when\nu1,Jan 3 10:00:00\nu2,Jan 4 10:00:00\n";
        assert!(read_as(no_year, None, block_rows).unwrap_err().to_string().contains("without a year"));
    }
    for (source, code) in [
        ("", "empty-source"),
        ("who,when\n", "no-records"),
        ("who,what\nu1,x\n", "no-such-column"),
        ("who,when\nu1,x\nu2,y\n", "wrong-type"),
    ] {
        assert_eq!(read_as(source, None, 1).unwrap_err().code(), code, "{source}");
    }
    let nobody = aggregate(b"a,b\n1,2\n3,4\n", &Options::default(), None, 1, 5).unwrap_err();
    assert_eq!(nobody.code(), "missing-role");
}

#[test]
fn a_published_log_gives_the_features_of_the_whole_log() {
    let name = "login_attempts_labelled.csv";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/logs").join(name);
    let Ok(source) = std::fs::read(&path) else {
        eprintln!("skipped: {name} is not beside the checkout");
        return;
    };
    let full = read(&source, &Options::default());
    let (matrix, roles) = features(&full.table);
    for (block_rows, chunk) in [(10, 1 << 12), (1 << 16, 1 << 20)] {
        let found = aggregate(&source, &Options::default(), Some(&roles), block_rows, chunk).unwrap();
        assert_same(name, &found.table, &matrix);
    }
}
