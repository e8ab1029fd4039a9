//! System log lines: RFC 3164 as every system writes it (with or without a priority, its time also as ISO 8601), and
//! RFC 5424.

use super::{Values, digits, split_at, sshd};
use crate::engine::ingest::json::Refusal;

/// Columns of every system log.
pub(super) const COLUMNS: [&str; 5] = ["time", "host", "process", "pid", "message"];

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7",
];

const SEVERITIES: [&str; 8] =
    ["emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"];

const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// The parts of a line.
#[derive(Debug, Default)]
struct Line<'a> {
    time: &'a [u8],
    host: &'a [u8],
    process: &'a [u8],
    pid: &'a [u8],
    message_id: &'a [u8],
    data: &'a [u8],
    message: &'a [u8],
}

pub(super) fn read(line: &[u8], is_sshd: bool, values: &mut Values<'_>) -> Result<(), Refusal> {
    let (priority, rest) = priority(line.trim_ascii());
    let parts = match rest.strip_prefix(b"1 ").filter(|_| priority.is_some()) {
        Some(rest) => rfc_5424(rest),
        None => rfc_3164(rest),
    };
    let Some(parts) = parts else { return Err(Refusal::Bad("it does not start with a time and a host")) };
    values.part("time", parts.time)?;
    values.part("host", parts.host)?;
    values.part("process", parts.process)?;
    values.part("pid", parts.pid)?;
    if is_sshd {
        sshd::read(parts.process, parts.message, values)?;
    }
    values.part("message", parts.message)?;
    if let Some(priority) = priority {
        values.built("facility", &[FACILITIES[priority / 8].as_bytes()])?;
        values.built("severity", &[SEVERITIES[priority % 8].as_bytes()])?;
    }
    if !matches!(parts.message_id, b"" | b"-") {
        values.part("message_id", parts.message_id)?;
    }
    if !matches!(parts.data, b"" | b"-") {
        values.part("data", parts.data)?;
    }
    Ok(())
}

/// The priority in front, if there is one, and the rest.
fn priority(line: &[u8]) -> (Option<usize>, &[u8]) {
    let read = || {
        let (number, rest) = split_at(line.strip_prefix(b"<")?, b'>')?;
        if number.len() > 3 || digits(number).len() != number.len() {
            return None;
        }
        let priority: usize = std::str::from_utf8(number).ok()?.parse().ok()?;
        (priority < FACILITIES.len() * SEVERITIES.len()).then_some((priority, rest))
    };
    read().map_or((None, line), |(priority, rest)| (Some(priority), rest))
}

/// `Mmm dd hh:mm:ss host process[pid]: message`.
fn rfc_3164(line: &[u8]) -> Option<Line<'_>> {
    let is_of =
        |text: &[u8], more: &[u8]| text.iter().all(|byte| byte.is_ascii_digit() || more.contains(byte));
    let has_clock = |text: &[u8]| memchr::memchr_iter(b':', text).count() >= 2;
    let (time, rest) = if MONTHS.contains(&line.get(..3)?) {
        // Behind the day, whose tens may be a space.
        let (day, rest) = split_at(line.get(4..)?.trim_ascii_start(), b' ')?;
        let (clock, rest) = split_at(rest, b' ')?;
        (matches!(day.len(), 1 | 2) && is_of(day, b"") && has_clock(clock) && is_of(clock, b":."))
            .then_some(())?;
        (&line[..line.len() - rest.len() - 1], rest)
    } else {
        let (time, rest) = split_at(line, b' ')?;
        (digits(time).len() == 4 && has_clock(time) && is_of(time, b"-:T.+Z")).then_some(())?;
        (time, rest)
    };
    let is_of_host =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'_' | b'%');
    let (host, rest) = split_at(rest, b' ')?;
    (!host.is_empty() && host.iter().all(is_of_host)).then_some(())?;
    let mut line = Line { time, host, message: rest, ..Line::default() };
    // A tag has no space; what has is all message.
    let colon = memchr::memmem::find(rest, b": ").or(rest.ends_with(b":").then(|| rest.len() - 1));
    let tag = colon.map(|at| &rest[..at]).filter(|tag| !tag.is_empty() && !tag.contains(&b' '));
    if let Some(tag) = tag {
        line.message = rest[tag.len() + 1..].trim_ascii_start();
        line.process = tag;
        if let Some((process, pid)) = tag.strip_suffix(b"]").and_then(|tag| split_at(tag, b'[')) {
            (line.process, line.pid) = (process, pid);
        }
    }
    Some(line)
}

/// `time host process pid message-id data message`.
fn rfc_5424(line: &[u8]) -> Option<Line<'_>> {
    let (time, rest) = split_at(line, b' ')?;
    (time == b"-" || digits(time).len() == 4).then_some(())?;
    let (host, rest) = split_at(rest, b' ')?;
    let (process, rest) = split_at(rest, b' ')?;
    let (pid, rest) = split_at(rest, b' ')?;
    let (message_id, rest) = split_at(rest, b' ').unwrap_or((rest, b"-"));
    let n_data = data_len(rest)?;
    let (data, message) = rest.split_at(n_data);
    let message = message.trim_ascii_start();
    let message = message.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(message);
    Some(Line { time, host, process, pid, message_id, data, message })
}

/// Length of structured data: a dash, or elements in brackets whose values in quotes may have brackets.
fn data_len(text: &[u8]) -> Option<usize> {
    if text.first() != Some(&b'[') {
        return text.starts_with(b"-").then_some(1);
    }
    let (mut is_quoted, mut is_escaped, mut is_open) = (false, false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'[' if !is_quoted => is_open = true,
            b']' if !is_quoted => is_open = false,
            _ if !is_open => return Some(at),
            _ => {}
        }
    }
    (!is_open).then_some(text.len())
}
