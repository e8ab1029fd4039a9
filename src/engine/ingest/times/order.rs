//! Whether the day or the month stands first, by the separator of the dates.

use super::{RowSet, Times};
use crate::engine::finding::{FindingKind, Findings, Places};
use crate::engine::ingest::moment::{self, Day, Format};
use crate::engine::ingest::question::{DateOrder, Question, QuestionKind};
use crate::engine::time::{DAY_MS, civil_from_days, days_from_civil, iso};

/// What the dates of one separator tell about the order of day and month.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    pub(super) n_day_first: u64,
    pub(super) n_month_first: u64,
    /// Dates that could be either.
    pub(super) either_places: Places,
    pub(super) either: RowSet,
    /// The first of them that differ.
    pub(super) examples: Vec<String>,
}

impl Order {
    /// How many dates could be either.
    pub(super) fn n_either(&self) -> u64 {
        self.either_places.n()
    }

    /// Keeps an example if it is another one and there is room.
    pub(super) fn add_example(&mut self, text: &str) {
        if self.examples.len() < Question::MAX_EXAMPLES && !self.examples.iter().any(|known| known == text) {
            self.examples.push(text.to_owned());
        }
    }
}

/// How the order of one separator's dates was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// By its own dates, or there is nothing to settle.
    Own,
    /// By the dates of another separator in the same column.
    Others,
    /// Its own dates do not decide: as the caller says.
    Told,
    /// Its own dates contradict each other: by their majority.
    Majority,
    /// By the custom of the separator.
    Assumed,
}

impl Times {
    /// Decides the order for each separator, swaps where the day is first, and gives the orders with their reasons.
    pub(super) fn settle_orders(
        &mut self,
        column: &str,
        told: Option<DateOrder>,
        findings: &mut Findings,
    ) -> [(bool, Settled); 3] {
        let settled: [(bool, Settled); 3] = std::array::from_fn(|separator| self.decide(separator, told));
        for (order, &(day_first, how)) in self.orders.iter().zip(&settled) {
            if matches!(how, Settled::Assumed | Settled::Majority) && order.n_either() > 0 {
                let why = match how {
                    Settled::Assumed => "no date in the column tells day from month".to_owned(),
                    _ => format!(
                        "{} dates put the day first and {} the month",
                        order.n_day_first, order.n_month_first
                    ),
                };
                let (front, example) =
                    if day_first { ("day", "3/4 as 3 April") } else { ("month", "3/4 as March 4") };
                let places = order.either_places.clone();
                findings.report_places(
                    FindingKind::AmbiguousDates,
                    column,
                    places.n(),
                    places,
                    || {
                        let examples = order.examples.join("\", \"");
                        format!(
                            "column \"{column}\": {why}; those that could be either, as \"{examples}\", were read with \
                             the {front} first ({example})"
                        )
                    },
                );
            }
            if day_first {
                swap_days(&mut self.ms, &order.either);
            }
        }
        settled
    }

    /// Whether the dates of a separator have the day first, and why.
    pub(super) fn decide(&self, separator: usize, told: Option<DateOrder>) -> (bool, Settled) {
        let order = &self.orders[separator];
        // The custom: 12/31 with slashes, 31.12. and 31-12- otherwise.
        let custom = separator != separator_index(Format::Slash);
        let n_day_first: u64 = self.orders.iter().map(|order| order.n_day_first).sum();
        let n_month_first: u64 = self.orders.iter().map(|order| order.n_month_first).sum();
        let (day_first, how) = match (order.n_day_first, order.n_month_first) {
            (0, 0) if order.n_either() == 0 => (custom, Settled::Own),
            (0, 0) => match (n_day_first, n_month_first) {
                (1.., 0) => (true, Settled::Others),
                (0, 1..) => (false, Settled::Others),
                _ => (custom, Settled::Assumed),
            },
            (_, 0) => (true, Settled::Own),
            (0, _) => (false, Settled::Own),
            (days, months) if days == months => (custom, Settled::Majority),
            (days, months) => (days > months, Settled::Majority),
        };
        match (how, told) {
            (Settled::Assumed | Settled::Majority, Some(told)) => {
                (told == DateOrder::DayFirst, Settled::Told)
            }
            (how, _) => (day_first, how),
        }
    }

    /// The question that the column leaves open: about the separator with the most dates that could be either.
    pub(super) fn question(&self, column: &str, settled: &[(bool, Settled); 3]) -> Option<Question> {
        let is_open = |separator: &usize| {
            matches!(settled[*separator].1, Settled::Assumed | Settled::Majority)
                && self.orders[*separator].n_either() > 0
        };
        // The last of equals is the greatest: reversed, the first is.
        let separator = (0..3).filter(is_open).rev().max_by_key(|&at| self.orders[at].n_either())?;
        let examples = self.orders[separator].examples.clone();
        let read = |is_day_first: bool| {
            let iso_of = |text: &String| {
                let moment = moment::moment(text.as_bytes())?;
                let Day::TwoNumbers { first, second, year } = moment.day else { return None };
                let (month, day) = if is_day_first { (second, first) } else { (first, second) };
                Some(iso(moment::to_ms(moment::checked_days(year, month, day)?, moment.in_day_ms), false))
            };
            examples.iter().filter_map(iso_of).collect()
        };
        Some(Question {
            column: column.to_owned(),
            kind: QuestionKind::DateOrder,
            day_first: read(true),
            month_first: read(false),
            assumed: if settled[separator].0 { DateOrder::DayFirst } else { DateOrder::MonthFirst },
            examples,
        })
    }
}

/// Makes dates that were read month first of those rows be read day first.
pub(super) fn swap_days(ms: &mut [i64], rows: &RowSet) {
    for (row, ms) in ms.iter_mut().enumerate() {
        if rows.contains(row) {
            let (year, month, day) = civil_from_days(ms.div_euclid(DAY_MS));
            *ms = moment::to_ms(days_from_civil(year, day, month), ms.rem_euclid(DAY_MS));
        }
    }
}

pub(super) fn separator_index(format: Format) -> usize {
    match format {
        Format::Dot => 1,
        Format::Dash => 2,
        _ => 0,
    }
}
