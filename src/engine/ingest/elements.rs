//! Where the elements of a JSON array start and end, without understanding them.
//!
//! No recursion: brackets are counted. A line end inside a string cannot be in JSON, so it means that a quote is
//! missing: the element ends there and the next opening brace starts another, which keeps one broken element from
//! swallowing the rest.

use super::framed::Frame;

/// What the scan has come upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The end of the text.
    More,
    /// The first byte of an element.
    Start,
    /// One past the last byte of an element.
    End,
    /// The first byte of something behind the end of it all. Nothing more is looked at.
    Behind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In front of an element or the end of the array.
    Between,
    /// In an element, under so many open brackets.
    Inside(u64),
    /// In a string inside an element.
    String(u64),
    /// Behind a backslash in a string.
    Escape(u64),
    /// Behind an element that broke off: anything up to an opening brace is part of it.
    Lost,
    /// Behind the array, in what holds it, under so many open brackets.
    Holder(u64),
    HolderString(u64),
    HolderEscape(u64),
    /// Behind all that was to come.
    Done,
}

/// The scan of an array's elements.
#[derive(Debug)]
pub(super) struct Elements {
    state: State,
    frame: Frame,
}

impl Elements {
    /// A scan that starts behind the array's opening bracket.
    pub(super) fn new(frame: Frame) -> Self {
        Elements { state: State::Between, frame }
    }

    /// Whether an element is under way.
    pub(super) fn is_inside(&self) -> bool {
        matches!(self.state, State::Inside(_) | State::String(_) | State::Escape(_))
    }

    /// Whether the array has not ended.
    pub(super) fn is_open(&self) -> bool {
        self.frame.is_array && (self.is_inside() || matches!(self.state, State::Between | State::Lost))
    }

    /// Looks at `text` from `at` on until there is something to say; gives what and where.
    pub(super) fn scan(&mut self, text: &[u8], mut at: usize) -> (Step, usize) {
        while let Some(&byte) = text.get(at) {
            match (self.state, byte) {
                (State::Between, b' ' | b'\t' | b'\r' | b'\n' | b',') => {}
                (State::Between, b']') => self.state = self.behind_array(),
                (State::Between, _) | (State::Lost, b'{') => {
                    self.state = State::Inside(0);
                    return (Step::Start, at);
                }
                (State::Lost, _) => {}
                (State::Inside(depth), b'{' | b'[') => self.state = State::Inside(depth + 1),
                (State::Inside(0), b'}') => {}
                (State::Inside(0), b',' | b']') => {
                    self.state = State::Between;
                    return (Step::End, at);
                }
                (State::Inside(1), b'}' | b']') => {
                    self.state = State::Between;
                    return (Step::End, at + 1);
                }
                (State::Inside(depth), b'}' | b']') => self.state = State::Inside(depth - 1),
                (State::Inside(depth), b'"') => self.state = State::String(depth),
                (State::Inside(_), _) => {}
                (State::String(depth), b'"') => self.state = State::Inside(depth),
                (State::String(depth), b'\\') => self.state = State::Escape(depth),
                (State::String(_), b'\n' | b'\r') => {
                    self.state = State::Lost;
                    return (Step::End, at);
                }
                (State::String(_), _) => {
                    let rest = &text[at..];
                    let quote = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                    let line = memchr::memchr2(b'\n', b'\r', &rest[..quote]).unwrap_or(quote);
                    at += line;
                    continue;
                }
                (State::Escape(depth), _) => self.state = State::String(depth),
                (State::Holder(0), b' ' | b'\t' | b'\r' | b'\n') => {}
                (State::Holder(0), b'[') if self.frame.is_array => self.state = State::Between,
                (State::Holder(0), _) => {
                    self.state = State::Done;
                    return (Step::Behind, at);
                }
                (State::Holder(depth), b'{' | b'[') => self.state = State::Holder(depth + 1),
                (State::Holder(depth), b'}' | b']') => self.state = State::Holder(depth - 1),
                (State::Holder(depth), b'"') => self.state = State::HolderString(depth),
                (State::Holder(_), _) => {}
                (State::HolderString(depth), b'"') => self.state = State::Holder(depth),
                (State::HolderString(depth), b'\\') => self.state = State::HolderEscape(depth),
                (State::HolderString(_), _) => {}
                (State::HolderEscape(depth), _) => self.state = State::HolderString(depth),
                (State::Done, _) => return (Step::More, text.len()),
            }
            at += 1;
        }
        (Step::More, at)
    }

    fn behind_array(&self) -> State {
        State::Holder(self.frame.n_open as u64)
    }
}
