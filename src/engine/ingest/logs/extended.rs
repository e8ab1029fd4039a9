//! The extended log format of the W3C, as IIS, CloudFront, Windows' firewall, Exchange and many proxies write it: lines
//! that begin with `#` say how the lines below them are to be read, and `#Fields` names their values.
//!
//! The draft is <https://www.w3.org/TR/WD-logfile-960323>. Values are parted by blanks, by tabs (CloudFront, whose names
//! are parted by blanks all the same) or by commas where the names are (Exchange); those with blanks stand in quotes, and
//! `-` is none. `date` and `time` are one column of times, of UTC unless `#Time Format` says that they are local; where lines
//! have a time alone, their day is that of `#Date`. Programs that part values by blanks write `+` or `%20` for the blanks of
//! a user agent; these are blanks again, and all else stays as it is.

use crate::engine::ingest::fields::{Fields, TooMany, Value};
use crate::engine::ingest::json::Refusal;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// The column of `date` and `time` together, named as columns that are joined elsewhere.
const DATE_TIME: &[u8] = b"date time";

/// What a line was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine::ingest) enum Line {
    Record,
    /// A directive that changes nothing.
    Remark,
    /// One that changes how lines below are read.
    Directive,
    /// One that gives the lines below other names than those above have.
    OtherNames,
}

/// What parts the values of a line.
#[derive(Debug, Clone, Copy)]
enum Between {
    Blanks,
    Tab,
    Comma,
}

impl Between {
    fn is(self, byte: u8) -> bool {
        match self {
            Between::Blanks => matches!(byte, b' ' | b'\t'),
            Between::Tab => byte == b'\t',
            Between::Comma => byte == b',',
        }
    }
}

/// Where a value goes.
#[derive(Debug, Clone, Copy)]
enum Target {
    Column(usize),
    /// A column of user agents.
    Agent(usize),
    Date,
    Time,
}

/// Reads the lines of one file; knows the directives above them.
#[derive(Debug, Clone, Default)]
pub(in crate::engine::ingest) struct Extended {
    /// What `#Fields` says.
    names: Option<Vec<u8>>,
    are_commas_between: bool,
    /// The day of `#Date`.
    day: Vec<u8>,
    is_local: bool,
    targets: Vec<Target>,
    date_time: Option<usize>,
    /// How many names of the last line of them got a number, and the first that did; told once.
    renamed: Option<(u64, String)>,
    /// Where the values of the line under way are.
    found: Vec<Range<usize>>,
}

impl Extended {
    /// Directives that say all that those above did.
    pub(super) fn above(&self) -> Vec<u8> {
        let mut above = Vec::new();
        if self.is_local {
            above.extend_from_slice(b"#Time Format: Local\n");
        }
        if self.takes_day() {
            above.extend_from_slice(&[b"#Date: ", &self.day[..], b"\n"].concat());
        }
        if let Some(names) = &self.names {
            above.extend_from_slice(&[b"#Fields: ", &names[..], b"\n"].concat());
        }
        above
    }

    /// Whether lines have the time of day alone.
    fn takes_day(&self) -> bool {
        self.date_time.is_some() && !self.targets.iter().any(|target| matches!(target, Target::Date))
    }

    /// Reads a line.
    ///
    /// # Errors
    /// Why it is none of this log.
    pub(super) fn read(&mut self, line: &[u8], fields: &mut Fields) -> Result<Line, Refusal> {
        match directive(line) {
            Some((name, text)) => self.directive(name, text, fields),
            None => self.record(line, fields).map(|()| Line::Record),
        }
    }

