//! Web server lines: Apache's common and combined log formats, nginx's default, with a virtual host in front or more
//! behind.
//!
//! `[vhost ]address ident user [time] "request" status bytes[ "referrer" "user agent"][ more]`, see
//! <https://httpd.apache.org/docs/current/logs.html#accesslog>. Inside quotes a quote is escaped by a backslash.

use super::{Values, digits, split_at, split_last};
use crate::engine::ingest::json::Refusal;

/// Columns of every combined log.
pub(super) const COLUMNS: [&str; 11] = [
    "address",
    "ident",
    "user",
    "time",
    "method",
    "path",
    "protocol",
    "status",
    "bytes",
    "referrer",
    "user_agent",
];

/// How many of them the common layout has.
pub(super) const N_COMMON: usize = 9;

pub(super) fn read(line: &[u8], is_combined: bool, values: &mut Values<'_>) -> Result<(), Refusal> {
    let line = line.trim_ascii();
    let bad = |what: &'static str| Refusal::Bad(what);
    let bracket = memchr::memmem::find(line, b" [").ok_or(bad("a time in brackets is missing"))?;
    let [vhost, address, ident, user] =
        who(&line[..bracket]).ok_or(bad("it does not start with who asked"))?;
    let (time, rest) = split_at(&line[bracket + 2..], b']').ok_or(bad("a time in brackets is missing"))?;
    if !time.first().is_some_and(u8::is_ascii_digit) || memchr::memchr(b':', time).is_none() {
        return Err(bad("a time in brackets is missing"));
    }
    let (request, rest) = quoted(rest).ok_or(bad("a request in quotes is missing"))?;
    let rest = rest.trim_ascii_start();
    let (status, rest) = split_at(rest, b' ').unwrap_or((rest, &[]));
    let is_number = |text: &[u8]| text == b"-" || !text.is_empty() && digits(text).len() == text.len();
    let (bytes, mut rest) = split_at(rest, b' ').unwrap_or((rest, &[]));
    if !is_number(status) || !is_number(bytes) {
        return Err(bad("status and bytes are missing"));
    }
    let mut quotes = [&[][..]; 2];
    if is_combined {
        for quote in &mut quotes {
            (*quote, rest) = quoted(rest).ok_or(bad("referrer and user agent in quotes are missing"))?;
        }
    }
    let (method, path, protocol) = request_parts(request);
    values.part("address", address)?;
    values.part("ident", ident)?;
    values.part("user", user)?;
    values.part("time", time)?;
    values.part("method", method)?;
    value(values, "path", path)?;
    values.part("protocol", protocol)?;
    values.part("status", status)?;
    values.part("bytes", bytes)?;
    if is_combined {
        value(values, "referrer", quotes[0])?;
        value(values, "user_agent", quotes[1])?;
    }
    if !vhost.is_empty() {
        values.part("vhost", vhost)?;
    }
    let more = rest.trim_ascii();
    if !more.is_empty() {
        values.part("extra", more)?;
    }
    Ok(())
}

/// Virtual host, address, identity and user: words, of which the user's name may be several.
fn who(head: &[u8]) -> Option<[&[u8]; 4]> {
    let (first, rest) = split_at(head, b' ')?;
    let (second, rest) = split_at(rest, b' ')?;
    let is_address = |word: &[u8]| word.iter().any(|byte| matches!(byte, b'.' | b':'));
    let who = match split_at(rest, b' ') {
        Some((third, user)) if is_address(second) => [first, second, third, user],
        _ => [&[], first, second, rest],
    };
    (!who[1].is_empty() && !who[3].is_empty()).then_some(who)
}

/// Method, path and protocol; a request that is no HTTP is all path.
fn request_parts(request: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let whole = (&[][..], request, &[][..]);
    let Some((method, rest)) = split_at(request, b' ') else { return whole };
    if method.is_empty() || !method.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_') {
        return whole;
    }
    match split_last(rest, b" ") {
        Some((path, protocol)) if protocol.starts_with(b"HTTP/") => (method, path, protocol),
        // HTTP/0.9 names no protocol.
        _ => (method, rest, &[]),
    }
}

/// The text in the quotes that come next, and what is behind them.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.trim_ascii_start().strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', inner.get(at..)?)?;
        if inner[at] == b'"' {
            return Some((&inner[..at], &inner[at + 1..]));
        }
        at += 2;
    }
}

/// A quoted value; escaped quotes and backslashes are made single, other escapes stay as they are.
fn value(values: &mut Values<'_>, name: &str, raw: &[u8]) -> Result<(), Refusal> {
    if memchr::memmem::find(raw, b"\\\"").is_none() && memchr::memmem::find(raw, b"\\\\").is_none() {
        return Ok(values.part(name, raw)?);
    }
    let mut plain = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let escaped = bytes.next_if(|next| byte == b'\\' && matches!(next, b'"' | b'\\'));
        plain.push(escaped.unwrap_or(byte));
    }
    Ok(values.built(name, &[&plain])?)
}
