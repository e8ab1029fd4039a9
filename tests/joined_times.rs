//! A day in one column and the time of day in another are one time, wherever times are asked for.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::features::{FeatureJob, LoginRoles};
use isoscope::engine::host::NoClock;
use isoscope::engine::ingest::Options;
use isoscope::engine::plan::{PartialPlan, Recipe, Role};
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
    let hour_minute_second = |clock: &str| clock.replace(':', ",");
    let layouts = [
        (
            "date hour minute second",
            csv("date,hour,minute,second,user,action", |day, clock, rest| {
                format!("{day},{},{rest}", hour_minute_second(clock))
            }),
        ),
        (
            "Day Hour Min Sec",
            csv("Min,Sec,user,action,Hour,Day", |day, clock, rest| {
                let (hour, minute_second) = clock.split_once(':').unwrap();
                let hour = hour.trim_start_matches('0');
                let hour = if hour.is_empty() { "0" } else { hour };
                format!("{},{rest},{hour},{day}", hour_minute_second(minute_second))
            }),
        ),
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

/// Logins in every layout of their times, with the column that has them whole.
fn logins() -> Vec<(&'static str, String)> {
    let rest = |rest: &str| {
        rest.replace(",view", ",true,NO").replace(",edit", ",true,DE").replace(",login", ",false,NO")
    };
    let fields = |day: &str| {
        let numbers: Vec<u32> = day.split('-').map(|number| number.parse().unwrap()).collect();
        (numbers[0], numbers[1], numbers[2])
    };
    let tail = "user,success,country";
    vec![
        ("when", csv(&format!("when,{tail}"), |day, clock, last| format!("{day} {clock},{}", rest(last)))),
        (
            "date time",
            csv(&format!("date,time,{tail}"), |day, clock, last| format!("{day},{clock},{}", rest(last))),
        ),
        (
            "Year Month Day Time",
            csv(&format!("Day,Month,Year,Time,{tail}"), |day, clock, last| {
                let (year, month, day) = fields(day);
                format!("{day},{month:02},{year},{clock},{}", rest(last))
            }),
        ),
        (
            "yr mon mday hour min sec",
            csv(&format!("{tail},yr,mon,mday,hour,min,sec"), |day, clock, last| {
                let (year, _, day) = fields(day);
                format!("{},{year},March,{day},{}", rest(last), clock.replace(':', ","))
            }),
        ),
    ]
}

/// The table of users as read in one pass, and the matrix over the table that is held.
#[test]
fn logins_added_up_while_they_are_read_have_the_same_features() {
    for options in [Options::default, berlin] {
        let mut of_whole: Option<Vec<Vec<String>>> = None;
        for (name, csv) in logins() {
            let full = read(&csv, options());
            assert_eq!(times(&full).0, name);
            let mut session = Session::default();
            session.begin_aggregation(options(), None).unwrap();
            for piece in csv.as_bytes().chunks(7_001) {
                session.push(piece).unwrap();
            }
            session.finish_ingest().unwrap();
            let ingested = &session.loaded().unwrap().ingested;
            let users = &ingested.table;
            let mut plan = full.suggest().unwrap().plan.clone();
            plan.recipe = Recipe::Login;
            plan.novelty = None;
            plan.rules = None;
            let matrix = {
                let table = &full.loaded().unwrap().ingested.table;
                let mut job = FeatureJob::new(table, &plan).unwrap();
                while !job.is_done() {
                    job.step(table).unwrap();
                }
                job.finish().0
            };
            assert_eq!((users.n_rows(), matrix.n_rows()), (35, 35), "{name}");
            for (feature, values) in matrix.features.iter().zip(matrix.values.columns()) {
                let column = &users.columns()[users.index_of(&feature.name).unwrap()];
                let found: Vec<u64> =
                    (0..35).map(|row| column.number(row).unwrap_or(f64::NAN).to_bits()).collect();
                let expected: Vec<u64> = values.iter().map(|value| value.to_bits()).collect();
                assert_eq!(found, expected, "{name}: {}", feature.name);
            }
            let texts: Vec<Vec<String>> = (0..35)
                .map(|row| users.columns().iter().map(|column| column.text(row).into_owned()).collect())
                .collect();
            assert_eq!(*of_whole.get_or_insert_with(|| texts.clone()), texts, "{name}");
            let told = |session: &Session| {
                let findings = session.loaded().unwrap().ingested.findings.clone();
                let of_times = findings.into_iter().filter(|finding| {
                    finding.column.as_deref() == Some(name)
                        && ["joined-columns", "nonexistent-time"].contains(&finding.kind.code())
                });
                of_times.map(|finding| (finding.kind, finding.count, finding.message)).collect::<Vec<_>>()
            };
            assert_eq!(told(&session), told(&full), "{name}");
        }
    }
}

#[test]
fn rows_without_a_time_are_set_aside_whichever_way_they_are_read() {
    let mut lines = vec!["date,time,user,success".to_owned()];
    for row in 0..300 {
        let clock = if row == 41 { "noon".to_owned() } else { format!("{:02}:{:02}", row % 24, row % 60) };
        let day = if row == 97 { String::new() } else { format!("2024-03-{:02}", 1 + row % 28) };
        lines.push(format!("{day},{clock},u{},{}", row % 9, row % 5 > 0));
    }
    let csv = lines.join("\n");
    let full = read(&csv, Options::default());
    let mut session = Session::default();
    session.begin_aggregation(Options::default(), None).unwrap();
    session.push(csv.as_bytes()).unwrap();
    session.finish_ingest().unwrap();
    let ingested = &session.loaded().unwrap().ingested;
    assert_eq!(ingested.n_aggregated, Some(298));
    let bad = |session: &Session| {
        let findings = &session.loaded().unwrap().ingested.findings;
        findings.iter().find(|finding| finding.kind.code() == "bad-time").cloned().unwrap()
    };
    assert_eq!(bad(&session), bad(&full));
    assert_eq!((bad(&full).count, bad(&full).first.record), (2, 42));
    let places = bad(&full).places.into_iter().map(|place| (place.position.record, place.text));
    let expected = [(42, "2024-03-14T00:00:00, noon"), (98, ", 01:37")];
    assert_eq!(places.collect::<Vec<_>>(), expected.map(|(record, text)| (record, text.to_owned())));
}

/// A role may be given to times that nobody would join unasked.
#[test]
fn logins_are_joined_by_the_role_that_names_their_times() {
    let csv =
        "date,user,start,end\n2024-03-01,a,07:00,08:00\n2024-03-02,a,09:00,10:00\n2024-03-02,b,09:30,11:00";
    let roles = |time: &str| LoginRoles {
        entity: "user".to_owned(),
        time: time.to_owned(),
        outcome: None,
        device: None,
        address: None,
        country: None,
        browser: None,
    };
    let aggregate = |time: &str| {
        let mut session = Session::default();
        session.begin_aggregation(Options::default(), Some(roles(time))).unwrap();
        session.push(csv.as_bytes()).unwrap();
        session.finish_ingest().map(|_| ()).map(|()| {
            let table = &session.loaded().unwrap().ingested.table;
            table.columns()[table.index_of("last_login").unwrap()].text(0).into_owned()
        })
    };
    assert_eq!(aggregate("date start").unwrap(), "2024-03-02T09:00:00");
    assert_eq!(aggregate("date").unwrap(), "2024-03-02T00:00:00");
    assert_eq!(aggregate("date user").unwrap_err().code(), "too-few-rows");
    assert_eq!(aggregate("user start").unwrap_err().code(), "no-such-column");
}

#[test]
fn the_parts_of_a_day_are_one_time_with_the_time_of_day() {
    let expected = times(&read(&whole(), berlin())).1;
    for (name, csv) in logins().into_iter().skip(2) {
        let mut session = read(&csv, berlin());
        assert_eq!(times(&session), (name.to_owned(), expected.clone()));
        assert!(
            session.suggest().unwrap().questions.is_empty(),
            "{:?}",
            session.suggest().unwrap().questions
        );
        // A saved model joins them in any file, however few records it has.
        session.analyze(PartialPlan::default(), &NoClock).unwrap();
        let mut other = Session::default();
        other.load(&session.save().unwrap()).unwrap();
        let predicted = other.predict(csv.as_bytes(), Options::default(), &NoClock).unwrap();
        assert_eq!(predicted.scores, session.analysis().unwrap().scores, "{name}");
        let one: String = csv.lines().take(2).collect::<Vec<_>>().join("\n");
        let predicted = other.predict(one.as_bytes(), Options::default(), &NoClock).unwrap();
        assert_eq!(predicted.scores.len(), 1, "{name}");
    }
    // Days alone, where there is no more.
    let days = "user,year,month,day\na,2024,2,28\nb,2024,2,29\na,2024,2,30\nb,2024,,1";
    let rows: String = (0..120).map(|row| format!("\na,2024,1,{}", 1 + row % 31)).collect();
    let session = read(&format!("{days}{rows}"), Options::default());
    let (name, ms) = times(&session);
    assert_eq!(name, "year month day");
    let day = |days: i64| Some(days * 86_400_000);
    assert_eq!(ms[..4], [day(19_781), day(19_782), None, None]);
    let findings = &session.loaded().unwrap().ingested.findings;
    let bad = findings.iter().find(|finding| finding.kind.code() == "bad-time").unwrap();
    assert_eq!(
        (bad.count, bad.first.record),
        (2, 3),
        "a day that February never had, and one without its month"
    );
}

/// As an sshd log has it that was taken apart by its spaces.
#[test]
fn a_month_a_day_and_a_time_of_day_are_a_time_without_a_year() {
    let log = |month: &str, at: usize| format!("{month} {:>2} {:02}:{:02}:07", 20 + at % 9, at % 24, at % 60);
    let times_of = |join: &str| {
        let lines = (0..400).map(|at| {
            let line = log(if at < 200 { "Dec" } else { "Jan" }, at);
            format!("{},u{}", line.split_whitespace().collect::<Vec<_>>().join(join), at % 9)
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let apart = read(&format!("Date,Day,Time,user\n{}", times_of(",")), Options::default());
    let whole = read(&format!("when,user\n{}", times_of(" ")), Options::default());
    assert_eq!(times(&apart), ("Date Day Time".to_owned(), times(&whole).1));
    let no_year = |session: &Session| {
        let findings = &session.loaded().unwrap().ingested.findings;
        findings.iter().find(|finding| finding.kind.code() == "no-year").map(|finding| finding.count)
    };
    assert_eq!((no_year(&apart), no_year(&whole)), (Some(400), Some(400)));
    let findings = &apart.loaded().unwrap().ingested.findings;
    let shown = findings.iter().find(|finding| finding.kind.code() == "no-year").unwrap();
    assert_eq!(shown.places[3].text, "Dec, 23, 03:03:07");
    // Blocks cannot know the year, of these as of any.
    let mut session = Session::default();
    session.begin_aggregation(Options::default(), None).unwrap();
    session.push(format!("Date,Day,Time,user\n{}", times_of(",")).as_bytes()).unwrap();
    let refused = session.finish_ingest().unwrap_err();
    assert!(refused.to_string().contains("without a year"), "{refused}");
}

/// What is joined of a name that says too much, or nothing that is there.
#[test]
fn a_name_is_joined_where_it_can_be() {
    let csv = "a,b,b c,day,c\n2024-03-01,x,07:00,2024-03-01,08:00\n2024-03-02,y,09:00,2024-03-02,10:00";
    let columns = |names: &[&str]| {
        let columns = Some(names.iter().map(|&name| name.to_owned()).collect());
        let mut session = Session::default();
        session.begin_ingest(Options { columns, ..Options::default() }).unwrap();
        let pushed = session.push(csv.as_bytes()).map(|_| ());
        pushed.and_then(|()| session.finish_ingest().map(|loaded| loaded.ingested.table.names().join("|")))
    };
    assert_eq!(columns(&["a b c"]).unwrap(), "a|b c|a b c", "of two ways the one that can be");
    for name in ["b day", "day day", "b c b", "a x"] {
        assert_eq!(columns(&[name]).unwrap_err().code(), "no-such-column", "{name}");
    }
    // Words that turn out to be no time of day are said, each.
    assert_eq!(columns(&["a b"]).unwrap(), "a|b|a b");
    let types = [("a b".to_owned(), ColumnType::Timestamp)].into();
    let session = read(csv, Options { types, ..Options::default() });
    let findings = &session.loaded().unwrap().ingested.findings;
    let bad = findings.iter().find(|finding| finding.column.as_deref() == Some("a b") && finding.count == 2);
    assert_eq!(bad.map(|finding| finding.kind.code()), Some("bad-time"));
}

#[test]
fn a_day_and_a_bare_hour_are_one_time() {
    let session = read("user,day,hour\na,2024-03-01,7\na,2024-03-01,23\nb,2024-03-02,0", Options::default());
    let hour = |hours: i64| Some(19_783 * 86_400_000 + hours * 3_600_000);
    assert_eq!(times(&session), ("day hour".to_owned(), vec![hour(7), hour(23), hour(24)]));
}

#[test]
fn a_name_that_is_taken_is_said() {
    let csv = "date,time,user,date time\n2024-03-01,07:00,a,first\n2024-03-02,09:30,b,second";
    let session = read(csv, Options::default());
    let ingested = &session.loaded().unwrap().ingested;
    assert_eq!(ingested.table.names(), ["date", "time", "user", "date time"]);
    let told = ingested.findings.iter().find(|finding| finding.kind.code() == "joined-columns").unwrap();
    assert!(told.message.contains("left apart"), "{}", told.message);
    // There they are joined already.
    let whole = csv.replace("first", "2024-03-01 07:00").replace("second", "2024-03-02 09:30");
    let session = read(&whole, Options::default());
    let findings = &session.loaded().unwrap().ingested.findings;
    assert!(findings.iter().all(|finding| finding.kind.code() != "joined-columns"));
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
        "date,user,min,hour,hr\n2024-03-01,a,1,7,8\n2024-03-02,b,2,9,10",
        "date,hours,user\n2024-03-01,7,a\n2024-03-02,8,b",
        "date,hour,user\n2024-03-01,7,a\n2024-03-02,24,b",
        "date,code,user\n2024-03-01,7:3,a\n2024-03-02,9:75,b",
        // A time of day that hardly any row has.
        "date,time,user\n2024-03-01,07:00,a\n2024-03-02,,a\n2024-03-03,,b\n2024-03-03,,c",
        // The parts of a time that stands beside them.
        "at,year,month,day\n2024-03-01 07:00:00,2024,3,1\n2024-03-02 08:00:00,2024,3,2",
        // Not side by side, not all there, none of a calendar, or more than one of a kind.
        "year,user,month,day\n2024,a,3,1\n2024,b,3,2",
        "month,day,user\n3,1,a\n3,2,b",
        "year,month,day,user\n1,3,1,a\n2,3,2,b",
        "year,month,day,user\n2024,13,1,a\n2024,3,2,b",
        "month,day,from,to,user\nMar,1,07:00,08:00,a\nMar,2,08:00,09:00,b",
        "team,day,time,user\nMarketing,1,07:00,a\nDecember Club,2,08:00,b",
    ] {
        let session = read(csv, Options::default());
        let table = &session.loaded().unwrap().ingested.table;
        assert_eq!(table.names().join(","), csv.lines().next().unwrap());
    }
}
