//! Times of a slice: as bytes, and added to those before it.

use super::Times;
use super::order::Order;
use crate::engine::error::Position;
use crate::engine::finding::Places;
use crate::engine::ingest::codec::{Reader, Writer, numbers};
use crate::engine::ingest::moment::Format;
use crate::engine::ingest::question::Question;
use crate::engine::table::Validity;

/// Times of a slice, read from bytes.
#[derive(Debug)]
pub(in crate::engine::ingest) struct TimesSlice<'a> {
    ms: &'a [u8],
    n_of: [u64; Format::COUNT],
    first_of: [Position; Format::COUNT],
    n_by_zone: [u64; 2],
    first_by_zone: [Position; 2],
    orders: [OrderSlice<'a>; 3],
    /// Set where the options name a zone.
    local: Option<LocalSlice<'a>>,
}

#[derive(Debug, Default)]
struct OrderSlice<'a> {
    n_day_first: u64,
    n_month_first: u64,
    n_either: u64,
    first_either: Position,
    either: &'a [u8],
    examples: Vec<&'a str>,
}

/// What a zone will need to know.
#[derive(Debug)]
struct LocalSlice<'a> {
    zoned: &'a [u8],
    skipped: Places,
    twice: Places,
}

impl Times {
    pub(in crate::engine::ingest) fn encode(&self, out: &mut Writer) {
        out.words(&self.ms, i64::to_le_bytes);
        self.n_of.iter().chain(&self.n_by_zone).for_each(|&n| out.u64(n));
        self.first_of.iter().chain(&self.first_by_zone).for_each(|&at| out.position(at));
        for Order { n_day_first, n_month_first, n_either, first_either, either, examples } in &self.orders {
            [n_day_first, n_month_first, n_either].into_iter().for_each(|&n| out.u64(n));
            out.position(*first_either);
            out.words(&either.0, u64::to_le_bytes);
            out.u64(examples.len() as u64);
            examples.iter().for_each(|example| out.bytes(example.as_bytes()));
        }
        out.u8(u8::from(self.local.is_some()));
        if let Some(local) = &self.local {
            out.words(&local.zoned.0, u64::to_le_bytes);
            out.places(&local.skipped);
            out.places(&local.twice);
        }
    }

    /// Adds the times of the slice that follows. Its positions are told from here by `here`.
    pub(in crate::engine::ingest) fn absorb(
        &mut self,
        slice: &TimesSlice<'_>,
        here: impl Fn(Position) -> Position,
    ) {
        let first_row = self.ms.len();
        self.ms.extend(numbers(slice.ms, i64::from_le_bytes));
        let add = |n: &mut u64, first: &mut Position, n_more: u64, first_more: Position| {
            if *n == 0 && n_more > 0 {
                *first = here(first_more);
            }
            *n += n_more;
        };
        for format in 0..Format::COUNT {
            let (n, first) = (&mut self.n_of[format], &mut self.first_of[format]);
            add(n, first, slice.n_of[format], slice.first_of[format]);
        }
        for zone in 0..2 {
            let (n, first) = (&mut self.n_by_zone[zone], &mut self.first_by_zone[zone]);
            add(n, first, slice.n_by_zone[zone], slice.first_by_zone[zone]);
        }
        for (order, more) in self.orders.iter_mut().zip(&slice.orders) {
            add(&mut order.n_either, &mut order.first_either, more.n_either, more.first_either);
            order.n_day_first += more.n_day_first;
            order.n_month_first += more.n_month_first;
            for row in Validity::rows_of_words(numbers(more.either, u64::from_le_bytes)) {
                order.either.insert(first_row + row);
            }
            more.examples.iter().for_each(|example| order.add_example(example));
        }
        if let (Some(local), Some(more)) = (&mut self.local, &slice.local) {
            for row in Validity::rows_of_words(numbers(more.zoned, u64::from_le_bytes)) {
                local.zoned.insert(first_row + row);
            }
            local.skipped.merge(more.skipped.clone().told_from(&here));
            local.twice.merge(more.twice.clone().told_from(&here));
        }
    }
}

impl<'a> TimesSlice<'a> {
    pub(in crate::engine::ingest) fn decode(bytes: &mut Reader<'a>) -> Option<Self> {
        let ms = bytes.bytes()?;
        let (mut n_of, mut n_by_zone) = ([0; Format::COUNT], [0; 2]);
        for n in n_of.iter_mut().chain(&mut n_by_zone) {
            *n = bytes.u64()?;
        }
        let (mut first_of, mut first_by_zone) =
            ([Position::default(); Format::COUNT], [Position::default(); 2]);
        for at in first_of.iter_mut().chain(&mut first_by_zone) {
            *at = bytes.position()?;
        }
        let mut orders: [OrderSlice<'a>; 3] = Default::default();
        for order in &mut orders {
            *order = OrderSlice {
                n_day_first: bytes.u64()?,
                n_month_first: bytes.u64()?,
                n_either: bytes.u64()?,
                first_either: bytes.position()?,
                either: bytes.bytes()?,
                examples: (0..bytes.u64()?.min(Question::MAX_EXAMPLES as u64))
                    .map(|_| bytes.text())
                    .collect::<Option<_>>()?,
            };
        }
        let local = match bytes.u8()? {
            0 => None,
            _ => Some(LocalSlice { zoned: bytes.bytes()?, skipped: bytes.places()?, twice: bytes.places()? }),
        };
        Some(TimesSlice { ms, n_of, first_of, n_by_zone, first_by_zone, orders, local })
    }

    /// Whether the times mean the same wherever they stand. The year of a time that is written without one follows
    /// from those above it.
    pub(in crate::engine::ingest) fn stands_alone(&self) -> bool {
        self.n_of[Format::NoYear as usize] == 0
    }
}
