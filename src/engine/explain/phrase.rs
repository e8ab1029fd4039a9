//! Features as parts of a sentence: "number of sessions" becomes "unusually many sessions".
//!
//! Recipes name their features by noun phrases with a small set of heads (number of, share of, mean, spread of,
//! plurals); each head has its own way of being more or less. What no rule knows, such as a column of the user's own,
//! is "unusually high" or "unusually low", which is right for any quantity.

use crate::engine::features::{DATE, DATE_WITHOUT_YEAR, Feature, YES_NO};

/// Which way a value differs from the typical one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    High,
    Low,
    /// A category's value, which is no more or less than another.
    Other,
    /// There is none.
    Missing,
}

impl Direction {
    pub(super) const ALL: [Direction; 4] =
        [Direction::High, Direction::Low, Direction::Other, Direction::Missing];

    pub(super) fn of(feature: &Feature, value: f64, typical: f64) -> Direction {
        if value.is_nan() {
            Direction::Missing
        } else if !feature.labels.is_empty()
            || (feature.unit == YES_NO && !is_flag(feature))
            || typical.is_nan()
        {
            Direction::Other
        } else if value > typical {
            Direction::High
        } else {
            Direction::Low
        }
    }

    fn choose<'t>(self, high: &'t str, low: &'t str) -> &'t str {
        if self == Direction::Low { low } else { high }
    }
}

/// Heads of what is or is not, whatever its amount.
const IS_OR_IS_NOT: [&str; 3] = ["first use of ", "activity in ", "return after "];

/// What a feature is, as a noun.
pub(super) fn noun(feature: &Feature) -> &str {
    const WEEKDAY: &str = "usual day of the week";
    let meaning = feature.meaning.as_str();
    if meaning.starts_with(WEEKDAY) { WEEKDAY } else { meaning.strip_prefix(WHETHER).unwrap_or(meaning) }
}

/// How the meaning of a yes or no begins: "whether it is a session at night", "whether it is one of the longest".
const WHETHER: &str = "whether it is ";

/// Whether a feature is a yes or no whose meaning says what it is when it holds, and when it does not.
pub(super) fn is_flag(feature: &Feature) -> bool {
    let is_or_is_not = || IS_OR_IS_NOT.iter().any(|head| feature.meaning.starts_with(head));
    feature.meaning.starts_with(WHETHER) || (feature.unit == YES_NO && is_or_is_not())
}

/// Whether a feature is a deviation from what is usual for the user itself, in standard deviations.
pub(super) fn is_deviation(feature: &Feature) -> bool {
    against_own(&feature.meaning).is_some()
}

/// What deviates, and from whose sessions: of "number of clicks against the user's earlier sessions", both parts.
fn against_own(meaning: &str) -> Option<(&str, &str)> {
    let (what, whose) = meaning.rsplit_once(" against ")?;
    whose.starts_with("the user's ").then(|| (what.strip_prefix("number of ").unwrap_or(what), whose))
}

