//! The finished column, and what is said of it.

use super::categories::Categories;
use super::{ColumnBuilder, Values};
use crate::engine::finding::{FindingKind, Findings};
use crate::engine::ingest::guess::{Guess, ONE_BAD_NUMBER_IN, ONE_BAD_TIME_IN};
use crate::engine::ingest::meaning;
use crate::engine::ingest::question::Question;
use crate::engine::table::{Codes, Column, ColumnData, ColumnType, Dictionary};

impl ColumnBuilder {
    /// The finished column, its findings reported.
    pub(in crate::engine::ingest) fn finish(
        mut self,
        findings: &mut Findings,
        questions: &mut Vec<Question>,
    ) -> Column {
        let one_bad_in =
            if matches!(self.values, Values::Time(_)) { ONE_BAD_TIME_IN } else { ONE_BAD_NUMBER_IN };
        let n_bad = self.aside.n_bad();
        let n_judged = self.n_values() - self.aside.n_not_finite;
        if self.reads.named.is_none() && n_bad * one_bad_in > n_judged {
            self.turn_into_categories(n_bad);
        }
        let name = self.name;
        findings.report_places(FindingKind::ReplacedBytes, &name, self.replaced.n(), self.replaced, || {
            format!(
                "column \"{name}\": bytes that are not UTF-8 were replaced by \u{FFFD}; if the text looks wrong, \
                 give the file's encoding"
            )
        });
        if let Some((before, n_bad, places)) = self.turned {
            findings.report_places(FindingKind::MixedTypes, &name, n_bad, places, || {
                let what = plural(before);
                // Integers and booleans are spelled as they were.
                let respelled = match before {
                    Guess::Integer if !self.reads.style.is_plain() => ", without the marks between thousands",
                    Guess::Float | Guess::Time | Guess::Duration => ", with the others written in their usual form",
                    _ => "",
                };
                format!(
                    "column \"{name}\": looked like {what} at first, and too many values are something else; it was \
                     read as categories{respelled}"
                )
            });
        }
        if self.aside.n() > 0 {
            let example = self.aside.words.get(0);
            let (kind, what) = match self.values {
                Values::Time(_) => (FindingKind::BadTime, "times"),
                Values::Duration(_) => (FindingKind::BadValue, "spans of time"),
                Values::Boolean(..) => (FindingKind::BadValue, "yes or no"),
                _ => (FindingKind::BadNumber, "finite numbers"),
            };
            let places = std::mem::take(&mut self.aside.places);
            findings.report_places(kind, &name, self.aside.n(), places, || {
                format!(
                    "column \"{name}\": values that are no {what}, as \"{}\"; taken as missing",
                    short(example)
                )
            });
        }
        let mut column_type = self.reads.named;
        if matches!(self.values, Values::Duration(_)) {
            column_type = Some(ColumnType::Duration);
        }
        let mut zone = None;
        let (mut day_first, mut no_year) = (None, false);
        let data = match self.values {
            Values::Unknown => ColumnData::Category {
                codes: Codes::zeros(self.validity.len()),
                dictionary: Dictionary::new(),
            },
            Values::Integer(values) => ColumnData::Integer(values),
            Values::Float(values) | Values::Duration(values) => ColumnData::Float(values),
            Values::Boolean(values, _) => ColumnData::Boolean(values),
            Values::Time(times) => {
                let order = self.reads.dates;
                let finished = times.finish(&name, &self.validity, order, findings, questions);
                zone = finished.zone;
                day_first = finished.day_first;
                no_year = finished.no_year;
                ColumnData::Timestamp { ms: finished.ms, zoned: finished.zoned }
            }
            Values::Category(Categories { codes, dictionary, .. }) => {
                ColumnData::Category { codes, dictionary }
            }
        };
        let mut column =
            Column::new(name, data, self.validity).with_day_first(day_first).without_year(no_year);
        column.shrink_to_fit();
        if let Some(zone) = zone {
            column = column.in_zone(zone);
        }
        meaning::settle(column, column_type, self.aside.places, findings)
    }
}

/// A type as a person says it, of its values.
pub(in crate::engine::ingest) fn plural(guess: Guess) -> &'static str {
    match guess {
        Guess::Integer => "whole numbers",
        Guess::Float => "numbers",
        Guess::Boolean => "yes or no",
        Guess::Time => "times",
        Guess::Duration => "spans of time",
        Guess::Unknown | Guess::Category => "categories",
    }
}

/// A value short enough for a message.
pub(in crate::engine::ingest) fn short(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
