//! Calendar arithmetic on milliseconds since 1970-01-01T00:00:00: the proleptic Gregorian calendar, no leap
//! seconds. Algorithms after Howard Hinnant, "chrono-compatible low-level date algorithms". Zones are in [`zone`].

pub mod zone;

/// Milliseconds in a second.
pub const SECOND_MS: i64 = 1_000;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// Days since 1970-01-01 of a civil date. Months 1 to 12, days 1 to 31, not checked here.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month (1 to 12) and day (1 to 31) of a day since 1970-01-01.
pub fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Days in a month of a year; `None` for months outside 1 to 12.
pub fn days_in_month(year: i64, month: u32) -> Option<u32> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => Some(29),
        2 => Some(28),
        _ => None,
    }
}

/// The day (since 1970-01-01) of a moment.
pub fn day_of(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS)
}

/// The hour of day, 0 to 23, of a moment.
pub fn hour_of(ms: i64) -> u32 {
    (ms.rem_euclid(DAY_MS) / HOUR_MS) as u32
}

/// The weekday of a day since 1970-01-01: 0 Monday to 6 Sunday.
pub fn weekday_of(day: i64) -> u32 {
    (day + 3).rem_euclid(7) as u32
}

/// The week of a day, from Monday to Sunday, counted from the one that 1970-01-01 lies in.
pub fn week_of(day: i64) -> i64 {
    (day + 3).div_euclid(7)
}

/// The day that a week of [`week_of`] begins with.
pub fn monday_of(week: i64) -> i64 {
    week * 7 - 3
}

/// `2024-07-10`.
pub fn iso_day(day: i64) -> String {
    // A number that came from elsewhere as a day is to be no overflow.
    const FARTHEST: i64 = 1 << 53;
    let day = day.clamp(-FARTHEST, FARTHEST);
    let (year, month, day) = civil_from_days(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Names of months, cut to three letters.
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A day for people: as [`iso_day`], or `Jul 10` where its year is one that was only assumed.
pub fn day_text(day: i64, no_year: bool) -> String {
    if !no_year {
        return iso_day(day);
    }
    let (_, month, day) = civil_from_days(day);
    format!("{} {day}", MONTHS[month as usize - 1])
}

/// `2024-07-10T16:07:32`, milliseconds only where there are any, `Z` when `zoned`.
pub fn iso(ms: i64, zoned: bool) -> String {
    format!("{}T{}{}", iso_day(day_of(ms)), clock_text(ms), if zoned { "Z" } else { "" })
}

/// `Jul 10 16:07:32`, as logs write times without a year; otherwise as [`iso`].
pub fn without_year(ms: i64, zoned: bool) -> String {
    format!("{} {}{}", day_text(day_of(ms), true), clock_text(ms), if zoned { "Z" } else { "" })
}

/// `16:07:32`, milliseconds only where there are any.
fn clock_text(ms: i64) -> String {
    let in_day = ms.rem_euclid(DAY_MS);
    let (hour, minute, second, milli) =
        (in_day / HOUR_MS, in_day / 60_000 % 60, in_day / SECOND_MS % 60, in_day % SECOND_MS);
    match milli {
        0 => format!("{hour:02}:{minute:02}:{second:02}"),
        milli => format!("{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}

/// Reads what [`iso`] writes: a date, and a time of day to the minute, the second or the millisecond.
pub fn from_iso(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let number = |text: &str, n_digits: usize| -> Option<i64> {
        (text.len() == n_digits && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().ok())?
    };
    let mut date = date.split('-');
    let year = number(date.next()?, 4)?;
    let (month, day) = (number(date.next()?, 2)? as u32, number(date.next()?, 2)? as u32);
    if date.next().is_some() || day == 0 || day > days_in_month(year, month)? {
        return None;
    }
    let (clock, milli) = clock.split_once('.').unwrap_or((clock, "000"));
    let mut clock = clock.split(':');
    let (hour, minute) = (number(clock.next()?, 2)?, number(clock.next()?, 2)?);
    let second = clock.next().map_or(Some(0), |second| number(second, 2))?;
    if clock.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let in_day = hour * HOUR_MS + minute * 60_000 + second * SECOND_MS + number(milli, 3)?;
    Some(days_from_civil(year, month, day) * DAY_MS + in_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_dates_round_trip_over_eight_centuries() {
        for day in -150_000..150_000 {
            let (year, month, day_of_month) = civil_from_days(day);
            assert_eq!(days_from_civil(year, month, day_of_month), day);
            assert!(day_of_month <= days_in_month(year, month).unwrap());
        }
    }

    #[test]
    fn known_moments() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(iso(1_720_627_652_000, false), "2024-07-10T16:07:32");
        assert_eq!(iso(-1, true), "1969-12-31T23:59:59.999Z");
        assert_eq!(without_year(1_720_627_652_000, false), "Jul 10 16:07:32");
        assert_eq!(without_year(-1, true), "Dec 31 23:59:59.999Z");
        assert_eq!((day_text(0, true), day_text(0, false)), ("Jan 1".into(), "1970-01-01".into()));
        assert_eq!(weekday_of(days_from_civil(2024, 7, 10)), 2);
        for ms in [1_720_627_652_000, -1, 0, 951_782_400_123] {
            assert_eq!(from_iso(&iso(ms, true)), Some(ms));
        }
        assert_eq!(from_iso("2024-07-10 16:07"), Some(1_720_627_620_000));
        for text in [
            "",
            "2024-02-30",
            "2024-07-10T24:00",
            "24-07-10",
            "2024-07-10T1:00",
            "2024-07-10T10:00:00.1",
            "é",
        ] {
            assert_eq!(from_iso(text), None, "{text}");
        }
        assert_eq!((hour_of(-1), day_of(-1)), (23, -1));
    }
}
