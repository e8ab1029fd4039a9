//! A column of a slice: what it starts from, its bytes, and how it is added to the column of the rows before it.
//!
//! Adding is allowed only where the column comes out as if its rows had been read here one after the other; whatever
//! could depend on the rows before makes [`ColumnBuilder::takes`] say no.

use super::aside::{ASIDE_BEFORE_TURNING, EXACT_INTEGER};
use super::{Categories, ColumnBuilder, Guess, ReadAs, Values};
use crate::engine::error::Position;
use crate::engine::finding::Places;
use crate::engine::ingest::Options;
use crate::engine::ingest::codec::{Reader, Writer, intern_all, numbers};
use crate::engine::ingest::marks::NumberStyle;
use crate::engine::ingest::times::TimesSlice;
use crate::engine::table::Validity;

/// A column of a slice, read from bytes.
#[derive(Debug)]
pub(in crate::engine::ingest) struct ColumnSlice<'a> {
    /// What the column was when the slice began.
    before: Guess,
    has_turned: bool,
    n_rows: usize,
    missing: &'a [u8],
    aside: AsideSlice<'a>,
    replaced: Places,
    values: ValuesSlice<'a>,
}

#[derive(Debug)]
struct AsideSlice<'a> {
    rows: &'a [u8],
    codes: &'a [u8],
    words: Vec<&'a str>,
    places: Places,
    n_not_finite: u64,
}

