//! What OpenSSH's server says in a system log: an event, who, from where, how.
//!
//! The messages are those of its source (`auth.c`, `packet.c`, `session.c`) and of its PAM module. A message of
//! another kind, or of another process in the same file, is a row without an event.

use super::{Values, digits, split_at, split_last};
use crate::engine::ingest::json::Refusal;

/// Columns of every OpenSSH log.
pub(super) const COLUMNS: [&str; 10] =
    ["time", "host", "process", "pid", "event", "user", "address", "port", "method", "message"];

/// What a message says.
#[derive(Debug, Default)]
struct Said<'a> {
    /// The event, and the method where that is part of its name.
    event: &'a [u8],
    user: &'a [u8],
    address: &'a [u8],
    port: &'a [u8],
    method: &'a [u8],
}

pub(super) fn read(process: &[u8], message: &[u8], values: &mut Values<'_>) -> Result<(), Refusal> {
    let is_sshd = process.starts_with(b"sshd") || process.ends_with(b"/sshd");
    let said = is_sshd.then(|| said(message)).flatten().unwrap_or_default();
    match (said.event, said.method) {
        (b"", _) => {}
        (event, b"") => values.built("event", &[event])?,
        (event, method) => values.built("event", &[event, b" ", method])?,
    }
    values.part("user", said.user)?;
    values.part("address", said.address)?;
    values.part("port", said.port)?;
    values.part("method", said.method)?;
    Ok(())
}

fn said(message: &[u8]) -> Option<Said<'_>> {
    // rsyslog folds repetitions: "message repeated 5 times: [ Failed password for ...]".
    if let Some(rest) = message.strip_prefix(b"message repeated ") {
        let (_, inner) = split_at(rest, b'[')?;
        return said(inner.strip_suffix(b"]").unwrap_or(inner).trim_ascii());
    }
    let message = message.strip_suffix(b" [preauth]").unwrap_or(message);
    let message = message.strip_prefix(b"error: ").unwrap_or(message);
    let after = |start: &str| message.strip_prefix(start.as_bytes());

    for (start, event) in [("Accepted ", "accepted"), ("Failed ", "failed"), ("Postponed ", "postponed")] {
        if let Some(rest) = after(start) {
            let at = memchr::memmem::find(rest, b" for ")?;
            let (method, rest) = (&rest[..at], &rest[at + 5..]);
            let (user, address, port) = from(rest)?;
            return Some(Said { event: event.as_bytes(), user: valid(user), address, port, method });
        }
    }
    for (start, event) in [
        ("Invalid user ", "invalid user"),
        ("Illegal user ", "invalid user"),
        ("maximum authentication attempts exceeded for ", "too many failures"),
        ("User ", "user not allowed"),
        ("ROOT LOGIN REFUSED", "root login refused"),
    ] {
        if let Some(rest) = after(start) {
            let (user, address, port) = from(rest)?;
            return Some(Said { event: event.as_bytes(), user: valid(user), address, port, method: b"" });
        }
    }
    for (start, event) in [
        ("Connection closed by ", "connection closed"),
        ("Connection reset by ", "connection reset"),
        ("Connection from ", "connection"),
        ("Received disconnect from ", "disconnect received"),
        ("Disconnected from ", "disconnected"),
        ("Disconnecting ", "disconnecting"),
        ("Did not receive identification string from ", "no identification"),
        ("Bad protocol version identification", "bad identification"),
        ("Server listening on ", "listening"),
        ("Unable to negotiate with ", "no negotiation"),
    ] {
        if let Some(rest) = after(start) {
            let (user, address, port) = peer(rest);
            return Some(Said { event: event.as_bytes(), user, address, port, method: b"" });
        }
    }
    if let Some(rest) = after("input_userauth_request: invalid user ") {
        return Some(Said { event: b"invalid user", user: rest, ..Said::default() });
    }
    if after("Too many authentication failures").is_some() {
        return Some(Said { event: b"too many failures", ..Said::default() });
    }
    if let Some(rest) = after("reverse mapping checking getaddrinfo for ") {
        let address =
            split_at(rest, b'[').and_then(|(_, rest)| split_at(rest, b']')).map_or(&[][..], |(a, _)| a);
        return Some(Said { event: b"reverse mapping failed", address, ..Said::default() });
    }
    if let Some(rest) = after("pam_unix(sshd:").or_else(|| after("pam_sss(sshd:")) {
        return pam(split_at(rest, b' ')?.1);
    }
    if let Some(rest) =
        after("PAM ").filter(|rest| rest.ends_with(b"more authentication failure") || rest.contains(&b';'))
    {
        return Some(Said { event: b"authentication failures", ..pam_fields(rest) });
    }
    None
}

