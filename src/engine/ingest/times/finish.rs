//! The times of a whole column, and what was assumed about them.

use super::order::{Order, Settled, separator_index};
use super::{ASSUMED_YEAR, Times};
use crate::engine::finding::{FindingKind, Findings, Places};
use crate::engine::ingest::moment::Format;
use crate::engine::ingest::question::{DateOrder, Question};
use crate::engine::order;
use crate::engine::table::Validity;
use crate::engine::time::DAY_MS;
use crate::engine::time::zone::Zone;
use std::sync::Arc;

/// A finished column of times.
pub(in crate::engine::ingest) struct FinishedTimes {
    pub(in crate::engine::ingest) ms: Vec<i64>,
    pub(in crate::engine::ingest) zoned: bool,
    /// The zone that the caller named.
    pub(in crate::engine::ingest) zone: Option<Arc<Zone>>,
    /// Whether the day stood first where it could have stood second.
    pub(in crate::engine::ingest) day_first: Option<bool>,
    /// Whether the year of all of them was assumed, and one year holds them: else it tells them apart.
    pub(in crate::engine::ingest) no_year: bool,
}

impl Times {
    /// The times as they stand, without a zone, for a column that turned out to hold none.
    pub(in crate::engine::ingest) fn finish_plainly(mut self) -> FinishedTimes {
        self.local = None;
        self.finish("", &Validity::new(), None, &mut Findings::default(), &mut Vec::new())
    }

    /// Settles orders, by `told` where the column does not, takes local times to UTC, and reports what was assumed.
    pub(in crate::engine::ingest) fn finish(
        mut self,
        column: &str,
        validity: &Validity,
        told: Option<DateOrder>,
        findings: &mut Findings,
        questions: &mut Vec<Question>,
    ) -> FinishedTimes {
        let settled = self.settle_orders(column, told, findings);
        let has_dates = |order: &Order| order.n_day_first + order.n_month_first + order.n_either() > 0;
        let day_first = self.orders.iter().position(has_dates).map(|separator| settled[separator].0);
        questions.extend(self.question(column, &settled));
        self.report_formats(column, &settled, findings);
        let no_year = self.lacks_year(validity);
        let places = std::mem::take(&mut self.of_format[Format::NoYear as usize]);
        findings.report_places(FindingKind::NoYear, column, places.n(), places, || {
            let weekdays = if no_year { "; days of the week are not known" } else { "" };
            format!(
                "column \"{column}\": times without a year; the first was taken as of {ASSUMED_YEAR} or the leap \
                 year that fits, and each December to January as a new year{weekdays}"
            )
        });
        if let Some(mut local) = self.local {
            let zone = Some(local.zone.clone());
            let is_day_first = settled.map(|(is_day_first, _)| is_day_first);
            local.take_to_utc(&mut self.ms, validity, is_day_first, column, findings);
            return FinishedTimes { ms: self.ms, zoned: true, zone, day_first, no_year };
        }
        let zoned = self.by_zone[1].n() > 0 && self.by_zone[0].n() == 0;
        FinishedTimes { ms: self.ms, zoned, zone: None, day_first, no_year }
    }

    /// Whether no time names its year, and the first and the last are less than a year apart.
    fn lacks_year(&self, validity: &Validity) -> bool {
        let n = self.of_format[Format::NoYear as usize].n();
        if n == 0 || n != self.ms_count() {
            return false;
        }
        let known = (0..validity.len().min(self.ms.len())).filter(|&row| validity.is_valid(row));
        let ends = known
            .map(|row| self.ms[row])
            .fold((i64::MAX, i64::MIN), |(first, last), ms| (first.min(ms), last.max(ms)));
        ends.1.saturating_sub(ends.0) < 365 * DAY_MS
    }

    fn report_formats(&self, column: &str, settled: &[(bool, Settled); 3], findings: &mut Findings) {
        let n_of = |format: Format| self.of_format[format as usize].n();
        let formats: Vec<Format> = Format::ALL.into_iter().filter(|&format| n_of(format) > 0).collect();
        let zones_differ = self.by_zone.iter().all(|places| places.n() > 0);
        if formats.len() < 2 && !zones_differ {
            return;
        }
        let formats = order::sorted_by_key(formats, |&format| -(n_of(format) as i64));
        let mut message = format!("column \"{column}\": times are written in different ways");
        let mut places = Places::default();
        if formats.len() > 1 {
            let list: Vec<String> = formats
                .iter()
                .map(|&format| format!("{} like {}", n_of(format), pattern(format, settled)))
                .collect();
            message.push_str(&format!(" ({})", list.join(", ")));
            formats[1..].iter().for_each(|&format| places.merge(self.of_format[format as usize].clone()));
        } else {
            let fewer = usize::from(self.by_zone[1].n() <= self.by_zone[0].n());
            places.merge(self.by_zone[fewer].clone());
        }
        for format in [Format::Slash, Format::Dot, Format::Dash] {
            let (day_first, how) = settled[separator_index(format)];
            if how == Settled::Others {
                let front = if day_first { "day" } else { "month" };
                message.push_str(&format!(
                    "; none like {} tells day from month by itself, but the others in the column put the {front} \
                     first, and a spreadsheet that opens such a file rewrites just the dates it can misread, so these \
                     were read {front} first too",
                    pattern(format, settled)
                ));
            }
        }
        if zones_differ {
            let how = match &self.local {
                Some(local) => format!("taken as those of clocks in {}", local.zone.name()),
                None => "taken as they stand".to_owned(),
            };
            message.push_str(&format!(
                "; {} name a zone and were taken to UTC, {} do not and were {how}",
                self.by_zone[1].n(),
                self.by_zone[0].n()
            ));
        }
        findings.report_places(FindingKind::MixedTimeFormats, column, places.n(), places, || message);
    }
}

fn pattern(format: Format, settled: &[(bool, Settled); 3]) -> String {
    let mark = match format {
        Format::Slash => '/',
        Format::Dot => '.',
        Format::Dash => '-',
        _ => return format.pattern().to_owned(),
    };
    let (front, then) = if settled[separator_index(format)].0 { ("31", "12") } else { ("12", "31") };
    format!("{front}{mark}{then}{mark}2024")
}
