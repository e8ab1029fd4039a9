//! A day in one column and the time of day in another are one time, wherever times are asked for.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::host::NoClock;
use isoscope::engine::ingest::Options;
use isoscope::engine::plan::{PartialPlan, Role};
use isoscope::engine::session::Session;
use isoscope::engine::table::{ColumnData, ColumnType};
use isoscope::engine::time::zone::Zone;
use std::sync::Arc;

/// Day, time of day and the rest of records over four weeks around the night in which European clocks skip an hour.
fn records() -> Vec<(String, String, String)> {
    let record = |i: usize| {
        let (day, hour, minute, second) = (10 + i / 20 % 20, i * 7 % 24, i * 13 % 60, i % 60);
        let rest = format!("u{},{}", i * 11 % 35, ["view", "edit", "login"][i % 3]);
        (format!("2024-03-{day:02}"), format!("{hour:02}:{minute:02}:{second:02}"), rest)
    };
    (0..1_400).map(record).collect()
}

fn csv(header: &str, line: impl Fn(&str, &str, &str) -> String) -> String {
    let lines = records().into_iter().map(|(day, clock, rest)| line(&day, &clock, &rest));
    [header.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// One column of times, as most logs have it.
fn whole() -> String {
    csv("when,user,action", |day, clock, rest| format!("{day} {clock},{rest}"))
}

fn read(csv: &str, options: Options) -> Session {
    let mut session = Session::default();
    session.begin_ingest(options).unwrap();
    session.push(csv.as_bytes()).unwrap();
    session.finish_ingest().unwrap();
    session
}

fn berlin() -> Options {
    // 2024-03-31 01:00 UTC.
    let zone =
        Zone::new("Europe/Berlin", vec![(1_698_541_200_000, 3_600), (1_711_846_800_000, 7_200)]).unwrap();
    Options { zone: Some(Arc::new(zone)), ..Options::default() }
}

/// The times of the column that has the role, missing ones as `None`.
fn times(session: &Session) -> (String, Vec<Option<i64>>) {
    let (table, plan) = (&session.loaded().unwrap().ingested.table, &session.suggest().unwrap().plan);
    let column = &table.columns()[table.index_of(&plan.roles[&Role::Time]).unwrap()];
    let ColumnData::Timestamp { ms, .. } = column.data() else { panic!("{} has no times", column.name()) };
    let ms = (0..column.len()).map(|row| column.is_valid(row).then_some(ms[row])).collect();
    (column.name().to_owned(), ms)
}

#[test]
fn they_are_read_as_one_column_of_times_would_be() {
    let twelve = |clock: &str| {
        let (hour, rest) = clock.split_at(2);
        let hour: u32 = hour.parse().unwrap();
        format!("{}{rest} {}", (hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" })
    };
    let german = |day: &str| day.split('-').rev().collect::<Vec<_>>().join(".");
    let layouts = [
        ("date time", csv("date,time,user,action", |day, clock, rest| format!("{day},{clock},{rest}"))),
        (
            "Day At",
            csv("At,Day,user,action", |day, clock, rest| format!("{},{},{rest}", twelve(clock), german(day))),
        ),
        ("d hour", csv("d,user,action,hour", |day, clock, rest| format!("{day},{rest},{clock}.000"))),
    ];
    for options in [Options::default, berlin] {
        let expected = times(&read(&whole(), options())).1;
        for (name, csv) in &layouts {
            let session = read(csv, options());
            assert_eq!(times(&session), ((*name).to_owned(), expected.clone()), "{name}");
            let ingested = &session.loaded().unwrap().ingested;
            let told: Vec<&str> = ingested
                .findings
                .iter()
                .filter(|finding| finding.kind.code() == "joined-columns")
                .filter_map(|finding| finding.column.as_deref())
                .collect();
            assert_eq!(told, [*name]);
            assert!(session.suggest().unwrap().questions.is_empty(), "{name}");
        }
    }
}

#[test]
fn features_and_a_saved_model_are_those_of_one_column() {
    let apart = csv("date,time,user,action", |day, clock, rest| format!("{day},{clock},{rest}"));
    let mut of_whole = read(&whole(), berlin());
    let mut of_apart = read(&apart, berlin());
    let bits = |session: &Session| {
        let values = session.analysis().unwrap().matrix.values.iter();
        values.map(|value| value.to_bits()).collect::<Vec<_>>()
    };
    of_whole.analyze(PartialPlan::default(), &NoClock).unwrap();
    of_apart.analyze(PartialPlan::default(), &NoClock).unwrap();
    assert_eq!(bits(&of_whole), bits(&of_apart));

    let mut other = Session::default();
    other.load(&of_apart.save().unwrap()).unwrap();
    let scores = of_apart.analysis().unwrap().scores.clone();
    assert_eq!(other.predict(apart.as_bytes(), Options::default(), &NoClock).unwrap().scores, scores);
    // One who has the time as one has it as one.
    let together = csv("date time,user,action", |day, clock, rest| format!("{day} {clock},{rest}"));
    assert_eq!(other.predict(together.as_bytes(), Options::default(), &NoClock).unwrap().scores, scores);
}

/// A file of one record may have what a column of times of day would not be guessed from.
#[test]
fn a_saved_model_joins_what_it_knows() {
    let apart = csv("date,time,user,action", |day, clock, rest| format!("{day},{clock},{rest}"));
    let mut session = read(&apart, Options::default());
    session.analyze(PartialPlan::default(), &NoClock).unwrap();
    let mut other = Session::default();
    other.load(&session.save().unwrap()).unwrap();
    let few = "start,user,time,action,date\n2024-03-12 09:00:00,u1,07:00:00,view,2024-03-12\n\
               2024-03-12 09:30:00,u1,n/d,edit,2024-03-12\n2024-03-13 09:00:00,u2,08:00:00,view,2024-03-13\n";
    let analysis = other.predict(few.as_bytes(), Options::default(), &NoClock).unwrap();
    assert_eq!(analysis.matrix.subjects, ["u1", "u2"]);
    let unread = analysis.findings.iter().find(|finding| finding.kind.code() == "bad-time").unwrap();
    assert_eq!((unread.count, unread.column.as_deref()), (1, Some("date time")));
}

/// Where clocks are put forward at midnight, the day begins an hour later and is one all the same.
#[test]
fn days_may_begin_at_one() {
    // 2024-03-12 03:00 UTC, from three hours behind to two.
    let zone =
        Zone::new("Elsewhere", vec![(1_698_541_200_000, -10_800), (1_710_212_400_000, -7_200)]).unwrap();
    let zoned = || Options { zone: Some(Arc::new(zone.clone())), ..Options::default() };
    let apart = csv("date,time,user,action", |day, clock, rest| format!("{day},{clock},{rest}"));
    let session = read(&apart, zoned());
    assert_eq!(times(&session), ("date time".to_owned(), times(&read(&whole(), zoned())).1));
    let is_skipped =
        |record: &&(String, String, String)| record.0 == "2024-03-12" && record.1.starts_with("00:");
    let n_skipped = records().iter().filter(is_skipped).count() as u64;
    let findings = &session.loaded().unwrap().ingested.findings;
    let told = findings.iter().find(|finding| {
        finding.kind.code() == "nonexistent-time" && finding.column.as_deref() == Some("date time")
    });
    assert!(n_skipped > 0);
    assert_eq!(told.map(|finding| finding.count), Some(n_skipped));
}

/// Rows that are added up while they are read have the source's own columns, the day among them.
#[test]
fn logins_are_added_up_by_their_days() {
    let logins = csv("date,time,user,action", |day, clock, rest| format!("{day},{clock},{rest}"))
        .replace("action", "success,country")
        .replace(",view", ",true,NO")
        .replace(",edit", ",true,DE")
        .replace(",login", ",false,NO");
    let mut session = Session::default();
    session.begin_aggregation(Options::default(), None).unwrap();
    session.push(logins.as_bytes()).unwrap();
    session.finish_ingest().unwrap();
    assert_eq!(session.loaded().unwrap().ingested.table.n_rows(), 35);
}

/// As somebody does who changes a type on the page, or keeps only what is needed.
#[test]
fn a_table_is_read_again_by_the_name_of_what_was_joined() {
    let apart = csv("date,time,user,action", |day, clock, rest| format!("{day},{clock},{rest}"));
    let columns = Some(vec!["user".to_owned(), "date time".to_owned()]);
    let kept = read(&apart, Options { columns, ..Options::default() });
    assert_eq!(kept.loaded().unwrap().ingested.table.names(), ["date", "time", "user", "date time"]);
    let types = [("date time".to_owned(), ColumnType::Timestamp)].into();
    assert_eq!(
        times(&read(&apart, Options { types, ..Options::default() })),
        times(&read(&apart, Options::default()))
    );
    let mut session = Session::default();
    session
        .begin_ingest(Options { columns: Some(vec!["date clock".to_owned()]), ..Options::default() })
        .unwrap();
    let refused =
        session.push(apart.as_bytes()).map(|_| ()).and_then(|()| session.finish_ingest().map(|_| ()));
    assert_eq!(refused.unwrap_err().code(), "no-such-column");
}

#[test]
fn a_row_without_one_of_the_two_has_no_time() {
    let session = read(
        "date,time,user\n2024-03-01,07:00,a\n2024-03-01,,a\n,08:00,b\n2024-03-02,09:30,b",
        Options::default(),
    );
    let hour = |days: i64, minutes: i64| Some((19_783 + days) * 86_400_000 + minutes * 60_000);
    assert_eq!(times(&session).1, [hour(0, 420), None, None, hour(1, 570)]);
}

#[test]
fn what_is_no_day_and_no_time_of_day_is_left_alone() {
    for csv in [
        // The times have their own.
        "when,shift,user\n2024-03-01 07:00:00,08:00,a\n2024-03-02 09:00:00,09:00,b",
        // A span, by its name.
        "date,duration,user\n2024-03-01,07:00:00,a\n2024-03-02,08:00:00,b",
        // Which of two would be a guess.
        "date,user,start,end\n2024-03-01,a,07:00,08:00\n2024-03-02,b,09:00,10:00",
        "date,code,user\n2024-03-01,7:3,a\n2024-03-02,9:75,b",
    ] {
        let session = read(csv, Options::default());
        let table = &session.loaded().unwrap().ingested.table;
        assert_eq!(table.names().join(","), csv.lines().next().unwrap());
    }
}
