//! Times that are given away block by block, before the column is whole.
//!
//! What only the whole column could tell has to be known beforehand then: the order of day and month from the caller,
//! and the year from the text.

use super::order::swap_days;
use super::{FinishedTimes, Times};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::finding::Findings;
use crate::engine::ingest::moment::Format;
use crate::engine::ingest::question::DateOrder;
use crate::engine::table::Validity;

impl Times {
    /// The times since the last block.
    ///
    /// # Errors
    /// `options`, asking for the order of day and month where any date could be either and `told` does not say, and
    /// for whole tables where years are not written.
    pub(in crate::engine::ingest) fn take_block(
        &mut self,
        column: &str,
        validity: &Validity,
        told: Option<DateOrder>,
        findings: &mut Findings,
    ) -> Result<FinishedTimes> {
        if self.of_format[Format::NoYear as usize].n() > 0 {
            return Err(Error::new(ErrorKind::Options {
                name: "aggregate".to_owned(),
                expected: format!(
                    "times with a year in \"{column}\", or reading without aggregate (fewer columns or a sample take \
                     less memory), which finds the year from one time to the next"
                ),
                found: "times without a year".to_owned(),
            }));
        }
        let mut ms = std::mem::take(&mut self.ms);
        for order in &mut self.orders {
            let either = std::mem::take(&mut order.either);
            match told {
                None if order.n_either() > 0 => return Err(ask_for_order(column, &order.examples)),
                Some(DateOrder::DayFirst) => swap_days(&mut ms, &either),
                _ => {}
            }
        }
        if let Some(local) = &mut self.local {
            let is_day_first = [told == Some(DateOrder::DayFirst); 3];
            local.take_to_utc(&mut ms, validity, is_day_first, column, findings);
            let zone = Some(local.zone.clone());
            return Ok(FinishedTimes { ms, zoned: true, zone, day_first: None, no_year: false });
        }
        let zoned = self.by_zone[1].n() > 0 && self.by_zone[0].n() == 0;
        Ok(FinishedTimes { ms, zoned, zone: None, day_first: None, no_year: false })
    }

    /// Whether the order that was told is the one that the whole column, now known, would have been read by.
    ///
    /// # Errors
    /// `options` where its dates say otherwise.
    pub(in crate::engine::ingest) fn check_blocks(
        &self,
        column: &str,
        told: Option<DateOrder>,
    ) -> Result<()> {
        let Some(told) = told else { return Ok(()) };
        let says_otherwise = |separator: usize| {
            let is_day_first = self.decide(separator, Some(told)).0;
            self.orders[separator].n_either() > 0 && is_day_first != (told == DateOrder::DayFirst)
        };
        if !(0..self.orders.len()).any(says_otherwise) {
            return Ok(());
        }
        let (wanted, given) = match told {
            DateOrder::DayFirst => ("month-first", "day-first"),
            DateOrder::MonthFirst => ("day-first", "month-first"),
        };
        Err(Error::new(ErrorKind::Options {
            name: "dates".to_owned(),
            expected: format!(
                "\"{wanted}\" for \"{column}\", as those of its dates say that can be read one way only"
            ),
            found: format!("\"{given}\""),
        }))
    }
}

fn ask_for_order(column: &str, examples: &[String]) -> Error {
    Error::new(ErrorKind::Options {
        name: "dates".to_owned(),
        expected: format!(
            "\"day-first\" or \"month-first\" for \"{column}\", as its times are aggregated before all of them are known"
        ),
        found: format!("neither, and dates that could be either, as \"{}\"", examples.join("\", \"")),
    })
}