#[derive(Debug)]
enum ValuesSlice<'a> {
    Unknown,
    Integer(&'a [u8]),
    Float(&'a [u8]),
    Boolean(&'a [u8], [&'a str; 2]),
    Time(Box<TimesSlice<'a>>),
    Duration(&'a [u8]),
    Category(&'a [u8], Vec<&'a str>),
}

impl Values {
    fn kind(&self) -> Guess {
        match self {
            Values::Unknown => Guess::Unknown,
            Values::Integer(_) => Guess::Integer,
            Values::Float(_) => Guess::Float,
            Values::Boolean(..) => Guess::Boolean,
            Values::Time(_) => Guess::Time,
            Values::Duration(_) => Guess::Duration,
            Values::Category(_) => Guess::Category,
        }
    }
}

impl ValuesSlice<'_> {
    fn kind(&self) -> Guess {
        match self {
            ValuesSlice::Unknown => Guess::Unknown,
            ValuesSlice::Integer(_) => Guess::Integer,
            ValuesSlice::Float(_) => Guess::Float,
            ValuesSlice::Boolean(..) => Guess::Boolean,
            ValuesSlice::Time(_) => Guess::Time,
            ValuesSlice::Duration(_) => Guess::Duration,
            ValuesSlice::Category(..) => Guess::Category,
        }
    }
}

const KINDS: [Guess; 7] = [
    Guess::Unknown,
    Guess::Integer,
    Guess::Float,
    Guess::Boolean,
    Guess::Time,
    Guess::Duration,
    Guess::Category,
];

fn encode_kind(kind: Guess, out: &mut Writer) {
    out.u8(KINDS.iter().position(|&other| other == kind).unwrap_or_default() as u8);
}

fn decode_kind(bytes: &mut Reader<'_>) -> Option<Guess> {
    KINDS.get(usize::from(bytes.u8()?)).copied()
}

impl ColumnBuilder {
    /// What a slice needs to know to read its part of the column.
    pub(in crate::engine::ingest) fn encode_start(&self, out: &mut Writer) {
        out.bytes(self.name.as_bytes());
        out.u64(self.source as u64);
        encode_kind(self.values.kind(), out);
        out.u8(self.reads.style.code());
        if let Values::Boolean(_, spelling) = &self.values {
            spelling.iter().for_each(|word| out.bytes(word.as_bytes()));
        }
    }

    /// An empty column as [`ColumnBuilder::encode_start`] and the options tell it.
    pub(in crate::engine::ingest) fn decode_start(bytes: &mut Reader<'_>, options: &Options) -> Option<Self> {
        let name = bytes.text()?.to_owned();
        let source = usize::try_from(bytes.u64()?).ok()?;
        let (guess, style) = (decode_kind(bytes)?, NumberStyle::of_code(bytes.u8()?)?);
        let reads = ReadAs::new(&name, guess, style, options);
        let mut column = ColumnBuilder::new(name, source, reads);
        if let Values::Boolean(_, spelling) = &mut column.values {
            for word in spelling {
                *word = bytes.text()?.to_owned();
            }
        }
        Some(column)
    }

    /// The kind of value that the column has now.
    pub(in crate::engine::ingest) fn kind(&self) -> Guess {
        self.values.kind()
    }

    /// The rows so far, of a column that was `before` when they began.
    pub(in crate::engine::ingest) fn encode(&self, before: Guess, out: &mut Writer) {
        encode_kind(before, out);
        out.u8(u8::from(self.turned.is_some()));
        out.u64(self.validity.len() as u64);
        out.words(self.validity.missing_words(), u64::to_le_bytes);
        out.words(&self.aside.rows, u32::to_le_bytes);
        out.words(&self.aside.codes, u32::to_le_bytes);
        out.dictionary(&self.aside.words);
        out.places(&self.aside.places);
        out.u64(self.aside.n_not_finite);
        out.places(&self.replaced);
        encode_kind(self.values.kind(), out);
        match &self.values {
            Values::Unknown => {}
            Values::Integer(values) => out.words(values, i64::to_le_bytes),
            Values::Float(values) => out.words(values, f64::to_le_bytes),
            Values::Boolean(values, spelling) => {
                out.words(values, |value| [u8::from(value)]);
                spelling.iter().for_each(|word| out.bytes(word.as_bytes()));
            }
            Values::Time(times) => times.encode(out),
            Values::Duration(values) => out.words(values, f64::to_le_bytes),
            Values::Category(Categories { codes, dictionary, .. }) => {
                out.codes(codes);
                out.dictionary(dictionary);
            }
        }
    }

    /// Whether the column with the rows of the slice added is the column that reading them here would give.
    pub(in crate::engine::ingest) fn takes(&self, slice: &ColumnSlice<'_>) -> bool {
        let n_bad = self.aside.n_bad() + slice.n_bad();
        // With so few, or beside so many others, the column does not turn into categories on the way.
        let stays =
            self.reads.named.is_some() || n_bad <= ASIDE_BEFORE_TURNING || n_bad * 2 <= self.n_values();
        let same = slice.before == self.values.kind();
        let fits = match (&self.values, &slice.values) {
            (Values::Unknown, _) => same,
            (Values::Category(_), ValuesSlice::Unknown | ValuesSlice::Category(..)) => true,
            // A column turns into fractions where its first fraction stands, if nothing before is too large for one.
            (Values::Integer(values), ValuesSlice::Float(_)) => {
                same && values.iter().all(|value| value.unsigned_abs() <= EXACT_INTEGER)
            }
            (Values::Boolean(_, spelling), ValuesSlice::Boolean(_, of_slice)) => {
                same && spelling.iter().zip(of_slice).all(|(a, b)| a.is_empty() || b.is_empty() || a == b)
            }
            // As another type, values may have been set aside that this column takes, or the reverse.
            (_, of_slice) => same && slice.before == of_slice.kind(),
        };
        let stands_alone = match &slice.values {
            ValuesSlice::Time(times) => times.stands_alone(),
            _ => true,
        };
        !slice.has_turned && stays && fits && stands_alone
    }

    /// Adds the rows of a slice that it [takes](ColumnBuilder::takes). Its positions are told from here by `here`.
    pub(in crate::engine::ingest) fn absorb(
        &mut self,
        slice: &ColumnSlice<'_>,
        here: impl Fn(Position) -> Position,
    ) {
        let n_before = self.validity.len();
        match (&self.values, &slice.values) {
            (Values::Unknown, of_slice) => {
                self.values = Values::new(of_slice.kind(), n_before, self.says, &self.reads);
            }
            (Values::Integer(values), ValuesSlice::Float(_)) => {
                self.values = Values::Float(values.iter().map(|&value| value as f64).collect());
            }
            _ => {}
        }
        match (&mut self.values, &slice.values) {
            (Values::Integer(values), ValuesSlice::Integer(more)) => {
                values.extend(numbers(more, i64::from_le_bytes));
            }
            (Values::Float(values), ValuesSlice::Float(more))
            | (Values::Duration(values), ValuesSlice::Duration(more)) => {
                values.extend(numbers(more, f64::from_le_bytes))
            }
            (Values::Boolean(values, spelling), ValuesSlice::Boolean(more, words)) => {
                values.extend(more.iter().map(|&value| value != 0));
                for (word, of_slice) in spelling.iter_mut().zip(words) {
                    if word.is_empty() {
                        *word = (*of_slice).to_owned();
                    }
                }
            }
            (Values::Time(times), ValuesSlice::Time(more)) => times.absorb(more, &here),
            (Values::Category(categories), ValuesSlice::Category(codes, words)) => {
                categories.absorb(codes, words, slice.missing);
            }
            (Values::Category(categories), _) => categories.codes.extend_zeros(slice.n_rows),
            // Without any value, nothing is stored; nothing else is taken.
            _ => {}
        }
        self.absorb_aside(slice, n_before as u32, &here);
        self.replaced.merge(slice.replaced.clone().told_from(&here));
        self.validity.extend_missing(slice.n_rows, numbers(slice.missing, u64::from_le_bytes));
    }

    fn absorb_aside(&mut self, slice: &ColumnSlice<'_>, n_before: u32, here: impl Fn(Position) -> Position) {
        let AsideSlice { rows, codes, words, places, n_not_finite } = &slice.aside;
        self.aside.places.merge(places.clone().told_from(here));
        self.aside.rows.extend(numbers(rows, u32::from_le_bytes).map(|row| row + n_before));
        let code_here = intern_all(&mut self.aside.words, words);
        self.aside.codes.extend(numbers(codes, u32::from_le_bytes).map(|code| code_here[code as usize]));
        self.aside.n_not_finite += n_not_finite;
    }
}

impl Categories {
    fn absorb(&mut self, codes: &[u8], words: &[&str], missing: &[u8]) {
        let n_before = self.codes.len();
        let code_here = intern_all(&mut self.dictionary, words);
        let here = |code: u32| code_here.get(code as usize).copied().unwrap_or_default();
        self.codes.extend(numbers(codes, u32::from_le_bytes).map(here));
        // A row without a value has code 0 whatever that stands for.
        for row in Validity::rows_of_words(numbers(missing, u64::from_le_bytes)) {
            self.codes.set(n_before + row, 0);
        }
    }
}

impl<'a> ColumnSlice<'a> {
    pub(in crate::engine::ingest) fn decode(bytes: &mut Reader<'a>) -> Option<Self> {
        let before = decode_kind(bytes)?;
        let has_turned = bytes.u8()? != 0;
        let n_rows = usize::try_from(bytes.u64()?).ok()?;
        let missing = bytes.bytes()?;
        let aside = AsideSlice {
            rows: bytes.bytes()?,
            codes: bytes.bytes()?,
            words: bytes.dictionary()?,
            places: bytes.places()?,
            n_not_finite: bytes.u64()?,
        };
        let replaced = bytes.places()?;
        let values = match decode_kind(bytes)? {
            Guess::Unknown => ValuesSlice::Unknown,
            Guess::Integer => ValuesSlice::Integer(bytes.bytes()?),
            Guess::Float => ValuesSlice::Float(bytes.bytes()?),
            Guess::Boolean => ValuesSlice::Boolean(bytes.bytes()?, [bytes.text()?, bytes.text()?]),
            Guess::Time => ValuesSlice::Time(Box::new(TimesSlice::decode(bytes)?)),
            Guess::Duration => ValuesSlice::Duration(bytes.bytes()?),
            Guess::Category => ValuesSlice::Category(bytes.bytes()?, bytes.dictionary()?),
        };
        Some(ColumnSlice { before, has_turned, n_rows, missing, aside, replaced, values })
    }

    fn n_bad(&self) -> u64 {
        (self.aside.rows.len() / size_of::<u32>()) as u64 - self.aside.n_not_finite
    }
}