    #[cold]
    #[inline(never)]
    fn directive(&mut self, name: &[u8], text: &[u8], fields: &mut Fields) -> Result<Line, Refusal> {
        let before = self.above();
        let had_names = self.names.is_some();
        let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        if name.eq_ignore_ascii_case(b"Fields") {
            let names = words.collect::<Vec<_>>().join(&b' ');
            if self.names.as_ref() != Some(&names) {
                self.are_commas_between = names.contains(&b',');
                self.names = Some(names);
                self.renamed = self.set_targets(fields)?;
                return Ok(if had_names { Line::OtherNames } else { Line::Directive });
            }
        } else if name.eq_ignore_ascii_case(b"Date") {
            if let Some(day) = words.next() {
                self.day = day.to_vec();
                self.set_targets(fields)?;
            }
        } else if name.eq_ignore_ascii_case(b"Time Format") {
            self.is_local = text.eq_ignore_ascii_case(b"Local");
        }
        Ok(if self.above() == before { Line::Remark } else { Line::Directive })
    }

    /// How many names of a line of them got a number, and the first that did; none but once.
    pub(super) fn take_renamed(&mut self) -> Option<(u64, String)> {
        self.renamed.take()
    }

    /// Gives each name a column. Gives how many got a number for it, and the first of these names.
    fn set_targets(&mut self, fields: &mut Fields) -> Result<Option<(u64, String)>, TooMany> {
        self.targets.clear();
        self.date_time = None;
        let Some(names) = &self.names else { return Ok(None) };
        let mut renamed: Option<(u64, String)> = None;
        let mark = if self.are_commas_between { b',' } else { b' ' };
        let names = names.split(|byte| *byte == mark).map(<[u8]>::trim_ascii);
        let names: Vec<&[u8]> = names.filter(|name| self.are_commas_between || !name.is_empty()).collect();
        let is = |name: &[u8], what: &[u8]| name.eq_ignore_ascii_case(what);
        let n_named = |what: &[u8]| names.iter().filter(|name| is(name, what)).count();
        let has_day = match n_named(b"date") {
            0 => !self.day.is_empty(),
            n => n == 1,
        };
        let is_joined = has_day && n_named(b"time") == 1;
        let mut taken: HashSet<Vec<u8>> = HashSet::from([DATE_TIME.to_vec()]);
        let mut last_number: HashMap<&[u8], usize> = HashMap::new();
        for name in &names {
            let (is_date, is_time) = (is(name, b"date"), is(name, b"time"));
            if is_joined && (is_date || is_time) {
                if self.date_time.is_none() {
                    self.date_time = Some(fields.column(DATE_TIME)?);
                }
                self.targets.push(if is_date { Target::Date } else { Target::Time });
                continue;
            }
            let mut unique = name.to_vec();
            while !taken.insert(unique.clone()) {
                let number = last_number.entry(name).or_insert(1);
                *number += 1;
                unique = [name, format!(" ({number})").as_bytes()].concat();
            }
            if unique != *name {
                let first = || (0, String::from_utf8_lossy(&unique).into_owned());
                renamed.get_or_insert_with(first).0 += 1;
            }
            let column = fields.column(&unique)?;
            let letters: Vec<u8> = name.iter().filter(|byte| byte.is_ascii_alphabetic()).copied().collect();
            let is_agent = letters.to_ascii_lowercase().ends_with(b"useragent");
            self.targets.push(if is_agent { Target::Agent(column) } else { Target::Column(column) });
        }
        Ok(renamed)
    }

