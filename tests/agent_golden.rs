//! User agents against ua-parser; see `tests/golden/scripts/agents.py`.
//!
//! Compared are the requests of which ua-parser names a family, or a system. Whether it is a program is compared where
//! ua-parser says so: it calls crawlers programs, but not feed readers, libraries and tools, which are some here.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::agent::{Agent, Device};
use serde_json::Value;
use std::collections::BTreeMap;

/// Shares that must agree: of families, of systems, and of crawlers.
const LEAST: [f64; 3] = [0.959, 0.991, 0.980];

/// Names that ua-parser gives to what is the same family here.
fn family(name: &str) -> &str {
    match name {
        "Mobile Safari" | "Mobile Safari UI/WKWebView" => "Safari",
        "Chrome Mobile" | "Chrome Mobile iOS" | "Chrome Frame" => "Chrome",
        "Firefox Mobile" => "Firefox",
        "Internet Explorer" | "IE Mobile" => "IE",
        "Yahoo! Slurp" => "Slurp",
        "Amazon Silk" => "Silk",
        "Android Browser" => "Android",
        "Sogou web spider" => "spider",
        "Google App" => "Google",
        name => name,
    }
}

fn system(name: &str) -> &str {
    match name {
        "Mac OS X" => "macOS",
        "Chrome OS" => "ChromeOS",
        // Distributions are not told apart.
        "Ubuntu" | "CentOS" | "Fedora" | "Debian" => "Linux",
        name => name,
    }
}

#[test]
fn a_published_log_is_read_as_by_ua_parser() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/agents.json");
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut n = [0, 0, 0];
    let mut n_equal = [0, 0, 0];
    let mut classes = BTreeMap::<String, u64>::new();
    for row in golden["agents"].as_array().unwrap() {
        let (text, count) = (row[0].as_str().unwrap(), row[1].as_u64().unwrap());
        let found = Agent::of(text);
        let theirs = [row[2].as_str().map(family), row[3].as_str().map(system)];
        let ours = [found.family.map(family), found.system];
        let same = |place: usize| match (ours[place], theirs[place]) {
            (Some(ours), Some(theirs)) => ours.eq_ignore_ascii_case(theirs),
            (ours, theirs) => ours == theirs,
        };
        let is_bot = row[4].as_bool().unwrap();
        let equal = [same(0), same(1), (found.device == Some(Device::Bot)) == is_bot];
        let is_known = [theirs[0].is_some(), theirs[1].is_some(), is_bot];
        for (place, equal) in equal.into_iter().enumerate().filter(|&(place, _)| is_known[place]) {
            n[place] += count;
            n_equal[place] += if equal { count } else { 0 };
            if !equal {
                let (ours, theirs) = match place {
                    2 => (format!("{:?}", found.device), format!("bot {is_bot}: {text:.60}")),
                    _ => (format!("{:?}", ours[place]), format!("{:?}", theirs[place])),
                };
                *classes.entry(format!("{place} {ours} / {theirs}")).or_default() += count;
            }
        }
    }
    let shares = [0, 1, 2].map(|place| n_equal[place] as f64 / n[place] as f64);
    let mut classes: Vec<_> = classes.into_iter().collect();
    classes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let listed: Vec<String> = classes.iter().map(|(class, count)| format!("{count:5} {class}")).collect();
    assert!(
        shares.iter().zip(LEAST).all(|(share, least)| *share >= least),
        "{shares:?}\n{}",
        listed.join("\n")
    );
}
