//! Columns of times: orders, years and zones that the values leave open.

use super::*;
use crate::engine::finding::Findings;
use crate::engine::table::Validity;
use crate::engine::time::iso;

/// The times of a column as ISO text, and the codes of its findings.
fn column(values: &[&str]) -> (Vec<String>, Vec<(&'static str, u64)>) {
    let mut times = Times::new(0, true, None);
    let mut validity = Validity::new();
    for (row, value) in values.iter().enumerate() {
        let at = Position { record: row as u64 + 1, line: row as u64 + 2, byte: 10 * row as u64, file: 0 };
        assert!(times.push(value.as_bytes(), || at, || value.as_bytes()), "{value}");
        validity.push(true);
    }
    let mut findings = Findings::default();
    let finished = times.finish("t", &validity, None, &mut findings, &mut Vec::new());
    let texts = finished.ms.iter().map(|&ms| iso(ms, finished.zoned)).collect();
    (texts, findings.into_vec().iter().map(|f| (f.kind.code(), f.count)).collect())
}

fn days(values: &[&str]) -> (Vec<String>, Vec<(&'static str, u64)>) {
    let (texts, findings) = column(values);
    (texts.iter().map(|text| text[..10].to_owned()).collect(), findings)
}

#[test]
fn one_telling_date_settles_the_whole_column() {
    assert_eq!(days(&["03/04/2024", "13/04/2024"]).0, ["2024-04-03", "2024-04-13"]);
    assert_eq!(days(&["03/04/2024", "04/13/2024"]).0, ["2024-03-04", "2024-04-13"]);
    assert_eq!(days(&["3.4.2024", "4.13.2024"]), (vec!["2024-03-04".into(), "2024-04-13".into()], vec![]));
}

#[test]
fn undecided_dates_follow_the_custom_and_say_so() {
    let ambiguous = |n| vec![("ambiguous-dates", n)];
    assert_eq!(
        days(&["03/04/2024", "5/5/2024"]),
        (vec!["2024-03-04".into(), "2024-05-05".into()], ambiguous(1))
    );
    assert_eq!(days(&["03.04.2024"]), (vec!["2024-04-03".into()], ambiguous(1)));
    assert_eq!(days(&["03-04-2024"]), (vec!["2024-04-03".into()], ambiguous(1)));
    assert_eq!(days(&["5/5/2024"]), (vec!["2024-05-05".into()], vec![]));
}

#[test]
fn contradicting_dates_follow_the_majority_and_say_so() {
    let (texts, findings) = days(&["13/04/2024", "04/13/2024", "14/4/2024", "3/4/2024"]);
    assert_eq!(texts, ["2024-04-13", "2024-04-13", "2024-04-14", "2024-04-03"]);
    assert_eq!(findings, [("ambiguous-dates", 1)]);
}

#[test]
fn dates_rewritten_by_a_spreadsheet_follow_those_it_left_alone() {
    let (texts, findings) = column(&["9.6.2017 15:23", "09/30/2017 11:55:03", "09/14/2017 08:16:30"]);
    assert_eq!(texts, ["2017-09-06T15:23:00", "2017-09-30T11:55:03", "2017-09-14T08:16:30"]);
    assert_eq!(findings, [("mixed-time-formats", 1)]);
}

#[test]
fn only_the_ambiguous_rows_are_swapped() {
    let (texts, findings) = days(&["2024-03-04", "03.04.2024", "25.04.2024", "Mar 4 2024"]);
    assert_eq!(texts, ["2024-03-04", "2024-04-03", "2024-04-25", "2024-03-04"]);
    assert_eq!(findings, [("mixed-time-formats", 2)]);
}

#[test]
fn years_roll_over_and_stragglers_stay_behind() {
    let (texts, findings) =
        days(&["Nov 30 10:00:00", "Dec 31 23:59:59", "Jan 1 00:00:01", "Dec 31 23:59:58", "Jan 2 00:00:00"]);
    assert_eq!(texts, ["2000-11-30", "2000-12-31", "2001-01-01", "2000-12-31", "2001-01-02"]);
    assert_eq!(findings, [("no-year", 5)]);
}

#[test]
fn a_leap_day_after_new_year_moves_the_assumed_year() {
    let (texts, _) = days(&["Dec 31 10:00:00", "Feb 28 10:00:00", "Feb 29 10:00:00", "Mar 1 10:00:00"]);
    assert_eq!(texts, ["2003-12-31", "2004-02-28", "2004-02-29", "2004-03-01"]);
}

#[test]
fn zones_in_part_of_a_column_are_said() {
    let (texts, findings) =
        column(&["2024-07-10T10:00:00Z", "2024-07-10T10:00:00", "2024-07-10T12:00:00+02:00"]);
    assert_eq!(texts, ["2024-07-10T10:00:00", "2024-07-10T10:00:00", "2024-07-10T10:00:00"]);
    assert_eq!(findings, [("mixed-time-formats", 1)]);
    assert!(column(&["2024-07-10T10:00:00Z", "1720605600"]).0[1].ends_with("10:00:00Z"));
}

#[test]
fn the_fixed_layout_agrees_with_the_reader_of_any_layout() {
    for text in [
        "2024-07-10 16:07:32",
        "2024-07-10T16:07:32Z",
        "2024-02-29 23:59:60",
        "2024-07-10 16:07:32.123",
        "2024-07-10 16:07:32.123Z",
        "2024-02-30 16:07:32",
        "2024-07-10 24:07:32",
        "2024-07-10 16:7:32.1",
        "2024-07-10 16:07:32.12x",
        "0000-07-10 16:07:32",
        "2024-07-10T16:07:32z",
        "2024-07-10 1a:07:32",
    ] {
        let mut times = Times::new(0, false, None);
        let fixed = times.fixed_layout(text.as_bytes());
        let any = moment::moment(text.as_bytes()).map(|moment| {
            let Day::Known(days) = moment.day else { panic!("{text}") };
            (moment::to_ms(days, moment.in_day_ms), moment.is_zoned)
        });
        assert!(fixed.is_none() || fixed == any, "{text}: {fixed:?} {any:?}");
    }
}
