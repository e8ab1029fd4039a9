//! What serde says of unusable options, in the words of every other error: which option, what is expected, what was found.

use crate::engine::error::{Error, ErrorKind};

/// The refusal of the parameters of a method, which are this text. Said without line and column, as the caller never wrote
/// the text.
pub(super) fn refused(method: &str, text: &str, error: &serde_json::Error) -> Error {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let place = place(text, lines.map(str::len).sum::<usize>() + error.column());
    let (expected, found) = match unknown_variant(said) {
        Some((found, known)) => (known, format!("\"{found}\"")),
        None => ("the options of the reference, each of its type".to_owned(), said.to_owned()),
    };
    let name = if place.is_empty() { format!("of {method}") } else { place };
    Error::new(ErrorKind::Options { name, expected, found })
}

/// Of "unknown variant `a`, expected one of `b`, `c`" what was found, and what is known: "b or c".
fn unknown_variant(said: &str) -> Option<(&str, String)> {
    let (found, known) = said.strip_prefix("unknown variant `")?.split_once("`, expected ")?;
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let (last, others) = known.split_last()?;
    Some((
        found,
        if others.is_empty() { (*last).to_owned() } else { format!("{} or {last}", others.join(", ")) },
    ))
}

/// The keys that lead to the value that ends at a byte, with dots between, but not places in lists.
fn place(text: &str, end: usize) -> String {
    let bytes = text.as_bytes();
    // The key of each object that is open, and none for each list.
    let mut keys: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < end.min(bytes.len()) {
        match bytes[at] {
            b'{' | b'[' => keys.push(""),
            b'}' | b']' => {
                keys.pop();
            }
            b'"' => {
                let from = at + 1;
                at = from;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
                let is_key = text.get(at + 1..).is_some_and(|rest| rest.trim_start().starts_with(':'));
                if let (true, true, Some(key)) = (is_key, at < end, keys.last_mut()) {
                    *key = text.get(from..at).unwrap_or_default();
                }
            }
            _ => {}
        }
        at += 1;
    }
    keys.retain(|key| !key.is_empty());
    keys.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::table::ColumnType;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "what matters is whether it can be read")]
    struct Options {
        #[serde(default)]
        types: BTreeMap<String, ColumnType>,
        #[serde(default)]
        lists: Vec<BTreeMap<String, bool>>,
    }

    fn said(text: &str) -> String {
        let error = serde_json::from_str::<Options>(text).unwrap_err();
        refused("beginIngest", text, &error).to_string()
    }

    #[test]
    fn an_unknown_word_is_refused_with_its_place_and_those_there_are() {
        let types = "integer, float, boolean, timestamp, duration, ip, user-agent, category or text";
        for (text, name) in [
            (r#"{"types":{"x":"foo"}}"#, "types.x"),
            (
                r#"{"lists": [{"a": true}], "types": {"b": "text", "a \"b\" }": "foo", "c": "text"}}"#,
                r#"types.a \"b\" }"#,
            ),
            ("{\n  \"types\": {\n    \"x\": \"foo\"\n  }\n}", "types.x"),
        ] {
            assert_eq!(said(text), format!("option {name}: expected {types}, found \"foo\""));
        }
    }

    #[test]
    fn anything_else_is_said_as_serde_does_with_its_place() {
        let reference = "expected the options of the reference, each of its type";
        assert_eq!(
            said(r#"{"lists":[{"a":true,"b":3}]}"#),
            format!("option lists.b: {reference}, found invalid type: integer `3`, expected a boolean")
        );
        let unknown = said(r#"{"typos":{}}"#);
        assert!(
            unknown.starts_with(&format!("option typos: {reference}, found unknown field `typos`")),
            "{unknown}"
        );
        assert!(said("3").starts_with("option of beginIngest: "));
    }
}