/// What PAM says: sessions, failures.
fn pam(rest: &[u8]) -> Option<Said<'_>> {
    for (start, event) in
        [("session opened for user ", "session opened"), ("session closed for user ", "session closed")]
    {
        if let Some(rest) = rest.strip_prefix(start.as_bytes()) {
            // "root(uid=0) by (uid=0)"
            let end = rest.iter().position(|byte| matches!(byte, b'(' | b' ')).unwrap_or(rest.len());
            return Some(Said { event: event.as_bytes(), user: &rest[..end], ..Said::default() });
        }
    }
    if rest.starts_with(b"authentication failure") {
        return Some(Said { event: b"authentication failure", ..pam_fields(rest) });
    }
    rest.starts_with(b"check pass").then(|| Said { event: b"user unknown", ..Said::default() })
}

/// `rhost=` and `user=` of a PAM message.
fn pam_fields(rest: &[u8]) -> Said<'_> {
    let field = |name: &[u8]| {
        let at = memchr::memmem::rfind(rest, name)?;
        let value = &rest[at + name.len()..];
        Some(split_at(value, b' ').map_or(value, |(value, _)| value))
    };
    Said {
        address: field(b" rhost=").unwrap_or(&[]),
        user: field(b" user=").unwrap_or(&[]),
        ..Said::default()
    }
}

/// `user from address[ port n][ more]`. The last "from" counts: names are what the other side sent.
fn from(rest: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (user, rest) = match rest.strip_prefix(b"from ") {
        Some(rest) => (&[][..], rest),
        None => split_last(rest, b" from ")?,
    };
    let (address, port) = address(rest);
    Some((user, address, port))
}

/// `[user name |authenticating user name |invalid user name ]address[ port n]`, of one who is at the other end.
fn peer(rest: &[u8]) -> (&[u8], &[u8], &[u8]) {
    for start in ["authenticating user ", "invalid user ", "user "] {
        if let Some(rest) = rest.strip_prefix(start.as_bytes()) {
            let n_named = split_last(rest, b" port ").map_or(rest.len(), |(named, _)| named.len());
            let at = memchr::memrchr(b' ', &rest[..n_named]).unwrap_or(0);
            let (address, port) = address(rest[at..].trim_ascii_start());
            return (&rest[..at], address, port);
        }
    }
    let (address, port) = address(rest);
    (&[], address, port)
}

/// Address and port at the start of a text.
fn address(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&byte| byte == b' ').unwrap_or(text.len());
    let word = &text[..end];
    let port = text[end..].strip_prefix(b" port ").map_or(&[][..], digits);
    let word = word.strip_suffix(b":").unwrap_or(word);
    // Other words stand where an address does in messages of other versions.
    let is_address = word.iter().any(|byte| matches!(byte, b'.' | b':'));
    (if is_address { word } else { &[] }, port)
}

/// A name without what says that nobody has it.
fn valid(user: &[u8]) -> &[u8] {
    ["invalid user ", "illegal user "]
        .iter()
        .find_map(|start| user.strip_prefix(start.as_bytes()))
        .unwrap_or(if matches!(user, b"invalid user" | b"illegal user") { &[] } else { user })
}
