//! User agents: what browser, on what system, on what kind of device, from the string that browsers send.
//!
//! Our own table, as kept crates do not fit: `woothee` (last release 2021) and `uaparser` both match by the `regex`
//! crate, which alone is larger than the engine may be in a browser, and the latter needs a megabyte of patterns. What
//! analysis asks is whether a user came with *another* browser, not which minor version it was, and for that the few
//! marks below are enough. They are looked for from the top, because a later browser names those it descends from:
//!
//! | what | first found of |
//! | --- | --- |
//! | program | `bot`, `spider`, `crawl` and the like in any word, its family being that word; `PROGRAMS` |
//! | browser | `BROWSERS`; else the product that the string begins with |
//! | system | `SYSTEMS` |
//! | device | programs are bots; tablets and phones say so (an Android that does not say `Mobile` is a tablet); a known system is a desktop |
//!
//! Of the 9,999 requests of a published access log (`tests/agent_golden.rs`), `ua-parser` names the family of 8,865: it
//! is the same here for 95.9 %, and so are 99.1 % of the systems it names and 98.1 % of the requests that it calls
//! crawlers'. The rest are browsers built on another and counted as that one here (Iceweasel as Firefox, Opera Mini as
//! Opera, Internet Explorer with Chrome Frame as itself), apps that show pages, crawlers that pass as a browser but for a
//! word (`favicon`), and Kindles, which say Linux. Feed readers and tools, of which `ua-parser` names none or does not say
//! that they are programs, are programs here.

mod names;
mod searched;
#[cfg(test)]
mod tests;

use names::{BOT_WORDS, BROWSERS, NO_BOT_WORDS, PROGRAMS, SYSTEMS};
use searched::{Searched, contains_ignoring_case};
use std::borrow::Cow;

/// What a user agent string says. What it does not say is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent<'a> {
    /// Browser or program without its version: `Chrome`, `Edge`, `Googlebot`, `curl`.
    pub family: Option<&'a str>,
    /// `Windows`, `macOS`, `Linux`, `Android`, `iOS`, `ChromeOS`, and rarer ones.
    pub system: Option<&'static str>,
    /// Kind of device.
    pub device: Option<Device>,
}

/// Kinds of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Device {
    /// A computer with a keyboard.
    Desktop,
    /// A phone.
    Mobile,
    /// A tablet.
    Tablet,
    /// A program that is no browser: crawlers, feed readers, libraries, command-line tools.
    Bot,
}

impl Device {
    /// The name, lower case.
    pub fn name(self) -> &'static str {
        match self {
            Device::Desktop => "desktop",
            Device::Mobile => "mobile",
            Device::Tablet => "tablet",
            Device::Bot => "bot",
        }
    }
}

impl<'a> Agent<'a> {
    /// Reads a user agent string. Any text at all is one; what is not recognised has no system and no device.
    pub fn of(text: &'a str) -> Agent<'a> {
        Agent::of_searched(&Searched::new(text))
    }

    fn of_searched(text: &Searched<'a>) -> Agent<'a> {
        let found = |table: &[(&str, &'static str)]| {
            table.iter().find(|(mark, _)| text.contains(mark)).map(|(_, is)| *is)
        };
        let system = found(SYSTEMS);
        if let Some(program) = bot_word(text).or_else(|| found(PROGRAMS)) {
            return Agent { family: Some(program), system, device: Some(Device::Bot) };
        }
        let browser = found(BROWSERS);
        let family = browser
            .or_else(|| (system == Some("Android") && text.contains("Safari/")).then_some("Android Browser"))
            .or_else(|| text.contains("Safari/").then_some("Safari"))
            .or_else(|| (system == Some("iOS") && text.contains("AppleWebKit/")).then_some("iOS app"))
            .or_else(|| leading_product(text.text));
        // Only a link tells some crawlers from the browser that they pretend to be.
        let has_bot_link = text.contains_ignoring_case("bot.htm");
        let device = if has_bot_link { Some(Device::Bot) } else { device_of(text, browser, system) };
        Agent { family, system, device }
    }
}

fn device_of(text: &Searched<'_>, browser: Option<&str>, system: Option<&str>) -> Option<Device> {
    let says_mobile = text.contains("Mobi") || text.contains("Opera Mini");
    Some(match system {
        Some("Windows" | "macOS" | "Linux" | "ChromeOS" | "BSD" | "Solaris") => Device::Desktop,
        Some("iOS") if text.contains("iPad") => Device::Tablet,
        Some("Android") if browser == Some("Android app") => Device::Mobile,
        Some("Android") if !says_mobile || text.contains("Tablet") => Device::Tablet,
        Some(_) => Device::Mobile,
        None if says_mobile => Device::Mobile,
        None => return None,
    })
}

/// The word that says it is a program, as `Googlebot` in `(compatible; Googlebot/2.1; +http://...)`.
fn bot_word<'a>(text: &Searched<'a>) -> Option<&'a str> {
    if !BOT_WORDS.iter().any(|part| text.may_contain(part)) {
        return None;
    }
    let words = text.text.split([' ', ';', '(', ')', ',', '+']).filter(|word| {
        // Addresses name the crawler's page, or a person.
        !word.contains("://") && !word.contains('@') && !word.starts_with("www.")
    });
    let names = words.map(|word| word.split('/').next().unwrap_or(word));
    names.into_iter().find(|name| {
        BOT_WORDS.iter().any(|part| text.may_contain(part) && contains_ignoring_case(name, part))
            && !NO_BOT_WORDS.iter().any(|part| contains_ignoring_case(name, part))
    })
}

/// The name in front of the first `/` and its version; not `Mozilla`, which all say.
fn leading_product(text: &str) -> Option<&str> {
    let (name, version) = text.split_once('/')?;
    let is_product = version.starts_with(|c: char| c.is_ascii_digit())
        && (1..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_product && name != "Mozilla").then_some(name)
}

/// Whether a text is built as browsers build theirs.
pub fn is_agent(text: &str) -> bool {
    ["Mozilla/", "Opera/", "Dalvik/"].iter().any(|start| text.starts_with(start))
}

/// The browser without its version: of user agent strings their family, of `Chrome Mobile 81.0.4044` what stands
/// before the last number, of anything else all of it.
pub fn family(text: &str) -> Cow<'_, str> {
    if text.contains('/') {
        return Cow::Borrowed(Agent::of(text).family.unwrap_or(text));
    }
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_name = name.len() < text.len() && name.ends_with([' ', '\t']);
    Cow::Borrowed(if is_name { name.trim_end() } else { text })
}

/// System and kind of device as one text, as `Android mobile`; empty where the string tells neither.
pub fn machine(text: &str) -> String {
    let Agent { system, device, .. } = Agent::of(text);
    let parts: Vec<&str> = system.into_iter().chain(device.map(Device::name)).collect();
    parts.join(" ")
}