/// How a feature differs, without its values: "unusually many sessions".
pub(super) fn phrase(feature: &Feature, direction: Direction) -> String {
    let meaning = feature.meaning.as_str();
    let after = |head: &str| meaning.strip_prefix(head);
    match direction {
        Direction::Missing => return format!("{} is missing", noun(feature)),
        Direction::Other => return format!("an unusual {}", noun(feature)),
        Direction::High | Direction::Low => {}
    }
    if [DATE, DATE_WITHOUT_YEAR].contains(&feature.unit.as_str()) || meaning.starts_with("time of day of ") {
        format!("an unusually {} {meaning}", direction.choose("late", "early"))
    } else if let Some((what, whose)) = against_own(meaning) {
        format!("{what} far {} {whose}", direction.choose("above", "below"))
    } else if let Some(what) = after(WHETHER) {
        match (direction, what.strip_prefix("a ")) {
            (Direction::Low, Some(thing)) => format!("no {thing}"),
            (Direction::Low, None) => format!("not {what}"),
            _ => what.to_owned(),
        }
    } else if let "time of day" | "day of the week" | "time of year" = meaning {
        format!("an unusual {meaning}")
    } else if meaning.starts_with("usual time of day") {
        "activity at an unusual time of day".to_owned()
    } else if meaning.starts_with("usual day of the week") {
        "activity on unusual days of the week".to_owned()
    } else if let Some(counted) = after("number of ") {
        format!("unusually {} {counted}", direction.choose("many", "few"))
    } else if let Some(of_what) = after("share of activity ") {
        format!("unusually {} activity {of_what}", direction.choose("much", "little"))
    } else if after("share of ").is_some() {
        format!("an unusually {} {meaning}", direction.choose("high", "low"))
    } else if let Some(what) = after("mean length of a ").or_else(|| after("mean duration of an ")) {
        format!("unusually {} {what}s", direction.choose("long", "short"))
    } else if let Some(what) = after("length of the ") {
        format!("an unusually {} {what}", direction.choose("long", "short"))
    } else if let (Some(what), Direction::High) = (after("longest "), direction) {
        format!("an unusually long {what}")
    } else if after("mean time ").is_some() || after("time ").is_some() || after("longest ").is_some() {
        format!("an unusually {} {meaning}", direction.choose("long", "short"))
    } else if let Some(what) = after("shape of the ") {
        format!("an unusually {} {what}", direction.choose("wide", "narrow"))
    } else if after("spread of ").is_some() {
        format!("an unusually {} {meaning}", direction.choose("wide", "narrow"))
    } else if ["diversity of ", "evenness of ", "regularity of "].iter().any(|head| after(head).is_some()) {
        format!("an unusually {} {meaning}", direction.choose("high", "low"))
    } else if meaning == "screen area" {
        format!("an unusually {} {meaning}", direction.choose("large", "small"))
    } else if let (Some(what), Direction::High) = (after("largest "), direction) {
        format!("an unusually large {what}")
    } else if IS_OR_IS_NOT.iter().any(|head| meaning.starts_with(head)) {
        format!("{}{meaning}", direction.choose("", "no "))
    } else if has_plural_head(feature) {
        format!("unusually {} {meaning}", direction.choose("many", "few"))
    } else {
        format!("unusually {} {meaning}", direction.choose("high", "low"))
    }
}

/// A bound that is not passed, in the place of a value: "at most 12 logins at night instead of 57".
pub(super) fn at_most(feature: &Feature, is_most: bool, bound: &str, value: &str) -> String {
    let at = if is_most { "at most" } else { "at least" };
    let meaning = feature.meaning.as_str();
    if let Some(counted) = meaning.strip_prefix("number of ").filter(|_| !is_deviation(feature)) {
        format!("{at} {bound} {counted} instead of {value}")
    } else if has_plural_head(feature) && feature.unit.is_empty() {
        format!("{at} {bound} {meaning} instead of {value}")
    } else if meaning.starts_with("share of ") {
        format!("a {meaning} of {at} {bound} instead of {value}")
    } else {
        format!("{} {at} {bound} instead of {value}", noun(feature))
    }
}

/// Whether the meaning starts with something counted, as in "events per day". Names of a user's own columns do not
/// count: nobody knows what they are.
fn has_plural_head(feature: &Feature) -> bool {
    let is_own_words = feature.meaning != feature.name.replace(['_', '-', '.'], " ").trim();
    let head = feature.meaning.split(' ').next().unwrap_or_default();
    is_own_words && head.ends_with('s') && !["ss", "us", "is"].iter().any(|end| head.ends_with(end))
}

/// Phrases as one: "A, B and C". "unusually" is said once for all that begin with it in a row.
pub(super) fn joined(phrases: &[String]) -> String {
    const ADVERB: &str = "unusually ";
    let mut out = String::new();
    let mut is_said = false;
    for (place, phrase) in phrases.iter().enumerate() {
        if place > 0 {
            out.push_str(if place + 1 == phrases.len() { " and " } else { ", " });
        }
        let bare = phrase.strip_prefix(ADVERB);
        out.push_str(bare.filter(|_| is_said).unwrap_or(phrase));
        is_said = bare.is_some();
    }
    out
}

