//! Times of a slice: as bytes, and added to those before it.

use super::Times;
use super::order::Order;
use crate::engine::error::Position;
use crate::engine::finding::Places;
use crate::engine::ingest::codec::{Reader, Writer, numbers};
use crate::engine::ingest::local::{LocalTimes, Met};
use crate::engine::ingest::moment::Format;
use crate::engine::ingest::question::Question;
use crate::engine::table::Validity;

/// Times of a slice, read from bytes.
#[derive(Debug)]
pub(in crate::engine::ingest) struct TimesSlice<'a> {
    ms: &'a [u8],
    of_format: [Places; Format::COUNT],
    by_zone: [Places; 2],
    orders: [OrderSlice<'a>; 3],
    /// Set where the options name a zone.
    local: Option<LocalSlice<'a>>,
}

#[derive(Debug, Default)]
struct OrderSlice<'a> {
    n_day_first: u64,
    n_month_first: u64,
    either_places: Places,
    either: &'a [u8],
    examples: Vec<&'a str>,
}

/// What a zone will need to know.
#[derive(Debug)]
struct LocalSlice<'a> {
    zoned: &'a [u8],
    met: [Met; LocalTimes::N_SLICED],
}

impl Times {
    pub(in crate::engine::ingest) fn encode(&self, out: &mut Writer) {
        out.words(&self.ms, i64::to_le_bytes);
        self.of_format.iter().chain(&self.by_zone).for_each(|places| out.places(places));
        for Order { n_day_first, n_month_first, either_places, either, examples } in &self.orders {
            [n_day_first, n_month_first].into_iter().for_each(|&n| out.u64(n));
            out.places(either_places);
            out.words(&either.0, u64::to_le_bytes);
            out.u64(examples.len() as u64);
            examples.iter().for_each(|example| out.bytes(example.as_bytes()));
        }
        out.u8(u8::from(self.local.is_some()));
        if let Some(local) = &self.local {
            out.words(&local.zoned.0, u64::to_le_bytes);
            for met in local.sliced() {
                out.places(&met.skipped);
                out.places(&met.twice);
            }
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
        let add = |places: &mut Places, more: &Places| places.merge(more.clone().told_from(&here));
        self.of_format.iter_mut().zip(&slice.of_format).for_each(|(places, more)| add(places, more));
        self.by_zone.iter_mut().zip(&slice.by_zone).for_each(|(places, more)| add(places, more));
        for (order, more) in self.orders.iter_mut().zip(&slice.orders) {
            add(&mut order.either_places, &more.either_places);
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
            for (met, more) in local.sliced_mut().zip(&more.met) {
                add(&mut met.skipped, &more.skipped);
                add(&mut met.twice, &more.twice);
            }
        }
    }
}

impl<'a> TimesSlice<'a> {
    pub(in crate::engine::ingest) fn decode(bytes: &mut Reader<'a>) -> Option<Self> {
        let ms = bytes.bytes()?;
        let (mut of_format, mut by_zone): ([Places; Format::COUNT], [Places; 2]) = Default::default();
        for places in of_format.iter_mut().chain(&mut by_zone) {
            *places = bytes.places()?;
        }
        let mut orders: [OrderSlice<'a>; 3] = Default::default();
        for order in &mut orders {
            *order = OrderSlice {
                n_day_first: bytes.u64()?,
                n_month_first: bytes.u64()?,
                either_places: bytes.places()?,
                either: bytes.bytes()?,
                examples: (0..bytes.u64()?.min(Question::MAX_EXAMPLES as u64))
                    .map(|_| bytes.text())
                    .collect::<Option<_>>()?,
            };
        }
        let local = match bytes.u8()? {
            0 => None,
            _ => {
                let zoned = bytes.bytes()?;
                let mut met: [Met; LocalTimes::N_SLICED] = Default::default();
                for met in &mut met {
                    (met.skipped, met.twice) = (bytes.places()?, bytes.places()?);
                }
                Some(LocalSlice { zoned, met })
            }
        };
        Some(TimesSlice { ms, of_format, by_zone, orders, local })
    }

    /// Whether the times mean the same wherever they stand. The year of a time that is written without one follows
    /// from those above it.
    pub(in crate::engine::ingest) fn stands_alone(&self) -> bool {
        self.of_format[Format::NoYear as usize].n() == 0
    }
}
