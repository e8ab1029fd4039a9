//! What the columns of a table of sessions mean, by their names: what was counted, and what it was done on.
//!
//! A name is compared as words, without those that only say that something was counted (`count`, `number`, `total`,
//! `events`): `click_events`, `Clicks`, `n_clicks` and `totalClicks` are one name. What is left must be the whole name:
//! `click_rate` and `typing_speed` count nothing.
//!
//! | column | names |
//! | --- | --- |
//! | clicks | `click`, `clicks`, `mouse clicks` |
//! | scrolls | `scroll`, `scrolls`, `scrolling` |
//! | touches | `touch`, `touches`, `tap`, `taps`, `swipe`, `swipes`, `gestures` |
//! | keys | `keys`, `key events` (but not `key`), `keyboard`, `keystroke`, `keystrokes`, `key press`, `key presses`, `typing` |
//! | submissions | `submission`, `submissions`, `form submission`, `form submissions`, `forms submitted` |
//! | mouse | `mouse`, `mouse movement`, `mouse movements`, `mouse move`, `mouse moves`, `mousemove`, `cursor movement`, `pointer movement` |
//! | pages | `page view`, `page views`, `pageview`, `pageviews`, `pages`, `pages viewed`, `pages visited`, `screen views` |
//! | errors | `error`, `errors`, `failures` |
//! | events | `events`, `interactions`, `actions`, and names that only say that events were counted |
//! | screen size | `screen size`, `screen resolution`, `resolution`, `screen`, `display size`, `viewport`, `viewport size`, `window size` |
//! | screen width, height | `screen width`, `viewport width`, `window width`; the same with `height` |
//! | orientation | `orientation`, `device orientation`, `screen orientation` |
//! | language | `language`, `lang`, `locale`, `browser language` |

use super::guess::names::words_of;

/// What a column of a table of sessions means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionColumn {
    /// Clicks.
    Clicks,
    /// Scrolls.
    Scrolls,
    /// Touches, taps and swipes.
    Touches,
    /// Key presses.
    Keys,
    /// Forms that were sent.
    Submissions,
    /// How much the mouse moved.
    Mouse,
    /// Pages that were seen.
    Pages,
    /// Errors that were met.
    Errors,
    /// Events of all kinds.
    Events,
    /// Width and height of the screen in one: `1920x1080`.
    ScreenSize,
    /// Width of the screen.
    ScreenWidth,
    /// Height of the screen.
    ScreenHeight,
    /// How the device is held: portrait or landscape.
    Orientation,
    /// Language.
    Language,
}

/// Words that say that something was counted.
const COUNT_WORDS: &[&str] =
    &["count", "counts", "counter", "num", "n", "number", "of", "total", "sum", "event", "events"];

#[rustfmt::skip]
const KNOWN: &[(SessionColumn, &[&str])] = &[
    (SessionColumn::Clicks, &["click", "clicks", "mouse click", "mouse clicks"]),
    (SessionColumn::Scrolls, &["scroll", "scrolls", "scrolling"]),
    (SessionColumn::Touches, &["touch", "touches", "tap", "taps", "swipe", "swipes", "gestures"]),
    (SessionColumn::Keys, &["key", "keys", "keyboard", "keystroke", "keystrokes", "key press", "key presses", "typing"]),
    (SessionColumn::Submissions, &["submission", "submissions", "form submission", "form submissions", "forms submitted"]),
    (SessionColumn::Mouse, &[
        "mouse", "mouse movement", "mouse movements", "mouse move", "mouse moves", "mousemove", "cursor movement",
        "pointer movement",
    ]),
    (SessionColumn::Pages, &[
        "page view", "page views", "pageview", "pageviews", "pages", "pages viewed", "pages visited", "screen views",
    ]),
    (SessionColumn::Errors, &["error", "errors", "failures"]),
    (SessionColumn::Events, &["interactions", "actions"]),
    (SessionColumn::ScreenSize, &[
        "screen size", "screen resolution", "resolution", "screen", "display size", "viewport", "viewport size",
        "window size",
    ]),
    (SessionColumn::ScreenWidth, &["screen width", "viewport width", "window width"]),
    (SessionColumn::ScreenHeight, &["screen height", "viewport height", "window height"]),
    (SessionColumn::Orientation, &["orientation", "device orientation", "screen orientation"]),
    (SessionColumn::Language, &["language", "lang", "locale", "browser language"]),
];

