//! Plain little-endian bytes for what one engine tells another of the same build: no versions, no names.
//!
//! Reading gives `None` where bytes are missing or make no sense, and never panics.

use crate::engine::error::Position;
use crate::engine::finding::{Place, Places};
use crate::engine::table::{Codes, Dictionary};

/// Collects values.
#[derive(Debug, Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Bytes behind their count.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.u64(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Numbers of `N` bytes each, behind the count of their bytes.
    pub(super) fn words<T: Copy, const N: usize>(&mut self, values: &[T], to_bytes: fn(T) -> [u8; N]) {
        self.u64((values.len() * N) as u64);
        self.0.reserve(values.len() * N);
        values.iter().for_each(|&value| self.0.extend_from_slice(&to_bytes(value)));
    }

    /// Codes as numbers of four bytes each.
    pub(super) fn codes(&mut self, codes: &Codes) {
        self.u64((codes.len() * 4) as u64);
        self.0.reserve(codes.len() * 4);
        codes.iter().for_each(|code| self.0.extend_from_slice(&code.to_le_bytes()));
    }

    /// Where, within one file.
    pub(super) fn position(&mut self, at: Position) {
        [at.record, at.line, at.byte].into_iter().for_each(|value| self.u64(value));
    }

    pub(super) fn places(&mut self, places: &Places) {
        self.u64(places.n());
        self.u64(places.first().len() as u64);
        for place in places.first() {
            self.position(place.position);
            self.bytes(place.text.as_bytes());
        }
    }

    /// Values in the order of their codes.
    pub(super) fn dictionary(&mut self, dictionary: &Dictionary) {
        let lengths: Vec<u32> = dictionary.iter().map(|value| value.len() as u32).collect();
        self.words(&lengths, u32::to_le_bytes);
        self.u64(lengths.iter().map(|&length| u64::from(length)).sum());
        dictionary.iter().for_each(|value| self.0.extend_from_slice(value.as_bytes()));
    }
}

/// Gives back what a [`Writer`] collected, in the same order.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn u8(&mut self) -> Option<u8> {
        let (&value, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(value)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        let (value, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*value))
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let n = usize::try_from(self.u64()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    pub(super) fn position(&mut self) -> Option<Position> {
        Some(Position { record: self.u64()?, line: self.u64()?, byte: self.u64()?, file: 0 })
    }

    pub(super) fn places(&mut self) -> Option<Places> {
        let n = self.u64()?;
        let n_first = self.u64()?;
        let place = |_| Some(Place { position: self.position()?, text: self.text()?.to_owned() });
        Some(Places::of(n, (0..n_first).map(place).collect::<Option<_>>()?))
    }

    /// The values of a dictionary in the order of their codes.
    pub(super) fn dictionary(&mut self) -> Option<Vec<&'a str>> {
        let lengths = numbers(self.bytes()?, u32::from_le_bytes);
        let mut text = self.text()?;
        let mut values = Vec::with_capacity(lengths.len());
        for length in lengths {
            let (value, rest) = text.split_at_checked(length as usize)?;
            values.push(value);
            text = rest;
        }
        Some(values)
    }
}

/// The numbers that [`Writer::words`] and [`Writer::codes`] wrote.
pub(super) fn numbers<'a, T: 'a, const N: usize>(
    bytes: &'a [u8],
    of_bytes: fn([u8; N]) -> T,
) -> impl ExactSizeIterator<Item = T> + 'a {
    bytes.chunks_exact(N).map(move |chunk| {
        let mut bytes = [0; N];
        bytes.copy_from_slice(chunk);
        of_bytes(bytes)
    })
}

/// The codes in `dictionary` of values in the order of their codes elsewhere, added where they are new: exactly the
/// codes that they would have got by their first appearance here.
pub(super) fn intern_all(dictionary: &mut Dictionary, values: &[&str]) -> Vec<u32> {
    const GROUP: usize = 16;
    let mut codes = Vec::with_capacity(values.len());
    for group in values.chunks(GROUP) {
        let mut bytes = [&[][..]; GROUP];
        bytes.iter_mut().zip(group).for_each(|(bytes, value)| *bytes = value.as_bytes());
        let looked_up = dictionary.look_up(&bytes);
        for (value, looked_up) in group.iter().zip(looked_up) {
            let known = dictionary.confirm(value.as_bytes(), looked_up);
            codes.push(known.unwrap_or_else(|| dictionary.intern(value)));
        }
    }
    codes
}
