//! Spellings of moments, and `jiff` as their judge.

use super::*;
use crate::engine::time::{civil_from_days, iso};

/// The moment as ISO text, for known days.
fn read(text: &str) -> Option<String> {
    let moment = moment(text.as_bytes())?;
    let Day::Known(days) = moment.day else { return Some(format!("{:?}", moment.day)) };
    Some(iso(to_ms(days, moment.in_day_ms), moment.is_zoned))
}

#[test]
fn spellings() {
    for (text, expected) in [
        ("2024-07-10 16:07:32", "2024-07-10T16:07:32"),
        ("2024-07-10T16:07:32Z", "2024-07-10T16:07:32Z"),
        ("2024-07-10T16:07Z", "2024-07-10T16:07:00Z"),
        ("2024-07-10", "2024-07-10T00:00:00"),
        ("2024/7/1 9:05", "2024-07-01T09:05:00"),
        ("2018-11-01 00:36:52.617978", "2018-11-01T00:36:52.617"),
        ("2018-11-01 00:36:52,5", "2018-11-01T00:36:52.500"),
        ("2024-07-10T00:07:32.123456789+02:00", "2024-07-09T22:07:32.123Z"),
        ("2024-07-10T23:07:32-0130", "2024-07-11T00:37:32Z"),
        ("2024-07-10 23:07:32 +02", "2024-07-10T21:07:32Z"),
        ("2024-07-10 23:07:32 UTC", "2024-07-10T23:07:32Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("17/May/2015:10:05:03 +0000", "2015-05-17T10:05:03Z"),
        ("[17/May/2015:10:05:03 -0700]", "2015-05-17T17:05:03Z"),
        ("17-May-2015 10:05", "2015-05-17T10:05:00"),
        ("Sun, 17 May 2015 10:05:03 GMT", "2015-05-17T10:05:03Z"),
        ("Sun May 17 10:05:03 2015", "2015-05-17T10:05:03"),
        ("May 17, 2015 1:05:03 PM", "2015-05-17T13:05:03"),
        ("  2024-07-10 12:00:00 AM ", "2024-07-10T00:00:00"),
        ("Jul 10 2024 3:04 PM", "2024-07-10T15:04:00"),
        ("Jul 10, 2024 @ 15:04:05.123", "2024-07-10T15:04:05.123"),
        ("20240710T150405Z", "2024-07-10T15:04:05Z"),
        ("20240710T150405.5+0200", "2024-07-10T13:04:05.500Z"),
        ("20240710T1504", "2024-07-10T15:04:00"),
        ("2024-07-10_15:04:05", "2024-07-10T15:04:05"),
        ("2024-07-10 15:04:05,123", "2024-07-10T15:04:05.123"),
        ("Wed, 10 Jul 2024 15:04:05 -0700 (PDT)", "2024-07-10T22:04:05Z"),
        ("Wed Jul 10 2024 15:04:05 GMT+0200 (Central European Summer Time)", "2024-07-10T13:04:05Z"),
        ("2024-07-10T15:04:05+02:00[Europe/Berlin]", "2024-07-10T13:04:05Z"),
        ("[Sun Oct 10 13:55:36.123456 2000]", "2000-10-10T13:55:36.123"),
        ("10 July 2024 15:04", "2024-07-10T15:04:00"),
        ("17-May-15", "2015-05-17T00:00:00"),
        ("17/May/99:10:05:03", "1999-05-17T10:05:03"),
        ("7/10/2024, 3:04:05\u{202F}p.m.", "TwoNumbers { first: 7, second: 10, year: 2024 }"),
        ("10.07.24 15:04", "TwoNumbers { first: 10, second: 7, year: 2024 }"),
        ("10.07.2024, 15:04:05", "TwoNumbers { first: 10, second: 7, year: 2024 }"),
        ("Mar 27 13:06:56", "NoYear { month: 3, day: 27 }"),
        ("Feb 29 13:06:56.25", "NoYear { month: 2, day: 29 }"),
        ("9.6.2017 15:23", "TwoNumbers { first: 9, second: 6, year: 2017 }"),
        ("09/30/2017 11:55:03", "TwoNumbers { first: 9, second: 30, year: 2017 }"),
        ("30-09-2017", "TwoNumbers { first: 30, second: 9, year: 2017 }"),
        ("9/30/17 1:55 PM", "TwoNumbers { first: 9, second: 30, year: 2017 }"),
    ] {
        assert_eq!(read(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_is_no_time() {
    for text in [
        "",
        "login",
        "2024",
        "2024-13-01",
        "2024-02-30",
        "2023-02-29",
        "2024-07-10 24:00:00",
        "2024-07-10 12:60",
        "2024-07-10T",
        "2024-07-10 16:07:32 CET",
        "2024-07-10 16:07:32 +2",
        "2024-07-10x",
        "10.0.65.171",
        "1.2.13",
        "13/13/2017",
        "31/4/2017",
        "Mar 32 13:06:56",
        "Mar 27",
        "Mars 27 13:06:56x",
        "June",
        "06:55:46",
        "43:30.8",
        "2024-07/10",
        "1-2-3",
        "99/99/9999",
        "0000-01-01",
        "2024-07-10 13:00 PM",
        "2017-1",
        "12/2017",
        "10.07.24",
        "20240710T",
        "20240710T15",
        "20240710T2504",
        "20241310T1504",
        "20240710",
        "20240710150405",
        "2024-07-10 15:04:05 (PDT)",
        "2024-07-10 15:04:05+02:00(",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn epochs_by_their_size() {
    for (text, ms) in [
        ("1720627652", Some(1_720_627_652_000)),
        ("1720627652.25", Some(1_720_627_652_250)),
        ("1720627652123", Some(1_720_627_652_123)),
        ("1720627652123456", Some(1_720_627_652_123)),
        ("1720627652123456789", Some(1_720_627_652_123)),
        ("154", None),
        ("20240710", None),
        ("-1720627652", None),
        ("1720627652x", None),
        ("99999999999", None),
    ] {
        assert_eq!(epoch_ms(text.as_bytes()), ms, "{text}");
    }
}

#[test]
fn digits_alone_where_a_column_says_that_it_holds_times() {
    for (text, expected) in [
        ("20240710", Some("2024-07-10T00:00:00")),
        ("20240710150405", Some("2024-07-10T15:04:05")),
        ("1720627652", Some("2024-07-10T16:07:32Z")),
        ("20241310", None),
        ("18991231", None),
        ("21010101", None),
        ("2024071", None),
        ("202407101504", Some("2024-07-10T15:04:00")),
        ("212407101504", Some("1976-09-24T09:58:21.504Z")),
        ("2024071a", None),
    ] {
        let found = counted(text.as_bytes()).map(|moment| {
            let Day::Known(days) = moment.day else { panic!("{text}") };
            iso(to_ms(days, moment.in_day_ms), moment.is_zoned)
        });
        assert_eq!(found.as_deref(), expected, "{text}");
    }
}

/// 20,000 random times in each of the spellings that `jiff` can write and read, judged by it.
#[test]
fn agrees_with_jiff_on_random_times() {
    use jiff::fmt::strtime;
    use jiff::tz::{Offset, TimeZone};
    let mut rng = crate::engine::rng::Rng::new(7);
    for _ in 0..20_000 {
        // Years 1 to 9998.
        let ms = rng.below(315_400_000_000_000) as i64 - 62_135_500_000_000;
        let offset_min = rng.below(36 * 60) as i64 - 18 * 60;
        let zone = TimeZone::fixed(Offset::from_seconds(offset_min as i32 * 60).unwrap());
        let stamp = jiff::Timestamp::from_millisecond(ms).unwrap();
        let zoned = stamp.to_zoned(zone);
        for pattern in ["%Y-%m-%dT%H:%M:%S.%3f%:z", "%Y-%m-%d %H:%M:%S.%9f %z", "%d/%b/%Y:%H:%M:%S %z"] {
            let text = strtime::format(pattern, &zoned).unwrap();
            let moment = moment(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            let Day::Known(days) = moment.day else { panic!("{text}") };
            let expected = if pattern.contains('f') { ms } else { ms.div_euclid(1_000) * 1_000 };
            assert_eq!(to_ms(days, moment.in_day_ms), expected, "{text}");
        }
        let civil = zoned.datetime();
        let text = strtime::format("%d.%m.%Y %H:%M", civil).unwrap();
        let day = moment(text.as_bytes()).unwrap_or_else(|| panic!("{text}")).day;
        let (first, second, year) = (civil.day() as u32, civil.month() as u32, i64::from(civil.year()));
        assert_eq!(day, Day::TwoNumbers { first, second, year }, "{text}");
    }
}

#[test]
fn dates_that_exist_are_those_of_the_calendar() {
    for days in (0..60_000).step_by(13) {
        let (year, month, day) = civil_from_days(days);
        assert_eq!(checked_days(year, month, day), Some(days));
    }
}
