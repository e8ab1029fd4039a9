//! What a feature of one kind of value tells: its name, its meaning and its formula, and the meaning with the value in it.

use super::found::NewTo;
use crate::engine::features::{Feature, YES_NO};
use crate::engine::plan::NovelKind;

/// What a feature tells of the values of a kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// The kind.
    pub kind: NovelKind,
    /// What of it.
    pub tells: Tells,
    /// Whether of one event; else of all of a row's.
    pub is_event: bool,
    /// Days for which a value stays known.
    pub days: f64,
}

/// What is told, and against whose events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// Whether the event's value is new, or how many events have a value that is.
    New(NewTo),
    /// How common the event's value is, or the most uncommon one.
    Share(NewTo),
}

impl Told {
    /// Whether it counts events with a new value.
    pub fn is_count(&self) -> bool {
        matches!(self.tells, Tells::New(_)) && !self.is_event
    }

    /// What the feature is, with `value` in the place of its kind where it is about one value: "first use of a country by the
    /// user in 90 days" and "first time from BR for the user in 90 days".
    pub fn meaning(&self, value: Option<&str>) -> String {
        let Told { kind, tells, is_event, days } = *self;
        let (word, words) = kind.words();
        match (tells, value) {
            (Tells::New(to), _) if !is_event => {
                let who = match to {
                    NewTo::User => "the user did not use",
                    NewTo::Peers => "no peer used",
                    NewTo::Everyone => "nobody used",
                };
                format!("number of {words} that {who} in the {days} days before")
            }
            (Tells::New(to), value) => {
                let met = match kind {
                    NovelKind::Action | NovelKind::Resource => None,
                    NovelKind::Address | NovelKind::AddressRange | NovelKind::Country => Some("from"),
                    NovelKind::Device => Some("on"),
                    NovelKind::Browser => Some("with"),
                };
                let (head, preposition) = match (value, met) {
                    (Some(value), Some(met)) => (format!("first time {met} {value}"), "for"),
                    (Some(value), None) => (format!("first use of {value}"), "by"),
                    (None, _) => (format!("first use of {}", kind.a_word()), "by"),
                };
                let whom = match to {
                    NewTo::User => format!("{preposition} the user"),
                    NewTo::Peers => "among the user's peers".to_owned(),
                    NewTo::Everyone => format!("{preposition} anybody"),
                };
                format!("{head} {whom} in {days} days")
            }
            (Tells::Share(to), value) => {
                let which = match (is_event, value) {
                    (true, Some(value)) => format!("the {word} {value}"),
                    (true, None) => format!("this {word}"),
                    (false, _) => format!("the most uncommon {word}"),
                };
                match to {
                    NewTo::User => format!("share of the user's earlier events with {which}"),
                    NewTo::Peers => format!("share of peers who used {which} before"),
                    NewTo::Everyone => format!("share of other users who used {which} before"),
                }
            }
        }
    }

    /// The feature.
    pub(super) fn feature(&self) -> Feature {
        let Told { kind, tells, is_event, days } = *self;
        let ((one, many), word) = (kind.names(), kind.words().0);
        match tells {
            Tells::New(to) => {
                let named = if is_event { one } else { many };
                let (name, by) = match to {
                    NewTo::User => (format!("new_{named}"), "not used by the user"),
                    NewTo::Peers => {
                        (format!("{named}_new_to_peers"), "used neither by the user nor by a peer")
                    }
                    NewTo::Everyone => (format!("{named}_new_to_everyone"), "used by nobody"),
                };
                Feature::new(name, self.meaning(None), unit_of_news(is_event))
                    .with_formula(format!("{} {word} was {by} in {days} d", how(is_event, "events whose")))
            }
            Tells::Share(to) => {
                let (of, formula) = match to {
                    NewTo::User => {
                        ("own", format!("the user's earlier events with the {word} / those with any"))
                    }
                    NewTo::Peers => ("peer", format!("peers who used the {word} / peers")),
                    NewTo::Everyone => {
                        ("everyone", format!("other users who used the {word} / those who used any"))
                    }
                };
                let (prefix, least) = if is_event { ("", "") } else { ("least_", "least of: ") };
                Feature::new(format!("{prefix}{of}_share_{one}"), self.meaning(None), "")
                    .with_formula(format!("{least}{formula}"))
            }
        }
    }
}

/// "number of " before what is counted in a row of many events, "1 if " before what holds or not in a row of one.
pub(super) fn how(is_event: bool, counted: &str) -> String {
    if is_event { "1 if the".to_owned() } else { format!("number of {counted}") }
}

/// Of what holds or not in a row of one event and is counted in a row of many.
pub(super) fn unit_of_news(is_event: bool) -> &'static str {
    if is_event { YES_NO } else { "" }
}