/// A sentence of a phrase: capital letter, full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().map(|c| c.to_ascii_uppercase()).collect();
    format!("{first}{}.", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_head_has_its_own_more_and_less() {
        let cases = [
            ("number of sessions", "unusually many sessions", "unusually few sessions"),
            (
                "share of activity at night",
                "unusually much activity at night",
                "unusually little activity at night",
            ),
            (
                "share of failed attempts",
                "an unusually high share of failed attempts",
                "an unusually low share of failed attempts",
            ),
            ("mean length of a session", "unusually long sessions", "unusually short sessions"),
            ("mean duration of an event", "unusually long events", "unusually short events"),
            (
                "mean time between sessions",
                "an unusually long mean time between sessions",
                "an unusually short mean time between sessions",
            ),
            (
                "time since the previous login",
                "an unusually long time since the previous login",
                "an unusually short time since the previous login",
            ),
            (
                "spread of activity over the day",
                "an unusually wide spread of activity over the day",
                "an unusually narrow spread of activity over the day",
            ),
            (
                "hours of the day without activity",
                "unusually many hours of the day without activity",
                "unusually few hours of the day without activity",
            ),
            (
                "events per day with activity",
                "unusually many events per day with activity",
                "unusually few events per day with activity",
            ),
            (
                "largest single amount",
                "an unusually large single amount",
                "unusually low largest single amount",
            ),
            (
                "first use of a country by the user in 90 days",
                "first use of a country by the user in 90 days",
                "no first use of a country by the user in 90 days",
            ),
            ("total amount", "unusually high total amount", "unusually low total amount"),
            ("usual time of day", "activity at an unusual time of day", "activity at an unusual time of day"),
            ("time of day", "an unusual time of day", "an unusual time of day"),
            ("whether it is a session at night", "a session at night", "no session at night"),
            ("whether it is one of the 5 % longest", "one of the 5 % longest", "not one of the 5 % longest"),
            (
                "number of clicks against the user's earlier sessions",
                "clicks far above the user's earlier sessions",
                "clicks far below the user's earlier sessions",
            ),
            ("length of the session", "an unusually long session", "an unusually short session"),
            (
                "time since the user's previous session",
                "an unusually long time since the user's previous session",
                "an unusually short time since the user's previous session",
            ),
            (
                "longest time between events",
                "an unusually long time between events",
                "an unusually short longest time between events",
            ),
            ("shape of the screen", "an unusually wide screen", "an unusually narrow screen"),
            (
                "diversity of events",
                "an unusually high diversity of events",
                "an unusually low diversity of events",
            ),
        ];
        for (meaning, high, low) in cases {
            let feature = Feature::new("f", meaning, "");
            assert_eq!(phrase(&feature, Direction::High), high);
            assert_eq!(phrase(&feature, Direction::Low), low);
        }
        let hired = Feature::new("hired", "hire date", DATE);
        assert_eq!(phrase(&hired, Direction::High), "an unusually late hire date");
        assert_eq!(phrase(&hired, Direction::Missing), "hire date is missing");
        assert_eq!(phrase(&Feature::new("r", "remote", YES_NO), Direction::Other), "an unusual remote");
        let own_column = Feature::new("tasks_completed", "tasks completed", "");
        assert_eq!(phrase(&own_column, Direction::High), "unusually high tasks completed");
    }

    #[test]
    fn the_adverb_is_said_once() {
        let joined =
            |phrases: &[&str]| super::joined(&phrases.iter().map(|&p| p.to_owned()).collect::<Vec<_>>());
        assert_eq!(joined(&["unusually many a"]), "unusually many a");
        assert_eq!(
            joined(&["unusually many a", "unusually few b", "unusually much c"]),
            "unusually many a, few b and much c"
        );
        assert_eq!(
            joined(&["unusually many a", "an unusually high b", "unusually few c"]),
            "unusually many a, an unusually high b and unusually few c"
        );
    }
}