impl SessionColumn {
    /// What a column means by its name, if it is one of those known.
    pub fn of(name: &str) -> Option<SessionColumn> {
        let words = words_of(name);
        let says = |word: &str| words.iter().any(|known| known == word);
        let rest: Vec<&str> =
            words.iter().map(String::as_str).filter(|word| !COUNT_WORDS.contains(word)).collect();
        if rest.is_empty() {
            return (says("events") || says("event") && says("count")).then_some(SessionColumn::Events);
        }
        // Alone it is that of a record.
        if words == ["key"] {
            return None;
        }
        let rest = rest.join(" ");
        KNOWN.iter().find(|(_, names)| names.contains(&rest.as_str())).map(|(column, _)| *column)
    }

    /// Whether it counts one way of using a page or a device, as tables of sessions do and other tables do not.
    pub fn is_interaction(self) -> bool {
        use SessionColumn::{Clicks, Keys, Mouse, Pages, Scrolls, Submissions, Touches};
        matches!(self, Clicks | Scrolls | Touches | Keys | Submissions | Mouse | Pages)
    }
}

/// Whether a name says that its numbers are names of things (`wifi_network_hash`, `zip`), which have no size.
pub fn is_identifier(name: &str) -> bool {
    const LAST_WORDS: &[&str] =
        &["id", "ids", "hash", "code", "zip", "postcode", "asn", "key", "token", "uuid", "guid"];
    words_of(name).last().is_some_and(|word| LAST_WORDS.contains(&word.as_str()))
        && SessionColumn::of(name).is_none()
}

/// Seconds in the unit that a name of a duration ends with: `duration_ms` has 0.001, `minutes` 60; 1 where it names none.
pub fn secs_per_unit(name: &str) -> f64 {
    match words_of(name).last().map(String::as_str) {
        Some("ms" | "millis" | "milliseconds" | "msec" | "msecs") => 0.001,
        Some("min" | "mins" | "minute" | "minutes") => 60.0,
        Some("h" | "hr" | "hrs" | "hour" | "hours") => 3_600.0,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_in_many_spellings() {
        for name in ["click_events", "Clicks", "n_clicks", "totalClicks", "clicks count", "number of clicks"]
        {
            assert_eq!(SessionColumn::of(name), Some(SessionColumn::Clicks), "{name}");
        }
        assert_eq!(SessionColumn::of("mouse_movement"), Some(SessionColumn::Mouse));
        assert_eq!(SessionColumn::of("keyboardEvents"), Some(SessionColumn::Keys));
        assert_eq!(SessionColumn::of("Screen Size"), Some(SessionColumn::ScreenSize));
        for name in ["events", "event_count", "total events", "actions_count"] {
            assert_eq!(SessionColumn::of(name), Some(SessionColumn::Events), "{name}");
        }
        for name in
            ["click_rate", "typing_speed", "swipe_speed", "event", "n", "", "avg_clicks", "page", "key"]
        {
            assert_eq!(SessionColumn::of(name), None, "{name}");
        }
    }

    #[test]
    fn known_names_are_words_that_say_more_than_that_something_was_counted() {
        for (column, names) in KNOWN {
            for name in *names {
                assert_eq!(words_of(name).join(" "), *name);
                assert_eq!(SessionColumn::of(&format!("{name} count")), Some(*column), "{name}");
            }
        }
    }

    #[test]
    fn numbers_that_name_things_and_units_of_durations() {
        assert!(is_identifier("wifi_network_hash") && is_identifier("ZIP") && is_identifier("country code"));
        assert!(!is_identifier("hashes_per_sec") && !is_identifier("keys") && !is_identifier("key_events"));
        let units =
            [("time_on_page", 1.0), ("duration_ms", 0.001), ("Duration (min)", 60.0), ("hours", 3_600.0)];
        for (name, secs) in units {
            assert_eq!(secs_per_unit(name), secs, "{name}");
        }
    }
}