    fn record(&mut self, line: &[u8], fields: &mut Fields) -> Result<(), Refusal> {
        if self.names.is_none() {
            return Err(Refusal::Bad("no #Fields line stands above it"));
        }
        let between: &[Between] = if self.are_commas_between {
            &[Between::Comma]
        } else if memchr::memchr(b'\t', line).is_some() {
            &[Between::Tab, Between::Blanks]
        } else {
            &[Between::Blanks]
        };
        if !between.iter().any(|&between| {
            split(line, between, &mut self.found);
            self.found.len() == self.targets.len()
        }) {
            return Err(Refusal::Bad("it has not as many values as #Fields has names"));
        }
        let (mut date, mut time) = (&self.day[..], &b"-"[..]);
        for (target, at) in self.targets.iter().zip(&self.found) {
            let raw = &line[at.clone()];
            if matches!(raw, b"-" | b"") && !matches!(target, Target::Date | Target::Time) {
                continue;
            }
            let is_quoted = raw.len() > 1 && raw.starts_with(b"\"") && raw.ends_with(b"\"");
            let at = if is_quoted { at.start + 1..at.end - 1 } else { at.clone() };
            let text = &line[at.clone()];
            match *target {
                Target::Date => date = text,
                Target::Time => time = text,
                Target::Agent(column) | Target::Column(column) => {
                    let is_agent = matches!(target, Target::Agent(_));
                    let blanks = if is_agent { mark_for_blanks(text) } else { None };
                    let quotes = Some(&b"\"\""[..])
                        .filter(|two| is_quoted && memchr::memmem::find(text, two).is_some());
                    let value = match (blanks.map(|mark| (mark, b' '))).or(quotes.map(|two| (two, b'"'))) {
                        None => Value::Text(at.start, at.end),
                        Some((from, to)) => {
                            let start = fields.built.len();
                            push_replaced(text, from, to, &mut fields.built);
                            Value::Built(start)
                        }
                    };
                    fields.set(column, value);
                }
            }
        }
        // A day without its time is told as no time; where there is neither, nothing is wrong.
        let is_missing = time == b"-" && (date == b"-" || self.takes_day());
        if let Some(column) = self.date_time.filter(|_| !is_missing) {
            let start = fields.built.len();
            let zone: &[u8] = if self.is_local { b"" } else { b"Z" };
            [date, b" ", time, zone].iter().for_each(|part| fields.built.extend_from_slice(part));
            fields.set(column, Value::Built(start));
        }
        Ok(())
    }
}

/// Whether a text that begins with these lines is an extended log: a directive names the values, above the first line that
/// is none.
pub(in crate::engine::ingest) fn is_extended(lines: &[&[u8]]) -> bool {
    let mut directives =
        lines.iter().take_while(|line| line.starts_with(b"#")).filter_map(|line| directive(line));
    directives.any(|(name, _)| name.eq_ignore_ascii_case(b"Fields"))
}

/// Name and text of a directive: `#Name: text`, the name of letters, dashes and blanks.
fn directive(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, text) = super::split_at(line.trim_ascii().strip_prefix(b"#")?, b':')?;
    let is_of_name = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b' ' | b'_');
    (!name.is_empty() && name.iter().all(is_of_name)).then_some((name, text.trim_ascii()))
}

/// Finds the values of a line.
fn split(line: &[u8], between: Between, found: &mut Vec<Range<usize>>) {
    found.clear();
    let mut at = 0;
    loop {
        if matches!(between, Between::Blanks) {
            at += line[at..].iter().take_while(|byte| between.is(**byte)).count();
            if at == line.len() {
                return;
            }
        }
        let end = value_end(line, at, between);
        found.push(at..end);
        if end == line.len() {
            return;
        }
        at = end + 1;
    }
}

/// Where the value that starts at `start` ends: behind its closing quote, where it has one.
fn value_end(line: &[u8], start: usize, between: Between) -> usize {
    if line.get(start) == Some(&b'"') {
        let mut at = start + 1;
        while let Some(n) = memchr::memchr(b'"', &line[at..]) {
            at += n + 1;
            match line.get(at) {
                Some(b'"') => at += 1,
                Some(&byte) if !between.is(byte) => break,
                _ => return at,
            }
        }
    }
    line[start..].iter().position(|&byte| between.is(byte)).map_or(line.len(), |n| start + n)
}

/// Appends a text with `to` for each `from` in it.
fn push_replaced(text: &[u8], from: &[u8], to: u8, built: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, from) {
        built.extend_from_slice(&rest[..at]);
        built.push(to);
        rest = &rest[at + from.len()..];
    }
    built.extend_from_slice(rest);
}

/// What a user agent has for its blanks, where it has none itself: CloudFront once wrote `%2520`.
fn mark_for_blanks(agent: &[u8]) -> Option<&'static [u8]> {
    let marks: [&[u8]; 3] = [b"%2520", b"%20", b"+"];
    let has = |mark: &&[u8]| memchr::memmem::find(agent, mark).is_some();
    marks.into_iter().find(has).filter(|_| !agent.contains(&b' '))
}
